//! Where a connection comes from, as its listener knows it.
//!
//! Made by the worker when CONNECT has come, kept by the channel, shown by `clients show`, and what bans, rules
//! and authenticators ask about.

use std::net::SocketAddr;
use std::sync::Arc;

/// Where a connection comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The listener that accepted it, for example `tcp:default`.
    pub listener: Arc<str>,
    /// Address and port of the client; behind a load balancer those that it told.
    pub address: SocketAddr,
    /// Port of the listener.
    pub listener_port: u16,
    /// What carries MQTT.
    pub transport: Transport,
    /// What TLS has found out, here or at the load balancer.
    pub tls: Option<Arc<TlsPeer>>,
}

impl Peer {
    /// A client over plain TCP.
    #[must_use]
    pub fn tcp(listener: Arc<str>, address: SocketAddr, listener_port: u16) -> Self {
        Self {
            listener,
            address,
            listener_port,
            transport: Transport::Tcp,
            tls: None,
        }
    }

    /// Common name of the client's certificate.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.tls.as_ref()?.common_name.as_deref()
    }

    /// Subject of the client's certificate.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.tls.as_ref()?.subject.as_deref()
    }
}

/// What carries MQTT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Transport {
    /// TCP.
    #[default]
    Tcp,
    /// TLS.
    Ssl,
    /// WebSocket.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl Transport {
    /// EMQX's word, the type of the listener.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Ssl => "ssl",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// Whether the broker itself speaks TLS with the peer.
    #[must_use]
    pub fn is_encrypted(self) -> bool {
        matches!(self, Self::Ssl | Self::Wss)
    }

    /// Whether MQTT stands in WebSocket frames.
    #[must_use]
    pub fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }
}

/// The facts of a TLS handshake, by this node or by the load balancer that ended TLS and told them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsPeer {
    /// As EMQX writes it: `tlsv1.3`.
    pub version: Option<Box<str>>,
    /// Cipher suite.
    pub cipher: Option<Box<str>>,
    /// The name that the client asked for (SNI).
    pub server_name: Option<Box<str>>,
    /// Common name of the client's certificate.
    pub common_name: Option<Box<str>>,
    /// Subject of the client's certificate.
    pub subject: Option<Box<str>>,
}
