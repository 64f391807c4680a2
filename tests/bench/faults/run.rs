//! The run: a cluster, its load, fault after fault, and the table.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use emqx_tests::Random;

use crate::check::{Findings, Quiet, check};
use crate::counts::Counts;
use crate::fault::{Fault, Kind};
use crate::load::{Load, Published};
use crate::network::Network;
use crate::node::Node;

const NODES: usize = 3;
/// Queues that hold what comes while a subscriber is away.
const SETTINGS: &str = "mqtt.max_mqueue_len = 100000\nmqtt.max_inflight = 128\nlog.console.level = info";
/// One owner of each session, whatever is cut.
const MAJORITY: &str = "\ncluster.sessions_need_majority = true";
/// A cluster that does not agree again within this does not converge.
const CONVERGENCE_MAX: Duration = Duration::from_secs(60);
/// Between two faults nothing is broken for so long.
const QUIET: Duration = Duration::from_millis(1500);
/// I10: an operator is answered in this time.
const ANSWER_MAX: Duration = Duration::from_secs(1);
/// I9: three nodes with this load need no more, KiB each.
const MEMORY_MAX_KIB: u64 = 256 * 1024;

/// What to do.
pub struct Plan {
    pub faults: usize,
    pub seed: u64,
    pub kinds: Vec<Kind>,
    pub publishers: usize,
    pub subscribers: usize,
    /// Every hundredth acknowledgement is invented, and some of what nodes count: the checks have to find that.
    pub is_control: bool,
    pub keep_folders: bool,
    /// Each side of a cut goes on with what sessions it has, EMQX's way: a client may have two for a while.
    pub any_node: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            faults: 200,
            seed: 1,
            kinds: Kind::ALL.to_vec(),
            publishers: 6,
            subscribers: 9,
            is_control: false,
            keep_folders: false,
            any_node: false,
        }
    }
}

/// What was seen beside messages.
#[derive(Debug, Default)]
struct Watch {
    /// I5: client ids connected on two nodes after convergence.
    two_owners: u64,
    /// I8: panics, and ends that nobody asked for.
    crashes: u64,
    /// I9: the highest memory of a node.
    memory_kib: u64,
    /// I10: answers that came too late, of nodes that ran.
    late_answers: u64,
    answers: u64,
    /// Faults after which the nodes did not agree in time.
    not_converged: u64,
}

/// All of it; whether everything held.
pub fn run(plan: &Plan) -> io::Result<bool> {
    let folder = tempfile::Builder::new().prefix("emqxd-faults-").tempdir()?;
    let network = Network::new(NODES)?;
    let settings = format!("{SETTINGS}{}", if plan.any_node { "" } else { MAJORITY });
    let nodes = (0..NODES).map(|number| Node::new(number, NODES, folder.path(), &settings));
    let mut nodes = nodes.collect::<io::Result<Vec<_>>>()?;
    for node in &mut nodes {
        node.start(&network)?;
    }
    let mut watch = Watch::default();
    let mut counts = Counts::new(plan.is_control);
    let formed = converge(&mut nodes, &mut watch).ok_or_else(|| io::Error::other("the nodes form no cluster"))?;
    eprintln!(
        "{NODES} nodes agree after {} ms; seed {}",
        formed.as_millis(),
        plan.seed
    );
    let descriptors: Vec<usize> = nodes.iter().map(Node::descriptors).collect();
    let addresses: Vec<_> = (0..NODES).map(Network::mqtt).collect();
    let load = Load::start(&addresses, plan.publishers, plan.subscribers, plan.seed);
    std::thread::sleep(Duration::from_secs(5));

    let mut random = Random::new(plan.seed);
    let (mut quiet, mut times) = (Vec::new(), BTreeMap::<Kind, Vec<Option<Duration>>>::new());
    let mut from = Instant::now();
    for number in 1..=plan.faults {
        std::thread::sleep(QUIET);
        counts.read(&mut nodes);
        let fault = Fault::random(&plan.kinds, NODES, &mut random);
        quiet.push(Quiet {
            from,
            to: Instant::now(),
        });
        fault.happen(&network, &mut nodes)?;
        let took = converge(&mut nodes, &mut watch);
        from = Instant::now();
        times.entry(fault.kind).or_default().push(took);
        watch.not_converged += u64::from(took.is_none());
        eprintln!(
            "{number:>4} {} node {} for {:.1} s: {}",
            fault.kind,
            fault.victim + 1,
            fault.lasts.as_secs_f64(),
            took.map_or_else(|| "NOT CONVERGED".to_owned(), |took| format!("{} ms", took.as_millis()))
        );
        counts.read(&mut nodes);
        watch.two_owners += two_owners(&nodes);
        watch.memory_kib = nodes
            .iter()
            .map(Node::memory_kib)
            .max()
            .unwrap_or(0)
            .max(watch.memory_kib);
    }
    std::thread::sleep(QUIET);
    quiet.push(Quiet {
        from,
        to: Instant::now(),
    });
    let (mut published, received) = load.finish(Duration::from_secs(5));
    counts.read_last(&mut nodes);
    if plan.is_control {
        invent(&mut published);
    }
    let findings = check(&published, &received, &quiet);
    for node in &nodes {
        for line in node.panics() {
            watch.crashes += 1;
            eprintln!("node {}: {line}", node.number + 1);
        }
        watch.crashes += node.crashes;
    }
    let resumed: u64 = received.iter().map(|received| received.resumed).sum();
    let acked: usize = published.iter().map(|published| published.acked.len()).sum();
    let unknown: u64 = published.iter().map(|published| published.unknown).sum();
    print_table(&times);
    println!();
    println!("{acked} messages acknowledged, {unknown} unknown; {resumed} sessions went on, mostly on another node");
    let after: Vec<usize> = nodes.iter().map(Node::descriptors).collect();
    println!("descriptors before {descriptors:?}, after {after:?}");
    let is_clean = print_findings(&findings, &watch, &counts);
    if plan.keep_folders {
        println!("folders: {}", folder.keep().display());
    }
    Ok(is_clean)
}

/// Waits until all nodes answer and agree twice in a row; how long that took.
fn converge(nodes: &mut [Node], watch: &mut Watch) -> Option<Duration> {
    let began = Instant::now();
    let mut agreed = 0;
    while began.elapsed() < CONVERGENCE_MAX {
        let views: Vec<Option<String>> = nodes.iter_mut().map(|node| view(node, watch)).collect();
        let is_equal = views[0].is_some() && views.iter().all(|view| *view == views[0]);
        agreed = if is_equal { agreed + 1 } else { 0 };
        if agreed == 2 {
            return Some(began.elapsed());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

/// What a node believes of the cluster, if it believes to know.
fn view(node: &mut Node, watch: &mut Watch) -> Option<String> {
    if !node.is_running() {
        return None;
    }
    let asked = Instant::now();
    let text = node.ask(&["cluster", "digest"])?;
    watch.answers += 1;
    watch.late_answers += u64::from(asked.elapsed() > ANSWER_MAX);
    Some(text)
}

/// Client ids that are connected on more than one node.
fn two_owners(nodes: &[Node]) -> u64 {
    let mut count = BTreeMap::<String, u64>::new();
    for node in nodes {
        let list = node.ask(&["clients", "list"]).unwrap_or_default();
        for line in list.lines().filter(|line| line.contains("connected=true")) {
            if let Some(id) = line.strip_prefix("Client(").and_then(|rest| rest.split(',').next()) {
                *count.entry(id.to_owned()).or_default() += 1;
            }
        }
    }
    let twice = count.iter().filter(|(_, count)| **count > 1);
    twice
        .inspect(|(id, _)| eprintln!("{id} is connected on several nodes"))
        .count() as u64
}

/// The known-bad control: a broker that acknowledges what it has not got.
fn invent(published: &mut [Published]) {
    for publisher in published {
        for acked in publisher.acked.iter_mut().step_by(100) {
            acked.sequence += 1_000_000_000;
        }
    }
}

fn print_table(times: &BTreeMap<Kind, Vec<Option<Duration>>>) {
    println!("| fault | times | converged after the end: p50 | p99 | most |");
    println!("| --- | --- | --- | --- | --- |");
    let all: Vec<Option<Duration>> = times.values().flatten().copied().collect();
    for (name, times) in times
        .iter()
        .map(|(kind, times)| (kind.to_string(), times))
        .chain([("all".to_owned(), &all)])
    {
        let mut known: Vec<Duration> = times.iter().flatten().copied().collect();
        known.sort_unstable();
        let at = |share: usize| {
            let place = (known.len() * share).div_ceil(100).saturating_sub(1);
            known
                .get(place)
                .map_or_else(|| "-".to_owned(), |time| format!("{} ms", time.as_millis()))
        };
        println!("| {name} | {} | {} | {} | {} |", times.len(), at(50), at(99), at(100));
    }
}

fn print_findings(findings: &Findings, watch: &Watch, counts: &Counts) -> bool {
    for example in &findings.examples {
        println!("  {example}");
    }
    let too_much = watch.memory_kib.saturating_sub(MEMORY_MAX_KIB);
    let rows = [
        ("I1 acknowledged in quiet and lost", findings.lost),
        ("I2 QoS 2 delivered twice", findings.twice),
        ("I3 out of order", findings.out_of_order),
        ("I4 bytes of another message", findings.foreign),
        ("I5 a client id connected twice", watch.two_owners),
        (
            "I6 I11 nodes that did not agree again (state, licence, routes, sessions, retained)",
            watch.not_converged,
        ),
        (
            "I7 counters that went back, gauges below zero, connections that were not counted",
            counts.violations,
        ),
        ("I8 panics and ends that nobody asked for", watch.crashes),
        ("I9 KiB above the memory bound", too_much),
        ("I10 answers to operators later than 1 s", watch.late_answers),
    ];
    println!(
        "{} times a node was asked for its {} numbers",
        counts.readings,
        counts.numbers.checked_div(counts.readings).unwrap_or(0)
    );
    println!(
        "{} deliveries owed; {} answers to operators; at most {} KiB a node",
        findings.owed, watch.answers, watch.memory_kib
    );
    for (name, count) in rows {
        println!("{:>8}  {name}", count);
    }
    findings.is_clean() && rows.iter().all(|(_, count)| *count == 0)
}
