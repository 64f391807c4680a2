//! Topic to destinations, remembered: most publishers send to the same topics again and again.
//!
//! An entry is stamped with the generation of the tables that it was made from; a change that may concern its topic
//! makes it stale. Bounded in topics and in bytes: a full segment forgets those that nobody asked for since it was last
//! full. Segments are small, so that neither growing nor forgetting takes long.

use bytestring::ByteString;
use hashbrown::HashTable;

use crate::HashSeed;
use crate::destinations::Destinations;

/// Tables that the cache consists of; a power of two.
const SEGMENTS: usize = 64;
/// Topics in each: 131,072 for each worker.
const SEGMENT_TOPICS_MAX: usize = 2048;
/// Bytes of topics and destinations in each, 128 MiB for each worker: topics may be long, and each of them may have
/// thousands of subscribers. One entry may be larger than that, alone.
const SEGMENT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A cache of where messages go.
#[derive(Debug)]
pub(crate) struct MatchCache {
    seed: HashSeed,
    segments: Vec<Segment>,
}

#[derive(Debug, Default)]
struct Segment {
    entries: HashTable<Entry>,
    /// Of all entries.
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    topic: ByteString,
    stamp: u64,
    destinations: Destinations,
    /// Since the segment was last full.
    was_asked_for: bool,
}

impl MatchCache {
    pub fn new(seed: HashSeed) -> Self {
        Self {
            seed,
            segments: (0..SEGMENTS).map(|_| Segment::default()).collect(),
        }
    }

    /// What was inserted for the topic, whose hash the caller knows, with the same stamp.
    #[inline]
    pub fn get(&mut self, topic: &str, hash: u64, stamp: u64) -> Option<Destinations> {
        self.find(topic, hash, stamp).map(|entry| entry.destinations.clone())
    }

    /// The same, and the topic in memory of its own, which all messages on it may share.
    #[inline]
    pub fn get_with_topic(&mut self, topic: &str, hash: u64, stamp: u64) -> Option<(Destinations, ByteString)> {
        let entry = self.find(topic, hash, stamp)?;
        Some((entry.destinations.clone(), entry.topic.clone()))
    }

    #[inline]
    fn find(&mut self, topic: &str, hash: u64, stamp: u64) -> Option<&Entry> {
        let entries = &mut self.segments[segment_of(hash)].entries;
        let entry = entries.find_mut(hash, |entry| *entry.topic == *topic)?;
        if entry.stamp != stamp {
            return None;
        }
        // Not written if it need not be: the line stays clean.
        if !entry.was_asked_for {
            entry.was_asked_for = true;
        }
        Some(entry)
    }

    pub fn insert(&mut self, topic: &str, hash: u64, stamp: u64, destinations: Destinations) {
        let segment = &mut self.segments[segment_of(hash)];
        if let Ok(mut stale) = segment.entries.find_entry(hash, |entry| *entry.topic == *topic) {
            let entry = stale.get_mut();
            segment.bytes -= entry.destinations.bytes();
            if segment.bytes + destinations.bytes() <= SEGMENT_BYTES_MAX {
                segment.bytes += destinations.bytes();
                entry.stamp = stamp;
                entry.destinations = destinations;
                return;
            }
            segment.bytes -= entry.topic.len();
            stale.remove();
        }
        let entry = Entry {
            topic: topic.into(),
            stamp,
            destinations,
            was_asked_for: false,
        };
        if !segment.has_room(entry.bytes()) {
            segment.make_room(entry.bytes());
        }
        segment.bytes += entry.bytes();
        let seed = &self.seed;
        segment
            .entries
            .insert_unique(hash, entry, |entry| seed.hash(&entry.topic));
    }
}

impl Entry {
    /// Memory beside the table's own.
    fn bytes(&self) -> usize {
        self.topic.len() + self.destinations.bytes()
    }
}

impl Segment {
    fn has_room(&self, bytes: usize) -> bool {
        self.entries.len() < SEGMENT_TOPICS_MAX && self.bytes + bytes <= SEGMENT_BYTES_MAX
    }

    /// Forgets what nobody asked for since the last time, and if that is not much, some of the rest.
    fn make_room(&mut self, bytes: usize) {
        self.retain(|entry| std::mem::take(&mut entry.was_asked_for));
        let is_full = |segment: &Self| {
            segment.entries.len() > SEGMENT_TOPICS_MAX / 8 * 7 || segment.bytes + bytes > SEGMENT_BYTES_MAX / 8 * 7
        };
        for one_in in [4, 2, 1] {
            if is_full(self) {
                let mut place = 0;
                self.retain(|_| {
                    place += 1;
                    place % one_in != 0
                });
            }
        }
    }

    fn retain(&mut self, mut keep: impl FnMut(&mut Entry) -> bool) {
        let bytes = &mut self.bytes;
        self.entries.retain(|entry| {
            let is_kept = keep(entry);
            if !is_kept {
                *bytes -= entry.bytes();
            }
            is_kept
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
    use crate::destinations::DestinationLists;
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
        let segments = &cache.segments;
        assert!(
            segments
                .iter()
                .all(|segment| segment.entries.len() <= SEGMENT_TOPICS_MAX)
        );
        assert!(cache.get("1", seed.hash("1"), 1).is_none());
    }

    #[test]
    fn a_segment_of_warm_topics_makes_room_too() {
        let mut segment = Segment::default();
        for number in 0..SEGMENT_TOPICS_MAX as u32 {
            let entry = Entry {
                topic: number.to_string().into(),
                stamp: 0,
                destinations: to(number),
                was_asked_for: true,
            };
            segment.bytes += entry.bytes();
            segment.entries.insert_unique(u64::from(number), entry, |_| 0);
        }
        segment.make_room(0);
        assert_eq!(segment.entries.len(), SEGMENT_TOPICS_MAX / 4 * 3);
        assert_eq!(segment.bytes, segment.entries.iter().map(Entry::bytes).sum::<usize>());
    }

    #[test]
    fn topics_with_many_subscribers_take_no_more_memory_than_they_may() {
        let crowd = |count: u32| {
            let local = (0..count).flat_map(|index| to(index).local().to_vec()).collect();
            Destinations::from(DestinationLists {
                local,
                ..DestinationLists::default()
            })
        };
        let seed = HashSeed::weak();
        let mut cache = MatchCache::new(seed.clone());
        for number in 0..1000 {
            let topic = format!("t/{number}");
            let hash = seed.hash(&topic);
            cache.insert(&topic, hash, 1, crowd(1000));
            assert!(cache.get(&topic, hash, 1).is_some(), "the newest is there");
            for segment in &cache.segments {
                assert!(segment.bytes <= SEGMENT_BYTES_MAX);
                let bytes = segment.entries.iter().map(Entry::bytes).sum::<usize>();
                assert_eq!(segment.bytes, bytes);
            }
        }
        let hash = seed.hash("popular");
        cache.insert("popular", hash, 1, crowd(200_000));
        assert!(cache.get("popular", hash, 1).is_some(), "larger than all, and alone");
        assert_eq!(cache.segments[segment_of(hash)].entries.len(), 1);
        // What is stale makes room for what takes its place.
        cache.insert("popular", hash, 2, crowd(1));
        assert_eq!(cache.segments[segment_of(hash)].bytes, "popular".len());
    }
}
