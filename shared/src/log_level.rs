//! The levels of EMQX's log, quietest last: what `log set-level` takes and prints.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A log level: events below it are not logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LogLevel {
    /// Everything; the same as `debug` for us.
    All,
    /// Each packet and each step of a client.
    Debug,
    /// What happens in normal operation.
    Info,
    /// Normal and worth noticing.
    Notice,
    /// Something is not as it should be; the default.
    Warning,
    /// A request or a connection failed.
    Error,
    /// A part of the node failed.
    Critical,
    /// Act now.
    Alert,
    /// The node is of no use.
    Emergency,
    /// Nothing.
    None,
}

impl LogLevel {
    /// Every level, most talkative first.
    pub const ALL: [Self; 10] = [
        Self::All,
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
        Self::None,
    ];

    /// EMQX's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
            Self::None => "none",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word is no log level.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("invalid level: {0}")]
pub struct UnknownLogLevel(pub String);

impl FromStr for LogLevel {
    type Err = UnknownLogLevel;

    fn from_str(word: &str) -> Result<Self, UnknownLogLevel> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == word)
            .ok_or_else(|| UnknownLogLevel(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_read_back_from_its_word() {
        for level in LogLevel::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
        }
        assert!("Debug".parse::<LogLevel>().is_err());
    }
}
