//! An operator at a shell: command lines as documents print them, and what they answer compared byte for byte.
//!
//! Programs stand in the daemon's folder under each name that EMQX gave them. What was typed and answered is printed
//! when the operator leaves, so `cargo test … -- --nocapture` shows the transcript.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use crate::{CtlOutput, Daemon};

/// Stands for one or more digits in an expected answer.
const DIGITS: &str = "{n}";
/// As the last line of an expected answer: anything may follow.
const ANYTHING: &str = "…";

/// Runs the rest of `docker exec -it CONTAINER …`: this machine is the container.
const DOCKER: &str = "#!/bin/sh\nshift 3\nexec \"$@\"\n";

/// One operator of one daemon.
#[derive(Debug)]
pub struct Operator<'a> {
    daemon: &'a Daemon,
    known: Vec<(String, String)>,
    environment: Vec<(&'static str, &'static str)>,
    transcript: String,
}

impl<'a> Operator<'a> {
    /// Stands in the daemon's folder, which gets `bin/emqx`, `bin/emqx_ctl`, `bin/emqx-ctl` and `bin/docker`.
    ///
    /// # Panics
    /// If these cannot be made.
    pub fn of(daemon: &'a Daemon) -> Self {
        let bin = daemon.folder().join("bin");
        fs::create_dir(&bin).expect("a folder of ours takes folders");
        for name in ["emqx", "emqx_ctl", "emqx-ctl"] {
            symlink(daemon.ctl_command().get_program(), bin.join(name)).expect("it takes links");
        }
        let docker = bin.join("docker");
        fs::write(&docker, DOCKER).expect("it takes files");
        fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let address = daemon.address();
        let known = [
            ("{version}", env!("CARGO_PKG_VERSION").to_owned()),
            ("{address}", address.to_string()),
            ("{port}", address.port().to_string()),
        ];
        Self {
            daemon,
            known: known.map(|(name, value)| (name.to_owned(), value)).into(),
            environment: Vec::new(),
            transcript: String::new(),
        }
    }

    /// Sets a variable in the shell.
    #[must_use]
    pub fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    /// Lets `name`, such as `{license}`, stand for `value` in what is typed and expected.
    #[must_use]
    pub fn knows(mut self, name: &str, value: &str) -> Self {
        self.known.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Types each line that begins with `$ `; the lines below it are the answer that has to come on standard output,
    /// up to an empty line before the next `$ `. `# exit N` behind a line is its exit code, else 0. `{n}` stands for
    /// digits, `…` as the last line for whatever follows.
    ///
    /// # Panics
    /// If another answer or another exit code comes, with both.
    #[track_caller]
    pub fn types(&mut self, script: &str) {
        let script = self.filled_in(script);
        for sample in samples(&script) {
            let output = self.run(sample.line);
            let said = format!("$ {}\n{}{}\n", sample.line, output.stdout, output.stderr);
            self.transcript.push_str(&said);
            assert!(
                fits(&sample.answer, &output.stdout),
                "{}\n--- expected\n{}--- answered\n{}--- stderr\n{}---",
                sample.line,
                sample.answer,
                output.stdout,
                output.stderr
            );
            assert_eq!(output.status, Some(sample.exit), "{}\n{}", sample.line, output.stderr);
        }
    }

    fn filled_in(&self, text: &str) -> String {
        let fill = |text: String, (name, value): &(String, String)| text.replace(name, value);
        self.known.iter().fold(text.to_owned(), fill)
    }

    fn run(&self, line: &str) -> CtlOutput {
        let mut shell = Command::new("sh");
        // As the harness calls emqx-ctl: its socket, nothing of a developer's environment.
        for (name, value) in self.daemon.ctl_command().get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let bin = self.daemon.folder().join("bin");
        let path = std::env::var("PATH").unwrap_or_default();
        shell
            .env("PATH", format!("{}:{path}", bin.display()))
            .envs(self.environment.iter().copied())
            .current_dir(self.daemon.folder())
            .args(["-c", line])
            .stdin(Stdio::null());
        shell.output().expect("there is a shell").into()
    }
}

impl Drop for Operator<'_> {
    fn drop(&mut self) {
        println!("{}", self.transcript);
    }
}

/// A line, and what has to come of it.
#[derive(Debug, PartialEq, Eq)]
struct Sample<'a> {
    line: &'a str,
    exit: i32,
    answer: String,
}

fn samples(script: &str) -> Vec<Sample<'_>> {
    let mut samples: Vec<Sample<'_>> = Vec::new();
    for text in script.trim().lines() {
        if let Some(line) = text.strip_prefix("$ ") {
            let exit = line
                .rsplit_once("# exit ")
                .map_or(Ok(0), |(_, code)| code.trim().parse());
            samples.push(Sample {
                line,
                exit: exit.expect("a number behind `# exit`"),
                answer: String::new(),
            });
        } else {
            let sample = samples.last_mut().expect("a script begins with a line that is typed");
            sample.answer.push_str(text);
            sample.answer.push('\n');
        }
    }
    for sample in &mut samples {
        // The empty line that sets the next sample apart.
        if sample.answer == "\n" || sample.answer.ends_with("\n\n") {
            sample.answer.pop();
        }
    }
    samples
}

fn fits(expected: &str, answer: &str) -> bool {
    let (expected, is_open) = match expected.strip_suffix(&format!("{ANYTHING}\n")) {
        Some(beginning) => (beginning, true),
        None => (expected, false),
    };
    let mut parts = expected.split(DIGITS);
    let Some(mut rest) = parts.next().and_then(|first| answer.strip_prefix(first)) else {
        return false;
    };
    for part in parts {
        let behind = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        match behind.strip_prefix(part) {
            Some(after) if behind.len() < rest.len() => rest = after,
            _ => return false,
        }
    }
    rest.is_empty() || is_open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_taken_apart_into_lines_and_answers() {
        let found = samples("\n$ a b   # exit 4\nx\n\ny\n\n$ c\n\n$ d\nz\n");
        let sample = |line, exit, answer: &str| Sample {
            line,
            exit,
            answer: answer.to_owned(),
        };
        assert_eq!(
            found,
            [
                sample("a b   # exit 4", 4, "x\n\ny\n"),
                sample("c", 0, ""),
                sample("d", 0, "z\n")
            ]
        );
    }

    #[test]
    fn an_answer_fits_whole_but_for_digits_and_an_open_end() {
        for (expected, answer, fitting) in [
            ("ok\n", "ok\n", true),
            ("ok\n", "ok", false),
            ("ok\n", "ok\nmore\n", false),
            ("ok\n…\n", "ok\nmore\n", true),
            ("up {n} s, {n} m\n", "up 12 s, 3 m\n", true),
            ("up {n} s\n", "up  s\n", false),
            ("up {n}\n", "up 1x\n", false),
            ("", "", true),
        ] {
            assert_eq!(fits(expected, answer), fitting, "{expected:?} {answer:?}");
        }
    }
}
