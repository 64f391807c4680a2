//! Who may issue licences: public keys, ECDSA on P-256 or RSA from 2048 bits, with SHA-256.
//!
//! EMQX's own key is built in, so that its licences are accepted; others come from `license.issuer_keys`.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};

use crate::pem;

/// The public key that EMQX's licences are signed for.
const EMQX_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbtkdos3TZmSv+D7+X5pc0yfcjum2
Q1DK6PCWkiQihjvjJjKFzdYzcWOgC6f4Ou3mgGAUSjdQYYnFKZ/9f5ax4g==
-----END PUBLIC KEY-----
";
/// What EMQX's key is called.
const EMQX_NAME: &str = "EMQX";

/// One who may issue licences.
#[derive(Clone)]
pub struct Issuer {
    name: String,
    key: ParsedPublicKey,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Issuer").field(&self.name).finish()
    }
}

/// Why a public key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerKeyError {
    /// No block `PUBLIC KEY`.
    #[error("it holds no PEM block \"PUBLIC KEY\"")]
    NotPem,
    /// A block with something else in it.
    #[error("it is neither an ECDSA key on P-256 nor an RSA key of 2048 to 8192 bits")]
    Unsupported,
}

impl Issuer {
    /// EMQX itself.
    pub fn emqx() -> Self {
        Self::from_pem(EMQX_NAME, EMQX_KEY).expect("the key above is a good one")
    }

    /// Reads a public key; `name` says in messages whose it is.
    ///
    /// # Errors
    /// It is no public key of a kind that licences are signed with.
    pub fn from_pem(name: impl Into<String>, text: &str) -> Result<Self, IssuerKeyError> {
        let der = pem::decode(text, "PUBLIC KEY").ok_or(IssuerKeyError::NotPem)?;
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &der)
            .or_else(|_| ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der))
            .map_err(|_| IssuerKeyError::Unsupported)?;
        Ok(Self { name: name.into(), key })
    }

    /// Whose key it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn has_signed(&self, payload: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(payload, signature).is_ok()
    }
}

/// All who may issue licences.
#[derive(Debug, Clone)]
pub struct Issuers(Vec<Issuer>);

impl Issuers {
    /// EMQX, and these.
    pub fn with(more: impl IntoIterator<Item = Issuer>) -> Self {
        Self(std::iter::once(Issuer::emqx()).chain(more).collect())
    }

    /// Who signed it; `None` if nobody of them did.
    pub(crate) fn signer(&self, payload: &[u8], signature: &[u8]) -> Option<&Issuer> {
        self.0.iter().find(|issuer| issuer.has_signed(payload, signature))
    }
}

impl Default for Issuers {
    fn default() -> Self {
        Self::with([])
    }
}
