//! The files of a TLS listener: read, bounded and checked as one, so that a set that does not fit is refused whole.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, RootCertStore};

use super::certificate::CertificateFacts;
use super::revocation::RevocationListFacts;
use super::settings::{ClientVerification, TlsSettings};

/// Bytes of a file with certificates or a key.
const PEM_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Bytes of a revocation list.
const CRL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Files of a folder of revocation lists.
const CRL_FILES_MAX: usize = 1024;
/// Certificates in a chain or a bundle of CAs.
const CERTIFICATES_MAX: usize = 10_000;

/// Why a listener has no TLS: which file of which setting, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsConfigError {
    /// The listener's id.
    pub listener: String,
    /// The key below `ssl_options`, such as `certfile`.
    pub option: &'static str,
    /// The file, if it is one.
    pub path: Option<PathBuf>,
    why: String,
    next: String,
}

impl TlsConfigError {
    pub(super) fn new(settings: &TlsSettings, option: &'static str, path: Option<&Path>, why: String) -> Self {
        Self {
            listener: settings.listener.clone(),
            option,
            path: path.map(Path::to_owned),
            why,
            next: String::new(),
        }
    }

    pub(super) fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn next_step(&self) -> String {
        let key = format!(
            "listeners.{}.ssl_options.{}",
            self.listener.replace(':', "."),
            self.option
        );
        if self.next.is_empty() {
            format!("check `{key}`")
        } else {
            self.next.replace("{key}", &key)
        }
    }
}

impl fmt::Display for TlsConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "listener {}: ", self.listener)?;
        match &self.path {
            Some(path) => write!(formatter, "{} {}: {}", self.option, path.display(), self.why),
            None => write!(formatter, "{}: {}", self.option, self.why),
        }
    }
}

impl std::error::Error for TlsConfigError {}

/// What was in the files.
pub(super) struct Material {
    /// Our chain and its key, which belong together.
    pub(super) identity: Arc<CertifiedKey>,
    /// The CAs of clients.
    pub(super) roots: Arc<RootCertStore>,
    /// What is in `cacertfile`, also where no client is verified: our own chain may end in one of them.
    pub(super) cas: Vec<CertificateDer<'static>>,
    pub(super) crls: Vec<CertificateRevocationListDer<'static>>,
    /// What stands in `crls`.
    pub(super) lists: Vec<RevocationListFacts>,
    /// Of the CAs and the lists.
    pub(super) demands_hash: Vec<u8>,
    /// Of everything: tells whether a reload brought anything new.
    pub(super) hash: Vec<u8>,
}

impl Material {
    /// Reads all files of `settings`.
    pub(super) fn load(settings: &TlsSettings, provider: &CryptoProvider) -> Result<Self, TlsConfigError> {
        let certificate_pem = read(settings, "certfile", &settings.certificate_file, PEM_BYTES_MAX)?;
        let chain = certificates(settings, "certfile", &settings.certificate_file, &certificate_pem)?;
        let key_pem = read(settings, "keyfile", &settings.key_file, PEM_BYTES_MAX)?;
        let key = private_key(settings, &key_pem)?;
        let identity = certified_key(settings, chain, key, provider)?;
        let mut demands = digest::Context::new(&digest::SHA256);
        let mut roots = RootCertStore::empty();
        let (mut crls, mut lists) = (Vec::new(), Vec::new());
        let cas = if settings.verification == ClientVerification::None {
            cas_if_any(settings)
        } else {
            let pem = read_cas(settings, &mut roots)?;
            demands.update(&pem);
            for path in crl_files(settings)? {
                let bytes = read(settings, "crlfile", &path, CRL_BYTES_MAX)?;
                demands.update(&bytes);
                let before = crls.len();
                revocation_lists(settings, &path, bytes, &mut crls)?;
                lists.extend(
                    crls[before..]
                        .iter()
                        .filter_map(|der| RevocationListFacts::parse(&path, der)),
                );
            }
            super::inspect::certificates(&pem)
        };
        let demands_hash = demands.finish().as_ref().to_vec();
        let mut all = digest::Context::new(&digest::SHA256);
        all.update(&demands_hash);
        all.update(&certificate_pem);
        all.update(&key_pem);
        Ok(Self {
            identity: Arc::new(identity),
            roots: Arc::new(roots),
            cas,
            crls,
            lists,
            demands_hash,
            hash: all.finish().as_ref().to_vec(),
        })
    }
}

/// A whole file. Only regular ones: opening a pipe would wait for its other end.
fn read(settings: &TlsSettings, option: &'static str, path: &Path, bytes_max: u64) -> Result<Vec<u8>, TlsConfigError> {
    let error = |why: String| TlsConfigError::new(settings, option, Some(path), why);
    let read = || -> io::Result<Vec<u8>> {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > bytes_max {
            return Err(io::Error::other(format!("it is larger than {bytes_max} bytes")));
        }
        Ok(bytes)
    };
    read().map_err(|source| {
        let next = match source.kind() {
            io::ErrorKind::NotFound => "put the file there, or set `{key}`".to_owned(),
            io::ErrorKind::PermissionDenied => format!(
                "let the user of emqxd read it: setfacl -m u:USER:r {0}, and x on the folders above",
                path.display()
            ),
            _ => String::new(),
        };
        error(source.to_string()).with_next(next)
    })
}

fn certificates(
    settings: &TlsSettings,
    option: &'static str,
    path: &Path,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TlsConfigError> {
    let error = |why: String| TlsConfigError::new(settings, option, Some(path), why);
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|source| error(format!("not PEM: {source}")))?;
        if CertificateFacts::parse(&certificate).is_none() {
            return Err(error(format!(
                "certificate {} in it cannot be read",
                certificates.len() + 1
            )));
        }
        if certificates.len() == CERTIFICATES_MAX {
            return Err(error(format!("more than {CERTIFICATES_MAX} certificates")));
        }
        certificates.push(certificate);
    }
    if certificates.is_empty() {
        let next = "give it certificates in PEM (-----BEGIN CERTIFICATE-----); from DER: openssl x509 -inform der -in \
                    FILE -out FILE.pem";
        return Err(error("it holds no certificate".to_owned()).with_next(next));
    }
    Ok(certificates)
}

fn private_key(settings: &TlsSettings, pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsConfigError> {
    let path = &settings.key_file;
    let error = |why: &str| TlsConfigError::new(settings, "keyfile", Some(path), why.to_owned());
    if super::inspect::is_encrypted_key(pem) {
        let next = format!(
            "write it without: openssl pkey -in {0} -out {0}.plain && chmod 600 {0}.plain, and set `{{key}}` to that",
            path.display()
        );
        return Err(error("the key is encrypted, and this version cannot decrypt it").with_next(next));
    }
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        let next = "give it the private key in PEM (-----BEGIN PRIVATE KEY-----) that belongs to `certfile`";
        error("it holds no private key").with_next(next)
    })
}

fn certified_key(
    settings: &TlsSettings,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsConfigError> {
    let path = Some(settings.key_file.as_path());
    CertifiedKey::from_der(chain, key, provider).map_err(|source| match source {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            let why = format!(
                "it is not the key of the first certificate in {}",
                settings.certificate_file.display()
            );
            let next = "the certificate of this listener must come first in `certfile`, the intermediates after it; \
                        compare with `emqx-ctl tls check`";
            TlsConfigError::new(settings, "keyfile", path, why).with_next(next)
        }
        source => TlsConfigError::new(settings, "keyfile", path, format!("the key cannot be used: {source}"))
            .with_next("use an RSA key of 2048 bits or more, ECDSA P-256 or P-384, or Ed25519"),
    })
}

/// Fills `roots`; gives the file as it is.
fn read_cas(settings: &TlsSettings, roots: &mut RootCertStore) -> Result<Vec<u8>, TlsConfigError> {
    let Some(path) = &settings.ca_file else {
        let why = "not set, and `verify = verify_peer` needs the CA of the clients' certificates".to_owned();
        return Err(TlsConfigError::new(settings, "cacertfile", None, why).with_next("set `{key}`"));
    };
    let pem = read(settings, "cacertfile", path, PEM_BYTES_MAX)?;
    for certificate in certificates(settings, "cacertfile", path, &pem)? {
        roots.add(certificate).map_err(|source| {
            let why = format!("a certificate in it cannot be a CA: {source}");
            TlsConfigError::new(settings, "cacertfile", Some(path), why)
        })?;
    }
    Ok(pem)
}

/// The CAs of a listener that verifies nobody and so can do without.
fn cas_if_any(settings: &TlsSettings) -> Vec<CertificateDer<'static>> {
    let path = settings.ca_file.as_deref();
    let pem = path.and_then(|path| read(settings, "cacertfile", path, PEM_BYTES_MAX).ok());
    super::inspect::certificates(&pem.unwrap_or_default())
}

/// The files that the settings name, those of folders in the order of their names.
fn crl_files(settings: &TlsSettings) -> Result<Vec<PathBuf>, TlsConfigError> {
    let mut files = Vec::new();
    for path in &settings.crl_paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let error = |why: String| TlsConfigError::new(settings, "crlfile", Some(path), why);
        let entries = fs::read_dir(path).map_err(|source| error(source.to_string()))?;
        let mut found: Vec<PathBuf> = entries
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| path.is_file())
            .take(CRL_FILES_MAX + 1)
            .collect();
        if found.len() > CRL_FILES_MAX {
            return Err(error(format!("more than {CRL_FILES_MAX} files")));
        }
        if found.is_empty() {
            return Err(error("no file in this folder".to_owned()));
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

fn revocation_lists(
    settings: &TlsSettings,
    path: &Path,
    bytes: Vec<u8>,
    lists: &mut Vec<CertificateRevocationListDer<'static>>,
) -> Result<(), TlsConfigError> {
    let error = |why: String| TlsConfigError::new(settings, "crlfile", Some(path), why);
    let before = lists.len();
    if bytes.starts_with(b"\x30") {
        lists.push(bytes.into());
    } else {
        for list in CertificateRevocationListDer::pem_slice_iter(&bytes) {
            lists.push(list.map_err(|source| error(format!("not PEM: {source}")))?);
        }
    }
    if lists.len() == before {
        let next =
            "give it a revocation list, PEM (-----BEGIN X509 CRL-----) or DER; openssl crl -in FILE -text shows one";
        return Err(error("it holds no revocation list".to_owned()).with_next(next));
    }
    Ok(())
}
