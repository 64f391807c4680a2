//! Certificates of the listeners: `tls certs`, `tls check` and `tls reload`.

use serde::{Deserialize, Serialize};

use crate::rows::bounded;

/// Something that is not good about certificates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFindingView {
    /// Clients cannot connect, or soon cannot; else a warning.
    pub is_error: bool,
    /// What was found.
    pub what: String,
    /// What to do.
    pub next: String,
}

/// The certificate of one listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsCertificateView {
    /// Such as `ssl:default`.
    pub listener: String,
    /// It is in force at a listener that runs; else it is what a start would take.
    pub is_in_force: bool,
    /// The file of the certificate and its chain; empty if none is set.
    pub certfile: String,
    /// The file of its key.
    pub keyfile: String,
    /// The file of the clients' CAs.
    pub cacertfile: Option<String>,
    /// `verify_none` or `verify_peer`.
    pub verify: String,
    /// Whose it is, such as `CN=broker.example`; empty if there is none.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Host names and addresses it is good for (subjectAltName).
    #[serde(deserialize_with = "bounded")]
    pub names: Vec<String>,
    /// In hexadecimal digits.
    pub serial: String,
    /// Such as `RSA 2048`.
    pub key: String,
    /// From when it is valid, in Unix seconds.
    pub not_before: i64,
    /// Until when.
    pub not_after: i64,
    /// Whole days left; negative once it has expired.
    pub days_left: i64,
    /// Subjects of the certificates after it in the chain.
    #[serde(deserialize_with = "bounded")]
    pub chain: Vec<String>,
    /// Whether the chain leads to a root; `None` if that cannot be told here.
    pub is_chain_complete: Option<bool>,
    /// Whether the key belongs to it.
    pub is_key_matching: bool,
    /// The files hold something else than what is in force.
    pub is_renewed_on_disk: bool,
    /// What is not good.
    #[serde(deserialize_with = "bounded")]
    pub findings: Vec<TlsFindingView>,
}

/// How reloading went for one listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsReloadView {
    /// Such as `ssl:default`.
    pub listener: String,
    /// What is in the files is in force now; else what was before still is.
    pub is_reloaded: bool,
    /// It is something new.
    pub is_changed: bool,
    /// Whose certificate is in force now.
    pub subject: String,
    /// Until when it is valid, in Unix seconds.
    pub not_after: i64,
    /// Why it was not reloaded.
    pub problem: Option<TlsFindingView>,
    /// What is not good about what is in force now.
    #[serde(deserialize_with = "bounded")]
    pub findings: Vec<TlsFindingView>,
}
