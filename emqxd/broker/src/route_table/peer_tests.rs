//! The table with other nodes in it, against plain sets: what publishers see, what the journal is told, the digests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;
use proptest::prelude::*;

use super::*;
use crate::{Journal, NamedRows, SubscriptionOptions, matches, peer_slot, peer_worker, row_digest};

/// What a node that follows would have: a set for each kind of row.
#[derive(Debug, Default)]
struct Follower {
    routes: Mutex<BTreeSet<String>>,
    members: Mutex<BTreeSet<(String, String, String)>>,
}

impl Journal for Follower {
    fn note(&self, change: Change<'_>) {
        match change {
            Change::RouteAdded { filter } => assert!(self.routes.lock().insert(filter.into()), "{filter} twice"),
            Change::RouteRemoved { filter } => assert!(self.routes.lock().remove(filter), "{filter} was not there"),
            Change::MemberJoined {
                group,
                filter,
                client_id,
            } => assert!(
                self.members
                    .lock()
                    .insert((group.into(), filter.into(), client_id.into()))
            ),
            Change::MemberLeft {
                group,
                filter,
                client_id,
            } => {
                let row = (group.into(), filter.into(), client_id.into());
                assert!(self.members.lock().remove(&row));
            }
            other => panic!("{other:?}"),
        }
    }
}

fn routes(table: &RouteTable, topic: &str) -> Routes {
    let mut out = Routes::default();
    table.resolve(topic, &mut out);
    out
}

fn member(worker: WorkerId, index: u32) -> ShareMember {
    ShareMember {
        worker,
        session: SessionKey { index, generation: 0 },
        client_id: format!("client-{worker}-{index}").into(),
        options: SubscriptionOptions::default(),
    }
}

fn drop_all(table: &RouteTable, slot: u8, steps: usize) -> usize {
    let mut cursor = DropCursor::default();
    (1..)
        .find(|_| table.drop_peer(slot, &mut cursor, steps))
        .expect("it ends")
}

#[test]
fn workers_come_before_other_nodes_whatever_their_numbers() {
    let table = RouteTable::new();
    let workers = [0, 31, 32, 500, peer_worker(0), peer_worker(31)];
    for &worker in workers.iter().rev() {
        table.add_route("a", worker);
        table.add_route("+", worker);
    }
    assert_eq!(routes(&table, "a").workers.as_slice(), workers);
    assert_eq!(table.show("a").unwrap().workers.as_slice(), workers);
    assert_eq!(table.show("+").unwrap().workers.as_slice(), workers);
    assert!(table.is_listed_by("a", 0));
}

#[test]
fn a_node_that_tells_of_a_filter_twice_has_it_once() {
    let table = RouteTable::new();
    for filter in ["a", "+/b"] {
        assert!(table.add_route(filter, peer_worker(3)));
        let digests = table.peer_digests(3);
        assert!(!table.add_route(filter, peer_worker(3)));
        assert_eq!(table.peer_digests(3), digests);
        assert!(table.remove_route(filter, peer_worker(3)));
        assert!(!table.remove_route(filter, peer_worker(3)));
    }
    assert_eq!(table.peer_digests(3), RouteDigests::default());
    assert_eq!(table.counts(), RouteCounts::default());
}

#[test]
fn the_journal_hears_of_the_first_worker_and_the_last_and_of_no_other_node() {
    let table = RouteTable::new();
    let follower = Arc::new(Follower::default());
    table.set_journal(Arc::clone(&follower) as _);
    for filter in ["a", "a/#"] {
        table.add_route(filter, peer_worker(0));
        assert!(follower.routes.lock().is_empty());
        // Worker 40 has no bit.
        table.add_route(filter, 40);
        table.add_route(filter, 1);
        assert!(follower.routes.lock().contains(filter));
        table.remove_route(filter, 1);
        assert!(follower.routes.lock().contains(filter));
        table.remove_route(filter, 40);
        assert!(follower.routes.lock().is_empty());
        assert_eq!(routes(&table, "a").workers.as_slice(), [peer_worker(0)]);
        table.remove_route(filter, peer_worker(0));
    }
    table.add_peer_member(0, "g", "a", "c");
    table.join_group("g", "a", member(2, 1));
    assert_eq!(follower.members.lock().len(), 1);
    assert_eq!(table.counts().shared_subscriptions, 1);
}

#[test]
fn rows_of_a_node_go_in_slices_and_those_of_others_stay() {
    // Enough for the table to be split.
    let table = RouteTable::with_seed(HashSeed::fixed());
    let count = 20_000;
    for number in 0..count {
        table.add_route(&format!("d/{number}"), peer_worker(1));
        if number % 4 == 0 {
            table.add_route(&format!("d/{number}"), 0);
        }
        if number % 100 == 0 {
            table.add_route(&format!("d/{number}/+"), peer_worker(1));
            table.add_peer_member(1, "g", &format!("d/{number}"), "c");
        }
    }
    let both = table.counts().topics;
    assert_eq!(both, count + count / 100);
    let calls = drop_all(&table, 1, 100);
    assert!(calls > 100, "{calls}");
    assert_eq!(table.counts().topics, count / 4);
    assert_eq!(routes(&table, "d/4").workers.as_slice(), [0]);
    assert!(routes(&table, "d/5").is_empty());
    let state = table.state.read();
    assert_eq!((state.exact_in_both, state.exact_with_groups.len()), (0, 0));
    assert_eq!(state.routes.node_count(), 1);
}

#[test]
fn what_publishers_remember_is_stale_once_a_node_has_been_dropped() {
    let table = RouteTable::new();
    table.add_route("a", peer_worker(0));
    table.add_route("b/+", peer_worker(0));
    let before = (table.generation("a"), table.generation("b/x"));
    drop_all(&table, 0, 1000);
    assert!(table.generation("a") > before.0 && table.generation("b/x") > before.1);
}

#[derive(Debug, Clone)]
enum Operation {
    Add(String, WorkerId),
    Remove(String, WorkerId),
    Join(String, String, WorkerId, u32),
    Leave(String, String, WorkerId, u32),
    /// A slice of dropping what a node has, which is told of nothing until it is done.
    DropSlice(u8, usize),
    /// A snapshot of a node that names what the model says it has, after rows that it has not were left over.
    Sweep(u8, Vec<String>, usize),
    Page,
}

const SLOTS: u8 = 3;

fn operation() -> impl Strategy<Value = Operation> {
    let filter = || "[ab+](/[ab+])?(/#)?";
    let worker = || prop_oneof![0u16..2, 31u16..34, (0..SLOTS).prop_map(peer_worker)];
    let (add, remove) = ((filter(), worker()), (filter(), worker()));
    let (join, leave) = (
        (filter(), "[gh]", worker(), 0u32..3),
        (filter(), "[gh]", worker(), 0u32..3),
    );
    prop_oneof![
        6 => add.prop_map(|(filter, worker)| Operation::Add(filter, worker)),
        4 => remove.prop_map(|(filter, worker)| Operation::Remove(filter, worker)),
        4 => join.prop_map(|(f, g, worker, index)| Operation::Join(f, g, worker, index)),
        3 => leave.prop_map(|(f, g, worker, index)| Operation::Leave(f, g, worker, index)),
        3 => (0..SLOTS, 1usize..4).prop_map(|(slot, steps)| Operation::DropSlice(slot, steps)),
        1 => (0..SLOTS, prop::collection::vec(filter(), 0..4), 1usize..4).prop_map(|(slot, stale, steps)| Operation::Sweep(slot, stale, steps)),
        1 => Just(Operation::Page),
    ]
}

/// Plain sets, and which nodes are being dropped.
#[derive(Debug, Default)]
struct Model {
    plain: BTreeSet<(String, WorkerId)>,
    /// Filter, group, worker, index.
    members: BTreeSet<(String, String, WorkerId, u32)>,
    dropping: BTreeMap<u8, DropCursor>,
}

impl Model {
    fn is_dropping(&self, worker: WorkerId) -> bool {
        peer_slot(worker).is_some_and(|slot| self.dropping.contains_key(&slot))
    }

    fn forget(&mut self, slot: u8) {
        let worker = peer_worker(slot);
        self.plain.retain(|(_, other)| *other != worker);
        self.members.retain(|(_, _, other, _)| *other != worker);
    }

    fn client_id(worker: WorkerId, index: u32) -> String {
        format!("client-{worker}-{index}")
    }
}

struct Checked {
    table: RouteTable,
    follower: Arc<Follower>,
    model: Model,
}

impl Checked {
    fn new() -> Self {
        let table = RouteTable::new();
        let follower = Arc::new(Follower::default());
        table.set_journal(Arc::clone(&follower) as _);
        Self {
            table,
            follower,
            model: Model::default(),
        }
    }

    fn apply(&mut self, operation: Operation) {
        let Self { table, model, .. } = self;
        match operation {
            Operation::Add(filter, worker) if !model.is_dropping(worker) => {
                let is_new = model.plain.insert((filter.clone(), worker));
                // Workers call with their first subscription, other nodes however often.
                if is_new || peer_slot(worker).is_some() {
                    assert_eq!(table.add_route(&filter, worker), is_new);
                }
            }
            Operation::Remove(filter, worker) if !model.is_dropping(worker) => {
                let was_in = model.plain.remove(&(filter.clone(), worker));
                if was_in || peer_slot(worker).is_some() {
                    assert_eq!(table.remove_route(&filter, worker), was_in);
                }
            }
            Operation::Join(filter, group, worker, index) if !model.is_dropping(worker) => {
                let is_new = match peer_slot(worker) {
                    Some(slot) => table.add_peer_member(slot, &group, &filter, &Model::client_id(worker, index)),
                    None => table.join_group(&group, &filter, member(worker, index)),
                };
                assert_eq!(is_new, model.members.insert((filter, group, worker, index)));
            }
            Operation::Leave(filter, group, worker, index) if !model.is_dropping(worker) => {
                let was_in = match peer_slot(worker) {
                    Some(slot) => table.remove_peer_member(slot, &group, &filter, &Model::client_id(worker, index)),
                    None => table.leave_group(&group, &filter, SessionKey { index, generation: 0 }, worker),
                };
                assert_eq!(was_in, model.members.remove(&(filter, group, worker, index)));
            }
            Operation::DropSlice(slot, steps) => {
                let cursor = model.dropping.entry(slot).or_default();
                if table.drop_peer(slot, cursor, steps) {
                    model.dropping.remove(&slot);
                    model.forget(slot);
                }
            }
            Operation::Sweep(slot, stale, steps) if !model.dropping.contains_key(&slot) => {
                self.sweep(slot, &stale, steps);
            }
            Operation::Page => self.check_pages(),
            _ => {}
        }
    }

    fn sweep(&mut self, slot: u8, stale: &[String], steps: usize) {
        let Self { table, model, .. } = self;
        let worker = peer_worker(slot);
        for filter in stale {
            table.add_route(filter, worker);
            table.add_peer_member(slot, "g", filter, "stale");
        }
        let mut named = NamedRows::new(table.hash_seed().clone());
        for (filter, _) in model.plain.iter().filter(|(_, other)| *other == worker) {
            named.add_route(filter);
            table.add_route(filter, worker);
        }
        for (filter, group, _, index) in model.members.iter().filter(|(_, _, other, _)| *other == worker) {
            named.add_member(group, filter, &Model::client_id(worker, *index));
        }
        // Comes while the sweep is under way.
        let late = "late/+".to_owned();
        let mut cursor = DropCursor::default();
        let mut is_late_in = false;
        while !table.sweep_peer(slot, &named, &mut cursor, steps) {
            if !is_late_in {
                named.add_route(&late);
                table.add_route(&late, worker);
                is_late_in = true;
            }
        }
        if is_late_in {
            assert!(table.remove_route(&late, worker));
        }
    }

    fn check_pages(&self) {
        let mut listed = BTreeSet::new();
        let mut after = None;
        loop {
            let (page, next) = self.table.local_wildcards_page(after.as_deref(), 2);
            assert!(page.len() <= 2);
            for filter in page {
                assert!(listed.insert(filter), "listed twice");
            }
            if next.is_none() {
                break;
            }
            after = next;
        }
        let local = self
            .model
            .plain
            .iter()
            .filter(|(_, worker)| peer_slot(*worker).is_none());
        let wildcards: BTreeSet<String> = local
            .filter(|(filter, _)| has_wildcard(filter))
            .map(|(filter, _)| filter.clone())
            .collect();
        assert_eq!(listed, wildcards);
        let mut members = BTreeSet::new();
        let mut after = None;
        loop {
            let (page, next) = self.table.local_groups_page(after.as_deref(), 2);
            for group in page {
                for member in group.local_members() {
                    members.insert((
                        group.name().to_string(),
                        group.filter().to_string(),
                        member.client_id.to_string(),
                    ));
                }
            }
            if next.is_none() {
                break;
            }
            after = next;
        }
        assert_eq!(members, *self.follower.members.lock());
    }

    fn check(&self) {
        let Self { table, follower, model } = self;
        let is_known = |worker: &WorkerId| !model.is_dropping(*worker);
        for topic in ["a", "b", "a/b", "b/b", "a/b/a"] {
            let found = routes(table, topic);
            let matching = model.plain.iter().filter(|(filter, _)| matches(filter, topic));
            let expected: BTreeSet<WorkerId> = matching.map(|(_, worker)| *worker).filter(is_known).collect();
            let workers = found.workers.iter().copied().filter(is_known);
            assert!(workers.eq(expected), "{topic}");
            let mut members = BTreeSet::new();
            for group in &found.groups {
                assert!(!group.is_empty());
                for member in group.members().filter(|member| is_known(&member.worker)) {
                    let row = (
                        group.filter().to_string(),
                        group.name().to_string(),
                        member.client_id.to_string(),
                    );
                    members.insert(row);
                }
            }
            let matching = model.members.iter().filter(|(filter, ..)| matches(filter, topic));
            let matching = matching.filter(|(_, _, worker, _)| is_known(worker));
            let expected: BTreeSet<_> = matching
                .map(|(filter, group, worker, index)| {
                    (filter.clone(), group.clone(), Model::client_id(*worker, *index))
                })
                .collect();
            assert_eq!(members, expected, "{topic}");
        }
        let local = model.plain.iter().filter(|(_, worker)| peer_slot(*worker).is_none());
        let local: BTreeSet<String> = local.map(|(filter, _)| filter.clone()).collect();
        assert_eq!(*follower.routes.lock(), local);
        assert_eq!(table.counts().shared_subscriptions, follower.members.lock().len());
        self.check_digests();
    }

    fn check_digests(&self) {
        let Self { table, follower, model } = self;
        let sum = |digests: &mut dyn Iterator<Item = u64>| digests.fold(0u64, u64::wrapping_add);
        let of_member = |group: &str, filter: &str, client_id: &str| {
            row_digest(&Change::MemberLeft {
                group,
                filter,
                client_id,
            })
        };
        let of_route = |filter: &String| row_digest(&Change::RouteAdded { filter });
        let local = table.local_digests();
        assert_eq!(local.routes, sum(&mut follower.routes.lock().iter().map(of_route)));
        let members = follower.members.lock();
        let mut digests = members.iter().map(|(group, filter, id)| of_member(group, filter, id));
        assert_eq!(local.members, sum(&mut digests));
        for slot in (0..SLOTS).filter(|slot| !model.dropping.contains_key(slot)) {
            let worker = peer_worker(slot);
            let plain = model.plain.iter().filter(|(_, other)| *other == worker);
            let members = model.members.iter().filter(|(_, _, other, _)| *other == worker);
            let mut of_members =
                members.map(|(filter, group, _, index)| of_member(group, filter, &Model::client_id(worker, *index)));
            let expected = RouteDigests {
                routes: sum(&mut plain.map(|(filter, _)| of_route(filter))),
                members: sum(&mut of_members),
            };
            assert_eq!(table.peer_digests(slot), expected, "{slot}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn workers_and_other_nodes_come_go_and_are_dropped_as_in_plain_sets(
        operations in prop::collection::vec(operation(), 1..80),
    ) {
        let mut checked = Checked::new();
        for operation in operations {
            checked.apply(operation);
            checked.check();
        }
        for slot in 0..SLOTS {
            drop_all(&checked.table, slot, 5);
            checked.model.dropping.remove(&slot);
            checked.model.forget(slot);
        }
        checked.check();
        let Checked { table, model, .. } = checked;
        for (filter, worker) in model.plain {
            table.remove_route(&filter, worker);
        }
        for (filter, group, worker, index) in model.members {
            table.leave_group(&group, &filter, SessionKey { index, generation: 0 }, worker);
        }
        let state = table.state.read();
        let left = (state.routes.node_count(), state.exact.len(), state.exact_with_groups.len(), state.exact_in_both);
        prop_assert_eq!(left, (1, 0, 0, 0));
        prop_assert_eq!(state.digests.local, RouteDigests::default());
    }
}
