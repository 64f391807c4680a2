//! How long until a licence that one node was given is in force on all.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use emqx_tests::license::LicenseIssuer;

use crate::nodes::{self, Node};
use crate::percentile;

const RUNS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(20);

/// 100 updates, each on another node than the last; then one while a node is down; then both sides of a cluster that has
/// no majority on one side.
pub fn run(root: &Path) -> io::Result<()> {
    let issuer = LicenseIssuer::new();
    let mut nodes = nodes::start(3, root, &issuer.config())?;
    let mut times = Vec::new();
    for run in 0..RUNS {
        let limit = 1000 + run;
        let file = issuer.issue_file(&format!("{limit}.lic"), &format!("--sessions {limit} --days 365"));
        let took = update(&nodes, run % nodes.len(), &file, limit)?;
        times.push(took);
    }
    println!(
        "licence on all three nodes after `license update` on one: p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms ({RUNS} runs; \
         includes what `emqx-ctl license info` takes to say so on the two others)",
        percentile(&mut times, 50),
        percentile(&mut times, 99),
        percentile(&mut times, 100)
    );

    nodes[2].kill()?;
    let file = issuer.issue_file("7001.lic", "--sessions 7001 --days 365");
    update(&nodes[..2], 0, &file, 7001)?;
    nodes[2].start()?;
    let began = Instant::now();
    while !shows(&nodes[2], 7001) {
        if began.elapsed() > PATIENCE {
            return Err(io::Error::other("the node that was down has not got the licence"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    println!(
        "a node that was down shows it {} ms after its start",
        began.elapsed().as_millis()
    );

    nodes[1].kill()?;
    nodes[2].kill()?;
    let file = issuer.issue_file("7002.lic", "--sessions 7002 --days 365");
    let (is_well, text) = nodes[0].ctl(&["license", "update", &format!("file://{}", file.display())])?;
    println!("with two of three down: {}", text.trim());
    match is_well || !shows(&nodes[0], 7001) {
        true => Err(io::Error::other("a minority has changed the licence")),
        false => Ok(()),
    }
}

/// From the end of the update to the moment at which all show it, milliseconds.
fn update(nodes: &[Node], on: usize, file: &Path, limit: usize) -> io::Result<f64> {
    let (is_well, text) = nodes[on].ctl(&["license", "update", &format!("file://{}", file.display())])?;
    if !is_well {
        return Err(io::Error::other(text));
    }
    let began = Instant::now();
    for node in nodes {
        while !shows(node, limit) {
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("node {} does not show it", node.number + 1)));
            }
        }
    }
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

fn shows(node: &Node, limit: usize) -> bool {
    let text = node.ask(&["license", "info"]).unwrap_or_default();
    text.lines()
        .any(|line| line.starts_with("max_") && line.split_whitespace().last() == Some(&limit.to_string()))
}
