//! Coming back to a session: what is sent again, and in which order (MQTT 5, 4.4).

use emqxd_broker::{Metric, MqttConfig};
use mqtt_codec::{Packet, QoS};

use crate::support::{QOS, TestBroker, TestClient, payloads_of, secs};

fn subscriber(broker: &TestBroker) -> TestClient {
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t", QoS::ExactlyOnce);
    subscriber
}

#[test]
fn unacknowledged_messages_come_again_first_in_order_and_marked() {
    let broker = TestBroker::new();
    let first = subscriber(&broker);
    let publisher = broker.connect("p");
    for (payload, qos) in [("1", QOS[1]), ("2", QOS[2]), ("3", QOS[1])] {
        publisher.publish("t", payload, qos);
    }
    let ids: Vec<_> = first.messages().iter().map(|publish| publish.packet_id).collect();
    first.drop_connection();
    publisher.publish("t", "4", QoS::AtLeastOnce);
    let back = broker.client("s").persistent().connect();
    let came = back.messages();
    assert_eq!(payloads_of(&came), ["1", "2", "3", "4"]);
    assert_eq!(
        came.iter().map(|publish| publish.dup).collect::<Vec<_>>(),
        [true, true, true, false]
    );
    assert_eq!(
        came[..3].iter().map(|publish| publish.packet_id).collect::<Vec<_>>(),
        ids
    );
}

#[test]
fn a_received_qos_2_message_is_only_released_again() {
    let broker = TestBroker::new();
    let first = subscriber(&broker);
    broker.connect("p").publish("t", "once", QoS::ExactlyOnce);
    let id = first.only_message().packet_id.expect("QoS 2").get();
    first.pubrec(id);
    first.drop_connection();
    let back = broker.client("s").persistent().connect();
    let came = back.received();
    assert!(
        matches!(&came[..], [Packet::Pubrel(ack)] if ack.packet_id.get() == id),
        "{came:?}"
    );
    back.pubcomp(id);
    let inflight = broker.on_shard_of("s", |shard| shard.client("s").expect("there").inflight);
    assert_eq!(inflight, 0);
}

#[test]
fn what_comes_again_keeps_to_a_smaller_window() {
    let broker = TestBroker::new();
    let first = subscriber(&broker);
    let publisher = broker.connect("p");
    for number in 0..5 {
        publisher.publish("t", &number.to_string(), QoS::AtLeastOnce);
    }
    first.drop_connection();
    publisher.publish("t", "qos 0", QoS::AtMostOnce);
    publisher.publish("t", "5", QoS::AtLeastOnce);
    let back = broker.client("s").persistent().receive_maximum(2).connect();
    publisher.publish("t", "late qos 0", QoS::AtMostOnce);
    let came = back.messages();
    assert_eq!(payloads_of(&came), ["0", "1"], "nothing overtakes");
    let ids: Vec<_> = came
        .iter()
        .map(|publish| publish.packet_id.expect("QoS 1").get())
        .collect();
    ids.iter().for_each(|id| back.puback(*id));
    let rest = back.read_and_ack_all();
    assert_eq!(payloads_of(&rest), ["2", "3", "4", "qos 0", "5", "late qos 0"]);
}

#[test]
fn a_new_message_does_not_overtake_a_long_resend() {
    // More in flight than one turn sends: a message that came in between went out first.
    let broker = TestBroker::with_config(MqttConfig {
        max_inflight: 1000,
        ..MqttConfig::default()
    });
    let first = subscriber(&broker);
    let publisher = broker.connect("p");
    let mut expected: Vec<_> = (0..300).map(|number| number.to_string()).collect();
    for payload in &expected {
        publisher.publish("t", payload, QoS::AtLeastOnce);
    }
    first.drop_connection();
    let back = broker.client("s").persistent().receive_maximum(200).connect();
    publisher.publish("t", "last", QoS::AtMostOnce);
    expected.push("last".to_owned());
    assert_eq!(payloads_of(&back.read_and_ack_all()), expected);
}

#[test]
fn a_message_too_large_for_the_new_connection_is_given_up_and_counted() {
    // It was sent on the old connection, which took larger packets, and was sent again regardless.
    let broker = TestBroker::new();
    let first = subscriber(&broker);
    let publisher = broker.connect("p");
    publisher.publish("t", &"x".repeat(100), QoS::AtLeastOnce);
    publisher.publish("t", "short", QoS::AtLeastOnce);
    first.drop_connection();
    let back = broker
        .client("s")
        .persistent()
        .receive_maximum(1)
        .maximum_packet_size(50)
        .connect();
    assert_eq!(payloads_of(&back.read_and_ack_all()), ["short"]);
    assert_eq!(broker.metric(Metric::DeliveryDroppedTooLarge), 1);
    let shown = broker.on_shard_of("s", |shard| shard.client("s").expect("there"));
    assert_eq!((shown.inflight, shown.bytes, shown.dropped_messages), (0, 0, 1));
}

#[test]
fn on_a_live_connection_nothing_is_sent_again_unless_configured() {
    for (interval, times) in [(None, 1), (Some(secs(10)), 3)] {
        let broker = TestBroker::with_config(MqttConfig {
            retry_interval: interval,
            ..MqttConfig::default()
        });
        let client = subscriber(&broker);
        broker.connect("p").publish("t", "x", QoS::AtLeastOnce);
        broker.advance(secs(25));
        assert_eq!(client.messages().len(), times);
    }
}

#[test]
fn packet_identifiers_in_flight_are_not_given_again_after_a_whole_turn() {
    let broker = TestBroker::new();
    let client = subscriber(&broker);
    let publisher = broker.connect("p");
    publisher.publish("t", "stuck", QoS::AtLeastOnce);
    let stuck = client.only_message().packet_id;
    for _ in 0..65_600 {
        publisher.publish("t", "x", QoS::AtLeastOnce);
        for publish in client.messages() {
            assert_ne!(publish.packet_id, stuck);
            client.puback(publish.packet_id.expect("QoS 1").get());
        }
    }
}

#[test]
fn subscriptions_survive_and_are_not_replayed_retained_messages() {
    let broker = TestBroker::new();
    subscriber(&broker).drop_connection();
    let publisher = broker.connect("p");
    publisher.publish_retained("t", "x", QoS::AtMostOnce);
    let back = broker.client("s").persistent().connect();
    assert_eq!(
        back.payloads(),
        ["x"],
        "as the message that waited, not as a retained one too"
    );
    publisher.publish("t", "y", QoS::AtMostOnce);
    assert_eq!(back.payloads(), ["y"]);
}

#[test]
fn intervals_of_zero_do_not_stop_the_shard() {
    // A timer armed for the tick being worked off would fire for ever.
    let broker = TestBroker::with_config(MqttConfig {
        retry_interval: Some(secs(0)),
        await_rel_timeout: std::time::Duration::from_millis(1),
        ..MqttConfig::default()
    });
    let client = subscriber(&broker);
    client.send(Packet::Publish(crate::support::message("t", "x", QoS::ExactlyOnce)));
    broker.advance(secs(1));
    assert!(client.messages().len() > 1);
}
