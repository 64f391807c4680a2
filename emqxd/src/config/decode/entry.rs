//! One object of a list, such as an entry of `authentication = [...]`: its fields are not keys of the schema, so they
//! are read, checked and missed here.
//!
//! Whoever reads an entry asks for each field it knows; [`Entry::finish`] then refuses those that nobody asked for.

use std::path::PathBuf;
use std::time::Duration;

use super::super::check::is_null;
use super::super::hocon::{Node, Object, Place, Value};
use super::super::problems::Problems;
use super::super::{suggest, values};
use super::{Folders, text};

/// Reads the fields of one object.
pub(super) struct Entry<'p, 'a> {
    problems: &'p mut Problems,
    folders: &'a Folders,
    fields: &'a Object,
    place: Place,
    /// Dotted, as messages name it: `authentication.1`.
    path: String,
    known: Vec<&'static str>,
}

impl<'p, 'a> Entry<'p, 'a> {
    /// The object that `value` must be; what else it is becomes an error.
    pub(super) fn new(
        problems: &'p mut Problems,
        folders: &'a Folders,
        value: &'a Value,
        path: String,
    ) -> Option<Self> {
        let Node::Object(fields) = &value.node else {
            let message = format!("expected a section {{ }}, found {}", value.describe());
            problems.value(value.place, &path, message, None);
            return None;
        };
        Some(Self {
            problems,
            folders,
            fields,
            place: value.place,
            path,
            known: Vec::new(),
        })
    }

    fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.fields.get(name).filter(|value| !is_null(value))
    }

    /// Whether a field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|value| !is_null(value))
    }

    /// Reads a field with `parse`, which gives `None` for what is not `expected`.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let parsed = parse(value);
        if parsed.is_none() {
            // Without the value: it may be a secret.
            let message = format!("expected {expected}");
            self.problems.value(value.place, &self.path_of(name), message, None);
        }
        parsed
    }

    /// A scalar's text.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.read(name, "a text", |value| text(value).map(str::to_owned))
    }

    /// One of `words`.
    pub(super) fn word(&mut self, name: &'static str, words: &[&'static str]) -> Option<&'static str> {
        let expected = format!("one of {}", words.join(", "));
        self.read(name, &expected, |value| {
            let text = text(value)?;
            words.iter().find(|word| **word == text).copied()
        })
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, name: &'static str, slot: &mut bool) {
        if let Some(found) = self.read(name, "true or false", |value| values::boolean(text(value)?)) {
            *slot = found;
        }
    }

    /// A duration from a millisecond to `most`.
    pub(super) fn duration(&mut self, name: &'static str, most: Duration, slot: &mut Duration) {
        let expected = format!("a duration such as 15s, at most {}s", most.as_secs());
        let parse = |value: &Value| values::duration(text(value)?).filter(|time| !time.is_zero() && *time <= most);
        if let Some(found) = self.read(name, &expected, parse) {
            *slot = found;
        }
    }

    /// A whole number from `min` to `max`.
    pub(super) fn integer(&mut self, name: &'static str, min: u64, max: u64) -> Option<u64> {
        let expected = format!("a whole number from {min} to {max}");
        self.read(name, &expected, |value| {
            let number = text(value)?.parse::<u64>().ok()?;
            (min..=max).contains(&number).then_some(number)
        })
    }

    /// A file, with EMQX's folders put in.
    pub(super) fn path(&mut self, name: &'static str) -> Option<PathBuf> {
        let folders = self.folders;
        self.read(name, "a path", |value| {
            let text = text(value).filter(|text| !text.is_empty() && !text.contains('\0'))?;
            Some(folders.put_into(text))
        })
    }

    /// Names and texts of a section, at most `most`.
    pub(super) fn texts(&mut self, name: &'static str, most: usize) -> Option<Vec<(String, String)>> {
        let expected = format!("a section {{ }} of at most {most} names and texts");
        self.read(name, &expected, |value| {
            let Node::Object(fields) = &value.node else { return None };
            let pair = |(name, value): (&String, &Value)| Some((name.clone(), text(value)?.to_owned()));
            let fields = fields.iter().filter(|(_, value)| !is_null(value));
            fields
                .map(pair)
                .collect::<Option<Vec<_>>>()
                .filter(|texts| texts.len() <= most)
        })
    }

    /// Reads a section within.
    pub(super) fn section(&mut self, name: &'static str) -> Option<Entry<'_, 'a>> {
        let value = self.value(name)?;
        let path = self.path_of(name);
        Entry::new(self.problems, self.folders, value, path)
    }

    /// Fields of EMQX that tune its own workings: taken without a word.
    pub(super) fn ignore(&mut self, names: &[&'static str]) {
        self.known.extend(names);
    }

    /// An error about a field, or about the whole if it is not there.
    pub(super) fn refuse(&mut self, name: &str, message: String, hint: Option<String>) {
        let place = self.fields.get(name).map_or(self.place, |value| value.place);
        self.problems.value(place, &self.path_of(name), message, hint);
    }

    /// Refuses the fields that nobody has asked for.
    pub(super) fn finish(self) {
        for (name, value) in self.fields {
            if self.known.iter().any(|known| known == name) || is_null(value) {
                continue;
            }
            let hint = suggest::nearest(name, self.known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let hint = hint.unwrap_or_else(|| format!("there are {}", self.known.join(", ")));
            let message = "unknown key".to_owned();
            self.problems
                .value(value.place, &format!("{}.{name}", self.path), message, Some(hint));
        }
    }

    fn path_of(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }
}
