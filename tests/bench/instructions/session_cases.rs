//! One message through the QoS 1 and QoS 2 exchanges, on the publisher's and on the subscriber's side.

use emqxd_broker::{ConnectionKey, Effect};
use mqtt_codec::{Ack, Packet, PacketId, QoS, ReasonCode};

use crate::case::{Case, counted};
use crate::support::{BenchBroker, publish};

pub const CASES: &[Case] = &[
    Case {
        name: "qos1-round",
        operations: 2000,
        run: qos1_rounds,
    },
    Case {
        name: "qos2-round",
        operations: 2000,
        run: qos2_rounds,
    },
];

const TOPIC: &str = "plant/42/device/0001234/state";

/// PUBLISH in, PUBACK and PUBLISH out, the subscriber's PUBACK in.
fn qos1_rounds(operations: u32) {
    let (mut broker, publisher, subscriber) = pair(QoS::AtLeastOnce);
    let publish = publish(TOPIC, QoS::AtLeastOnce);
    counted(operations, |_| {
        let effects = broker.packet(publisher, Packet::Publish(publish.clone()));
        let packet_id = delivered(effects);
        let effects = broker.packet(subscriber, Packet::Puback(ack(packet_id)));
        assert!(effects.is_empty(), "the round is over: {effects:?}");
    });
}

/// PUBLISH in, PUBREC and PUBLISH out, PUBREL in, PUBCOMP out; PUBREC in, PUBREL out, PUBCOMP in.
fn qos2_rounds(operations: u32) {
    let (mut broker, publisher, subscriber) = pair(QoS::ExactlyOnce);
    let publish = publish(TOPIC, QoS::ExactlyOnce);
    counted(operations, |_| {
        let effects = broker.packet(publisher, Packet::Publish(publish.clone()));
        let packet_id = delivered(effects);
        let effects = broker.packet(publisher, Packet::Pubrel(ack(PacketId::FIRST)));
        assert_eq!(effects.len(), 1, "PUBCOMP");
        let effects = broker.packet(subscriber, Packet::Pubrec(ack(packet_id)));
        assert_eq!(effects.len(), 1, "PUBREL");
        let effects = broker.packet(subscriber, Packet::Pubcomp(ack(packet_id)));
        assert!(effects.is_empty(), "the round is over: {effects:?}");
    });
}

fn pair(qos: QoS) -> (BenchBroker, ConnectionKey, ConnectionKey) {
    let mut broker = BenchBroker::new();
    let (publisher, subscriber) = (broker.connect(), broker.connect());
    broker.subscribe(subscriber, TOPIC, qos);
    (broker, publisher, subscriber)
}

fn ack(packet_id: PacketId) -> Ack {
    Ack::new(packet_id, ReasonCode::Success)
}

/// Packet identifier of the one delivery among `effects`, which are that and an acknowledgement.
fn delivered(effects: &[Effect]) -> PacketId {
    assert_eq!(effects.len(), 2, "a delivery and an acknowledgement: {effects:?}");
    effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Deliver { delivery, .. } => delivery.packet_id,
            _ => None,
        })
        .expect("a delivery above QoS 0")
}
