//! Who of a group gets a message, strategy by strategy, as members come and go.

use super::*;

fn member(worker: WorkerId, index: u32) -> ShareMember {
    ShareMember {
        worker,
        session: SessionKey { index, generation: 0 },
        client_id: format!("client-{worker}-{index}").into(),
        options: SubscriptionOptions::default(),
    }
}

fn group_of(count: u32) -> ShareGroup {
    let mut group = ShareGroup::new(1, "g", "a/#");
    for index in 0..count {
        group.join(member(0, index));
    }
    group
}

fn picks(group: &ShareGroup, strategy: ShareStrategy, turns: &mut PublisherTurns, randoms: &[u64]) -> Vec<u32> {
    let pick = |&random: &u64| {
        group
            .pick(strategy, "publisher", "a/b", turns, random)
            .unwrap()
            .session
            .index
    };
    randoms.iter().map(pick).collect()
}

/// Numbers that are spread over all of `u64`.
fn spread(count: u64) -> Vec<u64> {
    (0..count).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
}

fn uses(picks: &[u32], members: u32) -> Vec<usize> {
    (0..members)
        .map(|index| picks.iter().filter(|&&pick| pick == index).count())
        .collect()
}

#[test]
fn nobody_is_picked_from_an_empty_group() {
    let group = group_of(0);
    assert!(
        group
            .pick(ShareStrategy::Random, "p", "t", &mut PublisherTurns::default(), 7)
            .is_none()
    );
}

#[test]
fn random_and_local_use_all_members_about_equally() {
    for strategy in [ShareStrategy::Random, ShareStrategy::Local] {
        let picks = picks(&group_of(4), strategy, &mut PublisherTurns::default(), &spread(4000));
        assert!(
            uses(&picks, 4).iter().all(|used| (900..1100).contains(used)),
            "{:?}",
            uses(&picks, 4)
        );
    }
}

#[test]
fn round_robin_takes_turns_for_each_publisher() {
    let group = group_of(3);
    let (mut one, mut two) = (PublisherTurns::default(), PublisherTurns::default());
    assert_eq!(
        picks(&group, ShareStrategy::RoundRobin, &mut one, &[0, 9, 9, 9]),
        [0, 1, 2, 0]
    );
    // The other publisher starts where its own random number says, and is not disturbed by the first.
    assert_eq!(
        picks(&group, ShareStrategy::RoundRobin, &mut two, &[1 << 32, 9, 9]),
        [1, 2, 0]
    );
    assert_eq!(picks(&group, ShareStrategy::RoundRobin, &mut one, &[9]), [1]);
}

#[test]
fn round_robin_per_group_takes_one_turn_for_all_publishers_across_changes_of_members() {
    let mut group = group_of(3);
    let strategy = ShareStrategy::RoundRobinPerGroup;
    assert_eq!(picks(&group, strategy, &mut PublisherTurns::default(), &[0, 0]), [0, 1]);
    assert_eq!(picks(&group, strategy, &mut PublisherTurns::default(), &[0]), [2]);
    let old = group.clone();
    group.join(member(0, 3));
    assert_eq!(picks(&group, strategy, &mut PublisherTurns::default(), &[0]), [3]);
    assert_eq!(picks(&old, strategy, &mut PublisherTurns::default(), &[0]), [1]);
}

#[test]
fn sticky_stays_with_a_member_while_it_is_there() {
    let mut group = group_of(4);
    let mut turns = PublisherTurns::default();
    let first = picks(&group, ShareStrategy::Sticky, &mut turns, &[u64::MAX / 2 + 1])[0];
    assert_eq!(first, 2);
    assert_eq!(
        picks(&group, ShareStrategy::Sticky, &mut turns, &spread(10)),
        [first; 10]
    );
    // Its position changes, it does not.
    group.leave(
        0,
        SessionKey {
            index: 0,
            generation: 0,
        },
    );
    assert_eq!(
        picks(&group, ShareStrategy::Sticky, &mut turns, &spread(10)),
        [first; 10]
    );
    // It leaves and comes back: another one has its place by then.
    group.leave(
        0,
        SessionKey {
            index: 2,
            generation: 0,
        },
    );
    assert_eq!(picks(&group, ShareStrategy::Sticky, &mut turns, &[0]), [1]);
    group.join(member(0, 2));
    assert_eq!(picks(&group, ShareStrategy::Sticky, &mut turns, &spread(10)), [1; 10]);
}

#[test]
fn hash_strategies_look_at_their_text_only() {
    let group = group_of(5);
    let pick = |strategy, publisher: &str, topic: &str, random| {
        let mut turns = PublisherTurns::default();
        group
            .pick(strategy, publisher, topic, &mut turns, random)
            .unwrap()
            .session
            .index
    };
    let mut used = [false; 5];
    for n in 0..50 {
        let text = format!("text-{n}");
        let by_client = pick(ShareStrategy::HashClientId, &text, "x", n);
        assert_eq!(by_client, pick(ShareStrategy::HashClientId, &text, "y", n + 1));
        assert_eq!(by_client, pick(ShareStrategy::HashTopic, "z", &text, n));
        used[by_client as usize] = true;
    }
    assert_eq!(used, [true; 5]);
    // Published test values of FNV-1a: the choice must not change with a release.
    assert_eq!(stable_hash(""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(stable_hash("foobar"), 0x8594_4171_f739_67e8);
}

#[test]
fn an_excluded_member_is_passed_over_by_every_strategy() {
    use ShareStrategy::*;
    let group = group_of(3);
    let alone = group_of(1);
    let gone = SessionKey {
        index: 0,
        generation: 0,
    };
    for strategy in [
        Random,
        RoundRobin,
        RoundRobinPerGroup,
        Sticky,
        Local,
        HashClientId,
        HashTopic,
    ] {
        let mut turns = PublisherTurns::default();
        for random in spread(20) {
            let picked = group.pick_excluding(strategy, "p", "t", &mut turns, random, Some((0, gone)));
            assert_ne!(picked.unwrap().session, gone, "{strategy:?}");
            assert_eq!(
                alone.pick_excluding(strategy, "p", "t", &mut turns, random, Some((0, gone))),
                None
            );
        }
        // The same key on another worker is another session.
        assert!(
            alone
                .pick_excluding(strategy, "p", "t", &mut turns, 0, Some((1, gone)))
                .is_some()
        );
    }
}

/// A group with members of this node and of two others.
fn mixed_group(local: u32, remote: u32) -> ShareGroup {
    let mut group = group_of(local);
    for index in 0..remote {
        group.join(member(FIRST_PEER + (index % 2) as WorkerId, index));
    }
    group
}

#[test]
fn local_takes_a_member_of_this_node_while_there_is_one() {
    let pick = |group: &ShareGroup, random, excluded| {
        let mut turns = PublisherTurns::default();
        let picked = group.pick_excluding(ShareStrategy::Local, "p", "t", &mut turns, random, excluded);
        picked.map(|member| member.worker)
    };
    let (group, one_local, all_remote) = (mixed_group(3, 5), mixed_group(1, 5), mixed_group(0, 5));
    let first = Some((0, member(0, 0).session));
    for random in spread(50) {
        assert_eq!(pick(&group, random, None), Some(0));
        assert_eq!(pick(&group, random, first), Some(0));
        assert_eq!(pick(&one_local, random, None), Some(0));
        assert!(pick(&one_local, random, first).is_some_and(|worker| !is_local(worker)));
        assert!(pick(&all_remote, random, None).is_some_and(|worker| !is_local(worker)));
    }
}

#[test]
fn the_other_strategies_use_members_of_all_nodes() {
    use ShareStrategy::*;
    let group = mixed_group(2, 4);
    for strategy in [Random, RoundRobin, RoundRobinPerGroup, HashClientId, HashTopic] {
        let mut turns = PublisherTurns::default();
        let mut used = std::collections::BTreeSet::new();
        for (number, random) in spread(200).into_iter().enumerate() {
            let text = format!("text-{number}");
            let picked = group.pick(strategy, &text, &text, &mut turns, random).unwrap();
            used.insert(picked.key());
        }
        assert_eq!(used.len(), 6, "{strategy:?}");
    }
    assert_eq!(group.local_members().len(), 2);
}

#[test]
fn hash_strategies_pick_the_same_client_on_every_node() {
    // Each node has its own clients at worker 0 and the other's at the first slot.
    let ids: Vec<String> = (0..20).map(|number| format!("client {number}")).collect();
    let mut groups = [ShareGroup::new(1, "g", "a/#"), ShareGroup::new(9, "g", "a/#")];
    for (node, group) in groups.iter_mut().enumerate() {
        for (index, id) in (0..).zip(&ids) {
            let is_here = index as usize % 2 == node;
            let worker = if is_here { 0 } else { FIRST_PEER };
            let session = SessionKey {
                index: index ^ (node as u32 * 7),
                generation: 0,
            };
            let client_id = id.as_str().into();
            group.join(ShareMember {
                worker,
                session,
                client_id,
                options: SubscriptionOptions::default(),
            });
        }
    }
    for number in 0..100 {
        let topic = format!("a/{number}");
        let pick = |group: &ShareGroup| {
            let mut turns = PublisherTurns::default();
            let picked = group.pick(ShareStrategy::HashTopic, "p", &topic, &mut turns, number);
            picked.unwrap().client_id.clone()
        };
        assert_eq!(pick(&groups[0]), pick(&groups[1]));
    }
}

#[test]
fn members_of_one_node_leave_at_once_and_the_others_are_still_found() {
    let mut group = mixed_group(2, 4);
    assert!(group.has_members_of(FIRST_PEER) && !group.has_members_of(FIRST_PEER + 2));
    assert_eq!(group.leave_all(FIRST_PEER, |member| member.session.index == 2), 1);
    assert_eq!(group.len(), 5);
    assert_eq!(group.leave_all(FIRST_PEER, |_| false), 1);
    assert!(!group.has_members_of(FIRST_PEER));
    assert_eq!(group.local_member("client-0-1"), Some(&member(0, 1)));
    assert_eq!(group.local_member("client-32769-1"), None, "a client of another node");
    for index in 0..2 {
        assert!(group.leave(0, member(0, index).session));
    }
    assert_eq!((group.len(), group.by_client.len()), (2, 2));
}

#[test]
fn a_second_join_replaces_the_options() {
    let mut group = group_of(2);
    let options = SubscriptionOptions {
        retain_as_published: true,
        ..SubscriptionOptions::default()
    };
    assert!(!group.join(ShareMember {
        options,
        ..member(0, 1)
    }));
    assert_eq!(group.len(), 2);
    assert_eq!(
        group
            .member(
                0,
                SessionKey {
                    index: 1,
                    generation: 0
                }
            )
            .unwrap()
            .options,
        options
    );
    assert!(!group.leave(
        0,
        SessionKey {
            index: 1,
            generation: 1
        }
    ));
}

#[test]
fn a_publisher_remembers_a_bounded_number_of_groups() {
    let mut turns = PublisherTurns::default();
    for group in 0..1000 {
        turns.next(group, 0);
    }
    assert_eq!(turns.turns.len(), PublisherTurns::GROUPS_MAX);
}
