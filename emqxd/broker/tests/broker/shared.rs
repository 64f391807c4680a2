//! Shared subscriptions (MQTT 5, 4.8.2) and EMQX's strategies.

use std::collections::{BTreeMap, BTreeSet};

use emqxd_broker::{Metric, MqttConfig, ShareStrategy};
use mqtt_codec::{QoS, ReasonCode};

use crate::support::{TestBroker, TestClient, payloads_of};

fn with_strategy(strategy: ShareStrategy) -> TestBroker {
    TestBroker::with(
        3,
        MqttConfig {
            shared_subscription_strategy: strategy,
            ..MqttConfig::default()
        },
    )
}

/// Three members of group `g` on `t/#`, one on each shard.
fn members(broker: &TestBroker) -> Vec<TestClient> {
    (0..3)
        .map(|shard| {
            let member = broker.connect(&broker.id_on(shard, "member"));
            member.subscribe("$share/g/t/#", QoS::AtLeastOnce);
            member
        })
        .collect()
}

fn counts(members: &[TestClient]) -> Vec<usize> {
    members.iter().map(|member| member.read_and_ack_all().len()).collect()
}

#[test]
fn every_strategy_gives_each_message_to_exactly_one_member() {
    for strategy in [
        ShareStrategy::Random,
        ShareStrategy::RoundRobin,
        ShareStrategy::RoundRobinPerGroup,
        ShareStrategy::Sticky,
        ShareStrategy::Local,
        ShareStrategy::HashClientId,
        ShareStrategy::HashTopic,
    ] {
        let broker = with_strategy(strategy);
        let members = members(&broker);
        let other_group = broker.connect("other");
        other_group.subscribe("$share/h/t/#", QoS::AtMostOnce);
        let publisher = broker.connect("p");
        let mut seen = BTreeMap::new();
        for number in 0..30 {
            let code = publisher.publish(&format!("t/{}", number % 7), &number.to_string(), QoS::AtLeastOnce);
            assert_eq!(code, ReasonCode::Success);
        }
        for payload in members
            .iter()
            .flat_map(|member| payloads_of(&member.read_and_ack_all()))
        {
            *seen.entry(payload).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 30, "{strategy:?}");
        assert!(seen.values().all(|times| *times == 1), "{strategy:?}");
        assert_eq!(other_group.messages().len(), 30, "each group gets its own copy");
    }
}

#[test]
fn round_robin_takes_turns_for_each_publisher() {
    let broker = with_strategy(ShareStrategy::RoundRobin);
    let members = members(&broker);
    let (first, second) = (broker.connect("p"), broker.connect("q"));
    for _ in 0..9 {
        first.publish("t", "x", QoS::AtMostOnce);
    }
    assert_eq!(counts(&members), [3, 3, 3]);
    for _ in 0..6 {
        first.publish("t", "x", QoS::AtMostOnce);
        second.publish("t", "x", QoS::AtMostOnce);
    }
    assert_eq!(counts(&members), [4, 4, 4]);
}

#[test]
fn round_robin_per_group_takes_one_turn_for_all_publishers() {
    let broker = with_strategy(ShareStrategy::RoundRobinPerGroup);
    let members = members(&broker);
    for number in 0..9 {
        broker.connect(&format!("p{number}")).publish("t", "x", QoS::AtMostOnce);
    }
    assert_eq!(counts(&members), [3, 3, 3]);
}

#[test]
fn sticky_stays_with_a_member_until_it_goes() {
    let broker = with_strategy(ShareStrategy::Sticky);
    let mut members = members(&broker);
    let publisher = broker.connect("p");
    let publish_five = || (0..5).for_each(|_| _ = publisher.publish("t", "x", QoS::AtMostOnce));
    publish_five();
    let first = counts(&members);
    assert_eq!(first.iter().max(), Some(&5));
    let chosen = first.iter().position(|count| *count == 5).expect("one has all");
    members.remove(chosen).drop_connection();
    publish_five();
    assert_eq!(counts(&members).into_iter().max(), Some(5));
}

#[test]
fn hashes_depend_on_the_topic_or_the_publisher_alone() {
    let broker = with_strategy(ShareStrategy::HashTopic);
    let all = members(&broker);
    for number in 0..10 {
        broker
            .connect(&format!("p{number}"))
            .publish("t/1", "x", QoS::AtMostOnce);
    }
    assert_eq!(counts(&all).into_iter().max(), Some(10));
    let broker = with_strategy(ShareStrategy::HashClientId);
    let all = members(&broker);
    let publisher = broker.connect("p");
    for number in 0..10 {
        publisher.publish(&format!("t/{number}"), "x", QoS::AtMostOnce);
    }
    assert_eq!(counts(&all).into_iter().max(), Some(10));
}

#[test]
fn random_reaches_every_member() {
    let broker = with_strategy(ShareStrategy::Random);
    let members = members(&broker);
    let publisher = broker.connect("p");
    for _ in 0..100 {
        publisher.publish("t", "x", QoS::AtMostOnce);
    }
    assert!(counts(&members).into_iter().all(|count| count > 10));
}

#[test]
fn a_share_group_gets_no_retained_messages() {
    let broker = TestBroker::new();
    broker.connect("p").publish_retained("t", "kept", QoS::AtLeastOnce);
    let member = broker.connect("m");
    member.subscribe("$share/g/t", QoS::AtLeastOnce);
    member.subscribe("$queue/t", QoS::AtLeastOnce);
    assert!(member.received().is_empty());
    member.subscribe("t", QoS::AtLeastOnce);
    assert_eq!(member.payloads(), ["kept"]);
}

#[test]
fn queue_is_a_group_of_its_own() {
    let broker = TestBroker::new();
    let (first, second) = (broker.connect("a"), broker.connect("b"));
    first.subscribe("$queue/t", QoS::AtMostOnce);
    second.subscribe("$queue/t", QoS::AtMostOnce);
    broker.connect("p").publish("t", "x", QoS::AtMostOnce);
    assert_eq!(first.messages().len() + second.messages().len(), 1);
    assert_eq!(broker.gauges().shared_subscriptions, 2);
}

#[test]
fn a_member_that_is_away_but_has_a_session_keeps_receiving_into_it() {
    let broker = TestBroker::with(2, MqttConfig::default());
    let (here, away) = (broker.id_on(0, "here"), broker.id_on(1, "away"));
    let staying = broker.connect(&here);
    let leaving = broker.client(&away).persistent().connect();
    staying.subscribe("$share/g/t", QoS::AtLeastOnce);
    leaving.subscribe("$share/g/t", QoS::AtLeastOnce);
    leaving.drop_connection();
    let publisher = broker.connect("p");
    for number in 0..10 {
        publisher.publish("t", &number.to_string(), QoS::AtLeastOnce);
    }
    assert_eq!(staying.read_and_ack_all().len(), 5);
    let back = broker.client(&away).persistent().connect();
    assert_eq!(back.read_and_ack_all().len(), 5);
}

#[test]
fn what_a_member_did_not_acknowledge_goes_to_another_when_its_session_ends() {
    let broker = TestBroker::with(2, MqttConfig::default());
    let leaving = broker.client(&broker.id_on(0, "leaving")).receive_maximum(2).connect();
    leaving.subscribe("$share/g/t", QoS::AtLeastOnce);
    leaving.subscribe("plain", QoS::AtLeastOnce);
    let publisher = broker.connect("p");
    for number in 0..5 {
        publisher.publish("t", &number.to_string(), QoS::AtLeastOnce);
    }
    publisher.publish("t", "qos 0", QoS::AtMostOnce);
    publisher.publish("plain", "not shared", QoS::AtLeastOnce);
    assert_eq!(leaving.messages().len(), 2);
    leaving.puback(1);
    let staying = broker.connect(&broker.id_on(1, "staying"));
    staying.subscribe("$share/g/t", QoS::AtLeastOnce);
    let log = crate::support::logged(|| leaving.disconnect());
    assert_eq!(payloads_of(&staying.read_and_ack_all()), ["1", "2", "3", "4"]);
    assert!(
        log.iter()
            .any(|line| line.contains("redispatching_shared_subscription_message"))
    );
}

#[test]
fn what_nobody_is_left_for_is_counted() {
    let broker = TestBroker::new();
    let member = broker.connect("m");
    member.subscribe("$share/g/t", QoS::AtLeastOnce);
    broker.connect("p").publish("t", "x", QoS::AtLeastOnce);
    member.disconnect();
    assert_eq!(broker.metric(Metric::MessagesDroppedNoSubscribers), 1);
}

#[test]
fn a_message_on_its_way_to_a_member_that_ends_goes_to_another() {
    let broker = TestBroker::with(3, MqttConfig::default());
    let first = broker.connect(&broker.id_on(1, "first"));
    first.subscribe("$share/g/t", QoS::AtLeastOnce);
    let publisher = broker.connect(&broker.id_on(0, "publisher"));
    broker.hold_mail();
    publisher.publish("t", "x", QoS::AtLeastOnce);
    first.disconnect();
    let second = broker.connect(&broker.id_on(2, "second"));
    second.subscribe("$share/g/t", QoS::AtLeastOnce);
    broker.release_mail();
    assert_eq!(second.payloads(), ["x"]);
}

#[test]
fn members_keep_their_own_quality_of_service() {
    let broker = TestBroker::new();
    let (first, second) = (broker.connect("a"), broker.connect("b"));
    first.subscribe("$share/g/t", QoS::AtMostOnce);
    second.subscribe("$share/g/t", QoS::ExactlyOnce);
    let publisher = broker.connect("p");
    publisher.publish("t", "1", QoS::ExactlyOnce);
    publisher.publish("t", "2", QoS::ExactlyOnce);
    assert_eq!(first.only_message().qos, QoS::AtMostOnce);
    assert_eq!(second.only_message().qos, QoS::ExactlyOnce);
}

#[test]
fn events_of_the_broker_can_be_shared() {
    let broker = TestBroker::new();
    let members: Vec<_> = ["a", "b"].map(|id| broker.connect(id)).into();
    for member in &members {
        member.subscribe("$share/g/$SYS/brokers/+/clients/+/connected", QoS::AtMostOnce);
    }
    let topics: BTreeSet<_> = (0..4)
        .map(|n| format!("$SYS/brokers/node/clients/{n}/connected"))
        .collect();
    for topic in &topics {
        broker.publish(crate::support::broker_message(topic, "{}"));
    }
    let came: BTreeSet<_> = members
        .iter()
        .flat_map(TestClient::messages)
        .map(|publish| publish.topic.to_string())
        .collect();
    assert_eq!(came, topics);
}

#[test]
fn two_share_prefixes_of_one_group_end_one_by_one() {
    // `$queue/t` is the group `$queue`, which `$share/$queue/t` names too.
    let broker = TestBroker::new();
    let client = broker.connect("c");
    client.subscribe("$queue/t", QoS::AtMostOnce);
    client.subscribe("$share/$queue/t", QoS::AtMostOnce);
    client.unsubscribe("$queue/t");
    broker.connect("p").publish("t", "still", QoS::AtMostOnce);
    assert_eq!(client.payloads(), ["still"]);
    client.unsubscribe("$share/$queue/t");
    assert_eq!(broker.state().routes.counts(), Default::default());
}
