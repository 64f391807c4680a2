//! Writing into a line of a trace so that one event stays one line, whatever a client put into its names.

use std::fmt;

use crate::log::escape::{Embedding, escape_into};

/// Escapes what is written through it.
pub(super) struct Safe<'a> {
    pub(super) line: &'a mut String,
    pub(super) embedding: Embedding,
}

impl fmt::Write for Safe<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_json = self.embedding == Embedding::Json;
        let is_harmless = |byte: u8| (0x20..0x7f).contains(&byte) && !(is_json && (byte == b'"' || byte == b'\\'));
        match text.bytes().all(is_harmless) {
            true => self.line.push_str(text),
            false => escape_into(self.line, text, self.embedding),
        }
        Ok(())
    }
}

/// Why writing to a line cannot fail.
pub(super) const INFALLIBLE: &str = "writing to a String does not fail";
