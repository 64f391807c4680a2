//! What a subscription asks for, and the small keys by which the router knows sessions and workers.
//!
//! A [`SubscriptionOptions`] is kept for each subscription of each session and copied to where it is
//! matched, so it stays small. The rules are those of MQTT 5, 3.8.3.1.

use std::num::NonZeroU32;

use mqtt_codec::{QoS, RetainHandling};

/// The options of one subscription (MQTT 5, 3.8.3.1 and 3.8.2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SubscriptionOptions {
    /// Highest QoS the client wants.
    pub qos: QoS,
    /// Do not deliver the session's own messages.
    pub no_local: bool,
    /// Keep the RETAIN flag of forwarded messages as it was published.
    pub retain_as_published: bool,
    /// Which retained messages SUBSCRIBE brings.
    pub retain_handling: RetainHandling,
    /// Sent along with each message of this subscription; 1 to 268,435,455.
    pub subscription_identifier: Option<NonZeroU32>,
}

/// Names one session of one worker for as long as it lives.
///
/// The index is reused after the session's end, with another generation: a key that outlived its
/// session finds nothing instead of a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey {
    /// Place in the worker's table of sessions.
    pub index: u32,
    /// How often that place was given out before.
    pub generation: u32,
}

/// Number of a worker of this node, from 0.
pub type WorkerId = u16;
