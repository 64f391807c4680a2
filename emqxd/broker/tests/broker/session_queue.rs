//! What waits for an absent or slow client, and what has to leave when too much does.

use emqxd_broker::{Metric, MqttConfig};
use mqtt_codec::QoS;

use crate::support::{QOS, TestBroker, logged, payloads_of};

fn with_queue(max: usize) -> TestBroker {
    TestBroker::with_config(MqttConfig {
        max_mqueue_len: Some(max),
        ..MqttConfig::default()
    })
}

#[test]
fn messages_for_an_absent_client_wait_in_order_whatever_their_quality() {
    let broker = TestBroker::new();
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t/#", QoS::ExactlyOnce);
    subscriber.drop_connection();
    let publisher = broker.connect("p");
    for number in 0..9 {
        publisher.publish("t/x", &number.to_string(), QOS[number % 3]);
    }
    let back = broker.client("s").persistent().connect();
    let came = back.read_and_ack_all();
    assert_eq!(payloads_of(&came), ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    assert!(came.iter().all(|publish| !publish.dup), "none was sent before");
}

#[test]
fn when_the_queue_is_full_the_oldest_leaves_and_is_counted_and_logged() {
    let broker = with_queue(3);
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    subscriber.drop_connection();
    let publisher = broker.connect("p");
    let log = logged(|| {
        for number in 0..5 {
            publisher.publish("t", &number.to_string(), QoS::AtLeastOnce);
        }
    });
    let full: Vec<_> = log
        .iter()
        .filter(|line| line.starts_with("WARN dropped_msg_due_to_mqueue_is_full"))
        .collect();
    assert_eq!(full.len(), 2);
    assert!(
        full[0].contains("clientid=s") && full[0].contains("topic=t"),
        "{}",
        full[0]
    );
    assert_eq!(broker.metric(Metric::DeliveryDroppedQueueFull), 2);
    assert_eq!(broker.metric(Metric::DeliveryDropped), 2);
    let shown = broker.on_shard_of("s", |shard| shard.client("s").expect("there"));
    assert_eq!((shown.queue_len, shown.dropped_messages), (3, 2));
    let back = broker.client("s").persistent().connect();
    assert_eq!(payloads_of(&back.read_and_ack_all()), ["2", "3", "4"]);
}

#[test]
fn the_byte_limit_counts_topics_and_payloads() {
    let broker = TestBroker::with_config(MqttConfig {
        max_mqueue_bytes: Some(250),
        ..MqttConfig::default()
    });
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    subscriber.drop_connection();
    let publisher = broker.connect("p");
    for _ in 0..4 {
        publisher.publish("t", &"x".repeat(100), QoS::AtLeastOnce);
    }
    let shown = broker.on_shard_of("s", |shard| shard.client("s").expect("there"));
    assert_eq!((shown.queue_len, shown.bytes), (2, 202));
    assert_eq!(broker.metric(Metric::DeliveryDroppedQueueFull), 2);
}

#[test]
fn the_window_is_the_lower_of_both_limits() {
    let broker = TestBroker::with_config(MqttConfig {
        max_inflight: 4,
        ..MqttConfig::default()
    });
    for (receive_maximum, window) in [(2, 2), (4, 4), (10, 4)] {
        let subscriber = broker.client("s").receive_maximum(receive_maximum).connect();
        subscriber.subscribe("t", QoS::AtLeastOnce);
        let publisher = broker.connect("p");
        for number in 0..10 {
            publisher.publish("t", &number.to_string(), QoS::AtLeastOnce);
        }
        assert_eq!(subscriber.messages().len(), window);
        subscriber.puback(1);
        assert_eq!(subscriber.payloads(), [window.to_string()]);
    }
}

#[test]
fn qos_0_does_not_overtake_what_waits_for_the_window() {
    let broker = TestBroker::new();
    let subscriber = broker.client("s").receive_maximum(1).connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    let publisher = broker.connect("p");
    for (payload, qos) in [("1", QOS[1]), ("2", QOS[1]), ("3", QOS[0])] {
        publisher.publish("t", payload, qos);
    }
    assert_eq!(subscriber.payloads(), ["1"]);
    subscriber.puback(1);
    assert_eq!(subscriber.payloads(), ["2", "3"]);
}

#[test]
fn qos_0_goes_out_when_what_it_waited_behind_was_dropped() {
    // It stood first in the queue and needed no window, yet waited for the next acknowledgement.
    let broker = with_queue(1);
    let subscriber = broker.client("s").receive_maximum(1).connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    let publisher = broker.connect("p");
    for (payload, qos) in [("1", QOS[1]), ("2", QOS[1]), ("3", QOS[0])] {
        publisher.publish("t", payload, qos);
    }
    assert_eq!(subscriber.payloads(), ["1", "3"]);
    assert_eq!(broker.metric(Metric::DeliveryDroppedQueueFull), 1);
}

#[test]
fn qos_0_for_an_absent_client_is_kept_or_dropped_as_configured() {
    for stores in [true, false] {
        let broker = TestBroker::with_config(MqttConfig {
            mqueue_store_qos0: stores,
            ..MqttConfig::default()
        });
        let subscriber = broker.client("s").persistent().connect();
        subscriber.subscribe("t", QoS::AtLeastOnce);
        subscriber.drop_connection();
        broker.connect("p").publish("t", "x", QoS::AtMostOnce);
        assert_eq!(broker.metric(Metric::DeliveryDroppedQos0Msg), u64::from(!stores));
        let back = broker.client("s").persistent().connect();
        assert_eq!(back.messages().len(), usize::from(stores));
    }
}

#[test]
fn topics_of_higher_priority_go_first() {
    let broker = TestBroker::with_config(MqttConfig {
        mqueue_priorities: [("t/hot".to_owned(), 10)].into(),
        ..MqttConfig::default()
    });
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t/#", QoS::AtLeastOnce);
    subscriber.drop_connection();
    let publisher = broker.connect("p");
    for topic in ["t/cold", "t/hot", "t/cold", "t/hot"] {
        publisher.publish(topic, topic, QoS::AtLeastOnce);
    }
    let back = broker.client("s").persistent().connect();
    assert_eq!(
        payloads_of(&back.read_and_ack_all()),
        ["t/hot", "t/hot", "t/cold", "t/cold"]
    );
}

#[test]
fn a_long_queue_is_sent_in_turns_and_completely() {
    let broker = TestBroker::with_config(MqttConfig {
        max_inflight: 1000,
        ..MqttConfig::default()
    });
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    subscriber.drop_connection();
    let publisher = broker.connect("p");
    let expected: Vec<_> = (0..700).map(|number| number.to_string()).collect();
    for payload in &expected {
        publisher.publish("t", payload, QoS::AtLeastOnce);
    }
    let back = broker.client("s").persistent().connect();
    assert_eq!(back.payloads(), expected);
}
