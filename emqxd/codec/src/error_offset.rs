//! Where in a packet the byte stands that breaks a rule, for those who show the packet to an operator.
//!
//! [`Decoder::decode`] does not keep track of it: that would cost every good packet something. So
//! [`Decoder::error_offset`] reads a refused packet once more and looks how far that came.

use bytes::Bytes;

use crate::reader::Reader;
use crate::{DecodeError, Decoder, PacketType, PropertyId, Publish};

impl Decoder {
    /// The first byte at fault of the packet at the front of `head`, which this decoder refused with `error`;
    /// counted from the first byte of the packet.
    ///
    /// `None` if `head` does not hold the packet, or reading it again finds nothing wrong.
    #[cold]
    pub fn error_offset(&self, head: &Bytes, error: &DecodeError) -> Option<usize> {
        let header = match self.fixed_header(head) {
            Ok(header) => header?,
            Err(found) => return (found == *error).then(|| in_fixed_header(&found)),
        };
        let packet = head.get(..header.packet_len).map(|packet| head.slice_ref(packet))?;
        let mut reader = Reader::new(packet, header.packet_type, header.len, self.limits());
        let found = self.read_again(&header, &mut reader).err()?;
        let at = in_body(&found, header.len, reader.position(), head);
        (found == *error).then_some(at)
    }

    fn read_again(&self, header: &crate::decoder::FixedHeader, reader: &mut Reader) -> Result<(), DecodeError> {
        // The version may have been learnt from this very packet: CONNECT teaches a copy.
        let mut decoder = self.clone();
        match header.packet_type {
            PacketType::Connect => decoder.read_connect(reader).map(drop),
            packet_type => {
                let version = decoder.version().ok_or(DecodeError::NotConnect(packet_type))?;
                if packet_type == PacketType::Publish {
                    return Publish::find_error(reader, header.flags, version, decoder.sender);
                }
                decoder.read_other(packet_type, reader, version).map(drop)
            }
        }
    }
}

/// Errors in type, flags and length.
fn in_fixed_header(error: &DecodeError) -> usize {
    match error {
        // The fourth byte of the length still says that there is more.
        DecodeError::VariableByteIntegerTooLong => 4,
        DecodeError::VariableByteIntegerNotMinimal | DecodeError::PacketTooLarge { .. } => 1,
        _ => 0,
    }
}

/// Errors behind the fixed header, which is `body` bytes long; the reader stood at `at`, most often behind the field.
fn in_body(error: &DecodeError, body: usize, at: usize, packet: &[u8]) -> usize {
    let last = at.saturating_sub(1);
    match error {
        // The field that does not fit, the first byte too many, or the very byte of a string.
        DecodeError::Truncated(_)
        | DecodeError::PropertyTruncated(_)
        | DecodeError::TrailingBytes { .. }
        | DecodeError::InvalidUtf8
        | DecodeError::NulInString
        | DecodeError::NoReasonCodes(_)
        | DecodeError::NoTopicFilters(_)
        | DecodeError::VariableByteIntegerTooLong
        | DecodeError::VariableByteIntegerNotMinimal => at,
        DecodeError::InvalidProtocolName => body + 2,
        DecodeError::EmptyTopic => body,
        DecodeError::WildcardInTopic => {
            let topic = packet.get(body + 2..at).unwrap_or_default();
            body + 2 + memchr::memchr2(b'+', b'#', topic).unwrap_or(0)
        }
        DecodeError::PacketIdZero(_) | DecodeError::TopicAliasZero => at.saturating_sub(2),
        DecodeError::InvalidPropertyValue { property, .. } => match property {
            PropertyId::ReceiveMaximum | PropertyId::TopicAlias => at.saturating_sub(2),
            PropertyId::MaximumPacketSize => at.saturating_sub(4),
            _ => last,
        },
        _ => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DecodeLimits, ProtocolVersion};

    fn offset(mut decoder: Decoder, bytes: &'static [u8]) -> (String, Option<usize>) {
        let mut input = Bytes::from_static(bytes);
        let error = decoder.decode(&mut input).expect_err("it breaks a rule");
        (error.to_string(), decoder.error_offset(&input, &error))
    }

    fn connected(version: ProtocolVersion) -> Decoder {
        let mut decoder = Decoder::new(DecodeLimits::default());
        let mut connect = Bytes::from_static(match version {
            ProtocolVersion::V5 => b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x01a",
            _ => b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a",
        });
        assert!(decoder.decode(&mut connect).expect("a good CONNECT").is_some());
        decoder
    }

    #[test]
    fn the_byte_at_fault_is_found_in_every_part_of_a_packet() {
        let fresh = || Decoder::new(DecodeLimits::default());
        let v311 = || connected(ProtocolVersion::V311);
        let v5 = || connected(ProtocolVersion::V5);
        let cases: [(Decoder, &'static [u8], usize); 14] = [
            (fresh(), b"GET / HTTP/1.1\r\n", 0),
            (fresh(), b"\x10\x0d\x00\x04MQTX\x04\x02\x00\x3c\x00\x01a", 4),
            (fresh(), b"\x10\x0d\x00\x04MQTT\x09\x02\x00\x3c\x00\x01a", 8),
            (fresh(), b"\x10\x0d\x00\x04MQTT\x04\x03\x00\x3c\x00\x01a", 9),
            (fresh(), b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x09a", 12),
            (v311(), b"\x36\x03\x00\x01a", 0),
            (v311(), b"\x30\xff\xff\xff\xff\x01", 4),
            (v311(), b"\x30\x05\x00\x03a/#", 6),
            (v311(), b"\x30\x05\x00\x03a\xff\xffb", 5),
            (v311(), b"\x30\x05\x00\x03ab\x00", 6),
            (v311(), b"\x32\x05\x00\x01a\x00\x00", 5),
            (v311(), b"\x82\x06\x00\x01\x00\x01a\x03", 7),
            (v5(), b"\x30\x07\x00\x01a\x03\x23\x00\x00", 7),
            (v5(), b"\x30\x07\x00\x01a\x03\x7f\x00\x00", 6),
        ];
        for (decoder, bytes, expected) in cases {
            let (error, found) = offset(decoder, bytes);
            assert_eq!(found, Some(expected), "{error}: {bytes:?}");
        }
    }

    #[test]
    fn a_packet_that_is_not_whole_has_no_byte_at_fault() {
        let decoder = Decoder::new(DecodeLimits::default());
        let head = Bytes::from_static(b"\x10\x0d\x00\x04MQTX");
        assert_eq!(decoder.error_offset(&head, &DecodeError::InvalidProtocolName), None);
        assert_eq!(decoder.error_offset(&Bytes::new(), &DecodeError::PublishQos), None);
    }
}
