//! Looks at another host's TLS from outside, as a client sees it: for `emqx-ctl tls check --host`.
//!
//! Takes any certificate, so that it can be shown, and says separately whether it would be trusted. Blocking, with a
//! deadline; nothing is sent but a handshake.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{ClientConfig, ClientConnection, ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{Error, RootCertStore, SignatureScheme};

use super::cipher_suites::iana_name;
use super::server_verifier::{JudgeServer, ServerVerifier};

/// What a host showed.
#[derive(Debug)]
pub struct ProbeReport {
    /// `tlsv1.3` or `tlsv1.2`.
    pub version: &'static str,
    /// By its IANA name.
    pub cipher: String,
    /// Its chain, its own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    /// It asks clients for a certificate.
    pub asks_for_certificate: bool,
    /// Why clients that trust the given CAs, or the system's, would refuse it; `None` if they would not.
    pub distrust: Option<String>,
}

/// Why nothing could be seen.
#[derive(Debug)]
pub enum ProbeError {
    /// No connection.
    Connect(io::Error),
    /// It did not answer in time.
    Timeout,
    /// It is no TLS, or has nothing in common with us.
    Handshake(String),
}

impl fmt::Display for ProbeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(formatter, "cannot connect: {error}"),
            Self::Timeout => formatter.write_str("no answer in time"),
            Self::Handshake(why) => write!(formatter, "the TLS handshake failed: {why}"),
        }
    }
}

impl std::error::Error for ProbeError {}

/// Shakes hands with `address`, asking for `host`. Trust is judged by `cas`.
///
/// # Errors
/// No connection, no answer within `timeout`, or no handshake.
pub fn probe(
    address: SocketAddr,
    host: &str,
    cas: &[CertificateDer<'static>],
    timeout: Duration,
) -> Result<ProbeReport, ProbeError> {
    let deadline = Instant::now() + timeout;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let seen = Arc::new(Seen::default());
    let verifier = Arc::new(ServerVerifier::new(Arc::clone(&seen), Arc::clone(&provider)));
    let name =
        ServerName::try_from(host.to_owned()).map_err(|_| ProbeError::Handshake(format!("{host} is no host name")))?;
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| ProbeError::Handshake(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::clone(&seen) as Arc<dyn ResolvesClientCert>);
    let mut connection = ClientConnection::new(Arc::new(config), name.clone())
        .map_err(|error| ProbeError::Handshake(error.to_string()))?;
    let mut socket = TcpStream::connect_timeout(&address, timeout).map_err(ProbeError::Connect)?;
    while connection.is_handshaking() {
        // Before each read: a host that sends byte after byte does not move the deadline.
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ProbeError::Timeout);
        }
        let timeouts = socket
            .set_read_timeout(Some(left))
            .and_then(|()| socket.set_write_timeout(Some(left)));
        timeouts.map_err(ProbeError::Connect)?;
        step(&mut connection, &mut socket).map_err(in_words)?;
    }
    // The end of the handshake, so that the host does not log one that broke.
    while connection.wants_write() && connection.write_tls(&mut socket).is_ok_and(|count| count > 0) {}
    let chain = std::mem::take(&mut *seen.chain.lock());
    let version = match connection.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "tlsv1.3",
        _ => "tlsv1.2",
    };
    let suite = connection.negotiated_cipher_suite();
    Ok(ProbeReport {
        version,
        cipher: suite.map(|suite| iana_name(suite.suite())).unwrap_or_default(),
        distrust: distrust(&chain, cas, &name, &provider),
        asks_for_certificate: seen.was_asked.load(Ordering::Relaxed),
        chain,
    })
}

/// One write or one read.
fn step(connection: &mut ClientConnection, socket: &mut TcpStream) -> io::Result<()> {
    if connection.wants_write() {
        connection.write_tls(socket)?;
        return Ok(());
    }
    if connection.read_tls(socket)? == 0 {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the host closed the connection",
        ));
    }
    match connection.process_new_packets() {
        Ok(_) => Ok(()),
        Err(error) => {
            // Our alert; it changes nothing here.
            let _best_effort = connection.write_tls(socket);
            Err(io::Error::new(io::ErrorKind::InvalidData, error))
        }
    }
}

fn in_words(error: io::Error) -> ProbeError {
    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) {
        return ProbeError::Timeout;
    }
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match tls {
        Some(Error::AlertReceived(alert)) => ProbeError::Handshake(format!("the host sent the alert {alert:?}")),
        Some(Error::InvalidMessage(_)) => ProbeError::Handshake("the host does not speak TLS on this port".to_owned()),
        Some(error) => ProbeError::Handshake(error.to_string()),
        None => ProbeError::Handshake(error.to_string()),
    }
}

/// Why a client would not trust the chain.
fn distrust(
    chain: &[CertificateDer<'static>],
    cas: &[CertificateDer<'static>],
    name: &ServerName<'_>,
    provider: &Arc<CryptoProvider>,
) -> Option<String> {
    let (own, rest) = chain.split_first()?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(cas.iter().cloned());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    let verified = match verifier {
        Ok(verifier) => verifier.verify_server_cert(own, rest, name, &[], UnixTime::now()),
        Err(_) => return Some("no CA to judge by".to_owned()),
    };
    verified.err().map(|error| error.to_string())
}

/// Takes everything and remembers it.
#[derive(Debug, Default)]
struct Seen {
    chain: Mutex<Vec<CertificateDer<'static>>>,
    was_asked: AtomicBool,
}

impl JudgeServer for Arc<Seen> {
    fn judge(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _now: UnixTime,
        _provider: &CryptoProvider,
    ) -> Result<(), Error> {
        let mut chain = vec![own.clone().into_owned()];
        chain.extend(others.iter().map(|certificate| certificate.clone().into_owned()));
        *self.chain.lock() = chain;
        Ok(())
    }
}

impl ResolvesClientCert for Seen {
    fn resolve(&self, _root_hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.was_asked.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}
