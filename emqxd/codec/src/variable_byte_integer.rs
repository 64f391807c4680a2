//! Variable Byte Integer (MQTT 5, 1.5.5): seven bits a byte, least significant first, four bytes at most.

use crate::DecodeError;

/// The largest value, 268,435,455.
pub(crate) const MAX: usize = 0x0FFF_FFFF;

/// The value at the front of `bytes`, how many bytes it takes, and whether that is the shortest form.
/// `None`: the bytes end within it.
#[inline]
pub(crate) fn decode(bytes: &[u8]) -> Result<Option<(u32, usize, bool)>, DecodeError> {
    let mut value = 0_u32;
    for (index, &byte) in bytes.iter().take(4).enumerate() {
        value |= u32::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            let is_minimal = index == 0 || byte != 0;
            return Ok(Some((value, index + 1, is_minimal)));
        }
    }
    if bytes.len() < 4 {
        Ok(None)
    } else {
        Err(DecodeError::VariableByteIntegerTooLong)
    }
}

/// The bytes of `value`, of which the first `len` count. `value` is at most [`MAX`].
#[inline]
pub(crate) fn encode(value: usize) -> ([u8; 4], usize) {
    let mut bytes = [0; 4];
    let mut rest = value & MAX;
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = (rest & 0x7F) as u8;
        rest >>= 7;
        if rest == 0 {
            return (bytes, index + 1);
        }
        *byte |= 0x80;
    }
    (bytes, 4)
}

/// How many bytes `value` takes.
#[inline]
pub(crate) fn len(value: usize) -> usize {
    match value {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x1F_FFFF => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value would take minutes in a debug build; these are all of up to three bytes' neighbours
    /// and a stride of a prime through the rest.
    #[test]
    fn every_value_comes_back_in_as_many_bytes_as_it_needs() {
        let check = |value: usize| {
            let (bytes, count) = encode(value);
            assert_eq!(count, len(value), "{value}");
            assert_eq!(
                decode(&bytes[..count]),
                Ok(Some((value as u32, count, true))),
                "{value}"
            );
            for cut in 0..count {
                assert_eq!(decode(&bytes[..cut]), Ok(None), "{value} cut to {cut} bytes");
            }
        };
        (0..=0x20_0000).for_each(check);
        (0x20_0000..=MAX).step_by(997).for_each(check);
        (MAX - 1000..=MAX).for_each(check);
    }

    /// All encodings of up to three bytes, and of four and five the classes that differ: each byte with or
    /// without its continuation bit, with bits of value or without.
    #[test]
    fn every_encoding_is_taken_or_refused_as_the_specification_says() {
        for bytes in 0..=0xFF_FFFF_u32 {
            let bytes = &bytes.to_be_bytes()[1..];
            assert_eq!(decode(bytes), by_the_book(bytes), "{bytes:02x?}");
        }
        let classes = [0x00, 0x01, 0x7F, 0x80, 0x81, 0xFF];
        for combination in 0..classes.len().pow(5) {
            let bytes: Vec<u8> = (0..5)
                .map(|n| classes[combination / classes.len().pow(n) % classes.len()])
                .collect();
            assert_eq!(decode(&bytes), by_the_book(&bytes), "{bytes:02x?}");
        }
    }

    /// The specification's own algorithm, with the rule of the shortest form as "encoding it again gives
    /// the same bytes".
    fn by_the_book(bytes: &[u8]) -> Result<Option<(u32, usize, bool)>, DecodeError> {
        let (mut multiplier, mut value) = (1_u64, 0_u64);
        for (index, byte) in bytes.iter().enumerate() {
            if multiplier > 128 * 128 * 128 {
                return Err(DecodeError::VariableByteIntegerTooLong);
            }
            value += u64::from(byte & 127) * multiplier;
            multiplier *= 128;
            if byte & 128 == 0 {
                let count = index + 1;
                return Ok(Some((value as u32, count, len(value as usize) == count)));
            }
        }
        if bytes.len() < 4 {
            Ok(None)
        } else {
            Err(DecodeError::VariableByteIntegerTooLong)
        }
    }
}
