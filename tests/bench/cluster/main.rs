//! Figures of a cluster on this machine, each by a run of its own.
//!
//! ```text
//! cargo build --release -p emqxd -p emqx-ctl
//! cargo bench -p emqx-tests --bench cluster -- license       until a licence is in force on all nodes
//! cargo bench -p emqx-tests --bench cluster -- throughput    node to node against local, a processor second
//! cargo bench -p emqx-tests --bench cluster -- routes        1,000,000 routes; `routes 100000` for fewer
//! cargo bench -p emqx-tests --bench cluster -- storm         1,000 ids taken over all the time, for 30 s
//! ```

mod license;
mod nodes;
mod routes;
mod storm;
#[path = "../support/cluster/mod.rs"]
mod support;
mod throughput;

use std::process::ExitCode;
use std::time::Duration;

use self::support::{client, network, node};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| each != "--bench").collect();
    let number = |index: usize, default| arguments.get(index).map_or(Ok(default), |text| text.parse::<usize>());
    let folder = match tempfile::Builder::new().prefix("emqxd-bench-").tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("Error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let root = folder.path();
    let done = match (arguments.first().map(String::as_str), number(1, 0)) {
        (Some("license"), _) => license::run(root),
        (Some("throughput"), _) => throughput::run(root),
        (Some("routes"), Ok(0)) => routes::run(root, 1_000_000),
        (Some("routes"), Ok(filters)) => routes::run(root, filters),
        (Some("storm"), Ok(0)) => storm::run(root, 1000, Duration::from_secs(30)),
        (Some("storm"), Ok(ids)) => storm::run(root, ids, Duration::from_secs(30)),
        _ => {
            eprintln!("Error: name one of license, throughput, routes [N], storm [N]");
            return ExitCode::FAILURE;
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The value below which so many of a hundred are; sorts them.
fn percentile(values: &mut [f64], share: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let place = (values.len() * share).div_ceil(100).saturating_sub(1);
    values.get(place).copied().unwrap_or(f64::NAN)
}
