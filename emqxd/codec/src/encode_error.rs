//! Why a packet of ours cannot be put on the wire.

use crate::{PacketType, ProtocolVersion};

/// What makes a packet impossible to encode.
///
/// These are mistakes of the caller that would give bytes no peer can read. Whether a topic, filter or
/// reason code makes sense in the packet is not checked.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// A string or binary field of more than 65,535 bytes (1.5.4).
    #[error("a field of {len} bytes; at most 65535 can be sent")]
    FieldTooLong {
        /// Bytes.
        len: usize,
    },
    /// More than 268,435,455 bytes after the fixed header (1.5.5).
    #[error("{len} bytes after the fixed header; at most 268435455 can be sent")]
    PacketTooLarge {
        /// Bytes.
        len: usize,
    },
    /// PUBLISH above QoS 0 without a packet identifier (2.2.1).
    #[error("PUBLISH above QoS 0 without a packet identifier")]
    MissingPacketId,
    /// A subscription identifier of 0 or above 268,435,455 (3.8.2.1.2).
    #[error("the subscription identifier {0}")]
    InvalidSubscriptionIdentifier(u32),
    /// A packet that this version does not have: AUTH before MQTT 5.
    #[error("{packet} does not exist in MQTT {}", .version.number())]
    NotInVersion {
        /// The packet.
        packet: PacketType,
        /// The version asked for.
        version: ProtocolVersion,
    },
}
