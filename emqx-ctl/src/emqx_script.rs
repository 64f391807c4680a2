//! The program under the name `emqx`: the verbs of EMQX's start script that an operator types.
//!
//! `emqx ctl …` is `emqx_ctl …`, EMQX's text included; `emqx console` runs the daemon in this terminal. Starting and
//! stopping in the background is the service manager's. `main.rs` asks before anything reads the command line.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use emqx_shared::ExitCode;

use crate::failure::CliFailure;

/// The name that makes the program EMQX's script.
const SCRIPT_NAME: &str = "emqx";
/// What `emqx ctl` and `emqx ping` are then called as.
const CTL_NAME: &str = "emqx_ctl";

/// The verbs of the script that this program knows.
const VERBS: [&str; 5] = ["ctl", "ping", "console", "foreground", "check_config"];

/// What a command line comes to that is still being typed.
#[derive(Debug)]
pub enum Typed {
    /// These words of `emqx-ctl`, its name included.
    Ctl(Vec<OsString>),
    /// One of the daemon.
    Daemon,
    /// One of these comes next.
    Verb(&'static [&'static str]),
}

/// What a command line comes to.
#[derive(Debug, PartialEq, Eq)]
enum Meant {
    /// `emqx-ctl` with these arguments.
    Ctl(Vec<OsString>),
    /// The daemon in this terminal, with these.
    Daemon(Vec<OsString>),
    /// Nothing that this program does.
    Nothing,
}

/// The command line for `emqx-ctl`. Does not return when the daemon takes the place of this process.
///
/// # Errors
/// A verb of the script that is not this program's, or a daemon that is not there.
pub fn resolve(arguments: Vec<OsString>) -> Result<Vec<OsString>, CliFailure> {
    let name = arguments.first().map(Path::new).and_then(Path::file_name);
    if name != Some(OsStr::new(SCRIPT_NAME)) {
        return Ok(arguments);
    }
    match meant(&arguments[1..]) {
        Meant::Ctl(arguments) => Ok(arguments),
        Meant::Daemon(arguments) => Err(become_daemon(&arguments)),
        Meant::Nothing => Err(
            CliFailure::usage("emqx knows ctl, ping, console, foreground and check_config")
                .next("emqx ctl listeners              (any verb of emqx-ctl)")
                .next("emqx console                    (the daemon in this terminal)")
                .next("systemctl start|stop|restart emqxd   (the daemon as a service)"),
        ),
    }
}

/// What the words before the one that is being typed come to.
pub fn typed(words: &[OsString]) -> Typed {
    match words {
        [name, rest @ ..] if Path::new(name).file_name() == Some(OsStr::new(SCRIPT_NAME)) => match meant(rest) {
            Meant::Ctl(words) => Typed::Ctl(words),
            Meant::Nothing if rest.is_empty() => Typed::Verb(&VERBS),
            Meant::Daemon(_) | Meant::Nothing => Typed::Daemon,
        },
        words => Typed::Ctl(words.to_vec()),
    }
}

fn meant(words: &[OsString]) -> Meant {
    let Some((verb, rest)) = words.split_first() else {
        return Meant::Nothing;
    };
    let after = |first: &str, rest: &[OsString]| {
        let first = OsString::from(first);
        std::iter::once(first).chain(rest.iter().cloned()).collect()
    };
    match verb.to_str() {
        Some("ctl") => Meant::Ctl(after(CTL_NAME, rest)),
        Some("ping") => Meant::Ctl(after(CTL_NAME, words)),
        Some("console" | "foreground") => Meant::Daemon(rest.to_vec()),
        Some("check_config") => Meant::Daemon(after("--check-config", rest)),
        _ => Meant::Nothing,
    }
}

/// Returns only if that fails.
fn become_daemon(arguments: &[OsString]) -> CliFailure {
    let daemon = daemon();
    let error = Command::new(&daemon).args(arguments).exec();
    let message = format!("{} cannot be started", daemon.display());
    CliFailure::new("io_error", ExitCode::Io, message)
        .why(error.to_string())
        .next("install emqxd beside emqx-ctl, or into a folder of PATH")
}

/// The one that was installed with this program, else whichever the system finds.
fn daemon() -> PathBuf {
    let own = std::env::current_exe().ok();
    let beside = own.map(|path| path.with_file_name("emqxd"));
    beside.filter(|path| path.is_file()).unwrap_or("emqxd".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(Into::into).collect()
    }

    #[test]
    fn each_verb_of_the_script_is_a_command_of_ours_or_none() {
        for (line, expected) in [
            ("ctl", Meant::Ctl(words("emqx_ctl"))),
            ("ctl listeners -f json", Meant::Ctl(words("emqx_ctl listeners -f json"))),
            ("ping", Meant::Ctl(words("emqx_ctl ping"))),
            ("console", Meant::Daemon(words(""))),
            ("foreground -c x.conf", Meant::Daemon(words("-c x.conf"))),
            ("check_config", Meant::Daemon(words("--check-config"))),
            ("start", Meant::Nothing),
            ("", Meant::Nothing),
        ] {
            assert_eq!(meant(&words(line)), expected, "{line}");
        }
    }

    #[test]
    fn under_every_other_name_the_words_stay_as_they_are() {
        for line in [
            "emqx-ctl ctl",
            "/usr/bin/emqx_ctl listeners",
            "emqx/emqx-ctl console",
            "",
        ] {
            assert_eq!(resolve(words(line)), Ok(words(line)), "{line}");
        }
        assert_eq!(resolve(words("/bin/emqx ctl status")), Ok(words("emqx_ctl status")));
    }
}
