//! Cipher suites by name: the registry's (`TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`) and OpenSSL's
//! (`ECDHE-RSA-AES128-GCM-SHA256`), as EMQX takes both in `ssl_options.ciphers`.

use std::fmt;

use rustls::CipherSuite;
use rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES;

/// A name that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CipherNameError {
    /// Of a suite that exists, old or exotic, and that is not to be had here.
    Unsupported(String),
    /// Of nothing.
    Unknown(String),
}

impl fmt::Display for CipherNameError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(name) => write!(formatter, "cipher suite {name} is not supported"),
            Self::Unknown(name) => write!(formatter, "there is no cipher suite {name}"),
        }
    }
}

impl std::error::Error for CipherNameError {}

/// The suite of a name.
///
/// # Errors
/// It is not one of [`supported_cipher_suites`].
pub fn cipher_suite(name: &str) -> Result<CipherSuite, CipherNameError> {
    let wanted = name.trim().to_ascii_uppercase();
    ALL_CIPHER_SUITES
        .iter()
        .map(|suite| suite.suite())
        .find(|suite| {
            let iana = iana_name(*suite);
            wanted == iana || wanted == openssl_name(&iana)
        })
        .ok_or_else(|| {
            let name = name.trim().to_owned();
            if looks_like_a_suite(&wanted) {
                CipherNameError::Unsupported(name)
            } else {
                CipherNameError::Unknown(name)
            }
        })
}

/// The names of all that can be used, strongest first: registry's and OpenSSL's, which for TLS 1.3 are the same.
#[must_use]
pub fn supported_cipher_suites() -> Vec<(String, String)> {
    ALL_CIPHER_SUITES
        .iter()
        .map(|suite| {
            let iana = iana_name(suite.suite());
            let openssl = openssl_name(&iana);
            (iana, openssl)
        })
        .collect()
}

/// The registry's name; `0x00,0x2F` of those that rustls does not know by name.
pub(super) fn iana_name(suite: CipherSuite) -> String {
    match suite.as_str() {
        // rustls marks those of TLS 1.3.
        Some(name) => name.replacen("TLS13_", "TLS_", 1),
        None => {
            let [high, low] = u16::from(suite).to_be_bytes();
            format!("0x{high:02X},0x{low:02X}")
        }
    }
}

/// OpenSSL's name for a registry's name of a suite that is supported.
fn openssl_name(iana: &str) -> String {
    match iana.strip_prefix("TLS_").and_then(|name| name.split_once("_WITH_")) {
        Some((exchange, cipher)) => {
            let cipher = cipher.replace("AES_", "AES").replace("POLY1305_SHA256", "POLY1305");
            format!("{exchange}-{cipher}").replace('_', "-")
        }
        None => iana.to_owned(),
    }
}

/// Whether all parts of a name are those of cipher suites' names.
fn looks_like_a_suite(name: &str) -> bool {
    const PARTS: [&str; 45] = [
        "TLS",
        "SSL",
        "WITH",
        "ECDHE",
        "ECDH",
        "DHE",
        "EDH",
        "DH",
        "RSA",
        "ECDSA",
        "DSS",
        "PSK",
        "SRP",
        "KRB5",
        "ANON",
        "ADH",
        "AECDH",
        "EXPORT",
        "EXP",
        "NULL",
        "AES",
        "AES128",
        "AES256",
        "128",
        "256",
        "GCM",
        "CCM",
        "CCM8",
        "8",
        "CBC",
        "CBC3",
        "DES",
        "3DES",
        "EDE",
        "RC4",
        "RC2",
        "MD5",
        "SHA",
        "SHA256",
        "SHA384",
        "CHACHA20",
        "POLY1305",
        "CAMELLIA128",
        "CAMELLIA256",
        "ARIA128",
    ];
    let mut parts = name.split(['-', '_']);
    name.contains(['-', '_'])
        && parts.all(|part| {
            PARTS.contains(&part)
                || matches!(
                    part,
                    "ARIA256" | "CAMELLIA" | "ARIA" | "SEED" | "IDEA" | "EDE3" | "AES128CCM"
                )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_has_two_names() {
        for (iana, openssl) in [
            ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
            ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
            (
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "ECDHE-ECDSA-AES256-GCM-SHA384",
            ),
            (
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "ECDHE-RSA-CHACHA20-POLY1305",
            ),
        ] {
            let suite = cipher_suite(iana).unwrap();
            assert_eq!(cipher_suite(openssl), Ok(suite), "{openssl}");
            assert_eq!(iana_name(suite), iana);
        }
        assert_eq!(supported_cipher_suites().len(), 9);
    }

    #[test]
    fn old_suites_are_told_from_mistakes() {
        for name in [
            "AES128-SHA",
            "ECDHE-RSA-AES128-SHA",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "DES-CBC3-SHA",
            "RC4-MD5",
        ] {
            assert_eq!(cipher_suite(name), Err(CipherNameError::Unsupported(name.to_owned())));
        }
        for name in ["", "ECDHE-RSA-AES129-GCM-SHA256", "HIGH", "all"] {
            assert_eq!(cipher_suite(name), Err(CipherNameError::Unknown(name.to_owned())));
        }
    }
}
