//! One listener's TLS: settings and what was read from their files, which may change while it runs.
//!
//! Every handshake takes the set that is in force when its ClientHello is there; connections keep theirs. A reload
//! reads all files again and puts them in force together, or not at all. Sessions are resumed by tickets only, so
//! nothing is kept here for clients that are away.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{NoServerSessionStorage, ServerConfig};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion};

use super::accept::TlsAccept;
use super::certificate::{CertificateFacts, unix_now};
use super::client_verifier::ClientVerifier;
use super::inspect::{self, Completeness, Finding};
use super::material::{Material, TlsConfigError};
use super::revocation::RevocationListFacts;
use super::settings::{ClientVerification, TlsSettings, TlsVersion};
use super::tickets::Ticketer;

/// Tickets after a handshake: a client comes back one connection at a time, and each makes the next.
const TICKETS_SENT: usize = 1;

/// TLS of one listener; see the file's intro.
pub struct TlsServer {
    /// Held over a whole reload, so that two do not cross; never while a connection is served.
    settings: Mutex<TlsSettings>,
    /// Shared with the handshakes that wait for their ClientHello.
    pub(super) active: Arc<ArcSwap<Active>>,
}

/// What is in force.
pub(super) struct Active {
    pub(super) config: Arc<ServerConfig>,
    pub(super) versions: Vec<TlsVersion>,
    handshake_timeout: Duration,
    identity: Arc<CertifiedKey>,
    chain: Vec<CertificateFacts>,
    completeness: Completeness,
    lists: Vec<RevocationListFacts>,
    /// Of the files.
    hash: Vec<u8>,
    /// What else was set, as text.
    options: String,
}

/// What a reload brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReloadReport {
    /// Whether anything in the files or settings is new.
    pub is_changed: bool,
    /// The certificate that is in force now.
    pub certificate: CertificateFacts,
    /// What is not good about it, but no reason to refuse it.
    pub findings: Vec<Finding>,
}

impl TlsServer {
    /// Reads the files of `settings`.
    ///
    /// # Errors
    /// A file cannot be read or used, key and certificate do not belong together, or no cipher suite is left. A
    /// certificate that has expired is no error: it is in the findings.
    pub fn new(settings: TlsSettings) -> Result<Self, TlsConfigError> {
        let active = Active::load(&settings)?;
        Ok(Self {
            settings: Mutex::new(settings),
            active: Arc::new(ArcSwap::from_pointee(active)),
        })
    }

    /// Reads the files again. What was in force stays so if they are bad, or if the new certificate is not valid now
    /// and the old one is.
    ///
    /// # Errors
    /// As [`TlsServer::new`], or a certificate that would be worse than the one in force.
    pub fn reload(&self) -> Result<ReloadReport, TlsConfigError> {
        let settings = self.settings.lock();
        self.put_in_force(&settings)
    }

    /// Takes over other settings, or nothing.
    ///
    /// # Errors
    /// As [`TlsServer::reload`].
    pub fn reconfigure(&self, new: TlsSettings) -> Result<ReloadReport, TlsConfigError> {
        let mut settings = self.settings.lock();
        let report = self.put_in_force(&new)?;
        *settings = new;
        Ok(report)
    }

    fn put_in_force(&self, settings: &TlsSettings) -> Result<ReloadReport, TlsConfigError> {
        let new = Active::load(settings)?;
        let old = self.active.load_full();
        let now = unix_now();
        if let (Some(ours), Some(theirs)) = (old.chain.first(), new.chain.first())
            && is_valid(ours, now)
            && !is_valid(theirs, now)
        {
            let why = "the certificate in it is not valid today, and the one in force is; that one stays".to_owned();
            let error = TlsConfigError::new(settings, "certfile", Some(&settings.certificate_file), why);
            return Err(error.with_next("put a valid certificate there, then `emqx-ctl tls reload`"));
        }
        let report = ReloadReport {
            is_changed: old.hash != new.hash || old.options != new.options,
            certificate: new.chain.first().cloned().unwrap_or_default(),
            findings: new.findings(now),
        };
        self.active.store(Arc::new(new));
        Ok(report)
    }

    /// A handshake on a connection that was accepted, by what is in force once its ClientHello is there.
    pub fn accept<S>(&self, stream: S) -> TlsAccept<S> {
        TlsAccept::new(stream, Arc::clone(&self.active))
    }

    /// How long a handshake may take.
    pub fn handshake_timeout(&self) -> Duration {
        self.active.load().handshake_timeout
    }

    /// The settings in force.
    pub fn settings(&self) -> TlsSettings {
        self.settings.lock().clone()
    }

    /// Our chain in force, the listener's own certificate first.
    pub fn chain(&self) -> Vec<CertificateFacts> {
        self.active.load().chain.clone()
    }

    /// Whether the chain in force leads to a root, as far as that can be told.
    pub fn completeness(&self) -> Completeness {
        self.active.load().completeness.clone()
    }

    /// Whether the files hold something else than what is in force.
    ///
    /// # Errors
    /// They cannot be used.
    pub fn differs_from_files(&self) -> Result<bool, TlsConfigError> {
        let settings = self.settings();
        Ok(Active::load(&settings)?.hash != self.active.load().hash)
    }

    /// The revocation lists in force.
    pub fn revocation_lists(&self) -> Vec<RevocationListFacts> {
        self.active.load().lists.clone()
    }

    /// What is not good today about what is in force: expiry, gaps in the chain, old revocation lists.
    pub fn findings(&self) -> Vec<Finding> {
        self.active.load().findings(unix_now())
    }
}

impl std::fmt::Debug for TlsServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TlsServer")
            .field("chain", &self.active.load().chain)
            .finish_non_exhaustive()
    }
}

impl Active {
    fn load(settings: &TlsSettings) -> Result<Self, TlsConfigError> {
        let provider = Arc::new(provider(settings)?);
        let material = Material::load(settings, &provider)?;
        let config = server_config(settings, &material, &provider)?;
        let chain = &material.identity.cert;
        let completeness = inspect::completeness(chain, &material.cas);
        Ok(Self {
            config: Arc::new(config),
            versions: settings.versions.clone(),
            handshake_timeout: settings.handshake_timeout,
            chain: chain.iter().filter_map(|der| CertificateFacts::parse(der)).collect(),
            completeness,
            lists: material.lists,
            hash: material.hash,
            options: options_as_text(settings),
            identity: material.identity,
        })
    }

    /// Judged anew each time: what was valid when it was loaded may not be now.
    pub(super) fn findings(&self, now: i64) -> Vec<Finding> {
        let mut findings = inspect::examine_chain(&self.identity.cert, &self.completeness, now);
        findings.extend(self.lists.iter().filter_map(|list| list.examine(now)));
        findings
    }
}

/// All that is not in files. Without the ticket keys, which change by themselves.
fn options_as_text(settings: &TlsSettings) -> String {
    let TlsSettings {
        listener: _,
        certificate_file: _,
        key_file: _,
        ca_file: _,
        crl_paths: _,
        verification,
        depth,
        versions,
        cipher_suites,
        prefers_server_order,
        ticket_keys,
        handshake_timeout,
    } = settings;
    let gives_tickets = ticket_keys.is_some();
    format!(
        "{verification:?} {depth} {versions:?} {cipher_suites:?} {prefers_server_order} {gives_tickets} {handshake_timeout:?}"
    )
}

fn is_valid(facts: &CertificateFacts, now: i64) -> bool {
    (facts.not_before..=facts.not_after).contains(&now)
}

/// rustls's, with the cipher suites of the settings.
fn provider(settings: &TlsSettings) -> Result<CryptoProvider, TlsConfigError> {
    let mut provider = aws_lc_rs::default_provider();
    let usable = |suite: &SupportedCipherSuite| {
        let version = if suite.tls13().is_some() {
            TlsVersion::Tls13
        } else {
            TlsVersion::Tls12
        };
        settings.versions.contains(&version)
    };
    if settings.cipher_suites.is_empty() {
        provider.cipher_suites.retain(usable);
    } else {
        let all = std::mem::take(&mut provider.cipher_suites);
        provider.cipher_suites = settings
            .cipher_suites
            .iter()
            .filter_map(|wanted| all.iter().find(|suite| suite.suite() == *wanted))
            .copied()
            .filter(usable)
            .collect();
    }
    if provider.cipher_suites.is_empty() {
        let why = "no cipher suite in it fits `versions`".to_owned();
        return Err(TlsConfigError::new(settings, "ciphers", None, why));
    }
    Ok(provider)
}

fn server_config(
    settings: &TlsSettings,
    material: &Material,
    provider: &Arc<CryptoProvider>,
) -> Result<ServerConfig, TlsConfigError> {
    let versions: Vec<&'static SupportedProtocolVersion> = settings
        .versions
        .iter()
        .map(|version| match version {
            TlsVersion::Tls12 => &TLS12,
            TlsVersion::Tls13 => &TLS13,
        })
        .collect();
    let builder = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&versions)
        .map_err(|source| TlsConfigError::new(settings, "versions", None, source.to_string()))?;
    let builder = match settings.verification {
        ClientVerification::None => builder.with_no_client_auth(),
        ClientVerification::Optional | ClientVerification::Required => {
            builder.with_client_cert_verifier(Arc::new(client_verifier(settings, material, provider)?))
        }
    };
    let identity = SingleCertAndKey::from(Arc::clone(&material.identity));
    let mut config = builder.with_cert_resolver(Arc::new(identity));
    config.ignore_client_order = settings.prefers_server_order;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    if let Some(keys) = &settings.ticket_keys {
        let demands = format!("{} {:?} {}", settings.listener, settings.verification, settings.depth);
        config.ticketer = Arc::new(Ticketer::new(
            Arc::clone(keys),
            &[demands.as_bytes(), &material.demands_hash],
        ));
        config.send_tls13_tickets = TICKETS_SENT;
    }
    Ok(config)
}

fn client_verifier(
    settings: &TlsSettings,
    material: &Material,
    provider: &Arc<CryptoProvider>,
) -> Result<ClientVerifier, TlsConfigError> {
    let roots = Arc::clone(&material.roots);
    ClientVerifier::new(roots, &material.crls, settings.verification, settings.depth, provider).map_err(|source| {
        let (option, path) = if material.crls.is_empty() {
            ("cacertfile", settings.ca_file.as_deref())
        } else {
            ("crlfile", settings.crl_paths.first().map(std::path::PathBuf::as_path))
        };
        TlsConfigError::new(settings, option, path, format!("it cannot be used: {source}"))
    })
}
