//! Reads one HOCON text into an [`Object`]: files, fields, keys and includes. Values are read in
//! `parser_values.rs`.
//!
//! Called by `read.rs`, which it asks back for `include`s and hands EMQX 4 lines to. Recursive
//! over nesting, at most [`DEPTH_MAX`] levels; every other loop goes forward in the text.

use super::cursor::Cursor;
use super::parser_values::InArray;
use super::read::{ReadScope, Reader};
use super::{DEPTH_MAX, Object, Place, Value, assign};

/// The text cannot be read on from here.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) line: u32,
    pub(super) message: String,
}

pub(super) type Parsed<T> = Result<T, SyntaxError>;

/// Characters that end an unquoted part of a key.
const KEY_ENDS: &[u8] = b",{}[]\"#=:.+$\\\n \t\r\x0c";

/// Reads one text.
pub(super) struct Parser<'a> {
    pub(super) cursor: Cursor<'a>,
    scope: ReadScope,
    pub(super) reader: &'a mut Reader,
    /// The keys and array levels around the current position.
    pub(super) path: Vec<String>,
}

impl<'a> Parser<'a> {
    /// For a text that stands at `path` in the tree.
    pub(super) fn new(text: &'a str, scope: ReadScope, path: Vec<String>, reader: &'a mut Reader) -> Self {
        let cursor = Cursor::new(text);
        Self {
            cursor,
            scope,
            reader,
            path,
        }
    }

    /// A whole file: fields, with or without `{ }` around them.
    pub(super) fn file(mut self) -> Parsed<Object> {
        self.cursor.skip_blank();
        if self.cursor.peek() == Some(b'[') {
            return Err(self.error("a configuration file holds `key = value` lines, not an array"));
        }
        if self.cursor.peek() != Some(b'{') {
            return self.fields(None);
        }
        let object = self.object()?;
        self.cursor.skip_blank();
        match self.cursor.peek() {
            None => Ok(object),
            Some(_) => Err(self.error("text after the closing }")),
        }
    }

    /// A single value, as in an environment variable.
    pub(super) fn lone_value(mut self) -> Parsed<Option<Value>> {
        self.cursor.skip_blank();
        let value = self.value(InArray::No)?;
        self.cursor.skip_blank();
        match self.cursor.peek() {
            None => Ok(value),
            Some(_) => Err(self.error("text after the value")),
        }
    }

    /// Fields up to the end of the text, or up to the `}` that belongs to the `{` on line `opened`.
    pub(super) fn fields(&mut self, opened: Option<u32>) -> Parsed<Object> {
        let mut object = Object::new();
        loop {
            self.cursor.skip_blank();
            match (self.cursor.peek(), opened) {
                (None, None) => return Ok(object),
                (None, Some(line)) => {
                    return Err(self.error(format!("the {{ of line {line} is not closed")));
                }
                (Some(b'}'), Some(_)) => {
                    self.cursor.at += 1;
                    return Ok(object);
                }
                (Some(b'}'), None) => return Err(self.error("a } that closes nothing")),
                _ => {}
            }
            if !self.include(&mut object)? {
                self.field(&mut object, opened.is_none())?;
            }
            self.end_of_field()?;
        }
    }

    /// A new line or a comma; the end and `}` are left to the caller.
    fn end_of_field(&mut self) -> Parsed<()> {
        self.cursor.skip_spaces();
        match self.cursor.peek() {
            None | Some(b'}' | b'\n') => Ok(()),
            Some(b',') => {
                self.cursor.at += 1;
                Ok(())
            }
            _ if self.cursor.at_comment() => Ok(()),
            Some(_) => Err(self.error("a new line or a comma is missing here")),
        }
    }

    fn field(&mut self, object: &mut Object, at_root: bool) -> Parsed<()> {
        let place = self.place();
        let key = self.key()?;
        self.cursor.skip_spaces();
        let depth_before = self.path.len();
        let operator = self.cursor.peek();
        if at_root && operator == Some(b'=') && depth_before == 0 {
            let rest = self.cursor.rest_of_line(self.cursor.at + 1);
            if self.reader.take_v4_line(&key, rest, place, object) {
                self.cursor.at = self.cursor.line_end(self.cursor.at);
                return Ok(());
            }
        }
        self.check_depth(depth_before + key.len())?;
        self.path.extend(key.iter().cloned());
        let value = match operator {
            Some(b'=' | b':') => {
                self.cursor.at += 1;
                self.value_after_operator(&key)?
            }
            Some(b'+') if self.cursor.rest().starts_with("+=") => {
                self.cursor.at += 2;
                self.appended()?
            }
            Some(b'{') => self.value_after_operator(&key)?,
            _ => {
                let key = key.join(".");
                return Err(self.error(format!("`{key}` is not followed by = and a value")));
            }
        };
        self.path.truncate(depth_before);
        assign(object, &key, value);
        Ok(())
    }

    pub(super) fn check_depth(&self, depth: usize) -> Parsed<()> {
        if depth > DEPTH_MAX {
            return Err(self.error(format!("nested deeper than {DEPTH_MAX} levels")));
        }
        Ok(())
    }

    /// Dotted parts, each quoted or not.
    pub(super) fn key(&mut self) -> Parsed<Vec<String>> {
        let mut parts = Vec::new();
        loop {
            let mut part = String::new();
            let start = self.cursor.at;
            loop {
                if self.cursor.peek() == Some(b'"') {
                    part.push_str(&self.quoted()?);
                    continue;
                }
                let run = self.cursor.run(KEY_ENDS);
                part.push_str(run);
                if run.is_empty() {
                    break;
                }
            }
            if self.cursor.at == start {
                return Err(self.error("a key is expected here"));
            }
            parts.push(part);
            if parts.len() > DEPTH_MAX {
                return Err(self.error(format!("a key of more than {DEPTH_MAX} parts")));
            }
            if self.cursor.peek() != Some(b'.') {
                return Ok(parts);
            }
            self.cursor.at += 1;
        }
    }

    /// `include "file"`, `include required("file")`; `false` if something else stands here.
    fn include(&mut self, object: &mut Object) -> Parsed<bool> {
        let Some(rest) = self.cursor.rest().strip_prefix("include") else {
            return Ok(false);
        };
        let argument = rest.trim_start_matches([' ', '\t']);
        let required = argument.starts_with("required(");
        if argument.len() == rest.len() {
            return Ok(false);
        }
        for refused in ["url(", "file(", "classpath(", "package("] {
            if argument.starts_with(refused) {
                let what = refused.trim_end_matches('(');
                return Err(self.error(format!("include {what}() is not supported")));
            }
        }
        if !required && !argument.starts_with('"') {
            return Ok(false);
        }
        self.cursor.move_to(argument);
        if required {
            self.cursor.at += "required(".len();
            self.cursor.skip_spaces();
        }
        let place = self.place();
        if self.cursor.peek() != Some(b'"') {
            return Err(self.error("include needs a file name in quotes"));
        }
        let name = self.quoted()?;
        if required {
            self.cursor.skip_spaces();
            if self.cursor.peek() != Some(b')') {
                return Err(self.error("a ) is missing after include required("));
            }
            self.cursor.at += 1;
        }
        self.reader
            .include(&name, required, &self.scope, &self.path, place, object)
            .map_err(|message| self.error(message))?;
        Ok(true)
    }

    pub(super) fn place(&self) -> Place {
        Place {
            source: self.scope.source,
            line: self.cursor.line,
        }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError {
            line: self.cursor.line,
            message: message.into(),
        }
    }
}
