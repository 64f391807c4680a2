//! SUBSCRIBE (MQTT 5, 3.8).

use bytestring::ByteString;
use smallvec::SmallVec;

use crate::output::Output;
use crate::properties::{Properties, Property, put_properties};
use crate::reader::Reader;
use crate::{DecodeError, PacketId, PacketType, PropertyId, ProtocolVersion, QoS, UserProperty};

/// A request for one or more subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribe {
    /// Packet identifier.
    pub packet_id: PacketId,
    /// MQTT 5 properties.
    pub properties: SubscribeProperties,
    /// At least one.
    pub filters: SmallVec<[SubscribeFilter; 1]>,
}

/// Properties of SUBSCRIBE (MQTT 5, 3.8.2.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscribeProperties {
    /// Subscription Identifier, 1 to 268,435,455.
    pub subscription_identifier: Option<u32>,
    /// User Properties.
    pub user_properties: Vec<UserProperty>,
}

/// One topic filter with its options (MQTT 5, 3.8.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscribeFilter {
    /// The filter as sent, `$share/{group}/` included. UTF-8, not empty; its grammar is the caller's matter,
    /// since a bad filter is refused in SUBACK and does not end the connection.
    pub filter: ByteString,
    /// Highest QoS wanted.
    pub qos: QoS,
    /// No Local.
    pub no_local: bool,
    /// Retain As Published.
    pub retain_as_published: bool,
    /// Retain Handling.
    pub retain_handling: RetainHandling,
}

/// Which retained messages a new subscription gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetainHandling {
    /// 0: all that match, at each SUBSCRIBE.
    #[default]
    SendAtSubscribe,
    /// 1: only if the subscription is new.
    SendIfNew,
    /// 2: none.
    DoNotSend,
}

impl RetainHandling {
    /// `None` for 3 and above.
    pub fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::SendAtSubscribe),
            1 => Some(Self::SendIfNew),
            2 => Some(Self::DoNotSend),
            _ => None,
        }
    }
}

/// The subscription options of MQTT 5 (3.8.3.1); older versions have the QoS alone.
mod option {
    pub(super) const QOS: u8 = 0x03;
    pub(super) const NO_LOCAL: u8 = 0x04;
    pub(super) const RETAIN_AS_PUBLISHED: u8 = 0x08;
    pub(super) const RETAIN_HANDLING_SHIFT: u8 = 4;
    pub(super) const RESERVED: u8 = 0xC0;
}

impl Subscribe {
    pub(crate) fn decode(reader: &mut Reader, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let packet_id = reader.packet_id()?;
        let mut properties = SubscribeProperties::default();
        if version >= ProtocolVersion::V5 {
            reader.properties(|property| properties.read(property))?;
        }
        let mut filters = SmallVec::new();
        while !reader.is_empty() {
            filters.push(SubscribeFilter::decode(reader, version)?);
        }
        if filters.is_empty() {
            return Err(DecodeError::NoTopicFilters(PacketType::Subscribe));
        }
        Ok(Self {
            packet_id,
            properties,
            filters,
        })
    }

    pub(crate) fn encode<O: Output>(&self, version: ProtocolVersion, out: &mut O) {
        out.put_u16(self.packet_id.get());
        if version >= ProtocolVersion::V5 {
            put_properties(out, |out| self.properties.write(out));
        }
        for filter in &self.filters {
            out.put_binary(filter.filter.as_bytes());
            out.put_u8(filter.options(version));
        }
    }
}

impl SubscribeProperties {
    fn read(&mut self, mut property: Property<'_>) -> Result<(), DecodeError> {
        match property.id {
            PropertyId::SubscriptionIdentifier => {
                let value = property.subscription_identifier()?;
                property.once(&mut self.subscription_identifier, value)
            }
            PropertyId::UserProperty => property.user(&mut self.user_properties),
            _ => Err(property.not_allowed(PacketType::Subscribe)),
        }
    }

    fn write(&self, out: &mut Properties<'_>) {
        if let Some(value) = self.subscription_identifier {
            out.subscription_identifier(value);
        }
        out.user(&self.user_properties);
    }
}

impl SubscribeFilter {
    fn decode(reader: &mut Reader, version: ProtocolVersion) -> Result<Self, DecodeError> {
        let filter = reader.string()?;
        if filter.is_empty() {
            return Err(DecodeError::EmptyTopicFilter(PacketType::Subscribe));
        }
        let options = reader.u8()?;
        let reserved = if version < ProtocolVersion::V5 {
            !option::QOS
        } else {
            option::RESERVED
        };
        if options & reserved != 0 {
            return Err(DecodeError::ReservedSubscriptionOptions(options));
        }
        let qos = QoS::from_u8(options & option::QOS).ok_or(DecodeError::SubscriptionQos)?;
        let retain_handling =
            RetainHandling::from_u8(options >> option::RETAIN_HANDLING_SHIFT).ok_or(DecodeError::RetainHandling)?;
        let no_local = options & option::NO_LOCAL != 0;
        if no_local && filter.starts_with("$share/") {
            return Err(DecodeError::NoLocalOnShared);
        }
        let retain_as_published = options & option::RETAIN_AS_PUBLISHED != 0;
        Ok(Self {
            filter,
            qos,
            no_local,
            retain_as_published,
            retain_handling,
        })
    }

    fn options(&self, version: ProtocolVersion) -> u8 {
        let mut options = self.qos as u8;
        if version >= ProtocolVersion::V5 {
            options |= (self.retain_handling as u8) << option::RETAIN_HANDLING_SHIFT;
            if self.no_local {
                options |= option::NO_LOCAL;
            }
            if self.retain_as_published {
                options |= option::RETAIN_AS_PUBLISHED;
            }
        }
        options
    }
}
