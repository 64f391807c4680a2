//! AUTH (MQTT 5, 3.15).

use bytes::Bytes;
use bytestring::ByteString;

use crate::decoder::Sender;
use crate::output::Output;
use crate::properties::{Properties, Property, put_properties};
use crate::reader::Reader;
use crate::{DecodeError, PacketType, PropertyId, ReasonCode, UserProperty};

/// A step of enhanced authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// Success, continue or re-authenticate.
    pub reason_code: ReasonCode,
    /// Properties.
    pub properties: AuthProperties,
}

/// Properties of AUTH (MQTT 5, 3.15.2.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthProperties {
    /// Authentication Method.
    pub authentication_method: Option<ByteString>,
    /// Authentication Data.
    pub authentication_data: Option<Bytes>,
    /// Reason String.
    pub reason_string: Option<ByteString>,
    /// User Properties.
    pub user_properties: Vec<UserProperty>,
}

impl Auth {
    pub(crate) fn decode(reader: &mut Reader, sender: Sender) -> Result<Self, DecodeError> {
        let mut properties = AuthProperties::default();
        // An AUTH of no bytes at all is a Success without properties.
        let is_short = reader.is_empty();
        let reason_code = if is_short {
            ReasonCode::Success
        } else {
            reader.reason_code()?
        };
        if sender == Sender::Client && !reason_code.may_come_from_client(PacketType::Auth) {
            let code = reason_code as u8;
            return Err(DecodeError::InvalidReasonCode {
                packet: PacketType::Auth,
                code,
            });
        }
        if !is_short {
            reader.properties(|property| properties.read(property))?;
            if properties.authentication_method.is_none() {
                return Err(DecodeError::MissingAuthenticationMethod);
            }
        }
        Ok(Self {
            reason_code,
            properties,
        })
    }

    pub(crate) fn encode<O: Output>(&self, out: &mut O) {
        if self.reason_code == ReasonCode::Success && self.properties == AuthProperties::default() {
            return;
        }
        out.put_u8(self.reason_code as u8);
        put_properties(out, |out| self.properties.write(out));
    }
}

impl AuthProperties {
    fn read(&mut self, property: Property<'_>) -> Result<(), DecodeError> {
        match property.id {
            PropertyId::AuthenticationMethod => property.string(&mut self.authentication_method),
            PropertyId::AuthenticationData => property.binary(&mut self.authentication_data),
            PropertyId::ReasonString => property.string(&mut self.reason_string),
            PropertyId::UserProperty => property.user(&mut self.user_properties),
            _ => Err(property.not_allowed(PacketType::Auth)),
        }
    }

    fn write(&self, out: &mut Properties<'_>) {
        out.binary(PropertyId::AuthenticationMethod, self.authentication_method.as_ref());
        out.binary(PropertyId::AuthenticationData, self.authentication_data.as_ref());
        out.binary(PropertyId::ReasonString, self.reason_string.as_ref());
        out.user(&self.user_properties);
    }
}
