//! MQTT 5 properties (2.2.2): their identifiers, and the rules that all packets share.
//!
//! Each packet's file lists the properties it has; what is common is here: a property that may appear
//! once, numbers that may not be 0, flags that are 0 or 1, the bound on user properties.

use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;

use crate::output::{ByteCount, Output};
use crate::reader::Reader;
use crate::{DecodeError, PacketType};

/// A name and a value, passed on as they are.
pub type UserProperty = (ByteString, ByteString);

/// The identifier of a property (MQTT 5, 2.2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)] // The specification's own names.
pub enum PropertyId {
    PayloadFormatIndicator = 0x01,
    MessageExpiryInterval = 0x02,
    ContentType = 0x03,
    ResponseTopic = 0x08,
    CorrelationData = 0x09,
    SubscriptionIdentifier = 0x0B,
    SessionExpiryInterval = 0x11,
    AssignedClientIdentifier = 0x12,
    ServerKeepAlive = 0x13,
    AuthenticationMethod = 0x15,
    AuthenticationData = 0x16,
    RequestProblemInformation = 0x17,
    WillDelayInterval = 0x18,
    RequestResponseInformation = 0x19,
    ResponseInformation = 0x1A,
    ServerReference = 0x1C,
    ReasonString = 0x1F,
    ReceiveMaximum = 0x21,
    TopicAliasMaximum = 0x22,
    TopicAlias = 0x23,
    MaximumQos = 0x24,
    RetainAvailable = 0x25,
    UserProperty = 0x26,
    MaximumPacketSize = 0x27,
    WildcardSubscriptionAvailable = 0x28,
    SubscriptionIdentifierAvailable = 0x29,
    SharedSubscriptionAvailable = 0x2A,
}

impl PropertyId {
    /// `None` for a number that the specification does not define.
    pub fn from_u32(value: u32) -> Option<Self> {
        Some(match value {
            0x01 => Self::PayloadFormatIndicator,
            0x02 => Self::MessageExpiryInterval,
            0x03 => Self::ContentType,
            0x08 => Self::ResponseTopic,
            0x09 => Self::CorrelationData,
            0x0B => Self::SubscriptionIdentifier,
            0x11 => Self::SessionExpiryInterval,
            0x12 => Self::AssignedClientIdentifier,
            0x13 => Self::ServerKeepAlive,
            0x15 => Self::AuthenticationMethod,
            0x16 => Self::AuthenticationData,
            0x17 => Self::RequestProblemInformation,
            0x18 => Self::WillDelayInterval,
            0x19 => Self::RequestResponseInformation,
            0x1A => Self::ResponseInformation,
            0x1C => Self::ServerReference,
            0x1F => Self::ReasonString,
            0x21 => Self::ReceiveMaximum,
            0x22 => Self::TopicAliasMaximum,
            0x23 => Self::TopicAlias,
            0x24 => Self::MaximumQos,
            0x25 => Self::RetainAvailable,
            0x26 => Self::UserProperty,
            0x27 => Self::MaximumPacketSize,
            0x28 => Self::WildcardSubscriptionAvailable,
            0x29 => Self::SubscriptionIdentifierAvailable,
            0x2A => Self::SharedSubscriptionAvailable,
            _ => return None,
        })
    }
}

impl fmt::Display for PropertyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// One property of a packet being read: the identifier is known, the value comes next in the reader.
///
/// Every method reads the value into `slot`, or says which rule it breaks.
pub(crate) struct Property<'r> {
    pub(crate) id: PropertyId,
    pub(crate) reader: &'r mut Reader,
}

impl Property<'_> {
    pub(crate) fn u16(self, slot: &mut Option<u16>) -> Result<(), DecodeError> {
        let value = self.reader.u16()?;
        self.once(slot, value)
    }

    /// A maximum for which 0 would make no sense (3.1.2.11.3).
    pub(crate) fn u16_not_zero(self, slot: &mut Option<u16>) -> Result<(), DecodeError> {
        let value = self.reader.u16()?;
        self.refuse_if(value == 0, 0)?;
        self.once(slot, value)
    }

    pub(crate) fn u32(self, slot: &mut Option<u32>) -> Result<(), DecodeError> {
        let value = self.reader.u32()?;
        self.once(slot, value)
    }

    /// A maximum for which 0 would make no sense (3.1.2.11.4).
    pub(crate) fn u32_not_zero(self, slot: &mut Option<u32>) -> Result<(), DecodeError> {
        let value = self.reader.u32()?;
        self.refuse_if(value == 0, 0)?;
        self.once(slot, value)
    }

    pub(crate) fn flag(self, slot: &mut Option<bool>) -> Result<(), DecodeError> {
        let value = self.reader.u8()?;
        self.refuse_if(value > 1, u32::from(value))?;
        self.once(slot, value == 1)
    }

    pub(crate) fn string(self, slot: &mut Option<ByteString>) -> Result<(), DecodeError> {
        let value = self.reader.string()?;
        self.once(slot, value)
    }

    pub(crate) fn binary(self, slot: &mut Option<Bytes>) -> Result<(), DecodeError> {
        let value = self.reader.binary()?;
        self.once(slot, value)
    }

    /// A topic name to answer to (3.3.2.3.5).
    pub(crate) fn response_topic(self, slot: &mut Option<ByteString>) -> Result<(), DecodeError> {
        let value = self.reader.string()?;
        if value.is_empty() || has_wildcard(&value) {
            return Err(DecodeError::InvalidResponseTopic);
        }
        self.once(slot, value)
    }

    /// A subscription identifier, which is never 0 (3.8.2.1.2).
    pub(crate) fn subscription_identifier(&mut self) -> Result<u32, DecodeError> {
        let value = self.reader.variable_byte_integer()?;
        self.refuse_if(value == 0, 0)?;
        Ok(value)
    }

    /// A user property: as often as [`DecodeLimits`](crate::DecodeLimits) allows, in the order received.
    pub(crate) fn user(self, list: &mut Vec<UserProperty>) -> Result<(), DecodeError> {
        let limit = self.reader.max_user_properties();
        if list.len() >= limit {
            return Err(DecodeError::TooManyUserProperties { limit });
        }
        list.push((self.reader.string()?, self.reader.string()?));
        Ok(())
    }

    /// Keeps `value`, unless the property was there before.
    pub(crate) fn once<T>(self, slot: &mut Option<T>, value: T) -> Result<(), DecodeError> {
        if slot.is_some() {
            return Err(DecodeError::DuplicateProperty(self.id));
        }
        *slot = Some(value);
        Ok(())
    }

    /// For a property of some other packet.
    pub(crate) fn not_allowed(&self, packet: PacketType) -> DecodeError {
        DecodeError::PropertyNotAllowed {
            packet,
            property: self.id,
        }
    }

    /// Refuses a value that the property cannot have.
    pub(crate) fn refuse_if(&self, refuse: bool, value: u32) -> Result<(), DecodeError> {
        if refuse {
            Err(DecodeError::InvalidPropertyValue {
                property: self.id,
                value,
            })
        } else {
            Ok(())
        }
    }
}

/// Whether a topic holds a character that only topic filters may have (4.7.1).
#[inline]
pub(crate) fn has_wildcard(topic: &str) -> bool {
    memchr::memchr2(b'+', b'#', topic.as_bytes()).is_some()
}

/// Writes the property length and then the properties that `write` writes.
pub(crate) fn put_properties<O: Output>(out: &mut O, write: impl Fn(&mut Properties<'_>)) {
    let count = properties_len(&write);
    out.put_variable_byte_integer(count.len);
    if let Some(error) = count.error {
        out.fail(error);
    }
    if count.len > 0 {
        write(&mut Properties::new(out));
    }
}

/// The bytes that `write`'s properties take, without their length.
pub(crate) fn properties_len(write: impl Fn(&mut Properties<'_>)) -> ByteCount {
    let mut count = ByteCount::default();
    write(&mut Properties::new(&mut count));
    count
}

/// Writes properties one after the other; an absent value writes nothing.
pub(crate) struct Properties<'o> {
    out: &'o mut dyn Output,
}

impl<'o> Properties<'o> {
    pub(crate) fn new(out: &'o mut dyn Output) -> Self {
        Self { out }
    }

    pub(crate) fn u8(&mut self, id: PropertyId, value: Option<u8>) {
        if let Some(value) = value {
            self.out.put_u8(id as u8);
            self.out.put_u8(value);
        }
    }

    pub(crate) fn flag(&mut self, id: PropertyId, value: Option<bool>) {
        self.u8(id, value.map(u8::from));
    }

    pub(crate) fn u16(&mut self, id: PropertyId, value: Option<u16>) {
        if let Some(value) = value {
            self.out.put_u8(id as u8);
            self.out.put_u16(value);
        }
    }

    pub(crate) fn u32(&mut self, id: PropertyId, value: Option<u32>) {
        if let Some(value) = value {
            self.out.put_u8(id as u8);
            self.out.put_u32(value);
        }
    }

    pub(crate) fn binary<T: AsRef<[u8]>>(&mut self, id: PropertyId, value: Option<T>) {
        if let Some(value) = value {
            self.out.put_u8(id as u8);
            self.out.put_binary(value.as_ref());
        }
    }

    pub(crate) fn subscription_identifier(&mut self, value: u32) {
        self.out.put_u8(PropertyId::SubscriptionIdentifier as u8);
        self.out.put_subscription_identifier(value);
    }

    pub(crate) fn user(&mut self, list: &[UserProperty]) {
        for (name, value) in list {
            self.out.put_u8(PropertyId::UserProperty as u8);
            self.out.put_binary(name.as_bytes());
            self.out.put_binary(value.as_bytes());
        }
    }
}
