//! Random and malformed input: the broker serves on, its memory stays flat, nothing panics.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use bytes::BytesMut;
use emqx_tests::{ClientOptions, DEADLINE, Daemon, Packet, ProtocolVersion, QoS, Random, TestClient};
use mqtt_codec::{PacketId, RetainHandling, Subscribe, SubscribeFilter, SubscribeProperties};
use smallvec::smallvec;

const SEED: u64 = 0x00C0_FFEE;
const INPUTS: usize = 5_000;
/// Connections open at the same time.
const BATCH: usize = 50;
/// The allocator has seen all kinds of input by then.
const WARM_UP: usize = 1_000;
const RSS_GROWTH_MAX: u64 = 4 * 1024 * 1024;

#[test]
fn five_thousand_malformed_inputs_leave_a_healthy_client_alone() {
    let daemon = Daemon::builder().log_level("critical").start();
    let mut healthy = daemon.connect_v5("a-healthy-client-whose-name-is-not-guessed");
    healthy.subscribe("a/topic/that/is/not/guessed", QoS::AtLeastOnce);
    let mut random = Random::new(SEED);
    let mut resident_before = 0;
    for done in (0..INPUTS).step_by(BATCH) {
        if done == WARM_UP {
            resident_before = daemon.resident_bytes();
        }
        let mut connections: Vec<(usize, TcpStream)> = Vec::new();
        for number in done..done + BATCH {
            connections.push((number, send(&daemon, &malformed(&mut random))));
        }
        for (number, connection) in connections {
            expect_end(number, connection);
        }
        serves(&mut healthy, done);
    }
    let resident_after = daemon.resident_bytes();
    assert!(
        resident_after <= resident_before + RSS_GROWTH_MAX,
        "resident memory grew from {resident_before} to {resident_after} bytes (seed {SEED:#x})"
    );
    assert_eq!(daemon.listener().fields["current_conn"], "1", "all of them are gone");
    let status = daemon.ctl(["-f", "json", "status"]).json();
    assert_eq!(status["data"]["panics"], 0, "{status}");
    assert!(!daemon.log().contains("panicked"), "a panic is in the log");
}

#[test]
fn a_packet_that_comes_byte_by_byte_is_one_packet() {
    let daemon = Daemon::start();
    let mut watcher = daemon.connect_v5("watcher");
    watcher.subscribe("t", QoS::AtMostOnce);
    let mut connection = daemon.connect_silently();
    connection.set_nodelay(true).unwrap();
    for byte in conversation() {
        connection.write_all(&[byte]).unwrap();
    }
    assert_eq!(watcher.expect_payload(), "payload");
}

#[test]
fn a_declared_length_is_not_allocated() {
    let daemon = Daemon::with_config("mqtt.max_packet_size = 256MB");
    let before = daemon.resident_bytes();
    // 64 connections that each announce a PUBLISH of 256 MB less one byte.
    let mut clients: Vec<TestClient> = (0..64).map(|number| daemon.connect_v5(&format!("c{number}"))).collect();
    for client in &mut clients {
        client.send_bytes(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0x00, 0x01, b't']);
    }
    daemon.connect_v5("witness").ping();
    let after = daemon.resident_bytes();
    assert!(
        after < before + 16 * 1024 * 1024,
        "resident memory grew from {before} to {after} bytes"
    );
}

/// What a random input is made from: CONNECT, SUBSCRIBE, PUBLISH, PINGREQ.
fn conversation() -> Vec<u8> {
    let filter = SubscribeFilter {
        filter: "some/+/filter".into(),
        qos: QoS::ExactlyOnce,
        no_local: false,
        retain_as_published: false,
        retain_handling: RetainHandling::SendAtSubscribe,
    };
    let connect = ClientOptions::v5("random")
        .will("will", "w", QoS::AtLeastOnce)
        .session_expiry(0)
        .connect;
    let packets = [
        Packet::Connect(Box::new(connect)),
        Packet::Subscribe(Box::new(Subscribe {
            packet_id: PacketId::FIRST,
            properties: SubscribeProperties::default(),
            filters: smallvec![filter],
        })),
        Packet::Publish(emqx_tests::Publish {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic: "t".into(),
            packet_id: None,
            properties: None,
            payload: "payload".into(),
        }),
        Packet::Pingreq,
    ];
    let mut bytes = BytesMut::new();
    for packet in packets {
        packet.encode(ProtocolVersion::V5, &mut bytes).unwrap();
    }
    bytes.to_vec()
}

/// Random bytes, or a conversation that has been damaged in one of several ways.
fn malformed(random: &mut Random) -> Vec<u8> {
    let mut bytes = conversation();
    match random.below(6) {
        0 => return random.bytes(300),
        1 => {
            for _ in 0..=random.below(4) {
                let index = random.below(bytes.len());
                bytes[index] = random.byte();
            }
        }
        2 => bytes.truncate(random.below(bytes.len())),
        3 => {
            let index = random.below(bytes.len());
            let inserted = random.bytes(40);
            bytes.splice(index..index, inserted);
        }
        4 => {
            let index = random.below(bytes.len());
            let end = (index + random.below(20)).min(bytes.len());
            bytes.drain(index..end);
        }
        // A valid conversation, then any packet type with any length and any body.
        _ => {
            bytes.push(random.byte());
            bytes.extend(random.bytes(4));
            bytes.extend(random.bytes(200));
        }
    }
    bytes
}

fn send(daemon: &Daemon, bytes: &[u8]) -> TcpStream {
    let mut connection = daemon.connect_silently();
    // The broker may close before all is written.
    let _ = connection.write_all(bytes);
    let _ = connection.shutdown(Shutdown::Write);
    connection
}

/// The broker ends the connection, orderly or with a reset.
fn expect_end(number: usize, mut connection: TcpStream) {
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    let end = connection.read_to_end(&mut Vec::new());
    let is_end = end.as_ref().is_ok()
        || end
            .as_ref()
            .is_err_and(|error| matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe));
    assert!(
        is_end,
        "input {number} of seed {SEED:#x} left its connection open: {end:?}"
    );
}

fn serves(healthy: &mut TestClient, done: usize) {
    healthy.publish("a/topic/that/is/not/guessed", done.to_string(), QoS::AtLeastOnce);
    assert_eq!(healthy.expect_payload(), done.to_string());
}

#[test]
fn refused_clients_leave_little_behind_however_large_their_connect() {
    let daemon = Daemon::start();
    daemon.connect_v5("healthy").ping();
    let before = daemon.resident_bytes();
    for number in 0..1500 {
        let mut socket = TcpStream::connect(daemon.address()).unwrap();
        socket.write_all(&connect_with_will_on_sys(number)).unwrap();
        let mut connack = [0; 4];
        socket.read_exact(&mut connack).unwrap();
        assert_eq!(connack, [0x20, 2, 0, 5], "a will on $SYS is not authorised");
    }
    let grown = daemon.resident_bytes().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes for 1500 CONNECTs of 60 KB");
}

/// CONNECT of MQTT 3.1.1 with a will of 60,000 bytes on `$SYS/x`.
fn connect_with_will_on_sys(number: u32) -> Vec<u8> {
    let mut body = b"\x00\x04MQTT\x04\x06\x00\x3c".to_vec();
    for field in [
        format!("refused-{number}").into_bytes(),
        b"$SYS/x".to_vec(),
        vec![b'w'; 60_000],
    ] {
        body.extend_from_slice(&(field.len() as u16).to_be_bytes());
        body.extend_from_slice(&field);
    }
    let mut packet = vec![0x10];
    let mut remaining = body.len();
    while remaining >= 0x80 {
        packet.push((remaining % 0x80) as u8 | 0x80);
        remaining /= 0x80;
    }
    packet.push(remaining as u8);
    packet.append(&mut body);
    packet
}
