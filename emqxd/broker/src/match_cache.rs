//! Topic to destinations, remembered: most publishers send to the same topics again and again.
//!
//! An entry is stamped with the generation of the tables that it was made from; a change that may concern its topic
//! makes it stale. Bounded in topics: a full segment forgets those that nobody asked for since it was last full.
//! Segments are small, so that neither growing nor forgetting takes long.

use hashbrown::HashTable;

use crate::HashSeed;
use crate::destinations::Destinations;

/// Tables that the cache consists of; a power of two.
const SEGMENTS: usize = 64;
/// Topics in each: 131,072 for each worker.
const SEGMENT_TOPICS_MAX: usize = 2048;

/// A cache of where messages go.
#[derive(Debug)]
pub(crate) struct MatchCache {
    seed: HashSeed,
    segments: Vec<HashTable<Entry>>,
}

#[derive(Debug)]
struct Entry {
    topic: Box<str>,
    stamp: u64,
    destinations: Destinations,
    /// Since the segment was last full.
    was_asked_for: bool,
}

impl MatchCache {
    pub fn new(seed: HashSeed) -> Self {
        Self {
            seed,
            segments: (0..SEGMENTS).map(|_| HashTable::new()).collect(),
        }
    }

    /// What was inserted for the topic, whose hash the caller knows, with the same stamp.
    #[inline]
    pub fn get(&mut self, topic: &str, hash: u64, stamp: u64) -> Option<Destinations> {
        let entry = self.segments[segment_of(hash)].find_mut(hash, |entry| *entry.topic == *topic)?;
        if entry.stamp != stamp {
            return None;
        }
        // Not written if it need not be: the line stays clean.
        if !entry.was_asked_for {
            entry.was_asked_for = true;
        }
        Some(entry.destinations.clone())
    }

    pub fn insert(&mut self, topic: &str, hash: u64, stamp: u64, destinations: Destinations) {
        let segment = &mut self.segments[segment_of(hash)];
        if let Some(stale) = segment.find_mut(hash, |entry| *entry.topic == *topic) {
            stale.stamp = stamp;
            stale.destinations = destinations;
            return;
        }
        if segment.len() >= SEGMENT_TOPICS_MAX {
            make_room(segment);
        }
        let entry = Entry {
            topic: topic.into(),
            stamp,
            destinations,
            was_asked_for: false,
        };
        let seed = &self.seed;
        segment.insert_unique(hash, entry, |entry| seed.hash(&entry.topic));
    }
}

/// Forgets what nobody asked for since the last time, and if that is not much, some of the rest.
fn make_room(segment: &mut HashTable<Entry>) {
    segment.retain(|entry| std::mem::take(&mut entry.was_asked_for));
    if segment.len() > SEGMENT_TOPICS_MAX / 8 * 7 {
        let mut place = 0;
        segment.retain(|_| {
            place += 1;
            place % 4 != 0
        });
    }
}

/// Bits that the tables look at last: they take their place from the low ones and a tag from the top seven.
fn segment_of(hash: u64) -> usize {
    (hash >> 48) as usize % SEGMENTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscribers::Subscriber;
    use crate::{SessionKey, SubscriptionOptions};

    fn to(index: u32) -> Destinations {
        Destinations::One(Subscriber {
            session: SessionKey { index, generation: 0 },
            options: SubscriptionOptions::default(),
        })
    }

    fn index_of(found: Option<Destinations>) -> Option<u32> {
        found.map(|found| found.local()[0].session.index)
    }

    #[test]
    fn a_change_of_the_generation_makes_an_entry_stale() {
        let seed = HashSeed::weak();
        let mut cache = MatchCache::new(seed.clone());
        let hash = seed.hash("t");
        cache.insert("t", hash, 1, to(7));
        cache.insert("u", seed.hash("u"), 1, to(8));
        assert_eq!(index_of(cache.get("t", hash, 1)), Some(7));
        assert_eq!(index_of(cache.get("t", hash, 2)), None);
        assert_eq!(index_of(cache.get("v", seed.hash("v"), 1)), None);
        cache.insert("t", hash, 2, to(9));
        assert_eq!(index_of(cache.get("t", hash, 2)), Some(9));
        assert_eq!(index_of(cache.get("u", seed.hash("u"), 1)), Some(8));
    }

    #[test]
    fn a_full_cache_forgets_cold_topics_and_keeps_warm_ones() {
        let seed = HashSeed::fixed();
        let mut cache = MatchCache::new(seed.clone());
        let warm = seed.hash("0");
        for number in 0..2 * (SEGMENTS * SEGMENT_TOPICS_MAX) as u32 {
            let topic = number.to_string();
            cache.insert(&topic, seed.hash(&topic), 1, to(number));
            assert!(cache.get("0", warm, 1).is_some(), "asked for all the time");
        }
        assert!(cache.segments.iter().all(|segment| segment.len() <= SEGMENT_TOPICS_MAX));
        assert!(cache.get("1", seed.hash("1"), 1).is_none());
    }

    #[test]
    fn a_segment_of_warm_topics_makes_room_too() {
        let mut segment = HashTable::new();
        for number in 0..SEGMENT_TOPICS_MAX as u32 {
            let entry = Entry {
                topic: number.to_string().into(),
                stamp: 0,
                destinations: to(number),
                was_asked_for: true,
            };
            segment.insert_unique(u64::from(number), entry, |_| 0);
        }
        make_room(&mut segment);
        assert_eq!(segment.len(), SEGMENT_TOPICS_MAX / 4 * 3);
    }
}
