//! Retained messages: for each topic the last message published with RETAIN set (MQTT 5, 3.3.1.3).
//!
//! [`RetainedStore::store`] is called for each such publish, [`RetainedStore::page`] for each new
//! subscription that asks for them, in pages that bound what one call may cost. The trait is what a
//! store on disk implements; [`crate::MemoryRetainedStore`] is the one in memory.
//!
//! Whether a subscription gets retained messages at all (Retain Handling, shared subscriptions) is
//! the session's matter.

use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use thiserror::Error;

use crate::{Message, Time};

/// EMQX's `retainer.*` settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetainerConfig {
    /// `retainer.enable`. Whoever publishes looks at it; a store does not.
    pub enable: bool,
    /// `retainer.msg_expiry_interval`: for messages that bring no Message Expiry Interval; `None` (EMQX's
    /// `0s`) keeps them for ever.
    pub msg_expiry_interval: Option<Duration>,
    /// `retainer.max_payload_size`, bytes.
    pub max_payload_size: usize,
    /// `retainer.stop_publish_clear_msg`: do not pass on the empty message that clears a topic. Whoever
    /// publishes looks at it; a store does not.
    pub stop_publish_clear_msg: bool,
    /// `retainer.backend.max_retained_messages`; `None` (EMQX's `0`) for no limit.
    pub max_retained_messages: Option<usize>,
    /// Most bytes of all retained messages together; not in EMQX. `None` for no limit.
    pub max_retained_bytes: Option<usize>,
}

impl Default for RetainerConfig {
    fn default() -> Self {
        Self {
            enable: true,
            msg_expiry_interval: None,
            max_payload_size: 1024 * 1024,
            stop_publish_clear_msg: false,
            max_retained_messages: None,
            // Without a bound a client that makes up topics takes the node's memory.
            max_retained_bytes: Some(1024 * 1024 * 1024),
        }
    }
}

/// Why a message was not retained. The topic's former message, if any, stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RetainedFull {
    /// Above `retainer.max_payload_size`.
    #[error("the payload has {size} bytes, the limit is {limit}")]
    Payload {
        /// Of this payload.
        size: usize,
        /// The limit it met.
        limit: usize,
    },
    /// `retainer.backend.max_retained_messages` are retained, and the topic is new.
    #[error("{limit} messages are retained, the limit")]
    Messages {
        /// The limit it met.
        limit: usize,
    },
    /// With it the retained messages would be larger than allowed.
    #[error("the retained messages would be larger than {limit} bytes")]
    Bytes {
        /// The limit it met.
        limit: usize,
    },
}

/// What one call may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    /// Messages found.
    pub messages: usize,
    /// Messages looked at.
    pub steps: usize,
}

/// How a paged call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageEnd {
    /// Everything was looked at.
    Done,
    /// A limit was met; call again with this `after`.
    More {
        /// The last topic looked at.
        after: ByteString,
    },
}

/// What [`RetainedStore::clean`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// Messages removed by this call.
    pub removed: usize,
    /// Whether to go on.
    pub end: PageEnd,
}

/// A keeper of retained messages, shared by all workers.
///
/// Expired messages count until [`RetainedStore::expire`] removes them, but are never handed out.
pub trait RetainedStore: Send + Sync {
    /// Keeps `message` as the retained one of its topic; one without payload removes what is there.
    ///
    /// # Errors
    /// [`RetainedFull`] names the limit that it met.
    fn store(&self, message: Arc<Message>, now: Time) -> Result<(), RetainedFull>;

    /// The message of exactly this topic.
    fn get(&self, topic: &str, now: Time) -> Option<Arc<Message>>;

    /// Appends to `out` the messages whose topics match `filter` and lie behind `after`, in order of
    /// their topics' bytes.
    ///
    /// A message retained from the first page to the last is found once, whatever changes between. A
    /// page may be empty and yet not the last.
    fn page(
        &self,
        filter: &str,
        after: Option<&str>,
        now: Time,
        limits: PageLimits,
        out: &mut Vec<Arc<Message>>,
    ) -> PageEnd;

    /// Removes the message of exactly this topic; `false` if there is none.
    fn remove(&self, topic: &str) -> bool;

    /// How many messages are kept.
    fn len(&self) -> usize;

    /// Whether none is kept.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// At most `limit` topics, sorted, those behind `after`.
    fn topics(&self, after: Option<&str>, limit: usize) -> Vec<ByteString>;

    /// Removes messages whose topics match `filter`, or all, looking at `max_steps` at most.
    fn clean(&self, filter: Option<&str>, after: Option<&str>, max_steps: usize) -> Cleaned;

    /// Removes expired messages, `max_steps` at most; returns how many.
    fn expire(&self, now: Time, max_steps: usize) -> usize;
}
