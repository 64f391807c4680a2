//! Where a new password comes from: the command line, a file, stdin, or a hidden prompt, asked twice.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use emqx_shared::ExitCode;
use emqx_shared::request::Password;

use crate::cli::{GivenPassword, PasswordArgs};
use crate::confirm::Prompts;
use crate::failure::CliFailure;

/// More cannot be a password; EMQX allows 64.
const PASSWORD_BYTES_MAX: u64 = 1024;

/// Finds the password of `username`.
///
/// # Errors
/// There is none, or it cannot be read. No text holds it.
pub fn obtain(
    username: &str,
    given: Option<GivenPassword>,
    source: &PasswordArgs,
    prompts: Prompts,
    quiet: bool,
) -> Result<Password, CliFailure> {
    if let Some(GivenPassword(password)) = given {
        if !quiet && io::stdin().is_terminal() && io::stderr().is_terminal() {
            eprintln!(
                "warning: a password on the command line is seen in the list of processes and stays in the shell's \
                 history; leave it out to be asked for it"
            );
        }
        return Ok(Password(password));
    }
    match &source.password_file {
        Some(path) if path == Path::new("-") => read(&mut io::stdin(), "stdin"),
        Some(path) => {
            let shown = path.display().to_string();
            let mut file = File::open(path).map_err(|error| unreadable(&shown, &error))?;
            read(&mut file, &shown)
        }
        None if prompts == Prompts::Ask => ask(username),
        None => Err(CliFailure::usage("no password is given")
            .next("--password-file FILE, or --password-file - to read it from stdin")
            .next("run it on a terminal to be asked for it")),
    }
}

fn ask(username: &str) -> Result<Password, CliFailure> {
    let answer = dialoguer::Password::new()
        .with_prompt(format!("New password of {}", crate::render::escape::escape(username)))
        .with_confirmation("The same again", "They differ")
        .interact();
    answer.map(Password).map_err(|error| {
        CliFailure::new(
            "declined",
            ExitCode::NegativeAnswer,
            "no password was typed, nothing was changed",
        )
        .why(error.to_string())
    })
}

/// The first line; what an editor or `echo` put behind it does not count.
fn read(source: &mut dyn Read, shown: &str) -> Result<Password, CliFailure> {
    let mut bytes = Vec::new();
    let limited = source.take(PASSWORD_BYTES_MAX + 1).read_to_end(&mut bytes);
    limited.map_err(|error| unreadable(shown, &error))?;
    let bad = |why: &str| CliFailure::new("bad_data", ExitCode::BadData, format!("{shown} holds no password")).why(why);
    if bytes.len() as u64 > PASSWORD_BYTES_MAX {
        return Err(bad(&format!("it has more than {PASSWORD_BYTES_MAX} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| bad("it is not text"))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    match line {
        "" => Err(bad("it is empty")),
        line if line.contains('\n') => Err(bad("it has more than one line")),
        line => Ok(Password(line.to_owned())),
    }
}

fn unreadable(shown: &str, error: &io::Error) -> CliFailure {
    let exit = match error.kind() {
        io::ErrorKind::NotFound => ExitCode::NoInput,
        _ => ExitCode::Io,
    };
    CliFailure::new("no_input", exit, format!("cannot read the password from {shown}")).why(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &[u8]) -> Result<String, CliFailure> {
        read(&mut &*text, "f").map(|password| password.0)
    }

    #[test]
    fn a_file_holds_one_line() {
        assert_eq!(of(b"Canary_7f3a!\n"), Ok("Canary_7f3a!".to_owned()));
        assert_eq!(of(b"Canary_7f3a!\r\n"), Ok("Canary_7f3a!".to_owned()));
        assert_eq!(of(b" spaces count "), Ok(" spaces count ".to_owned()));
        for bad in [&b""[..], b"\n", b"a\nb", b"\xff", &[b'a'; 1025]] {
            let refused = of(bad).unwrap_err();
            assert_eq!(refused.exit, ExitCode::BadData);
        }
    }
}
