//! Reads the fields of one packet, front to back, as slices of the received bytes (MQTT 5, 1.5).
//!
//! [`Reader`] holds the whole packet and a position. Nothing here can read past the packet: every field is
//! taken with a checked length, and inside a property section the end is that of the section.

use bytes::Bytes;
use bytestring::ByteString;

use crate::properties::Property;
use crate::variable_byte_integer;
use crate::{DecodeError, DecodeLimits, PacketId, PacketType, PropertyId, ReasonCode};

/// One packet being read.
pub(crate) struct Reader {
    packet: Bytes,
    packet_type: PacketType,
    at: usize,
    /// End of what may be read: of the packet, or of the property section while in one.
    end: usize,
    in_properties: bool,
    limits: DecodeLimits,
}

impl Reader {
    /// Reads `packet` from `at`, the end of its fixed header.
    #[inline]
    pub(crate) fn new(packet: Bytes, packet_type: PacketType, at: usize, limits: DecodeLimits) -> Self {
        let end = packet.len();
        Self {
            packet,
            packet_type,
            at: at.min(end),
            end,
            in_properties: false,
            limits,
        }
    }

    /// The packet being read, for errors.
    #[inline]
    pub(crate) fn packet_type(&self) -> PacketType {
        self.packet_type
    }

    /// Whether EMQX's `strict_mode` is on.
    #[inline]
    pub(crate) fn is_strict(&self) -> bool {
        self.limits.strict
    }

    /// The bound on user properties in one packet.
    pub(crate) fn max_user_properties(&self) -> usize {
        self.limits.max_user_properties
    }

    /// How far the packet has been read; after an error of a field, as far as that field or the byte at fault.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Whether everything up to the end has been read.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    /// One byte.
    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// Two Byte Integer (1.5.2).
    #[inline]
    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four Byte Integer (1.5.3).
    #[inline]
    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Variable Byte Integer (1.5.5).
    #[inline]
    pub(crate) fn variable_byte_integer(&mut self) -> Result<u32, DecodeError> {
        match variable_byte_integer::decode(self.rest())? {
            Some((value, len, is_minimal)) => {
                if !is_minimal && self.limits.strict {
                    return Err(DecodeError::VariableByteIntegerNotMinimal);
                }
                self.at += len;
                Ok(value)
            }
            None => Err(self.too_short()),
        }
    }

    /// Binary Data (1.5.6): two bytes of length, then that many bytes.
    #[inline]
    pub(crate) fn binary(&mut self) -> Result<Bytes, DecodeError> {
        let len = usize::from(self.u16()?);
        if len > self.end.saturating_sub(self.at) {
            // The length is what is wrong.
            self.at -= 2;
            return Err(self.too_short());
        }
        let start = self.at;
        self.at += len;
        Ok(self.packet.slice(start..self.at))
    }

    /// UTF-8 Encoded String (1.5.4), without U+0000.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<ByteString, DecodeError> {
        let bytes = self.binary()?;
        if let Some(nul) = memchr::memchr(0, &bytes) {
            self.at -= bytes.len() - nul;
            return Err(DecodeError::NulInString);
        }
        let len = bytes.len();
        ByteString::try_from(bytes).map_err(|error| {
            self.at -= len - error.valid_up_to();
            DecodeError::InvalidUtf8
        })
    }

    /// A packet identifier, which is never 0 (2.2.1).
    #[inline]
    pub(crate) fn packet_id(&mut self) -> Result<PacketId, DecodeError> {
        PacketId::new(self.u16()?).ok_or(DecodeError::PacketIdZero(self.packet_type))
    }

    /// A property section (2.2.2): its length, then `read` once for each property in it.
    #[inline]
    pub(crate) fn properties(
        &mut self,
        mut read: impl FnMut(Property<'_>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let len = self.variable_byte_integer()? as usize;
        if len > self.end.saturating_sub(self.at) {
            return Err(DecodeError::PropertyLengthOverrun(self.packet_type));
        }
        let packet_end = self.end;
        self.end = self.at + len;
        self.in_properties = true;
        while !self.is_empty() {
            let number = self.variable_byte_integer()?;
            let id = PropertyId::from_u32(number).ok_or(DecodeError::UnknownProperty(number))?;
            read(Property { id, reader: self })?;
        }
        self.end = packet_end;
        self.in_properties = false;
        Ok(())
    }

    /// A reason code that the packet being read has (2.4).
    pub(crate) fn reason_code(&mut self) -> Result<ReasonCode, DecodeError> {
        let code = self.u8()?;
        ReasonCode::from_u8(code)
            .filter(|reason_code| reason_code.is_defined_for(self.packet_type))
            .ok_or(DecodeError::InvalidReasonCode {
                packet: self.packet_type,
                code,
            })
    }

    /// All that is left, without copying: the payload of a PUBLISH.
    #[inline]
    pub(crate) fn into_rest(self) -> Bytes {
        let mut packet = self.packet;
        bytes::Buf::advance(&mut packet, self.at.min(self.end));
        packet
    }

    /// Refuses bytes after the last field.
    #[inline]
    pub(crate) fn finish(&self) -> Result<(), DecodeError> {
        match self.end.saturating_sub(self.at) {
            0 => Ok(()),
            count => Err(DecodeError::TrailingBytes {
                packet: self.packet_type,
                count,
            }),
        }
    }

    #[inline]
    fn rest(&self) -> &[u8] {
        self.packet.get(self.at..self.end).unwrap_or_default()
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.rest().first_chunk::<N>() {
            Some(bytes) => {
                let bytes = *bytes;
                self.at += N;
                Ok(bytes)
            }
            None => Err(self.too_short()),
        }
    }

    #[cold]
    fn too_short(&self) -> DecodeError {
        if self.in_properties {
            DecodeError::PropertyTruncated(self.packet_type)
        } else {
            DecodeError::Truncated(self.packet_type)
        }
    }
}
