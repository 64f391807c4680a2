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

use std::io;
use std::os::fd::AsFd;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;

pub use self::call::{Answerer, Caller, serve};
pub use self::frame::{FrameReader, FrameWriter};
pub use self::handshake::{Cookie, HandshakeError, Lane, PROTOCOL_VERSION, Peer, Refusal, accept, connect};
pub use self::links::{Dialer, LinkError, Links};

/// What a link goes over.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// From now on the tasks of the runtime that this is called in read and write it: its readiness is told to them
    /// without a detour over another thread.
    ///
    /// # Errors
    /// The system refuses.
    fn move_here(&mut self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn move_here(&mut self) -> io::Result<()> {
        let copy = self.as_fd().try_clone_to_owned()?;
        *self = Self::from_std(copy.into())?;
        Ok(())
    }
}

impl Stream for DuplexStream {
    fn move_here(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn a_link_that_has_moved_needs_the_runtime_no_more_that_accepted_it() {
        let runtime = || Builder::new_current_thread().enable_io().build().unwrap();
        let (door, worker) = (runtime(), runtime());
        let (mut near, far) = door.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let near = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            (near, listener.accept().await.unwrap().0)
        });
        let mut far: Box<dyn Stream> = Box::new(far);
        let mut read = [0; 5];
        worker.block_on(async { far.move_here().unwrap() });
        drop(door);
        near.write_all(b"hello").unwrap();
        worker.block_on(far.read_exact(&mut read)).unwrap();
        assert_eq!(&read, b"hello");
    }
}
