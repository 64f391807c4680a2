//! EMQX's text. What scripts compare is frozen: byte for byte as EMQX 5 (or 4) prints it.

use std::fmt;

use super::escape::escape;
use super::{Look, Record};

/// Lines of text; whatever is put in is escaped, so that a device cannot add lines of its own.
#[derive(Debug, Default)]
pub struct Lines {
    text: String,
}

impl Lines {
    /// Adds one line.
    pub fn line(&mut self, line: fmt::Arguments<'_>) {
        match line.as_str() {
            Some(line) => self.text.push_str(&escape(line)),
            None => self.text.push_str(&escape(&line.to_string())),
        }
        self.text.push('\n');
    }

    /// Adds `key : value` with the key padded, and cut, to `width` columns.
    pub fn pair(&mut self, width: usize, key: &str, value: impl fmt::Display) {
        self.line(format_args!("{key:<width$.width$}: {value}"));
    }

    /// Adds an indented `key : value`, as below the id of a listener.
    pub fn indented_pair(&mut self, key: &str, value: impl fmt::Display) {
        self.line(format_args!("  {key:<16}: {value}"));
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

/// The text of a record that stands alone.
pub fn block<R: Record>(record: &R, look: &Look) -> String {
    let mut lines = Lines::default();
    record.classic(look, &mut lines);
    lines.into_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_longer_than_its_column_is_cut_as_in_emqx() {
        let mut lines = Lines::default();
        lines.pair(30, "messages.dropped.await_pubrel_timeout", 7);
        lines.pair(10, "version", "5.8.0");
        assert_eq!(
            lines.into_text(),
            "messages.dropped.await_pubrel_: 7\nversion   : 5.8.0\n"
        );
    }

    #[test]
    fn a_name_cannot_add_a_line() {
        let mut lines = Lines::default();
        lines.line(format_args!("{} -> n", "t\nfake -> n"));
        assert_eq!(lines.into_text(), "t\\nfake -> n -> n\n");
    }
}
