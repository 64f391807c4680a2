//! A TLS connection after its handshake.
//!
//! What is written is put into records at once and given to the socket; what the socket does not take stays in here,
//! at most one write's worth, until [`poll_flush`](AsyncWrite::poll_flush) or the next read or write. So whoever
//! writes flushes afterwards, and is woken when the socket takes more. The connection is only the socket and plain
//! data: [`TlsStream::into_parts`] takes it apart, so that it can move to another worker's runtime.

use std::io::{self, BufRead as _, IoSlice, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::ServerConnection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::certificate::PeerCertificate;
use super::failure::{TlsFailure, TlsState};
use super::socket_io::{SocketReader, SocketWriter, would_block_is_pending};

/// Bytes of plain text taken from one write, and so what may wait for the socket: four records.
pub(super) const WRITE_BYTES_MAX: usize = 64 * 1024;

/// What was agreed in a handshake.
#[derive(Debug, Clone)]
pub struct TlsSession {
    /// `tlsv1.3` or `tlsv1.2`, as EMQX writes it.
    pub version: &'static str,
    /// The cipher suite by its IANA name.
    pub cipher: String,
    /// The host name that the client asked for (SNI).
    pub server_name: Option<String>,
    /// Whether it goes on with the keys of an earlier session.
    pub is_resumed: bool,
    /// The client's certificate, verified.
    pub peer_certificate: Option<Arc<PeerCertificate>>,
}

/// A connection over the socket `S`.
#[derive(Debug)]
pub struct TlsStream<S> {
    socket: S,
    parts: TlsParts,
}

/// All of a connection but its socket.
#[derive(Debug)]
pub struct TlsParts {
    connection: Box<ServerConnection>,
    /// The client has closed its side.
    is_at_end: bool,
    /// We have said good-bye.
    is_closing: bool,
    /// What was wrong behind the plain text that is still to be read.
    failure: Option<Box<TlsFailure>>,
}

impl<S> TlsStream<S> {
    pub(super) fn new(socket: S, connection: Box<ServerConnection>) -> Self {
        let parts = TlsParts {
            connection,
            is_at_end: false,
            is_closing: false,
            failure: None,
        };
        Self { socket, parts }
    }

    /// Takes it apart; [`TlsStream::from_parts`] puts it together again, with the same socket.
    pub fn into_parts(self) -> (S, TlsParts) {
        (self.socket, self.parts)
    }

    /// Puts together what [`TlsStream::into_parts`] gave.
    pub fn from_parts(socket: S, parts: TlsParts) -> Self {
        Self { socket, parts }
    }

    /// The socket below.
    pub fn get_ref(&self) -> &S {
        &self.socket
    }

    /// Whether records wait for the socket: [`AsyncWrite::poll_flush`] is to be called again.
    pub fn wants_flush(&self) -> bool {
        self.parts.connection.wants_write()
    }
}

impl<S: AsyncWrite + Unpin> TlsStream<S> {
    /// Writes the records that wait.
    fn poll_records(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.parts.connection.wants_write() {
            let mut writer = SocketWriter {
                socket: &mut self.socket,
                context,
            };
            let written = ready!(would_block_is_pending(self.parts.connection.write_tls(&mut writer)))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Puts plain text into records by `write` and gives them to the socket.
    fn poll_write_with(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(&mut rustls::Writer<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        // Nothing more is taken before all has gone that was taken earlier: that is the bound.
        ready!(self.poll_records(context))?;
        let taken = write(&mut self.parts.connection.writer())?;
        match self.poll_records(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            // What waits goes with the next flush.
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(taken)),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    /// Reads records once: afterwards there may be plain text, the end, or a failure behind either.
    fn poll_plain_text(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut reader = SocketReader {
            socket: &mut self.socket,
            context,
            first: None,
        };
        let count = ready!(would_block_is_pending(self.parts.connection.read_tls(&mut reader)))?;
        if count == 0 {
            // Without close_notify too: MQTT packets carry their length, so nothing can be cut off unnoticed.
            self.parts.is_at_end = true;
            return Poll::Ready(Ok(()));
        }
        let processed = self.parts.connection.process_new_packets();
        if let Err(error) = processed {
            // Our alert, if there is one; whether it goes out changes nothing.
            let _best_effort = self.poll_records(context);
            self.parts.failure = Some(Box::new(TlsFailure::new(&error, TlsState::Connection, None)));
            return Poll::Ready(Ok(()));
        }
        if self.parts.connection.wants_write() {
            // An answer to a key update, say. The waker of a socket that is full is the writer's matter.
            if let Poll::Ready(Err(error)) = self.poll_records(context) {
                return Poll::Ready(Err(error));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S> TlsStream<S> {
    /// Moves what has been decrypted into `buffer`, record after record, and says how much. Not by `Read`, which
    /// would want all of a large buffer zeroed for every small packet.
    fn take_plain_text(&mut self, buffer: &mut ReadBuf<'_>) -> io::Result<usize> {
        let before = buffer.filled().len();
        let mut reader = self.parts.connection.reader();
        while buffer.remaining() > 0 {
            let copied = match reader.fill_buf() {
                Ok([]) => break,
                Ok(record) => {
                    let count = record.len().min(buffer.remaining());
                    buffer.put_slice(&record[..count]);
                    count
                }
                // Whatever it is, it comes again once what there was has been taken.
                Err(_) if buffer.filled().len() > before => break,
                Err(error) => return Err(error),
            };
            reader.consume(copied);
        }
        Ok(buffer.filled().len() - before)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    /// An error that holds a [`TlsFailure`] is one of TLS, see [`TlsFailure::in_io_error`].
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            match this.take_plain_text(buffer) {
                Ok(count) => {
                    // Zero after close_notify.
                    this.parts.is_at_end |= count == 0;
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Poll::Ready(Ok(())),
                Err(error) => return Poll::Ready(Err(error)),
            }
            if let Some(failure) = this.parts.failure.take() {
                this.parts.is_at_end = true;
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, *failure)));
            }
            if this.parts.is_at_end {
                return Poll::Ready(Ok(()));
            }
            ready!(this.poll_plain_text(context))?;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let bytes = &bytes[..bytes.len().min(WRITE_BYTES_MAX)];
        self.get_mut().poll_write_with(context, |writer| writer.write(bytes))
    }

    /// Small slices share records.
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut()
            .poll_write_with(context, |writer| writer.write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_records(context))?;
        Pin::new(&mut this.socket).poll_flush(context)
    }

    /// Sends close_notify, then closes our side of the socket.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.parts.is_closing {
            this.parts.is_closing = true;
            this.parts.connection.send_close_notify();
        }
        ready!(this.poll_records(context))?;
        Pin::new(&mut this.socket).poll_shutdown(context)
    }
}
