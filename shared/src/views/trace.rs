//! Traces: what is followed, where its lines go, what it met with, and the lines themselves.

use serde::{Deserialize, Serialize};

use crate::LogLevel;
use crate::request::{TraceFormat, TracePayload, TraceSubject};

/// One trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceView {
    /// Its name; made up by the daemon if its caller gave none.
    pub name: String,
    /// Whether it is one of EMQX's `traces`: named, in the daemon's folder.
    pub is_named: bool,
    /// Who or what is followed.
    pub subject: TraceSubject,
    /// Events below are left out.
    pub level: LogLevel,
    /// How lines look.
    pub format: TraceFormat,
    /// How payloads look.
    pub payload: TracePayload,
    /// The path of the file, as its caller wrote it; `None` if the trace is only watched.
    pub destination: Option<String>,
    /// Whether it goes on after a restart of the daemon.
    pub is_resumable: bool,
    /// Whether it runs.
    pub state: TraceState,
    /// When it began.
    pub started_at_ms: u64,
    /// When it stops by itself.
    pub ends_at_ms: u64,
    /// Bytes written by this trace.
    pub bytes: u64,
    /// Bytes at which it stops.
    pub max_bytes: u64,
    /// Lines written.
    pub lines: u64,
    /// Lines lost: the file or the broker had no time for them, or they were above the rate.
    pub dropped: u64,
    /// Lines a second at most.
    pub rate: Option<u32>,
    /// Callers that watch it now.
    pub watchers: u32,
    /// The node.
    pub node: String,
}

/// Whether a trace runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TraceState {
    /// It does.
    Running,
    /// It does not any more.
    Stopped {
        /// Why: `stopped`, `duration`, `size`, or what the file said.
        reason: String,
    },
}

impl TraceState {
    /// EMQX's word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped { .. } => "stopped",
        }
    }
}

/// Lines of a trace on their way to somebody who watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceLinesView {
    /// Lines lost before these.
    pub dropped: u64,
    /// Whole lines, each with its line feed; empty as a sign of life.
    pub text: String,
}
