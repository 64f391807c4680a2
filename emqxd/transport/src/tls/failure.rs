//! Why a TLS connection failed, in the words of EMQX's FAQ.
//!
//! [`TlsFailure`] is what [`TlsAccept`](super::TlsAccept) gives, and what is inside the `io::Error` of a stream that
//! fails later. Its keyword is the word that operators search their log for; `CLIENT ALERT` in its text means that the
//! client refused us, `SERVER ALERT` that we refused the client. The alert's name is the one that really went over
//! the wire (RFC 8446, 6.2).

use std::fmt;
use std::io;

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};

/// How far the connection was, in the words of EMQX's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsState {
    /// No complete ClientHello yet.
    Hello,
    /// In the handshake.
    Certify,
    /// After the handshake.
    Connection,
}

/// Who gave up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertSide {
    /// The client sent the alert: it refused our certificate or our offer.
    Client,
    /// We sent the alert: we refused the client's.
    Server,
    /// Nobody said anything: the connection was closed or broke.
    Connection,
}

/// A handshake or a connection that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFailure {
    /// The FAQ's word: `certificate_expired`, `no_suitable_cipher`, `unknown_ca`, ...; `closed` if the client left.
    pub keyword: &'static str,
    /// Whose alert it was.
    pub side: AlertSide,
    /// What happened, in a sentence for an operator.
    pub detail: String,
    alert: Option<AlertDescription>,
    state: TlsState,
    io: Option<io::ErrorKind>,
}

impl TlsFailure {
    /// What went wrong in rustls. `sent` is the alert that was written, where it is known.
    pub(super) fn new(error: &Error, state: TlsState, sent: Option<AlertDescription>) -> Self {
        if let Error::AlertReceived(alert) = error {
            return Self {
                keyword: keyword(*alert),
                side: AlertSide::Client,
                detail: received_detail(*alert),
                alert: Some(*alert),
                state,
                io: None,
            };
        }
        let alert = sent.unwrap_or_else(|| alert_of(error));
        Self {
            keyword: keyword_of(error).unwrap_or_else(|| keyword(alert)),
            side: AlertSide::Server,
            detail: detail_of(error),
            alert: Some(alert),
            state,
            io: None,
        }
    }

    /// The client left before the handshake was done.
    pub(super) fn closed(state: TlsState) -> Self {
        Self {
            keyword: "closed",
            side: AlertSide::Connection,
            detail: "the client closed the connection during the TLS handshake and said no reason".to_owned(),
            alert: None,
            state,
            io: None,
        }
    }

    /// The socket failed.
    pub(super) fn socket(error: &io::Error, state: TlsState) -> Self {
        let mut failure = Self::closed(state);
        if error.kind() != io::ErrorKind::UnexpectedEof {
            failure.detail = format!("the connection broke during the TLS handshake: {error}");
            failure.io = Some(error.kind());
        }
        failure
    }

    /// A certificate of a resumed session that is not valid any more. The client is not told: no alert fits in there.
    pub(super) fn resumed(keyword: &'static str, alert: AlertDescription, detail: String) -> Self {
        Self {
            keyword,
            side: AlertSide::Server,
            detail,
            alert: Some(alert),
            state: TlsState::Certify,
            io: None,
        }
    }

    /// With another sentence for the operator.
    pub(super) fn with_detail(mut self, detail: String) -> Self {
        self.detail = detail;
        self
    }

    /// What was wrong with the socket, if it was the socket.
    #[must_use]
    pub fn io_error(&self) -> Option<io::ErrorKind> {
        self.io
    }

    /// The failure inside an error of a [`TlsStream`](super::TlsStream).
    #[must_use]
    pub fn in_io_error(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for TlsFailure {
    /// The line as EMQX writes it, an Erlang term.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(alert) = self.alert else {
            return match self.io {
                Some(_) => write!(formatter, "{{ssl_error,{{error,\"{}\"}}}}", self.detail),
                None => formatter.write_str("{ssl_error,closed}"),
            };
        };
        let state = match self.state {
            TlsState::Hello => "hello",
            TlsState::Certify => "certify",
            TlsState::Connection => "connection",
        };
        let alert_keyword = keyword(alert);
        let words = words(alert);
        let whose = match self.side {
            AlertSide::Client => "received CLIENT ALERT",
            AlertSide::Server | AlertSide::Connection => "generated SERVER ALERT",
        };
        let more = if alert_keyword == self.keyword {
            ""
        } else {
            self.keyword
        };
        let space = if more.is_empty() { "" } else { " " };
        write!(
            formatter,
            "{{ssl_error,{{tls_alert,{{{alert_keyword},\"TLS server: In state {state} {whose}: Fatal - {words}\\n{space}{more}\"}}}}}}"
        )
    }
}

impl std::error::Error for TlsFailure {}

/// The name of an alert in EMQX's log and the FAQ.
fn keyword(alert: AlertDescription) -> &'static str {
    names(alert).0
}

/// The name of an alert as words.
fn words(alert: AlertDescription) -> &'static str {
    names(alert).1
}

fn names(alert: AlertDescription) -> (&'static str, &'static str) {
    use AlertDescription as A;
    match alert {
        A::CloseNotify => ("close_notify", "Close Notify"),
        A::UnexpectedMessage => ("unexpected_message", "Unexpected Message"),
        A::BadRecordMac => ("bad_record_mac", "Bad Record MAC"),
        A::DecryptionFailed => ("decryption_failed", "Decryption Failed"),
        A::RecordOverflow => ("record_overflow", "Record Overflow"),
        A::DecompressionFailure => ("decompression_failure", "Decompression Failure"),
        A::HandshakeFailure => ("handshake_failure", "Handshake Failure"),
        A::NoCertificate => ("no_certificate", "No Certificate"),
        A::BadCertificate => ("bad_certificate", "Bad Certificate"),
        A::UnsupportedCertificate => ("unsupported_certificate", "Unsupported Certificate"),
        A::CertificateRevoked => ("certificate_revoked", "Certificate Revoked"),
        A::CertificateExpired => ("certificate_expired", "Certificate Expired"),
        A::CertificateUnknown => ("certificate_unknown", "Certificate Unknown"),
        A::IllegalParameter => ("illegal_parameter", "Illegal Parameter"),
        A::UnknownCA => ("unknown_ca", "Unknown CA"),
        A::AccessDenied => ("access_denied", "Access Denied"),
        A::DecodeError => ("decode_error", "Decode Error"),
        A::DecryptError => ("decrypt_error", "Decrypt Error"),
        A::ExportRestriction => ("export_restriction", "Export Restriction"),
        A::ProtocolVersion => ("protocol_version", "Protocol Version"),
        A::InsufficientSecurity => ("insufficient_security", "Insufficient Security"),
        A::InternalError => ("internal_error", "Internal Error"),
        A::InappropriateFallback => ("inappropriate_fallback", "Inappropriate Fallback"),
        A::UserCanceled => ("user_canceled", "User Canceled"),
        A::NoRenegotiation => ("no_renegotiation", "No Renegotiation"),
        A::MissingExtension => ("missing_extension", "Missing Extension"),
        A::UnsupportedExtension => ("unsupported_extension", "Unsupported Extension"),
        A::UnrecognisedName => ("unrecognized_name", "Unrecognized Name"),
        A::UnknownPSKIdentity => ("unknown_psk_identity", "Unknown PSK Identity"),
        A::CertificateRequired => ("certificate_required", "Certificate Required"),
        A::NoApplicationProtocol => ("no_application_protocol", "No Application Protocol"),
        _ => ("tls_alert", "Unknown Alert"),
    }
}

/// The FAQ's word where it says more than the alert.
fn keyword_of(error: &Error) -> Option<&'static str> {
    match error {
        Error::PeerIncompatible(
            PeerIncompatible::NoCipherSuitesInCommon | PeerIncompatible::NoSignatureSchemesInCommon,
        ) => Some("no_suitable_cipher"),
        Error::NoCertificatesPresented => Some("certificate_required"),
        _ => None,
    }
}

/// The alert that rustls sends for an error.
fn alert_of(error: &Error) -> AlertDescription {
    use AlertDescription as A;
    match error {
        Error::InvalidCertificate(error) => A::from(error.clone()),
        Error::NoCertificatesPresented => A::CertificateRequired,
        Error::PeerIncompatible(
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::SupportedVersionsExtensionRequired,
        ) => A::ProtocolVersion,
        Error::PeerIncompatible(PeerIncompatible::NullCompressionRequired) => A::IllegalParameter,
        Error::PeerIncompatible(_) => A::HandshakeFailure,
        Error::InvalidMessage(error) => invalid_message_alert(error),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => A::UnexpectedMessage,
        Error::PeerMisbehaved(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme) => A::DecryptError,
        Error::PeerMisbehaved(_) => A::IllegalParameter,
        Error::DecryptError => A::BadRecordMac,
        Error::PeerSentOversizedRecord => A::RecordOverflow,
        Error::NoApplicationProtocol => A::NoApplicationProtocol,
        _ => A::InternalError,
    }
}

fn invalid_message_alert(error: &InvalidMessage) -> AlertDescription {
    match error {
        InvalidMessage::UnknownProtocolVersion => AlertDescription::ProtocolVersion,
        InvalidMessage::MessageTooLarge => AlertDescription::RecordOverflow,
        InvalidMessage::InvalidContentType | InvalidMessage::UnexpectedMessage(_) => {
            AlertDescription::UnexpectedMessage
        }
        _ => AlertDescription::DecodeError,
    }
}

/// What a client means by its alert.
fn received_detail(alert: AlertDescription) -> String {
    use AlertDescription as A;
    let meaning = match alert {
        A::UnknownCA => {
            "the client does not trust the issuer of our certificate: an intermediate missing in `certfile`, or the \
             client lacks our root"
        }
        A::CertificateExpired => "the client finds our certificate, or one above it, expired; or its clock is wrong",
        A::BadCertificate => "the client refuses our certificate; often the name it connects to is not in it",
        A::CertificateRevoked => "the client finds our certificate revoked",
        A::CertificateUnknown => "the client refuses our certificate and does not say why",
        A::UnsupportedCertificate => "the client does not take certificates of this kind",
        A::HandshakeFailure => {
            "the client found nothing acceptable in our offer, or our name is not in the certificate"
        }
        A::ProtocolVersion => "the client does not take the TLS version of this listener",
        A::InsufficientSecurity => "the client finds our parameters too weak",
        A::DecryptError => "a signature of ours does not verify at the client",
        A::UserCanceled => "the client gave up",
        A::CloseNotify => "the client closed the connection during the handshake",
        _ => return format!("the client sent the alert {}", keyword(alert)),
    };
    meaning.to_owned()
}

/// What was wrong with the client.
fn detail_of(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => format!("the client's certificate {}", certificate_problem_of(error)),
        Error::NoCertificatesPresented => {
            "the client sent no certificate, which `verify_peer` with `fail_if_no_peer_cert = true` asks for".to_owned()
        }
        Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => {
            "client and listener share no cipher suite that fits our certificate".to_owned()
        }
        Error::PeerIncompatible(PeerIncompatible::NoSignatureSchemesInCommon) => {
            "the client knows no signature that our certificate's key can make".to_owned()
        }
        Error::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon) => {
            "client and listener share no group for the key exchange".to_owned()
        }
        error => error.to_string(),
    }
}

/// What is wrong with a certificate of a client, as the end of a sentence.
pub(super) fn certificate_problem(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate_problem_of(error),
        error => format!("is refused ({error})"),
    }
}

fn certificate_problem_of(error: &CertificateError) -> String {
    let what = match error {
        CertificateError::UnknownIssuer => "is not from a CA in `cacertfile`, or the chain to it has a gap",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet",
        CertificateError::Revoked => "is on a revocation list",
        CertificateError::UnknownRevocationStatus => "is from a CA without revocation list in `crlfile`",
        CertificateError::BadSignature => "has a signature that does not verify",
        CertificateError::BadEncoding => "cannot be read",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "is not meant for clients (extended key usage)"
        }
        error => return format!("is refused ({error})"),
    };
    what.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_those_of_the_faq() {
        let received = Error::AlertReceived(AlertDescription::UnknownCA);
        let failure = TlsFailure::new(&received, TlsState::Certify, None);
        assert_eq!(
            failure.to_string(),
            r#"{ssl_error,{tls_alert,{unknown_ca,"TLS server: In state certify received CLIENT ALERT: Fatal - Unknown CA\n"}}}"#
        );
        assert_eq!(failure.side, AlertSide::Client);
        let refused = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let failure = TlsFailure::new(&refused, TlsState::Certify, None);
        assert_eq!(
            failure.to_string(),
            r#"{ssl_error,{tls_alert,{unknown_ca,"TLS server: In state certify generated SERVER ALERT: Fatal - Unknown CA\n"}}}"#
        );
        assert_eq!(failure.side, AlertSide::Server);
    }

    #[test]
    fn a_missing_cipher_is_told_from_other_failures_of_the_handshake() {
        let error = Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon);
        let failure = TlsFailure::new(&error, TlsState::Hello, Some(AlertDescription::HandshakeFailure));
        assert_eq!(failure.keyword, "no_suitable_cipher");
        assert_eq!(
            failure.to_string(),
            r#"{ssl_error,{tls_alert,{handshake_failure,"TLS server: In state hello generated SERVER ALERT: Fatal - Handshake Failure\n no_suitable_cipher"}}}"#
        );
    }

    #[test]
    fn every_failure_has_the_keyword_of_its_cause() {
        let certificate = |error| Error::InvalidCertificate(error);
        for (error, keyword) in [
            (certificate(CertificateError::Expired), "certificate_expired"),
            (certificate(CertificateError::NotValidYet), "certificate_expired"),
            (certificate(CertificateError::Revoked), "certificate_revoked"),
            (certificate(CertificateError::UnknownIssuer), "unknown_ca"),
            (certificate(CertificateError::BadEncoding), "bad_certificate"),
            (Error::NoCertificatesPresented, "certificate_required"),
            (
                Error::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled),
                "protocol_version",
            ),
            (
                Error::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon),
                "handshake_failure",
            ),
            (
                Error::AlertReceived(AlertDescription::BadCertificate),
                "bad_certificate",
            ),
            (Error::DecryptError, "bad_record_mac"),
        ] {
            let failure = TlsFailure::new(&error, TlsState::Certify, None);
            assert_eq!(failure.keyword, keyword, "{error:?}");
        }
    }

    #[test]
    fn a_client_that_leaves_is_no_alert() {
        let failure = TlsFailure::closed(TlsState::Hello);
        assert_eq!((failure.keyword, failure.side), ("closed", AlertSide::Connection));
        assert_eq!(failure.to_string(), "{ssl_error,closed}");
    }
}
