//! What an `emqx-ctl` call printed, and its `listeners` block taken apart.

use std::collections::BTreeMap;
use std::process::Output;

/// The end of one `emqx-ctl` call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CtlOutput {
    /// Exit code; `None` if a signal ended it.
    pub status: Option<i32>,
    /// Data.
    pub stdout: String,
    /// Messages.
    pub stderr: String,
}

impl CtlOutput {
    /// The standard output of a call that has to succeed.
    ///
    /// # Panics
    /// If the exit code is not 0, with all that was printed.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(
            self.status,
            Some(0),
            "emqx-ctl failed\nstdout: {}\nstderr: {}",
            self.stdout,
            self.stderr
        );
        self.stdout
    }

    /// The standard output of a call that has to succeed, read as JSON.
    ///
    /// # Panics
    /// If the call failed, or printed something else.
    #[track_caller]
    pub fn json(self) -> serde_json::Value {
        let stdout = self.ok();
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("not JSON ({error}): {stdout}"))
    }
}

impl From<Output> for CtlOutput {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// One block of `emqx-ctl listeners` in EMQX's layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Such as `tcp:default`.
    pub id: String,
    /// The fields below it, by name.
    pub fields: BTreeMap<String, String>,
}

impl Listener {
    /// All blocks of an output.
    pub fn parse_all(text: &str) -> Vec<Self> {
        let mut listeners: Vec<Self> = Vec::new();
        for line in text.lines() {
            match (line.strip_prefix("  "), listeners.last_mut()) {
                (Some(field), Some(listener)) => {
                    let (name, value) = field.split_once(':').unwrap_or((field, ""));
                    listener.fields.insert(name.trim().to_owned(), value.trim().to_owned());
                }
                _ => listeners.push(Self {
                    id: line.to_owned(),
                    fields: BTreeMap::new(),
                }),
            }
        }
        listeners
    }

    /// `shutdown_count` as numbers by reason.
    ///
    /// # Panics
    /// If it is not written as EMQX writes it: `[{normal,1},{tcp_closed,2}]`.
    pub fn shutdown_count(&self) -> BTreeMap<String, u64> {
        let list = &self.fields["shutdown_count"];
        let inside = list.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let inside = inside.unwrap_or_else(|| panic!("not a list: {list}"));
        if inside.is_empty() {
            return BTreeMap::new();
        }
        let inside = inside.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let inside = inside.unwrap_or_else(|| panic!("not a list of pairs: {list}"));
        let pairs = inside.split("},{").map(|pair| {
            let (reason, count) = pair.split_once(',').unwrap_or_else(|| panic!("not a pair: {pair}"));
            (
                reason.to_owned(),
                count.parse().unwrap_or_else(|_| panic!("not a number: {count}")),
            )
        });
        pairs.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listeners_block_is_taken_apart() {
        let text = "tcp:default\n  listen_on       : [::]:1883\n  shutdown_count  : [{normal,1},{tcp_closed,20}]\n";
        let listeners = Listener::parse_all(text);
        assert_eq!(listeners.len(), 1);
        assert_eq!(listeners[0].id, "tcp:default");
        assert_eq!(listeners[0].fields["listen_on"], "[::]:1883");
        let counts = listeners[0].shutdown_count();
        assert_eq!(
            counts,
            BTreeMap::from([("normal".to_owned(), 1), ("tcp_closed".to_owned(), 20)])
        );
    }
}
