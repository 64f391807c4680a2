//! What happened to clients between nodes, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// Sessions that came here from other nodes.
    pub taken_over: AtomicU64,
    /// Sessions that went to other nodes.
    pub given_away: AtomicU64,
    /// Sessions ended for a clean start at another node.
    pub discarded: AtomicU64,
    /// Sessions ended because another node had a newer one of the same client.
    pub conflicts: AtomicU64,
    /// Clients that had to wait for the lock of their id.
    pub lock_waits: AtomicU64,
    /// Locks taken back because they were held for too long.
    pub leases_ended: AtomicU64,
    /// Clients that came in without the lock of their id.
    pub without_lock: AtomicU64,
    /// Questions that were not answered in time.
    pub timeouts: AtomicU64,
    /// Sessions taken over before all other nodes had said that they know of it.
    pub spread_late: AtomicU64,
    /// Notes of clients that have begun anew while a node was missing, dropped because there were too many.
    pub notes_dropped: AtomicU64,
    /// What moves have ended with, dropped before it was certain that it had arrived, because there was too much.
    pub ends_dropped: AtomicU64,
    /// Moves whose end was never known.
    pub moves_given_up: AtomicU64,
    /// Clients refused because too many were on their way in.
    pub too_many: AtomicU64,
}

impl Counts {
    /// One more; how many there are now.
    pub(super) fn inc(counter: &AtomicU64) -> u64 {
        counter.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// All of them by name.
    pub fn all(&self) -> [(&'static str, u64); 13] {
        [
            ("taken_over", &self.taken_over),
            ("given_away", &self.given_away),
            ("discarded", &self.discarded),
            ("conflicts", &self.conflicts),
            ("lock_waits", &self.lock_waits),
            ("leases_ended", &self.leases_ended),
            ("without_lock", &self.without_lock),
            ("timeouts", &self.timeouts),
            ("spread_late", &self.spread_late),
            ("notes_dropped", &self.notes_dropped),
            ("ends_dropped", &self.ends_dropped),
            ("moves_given_up", &self.moves_given_up),
            ("too_many", &self.too_many),
        ]
        .map(|(name, counter)| (name, counter.load(Ordering::Relaxed)))
    }
}
