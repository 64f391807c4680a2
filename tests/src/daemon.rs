//! A real `emqxd` in a folder of its own, with a port of its own, ended when the value is dropped.
//!
//! Readiness is observed from outside, as an operator would: the port accepts and `emqx-ctl ping`
//! answers. When a test fails, the end of the daemon's output is printed with it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{
    ClientOptions, CtlOutput, DEADLINE, Journal, Listener, ServiceManager, TestClient, binaries, wait_for, wait_until,
};

/// How often a start is tried again because someone took the port between choice and use.
const PORT_TRIES: usize = 5;

/// How long a daemon may take to end on SIGTERM before a dropped one is killed.
const STOP_DEADLINE: Duration = Duration::from_secs(3);

/// Lines of the daemon's output that a failing test shows.
const LOG_TAIL_LINES: usize = 100;

/// A running daemon.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    builder: DaemonBuilder,
    folder: TempDir,
    socket: PathBuf,
    address: SocketAddr,
}

/// What a daemon is started with.
#[derive(Debug, Clone, Default)]
pub struct DaemonBuilder {
    config: String,
    environment: Vec<(String, String)>,
    log_level: Option<&'static str>,
    control_socket: Option<PathBuf>,
    user: Option<u32>,
    service: Option<Arc<ServiceManager>>,
    wrapper: Vec<OsString>,
    node: Option<(String, Ipv4Addr)>,
}

impl DaemonBuilder {
    /// Adds lines to the configuration file, after those of the harness; later ones win.
    #[must_use]
    pub fn config(mut self, text: &str) -> Self {
        self.config.push_str(text);
        self.config.push('\n');
        self
    }

    /// Sets an environment variable, such as `EMQX_MQTT__MAX_INFLIGHT`.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Level of the console log, `info` unless set.
    #[must_use]
    pub fn log_level(mut self, level: &'static str) -> Self {
        self.log_level = Some(level);
        self
    }

    /// Where its control socket is to be, in place of its own folder.
    #[must_use]
    pub fn control_socket(mut self, path: PathBuf) -> Self {
        self.control_socket = Some(path);
        self
    }

    /// Runs it as another user, to whom its folder is given; the tests have to run as root.
    #[must_use]
    pub fn user(mut self, uid: u32) -> Self {
        self.user = Some(uid);
        self
    }

    /// Runs it as a service of this stand-in for systemd.
    #[must_use]
    pub fn service(mut self, manager: &Arc<ServiceManager>) -> Self {
        self.service = Some(Arc::clone(manager));
        self
    }

    /// Lets standard error lead to this stand-in for the journal; needs [`Self::service`].
    #[must_use]
    pub fn journal(self, journal: &Journal) -> Self {
        let path = journal.path().display().to_string();
        self.env("EMQXD_TEST_JOURNAL_SOCKET", &path).under([
            "sh",
            "-c",
            "export JOURNAL_STREAM=$(stat -Lc %d:%i /proc/$$/fd/2); exec \"$@\"",
            "sh",
        ])
    }

    /// Its name, and the address it serves clients at, in place of `emqx@127.0.0.1`.
    #[must_use]
    pub fn node(mut self, name: &str, address: Ipv4Addr) -> Self {
        self.node = Some((name.to_owned(), address));
        self
    }

    /// Runs it by another program, whose command line ends with the daemon's and which becomes it.
    #[must_use]
    pub fn under<A: Into<OsString>>(mut self, program: impl IntoIterator<Item = A>) -> Self {
        self.wrapper.extend(program.into_iter().map(Into::into));
        self
    }

    /// Starts it and waits until it serves.
    ///
    /// # Panics
    /// If it ends, or does not serve in time; with its output.
    #[track_caller]
    pub fn start(self) -> Daemon {
        for _ in 0..PORT_TRIES {
            let mut daemon = self.spawn(free_port(self.host()));
            match daemon.wait_ready() {
                Ok(()) => return daemon,
                Err(status) if is_address_in_use(&daemon.log()) => drop((daemon, status)),
                Err(status) => panic!("emqxd ended with {status} while starting"),
            }
        }
        panic!("no free port in {PORT_TRIES} tries");
    }

    /// Starts it on `port` and returns what it printed, and how it ended.
    ///
    /// # Panics
    /// If it does not end by itself in time.
    #[track_caller]
    pub fn run_to_end(self, port: u16) -> (ExitStatus, String) {
        let mut daemon = self.spawn(port);
        let status = daemon.wait_end();
        (status, daemon.log())
    }

    fn host(&self) -> Ipv4Addr {
        self.node.as_ref().map_or(Ipv4Addr::LOCALHOST, |(_, address)| *address)
    }

    fn spawn(&self, port: u16) -> Daemon {
        let folder = tempfile::Builder::new()
            .prefix("emqxd-")
            .tempdir()
            .expect("temp folders can be made");
        let path = folder.path().display();
        let socket = self
            .control_socket
            .clone()
            .unwrap_or_else(|| folder.path().join("ctl.sock"));
        let log_level = self.log_level.unwrap_or("info");
        let (name, host) = match &self.node {
            Some((name, address)) => (name.as_str(), *address),
            None => ("emqx@127.0.0.1", Ipv4Addr::LOCALHOST),
        };
        let config = format!(
            "node {{ name = \"{name}\", data_dir = \"{path}/data\" }}\n\
             listeners.tcp.default.bind = \"{host}:{port}\"\n\
             listeners.ws.default = marked_for_deletion\n\
             control.socket = \"{}\"\n\
             log.console.level = {log_level}\n{}",
            socket.display(),
            self.config
        );
        fs::write(folder.path().join("emqx.conf"), config).expect("a new folder takes files");
        if let Some(uid) = self.user {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(uid)).expect("root may give folders away");
        }
        Daemon {
            child: self.launch(folder.path()),
            builder: self.clone(),
            folder,
            socket,
            address: SocketAddr::from((host, port)),
        }
    }

    /// Starts the process in a folder that has its configuration.
    fn launch(&self, folder: &Path) -> Child {
        let output = folder.join("output.log");
        let emqxd = binaries::emqxd();
        let mut program: Vec<&OsStr> = self.wrapper.iter().map(OsString::as_os_str).collect();
        program.extend([emqxd.as_os_str(), OsStr::new("-c"), OsStr::new("emqx.conf")]);
        let mut command = match &self.service {
            Some(service) => service.command(&program, &output),
            None => {
                let output = File::options().create(true).append(true).open(&output);
                let output = output.expect("the folder takes files");
                let mut command = Command::new(program[0]);
                command.args(&program[1..]).stdin(Stdio::null());
                command
                    .stdout(output.try_clone().expect("a descriptor is left"))
                    .stderr(output);
                command
            }
        };
        without_our_environment(&mut command)
            .current_dir(folder)
            .envs(self.environment.iter().cloned());
        if let Some(service) = &self.service {
            command.envs(service.environment());
        }
        if let Some(uid) = self.user {
            command.uid(uid).gid(uid);
        }
        command.spawn().expect("emqxd can be executed")
    }
}

impl Daemon {
    /// One with the defaults of the harness.
    #[track_caller]
    pub fn start() -> Self {
        DaemonBuilder::default().start()
    }

    /// One with these lines added to its configuration file.
    #[track_caller]
    pub fn with_config(text: &str) -> Self {
        DaemonBuilder::default().config(text).start()
    }

    /// To set more than the configuration.
    pub fn builder() -> DaemonBuilder {
        DaemonBuilder::default()
    }

    /// Where `tcp:default` listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its folder: `emqx.conf`, `data`, the control socket, its output.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The control socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that it printed so far, standard output and error.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.path().join("output.log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns once a line of the log contains all `words`; returns that line.
    ///
    /// # Panics
    /// If none comes in time.
    #[track_caller]
    pub fn expect_log(&self, words: &[&str]) -> String {
        wait_for(&format!("a log line with {words:?}"), || {
            self.log()
                .lines()
                .find(|line| words.iter().all(|word| line.contains(word)))
                .map(str::to_owned)
        })
    }

    /// Runs `emqx-ctl` against it.
    pub fn ctl<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> CtlOutput {
        let mut command = self.ctl_command();
        command
            .args(arguments)
            .output()
            .expect("emqx-ctl can be executed")
            .into()
    }

    /// An `emqx-ctl` that talks to this daemon, for tests that set more.
    pub fn ctl_command(&self) -> Command {
        let mut command = Command::new(binaries::emqx_ctl());
        without_our_environment(&mut command)
            .env("EMQX_CTL_SOCKET", self.socket())
            .current_dir(self.folder.path());
        command.stdin(Stdio::null());
        command
    }

    /// An `emqxd` with its configuration, for what it does while the daemon is stopped.
    pub fn emqxd_command(&self) -> Command {
        let mut command = Command::new(binaries::emqxd());
        without_our_environment(&mut command)
            .args(["-c", "emqx.conf"])
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// The block of `tcp:default` in `emqx-ctl listeners`.
    ///
    /// # Panics
    /// If the call fails or the listener is not there.
    #[track_caller]
    pub fn listener(&self) -> Listener {
        self.listener_of("tcp:default")
    }

    /// The block of a listener in `emqx-ctl listeners`.
    ///
    /// # Panics
    /// If the call fails or the listener is not there.
    #[track_caller]
    pub fn listener_of(&self, id: &str) -> Listener {
        let listeners = Listener::parse_all(&self.ctl(["listeners"]).ok());
        let found = listeners.into_iter().find(|listener| listener.id == id);
        found.unwrap_or_else(|| panic!("{id} is listed"))
    }

    /// Where a listener listens, the port too if the system chose it.
    ///
    /// # Panics
    /// If it is not there or not running.
    #[track_caller]
    pub fn address_of(&self, id: &str) -> SocketAddr {
        let listener = self.listener_of(id);
        assert_eq!(listener.fields["running"], "true", "{id}");
        listener.fields["listen_on"].parse().expect("an address and a port")
    }

    /// Returns once a listener has counted `reason`.
    ///
    /// # Panics
    /// If it has not in time.
    #[track_caller]
    pub fn expect_end_at(&self, id: &str, reason: &str) {
        wait_until(&format!("{id} counts {reason}"), || {
            self.listener_of(id).shutdown_count().contains_key(reason)
        });
    }

    /// Returns once `reason` has been counted `count` times.
    ///
    /// # Panics
    /// If it is not in time, or has been counted more often.
    #[track_caller]
    pub fn expect_shutdown_count(&self, reason: &str, count: u64) {
        let mut last = self.listener().shutdown_count();
        wait_until(&format!("{reason} counted {count} times"), || {
            last = self.listener().shutdown_count();
            last.get(reason).copied().unwrap_or(0) >= count
        });
        assert_eq!(last.get(reason), Some(&count), "{reason} in {last:?}");
    }

    /// A client of MQTT 5 with clean start.
    #[track_caller]
    pub fn connect_v5(&self, client_id: &str) -> TestClient {
        self.connect(ClientOptions::v5(client_id))
    }

    /// A client of MQTT 3.1.1 with clean session.
    #[track_caller]
    pub fn connect_v311(&self, client_id: &str) -> TestClient {
        self.connect(ClientOptions::v311(client_id))
    }

    /// A client with these options, accepted by the broker.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn connect(&self, options: ClientOptions) -> TestClient {
        options.connect(self.address)
    }

    /// A connection on which nothing has been said.
    #[track_caller]
    pub fn connect_silently(&self) -> TcpStream {
        TcpStream::connect(self.address).expect("the listener accepts")
    }

    /// Sends a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        // The shell's own `kill`: the program of that name is not on every machine.
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "cannot send {name} to {pid}"
        );
    }

    /// Starts it again in its folder and on its port, and waits until it serves. It has to have ended.
    ///
    /// # Panics
    /// If it ends, or does not serve in time.
    #[track_caller]
    pub fn start_again(&mut self) {
        self.child = self.builder.launch(self.folder.path());
        if let Err(status) = self.wait_ready() {
            panic!("emqxd ended with {status} while starting again");
        }
    }

    /// Waits until the process has ended by itself.
    ///
    /// # Panics
    /// If it has not in time.
    #[track_caller]
    pub fn wait_end(&mut self) -> ExitStatus {
        wait_for("emqxd ends", || self.child.try_wait().expect("it is our child"))
    }

    /// Resident memory in bytes (`VmRSS` of `/proc/<pid>/status`).
    pub fn resident_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("Linux tells VmRSS");
        let kib: u64 = line
            .trim()
            .trim_end_matches(" kB")
            .trim()
            .parse()
            .expect("a number of kB");
        kib * 1024
    }

    /// `Err` if it ended in place of starting.
    #[track_caller]
    fn wait_ready(&mut self) -> Result<(), ExitStatus> {
        wait_for("emqxd serves", || {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return Some(Err(status));
            }
            // The control socket first: an accepted probe would be a connection in its counts.
            let is_ready = self.socket().exists() && self.ctl(["ping"]).status == Some(0) && self.is_listening();
            is_ready.then_some(Ok(()))
        })
    }

    /// Whether the default listener runs, or is not meant to.
    fn is_listening(&self) -> bool {
        let listeners = self.ctl(["listeners"]);
        listeners.status == Some(0) && !listeners.stdout.is_empty()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(LOG_TAIL_LINES)..];
            eprintln!("--- end of emqxd's output ---\n{}\n---", tail.join("\n"));
        }
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            self.signal("TERM");
            let started = Instant::now();
            while started.elapsed() < STOP_DEADLINE {
                if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                    return;
                }
                thread::sleep(Duration::from_millis(2));
            }
            // Already ended is as good.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A port that was free a moment ago.
fn free_port(host: Ipv4Addr) -> u16 {
    let probe = TcpListener::bind((host, 0)).expect("a port is left");
    probe.local_addr().expect("it is bound").port()
}

fn is_address_in_use(log: &str) -> bool {
    log.contains("EADDRINUSE") || log.to_lowercase().contains("in use")
}

/// Takes away what a developer's environment might change.
fn without_our_environment(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"EMQX")) {
        command.env_remove(name);
    }
    for name in [
        "XDG_RUNTIME_DIR",
        "JOURNAL_STREAM",
        "NOTIFY_SOCKET",
        "INVOCATION_ID",
        "LISTEN_FDS",
        "LISTEN_FDNAMES",
        "LISTEN_PID",
        "WATCHDOG_USEC",
        "WATCHDOG_PID",
    ] {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC")
}

// `DEADLINE` bounds every wait above, through `wait_for`.
const _: () = assert!(STOP_DEADLINE.as_millis() < DEADLINE.as_millis());
