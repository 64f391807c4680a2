//! Bodies of frames: the only place that names `bincode`.
//!
//! [`encode`] and [`decode`] work on [`Wire`] types, each of which says how much its decoding may
//! claim. bincode's own limit counts what the values occupy once decoded (eight bytes for every
//! integer, however short it was on the wire), so it is a multiple of the frame limit; it is what
//! bounds an allocation for a forged string length. Element counts are bounded in [`crate::rows`].

use bincode::config::{Configuration, Limit, Varint};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::frame::{ID_BYTES, REPLY_BYTES_MAX, REQUEST_BYTES_MAX};
use crate::{Reply, Request, Welcome};

type Limited<const BYTES: usize> = Configuration<bincode::config::LittleEndian, Varint, Limit<BYTES>>;

const REQUEST_CLAIM_MAX: usize = 2 * REQUEST_BYTES_MAX;
const REPLY_CLAIM_MAX: usize = 8 * REPLY_BYTES_MAX;

/// A value could not be encoded, or is longer than a frame may be.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// Longer than its frame may be.
    #[error("{length} bytes do not fit into a message of {limit}")]
    TooLong {
        /// Bytes of the encoded value.
        length: usize,
        /// Bytes a frame of that direction may carry.
        limit: usize,
    },
    /// The encoder refused; it cannot happen with the types of this crate.
    #[error("the message cannot be encoded: {0}")]
    Encoder(String),
}

/// The bytes are not a value of the expected type.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The bytes make no sense; the text is for a log, not for a person.
    #[error("the message cannot be understood: {0}")]
    Malformed(String),
    /// A whole value was read and bytes are left.
    #[error("the message has {left} bytes too many")]
    TrailingBytes {
        /// How many.
        left: usize,
    },
}

/// What travels as the body of a frame.
pub trait Wire: Serialize + DeserializeOwned + sealed::Sealed {
    #[doc(hidden)]
    const BODY_BYTES_MAX: usize;
    #[doc(hidden)]
    fn decode_limited(bytes: &[u8]) -> Result<(Self, usize), bincode::error::DecodeError>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! wire {
    ($type:ty, $frame:expr, $claim:expr) => {
        impl sealed::Sealed for $type {}
        impl Wire for $type {
            const BODY_BYTES_MAX: usize = $frame - ID_BYTES;
            fn decode_limited(bytes: &[u8]) -> Result<(Self, usize), bincode::error::DecodeError> {
                let config: Limited<{ $claim }> = bincode::config::standard().with_limit::<{ $claim }>();
                bincode::serde::decode_from_slice(bytes, config)
            }
        }
    };
}

wire!(Request, REQUEST_BYTES_MAX, REQUEST_CLAIM_MAX);
wire!(Reply, REPLY_BYTES_MAX, REPLY_CLAIM_MAX);
wire!(Welcome, REQUEST_BYTES_MAX, REQUEST_CLAIM_MAX);

/// Turns a value into the body of a frame.
///
/// # Errors
/// [`EncodeError::TooLong`] if no frame of that direction could carry it.
pub fn encode<T: Wire>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let body = bincode::serde::encode_to_vec(value, bincode::config::standard())
        .map_err(|error| EncodeError::Encoder(error.to_string()))?;
    if body.len() > T::BODY_BYTES_MAX {
        return Err(EncodeError::TooLong {
            length: body.len(),
            limit: T::BODY_BYTES_MAX,
        });
    }
    Ok(body)
}

/// Reads a value that must be the whole of `bytes`.
///
/// # Errors
/// [`DecodeError`], also when a limit of memory or of elements is met.
pub fn decode<T: Wire>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (value, used) = T::decode_limited(bytes).map_err(|error| DecodeError::Malformed(error.to_string()))?;
    match bytes.len().saturating_sub(used) {
        0 => Ok(value),
        left => Err(DecodeError::TrailingBytes { left }),
    }
}

/// How many bytes a part of a message takes once encoded; used to cut lists into frames.
pub(crate) fn encoded_length(value: &impl Serialize) -> usize {
    let mut counter = bincode::enc::write::SizeWriter::default();
    // Counting cannot fail on plain data; a type that cannot be encoded fails in `encode`.
    let _ = bincode::serde::encode_into_writer(value, &mut counter, bincode::config::standard());
    counter.bytes_written
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_must_be_the_whole_body() {
        let mut body = encode(&Request::Ping).unwrap();
        assert_eq!(decode::<Request>(&body), Ok(Request::Ping));
        body.push(0);
        assert_eq!(decode::<Request>(&body), Err(DecodeError::TrailingBytes { left: 1 }));
    }

    #[test]
    fn a_forged_string_length_is_refused() {
        let good = encode(&Request::ShowClient {
            client_id: String::new(),
        })
        .unwrap();
        for forged in [
            &[251, 0xff, 0xff][..],
            &[252, 0xff, 0xff, 0xff, 0xff],
            &[253, 0, 0, 0, 0, 0, 1, 0, 0],
            &[253, 255, 255, 255, 255, 255, 255, 255, 255],
            &[254; 17],
        ] {
            let mut body = good[..good.len() - 1].to_vec();
            body.extend_from_slice(forged);
            assert!(decode::<Request>(&body).is_err(), "{forged:?}");
        }
    }

    #[test]
    fn a_request_longer_than_a_frame_is_not_encoded() {
        let long = Request::ShowClient {
            client_id: "x".repeat(REQUEST_BYTES_MAX),
        };
        assert!(matches!(encode(&long), Err(EncodeError::TooLong { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
            let _ = decode::<Request>(&bytes);
            let _ = decode::<Reply>(&bytes);
            let _ = decode::<Welcome>(&bytes);
        }

        #[test]
        fn a_known_verb_with_random_arguments_never_panics(
            verb in 0_u8..64,
            rest in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut bytes = vec![verb];
            bytes.extend_from_slice(&rest);
            if let Ok(request) = decode::<Request>(&bytes) {
                prop_assert_eq!(decode::<Request>(&encode(&request).unwrap()), Ok(request));
            }
        }
    }
}
