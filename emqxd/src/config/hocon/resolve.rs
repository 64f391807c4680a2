//! Puts in what `${path}` and `+=` stand for.
//!
//! Pass by pass: whatever refers only to finished values becomes finished itself, until nothing
//! is left or nothing moves any more, which is a circle. What is put in is counted beforehand, so
//! thirty lines of `a1 = ${a0}${a0}` are refused and not carried out.

use super::{DEPTH_MAX, Node, Object, Part, Pending, Place, Value, concatenate, merge};

/// What all substitutions together may add, in bytes and [`NODE_WEIGHT`]s.
///
/// As much as a file may have: a configuration that doubles itself is not one an operator wrote.
const ADDED_MAX: usize = 1024 * 1024;
/// What a value counts beside its text, so that empty arrays are not free.
const NODE_WEIGHT: usize = 16;

/// Why a value could not be finished.
#[derive(Debug)]
pub struct ResolveError {
    pub(in super::super) place: Place,
    pub(in super::super) message: String,
}

/// What became of one pending value.
enum Outcome {
    /// It refers to a value that is pending itself.
    Waits,
    /// `None` if every part was optional and not there.
    Finished(Option<Value>),
}

/// Finishes every pending value below `root`.
///
/// # Errors
/// The first value that refers to nothing, to itself, or grows beyond the bounds.
pub(in super::super) fn resolve(root: &mut Object) -> Result<(), ResolveError> {
    let mut added = 0;
    loop {
        let mut pending = Vec::new();
        collect_pending(root, &mut Vec::new(), &mut pending);
        let Some((first, _)) = pending.first().cloned() else {
            return Ok(());
        };
        let mut progress = false;
        for (place, path) in pending {
            let Some(value) = at_mut(root, &path) else {
                continue;
            };
            let value = value.clone();
            let mut resolver = Resolver {
                root,
                added: &mut added,
                depth: path.len(),
                place,
            };
            match resolver.finish(&value)? {
                Outcome::Waits => {}
                Outcome::Finished(value) => {
                    replace(root, &path, value);
                    progress = true;
                }
            }
        }
        if !progress {
            return Err(ResolveError {
                place: first,
                message: "a ${ } here refers to itself in a circle".to_owned(),
            });
        }
    }
}

/// One step from a value to a value inside it.
#[derive(Debug, Clone)]
enum Step {
    Field(String),
    Item(usize),
}

/// Where the pending values are, deepest last; arrays back to front, so that removing an item
/// moves none that comes later in the list.
fn collect_pending(object: &Object, path: &mut Vec<Step>, found: &mut Vec<(Place, Vec<Step>)>) {
    for (name, value) in object {
        path.push(Step::Field(name.clone()));
        collect_in_value(value, path, found);
        path.pop();
    }
}

fn collect_in_value(value: &Value, path: &mut Vec<Step>, found: &mut Vec<(Place, Vec<Step>)>) {
    match &value.node {
        Node::Scalar { .. } => {}
        Node::Pending(_) => found.push((value.place, path.clone())),
        Node::Object(fields) => collect_pending(fields, path, found),
        Node::Array(items) => {
            for (index, item) in items.iter().enumerate().rev() {
                path.push(Step::Item(index));
                collect_in_value(item, path, found);
                path.pop();
            }
        }
    }
}

fn at_mut<'a>(root: &'a mut Object, path: &[Step]) -> Option<&'a mut Value> {
    let (first, rest) = path.split_first()?;
    let Step::Field(name) = first else {
        return None;
    };
    let mut value = root.get_mut(name)?;
    for step in rest {
        value = match (step, &mut value.node) {
            (Step::Field(name), Node::Object(fields)) => fields.get_mut(name)?,
            (Step::Item(index), Node::Array(items)) => items.get_mut(*index)?,
            _ => return None,
        };
    }
    Some(value)
}

fn replace(root: &mut Object, path: &[Step], value: Option<Value>) {
    if let Some(value) = value {
        if let Some(slot) = at_mut(root, path) {
            *slot = value;
        }
        return;
    }
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    let parent = at_mut(root, parents).map(|value| &mut value.node);
    match (last, parent) {
        (Step::Field(name), None) => {
            root.remove(name);
        }
        (Step::Field(name), Some(Node::Object(fields))) => {
            fields.remove(name);
        }
        (Step::Item(index), Some(Node::Array(items))) if *index < items.len() => {
            items.remove(*index);
        }
        _ => {}
    }
}

struct Resolver<'a> {
    root: &'a Object,
    added: &'a mut usize,
    /// Levels above the value being finished.
    depth: usize,
    place: Place,
}

/// What `${path}` stands for at the moment.
enum Target {
    Missing,
    Waits,
    Value(Value),
}

impl Resolver<'_> {
    /// Recursive over nesting, at most [`DEPTH_MAX`] levels and as many `base`s as the file has
    /// substitutions, which the reader bounds.
    fn finish(&mut self, value: &Value) -> Result<Outcome, ResolveError> {
        let node = match &value.node {
            Node::Scalar { .. } => return Ok(Outcome::Finished(Some(value.clone()))),
            Node::Pending(pending) => return self.finish_pending(pending, value.place),
            Node::Array(items) => {
                let mut finished = Vec::with_capacity(items.len());
                for item in items {
                    match self.finish(item)? {
                        Outcome::Waits => return Ok(Outcome::Waits),
                        Outcome::Finished(item) => finished.extend(item),
                    }
                }
                Node::Array(finished)
            }
            Node::Object(fields) => {
                let mut finished = Object::new();
                for (name, field) in fields {
                    match self.finish(field)? {
                        Outcome::Waits => return Ok(Outcome::Waits),
                        Outcome::Finished(None) => {}
                        Outcome::Finished(Some(field)) => {
                            finished.insert(name.clone(), field);
                        }
                    }
                }
                Node::Object(finished)
            }
        };
        let place = value.place;
        Ok(Outcome::Finished(Some(Value { node, place })))
    }

    fn finish_pending(&mut self, pending: &Pending, place: Place) -> Result<Outcome, ResolveError> {
        let base = match &pending.base {
            None => None,
            Some(base) => match self.finish(base)? {
                Outcome::Waits => return Ok(Outcome::Waits),
                Outcome::Finished(base) => base,
            },
        };
        let mut parts = Vec::with_capacity(pending.parts.len());
        for part in &pending.parts {
            match part {
                Part::Space(text) => parts.push(Part::Space(text.clone())),
                Part::Literal(value) => match self.finish(value)? {
                    Outcome::Waits => return Ok(Outcome::Waits),
                    Outcome::Finished(value) => parts.extend(value.map(Part::Literal)),
                },
                Part::Substitution { path, optional, place } => {
                    self.place = *place;
                    match self.target(path, &pending.own_path, base.as_ref())? {
                        Target::Waits => return Ok(Outcome::Waits),
                        Target::Value(value) => parts.push(Part::Literal(value)),
                        Target::Missing if *optional => {}
                        Target::Missing => {
                            let path = path.join(".");
                            return Err(self.error(format!("${{{path}}} is not set in the file")));
                        }
                    }
                }
            }
        }
        let value = concatenate(parts, place).map_err(|message| self.error(message))?;
        let mut whole = match (base, value) {
            (Some(base), Some(value)) => Some(merge(base, value)),
            (base, value) => value.or(base),
        };
        if let Some(overlay) = &pending.overlay {
            let overlay = match self.finish(overlay)? {
                Outcome::Waits => return Ok(Outcome::Waits),
                Outcome::Finished(overlay) => overlay,
            };
            whole = match (whole, overlay) {
                (Some(whole), Some(overlay)) => Some(merge(whole, overlay)),
                (whole, overlay) => overlay.or(whole),
            };
        }
        if let Some(whole) = &whole
            && self.depth + depth(whole) > DEPTH_MAX
        {
            return Err(self.error(format!("nested deeper than {DEPTH_MAX} levels")));
        }
        Ok(Outcome::Finished(whole))
    }

    /// Looks `path` up, in the key's earlier value if the key refers to itself.
    fn target(&mut self, path: &[String], own_path: &[String], base: Option<&Value>) -> Result<Target, ResolveError> {
        let (mut value, rest) = match path.strip_prefix(own_path) {
            Some(rest) if !own_path.is_empty() => (base, rest),
            _ => match path.split_first() {
                Some((first, rest)) => (self.root.get(first), rest),
                None => (None, path),
            },
        };
        for step in rest {
            value = match value.map(|value| &value.node) {
                Some(Node::Object(fields)) => fields.get(step),
                Some(Node::Pending(_)) => return Ok(Target::Waits),
                _ => None,
            };
        }
        let Some(value) = value else {
            return Ok(Target::Missing);
        };
        if is_pending(value) {
            return Ok(Target::Waits);
        }
        *self.added += weight(value);
        if *self.added > ADDED_MAX {
            return Err(self.error("the ${ } of this file add more than 1 MiB"));
        }
        Ok(Target::Value(value.clone()))
    }

    fn error(&self, message: impl Into<String>) -> ResolveError {
        ResolveError {
            place: self.place,
            message: message.into(),
        }
    }
}

/// Whether anything in `value` still waits.
pub(super) fn is_pending(value: &Value) -> bool {
    match &value.node {
        Node::Scalar { .. } => false,
        Node::Pending(_) => true,
        Node::Array(items) => items.iter().any(is_pending),
        Node::Object(fields) => fields.values().any(is_pending),
    }
}

fn depth(value: &Value) -> usize {
    match &value.node {
        Node::Scalar { .. } | Node::Pending(_) => 0,
        Node::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Node::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
    }
}

fn weight(value: &Value) -> usize {
    NODE_WEIGHT
        + match &value.node {
            Node::Scalar { text, .. } => text.len(),
            Node::Pending(_) => 0,
            Node::Array(items) => items.iter().map(weight).sum(),
            Node::Object(fields) => fields.iter().map(|(name, value)| name.len() + weight(value)).sum(),
        }
}
