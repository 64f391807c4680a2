//! `errors`, `events`, `top` and a log level for a while: what happens on the node now.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, given, number, text};
use crate::views::{EventKind, TopSort};
use crate::{ErrorCode, Failure, LogLevel};

/// Rows of one screen of `top` at most: as many as one chunk of a list may have.
pub const TOP_ROWS_MAX: u32 = 256;
/// The longest time between two screens of `top`: shorter than what a caller is waited for.
pub const TOP_INTERVAL_MS_MAX: u32 = 20_000;
/// The shortest: each screen is a walk over all clients.
pub const TOP_INTERVAL_MS_MIN: u32 = 100;
/// The longest time that a log level may be borrowed for.
pub const LEVEL_SECONDS_MAX: u32 = 24 * 3600;

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiagnosisRequest {
    /// `errors`: the last malformed frames, newest first.
    ListMalformedFrames {
        /// At most so many rows; `None` for all that are remembered.
        limit: Option<u32>,
    },
    /// `events [-f]`: what happened on the node, oldest first.
    ListEvents {
        /// What happens from now on, until the caller or the node goes; otherwise what is remembered.
        follow: bool,
        /// Only those about this client.
        client_id: Option<String>,
        /// Only these; empty for all.
        #[serde(deserialize_with = "crate::rows::bounded")]
        kinds: Vec<EventKind>,
    },
    /// `top`: one view after each interval.
    Top {
        /// What the clients are ordered by.
        sort: TopSort,
        /// Rows of one view.
        count: u32,
        /// Milliseconds between two looks.
        interval_ms: u32,
        /// Ends after so many views; `None` for when the caller goes.
        rounds: Option<u32>,
    },
    /// `log level`: with the time at which it ends, if it was set for a while.
    LogLevel,
    /// `log level LEVEL --for DURATION`: the primary level and that of all handlers.
    SetLogLevelFor {
        /// The level.
        level: LogLevel,
        /// After which what was before comes back.
        seconds: u32,
    },
    /// `doctor`: what only the daemon knows.
    Facts,
}

impl DiagnosisRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 6;

    pub(super) const fn is_watch(&self) -> bool {
        matches!(self, Self::ListEvents { follow: true, .. } | Self::Top { .. })
    }

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::ListMalformedFrames { .. } => ("errors", Role::ReadOnly),
            Self::ListEvents { .. } => ("events", Role::ReadOnly),
            Self::Top { .. } => ("top", Role::ReadOnly),
            Self::LogLevel => ("log level", Role::ReadOnly),
            Self::SetLogLevelFor { .. } => ("log level", Role::Admin),
            Self::Facts => ("doctor", Role::ReadOnly),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::ListMalformedFrames { limit } => given([("limit", limit.map(number))]),
            Self::ListEvents {
                follow,
                client_id,
                kinds,
            } => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
                given([
                    ("follow", Some(number(*follow))),
                    ("client_id", text(client_id)),
                    ("kinds", (!kinds.is_empty()).then(|| kinds.join(",").into())),
                ])
            }
            Self::Top {
                sort,
                count,
                interval_ms,
                rounds,
            } => given([
                ("sort", Some(sort.as_str().into())),
                ("count", Some(number(*count))),
                ("interval_ms", Some(number(*interval_ms))),
                ("rounds", rounds.map(number)),
            ]),
            Self::LogLevel | Self::Facts => Vec::new(),
            Self::SetLogLevelFor { level, seconds } => {
                vec![("level", level.as_str().into()), ("seconds", number(*seconds))]
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        let message = match self {
            Self::Top { count, .. } if !(1..=TOP_ROWS_MAX).contains(count) => {
                format!("count should be 1 to {TOP_ROWS_MAX}")
            }
            Self::Top { interval_ms, .. } if !(TOP_INTERVAL_MS_MIN..=TOP_INTERVAL_MS_MAX).contains(interval_ms) => {
                format!(
                    "the interval should be {TOP_INTERVAL_MS_MIN}ms to {}s",
                    TOP_INTERVAL_MS_MAX / 1000
                )
            }
            Self::SetLogLevelFor { seconds, .. } if !(1..=LEVEL_SECONDS_MAX).contains(seconds) => {
                format!("a level can be set for 1s to {}h", LEVEL_SECONDS_MAX / 3600)
            }
            _ => return Ok(()),
        };
        Err(Failure::new(ErrorCode::InvalidArgument, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_keep_the_daemon_busy_is_refused() {
        let top = |count, interval_ms| DiagnosisRequest::Top {
            sort: TopSort::Rate,
            count,
            interval_ms,
            rounds: None,
        };
        assert!(top(20, 2000).check().is_ok());
        for refused in [top(0, 2000), top(257, 2000), top(20, 99), top(20, 20_001)] {
            assert!(refused.check().is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a_level_is_borrowed_for_a_day_at_most() {
        let borrow = |seconds| DiagnosisRequest::SetLogLevelFor {
            level: LogLevel::Debug,
            seconds,
        };
        assert!(borrow(86_400).check().is_ok());
        assert!(borrow(0).check().is_err());
        assert!(borrow(86_401).check().is_err());
    }
}
