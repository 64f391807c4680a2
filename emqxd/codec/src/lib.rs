//! MQTT 3.1, 3.1.1 and 5.0 packets: bytes to [`Packet`] and back.
//!
//! [`Decoder`] takes whole packets off the front of received bytes, [`Packet::encode`] appends one to a
//! buffer. Strings and payloads are slices of the received bytes, nothing is copied. The crate knows
//! no socket, no clock and no broker: whether a packet is allowed in a state is the caller's matter;
//! whether its bytes are what the specification allows is decided here.
#![deny(missing_docs)]

mod ack;
mod auth;
mod connack;
mod connect;
mod decode_error;
mod decoder;
mod disconnect;
mod encode_error;
mod encoder;
mod error_offset;
mod output;
mod packet;
mod packet_id;
mod properties;
mod protocol_version;
mod publish;
mod publish_frame;
mod qos;
mod reader;
mod reason_code;
mod suback;
mod subscribe;
mod unsuback;
mod unsubscribe;
mod variable_byte_integer;

pub use ack::{Ack, AckProperties};
pub use auth::{Auth, AuthProperties};
pub use connack::{Connack, ConnackProperties};
pub use connect::{Connect, ConnectProperties, Will, WillProperties};
pub use decode_error::DecodeError;
pub use decoder::{DecodeLimits, Decoder};
pub use disconnect::{Disconnect, DisconnectProperties};
pub use encode_error::EncodeError;
pub use packet::{Packet, PacketType};
pub use packet_id::PacketId;
pub use properties::{PropertyId, UserProperty};
pub use protocol_version::ProtocolVersion;
pub use publish::{Publish, PublishProperties};
pub use publish_frame::PublishFrame;
pub use qos::QoS;
pub use reason_code::ReasonCode;
pub use suback::{Suback, SubackProperties};
pub use subscribe::{RetainHandling, Subscribe, SubscribeFilter, SubscribeProperties};
pub use unsuback::Unsuback;
pub use unsubscribe::Unsubscribe;
