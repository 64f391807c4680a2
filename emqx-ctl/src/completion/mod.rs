//! What the completion scripts of the shells ask when somebody presses TAB: `emqx-ctl __complete SHELL …`.
//!
//! The scripts in `completions/` know no command; they hand over the words and set what is answered before the
//! person. So bash, zsh and fish complete alike, always what this very program understands, and names that only the
//! daemon knows (`live.rs`) as well as those of the command line (`place.rs`).
//!
//! One rule is above all others: a TAB never hangs, never prints an error, never fails. `main.rs` calls [`answer`]
//! before anything reads the command line.
//!
//! The answer is a line that says who completes, `words` or `files`, and for `words` one line for each.

mod bash;
mod fish;
mod live;
mod place;
mod values;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::{definition, spell_follow};
use crate::emqx_script::{self, Typed};
use crate::render::escape::is_dangerous;
use place::{Expected, Place};
use values::Values;

/// The word after the program's name that makes a command line a question of a script.
const QUESTION: &str = "__complete";

/// A shell whose completions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    /// The script that makes this shell ask.
    pub fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../../completions/emqx-ctl"),
            Self::Zsh => include_str!("../../../completions/_emqx-ctl"),
            Self::Fish => include_str!("../../../completions/emqx-ctl.fish"),
        }
    }
}

/// Something to choose at the cursor: the whole word, not quoted for any shell.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    word: String,
    /// What it is, in a few words; may be empty.
    help: String,
}

impl Candidate {
    fn new(word: impl Into<String>, help: impl Into<String>) -> Self {
        let (word, help) = (word.into(), help.into());
        Self { word, help }
    }
}

/// What may be at the cursor.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// The shell knows better: names of files.
    Files,
    Words(Vec<Candidate>),
}

/// Answers a script if the arguments are its question; otherwise they are a command line.
pub fn answer(arguments: &[OsString]) -> bool {
    let Some((_, rest)) = arguments
        .split_first()
        .filter(|(_, rest)| rest.first().is_some_and(|word| word == QUESTION))
    else {
        return false;
    };
    let rest: Vec<String> = rest[1..]
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let text = rest
        .split_first()
        .and_then(|(shell, question)| text_for(Shell::from_str(shell, false).ok()?, question));
    // Whoever asked may have gone; there is nobody to tell.
    let _ = io::stdout().lock().write_all(text.unwrap_or_default().as_bytes());
    true
}

/// The answer as this shell's script expects it; `None` for a question that makes no sense.
fn text_for(shell: Shell, question: &[String]) -> Option<String> {
    match (shell, question) {
        (Shell::Bash, [line, replaced]) => {
            let line = bash::Line::read(line, replaced);
            let candidates = match complete(&line.words, &line.current) {
                Answer::Files => return Some("files\n".to_owned()),
                Answer::Words(candidates) => candidates,
            };
            let words = candidates
                .iter()
                .filter_map(|candidate| line.replacement(&candidate.word));
            Some(words.fold("words\n".to_owned(), |text, word| text + &word + "\n"))
        }
        (Shell::Zsh, [words @ .., current]) => Some(with_help(complete(words, current))),
        (Shell::Fish, [words @ .., current]) => Some(with_help(complete(words, &fish::unquoted(current)))),
        _ => None,
    }
}

/// For shells that quote by themselves and show what a word means.
fn with_help(answer: Answer) -> String {
    match answer {
        Answer::Files => "files\n".to_owned(),
        Answer::Words(candidates) => {
            let lines = candidates
                .iter()
                .map(|candidate| format!("{}\t{}\n", candidate.word, candidate.help));
            std::iter::once("words\n".to_owned()).chain(lines).collect()
        }
    }
}

/// What may be at the cursor, behind `words`, of which the first is the program; `current` is what stands there.
fn complete(words: &[String], current: &str) -> Answer {
    let typed: Vec<OsString> = words.iter().map(Into::into).collect();
    let words = match emqx_script::typed(&typed) {
        Typed::Ctl(words) => words,
        Typed::Daemon => return Answer::Files,
        Typed::Verb(verbs) => {
            return Answer::Words(starting(current, verbs.iter().map(|verb| Candidate::new(*verb, ""))));
        }
    };
    let words = spell_follow(&words);
    let words: Vec<&str> = words.iter().skip(1).filter_map(|word| word.to_str()).collect();
    let mut command = definition();
    command.build();
    let place = Place::find(&command, &words, current);
    let (prefix, values) = match place.expected() {
        Expected::Options(options) => return Answer::Words(starting(current, options)),
        Expected::Value { prefix, values } => (prefix, values),
    };
    let sought = current.strip_prefix(prefix.as_str()).unwrap_or(current);
    let mut candidates = place.subcommands();
    match values {
        Values::Nothing => {}
        Values::Files if candidates.is_empty() => return Answer::Files,
        Values::Files => {}
        Values::Words(words) => candidates.extend(words),
        Values::Live(names) => candidates.extend(live::ask(&names, sought, place.socket())),
    }
    // A terminal would obey them, and a script would take the end of a line for that of a name.
    candidates.retain(|candidate| !candidate.word.chars().any(is_dangerous));
    let mut candidates = starting(sought, candidates);
    for candidate in &mut candidates {
        candidate.word.insert_str(0, &prefix);
        candidate.help = candidate.help.replace(is_dangerous, " ");
    }
    Answer::Words(candidates)
}

fn starting(prefix: &str, candidates: impl IntoIterator<Item = Candidate>) -> Vec<Candidate> {
    let starts = |candidate: &Candidate| candidate.word.starts_with(prefix);
    candidates.into_iter().filter(starts).collect()
}

/// A path as it was typed, `~` for the home folder: the shell has not replaced it yet.
fn typed_path(text: &str) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a TAB at the end of `line` offers, without the daemon: no socket of that name is there.
    fn offered(line: &str) -> Vec<String> {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let current = words.pop().unwrap();
        words.splice(1..1, ["-s".to_owned(), "/nowhere/emqxd.sock".to_owned()]);
        match complete(&words, &current) {
            Answer::Files => vec!["<files>".to_owned()],
            Answer::Words(candidates) => candidates.into_iter().map(|candidate| candidate.word).collect(),
        }
    }

    #[test]
    fn what_can_follow_is_offered_and_nothing_else() {
        for (line, expected) in [
            ("emqx-ctl lis", vec!["listeners"]),
            ("emqx-ctl vm", vec![]), // There, but not shown in --help either.
            ("emqx-ctl listeners sto", vec!["stop"]),
            ("emqx-ctl listener sta", vec!["start"]),
            ("emqx-ctl -f json listeners re", vec!["restart"]),
            ("emqx-ctl listeners stop x st", vec![]),
            ("emqx-ctl -f js", vec!["json"]),
            ("emqx-ctl -fjs", vec!["-fjson"]),
            ("emqx-ctl -f", vec!["-f"]),
            ("emqx-ctl --format=nd", vec!["--format=ndjson"]),
            ("emqx-ctl --tim", vec!["--timeout"]),
            ("emqx-ctl listeners stop --dra", vec!["--drain"]),
            ("emqx-ctl listeners stop -- --dra", vec![]),
            ("emqx-ctl --quiet --qu", vec![]), // Once is enough.
            ("emqx-ctl trace start cl", vec!["client"]),
            ("emqx-ctl log level warn", vec!["warning"]),
            ("emqx-ctl listeners enable tcp:default f", vec!["false"]),
            ("emqx-ctl license show /et", vec!["<files>"]),
            ("emqx-ctl license keygen x", vec!["<files>"]),
            ("emqx-ctl --socket /ru", vec!["<files>"]),
            ("emqx-ctl --socket=/ru", vec!["<files>"]),
            ("emqx-ctl trace topic t fi", vec!["<files>"]),
            ("emqx-ctl completion z", vec!["zsh"]),
            ("emqx-ctl help exit", vec!["exit-codes"]),
            ("emqx-ctl help clients ki", vec!["kick"]),
            ("emqx-ctl banned add clientid_", vec!["clientid_re"]),
            ("emqx_ctl lis", vec!["listeners"]),
            ("emqx-ctl no such words here", vec![]),
        ] {
            assert_eq!(offered(line), expected, "{line}");
        }
    }

    #[test]
    fn under_the_name_of_emqx_s_script_its_verbs_come_first() {
        let offered = |words: &[&str], current| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            complete(&words, current)
        };
        assert_eq!(offered(&["emqx"], "c").words(), ["ctl", "console", "check_config"]);
        assert_eq!(offered(&["/usr/bin/emqx", "ctl"], "lis").words(), ["listeners"]);
        assert_eq!(offered(&["emqx", "console"], ""), Answer::Files);
    }

    impl Answer {
        fn words(self) -> Vec<String> {
            match self {
                Self::Files => panic!("files"),
                Self::Words(candidates) => candidates.into_iter().map(|candidate| candidate.word).collect(),
            }
        }
    }

    #[test]
    fn what_is_no_question_is_a_command_line() {
        for words in [
            &["emqx-ctl"][..],
            &["emqx-ctl", "status"],
            &["emqx-ctl", "why", "__complete"],
        ] {
            let words: Vec<OsString> = words.iter().map(Into::into).collect();
            assert!(!answer(&words));
        }
    }
}
