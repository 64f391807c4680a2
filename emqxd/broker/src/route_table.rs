//! The node's route table: which workers want a topic filter, and which share groups exist.
//!
//! A worker adds a route with its first local subscription to a filter and removes it with its last;
//! it finds its own subscribers in its own index. Share groups span workers, so their members are
//! listed here one by one. Publishers call [`RouteTable::resolve`] and keep the answer until
//! [`RouteTable::generation`] changes.
//!
//! One read-write lock guards everything and is held for the length of one call. No other lock is taken
//! while it is held; it may be taken while a session or a worker is borrowed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytestring::ByteString;
use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::{FilterTrie, SessionKey, ShareGroup, ShareMember, WorkerId};

/// The routes of one node, shared by its workers.
#[derive(Debug, Default)]
pub struct RouteTable {
    state: RwLock<State>,
    generation: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    routes: FilterTrie<Route>,
    last_group_id: u64,
    shared_subscriptions: usize,
}

/// Who wants one filter. Small, since most are wanted by one worker and no group.
#[derive(Debug, Default)]
struct Route {
    /// Bit n: worker n, for n below 64.
    workers: u64,
    more: Option<Box<MoreDestinations>>,
}

#[derive(Debug, Default)]
struct MoreDestinations {
    /// Workers from 64 on.
    workers: Vec<WorkerId>,
    groups: Vec<Arc<ShareGroup>>,
}

/// Where a message goes.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    /// Workers with at least one matching subscription, each once, in order.
    pub workers: SmallVec<[WorkerId; 4]>,
    /// Share groups with a matching filter; a message goes to one member of each.
    pub groups: SmallVec<[Arc<ShareGroup>; 2]>,
}

impl Routes {
    /// Whether nobody on this node wants the message.
    pub fn is_empty(&self) -> bool {
        self.workers.is_empty() && self.groups.is_empty()
    }

    fn clear(&mut self) {
        self.workers.clear();
        self.groups.clear();
    }
}

/// One filter of the table, for an operator.
#[derive(Debug, Clone)]
pub struct RouteInfo {
    /// The filter, without `$share/{group}/`.
    pub filter: String,
    /// Workers with plain subscriptions to it.
    pub workers: SmallVec<[WorkerId; 4]>,
    /// Share groups on it.
    pub groups: Vec<Arc<ShareGroup>>,
}

/// How much is in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RouteCounts {
    /// Filters, those of share groups included (EMQX's `topics.count`).
    pub topics: usize,
    /// Memberships in share groups (EMQX's `subscriptions.shared.count`).
    pub shared_subscriptions: usize,
}

impl RouteTable {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes with every change of the table.
    ///
    /// Read it before [`RouteTable::resolve`] and keep it beside the answer: the answer holds while the
    /// generation is the same.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The worker has its first plain subscription to `filter`.
    pub fn add_route(&self, filter: &str, worker: WorkerId) {
        let mut state = self.state.write();
        if state
            .routes
            .get_or_insert_with(filter, Route::default)
            .add_worker(worker)
        {
            self.changed();
        }
    }

    /// The worker has no plain subscription to `filter` any more.
    pub fn remove_route(&self, filter: &str, worker: WorkerId) {
        let mut state = self.state.write();
        let Some(route) = state.routes.get_mut(filter) else {
            return;
        };
        if route.remove_worker(worker) {
            if route.is_empty() {
                state.routes.remove(filter);
            }
            self.changed();
        }
    }

    /// Adds a member to the group, or replaces its options if it is in. Returns whether it is new.
    pub fn join_group(&self, group: &ByteString, filter: &ByteString, member: ShareMember) -> bool {
        // The table outlives the packet that the id may have been cut from.
        let member = ShareMember {
            client_id: ByteString::from(&*member.client_id),
            ..member
        };
        let mut state = self.state.write();
        let group_id = state.last_group_id + 1;
        let groups = &mut state
            .routes
            .get_or_insert_with(filter, Route::default)
            .more_mut()
            .groups;
        let existing = groups.iter().position(|other| other.name() == group);
        let is_group_new = existing.is_none();
        let position = existing.unwrap_or_else(|| {
            groups.push(Arc::new(ShareGroup::new(group_id, group, filter)));
            groups.len() - 1
        });
        // Copies the members only while a publisher holds the present snapshot.
        let is_new = Arc::make_mut(&mut groups[position]).join(member);
        state.last_group_id += u64::from(is_group_new);
        state.shared_subscriptions += usize::from(is_new);
        self.changed();
        is_new
    }

    /// Takes a member out of the group, and the group out of the table with its last one. Returns
    /// whether it was in.
    pub fn leave_group(&self, group: &str, filter: &str, session: SessionKey, worker: WorkerId) -> bool {
        let mut state = self.state.write();
        let Some(route) = state.routes.get_mut(filter) else {
            return false;
        };
        let Some(more) = &mut route.more else { return false };
        let Some(position) = more.groups.iter().position(|other| **other.name() == *group) else {
            return false;
        };
        if more.groups[position].member(worker, session).is_none() {
            return false;
        }
        let snapshot = Arc::make_mut(&mut more.groups[position]);
        snapshot.leave(worker, session);
        if snapshot.is_empty() {
            more.groups.remove(position);
            route.drop_empty_parts();
            if route.is_empty() {
                state.routes.remove(filter);
            }
        }
        state.shared_subscriptions -= 1;
        self.changed();
        true
    }

    /// Who wants messages to `topic`, into `out`, whose former content goes.
    pub fn resolve(&self, topic: &str, out: &mut Routes) {
        out.clear();
        let mut workers = 0;
        let state = self.state.read();
        state.routes.for_each_match(topic, &mut |route: &Route| {
            workers |= route.workers;
            if let Some(more) = &route.more {
                out.workers.extend_from_slice(&more.workers);
                out.groups.extend(more.groups.iter().cloned());
            }
        });
        drop(state);
        out.workers.extend(bits(workers));
        out.workers.sort_unstable();
        out.workers.dedup();
    }

    /// Whether anybody on this node wants messages to `topic`.
    pub fn has_match(&self, topic: &str) -> bool {
        let mut found = false;
        self.state.read().routes.for_each_match(topic, &mut |_| found = true);
        found
    }

    /// The group as it is now.
    pub fn group(&self, group: &str, filter: &str) -> Option<Arc<ShareGroup>> {
        let state = self.state.read();
        let more = state.routes.get(filter)?.more.as_ref()?;
        more.groups.iter().find(|other| **other.name() == *group).cloned()
    }

    /// Who wants exactly this filter; for `topics show`.
    pub fn show(&self, filter: &str) -> Option<RouteInfo> {
        self.state
            .read()
            .routes
            .get(filter)
            .map(|route| route.info(filter.to_owned()))
    }

    /// At most `limit` filters, those behind `after`; for `topics list`. See [`FilterTrie::page`] for the order.
    pub fn page(&self, after: Option<&str>, limit: usize) -> Vec<RouteInfo> {
        let state = self.state.read();
        state
            .routes
            .page(after, limit)
            .into_iter()
            .map(|(filter, route)| route.info(filter))
            .collect()
    }

    /// How much is in the table.
    pub fn counts(&self) -> RouteCounts {
        let state = self.state.read();
        RouteCounts {
            topics: state.routes.len(),
            shared_subscriptions: state.shared_subscriptions,
        }
    }

    /// To be called with the lock held: whoever reads the new generation then waits for the lock and
    /// sees the change; whoever resolved before keeps an older generation and asks again.
    fn changed(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }
}

impl Route {
    /// Whether the worker was not in.
    fn add_worker(&mut self, worker: WorkerId) -> bool {
        if let Some(bit) = bit(worker) {
            let is_new = self.workers & bit == 0;
            self.workers |= bit;
            return is_new;
        }
        let workers = &mut self.more_mut().workers;
        let is_new = !workers.contains(&worker);
        if is_new {
            workers.push(worker);
        }
        is_new
    }

    /// Whether the worker was in.
    fn remove_worker(&mut self, worker: WorkerId) -> bool {
        if let Some(bit) = bit(worker) {
            let was_in = self.workers & bit != 0;
            self.workers &= !bit;
            return was_in;
        }
        let Some(more) = &mut self.more else { return false };
        let before = more.workers.len();
        more.workers.retain(|&other| other != worker);
        let was_in = more.workers.len() < before;
        self.drop_empty_parts();
        was_in
    }

    fn more_mut(&mut self) -> &mut MoreDestinations {
        self.more.get_or_insert_default()
    }

    fn drop_empty_parts(&mut self) {
        if self
            .more
            .as_ref()
            .is_some_and(|more| more.workers.is_empty() && more.groups.is_empty())
        {
            self.more = None;
        }
    }

    fn is_empty(&self) -> bool {
        self.workers == 0 && self.more.is_none()
    }

    fn info(&self, filter: String) -> RouteInfo {
        let mut workers: SmallVec<[WorkerId; 4]> = bits(self.workers).collect();
        let mut groups = Vec::new();
        if let Some(more) = &self.more {
            workers.extend_from_slice(&more.workers);
            groups.extend(more.groups.iter().cloned());
        }
        workers.sort_unstable();
        RouteInfo {
            filter,
            workers,
            groups,
        }
    }
}

/// The worker's bit in [`Route::workers`]; `None` if it has none.
fn bit(worker: WorkerId) -> Option<u64> {
    1u64.checked_shl(worker.into())
}

/// The workers of a bit set, in order.
fn bits(mut set: u64) -> impl Iterator<Item = WorkerId> {
    std::iter::from_fn(move || {
        let worker = set.trailing_zeros();
        // Clears the lowest bit.
        set &= set.wrapping_sub(1);
        (worker < u64::BITS).then_some(worker as WorkerId)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::{SubscriptionOptions, matches};

    fn member(worker: WorkerId, index: u32) -> ShareMember {
        ShareMember {
            worker,
            session: SessionKey { index, generation: 0 },
            client_id: format!("client-{worker}-{index}").into(),
            options: SubscriptionOptions::default(),
        }
    }

    fn routes(table: &RouteTable, topic: &str) -> Routes {
        let mut out = Routes::default();
        table.resolve(topic, &mut out);
        out
    }

    #[test]
    fn a_worker_is_listed_once_however_many_of_its_filters_match() {
        let table = RouteTable::new();
        for (filter, worker) in [
            ("a/b", 1),
            ("a/+", 1),
            ("#", 1),
            ("a/#", 0),
            ("a/b", 200),
            ("+/b", 200),
            ("x", 3),
        ] {
            table.add_route(filter, worker);
        }
        assert_eq!(routes(&table, "a/b").workers.as_slice(), [0, 1, 200]);
        assert!(table.has_match("a/b"));
        assert!(routes(&table, "$SYS/b").is_empty());
        assert!(!table.has_match("$SYS/b"));
    }

    #[test]
    fn only_changes_count_as_a_generation() {
        let table = RouteTable::new();
        let start = table.generation();
        table.add_route("a", 1);
        assert_eq!(table.generation(), start + 1);
        table.add_route("a", 1);
        table.remove_route("a", 2);
        table.remove_route("b", 1);
        table.remove_route("a", 300);
        assert!(!table.leave_group(
            "g",
            "a",
            SessionKey {
                index: 0,
                generation: 0
            },
            1
        ));
        assert_eq!(table.generation(), start + 1);
        table.remove_route("a", 1);
        assert_eq!(table.generation(), start + 2);
        assert!(routes(&table, "a").is_empty());
    }

    #[test]
    fn a_group_lives_from_its_first_member_to_its_last() {
        let table = RouteTable::new();
        let (group, filter) = (ByteString::from("g"), ByteString::from("a/+"));
        assert!(table.join_group(&group, &filter, member(0, 1)));
        assert!(table.join_group(&group, &filter, member(1, 1)));
        assert!(!table.join_group(&group, &filter, member(1, 1)));
        assert!(table.join_group(&ByteString::from("h"), &filter, member(0, 1)));
        assert_eq!(
            table.counts(),
            RouteCounts {
                topics: 1,
                shared_subscriptions: 3
            }
        );

        let found = routes(&table, "a/b");
        assert!(found.workers.is_empty());
        assert_eq!(found.groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [2, 1]);
        assert_ne!(found.groups[0].id(), found.groups[1].id());

        assert!(table.leave_group(
            "g",
            "a/+",
            SessionKey {
                index: 1,
                generation: 0
            },
            0
        ));
        assert_eq!(found.groups[0].len(), 2, "a snapshot does not change");
        assert_eq!(table.group("g", "a/+").unwrap().len(), 1);
        assert!(table.leave_group(
            "g",
            "a/+",
            SessionKey {
                index: 1,
                generation: 0
            },
            1
        ));
        assert!(table.group("g", "a/+").is_none());
        assert!(table.leave_group(
            "h",
            "a/+",
            SessionKey {
                index: 1,
                generation: 0
            },
            0
        ));
        assert_eq!(table.counts(), RouteCounts::default());
        assert_eq!(table.state.read().routes.node_count(), 1);
    }

    #[test]
    fn a_filter_lists_its_workers_and_groups() {
        let table = RouteTable::new();
        table.add_route("a/+", 2);
        table.add_route("a/+", 77);
        table.add_route("a/+", 0);
        table.join_group(&ByteString::from("g"), &ByteString::from("a/+"), member(5, 1));
        table.add_route("b", 1);
        let shown = table.show("a/+").unwrap();
        assert_eq!(shown.workers.as_slice(), [0, 2, 77]);
        assert_eq!(&**shown.groups[0].name(), "g");
        assert!(table.show("a").is_none());
        let listed =
            |after, limit| -> Vec<String> { table.page(after, limit).into_iter().map(|info| info.filter).collect() };
        assert_eq!(listed(None, 10), ["a/+", "b"]);
        assert_eq!(listed(Some("a/+"), 10), ["b"]);
    }

    #[derive(Debug, Clone)]
    enum Operation {
        Add(String, WorkerId),
        Remove(String, WorkerId),
        Join(String, String, WorkerId, u32),
        Leave(String, String, WorkerId, u32),
    }

    fn operation() -> impl Strategy<Value = Operation> {
        let filter = || "[ab+](/[ab+])?(/#)?";
        let worker = || prop_oneof![0u16..3, 63u16..66];
        prop_oneof![
            (filter(), worker()).prop_map(|(filter, worker)| Operation::Add(filter, worker)),
            (filter(), worker()).prop_map(|(filter, worker)| Operation::Remove(filter, worker)),
            (filter(), "[gh]", worker(), 0u32..3)
                .prop_map(|(f, g, worker, index)| Operation::Join(f, g, worker, index)),
            (filter(), "[gh]", worker(), 0u32..3)
                .prop_map(|(f, g, worker, index)| Operation::Leave(f, g, worker, index)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

        #[test]
        fn it_behaves_as_two_plain_lists_do(operations in prop::collection::vec(operation(), 1..80)) {
            let table = RouteTable::new();
            let mut plain = BTreeSet::new();
            let mut groups: BTreeMap<(String, String), BTreeSet<(WorkerId, u32)>> = BTreeMap::new();
            for operation in operations {
                match operation {
                    Operation::Add(filter, worker) => {
                        table.add_route(&filter, worker);
                        plain.insert((filter, worker));
                    }
                    Operation::Remove(filter, worker) => {
                        table.remove_route(&filter, worker);
                        plain.remove(&(filter, worker));
                    }
                    Operation::Join(filter, group, worker, index) => {
                        let is_new = table.join_group(&(&*group).into(), &(&*filter).into(), member(worker, index));
                        prop_assert_eq!(is_new, groups.entry((filter, group)).or_default().insert((worker, index)));
                    }
                    Operation::Leave(filter, group, worker, index) => {
                        let was_in = table.leave_group(&group, &filter, SessionKey { index, generation: 0 }, worker);
                        let members = groups.entry((filter, group)).or_default();
                        prop_assert_eq!(was_in, members.remove(&(worker, index)));
                    }
                }
                groups.retain(|_, members| !members.is_empty());
            }

            for topic in ["a", "b", "a/b", "b/b", "a/b/a"] {
                let found = routes(&table, topic);
                let workers: BTreeSet<_> =
                    plain.iter().filter(|(filter, _)| matches(filter, topic)).map(|&(_, worker)| worker).collect();
                prop_assert!(found.workers.iter().copied().eq(workers), "{}", topic);
                let found: BTreeMap<_, BTreeSet<_>> = found.groups.iter().map(|group| {
                    let members = group.members().map(|member| (member.worker, member.session.index));
                    ((group.filter().to_string(), group.name().to_string()), members.collect())
                }).collect();
                let expected: BTreeMap<_, _> =
                    groups.clone().into_iter().filter(|((filter, _), _)| matches(filter, topic)).collect();
                prop_assert_eq!(found, expected, "{}", topic);
            }
            let filters: BTreeSet<_> =
                plain.iter().map(|(filter, _)| filter).chain(groups.keys().map(|(filter, _)| filter)).collect();
            let shared_subscriptions = groups.values().map(BTreeSet::len).sum();
            prop_assert_eq!(table.counts(), RouteCounts { topics: filters.len(), shared_subscriptions });
            prop_assert_eq!(table.page(None, 1000).len(), filters.len());

            for (filter, worker) in plain {
                table.remove_route(&filter, worker);
            }
            for ((filter, group), members) in groups {
                for (worker, index) in members {
                    table.leave_group(&group, &filter, SessionKey { index, generation: 0 }, worker);
                }
            }
            prop_assert_eq!(table.state.read().routes.node_count(), 1);
        }
    }
}
