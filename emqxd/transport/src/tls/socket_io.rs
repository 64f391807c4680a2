//! rustls reads and writes through `std::io`; these lend it an asynchronous socket for one poll.
//!
//! What is not ready is `WouldBlock`; the waker has been registered then.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::first_bytes::FirstBytes;

/// A socket to read from.
pub(super) struct SocketReader<'a, 'b, S> {
    pub(super) socket: &'a mut S,
    pub(super) context: &'a mut Context<'b>,
    /// Keeps what a connection begins with.
    pub(super) first: Option<&'a mut FirstBytes>,
}

impl<S: AsyncRead + Unpin> Read for SocketReader<'_, '_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut *self.socket).poll_read(self.context, &mut buffer) {
            Poll::Ready(Ok(())) => {
                if let Some(first) = self.first.as_deref_mut() {
                    first.take(buffer.filled());
                }
                Ok(buffer.filled().len())
            }
            Poll::Ready(Err(error)) => Err(error),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

/// A socket to write to.
pub(super) struct SocketWriter<'a, 'b, S> {
    pub(super) socket: &'a mut S,
    pub(super) context: &'a mut Context<'b>,
}

impl<S: AsyncWrite + Unpin> Write for SocketWriter<'_, '_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        ready_or_would_block(Pin::new(&mut *self.socket).poll_write(self.context, bytes))
    }

    fn write_vectored(&mut self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        ready_or_would_block(Pin::new(&mut *self.socket).poll_write_vectored(self.context, slices))
    }

    fn flush(&mut self) -> io::Result<()> {
        ready_or_would_block(Pin::new(&mut *self.socket).poll_flush(self.context))
    }
}

fn ready_or_would_block<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// The other way round.
pub(super) fn would_block_is_pending<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}
