//! One daemon on its machine: started, killed, stopped, and asked.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::network::Network;

/// A daemon in a network namespace.
pub struct Node {
    pub number: usize,
    folder: PathBuf,
    child: Option<Child>,
    /// The process stands still.
    pub is_stopped: bool,
    /// Ends that nobody has asked for.
    pub crashes: u64,
}

impl Node {
    /// Its folder and configuration, below `root`, with these lines added.
    pub fn new(number: usize, nodes: usize, root: &Path, more: &str) -> io::Result<Self> {
        let folder = root.join(format!("node{}", number + 1));
        fs::create_dir_all(&folder)?;
        let seeds = (0..nodes).map(|node| format!("\"emqx@{}\"", Network::address(node)));
        let seeds = seeds.collect::<Vec<_>>().join(", ");
        let address = Network::address(number);
        let config = format!(
            "node {{ name = \"emqx@{address}\", cookie = \"faults\", data_dir = \"data\" }}\n\
             cluster {{ discovery_strategy = static, static.seeds = [{seeds}] }}\n\
             listeners.tcp.default.bind = \"{address}:1883\"\n\
             listeners.ws.default = marked_for_deletion\n\
             control.socket = \"{}\"\n\
             mqtt.max_mqueue_len = 100000\n\
             mqtt.max_inflight = 128\n\
             log.console.level = info\n{more}\n",
            folder.join("ctl.sock").display()
        );
        fs::write(folder.join("emqx.conf"), config)?;
        Ok(Self {
            number,
            folder,
            child: None,
            is_stopped: false,
            crashes: 0,
        })
    }

    /// Starts the process; whether it serves is seen by [`Self::ask`].
    pub fn start(&mut self, network: &Network) -> io::Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("output.log"))?;
        let mut command = network.command(self.number, "env");
        let child = command
            .args(["-i", "LC_ALL=C.UTF-8"])
            .arg(program("emqxd"))
            .args(["-c", "emqx.conf"])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    /// Whether there is a process that can answer.
    pub fn is_running(&mut self) -> bool {
        if let Some(child) = &mut self.child
            && let Ok(Some(status)) = child.try_wait()
        {
            eprintln!("node {} ended with {status}", self.number + 1);
            self.crashes += 1;
            self.child = None;
        }
        self.child.is_some() && !self.is_stopped
    }

    /// Ends the process as a power cut of it alone would.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        self.is_stopped = false;
        Ok(())
    }

    /// Lets it stand still, or go on.
    pub fn set_stopped(&mut self, is_stopped: bool) -> io::Result<()> {
        let Some(child) = &self.child else { return Ok(()) };
        let signal = if is_stopped { "-STOP" } else { "-CONT" };
        let pid = child.id().to_string();
        let status = Command::new("sh")
            .args(["-c", &format!("kill {signal} {pid}")])
            .status()?;
        self.is_stopped = is_stopped;
        match status.success() {
            true => Ok(()),
            false => Err(io::Error::other(format!("kill {signal} {pid} failed"))),
        }
    }

    /// Runs `emqx-ctl`; its output if it ended well in time.
    pub fn ask(&self, arguments: &[&str]) -> Option<String> {
        let mut child = Command::new(program("emqx-ctl"))
            .env("EMQX_CTL_SOCKET", self.folder.join("ctl.sock"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let deadline = Instant::now() + Duration::from_secs(5);
        while child.try_wait().ok()?.is_none() {
            if Instant::now() > deadline {
                let _ended_meanwhile = child.kill();
                let _it_has_ended = child.wait();
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let output = child.wait_with_output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(text)
    }

    /// Resident memory, KiB.
    pub fn memory_kib(&self) -> u64 {
        self.of_proc("status", |text| {
            let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().trim_end_matches("kB").trim().parse().ok()
        })
    }

    /// Open descriptors.
    pub fn descriptors(&self) -> usize {
        let Some(child) = &self.child else { return 0 };
        fs::read_dir(format!("/proc/{}/fd", child.id())).map_or(0, Iterator::count)
    }

    /// Lines of its log that tell of a panic.
    pub fn panics(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.join("output.log")).unwrap_or_default();
        let lines = log
            .lines()
            .filter(|line| line.contains("panicked at") || line.contains("_crashed"));
        lines.map(str::to_owned).collect()
    }

    fn of_proc(&self, file: &str, read: impl Fn(&str) -> Option<u64>) -> u64 {
        let Some(child) = &self.child else { return 0 };
        let text = fs::read_to_string(format!("/proc/{}/{file}", child.id())).unwrap_or_default();
        read(&text).unwrap_or(0)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Nothing of a run stays.
        let _it_has_ended = self.kill();
    }
}

/// The programs under test, built with the same profile.
fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a running program has a file");
    let profile = own
        .parent()
        .and_then(Path::parent)
        .expect("cargo puts it into <profile>/deps");
    profile.join(name)
}
