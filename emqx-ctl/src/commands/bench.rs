//! `bench SCENARIO`

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use emqx_shared::ExitCode;

use super::Outcome;
use crate::app::App;
use crate::bench::{self, Plan};
use crate::cli::BenchCommand;

pub fn run(command: BenchCommand, app: &mut App) -> Outcome {
    let plan = Plan::new(command, tag(), app.timeout())?;
    let report = bench::run(&plan, app)?;
    app.printer.one(&report)?;
    // For programs they are part of the report.
    if app.is_text() && !app.printer.look.quiet {
        for warning in &report.warnings {
            // A stderr that cannot be written leaves nowhere to say so.
            let _ = warning.write_text(&mut io::stderr().lock());
        }
    }
    Ok(ExitCode::Done)
}

/// Tells this run's clients and topics from those of any other, also on other machines.
fn tag() -> String {
    let nanoseconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.subsec_nanos());
    format!("{:x}{:x}", std::process::id(), nanoseconds >> 10)
}
