//! Several real daemons on this machine that are one cluster, or are to become one.
//!
//! Each node has a loopback address of its own (`emqx@127.X.Y.Z`, so every link port is 4370), made of this process's id
//! and a counter: tests that run at the same time never meet. [`TestCluster::of`] gives a cluster that has formed;
//! [`TestCluster::apart`] nodes that can be joined by hand; [`TestCluster::with_seeds`] nodes that start at once and find
//! each other. `cluster[0]` is a [`Daemon`] like any other: `cluster[0].connect_v5("c")`, `cluster[1].ctl(["status"])`.
//!
//! ```no_run
//! use emqx_tests::TestCluster;
//! let mut cluster = TestCluster::of(3);
//! let subscriber = cluster[0].connect_v5("s");
//! cluster.kill(2);
//! cluster.expect_status(&[0, 1], &[2]);
//! cluster[2].start_again();
//! cluster.expect_all_running();
//! ```

use std::net::Ipv4Addr;
use std::ops::{Index, IndexMut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Daemon, DaemonBuilder};

/// A member is doubted for some seconds before it counts as down, and this machine may be busy.
const FORM_DEADLINE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

/// Nodes of one cluster.
#[derive(Debug)]
pub struct TestCluster {
    nodes: Vec<Daemon>,
    names: Vec<String>,
}

impl TestCluster {
    /// So many nodes, joined by hand one after the other; returns when each shows all as running.
    #[track_caller]
    pub fn of(count: usize) -> Self {
        Self::of_with(count, "")
    }

    /// As [`Self::of`], with these lines added to the configuration of each.
    #[track_caller]
    pub fn of_with(count: usize, config: &str) -> Self {
        let cluster = Self::apart_with(count, config);
        for number in 1..count {
            cluster.join(number, 0);
        }
        cluster.expect_all_running();
        cluster
    }

    /// So many nodes that do not know each other yet.
    #[track_caller]
    pub fn apart(count: usize) -> Self {
        Self::apart_with(count, "")
    }

    /// As [`Self::apart`], with these lines added to the configuration of each.
    #[track_caller]
    pub fn apart_with(count: usize, config: &str) -> Self {
        let builders = vec![Daemon::builder().config(config); count];
        Self::start(addresses(count), builders)
    }

    /// So many nodes that have each other as static seeds, started at the same time. They may not have met yet:
    /// [`Self::expect_all_running`].
    #[track_caller]
    pub fn with_seeds(count: usize) -> Self {
        let addresses = addresses(count);
        let seeds: Vec<String> = addresses.iter().map(|address| format!("\"emqx@{address}\"")).collect();
        let config = format!(
            "cluster {{ discovery_strategy = static, static.seeds = [{}] }}",
            seeds.join(",")
        );
        Self::start(addresses, vec![Daemon::builder().config(&config); count])
    }

    /// One node for each builder, which do not know each other yet.
    #[track_caller]
    pub fn with_builders(builders: Vec<DaemonBuilder>) -> Self {
        Self::start(addresses(builders.len()), builders)
    }

    #[track_caller]
    fn start(addresses: Vec<Ipv4Addr>, builders: Vec<DaemonBuilder>) -> Self {
        let names = addresses.iter().map(|address| format!("emqx@{address}")).collect();
        let nodes = thread::scope(|scope| {
            let starting = addresses.iter().zip(builders);
            let starting = starting.map(|(address, builder)| {
                let builder = builder.node(&format!("emqx@{address}"), *address);
                scope.spawn(|| builder.start())
            });
            let starting: Vec<_> = starting.collect();
            let started = starting.into_iter().map(|node| node.join().expect("the node starts"));
            started.collect()
        });
        Self { nodes, names }
    }

    /// `emqx-ctl cluster join` at one node, with the name of another.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    pub fn join(&self, newcomer: usize, member: usize) {
        let joined = self.nodes[newcomer].ctl(["cluster", "join", &self.names[member]]);
        let said = joined.ok();
        assert!(said.starts_with("Join the cluster successfully.\n"), "{said}");
    }

    /// The name of a node: `emqx@127.1.2.3`.
    pub fn name(&self, number: usize) -> &str {
        &self.names[number]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Kills a node, which has no time to say goodbye.
    #[track_caller]
    pub fn kill(&mut self, number: usize) {
        self.nodes[number].signal("KILL");
        self.nodes[number].wait_end();
    }

    /// Returns once every node shows all as running.
    ///
    /// # Panics
    /// If one does not in time.
    #[track_caller]
    pub fn expect_all_running(&self) {
        let all: Vec<usize> = (0..self.nodes.len()).collect();
        self.expect_status(&all, &[]);
    }

    /// Returns once every node of `running` shows just these as running, and `stopped` as stopped.
    ///
    /// # Panics
    /// If one does not in time.
    #[track_caller]
    pub fn expect_status(&self, running: &[usize], stopped: &[usize]) {
        for number in running {
            self.expect_status_at(*number, running, stopped);
        }
    }

    /// As [`Self::expect_status`], of one node.
    #[track_caller]
    pub fn expect_status_at(&self, number: usize, running: &[usize], stopped: &[usize]) {
        let names = |numbers: &[usize]| {
            let mut names: Vec<&str> = numbers.iter().map(|number| self.name(*number)).collect();
            names.sort_unstable();
            names.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let wished = (names(running), names(stopped));
        let deadline = Instant::now() + FORM_DEADLINE;
        loop {
            let found = self.status(number);
            if found == wished {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{} shows {found:?} instead of {wished:?}",
                self.name(number)
            );
            thread::sleep(POLL);
        }
    }

    /// Running and stopped nodes, as one node shows them.
    #[track_caller]
    pub fn status(&self, number: usize) -> (Vec<String>, Vec<String>) {
        let status = self.nodes[number].ctl(["cluster", "status", "--json"]).json();
        let names = |key: &str| {
            let names = status[key].as_array().expect("a list of names").iter();
            names
                .map(|name| name.as_str().expect("a name").to_owned())
                .collect::<Vec<_>>()
        };
        (names("running_nodes"), names("stopped_nodes"))
    }
}

impl Index<usize> for TestCluster {
    type Output = Daemon;

    fn index(&self, number: usize) -> &Daemon {
        &self.nodes[number]
    }
}

impl IndexMut<usize> for TestCluster {
    fn index_mut(&mut self, number: usize) -> &mut Daemon {
        &mut self.nodes[number]
    }
}

/// Loopback addresses that no other test uses.
fn addresses(count: usize) -> Vec<Ipv4Addr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let process = std::process::id() % (250 * 250);
    let address = |_| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed) % 253 + 1;
        let octets = [process / 250 + 1, process % 250 + 1, number].map(|octet| u8::try_from(octet).unwrap_or(1));
        Ipv4Addr::new(127, octets[0], octets[1], octets[2])
    };
    (0..count).map(address).collect()
}
