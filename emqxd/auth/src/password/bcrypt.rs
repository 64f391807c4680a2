//! bcrypt's text form, `$2b$<cost>$<salt><hash>`: made and read here, so that no record can make the library underneath
//! fail or take longer than [`BCRYPT_COST_MAX`] allows.
//!
//! As everywhere, bytes behind the 72nd of a password do not count.

use base64::Engine;
use base64::alphabet::BCRYPT;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::algorithm::{BCRYPT_COST_MAX, BCRYPT_COST_MIN};
use super::stored::RANDOM_BYTES;
use crate::equal;

/// Bytes of a password, with the zero behind it, that count.
const PASSWORD_BYTES: usize = 72;
/// Bytes of the hash that the text form holds; the last of 24 is left out since 1999.
const HASH_BYTES: usize = 23;
const SALT_CHARACTERS: usize = 22;
const HASH_CHARACTERS: usize = 31;

/// Its own alphabet; the last character of a salt may carry bits that mean nothing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &BCRYPT,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// What a text form says.
pub(super) struct Parts {
    pub(super) cost: u32,
    salt: [u8; RANDOM_BYTES],
    hash: [u8; HASH_BYTES],
}

/// Reads a text form; `None` for anything else.
pub(super) fn parse(text: &str) -> Option<Parts> {
    let rest = ["$2a$", "$2b$", "$2x$", "$2y$"]
        .into_iter()
        .find_map(|version| text.strip_prefix(version))?;
    let (cost, rest) = rest.split_once('$')?;
    let is_cost = cost.len() == 2 && cost.bytes().all(|digit| digit.is_ascii_digit());
    if !is_cost || !rest.is_ascii() || rest.len() != SALT_CHARACTERS + HASH_CHARACTERS {
        return None;
    }
    let (salt, hash) = rest.split_at(SALT_CHARACTERS);
    Some(Parts {
        cost: cost.parse().ok()?,
        salt: BASE64.decode(salt).ok()?.try_into().ok()?,
        hash: BASE64.decode(hash).ok()?.try_into().ok()?,
    })
}

/// Whether the password is the one; no for a text that is no hash, or one that costs too much.
pub(super) fn verify(text: &str, password: &[u8]) -> bool {
    let allowed = BCRYPT_COST_MIN..=BCRYPT_COST_MAX;
    match parse(text).filter(|parts| allowed.contains(&parts.cost)) {
        Some(parts) => equal::in_constant_time(&derive(parts.cost, parts.salt, password), &parts.hash),
        None => false,
    }
}

/// The text form of a new hash.
pub(super) fn hash(cost: u32, salt: &[u8; RANDOM_BYTES], password: &[u8]) -> String {
    let cost = cost.clamp(BCRYPT_COST_MIN, BCRYPT_COST_MAX);
    text_form(cost, salt, &derive(cost, *salt, password))
}

/// A text form that no password matches.
pub(super) fn decoy(cost: u32, random: &[u8; RANDOM_BYTES]) -> String {
    let cost = cost.clamp(BCRYPT_COST_MIN, BCRYPT_COST_MAX);
    let mut hash = [0; HASH_BYTES];
    for (byte, random) in hash.iter_mut().zip(random.iter().cycle()) {
        *byte = *random;
    }
    text_form(cost, random, &hash)
}

fn text_form(cost: u32, salt: &[u8], hash: &[u8]) -> String {
    format!("$2b${cost:02}${}{}", BASE64.encode(salt), BASE64.encode(hash))
}

fn derive(cost: u32, salt: [u8; RANDOM_BYTES], password: &[u8]) -> [u8; HASH_BYTES] {
    let mut key = Zeroizing::new([password, &[0]].concat());
    key.truncate(PASSWORD_BYTES);
    let [hash @ .., _] = bcrypt::bcrypt(cost, salt, &key);
    hash
}
