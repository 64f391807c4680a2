//! What happens on the node: malformed frames, events, the busiest clients, a borrowed log level.

use serde::{Deserialize, Serialize};

use crate::LogLevel;
use crate::rows::bounded;

/// Bytes of a malformed frame that are kept.
pub const FRAME_BYTES_MAX: usize = 256;

/// Bytes that were no packet, and the connection they came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MalformedFrameView {
    /// When they were refused.
    pub time_ms: u64,
    /// Such as `tcp:default`.
    pub listener: String,
    /// `ip:port` of the sender.
    pub peername: String,
    /// The client, if its CONNECT had been accepted.
    pub client_id: Option<String>,
    /// EMQX's word for the error, to look up with `explain`.
    pub error: String,
    /// What is wrong, with the values that matter.
    pub detail: String,
    /// Packets that were read from the connection before.
    pub parsed_packets: u64,
    /// The beginning of the frame, at most [`FRAME_BYTES_MAX`] bytes.
    #[serde(deserialize_with = "bounded")]
    pub bytes: Vec<u8>,
    /// Bytes of the frame that had arrived; more than `bytes` if it was cut.
    pub received: u64,
    /// It was cut before something that may be a password.
    pub is_withheld: bool,
    /// The first byte that breaks a rule, counted from the first of the frame; may lie behind `bytes`.
    pub offset: Option<u64>,
    /// What it probably is, in a few words.
    pub guess: Option<String>,
}

/// What kind of thing happened. Encoded by position: appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventKind {
    /// A CONNECT was accepted.
    Connected,
    /// A connection ended, or was refused.
    Disconnected,
    /// A listener accepts.
    ListenerStarted,
    /// A listener was stopped.
    ListenerStopped,
    /// An alarm was raised.
    AlarmRaised,
    /// An alarm is over.
    AlarmCleared,
    /// Another licence is in force.
    LicenseChanged,
    /// The log's level is another.
    LogLevelChanged,
    /// The configuration was read anew.
    ConfigReloaded,
    /// An operator's command that changes something was carried out or refused.
    Admin,
    /// A worker did not answer in time, or does so again.
    WorkerStalled,
    /// Messages were dropped because queues were full; one event for all of a second.
    QueueDropped,
    /// The node is on its way down; nothing follows.
    NodeStopping,
    /// The follower was too slow: so many events are missing here.
    Missed,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Connected,
        Self::Disconnected,
        Self::ListenerStarted,
        Self::ListenerStopped,
        Self::AlarmRaised,
        Self::AlarmCleared,
        Self::LicenseChanged,
        Self::LogLevelChanged,
        Self::ConfigReloaded,
        Self::Admin,
        Self::WorkerStalled,
        Self::QueueDropped,
        Self::NodeStopping,
        Self::Missed,
    ];

    /// The word for `--kind` and for output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::ListenerStarted => "listener_started",
            Self::ListenerStopped => "listener_stopped",
            Self::AlarmRaised => "alarm_raised",
            Self::AlarmCleared => "alarm_cleared",
            Self::LicenseChanged => "license_changed",
            Self::LogLevelChanged => "log_level_changed",
            Self::ConfigReloaded => "config_reloaded",
            Self::Admin => "admin",
            Self::WorkerStalled => "worker_stalled",
            Self::QueueDropped => "queue_dropped",
            Self::NodeStopping => "node_stopping",
            Self::Missed => "missed",
        }
    }
}

/// Something that happened on the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// When.
    pub time_ms: u64,
    /// What kind of thing.
    pub kind: EventKind,
    /// What it happened to: the client, the listener, the alarm, the verb.
    pub subject: String,
    /// More about it, in one line: a reason, a result.
    pub detail: String,
    /// `ip:port` of the client, where there is one.
    pub peername: Option<String>,
    /// How often, where several are told as one.
    pub count: u64,
}

/// What `top` orders clients by. Encoded by position: appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TopSort {
    /// Messages a second, in and out.
    Rate,
    /// Messages a second received from the client.
    In,
    /// Messages a second sent to the client.
    Out,
    /// Bytes a second, in and out.
    Bytes,
    /// Messages that wait in its queue.
    Queue,
    /// Messages sent and not acknowledged.
    Inflight,
    /// Messages a second dropped from its queue.
    Dropped,
}

impl TopSort {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Rate,
        Self::In,
        Self::Out,
        Self::Bytes,
        Self::Queue,
        Self::Inflight,
        Self::Dropped,
    ];

    /// The word for `--sort`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::In => "in",
            Self::Out => "out",
            Self::Bytes => "bytes",
            Self::Queue => "queue",
            Self::Inflight => "inflight",
            Self::Dropped => "dropped",
        }
    }
}

/// One screen of `top`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopView {
    /// When the clients were looked at.
    pub time_ms: u64,
    /// Milliseconds since the look before, to which the numbers of the rows belong.
    pub interval_ms: u32,
    /// Connections now.
    pub connections: u64,
    /// Sessions now, connected or not.
    pub sessions: u64,
    /// Messages received by the node in the interval.
    pub messages_in: u64,
    /// Messages sent by the node in the interval.
    pub messages_out: u64,
    /// Bytes received by the node in the interval.
    pub bytes_in: u64,
    /// Bytes sent by the node in the interval.
    pub bytes_out: u64,
    /// Messages dropped by the node in the interval.
    pub dropped: u64,
    /// The first clients in the order that was asked for.
    #[serde(deserialize_with = "bounded")]
    pub rows: Vec<TopRowView>,
}

/// One client of [`TopView`]; what it did in the interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopRowView {
    /// Its id.
    pub client_id: String,
    /// `ip:port`; empty for a session without a connection.
    pub peername: String,
    /// Messages received from it.
    pub messages_in: u64,
    /// Messages sent to it.
    pub messages_out: u64,
    /// Bytes received from it.
    pub bytes_in: u64,
    /// Bytes sent to it.
    pub bytes_out: u64,
    /// Messages dropped from its queue.
    pub dropped: u64,
    /// Messages in its queue now.
    pub queue: u64,
    /// Messages sent to it and not acknowledged now.
    pub inflight: u64,
}

/// `log level`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedLogLevelView {
    /// The primary level in force.
    pub level: LogLevel,
    /// What comes back by itself.
    pub borrowed: Option<BorrowedLevelView>,
}

/// The end of a level that was set for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BorrowedLevelView {
    /// The primary level that was before and comes back.
    pub back_to: LogLevel,
    /// When.
    pub until_ms: u64,
    /// How long that is from now, by a clock that is never set back.
    pub left_ms: u64,
}
