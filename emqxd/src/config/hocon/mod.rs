//! HOCON as EMQX writes it: text in, a tree of values with file and line out.
//!
//! Our own reader, because the configuration needs what parsers for the HOCON specification do
//! not give: a place for every value, EMQX's dialect (`emqx@127.0.0.1` without quotes, strings
//! continued on the next line, `"""~` blocks), EMQX 4 lines in between, and work that is bounded
//! whatever the file says. `read.rs` opens files, `parser.rs` reads one text, `resolve.rs` puts
//! in what `${path}` stands for. Scalars stay text: whoever reads a key knows its type.

mod cursor;
mod parser;
mod parser_values;
mod read;
mod resolve;
mod strings;

use std::collections::BTreeMap;

pub(super) use read::Reader;
pub(super) use resolve::resolve;

/// Deepest nesting, dotted keys included.
///
/// EMQX's deepest key has 8 levels. Everything here that walks a tree recursively relies on it.
pub(super) const DEPTH_MAX: usize = 64;

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index into the sources of the load: files in the order they were opened, then variables.
    pub(super) source: u16,
    /// Counted from 1; 0 where lines mean nothing.
    pub(super) line: u32,
}

/// The fields of `{ ... }`. A quoted key may hold dots, so a key is not a path.
pub(super) type Object = BTreeMap<String, Value>;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub(super) node: Node,
    pub(super) place: Place,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A number, a word or a string; `quoted` tells `"null"` from `null`.
    Scalar { text: String, quoted: bool },
    /// `[ ... ]`
    Array(Vec<Value>),
    /// `{ ... }`
    Object(Object),
    /// Holds a `${path}`; gone after [`resolve`].
    Pending(Box<Pending>),
}

/// A value that waits for what its substitutions stand for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pending {
    /// The key this is the value of: `${own_path}` means `base`, not itself.
    own_path: Vec<String>,
    /// The value the key had before.
    base: Option<Value>,
    /// What stands on the right of the `=`.
    parts: Vec<Part>,
    /// Fields written to the same key further down.
    overlay: Option<Value>,
}

/// One piece of a value that is written in several: `"a" ${b} [c]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// White space; part of the text between two strings.
    Space(String),
    /// A string, an array or an object.
    Literal(Value),
    /// `${path}`, or `${?path}` if optional.
    Substitution {
        path: Vec<String>,
        optional: bool,
        place: Place,
    },
}

impl Value {
    /// A scalar; `quoted` as if it stood in quotes.
    pub(super) fn scalar(text: impl Into<String>, quoted: bool, place: Place) -> Self {
        Self {
            node: Node::Scalar {
                text: text.into(),
                quoted,
            },
            place,
        }
    }

    /// What to call this value in a message.
    pub(super) fn describe(&self) -> String {
        match &self.node {
            Node::Scalar { text, .. } => format!("{:?}", shorten(text)),
            Node::Array(_) => "an array".to_owned(),
            Node::Object(_) | Node::Pending(_) => "a section { }".to_owned(),
        }
    }
}

/// The first 60 characters: a message shows enough of a value to recognise it.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Writes `value` to `path` below `object`, as a later line of the file does: objects are
/// merged, anything else is replaced. The caller keeps `path` within [`DEPTH_MAX`].
pub(super) fn assign(object: &mut Object, path: &[String], value: Value) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    // Built inside out, so that one rule for merging serves dotted keys as well.
    let mut value = value;
    let mut name = last;
    for parent in parents.iter().rev() {
        let place = value.place;
        let node = Node::Object(Object::from([(name.clone(), value)]));
        value = Value { node, place };
        name = parent;
    }
    put(object, name.clone(), value);
}

/// Writes one field, merging with what is there.
fn put(object: &mut Object, name: String, value: Value) {
    let merged = match object.remove(&name) {
        Some(before) => merge(before, value),
        None => value,
    };
    object.insert(name, merged);
}

/// Adds the fields of `after` to `before`.
pub(super) fn merge_objects(before: &mut Object, after: Object) {
    for (name, value) in after {
        put(before, name, value);
    }
}

/// What a key holds that is first set to `before`, then to `after`.
///
/// Recursive, at most [`DEPTH_MAX`] deep.
fn merge(before: Value, after: Value) -> Value {
    let Value { node, place } = after;
    match (before.node, node) {
        (Node::Object(mut fields), Node::Object(more)) => {
            merge_objects(&mut fields, more);
            Value {
                node: Node::Object(fields),
                place: before.place,
            }
        }
        (Node::Pending(mut pending), Node::Object(more)) => {
            let more = Value {
                node: Node::Object(more),
                place,
            };
            pending.overlay = Some(match pending.overlay.take() {
                Some(overlay) => merge(overlay, more),
                None => more,
            });
            Value {
                node: Node::Pending(pending),
                place: before.place,
            }
        }
        (node, Node::Pending(mut pending)) => {
            let earlier = Value {
                node,
                place: before.place,
            };
            pending.base = Some(match pending.base.take() {
                Some(base) => merge(earlier, base),
                None => earlier,
            });
            Value {
                node: Node::Pending(pending),
                place,
            }
        }
        (_, node) => Value { node, place },
    }
}

/// The value under `path`, if every step on the way is an object.
pub(super) fn lookup<'a>(object: &'a Object, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let mut value = object.get(*first)?;
    for step in rest {
        let Node::Object(fields) = &value.node else {
            return None;
        };
        value = fields.get(*step)?;
    }
    Some(value)
}

/// Joins the parts of one value: strings to a string, arrays to an array, objects to an object.
///
/// `None` if nothing is there. `Err` names what does not go together.
fn concatenate(parts: Vec<Part>, place: Place) -> Result<Option<Value>, String> {
    let mut whole: Option<Value> = None;
    let mut space = String::new();
    for part in parts {
        let next = match part {
            Part::Space(text) => {
                space = text;
                continue;
            }
            Part::Literal(value) => value,
            Part::Substitution { path, .. } => {
                return Err(format!("${{{}}} has no value here", path.join(".")));
            }
        };
        whole = Some(match whole {
            None => next,
            Some(before) => join(before, &space, next, place)?,
        });
        space.clear();
    }
    Ok(whole)
}

fn join(before: Value, space: &str, after: Value, place: Place) -> Result<Value, String> {
    match (before.node, after.node) {
        (Node::Scalar { mut text, .. }, Node::Scalar { text: more, .. }) => {
            text.push_str(space);
            text.push_str(&more);
            Ok(Value::scalar(text, true, place))
        }
        (Node::Array(mut items), Node::Array(more)) => {
            items.extend(more);
            Ok(Value {
                node: Node::Array(items),
                place,
            })
        }
        (Node::Object(mut fields), Node::Object(more)) => {
            merge_objects(&mut fields, more);
            Ok(Value {
                node: Node::Object(fields),
                place,
            })
        }
        _ => Err("a string, an array and an object cannot be joined to one value".to_owned()),
    }
}

#[cfg(test)]
mod tests;
