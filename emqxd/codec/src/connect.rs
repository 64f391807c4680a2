//! CONNECT and the will it carries (MQTT 5, 3.1).

use bytes::Bytes;
use bytestring::ByteString;

use crate::output::Output;
use crate::properties::{Properties, Property, has_wildcard, put_properties};
use crate::reader::Reader;
use crate::{DecodeError, PacketType, PropertyId, ProtocolVersion, QoS, UserProperty};

/// The first packet of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// MQTT 3.1, 3.1.1 or 5.
    pub protocol_version: ProtocolVersion,
    /// The bridge bit (0x80 of the protocol level), a mosquitto extension that EMQX accepts too.
    pub is_bridge: bool,
    /// Clean Start; Clean Session before MQTT 5.
    pub clean_start: bool,
    /// Keep Alive in seconds, 0 for none.
    pub keep_alive: u16,
    /// May be empty: the server then assigns one.
    pub client_id: ByteString,
    /// User name.
    pub username: Option<ByteString>,
    /// Password, binary data.
    pub password: Option<Bytes>,
    /// Will message.
    pub will: Option<Box<Will>>,
    /// MQTT 5 properties; all absent in older versions.
    pub properties: ConnectProperties,
}

/// Properties of CONNECT (MQTT 5, 3.1.2.11).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectProperties {
    /// Session Expiry Interval, seconds; `u32::MAX` means never.
    pub session_expiry_interval: Option<u32>,
    /// Receive Maximum; 0 is refused by the decoder.
    pub receive_maximum: Option<u16>,
    /// Maximum Packet Size, bytes; 0 is refused by the decoder.
    pub maximum_packet_size: Option<u32>,
    /// Topic Alias Maximum of the client.
    pub topic_alias_maximum: Option<u16>,
    /// Request Response Information.
    pub request_response_information: Option<bool>,
    /// Request Problem Information.
    pub request_problem_information: Option<bool>,
    /// User Properties.
    pub user_properties: Vec<UserProperty>,
    /// Authentication Method.
    pub authentication_method: Option<ByteString>,
    /// Authentication Data; only together with a method.
    pub authentication_data: Option<Bytes>,
}

/// The message to publish when the connection ends badly (MQTT 5, 3.1.2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Will {
    /// Quality of service.
    pub qos: QoS,
    /// Retain it.
    pub retain: bool,
    /// Topic name, no wildcards.
    pub topic: ByteString,
    /// Payload.
    pub payload: Bytes,
    /// MQTT 5 properties.
    pub properties: WillProperties,
}

/// Properties of the will (MQTT 5, 3.1.3.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WillProperties {
    /// Will Delay Interval, seconds.
    pub will_delay_interval: Option<u32>,
    /// Payload Format Indicator.
    pub payload_is_utf8: Option<bool>,
    /// Message Expiry Interval, seconds.
    pub message_expiry_interval: Option<u32>,
    /// Content Type.
    pub content_type: Option<ByteString>,
    /// Response Topic.
    pub response_topic: Option<ByteString>,
    /// Correlation Data.
    pub correlation_data: Option<Bytes>,
    /// User Properties.
    pub user_properties: Vec<UserProperty>,
}

/// The connect flags (3.1.2.3).
mod flag {
    pub(super) const RESERVED: u8 = 0x01;
    pub(super) const CLEAN_START: u8 = 0x02;
    pub(super) const WILL: u8 = 0x04;
    pub(super) const WILL_QOS_SHIFT: u8 = 3;
    pub(super) const WILL_RETAIN: u8 = 0x20;
    pub(super) const PASSWORD: u8 = 0x40;
    pub(super) const USERNAME: u8 = 0x80;
}

/// Set in the protocol level by brokers that connect as a bridge.
const BRIDGE_BIT: u8 = 0x80;

/// Reads the protocol name and level, which decide how the rest is read.
pub(crate) fn decode_protocol(reader: &mut Reader) -> Result<(ProtocolVersion, bool), DecodeError> {
    let name = reader.binary()?;
    // Before the level, so that another protocol's bytes are called that.
    if !matches!(name.as_ref(), b"MQTT" | b"MQIsdp") {
        return Err(DecodeError::InvalidProtocolName);
    }
    protocol_version(&name, reader.u8()?)
}

/// The version that a protocol name and level stand for, and whether the bridge bit is set.
pub(crate) fn protocol_version(name: &[u8], level: u8) -> Result<(ProtocolVersion, bool), DecodeError> {
    let is_bridge = level & BRIDGE_BIT != 0;
    let version = match (name, level & !BRIDGE_BIT) {
        (b"MQIsdp", 3) => ProtocolVersion::V31,
        (b"MQTT", 4) => ProtocolVersion::V311,
        (b"MQTT", 5) => ProtocolVersion::V5,
        (b"MQIsdp", _) => return Err(DecodeError::UnsupportedProtocolVersion { name: "MQIsdp", level }),
        (b"MQTT", _) => return Err(DecodeError::UnsupportedProtocolVersion { name: "MQTT", level }),
        _ => return Err(DecodeError::InvalidProtocolName),
    };
    Ok((version, is_bridge))
}

impl Connect {
    /// Reads what follows the protocol level.
    pub(crate) fn decode(reader: &mut Reader, version: ProtocolVersion, is_bridge: bool) -> Result<Self, DecodeError> {
        let flags = reader.u8()?;
        check_flags(flags, version, reader.is_strict())?;
        let keep_alive = reader.u16()?;
        let mut properties = ConnectProperties::default();
        if version >= ProtocolVersion::V5 {
            reader.properties(|property| properties.read(property))?;
            if properties.authentication_data.is_some() && properties.authentication_method.is_none() {
                return Err(DecodeError::AuthenticationDataWithoutMethod);
            }
        }
        let client_id = reader.string()?;
        let will = match flags & flag::WILL {
            0 => None,
            _ => Some(Box::new(Will::decode(reader, flags, version)?)),
        };
        // MQTT 3.1 lets a user name or password be missing that its flag announces (3.1, 3.1).
        let is_there =
            |reader: &Reader, bit: u8| flags & bit != 0 && !(version == ProtocolVersion::V31 && reader.is_empty());
        let username = is_there(reader, flag::USERNAME).then(|| reader.string()).transpose()?;
        let password = is_there(reader, flag::PASSWORD).then(|| reader.binary()).transpose()?;
        Ok(Self {
            protocol_version: version,
            is_bridge,
            clean_start: flags & flag::CLEAN_START != 0,
            keep_alive,
            client_id,
            username,
            password,
            will,
            properties,
        })
    }

    pub(crate) fn encode<O: Output>(&self, out: &mut O) {
        let version = self.protocol_version;
        out.put_binary(version.name().as_bytes());
        out.put_u8(version as u8 | if self.is_bridge { BRIDGE_BIT } else { 0 });
        out.put_u8(self.flags());
        out.put_u16(self.keep_alive);
        if version >= ProtocolVersion::V5 {
            put_properties(out, |out| self.properties.write(out));
        }
        out.put_binary(self.client_id.as_bytes());
        if let Some(will) = &self.will {
            if version >= ProtocolVersion::V5 {
                put_properties(out, |out| will.properties.write(out));
            }
            out.put_binary(will.topic.as_bytes());
            out.put_binary(&will.payload);
        }
        if let Some(username) = &self.username {
            out.put_binary(username.as_bytes());
        }
        if let Some(password) = &self.password {
            out.put_binary(password);
        }
    }

    fn flags(&self) -> u8 {
        let mut flags = 0;
        let mut set_if = |condition: bool, bits: u8| flags |= if condition { bits } else { 0 };
        set_if(self.clean_start, flag::CLEAN_START);
        set_if(self.username.is_some(), flag::USERNAME);
        set_if(self.password.is_some(), flag::PASSWORD);
        if let Some(will) = &self.will {
            set_if(true, flag::WILL | (will.qos as u8) << flag::WILL_QOS_SHIFT);
            set_if(will.retain, flag::WILL_RETAIN);
        }
        flags
    }
}

/// Checks the connect flags against each other (3.1.2.3 to 3.1.2.9).
fn check_flags(flags: u8, version: ProtocolVersion, is_strict: bool) -> Result<(), DecodeError> {
    if flags & flag::RESERVED != 0 {
        return Err(DecodeError::ReservedConnectFlag);
    }
    let will = flags & flag::WILL != 0;
    let qos = will_qos_bits(flags);
    // MQTT 3.1 disregards the flags of a will that is not there.
    let must_be_clear = !will && version > ProtocolVersion::V31;
    if (will && qos == 3) || (must_be_clear && qos != 0) {
        return Err(DecodeError::InvalidWillQos { qos, will });
    }
    if must_be_clear && flags & flag::WILL_RETAIN != 0 {
        return Err(DecodeError::WillRetainWithoutWill);
    }
    let only_password = flags & (flag::PASSWORD | flag::USERNAME) == flag::PASSWORD;
    if only_password && version < ProtocolVersion::V5 && is_strict {
        return Err(DecodeError::PasswordWithoutUsername);
    }
    Ok(())
}

fn will_qos_bits(flags: u8) -> u8 {
    (flags >> flag::WILL_QOS_SHIFT) & 0b11
}

impl ConnectProperties {
    fn read(&mut self, property: Property<'_>) -> Result<(), DecodeError> {
        match property.id {
            PropertyId::SessionExpiryInterval => property.u32(&mut self.session_expiry_interval),
            PropertyId::ReceiveMaximum => property.u16_not_zero(&mut self.receive_maximum),
            PropertyId::MaximumPacketSize => property.u32_not_zero(&mut self.maximum_packet_size),
            PropertyId::TopicAliasMaximum => property.u16(&mut self.topic_alias_maximum),
            PropertyId::RequestResponseInformation => property.flag(&mut self.request_response_information),
            PropertyId::RequestProblemInformation => property.flag(&mut self.request_problem_information),
            PropertyId::UserProperty => property.user(&mut self.user_properties),
            PropertyId::AuthenticationMethod => property.string(&mut self.authentication_method),
            PropertyId::AuthenticationData => property.binary(&mut self.authentication_data),
            _ => Err(property.not_allowed(PacketType::Connect)),
        }
    }

    fn write(&self, out: &mut Properties<'_>) {
        out.u32(PropertyId::SessionExpiryInterval, self.session_expiry_interval);
        out.u16(PropertyId::ReceiveMaximum, self.receive_maximum);
        out.u32(PropertyId::MaximumPacketSize, self.maximum_packet_size);
        out.u16(PropertyId::TopicAliasMaximum, self.topic_alias_maximum);
        out.flag(
            PropertyId::RequestResponseInformation,
            self.request_response_information,
        );
        out.flag(PropertyId::RequestProblemInformation, self.request_problem_information);
        out.user(&self.user_properties);
        out.binary(PropertyId::AuthenticationMethod, self.authentication_method.as_ref());
        out.binary(PropertyId::AuthenticationData, self.authentication_data.as_ref());
    }
}

impl Will {
    fn decode(reader: &mut Reader, flags: u8, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let bits = will_qos_bits(flags);
        let qos = QoS::from_u8(bits).ok_or(DecodeError::InvalidWillQos { qos: bits, will: true })?;
        let mut properties = WillProperties::default();
        if version >= ProtocolVersion::V5 {
            reader.properties(|property| properties.read(property))?;
        }
        let topic = reader.string()?;
        if topic.is_empty() || has_wildcard(&topic) {
            return Err(DecodeError::InvalidWillTopic);
        }
        let payload = reader.binary()?;
        Ok(Self {
            qos,
            retain: flags & flag::WILL_RETAIN != 0,
            topic,
            payload,
            properties,
        })
    }
}

impl WillProperties {
    fn read(&mut self, property: Property<'_>) -> Result<(), DecodeError> {
        match property.id {
            PropertyId::WillDelayInterval => property.u32(&mut self.will_delay_interval),
            PropertyId::PayloadFormatIndicator => property.flag(&mut self.payload_is_utf8),
            PropertyId::MessageExpiryInterval => property.u32(&mut self.message_expiry_interval),
            PropertyId::ContentType => property.string(&mut self.content_type),
            PropertyId::ResponseTopic => property.response_topic(&mut self.response_topic),
            PropertyId::CorrelationData => property.binary(&mut self.correlation_data),
            PropertyId::UserProperty => property.user(&mut self.user_properties),
            _ => Err(property.not_allowed(PacketType::Connect)),
        }
    }

    fn write(&self, out: &mut Properties<'_>) {
        out.u32(PropertyId::WillDelayInterval, self.will_delay_interval);
        out.flag(PropertyId::PayloadFormatIndicator, self.payload_is_utf8);
        out.u32(PropertyId::MessageExpiryInterval, self.message_expiry_interval);
        out.binary(PropertyId::ContentType, self.content_type.as_ref());
        out.binary(PropertyId::ResponseTopic, self.response_topic.as_ref());
        out.binary(PropertyId::CorrelationData, self.correlation_data.as_ref());
        out.user(&self.user_properties);
    }
}
