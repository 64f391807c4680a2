//! From `ssl_options` to what the TLS library wants.
//!
//! A listener without a certificate is not started, and one line says what to set; a certificate that is set and
//! cannot be used is an error.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use emqxd_transport::tls::{ClientVerification, TicketKeys, cipher_suite};
use emqxd_transport::{TlsConfigError, TlsServer, TlsSettings};

use crate::config::ListenerConfig;

/// The keys of session tickets, for all listeners of this process; each derives its own.
static TICKET_KEYS: LazyLock<Arc<TicketKeys>> = LazyLock::new(TicketKeys::random);

/// Why a listener has no TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsUnavailable {
    /// None is configured: nothing is wrong, the listener is not started.
    NoCertificate {
        /// Whose.
        listener: String,
        /// Where EMQX has them.
        folder: PathBuf,
    },
    /// What is configured cannot be used.
    Config(TlsConfigError),
}

impl TlsUnavailable {
    /// What to do about it.
    pub fn next_step(&self) -> String {
        match self {
            Self::NoCertificate { listener, folder } => {
                let section = format!("listeners.{}.ssl_options", listener.replace(':', "."));
                format!(
                    "set `{section}.certfile` and `{section}.keyfile`, or put cert.pem and key.pem into {}",
                    folder.display()
                )
            }
            Self::Config(error) => error.next_step(),
        }
    }
}

impl fmt::Display for TlsUnavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificate { listener, .. } => {
                write!(formatter, "listener {listener} is not started: it has no certificate")
            }
            Self::Config(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for TlsUnavailable {}

impl From<TlsConfigError> for TlsUnavailable {
    fn from(error: TlsConfigError) -> Self {
        Self::Config(error)
    }
}

/// TLS for a listener that is about to start.
///
/// # Errors
/// It has no certificate, or one that cannot be used.
pub fn tls_server_for(config: &ListenerConfig) -> Result<Arc<TlsServer>, TlsUnavailable> {
    Ok(Arc::new(TlsServer::new(tls_settings(config)?)?))
}

/// Whether [`tls_server_for`] would give one: for `--check-config`, which starts nothing.
///
/// # Errors
/// As [`tls_server_for`].
pub fn check_tls(config: &ListenerConfig) -> Result<(), TlsUnavailable> {
    TlsServer::new(tls_settings(config)?)?;
    Ok(())
}

/// The settings of a listener, with the files of EMQX's folder where none are named.
///
/// # Errors
/// There is no certificate.
pub fn tls_settings(config: &ListenerConfig) -> Result<TlsSettings, TlsUnavailable> {
    let options = &config.ssl_options;
    let folder = &options.certificates_folder;
    let no_certificate = || TlsUnavailable::NoCertificate {
        listener: config.id.clone(),
        folder: folder.clone(),
    };
    let certificate = named_or_default(options.certfile.as_deref(), folder, "cert.pem").ok_or_else(no_certificate)?;
    // Many keep both in one file.
    let key = match (&options.keyfile, &options.certfile) {
        (Some(key), _) => key.clone(),
        (None, Some(certificate)) => certificate.clone(),
        (None, None) => named_or_default(None, folder, "key.pem").ok_or_else(no_certificate)?,
    };
    let mut settings = TlsSettings::new(&config.id, certificate, key);
    settings.verification = match (options.verify_peer, options.fail_if_no_peer_cert) {
        (false, _) => ClientVerification::None,
        (true, false) => ClientVerification::Optional,
        (true, true) => ClientVerification::Required,
    };
    settings.ca_file = named_or_default(options.cacertfile.as_deref(), folder, "cacert.pem");
    settings.depth = options.depth;
    settings.crl_paths.clone_from(&options.crlfile);
    settings.versions.clone_from(&options.versions);
    settings.cipher_suites = options
        .ciphers
        .iter()
        .filter_map(|name| cipher_suite(name).ok())
        .collect();
    settings.prefers_server_order = options.honor_cipher_order;
    settings.ticket_keys = options.reuse_sessions.then(|| Arc::clone(&TICKET_KEYS));
    settings.handshake_timeout = options.handshake_timeout;
    Ok(settings)
}

fn named_or_default(named: Option<&Path>, folder: &Path, name: &str) -> Option<PathBuf> {
    match named {
        Some(path) => Some(path.to_owned()),
        None => Some(folder.join(name)).filter(|path| path.is_file()),
    }
}
