//! Where encoded fields go: into a buffer, or only counted.
//!
//! A packet's encoder is written once against [`Output`]. It runs first on a [`ByteCount`], which gives the
//! length that the fixed header needs and finds what cannot be encoded, then on the buffer. So the
//! announced length and the bytes written cannot differ.

use bytes::{BufMut, BytesMut};

use crate::{EncodeError, variable_byte_integer};

/// Takes the fields of a packet in their order.
pub(crate) trait Output {
    fn put_u8(&mut self, value: u8);
    fn put_u16(&mut self, value: u16);
    fn put_u32(&mut self, value: u32);
    fn put_bytes(&mut self, bytes: &[u8]);

    /// Says that the packet cannot be encoded. Only the count listens: it runs first.
    fn fail(&mut self, error: EncodeError);

    /// A string or binary data with its two bytes of length.
    #[inline]
    fn put_binary(&mut self, bytes: &[u8]) {
        match u16::try_from(bytes.len()) {
            Ok(len) => self.put_u16(len),
            Err(_) => {
                self.fail(EncodeError::FieldTooLong { len: bytes.len() });
                self.put_u16(u16::MAX);
            }
        }
        self.put_bytes(bytes);
    }

    /// A length; more than four bytes' worth cannot be encoded.
    fn put_variable_byte_integer(&mut self, value: usize) {
        if value > variable_byte_integer::MAX {
            self.fail(EncodeError::PacketTooLarge { len: value });
        }
        let (bytes, len) = variable_byte_integer::encode(value);
        self.put_bytes(bytes.get(..len).unwrap_or(&bytes));
    }

    /// A subscription identifier, 1 to 268,435,455.
    fn put_subscription_identifier(&mut self, value: u32) {
        if value == 0 || value as usize > variable_byte_integer::MAX {
            self.fail(EncodeError::InvalidSubscriptionIdentifier(value));
        }
        let (bytes, len) = variable_byte_integer::encode(value as usize);
        self.put_bytes(bytes.get(..len).unwrap_or(&bytes));
    }
}

/// Counts what would be written, and keeps the first reason why it cannot be.
#[derive(Debug, Default)]
pub(crate) struct ByteCount {
    pub(crate) len: usize,
    pub(crate) error: Option<EncodeError>,
}

impl Output for ByteCount {
    #[inline]
    fn put_u8(&mut self, _: u8) {
        self.len += 1;
    }

    #[inline]
    fn put_u16(&mut self, _: u16) {
        self.len += 2;
    }

    #[inline]
    fn put_u32(&mut self, _: u32) {
        self.len += 4;
    }

    #[inline]
    fn put_bytes(&mut self, bytes: &[u8]) {
        self.len += bytes.len();
    }

    fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }
}

impl Output for BytesMut {
    #[inline]
    fn put_u8(&mut self, value: u8) {
        BufMut::put_u8(self, value);
    }

    #[inline]
    fn put_u16(&mut self, value: u16) {
        BufMut::put_u16(self, value);
    }

    #[inline]
    fn put_u32(&mut self, value: u32) {
        BufMut::put_u32(self, value);
    }

    #[inline]
    fn put_bytes(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    fn fail(&mut self, error: EncodeError) {
        debug_assert!(false, "the count comes first and finds this: {error}");
    }
}
