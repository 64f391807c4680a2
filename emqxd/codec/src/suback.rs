//! SUBACK (MQTT 5, 3.9).

use smallvec::SmallVec;

use crate::output::Output;
use crate::properties::put_properties;
use crate::reader::Reader;
use crate::{AckProperties, DecodeError, PacketId, PacketType, ProtocolVersion, ReasonCode};

/// Properties of SUBACK and UNSUBACK: those of the other acknowledgements.
pub type SubackProperties = AckProperties;

/// Answer to SUBSCRIBE, one code for each filter in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suback {
    /// Packet identifier of the SUBSCRIBE.
    pub packet_id: PacketId,
    /// MQTT 5 properties.
    pub properties: SubackProperties,
    /// Granted QoS or failure. Failures are sent as 0x80 before MQTT 5.
    pub reason_codes: SmallVec<[ReasonCode; 4]>,
}

impl Suback {
    pub(crate) fn decode(reader: &mut Reader, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let packet_id = reader.packet_id()?;
        let mut properties = SubackProperties::default();
        if version >= ProtocolVersion::V5 {
            reader.properties(|property| properties.read(property, PacketType::Suback))?;
        }
        let mut reason_codes = SmallVec::new();
        while !reader.is_empty() {
            let reason_code = reader.reason_code()?;
            // The one failure that older versions have.
            let is_known = version >= ProtocolVersion::V5 || reason_code <= ReasonCode::UnspecifiedError;
            if !is_known {
                let code = reason_code as u8;
                return Err(DecodeError::InvalidReasonCode {
                    packet: PacketType::Suback,
                    code,
                });
            }
            reason_codes.push(reason_code);
        }
        if reason_codes.is_empty() {
            return Err(DecodeError::NoReasonCodes(PacketType::Suback));
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
        }
        for reason_code in &self.reason_codes {
            let is_v3_failure = version < ProtocolVersion::V5 && reason_code.is_error();
            let sent = if is_v3_failure {
                ReasonCode::UnspecifiedError
            } else {
                *reason_code
            };
            out.put_u8(sent as u8);
        }
    }
}
