//! `emqx-ctl`, the operator's command line for a running `emqxd`.
//!
//! `cli` reads the arguments, `commands` has one file for each group of verbs, `connect` speaks to
//! the daemon, `render` draws what it answers, `failure` says what went wrong. Blocking I/O, one
//! thread: from start to answer it takes about a millisecond. `bench` is a load tool of its own; `completion` answers
//! shells while somebody types.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
mod archive;
mod bench;
mod bundle;
mod cli;
mod commands;
mod compat;
mod completion;
mod confirm;
mod connect;
mod distance;
mod doctor;
mod duration;
mod emqx_script;
mod exit;
mod failure;
mod fan_out;
#[cfg(test)]
mod generated;
mod moment;
mod password;
mod progress;
mod render;
mod time;

fn main() -> std::process::ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if completion::answer(&arguments) {
        return std::process::ExitCode::SUCCESS;
    }
    let arguments = match emqx_script::resolve(arguments) {
        Ok(arguments) => arguments,
        Err(failure) => return exit::before_the_options(failure).into(),
    };
    let code = match cli::read(&arguments) {
        Ok(cli) => app::run(cli, &arguments),
        Err(problem) => problem.report(&arguments),
    };
    code.into()
}
