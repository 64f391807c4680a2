//! `shutdown_count`: how often connections of a listener ended, by reason.
//!
//! Counted once when a connection ends, by the one reason that ended it (EMQX FAQ: the first thing to look at
//! when clients drop). In the order in which reasons first occurred.

use emqxd_broker::DisconnectReason;
use parking_lot::Mutex;

/// Reasons kept apart at most. The reasons of our own are fewer; what a client can make up (an error code of the
/// system) is counted as the last of them.
const REASONS_MAX: usize = 128;

/// The counts of one listener.
#[derive(Debug, Default)]
pub struct ShutdownCounts {
    by_reason: Mutex<Vec<(DisconnectReason, u64)>>,
}

impl ShutdownCounts {
    /// Counts one end.
    pub fn count(&self, reason: DisconnectReason) {
        let mut counts = self.by_reason.lock();
        let is_full = counts.len() >= REASONS_MAX;
        match counts.iter_mut().find(|(each, _)| *each == reason) {
            Some((_, count)) => *count += 1,
            None if is_full => {
                if let Some((_, count)) = counts.last_mut() {
                    *count += 1;
                }
            }
            None => counts.push((reason, 1)),
        }
    }

    /// What has been counted, first occurred first. Reasons may share a name; who shows them adds those up.
    pub fn snapshot(&self) -> Vec<(DisconnectReason, u64)> {
        self.by_reason.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_is_counted_once_in_order_of_first_occurrence() {
        let counts = ShutdownCounts::default();
        counts.count(DisconnectReason::KeepaliveTimeout);
        counts.count(DisconnectReason::SecondConnect);
        counts.count(DisconnectReason::KeepaliveTimeout);
        let expected = [
            (DisconnectReason::KeepaliveTimeout, 2),
            (DisconnectReason::SecondConnect, 1),
        ];
        assert_eq!(counts.snapshot(), expected);
    }
}
