//! What subscriptions and retained messages cost in memory and time, from 1,000 to 1,000,000 of them.
//!
//! ```text
//! cargo bench -p emqx-tests --bench scale                     the whole table
//! cargo bench -p emqx-tests --bench scale -- retained         only structures whose names contain this
//! ```
//!
//! Each line comes from a process of its own: bytes are how much its resident memory grew. Small sizes are built
//! several times over, so that pages do not blur them.

mod measurement;
mod memory;
mod retained;
mod structures;
#[path = "../support/mod.rs"]
mod support;

use std::process::{Command, ExitCode};

use crate::measurement::Measurement;

/// The daemon's allocator, since it is the daemon's memory that matters.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// First argument of a process that measures one line: `--measure STRUCTURE SIZE`.
const CHILD_FLAG: &str = "--measure";

const SIZES: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];

type Measure = fn(u32) -> Measurement;

const STRUCTURES: [(&str, Measure); 4] = [
    ("filter-trie", structures::filter_trie),
    ("route-table", structures::route_table),
    ("shard", structures::shard),
    ("retained", retained::retained),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, size] = &arguments[..]
        && flag == CHILD_FLAG
    {
        let (_, measure) = STRUCTURES
            .iter()
            .find(|(known, _)| known == name)
            .expect("our own name");
        println!("{}", measure(size.parse().expect("our own number")));
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    println!("{}", measurement::HEADING);
    for (name, _) in STRUCTURES {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(&***part)) {
            continue;
        }
        for size in SIZES {
            if let Err(error) = measure_apart(name, size) {
                eprintln!("Error: {name} at {size}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn measure_apart(name: &str, size: u32) -> Result<(), std::io::Error> {
    let output = Command::new(std::env::current_exe()?)
        .args([CHILD_FLAG, name, &size.to_string()])
        .output()?;
    if !output.status.success() {
        return Err(std::io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ));
    }
    print!("{name:<16} {size:>9} {}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}
