//! What is encoded is decoded to the same packet, in every version, whole or in pieces; and whatever the
//! bytes, decoding them ends in a packet or an error.
#![allow(clippy::unwrap_used)]

mod strategies;

use bytes::{Bytes, BytesMut};
use mqtt_codec::*;
use proptest::prelude::*;

const VERSIONS: [ProtocolVersion; 3] = [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5];

fn version() -> impl Strategy<Value = ProtocolVersion> {
    prop::sample::select(&VERSIONS[..])
}

fn version_and_packet() -> impl Strategy<Value = (ProtocolVersion, Packet)> {
    version().prop_flat_map(|version| (Just(version), strategies::packet(version)))
}

fn encode(packet: &Packet, version: ProtocolVersion) -> Bytes {
    let mut out = BytesMut::new();
    packet.encode(version, &mut out).unwrap();
    assert_eq!(out.len(), packet.encoded_len(version), "encoded_len of {packet:?}");
    out.freeze()
}

fn any_side(version: ProtocolVersion) -> Decoder {
    Decoder::with_version(version, DecodeLimits::default())
}

/// A server's decoder that has seen a CONNECT of `version`.
fn server(version: ProtocolVersion) -> Decoder {
    let connect = Connect {
        protocol_version: version,
        is_bridge: false,
        clean_start: true,
        keep_alive: 60,
        client_id: "a".into(),
        username: None,
        password: None,
        will: None,
        properties: ConnectProperties::default(),
    };
    let mut decoder = Decoder::new(DecodeLimits::default());
    let mut input = encode(&Packet::Connect(Box::new(connect)), version);
    assert!(matches!(decoder.decode(&mut input), Ok(Some(Packet::Connect(_)))));
    decoder
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn every_packet_comes_back_as_it_was((version, packet) in version_and_packet()) {
        let mut input = encode(&packet, version);
        prop_assert_eq!(any_side(version).packet_len(&input), Ok(Some(input.len())));
        prop_assert_eq!(any_side(version).decode(&mut input), Ok(Some(packet)));
        prop_assert!(input.is_empty());
    }

    #[test]
    fn a_server_reads_every_packet_of_a_client(
        (version, packet) in version().prop_flat_map(|version| {
            (Just(version), strategies::packet_from_client(version))
        })
    ) {
        let mut input = encode(&packet, version);
        prop_assert_eq!(server(version).decode(&mut input), Ok(Some(packet)));
    }

    #[test]
    fn a_client_reads_subscription_identifiers(publish in strategies::publish_from_server()) {
        let packet = Packet::Publish(publish);
        let mut input = encode(&packet, ProtocolVersion::V5);
        prop_assert_eq!(any_side(ProtocolVersion::V5).decode(&mut input), Ok(Some(packet)));
    }

    #[test]
    fn packets_that_follow_each_other_are_taken_one_by_one(
        (version, packets) in version().prop_flat_map(|version| {
            (Just(version), prop::collection::vec(strategies::packet(version), 0..5))
        })
    ) {
        let mut stream = BytesMut::new();
        for packet in &packets {
            packet.encode(version, &mut stream).unwrap();
        }
        let mut input = stream.freeze();
        let mut decoder = any_side(version);
        for packet in packets {
            prop_assert_eq!(decoder.decode(&mut input), Ok(Some(packet)));
        }
        prop_assert_eq!(decoder.decode(&mut input), Ok(None));
    }

    #[test]
    fn part_of_a_packet_is_left_alone((version, packet) in version_and_packet()) {
        let whole = encode(&packet, version);
        // Every offset near both ends, and some between for packets with very long strings.
        let cuts = (0..whole.len()).filter(|cut| *cut < 300 || whole.len() - cut < 20 || cut % 4099 == 0);
        for cut in cuts {
            let mut input = whole.slice(..cut);
            let mut decoder = any_side(version);
            prop_assert_eq!(decoder.decode(&mut input), Ok(None));
            prop_assert_eq!(input.len(), cut);
            if let Some(len) = decoder.packet_len(&input).unwrap() {
                prop_assert_eq!(len, whole.len());
            }
        }
    }

    #[test]
    fn damaged_packets_do_no_harm(
        (version, packet) in version_and_packet(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = encode(&packet, version).to_vec();
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        decode_all(any_side(version), &bytes);
        decode_all(server(version), &bytes);
        decode_all(Decoder::new(DecodeLimits { strict: false, ..DecodeLimits::default() }), &bytes);
    }

    #[test]
    fn random_bytes_do_no_harm(
        version in version(),
        first in any::<u8>(),
        body in prop::collection::vec(any::<u8>(), 0..127),
    ) {
        decode_all(any_side(version), &body);
        decode_all(Decoder::new(DecodeLimits::default()), &body);
        // With the right length, so that the body is read at all.
        let mut framed = vec![first, body.len() as u8];
        framed.extend_from_slice(&body);
        decode_all(any_side(version), &framed);
        decode_all(server(version), &framed);
        decode_all(Decoder::new(DecodeLimits { strict: false, ..DecodeLimits::default() }), &framed);
    }
}

/// Decodes until the end or an error; what is decoded can be encoded, and comes back the same.
fn decode_all(mut decoder: Decoder, bytes: &[u8]) {
    let mut input = Bytes::copy_from_slice(bytes);
    while let Ok(Some(packet)) = decoder.decode(&mut input) {
        let version = decoder.version().unwrap();
        let spoken = match &packet {
            Packet::Connect(connect) => connect.protocol_version,
            _ => version,
        };
        // Not strict: a password without a user name stays what it is.
        let limits = DecodeLimits {
            strict: false,
            ..DecodeLimits::default()
        };
        let mut again = Decoder::with_version(spoken, limits);
        let mut encoded = encode(&packet, version);
        assert_eq!(again.decode(&mut encoded), Ok(Some(packet)));
    }
}

#[test]
fn strings_and_payload_are_slices_of_the_input() {
    let mut input = Bytes::from_static(b"\x30\x09\x00\x03a/bdata");
    let range = input.as_ptr() as usize..input.as_ptr() as usize + input.len();
    let Ok(Some(Packet::Publish(publish))) = any_side(ProtocolVersion::V311).decode(&mut input) else {
        panic!("a PUBLISH");
    };
    assert_eq!((&publish.topic[..], &publish.payload[..]), ("a/b", &b"data"[..]));
    assert!(range.contains(&(publish.topic.as_ptr() as usize)));
    assert!(range.contains(&(publish.payload.as_ptr() as usize)));
}
