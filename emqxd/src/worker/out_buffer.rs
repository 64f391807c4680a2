//! Bytes on their way to one socket.
//!
//! Small frames are copied one after the other into `tail`; large payloads are shared and stand between. One
//! call writes all of it, vectored if there is more than one piece. Empty, it is one word: the memory goes back to
//! its worker's pool.

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
/// Drained buffers whose tail has at most this capacity are worth keeping for the next connection.
const POOLED_BYTES_MAX: usize = 16 * 1024;
/// Drained buffers kept by a worker.
const POOLED_BUFFERS_MAX: usize = 256;
/// Pieces of one vectored write.
const SLICES_MAX: usize = 64;

/// The buffer of one connection.
#[derive(Debug, Default)]
pub struct OutBuffer {
    /// `None` if nothing waits and the memory was released.
    waiting: Option<Box<Waiting>>,
}

/// What waits: the pieces, then the tail.
#[derive(Debug, Default)]
struct Waiting {
    pieces: VecDeque<Bytes>,
    tail: BytesMut,
    len: usize,
}

/// Drained buffers of a worker's connections, for the next that has something to say.
#[derive(Debug, Default)]
pub struct BufferPool {
    #[expect(clippy::vec_box, reason = "the boxes themselves go to the connections and come back")]
    drained: Vec<Box<Waiting>>,
}

impl OutBuffer {
    /// Bytes waiting.
    pub fn len(&self) -> usize {
        self.waiting.as_ref().map_or(0, |waiting| waiting.len)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All that waits, to be written elsewhere.
    pub fn copy(&self) -> Bytes {
        let Some(waiting) = &self.waiting else {
            return Bytes::new();
        };
        let mut copy = BytesMut::with_capacity(waiting.len);
        waiting.pieces.iter().for_each(|piece| copy.extend_from_slice(piece));
        copy.extend_from_slice(&waiting.tail);
        copy.freeze()
    }

    /// Lets `write` append to the buffer; what it returned.
    pub fn append<R>(&mut self, pool: &mut BufferPool, write: impl FnOnce(&mut BytesMut) -> R) -> R {
        let waiting = self.waiting.get_or_insert_with(|| pool.take());
        let before = waiting.tail.len();
        let result = write(&mut waiting.tail);
        waiting.len += waiting.tail.len() - before;
        if waiting.tail.len() >= TAIL_BYTES_MAX {
            waiting.set_tail_aside();
        }
        result
    }

    /// Appends bytes that others share, without copying them.
    pub fn push_shared(&mut self, pool: &mut BufferPool, bytes: Bytes) {
        let waiting = self.waiting.get_or_insert_with(|| pool.take());
        if !waiting.tail.is_empty() {
            waiting.set_tail_aside();
        }
        waiting.len += bytes.len();
        waiting.pieces.push_back(bytes);
    }

    /// Writes once; how many bytes the socket took.
    pub fn poll_write(
        &mut self,
        stream: Pin<&mut (impl AsyncWrite + ?Sized)>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let Some(waiting) = &mut self.waiting else {
            return Poll::Ready(Ok(0));
        };
        let written = if waiting.pieces.is_empty() {
            ready!(stream.poll_write(context, &waiting.tail))?
        } else {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let pieces = waiting.pieces.iter().map(|piece| &piece[..]).chain([&waiting.tail[..]]);
            let mut count = 0;
            for (slice, piece) in slices.iter_mut().zip(pieces) {
                *slice = IoSlice::new(piece);
                count += 1;
            }
            ready!(stream.poll_write_vectored(context, &slices[..count]))?
        };
        waiting.advance(written);
        Poll::Ready(Ok(written))
    }

    /// Gives the memory of an empty buffer back.
    pub fn release(&mut self, pool: &mut BufferPool) {
        debug_assert!(self.is_empty(), "what is released would be lost");
        if let Some(waiting) = self.waiting.take() {
            pool.put_back(waiting);
        }
    }
}

impl Waiting {
    /// What has gathered in the tail becomes a piece.
    fn set_tail_aside(&mut self) {
        let piece = self.tail.split().freeze();
        self.pieces.push_back(piece);
    }

    fn advance(&mut self, mut written: usize) {
        self.len -= written;
        while let Some(piece) = self.pieces.front_mut() {
            if piece.len() > written {
                piece.advance(written);
                return;
            }
            written -= piece.len();
            self.pieces.pop_front();
        }
        self.tail.advance(written);
    }
}

impl BufferPool {
    fn take(&mut self) -> Box<Waiting> {
        self.drained.pop().unwrap_or_else(|| {
            Box::new(Waiting {
                tail: BytesMut::with_capacity(TAIL_BYTES),
                ..Waiting::default()
            })
        })
    }

    /// Keeps a drained buffer unless there are enough or it has grown large.
    fn put_back(&mut self, mut drained: Box<Waiting>) {
        if self.drained.len() >= POOLED_BUFFERS_MAX || drained.pieces.capacity() > SLICES_MAX {
            return;
        }
        drained.tail.clear();
        // Takes back the room in front that writing has used up, without allocating.
        if drained.tail.try_reclaim(TAIL_BYTES) && drained.tail.capacity() <= POOLED_BYTES_MAX {
            self.drained.push(drained);
        }
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
            let mut pool = BufferPool::default();
            let mut out = OutBuffer::default();
            let mut sink = Sink {
                taken: Vec::new(),
                limit,
            };
            out.append(&mut pool, |tail| tail.extend_from_slice(b"head-"));
            out.push_shared(&mut pool, Bytes::from_static(b"shared payload"));
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
