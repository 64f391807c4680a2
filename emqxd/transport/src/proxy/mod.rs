//! The PROXY protocol, versions 1 and 2: what a load balancer says of the client before the client's first byte.
//!
//! [`read_proxy_header`] takes from the socket just the header and nothing behind it, so that whatever comes next, TLS
//! or MQTT, finds its beginning. Who may send a header at all, and how long it may take, the caller decides: it is a
//! promise of whoever connects, as good as the network between.
//!
//! Specification: <https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt>

mod parse;
mod read;

use std::net::SocketAddr;

pub use self::parse::{Parsed, parse};
pub use self::read::read_proxy_header;

/// Bytes of the longest header that is taken. Version 1 has 107 at most; version 2 could declare 65,535, and load
/// balancers send some hundred with a certificate's name in it.
pub const HEADER_BYTES_MAX: usize = 4096;

/// What a load balancer says of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProxyHeader {
    /// The client; `None` if the balancer speaks for itself (`LOCAL`) or does not know (`UNKNOWN`).
    pub source: Option<SocketAddr>,
    /// What the client connected to.
    pub destination: Option<SocketAddr>,
    /// TLS between client and balancer, if it said so.
    pub tls: Option<ProxyTls>,
}

/// TLS that ended at the load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProxyTls {
    /// As the balancer writes it, for example `TLSv1.3`.
    pub version: Option<String>,
    /// Cipher suite.
    pub cipher: Option<String>,
    /// The name that the client asked for (SNI).
    pub server_name: Option<String>,
    /// Common name of the client's certificate; only if the balancer has verified it.
    pub common_name: Option<String>,
}

/// Why there is no header.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The first bytes are something else.
    #[error("the first bytes are no PROXY protocol header: {0}")]
    NoHeader(String),
    /// It breaks the rules of its version.
    #[error("the PROXY protocol header is malformed: {0}")]
    Malformed(&'static str),
    /// Longer than [`HEADER_BYTES_MAX`].
    #[error("the PROXY protocol header has more than {HEADER_BYTES_MAX} bytes")]
    TooLong,
    /// The peer closed the connection before the header was complete.
    #[error("the connection was closed before the PROXY protocol header was complete")]
    Closed,
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
