//! When an operator is told by an alarm: the end is near, or the limit is.

use crate::Verdict;

/// Fewer days left than this raise `license_expiry`.
pub const EXPIRY_ALARM_DAYS: i64 = 30;

impl Verdict {
    /// Whether the alarm `license_expiry` is on.
    pub fn is_expiry_near(&self) -> bool {
        self.days_left < EXPIRY_ALARM_DAYS
    }
}

/// Where the alarm `license_quota` goes on and off, as parts of the limit in tenths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermarks {
    /// Off below it.
    pub low_per_mille: u32,
    /// On above it.
    pub high_per_mille: u32,
}

impl Default for Watermarks {
    fn default() -> Self {
        Self {
            low_per_mille: 750,
            high_per_mille: 800,
        }
    }
}

impl Watermarks {
    /// Whether the alarm is on with so many sessions; between the marks it stays as it `was_on`.
    pub fn is_on(&self, sessions: u64, max_sessions: u64, was_on: bool) -> bool {
        let part = |per_mille: u32| u128::from(max_sessions) * u128::from(per_mille);
        let sessions = u128::from(sessions) * 1000;
        if was_on {
            sessions >= part(self.low_per_mille)
        } else {
            sessions > part(self.high_per_mille)
        }
    }

    /// The high mark in percent, as EMQX writes it into the alarm: `80`, `82.5`.
    pub fn high_percent(&self) -> String {
        let (whole, tenth) = (self.high_per_mille / 10, self.high_per_mille % 10);
        if tenth == 0 {
            whole.to_string()
        } else {
            format!("{whole}.{tenth}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_alarm_goes_on_above_80_percent_and_off_below_75() {
        let marks = Watermarks::default();
        assert!(!marks.is_on(80, 100, false));
        assert!(marks.is_on(81, 100, false));
        assert!(marks.is_on(75, 100, true), "75 is not below 75");
        assert!(!marks.is_on(74, 100, true));
        assert!(!marks.is_on(78, 100, false), "between the marks it stays as it was");
        assert!(marks.is_on(78, 100, true));
        assert_eq!(marks.high_percent(), "80");
    }
}
