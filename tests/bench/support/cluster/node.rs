//! One daemon of a cluster: started, killed, stopped, and asked.

use std::fs::{self, File};
use std::io::{self, Read};
use std::marker::PhantomData;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::network::Network;

/// How long an answer to [`Node::ask`] may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where daemons run.
pub trait Machines {
    /// The address of a machine.
    fn address(node: usize) -> Ipv4Addr;
    /// A command that runs on a machine.
    fn command(&self, node: usize, program: &Path) -> Command;
}

/// Not machines but loopback addresses of this one: 127.88.0.1 and on.
pub struct Loopback;

impl Machines for Loopback {
    fn address(node: usize) -> Ipv4Addr {
        Ipv4Addr::new(127, 88, 0, u8::try_from(node + 1).expect("a few nodes"))
    }

    fn command(&self, _node: usize, program: &Path) -> Command {
        Command::new(program)
    }
}

/// A daemon.
pub struct Node<M: Machines = Network> {
    pub number: usize,
    folder: PathBuf,
    child: Option<Child>,
    /// The process stands still.
    pub is_stopped: bool,
    /// Ends that nobody has asked for.
    pub crashes: u64,
    machines: PhantomData<M>,
}

impl<M: Machines> Node<M> {
    /// Its folder and configuration below `root`, with these lines added; `nodes` there are in all.
    pub fn new(number: usize, nodes: usize, root: &Path, more: &str) -> io::Result<Self> {
        let folder = root.join(format!("node{}", number + 1));
        fs::create_dir_all(&folder)?;
        let seeds = (0..nodes).map(|node| format!("\"emqx@{}\"", M::address(node)));
        let seeds = seeds.collect::<Vec<_>>().join(", ");
        let address = M::address(number);
        let config = format!(
            "node {{ name = \"emqx@{address}\", cookie = \"bench\", data_dir = \"data\" }}\n\
             cluster {{ discovery_strategy = static, static.seeds = [{seeds}] }}\n\
             listeners.tcp.default {{ bind = \"{address}:1883\", max_conn_rate = infinity }}\n\
             listeners.ws.default = marked_for_deletion\n\
             control.socket = \"{}\"\n\
             log.console.level = warning\n{more}\n",
            folder.join("ctl.sock").display()
        );
        fs::write(folder.join("emqx.conf"), config)?;
        Ok(Self {
            number,
            folder,
            child: None,
            is_stopped: false,
            crashes: 0,
            machines: PhantomData,
        })
    }

    /// Starts the process; whether it serves is seen by [`Self::ask`].
    pub fn start(&mut self, machines: &M) -> io::Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("output.log"))?;
        let mut command = machines.command(self.number, &program("emqxd"));
        let child = command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            // `ip` itself has to be found.
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
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

    /// Where its MQTT listener is.
    pub fn mqtt(&self) -> SocketAddr {
        SocketAddr::from((M::address(self.number), 1883))
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Runs `emqx-ctl`, however long it takes: whether it ended well, and its output and errors.
    pub fn ctl(&self, arguments: &[&str]) -> io::Result<(bool, String)> {
        let output = self.ctl_command(arguments).output()?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Ok((output.status.success(), text))
    }

    /// Runs `emqx-ctl`; its output if it ended well in time.
    pub fn ask(&self, arguments: &[&str]) -> Option<String> {
        let mut command = self.ctl_command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut output = child.stdout.take()?;
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            if output.read_to_string(&mut text).is_ok() {
                // Whoever waited may have given up.
                let _in_time = sender.send(text);
            }
        });
        let text = receiver.recv_timeout(PATIENCE).ok();
        if text.is_none() {
            let _ended_meanwhile = child.kill();
        }
        let status = child.wait().ok()?;
        text.filter(|_| status.success())
    }

    fn ctl_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("emqx-ctl"));
        command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("EMQX_CTL_SOCKET", self.folder.join("ctl.sock"))
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Resident memory, KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
        kib.unwrap_or(0)
    }

    /// Open descriptors.
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid())).map_or(0, Iterator::count)
    }

    /// Lines of its log that tell of a panic.
    pub fn panics(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.join("output.log")).unwrap_or_default();
        let lines = log
            .lines()
            .filter(|line| line.contains("panicked at") || line.contains("_crashed"));
        lines.map(str::to_owned).collect()
    }
}

impl<M: Machines> Drop for Node<M> {
    fn drop(&mut self) {
        // Nothing of a run stays.
        let _it_has_ended = self.kill();
    }
}

/// Makes and starts nodes, and waits until they are one cluster.
pub fn start<M: Machines>(count: usize, machines: &M, root: &Path, more: &str) -> io::Result<Vec<Node<M>>> {
    // One more may come later.
    let nodes = (0..count).map(|number| Node::new(number, count + 1, root, more));
    let mut nodes = nodes.collect::<io::Result<Vec<_>>>()?;
    for node in &mut nodes {
        node.start(machines)?;
    }
    let took = agree(&nodes, Duration::from_secs(60)).ok_or_else(|| io::Error::other("they form no cluster"))?;
    eprintln!("{count} nodes are one cluster after {} ms", took.as_millis());
    Ok(nodes)
}

/// Waits until all nodes agree on everything, twice in a row; how long that took.
pub fn agree<M: Machines>(nodes: &[Node<M>], within: Duration) -> Option<Duration> {
    let began = Instant::now();
    let mut agreed = 0;
    while began.elapsed() < within {
        let views: Vec<_> = nodes.iter().map(|node| node.ask(&["cluster", "digest"])).collect();
        let is_equal = views[0].is_some() && views.iter().all(|view| *view == views[0]);
        agreed = if is_equal { agreed + 1 } else { 0 };
        if agreed == 2 {
            return Some(began.elapsed());
        }
        thread::sleep(Duration::from_millis(20));
    }
    None
}

/// The programs under test, built with the same profile.
pub fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a running program has a file");
    let profile = own
        .parent()
        .and_then(Path::parent)
        .expect("cargo puts it into <profile>/deps");
    profile.join(name)
}
