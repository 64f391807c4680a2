//! Links between nodes: one port, a handshake in which both sides prove that they know the cluster's cookie, then
//! frames.
//!
//! A link is for one [`Lane`]: what must not wait for each other (a heartbeat and ten thousand messages) goes on
//! different connections to the same port. What the bytes go over, plain TCP or mutual TLS, is the caller's; without
//! TLS the peer is who it says it is when the link begins, and nobody on the way is kept from reading or changing
//! what follows, as with Erlang's distribution.

mod call;
mod frame;
mod handshake;
mod links;

pub use self::call::{Answerer, Caller, serve};
pub use self::frame::{FrameReader, FrameWriter};
pub use self::handshake::{Cookie, HandshakeError, Lane, PROTOCOL_VERSION, Peer, Refusal, accept, connect};
pub use self::links::{Dialer, LinkError, Links};

/// What a link goes over.
pub trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send {}

impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send> Stream for T {}
