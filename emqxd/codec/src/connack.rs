//! CONNACK (MQTT 5, 3.2).

use bytes::Bytes;
use bytestring::ByteString;

use crate::output::Output;
use crate::properties::{Properties, Property, put_properties};
use crate::reader::Reader;
use crate::{DecodeError, PacketType, PropertyId, ProtocolVersion, QoS, ReasonCode, UserProperty};

/// The only bit used of the connect acknowledge flags (3.2.2.1).
const SESSION_PRESENT: u8 = 0x01;

/// The server's answer to CONNECT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connack {
    /// The server had a session for this client and goes on with it.
    pub session_present: bool,
    /// Success, or why not. Older versions get the nearest return code when encoded.
    pub reason_code: ReasonCode,
    /// MQTT 5 properties; not sent in older versions.
    pub properties: ConnackProperties,
}

/// Properties of CONNACK (MQTT 5, 3.2.2.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnackProperties {
    /// Session Expiry Interval in force, seconds.
    pub session_expiry_interval: Option<u32>,
    /// Receive Maximum of the server.
    pub receive_maximum: Option<u16>,
    /// Maximum QoS (0 or 1); absent means 2.
    pub maximum_qos: Option<QoS>,
    /// Retain Available.
    pub retain_available: Option<bool>,
    /// Maximum Packet Size the server takes, bytes.
    pub maximum_packet_size: Option<u32>,
    /// Assigned Client Identifier.
    pub assigned_client_identifier: Option<ByteString>,
    /// Topic Alias Maximum of the server.
    pub topic_alias_maximum: Option<u16>,
    /// Reason String.
    pub reason_string: Option<ByteString>,
    /// User Properties.
    pub user_properties: Vec<UserProperty>,
    /// Wildcard Subscription Available.
    pub wildcard_subscription_available: Option<bool>,
    /// Subscription Identifiers Available.
    pub subscription_identifiers_available: Option<bool>,
    /// Shared Subscription Available.
    pub shared_subscription_available: Option<bool>,
    /// Server Keep Alive, seconds.
    pub server_keep_alive: Option<u16>,
    /// Response Information.
    pub response_information: Option<ByteString>,
    /// Server Reference.
    pub server_reference: Option<ByteString>,
    /// Authentication Method.
    pub authentication_method: Option<ByteString>,
    /// Authentication Data.
    pub authentication_data: Option<Bytes>,
}

impl Connack {
    pub(crate) fn decode(reader: &mut Reader, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let flags = reader.u8()?;
        if flags & !SESSION_PRESENT != 0 {
            return Err(DecodeError::ConnackFlags(flags));
        }
        let mut connack = Self {
            // MQTT 3.1 does not use this byte.
            session_present: flags == SESSION_PRESENT && version > ProtocolVersion::V31,
            reason_code: ReasonCode::Success,
            properties: ConnackProperties::default(),
        };
        if version < ProtocolVersion::V5 {
            let code = reader.u8()?;
            connack.reason_code =
                ReasonCode::from_connack_return_code_v3(code).ok_or(DecodeError::InvalidReasonCode {
                    packet: PacketType::Connack,
                    code,
                })?;
        } else {
            connack.reason_code = reader.reason_code()?;
            reader.properties(|property| connack.properties.read(property))?;
        }
        if connack.session_present && connack.reason_code != ReasonCode::Success {
            return Err(DecodeError::SessionPresentInRefusal);
        }
        Ok(connack)
    }

    pub(crate) fn encode<O: Output>(&self, version: ProtocolVersion, out: &mut O) {
        let session_present =
            self.session_present && self.reason_code == ReasonCode::Success && version > ProtocolVersion::V31;
        out.put_u8(u8::from(session_present) * SESSION_PRESENT);
        if version < ProtocolVersion::V5 {
            out.put_u8(self.reason_code.connack_return_code_v3());
        } else {
            out.put_u8(self.reason_code as u8);
            put_properties(out, |out| self.properties.write(out));
        }
    }
}

impl ConnackProperties {
    fn read(&mut self, property: Property<'_>) -> Result<(), DecodeError> {
        match property.id {
            PropertyId::SessionExpiryInterval => property.u32(&mut self.session_expiry_interval),
            PropertyId::ReceiveMaximum => property.u16_not_zero(&mut self.receive_maximum),
            PropertyId::MaximumQos => {
                // QoS 2 is what absence means (3.2.2.3.4).
                let value = property.reader.u8()?;
                property.refuse_if(value > 1, u32::from(value))?;
                let qos = if value == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce };
                property.once(&mut self.maximum_qos, qos)
            }
            PropertyId::RetainAvailable => property.flag(&mut self.retain_available),
            PropertyId::MaximumPacketSize => property.u32_not_zero(&mut self.maximum_packet_size),
            PropertyId::AssignedClientIdentifier => property.string(&mut self.assigned_client_identifier),
            PropertyId::TopicAliasMaximum => property.u16(&mut self.topic_alias_maximum),
            PropertyId::ReasonString => property.string(&mut self.reason_string),
            PropertyId::UserProperty => property.user(&mut self.user_properties),
            PropertyId::WildcardSubscriptionAvailable => property.flag(&mut self.wildcard_subscription_available),
            PropertyId::SubscriptionIdentifierAvailable => property.flag(&mut self.subscription_identifiers_available),
            PropertyId::SharedSubscriptionAvailable => property.flag(&mut self.shared_subscription_available),
            PropertyId::ServerKeepAlive => property.u16(&mut self.server_keep_alive),
            PropertyId::ResponseInformation => property.string(&mut self.response_information),
            PropertyId::ServerReference => property.string(&mut self.server_reference),
            PropertyId::AuthenticationMethod => property.string(&mut self.authentication_method),
            PropertyId::AuthenticationData => property.binary(&mut self.authentication_data),
            _ => Err(property.not_allowed(PacketType::Connack)),
        }
    }

    fn write(&self, out: &mut Properties<'_>) {
        out.u32(PropertyId::SessionExpiryInterval, self.session_expiry_interval);
        out.u16(PropertyId::ReceiveMaximum, self.receive_maximum);
        // QoS 2 is what absence means and cannot be said otherwise (3.2.2.3.4).
        let maximum_qos = self.maximum_qos.filter(|qos| *qos < QoS::ExactlyOnce);
        out.u8(PropertyId::MaximumQos, maximum_qos.map(|qos| qos as u8));
        out.flag(PropertyId::RetainAvailable, self.retain_available);
        out.u32(PropertyId::MaximumPacketSize, self.maximum_packet_size);
        out.binary(
            PropertyId::AssignedClientIdentifier,
            self.assigned_client_identifier.as_ref(),
        );
        out.u16(PropertyId::TopicAliasMaximum, self.topic_alias_maximum);
        out.binary(PropertyId::ReasonString, self.reason_string.as_ref());
        out.user(&self.user_properties);
        out.flag(
            PropertyId::WildcardSubscriptionAvailable,
            self.wildcard_subscription_available,
        );
        out.flag(
            PropertyId::SubscriptionIdentifierAvailable,
            self.subscription_identifiers_available,
        );
        out.flag(
            PropertyId::SharedSubscriptionAvailable,
            self.shared_subscription_available,
        );
        out.u16(PropertyId::ServerKeepAlive, self.server_keep_alive);
        out.binary(PropertyId::ResponseInformation, self.response_information.as_ref());
        out.binary(PropertyId::ServerReference, self.server_reference.as_ref());
        out.binary(PropertyId::AuthenticationMethod, self.authentication_method.as_ref());
        out.binary(PropertyId::AuthenticationData, self.authentication_data.as_ref());
    }
}
