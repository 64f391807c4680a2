//! Passwords against stored hashes, in every form that EMQX stores: plain, md5, sha, sha256, sha512, bcrypt, pbkdf2.
//!
//! An [`Algorithm`] is what the configuration says (EMQX's `password_hash_algorithm`), a [`StoredPassword`] what a user
//! database holds. [`Algorithm::verify`] takes as long for a wrong password as for the right one, and no longer than
//! [`PBKDF2_WORK_MAX`] or [`BCRYPT_COST_MAX`] allow, whatever a record says; it is still far too long for a thread that
//! serves clients. For users that are not there verify against [`Algorithm::decoy`].

mod algorithm;
mod bcrypt;
mod stored;

pub use self::algorithm::{
    Algorithm, AlgorithmError, BCRYPT_COST_MAX, BCRYPT_COST_MIN, DK_LENGTH_MAX, MacFunction, PBKDF2_WORK_MAX,
    SaltPosition,
};
pub use self::stored::{HashProblem, RANDOM_BYTES, StoredPassword};

use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use crate::{equal, hex};

/// Whether `password` is the one that was hashed. As [`Algorithm::verify`].
pub fn verify(algorithm: &Algorithm, stored: &StoredPassword, password: &[u8]) -> bool {
    algorithm.verify(stored, password)
}

/// Hashes a password. As [`Algorithm::hash`].
pub fn hash(algorithm: &Algorithm, password: &str, random: &[u8; RANDOM_BYTES]) -> StoredPassword {
    algorithm.hash(password, random)
}

impl Algorithm {
    /// Whether `password` is the one that was hashed; no for a record that is no hash of this algorithm.
    pub fn verify(&self, stored: &StoredPassword, password: &[u8]) -> bool {
        if stored.hash().is_empty() {
            return false; // Otherwise an empty plain password would do.
        }
        if let Self::Bcrypt { .. } = self {
            return bcrypt::verify(stored.hash(), password);
        }
        if self.check().is_err() {
            return false;
        }
        let found = Zeroizing::new(self.derive(password, stored.salt().as_bytes()));
        match self {
            Self::Plain(_) => equal::in_constant_time(&found, stored.hash().as_bytes()),
            // Some tools write hex in capitals.
            _ => equal::in_constant_time(&found, stored.hash().to_ascii_lowercase().as_bytes()),
        }
    }

    /// Hashes a password; `random` becomes the salt, and must come from the system's random source.
    pub fn hash(&self, password: &str, random: &[u8; RANDOM_BYTES]) -> StoredPassword {
        let password = password.as_bytes();
        match self {
            Self::Bcrypt { salt_rounds } => {
                let hash = bcrypt::hash(*salt_rounds, random, password);
                // EMQX keeps the hash, which holds the salt, in both columns.
                StoredPassword::new(hash.clone(), hash)
            }
            Self::Plain(_) => {
                let salt = String::new();
                StoredPassword::new(text(self.derive(password, salt.as_bytes())), salt)
            }
            _ => {
                // The digits themselves are the salt, not the bytes they stand for.
                let salt = hex::encode(random);
                StoredPassword::new(text(self.derive(password, salt.as_bytes())), salt)
            }
        }
    }

    /// A hash that no password matches, to be verified for users that are not there: it takes as long as a real one.
    /// `random` must come from the system's random source.
    pub fn decoy(&self, random: &[u8; RANDOM_BYTES]) -> StoredPassword {
        let bytes = |length: usize| -> Vec<u8> { random.iter().copied().cycle().take(length).collect() };
        match self {
            Self::Bcrypt { salt_rounds } => {
                let hash = bcrypt::decoy(*salt_rounds, random);
                StoredPassword::new(hash.clone(), hash)
            }
            _ => StoredPassword::new(hex::encode(&bytes(self.output_bytes())), hex::encode(random)),
        }
    }

    /// What is compared with the stored hash: the password itself for `plain`, hex for all others.
    fn derive(&self, password: &[u8], salt: &[u8]) -> Vec<u8> {
        let data = |position: &SaltPosition| -> Zeroizing<Vec<u8>> {
            Zeroizing::new(match position {
                SaltPosition::Prefix => [salt, password].concat(),
                SaltPosition::Suffix => [password, salt].concat(),
                SaltPosition::Disable => password.to_vec(),
            })
        };
        match self {
            Self::Plain(position) => data(position).to_vec(),
            Self::Md5(position) => hex_digest::<Md5>(&data(position)),
            Self::Sha(position) => hex_digest::<Sha1>(&data(position)),
            Self::Sha256(position) => hex_digest::<Sha256>(&data(position)),
            Self::Sha512(position) => hex_digest::<Sha512>(&data(position)),
            Self::Pbkdf2 { mac, iterations, .. } => {
                let mut key = Zeroizing::new(vec![0; self.output_bytes()]);
                mac.pbkdf2(password, salt, *iterations, &mut key);
                hex::encode(&key).into_bytes()
            }
            Self::Bcrypt { .. } => Vec::new(), // Its text form is made and read in `bcrypt.rs`.
        }
    }
}

fn hex_digest<D: Digest>(data: &[u8]) -> Vec<u8> {
    hex::encode(&D::digest(data)).into_bytes()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("hex digits, or a password that was text, with a salt that is")
}

#[cfg(test)]
mod tests;
