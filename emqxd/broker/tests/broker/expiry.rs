//! Sessions and messages that expire (MQTT 5, 3.1.2.11.2, 3.14.2.2.2, 3.3.2.3.3).

use emqxd_broker::{DisconnectReason, Metric, MqttConfig};
use mqtt_codec::{PublishProperties, QoS, ReasonCode};

use crate::support::{GaugeSums, TestBroker, TestClient, message, secs};

#[test]
fn a_session_lives_on_for_its_interval_and_leaves_nothing_behind() {
    let broker = TestBroker::new();
    let client = broker.client("c").expiry(60).connect();
    client.subscribe("t", QoS::AtLeastOnce);
    client.subscribe("$share/g/t", QoS::AtLeastOnce);
    client.drop_connection();
    broker.advance(secs(59));
    assert!(broker.has_session("c"));
    broker.advance(secs(2));
    assert!(!broker.has_session("c"));
    assert_eq!(broker.gauges(), GaugeSums::default());
    assert_eq!(broker.state().routes.counts().topics, 0);
    assert_eq!(broker.metric(Metric::SessionTerminated), 1);
}

#[test]
fn the_longest_interval_never_ends() {
    let broker = TestBroker::new();
    broker.client("c").expiry(u32::MAX).connect().drop_connection();
    broker.advance(secs(u64::from(u32::MAX) + 10));
    assert!(broker.has_session("c"));
}

#[test]
fn the_interval_counts_from_the_last_end() {
    let broker = TestBroker::new();
    broker.client("c").expiry(60).connect().drop_connection();
    broker.advance(secs(50));
    broker.client("c").resuming().expiry(60).connect().drop_connection();
    broker.advance(secs(50));
    assert!(broker.has_session("c"), "the first timer looked and went on");
    broker.advance(secs(11));
    assert!(!broker.has_session("c"));
}

#[test]
fn a_new_connection_brings_a_new_interval() {
    let broker = TestBroker::new();
    broker.client("c").expiry(1000).connect().drop_connection();
    broker.client("c").resuming().expiry(10).connect().drop_connection();
    broker.advance(secs(11));
    assert!(
        !broker.has_session("c"),
        "a shorter one ends before the timer of the longer"
    );
}

#[test]
fn disconnect_may_change_the_interval() {
    let broker = TestBroker::new();
    let ends = |expiry, changed| {
        let client = broker.client("c").expiry(expiry).connect();
        client.disconnect_with(ReasonCode::Success, Some(changed));
        assert_eq!(client.closed(), Some(DisconnectReason::Normal));
        client.summary().session_expiry_interval
    };
    assert_eq!(ends(60, 5), 5);
    broker.advance(secs(6));
    assert!(!broker.has_session("c"));
    assert_eq!(ends(60, 0), 0);
    assert!(!broker.has_session("c"));
    assert_eq!(ends(5, 100), 100);
    broker.advance(secs(50));
    assert!(broker.has_session("c"));
}

#[test]
fn disconnect_may_not_prolong_a_session_that_was_to_end() {
    let broker = TestBroker::new();
    let client = broker.connect("c");
    client.disconnect_with(ReasonCode::Success, Some(60));
    assert_eq!(client.disconnect_code(), Some(ReasonCode::ProtocolError));
    assert_eq!(client.closed(), Some(DisconnectReason::ProtocolError));
    assert!(!broker.has_session("c"));
}

fn publish_expiring(client: &TestClient, payload: &str, seconds: u32) {
    let mut publish = message("t", payload, QoS::AtLeastOnce);
    publish.properties = Some(Box::new(PublishProperties {
        message_expiry_interval: Some(seconds),
        ..PublishProperties::default()
    }));
    client.publish_packet(publish);
}

fn left(client: &TestClient) -> Option<u32> {
    client
        .only_message()
        .properties
        .expect("MQTT 5")
        .message_expiry_interval
}

#[test]
fn an_expired_message_is_not_delivered_and_counted() {
    let broker = TestBroker::new();
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    subscriber.drop_connection();
    let publisher = broker.connect("p");
    publish_expiring(&publisher, "short", 10);
    publish_expiring(&publisher, "long", 100);
    broker.advance(secs(30));
    let back = broker.client("s").persistent().connect();
    let came = back.only_message();
    assert_eq!(came.payload, "long");
    assert_eq!(came.properties.expect("MQTT 5").message_expiry_interval, Some(70));
    assert_eq!(broker.metric(Metric::DeliveryDroppedExpired), 1);
}

#[test]
fn what_is_left_is_told_in_whole_seconds_rounded_up() {
    let broker = TestBroker::new();
    let subscriber = broker.client("s").receive_maximum(1).connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    let publisher = broker.connect("p");
    publish_expiring(&publisher, "now", 10);
    publish_expiring(&publisher, "later", 10);
    assert_eq!(left(&subscriber), Some(10));
    broker.advance(std::time::Duration::from_millis(2500));
    subscriber.puback(1);
    assert_eq!(left(&subscriber), Some(8));
}

#[test]
fn messages_that_expire_wait_for_the_window_in_vain_too() {
    let broker = TestBroker::new();
    let subscriber = broker.client("s").receive_maximum(1).connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    let publisher = broker.connect("p");
    for payload in ["1", "2", "3"] {
        publish_expiring(&publisher, payload, 10);
    }
    publisher.publish("t", "4", QoS::AtLeastOnce);
    broker.advance(secs(11));
    subscriber.received();
    subscriber.puback(1);
    assert_eq!(subscriber.payloads(), ["4"]);
}

#[test]
fn the_brokers_own_limit_drops_but_is_not_told() {
    let broker = TestBroker::with_config(MqttConfig {
        message_expiry_interval: Some(secs(10)),
        ..MqttConfig::default()
    });
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    let publisher = broker.connect("p");
    publisher.publish("t", "x", QoS::AtLeastOnce);
    assert_eq!(left(&subscriber), None);
    subscriber.drop_connection();
    publisher.publish("t", "y", QoS::AtLeastOnce);
    publish_expiring(&publisher, "z", 100);
    broker.advance(secs(11));
    let back = broker.client("s").persistent().connect();
    assert_eq!(back.payloads(), ["x"]);
}
