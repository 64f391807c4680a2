//! Bytes on their way to one socket.
//!
//! Small frames are copied one after the other into `tail`; large payloads are shared and stand between. One
//! call writes all of it, vectored if there is more than one piece. Empty, it holds no memory.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncWrite;

/// Room that a fresh tail starts with, bytes.
const TAIL_BYTES: usize = 2 * 1024;
/// A tail that has grown to this is set aside, so that appending never copies much.
const TAIL_BYTES_MAX: usize = 64 * 1024;
/// Drained tails of at most this capacity are worth keeping for the next connection.
const POOLED_BYTES_MAX: usize = 16 * 1024;
/// Drained tails kept by a worker.
const POOLED_TAILS_MAX: usize = 256;
/// Pieces of one vectored write.
const SLICES_MAX: usize = 64;

/// The buffer of one connection.
#[derive(Debug, Default)]
pub struct OutBuffer {
    /// Whole pieces before the tail; absent for most connections.
    chunks: Option<Box<Chunks>>,
    tail: BytesMut,
    len: usize,
}

#[derive(Debug, Default)]
struct Chunks {
    pieces: VecDeque<Bytes>,
}

/// Drained tails of a worker's connections, for the next that has something to say.
#[derive(Debug, Default)]
pub struct TailPool {
    tails: Vec<BytesMut>,
}

impl OutBuffer {
    /// Bytes waiting.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Lets `write` append to the buffer; what it returned.
    pub fn append<R>(&mut self, pool: &mut TailPool, write: impl FnOnce(&mut BytesMut) -> R) -> R {
        if self.tail.capacity() == 0 {
            self.tail = pool.tails.pop().unwrap_or_else(|| BytesMut::with_capacity(TAIL_BYTES));
        }
        let before = self.tail.len();
        let result = write(&mut self.tail);
        self.len += self.tail.len() - before;
        if self.tail.len() >= TAIL_BYTES_MAX {
            let piece = self.tail.split().freeze();
            self.push_piece(piece);
        }
        result
    }

    /// Appends bytes that others share, without copying them.
    pub fn push_shared(&mut self, bytes: Bytes) {
        if !self.tail.is_empty() {
            let piece = self.tail.split().freeze();
            self.push_piece(piece);
        }
        self.len += bytes.len();
        self.push_piece(bytes);
    }

    fn push_piece(&mut self, piece: Bytes) {
        self.chunks.get_or_insert_default().pieces.push_back(piece);
    }

    /// Writes once; how many bytes the socket took.
    pub fn poll_write(
        &mut self,
        stream: Pin<&mut (impl AsyncWrite + ?Sized)>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let written = if let Some(chunks) = &self.chunks {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let pieces = chunks.pieces.iter().map(|piece| &piece[..]).chain([&self.tail[..]]);
            let mut count = 0;
            for (slice, piece) in slices.iter_mut().zip(pieces) {
                *slice = IoSlice::new(piece);
                count += 1;
            }
            ready!(stream.poll_write_vectored(context, &slices[..count]))?
        } else {
            ready!(stream.poll_write(context, &self.tail))?
        };
        self.advance(written);
        Poll::Ready(Ok(written))
    }

    /// Gives the memory of an empty buffer back.
    pub fn release(&mut self, pool: &mut TailPool) {
        debug_assert!(self.is_empty(), "what is released would be lost");
        self.chunks = None;
        let mut tail = std::mem::take(&mut self.tail);
        if tail.capacity() > 0 && pool.tails.len() < POOLED_TAILS_MAX {
            tail.clear();
            // Takes back the room in front that writing has used up, without allocating.
            if tail.try_reclaim(TAIL_BYTES) && tail.capacity() <= POOLED_BYTES_MAX {
                pool.tails.push(tail);
            }
        }
    }

    fn advance(&mut self, mut written: usize) {
        self.len -= written;
        while let Some(chunks) = &mut self.chunks {
            let Some(piece) = chunks.pieces.front_mut() else {
                self.chunks = None;
                break;
            };
            if piece.len() > written {
                piece.advance(written);
                return;
            }
            written -= piece.len();
            chunks.pieces.pop_front();
        }
        self.tail.advance(written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes at most `limit` bytes a call.
    struct Sink {
        taken: Vec<u8>,
        limit: usize,
    }

    impl AsyncWrite for Sink {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let count = bytes.len().min(self.limit);
            self.taken.extend_from_slice(&bytes[..count]);
            Poll::Ready(Ok(count))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn bytes_leave_in_order_whatever_the_socket_takes_at_a_time() {
        for limit in [1, 3, 7, 1000] {
            let mut pool = TailPool::default();
            let mut out = OutBuffer::default();
            let mut sink = Sink {
                taken: Vec::new(),
                limit,
            };
            out.append(&mut pool, |tail| tail.extend_from_slice(b"head-"));
            out.push_shared(Bytes::from_static(b"shared payload"));
            out.append(&mut pool, |tail| tail.extend_from_slice(b"-after"));
            assert_eq!(out.len(), 25);
            let mut context = Context::from_waker(std::task::Waker::noop());
            while !out.is_empty() {
                assert!(out.poll_write(Pin::new(&mut sink), &mut context).is_ready());
            }
            out.release(&mut pool);
            assert_eq!(sink.taken, b"head-shared payload-after");
        }
    }
}
