//! Decodes bytes to their end or an error, as each kind of reader would, and checks what must hold for any
//! bytes: what is announced is what is taken, and part of a packet is left alone.

use bytes::{Bytes, BytesMut};
use mqtt_codec::{Connect, ConnectProperties, DecodeLimits, Decoder, Packet, ProtocolVersion};

/// As the first bytes of a connection.
pub fn before_connect(data: &[u8]) {
    for strict in [true, false] {
        decode_all(Decoder::new(limits(strict)), data);
        let _ = Decoder::peek_version(data);
    }
}

/// As what follows CONNECT, and as what a server sends.
pub fn in_version(version: ProtocolVersion, data: &[u8]) {
    for strict in [true, false] {
        decode_all(after_connect(version, strict), data);
        decode_all(Decoder::with_version(version, limits(strict)), data);
    }
}

fn limits(strict: bool) -> DecodeLimits {
    DecodeLimits {
        max_packet_size: 65_536,
        strict,
        max_user_properties: 8,
    }
}

fn after_connect(version: ProtocolVersion, strict: bool) -> Decoder {
    let connect = Connect {
        protocol_version: version,
        is_bridge: false,
        clean_start: true,
        keep_alive: 60,
        client_id: "fuzz".into(),
        username: None,
        password: None,
        will: None,
        properties: ConnectProperties::default(),
    };
    let mut bytes = BytesMut::new();
    Packet::Connect(Box::new(connect))
        .encode(version, &mut bytes)
        .expect("a small CONNECT");
    let mut decoder = Decoder::new(limits(strict));
    decoder.decode(&mut bytes.freeze()).expect("it is well formed");
    decoder
}

fn decode_all(mut decoder: Decoder, data: &[u8]) {
    let mut input = Bytes::copy_from_slice(data);
    loop {
        let before = input.clone();
        let announced = decoder.packet_len(&before);
        match decoder.decode(&mut input) {
            Ok(Some(_)) => {
                let taken = before.len() - input.len();
                assert_eq!(announced, Ok(Some(taken)));
                let mut part = before.slice(..taken - 1);
                assert_eq!(decoder.clone().decode(&mut part), Ok(None));
                assert_eq!(part.len(), taken - 1);
            }
            Ok(None) => {
                assert_eq!(input, before);
                assert!(announced.is_ok_and(|len| len.is_none_or(|len| len > before.len())));
                return;
            }
            Err(error) => {
                assert!(error.reason_code().is_error());
                assert!(!error.name().is_empty());
                return;
            }
        }
    }
}
