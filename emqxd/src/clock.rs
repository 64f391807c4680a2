//! The node's one clock: milliseconds since start for the rules, wall-clock time for people.
//!
//! The rules live on the monotonic clock, so a step of the system's time expires nothing and revives nothing.
//! For display a moment is placed on today's wall clock when it is shown.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use emqxd_broker::Time;

/// A copy of it is as good as the original.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock that starts at zero now.
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// Milliseconds since the start of the node.
    pub fn now(&self) -> Time {
        Time(u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// A moment as Unix time in milliseconds.
    pub fn unix_ms(&self, at: Time) -> u64 {
        unix_ms_now().saturating_sub(self.now().0).saturating_add(at.0)
    }
}

/// Wall-clock time, Unix milliseconds.
pub fn unix_ms_now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
