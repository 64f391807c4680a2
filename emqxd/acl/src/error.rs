//! Why a rule is not taken: what was expected, what was found, what to do.
//!
//! [`RuleError`] is about one rule, wherever it came from; [`ParseError`] adds the place in a file. The texts depend
//! on the input alone, so the same file always gives the same error. `hint` is the `next:` line of an operator's
//! error and not part of `Display`.

/// Text of others that an error repeats, in characters.
const QUOTED_CHARS_MAX: usize = 60;

/// Why a rule is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleError {
    /// What was expected and what was found.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl RuleError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A word that stands where others are allowed.
    pub(crate) fn expected(expected: &str, found: &str) -> Self {
        Self::new(
            format!("expected {expected}, found {}", quoted(found)),
            format!("write {expected}"),
        )
    }

    /// The same, said of a part: `rule 2: ...`.
    pub(crate) fn of(mut self, part: &str) -> Self {
        self.message.insert_str(0, ": ");
        self.message.insert_str(0, part);
        self
    }
}

/// Why a file of rules is not taken, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ParseError {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// What was expected and what was found.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// A text of others, quoted and short enough for a line.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}...", &text[..end]),
    }
}
