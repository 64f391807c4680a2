//! `emqxd`: an MQTT broker daemon, compatible with EMQX where operators and scripts depend on it.
//!
//! This file is the command line; `node.rs` puts the daemon together. How the parts hang together stands in
//! `ARCHITECTURE.md` beside this folder.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod admins;
mod admission;
mod alarms;
mod authn;
mod authz;
mod banned;
mod borrowed_level;
mod clock;
mod closed_connections;
mod cluster;
mod config;
mod config_facts;
mod control;
mod data_dir;
mod drain;
mod flapping;
#[cfg(test)]
mod generated;
mod handover;
mod http_client;
mod license;
mod listener;
mod log;
mod malformed_frames;
mod negotiate;
mod node;
mod node_events;
mod node_watch;
mod reload;
mod running_config;
mod security_profile;
mod signals;
mod state;
mod stats;
mod sys_topics;
mod systemd;
mod template;
mod tls;
mod trace;
mod worker;

use std::path::{Path, PathBuf};
use std::process::ExitCode as ProcessExit;

use clap::{Parser, Subcommand};
use emqx_shared::ExitCode;

/// Fast under the many small and short-lived allocations of a broker.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Version of this daemon.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What the daemon calls itself to operators.
pub const SYSDESCR: &str = "emqxd";
/// The configuration read when none is named and it exists.
const CONFIG_FILE_DEFAULT: &str = "/etc/emqx/emqx.conf";

/// MQTT broker daemon, compatible with EMQX.
#[derive(Debug, Parser)]
#[command(
    name = "emqxd",
    version,
    after_help = "Without a file the embedded defaults hold: MQTT on port 1883, data in ./data.\n\
                  EMQX_A__B=value in the environment sets the key a.b.\n\
                  The daemon is operated with emqx-ctl."
)]
struct Arguments {
    /// Configuration file; /etc/emqx/emqx.conf is read when it exists and none is named
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Check the configuration and exit: 0 if it is good, 78 if not. Touches nothing
    #[arg(long)]
    check_config: bool,
    /// With --check-config: print what `emqx-ctl doctor` asks about it, as JSON
    #[arg(long, hide = true, requires = "check_config")]
    facts: bool,
    /// What a running daemon starts another with, its stdin connected to it; with --check-config: print what it reads
    #[arg(long, hide = true)]
    take_over: bool,
    #[command(subcommand)]
    command: Option<OfflineCommand>,
}

/// What can be done while the daemon is stopped.
#[derive(Debug, Subcommand)]
enum OfflineCommand {
    /// Administrators, while the daemon is stopped; else `emqx-ctl admins`
    #[command(subcommand)]
    Admin(AdminCommand),
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Set a new password for an administrator, who is added if there is none of that name
    Reset {
        /// Whose
        #[arg(default_value = "admin")]
        username: String,
        /// Read the password from a file, or from stdin with -; otherwise it is asked for
        #[arg(long, value_name = "FILE|-")]
        password_file: Option<PathBuf>,
    },
}

fn main() -> ProcessExit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _stderr_may_be_closed = error.print();
            let is_help = !error.use_stderr();
            return exit(if is_help { ExitCode::Done } else { ExitCode::Usage });
        }
    };
    let file = arguments.config.or_else(|| {
        let default = Path::new(CONFIG_FILE_DEFAULT);
        default.exists().then(|| default.to_owned())
    });
    // Names and values that are not UTF-8 cannot be meant for us.
    let environment =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let loaded = match config::load(file.as_deref(), environment) {
        Ok(loaded) => loaded,
        Err(errors) => {
            report_failure(&errors.to_string(), ExitCode::Config);
            return exit(ExitCode::Config);
        }
    };
    for warning in &loaded.warnings {
        eprintln!("WARNING: {warning}");
    }
    if let Err(error) = check_listeners(&loaded.config) {
        report_failure(
            &with_next(format!("Error: {error}"), error.next_step()),
            ExitCode::Config,
        );
        return exit(ExitCode::Config);
    }
    if arguments.facts {
        print_facts(&loaded, file.as_deref());
    }
    if arguments.check_config {
        if let Err(error) = license::check_settings(&loaded.config.license) {
            eprintln!("Error: {error}");
            return exit(ExitCode::Config);
        }
        if let Err(error) = authz::check(&loaded.config) {
            eprintln!("Error: {error}\n  next: {}", error.next_step());
            return exit(ExitCode::Config);
        }
        if arguments.take_over {
            println!("{} {}", handover::FORMATS_LINE, handover::FORMAT);
        }
        return exit(ExitCode::Done);
    }
    if let Some(OfflineCommand::Admin(AdminCommand::Reset {
        username,
        password_file,
    })) = arguments.command
    {
        return reset_admin(&loaded.config, &username, password_file.as_deref());
    }
    // What the daemon creates is for its user and group; each file says the rest itself.
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o007));
    raise_open_files();
    let file = file.map(|file| std::path::absolute(&file).unwrap_or(file));
    let place_of_cookie = file.as_deref().unwrap_or(Path::new(CONFIG_FILE_DEFAULT));
    for line in loaded.config.node.cookie_warning(place_of_cookie) {
        println!("{line}");
    }
    // Before there are threads: the variables are taken out of the environment.
    let inherited = systemd::InheritedSockets::from_environment();
    let taken = match arguments.take_over.then(handover::TakeOver::from_stdin).transpose() {
        Ok(taken) => taken,
        Err(error) => {
            eprintln!("Error: {error}");
            return exit(ExitCode::Usage);
        }
    };
    match node::run(loaded.config, file, inherited, taken.as_ref()) {
        Ok(()) => exit(ExitCode::Done),
        Err(error) => {
            if let Some(taken) = &taken {
                taken.refuse(&with_causes(&error));
            }
            let why = format!("Error: emqxd did not start\n  why:  {}", with_causes(&error));
            report_failure(&with_next(why, error.next_step()), error.exit_code());
            exit(error.exit_code())
        }
    }
}

/// `emqxd admin reset`
fn reset_admin(config: &config::Config, username: &str, password_file: Option<&Path>) -> ProcessExit {
    match admins::reset(config, username, password_file) {
        Ok(damage) => {
            if let Some(damage) = damage {
                eprintln!(
                    "WARNING: licence, admins and bans could not be read ({}) and were put aside: {}",
                    damage.why,
                    damage.moved_to.display()
                );
            }
            println!("ok");
            exit(ExitCode::Done)
        }
        Err(error) => {
            eprintln!(
                "Error: the password of {username} was not set\n  why:  {}",
                with_causes(&error)
            );
            if let Some(next) = error.next_step(username) {
                eprintln!("  next: {next}");
            }
            exit(error.exit_code())
        }
    }
}

/// Says which enabled listeners this version cannot start. What would be unsafe to pass over is an error.
fn check_listeners(config: &config::Config) -> Result<(), listener::ListenerError> {
    for listener in config.listeners.iter().filter(|listener| listener.enable) {
        let tls = || match listener.kind.is_tls() {
            true => tls::check_tls(listener).map_err(listener::ListenerError::Tls),
            false => Ok(()),
        };
        match listener::check_support(listener).and_then(|()| tls()) {
            Err(error) if error.is_no_fault() => {
                let next = error.next_step().map(|next| format!("; {next}"));
                eprintln!("WARNING: {error}{}", next.unwrap_or_default());
            }
            result => result?,
        }
    }
    Ok(())
}

fn with_next(text: String, next: Option<String>) -> String {
    match next {
        Some(next) => format!("{text}\n  next: {next}"),
        None => text,
    }
}

/// Says why the daemon does not start: to the journal with the answer to its exit code, or on standard error.
fn report_failure(text: &str, code: ExitCode) {
    if !log::tell_journal_of_failure(text, &format!("exit-{}", code.number())) {
        eprintln!("{text}");
    }
}

/// An error and what caused it; most of ours name their cause already.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let part = cause.to_string();
        if !text.contains(&part) {
            text = format!("{text}: {part}");
        }
        next = cause.source();
    }
    text
}

fn print_facts(loaded: &config::Loaded, file: Option<&Path>) {
    use std::io::Write;
    let facts = config_facts::config_facts(&loaded.config, file, &loaded.warnings);
    // Plain data without maps: it can always be written as JSON.
    let text = serde_json::to_string(&facts).unwrap_or_default();
    let _nobody_may_read = writeln!(std::io::stdout(), "{text}");
}

fn exit(code: ExitCode) -> ProcessExit {
    ProcessExit::from(code.number())
}

/// Lets the daemon have as many descriptors as the system allows it.
fn raise_open_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // If it is refused, the limit that was given holds.
        let _kept = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_fails_names_each_cause_once() {
        let error = log::HandlerError::OpenFile {
            id: "default".to_owned(),
            path: "/var/log/emqx.log".into(),
            source: std::io::Error::other("disk on fire"),
        };
        let error = node::RunError::Log(error.into());
        assert_eq!(
            with_causes(&error),
            "the log cannot be started: cannot open log file /var/log/emqx.log of handler default: disk on fire"
        );
    }
}
