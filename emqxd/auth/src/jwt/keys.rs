//! Keys that verify tokens, and which algorithms each may be used with.
//!
//! The kind of a key fixes its algorithms here, once, when it is read; a token only chooses among them. The signatures
//! themselves are `jsonwebtoken`'s, on the same cryptography as TLS.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::error::{JwtError, KeyError};
use super::strength;

/// Longest secret, or public key in PEM.
pub const KEY_BYTES_MAX: usize = 64 * 1024;
/// Longest JWKS document.
pub const JWKS_BYTES_MAX: usize = 256 * 1024;
/// Keys of a document that are used: a token that names none is tried with each.
pub const JWKS_KEYS_MAX: usize = 64;

const HMAC: &[Algorithm] = &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
const RSA: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];
const P256: &[Algorithm] = &[Algorithm::ES256];
const P384: &[Algorithm] = &[Algorithm::ES384];
const ED25519: &[Algorithm] = &[Algorithm::EdDSA];

/// The algorithm of a header's word; `none` is not among them.
pub(super) fn algorithm(word: &str) -> Option<Algorithm> {
    let known = [HMAC, RSA, P256, P384, ED25519].concat();
    known.into_iter().find(|algorithm| name(*algorithm) == word)
}

const fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::HS256 => "HS256",
        Algorithm::HS384 => "HS384",
        Algorithm::HS512 => "HS512",
        Algorithm::RS256 => "RS256",
        Algorithm::RS384 => "RS384",
        Algorithm::RS512 => "RS512",
        Algorithm::PS256 => "PS256",
        Algorithm::PS384 => "PS384",
        Algorithm::PS512 => "PS512",
        Algorithm::ES256 => "ES256",
        Algorithm::ES384 => "ES384",
        Algorithm::EdDSA => "EdDSA",
        _ => "",
    }
}

/// One key.
pub(super) struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
}

impl Key {
    fn new(algorithms: &[Algorithm], decoding: DecodingKey) -> Self {
        Self {
            id: None,
            algorithms: algorithms.to_vec(),
            decoding,
        }
    }

    pub(super) fn accepts(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// The claims of a token that this key's other half signed; times are judged by the caller.
    pub(super) fn verify(&self, token: &str, algorithm: Algorithm) -> Result<Map<String, Value>, JwtError> {
        use jsonwebtoken::errors::ErrorKind;
        let mut validation = Validation::new(algorithm);
        // The library would read the system's clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        match jsonwebtoken::decode(token, &self.decoding, &validation) {
            Ok(decoded) => Ok(decoded.claims),
            Err(error) => Err(match error.kind() {
                ErrorKind::InvalidToken | ErrorKind::Base64(_) => JwtError::Malformed("a part of it is not base64url"),
                ErrorKind::Json(_) | ErrorKind::Utf8(_) => JwtError::Malformed("its claims are no JSON object"),
                _ => JwtError::InvalidSignature,
            }),
        }
    }
}

/// The keys of a verifier.
pub struct KeySet {
    keys: Vec<Key>,
    /// The name in a token's header chooses among them.
    is_by_id: bool,
    skipped: Vec<SkippedKey>,
}

/// A key for signatures in a JWKS document that verifies none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    /// Its name, if it has one.
    pub id: Option<String>,
    /// What is wrong with it.
    pub why: KeyError,
}

impl KeySet {
    fn new(keys: Vec<Key>, is_by_id: bool) -> Self {
        // Said and not left to its features: with none or two in the build it would panic at the first token.
        let _installed_before = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let skipped = Vec::new();
        Self {
            keys,
            is_by_id,
            skipped,
        }
    }

    fn of(key: Key) -> Self {
        Self::new(vec![key], false)
    }

    /// Those of its document that are not among them although they are for signatures: tokens signed with them let
    /// nobody in.
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// How many there are; never none.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none; never.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Their names, for those that have one.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| key.id.as_deref())
    }

    /// The keys for a token that names this one.
    pub(super) fn candidates(&self, id: Option<&str>) -> impl Iterator<Item = &Key> {
        let wanted = id.filter(|_| self.is_by_id);
        self.keys
            .iter()
            .filter(move |key| wanted.is_none() || key.id.as_deref() == wanted)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.keys.len())
    }
}

pub(super) fn hmac(secret: &[u8]) -> Result<KeySet, KeyError> {
    if secret.is_empty() {
        return Err(KeyError::EmptySecret);
    }
    if secret.len() > KEY_BYTES_MAX {
        return Err(KeyError::TooLong(KEY_BYTES_MAX));
    }
    Ok(KeySet::of(Key::new(HMAC, DecodingKey::from_secret(secret))))
}

pub(super) fn hmac_base64(secret: &str) -> Result<KeySet, KeyError> {
    let secret = secret.trim();
    if secret.len() > KEY_BYTES_MAX {
        return Err(KeyError::TooLong(KEY_BYTES_MAX));
    }
    let decoded = STANDARD.decode(secret).or_else(|_| STANDARD_NO_PAD.decode(secret));
    hmac(&Zeroizing::new(decoded.map_err(|_| KeyError::NotBase64)?))
}

pub(super) fn public_key_pem(pem: &[u8]) -> Result<KeySet, KeyError> {
    if pem.len() > KEY_BYTES_MAX {
        return Err(KeyError::TooLong(KEY_BYTES_MAX));
    }
    let text = std::str::from_utf8(pem).map_err(|_| KeyError::NotPem("it is not text"))?;
    if text.contains("PRIVATE KEY-----") {
        return Err(KeyError::PrivateKey);
    }
    let key = if let Ok(key) = DecodingKey::from_rsa_pem(pem) {
        Key::new(RSA, key)
    } else if let Ok(key) = DecodingKey::from_ec_pem(pem) {
        Key::new(
            key.try_get_as_bytes()
                .ok()
                .and_then(curve)
                .ok_or(KeyError::NotPem("its curve is not P-256 or P-384"))?,
            key,
        )
    } else if let Ok(key) = DecodingKey::from_ed_pem(pem) {
        Key::new(ED25519, key)
    } else {
        return Err(KeyError::NotPem("no RSA, P-256, P-384 or Ed25519 key is in it"));
    };
    strength::check(&key.decoding, &key.algorithms)?;
    Ok(KeySet::of(key))
}

/// The algorithms of a public point: a byte for its form, then two coordinates.
fn curve(point: &[u8]) -> Option<&'static [Algorithm]> {
    match point.len() {
        65 => Some(P256),
        97 => Some(P384),
        _ => None,
    }
}

pub(super) fn jwks(document: &[u8]) -> Result<KeySet, KeyError> {
    if document.len() > JWKS_BYTES_MAX {
        return Err(KeyError::TooLong(JWKS_BYTES_MAX));
    }
    let document: Value = serde_json::from_slice(document).map_err(|_| KeyError::NotJwks("it is no JSON"))?;
    let listed = document.get("keys").and_then(Value::as_array);
    let listed = listed.ok_or(KeyError::NotJwks("it has no list \"keys\""))?;
    // One key of a kind that is not known leaves the others in force.
    let (mut keys, mut skipped) = (Vec::new(), Vec::new());
    for value in listed {
        match jwk(value) {
            Some(Ok(key)) if keys.len() < JWKS_KEYS_MAX => keys.push(key),
            Some(Err(key)) if skipped.len() < JWKS_KEYS_MAX => skipped.push(key),
            _ => {}
        }
    }
    if keys.is_empty() {
        return Err(match skipped.into_iter().next() {
            Some(key) => key.why,
            None => KeyError::NoUsableKey(listed.len()),
        });
    }
    // A name in a token says nothing where no key has one.
    let is_by_id = keys.iter().any(|key| key.id.is_some());
    Ok(KeySet {
        skipped,
        ..KeySet::new(keys, is_by_id)
    })
}

/// A key of a document; `None` for one that is not for signatures, or of a kind that is not known.
fn jwk(value: &Value) -> Option<Result<Key, SkippedKey>> {
    let jwk: Jwk = serde::Deserialize::deserialize(value).ok()?;
    let use_is_other = |wanted: &PublicKeyUse| *wanted != PublicKeyUse::Signature;
    if jwk.common.public_key_use.as_ref().is_some_and(use_is_other) {
        return None;
    }
    let algorithms = algorithms(&jwk, value.get("alg"))?;
    let decoding = DecodingKey::from_jwk(&jwk);
    let id = jwk.common.key_id;
    let usable = match decoding {
        Ok(decoding) => strength::check(&decoding, &algorithms).map(|()| decoding),
        Err(_) => Err(KeyError::Unusable("a part of it is not base64url")),
    };
    Some(match usable {
        Ok(decoding) => Ok(Key {
            id,
            algorithms,
            decoding,
        }),
        Err(why) => Err(SkippedKey { id, why }),
    })
}

/// What a key may be used with; `None` if that is nothing that is known here.
fn algorithms(jwk: &Jwk, only: Option<&Value>) -> Option<Vec<Algorithm>> {
    let family = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => RSA,
        AlgorithmParameters::EllipticCurve(parameters) => match parameters.curve {
            EllipticCurve::P256 => P256,
            EllipticCurve::P384 => P384,
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(parameters) if parameters.curve == EllipticCurve::Ed25519 => ED25519,
        // A secret in a document that anybody may read is none.
        _ => return None,
    };
    let Some(only) = only else {
        return Some(family.to_vec());
    };
    let only = algorithm(only.as_str()?)?;
    family.contains(&only).then(|| vec![only])
}
