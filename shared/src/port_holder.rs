//! Who listens on a TCP port of this machine, as far as this process may know: for the daemon's error when an address
//! is in use, and for `emqx-ctl doctor`.
//!
//! `/proc/net/tcp` and `tcp6` name the socket, `/proc/<pid>/fd` the process that has it open. Without root only
//! one's own processes can be read; then the holder is not known.

use std::fmt;
use std::fs;

/// Processes looked at, at most.
const PROCESSES_MAX: usize = 4096;

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortHolder {
    /// Process id.
    pub pid: u32,
    /// Name of the program.
    pub name: String,
}

impl fmt::Display for PortHolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (pid {})", self.name, self.pid)
    }
}

/// Whether a port is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortUse {
    /// Nobody listens on it, at any address.
    Free,
    /// Somebody does; `None` if this process may not know who.
    Held(Option<PortHolder>),
}

/// The process that listens on TCP `port`; `None` if nobody does, or it cannot be seen who.
pub fn holder_of(port: u16) -> Option<PortHolder> {
    match port_use(port) {
        PortUse::Held(holder) => holder,
        PortUse::Free => None,
    }
}

/// Who listens on TCP `port`.
pub fn port_use(port: u16) -> PortUse {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .find_map(|table| listening_inode(&table, port).map(str::to_owned));
    match inode {
        Some(inode) => PortUse::Held(holder_of_socket(&inode)),
        None => PortUse::Free,
    }
}

fn holder_of_socket(inode: &str) -> Option<PortHolder> {
    let socket = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .take(PROCESSES_MAX)
        .find(|pid| has_open(*pid, &socket))
        .map(|pid| {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            PortHolder {
                pid,
                name: name.trim().to_owned(),
            }
        })
}

/// The inode of the socket that listens on `port`, from a table in the format of proc(5).
fn listening_inode(table: &str, port: u16) -> Option<&str> {
    const LISTEN: &str = "0A";
    let wanted = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace();
        let local = fields.nth(1)?;
        let state = fields.nth(1)?;
        (local.ends_with(&wanted) && state == LISTEN).then(|| fields.nth(5))?
    })
}

fn has_open(pid: u32, socket: &str) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    descriptors
        .flatten()
        .any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target.as_os_str() == socket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_port_we_listen_on_is_ourselves() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
        let port = socket.local_addr().expect("bound").port();
        assert_eq!(holder_of(port).map(|holder| holder.pid), Some(std::process::id()));
        drop(socket);
        assert_eq!(port_use(port), PortUse::Free);
    }
}
