//! Retained messages.

use serde::{Deserialize, Serialize};

/// `retainer info`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetainerView {
    /// Whether the configuration enables the retainer.
    pub enabled: bool,
    /// Topics with a retained message.
    pub messages: u64,
    /// Bytes of topics and payloads.
    pub bytes: u64,
    /// Most messages allowed; `None` for no limit.
    pub max_messages: Option<u64>,
}

/// `retainer clean`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetainedCleanedView {
    /// How many messages were removed.
    pub messages: u64,
}
