//! Messages of the rules to records on a lane, and back.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use emqxd_broker::{Mail, Message, Time};
use emqxd_cluster::messages::{Malformed, Member, Record};
use mqtt_codec::{PublishProperties, QoS};

/// A payload of QoS 1 or 2 up to this share of the batch it came in is copied out: it may be kept for long, and should
/// not keep the whole batch.
const COPIED_SHARE: usize = 4;

/// Hands the record of a piece of mail to `push`. `properties` is room for its properties. `None` if it is none for
/// other nodes.
pub(super) fn with_record<R>(
    mail: &Mail,
    now: Time,
    properties: &mut BytesMut,
    push: impl FnOnce(&Record<'_>) -> R,
) -> Option<R> {
    let (message, member) = match mail {
        Mail::Publish { message } => (message, None),
        Mail::PublishToPeerMember {
            message,
            client_id,
            group,
            redispatched,
        } => {
            let member = Member {
                group: group.name(),
                filter: group.filter(),
                client_id,
                redispatched: *redispatched,
            };
            (message, Some(member))
        }
        // Its session is known to the worker that it was meant for, and that is none of another node.
        Mail::PublishToMember { .. } => return None,
    };
    properties.clear();
    if let Some(has) = &message.properties {
        // What could be decoded can be encoded.
        has.encode(properties).ok()?;
    }
    Some(push(&Record {
        qos: message.qos as u8,
        retain: message.retain,
        id: message.id,
        age_ms: u32::try_from(now.since(message.published_at).as_millis()).unwrap_or(u32::MAX),
        expires_in_ms: message.expires_at.map(|at| at.0.saturating_sub(now.0)),
        publisher: &message.publisher,
        topic: &message.topic,
        properties,
        member,
        payload: &message.payload,
    }))
}

/// Makes messages of the records of one link.
#[derive(Debug, Default)]
pub(super) struct Messages {
    /// Of the last message: the next is often of the same topic, or publisher.
    topic: ByteString,
    publisher: ByteString,
}

impl Messages {
    /// The message of a record of `batch`, which has waited for so long before it was sent.
    pub fn message(
        &mut self,
        record: &Record<'_>,
        batch: &Bytes,
        delay_ms: u32,
        now: Time,
    ) -> Result<Arc<Message>, Malformed> {
        let qos = QoS::from_u8(record.qos).ok_or(Malformed("a message has QoS 3"))?;
        let is_copied = qos > QoS::AtMostOnce && record.payload.len() <= batch.len() / COPIED_SHARE;
        let payload = match is_copied {
            true => Bytes::copy_from_slice(record.payload),
            false => batch.slice_ref(record.payload),
        };
        let delay = u64::from(delay_ms);
        let expires_in = record.expires_in_ms.map(|ms| ms.saturating_sub(delay));
        Ok(Arc::new(Message {
            id: record.id,
            topic: shared(&mut self.topic, record.topic),
            payload,
            qos,
            retain: record.retain,
            properties: properties(record.properties)?,
            publisher: shared(&mut self.publisher, record.publisher),
            published_at: Time(now.0.saturating_sub(u64::from(record.age_ms) + delay)),
            expires_at: expires_in.map(|ms| Time(now.0.saturating_add(ms))),
        }))
    }
}

fn properties(encoded: &[u8]) -> Result<Option<Box<PublishProperties>>, Malformed> {
    if encoded.is_empty() {
        return Ok(None);
    }
    let properties = PublishProperties::decode(Bytes::copy_from_slice(encoded));
    let properties = properties.map_err(|_| Malformed("the properties of a message are none of MQTT"))?;
    Ok(Some(Box::new(properties)))
}

fn shared(last: &mut ByteString, text: &str) -> ByteString {
    if *last != text {
        *last = ByteString::from(text);
    }
    last.clone()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_message_keeps_its_time_and_loses_what_it_waited() {
        let message = Message {
            id: 7,
            topic: "a/b".into(),
            payload: Bytes::from_static(b"payload"),
            qos: QoS::AtLeastOnce,
            retain: true,
            properties: Some(Box::new(PublishProperties {
                content_type: Some("text/plain".into()),
                message_expiry_interval: Some(60),
                ..PublishProperties::default()
            })),
            publisher: "sensor-7".into(),
            published_at: Time(1_000),
            expires_at: Some(Time(61_000)),
        };
        let mail = Mail::Publish {
            message: Arc::new(message.clone()),
        };
        let mut room = BytesMut::new();
        // Here it is sent after 2 s, there it arrives 3 s later by another clock.
        let arrived = with_record(&mail, Time(3_000), &mut room, |record| {
            assert_eq!((record.age_ms, record.expires_in_ms), (2_000, Some(58_000)));
            let batch = Bytes::copy_from_slice(record.payload);
            let record = Record {
                payload: &batch,
                ..*record
            };
            Messages::default().message(&record, &batch, 3_000, Time(500_000))
        });
        let expected = Message {
            published_at: Time(495_000),
            expires_at: Some(Time(555_000)),
            ..message
        };
        assert_eq!(*arrived.unwrap().unwrap(), expected);
    }
}
