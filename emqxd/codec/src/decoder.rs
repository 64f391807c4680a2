//! Takes whole packets off the front of received bytes.
//!
//! A connection owns one [`Decoder`] for each direction it reads. The caller gathers bytes until
//! [`Decoder::packet_len`] says that a packet is whole, then [`Decoder::decode`] reads it in one pass; the
//! packet's strings and payload are slices of the input. Type, flags and size are refused from the fixed
//! header alone, before the rest of the packet has been gathered (MQTT 5, 2.1).

use bytes::{Buf, Bytes};

use crate::reader::Reader;
use crate::{
    Ack, Auth, Connack, Connect, DecodeError, Disconnect, Packet, PacketType, ProtocolVersion, Publish, QoS, Suback,
    Subscribe, Unsuback, Unsubscribe, connect, variable_byte_integer,
};

/// What a decoder accepts beyond, or short of, the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Largest packet in bytes, fixed header included (EMQX's `mqtt.max_packet_size`).
    pub max_packet_size: u32,
    /// EMQX's `mqtt.strict_mode`. Without it, four things are let through that EMQX lets through and that
    /// harm nobody: wrong fixed header flags (but not QoS 3), DUP on QoS 0 (read as not set), variable byte
    /// integers longer than need be, and before MQTT 5 a password without a user name.
    pub strict: bool,
    /// Most user properties in one list, so that many small ones cannot cost many times their bytes.
    pub max_user_properties: usize,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self {
            max_packet_size: 1024 * 1024,
            strict: true,
            max_user_properties: 64,
        }
    }
}

/// Who sends the packets that a decoder reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A client: what only servers may send is refused.
    Client,
    /// A server, or not known.
    Any,
}

/// Decodes the packets that come in on one connection. It holds no bytes, only what it has learnt.
#[derive(Debug, Clone)]
pub struct Decoder {
    limits: DecodeLimits,
    version: Option<ProtocolVersion>,
    pub(crate) sender: Sender,
}

/// What the first two to five bytes of a packet say.
pub(crate) struct FixedHeader {
    pub(crate) packet_type: PacketType,
    pub(crate) flags: u8,
    pub(crate) len: usize,
    pub(crate) packet_len: usize,
}

impl Decoder {
    /// For a server: the version is learnt from CONNECT, and packets or fields that only a server sends are
    /// refused. Before CONNECT every other packet is an error.
    pub fn new(limits: DecodeLimits) -> Self {
        Self {
            limits,
            version: None,
            sender: Sender::Client,
        }
    }

    /// For a client, or a connection whose CONNECT was seen elsewhere. Packets of both sides are read. A
    /// server that hands a connection on should hand on its decoder, which goes on refusing what clients
    /// may not send.
    pub fn with_version(version: ProtocolVersion, limits: DecodeLimits) -> Self {
        Self {
            limits,
            version: Some(version),
            sender: Sender::Any,
        }
    }

    /// For a server that goes on with a connection that another process had: `version` is what CONNECT said, if it has
    /// come.
    pub fn going_on(version: Option<ProtocolVersion>, limits: DecodeLimits) -> Self {
        Self {
            limits,
            version,
            sender: Sender::Client,
        }
    }

    /// The version spoken, known as soon as the protocol level of CONNECT has been read, even when the rest
    /// of that CONNECT was refused.
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.version
    }

    /// What is accepted.
    pub fn limits(&self) -> DecodeLimits {
        self.limits
    }

    /// Changes the largest packet, in bytes with the fixed header: a zone may have its own.
    pub fn set_max_packet_size(&mut self, bytes: u32) {
        self.limits.max_packet_size = bytes;
    }

    /// The version that a CONNECT asks for of which only the front has been received: what a packet too
    /// large to be read is answered in. `None` if it is not a CONNECT, or that part is not there yet.
    pub fn peek_version(head: &[u8]) -> Option<ProtocolVersion> {
        let (&first, rest) = head.split_first()?;
        if first >> 4 != PacketType::Connect as u8 {
            return None;
        }
        let (_, len, _) = variable_byte_integer::decode(rest).ok()??;
        let body = rest.get(len..)?;
        let name_len = usize::from(u16::from_be_bytes(*body.first_chunk()?));
        let name = body.get(2..2 + name_len)?;
        let level = *body.get(2 + name_len)?;
        connect::protocol_version(name, level).ok().map(|(version, _)| version)
    }

    /// Length in bytes of the packet that starts at `head`, fixed header included; `Ok(None)` while `head`
    /// holds less than a fixed header.
    ///
    /// # Errors
    /// What [`Self::decode`] would refuse in the fixed header: type, flags, and size.
    #[inline]
    pub fn packet_len(&self, head: &[u8]) -> Result<Option<usize>, DecodeError> {
        Ok(self.fixed_header(head)?.map(|header| header.packet_len))
    }

    /// Takes the next whole packet off the front of `input`. `Ok(None)`: `input` holds less than one packet
    /// and is untouched.
    ///
    /// # Errors
    /// The first rule that the packet breaks; `input` still starts with that packet, for the log. The
    /// connection cannot go on: where the next packet starts is no longer certain.
    #[inline]
    pub fn decode(&mut self, input: &mut Bytes) -> Result<Option<Packet>, DecodeError> {
        let Some(header) = self.fixed_header(input)? else {
            return Ok(None);
        };
        if input.len() < header.packet_len {
            return Ok(None);
        }
        let packet = input.slice(..header.packet_len);
        let reader = Reader::new(packet, header.packet_type, header.len, self.limits);
        let packet = self.decode_body(&header, reader)?;
        input.advance(header.packet_len);
        Ok(Some(packet))
    }

    #[inline]
    pub(crate) fn fixed_header(&self, head: &[u8]) -> Result<Option<FixedHeader>, DecodeError> {
        let Some((&first, rest)) = head.split_first() else {
            return Ok(None);
        };
        let flags = first & 0x0F;
        let packet_type = self.packet_type(first >> 4, flags)?;
        let Some((remaining, len, is_minimal)) = variable_byte_integer::decode(rest)? else {
            return Ok(None);
        };
        if !is_minimal && self.limits.strict {
            return Err(DecodeError::VariableByteIntegerNotMinimal);
        }
        let len = 1 + len;
        let packet_len = len + remaining as usize;
        let limit = self.limits.max_packet_size as usize;
        if packet_len > limit {
            return Err(DecodeError::PacketTooLarge {
                size: packet_len,
                limit,
            });
        }
        Ok(Some(FixedHeader {
            packet_type,
            flags,
            len,
            packet_len,
        }))
    }

    /// Checks the first byte: that the type exists, its flags, and that the sender may send it now.
    #[inline]
    fn packet_type(&self, number: u8, flags: u8) -> Result<PacketType, DecodeError> {
        let packet_type = PacketType::from_u8(number).ok_or(DecodeError::ReservedPacketType(number))?;
        if packet_type == PacketType::Publish {
            self.check_publish_flags(flags)?;
        } else if flags != packet_type.fixed_flags() && !self.may_have_flags(packet_type, flags) {
            return Err(DecodeError::FixedHeaderFlags {
                packet: packet_type,
                flags,
            });
        }
        if packet_type == PacketType::Connect {
            return Ok(packet_type);
        }
        let version = self.version.ok_or(DecodeError::NotConnect(packet_type))?;
        if packet_type == PacketType::Auth && version < ProtocolVersion::V5 {
            return Err(DecodeError::ReservedPacketType(number));
        }
        if self.sender == Sender::Client && packet_type.is_from_server_only() {
            return Err(DecodeError::PacketFromClient(packet_type));
        }
        Ok(packet_type)
    }

    #[inline]
    fn check_publish_flags(&self, flags: u8) -> Result<(), DecodeError> {
        match QoS::from_u8((flags >> 1) & 0b11) {
            None => Err(DecodeError::PublishQos),
            Some(QoS::AtMostOnce) if flags & 0b1000 != 0 && self.limits.strict => Err(DecodeError::DupWithQos0),
            Some(_) => Ok(()),
        }
    }

    /// Flags other than the usual ones: anything when not strict; in MQTT 3.1 the DUP flag on what is sent
    /// with QoS 1 (3.1, 2.1).
    #[cold]
    fn may_have_flags(&self, packet_type: PacketType, flags: u8) -> bool {
        let usual = packet_type.fixed_flags();
        !self.limits.strict || (self.version == Some(ProtocolVersion::V31) && usual != 0 && flags == usual | 0b1000)
    }

    #[inline]
    fn decode_body(&mut self, header: &FixedHeader, reader: Reader) -> Result<Packet, DecodeError> {
        let packet_type = header.packet_type;
        if packet_type == PacketType::Connect {
            return self.decode_connect(reader);
        }
        let version = self.version.ok_or(DecodeError::NotConnect(packet_type))?;
        if packet_type == PacketType::Publish {
            return Publish::decode(reader, header.flags, version, self.sender).map(Packet::Publish);
        }
        self.decode_other(packet_type, reader, version)
    }

    // By value and not inlined, as `decode_connect`: a reader that is lent out has to live in memory, which
    // PUBLISH would pay for.
    #[inline(never)]
    fn decode_other(
        &self,
        packet_type: PacketType,
        mut reader: Reader,
        version: ProtocolVersion,
    ) -> Result<Packet, DecodeError> {
        self.read_other(packet_type, &mut reader, version)
    }

    #[inline(never)]
    fn decode_connect(&mut self, mut reader: Reader) -> Result<Packet, DecodeError> {
        let connect = self.read_connect(&mut reader)?;
        Ok(Packet::Connect(Box::new(connect)))
    }

    pub(crate) fn read_other(
        &self,
        packet_type: PacketType,
        from: &mut Reader,
        version: ProtocolVersion,
    ) -> Result<Packet, DecodeError> {
        let packet = match packet_type {
            // Decoded by the caller.
            PacketType::Connect | PacketType::Publish => {
                return Err(DecodeError::ReservedPacketType(packet_type as u8));
            }
            PacketType::Connack => Packet::Connack(Box::new(Connack::decode(from, version)?)),
            PacketType::Puback => Packet::Puback(Ack::decode(from, version)?),
            PacketType::Pubrec => Packet::Pubrec(Ack::decode(from, version)?),
            PacketType::Pubrel => Packet::Pubrel(Ack::decode(from, version)?),
            PacketType::Pubcomp => Packet::Pubcomp(Ack::decode(from, version)?),
            PacketType::Subscribe => Packet::Subscribe(Box::new(Subscribe::decode(from, version)?)),
            PacketType::Suback => Packet::Suback(Box::new(Suback::decode(from, version)?)),
            PacketType::Unsubscribe => Packet::Unsubscribe(Box::new(Unsubscribe::decode(from, version)?)),
            PacketType::Unsuback => Packet::Unsuback(Box::new(Unsuback::decode(from, version)?)),
            PacketType::Pingreq => Packet::Pingreq,
            PacketType::Pingresp => Packet::Pingresp,
            PacketType::Disconnect => Packet::Disconnect(Box::new(Disconnect::decode(from, version, self.sender)?)),
            PacketType::Auth => Packet::Auth(Box::new(Auth::decode(from, self.sender)?)),
        };
        from.finish()?;
        Ok(packet)
    }

    pub(crate) fn read_connect(&mut self, reader: &mut Reader) -> Result<Connect, DecodeError> {
        let (version, is_bridge) = connect::decode_protocol(reader)?;
        // A second CONNECT is a protocol error, answered in the version of the first.
        self.version.get_or_insert(version);
        let connect = Connect::decode(reader, version, is_bridge)?;
        reader.finish()?;
        Ok(connect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECT: &[u8] = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab";

    #[test]
    fn the_version_is_known_even_when_the_rest_of_connect_is_refused() {
        let mut decoder = Decoder::new(DecodeLimits::default());
        let mut input = Bytes::from_static(b"\x10\x0d\x00\x04MQTT\x05\x03\x00\x3c\x00\x00\x00");
        assert_eq!(decoder.decode(&mut input), Err(DecodeError::ReservedConnectFlag));
        assert_eq!(decoder.version(), Some(ProtocolVersion::V5));
    }

    #[test]
    fn a_packet_that_breaks_a_rule_stays_at_the_front_of_the_input() {
        let mut decoder = Decoder::with_version(ProtocolVersion::V311, DecodeLimits::default());
        let mut input = Bytes::from_static(b"\xc0\x00\x82\x06\x00\x01\x00\x01a\x03\xc0\x00");
        assert!(matches!(decoder.decode(&mut input), Ok(Some(Packet::Pingreq))));
        assert!(decoder.decode(&mut input).is_err(), "it asks for QoS 3");
        assert_eq!(input, &b"\x82\x06\x00\x01\x00\x01a\x03\xc0\x00"[..]);
    }

    #[test]
    fn a_second_connect_does_not_change_the_version() {
        let mut decoder = Decoder::new(DecodeLimits::default());
        let mut input = Bytes::from_static(CONNECT);
        assert!(matches!(decoder.decode(&mut input), Ok(Some(Packet::Connect(_)))));
        let mut input = Bytes::from_static(b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x00");
        assert!(matches!(decoder.decode(&mut input), Ok(Some(Packet::Connect(_)))));
        assert_eq!(decoder.version(), Some(ProtocolVersion::V311));
    }

    #[test]
    fn a_packet_too_large_is_refused_from_its_fixed_header() {
        let decoder = Decoder::new(DecodeLimits {
            max_packet_size: 100,
            ..DecodeLimits::default()
        });
        assert_eq!(decoder.packet_len(&[0x10, 98]), Ok(Some(100)));
        let too_large = Err(DecodeError::PacketTooLarge { size: 101, limit: 100 });
        assert_eq!(decoder.packet_len(&[0x10, 99]), too_large);
    }

    #[test]
    fn the_version_of_a_connect_too_large_to_read_can_be_peeked() {
        assert_eq!(Decoder::peek_version(&CONNECT[..9]), Some(ProtocolVersion::V311));
        for cut in 0..9 {
            assert_eq!(Decoder::peek_version(&CONNECT[..cut]), None);
        }
        assert_eq!(Decoder::peek_version(b"\x30\x0e\x00\x04MQTT\x04"), None);
        assert_eq!(Decoder::peek_version(b"\x10\x0e\x00\x04MQTT\x06"), None);
    }

    #[test]
    fn a_decoder_is_small_because_every_connection_has_one() {
        assert!(size_of::<Decoder>() <= 24);
    }
}
