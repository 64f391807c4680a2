//! A message as the broker routes it, shared by all its receivers.

use bytes::Bytes;
use bytestring::ByteString;
use mqtt_codec::{PublishProperties, QoS};

use crate::Time;

/// One published message.
///
/// Made once from a PUBLISH, a will or by the broker itself, then shared (`Arc`) by every session it is
/// delivered to. Topic and payload may be slices of the bytes that were received; [`Message::detach`]
/// copies them out where a message is kept for long.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Tells it from every other message of the cluster: a random start for each shard, counted up. The shard that
    /// publishes it gives it; 0 until then.
    pub id: u64,
    /// Topic name, mountpoint included.
    pub topic: ByteString,
    /// Payload.
    pub payload: Bytes,
    /// QoS it was published with.
    pub qos: QoS,
    /// It was published with RETAIN.
    pub retain: bool,
    /// Properties to pass on; topic alias and subscription identifiers are never in here.
    pub properties: Option<Box<PublishProperties>>,
    /// Client id of the publisher; empty for the broker's own messages.
    pub publisher: ByteString,
    /// When it was received.
    pub published_at: Time,
    /// After this it is not delivered any more (MQTT 5, 3.3.2.3.3).
    pub expires_at: Option<Time>,
}

impl Message {
    /// Whether its Message Expiry Interval has passed.
    pub fn is_expired(&self, now: Time) -> bool {
        self.expires_at.is_some_and(|at| now >= at)
    }

    /// Topic and payload bytes, what queues are charged for it.
    pub fn size(&self) -> usize {
        self.topic.len() + self.payload.len()
    }

    /// The same message with its own copy of all texts and bytes, so that keeping it does not keep the
    /// receive buffer it was cut from.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self {
            topic: ByteString::from(&*self.topic),
            payload: Bytes::copy_from_slice(&self.payload),
            properties: self
                .properties
                .as_ref()
                .map(|properties| Box::new(detach_properties(properties))),
            publisher: ByteString::from(&*self.publisher),
            ..*self
        }
    }
}

/// The same properties in memory of their own.
pub(crate) fn detach_properties(properties: &PublishProperties) -> PublishProperties {
    let copy = |text: &ByteString| ByteString::from(&**text);
    PublishProperties {
        response_topic: properties.response_topic.as_ref().map(copy),
        correlation_data: properties
            .correlation_data
            .as_ref()
            .map(|data| Bytes::copy_from_slice(data)),
        user_properties: properties
            .user_properties
            .iter()
            .map(|(name, value)| (copy(name), copy(value)))
            .collect(),
        content_type: properties.content_type.as_ref().map(copy),
        ..properties.clone()
    }
}
