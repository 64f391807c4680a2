//! The daemon's first frame, with request id 0: who answers and as what it sees the caller, or why
//! it will not talk.
//!
//! It is sent right after the hello, before the CLI has asked anything, so that a refusal (no role,
//! too many connections) needs no request to be read from a peer that has no right to send one.

use serde::{Deserialize, Serialize};

use crate::{Failure, Role};

/// What the daemon says once the protocol version is settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Welcome {
    /// Requests may be sent now.
    Ready(Greeting),
    /// The daemon closes the connection after this.
    Refused(Failure),
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Greeting {
    /// Version of the daemon, without a leading `v`.
    pub version: String,
    /// Name of the node, such as `emqx@127.0.0.1`.
    pub node: String,
    /// What the caller may do.
    pub role: Role,
    /// The daemon's local time now, as seconds east of UTC, to draw times the way its log does.
    pub utc_offset_seconds: i32,
}
