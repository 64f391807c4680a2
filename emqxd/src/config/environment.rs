//! `EMQX_A__B=value`: environment variables over the files.
//!
//! The name is the key in upper case with `__` for the dot, the value is HOCON or, where it is
//! not, plain text. Beside those EMQX has a few names of its own, which container images and
//! scripts use; they are read here too.

use super::hocon::{Node, Object, Place, Reader, Value, lookup};
use super::schema::schema;
use super::v4::{self, LogTo};

/// Variables that are looked at; more have nothing to do with us.
const VARIABLES_MAX: usize = 1024;

/// The variables of one load that begin with `EMQX_`, in the order of their names.
#[derive(Debug)]
pub(super) struct Environment {
    variables: Vec<(String, String)>,
}

impl Environment {
    pub(super) fn new(all: impl Iterator<Item = (String, String)>) -> Self {
        let mut variables: Vec<_> = all
            .filter(|(name, _)| name.starts_with("EMQX_"))
            .take(VARIABLES_MAX)
            .collect();
        variables.sort();
        Self { variables }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// `EMQX_DEFAULT_LOG_HANDLER` speaks only where neither file nor other variable does: called
    /// after [`Environment::overlay`].
    pub(super) fn default_log_handler(&self, reader: &mut Reader, root: &mut Object) {
        let name = "EMQX_DEFAULT_LOG_HANDLER";
        if self.get(name) != Some("file") {
            return;
        }
        let place = variable(reader, name);
        for (key, on) in [("log.console.enable", "false"), ("log.file.default.enable", "true")] {
            let path: Vec<&str> = key.split('.').collect();
            if lookup(root, &path).is_none() {
                v4::set(root, key, Value::scalar(on, true, place));
            }
        }
    }

    /// Writes the variables over `root`.
    pub(super) fn overlay(&self, reader: &mut Reader, root: &mut Object) {
        self.derived_node_name(reader, root);
        for (old, key) in [
            ("EMQX_NODE_NAME", "node.name"),
            ("EMQX_NODE_COOKIE", "node.cookie"),
            ("EMQX_SECURITY_PROFILE", "node.security_profile"),
        ] {
            if let Some(value) = self.get(old) {
                let place = variable(reader, old);
                v4::set(root, key, Value::scalar(value, true, place));
            }
        }
        for (name, value) in &self.variables {
            if !reader.problems.has_room() {
                return;
            }
            self.overlay_one(name, value, reader, root);
        }
    }

    fn overlay_one(&self, name: &str, value: &str, reader: &mut Reader, root: &mut Object) {
        let Some(rest) = name.strip_prefix("EMQX_") else {
            return;
        };
        // Names without `__` belong to tools and wrappers: EMQX_CTL_..., EMQX_COMPAT, EMQX_HOME.
        // A whole section may be given, though: EMQX_MQTT={...}.
        let is_section = rest.contains("__") || value.starts_with(['{', '[']);
        if !is_section || rest.starts_with("CTL_") {
            return;
        }
        let key = rest.to_ascii_lowercase().replace("__", ".");
        let place = variable(reader, name);
        if key == "log.to" {
            match LogTo::from_word(value) {
                Some(to) => v4::log_to(root, to, place),
                None if value == "default" => {}
                None => {
                    let message = format!("expected one of console, file, both, found {value:?}");
                    reader.problems.value(place, &key, message, None);
                }
            }
            return;
        }
        let first = key.split('.').next().unwrap_or_default();
        let known = schema().iter().any(|doc| doc.key.split('.').next() == Some(first));
        if !known {
            let message = format!("ignored: there is no `{first}` in the configuration");
            reader.problems.warn(Some(place), message);
            return;
        }
        let value = match reader.read_variable(value, place.source) {
            Some(parsed) => Value { place, ..parsed },
            None => Value::scalar(value, true, place),
        };
        v4::set(root, &key, value);
    }

    /// `EMQX_NAME` and `EMQX_HOST`: the two halves of the node's name.
    fn derived_node_name(&self, reader: &mut Reader, root: &mut Object) {
        let (name, host) = (self.get("EMQX_NAME"), self.get("EMQX_HOST"));
        if name.is_none() && host.is_none() {
            return;
        }
        let from_file = match lookup(root, &["node", "name"]).map(|value| &value.node) {
            Some(Node::Scalar { text, .. }) => text.clone(),
            _ => "emqx@127.0.0.1".to_owned(),
        };
        let (file_name, file_host) = from_file.split_once('@').unwrap_or(("emqx", "127.0.0.1"));
        let whole = format!("{}@{}", name.unwrap_or(file_name), host.unwrap_or(file_host));
        let source = if name.is_some() { "EMQX_NAME" } else { "EMQX_HOST" };
        let place = variable(reader, source);
        v4::set(root, "node.name", Value::scalar(whole, true, place));
    }
}

fn variable(reader: &mut Reader, name: &str) -> Place {
    Place {
        source: reader.problems.add_variable(name),
        line: 0,
    }
}
