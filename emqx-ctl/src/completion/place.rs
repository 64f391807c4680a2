//! Where on the command line the cursor is: below which command, at which of its words, or behind an option that
//! waits for a value.
//!
//! clap can only read a line that is whole, so the words are walked by its definition here. What cannot be
//! understood is passed over: somebody is still typing.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command};

use super::values::{self, Values};
use super::{Candidate, typed_path};

/// The cursor's place.
pub struct Place<'a> {
    root: &'a Command,
    command: &'a Command,
    /// The names of the commands down to this one.
    path: Vec<&'a str>,
    /// The words that stand in the command's own places.
    given: Vec<&'a str>,
    options: Vec<&'a Arg>,
    /// The option whose value comes next.
    waiting: Option<&'a Arg>,
    /// A `--` was there: nothing is an option any more.
    only_words: bool,
    socket: Option<PathBuf>,
    current: &'a str,
}

/// What belongs there.
pub enum Expected {
    /// One of these options.
    Options(Vec<Candidate>),
    /// One of these values, behind a prefix such as `--format=` that is part of the word.
    Value { prefix: String, values: Values },
}

impl<'a> Place<'a> {
    /// The place of `current` behind `words`, the program's name not among them.
    pub fn find(root: &'a Command, words: &[&'a str], current: &'a str) -> Self {
        let mut place = Self {
            root,
            command: root,
            path: Vec::new(),
            given: Vec::new(),
            options: Vec::new(),
            waiting: None,
            only_words: false,
            socket: None,
            current,
        };
        for word in words {
            place.pass(word);
        }
        place
    }

    fn pass(&mut self, word: &'a str) {
        if let Some(option) = self.waiting.take() {
            return self.note_value(option, word);
        }
        if self.only_words || word == "-" || !word.starts_with('-') {
            return self.pass_word(word);
        }
        match word.strip_prefix("--") {
            Some("") => self.only_words = true,
            Some(long) => self.pass_long(long),
            None => self.pass_short(&word[1..]),
        }
    }

    fn pass_word(&mut self, word: &'a str) {
        let is_first = self.given.is_empty() && !self.only_words;
        match self.command.find_subcommand(word).filter(|_| is_first) {
            Some(command) => {
                self.command = command;
                self.path.push(command.get_name());
                self.options.clear();
            }
            None => self.given.push(word),
        }
    }

    fn pass_long(&mut self, long: &'a str) {
        let (name, value) = long
            .split_once('=')
            .map_or((long, None), |(name, value)| (name, Some(value)));
        let Some(option) = self.long(name) else { return };
        self.options.push(option);
        match value {
            Some(value) => self.note_value(option, value),
            None if takes_value(option) && !option.is_require_equals_set() => self.waiting = Some(option),
            None => {}
        }
    }

    /// `-q`, `-qv`, `-f json`, `-fjson`
    fn pass_short(&mut self, letters: &'a str) {
        for (at, letter) in letters.char_indices() {
            let Some(option) = self.short(letter) else { return };
            self.options.push(option);
            let rest = &letters[at + letter.len_utf8()..];
            if takes_value(option) {
                match rest {
                    "" => self.waiting = Some(option),
                    value => self.note_value(option, value.strip_prefix('=').unwrap_or(value)),
                }
                return;
            }
        }
    }

    fn note_value(&mut self, option: &Arg, value: &str) {
        if option.get_id() == "socket" {
            self.socket = Some(typed_path(value));
        }
    }

    fn long(&self, name: &str) -> Option<&'a Arg> {
        self.command
            .get_arguments()
            .find(|option| option.get_long() == Some(name))
    }

    fn short(&self, letter: char) -> Option<&'a Arg> {
        self.command
            .get_arguments()
            .find(|option| option.get_short() == Some(letter))
    }

    /// The socket that the line names.
    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    /// The commands that may be there.
    pub fn subcommands(&self) -> Vec<Candidate> {
        let is_for_one = self.waiting.is_none() && !self.only_words && self.given.is_empty();
        if !is_for_one || self.current.starts_with('-') {
            return Vec::new();
        }
        let shown = self.command.get_subcommands().filter(|command| !command.is_hide_set());
        shown
            .map(|command| Candidate::new(command.get_name(), first_line(command.get_about())))
            .collect()
    }

    /// What may be there besides [`Self::subcommands`].
    pub fn expected(&self) -> Expected {
        let nothing = || Expected::Options(Vec::new());
        if let Some(option) = self.waiting {
            return self.value(option, "", self.current);
        }
        if self.only_words || !self.current.starts_with('-') {
            return match self.next_argument() {
                Some(argument) => self.value(argument, "", self.current),
                None => Expected::Value {
                    prefix: String::new(),
                    values: Values::Nothing,
                },
            };
        }
        if let Some((name, typed)) = self.current.strip_prefix("--").and_then(|long| long.split_once('=')) {
            let option = self.long(name).filter(|option| takes_value(option));
            let prefix = &self.current[..self.current.len() - typed.len()];
            return option.map_or_else(nothing, |option| self.value(option, prefix, typed));
        }
        let mut letters = self.current[1..].chars();
        match (letters.next(), letters.as_str()) {
            (None | Some('-'), _) => Expected::Options(self.open_options()),
            (Some(letter), typed) => match self.short(letter) {
                Some(option) if typed.is_empty() => {
                    Expected::Options(vec![Candidate::new(self.current, first_line(option.get_help()))])
                }
                Some(option) if takes_value(option) => {
                    let prefix = &self.current[..self.current.len() - typed.len()];
                    self.value(option, prefix, typed)
                }
                _ => nothing(),
            },
        }
    }

    /// A value of `argument`; of a list with commas the last one.
    fn value(&self, argument: &Arg, prefix: &str, typed: &str) -> Expected {
        let delimiter = argument.get_value_delimiter();
        let before = delimiter
            .and_then(|delimiter| typed.rfind(delimiter))
            .map_or(0, |comma| comma + 1);
        Expected::Value {
            prefix: format!("{prefix}{}", &typed[..before]),
            values: values::of(self.root, &self.path, argument, &self.given),
        }
    }

    /// The argument in whose place the cursor is.
    fn next_argument(&self) -> Option<&'a Arg> {
        let mut before = self.given.len();
        self.command.get_positionals().find(|argument| {
            let takes = argument.get_num_args().map_or(1, |range| range.max_values());
            let is_here = before < takes;
            before = before.saturating_sub(takes);
            is_here
        })
    }

    /// The options that were not given, or may be given again.
    fn open_options(&self) -> Vec<Candidate> {
        let is_open = |option: &&Arg| {
            let is_repeated = matches!(option.get_action(), ArgAction::Append | ArgAction::Count);
            !option.is_hide_set() && (is_repeated || !self.options.contains(option))
        };
        let options = self.command.get_arguments().filter(is_open);
        let named = options.filter_map(|option| Some((option.get_long()?, option.get_help())));
        named
            .map(|(long, help)| Candidate::new(format!("--{long}"), first_line(help)))
            .collect()
    }
}

fn takes_value(option: &Arg) -> bool {
    option.get_action().takes_values()
}

fn first_line(text: Option<&clap::builder::StyledStr>) -> String {
    let text = text.map(ToString::to_string).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
