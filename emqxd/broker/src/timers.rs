//! A coarse timer wheel: deadlines in steps of [`TICK_MS`], no object for each timer, no cancelling.
//!
//! A timer that has become pointless stays in and is recognised when it fires, so its owner keeps what is
//! really due and arms at most one timer for each purpose. Firing is never early and at most one tick late,
//! plus whatever the caller lets pass between two calls of [`Timers::expire`].

use std::collections::BTreeMap;

use crate::Time;

/// Resolution of the wheel, in milliseconds.
pub const TICK_MS: u64 = 100;

/// Deadlines carrying a `T` each; the owner of the wheel knows what to do with it.
#[derive(Debug)]
pub struct Timers<T> {
    /// Tick number to what is due then. Only ticks with timers are present.
    due: BTreeMap<u64, Vec<T>>,
    len: usize,
    /// The last tick that has been taken out. Nothing is armed for it or earlier: a timer that arms itself again at
    /// once would otherwise keep [`Timers::expire`] busy for ever.
    expired: Option<u64>,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self {
            due: BTreeMap::new(),
            len: 0,
            expired: None,
        }
    }
}

impl<T> Timers<T> {
    /// Lets `timer` fire at the first tick that is not before `at`.
    pub fn arm(&mut self, at: Time, timer: T) {
        let earliest = self.expired.map_or(0, |tick| tick + 1);
        let tick = at.0.div_ceil(TICK_MS).max(earliest);
        self.due.entry(tick).or_default().push(timer);
        self.len += 1;
    }

    /// Takes one tick's worth of due timers; `None` when nothing is due. Call until `None`.
    pub fn expire(&mut self, now: Time) -> Option<Vec<T>> {
        let entry = self.due.first_entry()?;
        let current = now.0 / TICK_MS;
        if *entry.key() > current {
            return None;
        }
        self.expired = Some(current);
        let timers = entry.remove();
        self.len -= timers.len();
        Some(timers)
    }

    /// Armed timers, pointless ones included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is armed.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_that_arms_itself_again_at_once_waits_for_the_next_tick() {
        let mut timers = Timers::default();
        timers.arm(Time(100), ());
        assert!(timers.expire(Time(100)).is_some());
        timers.arm(Time(100), ());
        assert!(timers.expire(Time(100)).is_none());
        assert!(timers.expire(Time(200)).is_some());
    }

    #[test]
    fn a_timer_fires_at_its_tick_and_not_before() {
        let mut timers = Timers::default();
        timers.arm(Time(250), "late");
        timers.arm(Time(100), "early");
        assert_eq!(timers.expire(Time(99)), None);
        assert_eq!(timers.expire(Time(100)), Some(vec!["early"]));
        assert_eq!(timers.expire(Time(299)), None);
        assert_eq!(timers.expire(Time(300)), Some(vec!["late"]));
        assert!(timers.is_empty());
    }
}
