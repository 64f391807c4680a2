//! EMQX 4 (and 3) configuration: `key = rest of line`, brought to EMQX 5's keys.
//!
//! A file in that form is read line by line ([`read_lines`]); a few such lines between HOCON are
//! taken one at a time ([`take_line`]). Each converted key leaves one warning that names the key
//! to write today. What the keys become stands in `keys.rs`.

mod keys;

use super::hocon::{Node, Object, Place, Reader, Value, assign};
use super::schema;
use keys::Converted;
#[cfg(test)]
pub(crate) use keys::old_names;

/// Keys that say one thing together and are written out once the file is read.
#[derive(Debug, Default)]
pub(super) struct V4Keys {
    /// `log.to`
    log_to: Option<(LogTo, Place)>,
    /// `log.level`
    log_level: Option<(String, Place)>,
    log_dir: Option<(String, Place)>,
    log_file: Option<(String, Place)>,
    /// Rates of the zone: the key of a listener, the value.
    zone_rates: Vec<(&'static str, String, Place)>,
}

/// Rates of one file that are kept; a zone has two.
const ZONE_RATES_MAX: usize = 16;

/// `log.to = console | file | both`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LogTo {
    Console,
    File,
    Both,
}

impl LogTo {
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "console" => Some(Self::Console),
            "file" => Some(Self::File),
            "both" => Some(Self::Both),
            _ => None,
        }
    }
}

/// Whether `text` is an EMQX 4 file: one of its keys is there and no line needs HOCON.
pub(super) fn is_v4_file(text: &str) -> bool {
    let mut found = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('}') || line.ends_with(['{', '[', '}', ',']) || line.contains("\"\"\"") {
            return false;
        }
        if let Some((key, value)) = line.split_once('=') {
            found |= keys::is_v4_key(key.trim(), value.trim());
        }
    }
    found
}

/// Reads a whole EMQX 4 file into `root`.
pub(super) fn read_lines(text: &str, source: u16, reader: &mut Reader, root: &mut Object) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (line, number) in text.lines().zip(1..) {
        let place = Place { source, line: number };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            let message = "expected `key = value`".to_owned();
            reader.problems.syntax(place, message);
            return;
        };
        let (key, value) = (key.trim(), value.trim());
        if take_line(key, value, place, reader, root) {
            continue;
        }
        // A key that EMQX 5 has as well.
        let value = match value.starts_with(['[', '{', '"']) {
            true => reader.read_variable(value, source),
            false => None,
        }
        .unwrap_or_else(|| Value::scalar(value, true, place));
        set(root, key, Value { place, ..value });
    }
}

/// Takes one line if its key is EMQX 4's alone; `false` leaves it to the caller.
pub(super) fn take_line(key: &str, rest: &str, place: Place, reader: &mut Reader, root: &mut Object) -> bool {
    let value = plain_value(rest);
    if !keys::is_v4_key(key, rest.trim()) {
        return false;
    }
    if take_log_key(key, value, place, reader) || take_zone_rate(key, value, place, reader) {
        return true;
    }
    let converted = match keys::convert(key, value) {
        Ok(converted) => converted,
        Err(expected) => {
            let message = format!("expected {expected}, found {value:?}");
            reader.problems.value(place, key, message, None);
            return true;
        }
    };
    if converted.is_empty() {
        let message = format!(
            "`{key}` is a key of EMQX 4 without effect here{}",
            keys::why_nothing(key, value)
        );
        reader.problems.warn(Some(place), message);
        return true;
    }
    let mut names = Vec::new();
    for Converted { key, value } in converted {
        names.push(format!("`{key}`"));
        match value {
            keys::ConvertedValue::One(text) => {
                set(root, &key, Value::scalar(text, true, place));
            }
            keys::ConvertedValue::List(texts) => set(root, &key, list(texts, place)),
            keys::ConvertedValue::Append(text) => append(root, &key, text, place),
            keys::ConvertedValue::FileSource(path) => set(root, &key, file_source(&path, place)),
            keys::ConvertedValue::Nothing => set(root, &key, list(Vec::new(), place)),
        }
    }
    let names = names.join(" and ");
    let message = format!("`{key}` is a key of EMQX 4, read as {names}");
    reader.problems.warn(Some(place), message);
    true
}

fn take_log_key(key: &str, value: &str, place: Place, reader: &mut Reader) -> bool {
    let read_as = match key {
        "log.to" => {
            let Some(to) = LogTo::from_word(value) else {
                let message = format!("expected one of console, file, both, found {value:?}");
                reader.problems.value(place, key, message, None);
                return true;
            };
            reader.v4.log_to = Some((to, place));
            "`log.console.enable` and `log.file.default.enable`"
        }
        "log.level" => {
            reader.v4.log_level = Some((value.to_owned(), place));
            "`log.console.level` and `log.file.default.level`"
        }
        "log.dir" => {
            reader.v4.log_dir = Some((value.to_owned(), place));
            "the folder of `log.file.default.path`"
        }
        "log.file" => {
            reader.v4.log_file = Some((value.to_owned(), place));
            "the name in `log.file.default.path`"
        }
        _ => return false,
    };
    let message = format!("`{key}` is a key of EMQX 4, read as {read_as}");
    reader.problems.warn(Some(place), message);
    true
}

/// A rate of the zone is for all listeners, of which the file may name more further down.
fn take_zone_rate(key: &str, value: &str, place: Place, reader: &mut Reader) -> bool {
    let Some(rate) = keys::zone_rate(key) else {
        return false;
    };
    if reader.v4.zone_rates.len() < ZONE_RATES_MAX {
        reader.v4.zone_rates.push((rate, value.to_owned(), place));
    }
    let message = format!("`{key}` is a key of EMQX 4, read as `{rate}` of the listeners named default");
    reader.problems.warn(Some(place), message);
    true
}

impl V4Keys {
    /// Writes the keys that were held back.
    pub(super) fn finish(&mut self, root: &mut Object) {
        for (rate, value, place) in self.zone_rates.drain(..) {
            for kind in ["tcp", "ssl", "ws", "wss"] {
                let is_there = |path: &[&str]| super::hocon::lookup(root, path).is_some();
                let is_set = is_there(&["listeners", kind, "default", rate]);
                // Those are there without being named.
                let is_wanted = matches!(kind, "tcp" | "ws") || is_there(&["listeners", kind, "default"]);
                if is_wanted && !is_set {
                    let key = format!("listeners.{kind}.default.{rate}");
                    set(root, &key, Value::scalar(value.as_str(), true, place));
                }
            }
        }
        if let Some((level, place)) = self.log_level.take() {
            let level = Value::scalar(level, true, place);
            if matches!(self.log_to, Some((LogTo::File | LogTo::Both, _))) {
                set(root, "log.file.default.level", level.clone());
            }
            set(root, "log.console.level", level);
        }
        let to_file = matches!(self.log_to, Some((LogTo::File | LogTo::Both, _)));
        if let Some((_, place)) = self.log_file.as_ref().or(self.log_dir.as_ref())
            && to_file
        {
            let folder = self.log_dir.as_ref().map(|(text, _)| text.as_str());
            let folder = folder.unwrap_or("${EMQX_LOG_DIR}").trim_end_matches('/');
            let name = self.log_file.as_ref().map(|(text, _)| text.as_str());
            let path = format!("{folder}/{}", name.unwrap_or("emqx.log"));
            set(root, "log.file.default.path", Value::scalar(path, true, *place));
        }
        if let Some((to, place)) = self.log_to.take() {
            log_to(root, to, place);
        }
    }
}

/// Switches the console and the default file on and off.
pub(super) fn log_to(root: &mut Object, to: LogTo, place: Place) {
    for (key, on) in [
        ("log.console.enable", to != LogTo::File),
        ("log.file.default.enable", to != LogTo::Console),
    ] {
        set(root, key, Value::scalar(on.to_string(), true, place));
    }
}

/// Writes a dotted key.
pub(super) fn set(root: &mut Object, key: &str, value: Value) {
    let path: Vec<String> = key
        .split('.')
        .take(super::hocon::DEPTH_MAX)
        .map(str::to_owned)
        .collect();
    assign(root, &path, value);
}

fn list(texts: Vec<String>, place: Place) -> Value {
    let items = texts.into_iter().map(|text| Value::scalar(text, true, place)).collect();
    Value {
        node: Node::Array(items),
        place,
    }
}

/// `[{ type = file, enable = true, path = .. }]`
fn file_source(path: &str, place: Place) -> Value {
    let mut source = Object::new();
    for (key, value) in [("type", "file"), ("enable", "true"), ("path", path)] {
        set(&mut source, key, Value::scalar(value, true, place));
    }
    Value {
        node: Node::Array(vec![Value {
            node: Node::Object(source),
            place,
        }]),
        place,
    }
}

fn append(root: &mut Object, key: &str, text: String, place: Place) {
    let path: Vec<&str> = key.split('.').collect();
    let before = super::hocon::lookup(root, &path).map(|value| &value.node);
    let mut value = list(vec![text], place);
    if let (Some(Node::Array(before)), Node::Array(items)) = (before, &mut value.node) {
        items.splice(0..0, before.iter().cloned());
    }
    set(root, key, value);
}

/// The rest of a line without quotes around it and without a comment behind it.
fn plain_value(rest: &str) -> &str {
    let rest = match rest.find(" #") {
        Some(end) if !rest.trim_start().starts_with('"') => &rest[..end],
        _ => rest,
    };
    let rest = rest.trim();
    rest.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(rest)
}

/// Whether EMQX 5 has this key too.
fn is_present_key(key: &str) -> bool {
    schema::find(key).is_some()
}
