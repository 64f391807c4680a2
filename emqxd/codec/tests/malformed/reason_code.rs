//! Every byte as the reason code of every packet that has one.

use mqtt_codec::PacketType::*;
use mqtt_codec::ProtocolVersion::V5;
use mqtt_codec::*;

use crate::bytes::*;

/// A packet around a reason code.
type Carrier = fn(u8) -> Vec<u8>;

#[test]
fn every_reason_code_is_taken_only_where_the_specification_has_it() {
    let carriers: [(PacketType, Carrier); 9] = [
        (Connack, |code| framed(0x20, &[0, code, 0])),
        (Puback, |code| framed(0x40, &[0, 1, code])),
        (Pubrec, |code| framed(0x50, &[0, 1, code])),
        (Pubrel, |code| framed(0x62, &[0, 1, code])),
        (Pubcomp, |code| framed(0x70, &[0, 1, code])),
        (Suback, |code| framed(0x90, &[0, 1, 0, code])),
        (Unsuback, |code| framed(0xB0, &[0, 1, 0, code])),
        (Disconnect, |code| framed(0xE0, &[code])),
        (Auth, |code| framed(0xF0, &[&[code][..], b"\x04\x15\0\x01m"].concat())),
    ];
    // MQTT 5, table 2-6, and the tables of the packets.
    let defined: [(PacketType, &[u8]); 9] = [
        (
            Connack,
            &[
                0, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99,
                0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
            ],
        ),
        (Puback, &[0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]),
        (Pubrec, &[0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]),
        (Pubrel, &[0, 0x92]),
        (Pubcomp, &[0, 0x92]),
        (Suback, &[0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2]),
        (Unsuback, &[0, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91]),
        (
            Disconnect,
            &[
                0, 4, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97,
                0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
            ],
        ),
        (Auth, &[0, 0x18, 0x19]),
    ];
    for ((packet, carrier), (_, defined)) in carriers.into_iter().zip(defined) {
        for byte in 0..=0xFF {
            let result = decode(Client(V5), &carrier(byte));
            if defined.contains(&byte) {
                assert!(matches!(result, Ok(Some(_))), "{packet} {byte:#04x}: {result:?}");
            } else {
                assert_eq!(result, Err(code(packet, byte)), "{packet} {byte:#04x}");
            }
        }
    }
}
