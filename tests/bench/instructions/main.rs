//! Counts the instructions of the hot path's operations and holds them against `bench/thresholds.json`.
//!
//! ```text
//! cargo bench -p emqx-tests --bench instructions                        compares; fails where more is needed
//! cargo bench -p emqx-tests --bench instructions -- dispatch            only cases whose names contain this
//! EMQX_RENEW_THRESHOLDS=1 cargo bench -p emqx-tests --bench instructions     writes what was counted into the file
//! ```
//!
//! Each case runs in a process of its own under `valgrind --tool=callgrind`, once with N operations and once
//! with 2 N; the difference over N is what one operation needs once everything is warm. See `bench/README.md`.

mod callgrind;
mod case;
mod codec_cases;
mod routing_cases;
mod session_cases;
#[path = "../support/mod.rs"]
mod support;
mod thresholds;

use std::process::ExitCode;

use crate::case::Case;
use crate::thresholds::{Outcome, Thresholds};

/// The daemon's allocator: allocations are part of what is counted.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Set to renew the thresholds.
const RENEW: &str = "EMQX_RENEW_THRESHOLDS";

fn cases() -> Vec<Case> {
    [codec_cases::CASES, routing_cases::CASES, session_cases::CASES].concat()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, operations] = &arguments[..]
        && flag == callgrind::CHILD_FLAG
    {
        let case = cases()
            .into_iter()
            .find(|case| case.name == *name)
            .expect("our own case");
        (case.run)(operations.parse().expect("our own number"));
        return ExitCode::SUCCESS;
    }
    // Cargo adds `--bench`.
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |case: &Case| wanted.is_empty() || wanted.iter().any(|part| case.name.contains(&***part));
    match compare(cases().into_iter().filter(is_wanted), wanted.is_empty()) {
        Ok(Outcome::Held) => ExitCode::SUCCESS,
        Ok(Outcome::Exceeded) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Counts the cases, prints the table, and renews the file if asked to. `is_all`: cases that the file has and the
/// program has not any more are dropped from it.
fn compare(cases: impl Iterator<Item = Case>, is_all: bool) -> Result<Outcome, String> {
    let mut thresholds = Thresholds::load()?;
    let is_renewal = std::env::var_os(RENEW).is_some();
    let mut counted = Vec::new();
    println!("{}", thresholds::HEADING);
    for case in cases {
        let instructions = callgrind::instructions_per_operation(&case)?;
        println!("{}", thresholds.line(case.name, instructions));
        counted.push((case.name, instructions));
    }
    if is_renewal {
        thresholds.renew(&counted, is_all)?;
        println!("\nThe thresholds are those counted now.");
        return Ok(Outcome::Held);
    }
    let outcome = thresholds.outcome(&counted);
    if outcome == Outcome::Exceeded {
        println!(
            "\nMore instructions than recorded. If the reason is worth them, renew the file and say why in the commit:\n\
             {RENEW}=1 cargo bench -p emqx-tests --bench instructions"
        );
    }
    if let Some(note) = thresholds.compiler_note() {
        println!("\n{note}");
    }
    Ok(outcome)
}
