//! Multicast, on the loopback interface and between two network namespaces.

use std::io::{BufRead, BufReader, Lines};
use std::net::{Ipv4Addr, UdpSocket};
use std::process::{Child, ChildStdout, Command, Stdio};

use emqx_tests::real_clients::RealClient;
use emqxd_discovery::settings::{Kind, Mcast, Settings};

use super::{COOKIE, finder, finder_with, names};

/// A group of this test's own, at ports that were free a moment ago.
fn settings(number: u8) -> Settings {
    let process = std::process::id().to_be_bytes();
    let port = || UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    Settings {
        kind: Kind::Mcast,
        mcast: Mcast {
            addr: Ipv4Addr::new(239, process[2], process[3], number),
            ports: vec![port(), port()],
            iface: Ipv4Addr::LOCALHOST,
            ttl: 1,
            is_looped: true,
        },
        ..Settings::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_of_a_cluster_find_each_other_and_strangers_find_nobody() {
    let settings = settings(1);
    let mut one = finder(settings.clone(), "emqx1@127.0.0.1");
    let mut two = finder(settings.clone(), "emqx2@127.0.0.1");
    let mut stranger = finder_with(settings.clone(), "emqx3@127.0.0.1", "mine", "a guess").unwrap();
    let mut other = finder_with(settings, "emqx4@127.0.0.1", "another", COOKIE).unwrap();
    for finder in [&mut one, &mut two, &mut stranger, &mut other] {
        finder.announce().await.unwrap();
    }
    assert_eq!(names(&mut one).await, ["emqx2@127.0.0.1"]);
    assert_eq!(names(&mut two).await, ["emqx1@127.0.0.1"]);
    assert_eq!(names(&mut stranger).await, [""; 0]);
    assert_eq!(names(&mut other).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_listens_at_another_of_the_ports_is_found() {
    let settings = settings(2);
    let mut turned = settings.clone();
    turned.mcast.ports.reverse();
    let mut one = finder(settings, "emqx1@127.0.0.1");
    let mut two = finder(turned, "emqx2@127.0.0.1");
    one.announce().await.unwrap();
    assert_eq!(names(&mut two).await, ["emqx1@127.0.0.1"]);
    assert_eq!(names(&mut one).await, ["emqx2@127.0.0.1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_withdrew_answers_no_more() {
    let settings = settings(3);
    let mut one = finder(settings.clone(), "emqx1@127.0.0.1");
    let mut two = finder(settings, "emqx2@127.0.0.1");
    one.announce().await.unwrap();
    one.withdraw().await.unwrap();
    assert_eq!(names(&mut two).await, [""; 0]);
    one.announce().await.unwrap();
    assert_eq!(names(&mut two).await, ["emqx1@127.0.0.1"]);
}

#[tokio::test]
async fn an_interface_that_is_not_there_is_named() {
    let mut settings = settings(4);
    settings.mcast.iface = Ipv4Addr::new(192, 0, 2, 1);
    let error = finder(settings.clone(), "emqx1@127.0.0.1")
        .announce()
        .await
        .unwrap_err();
    let expected = format!(
        "cannot listen in multicast group {} at 192.0.2.1: ",
        settings.mcast.addr
    );
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(error.next.contains("cluster.mcast.iface"), "{error:?}");
}

/// Who plays the other node, in a network namespace of its own: this program, run again with this variable.
const OTHER_NODE: &str = "EMQXD_TEST_MCAST_NODE";

fn across_a_link() -> Settings {
    Settings {
        kind: Kind::Mcast,
        mcast: Mcast::default(),
        ..Settings::default()
    }
}

/// Answers until its standard input ends; no test by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_node_across_a_link() {
    let Ok(node) = std::env::var(OTHER_NODE) else { return };
    let mut finder = finder(across_a_link(), &node);
    finder.announce().await.unwrap();
    println!("announced");
    if node.starts_with("asks") {
        println!("found {:?}", names(&mut finder).await);
    }
    let to_its_end = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    to_its_end.await.unwrap().unwrap();
}

#[test]
fn nodes_of_two_machines_find_each_other_across_a_link_with_the_settings_of_emqx() {
    let Some(hosts) = Hosts::make() else { return };
    let mut there = hosts.node(1, "emqx@198.18.0.2");
    there.expect("announced");
    let mut here = hosts.node(0, "asks@198.18.0.1");
    here.expect("found [\"emqx@198.18.0.2\"]");
}

/// Two network namespaces with a cable between them.
struct Hosts {
    ip: String,
    names: [String; 2],
}

impl Hosts {
    fn make() -> Option<Self> {
        let ip = RealClient::Netns.find()?.get_program().to_string_lossy().into_owned();
        let names = ["a", "b"].map(|end| format!("emqxd-mcast-{}-{end}", std::process::id()));
        let hosts = Self { ip, names };
        let [one, two] = &hosts.names;
        for name in [one, two] {
            hosts.ip(&["netns", "add", name]);
        }
        hosts.ip(&[
            "-n", one, "link", "add", "v0", "type", "veth", "peer", "name", "v0", "netns", two,
        ]);
        for (name, address) in [(one, "198.18.0.1/30"), (two, "198.18.0.2/30")] {
            hosts.ip(&["-n", name, "address", "add", address, "dev", "v0"]);
            hosts.ip(&["-n", name, "link", "set", "v0", "up"]);
            hosts.ip(&["-n", name, "route", "add", "239.0.0.0/8", "dev", "v0"]);
        }
        Some(hosts)
    }

    #[track_caller]
    fn ip(&self, arguments: &[&str]) {
        let done = Command::new(&self.ip).args(arguments).output().unwrap();
        assert!(
            done.status.success(),
            "ip {arguments:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    /// This program as a node of one of them.
    fn node(&self, host: usize, name: &str) -> Node {
        let mut child = Command::new(&self.ip)
            .args(["netns", "exec", &self.names[host]])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "mcast::the_other_node_across_a_link", "--nocapture"])
            .env(OTHER_NODE, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Node { child, lines }
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for name in &self.names {
            // What was not made cannot be taken away.
            let _gone = Command::new(&self.ip).args(["netns", "del", name]).output();
        }
    }
}

struct Node {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Node {
    /// The next line with this text; the node says it or ends.
    #[track_caller]
    fn expect(&mut self, text: &str) {
        let mut seen = Vec::new();
        for line in self.lines.by_ref().map_while(Result::ok) {
            if line.contains(text) {
                return;
            }
            if line.starts_with("found") {
                panic!("{line}, not {text}");
            }
            seen.push(line);
        }
        panic!("no {text:?} in {seen:?}");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _reaped = self.child.wait();
    }
}
