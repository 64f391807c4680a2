//! The process that goes on after an upgrade, which no harness has started.

use std::process::Command;

/// Ends it when this is dropped.
#[derive(Debug)]
pub struct Successor(u64);

impl Successor {
    /// The one that `emqx-ctl -f json upgrade` has answered with.
    ///
    /// # Panics
    /// If the answer names no process.
    #[track_caller]
    pub fn of(answer: &serde_json::Value) -> Self {
        Self(answer["data"]["pid"].as_u64().expect("a process id"))
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        let kill = format!("kill -KILL {}", self.0);
        let _it_may_have_ended = Command::new("sh").args(["-c", &kill]).status();
    }
}
