//! The way to another node: TCP, by name or address, with TLS on top if the cluster has it.
//!
//! A peer that vanishes without a word has to be noticed soon: what it does not acknowledge ends the link after
//! [`UNACKNOWLEDGED_TIME`], silence after [`SILENCE`] and three questions.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use emqxd_cluster::link::{Dialer, Stream};
use futures_core::future::BoxFuture;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use super::tls::LinkTls;

/// Sent bytes that nobody acknowledges for so long end a link (`TCP_USER_TIMEOUT`).
const UNACKNOWLEDGED_TIME: Duration = Duration::from_secs(5);
/// Silence after which the kernel asks whether the other side is there.
const SILENCE: Duration = Duration::from_secs(5);
const ASKED_EVERY: Duration = Duration::from_secs(1);
const ASKED_TIMES: u32 = 3;

/// Connects to other nodes.
pub struct TcpDialer {
    tls: Option<Arc<LinkTls>>,
    /// Open for good: one that has to be opened could be missing when descriptors are.
    random: File,
}

impl TcpDialer {
    /// With mutual TLS, if the cluster has it.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new(tls: Option<Arc<LinkTls>>) -> io::Result<Self> {
        let random = File::open("/dev/urandom")?;
        Ok(Self { tls, random })
    }
}

impl Dialer for TcpDialer {
    fn dial<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream + Sync>>> {
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            prepare(&stream)?;
            match &self.tls {
                None => Ok(Box::new(stream) as Box<dyn Stream + Sync>),
                Some(tls) => tls.connect(address, stream).await,
            }
        })
    }

    fn nonce(&self) -> [u8; 32] {
        let mut nonce = [0; 32];
        let read = (&self.random).read_exact(&mut nonce);
        read.expect("/dev/urandom is open, and reading it cannot fail");
        nonce
    }
}

/// What both ends of a link set.
pub fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_TIME))?;
    let keepalive = TcpKeepalive::new()
        .with_time(SILENCE)
        .with_interval(ASKED_EVERY)
        .with_retries(ASKED_TIMES);
    socket.set_tcp_keepalive(&keepalive)
}
