//! The node as a whole: `status` and `version`.

use serde::{Deserialize, Serialize};

/// Whether the node serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeState {
    /// Listeners are not all up yet.
    Starting,
    /// It serves.
    Started,
    /// On its way down.
    Stopping,
}

impl NodeState {
    /// EMQX's word, as in `Node 'emqx@127.0.0.1' 5.8.0 is started`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Started => "started",
            Self::Stopping => "stopping",
        }
    }
}

/// `status`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusView {
    /// Such as `emqx@127.0.0.1`.
    pub node: String,
    /// The version EMQX's texts show.
    pub version: String,
    /// Whether it serves.
    pub state: NodeState,
    /// Process id of the daemon.
    pub pid: u32,
    /// When it started.
    pub started_at_ms: u64,
    /// Since then, by a clock that is never set back.
    pub uptime_ms: u64,
    /// Network connections now, before and after CONNECT.
    pub connections: u64,
    /// Sessions, with and without a connection.
    pub sessions: u64,
    /// Subscriptions of all sessions.
    pub subscriptions: u64,
    /// Topics with a retained message.
    pub retained: u64,
    /// Listeners that accept connections.
    pub listeners_running: u32,
    /// Listeners that the configuration enables.
    pub listeners_enabled: u32,
    /// Data workers, one for each core by default.
    pub workers: u32,
    /// Messages received from clients since start.
    pub messages_received: u64,
    /// Messages sent to clients since start.
    pub messages_sent: u64,
    /// Messages lost since start: full queues, no subscriber, expired and so on.
    pub messages_dropped: u64,
    /// Resident memory of the daemon, where the system tells.
    pub memory_bytes: Option<u64>,
    /// Connections that ended by a bug caught in the daemon.
    pub panics: u64,
    /// The data folder, absolute.
    pub data_dir: String,
    /// The configuration file in force; `None` for the embedded defaults.
    pub config_file: Option<String>,
}

/// `version`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionView {
    /// Version of the daemon.
    pub version: String,
    /// EMQX version whose surface it shows.
    pub emqx_version: String,
    /// Compiler, target and commit, as far as the build knew them.
    pub build: String,
    /// The control protocol's oldest version it speaks.
    pub protocol_min: u16,
    /// The control protocol's newest version it speaks.
    pub protocol_max: u16,
}
