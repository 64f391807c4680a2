//! The bytes between the nodes of a takeover: a format number, then fields as of an upgrade (`handover`), with times as
//! seen from the moment of writing, because the clocks of two nodes have nothing to do with each other.

use super::{ImportError, MergeError};
use crate::handover::{Field, Malformed, Reader, SharedRead, SharedWritten, Writer};
use crate::session::Outgoing;
use crate::topic::{TopicLimits, validate_topic_name};
use crate::{Message, Time};

/// Changes with every change of the fields.
const FORMAT: u8 = 1;

/// What a topic can be in a packet. The limits of the node that took it in are not asked about again.
const TOPIC_LIMITS: TopicLimits = TopicLimits {
    max_levels: usize::MAX,
    max_len: u16::MAX as usize,
};

/// Bytes that cannot be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    OtherFormat(u8),
    Malformed(Malformed),
}

/// A record of one field.
pub(super) fn write(field: &impl Field, now: Time) -> Vec<u8> {
    let mut shared = SharedWritten::default();
    let mut record = Writer::new(&mut shared).seen_from(now);
    record.put(&FORMAT);
    record.put(field);
    record.into_bytes()
}

/// The field of a record.
pub(super) fn read<T: Field>(record: &[u8], now: Time) -> Result<T, Unreadable> {
    let mut shared = SharedRead::default();
    let mut reader = Reader::new(record, &mut shared).seen_from(now);
    let format = reader.take()?;
    if format != FORMAT {
        return Err(Unreadable::OtherFormat(format));
    }
    let field = reader.take()?;
    reader.finish()?;
    Ok(field)
}

/// Whether all of these can be sent to a client.
pub(super) fn check_messages<'a>(mut outgoing: impl Iterator<Item = &'a Outgoing>) -> Result<(), Malformed> {
    let is_good = |message: &Message| validate_topic_name(&message.topic, TOPIC_LIMITS).is_ok();
    match outgoing.all(|outgoing| is_good(&outgoing.message)) {
        true => Ok(()),
        false => Err(Malformed("a topic")),
    }
}

/// Whether a will can be published to this topic.
pub(super) fn check_topic(topic: &str) -> Result<(), Malformed> {
    validate_topic_name(topic, TOPIC_LIMITS).map_err(|_| Malformed("the topic of a will"))
}

impl From<Malformed> for Unreadable {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<Unreadable> for ImportError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::OtherFormat(format) => Self::OtherFormat(format),
            Unreadable::Malformed(malformed) => Self::Malformed(malformed),
        }
    }
}

impl From<Unreadable> for MergeError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::OtherFormat(format) => Self::OtherFormat(format),
            Unreadable::Malformed(malformed) => Self::Malformed(malformed),
        }
    }
}
