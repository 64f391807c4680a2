//! Token buckets: `messages_rate`, `bytes_rate` of a connection, `max_conn_rate` of a listener.
//!
//! Nothing is refused: what came is taken and goes into debt, and the caller reads no more until the debt is
//! paid ([`TokenBucket::take`] says when). TCP then slows the sender down.

use std::time::Duration;

use emqxd_broker::Time;

use crate::config::Rate;

/// So many tokens in a period, some more at once after a quiet time.
#[derive(Debug, Clone)]
pub struct TokenBucket {
    per_ms: f64,
    capacity: f64,
    tokens: f64,
    refilled_at: Time,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(rate: &Rate, now: Time) -> Self {
        let period_ms = rate.per.as_secs_f64() * 1000.0;
        let capacity = rate.amount as f64 + rate.burst as f64;
        Self {
            per_ms: rate.amount as f64 / period_ms,
            capacity,
            tokens: capacity,
            refilled_at: now,
        }
    }

    /// Takes `count` tokens; how long to pause if that went into debt.
    pub fn take(&mut self, count: u64, now: Time) -> Option<Duration> {
        let passed_ms = now.since(self.refilled_at).as_secs_f64() * 1000.0;
        self.tokens = (self.tokens + passed_ms * self.per_ms).min(self.capacity);
        self.refilled_at = now;
        self.tokens -= count as f64;
        (self.tokens < 0.0).then(|| Duration::from_secs_f64((-self.tokens / self.per_ms / 1000.0).min(3600.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_its_debt_is_waited_for() {
        let rate = Rate {
            amount: 100,
            per: Duration::from_secs(1),
            burst: 50,
        };
        let mut bucket = TokenBucket::new(&rate, Time(0));
        assert_eq!(bucket.take(150, Time(0)), None);
        assert_eq!(bucket.take(10, Time(0)), Some(Duration::from_millis(100)));
        assert_eq!(bucket.take(0, Time(100)), None);
        assert_eq!(
            bucket.take(1, Time(10_000)),
            None,
            "a long quiet time fills it to the brim, not beyond"
        );
        assert!(bucket.take(150, Time(10_000)).is_some());
    }
}
