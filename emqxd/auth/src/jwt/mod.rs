//! JSON Web Tokens (RFC 7519): whether a token is genuine, in time, and says what it has to say.
//!
//! A [`Verifier`] is made of one secret, one public key, or a key set (RFC 7517), and accepts the algorithms of those
//! keys only, whatever a token's header asks for: no `none`, no HMAC with a public key. [`Verifier::verify`] judges for a
//! time that is handed in; [`Claims::check`] compares claims with what the configuration wants of this client. Fetching
//! and renewing key sets is up to the caller: [`JwtError::UnknownKeyId`] says when it is worth trying.

mod claims;
mod error;
mod keys;
mod strength;

pub use self::claims::{ClaimCheck, Claims, Subject, TemplateError};
pub use self::error::{JwtError, KeyError};
pub use self::keys::{JWKS_BYTES_MAX, JWKS_KEYS_MAX, KEY_BYTES_MAX, KeySet, SkippedKey};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use self::keys::Key;

/// Longest token: what fits into MQTT's password or user name.
pub const TOKEN_BYTES_MAX: usize = 65_535;
/// Longest header of a token, as text.
const HEADER_BYTES_MAX: usize = 4096;

/// The keys that tokens are checked with. Prints without them.
pub struct Verifier {
    keys: KeySet,
}

/// What counts of a token's header (RFC 7515, section 4.1).
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    /// Extensions that a reader must understand; none is.
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

impl Verifier {
    /// Tokens signed with a shared secret: HS256, HS384, HS512.
    ///
    /// # Errors
    /// The secret is empty, or longer than any.
    pub fn hmac(secret: &[u8]) -> Result<Self, KeyError> {
        keys::hmac(secret).map(Self::of)
    }

    /// As [`Self::hmac`], of a secret that is written in base64 (EMQX's `secret_base64_encoded`).
    ///
    /// # Errors
    /// It is no base64.
    pub fn hmac_base64(secret: &str) -> Result<Self, KeyError> {
        keys::hmac_base64(secret).map(Self::of)
    }

    /// Tokens signed with the private half of this key: RSA (RS256 to PS512), ECDSA (ES256, ES384) or Ed25519 (EdDSA).
    ///
    /// # Errors
    /// It is no public key in PEM, or one that signatures are not verified with, such as RSA of 1024 bits.
    pub fn public_key_pem(pem: &[u8]) -> Result<Self, KeyError> {
        keys::public_key_pem(pem).map(Self::of)
    }

    /// Tokens signed with one of the keys of a JWKS document. Keys of kinds that are not known, secret keys and keys for
    /// encryption are left out; so are those that are too weak, which [`KeySet::skipped`] names.
    ///
    /// # Errors
    /// It is no such document, or no key is left.
    pub fn jwks(document: &[u8]) -> Result<Self, KeyError> {
        keys::jwks(document).map(Self::of)
    }

    fn of(keys: KeySet) -> Self {
        Self { keys }
    }

    /// Its keys, for a line that says what was loaded.
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// The claims of a token that is genuine and in time. `now` is Unix seconds; there is no leeway, as in EMQX.
    ///
    /// # Errors
    /// See [`JwtError`]. Nothing of the token is in it but names of claims and of its key.
    pub fn verify(&self, token: &[u8], now: i64) -> Result<Claims, JwtError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(JwtError::TooLong);
        }
        let token = std::str::from_utf8(token).map_err(|_| JwtError::Malformed("it is not text"))?;
        let header = header(token)?;
        let claims = self.verify_signature(token, &header)?;
        claims.check_times(now)?;
        Ok(claims)
    }

    fn verify_signature(&self, token: &str, header: &Header) -> Result<Claims, JwtError> {
        let algorithm = keys::algorithm(&header.alg).ok_or_else(|| JwtError::algorithm(&header.alg))?;
        let mut candidates = self.keys.candidates(header.kid.as_deref()).peekable();
        if candidates.peek().is_none() {
            return Err(JwtError::unknown_key_id(header.kid.as_deref().unwrap_or_default()));
        }
        let mut usable = candidates.filter(|key: &&Key| key.accepts(algorithm)).peekable();
        if usable.peek().is_none() {
            return Err(JwtError::algorithm(&header.alg));
        }
        for key in usable {
            match key.verify(token, algorithm) {
                Err(JwtError::InvalidSignature) => {}
                decided => return decided.map(Claims::new),
            }
        }
        Err(JwtError::InvalidSignature)
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verifier {{ {:?} }}", self.keys)
    }
}

fn header(token: &str) -> Result<Header, JwtError> {
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(JwtError::Malformed("it does not have three parts"));
    };
    if header.len() > HEADER_BYTES_MAX {
        return Err(JwtError::Malformed("its header is too long"));
    }
    let json = URL_SAFE_NO_PAD
        .decode(header)
        .map_err(|_| JwtError::Malformed("its header is not base64url"))?;
    let header: Header =
        serde_json::from_slice(&json).map_err(|_| JwtError::Malformed("its header is no JSON object with `alg`"))?;
    if header.crit.is_some() {
        return Err(JwtError::Malformed(
            "it demands an extension that is not known (`crit`)",
        ));
    }
    Ok(header)
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
