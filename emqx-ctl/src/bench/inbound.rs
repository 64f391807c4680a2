//! Reading what a server sends, as little of it as the measurement needs.
//!
//! A PUBLISH is looked at in place: identifier and payload, no topic, no properties, no allocation; the codec's decoder,
//! which checks everything, is for the packets that come once in a connection. The tests compare the two.

use mqtt_codec::ProtocolVersion;

/// A packet at the front of what was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// First byte: type and flags.
    pub first: u8,
    /// What follows the fixed header.
    pub body: &'a [u8],
    /// Bytes of the whole packet.
    pub len: usize,
}

/// What arrived is not MQTT, or more than may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadFrame {
    Malformed,
    TooLarge { bytes: usize },
}

impl<'a> Frame<'a> {
    /// The packet at the front of `input`; `None` while part of it is missing.
    #[inline]
    pub fn first_of(input: &'a [u8], bytes_max: usize) -> Result<Option<Self>, BadFrame> {
        let Some((&first, rest)) = input.split_first() else {
            return Ok(None);
        };
        let mut body_len = 0;
        for (index, byte) in rest.iter().take(4).enumerate() {
            body_len |= usize::from(byte & 0x7F) << (7 * index);
            if byte & 0x80 != 0 {
                continue;
            }
            let head = index + 2;
            let len = head + body_len;
            if len > bytes_max {
                return Err(BadFrame::TooLarge { bytes: len });
            }
            let body = input.get(head..len);
            return Ok(body.map(|body| Self { first, body, len }));
        }
        if rest.len() >= 4 {
            return Err(BadFrame::Malformed);
        }
        Ok(None)
    }
}

/// What matters of a PUBLISH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// 0 to 2.
    pub qos: u8,
    /// As on the wire; absent at QoS 0.
    pub packet_id: Option<[u8; 2]>,
    pub payload: &'a [u8],
}

impl<'a> Delivery<'a> {
    /// Takes a PUBLISH apart; `None` if it is malformed.
    #[inline]
    pub fn read(frame: &Frame<'a>, version: ProtocolVersion) -> Option<Self> {
        let (topic_len, rest) = frame.body.split_first_chunk()?;
        let mut rest = rest.get(usize::from(u16::from_be_bytes(*topic_len))..)?;
        let qos = frame.first >> 1 & 0b11;
        let mut packet_id = None;
        if qos > 0 {
            let (id, after) = rest.split_first_chunk()?;
            packet_id = Some(*id);
            rest = after;
        }
        if version == ProtocolVersion::V5 {
            rest = after_properties(rest)?;
        }
        Some(Self {
            qos,
            packet_id,
            payload: rest,
        })
    }
}

#[inline]
fn after_properties(input: &[u8]) -> Option<&[u8]> {
    let mut len = 0;
    for (index, byte) in input.iter().take(4).enumerate() {
        len |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return input.get(index + 1 + len..);
        }
    }
    None
}

/// Packet identifier and reason of PUBACK, PUBREC, PUBREL and PUBCOMP; the reason is 0 where there is none. `None` if it
/// is malformed.
#[inline]
pub fn acknowledgement(body: &[u8]) -> Option<([u8; 2], u8)> {
    let (id, rest) = body.split_first_chunk()?;
    Some((*id, rest.first().copied().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::{Bytes, BytesMut};
    use mqtt_codec::{Ack, Packet, PacketId, Publish, PublishProperties, QoS, ReasonCode};

    fn publishes() -> Vec<Publish> {
        let properties = PublishProperties {
            message_expiry_interval: Some(60),
            user_properties: vec![("name".into(), "v".repeat(200).into())],
            subscription_identifiers: vec![300],
            ..PublishProperties::default()
        };
        let mut all = Vec::new();
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
            for properties in [None, Some(Box::new(properties.clone()))] {
                for payload_len in [0, 1, 100, 20_000] {
                    all.push(Publish {
                        dup: false,
                        qos,
                        retain: false,
                        topic: "a/b".into(),
                        packet_id: (qos != QoS::AtMostOnce).then_some(PacketId::FIRST),
                        properties: properties.clone(),
                        payload: Bytes::from(vec![b'x'; payload_len]),
                    });
                }
            }
        }
        all
    }

    #[test]
    fn a_publish_is_read_as_the_codec_wrote_it() {
        for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
            for publish in publishes() {
                let mut bytes = BytesMut::new();
                Packet::Publish(publish.clone()).encode(version, &mut bytes).unwrap();
                let frame = Frame::first_of(&bytes, 1 << 20).unwrap().unwrap();
                assert_eq!(frame.len, bytes.len());
                let read = Delivery::read(&frame, version).unwrap();
                assert_eq!(read.payload, publish.payload);
                assert_eq!(read.qos, publish.qos as u8);
                assert_eq!(read.packet_id, publish.packet_id.map(|id| id.get().to_be_bytes()));
            }
        }
    }

    #[test]
    fn half_a_packet_is_waited_for_and_nothing_in_it_panics() {
        for publish in publishes() {
            let mut bytes = BytesMut::new();
            Packet::Publish(publish)
                .encode(ProtocolVersion::V5, &mut bytes)
                .unwrap();
            for end in 0..bytes.len().min(300) {
                assert_eq!(Frame::first_of(&bytes[..end], 1 << 20), Ok(None));
                let frame = Frame {
                    first: bytes[0],
                    body: &bytes[..end],
                    len: end,
                };
                let _ = Delivery::read(&frame, ProtocolVersion::V5);
            }
        }
    }

    #[test]
    fn a_length_that_is_none_or_too_much_is_refused() {
        assert_eq!(
            Frame::first_of(b"\x30\xff\xff\xff\xff\x01", 100),
            Err(BadFrame::Malformed)
        );
        assert_eq!(
            Frame::first_of(b"\x30\x80\x01", 100),
            Err(BadFrame::TooLarge { bytes: 131 })
        );
    }

    #[test]
    fn acknowledgements_may_have_a_reason() {
        for (reason, version) in [
            (ReasonCode::Success, ProtocolVersion::V311),
            (ReasonCode::Success, ProtocolVersion::V5),
            (ReasonCode::QuotaExceeded, ProtocolVersion::V5),
        ] {
            let mut bytes = BytesMut::new();
            let ack = Ack::new(PacketId::FIRST, reason);
            Packet::Puback(ack).encode(version, &mut bytes).unwrap();
            let frame = Frame::first_of(&bytes, 100).unwrap().unwrap();
            assert_eq!(acknowledgement(frame.body), Some(([0, 1], reason as u8)));
        }
        assert_eq!(acknowledgement(b"\x00"), None);
    }
}
