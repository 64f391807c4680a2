//! The pieces that a rule's topic consists of, gathered level by level.

use crate::RuleError;
use crate::error::quoted;
use crate::placeholder::Placeholder;

/// A piece of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As it is, slashes included.
    Text(Box<str>),
    /// `+`: up to the next slash.
    Level,
    /// What the client has there.
    Value(Placeholder),
}

/// Pieces being gathered; texts side by side become one.
#[derive(Default)]
pub(crate) struct Pieces {
    all: Vec<Piece>,
    open: String,
}

impl Pieces {
    pub(crate) fn text(&mut self, text: &str) {
        self.open.push_str(text);
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.all
                .push(Piece::Text(std::mem::take(&mut self.open).into_boxed_str()));
        }
    }

    fn value(&mut self, placeholder: Placeholder) {
        self.close();
        self.all.push(Piece::Value(placeholder));
    }

    pub(crate) fn wildcard(&mut self) {
        self.close();
        self.all.push(Piece::Level);
    }

    /// A level without wildcards of its own: text and placeholders.
    pub(crate) fn level(&mut self, level: &str) -> Result<(), RuleError> {
        if let Some(placeholder) = Placeholder::of_level(level)? {
            self.value(placeholder);
            return Ok(());
        }
        let mut rest = level;
        while let Some((before, after)) = rest.split_once("${") {
            self.text(before);
            let Some((name, after)) = after.split_once('}') else {
                return Err(RuleError::new(
                    format!("in {} the placeholder is not closed", quoted(level)),
                    "write `${name}`, without a slash inside; a plain `$` before `{` is `${$}`",
                ));
            };
            if name == "$" {
                self.text("$");
            } else {
                self.value(Placeholder::named(name)?);
            }
            rest = after;
        }
        self.text(rest);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Box<[Piece]> {
        self.close();
        self.all.into_boxed_slice()
    }
}
