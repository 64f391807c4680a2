//! Example bytes of valid packets, the same both ways; and those that are read though we would not write
//! them so.
#![allow(clippy::unwrap_used)]

use bytes::{Bytes, BytesMut};
use mqtt_codec::ProtocolVersion::{V5, V31, V311};
use mqtt_codec::*;
use smallvec::smallvec;

fn id(value: u16) -> PacketId {
    PacketId::new(value).unwrap()
}

fn connect(protocol_version: ProtocolVersion) -> Connect {
    Connect {
        protocol_version,
        is_bridge: false,
        clean_start: true,
        keep_alive: 60,
        client_id: "c".into(),
        username: None,
        password: None,
        will: None,
        properties: ConnectProperties::default(),
    }
}

fn publish(qos: QoS) -> Publish {
    Publish {
        dup: false,
        qos,
        retain: false,
        topic: "a/b".into(),
        packet_id: (qos != QoS::AtMostOnce).then(|| id(10)),
        properties: None,
        payload: Bytes::from_static(b"hi"),
    }
}

fn filter(filter: &'static str, qos: QoS) -> SubscribeFilter {
    SubscribeFilter {
        filter: filter.into(),
        qos,
        no_local: false,
        retain_as_published: false,
        retain_handling: RetainHandling::SendAtSubscribe,
    }
}

fn connects() -> Vec<(ProtocolVersion, &'static [u8], Packet)> {
    let packet = |connect| Packet::Connect(Box::new(connect));
    let will = Will {
        qos: QoS::AtLeastOnce,
        retain: true,
        topic: "w".into(),
        payload: Bytes::from_static(b"x"),
        properties: WillProperties::default(),
    };
    let full = Connect {
        username: Some("u".into()),
        password: Some(Bytes::from_static(b"p")),
        will: Some(Box::new(will.clone())),
        ..connect(V311)
    };
    let properties = ConnectProperties {
        session_expiry_interval: Some(10),
        receive_maximum: Some(20),
        ..ConnectProperties::default()
    };
    let delayed = WillProperties {
        will_delay_interval: Some(5),
        ..WillProperties::default()
    };
    let v5 = Connect {
        properties,
        password: Some(Bytes::from_static(b"p")),
        will: Some(Box::new(Will {
            properties: delayed,
            ..will
        })),
        ..connect(V5)
    };
    vec![
        (V31, b"\x10\x0f\0\x06MQIsdp\x03\x02\0\x3c\0\x01c", packet(connect(V31))),
        (V311, b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c", packet(connect(V311))),
        (V5, b"\x10\x0e\0\x04MQTT\x05\x02\0\x3c\0\0\x01c", packet(connect(V5))),
        (
            V31,
            b"\x10\x0f\0\x06MQIsdp\x83\x02\0\x3c\0\x01c",
            packet(Connect { is_bridge: true, ..connect(V31) }),
        ),
        (
            V311,
            b"\x10\x0d\0\x04MQTT\x84\x02\0\x3c\0\x01c",
            packet(Connect { is_bridge: true, ..connect(V311) }),
        ),
        (V311, b"\x10\x19\0\x04MQTT\x04\xee\0\x3c\0\x01c\0\x01w\0\x01x\0\x01u\0\x01p", packet(full)),
        (
            V5,
            b"\x10\x25\0\x04MQTT\x05\x6e\0\x3c\x08\x11\0\0\0\x0a\x21\0\x14\0\x01c\x05\x18\0\0\0\x05\0\x01w\0\x01x\0\x01p",
            packet(v5),
        ),
    ]
}

fn others() -> Vec<(ProtocolVersion, &'static [u8], Packet)> {
    let connack = |session_present, reason_code, properties| {
        Packet::Connack(Box::new(Connack {
            session_present,
            reason_code,
            properties,
        }))
    };
    let ack = |reason_code| Ack::new(id(10), reason_code);
    let with_reason = AckProperties {
        reason_string: Some("r".into()),
        ..AckProperties::default()
    };
    let none = AckProperties::default;
    let disconnect = |reason_code, properties| {
        Packet::Disconnect(Box::new(Disconnect {
            reason_code,
            properties,
        }))
    };
    let limits = ConnackProperties {
        maximum_qos: Some(QoS::AtLeastOnce),
        retain_available: Some(false),
        ..ConnackProperties::default()
    };
    vec![
        (
            V311,
            b"\x20\x02\x01\0",
            connack(true, ReasonCode::Success, ConnackProperties::default()),
        ),
        (
            V31,
            b"\x20\x02\0\x05",
            connack(false, ReasonCode::NotAuthorized, ConnackProperties::default()),
        ),
        (
            V5,
            b"\x20\x07\0\0\x04\x24\x01\x25\0",
            connack(false, ReasonCode::Success, limits),
        ),
        (
            V5,
            b"\x20\x03\0\x95\0",
            connack(false, ReasonCode::PacketTooLarge, ConnackProperties::default()),
        ),
        (V311, b"\x40\x02\0\x0a", Packet::Puback(ack(ReasonCode::Success))),
        (V5, b"\x40\x02\0\x0a", Packet::Puback(ack(ReasonCode::Success))),
        (
            V5,
            b"\x40\x03\0\x0a\x10",
            Packet::Puback(ack(ReasonCode::NoMatchingSubscribers)),
        ),
        (
            V5,
            b"\x50\x03\0\x0a\x97",
            Packet::Pubrec(ack(ReasonCode::QuotaExceeded)),
        ),
        (
            V5,
            b"\x62\x03\0\x0a\x92",
            Packet::Pubrel(ack(ReasonCode::PacketIdentifierNotFound)),
        ),
        (
            V5,
            b"\x70\x08\0\x0a\0\x04\x1f\0\x01r",
            Packet::Pubcomp(Ack {
                properties: Some(Box::new(with_reason)),
                ..ack(ReasonCode::Success)
            }),
        ),
        (
            V311,
            b"\x90\x06\0\x0a\0\x01\x02\x80",
            Packet::Suback(Box::new(Suback {
                packet_id: id(10),
                properties: none(),
                reason_codes: smallvec![
                    ReasonCode::Success,
                    ReasonCode::GrantedQos1,
                    ReasonCode::GrantedQos2,
                    ReasonCode::UnspecifiedError,
                ],
            })),
        ),
        (
            V5,
            b"\xb0\x05\0\x0a\0\0\x11",
            Packet::Unsuback(Box::new(Unsuback {
                packet_id: id(10),
                properties: none(),
                reason_codes: smallvec![ReasonCode::Success, ReasonCode::NoSubscriptionExisted],
            })),
        ),
        (V311, b"\xc0\0", Packet::Pingreq),
        (V5, b"\xd0\0", Packet::Pingresp),
        (
            V311,
            b"\xe0\0",
            disconnect(ReasonCode::Success, DisconnectProperties::default()),
        ),
        (
            V5,
            b"\xe0\0",
            disconnect(ReasonCode::Success, DisconnectProperties::default()),
        ),
        (
            V5,
            b"\xe0\x01\x8e",
            disconnect(ReasonCode::SessionTakenOver, DisconnectProperties::default()),
        ),
        (
            V5,
            b"\xe0\x07\0\x05\x11\0\0\0\x09",
            disconnect(
                ReasonCode::Success,
                DisconnectProperties {
                    session_expiry_interval: Some(9),
                    ..DisconnectProperties::default()
                },
            ),
        ),
        (
            V5,
            b"\xf0\x06\x18\x04\x15\0\x01m",
            Packet::Auth(Box::new(Auth {
                reason_code: ReasonCode::ContinueAuthentication,
                properties: AuthProperties {
                    authentication_method: Some("m".into()),
                    ..AuthProperties::default()
                },
            })),
        ),
    ]
}

fn messages() -> Vec<(ProtocolVersion, &'static [u8], Packet)> {
    let alias = PublishProperties {
        topic_alias: Some(3),
        ..PublishProperties::default()
    };
    let by_alias = Publish {
        topic: "".into(),
        properties: Some(Box::new(alias)),
        ..publish(QoS::AtMostOnce)
    };
    let shared = SubscribeFilter {
        retain_as_published: true,
        retain_handling: RetainHandling::DoNotSend,
        ..filter("$share/g/a", QoS::AtLeastOnce)
    };
    let subscribe = |subscription_identifier, filter| {
        Packet::Subscribe(Box::new(Subscribe {
            packet_id: id(10),
            properties: SubscribeProperties {
                subscription_identifier,
                user_properties: Vec::new(),
            },
            filters: smallvec![filter],
        }))
    };
    let unsubscribe = Unsubscribe {
        packet_id: id(10),
        user_properties: Vec::new(),
        filters: smallvec!["a".into(), "#".into()],
    };
    vec![
        (V311, b"\x30\x07\0\x03a/bhi", Packet::Publish(publish(QoS::AtMostOnce))),
        (
            V31,
            b"\x32\x09\0\x03a/b\0\x0ahi",
            Packet::Publish(publish(QoS::AtLeastOnce)),
        ),
        (
            V311,
            b"\x3d\x09\0\x03a/b\0\x0ahi",
            Packet::Publish(Publish {
                dup: true,
                retain: true,
                ..publish(QoS::ExactlyOnce)
            }),
        ),
        (V5, b"\x30\x08\0\x03a/b\0hi", Packet::Publish(publish(QoS::AtMostOnce))),
        (V5, b"\x30\x08\0\0\x03\x23\0\x03hi", Packet::Publish(by_alias)),
        (
            V311,
            b"\x82\x06\0\x0a\0\x01a\x02",
            subscribe(None, filter("a", QoS::ExactlyOnce)),
        ),
        (
            V5,
            b"\x82\x13\0\x0a\x03\x0b\x80\x01\0\x0a$share/g/a\x29",
            subscribe(Some(128), shared),
        ),
        (
            V311,
            b"\xa2\x08\0\x0a\0\x01a\0\x01#",
            Packet::Unsubscribe(Box::new(unsubscribe.clone())),
        ),
        (
            V5,
            b"\xa2\x09\0\x0a\0\0\x01a\0\x01#",
            Packet::Unsubscribe(Box::new(unsubscribe)),
        ),
    ]
}

fn decode(version: ProtocolVersion, bytes: &[u8]) -> Result<Option<Packet>, DecodeError> {
    Decoder::with_version(version, DecodeLimits::default()).decode(&mut Bytes::copy_from_slice(bytes))
}

#[test]
fn example_bytes_are_read_and_written_alike() {
    for (version, bytes, packet) in [connects(), others(), messages()].concat() {
        let mut out = BytesMut::new();
        packet.encode(version, &mut out).unwrap();
        assert_eq!(out.as_ref(), bytes, "{packet:?}\n{:02x?}\n{bytes:02x?}", out.as_ref());
        assert_eq!(decode(version, bytes), Ok(Some(packet)), "{bytes:02x?}");
    }
}

#[test]
fn an_example_cut_at_any_byte_waits_for_the_rest_or_is_refused() {
    for (version, bytes, packet) in [connects(), others(), messages()].concat() {
        for cut in 0..bytes.len() {
            let mut input = Bytes::from_static(bytes.get(..cut).unwrap());
            let mut decoder = Decoder::with_version(version, DecodeLimits::default());
            assert_eq!(decoder.decode(&mut input), Ok(None), "{packet:?} cut to {cut}");
            assert_eq!(input.len(), cut);
        }
        // The same with the length made to fit: an error, or a shorter packet of the same type.
        for cut in 2..bytes.len() {
            let mut shorter = bytes.get(..cut).unwrap().to_vec();
            shorter[1] = (cut - 2) as u8;
            if let Ok(read) = decode(version, &shorter) {
                let read = read.unwrap();
                assert_eq!(read.packet_type(), packet.packet_type());
                assert_ne!(read, packet, "cut to {cut}");
            }
        }
    }
}

#[test]
fn longer_forms_than_ours_are_read_too() {
    let puback = Ok(Some(Packet::Puback(Ack::new(id(1), ReasonCode::Success))));
    assert_eq!(decode(V5, b"\x40\x03\0\x01\0"), puback);
    assert_eq!(decode(V5, b"\x40\x04\0\x01\0\0"), puback);
    let disconnect = decode(V5, b"\xe0\0");
    assert_eq!(decode(V5, b"\xe0\x01\0"), disconnect);
    assert_eq!(decode(V5, b"\xe0\x02\0\0"), disconnect);
}

#[test]
fn mqtt_3_1_keeps_its_own_rules() {
    // DUP on what is sent with QoS 1.
    assert!(matches!(
        decode(V31, b"\x8a\x06\0\x01\0\x01a\0"),
        Ok(Some(Packet::Subscribe(_)))
    ));
    assert!(matches!(decode(V31, b"\x6a\x02\0\x01"), Ok(Some(Packet::Pubrel(_)))));
    // A user name or password may be missing though it is announced.
    let connect = |bytes: &[u8]| match decode(V31, bytes) {
        Ok(Some(Packet::Connect(connect))) => connect,
        other => panic!("{other:?}"),
    };
    let named = connect(b"\x10\x12\0\x06MQIsdp\x03\xc2\0\x3c\0\x01c\0\x01u");
    assert_eq!((named.username, named.password), (Some("u".into()), None));
    assert_eq!(connect(b"\x10\x0f\0\x06MQIsdp\x03\xc2\0\x3c\0\x01c").username, None);
    // The flags of a will that is not there are disregarded.
    assert_eq!(connect(b"\x10\x0f\0\x06MQIsdp\x03\x3a\0\x3c\0\x01c").will, None);
    // The first byte of CONNACK is not used.
    let Ok(Some(Packet::Connack(connack))) = decode(V31, b"\x20\x02\x01\x05") else {
        panic!()
    };
    assert!(!connack.session_present);
}

#[test]
fn older_versions_get_the_nearest_they_can_say() {
    let encode = |packet: Packet, version| {
        let mut out = BytesMut::new();
        packet.encode(version, &mut out).unwrap();
        assert_eq!(out.len(), packet.encoded_len(version));
        out
    };
    let connack = Packet::Connack(Box::new(Connack {
        session_present: true,
        reason_code: ReasonCode::Banned,
        properties: ConnackProperties {
            reason_string: Some("no".into()),
            ..Default::default()
        },
    }));
    assert_eq!(&encode(connack, V311)[..], b"\x20\x02\0\x05");
    let suback = Packet::Suback(Box::new(Suback {
        packet_id: id(1),
        properties: AckProperties {
            reason_string: Some("no".into()),
            ..Default::default()
        },
        reason_codes: smallvec![ReasonCode::GrantedQos1, ReasonCode::NotAuthorized],
    }));
    assert_eq!(&encode(suback, V31)[..], b"\x90\x04\0\x01\x01\x80");
    let unsuback = Packet::Unsuback(Box::new(Unsuback {
        packet_id: id(1),
        properties: AckProperties::default(),
        reason_codes: smallvec![ReasonCode::NoSubscriptionExisted],
    }));
    assert_eq!(&encode(unsuback, V311)[..], b"\xb0\x02\0\x01");
    let puback = Packet::Puback(Ack::new(id(1), ReasonCode::QuotaExceeded));
    assert_eq!(&encode(puback, V311)[..], b"\x40\x02\0\x01");
    let disconnect = Packet::Disconnect(Box::new(Disconnect {
        reason_code: ReasonCode::ServerBusy,
        properties: DisconnectProperties::default(),
    }));
    assert_eq!(&encode(disconnect, V311)[..], b"\xe0\0");
}

#[test]
fn what_cannot_be_encoded_leaves_nothing_behind() {
    let refuse = |packet: Packet, version, error| {
        let mut out = BytesMut::new();
        assert_eq!(packet.encode(version, &mut out), Err(error));
        assert!(out.is_empty());
    };
    let auth = Auth {
        reason_code: ReasonCode::Success,
        properties: AuthProperties::default(),
    };
    let not_in_version = EncodeError::NotInVersion {
        packet: PacketType::Auth,
        version: V311,
    };
    refuse(Packet::Auth(Box::new(auth)), V311, not_in_version);
    let long = Connect {
        client_id: "x".repeat(65_536).into(),
        ..connect(V311)
    };
    refuse(
        Packet::Connect(Box::new(long)),
        V311,
        EncodeError::FieldTooLong { len: 65_536 },
    );
    let no_id = Publish {
        packet_id: None,
        ..publish(QoS::AtLeastOnce)
    };
    refuse(Packet::Publish(no_id), V311, EncodeError::MissingPacketId);
}
