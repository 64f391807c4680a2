//! The rules of the table one by one, and the whole of it against two plain lists.

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
        (filter(), "[gh]", worker(), 0u32..3).prop_map(|(f, g, worker, index)| Operation::Join(f, g, worker, index)),
        (filter(), "[gh]", worker(), 0u32..3).prop_map(|(f, g, worker, index)| Operation::Leave(f, g, worker, index)),
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
                    let is_new = table.join_group(&group, &filter, member(worker, index));
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
        let shared_subscriptions: usize = groups.values().map(BTreeSet::len).sum();
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
        prop_assert_eq!((state.routes.node_count(), state.exact.len(), state.exact_with_groups.len()), (1, 0, 0));
        drop(state);
        for topic in ["a", "b", "a/b", "b/b", "a/b/a"] {
            prop_assert!(routes(&table, topic).is_empty());
        }
    }
}
