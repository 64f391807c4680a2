//! CONNACK, the acknowledgements, pings, DISCONNECT and AUTH.

use mqtt_codec::DecodeError::*;
use mqtt_codec::PacketType::*;
use mqtt_codec::ProtocolVersion::{V5, V31, V311};
use mqtt_codec::*;

use crate::bytes::*;

#[rustfmt::skip] // One row a line.
pub(crate) fn rows() -> Vec<Row> {
    let trailing = |packet, count| TrailingBytes { packet, count };
    let mut rows = vec![
        ("CONNACK flags 2", Client(V311), framed(0x20, b"\x02\0"), ConnackFlags(2)),
        ("CONNACK flags 0x81", Client(V5), framed(0x20, b"\x81\0\0"), ConnackFlags(0x81)),
        ("CONNACK cut", Client(V311), framed(0x20, b"\0"), Truncated(Connack)),
        ("CONNACK without properties", Client(V5), framed(0x20, b"\0\0"), Truncated(Connack)),
        ("CONNACK return code 6", Client(V311), framed(0x20, b"\0\x06"), code(Connack, 6)),
        ("CONNACK reason code 0x8B", Client(V5), framed(0x20, b"\0\x8B\0"), code(Connack, 0x8B)),
        ("CONNACK reason code 1", Client(V5), framed(0x20, b"\0\x01\0"), code(Connack, 1)),
        ("session present, refused", Client(V311), framed(0x20, b"\x01\x05"), SessionPresentInRefusal),
        ("session present, refused, 5", Client(V5), framed(0x20, b"\x01\x87\0"), SessionPresentInRefusal),
        ("CONNACK trailing", Client(V311), framed(0x20, b"\0\0\0"), trailing(Connack, 1)),
        ("maximum QoS 2", Client(V5), connack_with(b"\x24\x02"), invalid(PropertyId::MaximumQos, 2)),
        ("retain available 2", Client(V5), connack_with(b"\x25\x02"), invalid(PropertyId::RetainAvailable, 2)),
        ("receive maximum 0", Client(V5), connack_with(b"\x21\0\0"), invalid(PropertyId::ReceiveMaximum, 0)),
        ("maximum packet size 0", Client(V5), connack_with(b"\x27\0\0\0\0"), invalid(PropertyId::MaximumPacketSize, 0)),
        ("wildcard available 3", Client(V5), connack_with(b"\x28\x03"), invalid(PropertyId::WildcardSubscriptionAvailable, 3)),
        ("identifiers available 2", Client(V5), connack_with(b"\x29\x02"), invalid(PropertyId::SubscriptionIdentifierAvailable, 2)),
        ("shared available 0xFF", Client(V5), connack_with(b"\x2A\xFF"), invalid(PropertyId::SharedSubscriptionAvailable, 0xFF)),
        ("PINGREQ trailing", Server(V311), vec![0xC0, 1, 0], trailing(Pingreq, 1)),
        ("PINGRESP trailing", Client(V5), vec![0xD0, 2, 0, 0], trailing(Pingresp, 2)),
        ("DISCONNECT trailing, 3.1.1", Server(V311), vec![0xE0, 1, 0], trailing(Disconnect, 1)),
        ("DISCONNECT trailing", Server(V5), vec![0xE0, 3, 0, 0, 0], trailing(Disconnect, 1)),
        ("DISCONNECT code 1", Server(V5), vec![0xE0, 1, 1], code(Disconnect, 1)),
        ("DISCONNECT code 0x03", Server(V5), vec![0xE0, 1, 3], code(Disconnect, 3)),
        ("DISCONNECT 0x8E from a client", Server(V5), vec![0xE0, 1, 0x8E], code(Disconnect, 0x8E)),
        ("DISCONNECT properties overrun", Server(V5), vec![0xE0, 2, 0, 5], PropertyLengthOverrun(Disconnect)),
        ("AUTH code 1", Server(V5), framed(0xF0, b"\x01\x04\x15\0\x01m"), code(Auth, 1)),
        ("AUTH Success from a client", Server(V5), vec![0xF0, 0], code(Auth, 0)),
        ("AUTH without method", Server(V5), framed(0xF0, b"\x18\0"), MissingAuthenticationMethod),
        ("AUTH with data alone", Client(V5), framed(0xF0, b"\x18\x04\x16\0\x01d"), MissingAuthenticationMethod),
        ("AUTH without properties", Client(V5), framed(0xF0, b"\x18"), Truncated(Auth)),
    ];
    for (first, packet) in [(0x40, Puback), (0x50, Pubrec), (0x62, Pubrel), (0x70, Pubcomp)] {
        let wrong = if matches!(packet, Puback | Pubrec) { 0x92 } else { 0x10 };
        for version in [V31, V311, V5] {
            rows.push((
                "acknowledgement of packet id 0",
                Server(version),
                framed(first, b"\0\0"),
                PacketIdZero(packet),
            ));
            rows.push((
                "acknowledgement cut",
                Server(version),
                framed(first, b"\0"),
                Truncated(packet),
            ));
        }
        rows.push((
            "acknowledgement trailing",
            Server(V311),
            framed(first, b"\0\x01\0"),
            trailing(packet, 1),
        ));
        rows.push((
            "acknowledgement trailing, 5",
            Server(V5),
            framed(first, b"\0\x01\0\0x"),
            trailing(packet, 1),
        ));
        rows.push((
            "reason code of another packet",
            Server(V5),
            framed(first, &[0, 1, wrong]),
            code(packet, wrong),
        ));
        rows.push((
            "reason code of none",
            Server(V5),
            framed(first, b"\0\x01\x7F"),
            code(packet, 0x7F),
        ));
        rows.push((
            "property length overruns",
            Server(V5),
            framed(first, b"\0\x01\0\x01"),
            PropertyLengthOverrun(packet),
        ));
    }
    rows
}
