//! Topic aliases both ways (MQTT 5, 3.3.2.3.4).

use emqxd_broker::DisconnectReason;
use mqtt_codec::{QoS, ReasonCode};

use crate::support::{TestBroker, TestClient};

fn publish(client: &TestClient, topic: &str, alias: u16) {
    client.publish_with(topic, "x", |properties| properties.topic_alias = Some(alias));
}

#[test]
fn an_alias_stands_for_the_topic_it_was_last_set_to() {
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("#", QoS::AtMostOnce);
    let publisher = broker.connect("p");
    publish(&publisher, "a", 1);
    publish(&publisher, "b", 16);
    publish(&publisher, "", 1);
    publish(&publisher, "c", 1);
    publish(&publisher, "", 1);
    publish(&publisher, "", 16);
    let came = subscriber.messages();
    let topics: Vec<&str> = came.iter().map(|publish| &*publish.topic).collect();
    assert_eq!(topics, ["a", "b", "a", "c", "c", "b"]);
    let kept = came
        .iter()
        .filter_map(|publish| publish.properties.as_ref()?.topic_alias)
        .count();
    assert_eq!(kept, 0, "the publisher's alias is not the subscriber's");
}

#[test]
fn an_alias_out_of_range_ends_the_connection() {
    for alias in [0, 17, u16::MAX] {
        let client = TestBroker::new().connect("c");
        publish(&client, "a", alias);
        assert_eq!(client.closed(), Some(DisconnectReason::TopicAliasInvalid));
        assert_eq!(client.disconnect_code(), Some(ReasonCode::TopicAliasInvalid));
    }
}

#[test]
fn an_alias_that_was_never_set_is_a_protocol_error() {
    let client = TestBroker::new().connect("c");
    publish(&client, "", 3);
    assert_eq!(client.disconnect_code(), Some(ReasonCode::ProtocolError));
}

#[test]
fn aliases_end_with_their_connection() {
    let broker = TestBroker::new();
    let client = broker.client("c").persistent().connect();
    publish(&client, "a", 1);
    client.drop_connection();
    let client = broker.client("c").persistent().connect();
    publish(&client, "", 1);
    assert_eq!(client.disconnect_code(), Some(ReasonCode::ProtocolError));
}

#[test]
fn a_client_that_takes_aliases_is_sent_each_topic_once() {
    let broker = TestBroker::new();
    let subscriber = broker.client("s").topic_alias_maximum(2).connect();
    subscriber.subscribe("#", QoS::AtMostOnce);
    let publisher = broker.connect("p");
    for topic in ["a", "b", "c", "a", "b", "c"] {
        publisher.publish(topic, "x", QoS::AtMostOnce);
    }
    assert_eq!(
        subscriber.aliases_used(),
        [(1, false), (2, false), (1, true), (2, true)]
    );
    let topics: Vec<_> = subscriber
        .messages()
        .iter()
        .map(|publish| publish.topic.to_string())
        .collect();
    assert_eq!(topics, ["a", "b", "c", "a", "b", "c"]);
}

#[test]
fn a_message_dropped_for_its_size_sets_no_alias() {
    let broker = TestBroker::new();
    let subscriber = broker
        .client("s")
        .topic_alias_maximum(2)
        .maximum_packet_size(40)
        .connect();
    subscriber.subscribe("t", QoS::AtMostOnce);
    let publisher = broker.connect("p");
    publisher.publish("t", &"x".repeat(100), QoS::AtMostOnce);
    publisher.publish("t", "x", QoS::AtMostOnce);
    assert_eq!(subscriber.aliases_used(), [(1, false)]);
}

#[test]
fn a_resumed_client_is_told_its_aliases_anew() {
    let broker = TestBroker::new();
    let connect = || broker.client("s").persistent().topic_alias_maximum(5).connect();
    let subscriber = connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    broker.connect("p").publish("t", "x", QoS::AtLeastOnce);
    subscriber.drop_connection();
    let subscriber = connect();
    assert_eq!(subscriber.aliases_used(), [(1, false)]);
    assert!(subscriber.only_message().dup);
}
