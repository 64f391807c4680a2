//! Binding a listener's address, and saying clearly why that failed.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::config::ListenerConfig;
use crate::port_holder::{PortHolder, holder_of};

/// The address could not be bound.
#[derive(Debug)]
pub struct BindError {
    listener: String,
    listen_on: String,
    key: String,
    holder: Option<PortHolder>,
    source: io::Error,
}

impl BindError {
    /// The system's error.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }

    /// What to do about it, for the second half of an error message.
    pub fn next_step(&self) -> String {
        match self.source.kind() {
            io::ErrorKind::AddrInUse => match &self.holder {
                Some(holder) => format!("stop {holder} or set another `{}`", self.key),
                None => format!("find it with `ss -ltnp` as root, or set another `{}`", self.key),
            },
            io::ErrorKind::PermissionDenied => {
                format!(
                    "ports below 1024 need CAP_NET_BIND_SERVICE; or set another `{}`",
                    self.key
                )
            }
            io::ErrorKind::AddrNotAvailable => {
                format!(
                    "no interface has this address (`ip address`); set another `{}`",
                    self.key
                )
            }
            _ => format!("check `{}`", self.key),
        }
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "listener {} cannot listen on {}: ",
            self.listener, self.listen_on
        )?;
        match (self.source.kind(), &self.holder) {
            (io::ErrorKind::AddrInUse, Some(holder)) => write!(formatter, "the address is in use by {holder}"),
            (io::ErrorKind::AddrInUse, None) => formatter.write_str("the address is in use"),
            _ => write!(formatter, "{}", self.source),
        }
    }
}

impl std::error::Error for BindError {}

/// Binds and listens; `copies` descriptors of the one socket, and the address it got.
pub fn bind(config: &ListenerConfig, copies: usize) -> Result<(Vec<TcpListener>, SocketAddr), BindError> {
    try_bind(config, copies).map_err(|source| BindError {
        listener: config.id.clone(),
        listen_on: config.listen_on.clone(),
        key: format!("listeners.{}.{}.bind", config.kind, config.name),
        holder: (source.kind() == io::ErrorKind::AddrInUse)
            .then(|| holder_of(config.bind.port()))
            .flatten(),
        source,
    })
}

fn try_bind(config: &ListenerConfig, copies: usize) -> io::Result<(Vec<TcpListener>, SocketAddr)> {
    let options = &config.tcp_options;
    let socket = Socket::new(
        Domain::for_address(config.bind),
        Type::STREAM.nonblocking(),
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(options.reuseaddr)?;
    if let Some(bytes) = options.recbuf {
        socket.set_recv_buffer_size(bytes)?;
    }
    if let Some(bytes) = options.sndbuf {
        socket.set_send_buffer_size(bytes)?;
    }
    socket.bind(&config.bind.into())?;
    socket.listen(i32::try_from(options.backlog).unwrap_or(i32::MAX))?;
    let first = TcpListener::from(socket);
    let address = first.local_addr()?;
    let mut sockets = Vec::with_capacity(copies.max(1));
    for _ in 1..copies {
        sockets.push(first.try_clone()?);
    }
    sockets.push(first);
    Ok((sockets, address))
}
