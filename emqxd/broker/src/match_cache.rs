//! Topic to destinations, remembered: most publishers send to the same topics again and again.
//!
//! An entry is stamped with the generations of the tables that it was made from; a change of one of them makes it
//! stale. Bounded in topics: when the newer half is full it becomes the older half, and what was in that is
//! forgotten. A topic that is asked for again moves to the newer half, so warm topics stay.

use std::rc::Rc;
use std::sync::Arc;

use bytestring::ByteString;
use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::local_index::Subscriber;
use crate::{ShareGroup, WorkerId};

/// Topics in each half, for each worker.
const HALF_TOPICS_MAX: usize = 65_536;

/// Where a message on a topic goes.
#[derive(Debug, Default)]
pub(crate) struct Destinations {
    /// Plain subscriptions of this worker's sessions.
    pub local: Vec<Subscriber>,
    /// Other workers with plain subscriptions.
    pub workers: SmallVec<[WorkerId; 4]>,
    /// Share groups, of which one member each gets it.
    pub groups: SmallVec<[Arc<ShareGroup>; 2]>,
}

impl Destinations {
    pub fn is_empty(&self) -> bool {
        self.local.is_empty() && self.workers.is_empty() && self.groups.is_empty()
    }
}

/// Generations of the worker's index and of the node's route table.
pub(crate) type Stamp = (u64, u64);

/// A cache of `D`, made from tables of the generations `S`.
#[derive(Debug)]
pub(crate) struct MatchCache<S, D> {
    newer: Half<S, D>,
    older: Half<S, D>,
}

type Half<S, D> = HashMap<ByteString, (S, Rc<D>), foldhash::fast::RandomState>;

impl<S, D> Default for MatchCache<S, D> {
    fn default() -> Self {
        Self {
            newer: Half::default(),
            older: Half::default(),
        }
    }
}

impl<S: Copy + PartialEq, D> MatchCache<S, D> {
    pub fn get(&mut self, topic: &str, stamp: S) -> Option<Rc<D>> {
        if let Some((made_at, found)) = self.newer.get(topic) {
            return (*made_at == stamp).then(|| Rc::clone(found));
        }
        let (key, entry) = self.older.remove_entry(topic)?;
        let found = (entry.0 == stamp).then(|| Rc::clone(&entry.1))?;
        self.put(key, entry);
        Some(found)
    }

    pub fn insert(&mut self, topic: &str, stamp: S, destinations: D) -> Rc<D> {
        let destinations = Rc::new(destinations);
        let entry = (stamp, Rc::clone(&destinations));
        match self.newer.get_mut(topic) {
            Some(stale) => *stale = entry,
            None => self.put(ByteString::from(topic), entry),
        }
        destinations
    }

    fn put(&mut self, topic: ByteString, entry: (S, Rc<D>)) {
        if self.newer.len() >= HALF_TOPICS_MAX {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(topic, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_a_generation_makes_an_entry_stale() {
        let mut cache = MatchCache::default();
        cache.insert("t", (1, 1), "here");
        assert_eq!(cache.get("t", (1, 1)).as_deref(), Some(&"here"));
        assert!(cache.get("t", (2, 1)).is_none());
        assert!(cache.get("t", (1, 2)).is_none());
        assert!(cache.get("u", (1, 1)).is_none());
        cache.insert("t", (2, 1), "there");
        assert_eq!(cache.get("t", (2, 1)).as_deref(), Some(&"there"));
    }

    #[test]
    fn a_full_cache_forgets_cold_topics_and_keeps_warm_ones() {
        let mut cache = MatchCache::default();
        for number in 0..3 * HALF_TOPICS_MAX {
            cache.insert(&number.to_string(), (), number);
            assert!(cache.get("0", ()).is_some(), "asked for all the time");
        }
        assert!(cache.newer.len() + cache.older.len() <= 2 * HALF_TOPICS_MAX);
        assert!(cache.get("1", ()).is_none());
    }
}
