//! Keys: from the text of one to its terms, with the signature checked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Issuers, ParseError, Terms};

/// The longest key: nothing beyond is decoded. Real ones have some 300 bytes.
pub const KEY_BYTES_MAX: usize = 64 * 1024;

/// A licence whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct License {
    /// What it says.
    pub terms: Terms,
    /// Who signed it.
    pub issuer: String,
}

/// What came of checking a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// Good; by this issuer.
    By(String),
    /// By nobody who is known here, or changed since.
    Unknown,
}

/// Reads a key and checks who signed it.
///
/// # Errors
/// The first thing that EMQX would refuse it for.
pub fn parse(text: &str, issuers: &Issuers) -> Result<License, ParseError> {
    match inspect(text, issuers)? {
        (Signature::By(issuer), terms) => terms.map(|terms| License { terms, issuer }),
        (Signature::Unknown, _) => Err(ParseError::InvalidSignature),
    }
}

/// Reads a key whoever signed it: to look at one, not to trust it.
///
/// # Errors
/// It is no key at all. Terms that cannot be read are an error inside.
pub fn inspect(text: &str, issuers: &Issuers) -> Result<(Signature, Result<Terms, ParseError>), ParseError> {
    let (payload, signature) = split(text)?;
    let signer = issuers.signer(&payload, &signature);
    let signature = signer.map_or(Signature::Unknown, |issuer| Signature::By(issuer.name().to_owned()));
    Ok((signature, Terms::read(&payload)))
}

/// A key without the blanks and line ends that e-mail programs put into it.
pub fn normalise(text: &str) -> String {
    text.split_ascii_whitespace().collect()
}

fn split(text: &str) -> Result<(Vec<u8>, Vec<u8>), ParseError> {
    if text.len() > KEY_BYTES_MAX {
        return Err(ParseError::TooLong);
    }
    let text = normalise(text);
    if text.is_empty() {
        return Err(ParseError::Empty);
    }
    let (payload, signature) = text.split_once('.').ok_or(ParseError::BadFormat("no dot in it"))?;
    let decode = |half: &str| {
        let bytes = STANDARD.decode(half).ok();
        bytes.ok_or(ParseError::BadFormat("a half of it is not base64"))
    };
    Ok((decode(payload)?, decode(signature)?))
}
