//! Why a connection never came to MQTT, and the reasons for errors of its layers afterwards.
//!
//! The reason is decided here once; log line, `shutdown_count`, `why` and `disconnects` take their word from it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use emqxd_broker::{DisconnectReason, Time};
use emqxd_transport::{AlertSide, ProxyError, Stream, TlsFailure, UpgradeError, WebSocketFailure};

use super::Negotiation;
use crate::closed_connections::{ClosedConnection, Traffic};
use crate::config::ListenerConfig;
use crate::worker::Worker;

/// Why there will be no MQTT on a connection.
pub(super) struct Failure {
    /// `None` if it was counted and logged where it was refused.
    reason: Option<DisconnectReason>,
    detail: Option<Box<str>>,
    /// The line of EMQX's log, where that says more than the reason.
    logged: Option<String>,
}

impl Failure {
    /// Refused, with a count and a line in the log, by somebody else.
    pub(super) fn refused() -> Self {
        Self {
            reason: None,
            detail: None,
            logged: None,
        }
    }

    pub(super) fn stopped() -> Self {
        DisconnectReason::ListenerStopped.into()
    }

    pub(super) fn untrusted_proxy(peer: SocketAddr, config: &ListenerConfig) -> Self {
        let text = format!(
            "{} is not in listeners.{}.{}.trusted_proxies",
            peer.ip(),
            config.kind,
            config.name
        );
        Self::new(DisconnectReason::ProxyProtoUntrusted, text)
    }

    fn new(reason: DisconnectReason, detail: impl Into<Box<str>>) -> Self {
        Self {
            reason: Some(reason),
            detail: Some(detail.into()),
            logged: None,
        }
    }

    /// Counts it, logs it, remembers it.
    pub(super) fn tell(self, worker: &Worker, negotiation: &Negotiation, accepted_at: Time) {
        let Some(reason) = self.reason else { return };
        let listener = &negotiation.slot.listener;
        listener.shutdown_counts.count(reason);
        tracing::info!(
            tag = "SOCKET",
            peername = %negotiation.peer,
            proxied_by = negotiation.origin.proxied_by.map(tracing::field::display),
            listener = %listener.id,
            reason = match &self.logged {
                Some(line) => format!("{{shutdown,{line}}}"),
                None => format!("{{shutdown,{reason}}}"),
            },
            detail = self.detail.as_deref(),
            "terminate"
        );
        let state = worker.borrow();
        let closed = ClosedConnection {
            ended_at: state.clock.now(),
            reason,
            detail: self.detail,
            reason_code_sent: None,
            listener: Arc::clone(&listener.id),
            peer: negotiation.peer,
            accepted_at,
            traffic: Traffic::default(),
            channel: None,
        };
        state.tell_disconnected(&closed);
        state.node.closed.push(closed);
    }
}

impl From<DisconnectReason> for Failure {
    fn from(reason: DisconnectReason) -> Self {
        Self {
            reason: Some(reason),
            detail: None,
            logged: None,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let (reason, detail) = failed_io(&error);
        Self {
            reason: Some(reason),
            detail: detail.map(String::into_boxed_str),
            logged: None,
        }
    }
}

impl From<ProxyError> for Failure {
    fn from(error: ProxyError) -> Self {
        match error {
            ProxyError::Io(error) => error.into(),
            ProxyError::Closed => DisconnectReason::ProxyProtoClose.into(),
            wrong => Self::new(DisconnectReason::ProxyProtoInvalid, wrong.to_string()),
        }
    }
}

impl From<TlsFailure> for Failure {
    fn from(failure: TlsFailure) -> Self {
        Self {
            logged: Some(failure.to_string()),
            ..Self::new(disconnect_reason(&failure), failure_detail(&failure))
        }
    }
}

impl From<UpgradeError> for Failure {
    fn from(error: UpgradeError) -> Self {
        match error {
            UpgradeError::Io(error) => error.into(),
            other => Self::new(DisconnectReason::WebsocketUpgradeFailed, other.to_string()),
        }
    }
}

/// The reason of a connection that TLS has ended. Its name is the FAQ's keyword.
fn disconnect_reason(failure: &TlsFailure) -> DisconnectReason {
    match failure.side {
        AlertSide::Client => DisconnectReason::TlsClientAlert(failure.keyword),
        AlertSide::Server => DisconnectReason::TlsServerAlert(failure.keyword),
        AlertSide::Connection => match failure.io_error() {
            Some(kind) => DisconnectReason::from_io_error(&kind.into()),
            None => DisconnectReason::SslClosed,
        },
    }
}

/// Whose alert it was, and what it means.
fn failure_detail(failure: &TlsFailure) -> String {
    match failure.side {
        AlertSide::Client => format!("CLIENT ALERT: {}", failure.detail),
        AlertSide::Server => format!("SERVER ALERT: {}", failure.detail),
        AlertSide::Connection => failure.detail.clone(),
    }
}

/// The reason for an error of a connection's stream, and what more is known.
pub(crate) fn failed_io(error: &io::Error) -> (DisconnectReason, Option<String>) {
    if let Some(failure) = TlsFailure::in_io_error(error) {
        return (disconnect_reason(failure), Some(failure_detail(failure)));
    }
    if let Some(failure) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<WebSocketFailure>())
    {
        return (DisconnectReason::WebsocketFrameError, Some(failure.0.to_string()));
    }
    (DisconnectReason::from_io_error(error), None)
}

/// The reason for the end of a stream without an error.
pub(crate) fn end_of_read(stream: &Stream) -> DisconnectReason {
    if stream.is_tls() {
        DisconnectReason::SslClosed
    } else {
        DisconnectReason::TcpClosed
    }
}
