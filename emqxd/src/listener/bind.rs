//! Binding a listener's address, and saying clearly why that failed.
//!
//! A socket that somebody else has bound there for us, such as the one of the process before this one, is taken instead.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use emqx_shared::port_holder::{PortHolder, holder_of};
use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};

use crate::config::ListenerConfig;
use crate::systemd::InheritedSockets;

/// A socket that listens.
pub struct BoundSocket {
    /// Its descriptors.
    pub sockets: Vec<TcpListener>,
    /// The address it got.
    pub address: SocketAddr,
    /// Whether somebody else bound it.
    pub is_inherited: bool,
}

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

/// Binds and listens, or takes what is `inherited`; `copies` descriptors of the one socket.
pub fn bind(config: &ListenerConfig, copies: usize, inherited: &InheritedSockets) -> Result<BoundSocket, BindError> {
    let inherited = inherited.take(&config.id, config.bind);
    let is_inherited = inherited.is_some();
    try_bind(config, copies, inherited.map(Socket::from))
        .map(|(sockets, address)| BoundSocket {
            sockets,
            address,
            is_inherited,
        })
        .map_err(|source| BindError {
            listener: config.id.clone(),
            listen_on: config.listen_on.clone(),
            key: format!("listeners.{}.{}.bind", config.kind, config.name),
            holder: (source.kind() == io::ErrorKind::AddrInUse)
                .then(|| holder_of(config.bind.port()))
                .flatten(),
            source,
        })
}

fn try_bind(
    config: &ListenerConfig,
    copies: usize,
    inherited: Option<Socket>,
) -> io::Result<(Vec<TcpListener>, SocketAddr)> {
    let options = &config.tcp_options;
    let is_bound = inherited.is_some();
    let socket = match inherited {
        Some(socket) => {
            socket.set_nonblocking(true)?;
            socket
        }
        None => Socket::new(
            Domain::for_address(config.bind),
            Type::STREAM.nonblocking(),
            Some(Protocol::TCP),
        )?,
    };
    socket.set_reuse_address(options.reuseaddr)?;
    if let Some(bytes) = options.recbuf {
        socket.set_recv_buffer_size(bytes)?;
    }
    if let Some(bytes) = options.sndbuf {
        socket.set_send_buffer_size(bytes)?;
    }
    set_inherited_options(&socket, config)?;
    if !is_bound {
        socket.bind(&config.bind.into())?;
    }
    // On one that listens already this sets the length of the backlog and leaves who waits in it.
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

/// Options of the connections. Linux gives an accepted socket those of its listening one, which saves a system call
/// or more for each connection.
fn set_inherited_options(socket: &Socket, config: &ListenerConfig) -> io::Result<()> {
    let options = &config.tcp_options;
    socket.set_tcp_nodelay(options.nodelay)?;
    // Both ways: the socket may be one that had other settings before.
    socket.set_linger(options.nolinger.then_some(Duration::ZERO))?;
    match &options.keepalive {
        Some(keepalive) => {
            let parameters = TcpKeepalive::new()
                .with_time(keepalive.idle)
                .with_interval(keepalive.interval)
                .with_retries(keepalive.probes);
            socket.set_tcp_keepalive(&parameters)
        }
        None => socket.set_keepalive(false),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use socket2::SockRef;

    use super::*;
    use crate::config::ListenerKind;
    use crate::config::listener;

    #[test]
    fn an_accepted_connection_has_the_options_of_its_listener() {
        for nodelay in [true, false] {
            let mut config = ListenerConfig::new(ListenerKind::Tcp, "test");
            config.bind = SocketAddr::from(([127, 0, 0, 1], 0));
            config.tcp_options.nodelay = nodelay;
            config.tcp_options.nolinger = true;
            config.tcp_options.keepalive = Some(listener::TcpKeepalive {
                idle: Duration::from_secs(240),
                interval: Duration::from_secs(30),
                probes: 5,
            });
            let bound = bind(&config, 1, &InheritedSockets::none()).expect("any port will do");
            let sockets = bound.sockets;
            let _client = TcpStream::connect(bound.address).expect("it listens");
            sockets[0].set_nonblocking(false).expect("an open socket");
            let (accepted, _) = sockets[0].accept().expect("a connection waits");
            let socket = SockRef::from(&accepted);
            assert_eq!(accepted.nodelay().expect("an open socket"), nodelay);
            assert_eq!(socket.linger().expect("an open socket"), Some(Duration::ZERO));
            assert!(socket.keepalive().expect("an open socket"));
            assert_eq!(socket.tcp_keepalive_time().expect("an open socket").as_secs(), 240);
            assert_eq!(socket.tcp_keepalive_interval().expect("an open socket").as_secs(), 30);
            assert_eq!(socket.tcp_keepalive_retries().expect("an open socket"), 5);
        }
    }
}
