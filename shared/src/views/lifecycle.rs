//! What came of `reload`, and of letting clients go.

use serde::{Deserialize, Serialize};

/// What came of one part of a reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReloadOutcome {
    /// Something new is in force.
    Done,
    /// What is on disk is what is in force.
    Unchanged,
    /// What is on disk cannot be used: what was in force stays, whole.
    Failed,
    /// It is in force after a restart, of the daemon or of a listener.
    Waiting,
}

impl ReloadOutcome {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }
}

/// One part of a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReloadPartView {
    /// Such as `access rules`, `certificates of ssl:default`, or the key of a setting that waits.
    pub part: String,
    /// What came of it.
    pub outcome: ReloadOutcome,
    /// What is in force now, or why the new is not; may be empty.
    pub detail: String,
    /// What to do about it.
    pub next: Option<String>,
}

/// Clients that would be let go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCountsView {
    /// Connections, those that have not sent CONNECT too.
    pub connections: u64,
    /// Of these, clients whose will is published when they are gone, at once or later.
    pub with_will: u64,
    /// Of these, clients whose session is kept.
    pub with_kept_session: u64,
}

/// Clients that were let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrainedView {
    /// Connections when it began.
    pub connections: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}
