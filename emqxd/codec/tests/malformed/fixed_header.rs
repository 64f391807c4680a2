//! Type, flags, length and sender: what is refused before the rest of a packet is gathered.

use mqtt_codec::DecodeError::*;
use mqtt_codec::PacketType::*;
use mqtt_codec::ProtocolVersion::{V5, V31, V311};

use crate::bytes::*;

#[rustfmt::skip] // One row a line.
pub(crate) fn rows() -> Vec<Row> {
    let flags = |packet, flags| FixedHeaderFlags { packet, flags };
    let overrun = || VariableByteIntegerTooLong;
    let long = || VariableByteIntegerNotMinimal;
    vec![
        ("packet type 0", New, vec![0x00, 0], ReservedPacketType(0)),
        ("packet type 0 later", Server(V5), vec![0x00, 0], ReservedPacketType(0)),
        ("AUTH in 3.1", Server(V31), vec![0xF0, 0], ReservedPacketType(15)),
        ("AUTH in 3.1.1", Server(V311), vec![0xF0, 0], ReservedPacketType(15)),
        ("CONNECT flags", New, vec![0x11], flags(Connect, 1)),
        ("CONNACK flags", Client(V5), vec![0x22], flags(Connack, 2)),
        ("PUBACK flags", Server(V5), vec![0x42], flags(Puback, 2)),
        ("PUBREC flags", Server(V311), vec![0x58], flags(Pubrec, 8)),
        ("PUBREL flags 0", Server(V311), vec![0x60], flags(Pubrel, 0)),
        ("PUBREL flags 3", Server(V5), vec![0x63], flags(Pubrel, 3)),
        ("PUBREL with DUP after 3.1", Server(V311), vec![0x6A], flags(Pubrel, 10)),
        ("PUBCOMP flags", Server(V5), vec![0x71], flags(Pubcomp, 1)),
        ("SUBSCRIBE flags 0", Server(V5), vec![0x80], flags(Subscribe, 0)),
        ("SUBSCRIBE with DUP after 3.1", Server(V311), vec![0x8A], flags(Subscribe, 10)),
        ("SUBSCRIBE flags in 3.1", Server(V31), vec![0x8B], flags(Subscribe, 11)),
        ("SUBACK flags", Client(V5), vec![0x92], flags(Suback, 2)),
        ("UNSUBSCRIBE flags 0", Server(V311), vec![0xA0], flags(Unsubscribe, 0)),
        ("UNSUBACK flags", Client(V5), vec![0xB2], flags(Unsuback, 2)),
        ("PINGREQ flags", Server(V5), vec![0xC1], flags(Pingreq, 1)),
        ("PINGRESP flags", Client(V5), vec![0xD1], flags(Pingresp, 1)),
        ("DISCONNECT flags", Server(V5), vec![0xE2], flags(Disconnect, 2)),
        ("AUTH flags", Server(V5), vec![0xF1], flags(Auth, 1)),
        ("PUBLISH QoS 3", Server(V5), vec![0x36], PublishQos),
        ("PUBLISH QoS 3 in 3.1", Server(V31), vec![0x36], PublishQos),
        ("PUBLISH QoS 3 with DUP", Server(V311), vec![0x3E], PublishQos),
        ("PUBLISH QoS 0 with DUP", Server(V5), vec![0x38], DupWithQos0),
        ("PUBLISH QoS 0 with DUP and RETAIN", Server(V311), vec![0x39], DupWithQos0),
        ("five bytes of length", Server(V5), b"\x30\xFF\xFF\xFF\xFF\x7F".to_vec(), overrun()),
        ("five bytes of length 0", Server(V5), b"\x30\x80\x80\x80\x80\x00".to_vec(), overrun()),
        ("four continued bytes", New, b"\x10\xFF\xFF\xFF\xFF".to_vec(), overrun()),
        ("length 0 in two bytes", Server(V5), b"\xC0\x80\x00".to_vec(), long()),
        ("length 2 in three bytes", Server(V311), b"\x40\x82\x80\x00\0\x01".to_vec(), long()),
        ("length 127 in four bytes", New, b"\x10\xFF\x80\x80\x00".to_vec(), long()),
        ("beyond the maximum packet size", New, b"\x10\xFF\xFF\xFF\x7F".to_vec(), PacketTooLarge { size: 268_435_460, limit: 1_048_576, }),
        ("one byte beyond the maximum packet size", Server(V5), b"\x30\xFD\xFF\x3F".to_vec(), PacketTooLarge { size: 1_048_577, limit: 1_048_576, }),
        ("PINGREQ first", New, vec![0xC0, 0], NotConnect(Pingreq)),
        ("PUBLISH first", New, framed(0x30, b"\0\x01tp"), NotConnect(Publish)),
        ("DISCONNECT first", New, vec![0xE0, 0], NotConnect(Disconnect)),
        ("CONNACK from a client", Server(V5), vec![0x20, 2, 0, 0], PacketFromClient(Connack)),
        ("SUBACK from a client", Server(V311), vec![0x90, 3, 0, 1, 0], PacketFromClient(Suback)),
        ("UNSUBACK from a client", Server(V5), vec![0xB0, 2, 0, 1], PacketFromClient(Unsuback)),
        ("PINGRESP from a client", Server(V31), vec![0xD0, 0], PacketFromClient(Pingresp)),
    ]
}
