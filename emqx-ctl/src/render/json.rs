//! JSON: an envelope with schema and node around one object or a list, or a bare object a line.

use serde_json::{Map, Value};

use super::Field;
use super::escape::is_dangerous;

/// The object that the fields of a record make.
pub fn object<R>(fields: &[Field<R>], record: &R) -> Value {
    let pairs = fields.iter().map(|(name, value)| ((*name).to_owned(), value(record)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// `{"schema":…,"node":…,"data":{…}}` and a line end.
pub fn document(schema: &str, node: &str, data: &Value) -> String {
    format!("{}{}}}\n", head(schema, node), text(data))
}

/// All that precedes the first row of a list; `]}` ends it.
pub fn list_head(schema: &str, node: &str) -> String {
    head(schema, node) + "["
}

fn head(schema: &str, node: &str) -> String {
    let schema = text(&Value::from(format!("emqx-ctl/{schema}/1")));
    let node = text(&Value::from(node));
    format!("{{\"schema\":{schema},\"node\":{node},\"data\":")
}

/// A value on one line, pure ASCII where a character could steer a terminal.
pub fn text(value: &Value) -> String {
    let plain = value.to_string();
    if !plain.chars().any(is_dangerous) {
        return plain;
    }
    // They can only stand inside of strings, where an escape means the same.
    let mut safe = String::with_capacity(plain.len() + 16);
    for c in plain.chars() {
        if is_dangerous(c) {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_the_same_after_its_dangerous_characters_are_escaped() {
        let value = json!({"id": "a\u{202e}b\u{9b}c\x1b\n\u{7f}\"\\"});
        let text = text(&value);
        assert!(!text.chars().any(is_dangerous), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
