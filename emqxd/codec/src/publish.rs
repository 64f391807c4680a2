//! PUBLISH (MQTT 5, 3.3).

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

use crate::decoder::Sender;
use crate::properties::{Properties, Property, has_wildcard, properties_len, put_properties};
use crate::reader::Reader;
use crate::{
    DecodeError, DecodeLimits, EncodeError, PacketId, PacketType, PropertyId, ProtocolVersion, PublishFrame, QoS,
    UserProperty,
};

/// A message on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// Sent before, perhaps received before.
    pub dup: bool,
    /// Quality of service of this transfer.
    pub qos: QoS,
    /// To be kept as the topic's retained message; towards a client: it was one.
    pub retain: bool,
    /// Topic name; empty only together with a topic alias (MQTT 5).
    pub topic: ByteString,
    /// Present exactly when `qos` is above 0.
    pub packet_id: Option<PacketId>,
    /// MQTT 5 properties; `None` when there are none.
    pub properties: Option<Box<PublishProperties>>,
    /// Application payload.
    pub payload: Bytes,
}

/// Properties of PUBLISH (MQTT 5, 3.3.2.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishProperties {
    /// Payload Format Indicator: `true` says the payload is UTF-8.
    pub payload_is_utf8: Option<bool>,
    /// Message Expiry Interval, seconds.
    pub message_expiry_interval: Option<u32>,
    /// Topic Alias; 0 is refused by the decoder.
    pub topic_alias: Option<u16>,
    /// Response Topic; no wildcards.
    pub response_topic: Option<ByteString>,
    /// Correlation Data.
    pub correlation_data: Option<Bytes>,
    /// User Properties in the order received.
    pub user_properties: Vec<UserProperty>,
    /// Subscription Identifiers (server to client only), 1 to 268,435,455.
    pub subscription_identifiers: Vec<u32>,
    /// Content Type.
    pub content_type: Option<ByteString>,
}

impl Publish {
    /// `flags` are those of the fixed header, checked there.
    #[inline]
    pub(crate) fn decode(
        mut reader: Reader,
        flags: u8,
        version: ProtocolVersion,
        sender: Sender,
    ) -> Result<Self, DecodeError> {
        let qos = QoS::from_u8((flags >> 1) & 0b11).ok_or(DecodeError::PublishQos)?;
        let topic = reader.string()?;
        if has_wildcard(&topic) {
            return Err(DecodeError::WildcardInTopic);
        }
        let packet_id = match qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce | QoS::ExactlyOnce => Some(reader.packet_id()?),
        };
        let mut properties: Option<Box<PublishProperties>> = None;
        if version >= ProtocolVersion::V5 {
            reader.properties(|property| properties.get_or_insert_default().read(property, sender))?;
        }
        let has_alias = properties
            .as_deref()
            .is_some_and(|properties| properties.topic_alias.is_some());
        if topic.is_empty() && !has_alias {
            return Err(DecodeError::EmptyTopic);
        }
        Ok(Self {
            dup: flags & 0b1000 != 0 && qos != QoS::AtMostOnce,
            qos,
            retain: flags & 0b0001 != 0,
            topic,
            packet_id,
            properties,
            payload: reader.into_rest(),
        })
    }

    /// Goes through the fields as [`Self::decode`] does, up to the payload or the first error, where `reader` then
    /// stands.
    #[cold]
    pub(crate) fn find_error(
        reader: &mut Reader,
        flags: u8,
        version: ProtocolVersion,
        sender: Sender,
    ) -> Result<(), DecodeError> {
        let qos = QoS::from_u8((flags >> 1) & 0b11).ok_or(DecodeError::PublishQos)?;
        let topic = reader.string()?;
        if has_wildcard(&topic) {
            return Err(DecodeError::WildcardInTopic);
        }
        if qos != QoS::AtMostOnce {
            reader.packet_id()?;
        }
        let mut properties = PublishProperties::default();
        if version >= ProtocolVersion::V5 {
            reader.properties(|property| properties.read(property, sender))?;
        }
        if topic.is_empty() && properties.topic_alias.is_none() {
            return Err(DecodeError::EmptyTopic);
        }
        Ok(())
    }

    /// The same message as parts to encode, with the properties as they are.
    pub fn as_frame(&self) -> PublishFrame<'_> {
        let properties = self.properties.as_deref();
        PublishFrame {
            dup: self.dup,
            qos: self.qos,
            retain: self.retain,
            topic: &self.topic,
            packet_id: self.packet_id,
            properties,
            message_expiry_interval: None,
            topic_alias: properties.and_then(|properties| properties.topic_alias),
            subscription_identifiers: properties.map_or(&[], |properties| &properties.subscription_identifiers),
            payload_len: self.payload.len(),
        }
    }
}

impl PublishProperties {
    /// Appends them as PUBLISH has them, length first: for a message that goes somewhere else than to a client.
    ///
    /// # Errors
    /// When a value cannot be encoded; nothing is appended then.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        let frame = PublishFrame {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic: "",
            packet_id: None,
            properties: Some(self),
            message_expiry_interval: None,
            topic_alias: self.topic_alias,
            subscription_identifiers: &self.subscription_identifiers,
            payload_len: 0,
        };
        let write = |out: &mut Properties<'_>| frame.encode_properties(out);
        if let Some(error) = properties_len(write).error {
            return Err(error);
        }
        put_properties(out, write);
        Ok(())
    }

    /// Reads what [`Self::encode`] wrote, as slices of `bytes`. User properties are counted by those who let the
    /// message in.
    ///
    /// # Errors
    /// As of a packet with these properties.
    pub fn decode(bytes: Bytes) -> Result<Self, DecodeError> {
        let limits = DecodeLimits {
            max_user_properties: usize::MAX,
            ..DecodeLimits::default()
        };
        let mut reader = Reader::new(bytes, PacketType::Publish, 0, limits);
        let mut properties = Self::default();
        reader.properties(|property| properties.read(property, Sender::Any))?;
        reader.finish()?;
        Ok(properties)
    }

    fn read(&mut self, mut property: Property<'_>, sender: Sender) -> Result<(), DecodeError> {
        match property.id {
            PropertyId::PayloadFormatIndicator => property.flag(&mut self.payload_is_utf8),
            PropertyId::MessageExpiryInterval => property.u32(&mut self.message_expiry_interval),
            PropertyId::TopicAlias => {
                let alias = property.reader.u16()?;
                if alias == 0 {
                    return Err(DecodeError::TopicAliasZero);
                }
                property.once(&mut self.topic_alias, alias)
            }
            PropertyId::ResponseTopic => property.response_topic(&mut self.response_topic),
            PropertyId::CorrelationData => property.binary(&mut self.correlation_data),
            PropertyId::UserProperty => property.user(&mut self.user_properties),
            PropertyId::SubscriptionIdentifier if sender == Sender::Client => {
                Err(DecodeError::SubscriptionIdFromClient)
            }
            PropertyId::SubscriptionIdentifier => {
                self.subscription_identifiers.push(property.subscription_identifier()?);
                Ok(())
            }
            PropertyId::ContentType => property.string(&mut self.content_type),
            _ => Err(property.not_allowed(PacketType::Publish)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_that_travel_alone_arrive_as_they_were() {
        let properties = PublishProperties {
            payload_is_utf8: Some(true),
            message_expiry_interval: Some(60),
            response_topic: Some("answer/here".into()),
            correlation_data: Some(Bytes::from_static(b"7")),
            user_properties: (0..100).map(|n| (n.to_string().into(), "value".into())).collect(),
            content_type: Some("text/plain".into()),
            ..PublishProperties::default()
        };
        for properties in [properties, PublishProperties::default()] {
            let mut bytes = BytesMut::new();
            properties.encode(&mut bytes).expect("valid");
            assert_eq!(PublishProperties::decode(bytes.clone().freeze()), Ok(properties));
            bytes.extend_from_slice(b"x");
            assert!(PublishProperties::decode(bytes.freeze()).is_err());
        }
        assert!(PublishProperties::decode(Bytes::new()).is_err());
    }
}
