//! PUBLISH, and what any property section can have wrong.

use mqtt_codec::DecodeError::*;
use mqtt_codec::PacketType::*;
use mqtt_codec::ProtocolVersion::{V5, V31, V311};
use mqtt_codec::*;

use crate::bytes::*;

#[rustfmt::skip] // One row a line.
pub(crate) fn rows() -> Vec<Row> {
    vec![
        ("no bytes", Server(V311), vec![0x30, 0], Truncated(Publish)),
        ("half a topic length", Server(V5), vec![0x30, 1, 0], Truncated(Publish)),
        ("topic overruns", Server(V311), framed(0x30, b"\0\x05abc"), Truncated(Publish)),
        ("topic of 65,535 in 3 bytes", Server(V311), framed(0x30, b"\xFF\xFFa"), Truncated(Publish)),
        ("topic with +", Server(V311), framed(0x30, b"\0\x03a/+x"), WildcardInTopic),
        ("topic with #", Server(V5), framed(0x30, b"\0\x03a/#\0"), WildcardInTopic),
        ("topic of one #, 3.1", Server(V31), framed(0x30, b"\0\x01#"), WildcardInTopic),
        ("topic with U+0000", Server(V311), framed(0x30, b"\0\x03a\0b"), NulInString),
        ("topic not UTF-8", Server(V311), framed(0x30, b"\0\x02\xFF\xFE"), InvalidUtf8),
        ("topic with a surrogate", Server(V5), framed(0x30, b"\0\x03\xED\xA0\x80\0"), InvalidUtf8),
        ("topic with an overlong slash", Server(V311), framed(0x30, b"\0\x02\xC0\xAF"), InvalidUtf8),
        ("topic with an overlong U+0000", Server(V311), framed(0x30, b"\0\x02\xC0\x80"), InvalidUtf8),
        ("topic beyond U+10FFFF", Server(V311), framed(0x30, b"\0\x04\xF4\x90\x80\x80"), InvalidUtf8),
        ("topic empty, 3.1", Server(V31), framed(0x30, b"\0\0x"), EmptyTopic),
        ("topic empty, 3.1.1", Server(V311), framed(0x30, b"\0\0x"), EmptyTopic),
        ("topic empty without alias", Server(V5), framed(0x30, b"\0\0\0"), EmptyTopic),
        ("topic empty, other property", Server(V5), framed(0x30, b"\0\0\x02\x01\x01"), EmptyTopic),
        ("packet id 0", Server(V311), framed(0x32, b"\0\x01t\0\0"), PacketIdZero(Publish)),
        ("packet id 0, QoS 2", Server(V5), framed(0x34, b"\0\x01t\0\0\0"), PacketIdZero(Publish)),
        ("no packet id", Server(V311), framed(0x32, b"\0\x01t"), Truncated(Publish)),
        ("half a packet id", Server(V311), framed(0x34, b"\0\x01t\x01"), Truncated(Publish)),
        ("no properties", Server(V5), framed(0x30, b"\0\x01t"), Truncated(Publish)),
        ("property length overruns", Server(V5), framed(0x30, b"\0\x01t\x05\x01\x00"), PropertyLengthOverrun(Publish)),
        ("property length of 268,435,455", Server(V5), framed(0x30, b"\0\x01t\xFF\xFF\xFF\x7F"), PropertyLengthOverrun(Publish)),
        ("property length cut", Server(V5), framed(0x30, b"\0\x01t\x80"), Truncated(Publish)),
        ("property length of five bytes", Server(V5), framed(0x30, b"\0\x01t\xFF\xFF\xFF\xFF\x7F"), VariableByteIntegerTooLong),
        ("property length not minimal", Server(V5), framed(0x30, b"\0\x01t\x80\x00"), VariableByteIntegerNotMinimal),
        ("property without value", Server(V5), publish_with(b"\x01"), PropertyTruncated(Publish)),
        ("property cut", Server(V5), publish_with(b"\x02\0\0\0"), PropertyTruncated(Publish)),
        ("string property overruns", Server(V5), publish_with(b"\x03\0\x09abc"), PropertyTruncated(Publish)),
        ("user property without value", Server(V5), publish_with(b"\x26\0\x01a"), PropertyTruncated(Publish)),
        ("user property value overruns", Server(V5), publish_with(b"\x26\0\0\0\x02b"), PropertyTruncated(Publish)),
        ("property identifier cut", Server(V5), publish_with(b"\x80"), PropertyTruncated(Publish)),
        ("property identifier 0", Server(V5), publish_with(b"\0"), UnknownProperty(0)),
        ("property identifier 0x04", Server(V5), publish_with(b"\x04\0"), UnknownProperty(4)),
        ("property identifier 0x2B", Server(V5), publish_with(b"\x2B\0"), UnknownProperty(0x2B)),
        ("property identifier 0x7F", Server(V5), publish_with(b"\x7F"), UnknownProperty(0x7F)),
        ("property identifier 128", Server(V5), publish_with(b"\x80\x01"), UnknownProperty(128)),
        ("property identifier 0x101", Server(V5), publish_with(b"\x81\x02\0"), UnknownProperty(0x101)),
        ("property identifier not minimal", Server(V5), publish_with(b"\x81\x00\x01"), VariableByteIntegerNotMinimal),
        ("payload format 2", Server(V5), publish_with(b"\x01\x02"), invalid(PropertyId::PayloadFormatIndicator, 2)),
        ("topic alias 0", Server(V5), publish_with(b"\x23\0\0"), TopicAliasZero),
        ("response topic with #", Server(V5), publish_with(b"\x08\0\x03a/#"), InvalidResponseTopic),
        ("response topic with +", Server(V5), publish_with(b"\x08\0\x01+"), InvalidResponseTopic),
        ("response topic empty", Server(V5), publish_with(b"\x08\0\0"), InvalidResponseTopic),
        ("response topic with U+0000", Server(V5), publish_with(b"\x08\0\x01\0"), NulInString),
        ("content type not UTF-8", Server(V5), publish_with(b"\x03\0\x01\x80"), InvalidUtf8),
        ("user property name not UTF-8", Server(V5), publish_with(b"\x26\0\x01\xFF\0\0"), InvalidUtf8),
        ("user property value with U+0000", Server(V5), publish_with(b"\x26\0\0\0\x01\0"), NulInString),
        ("subscription id from a client", Server(V5), publish_with(b"\x0B\x01"), SubscriptionIdFromClient),
        ("subscription id 0", Client(V5), publish_with(b"\x0B\0"), invalid(PropertyId::SubscriptionIdentifier, 0)),
        ("subscription id of five bytes", Client(V5), publish_with(b"\x0B\xFF\xFF\xFF\xFF\x7F"), VariableByteIntegerTooLong),
    ]
}
