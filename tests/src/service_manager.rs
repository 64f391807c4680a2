//! A stand-in for systemd: a notify socket that remembers each datagram, and a file descriptor store that hands its
//! sockets to the next start, as sd_notify(3) and sd_listen_fds(3) say.
//!
//! Give it to [`DaemonBuilder::service`](crate::DaemonBuilder::service). A daemon is started through a shell, which
//! keeps its process id: `LISTEN_PID` and `WATCHDOG_PID` have to name the process that reads them.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixDatagram};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use tempfile::TempDir;

use crate::wait_for;

/// Sockets that can be handed over: the three standard descriptors carry them into the shell.
const SOCKETS_MAX: usize = 3;

/// One datagram, as it came.
#[derive(Debug, Clone)]
pub struct Datagram {
    /// Its lines.
    pub lines: Vec<String>,
    /// How many descriptors came with it.
    pub descriptors: usize,
    /// When it came.
    pub at: Instant,
    /// Whether the address of [`ServiceManager::probe`] took a connection at that moment.
    pub is_answering: Option<bool>,
}

/// What plays systemd.
#[derive(Debug)]
pub struct ServiceManager {
    shared: Arc<Shared>,
    notify_socket: OsString,
    watchdog: Option<Duration>,
    reader: Option<JoinHandle<()>>,
    /// Holds the socket.
    _folder: TempDir,
}

#[derive(Debug, Default)]
struct Shared {
    datagrams: Mutex<Vec<Datagram>>,
    store: Mutex<Vec<(String, OwnedFd)>>,
    probe: Mutex<Option<SocketAddr>>,
    has_ended: AtomicBool,
}

impl ServiceManager {
    /// One whose socket is in the file system, as systemd's is.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("temp folders can be made");
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).expect("a new folder takes a socket");
        Self::with_socket(socket, path.into(), folder)
    }

    /// One whose socket is in the abstract namespace (`@name`).
    pub fn in_abstract_namespace() -> Self {
        let folder = tempfile::tempdir().expect("temp folders can be made");
        let name = folder.path().as_os_str().as_encoded_bytes();
        let address = UnixAddress::from_abstract_name(name).expect("a short name");
        let socket = UnixDatagram::bind_addr(&address).expect("the name is ours");
        let mut variable = OsString::from("@");
        variable.push(folder.path());
        Self::with_socket(socket, variable, folder)
    }

    fn with_socket(socket: UnixDatagram, notify_socket: OsString, folder: TempDir) -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        Self {
            shared,
            notify_socket,
            watchdog: None,
            reader: Some(thread::spawn(move || theirs.read(&socket))),
            _folder: folder,
        }
    }

    /// Wants a sign of life in each of these (`WatchdogSec=`).
    #[must_use]
    pub fn watchdog(mut self, patience: Duration) -> Self {
        self.watchdog = Some(patience);
        self
    }

    /// Tries to connect here with each datagram that comes.
    pub fn probe(&self, address: SocketAddr) {
        *self.shared.probe.lock().expect("no panic while locked") = Some(address);
    }

    /// A socket unit: this socket is handed to each start from now on, and connections to it wait meanwhile.
    pub fn add_socket(&self, name: &str, socket: TcpListener) {
        let mut store = self.shared.store.lock().expect("no panic while locked");
        store.push((name.to_owned(), socket.into()));
    }

    /// All that came so far.
    pub fn datagrams(&self) -> Vec<Datagram> {
        self.shared.datagrams.lock().expect("no panic while locked").clone()
    }

    /// All lines that came so far, a datagram's joined by blanks.
    pub fn lines(&self) -> Vec<String> {
        let datagrams = self.datagrams();
        datagrams.iter().map(|datagram| datagram.lines.join(" ")).collect()
    }

    /// Returns once all that was sent before has been looked at.
    ///
    /// # Panics
    /// If that takes too long.
    #[track_caller]
    pub fn settle(&self) {
        let sender = UnixDatagram::unbound().expect("a descriptor is left");
        let sent = match self.notify_socket.as_encoded_bytes() {
            [b'@', name @ ..] => sender.connect_addr(&UnixAddress::from_abstract_name(name).expect("our own name")),
            _ => sender.connect(&self.notify_socket),
        };
        sent.and_then(|()| sender.send(b"SETTLED=1\n"))
            .expect("the reader runs");
        self.expect("SETTLED=1");
        let mut datagrams = self.shared.datagrams.lock().expect("no panic while locked");
        datagrams.retain(|datagram| datagram.lines != ["SETTLED=1"]);
    }

    /// Forgets what came so far, not what is stored.
    pub fn clear(&self) {
        self.shared.datagrams.lock().expect("no panic while locked").clear();
    }

    /// Returns the first datagram with a line that begins so.
    ///
    /// # Panics
    /// If none comes in time.
    #[track_caller]
    pub fn expect(&self, beginning: &str) -> Datagram {
        wait_for(&format!("a datagram with {beginning}"), || {
            let datagrams = self.datagrams();
            datagrams
                .into_iter()
                .find(|datagram| datagram.lines.iter().any(|line| line.starts_with(beginning)))
        })
    }

    /// How many datagrams have a line that begins so.
    pub fn count(&self, beginning: &str) -> usize {
        let begins = |datagram: &&Datagram| datagram.lines.iter().any(|line| line.starts_with(beginning));
        self.datagrams().iter().filter(begins).count()
    }

    /// The names of what is stored, in the order in which it came.
    pub fn stored(&self) -> Vec<String> {
        let store = self.shared.store.lock().expect("no panic while locked");
        store.iter().map(|(name, _)| name.clone()).collect()
    }

    /// What a service finds in its environment.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut variables = vec![("NOTIFY_SOCKET", self.notify_socket.clone())];
        let names = self.stored();
        if !names.is_empty() {
            variables.push(("LISTEN_FDS", names.len().to_string().into()));
            variables.push(("LISTEN_FDNAMES", names.join(":").into()));
        }
        if let Some(patience) = self.watchdog {
            variables.push(("WATCHDOG_USEC", patience.as_micros().to_string().into()));
        }
        variables
    }

    /// A command that runs `program` as a service: sockets from descriptor 3 on, output into `output`.
    pub(crate) fn command(&self, program: &[&OsStr], output: &Path) -> Command {
        let store = self.shared.store.lock().expect("no panic while locked");
        assert!(
            store.len() <= SOCKETS_MAX,
            "the stand-in can hand over {SOCKETS_MAX} sockets"
        );
        let copies = store
            .iter()
            .map(|(_, socket)| socket.try_clone().expect("a descriptor is left"));
        let mut sockets: VecDeque<OwnedFd> = copies.collect();
        let moves: String = (0..sockets.len())
            .map(|number| format!(" {}<&{number}", number + 3))
            .collect();
        let script = format!(
            "exec{moves} 0</dev/null; exec >>{output} 2>&1; export LISTEN_PID=$$ WATCHDOG_PID=$$; exec \"$@\"",
            output = output.display()
        );
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh"]).args(program);
        let mut next = || sockets.pop_front().map_or_else(Stdio::null, Stdio::from);
        command.stdin(next()).stdout(next()).stderr(next());
        command
    }
}

impl Drop for ServiceManager {
    fn drop(&mut self) {
        self.shared.has_ended.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take() {
            let _its_panic_has_been_shown = reader.join();
        }
    }
}

impl Shared {
    fn read(&self, socket: &UnixDatagram) {
        socket
            .set_read_timeout(Some(Duration::from_millis(20)))
            .expect("a time that is not zero");
        while !self.has_ended.load(Ordering::Relaxed) {
            match receive(socket) {
                Ok((text, descriptors)) => self.take(&text, descriptors),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => panic!("the notify socket fails: {error}"),
            }
        }
    }

    fn take(&self, text: &str, descriptors: Vec<OwnedFd>) {
        let at = Instant::now();
        let probe = *self.probe.lock().expect("no panic while locked");
        let is_answering = probe.map(|address| TcpStream::connect(address).is_ok());
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let has = |wanted: &str| lines.iter().any(|line| line == wanted);
        let name = lines
            .iter()
            .find_map(|line| line.strip_prefix("FDNAME="))
            .unwrap_or("stored");
        let count = descriptors.len();
        let mut store = self.store.lock().expect("no panic while locked");
        if has("FDSTORE=1") {
            store.extend(descriptors.into_iter().map(|descriptor| (name.to_owned(), descriptor)));
        } else if has("FDSTOREREMOVE=1") {
            store.retain(|(stored, _)| stored != name);
        }
        drop(store);
        self.datagrams.lock().expect("no panic while locked").push(Datagram {
            lines,
            descriptors: count,
            at,
            is_answering,
        });
    }
}

fn receive(socket: &UnixDatagram) -> io::Result<(String, Vec<OwnedFd>)> {
    let mut buffer = [0; 8192];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut buffer)];
    let length = recvmsg(socket, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC)?.bytes;
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            descriptors.extend(received);
        }
    }
    let text = std::str::from_utf8(&buffer[..length]).expect("datagrams are text");
    Ok((text.to_owned(), descriptors))
}
