//! Who had a client last: what a home remembers until every node's table of locations says so.
//!
//! Locations travel in streams that may lag behind a grant by as long as a link is slow. A bounded number is kept for a
//! bounded time; what is forgotten is looked up in the locations, which know by then.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::consensus::NodeId;

/// Ids remembered; the oldest is forgotten.
pub(super) const REMEMBERED_MAX: usize = 65_536;
/// For how long, milliseconds: long enough for any stream that is not broken.
pub(super) const REMEMBERED_MS: u64 = 60_000;

/// Ids with the node that had each last.
#[derive(Debug, Clone, Default)]
pub(super) struct LastHolders {
    holders: HashMap<Arc<str>, Remembered>,
    /// In the order in which they were noted; what was noted again since is passed over.
    order: VecDeque<(u64, Arc<str>)>,
    noted: u64,
}

#[derive(Debug, Clone)]
struct Remembered {
    node: NodeId,
    at_ms: u64,
    /// Which note it was.
    number: u64,
}

impl LastHolders {
    /// A node has the client now.
    pub fn note(&mut self, client_id: &str, node: NodeId, now_ms: u64) {
        self.noted += 1;
        let id: Arc<str> = Arc::from(client_id);
        let remembered = Remembered {
            node,
            at_ms: now_ms,
            number: self.noted,
        };
        self.order.push_back((self.noted, Arc::clone(&id)));
        self.holders.insert(id, remembered);
        self.forget(now_ms);
    }

    /// Who had it last, if that is known.
    pub fn get(&self, client_id: &str, now_ms: u64) -> Option<NodeId> {
        let remembered = self.holders.get(client_id)?;
        (now_ms < remembered.at_ms + REMEMBERED_MS).then_some(remembered.node)
    }

    /// Forgets what is too old or too much.
    pub fn forget(&mut self, now_ms: u64) {
        while let Some((number, id)) = self.order.front() {
            let of_note = self.holders.get(id).filter(|remembered| remembered.number == *number);
            let is_kept = of_note.is_some_and(|remembered| now_ms < remembered.at_ms + REMEMBERED_MS);
            if is_kept && self.order.len() <= REMEMBERED_MAX {
                return;
            }
            if of_note.is_some() {
                self.holders.remove(id);
            }
            self.order.pop_front();
        }
    }

    /// Forgets a node: what it had is gone with it.
    pub fn forget_node(&mut self, node: NodeId) {
        self.holders.retain(|_, remembered| remembered.node != node);
    }

    /// How many are remembered.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.holders.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_note_counts_for_a_minute() {
        let mut holders = LastHolders::default();
        holders.note("c", 1, 0);
        holders.note("c", 2, 30_000);
        assert_eq!(holders.get("c", 60_000), Some(2));
        assert_eq!(holders.get("c", 90_000), None);
        assert_eq!(holders.get("d", 0), None);
        holders.forget(90_000);
        assert_eq!((holders.len(), holders.order.len()), (0, 0));
    }

    #[test]
    fn the_oldest_are_forgotten_when_they_are_too_many() {
        let mut holders = LastHolders::default();
        for number in 0..REMEMBERED_MAX + 10 {
            holders.note(&number.to_string(), 1, 0);
        }
        assert_eq!(holders.len(), REMEMBERED_MAX);
        assert_eq!((holders.get("9", 0), holders.get("10", 0)), (None, Some(1)));
    }

    #[test]
    fn what_a_node_had_goes_with_it() {
        let mut holders = LastHolders::default();
        holders.note("a", 1, 0);
        holders.note("b", 2, 0);
        holders.forget_node(1);
        assert_eq!((holders.get("a", 1), holders.get("b", 1)), (None, Some(2)));
    }
}
