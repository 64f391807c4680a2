//! Nodes of one cluster on loopback addresses: 127.88.0.1 and on.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A daemon.
pub struct Node {
    pub number: usize,
    folder: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// Its folder and configuration below `root`; `nodes` there are in all.
    pub fn new(number: usize, nodes: usize, root: &Path, more: &str) -> io::Result<Self> {
        let folder = root.join(format!("node{}", number + 1));
        fs::create_dir_all(&folder)?;
        let seeds = (0..nodes).map(|node| format!("\"emqx@{}\"", address(node)));
        let seeds = seeds.collect::<Vec<_>>().join(", ");
        let own = address(number);
        let config = format!(
            "node {{ name = \"emqx@{own}\", cookie = \"bench\", data_dir = \"data\" }}\n\
             cluster {{ discovery_strategy = static, static.seeds = [{seeds}] }}\n\
             listeners.tcp.default {{ bind = \"{own}:1883\", max_conn_rate = infinity }}\n\
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
        })
    }

    /// Starts it.
    pub fn start(&mut self) -> io::Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("output.log"))?;
        let mut command = Command::new(program("emqxd"));
        let child = command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .args(["-c", "emqx.conf"])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    /// Ends it at once.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Where its MQTT listener is.
    pub fn mqtt(&self) -> SocketAddr {
        SocketAddr::from((address(self.number), 1883))
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Runs `emqx-ctl`: whether it ended well, and its output and errors.
    pub fn ctl(&self, arguments: &[&str]) -> io::Result<(bool, String)> {
        let output = Command::new(program("emqx-ctl"))
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("EMQX_CTL_SOCKET", self.folder.join("ctl.sock"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Ok((output.status.success(), text))
    }

    /// The same; its output if it ended well.
    pub fn ask(&self, arguments: &[&str]) -> Option<String> {
        let (is_well, text) = self.ctl(arguments).ok()?;
        is_well.then_some(text)
    }

    /// Resident memory, bytes.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
        kib.unwrap_or(0) * 1024
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Nothing of a run stays.
        let _it_has_ended = self.kill();
    }
}

/// The address of a node.
pub fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 88, 0, u8::try_from(number + 1).expect("a few nodes"))
}

/// Makes and starts nodes, and waits until they are one cluster.
pub fn start(count: usize, root: &Path, more: &str) -> io::Result<Vec<Node>> {
    let nodes = (0..count).map(|number| Node::new(number, count + 1, root, more));
    let mut nodes = nodes.collect::<io::Result<Vec<_>>>()?;
    for node in &mut nodes {
        node.start()?;
    }
    let took = agree(&nodes, Duration::from_secs(60)).ok_or_else(|| io::Error::other("they form no cluster"))?;
    eprintln!("{count} nodes are one cluster after {} ms", took.as_millis());
    Ok(nodes)
}

/// Waits until all nodes agree on everything, twice in a row; how long that took.
pub fn agree(nodes: &[Node], within: Duration) -> Option<Duration> {
    let began = Instant::now();
    let mut agreed = 0;
    while began.elapsed() < within {
        let views: Vec<_> = nodes.iter().map(|node| node.ask(&["cluster", "digest"])).collect();
        let is_equal = views[0].is_some() && views.iter().all(|view| *view == views[0]);
        agreed = if is_equal { agreed + 1 } else { 0 };
        if agreed == 2 {
            return Some(began.elapsed());
        }
        std::thread::sleep(Duration::from_millis(20));
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
