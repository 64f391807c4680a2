//! The node's one clock: milliseconds since start for the rules, wall-clock time for people.
//!
//! The rules live on the monotonic clock, so a step of the system's time expires nothing and revives nothing. For
//! display a moment is placed on the wall clock; the place holds still unless the system's time is stepped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use emqxd_broker::Time;

/// Drift between the two clocks that is not worth a change of what people have been shown.
const DRIFT_MS_MAX: u64 = 1000;

/// A copy of it is as good as the original.
#[derive(Debug, Clone)]
pub struct Clock {
    origin: Instant,
    /// Unix time of the origin, milliseconds.
    unix_origin_ms: Arc<AtomicU64>,
}

impl Clock {
    /// A clock that starts at zero now.
    pub fn start() -> Self {
        Self {
            origin: Instant::now(),
            unix_origin_ms: Arc::new(AtomicU64::new(unix_ms_now())),
        }
    }

    /// Milliseconds since the start of the node.
    pub fn now(&self) -> Time {
        Time(u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// A moment as Unix time in milliseconds.
    pub fn unix_ms(&self, at: Time) -> u64 {
        let origin = unix_ms_now().saturating_sub(self.now().0);
        let shown = self.unix_origin_ms.load(Ordering::Relaxed);
        if shown.abs_diff(origin) > DRIFT_MS_MAX {
            self.unix_origin_ms.store(origin, Ordering::Relaxed);
            return origin.saturating_add(at.0);
        }
        shown.saturating_add(at.0)
    }
}

/// Wall-clock time, Unix milliseconds.
pub fn unix_ms_now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_as_the_same_wall_clock_time_again_and_again() {
        let clock = Clock::start();
        let moment = clock.now();
        let shown = clock.unix_ms(moment);
        assert!((0..1000).all(|_| clock.unix_ms(moment) == shown));
    }
}
