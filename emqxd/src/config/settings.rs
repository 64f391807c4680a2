//! All settings in force as text: key, value, where it comes from; for `conf show`, `conf diff` and `conf reload`.
//!
//! [`collect`] goes over the tree of a load once it is checked, and adds the defaults of what nobody has set. Values
//! are as one would write them in the file. A secret is shown as `"******"`, and compared by what it really is.

use std::collections::BTreeMap;
use std::fmt;

use super::Config;
use super::check::is_null;
use super::hocon::{Node, Object, Value};
use super::problems::{Origin, Problems};
use super::schema::{Effect, find, schema};

/// What is shown in place of a secret.
pub const HIDDEN: &str = "******";

/// All settings, by dotted key.
pub type Settings = BTreeMap<String, Setting>;

/// The value of one key.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// As one would write it; secrets are hidden.
    pub shown: String,
    /// The same with its secrets.
    real: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether this version acts on it.
    pub has_effect: bool,
}

impl Setting {
    /// A sum of what is set, secrets too: the same on all nodes that have the same set.
    pub fn sum(&self) -> u32 {
        crc32fast::hash(self.real.as_bytes())
    }

    /// Whether both say the same, wherever they come from.
    pub fn is_same(&self, other: &Self) -> bool {
        self.real == other.real
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.shown, self.origin)
    }
}

/// The settings of a tree that was checked, over the defaults.
pub(super) fn collect(root: &Object, config: &Config, problems: &Problems) -> Settings {
    let mut settings = Settings::new();
    walk(root, "", problems, &mut settings);
    for doc in schema() {
        if doc.effect != Effect::Acts || (doc.default.is_empty() && !doc.key.ends_with(".bind")) {
            continue;
        }
        for (key, default) in expand(doc.key, doc.default, config) {
            settings.entry(key).or_insert_with_key(|key| Setting {
                shown: if is_secret(key) {
                    scalar(HIDDEN)
                } else {
                    default.clone()
                },
                real: default,
                origin: Origin::Default,
                has_effect: true,
            });
        }
    }
    settings
}

/// Puts other defaults in the place of the usual ones.
pub(super) fn show_defaults(settings: &mut Settings, defaults: Vec<(String, String)>) {
    for (key, value) in defaults {
        let real = scalar(&value);
        match settings.get_mut(&key) {
            Some(setting) if setting.origin == Origin::Default => {
                setting.shown.clone_from(&real);
                setting.real = real;
            }
            _ => {}
        }
    }
}

/// The key for each listener or log file there is, if it is about those.
fn expand(key: &str, default: &str, config: &Config) -> Vec<(String, String)> {
    if let Some(rest) = key.strip_prefix("listeners.<type>.<name>.") {
        let of_listener = |listener: &super::ListenerConfig| {
            let default = if rest == "bind" { &listener.listen_on } else { default };
            let key = format!("listeners.{}.{}.{rest}", listener.kind, listener.name);
            (key, scalar(default))
        };
        let websocket_only = rest.starts_with("websocket.");
        let listeners = config.listeners.iter();
        let concerned = listeners.filter(|listener| !websocket_only || listener.kind.is_websocket());
        return concerned.map(of_listener).collect();
    }
    let default = if default.starts_with(['[', '"']) {
        default.to_owned()
    } else {
        scalar(default)
    };
    if let Some(rest) = key.strip_prefix("log.file.<name>.") {
        let files = config.log.files.iter();
        return files
            .map(|file| (format!("log.file.{}.{rest}", file.name), default.clone()))
            .collect();
    }
    vec![(key.to_owned(), default)]
}

/// Recursive as deep as the longest key of the schema.
fn walk(fields: &Object, prefix: &str, problems: &Problems, settings: &mut Settings) {
    for (name, value) in fields.iter().filter(|(_, value)| !is_null(value)) {
        let key = match prefix {
            "" => name.clone(),
            prefix => format!("{prefix}.{name}"),
        };
        if let Some(doc) = find(&key) {
            // The section of that name holds rules; only a header of that name is a secret.
            let is_hidden = is_secret(&key) && key != "authorization";
            let setting = Setting {
                shown: written(value, is_hidden, true),
                real: written(value, false, false),
                origin: problems.origin(value.place),
                has_effect: doc.effect == Effect::Acts,
            };
            settings.insert(key, setting);
        } else if let Node::Object(fields) = &value.node {
            walk(fields, &key, problems, settings);
        }
    }
}

/// A value in HOCON, on one line; `hidden` if its key is that of a secret.
///
/// Recursive, at most [`DEPTH_MAX`](super::hocon::DEPTH_MAX) deep.
fn written(value: &Value, hidden: bool, hide: bool) -> String {
    match &value.node {
        Node::Scalar { .. } if hidden && hide => scalar(HIDDEN),
        Node::Scalar { text, .. } => scalar(text),
        Node::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| written(item, hidden, hide)).collect();
            format!("[{}]", items.join(", "))
        }
        Node::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let is_hidden = hidden || is_secret(name);
                format!("{} = {}", scalar(name), written(value, is_hidden, hide))
            };
            let fields: Vec<_> = fields.iter().map(field).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Node::Pending(_) => String::new(),
    }
}

/// A text as HOCON reads it back; in quotes if it needs them.
fn scalar(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.');
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether the last part of a key names something that must not be shown.
fn is_secret(key: &str) -> bool {
    let name = key.rsplit('.').next().unwrap_or(key).to_ascii_lowercase();
    let is_file = ["file", "path", "url", "expiry", "timeout", "based"]
        .iter()
        .any(|end| name.ends_with(end));
    let secrets = [
        "password",
        "passphrase",
        "secret",
        "token",
        "cookie",
        "credential",
        "private_key",
    ];
    let is_named = secrets.iter().any(|word| name.contains(word));
    // `license.key`, and the keys of HTTP APIs.
    (is_named && !is_file) || name == "key" || name == "api_key" || name == "authorization"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load_text;

    fn settings(text: &str) -> Settings {
        let loaded = load_text("x.conf", text.as_bytes(), None, std::iter::empty()).expect("good");
        loaded.config.settings
    }

    fn shown(settings: &Settings, key: &str) -> (String, String) {
        let setting = &settings[key];
        (setting.shown.clone(), setting.origin.to_string())
    }

    #[test]
    fn what_is_set_shows_its_place_and_the_rest_its_default() {
        let settings = settings("mqtt.max_packet_size = 2MB\nlisteners.tcp.x { bind = \"127.0.0.1:1884\" }");
        let pair = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
        assert_eq!(shown(&settings, "mqtt.max_packet_size"), pair("2MB", "x.conf:1"));
        assert_eq!(shown(&settings, "mqtt.max_inflight"), pair("32", "default"));
        assert_eq!(
            shown(&settings, "listeners.tcp.x.bind"),
            pair("\"127.0.0.1:1884\"", "x.conf:2")
        );
        assert_eq!(shown(&settings, "listeners.tcp.x.acceptors"), pair("16", "default"));
        assert_eq!(
            shown(&settings, "listeners.tcp.default.bind"),
            pair("\"0.0.0.0:1883\"", "default")
        );
    }

    #[test]
    fn secrets_are_hidden_at_any_depth_and_still_compared() {
        let text = |password: &str| {
            format!(
                "node.cookie = chocolate\nconnectors = [{{ mechanism = password_based, password = {password}, \
                 password_hash_algorithm {{ name = sha256 }} }}]"
            )
        };
        let (one, other) = (settings(&text("s3cret")), settings(&text("an0ther")));
        let all = format!("{one:?}");
        assert!(!all.contains("s3cret") && !all.contains("chocolate"), "{all}");
        assert_eq!(one["node.cookie"].shown, "\"******\"");
        assert!(one["connectors"].shown.contains("mechanism = password_based"), "{all}");
        assert_eq!(one["connectors"].shown, other["connectors"].shown);
        assert!(!one["connectors"].is_same(&other["connectors"]));
    }

    #[test]
    fn what_is_shown_can_be_read_back() {
        let first =
            settings("mqtt.response_information = \"a \\\"b\\\" \\\\ c\"\nmqtt.mqueue_priorities { \"t/1\" = 10 }");
        let lines: Vec<_> = ["mqtt.response_information", "mqtt.mqueue_priorities"]
            .map(|key| format!("{key} = {}", first[key].shown))
            .into();
        let again = settings(&lines.join("\n"));
        for (key, setting) in &again {
            assert!(setting.is_same(&first[key]), "{key}: {setting:?}");
        }
    }

    #[test]
    fn what_stands_in_for_a_secret_is_a_value_like_others() {
        let text = "node.cookie = chocolate\nconnectors = [{ mechanism = password_based, password = x }]";
        let first = settings(text);
        let lines: Vec<_> = ["node.cookie", "connectors"]
            .map(|key| format!("{key} = {}", first[key].shown))
            .into();
        let again = settings(&lines.join("\n"));
        assert_eq!(again["node.cookie"].real, "\"******\"");
        assert_eq!(again["connectors"].shown, first["connectors"].shown);
    }
}
