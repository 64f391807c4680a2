//! What came of `upgrade`.

use serde::{Deserialize, Serialize};

/// Another process goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpgradedView {
    /// The new process.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// Clients that have noticed nothing.
    pub moved: u64,
    /// Clients that are told to connect again: TLS and WebSocket cannot be moved.
    pub reconnecting: u64,
    /// Sessions, connected or not.
    pub sessions: u64,
    /// Retained messages.
    pub retained: u64,
    /// How long nobody was read from, in milliseconds.
    pub frozen_ms: u64,
}
