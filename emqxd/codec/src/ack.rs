//! PUBACK, PUBREC, PUBREL and PUBCOMP: one layout (MQTT 5, 3.4 to 3.7).

use bytestring::ByteString;

use crate::output::Output;
use crate::properties::{Properties, Property, put_properties};
use crate::reader::Reader;
use crate::{DecodeError, PacketId, PacketType, PropertyId, ProtocolVersion, ReasonCode, UserProperty};

/// Body of PUBACK, PUBREC, PUBREL or PUBCOMP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// Packet identifier being answered.
    pub packet_id: PacketId,
    /// Success before MQTT 5.
    pub reason_code: ReasonCode,
    /// MQTT 5 properties; `None` when there are none.
    pub properties: Option<Box<AckProperties>>,
}

impl Ack {
    /// An acknowledgement without properties.
    pub fn new(packet_id: PacketId, reason_code: ReasonCode) -> Self {
        Self {
            packet_id,
            reason_code,
            properties: None,
        }
    }
}

/// Properties of the acknowledgements (MQTT 5, 3.4.2.2), UNSUBACK and SUBACK alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AckProperties {
    /// Reason String.
    pub reason_string: Option<ByteString>,
    /// User Properties.
    pub user_properties: Vec<UserProperty>,
}

impl Ack {
    pub(crate) fn decode(reader: &mut Reader, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let mut ack = Self::new(reader.packet_id()?, ReasonCode::Success);
        // MQTT 5 leaves out the properties when there are none, and the reason code when it is Success too.
        if version < ProtocolVersion::V5 || reader.is_empty() {
            return Ok(ack);
        }
        ack.reason_code = reader.reason_code()?;
        if !reader.is_empty() {
            let packet = reader.packet_type();
            reader.properties(|property| ack.properties.get_or_insert_default().read(property, packet))?;
        }
        Ok(ack)
    }

    pub(crate) fn encode<O: Output>(&self, version: ProtocolVersion, out: &mut O) {
        out.put_u16(self.packet_id.get());
        let properties = self.properties.as_deref().filter(|properties| !properties.is_empty());
        if version < ProtocolVersion::V5 || (self.reason_code == ReasonCode::Success && properties.is_none()) {
            return;
        }
        out.put_u8(self.reason_code as u8);
        if let Some(properties) = properties {
            put_properties(out, |out| properties.write(out));
        }
    }
}

impl AckProperties {
    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.reason_string.is_none() && self.user_properties.is_empty()
    }

    pub(crate) fn read(&mut self, property: Property<'_>, packet: PacketType) -> Result<(), DecodeError> {
        match property.id {
            PropertyId::ReasonString => property.string(&mut self.reason_string),
            PropertyId::UserProperty => property.user(&mut self.user_properties),
            _ => Err(property.not_allowed(packet)),
        }
    }

    pub(crate) fn write(&self, out: &mut Properties<'_>) {
        out.binary(PropertyId::ReasonString, self.reason_string.as_ref());
        out.user(&self.user_properties);
    }
}
