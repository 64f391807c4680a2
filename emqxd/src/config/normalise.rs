//! Brings older spellings of EMQX 5 to the present one, before keys are checked and read.

use super::hocon::{Node, Object, Value};

/// A key that has another name today, in the section above it; `*` is any one part.
const RENAMED: &[(&str, &str, &str)] = &[
    ("log", "console_handler", "console"),
    ("log", "file_handlers", "file"),
    ("listeners.*.*", "enabled", "enable"),
    ("listeners.*.*", "max_conn_rate_burst", "max_conn_burst"),
    ("listeners.*.*", "messages_rate_burst", "messages_burst"),
    ("listeners.*.*", "bytes_rate_burst", "bytes_burst"),
    ("force_shutdown", "max_message_queue_len", "max_mailbox_size"),
    ("mqtt", "keepalive_backoff", "keepalive_multiplier"),
];

/// The same below a file handler, once `log.file` has its names.
const RENAMED_IN_FILES: &[(&str, &str, &str)] = &[
    ("log.file.*", "file", "path"),
    ("log.file.*", "to", "path"),
    ("log.file.*", "max_size", "rotation_size"),
];

/// Renames older keys where the present one is not there as well.
pub(super) fn normalise(root: &mut Object) {
    if let Some(Node::Object(mqtt)) = root.get_mut("mqtt").map(|value| &mut value.node)
        && let Some(backoff) = mqtt.get_mut("keepalive_backoff")
    {
        double(backoff);
    }
    rename_all(root, RENAMED);
    name_the_log_file(root);
    rename_all(root, RENAMED_IN_FILES);
}

fn rename_all(root: &mut Object, renamed: &[(&str, &str, &str)]) {
    for (section, from, to) in renamed {
        let parts: Vec<&str> = section.split('.').collect();
        rename(root, &parts, from, to);
    }
}

/// Recursive as deep as the sections named above.
fn rename(fields: &mut Object, section: &[&str], from: &str, to: &str) {
    let Some((first, rest)) = section.split_first() else {
        if !fields.contains_key(to)
            && let Some(value) = fields.remove(from)
        {
            fields.insert(to.to_owned(), value);
        }
        return;
    };
    for (name, value) in fields.iter_mut() {
        if (*first == "*" || *first == name)
            && let Node::Object(fields) = &mut value.node
        {
            rename(fields, rest, from, to);
        }
    }
}

/// EMQX's `keepalive_backoff` counts in twice the keep alive.
fn double(value: &mut Value) {
    if let Node::Scalar { text, .. } = &mut value.node
        && let Ok(backoff) = text.parse::<f64>()
    {
        *text = (backoff * 2.0).to_string();
    }
}

/// `log.file { level = ... }` means `log.file.default { level = ... }`.
fn name_the_log_file(root: &mut Object) {
    let Some(Node::Object(log)) = root.get_mut("log").map(|value| &mut value.node) else {
        return;
    };
    let Some(file) = log.get_mut("file") else {
        return;
    };
    let place = file.place;
    let Node::Object(fields) = &mut file.node else {
        return;
    };
    let (named, own): (Object, Object) = std::mem::take(fields)
        .into_iter()
        .partition(|(_, value)| matches!(value.node, Node::Object(_)));
    *fields = named;
    if own.is_empty() {
        return;
    }
    let default = fields.entry("default".to_owned()).or_insert_with(|| Value {
        node: Node::Object(Object::new()),
        place,
    });
    if let Node::Object(default) = &mut default.node {
        for (name, value) in own {
            default.entry(name).or_insert(value);
        }
    }
}
