//! The configuration: settings in force, what is wrong with a file, what a file would change.

use serde::{Deserialize, Serialize};

use crate::rows::bounded;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConfOrigin {
    /// Nobody has set it.
    Default,
    /// A line of a file, counted from 1; 0 for the file as a whole.
    File {
        /// As the daemon opened it.
        file: String,
        /// The line.
        line: u32,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
}

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfKeyView {
    /// Dotted.
    pub key: String,
    /// As one would write it in the file; `"******"` for a secret.
    pub value: String,
    /// Where it comes from.
    pub origin: ConfOrigin,
    /// Whether this version acts on it.
    pub has_effect: bool,
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfProblemView {
    /// Where it stands.
    pub origin: ConfOrigin,
    /// Which key; `None` for errors of syntax.
    pub key: Option<String>,
    /// What was expected and what was found.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// `conf check`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfCheckedView {
    /// What was looked at.
    pub file: String,
    /// Errors: with one of them the daemon would not start.
    #[serde(deserialize_with = "bounded")]
    pub errors: Vec<ConfProblemView>,
    /// Errors beyond those.
    pub more: u64,
    /// What does not stop a start.
    #[serde(deserialize_with = "bounded")]
    pub warnings: Vec<String>,
}

/// What it takes for a changed setting to be in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConfEffect {
    /// `conf reload` is enough; for new connections where it is about connections.
    Live,
    /// The listener must be restarted, which ends its connections.
    ListenerRestart {
        /// Such as `tcp:default`.
        listener: String,
    },
    /// The daemon must be restarted.
    Restart,
    /// Nothing: this version does not act on it.
    None,
}

/// One setting that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfChangeView {
    /// Dotted.
    pub key: String,
    /// In force; `None` if it is not there.
    pub running: Option<String>,
    /// In the file, or by default; `None` if it is not there.
    pub new: Option<String>,
    /// Where the new one comes from.
    pub origin: ConfOrigin,
    /// What it takes.
    pub effect: ConfEffect,
    /// Whether it was taken into use, after `conf reload`.
    pub is_applied: bool,
}
