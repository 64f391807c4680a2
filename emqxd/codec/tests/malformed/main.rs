//! The packets that must be refused: one row for each rule, with the bytes, who reads them, and the error.
#![allow(clippy::unwrap_used)]

mod bytes;
mod connect;
mod fixed_header;
mod other;
mod property;
mod publish;
mod reason_code;
mod subscription;

use ::bytes::Bytes;
use mqtt_codec::DecodeError::*;
use mqtt_codec::PacketType::*;
use mqtt_codec::ProtocolVersion::{V5, V31, V311};
use mqtt_codec::*;

use crate::bytes::*;

/// The whole table.
fn rows() -> Vec<Row> {
    [
        fixed_header::rows(),
        connect::rows(),
        publish::rows(),
        subscription::rows(),
        other::rows(),
    ]
    .concat()
}

#[test]
fn every_malformed_packet_is_refused_by_name() {
    let rows = rows();
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(_, by, bytes, expected)| decode(*by, bytes).as_ref() != Err(expected))
        .map(|(name, by, bytes, expected)| {
            format!(
                "{name}: {bytes:02x?}\n  wanted {expected:?}\n  got    {:?}",
                decode(*by, bytes)
            )
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
    assert!(rows.len() >= 200, "{} rows", rows.len());
}

#[test]
fn not_strict_lets_through_what_emqx_lets_through_and_nothing_else() {
    let lenient = |by: By, bytes: &[u8]| {
        let limits = DecodeLimits {
            strict: false,
            ..DecodeLimits::default()
        };
        let mut decoder = match by {
            New => Decoder::new(limits),
            Server(version) | Client(version) => Decoder::with_version(version, limits),
        };
        decoder.decode(&mut Bytes::copy_from_slice(bytes))
    };
    let rows = rows();
    for (name, by, bytes, expected) in rows {
        let may_pass = matches!(
            expected,
            FixedHeaderFlags { .. }
                | DupWithQos0
                | VariableByteIntegerNotMinimal
                | PasswordWithoutUsername
                // Refused for who sent it, which the decoder made here does not know.
                | PacketFromClient(_)
                | SubscriptionIdFromClient
        ) || matches!(
            expected,
            InvalidReasonCode {
                packet: Disconnect | Auth,
                ..
            }
        );
        match lenient(by, &bytes) {
            Err(error) if !may_pass => assert_eq!(error, expected, "{name}"),
            result => assert!(may_pass, "{name}: {result:?}"),
        }
    }
    let dup = lenient(Server(V311), b"\x38\x03\0\x01t");
    let Ok(Some(Packet::Publish(publish))) = dup else {
        panic!("{dup:?}")
    };
    assert!(!publish.dup);
}

#[test]
fn every_error_has_a_reason_code_that_can_be_sent_and_a_word_to_be_counted_under() {
    let rows = rows();
    for (name, _, _, error) in rows {
        let reason_code = error.reason_code();
        assert!(reason_code.is_error(), "{name}");
        assert!(
            reason_code.is_defined_for(Disconnect) || reason_code.is_defined_for(Connack),
            "{name}: {reason_code:?}"
        );
        assert!(is_atom(error.name()), "{name}");
        assert!(!error.to_string().is_empty());
    }
}

fn is_atom(word: &str) -> bool {
    word.bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[test]
fn the_words_are_those_of_emqx() {
    let words = [
        (
            FixedHeaderFlags {
                packet: Puback,
                flags: 1,
            },
            "bad_frame_header",
            0x81,
        ),
        (PacketTooLarge { size: 2, limit: 1 }, "frame_too_large", 0x95),
        (VariableByteIntegerTooLong, "malformed_variable_byte_integer", 0x81),
        (Truncated(Connect), "malformed_packet", 0x81),
        (PacketIdZero(Subscribe), "bad_packet_id", 0x81),
        (SubscriptionQos, "bad_subqos", 0x82),
        (DuplicateProperty(PropertyId::TopicAlias), "malformed_properties", 0x82),
        (UnknownProperty(4), "invalid_property_code", 0x81),
        (ReservedConnectFlag, "reserved_connect_flag", 0x81),
        (InvalidWillQos { qos: 3, will: true }, "invalid_will_qos", 0x81),
        (WillRetainWithoutWill, "invalid_will_retain", 0x81),
        (PasswordWithoutUsername, "invalid_password_flag", 0x81),
        (InvalidUtf8, "utf8_string_invalid", 0x81),
        (InvalidWillTopic, "invalid_topic", 0x90),
        (WildcardInTopic, "topic_name_invalid", 0x90),
        (EmptyTopic, "topic_name_invalid", 0x82),
        (TopicAliasZero, "topic_alias_invalid", 0x94),
        (NoTopicFilters(Subscribe), "empty_topic_filters", 0x82),
        (NotConnect(Pingreq), "protocol_error", 0x82),
        (
            UnsupportedProtocolVersion { name: "MQTT", level: 9 },
            "unsupported_protocol_version",
            0x84,
        ),
    ];
    for (error, name, reason_code) in words {
        assert_eq!(
            (error.name(), error.reason_code() as u8),
            (name, reason_code),
            "{error:?}"
        );
    }
}

#[test]
fn an_unknown_version_is_answered_in_the_nearest_that_the_peer_can_read() {
    let answer = |name, level| UnsupportedProtocolVersion { name, level }.answer_version();
    assert_eq!(answer("MQIsdp", 4), Some(V31));
    assert_eq!(answer("MQTT", 3), Some(V311));
    assert_eq!(answer("MQTT", 6), Some(V5));
    assert_eq!(InvalidProtocolName.answer_version(), None);
}
