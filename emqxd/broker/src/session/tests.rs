//! What the tests of the session's parts share.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use mqtt_codec::QoS;

use super::Outgoing;
use crate::{Message, Time};

pub(crate) fn outgoing(payload: &str, qos: QoS) -> Outgoing {
    outgoing_on("t", payload, qos)
}

pub(crate) fn outgoing_on(topic: &str, payload: &str, qos: QoS) -> Outgoing {
    let message = Message {
        id: 0,
        topic: ByteString::from(topic),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        qos,
        retain: false,
        properties: None,
        publisher: ByteString::from_static("publisher"),
        published_at: Time(0),
        expires_at: None,
    };
    Outgoing {
        message: Arc::new(message),
        qos,
        retain: false,
        subscription_identifier: None,
        group: None,
    }
}
