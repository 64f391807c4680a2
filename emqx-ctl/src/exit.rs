//! The exit code of the process, and how a failure is told before it.
//!
//! The table of codes stands in [`emqx_shared::exit_code`]. With `EMQX_CTL_LEGACY_EXIT=1` the codes
//! are EMQX's: 0 also for a verb that printed its failure and for wrong arguments of a known verb,
//! 1 for an unknown verb and for a daemon that does not answer.

use std::io::{self, Write};

use emqx_shared::ExitCode;

use crate::failure::{CliFailure, Stop};
use crate::render::Format;

/// The environment variable that brings EMQX's exit codes back.
const LEGACY_ENV: &str = "EMQX_CTL_LEGACY_EXIT";

/// How a failure is to be told.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub format: Format,
    pub color: bool,
    pub legacy_exit: bool,
}

/// Whether `EMQX_CTL_LEGACY_EXIT` asks for EMQX's exit codes.
pub fn legacy_exit_asked() -> bool {
    std::env::var_os(LEGACY_ENV).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Tells why the command stopped and returns what to exit with.
pub fn report(stop: &Stop, manner: Manner) -> ExitCode {
    match stop {
        Stop::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::BrokenPipe,
        Stop::Output(error) => {
            let failure =
                CliFailure::new("io_error", ExitCode::Io, "the output could not be written").why(error.to_string());
            tell(&failure, manner);
            ExitCode::Io
        }
        Stop::Failure(failure) => {
            tell(failure, manner);
            code(failure, manner.legacy_exit)
        }
    }
}

/// Tells a failure that came before the options could say how.
pub fn before_the_options(failure: CliFailure) -> ExitCode {
    let manner = Manner {
        format: Format::Table,
        color: false,
        legacy_exit: legacy_exit_asked(),
    };
    report(&failure.into(), manner)
}

fn tell(failure: &CliFailure, manner: Manner) {
    let stderr = &mut io::stderr().lock();
    // A stderr that cannot be written leaves nowhere to say so; the exit code still tells.
    let _ = match (manner.format, &failure.classic) {
        (Format::Json | Format::Ndjson, _) => failure.write_json(stderr),
        (Format::Emqx, Some(text)) => {
            let mut stdout = io::stdout().lock();
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        }
        _ => failure.write_text(stderr, manner.color),
    };
}

fn code(failure: &CliFailure, legacy: bool) -> ExitCode {
    match (legacy, failure.handled) {
        (false, _) => failure.exit,
        (true, true) => ExitCode::Done,
        (true, false) => ExitCode::NegativeAnswer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emqx_shared::{ErrorCode, Failure};

    #[test]
    fn legacy_codes_are_0_for_what_a_verb_printed_and_1_for_the_rest() {
        let not_found: CliFailure = Failure::new(ErrorCode::ClientNotFound, "").into();
        let refused: CliFailure = Failure::new(ErrorCode::PermissionDenied, "").into();
        let not_running = CliFailure::new("not_running", ExitCode::Unavailable, "");
        for (failure, usual, legacy) in [
            (not_found, ExitCode::NotFound, ExitCode::Done),
            (CliFailure::usage(""), ExitCode::Usage, ExitCode::Done),
            (refused, ExitCode::NoPermission, ExitCode::NegativeAnswer),
            (not_running, ExitCode::Unavailable, ExitCode::NegativeAnswer),
        ] {
            assert_eq!(code(&failure, false), usual);
            assert_eq!(code(&failure, true), legacy);
        }
    }
}
