//! `broker`, `broker stats` and `broker metrics`.

use serde::{Deserialize, Serialize};

/// `broker`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrokerView {
    /// `EMQX`, as clients and scripts expect.
    pub sysdescr: String,
    /// The version EMQX's texts show.
    pub version: String,
    /// The daemon's clock, in Unix nanoseconds (EMQX prints that many digits).
    pub now_ns: u64,
    /// Its local time, as seconds east of UTC.
    pub utc_offset_seconds: i32,
    /// Since start.
    pub uptime_ms: u64,
}

/// One line of `broker stats` or `broker metrics`; the daemon sends them sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountView {
    /// EMQX's name, such as `messages.received`.
    pub name: String,
    /// Now, or since start.
    pub value: u64,
}
