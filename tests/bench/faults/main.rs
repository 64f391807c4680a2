//! Breaks a cluster of three at random, under load, and looks whether it kept its word.
//!
//! ```text
//! cargo build --release -p emqxd -p emqx-ctl
//! cargo bench -p emqx-tests --bench faults                               200 faults; root, ip, nft
//! cargo bench -p emqx-tests --bench faults -- --faults 20 --seed 7       so many, from this seed
//! cargo bench -p emqx-tests --bench faults -- --kinds pause,isolate      only kinds whose names contain these words
//! cargo bench -p emqx-tests --bench faults -- --any-node                 without cluster.sessions_need_majority
//! cargo bench -p emqx-tests --bench faults -- --control                  acknowledgements and counts that are lies: has to fail
//! ```
//!
//! Prints a table: for each kind how many, how long until all nodes agreed again (digests equal twice in a row), and what
//! the invariants found. Ends with 1 if one of them is broken. `bench/README.md` says what is judged, and what is not.

mod check;
mod counts;
mod fault;
mod load;
mod run;
#[path = "../support/cluster/mod.rs"]
mod support;

use std::process::ExitCode;

use crate::fault::Kind;
use crate::run::Plan;
use crate::support::{client, network, node};

fn main() -> ExitCode {
    let plan = match plan(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(why) => {
            eprintln!("Error: {why}");
            return ExitCode::FAILURE;
        }
    };
    match run::run(&plan) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn plan(mut arguments: impl Iterator<Item = String>) -> Result<Plan, String> {
    let mut plan = Plan::default();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("{text} is no number"));
        match &*argument {
            "--faults" => plan.faults = number(value()?)? as usize,
            "--seed" => plan.seed = number(value()?)?,
            "--publishers" => plan.publishers = number(value()?)? as usize,
            "--subscribers" => plan.subscribers = number(value()?)? as usize,
            "--kinds" => {
                let words = value()?;
                let is_wanted = |kind: &Kind| {
                    let name = format!("{kind:?} {kind}").to_lowercase();
                    words.split(',').any(|word| name.contains(&word.to_lowercase()))
                };
                plan.kinds = Kind::ALL.into_iter().filter(is_wanted).collect();
            }
            "--control" => plan.is_control = true,
            "--keep" => plan.keep_folders = true,
            "--any-node" => plan.any_node = true,
            // What cargo adds.
            "--bench" => {}
            other => return Err(format!("{other} is not known; see the top of bench/faults/main.rs")),
        }
    }
    match plan.kinds.is_empty() {
        true => Err("no kind has such a name".to_owned()),
        false => Ok(plan),
    }
}
