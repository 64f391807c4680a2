//! Listener settings: `listeners.<type>.<name>`.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::access_rule::{AccessRule, Cidr};
use super::authn::{AuthenticatorConfig, EnableAuthn};
use super::rate::Rate;
use super::tls::SslOptions;
use super::websocket::WebSocketOptions;

/// One listener.
#[derive(Debug, Clone, PartialEq)]
pub struct ListenerConfig {
    /// `tcp:default`
    pub id: String,
    /// `tcp`
    pub kind: ListenerKind,
    /// `default`
    pub name: String,
    /// Whether it is started with the daemon.
    pub enable: bool,
    /// Where to listen; the unspecified IPv4 address if the file gives a port only.
    pub bind: SocketAddr,
    /// `bind` as EMQX prints it: `0.0.0.0:1883`, or `:1883` if the file gives a port only.
    pub listen_on: String,
    /// Sockets accepted at the same time.
    pub acceptors: usize,
    /// `None` for `infinity`.
    pub max_connections: Option<usize>,
    /// From one IPv4 address or IPv6 /64; `None` for `infinity`.
    pub max_connections_per_address: Option<usize>,
    /// New connections; `max_conn_burst` is in its `burst`.
    pub max_conn_rate: Option<Rate>,
    /// Messages from one client.
    pub messages_rate: Option<Rate>,
    /// Bytes from one client.
    pub bytes_rate: Option<Rate>,
    /// Put before every topic and filter; may hold `${clientid}` and `${username}`.
    pub mountpoint: String,
    /// The named set of MQTT settings its clients follow.
    pub zone: String,
    /// Who may connect, by address; see [`AccessRule::allows`].
    pub access_rules: Vec<AccessRule>,
    /// A PROXY protocol header stands before the first packet.
    pub proxy_protocol: bool,
    /// How long that header may take.
    pub proxy_protocol_timeout: Duration,
    /// Who may tell the address of somebody else; see [`ListenerConfig::may_send_proxy_header`].
    pub trusted_proxies: Vec<Cidr>,
    /// Settings of `ssl` and `wss`.
    pub ssl_options: SslOptions,
    /// Settings of `ws` and `wss`.
    pub websocket: WebSocketOptions,
    /// Socket settings.
    pub tcp_options: TcpOptions,
    /// Whether its clients are asked who they are.
    pub enable_authn: EnableAuthn,
    /// Who is asked about them; empty if the node's `authentication` holds here too.
    pub authentication: Vec<AuthenticatorConfig>,
}

impl ListenerConfig {
    /// A listener with EMQX's defaults, listening on the usual port of its kind.
    #[must_use]
    pub fn new(kind: ListenerKind, name: &str) -> Self {
        let bind = SocketAddr::from(([0, 0, 0, 0], kind.default_port()));
        Self {
            id: format!("{kind}:{name}"),
            kind,
            name: name.to_owned(),
            enable: true,
            bind,
            listen_on: bind.to_string(),
            acceptors: 16,
            max_connections: None,
            max_connections_per_address: None,
            max_conn_rate: None,
            messages_rate: None,
            bytes_rate: None,
            mountpoint: String::new(),
            zone: "default".to_owned(),
            access_rules: vec![AccessRule {
                allow: true,
                network: None,
            }],
            proxy_protocol: false,
            proxy_protocol_timeout: Duration::from_secs(3),
            trusted_proxies: Vec::new(),
            ssl_options: SslOptions::default(),
            websocket: WebSocketOptions::default(),
            tcp_options: TcpOptions::default(),
            enable_authn: EnableAuthn::default(),
            authentication: Vec::new(),
        }
    }

    /// Whether a load balancer at this address is believed. Without a list everybody is, as in EMQX: the listener
    /// then has to be where only load balancers reach it.
    #[must_use]
    pub fn may_send_proxy_header(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.is_empty() || self.is_trusted_proxy(peer)
    }

    /// Whether an HTTP proxy at this address is believed. Anybody can write such a header, so without a list nobody
    /// is.
    #[must_use]
    pub fn is_trusted_proxy(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(peer))
    }
}

/// The `<type>` of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListenerKind {
    /// MQTT over TCP.
    Tcp,
    /// MQTT over TLS.
    Ssl,
    /// MQTT over WebSocket.
    Ws,
    /// MQTT over WebSocket over TLS.
    Wss,
    /// MQTT over QUIC.
    Quic,
}

impl ListenerKind {
    /// Whether connections are encrypted by TLS.
    #[must_use]
    pub fn is_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::Wss)
    }

    /// Whether MQTT stands in WebSocket frames.
    #[must_use]
    pub fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// In the order EMQX lists them.
    pub const ALL: [Self; 5] = [Self::Tcp, Self::Ssl, Self::Ws, Self::Wss, Self::Quic];

    /// EMQX's word, as in `tcp:default`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Ssl => "ssl",
            Self::Ws => "ws",
            Self::Wss => "wss",
            Self::Quic => "quic",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Tcp => 1883,
            Self::Ssl => 8883,
            Self::Ws => 8083,
            Self::Wss => 8084,
            Self::Quic => 14567,
        }
    }
}

impl fmt::Display for ListenerKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// `tcp_options` of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpOptions {
    /// Connections the kernel completes ahead of `accept`.
    pub backlog: u32,
    /// How long a write may make no progress.
    pub send_timeout: Duration,
    /// Whether the connection is closed then.
    pub send_timeout_close: bool,
    /// SO_RCVBUF, bytes; `None` leaves it to the kernel.
    pub recbuf: Option<usize>,
    /// SO_SNDBUF, bytes; `None` leaves it to the kernel.
    pub sndbuf: Option<usize>,
    /// Bytes of one read.
    pub buffer: usize,
    /// Bytes waiting to be written above which a session is no longer drained.
    pub high_watermark: usize,
    /// TCP_NODELAY
    pub nodelay: bool,
    /// Close with a reset (SO_LINGER of 0 s).
    pub nolinger: bool,
    /// SO_REUSEADDR
    pub reuseaddr: bool,
    /// TCP keep alive; `None` for EMQX's `none`.
    pub keepalive: Option<TcpKeepalive>,
}

impl Default for TcpOptions {
    fn default() -> Self {
        Self {
            backlog: 1024,
            send_timeout: Duration::from_secs(15),
            send_timeout_close: true,
            recbuf: None,
            sndbuf: None,
            buffer: 4 * 1024,
            high_watermark: 1024 * 1024,
            nodelay: true,
            nolinger: false,
            reuseaddr: true,
            keepalive: None,
        }
    }
}

/// EMQX's `"Idle,Interval,Probes"`, such as `"240,30,5"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpKeepalive {
    /// Silence before the first probe.
    pub idle: Duration,
    /// Between probes.
    pub interval: Duration,
    /// Unanswered ones that end the connection.
    pub probes: u32,
}

impl TcpKeepalive {
    /// Reads `240,30,5`: seconds, seconds, number; each at least 1 and what Linux takes at most.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(',').map(|number| number.trim().parse::<u32>());
        let mut next = |most: u32| numbers.next()?.ok().filter(|number| (1..=most).contains(number));
        let keepalive = Self {
            idle: Duration::from_secs(next(32_767)?.into()),
            interval: Duration::from_secs(next(32_767)?.into()),
            probes: next(127)?,
        };
        numbers.next().is_none().then_some(keepalive)
    }
}
