//! A retained message as a record of a stream, and back. Its times are Unix milliseconds there.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use emqxd_broker::{Message, Stamp};
use emqxd_cluster::stream::RetainedRecord;
use mqtt_codec::{PublishProperties, QoS};

use crate::clock::Clock;

/// The record of a message; `properties` is room for its properties.
pub(super) fn record<'a>(
    message: &'a Message,
    stamp: Stamp,
    clock: &Clock,
    properties: &'a mut BytesMut,
) -> RetainedRecord<'a> {
    properties.clear();
    // What could be decoded can be encoded.
    let present = message.properties.as_ref();
    let is_encoded = present.is_some_and(|present| present.encode(properties).is_ok());
    RetainedRecord {
        at: stamp.at,
        node: stamp.node,
        topic: &message.topic,
        publisher: &message.publisher,
        qos: message.qos as u8,
        expires_at: message.expires_at.map(|at| clock.unix_ms(at)),
        published_at: clock.unix_ms(message.published_at),
        properties: is_encoded.then_some(&properties[..]),
        payload: &message.payload,
    }
}

/// The message of a record; `None` if it is none of MQTT.
pub(super) fn message(record: &RetainedRecord<'_>, clock: &Clock) -> Option<Arc<Message>> {
    let decode = |encoded: &[u8]| PublishProperties::decode(Bytes::copy_from_slice(encoded));
    let properties = record.properties.map(decode).transpose().ok()?;
    Some(Arc::new(Message {
        // It is not delivered from there and from here.
        id: 0,
        topic: ByteString::from(record.topic),
        payload: Bytes::copy_from_slice(record.payload),
        qos: QoS::from_u8(record.qos)?,
        retain: true,
        properties: properties.map(Box::new),
        publisher: ByteString::from(record.publisher),
        published_at: clock.at_unix_ms(record.published_at),
        expires_at: record.expires_at.map(|at| clock.at_unix_ms(at)),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use emqxd_broker::Time;

    use super::*;

    #[test]
    fn a_message_is_the_same_on_another_node_whose_clock_started_at_another_time() {
        let here = Clock::started_ago(std::time::Duration::from_secs(1000));
        let there = Clock::started_ago(std::time::Duration::from_secs(5000));
        let sent = Message {
            id: 7,
            topic: "a/b".into(),
            payload: Bytes::from_static(b"payload"),
            qos: QoS::AtLeastOnce,
            retain: true,
            properties: Some(Box::new(PublishProperties {
                content_type: Some("text/plain".into()),
                ..PublishProperties::default()
            })),
            publisher: "sensor".into(),
            published_at: here.now(),
            expires_at: Some(Time(here.now().0 + 60_000)),
        };
        let mut room = BytesMut::new();
        let stamp = Stamp { at: 5, node: 6 };
        let record = record(&sent, stamp, &here, &mut room);
        assert_eq!((record.at, record.node), (5, 6));
        let came = message(&record, &there).unwrap();
        let lives = came.expires_at.unwrap().0 - came.published_at.0;
        assert_eq!(lives, 60_000);
        assert!(
            came.published_at.0.abs_diff(there.now().0) < 2000,
            "{:?}",
            came.published_at
        );
        let expected = Message {
            id: 0,
            published_at: came.published_at,
            expires_at: came.expires_at,
            ..sent
        };
        assert_eq!(*came, expected);
    }
}
