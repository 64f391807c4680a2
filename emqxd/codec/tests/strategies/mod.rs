//! Random packets that are valid in a given version: what the round trip tests encode.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use bytestring::ByteString;
use mqtt_codec::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use smallvec::SmallVec;

/// Every packet that `version` has.
pub fn packet(version: ProtocolVersion) -> BoxedStrategy<Packet> {
    let from_server = prop_oneof![
        connack(version).prop_map(|packet| Packet::Connack(Box::new(packet))),
        suback(version).prop_map(|packet| Packet::Suback(Box::new(packet))),
        unsuback(version).prop_map(|packet| Packet::Unsuback(Box::new(packet))),
        Just(Packet::Pingresp),
    ];
    prop_oneof![2 => packet_from_client(version), 1 => from_server].boxed()
}

/// Every packet that a client may send in `version`.
pub fn packet_from_client(version: ProtocolVersion) -> BoxedStrategy<Packet> {
    let common = prop_oneof![
        3 => connect(version).prop_map(|packet| Packet::Connect(Box::new(packet))),
        3 => publish(version).prop_map(Packet::Publish),
        1 => ack(version, PacketType::Puback).prop_map(Packet::Puback),
        1 => ack(version, PacketType::Pubrec).prop_map(Packet::Pubrec),
        1 => ack(version, PacketType::Pubrel).prop_map(Packet::Pubrel),
        1 => ack(version, PacketType::Pubcomp).prop_map(Packet::Pubcomp),
        2 => subscribe(version).prop_map(|packet| Packet::Subscribe(Box::new(packet))),
        1 => unsubscribe(version).prop_map(|packet| Packet::Unsubscribe(Box::new(packet))),
        1 => Just(Packet::Pingreq),
        1 => disconnect(version).prop_map(|packet| Packet::Disconnect(Box::new(packet))),
    ];
    if version < ProtocolVersion::V5 {
        return common.boxed();
    }
    prop_oneof![9 => common, 1 => auth().prop_map(|packet| Packet::Auth(Box::new(packet)))].boxed()
}

/// `properties` in MQTT 5, none in older versions.
fn in_v5<T>(version: ProtocolVersion, properties: impl Strategy<Value = T> + 'static) -> BoxedStrategy<T>
where
    T: Default + Clone + std::fmt::Debug + 'static,
{
    if version < ProtocolVersion::V5 {
        Just(T::default()).boxed()
    } else {
        properties.boxed()
    }
}

fn text() -> impl Strategy<Value = ByteString> + Clone {
    prop_oneof![
        8 => "[a-z0-9 /+#$é€😀\u{1}\u{7f}\u{feff}]{0,12}".prop_map(ByteString::from),
        1 => (0_usize..300).prop_map(|len| ByteString::from("x".repeat(len))),
        1 => Just(ByteString::from("x".repeat(65_535))),
    ]
}

fn topic() -> impl Strategy<Value = ByteString> {
    "[a-z0-9/$é€]{1,24}".prop_map(ByteString::from)
}

fn filter() -> impl Strategy<Value = ByteString> {
    "[a-z/+#é$]{1,16}".prop_map(ByteString::from)
}

fn binary() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..40).prop_map(Bytes::from)
}

fn user_properties() -> impl Strategy<Value = Vec<UserProperty>> {
    vec((text(), text()), 0..3)
}

fn packet_id() -> impl Strategy<Value = PacketId> {
    (1..=u16::MAX).prop_map(|value| PacketId::new(value).unwrap())
}

fn qos() -> impl Strategy<Value = QoS> {
    select(vec![QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce])
}

/// The reason codes of `packet`; in older versions the one that they can express.
fn reason_code(version: ProtocolVersion, packet: PacketType) -> BoxedStrategy<ReasonCode> {
    let is_defined = |reason_code: &ReasonCode| match (version, packet) {
        (ProtocolVersion::V5, _) => reason_code.is_defined_for(packet) && reason_code.may_come_from_client(packet),
        (_, PacketType::Connack) => {
            let code = reason_code.connack_return_code_v3();
            ReasonCode::from_connack_return_code_v3(code) == Some(*reason_code)
        }
        (_, PacketType::Suback) => matches!(*reason_code as u8, 0..=2 | 0x80),
        _ => *reason_code == ReasonCode::Success,
    };
    select(
        (0..=0xFF)
            .filter_map(ReasonCode::from_u8)
            .filter(is_defined)
            .collect::<Vec<_>>(),
    )
    .boxed()
}

fn connect(version: ProtocolVersion) -> impl Strategy<Value = Connect> {
    let login = (option::of(text()), option::of(binary()));
    let head = (any::<bool>(), any::<bool>(), any::<u16>(), text());
    (
        head,
        login,
        option::of(will(version)),
        in_v5(version, connect_properties()),
    )
        .prop_map(
            move |((is_bridge, clean_start, keep_alive, client_id), (username, password), will, properties)| {
                let may_have_password = username.is_some() || version == ProtocolVersion::V5;
                Connect {
                    protocol_version: version,
                    is_bridge,
                    clean_start,
                    keep_alive,
                    client_id,
                    password: password.filter(|_| may_have_password),
                    username,
                    will: will.map(Box::new),
                    properties,
                }
            },
        )
}

fn connect_properties() -> impl Strategy<Value = ConnectProperties> {
    let numbers = (
        option::of(any::<u32>()),
        option::of(1..=u16::MAX),
        option::of(1..=u32::MAX),
        option::of(any::<u16>()),
    );
    let flags = (option::of(any::<bool>()), option::of(any::<bool>()));
    let authentication = option::of((text(), option::of(binary())));
    (numbers, flags, user_properties(), authentication).prop_map(|(numbers, flags, user_properties, authentication)| {
        ConnectProperties {
            session_expiry_interval: numbers.0,
            receive_maximum: numbers.1,
            maximum_packet_size: numbers.2,
            topic_alias_maximum: numbers.3,
            request_response_information: flags.0,
            request_problem_information: flags.1,
            user_properties,
            authentication_method: authentication.clone().map(|(method, _)| method),
            authentication_data: authentication.and_then(|(_, data)| data),
        }
    })
}

fn will(version: ProtocolVersion) -> impl Strategy<Value = Will> {
    (
        qos(),
        any::<bool>(),
        topic(),
        binary(),
        in_v5(version, will_properties()),
    )
        .prop_map(|(qos, retain, topic, payload, properties)| Will {
            qos,
            retain,
            topic,
            payload,
            properties,
        })
}

fn will_properties() -> impl Strategy<Value = WillProperties> {
    (option::of(any::<u32>()), publish_properties()).prop_map(|(will_delay_interval, message)| WillProperties {
        will_delay_interval,
        payload_is_utf8: message.payload_is_utf8,
        message_expiry_interval: message.message_expiry_interval,
        content_type: message.content_type,
        response_topic: message.response_topic,
        correlation_data: message.correlation_data,
        user_properties: message.user_properties,
    })
}

fn connack(version: ProtocolVersion) -> impl Strategy<Value = Connack> {
    let reason_code = reason_code(version, PacketType::Connack);
    (any::<bool>(), reason_code, in_v5(version, connack_properties())).prop_map(
        move |(session_present, reason_code, properties)| Connack {
            session_present: session_present && reason_code == ReasonCode::Success && version > ProtocolVersion::V31,
            reason_code,
            properties,
        },
    )
}

fn connack_properties() -> impl Strategy<Value = ConnackProperties> {
    let numbers = (
        option::of(any::<u32>()),
        option::of(1..=u16::MAX),
        option::of(1..=u32::MAX),
        option::of(any::<u16>()),
        option::of(any::<u16>()),
        option::of(select(vec![QoS::AtMostOnce, QoS::AtLeastOnce])),
    );
    let flag = || option::of(any::<bool>());
    let flags = (flag(), flag(), flag(), flag());
    let texts = vec(option::of(text()), 5);
    (numbers, flags, texts, user_properties(), option::of(binary())).prop_map(
        |(numbers, flags, texts, user_properties, authentication_data)| ConnackProperties {
            session_expiry_interval: numbers.0,
            receive_maximum: numbers.1,
            maximum_packet_size: numbers.2,
            topic_alias_maximum: numbers.3,
            server_keep_alive: numbers.4,
            maximum_qos: numbers.5,
            retain_available: flags.0,
            wildcard_subscription_available: flags.1,
            subscription_identifiers_available: flags.2,
            shared_subscription_available: flags.3,
            assigned_client_identifier: texts[0].clone(),
            reason_string: texts[1].clone(),
            response_information: texts[2].clone(),
            server_reference: texts[3].clone(),
            authentication_method: texts[4].clone(),
            user_properties,
            authentication_data,
        },
    )
}

/// As a client may send it: without subscription identifiers.
pub fn publish(version: ProtocolVersion) -> impl Strategy<Value = Publish> {
    let properties = in_v5(version, option::of(publish_properties()));
    (
        any::<bool>(),
        qos(),
        any::<bool>(),
        topic(),
        packet_id(),
        properties,
        binary(),
    )
        .prop_map(|(dup, qos, retain, topic, packet_id, properties, payload)| {
            let properties = properties.filter(|properties| *properties != PublishProperties::default());
            let has_alias = properties
                .as_ref()
                .is_some_and(|properties| properties.topic_alias.is_some());
            Publish {
                dup: dup && qos != QoS::AtMostOnce,
                qos,
                retain,
                topic: if has_alias && retain { ByteString::new() } else { topic },
                packet_id: (qos != QoS::AtMostOnce).then_some(packet_id),
                properties: properties.map(Box::new),
                payload,
            }
        })
}

/// As a server may send it: with subscription identifiers.
pub fn publish_from_server() -> impl Strategy<Value = Publish> {
    (publish(ProtocolVersion::V5), vec(1_u32..=0x0FFF_FFFF, 0..4)).prop_map(|(mut publish, identifiers)| {
        if !identifiers.is_empty() {
            publish.properties.get_or_insert_default().subscription_identifiers = identifiers;
        }
        publish
    })
}

fn publish_properties() -> impl Strategy<Value = PublishProperties> {
    let numbers = (
        option::of(any::<bool>()),
        option::of(any::<u32>()),
        option::of(1..=u16::MAX),
    );
    (
        numbers,
        option::of(topic()),
        option::of(binary()),
        user_properties(),
        option::of(text()),
    )
        .prop_map(
            |(numbers, response_topic, correlation_data, user_properties, content_type)| PublishProperties {
                payload_is_utf8: numbers.0,
                message_expiry_interval: numbers.1,
                topic_alias: numbers.2,
                response_topic,
                correlation_data,
                user_properties,
                subscription_identifiers: Vec::new(),
                content_type,
            },
        )
}

fn ack_properties() -> impl Strategy<Value = AckProperties> {
    (option::of(text()), user_properties()).prop_map(|(reason_string, user_properties)| AckProperties {
        reason_string,
        user_properties,
    })
}

fn ack(version: ProtocolVersion, packet: PacketType) -> impl Strategy<Value = Ack> {
    let properties = in_v5(version, option::of(ack_properties()));
    (packet_id(), reason_code(version, packet), properties).prop_map(|(packet_id, reason_code, properties)| Ack {
        packet_id,
        reason_code,
        properties: properties.filter(|properties| !properties.is_empty()).map(Box::new),
    })
}

fn subscribe(version: ProtocolVersion) -> impl Strategy<Value = Subscribe> {
    let properties =
        (option::of(1_u32..=0x0FFF_FFFF), user_properties()).prop_map(|(subscription_identifier, user_properties)| {
            SubscribeProperties {
                subscription_identifier,
                user_properties,
            }
        });
    let handling = select(vec![
        RetainHandling::SendAtSubscribe,
        RetainHandling::SendIfNew,
        RetainHandling::DoNotSend,
    ]);
    let filter = (filter(), qos(), any::<bool>(), any::<bool>(), handling).prop_map(
        move |(filter, qos, no_local, retain_as_published, retain_handling)| {
            let is_v5 = version == ProtocolVersion::V5;
            SubscribeFilter {
                no_local: is_v5 && no_local && !filter.starts_with("$share/"),
                filter,
                qos,
                retain_as_published: is_v5 && retain_as_published,
                retain_handling: if is_v5 {
                    retain_handling
                } else {
                    RetainHandling::default()
                },
            }
        },
    );
    (packet_id(), in_v5(version, properties), vec(filter, 1..6)).prop_map(|(packet_id, properties, filters)| {
        Subscribe {
            packet_id,
            properties,
            filters: SmallVec::from_vec(filters),
        }
    })
}

fn suback(version: ProtocolVersion) -> impl Strategy<Value = Suback> {
    let codes = vec(reason_code(version, PacketType::Suback), 1..8);
    (packet_id(), in_v5(version, ack_properties()), codes).prop_map(|(packet_id, properties, reason_codes)| Suback {
        packet_id,
        properties,
        reason_codes: SmallVec::from_vec(reason_codes),
    })
}

fn unsubscribe(version: ProtocolVersion) -> impl Strategy<Value = Unsubscribe> {
    (packet_id(), in_v5(version, user_properties()), vec(filter(), 1..6)).prop_map(
        |(packet_id, user_properties, filters)| Unsubscribe {
            packet_id,
            user_properties,
            filters: SmallVec::from_vec(filters),
        },
    )
}

fn unsuback(version: ProtocolVersion) -> impl Strategy<Value = Unsuback> {
    let codes = vec(reason_code(version, PacketType::Unsuback), 1..8);
    (packet_id(), in_v5(version, ack_properties()), codes).prop_map(move |(packet_id, properties, reason_codes)| {
        Unsuback {
            packet_id,
            properties,
            reason_codes: match version {
                ProtocolVersion::V5 => SmallVec::from_vec(reason_codes),
                ProtocolVersion::V31 | ProtocolVersion::V311 => SmallVec::new(),
            },
        }
    })
}

fn disconnect(version: ProtocolVersion) -> impl Strategy<Value = Disconnect> {
    let properties = (option::of(any::<u32>()), ack_properties(), option::of(text())).prop_map(
        |(session_expiry_interval, common, server_reference)| DisconnectProperties {
            session_expiry_interval,
            reason_string: common.reason_string,
            user_properties: common.user_properties,
            server_reference,
        },
    );
    (reason_code(version, PacketType::Disconnect), in_v5(version, properties)).prop_map(|(reason_code, properties)| {
        Disconnect {
            reason_code,
            properties,
        }
    })
}

fn auth() -> impl Strategy<Value = Auth> {
    let reason_code = reason_code(ProtocolVersion::V5, PacketType::Auth);
    (reason_code, text(), option::of(binary()), ack_properties()).prop_map(
        |(reason_code, method, authentication_data, common)| Auth {
            reason_code,
            properties: AuthProperties {
                authentication_method: Some(method),
                authentication_data,
                reason_string: common.reason_string,
                user_properties: common.user_properties,
            },
        },
    )
}
