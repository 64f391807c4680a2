//! A hash as a user database keeps it, and whether it can be one at all.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::algorithm::{Algorithm, BCRYPT_COST_MAX, BCRYPT_COST_MIN};
use super::bcrypt;

/// Random bytes that a new hash or a decoy takes.
pub const RANDOM_BYTES: usize = 16;
/// Longest hash or salt that is kept.
const TEXT_BYTES_MAX: usize = 1024;

/// A password, hashed, with its salt. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPassword {
    #[serde(rename = "password_hash")]
    hash: String,
    #[serde(default)]
    salt: String,
}

impl StoredPassword {
    /// Of the two texts that EMQX keeps.
    pub fn new(hash: String, salt: String) -> Self {
        Self { hash, salt }
    }

    /// EMQX's `password_hash`.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// EMQX's `salt`.
    pub fn salt(&self) -> &str {
        &self.salt
    }
}

impl fmt::Debug for StoredPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Drop for StoredPassword {
    fn drop(&mut self) {
        self.hash.zeroize();
        self.salt.zeroize();
    }
}

/// Why a text is no hash of an algorithm: nobody could ever log in with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashProblem {
    /// There is nothing.
    #[error("the password hash is empty")]
    Empty,
    /// More than any hash has.
    #[error("the {0} is longer than {TEXT_BYTES_MAX} bytes")]
    TooLong(&'static str),
    /// Not as many hex digits as the algorithm gives.
    #[error("{algorithm} gives {wanted} hex digits, this is not such a text (it has {found} bytes)")]
    NotHex {
        /// Its name.
        algorithm: &'static str,
        /// How many digits.
        wanted: usize,
        /// How many bytes.
        found: usize,
    },
    /// Not `$2b$<cost>$...`.
    #[error("it is no bcrypt hash: $2b$, two digits, $, 53 letters, digits, dots and slashes")]
    NotBcrypt,
    /// It would take minutes to check.
    #[error("its cost is {0}; {BCRYPT_COST_MIN} to {BCRYPT_COST_MAX} are allowed")]
    BcryptCost(u32),
}

impl Algorithm {
    /// Whether a hash that came from outside can be one of this algorithm.
    ///
    /// # Errors
    /// See [`HashProblem`]; no text of it holds the hash.
    pub fn check_stored(&self, stored: &StoredPassword) -> Result<(), HashProblem> {
        let (hash, salt) = (stored.hash(), stored.salt());
        for (what, text) in [("password hash", hash), ("salt", salt)] {
            if text.len() > TEXT_BYTES_MAX {
                return Err(HashProblem::TooLong(what));
            }
        }
        if hash.is_empty() {
            return Err(HashProblem::Empty);
        }
        match self {
            Self::Plain(_) => Ok(()),
            Self::Bcrypt { .. } => match bcrypt::parse(hash) {
                None => Err(HashProblem::NotBcrypt),
                Some(parts) if !(BCRYPT_COST_MIN..=BCRYPT_COST_MAX).contains(&parts.cost) => {
                    Err(HashProblem::BcryptCost(parts.cost))
                }
                Some(_) => Ok(()),
            },
            _ => {
                let wanted = self.output_bytes() * 2;
                let is_hex = hash.len() == wanted && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
                let found = hash.len();
                let algorithm = self.name();
                is_hex.then_some(()).ok_or(HashProblem::NotHex {
                    algorithm,
                    wanted,
                    found,
                })
            }
        }
    }
}
