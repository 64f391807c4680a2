//! What bytes that are no MQTT packet probably are, in a few words for an operator.
//!
//! By their first bytes for other protocols, by the error for what goes wrong in MQTT itself. `None` where nothing
//! better is known than the error says.

use mqtt_codec::{DecodeError, PacketType, ProtocolVersion};

const HTTP_METHODS: [&[u8]; 9] = [
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"CONNECT ",
    b"PATCH ",
    b"PRI * HTTP/2",
];

/// The signature of a PROXY protocol header in its second version.
const PROXY_V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// Other protocols by their first bytes.
const STRANGERS: [(&[u8], &str); 12] = [
    (b"PROXY ", PROXY),
    (PROXY_V2, PROXY),
    (b"\x16\x03", "TLS on a plain port: the client wants an ssl listener"),
    (b"\x80\x2e\x01", "an SSL 2 hello, from a scanner or a very old client"),
    (b"SSH-", "SSH"),
    (b"AMQP", "AMQP: the client wants another broker, or another port"),
    (b"\x03\x00\x00", "Remote Desktop, most likely from a scanner"),
    (b"\xffSMB", "SMB, most likely from a scanner"),
    (b"\xfeSMB", "SMB, most likely from a scanner"),
    (b"*1\r\n$", "Redis"),
    (b"EHLO ", "SMTP"),
    (b"CONNECTED\n", "STOMP"),
];

const PROXY: &str = "PROXY protocol header but proxy_protocol is off: turn it off in the load balancer";

/// Whether the bytes begin an HTTP request.
pub(super) fn is_http(bytes: &[u8]) -> bool {
    HTTP_METHODS.iter().any(|method| bytes.starts_with(method))
}

pub(super) fn guess(
    bytes: &[u8],
    error: &DecodeError,
    version: Option<ProtocolVersion>,
    parsed_packets: u64,
) -> Option<String> {
    if parsed_packets == 0
        && let Some(stranger) = stranger(bytes)
    {
        return Some(stranger.to_owned());
    }
    let text = match error {
        DecodeError::PacketTooLarge { size, limit } if *limit < *size => {
            return Some(format!(
                "the length of a packet of {}: larger than mqtt.max_packet_size allows, or the stream is out of step",
                size_text(*size)
            ));
        }
        DecodeError::UnsupportedProtocolVersion { name: "MQIsdp", .. } => {
            "the name of MQTT 3.1 with the level of another version"
        }
        DecodeError::UnsupportedProtocolVersion { .. } => "a client of an MQTT version that does not exist here",
        DecodeError::NotConnect(PacketType::Pingreq | PacketType::Publish | PacketType::Subscribe) => {
            "a client that goes on after it was disconnected, without a new CONNECT"
        }
        DecodeError::PropertyLengthOverrun(_)
        | DecodeError::PropertyTruncated(_)
        | DecodeError::UnknownProperty(_)
        | DecodeError::PropertyNotAllowed { .. }
            if version == Some(ProtocolVersion::V5) =>
        {
            "a client that says MQTT 5 and writes packets of MQTT 3.1.1, without a property length"
        }
        DecodeError::ReservedPacketType(_)
        | DecodeError::FixedHeaderFlags { .. }
        | DecodeError::VariableByteIntegerTooLong
            if parsed_packets > 0 =>
        {
            "the stream is out of step: bytes lost, or two threads of the client write at the same time"
        }
        DecodeError::InvalidUtf8 => "text in another encoding, or binary data where text belongs",
        DecodeError::WildcardInTopic => "a topic filter in place of a topic",
        DecodeError::TrailingBytes {
            packet: PacketType::Connect,
            ..
        } => "a CONNECT with a user name or password that its flags do not announce",
        _ if parsed_packets == 0 && is_text(bytes) => "text, not MQTT",
        _ => return None,
    };
    Some(text.to_owned())
}

fn stranger(bytes: &[u8]) -> Option<&'static str> {
    if is_http(bytes) {
        return Some("HTTP: this port speaks MQTT; a browser wants a ws listener, an API client the API");
    }
    let known = STRANGERS.iter().find(|(start, _)| bytes.starts_with(start));
    if let Some((_, name)) = known {
        return Some(name);
    }
    let is_empty_probe = bytes.len() >= 4 && bytes.iter().all(|byte| *byte == 0);
    is_empty_probe.then_some("zeros, most likely from a scanner")
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.len() >= 4
        && bytes
            .iter()
            .all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t'))
}

fn size_text(bytes: usize) -> String {
    match bytes {
        mib if mib >= 1 << 20 => format!("{} MB", mib >> 20),
        kib if kib >= 1 << 10 => format!("{} KB", kib >> 10),
        bytes => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_protocols_are_told_by_their_first_bytes() {
        let reserved = DecodeError::ReservedPacketType(0);
        for (bytes, words) in [
            (&b"GET / HTTP/1.1\r\n"[..], "HTTP"),
            (b"\x16\x03\x01\x02\x00\x01", "TLS on a plain port"),
            (b"PROXY TCP4 10.0.0.1 10.0.0.2 5 1883\r\n", "PROXY protocol header"),
            (b"\r\n\r\n\0\r\nQUIT\n\x21\x11", "PROXY protocol header"),
            (b"SSH-2.0-Go", "SSH"),
            (b"\0\0\0\0\0\0\0\0", "zeros"),
            (b"hello world\r\n", "text, not MQTT"),
        ] {
            let guess = guess(bytes, &reserved, None, 0).unwrap();
            assert!(guess.starts_with(words), "{guess}");
        }
        assert_eq!(guess(b"\xf1\x02\x03", &reserved, None, 0), None);
    }

    #[test]
    fn what_goes_wrong_in_mqtt_is_told_by_the_error() {
        let too_large = DecodeError::PacketTooLarge {
            size: 32 << 20,
            limit: 1 << 20,
        };
        assert!(
            guess(b"\x30\x80", &too_large, None, 3)
                .unwrap()
                .contains("a packet of 32 MB")
        );
        let property = DecodeError::UnknownProperty(97);
        let v5 = Some(ProtocolVersion::V5);
        assert!(guess(b"\x82", &property, v5, 1).unwrap().contains("MQTT 3.1.1"));
        let reserved = DecodeError::ReservedPacketType(0);
        assert!(guess(b"GET ", &reserved, v5, 9).unwrap().contains("out of step"));
    }
}
