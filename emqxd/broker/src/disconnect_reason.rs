//! Why a connection ended: the one source for the log line, the listener's `shutdown_count`, the
//! `$SYS/.../disconnected` event, the ring behind `emqx-ctl why`, traces and hooks.
//!
//! The reason is decided where the connection ends and carried unchanged to all of them. It has two
//! display tables: EMQX 5 names, the default, and EMQX 4 names. Reasons that EMQX 5 shows under one name
//! but EMQX 4 or an operator tells apart are variants of their own.

use std::fmt;
use std::io::{self, ErrorKind};

use mqtt_codec::ReasonCode;

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisconnectReason {
    /// The client sent DISCONNECT 0x00.
    Normal,
    /// The client sent DISCONNECT with another code.
    ClientDisconnect(ReasonCode),
    /// The peer closed the TCP connection without DISCONNECT.
    TcpClosed,
    /// The peer closed the TLS connection without DISCONNECT.
    SslClosed,

    /// Nothing was received for keep alive times `mqtt.keepalive_multiplier`.
    KeepaliveTimeout,
    /// No complete CONNECT came within `mqtt.idle_timeout`.
    IdleTimeout,
    /// A packet that is not legal in this state.
    ProtocolError,
    /// A second CONNECT on the connection.
    SecondConnect,
    /// The first packet was not CONNECT.
    NotConnectFirst,
    /// A packet larger than `mqtt.max_packet_size`.
    FrameTooLarge,
    /// Bytes that are no MQTT packet, before CONNECT was accepted.
    FrameError,
    /// The first bytes are not an MQTT CONNECT: HTTP, TLS on the plain port, ...
    InvalidConnectPacket,
    /// Bytes that are no MQTT packet, from a connected client; with the codec's word for what is wrong.
    MalformedPacket(&'static str),
    /// PUBLISH to an empty topic or one with wildcards.
    TopicNameInvalid,
    /// A topic filter against the grammar.
    TopicFilterInvalid,
    /// Topic Alias 0, above the maximum or not set.
    TopicAliasInvalid,
    /// More QoS 2 messages unreleased than allowed.
    ReceiveMaximumExceeded,

    /// The same client id connected with clean start 0 and took the session.
    TakenOver,
    /// The same client id connected with clean start 1; the session was dropped.
    Discarded,
    /// An operator ended the client.
    Kicked,
    /// The session's expiry interval ran out.
    Expired,
    /// Refused, in CONNACK or later, with this code: authentication, authorization, ban, licence limit, ...
    Refused(ReasonCode),

    /// A write did not complete within `tcp_options.send_timeout`.
    SendTimeout,
    /// The kernel gave up retransmitting.
    Etimedout,
    /// RST from the peer.
    Econnreset,
    /// Written to after the peer closed.
    Epipe,
    /// The socket was gone when the broker wanted to use it.
    Einval,
    /// Another error of the socket, by its POSIX name in small letters.
    Io(&'static str),
    /// The TLS handshake or a TLS record was bad.
    SslError,
    /// The TLS handshake was not done within `handshake_timeout`.
    SslUpgradeTimeout,
    /// The peer closed before the PROXY header was complete.
    ProxyProtoClose,
    /// The client refused TLS by an alert; the FAQ's word for it, such as `unknown_ca`.
    TlsClientAlert(&'static str),
    /// The broker refused a client's TLS; the FAQ's word for it, such as `certificate_expired`.
    TlsServerAlert(&'static str),
    /// The PROXY header did not come within `proxy_protocol_timeout`.
    ProxyProtoTimeout,
    /// The first bytes are no PROXY header, or a wrong one.
    ProxyProtoInvalid,
    /// A PROXY header from an address that is not in `trusted_proxies`.
    ProxyProtoUntrusted,
    /// The HTTP request for a WebSocket was refused.
    WebsocketUpgradeFailed,
    /// The HTTP request for a WebSocket was not complete in time.
    WebsocketUpgradeTimeout,
    /// WebSocket frames against their rules, text frames, or one above `max_frame_size`.
    WebsocketFrameError,
    /// A WebSocket client sent nothing for `websocket.idle_timeout`.
    WebsocketIdleTimeout,

    /// More messages waited for the connection's task than `force_shutdown.max_mailbox_size`.
    MailboxOverflow,
    /// The connection held more memory than `force_shutdown.max_heap_size`.
    HeapTooLarge,
    /// The listener's `max_connections` are in use.
    MaxConnections,
    /// An operator stopped the listener.
    ListenerStopped,
    /// The node stops.
    ServerShuttingDown,
    /// A bug in the broker ended the connection.
    InternalError,
}

/// Whose act or failure the end of a connection was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClosedBy {
    /// The client said so or closed the connection.
    Client,
    /// The broker decided it.
    Server,
    /// The connection broke.
    Network,
}

impl ClosedBy {
    /// `client`, `server` or `network`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Network => "network",
        }
    }
}

impl DisconnectReason {
    /// EMQX 5's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::ClientDisconnect(code) | Self::Refused(code) => code.name(),
            Self::TcpClosed => "tcp_closed",
            Self::SslClosed => "ssl_closed",
            Self::KeepaliveTimeout => "keepalive_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::ProtocolError | Self::SecondConnect | Self::NotConnectFirst => "protocol_error",
            Self::FrameTooLarge => "frame_too_large",
            Self::FrameError => "frame_error",
            Self::InvalidConnectPacket => "invalid_connect_packet",
            Self::MalformedPacket(kind) => kind,
            Self::TopicNameInvalid => "topic_name_invalid",
            Self::TopicFilterInvalid => "topic_filter_invalid",
            Self::TopicAliasInvalid => "topic_alias_invalid",
            Self::ReceiveMaximumExceeded => "receive_maximum_exceeded",
            Self::TakenOver => "takenover",
            Self::Discarded => "discarded",
            Self::Kicked => "kicked",
            Self::Expired => "expired",
            Self::SendTimeout => "send_timeout",
            Self::Etimedout => "etimedout",
            Self::Econnreset => "econnreset",
            Self::Epipe => "epipe",
            Self::Einval => "einval",
            Self::Io(name) => name,
            Self::SslError => "ssl_error",
            Self::SslUpgradeTimeout => "ssl_upgrade_timeout",
            Self::ProxyProtoClose => "proxy_proto_close",
            Self::TlsClientAlert(keyword) | Self::TlsServerAlert(keyword) => keyword,
            Self::ProxyProtoTimeout => "proxy_proto_timeout",
            Self::ProxyProtoInvalid => "proxy_proto_invalid",
            Self::ProxyProtoUntrusted => "proxy_proto_untrusted",
            Self::WebsocketUpgradeFailed => "websocket_upgrade_failed",
            Self::WebsocketUpgradeTimeout => "websocket_upgrade_timeout",
            Self::WebsocketFrameError => "websocket_frame_error",
            Self::WebsocketIdleTimeout => "websocket_idle_timeout",
            Self::MailboxOverflow => "mailbox_overflow",
            Self::HeapTooLarge => "proc_heap_too_large",
            Self::MaxConnections => "max_connections",
            Self::ListenerStopped => "listener_stopped",
            Self::ServerShuttingDown => "server_shutting_down",
            Self::InternalError => "internal_error",
        }
    }

    /// EMQX 4's name; its `closed` and `function_clause` cover what EMQX 5 tells apart.
    pub fn name_v4(self) -> &'static str {
        match self {
            Self::TcpClosed | Self::SslClosed => "closed",
            Self::SecondConnect => "proto_unexpected_connect",
            Self::NotConnectFirst => "proto_not_connected",
            Self::FrameError | Self::InvalidConnectPacket | Self::MalformedPacket(_) => "function_clause",
            Self::TakenOver => "takeovered",
            Self::SendTimeout => "etimedout",
            Self::MailboxOverflow => "message_queue_too_long",
            other => other.name(),
        }
    }

    /// Who ended it. What the broker decides because of something the client did is the server's.
    pub fn closed_by(self) -> ClosedBy {
        match self {
            Self::Normal
            | Self::ClientDisconnect(_)
            | Self::TcpClosed
            | Self::SslClosed
            | Self::TlsClientAlert(_)
            | Self::ProxyProtoClose => ClosedBy::Client,
            Self::Etimedout | Self::Econnreset | Self::Epipe | Self::Einval | Self::Io(_) => ClosedBy::Network,
            _ => ClosedBy::Server,
        }
    }

    /// The DISCONNECT that a connected MQTT 5 client is sent first; `None` if none can or need be sent.
    pub fn disconnect_reason_code(self) -> Option<ReasonCode> {
        Some(match self {
            Self::KeepaliveTimeout | Self::WebsocketIdleTimeout => ReasonCode::KeepAliveTimeout,
            Self::ProtocolError | Self::SecondConnect => ReasonCode::ProtocolError,
            Self::FrameTooLarge => ReasonCode::PacketTooLarge,
            Self::FrameError | Self::MalformedPacket(_) => ReasonCode::MalformedPacket,
            Self::TopicNameInvalid => ReasonCode::TopicNameInvalid,
            Self::TopicFilterInvalid => ReasonCode::TopicFilterInvalid,
            Self::TopicAliasInvalid => ReasonCode::TopicAliasInvalid,
            Self::ReceiveMaximumExceeded => ReasonCode::ReceiveMaximumExceeded,
            Self::TakenOver | Self::Discarded => ReasonCode::SessionTakenOver,
            Self::Kicked => ReasonCode::AdministrativeAction,
            Self::Refused(code) => in_disconnect(code),
            Self::ListenerStopped | Self::ServerShuttingDown => ReasonCode::ServerShuttingDown,
            Self::MailboxOverflow | Self::HeapTooLarge => ReasonCode::QuotaExceeded,
            Self::InternalError => ReasonCode::UnspecifiedError,
            Self::Normal
            | Self::ClientDisconnect(_)
            | Self::TcpClosed
            | Self::SslClosed
            | Self::IdleTimeout
            | Self::NotConnectFirst
            | Self::InvalidConnectPacket
            | Self::Expired
            | Self::SendTimeout
            | Self::Etimedout
            | Self::Econnreset
            | Self::Epipe
            | Self::Einval
            | Self::Io(_)
            | Self::SslError
            | Self::SslUpgradeTimeout
            | Self::ProxyProtoClose
            | Self::ProxyProtoTimeout
            | Self::ProxyProtoInvalid
            | Self::ProxyProtoUntrusted
            | Self::TlsClientAlert(_)
            | Self::TlsServerAlert(_)
            | Self::WebsocketUpgradeFailed
            | Self::WebsocketUpgradeTimeout
            | Self::WebsocketFrameError
            | Self::MaxConnections => return None,
        })
    }

    /// The code of the CONNACK that answers a CONNECT which ends this way; `None` if none is sent.
    ///
    /// Older versions get [`ReasonCode::connack_return_code_v3`] of it, where they get a CONNACK at all:
    /// only [`DisconnectReason::Refused`] is told to them.
    pub fn connack_reason_code(self) -> Option<ReasonCode> {
        Some(match self {
            Self::ProtocolError | Self::SecondConnect => ReasonCode::ProtocolError,
            Self::FrameTooLarge => ReasonCode::PacketTooLarge,
            Self::FrameError | Self::MalformedPacket(_) => ReasonCode::MalformedPacket,
            Self::TopicNameInvalid => ReasonCode::TopicNameInvalid,
            Self::Refused(code) => in_connack(code),
            Self::ListenerStopped | Self::ServerShuttingDown => ReasonCode::ServerUnavailable,
            Self::MaxConnections | Self::MailboxOverflow | Self::HeapTooLarge => ReasonCode::ServerBusy,
            Self::InternalError => ReasonCode::UnspecifiedError,
            _ => return None,
        })
    }

    /// The reason for a socket that failed with `error`.
    pub fn from_io_error(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::TcpClosed,
            ErrorKind::TimedOut => Self::Etimedout,
            ErrorKind::ConnectionReset => Self::Econnreset,
            ErrorKind::BrokenPipe => Self::Epipe,
            ErrorKind::InvalidInput => Self::Einval,
            // Only the TLS layer says so: sockets know no invalid data.
            ErrorKind::InvalidData => Self::SslError,
            ErrorKind::NotConnected => Self::Io("enotconn"),
            ErrorKind::ConnectionAborted => Self::Io("econnaborted"),
            ErrorKind::ConnectionRefused => Self::Io("econnrefused"),
            ErrorKind::HostUnreachable => Self::Io("ehostunreach"),
            ErrorKind::NetworkUnreachable => Self::Io("enetunreach"),
            ErrorKind::NetworkDown => Self::Io("enetdown"),
            ErrorKind::PermissionDenied => Self::Io("eacces"),
            ErrorKind::OutOfMemory => Self::Io("enomem"),
            ErrorKind::WriteZero => Self::Io("write_zero"),
            _ => Self::Io("socket_error"),
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `code` if a server may send it in DISCONNECT (MQTT 5, 3.14.2.1), else the nearest that it may.
fn in_disconnect(code: ReasonCode) -> ReasonCode {
    match code {
        ReasonCode::BadUsernameOrPassword | ReasonCode::Banned | ReasonCode::BadAuthenticationMethod => {
            ReasonCode::NotAuthorized
        }
        ReasonCode::ServerUnavailable => ReasonCode::ServerBusy,
        ReasonCode::UnsupportedProtocolVersion | ReasonCode::ClientIdentifierNotValid => ReasonCode::ProtocolError,
        ReasonCode::PacketIdentifierInUse | ReasonCode::PacketIdentifierNotFound => ReasonCode::ProtocolError,
        code if code.is_error() => code,
        _ => ReasonCode::UnspecifiedError,
    }
}

/// `code` if it may stand in CONNACK (MQTT 5, 3.2.2.2), else the nearest that may.
fn in_connack(code: ReasonCode) -> ReasonCode {
    match code as u8 {
        0x80..=0x8A | 0x8C | 0x90 | 0x95 | 0x97 | 0x99..=0x9D | 0x9F => code,
        0x8B => ReasonCode::ServerUnavailable,
        0x96 => ReasonCode::ConnectionRateExceeded,
        _ => ReasonCode::UnspecifiedError,
    }
}

#[cfg(test)]
mod tests {
    use super::ClosedBy::{Client, Network, Server};
    use super::DisconnectReason::*;
    use super::*;

    /// Reason, EMQX 5 name, EMQX 4 name, who, DISCONNECT code, CONNACK code.
    type Row = (
        DisconnectReason,
        &'static str,
        &'static str,
        ClosedBy,
        Option<u8>,
        Option<u8>,
    );

    #[rustfmt::skip]
    const TABLE: &[Row] = &[
        (Normal, "normal", "normal", Client, None, None),
        (ClientDisconnect(ReasonCode::DisconnectWithWillMessage), "disconnect_with_will_message", "disconnect_with_will_message", Client, None, None),
        (ClientDisconnect(ReasonCode::PacketTooLarge), "packet_too_large", "packet_too_large", Client, None, None),
        (ClientDisconnect(ReasonCode::ProtocolError), "protocol_error", "protocol_error", Client, None, None),
        (ClientDisconnect(ReasonCode::UnspecifiedError), "unspecified_error", "unspecified_error", Client, None, None),
        (TcpClosed, "tcp_closed", "closed", Client, None, None),
        (SslClosed, "ssl_closed", "closed", Client, None, None),
        (KeepaliveTimeout, "keepalive_timeout", "keepalive_timeout", Server, Some(0x8D), None),
        (IdleTimeout, "idle_timeout", "idle_timeout", Server, None, None),
        (ProtocolError, "protocol_error", "protocol_error", Server, Some(0x82), Some(0x82)),
        (SecondConnect, "protocol_error", "proto_unexpected_connect", Server, Some(0x82), Some(0x82)),
        (NotConnectFirst, "protocol_error", "proto_not_connected", Server, None, None),
        (FrameTooLarge, "frame_too_large", "frame_too_large", Server, Some(0x95), Some(0x95)),
        (FrameError, "frame_error", "function_clause", Server, Some(0x81), Some(0x81)),
        (InvalidConnectPacket, "invalid_connect_packet", "function_clause", Server, None, None),
        (MalformedPacket("bad_subqos"), "bad_subqos", "function_clause", Server, Some(0x81), Some(0x81)),
        (TopicNameInvalid, "topic_name_invalid", "topic_name_invalid", Server, Some(0x90), Some(0x90)),
        (TopicFilterInvalid, "topic_filter_invalid", "topic_filter_invalid", Server, Some(0x8F), None),
        (TopicAliasInvalid, "topic_alias_invalid", "topic_alias_invalid", Server, Some(0x94), None),
        (ReceiveMaximumExceeded, "receive_maximum_exceeded", "receive_maximum_exceeded", Server, Some(0x93), None),
        (TakenOver, "takenover", "takeovered", Server, Some(0x8E), None),
        (Discarded, "discarded", "discarded", Server, Some(0x8E), None),
        (Kicked, "kicked", "kicked", Server, Some(0x98), None),
        (Expired, "expired", "expired", Server, None, None),
        (Refused(ReasonCode::NotAuthorized), "not_authorized", "not_authorized", Server, Some(0x87), Some(0x87)),
        (Refused(ReasonCode::BadUsernameOrPassword), "bad_username_or_password", "bad_username_or_password", Server, Some(0x87), Some(0x86)),
        (Refused(ReasonCode::ClientIdentifierNotValid), "client_identifier_not_valid", "client_identifier_not_valid", Server, Some(0x82), Some(0x85)),
        (Refused(ReasonCode::UnsupportedProtocolVersion), "unsupported_protocol_version", "unsupported_protocol_version", Server, Some(0x82), Some(0x84)),
        (Refused(ReasonCode::Banned), "banned", "banned", Server, Some(0x87), Some(0x8A)),
        (Refused(ReasonCode::ServerUnavailable), "server_unavailable", "server_unavailable", Server, Some(0x89), Some(0x88)),
        (Refused(ReasonCode::ServerBusy), "server_busy", "server_busy", Server, Some(0x89), Some(0x89)),
        (Refused(ReasonCode::QuotaExceeded), "quota_exceeded", "quota_exceeded", Server, Some(0x97), Some(0x97)),
        (Refused(ReasonCode::UseAnotherServer), "use_another_server", "use_another_server", Server, Some(0x9C), Some(0x9C)),
        (Refused(ReasonCode::ConnectionRateExceeded), "connection_rate_exceeded", "connection_rate_exceeded", Server, Some(0x9F), Some(0x9F)),
        (SendTimeout, "send_timeout", "etimedout", Server, None, None),
        (Etimedout, "etimedout", "etimedout", Network, None, None),
        (Econnreset, "econnreset", "econnreset", Network, None, None),
        (Epipe, "epipe", "epipe", Network, None, None),
        (Einval, "einval", "einval", Network, None, None),
        (Io("ehostunreach"), "ehostunreach", "ehostunreach", Network, None, None),
        (SslError, "ssl_error", "ssl_error", Server, None, None),
        (SslUpgradeTimeout, "ssl_upgrade_timeout", "ssl_upgrade_timeout", Server, None, None),
        (ProxyProtoClose, "proxy_proto_close", "proxy_proto_close", Client, None, None),
        (ProxyProtoTimeout, "proxy_proto_timeout", "proxy_proto_timeout", Server, None, None),
        (TlsClientAlert("unknown_ca"), "unknown_ca", "unknown_ca", Client, None, None),
        (TlsServerAlert("certificate_expired"), "certificate_expired", "certificate_expired", Server, None, None),
        (ProxyProtoInvalid, "proxy_proto_invalid", "proxy_proto_invalid", Server, None, None),
        (ProxyProtoUntrusted, "proxy_proto_untrusted", "proxy_proto_untrusted", Server, None, None),
        (WebsocketUpgradeFailed, "websocket_upgrade_failed", "websocket_upgrade_failed", Server, None, None),
        (WebsocketUpgradeTimeout, "websocket_upgrade_timeout", "websocket_upgrade_timeout", Server, None, None),
        (WebsocketFrameError, "websocket_frame_error", "websocket_frame_error", Server, None, None),
        (WebsocketIdleTimeout, "websocket_idle_timeout", "websocket_idle_timeout", Server, Some(0x8D), None),
        (MailboxOverflow, "mailbox_overflow", "message_queue_too_long", Server, Some(0x97), Some(0x89)),
        (HeapTooLarge, "proc_heap_too_large", "proc_heap_too_large", Server, Some(0x97), Some(0x89)),
        (MaxConnections, "max_connections", "max_connections", Server, None, Some(0x89)),
        (ListenerStopped, "listener_stopped", "listener_stopped", Server, Some(0x8B), Some(0x88)),
        (ServerShuttingDown, "server_shutting_down", "server_shutting_down", Server, Some(0x8B), Some(0x88)),
        (InternalError, "internal_error", "internal_error", Server, Some(0x80), Some(0x80)),
    ];

    #[test]
    fn every_reason_has_its_names_its_side_and_its_codes() {
        for &(reason, name, name_v4, closed_by, disconnect, connack) in TABLE {
            assert_eq!(reason.name(), name);
            assert_eq!(reason.to_string(), name);
            assert_eq!(reason.name_v4(), name_v4, "{reason:?}");
            assert_eq!(reason.closed_by(), closed_by, "{reason:?}");
            assert_eq!(
                reason.disconnect_reason_code().map(|code| code as u8),
                disconnect,
                "{reason:?}"
            );
            assert_eq!(
                reason.connack_reason_code().map(|code| code as u8),
                connack,
                "{reason:?}"
            );
        }
    }

    #[test]
    fn socket_errors_are_told_by_their_posix_name() {
        let reason = |kind| DisconnectReason::from_io_error(&io::Error::from(kind));
        assert_eq!(reason(ErrorKind::ConnectionReset), Econnreset);
        assert_eq!(reason(ErrorKind::BrokenPipe), Epipe);
        assert_eq!(reason(ErrorKind::TimedOut), Etimedout);
        assert_eq!(reason(ErrorKind::UnexpectedEof), TcpClosed);
        assert_eq!(reason(ErrorKind::HostUnreachable).name(), "ehostunreach");
        assert_eq!(reason(ErrorKind::AddrInUse).name(), "socket_error");
    }

    #[test]
    fn codes_sent_are_legal_where_they_are_sent() {
        for code in (0..=u8::MAX).filter_map(ReasonCode::from_u8) {
            let disconnect = Refused(code).disconnect_reason_code().unwrap() as u8;
            assert!(
                matches!(disconnect, 0x80..=0x83 | 0x87 | 0x89 | 0x8B | 0x8D..=0x90 | 0x93..=0xA2),
                "{disconnect:#x}"
            );
            let connack = Refused(code).connack_reason_code().unwrap() as u8;
            assert!(
                matches!(connack, 0x80..=0x8A | 0x8C | 0x90 | 0x95 | 0x97 | 0x99..=0x9D | 0x9F),
                "{connack:#x}"
            );
        }
    }
}
