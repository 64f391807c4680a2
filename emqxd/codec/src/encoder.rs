//! Packets to bytes: the fixed header, and which encoder writes the rest.
//!
//! Each packet's own file writes what follows its fixed header. What a version does not know is left out
//! (properties and reason codes before MQTT 5), and what MQTT 5 lets one leave out is left out too.

use bytes::BytesMut;

use crate::output::{ByteCount, Output};
use crate::{EncodeError, Packet, PacketType, ProtocolVersion, variable_byte_integer};

impl Packet {
    /// Appends the packet to `out`, in `version`. A CONNECT is written in the version that it names itself.
    ///
    /// # Errors
    /// [`EncodeError`]; nothing has been appended then.
    pub fn encode(&self, version: ProtocolVersion, out: &mut BytesMut) -> Result<(), EncodeError> {
        if let Self::Publish(publish) = self {
            publish.as_frame().encode_head(version, out)?;
            out.extend_from_slice(&publish.payload);
            return Ok(());
        }
        let mut body = ByteCount::default();
        self.encode_body(version, &mut body);
        if let Some(error) = body.error {
            return Err(error);
        }
        let packet_type = self.packet_type();
        // Five bytes at most for the fixed header.
        out.reserve(5 + body.len.min(variable_byte_integer::MAX));
        put_fixed_header(packet_type, packet_type.fixed_flags(), body.len, out)?;
        self.encode_body(version, out);
        Ok(())
    }

    /// How many bytes [`Self::encode`] appends.
    pub fn encoded_len(&self, version: ProtocolVersion) -> usize {
        let body_len = match self {
            Self::Publish(publish) => publish.as_frame().body_len(version),
            _ => {
                let mut body = ByteCount::default();
                self.encode_body(version, &mut body);
                body.len
            }
        };
        1 + variable_byte_integer::len(body_len) + body_len
    }

    /// Writes what follows the fixed header. [`PublishFrame`](crate::PublishFrame) does that for PUBLISH.
    fn encode_body<O: Output>(&self, version: ProtocolVersion, out: &mut O) {
        match self {
            Self::Connect(connect) => connect.encode(out),
            Self::Connack(connack) => connack.encode(version, out),
            Self::Puback(ack) | Self::Pubrec(ack) | Self::Pubrel(ack) | Self::Pubcomp(ack) => {
                ack.encode(version, out);
            }
            Self::Subscribe(subscribe) => subscribe.encode(version, out),
            Self::Suback(suback) => suback.encode(version, out),
            Self::Unsubscribe(unsubscribe) => unsubscribe.encode(version, out),
            Self::Unsuback(unsuback) => unsuback.encode(version, out),
            Self::Disconnect(disconnect) => disconnect.encode(version, out),
            Self::Auth(auth) if version >= ProtocolVersion::V5 => auth.encode(out),
            Self::Auth(_) => out.fail(EncodeError::NotInVersion {
                packet: PacketType::Auth,
                version,
            }),
            Self::Publish(_) | Self::Pingreq | Self::Pingresp => {}
        }
    }
}

/// Writes the fixed header of a packet with `remaining` bytes after it.
#[inline]
pub(crate) fn put_fixed_header(
    packet_type: PacketType,
    flags: u8,
    remaining: usize,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    if remaining > variable_byte_integer::MAX {
        return Err(EncodeError::PacketTooLarge { len: remaining });
    }
    out.put_u8((packet_type as u8) << 4 | flags);
    let (bytes, len) = variable_byte_integer::encode(remaining);
    out.put_bytes(bytes.get(..len).unwrap_or(&bytes));
    Ok(())
}
