//! What carries MQTT between a socket and the broker: TLS, WebSocket and the PROXY protocol.
//!
//! No MQTT in here, no configuration files, no log handlers: the daemon hands in settings and sockets and gets
//! streams of bytes and facts about their other end. Nothing in here spawns tasks; futures are polled by the worker
//! that owns the connection.
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod proxy;
mod socket;
mod stream;
pub mod tls;
pub mod websocket;

pub use proxy::{ProxyError, ProxyHeader, ProxyTls, read_proxy_header};
pub use socket::Socket;
pub use stream::{Layered, PortableStream, Stream};
pub use tls::{
    AlertSide, PeerCertificate, ReloadReport, TlsAccept, TlsConfigError, TlsFailure, TlsServer, TlsSession,
    TlsSettings, TlsStream,
};
pub use websocket::{UpgradeError, UpgradeSettings, WebSocket, WebSocketFailure, upgrade};
