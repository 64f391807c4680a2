//! Whether a public key can verify anything, asked when it is read: an RSA key that is too short, or a point that is not
//! on its curve, would refuse every token later on without a word.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind};

use super::error::KeyError;

/// Bits of the modulus of an RSA key that signatures are verified with: RFC 7518, section 3.3, and what the cryptography
/// underneath takes.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Whether signatures of these algorithms can be verified with a public key.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(key: &DecodingKey, algorithms: &[Algorithm]) -> Result<(), KeyError> {
    let parses = |algorithm: &'static dyn VerificationAlgorithm, bytes: &[u8], what| {
        let parsed = ParsedPublicKey::new(algorithm, bytes);
        parsed.map(|_| ()).map_err(|_| KeyError::Unusable(what))
    };
    match (key.family(), key.kind()) {
        (AlgorithmFamily::Rsa, DecodingKeyKind::RsaModulusExponent { n, .. }) => check_bits(bits(n)),
        (AlgorithmFamily::Rsa, DecodingKeyKind::SecretOrDer(der)) => {
            let broken = "it is no RSA key";
            check_bits(bits(modulus(der).ok_or(KeyError::Unusable(broken))?))?;
            parses(&RSA_PKCS1_2048_8192_SHA256, der, broken)
        }
        (AlgorithmFamily::Ec, DecodingKeyKind::SecretOrDer(point)) => {
            let is_p384 = algorithms.contains(&Algorithm::ES384);
            let algorithm: &'static dyn VerificationAlgorithm = if is_p384 {
                &ECDSA_P384_SHA384_FIXED
            } else {
                &ECDSA_P256_SHA256_FIXED
            };
            parses(algorithm, point, "its point is not on its curve")
        }
        (AlgorithmFamily::Ed, DecodingKeyKind::SecretOrDer(point)) => {
            parses(&ED25519, point, "it does not have the 32 bytes of Ed25519")
        }
        _ => Ok(()),
    }
}

fn check_bits(bits: usize) -> Result<(), KeyError> {
    match RSA_BITS.contains(&bits) {
        true => Ok(()),
        false => Err(KeyError::RsaBits(bits)),
    }
}

/// Length of a number in bits.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let number = &number[zeros..];
    let first = number.first().map_or(0, |byte| byte.leading_zeros() as usize);
    number.len() * 8 - first
}

/// The first number of a sequence in DER: RFC 8017, appendix A.1.1.
fn modulus(der: &[u8]) -> Option<&[u8]> {
    let (0x30, sequence) = element(der)? else { return None };
    let (0x02, modulus) = element(sequence)? else {
        return None;
    };
    Some(modulus)
}

/// Tag and content of the first element.
fn element(der: &[u8]) -> Option<(u8, &[u8])> {
    let (&[tag, length], rest) = der.split_first_chunk::<2>()?;
    if length < 0x80 {
        return Some((tag, rest.get(..usize::from(length))?));
    }
    // A key is far shorter than what four bytes of length can say.
    let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7F))?;
    let length = match digits.len() {
        1..=4 => digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)),
        _ => return None,
    };
    Some((tag, rest.get(..length)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_a_number_are_counted_without_its_leading_zeros() {
        for (number, expected) in [
            (&[][..], 0),
            (&[0, 0], 0),
            (&[1], 1),
            (&[0, 0x80, 0], 16),
            (&[0x7F, 0xFF], 15),
        ] {
            assert_eq!(bits(number), expected, "{number:?}");
        }
    }

    #[test]
    fn der_that_is_cut_or_says_too_much_has_no_modulus() {
        let whole = [0x30, 0x08, 0x02, 0x02, 0x01, 0x02, 0x02, 0x02, 0x01, 0x03];
        assert_eq!(modulus(&whole), Some(&[1, 2][..]));
        for cut in 0..whole.len() {
            assert_eq!(modulus(&whole[..cut]), None, "{cut}");
        }
        for bad in [
            &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF][..],
            &[0x30, 0x80, 0x02],
            &[0x30, 0x85, 0, 0, 0, 0, 1, 2],
            &[0x31, 0x02, 0x02, 0x00],
        ] {
            assert_eq!(modulus(bad), None, "{bad:?}");
        }
    }
}
