//! Log handlers.

use serde::{Deserialize, Serialize};

use crate::LogLevel;

/// Whether a log handler writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogHandlerStatus {
    /// It writes.
    Started,
    /// It does not.
    Stopped,
}

impl LogHandlerStatus {
    /// EMQX's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Stopped => "stopped",
        }
    }
}

/// One log handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHandlerView {
    /// `console`, or `default` for the file.
    pub id: String,
    /// Events below are not written.
    pub level: LogLevel,
    /// `console`, or the path of the file.
    pub destination: String,
    /// Whether it writes.
    pub status: LogHandlerStatus,
    /// Lines lost because the writer fell behind.
    pub dropped: u64,
}
