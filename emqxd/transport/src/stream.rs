//! The bytes of one MQTT connection, whatever carries them.
//!
//! [`Stream`] is what a worker reads and writes. Plain TCP, by far the most frequent, is the socket itself: no box,
//! one test a call. TLS, WebSocket and WebSocket over TLS are behind one pointer ([`Layered`]). A connection that
//! belongs to another worker goes there as a [`PortableStream`], which no runtime knows of.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::socket::Socket;
use crate::tls::{TlsParts, TlsStream};
use crate::websocket::{WebSocket, WebSocketState};

/// What carries the bytes of a connection.
#[derive(Debug)]
pub enum Stream {
    /// The socket itself.
    Tcp(TcpStream),
    /// Layers on a socket.
    Layered(Box<Layered>),
}

/// Layers on a socket.
#[derive(Debug)]
pub enum Layered {
    /// TLS.
    Tls(TlsStream<Socket>),
    /// WebSocket.
    Ws(WebSocket<Socket>),
    /// WebSocket over TLS.
    Wss(WebSocket<TlsStream<Socket>>),
}

/// A connection between two runtimes.
#[derive(Debug)]
pub struct PortableStream {
    socket: std::net::TcpStream,
    layers: Option<Box<PortableLayers>>,
}

#[derive(Debug)]
enum PortableLayers {
    Tls(TlsParts),
    Ws(WebSocketState),
    Wss(WebSocketState, TlsParts),
}

impl Stream {
    /// Whether bytes that a write has taken wait for the socket: [`AsyncWrite::poll_flush`] is to be called again.
    #[inline]
    #[must_use]
    pub fn wants_flush(&self) -> bool {
        match self {
            Self::Tcp(_) => false,
            Self::Layered(layered) => layered.wants_flush(),
        }
    }

    /// Bytes that the system has taken from the layers; `None` without layers, where a write's answer says it.
    #[inline]
    #[must_use]
    pub fn written(&self) -> Option<u64> {
        match self {
            Self::Tcp(_) => None,
            Self::Layered(layered) => Some(layered.socket().written()),
        }
    }

    /// Whether the peer is to be told that the connection ends, before the socket is closed.
    #[must_use]
    pub fn has_good_bye(&self) -> bool {
        matches!(self, Self::Layered(_))
    }

    /// Whether the outermost layer is TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Layered(layered) if matches!(**layered, Layered::Tls(_)))
    }

    /// Bytes received in WebSocket frames, headers and pings too; `None` without WebSocket.
    #[must_use]
    pub fn websocket_received(&self) -> Option<u64> {
        match self {
            Self::Tcp(_) => None,
            Self::Layered(layered) => match &**layered {
                Layered::Tls(_) => None,
                Layered::Ws(websocket) => Some(websocket.received()),
                Layered::Wss(websocket) => Some(websocket.received()),
            },
        }
    }

    /// Takes the connection off this runtime.
    ///
    /// # Errors
    /// The system does not let go of the socket.
    pub fn into_portable(self) -> io::Result<PortableStream> {
        let layered = match self {
            Self::Tcp(socket) => {
                let socket = socket.into_std()?;
                return Ok(PortableStream { socket, layers: None });
            }
            Self::Layered(layered) => layered,
        };
        let (socket, layers) = match *layered {
            Layered::Tls(tls) => {
                let (socket, parts) = tls.into_parts();
                (socket, PortableLayers::Tls(parts))
            }
            Layered::Ws(websocket) => {
                let (socket, state) = websocket.into_parts();
                (socket, PortableLayers::Ws(state))
            }
            Layered::Wss(websocket) => {
                let (tls, state) = websocket.into_parts();
                let (socket, parts) = tls.into_parts();
                (socket, PortableLayers::Wss(state, parts))
            }
        };
        Ok(PortableStream {
            socket: socket.into_tcp().into_std()?,
            layers: Some(Box::new(layers)),
        })
    }

    /// Takes a connection into this runtime.
    ///
    /// # Errors
    /// The runtime cannot watch the socket.
    pub fn from_portable(portable: PortableStream) -> io::Result<Self> {
        let socket = TcpStream::from_std(portable.socket)?;
        let Some(layers) = portable.layers else {
            return Ok(Self::Tcp(socket));
        };
        let socket = Socket::from(socket);
        let layered = match *layers {
            PortableLayers::Tls(parts) => Layered::Tls(TlsStream::from_parts(socket, parts)),
            PortableLayers::Ws(state) => Layered::Ws(WebSocket::from_parts(socket, state)),
            PortableLayers::Wss(state, parts) => {
                Layered::Wss(WebSocket::from_parts(TlsStream::from_parts(socket, parts), state))
            }
        };
        Ok(Self::Layered(Box::new(layered)))
    }
}

impl Layered {
    fn wants_flush(&self) -> bool {
        match self {
            Self::Tls(tls) => tls.wants_flush(),
            Self::Ws(websocket) => websocket.wants_flush(),
            Self::Wss(websocket) => websocket.wants_flush() || websocket.get_ref().wants_flush(),
        }
    }

    fn socket(&self) -> &Socket {
        match self {
            Self::Tls(tls) => tls.get_ref(),
            Self::Ws(websocket) => websocket.get_ref(),
            Self::Wss(websocket) => websocket.get_ref().get_ref(),
        }
    }
}

impl From<TcpStream> for Stream {
    fn from(socket: TcpStream) -> Self {
        Self::Tcp(socket)
    }
}

impl From<Layered> for Stream {
    fn from(layered: Layered) -> Self {
        Self::Layered(Box::new(layered))
    }
}

impl AsyncRead for Stream {
    #[inline]
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_read(context, buffer),
            Self::Layered(layered) => Pin::new(&mut **layered).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    #[inline]
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_write(context, bytes),
            Self::Layered(layered) => Pin::new(&mut **layered).poll_write(context, bytes),
        }
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_write_vectored(context, slices),
            Self::Layered(layered) => Pin::new(&mut **layered).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            // A socket keeps nothing back.
            Self::Tcp(_) => Poll::Ready(Ok(())),
            Self::Layered(layered) => Pin::new(&mut **layered).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_shutdown(context),
            Self::Layered(layered) => Pin::new(&mut **layered).poll_shutdown(context),
        }
    }
}

/// Calls the same of whichever layer is outermost.
macro_rules! outermost {
    ($self:ident, $layer:ident => $call:expr) => {
        match $self.get_mut() {
            Layered::Tls(stream) => {
                let $layer = Pin::new(stream);
                $call
            }
            Layered::Ws(stream) => {
                let $layer = Pin::new(stream);
                $call
            }
            Layered::Wss(stream) => {
                let $layer = Pin::new(stream);
                $call
            }
        }
    };
}

impl AsyncRead for Layered {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        outermost!(self, layer => layer.poll_read(context, buffer))
    }
}

impl AsyncWrite for Layered {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        outermost!(self, layer => layer.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        outermost!(self, layer => layer.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        outermost!(self, layer => layer.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        outermost!(self, layer => layer.poll_shutdown(context))
    }
}
