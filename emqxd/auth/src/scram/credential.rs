//! What is kept of a user's password for SCRAM, and what stands in for a user that is not there.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};
use zeroize::{Zeroize, Zeroizing};

use super::Mechanism;
use crate::equal;

/// Rounds unless the configuration says otherwise, as in EMQX.
pub const ITERATIONS_DEFAULT: u32 = 4096;
/// Least rounds (RFC 7677, section 4).
pub const ITERATIONS_MIN: u32 = 4096;
/// Most rounds: the client has to do them, too.
pub const ITERATIONS_MAX: u32 = 5_000_000;
/// Bytes of a new salt.
const SALT_BYTES: usize = 16;
/// Longest salt that is taken from outside.
const SALT_BYTES_MAX: usize = 256;

/// Salt, rounds and the two keys. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    #[serde(with = "base64_text")]
    salt: Vec<u8>,
    iterations: u32,
    #[serde(with = "base64_text")]
    stored_key: Vec<u8>,
    #[serde(with = "base64_text")]
    server_key: Vec<u8>,
}

/// Why a record is no credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialProblem {
    /// Not base64.
    #[error("{0} is not base64")]
    NotBase64(&'static str),
    /// A key of another hash, or none.
    #[error("{0} does not have the length of the hash")]
    KeyLength(&'static str),
    /// None, or far too long.
    #[error("the salt has no byte, or more than {SALT_BYTES_MAX}")]
    SaltLength,
    /// A client would take minutes, or nothing.
    #[error("{0} iterations; 1 to {ITERATIONS_MAX} are allowed")]
    Iterations(u32),
}

impl Credential {
    /// Of a password, byte for byte. Takes as long as the iterations do. `random` must come from the system's random
    /// source.
    pub fn derive(mechanism: Mechanism, password: &[u8], random: &[u8; SALT_BYTES], iterations: u32) -> Self {
        Self::derive_with_salt(mechanism, password, random, iterations.clamp(1, ITERATIONS_MAX))
    }

    pub(super) fn derive_with_salt(mechanism: Mechanism, password: &[u8], salt: &[u8], iterations: u32) -> Self {
        let mut salted = Zeroizing::new(vec![0; mechanism.output_bytes()]);
        let derived = match mechanism {
            Mechanism::Sha256 => pbkdf2::pbkdf2::<Hmac<Sha256>>(password, salt, iterations, &mut salted),
            Mechanism::Sha512 => pbkdf2::pbkdf2::<Hmac<Sha512>>(password, salt, iterations, &mut salted),
        };
        derived.expect("HMAC takes a key of any length");
        let client_key = Zeroizing::new(mechanism.hmac(&salted, b"Client Key"));
        Self {
            salt: salt.to_vec(),
            iterations,
            stored_key: mechanism.digest(&client_key),
            server_key: mechanism.hmac(&salted, b"Server Key"),
        }
    }

    /// Of the texts in which EMQX keeps and exports them.
    ///
    /// # Errors
    /// See [`CredentialProblem`].
    pub fn from_base64(
        mechanism: Mechanism,
        salt: &str,
        stored_key: &str,
        server_key: &str,
        iterations: u32,
    ) -> Result<Self, CredentialProblem> {
        let decode = |name, text: &str| STANDARD.decode(text).map_err(|_| CredentialProblem::NotBase64(name));
        let credential = Self {
            salt: decode("salt", salt)?,
            iterations,
            stored_key: decode("stored_key", stored_key)?,
            server_key: decode("server_key", server_key)?,
        };
        credential.check(mechanism)?;
        Ok(credential)
    }

    /// Whether it can be one of this mechanism.
    ///
    /// # Errors
    /// See [`CredentialProblem`].
    pub fn check(&self, mechanism: Mechanism) -> Result<(), CredentialProblem> {
        for (name, key) in [("stored_key", &self.stored_key), ("server_key", &self.server_key)] {
            if key.len() != mechanism.output_bytes() {
                return Err(CredentialProblem::KeyLength(name));
            }
        }
        if !(1..=SALT_BYTES_MAX).contains(&self.salt.len()) {
            return Err(CredentialProblem::SaltLength);
        }
        if !(1..=ITERATIONS_MAX).contains(&self.iterations) {
            return Err(CredentialProblem::Iterations(self.iterations));
        }
        Ok(())
    }

    /// The salt.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// Rounds of the password's hash.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Whether a plain password is the one, for clients that send it as it is. Takes as long as the iterations do.
    pub fn verify_password(&self, mechanism: Mechanism, password: &[u8]) -> bool {
        if self.check(mechanism).is_err() {
            return false;
        }
        let found = Self::derive_with_salt(mechanism, password, &self.salt, self.iterations);
        equal::in_constant_time(&found.stored_key, &self.stored_key)
    }

    /// The server's signature if the proof is right (RFC 5802, section 3). The work is the same if it is not.
    pub(super) fn check_proof(&self, mechanism: Mechanism, auth_message: &[u8], proof: &[u8]) -> Option<Vec<u8>> {
        let client_signature = Zeroizing::new(mechanism.hmac(&self.stored_key, auth_message));
        let server_signature = mechanism.hmac(&self.server_key, auth_message);
        let pairs = client_signature.iter().zip(proof);
        let client_key: Zeroizing<Vec<u8>> =
            Zeroizing::new(pairs.map(|(signature, proof)| signature ^ proof).collect());
        let is_right = equal::in_constant_time(&mechanism.digest(&client_key), &self.stored_key);
        (is_right && proof.len() == client_signature.len()).then_some(server_signature)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Drop for Credential {
    fn drop(&mut self) {
        self.stored_key.zeroize();
        self.server_key.zeroize();
    }
}

/// The secret from which credentials of users that are not there are made: the same name gets the same salt each time,
/// as a user that is there does. All nodes of a cluster have the same, and keep it. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct DecoyKey([u8; 32]);

impl DecoyKey {
    /// Of 32 bytes from the system's random source.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// A credential that no password fits.
    pub fn credential(&self, mechanism: Mechanism, username: &str, iterations: u32) -> Credential {
        let make = |purpose: &[u8]| Mechanism::Sha512.hmac(&self.0, &[purpose, username.as_bytes()].concat());
        let cut = |mut bytes: Vec<u8>, length| {
            bytes.truncate(length);
            bytes
        };
        Credential {
            salt: cut(make(b"salt:"), SALT_BYTES),
            iterations,
            stored_key: cut(make(b"stored key:"), mechanism.output_bytes()),
            server_key: cut(make(b"server key:"), mechanism.output_bytes()),
        }
    }
}

impl fmt::Debug for DecoyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Drop for DecoyKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Mechanism {
    const fn output_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
        }
    }

    fn hmac(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => hmac::<Hmac<Sha256>>(key, data),
            Self::Sha512 => hmac::<Hmac<Sha512>>(key, data),
        }
    }
}

fn hmac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// Bytes as base64 in JSON.
mod base64_text {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(|_| de::Error::custom("no base64"))
    }
}
