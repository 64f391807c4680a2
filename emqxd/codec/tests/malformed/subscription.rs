//! SUBSCRIBE, UNSUBSCRIBE and the answers to them.

use mqtt_codec::DecodeError::*;
use mqtt_codec::PacketType::*;
use mqtt_codec::ProtocolVersion::{V5, V31, V311};
use mqtt_codec::*;

use crate::bytes::*;

#[rustfmt::skip] // One row a line.
pub(crate) fn rows() -> Vec<Row> {
    let s5 = |options: u8| with_id(0x82, b"", &[0, 1, b'a', options]);
    let shared = b"\0\x0A$share/g/t\x04";
    let zero = || invalid(PropertyId::SubscriptionIdentifier, 0);
    let empty = EmptyTopicFilter;
    vec![
        ("SUBSCRIBE packet id 0", Server(V311), framed(0x82, b"\0\0\0\x01a\0"), PacketIdZero(Subscribe)),
        ("SUBSCRIBE packet id 0, 5", Server(V5), framed(0x82, b"\0\0\0\0\x01a\0"), PacketIdZero(Subscribe)),
        ("SUBSCRIBE without anything", Server(V311), vec![0x82, 0], Truncated(Subscribe)),
        ("SUBSCRIBE without filters", Server(V311), framed(0x82, b"\0\x01"), NoTopicFilters(Subscribe)),
        ("SUBSCRIBE without filters, 5", Server(V5), with_id(0x82, b"", b""), NoTopicFilters(Subscribe)),
        ("SUBSCRIBE without properties", Server(V5), framed(0x82, b"\0\x01"), Truncated(Subscribe)),
        ("filter empty", Server(V311), framed(0x82, b"\0\x01\0\0\0"), empty(Subscribe)),
        ("second filter empty", Server(V5), with_id(0x82, b"", b"\0\x01a\0\0\0\0"), empty(Subscribe)),
        ("filter overruns", Server(V311), framed(0x82, b"\0\x01\0\x05a\0"), Truncated(Subscribe)),
        ("filter with U+0000", Server(V311), framed(0x82, b"\0\x01\0\x01\0\0"), NulInString),
        ("filter not UTF-8", Server(V5), with_id(0x82, b"", b"\0\x01\xC0\0"), InvalidUtf8),
        ("no options", Server(V311), framed(0x82, b"\0\x01\0\x01a"), Truncated(Subscribe)),
        ("QoS 3, 3.1", Server(V31), framed(0x82, b"\0\x01\0\x01a\x03"), SubscriptionQos),
        ("QoS 3, 3.1.1", Server(V311), framed(0x82, b"\0\x01\0\x01a\x03"), SubscriptionQos),
        ("QoS 3, 5", Server(V5), s5(0x03), SubscriptionQos),
        ("No Local in 3.1.1", Server(V311), framed(0x82, b"\0\x01\0\x01a\x04"), ReservedSubscriptionOptions(4)),
        ("reserved bit 0x40", Server(V5), s5(0x40), ReservedSubscriptionOptions(0x40)),
        ("reserved bit 0x80", Server(V5), s5(0x81), ReservedSubscriptionOptions(0x81)),
        ("retain handling 3", Server(V5), s5(0x30), RetainHandling),
        ("No Local on $share", Server(V5), with_id(0x82, b"", shared), NoLocalOnShared),
        ("subscription id 0", Server(V5), with_id(0x82, b"\x0B\0", b"\0\x01a\0"), zero()),
        ("subscription id twice", Server(V5), with_id(0x82, b"\x0B\x01\x0B\x02", b"\0\x01a\0"), DuplicateProperty(PropertyId::SubscriptionIdentifier)),
        ("UNSUBSCRIBE packet id 0", Server(V5), framed(0xA2, b"\0\0\0\0\x01a"), PacketIdZero(Unsubscribe)),
        ("UNSUBSCRIBE without filters", Server(V311), framed(0xA2, b"\0\x01"), NoTopicFilters(Unsubscribe)),
        ("UNSUBSCRIBE without filters, 5", Server(V5), with_id(0xA2, b"", b""), NoTopicFilters(Unsubscribe)),
        ("UNSUBSCRIBE filter empty", Server(V311), framed(0xA2, b"\0\x01\0\0"), empty(Unsubscribe)),
        ("UNSUBSCRIBE filter overruns", Server(V5), with_id(0xA2, b"", b"\0\x02a"), Truncated(Unsubscribe)),
        ("UNSUBSCRIBE filter with U+0000", Server(V311), framed(0xA2, b"\0\x01\0\x01\0"), NulInString),
        ("UNSUBSCRIBE filter not UTF-8", Server(V311), framed(0xA2, b"\0\x01\0\x01\xFE"), InvalidUtf8),
        ("SUBACK packet id 0", Client(V311), framed(0x90, b"\0\0\0"), PacketIdZero(Suback)),
        ("SUBACK without codes", Client(V311), framed(0x90, b"\0\x01"), NoReasonCodes(Suback)),
        ("SUBACK without codes, 5", Client(V5), with_id(0x90, b"", b""), NoReasonCodes(Suback)),
        ("SUBACK code 3", Client(V311), framed(0x90, b"\0\x01\x03"), code(Suback, 3)),
        ("SUBACK code 0x87 in 3.1.1", Client(V311), framed(0x90, b"\0\x01\x87"), code(Suback, 0x87)),
        ("SUBACK code 0x11", Client(V5), with_id(0x90, b"", b"\x11"), code(Suback, 0x11)),
        ("UNSUBACK packet id 0", Client(V311), framed(0xB0, b"\0\0"), PacketIdZero(Unsuback)),
        ("UNSUBACK without codes, 5", Client(V5), with_id(0xB0, b"", b""), NoReasonCodes(Unsuback)),
        ("UNSUBACK code 0x01", Client(V5), with_id(0xB0, b"", b"\x01"), code(Unsuback, 1)),
        ("UNSUBACK with codes in 3.1.1", Client(V311), framed(0xB0, b"\0\x01\0"), TrailingBytes { packet: Unsuback, count: 1, }),
    ]
}
