//! Sockets that take no more for a while.

use emqxd_broker::MqttConfig;
use mqtt_codec::{Packet, QoS};

use crate::support::{QOS, TestBroker, payloads_of};

#[test]
fn what_comes_meanwhile_waits_in_order_and_follows_when_the_socket_drains() {
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::ExactlyOnce);
    subscriber.congest();
    let publisher = broker.connect("p");
    for number in 0..6 {
        publisher.publish("t", &number.to_string(), QOS[number % 3]);
    }
    assert!(subscriber.received().is_empty());
    subscriber.drain();
    assert_eq!(
        payloads_of(&subscriber.read_and_ack_all()),
        ["0", "1", "2", "3", "4", "5"]
    );
}

#[test]
fn acknowledgements_do_not_open_the_tap() {
    let broker = TestBroker::new();
    let subscriber = broker.client("s").receive_maximum(1).connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    let publisher = broker.connect("p");
    publisher.publish("t", "1", QoS::AtLeastOnce);
    publisher.publish("t", "2", QoS::AtLeastOnce);
    subscriber.received();
    subscriber.congest();
    subscriber.puback(1);
    assert!(subscriber.received().is_empty());
    subscriber.drain();
    assert_eq!(subscriber.payloads(), ["2"]);
}

#[test]
fn a_congested_client_still_gets_its_answers() {
    let client = TestBroker::new().connect("c");
    client.congest();
    client.send(Packet::Pingreq);
    assert_eq!(client.received(), [Packet::Pingresp]);
}

#[test]
fn retries_wait_for_the_socket_too() {
    let broker = TestBroker::with_config(MqttConfig {
        retry_interval: Some(crate::support::secs(5)),
        ..MqttConfig::default()
    });
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::AtLeastOnce);
    broker.connect("p").publish("t", "x", QoS::AtLeastOnce);
    subscriber.received();
    subscriber.congest();
    broker.advance(crate::support::secs(20));
    assert!(subscriber.received().is_empty());
    subscriber.drain();
    assert_eq!(subscriber.messages().len(), 1);
}

#[test]
fn a_new_connection_starts_uncongested() {
    let broker = TestBroker::new();
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    subscriber.congest();
    broker.connect("p").publish("t", "x", QoS::AtLeastOnce);
    let back = broker.client("s").persistent().connect();
    assert_eq!(back.payloads(), ["x"]);
}
