//! Topic to destinations, remembered: most publishers send to the same topics again and again.
//!
//! An entry is stamped with the generations of the index and of the route table that it was made from; a
//! change of either makes it stale. Bounded in entries; when full it is emptied, which costs each warm topic one
//! look-up.

use std::rc::Rc;
use std::sync::Arc;

use bytestring::ByteString;
use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::local_index::Subscriber;
use crate::{ShareGroup, WorkerId};

/// Topics remembered at most, for each worker.
const TOPICS_MAX: usize = 65_536;

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

/// Generations of index and route table.
pub(crate) type Stamp = (u64, u64);

/// The cache.
#[derive(Debug, Default)]
pub(crate) struct MatchCache {
    topics: HashMap<ByteString, (Stamp, Rc<Destinations>), foldhash::fast::RandomState>,
}

impl MatchCache {
    pub fn get(&self, topic: &str, stamp: Stamp) -> Option<Rc<Destinations>> {
        let (made_at, destinations) = self.topics.get(topic)?;
        (*made_at == stamp).then(|| Rc::clone(destinations))
    }

    pub fn insert(&mut self, topic: &str, stamp: Stamp, destinations: Destinations) -> Rc<Destinations> {
        let destinations = Rc::new(destinations);
        if let Some(entry) = self.topics.get_mut(topic) {
            *entry = (stamp, Rc::clone(&destinations));
            return destinations;
        }
        if self.topics.len() >= TOPICS_MAX {
            self.topics.clear();
        }
        self.topics
            .insert(ByteString::from(topic), (stamp, Rc::clone(&destinations)));
        destinations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_either_generation_makes_an_entry_stale() {
        let mut cache = MatchCache::default();
        cache.insert("t", (1, 1), Destinations::default());
        assert!(cache.get("t", (1, 1)).is_some());
        assert!(cache.get("t", (2, 1)).is_none());
        assert!(cache.get("t", (1, 2)).is_none());
        assert!(cache.get("u", (1, 1)).is_none());
    }

    #[test]
    fn it_does_not_grow_beyond_its_bound() {
        let mut cache = MatchCache::default();
        for number in 0..=TOPICS_MAX {
            cache.insert(&number.to_string(), (0, 0), Destinations::default());
        }
        assert_eq!(cache.topics.len(), 1);
        assert!(cache.get(&TOPICS_MAX.to_string(), (0, 0)).is_some());
    }
}
