//! How a value lies in the store: a byte for the format, a checksum, the value as JSON.
//!
//! `store.rs` writes and reads everything this way. JSON by name, so that a later version can add fields; the
//! checksum tells a damaged record from one that was never written by us.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The format written.
const FORMAT: u8 = 1;
/// Format byte and checksum.
const HEADER_BYTES: usize = 5;

/// Why a record cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RecordError {
    /// Not what was written.
    #[error("{0}")]
    Damaged(String),
    /// A later version wrote it.
    #[error("written by a newer emqxd (format {0}, this one reads {FORMAT})")]
    Newer(u8),
}

/// The bytes of a value.
pub(super) fn encode(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![FORMAT, 0, 0, 0, 0];
    serde_json::to_writer(&mut bytes, value).expect("plain data with text keys has a JSON form");
    let checksum = crc32fast::hash(&bytes[HEADER_BYTES..]);
    bytes[1..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The value of bytes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RecordError> {
    let damaged = |what: &str| RecordError::Damaged(format!("{what}, in a record of {} bytes", bytes.len()));
    let (header, body) = bytes
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or_else(|| damaged("no header"))?;
    let [format, checksum @ ..] = *header;
    if crc32fast::hash(body) != u32::from_le_bytes(checksum) {
        return Err(damaged("the checksum does not match"));
    }
    if format > FORMAT {
        return Err(RecordError::Newer(format));
    }
    // serde's error may quote the value, which may be a secret: its place is enough.
    serde_json::from_slice(body).map_err(|error| damaged(&format!("no such value at column {}", error.column())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_and_each_changed_bit_is_noticed() {
        let bytes = encode(&("emqx@127.0.0.1", 7_u64));
        assert_eq!(decode::<(String, u64)>(&bytes), Ok(("emqx@127.0.0.1".to_owned(), 7)));
        for bit in 8..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(
                matches!(decode::<(String, u64)>(&changed), Err(RecordError::Damaged(_))),
                "bit {bit}"
            );
        }
        for length in 0..bytes.len() {
            assert!(decode::<(String, u64)>(&bytes[..length]).is_err());
        }
    }

    #[test]
    fn a_record_of_a_later_format_is_told_from_a_damaged_one() {
        let mut bytes = encode(&1_u64);
        bytes[0] = FORMAT + 1;
        assert_eq!(decode::<u64>(&bytes), Err(RecordError::Newer(FORMAT + 1)));
    }
}
