//! UNSUBACK (MQTT 5, 3.11).

use smallvec::SmallVec;

use crate::output::Output;
use crate::properties::put_properties;
use crate::reader::Reader;
use crate::{AckProperties, DecodeError, PacketId, PacketType, ProtocolVersion, ReasonCode};

/// Answer to UNSUBSCRIBE, one code for each filter in order; no codes before MQTT 5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsuback {
    /// Packet identifier of the UNSUBSCRIBE.
    pub packet_id: PacketId,
    /// MQTT 5 properties.
    pub properties: AckProperties,
    /// Success or failure of each.
    pub reason_codes: SmallVec<[ReasonCode; 4]>,
}

impl Unsuback {
    pub(crate) fn decode(reader: &mut Reader, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let packet_id = reader.packet_id()?;
        let mut properties = AckProperties::default();
        let mut reason_codes = SmallVec::new();
        if version >= ProtocolVersion::V5 {
            reader.properties(|property| properties.read(property, PacketType::Unsuback))?;
            while !reader.is_empty() {
                reason_codes.push(reader.reason_code()?);
            }
            if reason_codes.is_empty() {
                return Err(DecodeError::NoReasonCodes(PacketType::Unsuback));
            }
        }
        Ok(Self {
            packet_id,
            properties,
            reason_codes,
        })
    }

    pub(crate) fn encode<O: Output>(&self, version: ProtocolVersion, out: &mut O) {
        out.put_u16(self.packet_id.get());
        if version >= ProtocolVersion::V5 {
            put_properties(out, |out| self.properties.write(out));
            for reason_code in &self.reason_codes {
                out.put_u8(*reason_code as u8);
            }
        }
    }
}
