//! How long until a licence that one node was given is in force on all: of three nodes that run, with one of them down, and
//! with two sides that do not reach each other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use emqx_tests::license::LicenseIssuer;

use crate::network::{Loss, Network};
use crate::node::{self, Loopback, Machines, Node};
use crate::percentile;

const RUNS: usize = 100;
/// Of those that need a restart or a cut.
const FEWER_RUNS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks: a look is a run of `emqx-ctl`, which takes as long.
const PAUSE: Duration = Duration::from_millis(2);

/// All of it. Cuts need root, `ip` and `nft`; without them that part is left out, and said so.
pub fn run(root: &Path) -> io::Result<()> {
    let issuer = LicenseIssuer::new();
    {
        let mut nodes = node::start(3, &Loopback, &root.join("running"), &issuer.config())?;
        on_running_nodes(&issuer, &nodes)?;
        with_one_down(&issuer, &mut nodes)?;
        with_two_down(&issuer, &mut nodes)?;
    }
    match Network::new(3) {
        Ok(network) => with_a_cut(&issuer, &network, &root.join("cut")),
        Err(error) => {
            println!("two sides that do not reach each other: left out: {error}");
            Ok(())
        }
    }
}

/// Each update on another node than the last.
fn on_running_nodes<M: Machines>(issuer: &LicenseIssuer, nodes: &[Node<M>]) -> io::Result<()> {
    let mut times = Vec::new();
    for run in 0..RUNS {
        times.push(update(issuer, nodes, run % nodes.len(), 1000 + run)?);
    }
    let what = "shown by all three nodes after `license update` on one";
    print_times(what, &mut times);
    Ok(())
}

/// One is killed, the others are given a licence, it starts again.
fn with_one_down(issuer: &LicenseIssuer, nodes: &mut [Node<Loopback>]) -> io::Result<()> {
    let (mut others, mut after_start) = (Vec::new(), Vec::new());
    for run in 0..FEWER_RUNS {
        let limit = 3000 + run;
        nodes[2].kill()?;
        others.push(update(issuer, &nodes[..2], run % 2, limit)?);
        let began = Instant::now();
        nodes[2].start(&Loopback)?;
        until_shown(&nodes[2..], limit)?;
        after_start.push(millis(began));
    }
    print_times("shown by the two others while one is down", &mut others);
    print_times("shown by the one that was down, from its start", &mut after_start);
    Ok(())
}

fn with_two_down(issuer: &LicenseIssuer, nodes: &mut [Node<Loopback>]) -> io::Result<()> {
    nodes[1].kill()?;
    nodes[2].kill()?;
    let text = refused(issuer, &nodes[0], 4000)?;
    println!("with two of three down: {text}");
    Ok(())
}

/// Both sides of a cut are given a licence: one node alone, and the two others. Then they reach each other again.
fn with_a_cut(issuer: &LicenseIssuer, network: &Network, root: &Path) -> io::Result<()> {
    let nodes = node::start(3, network, root, &issuer.config())?;
    update(issuer, &nodes, 0, 5000)?;
    let (mut majority, mut healed) = (Vec::new(), Vec::new());
    let mut text = String::new();
    for run in 0..FEWER_RUNS {
        let (lost, won) = (6000 + run, 7000 + run);
        // The leader is cut off as often as any other.
        let alone = run % nodes.len();
        let others: Vec<usize> = (0..nodes.len()).filter(|node| *node != alone).collect();
        for other in &others {
            network.cut(alone, *other, Loss::All)?;
            network.cut(*other, alone, Loss::All)?;
        }
        // Who led may not have noticed yet: what it takes in that moment is decided later.
        while nodes[alone].ctl(&["banned", "clear", "-y"])?.0 {
            thread::sleep(PAUSE);
        }
        text = refused(issuer, &nodes[alone], lost)?;
        let began = Instant::now();
        let file = file(issuer, won);
        let update = format!("file://{}", file.display());
        while !nodes[others[0]].ctl(&["license", "update", &update])?.0 {
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other("the majority takes no licence"));
            }
        }
        for other in &others {
            until_shown(&nodes[*other..=*other], won)?;
        }
        majority.push(millis(began));
        network.heal()?;
        let began = Instant::now();
        until_shown(&nodes, won)?;
        healed.push(millis(began));
    }
    println!("the side without a majority: {text}");
    print_times("shown by the majority's two nodes, from the first try", &mut majority);
    print_times("shown by all three after the cut is healed", &mut healed);
    count_backups(issuer, &nodes)
}

/// What each node has beside the licence in force: all that were in force before; and of those that it had to refuse,
/// since it was cut off, each is kept.
fn count_backups(issuer: &LicenseIssuer, nodes: &[Node<Network>]) -> io::Result<()> {
    for (number, node) in nodes.iter().enumerate() {
        let folder = node.data().join("license");
        let mut kept = Vec::new();
        for entry in fs::read_dir(&folder)? {
            kept.push(fs::read_to_string(entry?.path())?.trim().to_owned());
        }
        let is_kept = |limit: usize| {
            let text = fs::read_to_string(issuer.folder().join(format!("{limit}.lic")));
            text.is_ok_and(|text| kept.iter().any(|kept| kept == text.trim()))
        };
        let before = (0..FEWER_RUNS).filter(|run| is_kept(7000 + run)).count();
        let here = (0..FEWER_RUNS).filter(|run| run % nodes.len() == number);
        let refused: Vec<usize> = here.collect();
        let lost = refused.iter().filter(|run| is_kept(6000 + **run)).count();
        println!(
            "node {}: {before} of {FEWER_RUNS} licences that won are there, in force or as a backup; of {} that it refused \
             while it was cut off {lost} are kept as a backup",
            node.number + 1,
            refused.len()
        );
        if before < FEWER_RUNS || lost < refused.len() {
            return Err(io::Error::other("a node has not kept what it had"));
        }
    }
    Ok(())
}

/// A node that may not decide: what it says, on one line.
fn refused<M: Machines>(issuer: &LicenseIssuer, node: &Node<M>, limit: usize) -> io::Result<String> {
    let update = format!("file://{}", file(issuer, limit).display());
    let (is_well, text) = node.ctl(&["license", "update", &update])?;
    match is_well || shows(node, limit) {
        true => Err(io::Error::other("a minority has changed the licence")),
        false => Ok(text.lines().next().unwrap_or_default().to_owned()),
    }
}

fn file(issuer: &LicenseIssuer, limit: usize) -> PathBuf {
    issuer.issue_file(&format!("{limit}.lic"), &format!("--sessions {limit} --days 365"))
}

/// From the end of the update to the moment at which all show it, milliseconds.
fn update<M: Machines>(issuer: &LicenseIssuer, nodes: &[Node<M>], on: usize, limit: usize) -> io::Result<f64> {
    let update = format!("file://{}", file(issuer, limit).display());
    let (is_well, text) = nodes[on].ctl(&["license", "update", &update])?;
    if !is_well {
        return Err(io::Error::other(text));
    }
    let began = Instant::now();
    until_shown(nodes, limit)?;
    Ok(millis(began))
}

fn until_shown<M: Machines>(nodes: &[Node<M>], limit: usize) -> io::Result<()> {
    let began = Instant::now();
    for node in nodes {
        while !shows(node, limit) {
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("node {} does not show it", node.number + 1)));
            }
            thread::sleep(PAUSE);
        }
    }
    Ok(())
}

fn shows<M: Machines>(node: &Node<M>, limit: usize) -> bool {
    let text = node.ask(&["license", "info"]).unwrap_or_default();
    text.lines()
        .any(|line| line.starts_with("max_") && line.split_whitespace().last() == Some(&limit.to_string()))
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn print_times(what: &str, times: &mut [f64]) {
    let runs = times.len();
    println!(
        "licence {what}: p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms ({runs} runs; includes what `emqx-ctl license info` takes)",
        percentile(times, 50),
        percentile(times, 99),
        percentile(times, 100)
    );
}
