//! Encodes PUBLISH from its parts: what the broker does once for each delivery.
//!
//! One message goes to many clients with other flags, packet identifiers, aliases and subscription
//! identifiers. [`PublishFrame`] borrows the message's topic and properties and takes those as overrides,
//! so nothing is cloned for a delivery. The payload is the caller's to append or to send as its own buffer.

use bytes::BytesMut;

use crate::encoder::put_fixed_header;
use crate::output::Output;
use crate::properties::{Properties, properties_len};
use crate::{
    EncodeError, PacketId, PacketType, PropertyId, ProtocolVersion, PublishProperties, QoS, variable_byte_integer,
};

/// A PUBLISH to be encoded (MQTT 5, 3.3).
#[derive(Debug, Clone, Copy)]
pub struct PublishFrame<'a> {
    /// Sent before. Not sent with QoS 0.
    pub dup: bool,
    /// Quality of service of this transfer.
    pub qos: QoS,
    /// The RETAIN flag.
    pub retain: bool,
    /// Topic name; may be empty in MQTT 5 when `topic_alias` stands for it.
    pub topic: &'a str,
    /// Needed above QoS 0, not sent with QoS 0.
    pub packet_id: Option<PacketId>,
    /// The message's properties, of which the topic alias and the subscription identifiers are not used:
    /// they belong to the connection the message came from.
    pub properties: Option<&'a PublishProperties>,
    /// Seconds left; replaces the one in `properties` when `Some`.
    pub message_expiry_interval: Option<u32>,
    /// Topic alias on this connection.
    pub topic_alias: Option<u16>,
    /// Identifiers of the subscriptions that the message is sent for.
    pub subscription_identifiers: &'a [u32],
    /// Bytes of payload that the caller sends after the head.
    pub payload_len: usize,
}

impl PublishFrame<'_> {
    /// Bytes of the whole frame, payload included.
    ///
    /// # Errors
    /// As [`Self::encode_head`].
    #[inline]
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        let body_len = self.head_body_len(self.checked_properties_len(version)?) + self.payload_len;
        if body_len > variable_byte_integer::MAX {
            return Err(EncodeError::PacketTooLarge { len: body_len });
        }
        Ok(1 + variable_byte_integer::len(body_len) + body_len)
    }

    /// Appends everything but the payload. Returns where the two bytes of the packet identifier are,
    /// counted from the start of this frame, so that a shared encoding can be patched; `None` for QoS 0.
    ///
    /// # Errors
    /// [`EncodeError`]; nothing has been appended then.
    #[inline]
    pub fn encode_head(&self, version: ProtocolVersion, out: &mut BytesMut) -> Result<Option<usize>, EncodeError> {
        let properties_len = self.checked_properties_len(version)?;
        let head_len = self.head_body_len(properties_len);
        let start = out.len();
        // Five bytes at most for the fixed header.
        out.reserve(5 + head_len);
        put_fixed_header(PacketType::Publish, self.flags(), head_len + self.payload_len, out)?;
        out.put_binary(self.topic.as_bytes());
        let mut packet_id_at = None;
        if let Some(packet_id) = self.sent_packet_id() {
            packet_id_at = Some(out.len() - start);
            out.put_u16(packet_id.get());
        }
        if let Some(properties_len) = properties_len {
            out.put_variable_byte_integer(properties_len);
            if properties_len > 0 {
                self.encode_properties(&mut Properties::new(out));
            }
        }
        Ok(packet_id_at)
    }

    /// Bytes after the fixed header, payload included, whether or not they can be encoded.
    pub(crate) fn body_len(&self, version: ProtocolVersion) -> usize {
        self.head_body_len(self.properties_len(version).0) + self.payload_len
    }

    #[inline]
    fn flags(&self) -> u8 {
        let dup = self.dup && self.qos != QoS::AtMostOnce;
        u8::from(dup) << 3 | (self.qos as u8) << 1 | u8::from(self.retain)
    }

    #[inline]
    fn sent_packet_id(&self) -> Option<PacketId> {
        if self.qos == QoS::AtMostOnce {
            None
        } else {
            self.packet_id
        }
    }

    /// Bytes between fixed header and payload; `properties_len` is `None` before MQTT 5.
    #[inline]
    fn head_body_len(&self, properties_len: Option<usize>) -> usize {
        let packet_id_len = if self.sent_packet_id().is_some() { 2 } else { 0 };
        let properties_len = properties_len.map_or(0, |len| variable_byte_integer::len(len) + len);
        2 + self.topic.len() + packet_id_len + properties_len
    }

    #[inline]
    fn checked_properties_len(&self, version: ProtocolVersion) -> Result<Option<usize>, EncodeError> {
        if self.topic.len() > usize::from(u16::MAX) {
            return Err(EncodeError::FieldTooLong { len: self.topic.len() });
        }
        if self.qos != QoS::AtMostOnce && self.packet_id.is_none() {
            return Err(EncodeError::MissingPacketId);
        }
        match self.properties_len(version) {
            (_, Some(error)) => Err(error),
            (len, None) => Ok(len),
        }
    }

    /// Bytes of properties, `None` before MQTT 5, and why they cannot be encoded.
    #[inline]
    fn properties_len(&self, version: ProtocolVersion) -> (Option<usize>, Option<EncodeError>) {
        if version < ProtocolVersion::V5 {
            return (None, None);
        }
        let has_none = self.properties.is_none()
            && self.message_expiry_interval.is_none()
            && self.topic_alias.is_none()
            && self.subscription_identifiers.is_empty();
        if has_none {
            return (Some(0), None);
        }
        let count = properties_len(|out| self.encode_properties(out));
        (Some(count.len), count.error)
    }

    pub(crate) fn encode_properties(&self, out: &mut Properties<'_>) {
        let none = PublishProperties::default();
        let properties = self.properties.unwrap_or(&none);
        out.flag(PropertyId::PayloadFormatIndicator, properties.payload_is_utf8);
        let expiry = self.message_expiry_interval.or(properties.message_expiry_interval);
        out.u32(PropertyId::MessageExpiryInterval, expiry);
        out.u16(PropertyId::TopicAlias, self.topic_alias);
        out.binary(PropertyId::ResponseTopic, properties.response_topic.as_ref());
        out.binary(PropertyId::CorrelationData, properties.correlation_data.as_ref());
        out.user(&properties.user_properties);
        for identifier in self.subscription_identifiers {
            out.subscription_identifier(*identifier);
        }
        out.binary(PropertyId::ContentType, properties.content_type.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> PublishFrame<'static> {
        PublishFrame {
            dup: false,
            qos: QoS::AtLeastOnce,
            retain: false,
            topic: "a/b",
            packet_id: PacketId::new(0x1234),
            properties: None,
            message_expiry_interval: None,
            topic_alias: None,
            subscription_identifiers: &[],
            payload_len: 2,
        }
    }

    #[test]
    fn the_head_says_where_its_packet_identifier_is() {
        let mut out = BytesMut::from(&b"before"[..]);
        let at = frame()
            .encode_head(ProtocolVersion::V311, &mut out)
            .expect("valid")
            .expect("QoS 1");
        assert_eq!(&out[6..], b"\x32\x09\x00\x03a/b\x12\x34");
        assert_eq!(&out[6 + at..6 + at + 2], b"\x12\x34");
        assert_eq!(frame().encoded_len(ProtocolVersion::V311), Ok(out.len() - 6 + 2));
    }

    #[test]
    fn the_packet_identifier_is_found_behind_a_long_fixed_header_too() {
        let frame = PublishFrame {
            payload_len: 200_000,
            ..frame()
        };
        let mut out = BytesMut::new();
        let at = frame
            .encode_head(ProtocolVersion::V5, &mut out)
            .expect("valid")
            .expect("QoS 1");
        assert_eq!(&out[at..], b"\x12\x34\x00");
    }

    #[test]
    fn properties_of_the_connection_a_message_came_from_are_not_passed_on() {
        let properties = PublishProperties {
            topic_alias: Some(7),
            subscription_identifiers: vec![9],
            message_expiry_interval: Some(60),
            ..PublishProperties::default()
        };
        let frame = PublishFrame {
            qos: QoS::AtMostOnce,
            properties: Some(&properties),
            message_expiry_interval: Some(5),
            subscription_identifiers: &[300],
            ..frame()
        };
        let mut out = BytesMut::new();
        assert_eq!(frame.encode_head(ProtocolVersion::V5, &mut out), Ok(None));
        assert_eq!(&out[..], b"\x30\x10\x00\x03a/b\x08\x02\x00\x00\x00\x05\x0b\xac\x02");
    }

    #[test]
    fn a_frame_that_nobody_could_read_is_refused_and_leaves_nothing_behind() {
        let long = "x".repeat(65_536);
        let too_long = with_user_property(&long);
        let cases = [
            (
                PublishFrame {
                    packet_id: None,
                    ..frame()
                },
                EncodeError::MissingPacketId,
            ),
            (
                PublishFrame {
                    topic: &long,
                    ..frame()
                },
                EncodeError::FieldTooLong { len: 65_536 },
            ),
            (
                PublishFrame {
                    payload_len: variable_byte_integer::MAX,
                    ..frame()
                },
                EncodeError::PacketTooLarge {
                    len: variable_byte_integer::MAX + 8,
                },
            ),
            (
                PublishFrame {
                    subscription_identifiers: &[0],
                    ..frame()
                },
                EncodeError::InvalidSubscriptionIdentifier(0),
            ),
            (
                PublishFrame {
                    properties: Some(&too_long),
                    ..frame()
                },
                EncodeError::FieldTooLong { len: 65_536 },
            ),
        ];
        for (frame, error) in cases {
            let mut out = BytesMut::new();
            assert_eq!(frame.encode_head(ProtocolVersion::V5, &mut out), Err(error.clone()));
            assert!(out.is_empty(), "{error}");
        }
    }

    fn with_user_property(value: &str) -> PublishProperties {
        PublishProperties {
            user_properties: vec![("name".into(), value.into())],
            ..PublishProperties::default()
        }
    }
}
