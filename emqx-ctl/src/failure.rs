//! What went wrong, told as what, why and next on stderr, or as one JSON object.
//!
//! A [`CliFailure`] comes from the daemon's [`Failure`] or from the CLI itself. Verbs that exist in
//! EMQX give it the text that EMQX prints on stdout ([`CliFailure::classic`]); in the `emqx` format
//! that text is all an operator sees, because scripts compare it.

use std::io::{self, Write};

use emqx_shared::{ExitCode, Failure};
use serde_json::json;

use crate::render::escape::escape;

/// Why a command ends early.
#[derive(Debug)]
pub enum Stop {
    /// Something to tell the operator.
    Failure(Box<CliFailure>),
    /// stdout cannot be written; a reader that went away is a broken pipe and goes untold.
    Output(io::Error),
}

impl From<CliFailure> for Stop {
    fn from(failure: CliFailure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        CliFailure::from(failure).into()
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// A failure as the operator gets to see it.
#[derive(Debug, Clone, PartialEq)]
pub struct CliFailure {
    /// For programs: the `code` of JSON errors.
    pub code: &'static str,
    /// How the process exits.
    pub exit: ExitCode,
    /// What happened: one line.
    pub message: String,
    /// Why, if the message does not say.
    pub why: Option<String>,
    /// Steps the operator can take.
    pub next: Vec<String>,
    /// What EMQX prints on stdout instead, line end included where it has one.
    pub classic: Option<String>,
    /// Whether the daemon was reached and carried the verb out as far as it got; such failures turn
    /// into exit code 0 under `EMQX_CTL_LEGACY_EXIT`.
    pub handled: bool,
}

impl CliFailure {
    /// A failure of the CLI's own, before or beside any answer of the daemon.
    pub fn new(code: &'static str, exit: ExitCode, message: impl Into<String>) -> Self {
        Self {
            code,
            exit,
            message: message.into(),
            why: None,
            next: Vec::new(),
            classic: None,
            handled: false,
        }
    }

    /// Arguments that make no sense although clap could read them.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            handled: true,
            ..Self::new("usage", ExitCode::Usage, message)
        }
    }

    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next.push(step.into());
        self
    }

    #[must_use]
    pub fn classic(mut self, text: impl Into<String>) -> Self {
        self.classic = Some(text.into());
        self
    }

    /// Tells a person.
    pub fn write_text(&self, out: &mut dyn Write, color: bool) -> io::Result<()> {
        let (red, bold, plain) = if color {
            ("\x1b[1;31m", "\x1b[1m", "\x1b[0m")
        } else {
            ("", "", "")
        };
        // One write for the whole: it appears as a block, whoever else writes to the terminal.
        let mut text = format!("{red}error:{plain} {}\n", escape(&self.message));
        for line in self.why.iter().flat_map(|why| why.lines()) {
            text.push_str(&format!("  {bold}why:{plain}  {}\n", escape(line)));
        }
        for (index, step) in self.next.iter().enumerate() {
            let label = if index == 0 { "next:" } else { "     " };
            text.push_str(&format!("  {bold}{label}{plain} {}\n", escape(step)));
        }
        out.write_all(text.as_bytes())
    }

    /// Tells a program.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let hint = (!self.next.is_empty()).then(|| self.next.join("\n"));
        let object = json!({"error": {
            "code": self.code,
            "exit": self.exit.number(),
            "message": self.message,
            "why": self.why,
            "hint": hint,
        }});
        let text = crate::render::json::text(&object);
        out.write_all(format!("{text}\n").as_bytes())
    }
}

impl From<Failure> for CliFailure {
    fn from(failure: Failure) -> Self {
        Self {
            code: failure.code.name(),
            exit: failure.code.exit_code(),
            message: failure.message,
            why: failure.why,
            next: failure.next,
            classic: None,
            handled: !matches!(
                failure.code.exit_code(),
                ExitCode::NoPermission | ExitCode::TryAgain | ExitCode::Protocol
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emqx_shared::ErrorCode;

    fn failure() -> CliFailure {
        Failure::new(ErrorCode::AddressInUse, "listener ssl:default was not started")
            .why("0.0.0.0:8883 is held by nginx (pid 812)")
            .next("stop nginx")
            .next("emqx-ctl listeners start ssl:default\x1b[2J")
            .into()
    }

    #[test]
    fn a_person_reads_what_why_and_next() {
        let mut text = Vec::new();
        failure().write_text(&mut text, false).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "error: listener ssl:default was not started\n\
             \x20 why:  0.0.0.0:8883 is held by nginx (pid 812)\n\
             \x20 next: stop nginx\n\
             \x20       emqx-ctl listeners start ssl:default\\x1b[2J\n"
        );
    }

    #[test]
    fn a_program_reads_one_object_on_one_line() {
        let mut text = Vec::new();
        failure().write_json(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.lines().count(), 1);
        let object: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(object["error"]["code"], "address_in_use");
        assert_eq!(object["error"]["exit"], 1);
    }
}
