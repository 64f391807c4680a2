//! Who has tried too many wrong passwords: a rule on an invented clock (`dashboard.unsuccessful_login_*`).
//!
//! Counted by user name, whether or not there is one of that name: an answer must not tell which names exist.

use std::collections::BTreeMap;
use std::time::Duration;

use emqxd_broker::Time;

/// User names remembered; the one whose last failure is longest ago is forgotten for another.
const NAMES_MAX: usize = 10_000;
/// Longer names cannot be of an administrator and need not be remembered.
const NAME_BYTES_MAX: usize = 1024;

/// `dashboard.unsuccessful_login_max_attempts`, `_interval`, `_lock_duration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutRule {
    /// Wrong passwords within the interval that lock out; 0 for no lock.
    pub max_attempts: u32,
    /// The time in which they are counted.
    pub interval: Duration,
    /// How long nobody of that name gets in.
    pub lock: Duration,
}

impl Default for LockoutRule {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            interval: Duration::from_secs(5 * 60),
            lock: Duration::from_secs(10 * 60),
        }
    }
}

/// Wrong passwords, by name.
#[derive(Debug)]
pub struct Lockout {
    rule: LockoutRule,
    names: BTreeMap<String, Failures>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    /// When the first of the count was.
    since: Time,
    last: Time,
    locked_until: Option<Time>,
}

impl Lockout {
    /// Nobody has failed yet.
    pub fn new(rule: LockoutRule) -> Self {
        Self {
            rule,
            names: BTreeMap::new(),
        }
    }

    /// Until when this name is locked out; `None` if it is not.
    pub fn locked_until(&self, username: &str, now: Time) -> Option<Time> {
        let failures = self.names.get(username)?;
        failures.locked_until.filter(|until| now < *until)
    }

    /// A wrong password.
    pub fn failed(&mut self, username: &str, now: Time) {
        if self.rule.max_attempts == 0 || username.len() > NAME_BYTES_MAX {
            return;
        }
        if self.names.len() >= NAMES_MAX && !self.names.contains_key(username) {
            self.forget_one();
        }
        let fresh = Failures {
            count: 0,
            since: now,
            last: now,
            locked_until: None,
        };
        let failures = self.names.entry(username.to_owned()).or_insert(fresh);
        let is_old = now.0.saturating_sub(failures.since.0) >= millis(self.rule.interval);
        let was_locked = failures.locked_until.is_some_and(|until| until <= now);
        if is_old && failures.locked_until.is_none() || was_locked {
            *failures = fresh;
        }
        failures.count += 1;
        failures.last = now;
        if failures.count >= self.rule.max_attempts && failures.locked_until.is_none() {
            failures.locked_until = Some(Time(now.0.saturating_add(millis(self.rule.lock))));
        }
    }

    /// The right password, or a new one: what was before does not count.
    pub fn clear(&mut self, username: &str) {
        self.names.remove(username);
    }

    fn forget_one(&mut self) {
        let oldest = self.names.iter().min_by_key(|(_, failures)| failures.last.0);
        if let Some(name) = oldest.map(|(name, _)| name.clone()) {
            self.names.remove(&name);
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn after_failures(count: u64, apart: u64) -> Lockout {
        let mut lockout = Lockout::new(LockoutRule::default());
        for number in 0..count {
            lockout.failed("admin", Time(number * apart));
        }
        lockout
    }

    #[test]
    fn the_fifth_wrong_password_within_five_minutes_locks_for_ten() {
        assert_eq!(after_failures(4, 1).locked_until("admin", Time(4)), None);
        let lockout = after_failures(5, 1);
        assert_eq!(lockout.locked_until("admin", Time(5)), Some(Time(4 + 10 * MINUTE)));
        assert_eq!(lockout.locked_until("admin", Time(4 + 10 * MINUTE)), None);
        assert_eq!(lockout.locked_until("other", Time(5)), None);
    }

    #[test]
    fn wrong_passwords_far_apart_do_not_add_up() {
        assert_eq!(
            after_failures(20, 5 * MINUTE).locked_until("admin", Time(101 * MINUTE)),
            None
        );
    }

    #[test]
    fn after_a_lock_the_count_begins_anew() {
        let mut lockout = after_failures(5, 1);
        let over = Time(11 * MINUTE);
        lockout.failed("admin", over);
        assert_eq!(lockout.locked_until("admin", over), None);
    }

    #[test]
    fn failures_while_locked_do_not_prolong_the_lock() {
        let mut lockout = after_failures(5, 1);
        lockout.failed("admin", Time(9 * MINUTE));
        assert_eq!(lockout.locked_until("admin", Time(10 * MINUTE + 4)), None);
    }

    #[test]
    fn the_right_password_and_a_new_one_end_it() {
        let mut lockout = after_failures(5, 1);
        lockout.clear("admin");
        assert_eq!(lockout.locked_until("admin", Time(5)), None);
    }

    #[test]
    fn names_are_bounded_and_those_that_failed_last_stay() {
        let mut lockout = after_failures(5, 1);
        for number in 0..NAMES_MAX as u64 + 5 {
            lockout.failed(&format!("n{number}"), Time(10 + number));
        }
        assert_eq!(lockout.names.len(), NAMES_MAX);
        assert!(lockout.names.contains_key(&format!("n{}", NAMES_MAX + 4)));
    }
}
