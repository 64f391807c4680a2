//! `completion SHELL`: the script that completes command lines, see [`crate::completion`].

use emqx_shared::ExitCode;

use super::Outcome;
use crate::app::App;
use crate::cli::CompletionArgs;

pub fn run(args: &CompletionArgs, app: &mut App) -> Outcome {
    app.printer.raw(args.shell.script())?;
    Ok(ExitCode::Done)
}
