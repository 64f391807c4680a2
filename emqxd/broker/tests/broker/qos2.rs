//! QoS 2 both ways (MQTT 5, 4.3.3).

use emqxd_broker::{DisconnectReason, Metric, MqttConfig};
use mqtt_codec::{Packet, PacketId, PacketType, QoS, ReasonCode};

use crate::support::{TestBroker, TestClient, message, secs};

fn send(client: &TestClient, id: u16, payload: &str) {
    let mut publish = message("t", payload, QoS::ExactlyOnce);
    publish.packet_id = PacketId::new(id);
    client.send(Packet::Publish(publish));
}

fn answer(client: &TestClient) -> (PacketType, ReasonCode) {
    let packet = client.next().expect("an answer");
    match &packet {
        Packet::Pubrec(ack) | Packet::Pubrel(ack) | Packet::Pubcomp(ack) => (packet.packet_type(), ack.reason_code),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_publish_that_comes_again_before_its_release_is_answered_and_not_routed() {
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::ExactlyOnce);
    let publisher = broker.connect("p");
    send(&publisher, 5, "once");
    assert_eq!(answer(&publisher), (PacketType::Pubrec, ReasonCode::Success));
    send(&publisher, 5, "once");
    assert_eq!(answer(&publisher), (PacketType::Pubrec, ReasonCode::Success));
    assert_eq!(subscriber.payloads(), ["once"]);
    assert_eq!(broker.metric(Metric::PacketsPublishInuse), 1);
    publisher.pubrel(5);
    assert_eq!(answer(&publisher), (PacketType::Pubcomp, ReasonCode::Success));
    send(&publisher, 5, "next");
    assert_eq!(subscriber.payloads(), ["next"]);
}

#[test]
fn a_release_of_an_unknown_identifier_says_so_and_is_counted() {
    let broker = TestBroker::new();
    let publisher = broker.connect("p");
    publisher.pubrel(9);
    assert_eq!(
        answer(&publisher),
        (PacketType::Pubcomp, ReasonCode::PacketIdentifierNotFound)
    );
    assert_eq!(broker.metric(Metric::PacketsPubrelMissed), 1);
}

#[test]
fn what_was_received_is_remembered_over_a_reconnect() {
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::ExactlyOnce);
    let publisher = broker.client("p").persistent().connect();
    send(&publisher, 1, "once");
    publisher.drop_connection();
    let publisher = broker.client("p").persistent().connect();
    send(&publisher, 1, "once");
    assert_eq!(subscriber.payloads(), ["once"]);
}

#[test]
fn more_unreleased_messages_than_allowed_end_the_connection() {
    let broker = TestBroker::with_config(MqttConfig {
        max_awaiting_rel: Some(2),
        ..MqttConfig::default()
    });
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::AtMostOnce);
    let publisher = broker.connect("p");
    assert_eq!(publisher.connack.properties.receive_maximum, Some(2));
    for id in 1..=3 {
        send(&publisher, id, &id.to_string());
    }
    assert_eq!(publisher.closed(), Some(DisconnectReason::ReceiveMaximumExceeded));
    assert_eq!(publisher.disconnect_code(), Some(ReasonCode::ReceiveMaximumExceeded));
    assert_eq!(subscriber.payloads(), ["1", "2"]);
    assert_eq!(broker.metric(Metric::MessagesDroppedReceiveMaximum), 1);
}

#[test]
fn a_message_that_is_never_released_is_given_up_after_its_timeout() {
    let broker = TestBroker::with_config(MqttConfig {
        max_awaiting_rel: Some(1),
        await_rel_timeout: secs(20),
        ..MqttConfig::default()
    });
    let publisher = broker.connect("p");
    send(&publisher, 1, "x");
    broker.advance(secs(19));
    assert_eq!(broker.metric(Metric::MessagesDroppedAwaitPubrelTimeout), 0);
    broker.advance(secs(7));
    assert_eq!(broker.metric(Metric::MessagesDroppedAwaitPubrelTimeout), 1);
    publisher.received();
    send(&publisher, 2, "y");
    assert_eq!(answer(&publisher).0, PacketType::Pubrec);
    broker.advance(secs(60));
    assert_eq!(
        broker.metric(Metric::MessagesDroppedAwaitPubrelTimeout),
        2,
        "the timer runs again"
    );
}

#[test]
fn a_delivery_goes_through_all_four_steps() {
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::ExactlyOnce);
    broker.connect("p").publish("t", "x", QoS::ExactlyOnce);
    let id = subscriber.only_message().packet_id.expect("QoS 2").get();
    subscriber.pubrec(id);
    assert_eq!(answer(&subscriber), (PacketType::Pubrel, ReasonCode::Success));
    subscriber.pubrec(id);
    assert_eq!(
        answer(&subscriber),
        (PacketType::Pubrel, ReasonCode::Success),
        "again for a PUBREC again"
    );
    subscriber.pubcomp(id);
    assert!(subscriber.received().is_empty());
    subscriber.pubcomp(id);
    assert_eq!(broker.metric(Metric::PacketsPubcompMissed), 1);
}

#[test]
fn a_refused_delivery_frees_its_slot_at_once() {
    let broker = TestBroker::new();
    let subscriber = broker.client("s").receive_maximum(1).connect();
    subscriber.subscribe("t", QoS::ExactlyOnce);
    let publisher = broker.connect("p");
    publisher.publish("t", "1", QoS::ExactlyOnce);
    publisher.publish("t", "2", QoS::ExactlyOnce);
    let first = subscriber.only_message().packet_id.expect("QoS 2").get();
    subscriber.pubrec_with(first, ReasonCode::QuotaExceeded);
    assert_eq!(subscriber.payloads(), ["2"]);
}

#[test]
fn acknowledgements_of_the_wrong_kind_change_nothing_and_are_counted() {
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::ExactlyOnce);
    let publisher = broker.connect("p");
    publisher.publish("t", "1", QoS::AtLeastOnce);
    publisher.publish("t", "2", QoS::ExactlyOnce);
    subscriber.received();
    subscriber.pubrec(1);
    assert_eq!(
        answer(&subscriber),
        (PacketType::Pubrel, ReasonCode::PacketIdentifierNotFound)
    );
    subscriber.pubcomp(1);
    subscriber.puback(2);
    subscriber.pubcomp(2);
    subscriber.puback(77);
    subscriber.pubrec(78);
    assert_eq!(
        answer(&subscriber),
        (PacketType::Pubrel, ReasonCode::PacketIdentifierNotFound)
    );
    let counts = [
        Metric::PacketsPubrecInuse,
        Metric::PacketsPubcompInuse,
        Metric::PacketsPubackInuse,
        Metric::PacketsPubackMissed,
        Metric::PacketsPubrecMissed,
    ]
    .map(|metric| broker.metric(metric));
    assert_eq!(counts, [1, 2, 1, 1, 1]);
    let inflight = broker.on_shard_of("s", |shard| shard.client("s").expect("there").inflight);
    assert_eq!(inflight, 2);
}
