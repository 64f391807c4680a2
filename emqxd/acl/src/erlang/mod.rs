//! Erlang terms as text: as much of the language as files of rules use.
//!
//! `lexer.rs` makes tokens, `term.rs` puts them together, `file.rs` says what they mean. Both go through the text
//! once, without recursion, and hold no more than one rule at a time.

mod lexer;
mod quoted;
mod term;

pub(crate) use quoted::Quoted;
pub(crate) use term::{Kind, Term, Terms};

/// Where something stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// In bytes.
    pub(crate) offset: usize,
    /// From 1.
    pub(crate) line: u32,
}

/// What is wrong at a place.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) at: Position,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl SyntaxError {
    fn new(at: Position, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: hint.into(),
        }
    }
}
