//! A command line that is not carried out: it asks for help, or it cannot be read.
//!
//! clap words most of it, suggestions included; exit code 2 becomes 64. EMQX's words that this
//! version does not know yet are told apart from typing mistakes.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use emqx_shared::ExitCode;

use crate::distance::closest;
use crate::exit;
use crate::failure::CliFailure;

/// Command groups of EMQX 4, 5 or 6 that are not there yet.
const NOT_YET: &[&str] = &[
    "a2a_registry",
    "api_keys",
    "bridges",
    "cluster_call",
    "ds",
    "eval_erl",
    "eviction",
    "exclusive",
    "exhook",
    "gateway",
    "gateway-clients",
    "gateway-metrics",
    "gateway-registry",
    "luahook",
    "mgmt",
    "modules",
    "mt",
    "observer",
    "rebalance",
    "recon",
    "relup",
    "resource-types",
    "resources",
    "rule-actions",
    "rules",
    "sasl",
    "session-top",
    "telemetry",
];

/// Why the command line is not carried out.
#[derive(Debug)]
pub struct Problem(clap::Error);

impl From<clap::Error> for Problem {
    /// Of all that is similar the closest is suggested: six words are no answer.
    fn from(mut error: clap::Error) -> Self {
        let meant = match (
            error.get(ContextKind::InvalidSubcommand),
            error.get(ContextKind::SuggestedSubcommand),
        ) {
            (Some(ContextValue::String(word)), Some(ContextValue::Strings(similar))) => {
                closest(word, similar.iter().map(String::as_str)).map(str::to_owned)
            }
            _ => None,
        };
        if let Some(meant) = meant {
            error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![meant]));
        }
        Self(error)
    }
}

impl Problem {
    /// Prints help to stdout or an error to stderr and returns the exit code.
    pub fn report(&self, arguments: &[OsString]) -> ExitCode {
        let legacy = exit::legacy_exit_asked();
        match self.0.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => self.print_help(),
            kind => {
                self.tell(arguments);
                match (legacy, kind) {
                    (false, _) => ExitCode::Usage,
                    (true, ErrorKind::InvalidSubcommand) => ExitCode::NegativeAnswer,
                    (true, _) => ExitCode::Done,
                }
            }
        }
    }

    fn print_help(&self) -> ExitCode {
        let text = self.0.render();
        let mut stdout = io::stdout().lock();
        let written = if stdout.is_terminal() {
            write!(stdout, "{}", text.ansi())
        } else {
            write!(stdout, "{text}")
        };
        match written.and_then(|()| stdout.flush()) {
            Ok(()) => ExitCode::Done,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::BrokenPipe,
            Err(_) => ExitCode::Io,
        }
    }

    fn tell(&self, arguments: &[OsString]) {
        // A stderr that cannot be written leaves nowhere to say so; the exit code still tells.
        if wants_json(arguments) {
            let text = self.0.render().to_string();
            let first = text.lines().next().unwrap_or_default();
            let first = first.strip_prefix("error: ").unwrap_or(first);
            let failure = self.not_yet().unwrap_or_else(|| CliFailure::usage(first));
            let _ = failure.write_json(&mut io::stderr().lock());
        } else if let Some(failure) = self.not_yet() {
            let _ = failure.write_text(&mut io::stderr().lock(), false);
        } else {
            let _ = self.0.print();
        }
    }

    fn not_yet(&self) -> Option<CliFailure> {
        let word = match self.0.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(word)) if NOT_YET.contains(&word.as_str()) => word,
            _ => return None,
        };
        let message = format!("'{word}' is an EMQX command that this version of emqx-ctl does not have yet");
        Some(CliFailure::usage(message).next("emqx-ctl --help    (what there is)"))
    }
}

/// Whether errors are to be one object, judged without a parsed command line.
fn wants_json(arguments: &[OsString]) -> bool {
    let words: Vec<_> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let is_json = |value: &str| matches!(value, "json" | "ndjson");
    let joined = |word: &str| {
        let value = word.strip_prefix("--format=").or(word.strip_prefix("-f"));
        value.is_some_and(|value| is_json(value.trim_start_matches('=')))
    };
    let apart = |pair: &[&str]| matches!(pair[0], "-f" | "--format") && is_json(pair[1]);
    words.iter().any(|word| joined(word))
        || words.windows(2).any(apart)
        || std::env::var("EMQX_CTL_FORMAT").is_ok_and(|format| is_json(&format))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, definition};
    use clap::Parser;

    fn problem(line: &str) -> Problem {
        Cli::try_parse_from(line.split(' ')).unwrap_err().into()
    }

    fn not_yet(line: &str) -> Option<CliFailure> {
        problem(line).not_yet()
    }

    #[test]
    fn a_command_of_emqx_that_is_missing_is_no_typing_mistake() {
        for word in NOT_YET {
            let failure = not_yet(&format!("emqx-ctl {word}")).unwrap();
            assert!(failure.message.contains(word));
        }
        assert!(not_yet("emqx-ctl listners").is_none());
    }

    #[test]
    fn what_is_said_to_be_missing_is_missing() {
        for group in definition().get_subcommands() {
            for name in group.get_name_and_visible_aliases() {
                assert!(!NOT_YET.contains(&name), "{name}");
            }
        }
    }

    #[test]
    fn a_typing_mistake_gets_a_suggestion() {
        let text = problem("emqx-ctl listners").0.to_string();
        assert!(text.contains("a similar subcommand exists: 'listeners'\n"), "{text}");
    }

    #[test]
    fn json_errors_are_recognised_however_the_option_is_written() {
        for (line, json) in [
            ("emqx-ctl -f json x", true),
            ("emqx-ctl -fjson x", true),
            ("emqx-ctl x --format=ndjson", true),
            ("emqx-ctl --format table x", false),
            ("emqx-ctl x", false),
        ] {
            let words: Vec<OsString> = line.split(' ').map(Into::into).collect();
            assert_eq!(wants_json(&words), json, "{line}");
        }
    }
}
