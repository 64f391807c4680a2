//! Retained messages towards subscribers (MQTT 5, 3.3.1.3 and 3.8.3.1).

use std::collections::BTreeSet;

use emqxd_broker::RetainedStore;
use mqtt_codec::{QoS, RetainHandling};

use crate::support::{Subscribing, TestBroker, payloads_of, secs, will};

#[test]
fn a_new_subscription_gets_the_last_retained_message_of_each_matching_topic() {
    let broker = TestBroker::new();
    let publisher = broker.connect("p");
    for (topic, payload) in [
        ("a/1", "old"),
        ("a/1", "new"),
        ("a/2", "two"),
        ("b", "other"),
        ("$x/1", "hidden"),
    ] {
        publisher.publish_retained(topic, payload, QoS::ExactlyOnce);
    }
    publisher.publish("a/3", "not kept", QoS::AtMostOnce);
    let subscriber = broker.connect("s");
    let options = Subscribing {
        qos: QoS::AtLeastOnce,
        identifier: Some(9),
        ..Subscribing::default()
    };
    subscriber.subscribe_with("+/+", &options);
    let came = subscriber.messages();
    assert_eq!(payloads_of(&came), ["new", "two"]);
    for publish in came {
        assert!(publish.retain && publish.qos == QoS::AtLeastOnce);
        assert_eq!(publish.properties.expect("MQTT 5").subscription_identifiers, [9]);
    }
}

#[test]
fn an_empty_payload_clears_the_topic_and_is_passed_on() {
    let broker = TestBroker::new();
    let publisher = broker.connect("p");
    let live = broker.connect("live");
    live.subscribe("t", QoS::AtMostOnce);
    publisher.publish_retained("t", "x", QoS::AtMostOnce);
    publisher.publish_retained("t", "", QoS::AtMostOnce);
    assert_eq!(live.payloads(), ["x", ""]);
    let late = broker.connect("late");
    late.subscribe("t", QoS::AtMostOnce);
    assert!(late.received().is_empty());
    assert_eq!(broker.state().retained.len(), 0);
}

#[test]
fn retain_handling_decides_which_subscribes_bring_them() {
    let broker = TestBroker::new();
    broker.connect("p").publish_retained("t", "kept", QoS::AtMostOnce);
    let subscriber = broker.connect("s");
    let come = |retain_handling| {
        let options = Subscribing {
            retain_handling,
            ..Subscribing::default()
        };
        subscriber.subscribe_with("t", &options);
        subscriber.messages().len()
    };
    assert_eq!(come(RetainHandling::DoNotSend), 0);
    assert_eq!(come(RetainHandling::SendIfNew), 0, "it is there already");
    assert_eq!(come(RetainHandling::SendAtSubscribe), 1);
    assert_eq!(come(RetainHandling::SendAtSubscribe), 1);
    subscriber.unsubscribe("t");
    assert_eq!(come(RetainHandling::SendIfNew), 1);
    assert_eq!(come(RetainHandling::SendIfNew), 0);
}

#[test]
fn a_slow_client_pauses_the_replay_and_loses_nothing() {
    let broker = TestBroker::new();
    let publisher = broker.connect("p");
    for number in 0..500 {
        publisher.publish_retained(&format!("t/{number}"), &number.to_string(), QoS::AtLeastOnce);
    }
    let slow = broker.client("s").receive_maximum(3).connect();
    slow.subscribe("t/#", QoS::AtLeastOnce);
    let mut seen = BTreeSet::new();
    loop {
        let came = slow.messages();
        assert!(came.len() <= 3);
        for publish in &came {
            assert!(seen.insert(publish.topic.to_string()), "{} came twice", publish.topic);
        }
        if came.is_empty() {
            break;
        }
        for publish in came {
            slow.puback(publish.packet_id.expect("QoS 1").get());
        }
    }
    assert_eq!(seen.len(), 500);
}

#[test]
fn a_replay_goes_on_after_the_socket_was_full_and_after_a_reconnect() {
    let broker = TestBroker::new();
    let publisher = broker.connect("p");
    for number in 0..300 {
        publisher.publish_retained(&format!("t/{number}"), &number.to_string(), QoS::AtMostOnce);
    }
    let subscriber = broker.client("s").persistent().connect();
    subscriber.congest();
    subscriber.subscribe("t/#", QoS::AtMostOnce);
    assert!(subscriber.messages().is_empty());
    subscriber.drain();
    assert_eq!(subscriber.messages().len(), 300);
    subscriber.congest();
    subscriber.subscribe("t/#", QoS::AtMostOnce);
    subscriber.drop_connection();
    let back = broker.client("s").persistent().connect();
    assert_eq!(back.messages().len(), 300);
}

#[test]
fn unsubscribing_ends_the_replay() {
    let broker = TestBroker::new();
    let publisher = broker.connect("p");
    for number in 0..10 {
        publisher.publish_retained(&format!("t/{number}"), "x", QoS::AtLeastOnce);
    }
    let slow = broker.client("s").receive_maximum(1).connect();
    slow.subscribe("t/#", QoS::AtLeastOnce);
    slow.unsubscribe("t/#");
    assert_eq!(slow.read_and_ack_all().len(), 1);
}

#[test]
fn a_retained_message_expires_and_tells_what_is_left_until_then() {
    let broker = TestBroker::new();
    let publisher = broker.connect("p");
    let mut publish = crate::support::message("t", "x", QoS::AtMostOnce);
    publish.retain = true;
    publish.properties.get_or_insert_default().message_expiry_interval = Some(60);
    publisher.publish_packet(publish);
    broker.advance(secs(20));
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::AtMostOnce);
    let left = subscriber
        .only_message()
        .properties
        .expect("MQTT 5")
        .message_expiry_interval;
    assert_eq!(left, Some(40));
    broker.advance(secs(40));
    subscriber.subscribe("t", QoS::AtMostOnce);
    assert!(subscriber.received().is_empty());
}

#[test]
fn a_retained_will_is_kept() {
    let broker = TestBroker::new();
    let mut last_words = will("t", "gone", 0);
    last_words.retain = true;
    broker.client("c").will(last_words).connect().drop_connection();
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::AtMostOnce);
    assert!(subscriber.only_message().retain);
}
