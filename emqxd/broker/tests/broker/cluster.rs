//! Brokers that know one another: what a client publishes on one node reaches the clients of all, once.

use std::collections::{BTreeMap, BTreeSet};

use emqxd_broker::{Metric, MqttConfig, RetainedStore, ShareStrategy, matches};
use mqtt_codec::{QoS, ReasonCode};

use crate::support::{Dice, Seed, TestClient, TestCluster, payloads_of, secs, setting};

fn cluster(count: usize) -> TestCluster {
    TestCluster::new(count, &MqttConfig::default())
}

fn with_strategy(count: usize, shared_subscription_strategy: ShareStrategy) -> TestCluster {
    let config = MqttConfig {
        shared_subscription_strategy,
        ..MqttConfig::default()
    };
    TestCluster::new(count, &config)
}

#[test]
fn a_message_goes_once_to_each_node_that_wants_it_and_never_on_from_there() {
    let mut cluster = cluster(3);
    let ids: Vec<String> = (0..2).map(|shard| cluster.nodes[1].id_on(shard, "b")).collect();
    let receivers: Vec<TestClient> = ids.iter().map(|id| cluster.nodes[1].connect(id)).collect();
    for receiver in &receivers {
        receiver.subscribe("t/+", QoS::AtLeastOnce);
        receiver.subscribe("t/1", QoS::AtLeastOnce);
    }
    let third = cluster.nodes[2].connect("c");
    third.subscribe("t/#", QoS::AtMostOnce);
    let publisher = cluster.nodes[0].connect("p");
    cluster.settle();
    assert_eq!(publisher.publish("t/1", "x", QoS::AtLeastOnce), ReasonCode::Success);
    cluster.settle();
    assert_eq!(cluster.carried, 2);
    for receiver in &receivers {
        // Once for each of its subscriptions.
        assert_eq!(payloads_of(&receiver.read_and_ack_all()), ["x", "x"]);
    }
    assert_eq!(third.payloads(), ["x"]);
    cluster.assert_digests_agree();
}

#[test]
fn the_publisher_is_told_that_somebody_wants_it_wherever_that_is() {
    let mut cluster = cluster(2);
    let (publisher, receiver) = (cluster.nodes[0].connect("p"), cluster.nodes[1].connect("c"));
    assert_eq!(
        publisher.publish("t", "x", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
    receiver.subscribe("t", QoS::AtLeastOnce);
    cluster.settle();
    assert_eq!(publisher.publish("t", "x", QoS::AtLeastOnce), ReasonCode::Success);
    // It leaves while the message is on its way: that is no drop of the node that merely got it.
    receiver.unsubscribe("t");
    cluster.settle_mail();
    assert!(receiver.payloads().is_empty());
    assert_eq!(cluster.nodes[1].metric(Metric::MessagesDroppedNoSubscribers), 0);
    assert_eq!(cluster.nodes[0].metric(Metric::MessagesDroppedNoSubscribers), 1);
}

#[test]
fn a_share_group_spans_nodes_and_each_message_goes_to_one_member() {
    use ShareStrategy::*;
    for strategy in [
        Random,
        RoundRobin,
        RoundRobinPerGroup,
        Sticky,
        Local,
        HashClientId,
        HashTopic,
    ] {
        let mut cluster = with_strategy(3, strategy);
        let members: Vec<TestClient> = (1..3)
            .flat_map(|node| [(node, 0), (node, 1)])
            .map(|(node, shard)| {
                let id = cluster.nodes[node].id_on(shard, &format!("member{node}"));
                let member = cluster.nodes[node].connect(&id);
                member.subscribe("$share/g/t/#", QoS::AtLeastOnce);
                member
            })
            .collect();
        // On the first node nobody is in the group.
        let publishers = [0, 1].map(|node| cluster.nodes[node].connect("p"));
        cluster.settle();
        for number in 0..40 {
            for (node, publisher) in publishers.iter().enumerate() {
                let payload = format!("{node}-{number}");
                let code = publisher.publish(&format!("t/{}", number % 7), &payload, QoS::AtLeastOnce);
                assert_eq!(code, ReasonCode::Success);
            }
        }
        cluster.settle();
        let mut seen: Vec<BTreeSet<String>> = Vec::new();
        for member in &members {
            let payloads = payloads_of(&member.read_and_ack_all());
            seen.push(payloads.iter().cloned().collect());
            assert_eq!(seen[seen.len() - 1].len(), payloads.len(), "{strategy:?}");
        }
        let all: BTreeSet<&String> = seen.iter().flatten().collect();
        assert_eq!(all.len(), 80, "{strategy:?}");
        assert_eq!(seen.iter().map(BTreeSet::len).sum::<usize>(), 80, "{strategy:?}");
        if strategy == Local {
            let elsewhere = seen[2..].iter().flatten().filter(|payload| payload.starts_with("1-"));
            assert_eq!(elsewhere.count(), 0, "the publisher's node has members");
        }
    }
}

#[test]
fn a_message_for_a_member_that_has_gone_goes_to_another_one_wherever_that_is() {
    let mut cluster = with_strategy(3, ShareStrategy::HashClientId);
    let gone = cluster.nodes[1].connect("gone");
    gone.subscribe("$share/g/t", QoS::AtLeastOnce);
    let publisher = cluster.nodes[0].connect("p");
    cluster.settle();
    let other = cluster.nodes[2].connect("other");
    other.subscribe("$share/g/t", QoS::AtLeastOnce);
    // The publisher's node knows of the first one only.
    gone.unsubscribe("$share/g/t");
    assert_eq!(publisher.publish("t", "x", QoS::AtLeastOnce), ReasonCode::Success);
    cluster.settle();
    assert_eq!(payloads_of(&other.read_and_ack_all()), ["x"]);
    assert!(gone.payloads().is_empty());
}

#[test]
fn a_message_for_a_group_that_every_node_believes_another_one_has_comes_to_an_end() {
    let mut cluster = cluster(3);
    let members: Vec<TestClient> = (0..3)
        .map(|node| {
            let member = cluster.nodes[node].connect("m");
            member.subscribe("$share/g/t", QoS::AtLeastOnce);
            member
        })
        .collect();
    let publisher = cluster.nodes[0].connect("p");
    cluster.settle();
    for member in &members {
        member.unsubscribe("$share/g/t");
    }
    assert_eq!(publisher.publish("t", "x", QoS::AtLeastOnce), ReasonCode::Success);
    cluster.settle_mail();
    assert!((1..=9).contains(&cluster.carried), "{}", cluster.carried);
    let dropped = cluster
        .nodes
        .iter()
        .map(|node| node.metric(Metric::MessagesDroppedNoSubscribers));
    assert_eq!(dropped.sum::<u64>(), 1);
}

#[test]
fn each_node_knows_on_which_others_a_client_has_a_session_and_since_when() {
    let mut cluster = cluster(3);
    let first = cluster.nodes[1].client("c").persistent().connect();
    cluster.settle();
    let came = cluster.nodes[1].now().0;
    assert_eq!(cluster.locations[0].find("c").as_slice(), [(1, came)]);
    assert!(cluster.locations[1].find("c").is_empty(), "its own are not listed");
    cluster.nodes[1].advance(secs(5));
    first.drop_connection();
    cluster.settle();
    assert_eq!(
        cluster.locations[0].find("c").as_slice(),
        [(1, came)],
        "its session is there"
    );
    let again = cluster.nodes[1].client("c").resuming().connect();
    cluster.settle();
    assert_eq!(cluster.locations[2].find("c").as_slice(), [(1, came + 5000)]);
    cluster.assert_digests_agree();
    again.disconnect_with(ReasonCode::Success, Some(0));
    cluster.settle();
    assert!(cluster.locations[0].is_empty() && cluster.locations[2].is_empty());
    cluster.assert_digests_agree();
}

#[test]
fn what_is_retained_on_one_node_is_retained_on_all() {
    let mut cluster = cluster(2);
    let publisher = cluster.nodes[0].connect("p");
    publisher.publish_retained("a", "1", QoS::AtLeastOnce);
    publisher.publish_retained("b", "1", QoS::AtLeastOnce);
    cluster.settle();
    let other = cluster.nodes[1].connect("c");
    other.subscribe("#", QoS::AtMostOnce);
    assert_eq!(other.payloads(), ["1", "1"]);
    other.publish_retained("a", "", QoS::AtLeastOnce);
    cluster.settle();
    assert_eq!(cluster.nodes[0].state().retained.len(), 1);
    cluster.assert_digests_agree();
}

/// A client of the model: where it is and what it subscribed to.
struct Member {
    client: TestClient,
    node: usize,
    plain: BTreeSet<&'static str>,
    shared: BTreeSet<&'static str>,
}

const FILTERS: [&str; 6] = ["a", "b", "a/+", "#", "a/b", "+"];
const SHARED: [&str; 4] = ["$share/g/a", "$share/g/#", "$share/h/a/+", "$share/h/a"];
const TOPICS: [&str; 4] = ["a", "b", "a/b", "c"];

fn run(seed: u64) {
    let _named = Seed(seed);
    let mut dice = Dice(seed);
    let strategies = [
        ShareStrategy::Random,
        ShareStrategy::Local,
        ShareStrategy::Sticky,
        ShareStrategy::HashTopic,
    ];
    let mut cluster = with_strategy(3, dice.pick(&strategies));
    let mut members: Vec<Member> = (0..7)
        .map(|number| {
            let node = dice.below(3);
            Member {
                client: cluster.nodes[node].connect(&format!("client-{number}")),
                node,
                plain: BTreeSet::new(),
                shared: BTreeSet::new(),
            }
        })
        .collect();
    for step in 0..60 {
        let which = dice.below(members.len());
        match dice.below(10) {
            0..4 => change_subscription(&mut members[which], &mut dice),
            4 => {
                // A node is taken for dead and comes back: by a snapshot.
                let (node, of) = (dice.below(3), dice.below(3));
                if node != of {
                    cluster.settle();
                    if dice.one_in(2) {
                        cluster.drop_node(of);
                        let others = (0..3).filter(|other| *other != of);
                        others.for_each(|other| cluster.take_snapshot(other, of));
                    } else {
                        cluster.take_snapshot(node, of);
                    }
                }
            }
            _ => publish(&mut cluster, &members, which, dice.pick(&TOPICS), &step.to_string()),
        }
        cluster.settle();
        cluster.assert_digests_agree();
    }
}

fn change_subscription(member: &mut Member, dice: &mut Dice) {
    let (filters, of): (&mut BTreeSet<_>, &[&'static str]) = if dice.one_in(2) {
        (&mut member.plain, &FILTERS)
    } else {
        (&mut member.shared, &SHARED)
    };
    let filter = dice.pick(of);
    if filters.remove(filter) {
        member.client.unsubscribe(filter);
    } else {
        filters.insert(filter);
        member.client.subscribe(filter, QoS::AtMostOnce);
    }
}

fn publish(cluster: &mut TestCluster, members: &[Member], publisher: usize, topic: &str, payload: &str) {
    cluster.settle();
    members[publisher].client.publish(topic, payload, QoS::AtLeastOnce);
    cluster.settle();
    let mut of_groups: BTreeMap<&str, usize> = BTreeMap::new();
    let mut received_of_groups = 0;
    for member in members {
        let payloads = member.client.payloads();
        assert!(payloads.iter().all(|each| each == payload));
        let plain = member.plain.iter().filter(|filter| matches(filter, topic)).count();
        let shared = member.shared.iter().filter(|full| {
            let filter = full.splitn(3, '/').nth(2).expect("share name and filter");
            matches(filter, topic)
        });
        let shared: Vec<_> = shared.collect();
        for full in &shared {
            *of_groups.entry(full).or_default() += 1;
        }
        assert!(
            (plain..=plain + shared.len()).contains(&payloads.len()),
            "on node {}: {payloads:?}, {plain} plain and {shared:?}",
            member.node
        );
        received_of_groups += payloads.len() - plain;
    }
    assert_eq!(
        received_of_groups,
        of_groups.len(),
        "one for each group that has members"
    );
}

#[test]
fn random_subscriptions_on_three_nodes_get_each_message_once() {
    if let Some(seed) = setting("EMQXD_MODEL_SEED") {
        return run(seed);
    }
    let sequences = setting("EMQXD_MODEL_SEQUENCES").unwrap_or(60);
    (0..sequences).for_each(run);
}
