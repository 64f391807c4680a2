//! The retained messages as one map that all nodes write: of two writers of a topic the one with the later [`Stamp`]
//! wins on every node, in whatever order they hear of it.
//!
//! A topic that was cleared leaves a tombstone for an hour, so that an older message that was under way does not come
//! back. What expires leaves none: it expires on every node.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use bytestring::ByteString;

use crate::record;
use crate::{Journal, MemoryRetainedStore, Message, Stamp, Time};

/// How long a tombstone is kept, milliseconds: longer than any node is behind that is not given a snapshot.
const TOMBSTONE_MS: u64 = 3_600_000;
/// Tombstones kept; some 20 MiB with topics of a usual length.
const TOMBSTONES_MAX: usize = 100_000;

record!(Stamp { at, node });
record!(RetainedRow {
    topic,
    message,
    expires_at,
    stamp
});

/// Who writes, and what time it is.
pub(crate) struct Writer {
    pub node: u64,
    pub unix_ms: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Writer")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

/// What is known of one topic: for another node, or another process that goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct RetainedRow {
    /// The topic.
    pub topic: ByteString,
    /// What is retained; `None` when it was cleared.
    pub message: Option<Arc<Message>>,
    /// When that goes, by its own expiry or the configured one.
    pub expires_at: Option<Time>,
    /// Who wrote it when.
    pub stamp: Stamp,
}

/// Topics that were cleared.
#[derive(Debug, Default)]
pub(crate) struct Tombstones {
    by_topic: BTreeMap<ByteString, Tombstone>,
    /// When they were made here, Unix milliseconds.
    by_age: BTreeSet<(u64, ByteString)>,
    forgotten: u64,
}

#[derive(Debug)]
struct Tombstone {
    stamp: Stamp,
    made_at: u64,
}

impl Tombstones {
    pub fn stamp(&self, topic: &str) -> Option<Stamp> {
        self.by_topic.get(topic).map(|tombstone| tombstone.stamp)
    }

    /// The oldest go when there are too many.
    pub fn add(&mut self, topic: ByteString, stamp: Stamp, made_at: u64) {
        self.remove(&topic);
        while self.by_topic.len() >= TOMBSTONES_MAX
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.by_topic.remove(&oldest);
            self.forgotten += 1;
            if self.forgotten.is_power_of_two() {
                tracing::warn!(
                    forgotten = self.forgotten,
                    kept = TOMBSTONES_MAX,
                    next = "nothing, unless a cleared topic comes back: then clear it again",
                    "retained_tombstones_forgotten_early"
                );
            }
        }
        self.by_age.insert((made_at, topic.clone()));
        self.by_topic.insert(topic, Tombstone { stamp, made_at });
    }

    pub fn remove(&mut self, topic: &str) {
        if let Some((topic, tombstone)) = self.by_topic.remove_entry(topic) {
            self.by_age.remove(&(tombstone.made_at, topic));
        }
    }

    /// Forgets those that are old enough, `max` at most.
    pub fn expire(&mut self, unix_ms: u64, max: usize) {
        for _ in 0..max {
            match self.by_age.first() {
                Some((made_at, _)) if made_at.saturating_add(TOMBSTONE_MS) <= unix_ms => {}
                _ => return,
            }
            if let Some((_, topic)) = self.by_age.pop_first() {
                self.by_topic.remove(&topic);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.by_topic.len()
    }
}

impl MemoryRetainedStore {
    /// Who hears of what is retained and cleared here: to be set before anything is.
    pub fn set_journal(&self, journal: Arc<dyn Journal>) {
        self.journal.set(journal);
    }

    /// This node's number in the cluster and its clock, Unix milliseconds: what its messages are stamped with. Without
    /// them stamps count up.
    pub fn set_writer(&self, node: u64, unix_ms: impl Fn() -> u64 + Send + Sync + 'static) {
        let unix_ms = Box::new(unix_ms);
        // The first one stays: a number in the cluster does not change.
        let _ = self.writer.set(Writer { node, unix_ms });
    }

    /// What another node has said of a topic: its message, or `None` when it was cleared. Whether that was news: what is
    /// known of a later writer stays.
    ///
    /// Limits are kept to by the node that its client published to. A message with no expiry of its own is given the
    /// configured one from when it was published, or from now if that lies ahead.
    pub fn apply_remote(&self, message: Option<Arc<Message>>, topic: &str, stamp: Stamp, now: Time) -> bool {
        let message = message.filter(|message| !message.payload.is_empty());
        if self.state.read().stamp(topic) >= Some(stamp) {
            return false;
        }
        // Before the lock: copying a payload may take a while.
        let message = message.map(|message| Arc::new(message.detach()));
        let made_at = self.unix_ms();
        let mut state = self.state.write();
        if state.stamp(topic) >= Some(stamp) {
            return false;
        }
        state.last_at = state.last_at.max(stamp.at);
        state.remove(topic);
        match message {
            Some(message) => {
                let default_expiry = state.config.msg_expiry_interval;
                let default_expiry = default_expiry.map(|interval| message.published_at.min(now).after(interval));
                let expires_at = message.expires_at.or(default_expiry);
                state.insert(message, expires_at, stamp);
            }
            None => state.tombstones.add(ByteString::from(topic), stamp, made_at),
        }
        true
    }

    /// Topics behind `after` in their order, those that were cleared among them; at most `limit`, which is above 0.
    pub fn export_page(&self, after: Option<&str>, limit: usize) -> Vec<RetainedRow> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.state.read();
        let messages = state.messages.range::<str, _>((start, Bound::Unbounded));
        let messages = messages.take(limit).map(|(topic, entry)| RetainedRow {
            topic: topic.clone(),
            message: Some(Arc::clone(&entry.message)),
            expires_at: entry.expires_at,
            stamp: entry.stamp,
        });
        let cleared = state.tombstones.by_topic.range::<str, _>((start, Bound::Unbounded));
        let cleared = cleared.take(limit).map(|(topic, tombstone)| RetainedRow {
            topic: topic.clone(),
            message: None,
            expires_at: None,
            stamp: tombstone.stamp,
        });
        let mut page: Vec<RetainedRow> = messages.chain(cleared).collect();
        page.sort_by(|left, right| left.topic.cmp(&right.topic));
        page.truncate(limit);
        page
    }

    /// Takes in what another process of this node has known, whatever the limits are now.
    pub fn restore(&self, row: RetainedRow) {
        let RetainedRow {
            topic,
            message,
            expires_at,
            stamp,
        } = row;
        let made_at = self.unix_ms();
        let mut state = self.state.write();
        state.last_at = state.last_at.max(stamp.at);
        state.remove(&topic);
        match message {
            Some(message) => state.insert(message, expires_at, stamp),
            None => state.tombstones.add(topic, stamp, made_at),
        }
    }

    /// The digest of what is retained, without tombstones: see [`crate::row_digest`].
    pub fn digest(&self) -> u64 {
        self.state.read().digest
    }

    /// Topics that were cleared and are remembered.
    pub fn tombstones(&self) -> usize {
        self.state.read().tombstones.len()
    }

    pub(crate) fn unix_ms(&self) -> u64 {
        self.writer.get().map_or(0, |writer| (writer.unix_ms)())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use bytes::Bytes;
    use mqtt_codec::QoS;
    use parking_lot::Mutex;
    use proptest::prelude::*;

    use super::*;
    use crate::digest::retained_digest;
    use crate::{Change, RetainedStore, RetainerConfig};

    fn message(topic: &str, payload: &str) -> Arc<Message> {
        Arc::new(Message {
            id: 0,
            topic: topic.into(),
            payload: Bytes::copy_from_slice(payload.as_bytes()),
            qos: QoS::AtLeastOnce,
            retain: true,
            properties: None,
            publisher: ByteString::new(),
            published_at: Time(0),
            expires_at: None,
        })
    }

    type Told = (String, Option<Arc<Message>>, Stamp);

    #[derive(Default)]
    struct Log(Mutex<Vec<Told>>);

    impl Journal for Log {
        fn note(&self, change: Change<'_>) {
            self.0.lock().push(match change {
                Change::Retained { message, stamp } => (message.topic.to_string(), Some(Arc::clone(message)), stamp),
                Change::RetainedRemoved { topic, stamp } => (topic.into(), None, stamp),
                other => panic!("{other:?}"),
            });
        }
    }

    /// A node with its clock, and what it has told.
    struct Node {
        store: MemoryRetainedStore,
        clock: Arc<AtomicU64>,
        log: Arc<Log>,
    }

    impl Node {
        fn new(number: u64) -> Self {
            let (clock, log) = (Arc::new(AtomicU64::new(1000)), Arc::new(Log::default()));
            let store = MemoryRetainedStore::new(RetainerConfig::default());
            let now = Arc::clone(&clock);
            store.set_writer(number, move || now.load(Ordering::Relaxed));
            store.set_journal(Arc::clone(&log) as _);
            Self { store, clock, log }
        }

        fn hear(&self, (topic, message, stamp): &Told) -> bool {
            self.store.apply_remote(message.clone(), topic, *stamp, Time(0))
        }

        fn told(&self) -> Vec<Told> {
            self.log.0.lock().clone()
        }

        fn payload(&self, topic: &str) -> Option<String> {
            let message = self.store.get(topic, Time(0))?;
            Some(String::from_utf8(message.payload.to_vec()).unwrap())
        }
    }

    #[test]
    fn own_messages_are_stamped_later_than_all_that_was_seen() {
        let node = Node::new(7);
        node.store.store(message("a", "1"), Time(0)).unwrap();
        node.store.store(message("a", "2"), Time(0)).unwrap();
        assert!(node.hear(&("b".into(), Some(message("b", "x")), Stamp { at: 5000, node: 9 })));
        node.store.store(message("a", ""), Time(0)).unwrap();
        node.clock.store(9000, Ordering::Relaxed);
        assert!(node.store.remove("b"));
        let stamps: Vec<Stamp> = node.told().into_iter().map(|(_, _, stamp)| stamp).collect();
        assert_eq!(stamps, [1000, 1001, 5001, 9000].map(|at| Stamp { at, node: 7 }));
        // A clock far ahead of all others is no way to overflow.
        let last = Stamp { at: u64::MAX, node: 9 };
        assert!(node.hear(&("c".into(), Some(message("c", "x")), last)));
        node.store.store(message("d", "1"), Time(0)).unwrap();
        assert_eq!(node.payload("d").as_deref(), Some("1"));
    }

    #[test]
    fn without_a_cluster_stamps_count_up_and_nothing_is_remembered_of_what_was_cleared() {
        let store = MemoryRetainedStore::new(RetainerConfig::default());
        for payload in ["1", "2", ""] {
            store.store(message("a", payload), Time(0)).unwrap();
        }
        store.store(message("b", "1"), Time(0)).unwrap();
        assert_eq!(store.tombstones(), 0);
        let stamps: Vec<Stamp> = store.export_page(None, 10).into_iter().map(|row| row.stamp).collect();
        assert_eq!(stamps, [Stamp { at: 3, node: 0 }]);
    }

    #[test]
    fn an_older_message_does_not_come_back_after_its_topic_was_cleared() {
        let (one, two, late) = (Node::new(1), Node::new(2), Node::new(3));
        one.store.store(message("a", "old"), Time(0)).unwrap();
        let old = one.told().remove(0);
        assert!(two.hear(&old));
        two.store.store(message("a", ""), Time(0)).unwrap();
        let cleared = two.told().remove(0);
        assert!(late.hear(&cleared));
        assert!(!late.hear(&old) && !late.hear(&cleared), "no news");
        assert_eq!(
            (late.payload("a"), late.store.len(), late.store.tombstones()),
            (None, 0, 1)
        );
        assert_eq!(late.told().len(), 0, "what others said is not passed on");
        // After an hour nobody is behind that far.
        late.clock.fetch_add(TOMBSTONE_MS, Ordering::Relaxed);
        late.store.expire(Time(0), 100);
        assert_eq!(late.store.tombstones(), 0);
    }

    #[test]
    fn the_oldest_tombstones_go_when_there_are_too_many() {
        let node = Node::new(1);
        for number in 0..TOMBSTONES_MAX + 10 {
            node.clock.store(number as u64, Ordering::Relaxed);
            node.store.remove(&number.to_string());
        }
        let state = node.store.state.read();
        assert_eq!(
            (state.tombstones.len(), state.tombstones.forgotten),
            (TOMBSTONES_MAX, 10)
        );
        assert!(state.tombstones.stamp("9").is_none() && state.tombstones.stamp("10").is_some());
        assert_eq!(state.tombstones.by_age.len(), TOMBSTONES_MAX);
    }

    #[test]
    fn the_configured_expiry_counts_from_when_a_message_was_published_and_is_told_to_nobody() {
        let node = Node::new(1);
        node.store.configure(RetainerConfig {
            msg_expiry_interval: Some(Duration::from_secs(10)),
            ..RetainerConfig::default()
        });
        let published = Arc::new(Message {
            published_at: Time(5_000),
            ..(*message("a", "x")).clone()
        });
        let stamp = Stamp { at: 1, node: 2 };
        assert!(node.store.apply_remote(Some(published), "a", stamp, Time(8_000)));
        assert!(node.store.get("a", Time(14_999)).is_some() && node.store.get("a", Time(15_000)).is_none());
        assert_eq!(node.store.expire(Time(15_000), 10), 1);
        assert_eq!((node.told().len(), node.store.tombstones()), (0, 0));
    }

    #[test]
    fn another_process_goes_on_with_stamps_and_tombstones() {
        let (old, new) = (Node::new(1), Node::new(1));
        for topic in ["a", "b", "c"] {
            old.store.store(message(topic, "x"), Time(0)).unwrap();
        }
        old.store.clean(Some("b"), None, 10);
        let mut after: Option<ByteString> = None;
        loop {
            let page = old.store.export_page(after.as_deref(), 2);
            let Some(last) = page.last() else { break };
            after = Some(last.topic.clone());
            page.into_iter().for_each(|row| new.store.restore(row));
        }
        assert_eq!(new.store.export_page(None, 10), old.store.export_page(None, 10));
        assert_eq!(new.store.digest(), old.store.digest());
        new.clock.store(0, Ordering::Relaxed);
        new.store.store(message("a", "y"), Time(0)).unwrap();
        assert!(new.told()[0].2 > old.told()[3].2, "later than what the old one wrote");
    }

    #[derive(Debug, Clone)]
    enum Step {
        Store(usize, String, u8),
        Clear(usize, String),
        Clean(usize),
        /// Its clock goes on; those of the nodes do not agree.
        Tick(usize, u64),
        /// One change that a node has told reaches another, perhaps not for the first time.
        Deliver(usize, usize, prop::sample::Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            5 => (0usize..3, "[a-c]", any::<u8>()).prop_map(|(node, topic, payload)| Step::Store(node, topic, payload)),
            3 => (0usize..3, "[a-c]").prop_map(|(node, topic)| Step::Clear(node, topic)),
            1 => (0usize..3).prop_map(Step::Clean),
            2 => (0usize..3, 0u64..50).prop_map(|(node, ms)| Step::Tick(node, ms)),
            8 => (0usize..3, 0usize..3, any::<prop::sample::Index>()).prop_map(|(from, to, which)| Step::Deliver(from, to, which)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        #[test]
        fn three_nodes_agree_whatever_the_order_they_hear_of_one_another_in(
            steps in prop::collection::vec(step(), 1..80),
            order in any::<u64>(),
        ) {
            let nodes = [Node::new(1), Node::new(2), Node::new(3)];
            for step in steps {
                match step {
                    Step::Store(node, topic, payload) => {
                        nodes[node].store.store(message(&topic, &payload.to_string()), Time(0)).unwrap();
                    }
                    Step::Clear(node, topic) => nodes[node].store.store(message(&topic, ""), Time(0)).unwrap(),
                    Step::Clean(node) => {
                        nodes[node].store.clean(None, None, 2);
                    }
                    Step::Tick(node, ms) => {
                        nodes[node].clock.fetch_add(ms, Ordering::Relaxed);
                    }
                    Step::Deliver(from, to, which) if from != to => {
                        let told = nodes[from].told();
                        if !told.is_empty() {
                            nodes[to].hear(which.get(&told));
                        }
                    }
                    Step::Deliver(..) => {}
                }
            }
            let mut all: Vec<Told> = nodes.iter().flat_map(Node::told).collect();
            let latest = |topic: &str| {
                let of_topic = all.iter().filter(|(other, ..)| other == topic);
                of_topic.max_by_key(|(_, _, stamp)| *stamp).cloned()
            };
            let expected: Vec<Told> = ["a", "b", "c"].into_iter().filter_map(latest).collect();
            for (number, node) in nodes.iter().enumerate() {
                let seed = order.rotate_left(number as u32 * 7) | 1;
                all.sort_by_key(|(topic, _, stamp)| retained_digest(topic, *stamp).wrapping_mul(seed));
                for told in &all {
                    node.hear(told);
                }
            }
            // A newcomer is given pages of all of them.
            let newcomer = Node::new(4);
            for row in nodes.iter().flat_map(|node| node.store.export_page(None, 100)) {
                newcomer.store.apply_remote(row.message, &row.topic, row.stamp, Time(0));
            }
            for node in nodes.iter().chain([&newcomer]) {
                let rows = node.store.export_page(None, 100);
                let found: Vec<Told> = rows.into_iter().map(|row| (row.topic.to_string(), row.message, row.stamp)).collect();
                prop_assert_eq!(&found, &expected);
                let messages = expected.iter().filter(|(_, message, _)| message.is_some());
                let digest = messages.fold(0u64, |sum, (topic, _, stamp)| sum.wrapping_add(retained_digest(topic, *stamp)));
                prop_assert_eq!(node.store.digest(), digest);
            }
        }
    }
}
