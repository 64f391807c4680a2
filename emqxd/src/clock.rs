//! The node's one clock: milliseconds since start for the rules, wall-clock time for people.
//!
//! The rules live on the monotonic clock, so a step of the system's time expires nothing and revives nothing. For
//! display a moment is placed on the wall clock; the place holds still unless the system's time is stepped.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
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
    steps: Arc<Steps>,
}

/// Jumps of the wall clock, as far as somebody asked for the time meanwhile.
#[derive(Debug, Default)]
struct Steps {
    count: AtomicU64,
    last_ms: AtomicI64,
}

impl Clock {
    /// A clock that starts at zero now.
    pub fn start() -> Self {
        Self {
            origin: Instant::now(),
            unix_origin_ms: Arc::new(AtomicU64::new(unix_ms_now())),
            steps: Arc::default(),
        }
    }

    /// A clock that was started so long ago, by another process.
    pub fn started_ago(elapsed: std::time::Duration) -> Self {
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let now = Instant::now();
        Self {
            origin: now.checked_sub(elapsed).unwrap_or(now),
            unix_origin_ms: Arc::new(AtomicU64::new(unix_ms_now().saturating_sub(elapsed_ms))),
            steps: Arc::default(),
        }
    }

    /// Nanoseconds since the start of the node.
    pub fn elapsed_ns(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Milliseconds since the start of the node.
    pub fn now(&self) -> Time {
        Time(u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// The moment of a Unix time in milliseconds; the start of the node for what was before.
    pub fn at_unix_ms(&self, unix_ms: u64) -> Time {
        Time(unix_ms.saturating_sub(self.unix_ms(Time(0))))
    }

    /// A moment as Unix time in milliseconds.
    pub fn unix_ms(&self, at: Time) -> u64 {
        let origin = unix_ms_now().saturating_sub(self.now().0);
        let shown = self.unix_origin_ms.load(Ordering::Relaxed);
        if shown.abs_diff(origin) > DRIFT_MS_MAX {
            self.unix_origin_ms.store(origin, Ordering::Relaxed);
            self.steps.count.fetch_add(1, Ordering::Relaxed);
            let step = i128::from(origin) - i128::from(shown);
            self.steps
                .last_ms
                .store(i64::try_from(step).unwrap_or(i64::MAX), Ordering::Relaxed);
            return origin.saturating_add(at.0);
        }
        shown.saturating_add(at.0)
    }
}

impl Clock {
    /// How often the wall clock was found to have jumped, and the last jump in milliseconds.
    pub fn steps(&self) -> (u64, i64) {
        let steps = &self.steps;
        (
            steps.count.load(Ordering::Relaxed),
            steps.last_ms.load(Ordering::Relaxed),
        )
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
        assert_eq!(clock.steps(), (0, 0));
    }

    #[test]
    fn a_jump_of_the_wall_clock_is_counted_once() {
        let clock = Clock::start();
        let an_hour_ago = unix_ms_now() - 3_600_000;
        clock.unix_origin_ms.store(an_hour_ago, Ordering::Relaxed);
        assert!((0..100).all(|_| clock.unix_ms(Time(0)) > an_hour_ago + 3_000_000));
        let (count, last_ms) = clock.steps();
        assert!(
            count == 1 && (3_599_000..3_601_000).contains(&last_ms),
            "{count} {last_ms}"
        );
    }
}
