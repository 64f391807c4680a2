//! Terms taken apart, and errors with their place.

use crate::RuleError;
use crate::erlang::{Kind, Position, SyntaxError, Term};

/// Gives an error its place: that of `term`.
pub(super) fn at(term: &Term) -> impl Fn(RuleError) -> SyntaxError {
    let at: Position = term.at;
    move |error| SyntaxError {
        at,
        message: error.message,
        hint: error.hint,
    }
}

pub(super) fn wrong(term: &Term, expected: &str, hint: &str) -> SyntaxError {
    let message = format!("expected {expected}, found {}", term.kind.describe());
    at(term)(RuleError::new(message, hint))
}

pub(super) fn word(term: &Term) -> Option<&str> {
    match &term.kind {
        Kind::Atom(word) => Some(word),
        _ => None,
    }
}

pub(super) fn text(term: &Term) -> Option<&str> {
    match &term.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

pub(super) fn word_or_text<'t>(term: &'t Term, expected: &str) -> Result<&'t str, SyntaxError> {
    word(term)
        .or_else(|| text(term))
        .ok_or_else(|| wrong(term, expected, "write it in double quotes"))
}

pub(super) fn list<'t>(term: &'t Term, expected: &str) -> Result<&'t [Term], SyntaxError> {
    match &term.kind {
        Kind::List(parts) => Ok(parts),
        _ => Err(wrong(term, expected, "write `[.., ..]`")),
    }
}
