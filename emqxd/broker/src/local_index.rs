//! The plain subscriptions of one worker's sessions: filter to subscribers.
//!
//! Shared subscriptions are not in here: their members are picked from the node's route table
//! (`route_table.rs`), which also says which workers to ask for a topic at all.

use hashbrown::HashMap;

use crate::{FilterTrie, SessionKey, SubscriptionOptions};

/// One session's interest in a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subscriber {
    pub session: SessionKey,
    pub options: SubscriptionOptions,
}

/// Subscribers of one filter above which a position map is kept, so that leaving a popular filter stays cheap.
const POSITIONS_FROM: usize = 32;

/// Who subscribed to one filter: most have one subscriber, which costs no memory of its own.
#[derive(Debug)]
enum Subscribers {
    One(Subscriber),
    Many(Box<Crowd>),
}

/// More than one subscriber, or what is left of them.
#[derive(Debug)]
struct Crowd {
    list: Vec<Subscriber>,
    positions: Option<HashMap<SessionKey, u32, foldhash::fast::FixedState>>,
}

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

/// The index.
#[derive(Debug, Default)]
pub(crate) struct LocalIndex {
    trie: FilterTrie<Subscribers>,
    generation: u64,
}

impl LocalIndex {
    /// Changes with every change of the index; what was looked up before is stale then.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    pub fn insert(&mut self, filter: &str, subscriber: Subscriber) -> IndexChange {
        self.generation += 1;
        let mut is_new = false;
        let subscribers = self.trie.get_or_insert_with(filter, || {
            is_new = true;
            Subscribers::One(subscriber)
        });
        if is_new {
            return IndexChange::Edge;
        }
        if let Some(present) = subscribers.find_mut(subscriber.session) {
            present.options = subscriber.options;
            return IndexChange::None;
        }
        subscribers.push(subscriber);
        IndexChange::Inner
    }

    pub fn remove(&mut self, filter: &str, session: SessionKey) -> IndexChange {
        let Some(subscribers) = self.trie.get_mut(filter) else {
            return IndexChange::None;
        };
        if !subscribers.remove(session) {
            return IndexChange::None;
        }
        self.generation += 1;
        if subscribers.as_slice().is_empty() {
            self.trie.remove(filter);
            return IndexChange::Edge;
        }
        IndexChange::Inner
    }

    pub fn for_each_match(&self, topic: &str, mut visit: impl FnMut(Subscriber)) {
        self.trie.for_each_match(topic, &mut |subscribers: &Subscribers| {
            subscribers.as_slice().iter().copied().for_each(&mut visit);
        });
    }
}

impl Subscribers {
    fn as_slice(&self) -> &[Subscriber] {
        match self {
            Self::One(subscriber) => std::slice::from_ref(subscriber),
            Self::Many(crowd) => &crowd.list,
        }
    }

    fn find_mut(&mut self, session: SessionKey) -> Option<&mut Subscriber> {
        match self {
            Self::One(subscriber) => Some(subscriber).filter(|subscriber| subscriber.session == session),
            Self::Many(crowd) => {
                let position = crowd.position(session)?;
                crowd.list.get_mut(position)
            }
        }
    }

    fn push(&mut self, subscriber: Subscriber) {
        if let Self::One(first) = self {
            *self = Self::Many(Box::new(Crowd {
                list: vec![*first],
                positions: None,
            }));
        }
        if let Self::Many(crowd) = self {
            crowd.push(subscriber);
        }
    }

    /// Whether it was there. Nobody may be left, also of one.
    fn remove(&mut self, session: SessionKey) -> bool {
        match self {
            Self::One(subscriber) if subscriber.session == session => {
                *self = Self::Many(Box::new(Crowd {
                    list: Vec::new(),
                    positions: None,
                }));
                true
            }
            Self::One(_) => false,
            Self::Many(crowd) => {
                let position = crowd.position(session);
                if let Some(position) = position {
                    crowd.swap_remove(position);
                }
                position.is_some()
            }
        }
    }
}

impl Crowd {
    fn position(&self, session: SessionKey) -> Option<usize> {
        match &self.positions {
            Some(positions) => positions.get(&session).map(|&position| position as usize),
            None => self.list.iter().position(|each| each.session == session),
        }
    }

    fn push(&mut self, subscriber: Subscriber) {
        self.list.push(subscriber);
        match &mut self.positions {
            Some(positions) => {
                positions.insert(subscriber.session, position_number(self.list.len() - 1));
            }
            None if self.list.len() > POSITIONS_FROM => {
                let positions = self
                    .list
                    .iter()
                    .enumerate()
                    .map(|(at, each)| (each.session, position_number(at)));
                self.positions = Some(positions.collect());
            }
            None => {}
        }
    }

    fn swap_remove(&mut self, position: usize) {
        let gone = self.list.swap_remove(position);
        if let Some(positions) = &mut self.positions {
            positions.remove(&gone.session);
            if let Some(moved) = self.list.get(position) {
                positions.insert(moved.session, position_number(position));
            }
            if self.list.len() <= POSITIONS_FROM / 2 {
                self.positions = None;
            }
        }
    }
}

fn position_number(position: usize) -> u32 {
    u32::try_from(position).expect("session keys have 32-bit indices, so no filter has more subscribers")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscriber(index: u32) -> Subscriber {
        Subscriber {
            session: SessionKey { index, generation: 0 },
            options: SubscriptionOptions::default(),
        }
    }

    #[test]
    fn a_popular_filter_loses_subscribers_in_any_order() {
        let mut index = LocalIndex::default();
        for number in 0..200 {
            index.insert("a/+", subscriber(number));
        }
        for number in (0..200).step_by(3) {
            assert_eq!(index.remove("a/+", subscriber(number).session), IndexChange::Inner);
        }
        let mut left = Vec::new();
        index.for_each_match("a/b", |each| left.push(each.session.index));
        left.sort_unstable();
        assert_eq!(left, (0..200).filter(|number| number % 3 != 0).collect::<Vec<u32>>());
    }

    #[test]
    fn the_first_and_the_last_subscriber_are_edges() {
        let mut index = LocalIndex::default();
        assert_eq!(index.insert("a", subscriber(1)), IndexChange::Edge);
        assert_eq!(index.insert("a", subscriber(1)), IndexChange::None);
        assert_eq!(index.insert("a", subscriber(2)), IndexChange::Inner);
        assert_eq!(index.remove("a", subscriber(1).session), IndexChange::Inner);
        assert_eq!(index.remove("a", subscriber(1).session), IndexChange::None);
        assert_eq!(index.remove("a", subscriber(2).session), IndexChange::Edge);
    }

    #[test]
    fn nothing_is_left_of_filters_that_nobody_wants_any_more() {
        let mut index = LocalIndex::default();
        let empty = index.trie.node_count();
        let filters = ["a/b/c/d", "a/+/c/#", "a/b", "#", "+/+/+", "$SYS/x"];
        for (number, filter) in (0..).zip(filters) {
            index.insert(filter, subscriber(number));
            index.insert(filter, subscriber(100));
        }
        for (number, filter) in (0..).zip(filters) {
            index.remove(filter, subscriber(100).session);
            index.remove(filter, subscriber(number).session);
        }
        assert!(index.trie.is_empty());
        assert_eq!(index.trie.node_count(), empty);
    }
}
