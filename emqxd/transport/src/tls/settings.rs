//! What a listener's `ssl_options` come to. The daemon reads the file; paths in here are opened by
//! [`TlsServer::new`](super::TlsServer::new) and at each reload.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::CipherSuite;

use super::tickets::TicketKeys;

/// Settings of one TLS listener.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    /// The listener's id, such as `ssl:default`: for messages, and to keep its tickets apart from others'.
    pub listener: String,
    /// Our certificate, then the intermediates that lead to a root, in PEM.
    pub certificate_file: PathBuf,
    /// The key of the first certificate, in PEM, not encrypted.
    pub key_file: PathBuf,
    /// CAs of client certificates, in PEM. Any of them is trusted, also one that is not self-signed.
    pub ca_file: Option<PathBuf>,
    /// Whether clients show a certificate.
    pub verification: ClientVerification,
    /// Certificates above the client's own that it may send.
    pub depth: usize,
    /// Revocation lists, PEM or DER: files, or folders of such. Empty: revocation is not checked.
    pub crl_paths: Vec<PathBuf>,
    /// At least one.
    pub versions: Vec<TlsVersion>,
    /// In order of preference; empty for all that are supported. See [`super::cipher_suite`].
    pub cipher_suites: Vec<CipherSuite>,
    /// Our order of cipher suites counts, not the client's.
    pub prefers_server_order: bool,
    /// The keys of session tickets; `None` for no resumption.
    pub ticket_keys: Option<Arc<TicketKeys>>,
    /// How long a handshake may take.
    pub handshake_timeout: Duration,
}

impl TlsSettings {
    /// EMQX's defaults for a listener with this certificate.
    #[must_use]
    pub fn new(listener: &str, certificate_file: impl Into<PathBuf>, key_file: impl Into<PathBuf>) -> Self {
        Self {
            listener: listener.to_owned(),
            certificate_file: certificate_file.into(),
            key_file: key_file.into(),
            ca_file: None,
            verification: ClientVerification::None,
            depth: 10,
            crl_paths: Vec::new(),
            versions: vec![TlsVersion::Tls13, TlsVersion::Tls12],
            cipher_suites: Vec::new(),
            prefers_server_order: true,
            ticket_keys: None,
            handshake_timeout: Duration::from_secs(15),
        }
    }
}

/// `verify` and `fail_if_no_peer_cert`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientVerification {
    /// Clients are not asked for a certificate.
    None,
    /// A client may show none; one that it shows must be valid.
    Optional,
    /// Every client must show a valid one.
    Required,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TlsVersion {
    /// RFC 5246
    Tls12,
    /// RFC 8446
    Tls13,
}

impl TlsVersion {
    /// As EMQX writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tls12 => "tlsv1.2",
            Self::Tls13 => "tlsv1.3",
        }
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
