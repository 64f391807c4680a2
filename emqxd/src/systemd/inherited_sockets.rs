//! Listening sockets that somebody else bound: a socket unit, the file descriptor store, or the process before us.
//!
//! `listener/bind.rs` asks here before it binds. A socket fits a listener if it listens where the configuration wants to;
//! its name decides only between several, and where the configuration leaves the port open. What no listener wanted is
//! closed by [`InheritedSockets::close_rest`] once all have started, so that nobody waits in a backlog that is never
//! looked at (sd_listen_fds(3), sd_pid_notify_with_fds(3)).

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use listenfd::ListenFd;
use parking_lot::Mutex;
use socket2::{SockRef, Type};

use super::socket_name::socket_name;

/// Descriptors taken from the environment at most: `FileDescriptorStoreMax=` of the unit is 64, a socket unit has a few.
const SOCKETS_MAX: usize = 1024;

/// The sockets that no listener has taken yet. Locked for a few lines while listeners start.
#[derive(Debug, Default)]
pub struct InheritedSockets {
    waiting: Mutex<Vec<Inherited>>,
}

#[derive(Debug)]
struct Inherited {
    name: String,
    address: SocketAddr,
    socket: TcpListener,
}

impl InheritedSockets {
    /// Nobody bound anything.
    #[cfg(test)]
    pub fn none() -> Self {
        Self::default()
    }

    /// What systemd hands to this process: `LISTEN_FDS` descriptors from 3 on, named in `LISTEN_FDNAMES`.
    ///
    /// Called once, before there are threads or a log: it takes the variables out of the environment.
    pub fn from_environment() -> Self {
        let inherited = Self::default();
        let variable = |name: &str| std::env::var(name).ok();
        let names = variable("LISTEN_FDNAMES").unwrap_or_default();
        let pid = variable("LISTEN_PID").and_then(|pid| pid.parse().ok());
        let count: usize = variable("LISTEN_FDS").and_then(|count| count.parse().ok()).unwrap_or(0);
        // They are for one process; a shell below a service inherits the variables.
        if pid != Some(std::process::id()) || count == 0 || count > SOCKETS_MAX {
            return inherited;
        }
        let mut descriptors = ListenFd::from_env();
        let mut names = names.split(':');
        for index in 0..descriptors.len() {
            let name = names.next().unwrap_or_default();
            let listens = match descriptors.take_tcp_listener(index) {
                Ok(socket) => socket.is_some_and(|socket| inherited.add(name.to_owned(), socket)),
                Err(_) => false,
            };
            if !listens {
                eprintln!("WARNING: the descriptor \"{name}\" handed to emqxd is no listening TCP socket: not used");
            }
        }
        inherited
    }

    /// Adds a socket under the name it has in the store, or will have. One that does not listen is dropped.
    pub fn insert(&self, name: String, socket: OwnedFd) {
        if !self.add(name.clone(), TcpListener::from(socket)) {
            tracing::warn!(
                name,
                reason = "it is no listening TCP socket",
                "inherited_descriptor_not_used"
            );
        }
    }

    /// Whether it is one that listens; what else it is is closed.
    fn add(&self, name: String, socket: TcpListener) -> bool {
        let described = SockRef::from(&socket);
        let listens =
            described.is_listener().unwrap_or(false) && described.r#type().is_ok_and(|kind| kind == Type::STREAM);
        match socket.local_addr() {
            Ok(address) if listens => {
                self.waiting.lock().push(Inherited { name, address, socket });
                true
            }
            _ => false,
        }
    }

    /// The socket for a listener that is to listen on `address`; port 0 is any port, but only that of its own socket.
    pub fn take(&self, listener_id: &str, address: SocketAddr) -> Option<TcpListener> {
        let name = socket_name(listener_id);
        let mut waiting = self.waiting.lock();
        let same_address = |inherited: &Inherited| inherited.address == address;
        let any_port = |inherited: &Inherited| {
            address.port() == 0 && inherited.address.ip() == address.ip() && inherited.name == name
        };
        let index = waiting
            .iter()
            .position(|inherited| same_address(inherited) && inherited.name == name)
            .or_else(|| waiting.iter().position(same_address))
            .or_else(|| waiting.iter().position(any_port))?;
        Some(waiting.swap_remove(index).socket)
    }

    /// Closes what no listener wanted; the names. The caller has the service manager forget them.
    pub fn close_rest(&self) -> Vec<String> {
        let rest = std::mem::take(&mut *self.waiting.lock());
        for inherited in &rest {
            tracing::warn!(
                name = %inherited.name,
                address = %inherited.address,
                why = "no enabled listener has this address",
                next = "compare `ListenStream=` of the socket unit with `listeners` in the configuration",
                "inherited_socket_closed"
            );
        }
        rest.into_iter().map(|inherited| inherited.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening() -> (OwnedFd, SocketAddr) {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        (socket.into(), address)
    }

    #[test]
    fn a_listener_gets_the_socket_that_listens_where_it_wants_to() {
        let inherited = InheritedSockets::none();
        let (socket, address) = listening();
        inherited.insert("emqxd.socket".to_owned(), socket);
        let elsewhere = SocketAddr::new(address.ip(), address.port() ^ 1);
        assert!(inherited.take("tcp:default", elsewhere).is_none());
        let taken = inherited.take("tcp:default", address).unwrap();
        assert_eq!(taken.local_addr().unwrap(), address);
        assert!(inherited.take("tcp:default", address).is_none(), "it is taken");
        assert!(inherited.close_rest().is_empty());
    }

    #[test]
    fn any_port_means_the_one_it_had_before_and_nobody_elses() {
        let inherited = InheritedSockets::none();
        let (socket, address) = listening();
        inherited.insert("tcp.default".to_owned(), socket);
        let any = SocketAddr::new(address.ip(), 0);
        assert!(inherited.take("tcp:other", any).is_none());
        let taken = inherited.take("tcp:default", any).unwrap();
        assert_eq!(taken.local_addr().unwrap(), address);
    }

    #[test]
    fn of_two_sockets_at_one_address_the_name_decides() {
        let inherited = InheritedSockets::none();
        let (socket, address) = listening();
        inherited.insert("tcp.other".to_owned(), socket.try_clone().unwrap());
        inherited.insert("tcp.default".to_owned(), socket);
        assert!(inherited.take("tcp:default", address).is_some());
        assert_eq!(inherited.close_rest(), ["tcp.other"]);
    }

    #[test]
    fn what_does_not_listen_is_dropped() {
        let inherited = InheritedSockets::none();
        let (socket, address) = listening();
        let client = std::net::TcpStream::connect(address).unwrap();
        inherited.insert("tcp.default".to_owned(), client.into());
        inherited.insert(
            "tcp.default".to_owned(),
            std::fs::File::open("/dev/null").unwrap().into(),
        );
        assert!(inherited.close_rest().is_empty());
        drop(socket);
    }
}
