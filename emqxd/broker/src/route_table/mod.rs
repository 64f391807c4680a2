//! The node's route table: which workers want a topic filter, and which share groups exist.
//!
//! A worker adds a route with its first local subscription to a filter and removes it with its last;
//! it finds its own subscribers in its own index. Share groups span workers, so their members are
//! listed here one by one. Publishers call [`RouteTable::resolve`] and keep the answer until
//! [`RouteTable::generation`] changes. What other nodes want stands beside it, each node as one more worker
//! (`remote.rs`): see `peers.rs`. Of exact filters there are only hashes (`exact_routes.rs`): operators get
//! their texts from the workers.
//!
//! One read-write lock guards everything and is held for the length of one call. No other lock is taken
//! while it is held; it may be taken while a session or a worker is borrowed.

#[cfg(test)]
mod peer_tests;
mod peers;
mod route;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytestring::ByteString;
use parking_lot::RwLock;
use smallvec::SmallVec;

pub use self::peers::{DropCursor, RouteDigests};
use self::route::Route;
pub(crate) use self::route::{LOCAL_MASK, bit, bits};
use crate::digest::{member_digest, route_digest};
use crate::exact_routes::{ExactRoutes, RouteChange};
use crate::generations::{BUCKETS, bucket_of};
use crate::journal::JournalCell;
use crate::split_table::SplitTable;
use crate::topic::has_wildcard;
use crate::{Change, FilterTrie, HashSeed, PEERS_MAX, SessionKey, ShareGroup, ShareMember, WorkerId};

/// The routes of one node, shared by its workers.
#[derive(Debug)]
pub struct RouteTable {
    seed: HashSeed,
    /// Hears of what this node wants.
    journal: JournalCell,
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
    /// Exact filters in `routes`, by their hashes.
    exact_with_groups: SplitTable<u64>,
    /// Those of them that are in `exact` too.
    exact_in_both: usize,
    last_group_id: u64,
    /// Of this node's clients.
    shared_subscriptions: usize,
    digests: Digests,
}

/// Of this node's rows and of each other node's.
#[derive(Debug, Default)]
struct Digests {
    local: RouteDigests,
    peers: [RouteDigests; PEERS_MAX],
}

/// Where a message goes.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    /// Workers and other nodes with at least one matching subscription, each once, in order: workers first.
    pub workers: SmallVec<[WorkerId; 4]>,
    /// Share groups with a matching filter; a message goes to one member of each.
    pub groups: SmallVec<[Arc<ShareGroup>; 2]>,
}

impl Routes {
    /// Whether nobody wants the message.
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
    /// Workers and other nodes with plain subscriptions to it.
    pub workers: SmallVec<[WorkerId; 4]>,
    /// Share groups on it.
    pub groups: Vec<Arc<ShareGroup>>,
}

/// How much is in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RouteCounts {
    /// Filters, those of share groups and of other nodes included (EMQX's `topics.count`).
    pub topics: usize,
    /// Memberships of this node's clients in share groups (EMQX's `subscriptions.shared.count`).
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
                exact_with_groups: SplitTable::default(),
                exact_in_both: 0,
                last_group_id: 0,
                shared_subscriptions: 0,
                digests: Digests::default(),
            }),
            seed,
            journal: JournalCell::default(),
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

    /// The worker has its first plain subscription to `filter`; to be called once until it has none again. Another node
    /// may be told of any number of times. Whether it was not known.
    pub fn add_route(&self, filter: &str, worker: WorkerId) -> bool {
        let is_noted = self.is_noted(worker);
        let mut state = self.state.write();
        let (is_new, is_first);
        if has_wildcard(filter) {
            let route = state.routes.get_or_insert_with(filter, Route::default);
            is_first = is_noted && !route.has_local();
            is_new = route.add_worker(worker);
        } else {
            let hash = self.seed.hash(filter);
            is_first = is_noted && !state.exact.has_local(hash);
            let change = state.exact.add(hash, worker);
            if change == RouteChange::Filter {
                state.exact_in_both += usize::from(state.is_exact_with_groups(hash));
            }
            is_new = change != RouteChange::None;
        }
        if is_first {
            self.note_route(&mut state, Change::RouteAdded { filter });
        } else if is_noted && is_new {
            self.note_shared(filter);
        }
        if is_new {
            if let Some(digests) = state.digests.of_peer(worker) {
                digests.routes = digests.routes.wrapping_add(route_digest(filter));
            }
            self.changed(filter);
        }
        is_new
    }

    /// The worker has no plain subscription to `filter` any more. Whether it was known to have one.
    pub fn remove_route(&self, filter: &str, worker: WorkerId) -> bool {
        let is_noted = self.is_noted(worker);
        let mut state = self.state.write();
        let (was_in, is_last);
        if has_wildcard(filter) {
            let Some(route) = state.routes.get_mut(filter) else {
                return false;
            };
            was_in = route.remove_worker(worker);
            is_last = is_noted && was_in && !route.has_local();
            if route.is_empty() {
                state.routes.remove(filter);
            }
        } else {
            let hash = self.seed.hash(filter);
            let change = state.exact.remove(hash, worker);
            if change == RouteChange::Filter {
                // Never below 0, though filters whose hashes collide were counted as one.
                let was_in_both = usize::from(state.is_exact_with_groups(hash));
                state.exact_in_both = state.exact_in_both.saturating_sub(was_in_both);
            }
            was_in = change != RouteChange::None;
            is_last = is_noted && was_in && !state.exact.has_local(hash);
        }
        if is_last {
            self.note_route(&mut state, Change::RouteRemoved { filter });
        }
        if was_in {
            if let Some(digests) = state.digests.of_peer(worker) {
                digests.routes = digests.routes.wrapping_sub(route_digest(filter));
            }
            self.changed(filter);
        }
        was_in
    }

    /// Adds a member to the group, or replaces its options if it is in. Returns whether it is new.
    pub fn join_group(&self, group: &str, filter: &str, member: ShareMember) -> bool {
        // The table outlives the packet that the id may have been cut from.
        let member = ShareMember {
            client_id: ByteString::from(&*member.client_id),
            ..member
        };
        let (worker, client_id) = (member.worker, member.client_id.clone());
        let mut state = self.state.write();
        self.count_exact_group(&mut state, filter, true);
        let group_id = state.last_group_id + 1;
        let groups = &mut state
            .routes
            .get_or_insert_with(filter, Route::default)
            .more_mut()
            .groups;
        let existing = groups.iter().position(|other| **other.name() == *group);
        let is_group_new = existing.is_none();
        let position = existing.unwrap_or_else(|| {
            groups.push(Arc::new(ShareGroup::new(group_id, group, filter)));
            groups.len() - 1
        });
        // Copies the members only while a publisher holds the present snapshot.
        let is_new = Arc::make_mut(&mut groups[position]).join(member);
        state.last_group_id += u64::from(is_group_new);
        if is_new {
            let change = Change::MemberJoined {
                group,
                filter,
                client_id: &client_id,
            };
            self.note_member(&mut state, worker, change);
        }
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
        let Some(member) = more.groups[position].member(worker, session) else {
            return false;
        };
        let client_id = member.client_id.clone();
        let snapshot = Arc::make_mut(&mut more.groups[position]);
        snapshot.leave(worker, session);
        if snapshot.is_empty() {
            more.groups.remove(position);
            route.drop_empty_parts();
            if route.is_empty() {
                state.routes.remove(filter);
                self.count_exact_group(&mut state, filter, false);
            }
        }
        let change = Change::MemberLeft {
            group,
            filter,
            client_id: &client_id,
        };
        self.note_member(&mut state, worker, change);
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

    /// Whether anybody wants messages to `topic`.
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
    fn count_exact_group(&self, state: &mut State, filter: &str, is_coming: bool) {
        if has_wildcard(filter) || state.routes.get(filter).is_some() {
            return;
        }
        let hash = self.seed.hash(filter);
        let in_both = usize::from(state.exact.contains(hash));
        if is_coming {
            state.exact_with_groups.insert_unique(hash, hash, |&other| other);
            state.exact_in_both += in_both;
        } else {
            let is_it = |&other: &u64| other == hash;
            state.exact_with_groups.remove(hash, is_it, |&other| other);
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
        self.exact_with_groups.len() > 0 && self.routes.get(filter).is_some()
    }

    /// The same for the filter of this hash, and for one whose hash collides with it.
    fn is_exact_with_groups(&self, hash: u64) -> bool {
        self.exact_with_groups.find(hash, |&other| other == hash).is_some()
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
