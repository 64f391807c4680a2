//! UNSUBSCRIBE (MQTT 5, 3.10).

use bytestring::ByteString;
use smallvec::SmallVec;

use crate::output::Output;
use crate::properties::put_properties;
use crate::reader::Reader;
use crate::{DecodeError, PacketId, PacketType, PropertyId, ProtocolVersion, UserProperty};

/// A request to end subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Packet identifier.
    pub packet_id: PacketId,
    /// User Properties (MQTT 5).
    pub user_properties: Vec<UserProperty>,
    /// At least one filter.
    pub filters: SmallVec<[ByteString; 1]>,
}

impl Unsubscribe {
    pub(crate) fn decode(reader: &mut Reader, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let packet_id = reader.packet_id()?;
        let mut user_properties = Vec::new();
        if version >= ProtocolVersion::V5 {
            reader.properties(|property| match property.id {
                PropertyId::UserProperty => property.user(&mut user_properties),
                _ => Err(property.not_allowed(PacketType::Unsubscribe)),
            })?;
        }
        let mut filters = SmallVec::new();
        while !reader.is_empty() {
            let filter = reader.string()?;
            if filter.is_empty() {
                return Err(DecodeError::EmptyTopicFilter(PacketType::Unsubscribe));
            }
            filters.push(filter);
        }
        if filters.is_empty() {
            return Err(DecodeError::NoTopicFilters(PacketType::Unsubscribe));
        }
        Ok(Self {
            packet_id,
            user_properties,
            filters,
        })
    }

    pub(crate) fn encode<O: Output>(&self, version: ProtocolVersion, out: &mut O) {
        out.put_u16(self.packet_id.get());
        if version >= ProtocolVersion::V5 {
            put_properties(out, |out| out.user(&self.user_properties));
        }
        for filter in &self.filters {
            out.put_binary(filter.as_bytes());
        }
    }
}
