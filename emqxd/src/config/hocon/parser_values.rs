//! Reads HOCON values: scalars, arrays, objects, `${ }`, and what is joined of them.
//!
//! The other half of [`Parser`]. Where EMQX's dialect is wider than the specification it is
//! followed: `@` and `:` need no quotes in a value, and a string, array or object may be
//! continued on the next line.

use super::parser::{Parsed, Parser};
use super::{Node, Object, Part, Pending, Place, Value, concatenate, strings};

/// Characters that end an unquoted value.
const VALUE_ENDS: &[u8] = b",{}[]\"#=\n";

/// In an array a new line ends the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InArray {
    Yes,
    No,
}

impl<'a> Parser<'a> {
    pub(super) fn value_after_operator(&mut self, key: &[String]) -> Parsed<Value> {
        self.skip_blank_before_value();
        match self.value(InArray::No)? {
            Some(value) => Ok(value),
            None => Err(self.error(format!("`{}` has no value", key.join(".")))),
        }
    }

    /// `a += x` stands for `a = ${?a} [x]`.
    pub(super) fn appended(&mut self) -> Parsed<Value> {
        let place = self.place();
        self.skip_blank_before_value();
        let item = self.value(InArray::No)?.ok_or_else(|| self.error("nothing after +="))?;
        let path = self.path.clone();
        self.count_substitution()?;
        let parts = vec![
            Part::Substitution {
                path,
                optional: true,
                place,
            },
            Part::Literal(Value {
                node: Node::Array(vec![item]),
                place,
            }),
        ];
        Ok(self.pending(parts, place))
    }

    fn pending(&self, parts: Vec<Part>, place: Place) -> Value {
        let pending = Pending {
            own_path: self.path.clone(),
            base: None,
            parts,
            overlay: None,
        };
        Value {
            node: Node::Pending(Box::new(pending)),
            place,
        }
    }

    /// One value of one or several parts; `None` if there is none before the end of the line.
    pub(super) fn value(&mut self, in_array: InArray) -> Parsed<Option<Value>> {
        let place = self.place();
        let mut parts: Vec<Part> = Vec::new();
        let mut substitutions = false;
        loop {
            let before_space = self.cursor.at;
            self.cursor.skip_spaces();
            let space = self.cursor.since(before_space);
            let ends = match self.cursor.peek() {
                None | Some(b',' | b'}' | b']') => true,
                Some(b'\n' | b'#' | b'/') if self.cursor.peek() == Some(b'\n') || self.cursor.at_comment() => {
                    in_array == InArray::Yes || !self.continued(parts.last())?
                }
                _ => false,
            };
            if ends {
                break;
            }
            if !parts.is_empty() {
                parts.push(Part::Space(space.to_owned()));
            }
            let part = self.part()?;
            substitutions |= matches!(part, Part::Substitution { .. });
            parts.push(part);
        }
        if substitutions {
            return Ok(Some(self.pending(parts, place)));
        }
        concatenate(parts, place).map_err(|message| self.error(message))
    }

    fn part(&mut self) -> Parsed<Part> {
        let place = self.place();
        let node = match self.cursor.peek() {
            Some(b'{') => Node::Object(self.object()?),
            Some(b'[') => Node::Array(self.array()?),
            Some(b'"') => Node::Scalar {
                text: self.quoted()?,
                quoted: true,
            },
            Some(b'$') if self.cursor.rest().starts_with("${") => return self.substitution(),
            Some(b'=') => return Err(self.error("a value with = needs quotes")),
            _ => Node::Scalar {
                text: self.unquoted().to_owned(),
                quoted: false,
            },
        };
        Ok(Part::Literal(Value { node, place }))
    }

    /// Up to white space or a character with a meaning; at least one character.
    fn unquoted(&mut self) -> &'a str {
        let start = self.cursor.at;
        self.cursor.skip_unquoted(VALUE_ENDS);
        self.cursor.since(start)
    }

    pub(super) fn object(&mut self) -> Parsed<Object> {
        let opened = self.cursor.line;
        self.cursor.at += 1;
        self.fields(Some(opened))
    }

    fn array(&mut self) -> Parsed<Vec<Value>> {
        let opened = self.cursor.line;
        self.cursor.at += 1;
        // Counts as a level. And inside an array `${own path}` has no earlier value to mean.
        self.path.push("[]".to_owned());
        self.check_depth(self.path.len())?;
        let mut items = Vec::new();
        loop {
            self.cursor.skip_blank();
            match self.cursor.peek() {
                None => return Err(self.error(format!("the [ of line {opened} is not closed"))),
                Some(b']') => break,
                _ => {}
            }
            match self.value(InArray::Yes)? {
                Some(value) => items.push(value),
                None => return Err(self.error("a value is missing in an array")),
            }
            self.cursor.skip_spaces();
            match self.cursor.peek() {
                Some(b',') => self.cursor.at += 1,
                Some(b']' | b'\n') | None => {}
                Some(_) if self.cursor.at_comment() => {}
                Some(_) => return Err(self.error("a , or ] is missing in an array")),
            }
        }
        self.cursor.at += 1;
        self.path.pop();
        Ok(items)
    }

    fn substitution(&mut self) -> Parsed<Part> {
        let place = self.place();
        self.cursor.at += 2;
        let optional = self.cursor.peek() == Some(b'?');
        if optional {
            self.cursor.at += 1;
        }
        self.cursor.skip_spaces();
        let path = self.key()?;
        self.cursor.skip_spaces();
        if self.cursor.peek() != Some(b'}') {
            return Err(self.error("a ${ is not closed with }"));
        }
        self.cursor.at += 1;
        self.count_substitution()?;
        Ok(Part::Substitution { path, optional, place })
    }

    fn count_substitution(&mut self) -> Parsed<()> {
        self.reader.count_substitution().map_err(|message| self.error(message))
    }

    pub(super) fn quoted(&mut self) -> Parsed<String> {
        let rest = &self.cursor.rest();
        let (opening, read): (_, fn(&str) -> strings::Quoted) = if rest.starts_with("\"\"\"~") {
            (4, strings::indented)
        } else if rest.starts_with("\"\"\"") {
            (3, strings::triple)
        } else {
            (1, strings::single)
        };
        let (string, length) = read(&rest[opening..]).map_err(|message| self.error(message))?;
        self.cursor.advance(opening + length);
        Ok(string)
    }

    /// Whether the value goes on below: EMQX joins a string, array or object that follows one on
    /// a later line. A quoted string there that is a key starts the next field.
    fn continued(&mut self, last: Option<&Part>) -> Parsed<bool> {
        let opening = match last {
            Some(Part::Literal(value)) => match &value.node {
                Node::Scalar { quoted: true, .. } => b'"',
                Node::Array(_) => b'[',
                Node::Object(_) => b'{',
                _ => return Ok(false),
            },
            _ => return Ok(false),
        };
        let (at, line) = (self.cursor.at, self.cursor.line);
        self.cursor.skip_blank();
        let follows = self.cursor.peek() == Some(opening);
        let go_on = (self.cursor.at, self.cursor.line);
        let is_key = follows && opening == b'"' && {
            self.quoted()?;
            self.cursor.skip_spaces();
            matches!(self.cursor.peek(), Some(b'=' | b':' | b'.' | b'{' | b'+'))
        };
        (self.cursor.at, self.cursor.line) = if follows && !is_key { go_on } else { (at, line) };
        Ok(follows && !is_key)
    }

    /// A value may begin on the line after `=` only if it is a `{`, `[` or string; a bare word
    /// there is more likely the next key of a value that was forgotten.
    fn skip_blank_before_value(&mut self) {
        let (at, line) = (self.cursor.at, self.cursor.line);
        self.cursor.skip_blank();
        if self.cursor.line != line && !matches!(self.cursor.peek(), Some(b'{' | b'[' | b'"')) {
            (self.cursor.at, self.cursor.line) = (at, line);
        }
    }
}
