//! `upgrade`: the daemon goes on as another process. EMQX has no such verb.

use std::fs::File;
use std::time::Duration;

use emqx_shared::request::UpgradeRequest;
use emqx_shared::{ExitCode, Request, View};

use super::Outcome;
use crate::app::App;
use crate::cli::UpgradeArgs;
use crate::connect::unexpected;
use crate::failure::CliFailure;

/// What we wait beyond the time that an upgrade may take, for the daemon's own answer.
const MARGIN: Duration = Duration::from_secs(25);

/// The daemon never opens a path that we name: the binary goes along as an open descriptor.
pub fn run(args: &UpgradeArgs, app: &mut App) -> Outcome {
    let time = args.give_up_after;
    let timeout_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let (request, file) = match &args.binary {
        None => (UpgradeRequest::Installed { timeout_ms }, None),
        Some(path) => {
            let file = File::open(path).map_err(|error| {
                CliFailure::new(
                    "no_input",
                    ExitCode::NoInput,
                    format!("cannot open {}: {error}", path.display()),
                )
            })?;
            let shown = path.display().to_string();
            (UpgradeRequest::Binary { shown, timeout_ms }, Some(file))
        }
    };
    let mut connection = app.connect()?;
    connection.wait_at_least(time + MARGIN);
    match connection.ask_with(&Request::Upgrade(request), file.as_ref())? {
        View::Upgraded(upgraded) => {
            app.printer.one(&upgraded)?;
            Ok(ExitCode::Done)
        }
        other => Err(unexpected(&other).into()),
    }
}
