//! DISCONNECT (MQTT 5, 3.14).

use bytestring::ByteString;

use crate::decoder::Sender;
use crate::output::Output;
use crate::properties::{Properties, Property, put_properties};
use crate::reader::Reader;
use crate::{DecodeError, PacketType, PropertyId, ProtocolVersion, ReasonCode, UserProperty};

/// The last packet of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnect {
    /// Normal disconnection before MQTT 5.
    pub reason_code: ReasonCode,
    /// MQTT 5 properties.
    pub properties: DisconnectProperties,
}

/// Properties of DISCONNECT (MQTT 5, 3.14.2.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisconnectProperties {
    /// Session Expiry Interval, seconds (client to server only).
    pub session_expiry_interval: Option<u32>,
    /// Reason String.
    pub reason_string: Option<ByteString>,
    /// User Properties.
    pub user_properties: Vec<UserProperty>,
    /// Server Reference.
    pub server_reference: Option<ByteString>,
}

impl Disconnect {
    pub(crate) fn decode(reader: &mut Reader, version: ProtocolVersion, sender: Sender) -> Result<Self, DecodeError> {
        let mut disconnect = Self {
            reason_code: ReasonCode::Success,
            properties: DisconnectProperties::default(),
        };
        // MQTT 5 leaves out the properties when there are none, and the reason code when it is 0 too.
        if version < ProtocolVersion::V5 || reader.is_empty() {
            return Ok(disconnect);
        }
        disconnect.reason_code = reader.reason_code()?;
        if sender == Sender::Client && !disconnect.reason_code.may_come_from_client(PacketType::Disconnect) {
            let code = disconnect.reason_code as u8;
            return Err(DecodeError::InvalidReasonCode {
                packet: PacketType::Disconnect,
                code,
            });
        }
        if !reader.is_empty() {
            reader.properties(|property| disconnect.properties.read(property))?;
        }
        Ok(disconnect)
    }

    pub(crate) fn encode<O: Output>(&self, version: ProtocolVersion, out: &mut O) {
        let has_properties = self.properties != DisconnectProperties::default();
        if version < ProtocolVersion::V5 || (self.reason_code == ReasonCode::Success && !has_properties) {
            return;
        }
        out.put_u8(self.reason_code as u8);
        if has_properties {
            put_properties(out, |out| self.properties.write(out));
        }
    }
}

impl DisconnectProperties {
    fn read(&mut self, property: Property<'_>) -> Result<(), DecodeError> {
        match property.id {
            PropertyId::SessionExpiryInterval => property.u32(&mut self.session_expiry_interval),
            PropertyId::ReasonString => property.string(&mut self.reason_string),
            PropertyId::UserProperty => property.user(&mut self.user_properties),
            PropertyId::ServerReference => property.string(&mut self.server_reference),
            _ => Err(property.not_allowed(PacketType::Disconnect)),
        }
    }

    fn write(&self, out: &mut Properties<'_>) {
        out.u32(PropertyId::SessionExpiryInterval, self.session_expiry_interval);
        out.binary(PropertyId::ReasonString, self.reason_string.as_ref());
        out.user(&self.user_properties);
        out.binary(PropertyId::ServerReference, self.server_reference.as_ref());
    }
}
