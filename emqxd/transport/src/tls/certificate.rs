//! What stands in a certificate, read by x509-parser.
//!
//! [`PeerCertificate`] is the client's, after rustls has verified it; [`CertificateFacts`] is any, for operators.
//! Names are written as EMQX writes them: RFC 4514, the most specific part first.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;

/// Host names and addresses of a certificate that are kept.
const NAMES_MAX: usize = 64;

/// The certificate that a client has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    /// CN of the subject, the first if there are more.
    pub common_name: Option<String>,
    /// The subject, such as `CN=device-7,O=Example,C=DE`.
    pub subject: String,
    /// As it came.
    pub der: Vec<u8>,
    /// In hexadecimal digits.
    pub serial: String,
    /// Until when it is valid, seconds since 1970.
    pub not_after: i64,
}

impl PeerCertificate {
    /// Reads one that has been verified. Fields that cannot be read are empty.
    #[must_use]
    pub fn parse(der: &[u8]) -> Self {
        let facts = CertificateFacts::parse(der).unwrap_or_default();
        Self {
            common_name: facts.common_name,
            subject: facts.subject,
            der: der.to_vec(),
            serial: facts.serial,
            not_after: facts.not_after,
        }
    }
}

/// What an operator wants to know of a certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// CN of the subject.
    pub common_name: Option<String>,
    /// Host names and addresses it is good for (subjectAltName).
    pub names: Vec<String>,
    /// In hexadecimal digits.
    pub serial: String,
    /// From when it is valid, seconds since 1970.
    pub not_before: i64,
    /// Until when.
    pub not_after: i64,
    /// It may sign others.
    pub is_ca: bool,
    /// Subject and issuer are the same: a root, or self-signed.
    pub is_self_issued: bool,
    /// Such as `RSA 2048` or `ECDSA 256`.
    pub key: String,
    /// SHA-256 of all of it, in hexadecimal digits.
    pub fingerprint: String,
}

impl CertificateFacts {
    /// Reads one; `None` if it is no certificate.
    #[must_use]
    pub fn parse(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let validity = certificate.validity();
        Some(Self {
            subject: distinguished_name(certificate.subject()),
            issuer: distinguished_name(certificate.issuer()),
            common_name: common_name(certificate.subject()),
            names: alternative_names(&certificate),
            serial: hex(certificate.raw_serial()),
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            is_ca: certificate.is_ca(),
            is_self_issued: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            key: key_of(&certificate),
            fingerprint: hex(digest::digest(&digest::SHA256, der).as_ref()),
        })
    }

    /// Whole days until it expires; negative once it has.
    #[must_use]
    pub fn days_left(&self, now: i64) -> i64 {
        self.not_after.saturating_sub(now).div_euclid(86_400)
    }
}

/// What is wrong with a certificate's dates at `now`, seconds since 1970: `has expired ...`.
pub(super) fn validity_problem(der: &[u8], now: i64) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let validity = certificate.validity();
    if now > validity.not_after.timestamp() {
        Some(format!("has expired ({})", validity.not_after))
    } else if now < validity.not_before.timestamp() {
        Some(format!("is not valid before {}", validity.not_before))
    } else {
        None
    }
}

/// Seconds since 1970.
pub(super) fn unix_now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Whether `issuer` could have signed `certificate`, by name.
pub(super) fn is_issued_by(certificate: &[u8], issuer: &[u8]) -> bool {
    match (
        X509Certificate::from_der(certificate),
        X509Certificate::from_der(issuer),
    ) {
        (Ok((_, certificate)), Ok((_, issuer))) => certificate.issuer().as_raw() == issuer.subject().as_raw(),
        _ => false,
    }
}

/// RFC 4514, from the end, as EMQX does.
pub(super) fn distinguished_name(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter_rdn()
        .map(|part| {
            let attributes: Vec<String> = part
                .iter()
                .map(|attribute| {
                    let value = match attribute.as_str() {
                        Ok(text) => escaped(text),
                        Err(_) => format!("#{}", hex(attribute.as_slice())),
                    };
                    format!("{}={value}", attribute_name(&attribute.attr_type().to_id_string()))
                })
                .collect();
            attributes.join("+")
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    name.iter_common_name()
        .find_map(|attribute| attribute.as_str().ok())
        .map(str::to_owned)
}

/// The short name of an attribute, or its number.
fn attribute_name(id: &str) -> &str {
    match id {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "SERIALNUMBER",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "TITLE",
        "2.5.4.42" => "GIVENNAME",
        "2.5.4.43" => "INITIALS",
        "2.5.4.44" => "GENERATIONQUALIFIER",
        "2.5.4.46" => "DNQUALIFIER",
        "2.5.4.65" => "PSEUDONYM",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        "1.2.840.113549.1.9.1" => "EMAILADDRESS",
        id => id,
    }
}

/// RFC 4514, 2.4.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (position, char) in value.chars().enumerate() {
        let needs_backslash = match char {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => true,
            '#' => position == 0,
            ' ' => position == 0 || position == last,
            _ => false,
        };
        if needs_backslash {
            text.push('\\');
        }
        if char.is_control() {
            text.push_str(&format!("\\{:02X}", u32::from(char)));
        } else {
            text.push(char);
        }
    }
    text
}

fn alternative_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) | GeneralName::URI(name) | GeneralName::RFC822Name(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    });
    names.take(NAMES_MAX).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(bytes).to_string());
    }
    let bytes = <[u8; 16]>::try_from(bytes).ok()?;
    Some(Ipv6Addr::from(bytes).to_string())
}

fn key_of(certificate: &X509Certificate<'_>) -> String {
    let key = certificate.public_key();
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", rsa.key_size()),
        Ok(PublicKey::EC(point)) => format!("ECDSA {}", point.key_size()),
        _ if key.algorithm.algorithm.to_id_string() == "1.3.101.112" => "Ed25519".to_owned(),
        _ => key.algorithm.algorithm.to_id_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_the_rfc_says() {
        for (value, expected) in [
            ("plain", "plain"),
            ("a,b", "a\\,b"),
            (" padded ", "\\ padded\\ "),
            ("#1", "\\#1"),
            ("x\ny", "x\\0Ay"),
        ] {
            assert_eq!(escaped(value), expected);
        }
    }

    #[test]
    fn what_is_no_certificate_is_told() {
        assert_eq!(CertificateFacts::parse(b"\x30\x03\x02\x01\x01"), None);
        assert_eq!(CertificateFacts::parse(b""), None);
    }
}
