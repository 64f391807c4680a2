//! The plain subscriptions of one worker's sessions: filter to subscribers.
//!
//! Exact filters lie in a hash table, those with wildcards in a trie. Shared subscriptions are not in here: their
//! members are picked from the node's route table (`route_table.rs`), which also says which workers to ask for a
//! topic at all.

use bytestring::ByteString;

use crate::exact_filters::ExactFilters;
use crate::generations::{BUCKETS, bucket_of};
use crate::subscribers::{Subscriber, Subscribers};
use crate::topic::has_wildcard;
use crate::{FilterTrie, HashSeed, SessionKey};

/// What happened to a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexChange {
    /// First subscriber, or last one gone: the node's route table must hear of it.
    Edge,
    /// One of several.
    Inner,
    /// Nothing: an update in place, or it was not there.
    None,
}

/// Names a filter for as long as it has a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FilterId(u32);

impl FilterId {
    /// For tables of filters. Places are given out by this worker: nobody chooses them so that they collide.
    pub fn hash(self) -> u64 {
        (u64::from(self.0) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// The filter at a place, for tests of what keeps filters by their names.
    #[cfg(test)]
    pub fn of_place(place: u32) -> Self {
        Self(place)
    }
}

/// Set in the numbers of filters with wildcards, whose other bits say the place in the trie.
const WILDCARD: u32 = 1 << 31;

/// The index.
#[derive(Debug)]
pub(crate) struct LocalIndex {
    seed: HashSeed,
    exact: ExactFilters<Subscribers>,
    wildcards: FilterTrie<Subscribers>,
    wildcard_changes: u64,
    /// Changes of exact filters, by their hashes: each touches one topic, and the others' look-ups stay good.
    exact_changes: Box<[u64; BUCKETS]>,
}

impl LocalIndex {
    /// Without subscriptions.
    pub fn new(seed: HashSeed) -> Self {
        Self {
            exact: ExactFilters::new(seed.clone()),
            wildcards: FilterTrie::with_seed(seed.clone()),
            seed,
            wildcard_changes: 0,
            exact_changes: Box::new([0; BUCKETS]),
        }
    }

    /// Changes with every change that may concern the topic of this hash; what was looked up before is stale then.
    #[inline]
    pub fn generation(&self, topic_hash: u64) -> u64 {
        self.wildcard_changes + self.exact_changes[bucket_of(topic_hash)]
    }

    pub fn insert(&mut self, filter: &str, subscriber: Subscriber) -> (IndexChange, FilterId) {
        let mut is_new = false;
        let (id, subscribers) = if has_wildcard(filter) {
            self.wildcard_changes += 1;
            let (number, subscribers) = self.wildcards.entry(filter, || {
                is_new = true;
                Subscribers::One(subscriber)
            });
            (FilterId(number | WILDCARD), subscribers)
        } else {
            let hash = self.seed.hash(filter);
            self.exact_changes[bucket_of(hash)] += 1;
            let number = self.exact.find(filter, hash).unwrap_or_else(|| {
                is_new = true;
                self.exact.add(filter, hash, Subscribers::One(subscriber))
            });
            (FilterId(number), self.exact.value_mut(number))
        };
        if is_new {
            return (IndexChange::Edge, id);
        }
        if let Some(present) = subscribers.find_mut(subscriber.session) {
            present.options = subscriber.options;
            return (IndexChange::None, id);
        }
        subscribers.push(subscriber);
        (IndexChange::Inner, id)
    }

    pub fn remove(&mut self, filter: &str, session: SessionKey) -> IndexChange {
        if has_wildcard(filter) {
            return self.remove_wildcard(filter, session);
        }
        let hash = self.seed.hash(filter);
        let Some(number) = self.exact.find(filter, hash) else {
            return IndexChange::None;
        };
        let subscribers = self.exact.value_mut(number);
        if !subscribers.remove(session) {
            return IndexChange::None;
        }
        self.exact_changes[bucket_of(hash)] += 1;
        if !subscribers.as_slice().is_empty() {
            return IndexChange::Inner;
        }
        self.exact.remove(number);
        IndexChange::Edge
    }

    fn remove_wildcard(&mut self, filter: &str, session: SessionKey) -> IndexChange {
        let Some(subscribers) = self.wildcards.get_mut(filter) else {
            return IndexChange::None;
        };
        if !subscribers.remove(session) {
            return IndexChange::None;
        }
        self.wildcard_changes += 1;
        if !subscribers.as_slice().is_empty() {
            return IndexChange::Inner;
        }
        self.wildcards.remove(filter);
        IndexChange::Edge
    }

    /// The filter's name, if it has subscribers.
    pub fn id_of(&self, filter: &str) -> Option<FilterId> {
        if has_wildcard(filter) {
            let number = self.wildcards.number_of(filter)?;
            return Some(FilterId(number | WILDCARD));
        }
        self.exact.find(filter, self.seed.hash(filter)).map(FilterId)
    }

    /// The filter that is called `id`.
    pub fn text(&self, id: FilterId) -> ByteString {
        match id.0 & WILDCARD {
            0 => self.exact.text(id.0).into(),
            _ => self.wildcards.filter_of(id.0 & !WILDCARD).into(),
        }
    }

    /// Calls `visit` with each subscriber whose filter matches `topic`.
    pub fn for_each_match(&self, topic: &str, hash: u64, mut visit: impl FnMut(Subscriber)) {
        if let Some(number) = self.exact.find(topic, hash) {
            self.exact.value(number).as_slice().iter().copied().for_each(&mut visit);
        }
        if !self.wildcards.is_empty() {
            self.wildcards.for_each_match(topic, &mut |subscribers: &Subscribers| {
                subscribers.as_slice().iter().copied().for_each(&mut visit);
            });
        }
    }

    /// Exact filters from place `from` on with their places, in order of these.
    pub fn exact_from(&self, from: u32) -> impl Iterator<Item = (u32, &str)> {
        self.exact.iter_from(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SubscriptionOptions;

    fn subscriber(index: u32) -> Subscriber {
        Subscriber {
            session: SessionKey { index, generation: 0 },
            options: SubscriptionOptions::default(),
        }
    }

    #[test]
    fn a_popular_filter_loses_subscribers_in_any_order() {
        let mut index = LocalIndex::new(HashSeed::random());
        for number in 0..200 {
            index.insert("a/+", subscriber(number));
        }
        for number in (0..200).step_by(3) {
            assert_eq!(index.remove("a/+", subscriber(number).session), IndexChange::Inner);
        }
        let mut left = Vec::new();
        index.for_each_match("a/b", index.seed.hash("a/b"), |each| left.push(each.session.index));
        left.sort_unstable();
        assert_eq!(left, (0..200).filter(|number| number % 3 != 0).collect::<Vec<u32>>());
    }

    #[test]
    fn the_first_and_the_last_subscriber_are_edges() {
        let mut index = LocalIndex::new(HashSeed::random());
        assert_eq!(index.insert("a", subscriber(1)).0, IndexChange::Edge);
        assert_eq!(index.insert("a", subscriber(1)).0, IndexChange::None);
        assert_eq!(index.insert("a", subscriber(2)).0, IndexChange::Inner);
        assert_eq!(index.remove("a", subscriber(1).session), IndexChange::Inner);
        assert_eq!(index.remove("a", subscriber(1).session), IndexChange::None);
        assert_eq!(index.remove("a", subscriber(2).session), IndexChange::Edge);
    }

    #[test]
    fn exact_filters_are_found_by_name_and_whatever_their_hashes() {
        for seed in [HashSeed::random(), HashSeed::weak()] {
            let mut index = LocalIndex::new(seed.clone());
            let ids: Vec<FilterId> = (0..50u32)
                .map(|number| index.insert(&format!("t/{number}"), subscriber(number)).1)
                .collect();
            let wildcard = index.insert("t/+", subscriber(100)).1;
            assert_eq!((index.id_of("t/+"), &*index.text(wildcard)), (Some(wildcard), "t/+"));
            for (number, id) in (0..).zip(ids) {
                let filter = format!("t/{number}");
                assert_eq!((index.id_of(&filter), &*index.text(id)), (Some(id), &*filter));
                let mut found = Vec::new();
                index.for_each_match(&filter, seed.hash(&filter), |each| found.push(each.session.index));
                found.sort_unstable();
                assert_eq!(found, [number, 100]);
                let generation = index.generation(seed.hash(&filter));
                assert_eq!(index.remove(&filter, subscriber(number).session), IndexChange::Edge);
                assert!(index.generation(seed.hash(&filter)) > generation);
                assert_eq!(index.id_of(&filter), None);
            }
        }
    }

    #[test]
    fn nothing_is_left_of_filters_that_nobody_wants_any_more() {
        let mut index = LocalIndex::new(HashSeed::random());
        let empty = index.wildcards.node_count();
        let filters = ["a/b/c/d", "a/+/c/#", "a/b", "#", "+/+/+", "$SYS/x"];
        for (number, filter) in (0..).zip(filters) {
            index.insert(filter, subscriber(number));
            index.insert(filter, subscriber(100));
        }
        for (number, filter) in (0..).zip(filters) {
            index.remove(filter, subscriber(100).session);
            index.remove(filter, subscriber(number).session);
        }
        assert!(index.wildcards.is_empty());
        assert_eq!(index.wildcards.node_count(), empty);
        assert_eq!(index.exact_from(0).count(), 0);
    }
}
