//! One handshake.
//!
//! A future that is done when client and listener have agreed, or when they have not and the client was told so: our
//! alert has been written and the client's answer waited for, as a socket closed with bytes unread would be reset and
//! the alert lost. How long the handshake may take is the caller's to watch ([`TlsServer::handshake_timeout`]).
//!
//! [`TlsServer::handshake_timeout`]: super::TlsServer::handshake_timeout

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::pki_types::CertificateDer;
use rustls::server::{Accepted, AcceptedAlert, Acceptor};
use rustls::{AlertDescription, CipherSuite, Error, HandshakeKind, PeerIncompatible, ServerConnection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::certificate::{PeerCertificate, unix_now, validity_problem};
use super::cipher_suites;
use super::client_verifier;
use super::failure::{TlsFailure, TlsState};
use super::first_bytes::FirstBytes;
use super::server::Active;
use super::settings::TlsVersion;
use super::socket_io::{SocketReader, SocketWriter, would_block_is_pending};
use super::stream::{TlsSession, TlsStream, WRITE_BYTES_MAX};

/// Bytes that a client may send in a handshake: a chain of certificates with room to spare.
const HANDSHAKE_BYTES_MAX: usize = 256 * 1024;
/// What a client that was refused may still send before its socket is closed, bytes; read and thrown away.
const DISCARDED_BYTES_MAX: usize = 64 * 1024;
/// How long it may take to close its side.
const LAST_WORDS_TIME: Duration = Duration::from_secs(1);
/// A fatal `protocol_version` as a client of TLS 1.0 reads it (RFC 5246, 7.2).
const PROTOCOL_VERSION_ALERT: [u8; 7] = [0x15, 3, 1, 0, 2, 2, 70];
/// A fatal `unexpected_message`, as EMQX answers what is no TLS.
const UNEXPECTED_MESSAGE_ALERT: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 10];
/// Cipher suites of the client that a message names.
const SUITES_NAMED: usize = 8;

/// A handshake; see [`TlsServer::accept`](super::TlsServer::accept).
#[must_use = "nothing happens until it is polled"]
pub struct TlsAccept<S> {
    /// Taken when the handshake is done.
    socket: Option<S>,
    active: Arc<ArcSwap<Active>>,
    stage: Stage,
    first: FirstBytes,
    received: usize,
    /// What the client offered, for messages.
    offered: Vec<CipherSuite>,
    server_name: Option<String>,
}

enum Stage {
    /// Waiting for a whole ClientHello.
    Hello(Box<Acceptor>),
    /// In the handshake.
    Shaking(Box<ServerConnection>),
    /// Refused.
    Refusing(Box<Refusal>),
    /// Done.
    Over,
}

/// How far it has come to tell a client that it is refused.
struct Refusal {
    failure: TlsFailure,
    alert: Vec<u8>,
    written: usize,
    is_shut_down: bool,
    discarded: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<S> TlsAccept<S> {
    pub(super) fn new(socket: S, active: Arc<ArcSwap<Active>>) -> Self {
        Self {
            socket: Some(socket),
            active,
            stage: Stage::Hello(Box::default()),
            first: FirstBytes::default(),
            received: 0,
            offered: Vec::new(),
            server_name: None,
        }
    }

    /// The host name that the client asked for, as soon as it is known.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// Whether the client has sent anything yet.
    pub fn has_begun(&self) -> bool {
        self.received > 0
    }

    fn state(&self) -> TlsState {
        match self.stage {
            Stage::Hello(_) => TlsState::Hello,
            _ => TlsState::Certify,
        }
    }

    /// The ClientHello is there: what is in force now is used, whatever is reloaded later. Not what was in force when
    /// the connection was accepted: who is silent until a revocation list has been loaded is judged by that list.
    fn begin(&mut self, accepted: Accepted) {
        let hello = accepted.client_hello();
        self.server_name = hello.server_name().map(str::to_owned);
        self.offered = hello.cipher_suites().iter().copied().take(64).collect();
        match accepted.into_connection(Arc::clone(&self.active.load().config)) {
            Ok(mut connection) => {
                connection.set_buffer_limit(Some(WRITE_BYTES_MAX));
                self.stage = Stage::Shaking(Box::new(connection));
            }
            Err((error, alert)) => self.refuse_with(&error, alert),
        }
    }

    fn refuse_with(&mut self, error: &Error, mut alert: AcceptedAlert) {
        let mut bytes = Vec::new();
        // Into memory: it cannot fail.
        let _always_room = alert.write_all(&mut bytes);
        // rustls stumbles over what such a client lacks, not over its version.
        if self.first.legacy_version().is_some() {
            let old = Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered);
            self.refuse(&old, PROTOCOL_VERSION_ALERT.to_vec());
            return;
        }
        if self.first.foreign().is_some() {
            bytes = UNEXPECTED_MESSAGE_ALERT.to_vec();
        }
        self.refuse(error, bytes);
    }

    fn refuse(&mut self, error: &Error, alert: Vec<u8>) {
        let failure = TlsFailure::new(error, self.state(), plain_alert(&alert));
        let failure = match self.better_detail(error) {
            Some(detail) => failure.with_detail(detail),
            None => failure,
        };
        self.stage = Stage::Refusing(Box::new(Refusal {
            failure,
            alert,
            written: 0,
            is_shut_down: false,
            discarded: 0,
            deadline: Box::pin(sleep(LAST_WORDS_TIME)),
        }));
    }

    /// What this side knows beyond rustls's error.
    fn better_detail(&self, error: &Error) -> Option<String> {
        match error {
            Error::InvalidCertificate(_) => client_verifier::take_refusal(),
            Error::PeerIncompatible(
                PeerIncompatible::Tls12NotOffered
                | PeerIncompatible::Tls12NotOfferedOrEnabled
                | PeerIncompatible::SupportedVersionsExtensionRequired,
            ) => Some(self.version_detail()),
            Error::InvalidMessage(_) => self.first.foreign().or_else(|| {
                let old = self.first.legacy_version()?;
                Some(format!("the client's hello of {old} cannot be read"))
            }),
            Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => Some(self.suites_detail()),
            _ => None,
        }
    }

    fn version_detail(&self) -> String {
        let active = self.active.load();
        let allowed = &active.versions;
        let ours: Vec<&str> = allowed.iter().map(|version| version.as_str()).collect();
        let theirs = match self.first.legacy_version() {
            Some(old) => format!("{old} at most"),
            None if allowed.contains(&TlsVersion::Tls12) => "TLS 1.3 only".to_owned(),
            None => "TLS 1.2 at most".to_owned(),
        };
        format!("the client offers {theirs}, this listener allows {}", ours.join(", "))
    }

    fn suites_detail(&self) -> String {
        let mut names: Vec<String> = self
            .offered
            .iter()
            .filter(|suite| **suite != CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV)
            .take(SUITES_NAMED)
            .map(|suite| cipher_suites::iana_name(*suite))
            .collect();
        if self.offered.len() > names.len() {
            names.push("...".to_owned());
        }
        format!(
            "client and listener share no cipher suite that fits our certificate; the client offers {}",
            names.join(", ")
        )
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsAccept<S> {
    /// One step; `Ready` is progress, not the end.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TlsFailure>> {
        let state = self.state();
        let Some(socket) = &mut self.socket else {
            return Poll::Ready(Err(TlsFailure::closed(state)));
        };
        if let Stage::Shaking(connection) = &mut self.stage
            && connection.wants_write()
        {
            let mut writer = SocketWriter { socket, context };
            let written = ready!(would_block_is_pending(connection.write_tls(&mut writer)));
            return Poll::Ready(match written {
                Ok(0) => Err(TlsFailure::closed(state)),
                Ok(_) => Ok(()),
                Err(error) => Err(TlsFailure::socket(&error, state)),
            });
        }
        let mut reader = SocketReader {
            socket,
            context,
            first: Some(&mut self.first),
        };
        let read = match &mut self.stage {
            Stage::Hello(acceptor) => acceptor.read_tls(&mut reader),
            Stage::Shaking(connection) => connection.read_tls(&mut reader),
            Stage::Refusing(_) | Stage::Over => return Poll::Ready(Ok(())),
        };
        match ready!(would_block_is_pending(read)) {
            Ok(0) => return Poll::Ready(Err(TlsFailure::closed(state))),
            Ok(count) => self.received += count,
            Err(error) => return Poll::Ready(Err(TlsFailure::socket(&error, state))),
        }
        self.on_received();
        Poll::Ready(Ok(()))
    }

    fn on_received(&mut self) {
        if self.received > HANDSHAKE_BYTES_MAX {
            self.refuse(&Error::PeerSentOversizedRecord, Vec::new());
            return;
        }
        match &mut self.stage {
            Stage::Hello(acceptor) => match acceptor.accept() {
                Ok(None) => {}
                Ok(Some(accepted)) => self.begin(accepted),
                Err((error, alert)) => self.refuse_with(&error, alert),
            },
            Stage::Shaking(connection) => {
                if let Err(error) = connection.process_new_packets() {
                    let mut alert = Vec::new();
                    // Into memory: it cannot fail. What was not yet sent before the alert goes out with it.
                    while connection.wants_write() && connection.write_tls(&mut alert).is_ok_and(|count| count > 0) {}
                    self.refuse(&error, alert);
                }
            }
            Stage::Refusing(_) | Stage::Over => {}
        }
    }

    /// Tells the client, then lets it close.
    fn poll_refusal(&mut self, context: &mut Context<'_>) -> Poll<TlsFailure> {
        let Stage::Refusing(refusal) = &mut self.stage else {
            return Poll::Ready(TlsFailure::closed(TlsState::Certify));
        };
        if let Some(socket) = &mut self.socket
            && refusal.deadline.as_mut().poll(context).is_pending()
        {
            // An error here is the end too: the client is gone.
            let _gone = ready!(poll_last_words(socket, refusal, context));
        }
        let Stage::Refusing(refusal) = std::mem::replace(&mut self.stage, Stage::Over) else {
            return Poll::Ready(TlsFailure::closed(TlsState::Certify));
        };
        Poll::Ready(refusal.failure)
    }

    /// Gives the stream away once nothing is left to do.
    fn finish(&mut self) -> Option<Result<(TlsStream<S>, TlsSession), TlsFailure>> {
        let Stage::Shaking(connection) = &self.stage else {
            return None;
        };
        if connection.is_handshaking() || connection.wants_write() {
            return None;
        }
        let Stage::Shaking(connection) = std::mem::replace(&mut self.stage, Stage::Over) else {
            return None;
        };
        let socket = self.socket.take()?;
        Some(
            session_of(&connection, self.server_name.take())
                .map(|session| (TlsStream::new(socket, connection), session)),
        )
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for TlsAccept<S> {
    type Output = Result<(TlsStream<S>, TlsSession), TlsFailure>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            if let Some(done) = this.finish() {
                return Poll::Ready(done);
            }
            if matches!(this.stage, Stage::Refusing(_)) {
                return this.poll_refusal(context).map(Err);
            }
            if let Err(failure) = ready!(this.poll_step(context)) {
                this.stage = Stage::Over;
                return Poll::Ready(Err(failure));
            }
        }
    }
}

/// Writes the alert, closes our side and reads until the client closes its own.
fn poll_last_words<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut S,
    refusal: &mut Refusal,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    while refusal.written < refusal.alert.len() {
        let rest = &refusal.alert[refusal.written..];
        let count = ready!(Pin::new(&mut *socket).poll_write(context, rest))?;
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        refusal.written += count;
    }
    if !refusal.is_shut_down {
        ready!(Pin::new(&mut *socket).poll_shutdown(context))?;
        refusal.is_shut_down = true;
    }
    // A client that gave up itself waits for nothing.
    if refusal.alert.is_empty() {
        return Poll::Ready(Ok(()));
    }
    let mut scratch = [0; 2048];
    while refusal.discarded < DISCARDED_BYTES_MAX {
        let mut buffer = ReadBuf::new(&mut scratch);
        ready!(Pin::new(&mut *socket).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            break;
        }
        refusal.discarded += buffer.filled().len();
    }
    Poll::Ready(Ok(()))
}

/// What was agreed; refused if the client's certificate, which a resumed session does not show again, has expired
/// meanwhile. Its CA and revocation are part of the ticket's key and need no second look.
fn session_of(connection: &ServerConnection, server_name: Option<String>) -> Result<TlsSession, TlsFailure> {
    let is_resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
    let chain = connection.peer_certificates().unwrap_or_default();
    if is_resumed && let Some(problem) = lapsed(chain, unix_now()) {
        let detail = format!("the client's certificate of a resumed session {problem}");
        return Err(TlsFailure::resumed(
            "certificate_expired",
            AlertDescription::CertificateExpired,
            detail,
        ));
    }
    let version = match connection.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => TlsVersion::Tls13,
        _ => TlsVersion::Tls12,
    };
    let cipher = connection
        .negotiated_cipher_suite()
        .map(|suite| cipher_suites::iana_name(suite.suite()))
        .unwrap_or_default();
    Ok(TlsSession {
        version: version.as_str(),
        cipher,
        server_name,
        is_resumed,
        peer_certificate: chain
            .first()
            .map(|certificate| Arc::new(PeerCertificate::parse(certificate))),
    })
}

/// What is wrong with the dates of a chain that was verified before.
pub(super) fn lapsed(chain: &[CertificateDer<'_>], now: i64) -> Option<String> {
    chain.iter().find_map(|certificate| validity_problem(certificate, now))
}

/// The alert of a record that is not encrypted, the last of what is sent.
fn plain_alert(sent: &[u8]) -> Option<AlertDescription> {
    match sent.last_chunk::<7>()? {
        [0x15, 3, _, 0, 2, _, code] => Some(AlertDescription::from(*code)),
        _ => None,
    }
}
