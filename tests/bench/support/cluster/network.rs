//! Three machines on one: a network namespace for each node, all of them on one bridge, and cuts between them by nftables.
//!
//! Needs root, `ip` and `nft`. What is made here is removed again when the [`Network`] is dropped; a run that was killed
//! leaves namespaces `emqxf-N` behind, which the next run removes first.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};

use super::node::Machines;

const BRIDGE: &str = "emqxf-br";

/// The machines, and how they are cut off from each other.
pub struct Network {
    nodes: usize,
    /// Held: two runs at a time would remove each other's machines.
    _lock: File,
}

/// What happens to packets of a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// They vanish.
    All,
    /// So many of a hundred vanish.
    Percent(u8),
    /// TCP is told that the connection is over.
    Reset,
}

impl Network {
    /// So many machines that reach each other and this one.
    pub fn new(nodes: usize) -> io::Result<Self> {
        let path = std::env::temp_dir().join("emqxf-network.lock");
        let lock = File::create(&path)?;
        lock.try_lock()
            .map_err(|error| io::Error::other(format!("another run has the machines ({}): {error}", path.display())))?;
        let network = Self { nodes, _lock: lock };
        network.remove();
        run("ip", &["link", "add", BRIDGE, "type", "bridge"])?;
        run("ip", &["addr", "add", "10.199.77.254/24", "dev", BRIDGE])?;
        run("ip", &["link", "set", BRIDGE, "up"])?;
        for node in 0..nodes {
            let (space, near) = (space(node), format!("emqxf-v{node}"));
            run("ip", &["netns", "add", &space])?;
            let far = format!("emqxf-p{node}");
            run("ip", &["link", "add", &near, "type", "veth", "peer", "name", &far])?;
            run("ip", &["link", "set", &far, "netns", &space])?;
            run("ip", &["link", "set", &near, "master", BRIDGE])?;
            run("ip", &["link", "set", &near, "up"])?;
            let address = format!("{}/24", Self::address(node));
            network.inside(node, &["ip", "addr", "add", &address, "dev", &far])?;
            network.inside(node, &["ip", "link", "set", &far, "up"])?;
            network.inside(node, &["ip", "link", "set", "lo", "up"])?;
            network.inside(node, &["nft", "add", "table", "ip", "faults"])?;
            network.inside(
                node,
                &[
                    "nft",
                    "add chain ip faults in { type filter hook input priority 0 ; policy accept ; }",
                ],
            )?;
        }
        Ok(network)
    }

    /// Where its MQTT listener is.
    pub fn mqtt(node: usize) -> SocketAddr {
        SocketAddr::from((Self::address(node), 1883))
    }

    /// Packets from one machine to another suffer from now on; those of the other direction do not.
    pub fn cut(&self, from: usize, to: usize, loss: Loss) -> io::Result<()> {
        let source = Self::address(from).to_string();
        let verdict = match loss {
            Loss::All => "drop".to_owned(),
            Loss::Percent(percent) => format!("numgen random mod 100 < {percent} drop"),
            Loss::Reset => "meta l4proto tcp reject with tcp reset".to_owned(),
        };
        self.inside(
            to,
            &["nft", &format!("add rule ip faults in ip saddr {source} {verdict}")],
        )
    }

    /// All reach all again.
    pub fn heal(&self) -> io::Result<()> {
        (0..self.nodes).try_for_each(|node| self.inside(node, &["nft", "flush chain ip faults in"]))
    }

    fn inside(&self, node: usize, words: &[&str]) -> io::Result<()> {
        let space = space(node);
        let mut all = vec!["netns", "exec", &space];
        all.extend_from_slice(words);
        run("ip", &all)
    }

    fn remove(&self) {
        for node in 0..self.nodes {
            // Nothing may be there.
            let _absent = quiet("ip", &["netns", "del", &space(node)]);
            let _absent = quiet("ip", &["link", "del", &format!("emqxf-v{node}")]);
        }
        let _absent = quiet("ip", &["link", "del", BRIDGE]);
    }
}

impl Machines for Network {
    fn address(node: usize) -> Ipv4Addr {
        Ipv4Addr::new(10, 199, 77, u8::try_from(node + 1).expect("a few machines"))
    }

    fn command(&self, node: usize, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &space(node)]).arg(program);
        command
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.remove();
    }
}

fn space(node: usize) -> String {
    format!("emqxf-{}", node + 1)
}

fn quiet(program: &str, arguments: &[&str]) -> io::Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status()?.success() {
        true => Ok(()),
        false => Err(io::Error::other(format!("{program} {arguments:?} failed"))),
    }
}

fn run(program: &str, arguments: &[&str]) -> io::Result<()> {
    let output = Command::new(program).args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!("{program} {}: {why}", arguments.join(" "))))
}
