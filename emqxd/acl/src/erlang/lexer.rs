//! The tokens of Erlang terms.
//!
//! Known are tuples, lists, binaries, atoms (quoted ones too), strings with all escapes, integers and comments. What
//! else Erlang has (variables, floats, maps) is an error with a text that says what to write instead.

use super::{Position, SyntaxError};
use crate::error::quoted;

/// Characters of a string or an atom; more than any topic or name has.
const TEXT_CHARS_MAX: usize = 65_535;

/// A piece of a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// `{ } [ ] , . |` or, for `<<` and `>>`, `<` and `>`.
    Mark(char),
    /// `/utf8` and other types of a segment in a binary.
    SegmentType(String),
    Atom(String),
    Text(String),
    Integer(i64),
    End,
}

/// Reads tokens from the front of a text.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: Position,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            // A byte order mark, as some editors write it.
            text,
            at: Position {
                offset: if text.starts_with('\u{feff}') {
                    '\u{feff}'.len_utf8()
                } else {
                    0
                },
                line: 1,
            },
        }
    }

    /// The next token and where it begins.
    pub(super) fn next(&mut self) -> Result<(Token, Position), SyntaxError> {
        self.skip_blanks();
        let at = self.at;
        let Some(character) = self.bump() else {
            return Ok((Token::End, at));
        };
        let token = match character {
            '{' | '}' | '[' | ']' | ',' | '.' | '|' => Token::Mark(character),
            '<' if self.peek() == Some('<') => {
                self.bump();
                Token::Mark('<')
            }
            '>' if self.peek() == Some('>') => {
                self.bump();
                Token::Mark('>')
            }
            '/' => Token::SegmentType(self.word()),
            '"' => Token::Text(self.quoted_text('"', at)?),
            '\'' => Token::Atom(self.quoted_text('\'', at)?),
            '$' => Token::Integer(i64::from(u32::from(self.character_literal(at)?))),
            '-' | '+' | '0'..='9' => self.integer(character, at)?,
            'a'..='z' => {
                let mut word = String::from(character);
                word.push_str(&self.word());
                Token::Atom(word)
            }
            'A'..='Z' | '_' => {
                let mut word = String::from(character);
                word.push_str(&self.word());
                return Err(SyntaxError::new(
                    at,
                    format!("{} is a variable in Erlang, and there are none here", quoted(&word)),
                    format!("put it in quotes: \"{word}\""),
                ));
            }
            '#' => {
                return Err(SyntaxError::new(
                    at,
                    "`#` does not begin a term",
                    "put topics in quotes: \"#\"",
                ));
            }
            other => {
                return Err(SyntaxError::new(
                    at,
                    format!("{other:?} does not belong in a rule"),
                    "names and topics go in double quotes, comments begin with `%`",
                ));
            }
        };
        Ok((token, at))
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at.offset..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at.offset += character.len_utf8();
        if character == '\n' {
            self.at.line = self.at.line.saturating_add(1);
        }
        Some(character)
    }

    fn skip_blanks(&mut self) {
        while let Some(character) = self.peek() {
            if character == '%' {
                while self.peek().is_some_and(|character| character != '\n') {
                    self.bump();
                }
            } else if character.is_whitespace() || character.is_ascii_control() {
                self.bump();
            } else {
                return;
            }
        }
    }

    /// The rest of an unquoted word.
    fn word(&mut self) -> String {
        let rest = &self.text[self.at.offset..];
        let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '@');
        let end = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        self.at.offset += end;
        rest[..end].to_owned()
    }

    /// What stands between quotes; the first one was read, at `at`.
    fn quoted_text(&mut self, quote: char, at: Position) -> Result<String, SyntaxError> {
        let mut text = String::new();
        for _ in 0..=TEXT_CHARS_MAX {
            match self.bump() {
                None => {
                    return Err(SyntaxError::new(
                        at,
                        format!("the {quote} that begins here is not closed"),
                        format!("put a {quote} at the end of the text; inside it write \\{quote}"),
                    ));
                }
                Some(end) if end == quote => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(other) => text.push(other),
            }
        }
        Err(SyntaxError::new(
            at,
            format!("a text of more than {TEXT_CHARS_MAX} characters"),
            format!("no name or topic is that long: is a closing {quote} missing?"),
        ))
    }

    /// `$a`, `$\n`: the number of a character.
    fn character_literal(&mut self, at: Position) -> Result<char, SyntaxError> {
        match self.bump() {
            Some('\\') => self.escape(),
            Some(character) => Ok(character),
            None => Err(SyntaxError::new(
                at,
                "`$` at the end of the file",
                "put placeholders and topics in double quotes",
            )),
        }
    }

    /// What a backslash stands for; it was read.
    fn escape(&mut self) -> Result<char, SyntaxError> {
        let at = self.at;
        let Some(character) = self.bump() else {
            return Err(SyntaxError::new(
                at,
                "a backslash at the end of the file",
                "close the text",
            ));
        };
        Ok(match character {
            'b' => '\u{8}',
            'd' => '\u{7f}',
            'e' => '\u{1b}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            's' => ' ',
            't' => '\t',
            'v' => '\u{b}',
            '^' => self.control(at)?,
            'x' => self.hexadecimal(at)?,
            '0'..='7' => self.octal(character),
            other => other,
        })
    }

    /// `\^A`
    fn control(&mut self, at: Position) -> Result<char, SyntaxError> {
        match self.bump() {
            Some(letter @ '@'..='_') => Ok(char::from(letter as u8 & 0x1f)),
            Some(letter @ 'a'..='z') => Ok(char::from(letter as u8 & 0x1f)),
            _ => Err(bad_escape(at)),
        }
    }

    /// `\x41` or `\x{1F600}`
    fn hexadecimal(&mut self, at: Position) -> Result<char, SyntaxError> {
        let rest = &self.text[self.at.offset..];
        let (digits, taken) = match rest.strip_prefix('{') {
            Some(inner) => {
                let digits = inner.split_once('}').ok_or_else(|| bad_escape(at))?.0;
                (digits, digits.len() + 2)
            }
            None => (rest.get(..2).ok_or_else(|| bad_escape(at))?, 2),
        };
        if digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(bad_escape(at));
        }
        self.at.offset += taken;
        u32::from_str_radix(digits, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| bad_escape(at))
    }

    /// `\7` to `\377`
    fn octal(&mut self, first: char) -> char {
        let mut number = first as u32 - '0' as u32;
        for _ in 0..2 {
            match self.peek() {
                Some(digit @ '0'..='7') => {
                    number = number * 8 + (digit as u32 - '0' as u32);
                    self.bump();
                }
                _ => break,
            }
        }
        // Three digits, the first of which may be above 3: up to U+01FF, all of them characters.
        char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn integer(&mut self, first: char, at: Position) -> Result<Token, SyntaxError> {
        let mut digits = String::from(first);
        digits.push_str(&self.word());
        let is_float =
            self.peek() == Some('.') && self.text[self.at.offset + 1..].starts_with(|next: char| next.is_ascii_digit());
        match digits.parse() {
            Ok(number) if !is_float => Ok(Token::Integer(number)),
            _ => Err(SyntaxError::new(
                at,
                format!("{} is not a whole number", quoted(&digits)),
                "put names and addresses in double quotes; `qos` takes 0, 1 or 2",
            )),
        }
    }
}

fn bad_escape(at: Position) -> SyntaxError {
    SyntaxError::new(
        at,
        "an escape that stands for no character",
        "write \\\\ for a backslash, \\\" for a quote, \\x{263A} for a character by its number",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        loop {
            match lexer.next().unwrap().0 {
                Token::End => return tokens,
                token => tokens.push(token),
            }
        }
    }

    #[test]
    fn every_kind_of_token_is_read() {
        let text = |text: &str| Token::Text(text.to_owned());
        let atom = |text: &str| Token::Atom(text.to_owned());
        assert_eq!(
            tokens("\u{feff}{allow,'and' [ <<\"a\"/utf8>>]}. % {comment}\n-7 $a aB_1@x"),
            [
                Token::Mark('{'),
                atom("allow"),
                Token::Mark(','),
                atom("and"),
                Token::Mark('['),
                Token::Mark('<'),
                text("a"),
                Token::SegmentType("utf8".to_owned()),
                Token::Mark('>'),
                Token::Mark(']'),
                Token::Mark('}'),
                Token::Mark('.'),
                Token::Integer(-7),
                Token::Integer(97),
                atom("aB_1@x"),
            ]
        );
        assert_eq!(
            tokens(r#""a\"b\\c\n\s\t\x41\x{263A}\101\0\^A\e\q%" "#),
            [text("a\"b\\c\n \tA\u{263a}A\0\u{1}\u{1b}q%")]
        );
    }

    #[test]
    fn what_is_no_token_says_where_it_stands() {
        for (bad, offset) in [
            ("  Allow", 2),
            ("\"abc", 0),
            ("\"a\\xZZ\"", 3),
            ("\"\\x{110000}\"", 2),
            ("\"\\x{D800}\"", 2),
            ("\"\\x{", 2),
            ("1.5", 0),
            ("99999999999999999999", 0),
            ("#{}", 0),
            ("=", 0),
            ("$", 0),
            ("'a", 0),
        ] {
            let error = Lexer::new(bad).next().unwrap_err();
            assert_eq!(error.at.offset, offset, "{bad:?}: {}", error.message);
        }
    }
}
