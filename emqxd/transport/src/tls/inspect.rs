//! Judges certificates for an operator: dates, order and gaps of a chain, host names, whether a key fits.
//!
//! The daemon asks at each load, `emqx-ctl tls check` about files and about what another host shows. No network here.

use std::fs;

use rustls::crypto::aws_lc_rs;
pub use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

pub use super::certificate::CertificateFacts;
use super::certificate::is_issued_by;

/// Days before the end from which an operator is warned.
const EXPIRY_WARNING_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 86_400;
/// Certificates read from one file.
const CERTIFICATES_MAX: usize = 10_000;
/// Where systems keep the roots that are trusted publicly.
const SYSTEM_ROOTS: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Clients cannot connect, or soon cannot.
    Error,
    /// Some clients may not, or something is about to happen.
    Warning,
}

/// Something that is not good about certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub what: String,
    /// What to do.
    pub next: String,
}

impl Finding {
    fn error(what: String, next: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            what,
            next: next.into(),
        }
    }

    fn warning(what: String, next: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            what,
            next: next.into(),
        }
    }
}

/// Whether a chain leads to a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    /// It ends in a root, or right below one that is known here.
    Complete,
    /// One certificate that signed itself.
    SelfSigned,
    /// This intermediate is known and left out.
    Missing(String),
    /// The next issuer is not known here: a root of somebody's own, or an intermediate that is left out.
    Unknown(String),
    /// The certificate at this place (from 0) is not followed by its issuer.
    Disordered(usize),
    /// There is no certificate.
    Empty,
}

/// The certificates of a PEM file; what is none is passed over.
#[must_use]
pub fn certificates(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem)
        .filter_map(Result::ok)
        .take(CERTIFICATES_MAX)
        .collect()
}

/// Whether a PEM file holds a key that needs a password.
#[must_use]
pub fn is_encrypted_key(pem: &[u8]) -> bool {
    let text = String::from_utf8_lossy(pem);
    text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED")
}

/// Whether a PEM file holds a private key.
#[must_use]
pub fn has_key(pem: &[u8]) -> bool {
    is_encrypted_key(pem) || PrivateKeyDer::from_pem_slice(pem).is_ok()
}

/// The roots that this system trusts; empty if it has none.
#[must_use]
pub fn system_roots() -> Vec<CertificateDer<'static>> {
    let file = SYSTEM_ROOTS.iter().find_map(|path| fs::read(path).ok());
    certificates(&file.unwrap_or_default())
}

/// Whether `chain`, the own certificate first, leads to a root, as far as `cas` and the system's roots tell.
#[must_use]
pub fn completeness(chain: &[CertificateDer<'_>], cas: &[CertificateDer<'_>]) -> Completeness {
    let facts: Vec<CertificateFacts> = chain.iter().filter_map(|der| CertificateFacts::parse(der)).collect();
    let Some(last) = facts.last() else {
        return Completeness::Empty;
    };
    if let Some(place) = facts.windows(2).position(|pair| pair[0].issuer != pair[1].subject) {
        return Completeness::Disordered(place);
    }
    if last.is_self_issued {
        return if facts.len() == 1 {
            Completeness::SelfSigned
        } else {
            Completeness::Complete
        };
    }
    let Some(last_der) = chain.last() else {
        return Completeness::Empty;
    };
    let issuer_among = |candidates: &[CertificateDer<'_>]| {
        candidates
            .iter()
            .filter(|candidate| is_issued_by(last_der, candidate))
            .filter_map(|candidate| CertificateFacts::parse(candidate))
            .map(|issuer| issuer.is_self_issued)
            .reduce(|one, other| one || other)
    };
    match issuer_among(cas) {
        Some(true) => Completeness::Complete,
        Some(false) => Completeness::Missing(last.issuer.clone()),
        None if issuer_among(&system_roots()) == Some(true) => Completeness::Complete,
        None => Completeness::Unknown(last.issuer.clone()),
    }
}

/// What is wrong with a chain today (`now` in seconds since 1970).
#[must_use]
pub fn examine_chain(chain: &[CertificateDer<'_>], completeness: &Completeness, now: i64) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, der) in chain.iter().enumerate() {
        if let Some(facts) = CertificateFacts::parse(der) {
            findings.extend(date_finding(&facts, place, now));
        }
    }
    findings.extend(order_finding(completeness));
    if let Some(own) = chain.first().and_then(|der| CertificateFacts::parse(der)) {
        if own.is_ca && !own.is_self_issued {
            let what = format!("the first certificate, {}, is that of a CA", own.subject);
            findings.push(Finding::error(what, "put the server's own certificate first"));
        }
        if own.names.is_empty() {
            let what = format!("{} names no host in subjectAltName", own.subject);
            let next = "most clients refuse it as handshake_failure or bad_certificate: issue one with the host names";
            findings.push(Finding::warning(what, next));
        }
    }
    findings
}

fn date_finding(facts: &CertificateFacts, place: usize, now: i64) -> Option<Finding> {
    let which = if place == 0 {
        "the certificate"
    } else {
        "an intermediate"
    };
    if now > facts.not_after {
        let what = format!("{which} {} has expired {}", facts.subject, ago(facts.not_after, now));
        return Some(Finding::error(what, "renew it, then `emqx-ctl tls reload`"));
    }
    if now < facts.not_before {
        let what = format!(
            "{which} {} is not valid yet; it will be {}",
            facts.subject,
            in_days((facts.not_before - now).div_euclid(DAY_SECONDS))
        );
        let next = "check the clock of this system (`date`); if that is right, wait or use the one before it";
        return Some(Finding::error(what, next));
    }
    let days = facts.days_left(now);
    (days < EXPIRY_WARNING_DAYS).then(|| {
        let what = format!("{which} {} expires {}", facts.subject, in_days(days));
        Finding::warning(what, "renew it, then `emqx-ctl tls reload`")
    })
}

/// How long `end` is over, in words.
pub(super) fn ago(end: i64, now: i64) -> String {
    match now.saturating_sub(end).div_euclid(DAY_SECONDS) {
        ..=0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// How long it still is, in words.
fn in_days(days: i64) -> String {
    match days {
        ..=0 => "within a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}

fn order_finding(completeness: &Completeness) -> Option<Finding> {
    let reported = "clients that do not know it report unknown_ca";
    match completeness {
        Completeness::Complete | Completeness::Empty => None,
        Completeness::SelfSigned => Some(Finding::warning(
            "the certificate is self-signed".to_owned(),
            "clients must be given this certificate as their CA; else they report unknown_ca",
        )),
        Completeness::Missing(issuer) => Some(Finding::error(
            format!("the intermediate {issuer} is missing in the chain; {reported}"),
            "append it to `certfile`, after the certificate that it signed",
        )),
        Completeness::Unknown(issuer) => Some(Finding::warning(
            format!("the chain ends below {issuer}, which is no root known here"),
            format!("if that is an intermediate, append it to `certfile`: {reported}"),
        )),
        Completeness::Disordered(place) => Some(Finding::error(
            format!("certificate {} of the chain is not followed by its issuer", place + 1),
            "put the own certificate first, then each issuer after the certificate that it signed",
        )),
    }
}

/// What is wrong with the key in `key_pem` for the first certificate of `chain`.
#[must_use]
pub fn examine_key(chain: &[CertificateDer<'static>], key_pem: &[u8]) -> Option<Finding> {
    if is_encrypted_key(key_pem) {
        let what = "the key is encrypted, which emqxd cannot read".to_owned();
        return Some(Finding::error(
            what,
            "openssl pkey -in FILE -out FILE.plain && chmod 600 FILE.plain",
        ));
    }
    let Ok(key) = PrivateKeyDer::from_pem_slice(key_pem) else {
        return Some(Finding::error(
            "there is no private key in the file".to_owned(),
            "give the key in PEM",
        ));
    };
    match CertifiedKey::from_der(chain.to_vec(), key, &aws_lc_rs::default_provider()) {
        Ok(_) => None,
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Some(Finding::error(
            "the key does not belong to the certificate".to_owned(),
            "find the key that the certificate was requested with, or request a new certificate",
        )),
        Err(error) => Some(Finding::error(
            format!("the key cannot be used: {error}"),
            "make a new key",
        )),
    }
}

/// What is wrong with the permissions (`st_mode`) of a key's file.
#[must_use]
pub fn examine_key_mode(mode: u32) -> Option<Finding> {
    (mode & 0o004 != 0).then(|| {
        let what = format!(
            "every user of this system can read the key (mode {:04o})",
            mode & 0o7777
        );
        Finding::error(what, "chmod 640 FILE && chgrp emqx FILE")
    })
}

/// What is wrong with a certificate for clients that connect to `host`.
#[must_use]
pub fn examine_host(certificate: &CertificateDer<'_>, host: &str) -> Option<Finding> {
    let refused = |what: String| {
        let next = "issue a certificate that names it in subjectAltName, or connect by a name that is in it; clients \
                    report handshake_failure or bad_certificate";
        Some(Finding::error(what, next))
    };
    let Ok(name) = ServerName::try_from(host) else {
        return refused(format!("{host} is no host name"));
    };
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else {
        return refused("the certificate cannot be read".to_owned());
    };
    match rustls::client::verify_server_name(&parsed, &name) {
        Ok(()) => None,
        Err(_) => refused(format!("the certificate is not for {host}")),
    }
}
