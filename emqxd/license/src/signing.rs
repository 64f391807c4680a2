//! Issuing licences: a private key, and what it signs. Used by `emqx-ctl license keygen` and `issue`, offline.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Terms, TermsError, pem};

/// A key to sign licences with. Prints as `SigningKey(***)`.
pub struct SigningKey(Pair);

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// The kinds of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256, as EMQX uses it.
    EcdsaP256,
    /// RSA with 3072 bits.
    Rsa3072,
}

/// Why a licence cannot be issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// No block `PRIVATE KEY`.
    #[error("it holds no PEM block \"PRIVATE KEY\" (PKCS#8)")]
    NotPem,
    /// A block with something else in it.
    #[error("it is neither an ECDSA key on P-256 nor an RSA key of 2048 to 8192 bits")]
    Unsupported,
    /// The system's randomness or the key let us down.
    #[error("the cryptographic library refuses to")]
    Refused,
    /// What it should say cannot be written.
    #[error(transparent)]
    Terms(#[from] TermsError),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey(***)")
    }
}

impl SigningKey {
    /// A new one.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, SigningKeyError> {
        let refused = |_| SigningKeyError::Refused;
        let pair = match algorithm {
            Algorithm::EcdsaP256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map(Pair::Ecdsa),
            Algorithm::Rsa3072 => RsaKeyPair::generate(KeySize::Rsa3072).map(|pair| Pair::Rsa(Box::new(pair))),
        };
        pair.map(Self).map_err(refused)
    }

    /// Reads one (PEM, PKCS#8).
    ///
    /// # Errors
    /// It is no private key of a kind that licences are signed with.
    pub fn from_pem(text: &str) -> Result<Self, SigningKeyError> {
        let der = pem::decode(text, "PRIVATE KEY").ok_or(SigningKeyError::NotPem)?;
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der)
            .map(Pair::Ecdsa)
            .or_else(|_| RsaKeyPair::from_pkcs8(&der).map(|pair| Pair::Rsa(Box::new(pair))))
            .map(Self)
            .map_err(|_| SigningKeyError::Unsupported)
    }

    /// The private key (PEM, PKCS#8), to be kept where nobody reads it.
    ///
    /// # Errors
    /// The library cannot write it.
    pub fn private_pem(&self) -> Result<String, SigningKeyError> {
        let der = match &self.0 {
            Pair::Ecdsa(pair) => pair.to_pkcs8v1().map(|document| document.as_ref().to_vec()),
            Pair::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(&**pair).map(|der| der.as_ref().to_vec()),
        };
        let der = der.map_err(|_| SigningKeyError::Refused)?;
        Ok(pem::encode(&der, "PRIVATE KEY"))
    }

    /// The public key (PEM, SubjectPublicKeyInfo): what goes into `license.issuer_keys`.
    ///
    /// # Errors
    /// The library cannot write it.
    pub fn public_pem(&self) -> Result<String, SigningKeyError> {
        let der = match &self.0 {
            Pair::Ecdsa(pair) => AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()),
            Pair::Rsa(pair) => AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()),
        };
        let der = der.map_err(|_| SigningKeyError::Refused)?;
        Ok(pem::encode(der.as_ref(), "PUBLIC KEY"))
    }

    /// A key with these terms.
    ///
    /// # Errors
    /// Terms that cannot be written, or no randomness.
    pub fn issue(&self, terms: &Terms) -> Result<String, SigningKeyError> {
        self.sign_payload(terms.payload()?.as_bytes())
    }

    /// A key with any payload, for those who test readers of keys.
    ///
    /// # Errors
    /// No randomness.
    #[doc(hidden)]
    pub fn sign_payload(&self, payload: &[u8]) -> Result<String, SigningKeyError> {
        let signature = self.sign(payload)?;
        Ok(format!("{}.{}", STANDARD.encode(payload), STANDARD.encode(signature)))
    }

    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SigningKeyError> {
        let random = SystemRandom::new();
        let refused = |_| SigningKeyError::Refused;
        match &self.0 {
            Pair::Ecdsa(pair) => pair
                .sign(&random, payload)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(refused),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, payload, &mut signature)
                    .map_err(refused)?;
                Ok(signature)
            }
        }
    }
}
