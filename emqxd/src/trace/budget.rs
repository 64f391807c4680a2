//! How much a trace may take: lines a second, and of a worker's time.
//!
//! The rate is the operator's. The share of time is ours: a trace of everything at full rate loses lines rather than
//! slow the broker down. Both are worked out on the monotonic clock.

use std::time::Duration;

/// Of a worker's time, one part in so many may go into lines of traces.
const SHARE: u64 = 24;
/// What a worker may spend at once after a quiet time: a burst of messages is told whole.
const SAVED_NANOS_MAX: i64 = 200_000_000;
/// The furthest into debt that one costly line may lead.
const DEBT_NANOS_MAX: i64 = 50_000_000;

/// The time that one worker may spend on traces.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeBudget {
    left_nanos: i64,
    looked_at: Duration,
}

impl TimeBudget {
    /// A budget that has saved all it may. Times count from any fixed moment.
    pub(super) fn new(now: Duration) -> Self {
        Self {
            left_nanos: SAVED_NANOS_MAX,
            looked_at: now,
        }
    }

    /// Whether something is left.
    pub(super) fn has_some(&mut self, now: Duration) -> bool {
        let passed = nanos(now.saturating_sub(self.looked_at));
        self.looked_at = now;
        self.left_nanos = (self.left_nanos + passed / SHARE as i64).min(SAVED_NANOS_MAX);
        self.left_nanos > 0
    }

    /// Time has been spent.
    pub(super) fn spend(&mut self, time: Duration) {
        self.left_nanos = (self.left_nanos - nanos(time)).max(-DEBT_NANOS_MAX);
    }
}

fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX / 2).min(i64::MAX / 2)
}

/// Lines a second, counted in whole seconds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LineRate {
    second: u64,
    lines: u32,
}

impl LineRate {
    /// Whether one more line is within `limit`.
    pub(super) fn take(&mut self, limit: u32, now: Duration) -> bool {
        if self.second != now.as_secs() {
            self.second = now.as_secs();
            self.lines = 0;
        }
        if self.lines >= limit {
            return false;
        }
        self.lines += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_worker_that_only_traces_does_so_for_its_share_of_the_time() {
        let mut now = Duration::ZERO;
        let mut budget = TimeBudget::new(now);
        let mut spent = Duration::ZERO;
        while now < Duration::from_secs(60) {
            // Each step takes as long as a line, whether one is written or not.
            now += MS;
            if budget.has_some(now) {
                budget.spend(MS);
                spent += MS;
            }
        }
        let share = spent.as_millis();
        assert!((2_500..2_900).contains(&share), "{share} ms of 60,000");
    }

    #[test]
    fn a_burst_after_a_quiet_time_is_told_whole_and_quiet_saves_no_more_than_that() {
        let mut budget = TimeBudget::new(Duration::ZERO);
        let now = Duration::from_secs(3600);
        let lines = (0..1000).take_while(|_| {
            let has_some = budget.has_some(now);
            budget.spend(MS);
            has_some
        });
        assert_eq!(lines.count(), 200);
    }

    #[test]
    fn one_costly_line_is_paid_off_in_bounded_time() {
        let mut budget = TimeBudget::new(Duration::ZERO);
        budget.spend(Duration::from_secs(3600));
        assert!(!budget.has_some(Duration::ZERO));
        assert!(budget.has_some(Duration::from_secs(2)));
    }

    #[test]
    fn a_rate_holds_for_each_second() {
        let mut rate = LineRate::default();
        let in_second = |rate: &mut LineRate, second: u64| {
            let tenths = (0..10_u64).map(|tenth| Duration::from_millis(second * 1000 + tenth * 100));
            tenths.filter(|at| rate.take(3, *at)).count()
        };
        assert_eq!([1, 2, 9].map(|second| in_second(&mut rate, second)), [3, 3, 3]);
    }
}
