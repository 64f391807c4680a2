//! Datagrams to the service manager: `READY=1`, `STATUS=`, `WATCHDOG=1`, `FDSTORE=1` and the others of sd_notify(3).
//!
//! `NOTIFY_SOCKET` names a socket in the file system or, with a leading `@`, in the abstract namespace. Each call sends
//! one datagram; without the variable nothing is sent. A manager that does not take it is no reason to stop: it is logged
//! once. The socket is made anew for each datagram, as libsystemd does, so that a manager that was restarted is found.

use std::ffi::OsStr;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

/// How long a manager may take to make room for a datagram.
const SEND_WAIT: Duration = Duration::from_secs(1);

/// The way to the service manager, if there is one. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct ServiceManager {
    manager: Option<Arc<Manager>>,
}

#[derive(Debug)]
struct Manager {
    address: SocketAddr,
    /// How often it wants to hear that we are alive, if it does.
    watchdog: Option<Duration>,
    /// Whether it was logged that it does not take what we send.
    is_failure_logged: AtomicBool,
}

impl ServiceManager {
    /// The one that the environment names.
    pub fn from_environment() -> Self {
        let Some(socket) = std::env::var_os("NOTIFY_SOCKET").filter(|socket| !socket.is_empty()) else {
            return Self::default();
        };
        let variable = |name: &str| std::env::var(name).ok();
        let watchdog = watchdog_time(
            variable("WATCHDOG_USEC").as_deref(),
            variable("WATCHDOG_PID").as_deref(),
            std::process::id(),
        );
        match address_of(&socket) {
            Ok(address) => Self::at(address, watchdog),
            Err(error) => {
                tracing::warn!(socket = %socket.display(), reason = %error, "service_manager_not_reached");
                Self::default()
            }
        }
    }

    fn at(address: SocketAddr, watchdog: Option<Duration>) -> Self {
        let manager = Manager {
            address,
            watchdog,
            is_failure_logged: AtomicBool::new(false),
        };
        Self {
            manager: Some(Arc::new(manager)),
        }
    }

    /// Whether anybody listens.
    pub fn is_there(&self) -> bool {
        self.manager.is_some()
    }

    /// `WatchdogSec=` of the unit: without a sign of life for so long the manager ends the process.
    pub fn watchdog_time(&self) -> Option<Duration> {
        self.manager.as_ref()?.watchdog
    }

    /// The start is done, or a reload is.
    pub fn ready(&self, status: &str) {
        self.send(&format!("READY=1\n{}", status_line(status)), &[]);
    }

    /// A line for `systemctl status`.
    pub fn status(&self, status: &str) {
        self.send(&status_line(status), &[]);
    }

    /// A reload begins; [`Self::ready`] ends it.
    pub fn reloading(&self) {
        // Newer managers tell a reload from an older one by the time, which has to be in the same datagram.
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={}\n", monotonic_micros()), &[]);
    }

    /// The node has begun to stop.
    pub fn stopping(&self, status: &str) {
        self.send(&format!("STOPPING=1\n{}", status_line(status)), &[]);
    }

    /// What goes on now, a start or a stop, takes so much longer from now on.
    pub fn extend_timeout(&self, by: Duration) {
        self.send(&format!("EXTEND_TIMEOUT_USEC={}\n", by.as_micros()), &[]);
    }

    /// The sign of life that `WatchdogSec=` wants.
    pub fn alive(&self) {
        self.send("WATCHDOG=1\n", &[]);
    }

    /// Gives the manager a copy of a socket, which it hands to the next start under this name.
    pub fn store(&self, name: &str, socket: BorrowedFd<'_>) {
        self.send(&format!("FDSTORE=1\nFDNAME={name}\n"), &[socket]);
    }

    /// The manager closes what it has under this name.
    pub fn forget(&self, name: &str) {
        self.send(&format!("FDSTOREREMOVE=1\nFDNAME={name}\n"), &[]);
    }

    /// From now on another process is the daemon.
    pub fn main_pid(&self, pid: u32) {
        self.send(&format!("MAINPID={pid}\n"), &[]);
    }

    fn send(&self, datagram: &str, sockets: &[BorrowedFd<'_>]) {
        let Some(manager) = &self.manager else {
            return;
        };
        match manager.send(datagram, sockets) {
            Ok(()) => manager.is_failure_logged.store(false, Ordering::Relaxed),
            Err(error) if !manager.is_failure_logged.swap(true, Ordering::Relaxed) => {
                let first_line = datagram.lines().next().unwrap_or_default();
                tracing::warn!(datagram = first_line, reason = %error, "service_manager_not_told");
            }
            Err(_) => {}
        }
    }
}

impl Manager {
    fn send(&self, datagram: &str, sockets: &[BorrowedFd<'_>]) -> io::Result<()> {
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(SEND_WAIT))?;
        socket.connect_addr(&self.address)?;
        if sockets.is_empty() {
            return socket.send(datagram.as_bytes()).map(|_whole| ());
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !ancillary.push(SendAncillaryMessage::ScmRights(sockets)) {
            return Err(io::Error::other("more descriptors than one"));
        }
        let parts = [IoSlice::new(datagram.as_bytes())];
        sendmsg(&socket, &parts, &mut ancillary, SendFlags::NOSIGNAL)?;
        Ok(())
    }
}

/// A status is one line, whatever is in it.
fn status_line(status: &str) -> String {
    format!("STATUS={}\n", status.replace(['\n', '\r'], " "))
}

fn address_of(socket: &OsStr) -> io::Result<SocketAddr> {
    match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
        [b'/', ..] => SocketAddr::from_pathname(socket),
        _ => Err(io::Error::other(
            "neither an absolute path nor an abstract name (@name)",
        )),
    }
}

/// What the manager asked of the process `ours`; a shell below a service inherits the variables.
fn watchdog_time(micros: Option<&str>, pid: Option<&str>, ours: u32) -> Option<Duration> {
    if pid.is_some_and(|pid| pid.parse() != Ok(ours)) {
        return None;
    }
    let micros: u64 = micros?.parse().ok().filter(|micros| *micros > 0)?;
    Some(Duration::from_micros(micros))
}

fn monotonic_micros() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn datagrams_reach_sockets_in_the_file_system_and_in_the_abstract_namespace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let abstract_name = format!("emqxd-test-{}", std::process::id());
        let places = [
            (UnixDatagram::bind(&path).unwrap(), path.as_os_str().to_owned()),
            (
                UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&abstract_name).unwrap()).unwrap(),
                format!("@{abstract_name}").into(),
            ),
        ];
        for (socket, variable) in places {
            let manager = ServiceManager::at(address_of(&variable).unwrap(), None);
            manager.ready("two\nlines");
            assert_eq!(received(&socket), "READY=1\nSTATUS=two lines\n");
            manager.extend_timeout(Duration::from_secs(3));
            assert_eq!(received(&socket), "EXTEND_TIMEOUT_USEC=3000000\n");
            manager.reloading();
            let reloading = received(&socket);
            let micros = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
            assert!(micros.trim_end().parse::<u64>().unwrap() > 0, "{reloading}");
        }
    }

    #[test]
    fn a_manager_that_is_gone_is_no_reason_to_stop() {
        let manager = ServiceManager::at(address_of(OsStr::new("/nowhere/at/all")).unwrap(), None);
        manager.alive();
        manager.stopping("gone");
        ServiceManager::default().ready("nobody listens");
    }

    #[test]
    fn only_the_process_that_was_asked_sends_signs_of_life() {
        let second = Some(Duration::from_secs(1));
        assert_eq!(watchdog_time(Some("1000000"), Some("42"), 42), second);
        assert_eq!(watchdog_time(Some("1000000"), None, 42), second);
        for (micros, pid) in [
            (Some("1000000"), Some("41")),
            (Some("1000000"), Some("")),
            (Some("0"), None),
            (Some("soon"), None),
            (None, Some("42")),
        ] {
            assert_eq!(watchdog_time(micros, pid, 42), None, "{micros:?} {pid:?}");
        }
    }

    #[test]
    fn an_address_that_is_no_unix_socket_is_refused() {
        assert!(address_of(OsStr::new("vsock:2:1234")).is_err());
    }
}
