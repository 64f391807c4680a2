//! What is wrong with a configuration, and where: errors that stop the start, warnings that do
//! not, and the origin of every value.
//!
//! An error reads `emqx.conf:12: mqtt.max_packet_size: expected ..., found ...`, with a
//! `next:` line below it when there is something to suggest. All that are found are reported,
//! in the order of the file, up to [`ERRORS_MAX`].

use std::fmt;
use std::path::{Path, PathBuf};

use super::hocon::Place;
use crate::security_profile::Judgement;

/// Errors that are kept; a file with more of them is not one of ours.
pub const ERRORS_MAX: usize = 50;

/// Warnings that are kept, for the same reason.
const WARNINGS_MAX: usize = 200;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A line of a file, counted from 1; 0 for the file as a whole.
    File {
        /// As it was opened.
        file: PathBuf,
        /// Counted from 1.
        line: u32,
    },
    /// An environment variable.
    Env(String),
    /// Nobody has set it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line: 0 } => write!(formatter, "{}", file.display()),
            Self::File { file, line } => write!(formatter, "{}:{line}", file.display()),
            Self::Env(name) => formatter.write_str(name),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// Something to know that does not stop the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// `None` if it is about no place in particular.
    pub origin: Option<Origin>,
    /// One line.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(formatter, "{origin}: ")?;
        }
        formatter.write_str(&self.message)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Where; a file without a line if it could not be read.
    pub origin: Origin,
    /// Which key, dotted; `None` for errors of syntax.
    pub key: Option<String>,
    /// What was expected and what was found.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.origin)?;
        if let Some(key) = &self.key {
            write!(formatter, "{key}: ")?;
        }
        formatter.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(formatter, "\n  next: {hint}")?;
        }
        Ok(())
    }
}

/// Why a configuration was not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    /// At least one, at most [`ERRORS_MAX`].
    pub errors: Vec<ConfigError>,
    /// Errors found beyond those.
    pub more: usize,
    /// What would have been warned of; helps to see what is wrong.
    pub warnings: Vec<Warning>,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "{error}")?;
        }
        if self.more > 0 {
            write!(formatter, "\nand {} more errors", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    Variable(String),
}

/// Collects what one load finds; knows the sources that a [`Place`] points into.
#[derive(Debug, Default)]
pub(super) struct Problems {
    sources: Vec<Source>,
    errors: Vec<(Option<Place>, ConfigError)>,
    more: usize,
    warnings: Vec<Warning>,
    /// Something was not read to its end.
    unread: bool,
}

impl Problems {
    pub(super) fn add_file(&mut self, path: &Path) -> u16 {
        self.add_source(Source::File(path.to_owned()))
    }

    pub(super) fn add_variable(&mut self, name: &str) -> u16 {
        self.add_source(Source::Variable(name.to_owned()))
    }

    fn add_source(&mut self, source: Source) -> u16 {
        self.sources.push(source);
        u16::try_from(self.sources.len() - 1).unwrap_or(u16::MAX)
    }

    /// Whether another variable can have an index of its own.
    pub(super) fn has_room(&self) -> bool {
        self.sources.len() < usize::from(u16::MAX)
    }

    pub(super) fn origin(&self, place: Place) -> Origin {
        match self.sources.get(usize::from(place.source)) {
            Some(Source::File(file)) => Origin::File {
                file: file.clone(),
                line: place.line,
            },
            Some(Source::Variable(name)) => Origin::Env(name.clone()),
            None => Origin::Default,
        }
    }

    /// The value of `key` at `place` is not what it should be.
    pub(super) fn value(&mut self, place: Place, key: &str, message: String, hint: Option<String>) {
        let error = ConfigError {
            origin: self.origin(place),
            key: Some(key.to_owned()),
            message,
            hint,
        };
        self.add(Some(place), error);
    }

    /// The text at `place` cannot be read on.
    pub(super) fn syntax(&mut self, place: Place, message: String) {
        self.unread = true;
        let error = ConfigError {
            origin: self.origin(place),
            key: None,
            message,
            hint: None,
        };
        self.add(Some(place), error);
    }

    /// The file at `path` cannot be read at all.
    pub(super) fn unreadable(&mut self, path: &Path, message: String) {
        self.unread = true;
        let error = ConfigError {
            origin: Origin::File {
                file: path.to_owned(),
                line: 0,
            },
            key: None,
            message: format!("cannot read this file: {message}"),
            hint: None,
        };
        self.add(None, error);
    }

    fn add(&mut self, place: Option<Place>, error: ConfigError) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push((place, error));
        } else {
            self.more += 1;
        }
    }

    pub(super) fn warn(&mut self, place: Option<Place>, message: String) {
        if self.warnings.len() < WARNINGS_MAX {
            let origin = place.map(|place| self.origin(place));
            self.warnings.push(Warning { origin, message });
        }
    }

    /// Takes over what the security profile says; gives back the defaults that it changes.
    pub(super) fn judged(&mut self, judgement: Judgement) -> Vec<(String, String)> {
        for error in judgement.refused {
            self.add(None, error);
        }
        let room = WARNINGS_MAX.saturating_sub(self.warnings.len());
        self.warnings.extend(judgement.contradictions.into_iter().take(room));
        judgement.changed
    }

    /// Whether what was read is only a part, of which nothing should be said.
    pub(super) fn is_unread(&self) -> bool {
        self.unread
    }

    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Whether further errors would only be counted.
    pub(super) fn is_full(&self) -> bool {
        self.errors.len() >= ERRORS_MAX
    }

    /// The warnings, or the errors if there are any.
    pub(super) fn finish(mut self) -> Result<Vec<Warning>, ConfigErrors> {
        if self.errors.is_empty() {
            return Ok(self.warnings);
        }
        self.errors.sort_by_key(|(place, _)| *place);
        Err(ConfigErrors {
            errors: self.errors.into_iter().map(|(_, error)| error).collect(),
            more: self.more,
            warnings: self.warnings,
        })
    }
}
