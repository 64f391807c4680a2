//! Which hash, with which parameters: EMQX's `password_hash_algorithm`, and the bounds of what a check may cost.

use hmac::Hmac;
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// Least cost of bcrypt.
pub const BCRYPT_COST_MIN: u32 = 4;
/// Most: some two seconds of a processor for each CONNECT.
pub const BCRYPT_COST_MAX: u32 = 15;
/// Most iterations of PBKDF2, times the blocks of its output: some seconds of a processor.
pub const PBKDF2_WORK_MAX: u64 = 5_000_000;
/// Longest output of PBKDF2, in bytes.
pub const DK_LENGTH_MAX: u32 = 256;

/// How passwords are hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Algorithm {
    /// `plain`: not at all.
    Plain(SaltPosition),
    /// `md5`
    Md5(SaltPosition),
    /// `sha`: SHA-1
    Sha(SaltPosition),
    /// `sha256`, the default.
    Sha256(SaltPosition),
    /// `sha512`
    Sha512(SaltPosition),
    /// `bcrypt`
    Bcrypt {
        /// Of new hashes: the binary logarithm of the rounds. A hash that is there says its own.
        salt_rounds: u32,
    },
    /// `pbkdf2` (RFC 8018)
    Pbkdf2 {
        /// `mac_fun`
        mac: MacFunction,
        /// Rounds.
        iterations: u32,
        /// Bytes of output; `None` for as many as the function gives.
        dk_length: Option<u32>,
    },
}

impl Default for Algorithm {
    fn default() -> Self {
        Self::Sha256(SaltPosition::Prefix)
    }
}

/// Where the salt goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaltPosition {
    /// Before the password.
    #[default]
    Prefix,
    /// Behind it.
    Suffix,
    /// Nowhere.
    Disable,
}

impl SaltPosition {
    /// EMQX's words.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("prefix", Self::Prefix),
        ("suffix", Self::Suffix),
        ("disable", Self::Disable),
    ];

    /// The position of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS
            .into_iter()
            .find(|(known, _)| *known == word)
            .map(|(_, position)| position)
    }
}

/// The hash inside PBKDF2's HMAC: EMQX's `mac_fun`, without `md4` and `ripemd160`, which current OpenSSL refuses, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacFunction {
    /// `md5`
    Md5,
    /// `sha`: SHA-1
    Sha,
    /// `sha224`
    Sha224,
    /// `sha256`
    Sha256,
    /// `sha384`
    Sha384,
    /// `sha512`
    Sha512,
}

impl MacFunction {
    /// EMQX's words.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("md5", Self::Md5),
        ("sha", Self::Sha),
        ("sha224", Self::Sha224),
        ("sha256", Self::Sha256),
        ("sha384", Self::Sha384),
        ("sha512", Self::Sha512),
    ];

    /// The function of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS
            .into_iter()
            .find(|(known, _)| *known == word)
            .map(|(_, mac)| mac)
    }

    /// Bytes that it gives.
    pub const fn output_bytes(self) -> u32 {
        match self {
            Self::Md5 => 16,
            Self::Sha => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Fills `key`.
    pub(super) fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
        let derived = match self {
            Self::Md5 => pbkdf2::pbkdf2::<Hmac<Md5>>(password, salt, iterations, key),
            Self::Sha => pbkdf2::pbkdf2::<Hmac<Sha1>>(password, salt, iterations, key),
            Self::Sha224 => pbkdf2::pbkdf2::<Hmac<Sha224>>(password, salt, iterations, key),
            Self::Sha256 => pbkdf2::pbkdf2::<Hmac<Sha256>>(password, salt, iterations, key),
            Self::Sha384 => pbkdf2::pbkdf2::<Hmac<Sha384>>(password, salt, iterations, key),
            Self::Sha512 => pbkdf2::pbkdf2::<Hmac<Sha512>>(password, salt, iterations, key),
        };
        derived.expect("HMAC takes a key of any length");
    }
}

/// A parameter that would make a check cost too much, or nothing at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}; {allowed} are allowed")]
pub struct AlgorithmError {
    /// EMQX's key, such as `salt_rounds`.
    pub name: &'static str,
    /// What it is.
    pub value: u64,
    /// What it may be.
    pub allowed: String,
}

impl Algorithm {
    /// EMQX's word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Plain(_) => "plain",
            Self::Md5(_) => "md5",
            Self::Sha(_) => "sha",
            Self::Sha256(_) => "sha256",
            Self::Sha512(_) => "sha512",
            Self::Bcrypt { .. } => "bcrypt",
            Self::Pbkdf2 { .. } => "pbkdf2",
        }
    }

    /// Whether the parameters are within the bounds. One that is not hashes and verifies nothing.
    ///
    /// # Errors
    /// Names the parameter.
    pub fn check(&self) -> Result<(), AlgorithmError> {
        let refuse = |name, value: u64, allowed: String| Err(AlgorithmError { name, value, allowed });
        match *self {
            Self::Bcrypt { salt_rounds } if !(BCRYPT_COST_MIN..=BCRYPT_COST_MAX).contains(&salt_rounds) => {
                let allowed = format!("{BCRYPT_COST_MIN} to {BCRYPT_COST_MAX}");
                refuse("salt_rounds", salt_rounds.into(), allowed)
            }
            Self::Pbkdf2 {
                mac,
                iterations,
                dk_length,
            } => {
                let length = dk_length.unwrap_or(mac.output_bytes());
                if !(1..=DK_LENGTH_MAX).contains(&length) {
                    return refuse("dk_length", length.into(), format!("1 to {DK_LENGTH_MAX}"));
                }
                let blocks = u64::from(length.div_ceil(mac.output_bytes()));
                let most = PBKDF2_WORK_MAX / blocks;
                if !(1..=most).contains(&u64::from(iterations)) {
                    return refuse("iterations", iterations.into(), format!("1 to {most}"));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Bytes of a hash before it is written as hex.
    pub(super) fn output_bytes(&self) -> usize {
        match self {
            Self::Md5(_) => 16,
            Self::Sha(_) => 20,
            Self::Plain(_) | Self::Sha256(_) => 32,
            Self::Sha512(_) => 64,
            Self::Bcrypt { .. } => 0,
            Self::Pbkdf2 { mac, dk_length, .. } => {
                let length = dk_length.unwrap_or(mac.output_bytes()).min(DK_LENGTH_MAX);
                length as usize
            }
        }
    }
}
