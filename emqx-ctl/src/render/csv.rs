//! CSV: a header, then a line for each record, quoted where RFC 4180 asks for it, lines ended by
//! a line feed. Lists and objects inside of a record become `name=count;…`.

use serde_json::Value;

use super::Field;
use super::escape::escape;

/// The names of the fields.
pub fn header<R>(fields: &[Field<R>]) -> String {
    line(fields.iter().map(|(name, _)| (*name).to_owned()))
}

/// The values of one record.
pub fn row<R>(fields: &[Field<R>], record: &R) -> String {
    line(fields.iter().map(|(_, value)| plain(&value(record))))
}

/// A value as text without JSON's quotes; absent values are empty.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => escape(text).into_owned(),
        // Nested deeper than one level is not flattened any further: it stays JSON.
        Value::Object(pairs) => pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", scalar(value)))
            .collect::<Vec<_>>()
            .join(";"),
        Value::Array(values) => values.iter().map(scalar).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text).into_owned(),
        other => super::json::text(other),
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.map(quoted).collect();
    cells.join(",") + "\n"
}

fn quoted(cell: String) -> String {
    if cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_quoted_only_where_they_must_be() {
        let cells = ["plain", "a,b", "say \"hi\"", " edge", ""].map(String::from);
        assert_eq!(line(cells.into_iter()), "plain,\"a,b\",\"say \"\"hi\"\"\",\" edge\",\n");
    }

    #[test]
    fn nested_values_fit_into_one_cell() {
        assert_eq!(plain(&json!({"a": 1, "b": 2})), "a=1;b=2");
        assert_eq!(plain(&json!(null)), "");
        assert_eq!(plain(&json!("two\nlines")), "two\\nlines");
        assert_eq!(plain(&json!([1, "x"])), "1;x");
    }
}
