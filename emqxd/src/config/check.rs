//! Finds the keys that nobody knows, and warns of those without effect.
//!
//! Runs over the whole tree before `decode/` reads the known keys, so that a misspelt key is an
//! error with a suggestion and not a setting that silently keeps its default.

use std::collections::HashSet;

use super::hocon::{Node, Object, Value};
use super::listener::ListenerKind;
use super::problems::Problems;
use super::schema::{Effect, KeyDoc, part_fits, schema};
use super::suggest;

/// Adds an error for every unknown key, a warning for every key without effect.
pub(super) fn check_keys(root: &Object, problems: &mut Problems) {
    let mut checker = Checker {
        problems,
        warned: HashSet::new(),
    };
    let all: Vec<&'static KeyDoc> = schema().iter().collect();
    checker.section(root, "", 0, &all);
}

struct Checker<'a> {
    problems: &'a mut Problems,
    warned: HashSet<&'static str>,
}

impl Checker<'_> {
    /// The fields of the section `prefix`, `depth` parts long; `candidates` are the keys below it.
    ///
    /// Recursive as deep as the longest key of the schema.
    fn section(&mut self, fields: &Object, prefix: &str, depth: usize, candidates: &[&'static KeyDoc]) {
        for (name, value) in fields {
            if self.problems.is_full() {
                return;
            }
            let path = match prefix {
                "" => name.clone(),
                prefix => format!("{prefix}.{name}"),
            };
            let fitting: Vec<_> = candidates
                .iter()
                .copied()
                .filter(|doc| part(doc, depth).is_some_and(|pattern| part_fits(pattern, name)))
                .collect();
            if fitting.is_empty() {
                self.unknown(&path, name, value, depth, candidates);
            } else if !is_name(name) {
                let message = "a name has up to 64 letters, digits, _ and -".to_owned();
                self.problems.value(value.place, &path, message, None);
            } else if let Some(doc) = fitting.iter().find(|doc| part(doc, depth + 1).is_none()) {
                self.known(doc, value, &path);
            } else if let Node::Object(fields) = &value.node {
                self.section(fields, &path, depth + 1, &fitting);
            } else if !(is_null(value) || is_listener(&path) && is_deleted(value)) {
                let message = format!("expected a section {{ }}, found {}", value.describe());
                self.problems.value(value.place, &path, message, None);
            }
        }
    }

    fn known(&mut self, doc: &'static KeyDoc, value: &Value, path: &str) {
        if doc.effect == Effect::NotYet && self.warned.insert(doc.key) {
            let message = format!("`{path}` is accepted but has no effect yet");
            self.problems.warn(Some(value.place), message);
        }
    }

    fn unknown(&mut self, path: &str, name: &str, value: &Value, depth: usize, candidates: &[&'static KeyDoc]) {
        // Its settings are EMQX's QUIC library's, and it is not started.
        if path.starts_with("listeners.quic.") {
            return;
        }
        let siblings: Vec<&str> = candidates
            .iter()
            .filter_map(|doc| part(doc, depth))
            .flat_map(|pattern| match pattern {
                "<type>" => ListenerKind::ALL.map(ListenerKind::as_str).to_vec(),
                "<name>" => Vec::new(),
                _ => vec![pattern],
            })
            .collect();
        let prefix = &path[..path.len() - name.len()];
        let hint = match suggest::nearest(name, siblings.into_iter()) {
            Some(nearest) => Some(format!("did you mean `{prefix}{nearest}`?")),
            None => elsewhere(name, path),
        };
        let hint = hint.unwrap_or_else(|| "remove it, or see emqx.conf(5) for the keys".to_owned());
        let message = "unknown key".to_owned();
        self.problems.value(value.place, path, message, Some(hint));
    }
}

/// The key of another section that has this name, if there is only one.
fn elsewhere(name: &str, path: &str) -> Option<String> {
    let mut same = schema()
        .iter()
        .filter(|doc| doc.effect == Effect::Acts && doc.key != path)
        .filter(|doc| doc.key.rsplit('.').next() == Some(name));
    let doc = same.next()?;
    same.next().is_none().then(|| format!("did you mean `{}`?", doc.key))
}

fn part(doc: &KeyDoc, depth: usize) -> Option<&'static str> {
    doc.key.split('.').nth(depth)
}

/// `listeners.<type>.<name>`
fn is_listener(path: &str) -> bool {
    path.starts_with("listeners.") && path.matches('.').count() == 2
}

/// EMQX's word for a section that is not to be there, though it is by default.
pub(super) fn is_deleted(value: &Value) -> bool {
    matches!(&value.node, Node::Scalar { text, .. } if text == "marked_for_deletion")
}

/// `key = null`: as if the line were not there.
pub(super) fn is_null(value: &Value) -> bool {
    matches!(&value.node, Node::Scalar { text, quoted: false } if text == "null")
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
