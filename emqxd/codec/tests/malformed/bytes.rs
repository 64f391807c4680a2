//! Builds the bytes of damaged packets, and decodes them as a server or a client would.

use ::bytes::Bytes;
use mqtt_codec::DecodeError::*;
use mqtt_codec::ProtocolVersion::V5;
use mqtt_codec::*;

/// Who reads the bytes.
#[derive(Clone, Copy)]
pub(crate) enum By {
    /// A server before CONNECT.
    New,
    /// A server after a CONNECT of this version.
    Server(ProtocolVersion),
    /// A client of this version.
    Client(ProtocolVersion),
}
pub(crate) use By::{Client, New, Server};

pub(crate) type Row = (&'static str, By, Vec<u8>, DecodeError);

/// A packet of `first` byte and body, with its length.
pub(crate) fn framed(first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    let mut rest = body.len();
    loop {
        let more = if rest > 0x7F { 0x80 } else { 0 };
        bytes.push((rest & 0x7F) as u8 | more);
        rest >>= 7;
        if more == 0 {
            break;
        }
    }
    bytes.extend_from_slice(body);
    bytes
}

/// A CONNECT of `version` with these flags, and `rest` after keep alive.
pub(crate) fn connect(version: ProtocolVersion, flags: u8, rest: &[u8]) -> Vec<u8> {
    let mut body = vec![0, version.name().len() as u8];
    body.extend_from_slice(version.name().as_bytes());
    body.extend_from_slice(&[version as u8, flags, 0, 60]);
    body.extend_from_slice(rest);
    framed(0x10, &body)
}

/// A CONNECT of MQTT 5 with these properties.
pub(crate) fn connect_with(properties: &[u8]) -> Vec<u8> {
    connect(V5, 0x02, &[&[properties.len() as u8], properties, b"\0\x01c"].concat())
}

/// A CONNECT of MQTT 5 with these will properties.
pub(crate) fn will_with(properties: &[u8]) -> Vec<u8> {
    connect(
        V5,
        0x06,
        &[
            &b"\0\0\x01c"[..],
            &[properties.len() as u8],
            properties,
            b"\0\x01t\0\x01p",
        ]
        .concat(),
    )
}

/// A CONNACK of MQTT 5 with these properties.
pub(crate) fn connack_with(properties: &[u8]) -> Vec<u8> {
    framed(0x20, &[&[0, 0, properties.len() as u8], properties].concat())
}

/// A PUBLISH of MQTT 5, QoS 0, to topic `t`, with these properties.
pub(crate) fn publish_with(properties: &[u8]) -> Vec<u8> {
    framed(
        0x30,
        &[&b"\0\x01t"[..], &[properties.len() as u8], properties, b"payload"].concat(),
    )
}

/// A packet of MQTT 5 that begins with a packet identifier, then has properties, then `rest`.
pub(crate) fn with_id(first: u8, properties: &[u8], rest: &[u8]) -> Vec<u8> {
    framed(first, &[&[0, 1, properties.len() as u8], properties, rest].concat())
}

/// An acknowledgement or the like of MQTT 5 whose reason code is 0: `head`, 0, properties.
pub(crate) fn reason_with(first: u8, head: &[u8], properties: &[u8]) -> Vec<u8> {
    framed(first, &[head, &[0, properties.len() as u8], properties].concat())
}

pub(crate) fn invalid(property: PropertyId, value: u32) -> DecodeError {
    InvalidPropertyValue { property, value }
}

pub(crate) fn code(packet: PacketType, code: u8) -> DecodeError {
    InvalidReasonCode { packet, code }
}

pub(crate) fn decoder(by: By) -> Decoder {
    let version = match by {
        New => return Decoder::new(DecodeLimits::default()),
        Client(version) => return Decoder::with_version(version, DecodeLimits::default()),
        Server(version) => version,
    };
    let mut decoder = Decoder::new(DecodeLimits::default());
    let rest: &[u8] = if version == V5 { b"\0\0\x01c" } else { b"\0\x01c" };
    let mut input = Bytes::from(connect(version, 0x02, rest));
    assert!(matches!(decoder.decode(&mut input), Ok(Some(Packet::Connect(_)))));
    decoder
}

pub(crate) fn decode(by: By, bytes: &[u8]) -> Result<Option<Packet>, DecodeError> {
    decoder(by).decode(&mut Bytes::copy_from_slice(bytes))
}
