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
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self {
            due: BTreeMap::new(),
            len: 0,
        }
    }
}

impl<T> Timers<T> {
    /// Lets `timer` fire at the first tick that is not before `at`.
    pub fn arm(&mut self, at: Time, timer: T) {
        self.due.entry(at.0.div_ceil(TICK_MS)).or_default().push(timer);
        self.len += 1;
    }

    /// Takes one tick's worth of due timers; `None` when nothing is due. Call until `None`.
    pub fn expire(&mut self, now: Time) -> Option<Vec<T>> {
        let entry = self.due.first_entry()?;
        if *entry.key() > now.0 / TICK_MS {
            return None;
        }
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
