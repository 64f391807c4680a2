//! Subscriptions whose right was taken away: asked about when a session is gone on with, when a client has
//! authenticated anew, and when the rules have changed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use emqx_acl::RuleSet;
use emqxd_broker::{AuthorizationSettings, Identity, Metric};
use mqtt_codec::{QoS, ReasonCode};

use crate::authorization::{NOT_AUTHORIZED, allowed, authorization, broker, refused, rules, subscribe_to};
use crate::support::{TestBroker, TestClient, logged, secs};

fn change_rules(broker: &TestBroker, text: &str) {
    broker.authorize_by(&authorization(&rules(text), AuthorizationSettings::default()));
}

fn filters(broker: &TestBroker, client_id: &str) -> Vec<String> {
    let found = broker.on_shard_of(client_id, |shard| shard.subscriptions_of(client_id));
    found
        .expect("it has a session")
        .iter()
        .map(|subscription| subscription.filter.to_string())
        .collect()
}

fn come_back(broker: &TestBroker) -> TestClient {
    broker.client("c").persistent().connect()
}

const ALL: &str = "{allow, all}.";
const NOT_SECRET: &str = "{deny, all, subscribe, [\"secret/#\"]}. {allow, all}.";

#[test]
fn a_right_that_was_taken_away_meanwhile_is_gone_when_the_client_comes_back() {
    let (broker, _) = broker(ALL);
    let client = come_back(&broker);
    for filter in ["t", "secret/1", "$share/g/secret/2", "+/1"] {
        client.subscribe(filter, QoS::AtLeastOnce);
    }
    client.drop_connection();
    let writer = broker.connect("writer");
    writer.publish("secret/1", "before", QoS::AtLeastOnce);
    writer.publish("t", "open", QoS::AtLeastOnce);
    change_rules(&broker, NOT_SECRET);
    writer.publish("secret/1", "after", QoS::AtLeastOnce);
    let mut back = None;
    let lines = logged(|| back = Some(come_back(&broker)));
    let back = back.expect("it came back");
    assert!(back.connack.session_present);
    assert_eq!(back.payloads(), ["open"], "what waited for it because of that goes too");
    assert_eq!(filters(&broker, "c"), ["t"]);
    assert_eq!(broker.gauges().subscriptions, 1);
    writer.publish("secret/1", "later", QoS::AtLeastOnce);
    writer.publish("t", "yes", QoS::AtLeastOnce);
    assert_eq!(back.payloads(), ["yes"]);
    assert_eq!(broker.metric(Metric::AuthorizationRevoked), 3);
    let line = lines
        .iter()
        .find(|line| line.contains("subscription_revoked") && line.contains("topic=secret/1"));
    let line = line.unwrap_or_else(|| panic!("{lines:?}"));
    for part in ["WARN", "clientid=\"c\"", "rule=\"rule 1\""] {
        assert!(line.contains(part), "{part} in {line}");
    }
    broker.on_shard_of("c", |shard| {
        let last = shard.last_refusal("c").expect("noted");
        assert_eq!((last.action, last.count), ("keep_subscription", 3));
    });
}

#[test]
fn what_another_subscription_still_covers_is_delivered() {
    let (broker, _) = broker(ALL);
    let client = come_back(&broker);
    client.subscribe("a/+", QoS::AtLeastOnce);
    client.subscribe("+/x", QoS::AtLeastOnce);
    client.drop_connection();
    let writer = broker.connect("writer");
    for (topic, payload) in [("a/x", "both"), ("a/y", "one"), ("b/x", "other")] {
        writer.publish(topic, payload, QoS::AtLeastOnce);
    }
    change_rules(
        &broker,
        "{allow, all, subscribe, [\"a/+\"]}. {allow, all, publish, all}.",
    );
    // Two subscriptions, two copies of what matches both.
    assert_eq!(come_back(&broker).payloads(), ["both", "both", "one"]);
    assert_eq!(broker.metric(Metric::DeliveryDropped), 1);
}

#[test]
fn messages_of_a_share_group_go_to_a_member_that_may_have_them() {
    let (broker, _) = broker(ALL);
    let client = come_back(&broker);
    client.subscribe("$share/g/secret", QoS::AtLeastOnce);
    client.drop_connection();
    broker.connect("writer").publish("secret", "x", QoS::AtLeastOnce);
    let other = broker.client("other").username("u").connect();
    other.subscribe("$share/g/secret", QoS::AtLeastOnce);
    change_rules(
        &broker,
        "{allow, {username, \"u\"}}. {deny, all, subscribe, [\"secret\"]}.",
    );
    assert_eq!(come_back(&broker).payloads(), [""; 0]);
    assert_eq!(other.payloads(), ["x"]);
}

#[test]
fn after_a_change_of_rules_all_who_are_connected_are_looked_at_in_steps() {
    let (broker, _) = broker(ALL);
    let client = broker.connect("c");
    for number in 0..100 {
        client.subscribe(&format!("secret/{number}"), QoS::AtMostOnce);
    }
    client.subscribe("t", QoS::AtMostOnce);
    let others: Vec<_> = (0..20).map(|number| broker.connect(&format!("o{number}"))).collect();
    for other in &others {
        other.subscribe("secret/1", QoS::AtMostOnce);
    }
    change_rules(&broker, NOT_SECRET);
    let writer = broker.connect("writer");
    assert!(broker.recheck() > 100 / 16, "no step takes them all");
    writer.publish("secret/1", "no", QoS::AtMostOnce);
    writer.publish("t", "yes", QoS::AtMostOnce);
    assert_eq!(client.payloads(), ["yes"]);
    assert!(others.iter().all(|other| other.payloads().is_empty()));
    assert_eq!(broker.gauges().subscriptions, 1);
    assert_eq!(broker.metric(Metric::AuthorizationRevoked), 120);
    assert_eq!(client.closed(), None);
    assert_eq!(client.subscribe("secret/1", QoS::AtMostOnce), ReasonCode::NotAuthorized);
}

#[test]
fn where_nothing_is_checked_nothing_is_asked_again() {
    let broker = TestBroker::new();
    let client = come_back(&broker);
    client.subscribe("t", QoS::AtMostOnce);
    client.drop_connection();
    come_back(&broker);
    assert_eq!(broker.recheck(), 1);
    assert_eq!(broker.metric(Metric::ClientAuthorize), 0);
}

#[test]
fn a_token_with_fewer_rights_takes_subscriptions_along() {
    let (broker, _) = broker(ALL);
    let client = broker.connect("c");
    client.subscribe("t", QoS::AtMostOnce);
    client.subscribe("secret/1", QoS::AtMostOnce);
    let token = Identity {
        rules: Some(Arc::new(RuleSet::parse(NOT_SECRET).expect("rules"))),
        ..Identity::default()
    };
    broker.identify("c", token);
    assert_eq!(filters(&broker, "c"), ["t"]);
}

#[test]
fn somebody_elsewhere_is_asked_when_the_client_comes_back_and_not_before() {
    let (broker, rules) = broker("{allow, all}.");
    let client = come_back(&broker);
    subscribe_to(&client, &["t", "ask/1", "ask/2"]);
    broker.answer(vec![allowed(), allowed()]);
    broker.authorize_by(&authorization(&rules, AuthorizationSettings::default()));
    broker.recheck();
    assert!(broker.next_question().is_none(), "only when it comes back");
    client.drop_connection();
    let back = come_back(&broker);
    assert_eq!(broker.answer(vec![allowed(), refused()]).len(), 2);
    let left = filters(&broker, "c");
    assert!(left.len() == 2 && left.contains(&"t".to_owned()), "{left:?}");
    assert_eq!(back.closed(), None);
    assert!(rules.asked.load(Ordering::Relaxed) > 0);
}

#[test]
fn without_an_answer_the_client_goes_and_its_session_stays_whole() {
    let (broker, _) = broker(ALL);
    let client = come_back(&broker);
    subscribe_to(&client, &["ask/1"]);
    broker.answer(vec![allowed()]);
    client.drop_connection();
    let back = come_back(&broker);
    broker.advance(secs(31));
    assert_eq!(back.closed(), Some(NOT_AUTHORIZED));
    assert_eq!(filters(&broker, "c"), ["ask/1"]);
    let detail = back.summary().detail.expect("said why");
    assert!(detail.contains("nobody answered in time"), "{detail}");
    assert_eq!(broker.gauges().connections, 0);
}
