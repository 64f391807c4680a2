//! Tokens put together: the terms of a text, each closed by a full stop.
//!
//! Brackets that are open wait on a stack of bounded height, so no text can use up the thread's stack; a term has a
//! bounded number of parts, and only one term is held at a time.

use super::lexer::{Lexer, Token};
use super::{Position, SyntaxError};

/// Brackets inside brackets. The deepest rule anybody writes, `'and'` in `'or'`, needs six.
const NESTING_MAX: usize = 32;
/// Terms within one rule.
const PARTS_MAX: usize = 65_536;

/// A term and where it begins.
#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) kind: Kind,
    pub(crate) at: Position,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Atom(String),
    /// A string or a binary: rules mean the same by both.
    Text(String),
    Integer(i64),
    Tuple(Vec<Term>),
    List(Vec<Term>),
}

impl Kind {
    /// For errors: what it is, and its text if it is short.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Atom(word) => format!("`{}`", word.chars().take(60).collect::<String>()),
            Self::Text(text) => crate::error::quoted(text),
            Self::Integer(number) => number.to_string(),
            Self::Tuple(parts) => format!("a tuple of {}", parts.len()),
            Self::List(parts) => format!("a list of {}", parts.len()),
        }
    }
}

/// An open bracket and what it holds so far.
struct Open {
    mark: char,
    at: Position,
    parts: Vec<Term>,
}

/// Reads the terms of a text.
pub(crate) struct Terms<'t> {
    lexer: Lexer<'t>,
    /// Read, and not yet used.
    ahead: Option<(Token, Position)>,
}

impl<'t> Terms<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            lexer: Lexer::new(text),
            ahead: None,
        }
    }

    /// The next term with its full stop; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Term>, SyntaxError> {
        let (token, at) = self.token()?;
        if token == Token::End {
            return Ok(None);
        }
        self.ahead = Some((token, at));
        let term = self.term()?;
        match self.token()? {
            (Token::Mark('.'), _) => Ok(Some(term)),
            (other, at) => Err(SyntaxError::new(
                at,
                format!(
                    "expected `.` after the rule that begins in line {}, found {}",
                    term.at.line,
                    describe(&other)
                ),
                "close each rule with a full stop: `{allow, all}.`",
            )),
        }
    }

    /// One term, its full stop if it has one, and nothing else.
    pub(crate) fn only(mut self) -> Result<Term, SyntaxError> {
        let term = self.term()?;
        let mut last = self.token()?;
        if last.0 == Token::Mark('.') {
            last = self.token()?;
        }
        match last {
            (Token::End, _) => Ok(term),
            (other, at) => Err(SyntaxError::new(
                at,
                format!("expected the end of the rule, found {}", describe(&other)),
                "give one rule: `{allow, all}`",
            )),
        }
    }

    fn token(&mut self) -> Result<(Token, Position), SyntaxError> {
        self.ahead.take().map_or_else(|| self.lexer.next(), Ok)
    }

    fn term(&mut self) -> Result<Term, SyntaxError> {
        let mut open: Vec<Open> = Vec::new();
        for _ in 0..PARTS_MAX {
            let (token, at) = self.token()?;
            let mut done = match token {
                Token::Mark(mark @ ('{' | '[')) => {
                    if open.len() == NESTING_MAX {
                        return Err(SyntaxError::new(
                            at,
                            format!("more than {NESTING_MAX} brackets inside one another"),
                            "say it with several rules",
                        ));
                    }
                    let parts = Vec::new();
                    open.push(Open { mark, at, parts });
                    match self.token()? {
                        (Token::Mark(close), _) if close == closing(mark) => close_last(&mut open),
                        first => {
                            self.ahead = Some(first);
                            continue;
                        }
                    }
                }
                Token::Mark('<') => self.binary(at)?,
                Token::Text(text) => self.string(text, at)?,
                Token::Atom(word) => Some(Term {
                    kind: Kind::Atom(word),
                    at,
                }),
                Token::Integer(number) => Some(Term {
                    kind: Kind::Integer(number),
                    at,
                }),
                other => return Err(unexpected(&other, at, open.last())),
            };
            // A term is complete: it goes into the bracket around it, which may be complete with it.
            while let Some(term) = done.take() {
                let Some(around) = open.last_mut() else {
                    return Ok(term);
                };
                around.parts.push(term);
                match self.token()? {
                    (Token::Mark(','), _) => {}
                    (Token::Mark(close), _) if close == closing(around.mark) => done = close_last(&mut open),
                    (other, at) => return Err(not_closed(&other, at, around)),
                }
            }
        }
        let (_, at) = self.token()?;
        Err(SyntaxError::new(
            at,
            format!("a rule of more than {PARTS_MAX} parts"),
            "split it into several rules",
        ))
    }

    /// Strings side by side are one, as in Erlang.
    fn string(&mut self, mut text: String, at: Position) -> Result<Option<Term>, SyntaxError> {
        loop {
            match self.token()? {
                (Token::Text(more), _) if text.len() + more.len() <= MERGED_BYTES_MAX => text.push_str(&more),
                (Token::Text(_), at) => {
                    return Err(SyntaxError::new(
                        at,
                        "a text that is too long",
                        "no name or topic is that long",
                    ));
                }
                other => {
                    self.ahead = Some(other);
                    return Ok(Some(Term {
                        kind: Kind::Text(text),
                        at,
                    }));
                }
            }
        }
    }

    /// What stands between `<<` and `>>`: strings and bytes, UTF-8 together.
    fn binary(&mut self, at: Position) -> Result<Option<Term>, SyntaxError> {
        let mut bytes = Vec::new();
        let mut is_first = true;
        loop {
            let (token, here) = self.token()?;
            match token {
                Token::Mark('>') if is_first => break,
                Token::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Token::Integer(number @ 0..=255) => bytes.extend(u8::try_from(number)),
                other => return Err(bad_binary(&other, here)),
            }
            if bytes.len() > MERGED_BYTES_MAX {
                return Err(SyntaxError::new(
                    here,
                    "a text that is too long",
                    "no name or topic is that long",
                ));
            }
            is_first = false;
            let mut next = self.token()?;
            if matches!(&next.0, Token::SegmentType(kind) if kind == "utf8") {
                next = self.token()?;
            }
            match next {
                (Token::Mark(','), _) => {}
                (Token::Mark('>'), _) => break,
                (other, here) => return Err(bad_binary(&other, here)),
            }
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Term {
                kind: Kind::Text(text),
                at,
            })),
            Err(_) => Err(SyntaxError::new(
                at,
                "a binary that is not UTF-8",
                "names and topics are UTF-8 in MQTT: write them in double quotes",
            )),
        }
    }
}

/// Bytes of a text in several pieces.
const MERGED_BYTES_MAX: usize = 4 * 65_535;

fn closing(mark: char) -> char {
    if mark == '{' { '}' } else { ']' }
}

fn close_last(open: &mut Vec<Open>) -> Option<Term> {
    let Open { mark, at, parts } = open.pop()?;
    let kind = if mark == '{' {
        Kind::Tuple(parts)
    } else {
        Kind::List(parts)
    };
    Some(Term { kind, at })
}

fn describe(token: &Token) -> String {
    match token {
        Token::Mark('<') => "`<<`".to_owned(),
        Token::Mark('>') => "`>>`".to_owned(),
        Token::Mark(mark) => format!("`{mark}`"),
        Token::SegmentType(_) => "`/`".to_owned(),
        Token::Atom(word) => Kind::Atom(word.clone()).describe(),
        Token::Text(text) => crate::error::quoted(text),
        Token::Integer(number) => number.to_string(),
        Token::End => "the end of the file".to_owned(),
    }
}

fn unexpected(token: &Token, at: Position, around: Option<&Open>) -> SyntaxError {
    let expected = if around.is_some() {
        "a term"
    } else {
        "a rule such as `{allow, all}`"
    };
    let hint = match token {
        Token::Mark(',' | '}' | ']') if around.is_some() => "is there a comma too many?".to_owned(),
        Token::End => around.map_or_else(String::new, |around| {
            format!("close the `{}` of line {}", around.mark, around.at.line)
        }),
        _ => "names and topics go in double quotes".to_owned(),
    };
    SyntaxError::new(at, format!("expected {expected}, found {}", describe(token)), hint)
}

fn not_closed(token: &Token, at: Position, around: &Open) -> SyntaxError {
    let close = closing(around.mark);
    SyntaxError::new(
        at,
        format!("expected `,` or `{close}`, found {}", describe(token)),
        format!("the `{}` of line {} is still open", around.mark, around.at.line),
    )
}

fn bad_binary(token: &Token, at: Position) -> SyntaxError {
    SyntaxError::new(
        at,
        format!(
            "expected a string, a comma or `>>` in a binary, found {}",
            describe(token)
        ),
        "write <<\"text\">>, or simply \"text\"",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A term in a form of its own, for comparing.
    fn show(term: &Term) -> String {
        let all = |parts: &[Term]| parts.iter().map(show).collect::<Vec<_>>().join(" ");
        match &term.kind {
            Kind::Atom(word) => word.clone(),
            Kind::Text(text) => format!("{text:?}"),
            Kind::Integer(number) => number.to_string(),
            Kind::Tuple(parts) => format!("({})", all(parts)),
            Kind::List(parts) => format!("[{}]", all(parts)),
        }
    }

    fn one(text: &str) -> Result<String, SyntaxError> {
        Terms::new(text).only().map(|term| show(&term))
    }

    #[test]
    fn terms_are_read_as_erlang_reads_them() {
        for (text, shown) in [
            ("{allow, all}.", "(allow all)"),
            ("{}", "()"),
            ("[]", "[]"),
            ("[[], {[]}]", "[[] ([])]"),
            ("<<>>", "\"\""),
            ("<<\"a\", 98, \"ä\"/utf8>>", "\"abä\""),
            ("\"a\" \"b\"\n%c\n\"c\"", "\"abc\""),
            ("'quoted atom'", "quoted atom"),
            ("{a,\n{b, [1,-2 , $c]} }", "(a (b [1 -2 99]))"),
        ] {
            assert_eq!(one(text).unwrap(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_term_says_what_was_expected() {
        for (text, message) in [
            ("{a,}", "expected a term, found `}`"),
            ("{a b}", "expected `,` or `}`, found `b`"),
            ("{a]", "expected `,` or `}`, found `]`"),
            ("[a", "expected `,` or `]`, found the end of the file"),
            ("[a|b]", "expected `,` or `]`, found `|`"),
            ("{", "expected a term, found the end of the file"),
            ("", "expected a rule such as `{allow, all}`, found the end of the file"),
            (
                "<<\"a\"/binary>>",
                "expected a string, a comma or `>>` in a binary, found `/`",
            ),
            ("<<255>>", "a binary that is not UTF-8"),
            ("a b", "expected the end of the rule, found `b`"),
        ] {
            assert_eq!(one(text).unwrap_err().message, message, "{text}");
        }
    }

    #[test]
    fn brackets_without_end_are_an_error() {
        for text in ["{".repeat(100_000), "[".repeat(100_000)] {
            assert!(one(&text).unwrap_err().message.contains("inside one another"));
        }
        assert!(
            one(&format!("[{}1]", "1,".repeat(PARTS_MAX)))
                .unwrap_err()
                .message
                .contains("parts")
        );
    }
}
