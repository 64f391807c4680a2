//! The will of a client (MQTT 5, 3.1.2.5): when it is published, and as what message.

use bytestring::ByteString;
use mqtt_codec::{ProtocolVersion, PublishProperties};

use crate::{DisconnectReason, Message, OwnedActor, Time};

/// A will as CONNECT brought it.
pub type Will = mqtt_codec::Will;

/// A will that waits for its delay (MQTT 5, 3.1.3.2.2), and the timer that looks after it.
#[derive(Debug, Default)]
pub(crate) struct DelayedWill {
    /// The will and when its delay is over; `None` once the client came back before.
    pub waiting: Option<(Box<Will>, Time)>,
    /// Whose it is, to be asked about when it is published.
    pub author: Option<Box<OwnedActor>>,
    /// When the timer fires, if one is armed, so that reconnecting often does not pile them up.
    pub armed_for: Option<Time>,
}

/// What becomes of the will when a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WillFate {
    /// Dropped: the client said good-bye (3.1.4-3, DISCONNECT 0x00).
    Deleted,
    /// Published now.
    Published,
    /// Published after so many seconds unless the client comes back before (3.1.3.2.2).
    Delayed(u32),
}

/// Decides by the reason that ended the connection.
///
/// A session that ends with its connection (`session_outlives` false) takes its will with it at once. A
/// takeover that goes on with the session counts as coming back: a delayed will is dropped, one without delay
/// is published (3.1.3.2.2, 3.1.4-3).
pub(crate) fn fate(will: &Will, reason: DisconnectReason, session_outlives: bool) -> WillFate {
    let delay = will.properties.will_delay_interval.unwrap_or(0);
    match reason {
        DisconnectReason::Normal => WillFate::Deleted,
        DisconnectReason::TakenOver if delay > 0 && session_outlives => WillFate::Deleted,
        _ if delay > 0 && session_outlives => WillFate::Delayed(delay),
        _ => WillFate::Published,
    }
}

/// The message to publish. `expires_at` is settled by whoever knows the broker's own limit.
pub(crate) fn message(
    will: &Will,
    version: ProtocolVersion,
    publisher: ByteString,
    now: Time,
    expires_at: Option<Time>,
) -> Message {
    let properties = &will.properties;
    let passed_on = PublishProperties {
        payload_is_utf8: properties.payload_is_utf8,
        message_expiry_interval: properties.message_expiry_interval,
        content_type: properties.content_type.clone(),
        response_topic: properties.response_topic.clone(),
        correlation_data: properties.correlation_data.clone(),
        user_properties: properties.user_properties.clone(),
        ..PublishProperties::default()
    };
    let has_properties = version == ProtocolVersion::V5 && passed_on != PublishProperties::default();
    Message {
        // Whoever publishes it gives it one: it may be asked about first.
        id: 0,
        topic: will.topic.clone(),
        payload: will.payload.clone(),
        qos: will.qos,
        retain: will.retain,
        expires_at,
        properties: has_properties.then(|| Box::new(passed_on)),
        publisher,
        published_at: now,
    }
}
