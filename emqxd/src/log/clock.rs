//! The two clocks of the log: the wall for the time of a line, a monotonic one for windows.
//!
//! Tests invent both; everything else uses [`Clock::system`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Where the log takes its time from.
#[derive(Clone)]
pub(super) struct Clock {
    unix_micros: Arc<dyn Fn() -> i64 + Send + Sync>,
    elapsed: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    pub(super) fn system() -> Self {
        let start = Instant::now();
        Self {
            unix_micros: Arc::new(|| Timestamp::now().as_microsecond()),
            elapsed: Arc::new(move || start.elapsed()),
        }
    }

    /// Both clocks read `micros`, which counts from 1970.
    #[cfg(test)]
    pub(super) fn invented(micros: Arc<std::sync::atomic::AtomicI64>) -> Self {
        use std::sync::atomic::Ordering::Relaxed;
        let wall = micros.clone();
        Self {
            unix_micros: Arc::new(move || wall.load(Relaxed)),
            elapsed: Arc::new(move || Duration::from_micros(u64::try_from(micros.load(Relaxed)).unwrap_or(0))),
        }
    }

    /// Microseconds since 1970, as the machine believes.
    pub(super) fn unix_micros(&self) -> i64 {
        (self.unix_micros)()
    }

    /// Time since some moment in the past; never goes back.
    pub(super) fn elapsed(&self) -> Duration {
        (self.elapsed)()
    }
}
