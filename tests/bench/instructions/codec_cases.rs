//! Decoding a PUBLISH and encoding the head of one.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use mqtt_codec::{DecodeLimits, Decoder, PacketId, ProtocolVersion, PublishFrame, QoS};

use crate::case::{Case, counted};

const TOPIC: &str = "plant/42/device/0001234/state";

/// Packets that one read brings.
const PACKETS_A_READ: usize = 64;

pub const CASES: &[Case] = &[
    case("decode-publish-q0-16", |count| decode(QoS::AtMostOnce, 16, count)),
    case("decode-publish-q0-256", |count| decode(QoS::AtMostOnce, 256, count)),
    case("decode-publish-q1-16", |count| decode(QoS::AtLeastOnce, 16, count)),
    case("decode-publish-q1-256", |count| decode(QoS::AtLeastOnce, 256, count)),
    case("encode-head-q0-v311", |count| {
        encode(QoS::AtMostOnce, ProtocolVersion::V311, count);
    }),
    case("encode-head-q1-v311", |count| {
        encode(QoS::AtLeastOnce, ProtocolVersion::V311, count);
    }),
    case("encode-head-q1-v5", |count| {
        encode(QoS::AtLeastOnce, ProtocolVersion::V5, count);
    }),
];

const fn case(name: &'static str, run: fn(u32)) -> Case {
    Case {
        name,
        operations: 6400,
        run,
    }
}

/// Packet by packet out of what one read brought, as the worker does it.
fn decode(qos: QoS, payload_len: usize, operations: u32) {
    let mut packet = BytesMut::new();
    let frame = frame(qos, payload_len);
    frame
        .encode_head(ProtocolVersion::V311, &mut packet)
        .expect("a valid frame");
    packet.resize(packet.len() + payload_len, b'x');
    let read = Bytes::from(packet.repeat(PACKETS_A_READ));
    let mut decoder = Decoder::new(DecodeLimits::default());
    let mut connect = Bytes::from_static(b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab");
    decoder.decode(&mut connect).expect("a valid CONNECT");
    let mut input = Bytes::new();
    counted(operations, |_| {
        if input.is_empty() {
            input = read.clone();
        }
        let packet = decoder.decode(&mut input).expect("a valid PUBLISH");
        assert!(black_box(packet).is_some(), "whole packets were read");
    });
}

fn encode(qos: QoS, version: ProtocolVersion, operations: u32) {
    let frame = frame(qos, 16);
    let mut out = BytesMut::with_capacity(16 * 1024);
    counted(operations, |_| {
        if out.len() > 8 * 1024 {
            out.clear();
        }
        let packet_id_at = black_box(&frame).encode_head(version, &mut out);
        black_box(packet_id_at).expect("a valid frame");
    });
}

fn frame(qos: QoS, payload_len: usize) -> PublishFrame<'static> {
    PublishFrame {
        dup: false,
        qos,
        retain: false,
        topic: TOPIC,
        packet_id: (qos > QoS::AtMostOnce).then_some(PacketId::FIRST),
        properties: None,
        message_expiry_interval: None,
        topic_alias: None,
        subscription_identifiers: &[],
        payload_len,
    }
}
