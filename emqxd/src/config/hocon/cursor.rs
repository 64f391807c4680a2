//! A position in one HOCON text, and the steps a parser takes over it.

/// White space within a line.
const SPACES: &[u8] = b" \t\r\x0c";

/// The text, how much of it is read, and the line that is being read.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// Bytes read; always between two characters.
    pub(super) at: usize,
    /// Counted from 1.
    pub(super) line: u32,
}

impl<'a> Cursor<'a> {
    /// At the start of `text`, behind its byte order mark.
    pub(super) fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { text, at: 0, line: 1 }
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// What was read since the cursor stood at `start`.
    pub(super) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// Moves to where `rest`, the end of the text, begins.
    pub(super) fn move_to(&mut self, rest: &str) {
        self.at = self.text.len() - rest.len();
    }

    /// The end of an unquoted value: one of `ends`, white space or the start of a `${`.
    pub(super) fn skip_unquoted(&mut self, ends: &[u8]) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            let starts_substitution = *byte == b'$' && bytes.get(self.at + 1) == Some(&b'{');
            if ends.contains(byte) || SPACES.contains(byte) || starts_substitution {
                break;
            }
            self.at += 1;
        }
    }

    /// Reads up to one of `ends`.
    pub(super) fn run(&mut self, ends: &[u8]) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.bytes().position(|byte| ends.contains(&byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// From the byte `from` to the end of its line.
    pub(super) fn rest_of_line(&self, from: usize) -> &'a str {
        &self.text[from..self.line_end(from)]
    }

    /// Where the line that holds the byte `from` ends.
    pub(super) fn line_end(&self, from: usize) -> usize {
        self.text[from..]
            .find('\n')
            .map_or(self.text.len(), |length| from + length)
    }

    /// `#` anywhere, `//` only after white space: `http://host` is a value.
    pub(super) fn at_comment(&self) -> bool {
        let rest = &self.text[self.at..];
        rest.starts_with('#')
            || (rest.starts_with("//") && !self.text[..self.at].ends_with(|char: char| !char.is_ascii_whitespace()))
    }

    /// White space within the line.
    pub(super) fn skip_spaces(&mut self) {
        while self.peek().is_some_and(|byte| SPACES.contains(&byte)) {
            self.at += 1;
        }
    }

    /// White space, new lines and comments.
    pub(super) fn skip_blank(&mut self) {
        loop {
            self.skip_spaces();
            if self.at_comment() {
                self.at = self.line_end(self.at);
            }
            if self.peek() != Some(b'\n') {
                return;
            }
            self.at += 1;
            self.line += 1;
        }
    }

    /// Reads `length` bytes, which may hold new lines.
    pub(super) fn advance(&mut self, length: usize) {
        let passed = &self.text[self.at..self.at + length];
        let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
        self.line += u32::try_from(lines).unwrap_or(u32::MAX);
        self.at += length;
    }

    /// The next byte.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}
