//! The bytes inside a client's binary frames, as a stream.
//!
//! What is read goes straight into the reader's buffer and is unmasked there; what is written goes out behind a header
//! of a few bytes. An idle connection keeps some 100 bytes and no buffer.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frames::{Control, FrameDecoder, FrameError};
use super::outgoing::Outgoing;

/// Reads in a row that bring no payload: a client that sends nothing but pings does not hold the others up.
const EMPTY_READS_MAX: usize = 8;
/// "Normal closure" (RFC 6455, 7.4.1).
const CLOSE_NORMAL: u16 = 1000;

/// A WebSocket connection on `S`.
#[derive(Debug)]
pub struct WebSocket<S> {
    inner: S,
    state: WebSocketState,
}

/// A WebSocket connection without what it runs on.
#[derive(Debug)]
pub struct WebSocketState {
    decoder: FrameDecoder,
    outgoing: Outgoing,
    /// What was read with the request and not looked at.
    early: Vec<u8>,
    /// Bytes received in frames, headers and control frames too.
    received: u64,
    end: Option<End>,
}

/// Why nothing more is read.
#[derive(Debug, Clone, Copy)]
enum End {
    /// The client has said good-bye, or closed the connection below.
    Closed,
    /// Its frames are wrong, and the reader is to be told so.
    Failed(FrameError),
    /// The reader was told. What still comes is thrown away, so that the good-bye is not lost in a reset.
    Refused,
}

/// The frames of a client are wrong: what the [`io::Error`] of a read holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("WebSocket: {0}")]
pub struct WebSocketFailure(pub FrameError);

impl<S> WebSocket<S> {
    /// A connection whose request has been answered. `early` came behind the request; frames and messages of more
    /// than `max_frame_size` bytes are refused.
    pub fn new(inner: S, max_frame_size: Option<u64>, early: Vec<u8>) -> Self {
        let state = WebSocketState {
            decoder: FrameDecoder::new(max_frame_size),
            outgoing: Outgoing::default(),
            early,
            received: 0,
            end: None,
        };
        Self { inner, state }
    }

    /// Takes it apart, for the way to another runtime.
    pub fn into_parts(self) -> (S, WebSocketState) {
        (self.inner, self.state)
    }

    /// Puts it together again.
    pub fn from_parts(inner: S, state: WebSocketState) -> Self {
        Self { inner, state }
    }

    /// What it runs on.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Whether something of ours waits for the socket: the rest of a header, a pong, a good-bye.
    pub fn wants_flush(&self) -> bool {
        self.state.outgoing.wants_flush()
    }

    /// Bytes received, headers and control frames too.
    pub fn received(&self) -> u64 {
        self.state.received
    }

    /// The code of the good-bye that a later shutdown says, in place of "normal closure".
    pub fn close_with(&mut self, code: u16) {
        self.state.outgoing.close(Some(code));
    }
}

impl WebSocketState {
    /// Turns what was read into payload; how many bytes of it.
    fn take(&mut self, raw: &mut [u8]) -> usize {
        self.received += raw.len() as u64;
        let Self {
            decoder, outgoing, end, ..
        } = self;
        let decoded = decoder.decode(raw, |control| match control {
            Control::Ping(payload) => {
                outgoing.pong(payload);
                true
            }
            Control::Close(code) => {
                // The client's own code comes back (RFC 6455, 5.5.1).
                outgoing.close(code);
                *end = Some(End::Closed);
                false
            }
        });
        if let Some(error) = decoded.error {
            outgoing.close(Some(error.close_code()));
            *end = Some(End::Failed(error));
        }
        decoded.len
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// What was read with the request, else from below.
    fn poll_raw(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let early = &mut self.state.early;
        if early.is_empty() {
            return Pin::new(&mut self.inner).poll_read(context, buffer);
        }
        let here = early.len().min(buffer.remaining());
        buffer.put_slice(&early[..here]);
        early.drain(..here);
        if early.is_empty() {
            *early = Vec::new();
        }
        Poll::Ready(Ok(()))
    }

    /// Sends what answers the client, as far as the socket takes it; the rest leaves with the next flush.
    fn answer(&mut self, context: &mut Context<'_>) {
        let outgoing = &mut self.state.outgoing;
        if outgoing.wants_flush() {
            let socket = Pin::new(&mut self.inner);
            // An error of the socket is met again by the next read or write.
            if let Poll::Ready(Ok(())) = outgoing.poll_control(socket, context) {
                let _the_rest_leaves_later = Pin::new(&mut self.inner).poll_flush(context);
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for WebSocket<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        for _ in 0..EMPTY_READS_MAX {
            match this.state.end {
                Some(End::Closed) => return Poll::Ready(Ok(())),
                Some(End::Failed(error)) => {
                    this.state.end = Some(End::Refused);
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, WebSocketFailure(error))));
                }
                _ if buffer.remaining() == 0 => return Poll::Ready(Ok(())),
                Some(End::Refused) | None => {}
            }
            let before = buffer.filled().len();
            ready!(this.poll_raw(context, buffer))?;
            let raw = &mut buffer.filled_mut()[before..];
            if raw.is_empty() {
                this.state.end = Some(End::Closed);
                return Poll::Ready(Ok(()));
            }
            let len = match this.state.end {
                None => this.state.take(raw),
                Some(_) => 0,
            };
            buffer.set_filled(before + len);
            this.answer(context);
            if len > 0 {
                return Poll::Ready(Ok(()));
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WebSocket<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let socket = Pin::new(&mut this.inner);
        this.state.outgoing.poll_write(socket, context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.state.outgoing.poll_control(Pin::new(&mut this.inner), context))?;
        Pin::new(&mut this.inner).poll_flush(context)
    }

    /// Says good-bye and closes what is below.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.state.outgoing.close(Some(CLOSE_NORMAL));
        ready!(this.state.outgoing.poll_control(Pin::new(&mut this.inner), context))?;
        Pin::new(&mut this.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
