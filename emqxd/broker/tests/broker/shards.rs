//! Several shards: messages cross, clients do not.

use emqxd_broker::{Metric, MqttConfig};
use mqtt_codec::QoS;

use crate::support::{QOS, TestBroker, payloads_of};

#[test]
fn the_order_of_a_publisher_holds_over_shards_whatever_the_quality() {
    let broker = TestBroker::with(3, MqttConfig::default());
    let subscribers: Vec<_> = (0..3).map(|shard| broker.connect(&broker.id_on(shard, "s"))).collect();
    for subscriber in &subscribers {
        subscriber.subscribe("t/+", QoS::ExactlyOnce);
    }
    let publisher = broker.connect(&broker.id_on(1, "p"));
    let expected: Vec<_> = (0..60).map(|number| number.to_string()).collect();
    for (number, payload) in expected.iter().enumerate() {
        publisher.publish("t/1", payload, QOS[number % 3]);
        if number % 10 == 0 {
            // New routes and stale caches on the way change nothing.
            broker
                .connect(&broker.id_on(number % 3, "extra"))
                .subscribe("t/1", QoS::AtMostOnce);
        }
    }
    for subscriber in &subscribers {
        assert_eq!(payloads_of(&subscriber.read_and_ack_all()), expected);
    }
}

#[test]
fn a_shard_with_many_subscribers_gets_one_mail() {
    let broker = TestBroker::with(2, MqttConfig::default());
    let subscribers: Vec<_> = (0..50)
        .map(|number| {
            let client = broker.connect(&broker.id_on(1, &format!("s{number}-")));
            client.subscribe("t", QoS::AtMostOnce);
            client.subscribe("+", QoS::AtMostOnce);
            client
        })
        .collect();
    let publisher = broker.connect(&broker.id_on(0, "p"));
    broker.hold_mail();
    publisher.publish("t", "x", QoS::AtMostOnce);
    broker.release_mail();
    assert!(subscribers.iter().all(|client| client.messages().len() == 2));
}

#[test]
fn mail_for_subscribers_that_have_left_is_nobodys() {
    let broker = TestBroker::with(2, MqttConfig::default());
    let subscriber = broker.connect(&broker.id_on(1, "s"));
    subscriber.subscribe("t", QoS::AtMostOnce);
    let publisher = broker.connect(&broker.id_on(0, "p"));
    broker.hold_mail();
    publisher.publish("t", "x", QoS::AtMostOnce);
    subscriber.unsubscribe("t");
    broker.release_mail();
    assert!(subscriber.received().is_empty());
    publisher.publish("t", "y", QoS::AtMostOnce);
    assert_eq!(broker.metric(Metric::MessagesDroppedNoSubscribers), 1);
}

#[test]
fn no_local_and_retained_messages_hold_over_shards() {
    let broker = TestBroker::with(2, MqttConfig::default());
    let publisher = broker.connect(&broker.id_on(0, "p"));
    publisher.publish_retained("t", "kept", QoS::AtLeastOnce);
    let subscriber = broker.connect(&broker.id_on(1, "s"));
    subscriber.subscribe("t", QoS::AtLeastOnce);
    assert_eq!(subscriber.payloads(), ["kept"]);
}
