//! `listeners.<type>.<name>.ssl_options`: what an `ssl` or `wss` listener is and asks of its clients.
//!
//! Keys and defaults are EMQX's; `crlfile` is ours. EMQX ships a certificate with a key that everybody knows; here is
//! none, so a listener without `certfile` looks into EMQX's folder for certificates and is not started if there is
//! nothing. The files are opened by `crate::tls`, not while the configuration is read.

use std::path::PathBuf;
use std::time::Duration;

use emqxd_transport::tls::TlsVersion;

/// The settings of one listener.
#[derive(Debug, Clone, PartialEq)]
pub struct SslOptions {
    /// EMQX's folder for certificates, where files that are not set are looked for.
    pub certificates_folder: PathBuf,
    /// Our certificate and its intermediates.
    pub certfile: Option<PathBuf>,
    /// Its key.
    pub keyfile: Option<PathBuf>,
    /// CAs of clients.
    pub cacertfile: Option<PathBuf>,
    /// `verify = verify_peer`.
    pub verify_peer: bool,
    /// A client without a certificate is refused.
    pub fail_if_no_peer_cert: bool,
    /// Certificates between a client's and its root.
    pub depth: usize,
    /// Files and folders with revocation lists.
    pub crlfile: Vec<PathBuf>,
    /// At least one.
    pub versions: Vec<TlsVersion>,
    /// Names of cipher suites, all of them supported; empty for all there are.
    pub ciphers: Vec<String>,
    /// Our order counts.
    pub honor_cipher_order: bool,
    /// Tickets are given.
    pub reuse_sessions: bool,
    /// How long a handshake may take.
    pub handshake_timeout: Duration,
}

impl Default for SslOptions {
    fn default() -> Self {
        Self {
            certificates_folder: PathBuf::from("etc/certs"),
            certfile: None,
            keyfile: None,
            cacertfile: None,
            verify_peer: false,
            fail_if_no_peer_cert: false,
            depth: 10,
            crlfile: Vec::new(),
            versions: vec![TlsVersion::Tls13, TlsVersion::Tls12],
            ciphers: Vec::new(),
            honor_cipher_order: true,
            reuse_sessions: true,
            handshake_timeout: Duration::from_secs(15),
        }
    }
}
