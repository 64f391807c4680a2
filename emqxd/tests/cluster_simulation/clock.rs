//! The invented clock of a node, in the place of the daemon's: the files that are compiled in here name it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use emqxd_broker::Time;

/// The rules' time at a node's start: not 0, so that looking back before the start shows.
const START: u64 = 1_000_000;
/// Unix milliseconds at the beginning of each world.
const UNIX_BEGIN: u64 = 1_700_000_000_000;

/// Milliseconds of a world that has gone on for long.
const LATER: u64 = 1_000_000_000;

/// The clock of one start of a node, by the time of its world.
#[derive(Debug, Clone)]
pub struct Clock {
    world: Arc<AtomicU64>,
    /// When the node started, milliseconds of the world.
    started: u64,
}

impl Clock {
    /// A node starts now.
    pub fn of(world: &Arc<AtomicU64>) -> Self {
        Self {
            world: Arc::clone(world),
            started: world.load(Ordering::Relaxed),
        }
    }

    /// A world of its own.
    pub fn start() -> Self {
        Self::of(&Arc::default())
    }

    /// Of a node that started so long ago; all of these have the same time now.
    pub fn started_ago(elapsed: Duration) -> Self {
        let elapsed = u64::try_from(elapsed.as_millis()).expect("not for ever");
        Self {
            world: Arc::new(AtomicU64::new(LATER)),
            started: LATER.saturating_sub(elapsed),
        }
    }

    /// The rules' time.
    pub fn now(&self) -> Time {
        Time(START + self.world.load(Ordering::Relaxed) - self.started)
    }

    /// Unix milliseconds of a moment.
    pub fn unix_ms(&self, at: Time) -> u64 {
        (UNIX_BEGIN + self.started + at.0).saturating_sub(START)
    }

    /// The moment of a Unix time.
    pub fn at_unix_ms(&self, unix_ms: u64) -> Time {
        Time((unix_ms + START).saturating_sub(UNIX_BEGIN + self.started))
    }
}
