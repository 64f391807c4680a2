//! The node's route table: which workers want a topic filter, and which share groups exist.
//!
//! A worker adds a route with its first local subscription to a filter and removes it with its last;
//! it finds its own subscribers in its own index. Share groups span workers, so their members are
//! listed here one by one. Publishers call [`RouteTable::resolve`] and keep the answer until
//! [`RouteTable::generation`] changes. Of exact filters there are only hashes (`exact_routes.rs`): operators get
//! their texts from the workers.
//!
//! One read-write lock guards everything and is held for the length of one call. No other lock is taken
//! while it is held; it may be taken while a session or a worker is borrowed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytestring::ByteString;
use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::exact_routes::{ExactRoutes, RouteChange};
use crate::generations::{BUCKETS, bucket_of};
use crate::topic::has_wildcard;
use crate::{FilterTrie, HashSeed, SessionKey, ShareGroup, ShareMember, WorkerId};

/// The routes of one node, shared by its workers.
#[derive(Debug)]
pub struct RouteTable {
    seed: HashSeed,
    state: RwLock<State>,
    wildcard_changes: AtomicU64,
    /// Changes of exact filters, by their hashes.
    exact_changes: [AtomicU64; BUCKETS],
}

#[derive(Debug)]
struct State {
    /// Filters with wildcards, and exact ones with share groups.
    routes: FilterTrie<Route>,
    /// Plain subscriptions to exact filters.
    exact: ExactRoutes,
    /// Exact filters in `routes`.
    exact_with_groups: usize,
    /// Those of them that are in `exact` too.
    exact_in_both: usize,
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
    /// An empty table; a random seed.
    pub fn new() -> Self {
        Self::with_seed(HashSeed::random())
    }

    /// An empty table.
    pub fn with_seed(seed: HashSeed) -> Self {
        Self {
            state: RwLock::new(State {
                routes: FilterTrie::with_seed(seed.clone()),
                exact: ExactRoutes::default(),
                exact_with_groups: 0,
                exact_in_both: 0,
                last_group_id: 0,
                shared_subscriptions: 0,
            }),
            seed,
            wildcard_changes: AtomicU64::new(0),
            exact_changes: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }

    /// What all tables of the node are hashed with.
    pub fn hash_seed(&self) -> &HashSeed {
        &self.seed
    }

    /// Changes with every change of the table that may concern `topic`.
    ///
    /// Read it before [`RouteTable::resolve`] and keep it beside the answer: the answer holds while the
    /// generation is the same.
    pub fn generation(&self, topic: &str) -> u64 {
        self.generation_of(self.seed.hash(topic))
    }

    #[inline]
    pub(crate) fn generation_of(&self, topic_hash: u64) -> u64 {
        // Neither ever falls, so their sum is the same only if both are.
        self.wildcard_changes.load(Ordering::Acquire)
            + self.exact_changes[bucket_of(topic_hash)].load(Ordering::Acquire)
    }

    /// The worker has its first plain subscription to `filter`; to be called once until it has none again.
    pub fn add_route(&self, filter: &str, worker: WorkerId) {
        let mut state = self.state.write();
        if has_wildcard(filter) {
            let route = state.routes.get_or_insert_with(filter, Route::default);
            if route.add_worker(worker) {
                self.changed(filter);
            }
            return;
        }
        match state.exact.add(self.seed.hash(filter), worker) {
            RouteChange::Filter => state.exact_in_both += usize::from(state.has_groups(filter)),
            RouteChange::Worker => {}
            RouteChange::None => return,
        }
        self.changed(filter);
    }

    /// The worker has no plain subscription to `filter` any more.
    pub fn remove_route(&self, filter: &str, worker: WorkerId) {
        let mut state = self.state.write();
        if !has_wildcard(filter) {
            match state.exact.remove(self.seed.hash(filter), worker) {
                RouteChange::Filter => {
                    // Never below 0, though filters whose hashes collide were counted as one.
                    let was_in_both = usize::from(state.has_groups(filter));
                    state.exact_in_both = state.exact_in_both.saturating_sub(was_in_both);
                }
                RouteChange::Worker => {}
                RouteChange::None => return,
            }
            self.changed(filter);
            return;
        }
        let Some(route) = state.routes.get_mut(filter) else {
            return;
        };
        if route.remove_worker(worker) {
            if route.is_empty() {
                state.routes.remove(filter);
            }
            self.changed(filter);
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
        self.note_exact_group(&mut state, filter, true);
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
        self.changed(filter);
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
                self.note_exact_group(&mut state, filter, false);
            }
        }
        state.shared_subscriptions -= 1;
        self.changed(filter);
        true
    }

    /// Who wants messages to `topic`, into `out`, whose former content goes.
    ///
    /// A worker may be among them for a filter of the same hash; it finds no subscriber then.
    pub fn resolve(&self, topic: &str, out: &mut Routes) {
        self.resolve_hashed(topic, self.seed.hash(topic), out);
    }

    pub(crate) fn resolve_hashed(&self, topic: &str, hash: u64, out: &mut Routes) {
        out.clear();
        let state = self.state.read();
        let mut workers = state.exact.workers(hash, &mut out.workers);
        if !state.routes.is_empty() {
            state.routes.for_each_match(topic, &mut |route: &Route| {
                workers |= route.workers;
                if let Some(more) = &route.more {
                    out.workers.extend_from_slice(&more.workers);
                    out.groups.extend(more.groups.iter().cloned());
                }
            });
        }
        drop(state);
        out.workers.extend(bits(workers));
        out.workers.sort_unstable();
        out.workers.dedup();
    }

    /// Whether anybody on this node wants messages to `topic`.
    pub fn has_match(&self, topic: &str) -> bool {
        let state = self.state.read();
        let mut found = state.exact.contains(self.seed.hash(topic));
        if !found {
            state.routes.for_each_match(topic, &mut |_| found = true);
        }
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
        let state = self.state.read();
        let route = state.routes.get(filter);
        let mut info = route.map_or_else(
            || Route::default().info(filter.to_owned()),
            |route| route.info(filter.to_owned()),
        );
        if !has_wildcard(filter) {
            info.workers = state.exact_workers(self.seed.hash(filter));
        }
        (route.is_some() || !info.workers.is_empty()).then_some(info)
    }

    /// At most `limit` filters, those behind `after`; for `topics list`. See [`FilterTrie::page`] for the order.
    ///
    /// Filters without wildcards and share groups are not among them: the workers list those
    /// ([`crate::Shard::exact_topics_page`]).
    pub fn page(&self, after: Option<&str>, limit: usize) -> Vec<RouteInfo> {
        let state = self.state.read();
        state
            .routes
            .page(after, limit)
            .into_iter()
            .map(|(filter, route)| {
                let hash = (!has_wildcard(&filter)).then(|| self.seed.hash(&filter));
                let mut info = route.info(filter);
                if let Some(hash) = hash {
                    info.workers = state.exact_workers(hash);
                }
                info
            })
            .collect()
    }

    /// Whether it is this worker that lists an exact filter of its own: the first of those that have it, unless
    /// [`RouteTable::page`] lists it for its share groups.
    pub(crate) fn is_listed_by(&self, filter: &str, worker: WorkerId) -> bool {
        let state = self.state.read();
        !state.has_groups(filter) && state.exact_workers(self.seed.hash(filter)).first() == Some(&worker)
    }

    /// How much is in the table.
    pub fn counts(&self) -> RouteCounts {
        let state = self.state.read();
        RouteCounts {
            topics: (state.routes.len() + state.exact.len()).saturating_sub(state.exact_in_both),
            shared_subscriptions: state.shared_subscriptions,
        }
    }

    /// Keeps count of exact filters with groups: to be called before the first group comes and after the last went.
    fn note_exact_group(&self, state: &mut State, filter: &str, is_coming: bool) {
        if has_wildcard(filter) || state.has_groups(filter) {
            return;
        }
        let in_both = usize::from(state.exact.contains(self.seed.hash(filter)));
        if is_coming {
            state.exact_with_groups += 1;
            state.exact_in_both += in_both;
        } else {
            state.exact_with_groups -= 1;
            state.exact_in_both = state.exact_in_both.saturating_sub(in_both);
        }
    }

    /// To be called with the lock held: whoever reads the new generation then waits for the lock and
    /// sees the change; whoever resolved before keeps an older generation and asks again.
    fn changed(&self, filter: &str) {
        if has_wildcard(filter) {
            self.wildcard_changes.fetch_add(1, Ordering::Release);
        } else {
            self.exact_changes[bucket_of(self.seed.hash(filter))].fetch_add(1, Ordering::Release);
        }
    }
}

impl Default for RouteTable {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// Whether an exact filter has share groups; costs nothing where none has.
    fn has_groups(&self, filter: &str) -> bool {
        self.exact_with_groups > 0 && self.routes.get(filter).is_some()
    }

    /// Workers with plain subscriptions to an exact filter, in order.
    fn exact_workers(&self, hash: u64) -> SmallVec<[WorkerId; 4]> {
        let mut workers = SmallVec::new();
        let low = self.exact.workers(hash, &mut workers);
        workers.extend(bits(low));
        workers.sort_unstable();
        workers
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
pub(crate) fn bit(worker: WorkerId) -> Option<u64> {
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
        let start = table.generation("a");
        table.add_route("a", 1);
        assert_eq!(table.generation("a"), start + 1);
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
        assert_eq!(table.generation("a"), start + 1);
        table.remove_route("a", 1);
        assert_eq!(table.generation("a"), start + 2);
        assert!(routes(&table, "a").is_empty());
        table.add_route("+/b", 1);
        table.add_route("+/b", 1);
        assert_eq!(table.generation("a"), start + 3, "a wildcard may concern any topic");
    }

    #[test]
    fn a_change_of_an_exact_filter_leaves_most_other_topics_alone() {
        let table = RouteTable::with_seed(HashSeed::fixed());
        table.add_route("a", 1);
        let others: Vec<String> = (0..1000).map(|number| format!("t/{number}")).collect();
        let touched = others.iter().filter(|topic| table.generation(topic) > 0).count();
        assert!(touched < 20, "{touched}");
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
        assert_eq!(table.show("b").unwrap().workers.as_slice(), [1]);
        let listed =
            |after, limit| -> Vec<String> { table.page(after, limit).into_iter().map(|info| info.filter).collect() };
        assert_eq!(listed(None, 10), ["a/+"], "the workers list exact filters");
        assert!(table.is_listed_by("b", 1));
        table.add_route("b", 0);
        assert!(table.is_listed_by("b", 0) && !table.is_listed_by("b", 1), "each once");
        table.join_group(&ByteString::from("g"), &ByteString::from("b"), member(5, 1));
        assert!(!table.is_listed_by("b", 0));
        assert_eq!(listed(Some("a/+"), 10), ["b"], "for its group");
        assert_eq!(table.page(Some("a/+"), 1)[0].workers.as_slice(), [0, 1]);
        assert_eq!(table.counts().topics, 2);
    }

    #[test]
    fn filters_whose_hashes_collide_do_not_hide_one_another() {
        let table = RouteTable::with_seed(HashSeed::weak());
        let filters: Vec<String> = (0..20).map(|number| format!("t/{number}")).collect();
        for filter in &filters {
            table.add_route(filter, 3);
            table.add_route(filter, 70);
        }
        for (removed, filter) in filters.iter().enumerate() {
            for filter in &filters[removed..] {
                assert_eq!(routes(&table, filter).workers.as_slice(), [3, 70]);
            }
            table.remove_route(filter, 3);
            table.remove_route(filter, 70);
        }
        assert!(filters.iter().all(|filter| routes(&table, filter).is_empty()));
        assert_eq!(table.counts().topics, 0);
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
        fn it_behaves_as_two_plain_lists_do(
            operations in prop::collection::vec(operation(), 1..80),
            do_hashes_collide in any::<bool>(),
        ) {
            let table = RouteTable::with_seed(if do_hashes_collide { HashSeed::weak() } else { HashSeed::random() });
            let mut plain = BTreeSet::new();
            let mut groups: BTreeMap<(String, String), BTreeSet<(WorkerId, u32)>> = BTreeMap::new();
            for operation in operations {
                match operation {
                    // Workers call with their first subscription and with their last.
                    Operation::Add(filter, worker) => {
                        if plain.insert((filter.clone(), worker)) {
                            table.add_route(&filter, worker);
                        }
                    }
                    Operation::Remove(filter, worker) => {
                        if plain.remove(&(filter.clone(), worker)) {
                            table.remove_route(&filter, worker);
                        }
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
                if do_hashes_collide {
                    prop_assert!(workers.iter().all(|worker| found.workers.contains(worker)), "{}", topic);
                } else {
                    prop_assert!(found.workers.iter().copied().eq(workers), "{}", topic);
                }
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
            prop_assert_eq!(table.counts().shared_subscriptions, shared_subscriptions);
            if !do_hashes_collide {
                prop_assert_eq!(table.counts().topics, filters.len());
                let by_workers = plain.iter().filter(|(filter, worker)| {
                    !has_wildcard(filter) && table.is_listed_by(filter, *worker)
                });
                let mut listed: Vec<_> = by_workers.map(|(filter, _)| filter.clone()).collect();
                listed.extend(table.page(None, 1000).into_iter().map(|info| info.filter));
                listed.sort();
                prop_assert!(listed.iter().eq(filters), "{:?}", listed);
            }

            for (filter, worker) in plain {
                table.remove_route(&filter, worker);
            }
            for ((filter, group), members) in groups {
                for (worker, index) in members {
                    table.leave_group(&group, &filter, SessionKey { index, generation: 0 }, worker);
                }
            }
            let state = table.state.read();
            prop_assert_eq!((state.routes.node_count(), state.exact.len(), state.exact_with_groups), (1, 0, 0));
            drop(state);
            for topic in ["a", "b", "a/b", "b/b", "a/b/a"] {
                prop_assert!(routes(&table, topic).is_empty());
            }
        }
    }
}
