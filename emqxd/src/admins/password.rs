//! Hashes of passwords: PBKDF2 with HMAC-SHA-256 (RFC 8018), a salt for each, as many rounds as OWASP asks for.
//!
//! One hash takes a good part of a second of a processor: callers run it on a blocking thread, few at a time.

use std::fs::File;
use std::io::{self, Read};

use hmac::Hmac;
use sha2::Sha256;

use crate::state::PasswordHash;

/// Rounds of a new hash.
pub const ROUNDS: u32 = 600_000;
/// Rounds for a password that is printed in every manual: nothing can protect it, so no start has to wait for it.
pub const ROUNDS_OF_A_KNOWN_PASSWORD: u32 = 1000;
/// Rounds of a hash that came from outside; more would be an attack.
const ROUNDS_MAX: u32 = 10_000_000;
const NAME: &str = "pbkdf2-sha256";

/// Bytes of salt.
pub const SALT_BYTES: usize = 16;
const KEY_BYTES: usize = 32;

/// A salt from the system's random source.
pub fn new_salt() -> io::Result<[u8; SALT_BYTES]> {
    let mut salt = [0; SALT_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut salt)?;
    Ok(salt)
}

/// Hashes a password.
pub fn hash(password: &str, salt: &[u8], rounds: u32) -> PasswordHash {
    text_form(rounds, salt, &derive(password, salt, rounds))
}

/// A hash that no password matches: [`verify`] takes as long for it as for one of [`ROUNDS`], making it takes nothing.
pub fn decoy() -> io::Result<PasswordHash> {
    let mut random = [0; SALT_BYTES + KEY_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    let (salt, key) = random.split_at(SALT_BYTES);
    Ok(text_form(ROUNDS, salt, key))
}

fn text_form(rounds: u32, salt: &[u8], key: &[u8]) -> PasswordHash {
    PasswordHash::from_text(format!("${NAME}${rounds}${}${}", to_hex(salt), to_hex(key)))
}

/// Whether a password is the one that was hashed; no for a hash that cannot be read.
pub fn verify(password: &str, hash: &PasswordHash) -> bool {
    let Some((rounds, salt, key)) = parse(hash.as_text()) else {
        return false;
    };
    let found = derive(password, &salt, rounds);
    // As long for a near miss as for a far one.
    found
        .iter()
        .zip(&key)
        .fold(0, |differences, (a, b)| differences | (a ^ b))
        == 0
}

/// Whether a hash that came from outside is one.
pub fn is_hash(hash: &PasswordHash) -> bool {
    parse(hash.as_text()).is_some()
}

fn derive(password: &str, salt: &[u8], rounds: u32) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    pbkdf2::pbkdf2::<Hmac<Sha256>>(password.as_bytes(), salt, rounds, &mut key)
        .expect("HMAC takes a key of any length");
    key
}

fn parse(text: &str) -> Option<(u32, Vec<u8>, [u8; KEY_BYTES])> {
    let mut parts = text.strip_prefix('$')?.split('$');
    if parts.next()? != NAME {
        return None;
    }
    let rounds = parts
        .next()?
        .parse()
        .ok()
        .filter(|rounds| (1..=ROUNDS_MAX).contains(rounds))?;
    let salt = from_hex(parts.next()?)?;
    let key = from_hex(parts.next()?)?.try_into().ok()?;
    parts.next().is_none().then_some((rounds, salt, key))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_of_the_published_test_vector() {
        // RFC 7914, section 11: P="passwd", S="salt", c=1, first 32 of 64 bytes.
        assert_eq!(
            hash("passwd", b"salt", 1).as_text(),
            "$pbkdf2-sha256$1$73616c74$55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        );
    }

    #[test]
    fn a_password_is_known_again_and_no_other_is() {
        let hash = hash("Public_1", &[7; SALT_BYTES], 10);
        assert!(verify("Public_1", &hash));
        assert!(!verify("public_1", &hash));
        assert!(is_hash(&hash));
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for text in [
            "",
            "$",
            "$pbkdf2-sha256$0$00$00",
            "$pbkdf2-sha256$99999999$00$00",
            "$md5$1$00$00",
        ] {
            let hash = PasswordHash::from_text(text.to_owned());
            assert!(!is_hash(&hash) && !verify("", &hash), "{text}");
        }
    }

    #[test]
    fn a_decoy_costs_the_rounds_of_a_real_hash_and_is_another_one_each_time() {
        let decoy = decoy().unwrap();
        let (rounds, salt, _) = parse(decoy.as_text()).unwrap();
        assert_eq!((rounds, salt.len()), (ROUNDS, SALT_BYTES));
        assert_ne!(decoy, super::decoy().unwrap());
    }

    #[test]
    fn two_salts_differ() {
        assert_ne!(new_salt().unwrap(), new_salt().unwrap());
    }
}
