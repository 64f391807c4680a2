//! Why received bytes are not MQTT: one variant for each rule.
//!
//! Every [`DecodeError`] ends the connection it came from (MQTT 5, 4.13). It knows the reason code for
//! the CONNACK or DISCONNECT that says so, and EMQX's word for it, under which the connection is counted.
//! Where the specification leaves "malformed" or "protocol error" open, the code is the one EMQX sends.

use crate::{PacketType, PropertyId, ProtocolVersion, ReasonCode};

/// A rule of the specification that the peer broke.
///
/// Section numbers are those of MQTT 5 unless another version is named.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    // The fixed header.
    /// Packet type 0, or 15 before MQTT 5 (2.1.2).
    #[error("packet type {0} is reserved")]
    ReservedPacketType(u8),
    /// The four flag bits are not those of the packet type (2.1.3).
    #[error("{packet} with flags {flags:#06b} in its fixed header")]
    FixedHeaderFlags {
        /// The packet.
        packet: PacketType,
        /// The low half of the first byte.
        flags: u8,
    },
    /// PUBLISH with both QoS bits set (3.3.1.2).
    #[error("PUBLISH with QoS 3")]
    PublishQos,
    /// PUBLISH with QoS 0 and DUP (3.3.1.1).
    #[error("PUBLISH with QoS 0 and the DUP flag")]
    DupWithQos0,
    /// A variable byte integer of more than four bytes (1.5.5).
    #[error("a variable byte integer is longer than four bytes")]
    VariableByteIntegerTooLong,
    /// A variable byte integer that is not the shortest for its value (1.5.5).
    #[error("a variable byte integer is not in its shortest form")]
    VariableByteIntegerNotMinimal,
    /// The whole packet would exceed the limit (3.2.2.3.6).
    #[error("a packet of {size} bytes; the limit is {limit}")]
    PacketTooLarge {
        /// Bytes, fixed header included.
        size: usize,
        /// [`DecodeLimits::max_packet_size`](crate::DecodeLimits::max_packet_size).
        limit: usize,
    },
    /// The first packet of a client is not CONNECT (3.1).
    #[error("{0} before CONNECT")]
    NotConnect(PacketType),
    /// A packet that only a server sends came from a client (2.1.2).
    #[error("{0} from a client")]
    PacketFromClient(PacketType),

    // Fields of any packet.
    /// A field reaches beyond the end of its packet (2.1.4).
    #[error("{0} ends in the middle of a field")]
    Truncated(PacketType),
    /// Bytes are left after the last field (2.1.4).
    #[error("{packet} with {count} bytes after its last field")]
    TrailingBytes {
        /// The packet.
        packet: PacketType,
        /// How many.
        count: usize,
    },
    /// A string is not UTF-8; encoded surrogates are not either (1.5.4).
    #[error("a string is not valid UTF-8")]
    InvalidUtf8,
    /// A string holds U+0000 (1.5.4).
    #[error("a string holds U+0000")]
    NulInString,
    /// Packet identifier 0 (2.2.1).
    #[error("{0} with packet identifier 0")]
    PacketIdZero(PacketType),
    /// A reason code or return code that this packet, version or sender does not have (2.4).
    #[error("{packet} with reason code {code:#04x}")]
    InvalidReasonCode {
        /// The packet.
        packet: PacketType,
        /// The byte.
        code: u8,
    },
    /// SUBACK or UNSUBACK without a reason code (3.9.3, 3.11.3).
    #[error("{0} without a reason code")]
    NoReasonCodes(PacketType),

    // Properties.
    /// The property length reaches beyond the end of the packet (2.2.2.1).
    #[error("the property length of {0} reaches beyond its end")]
    PropertyLengthOverrun(PacketType),
    /// A property reaches beyond the property length (2.2.2.1).
    #[error("a property of {0} reaches beyond the property length")]
    PropertyTruncated(PacketType),
    /// An identifier that no property has (2.2.2.2).
    #[error("no property has the identifier {0:#04x}")]
    UnknownProperty(u32),
    /// A property that this packet does not have (2.2.2.2).
    #[error("{packet} with the property {property}")]
    PropertyNotAllowed {
        /// The packet.
        packet: PacketType,
        /// The property.
        property: PropertyId,
    },
    /// A property that may appear once appears again (2.2.2.2).
    #[error("the property {0} appears twice")]
    DuplicateProperty(PropertyId),
    /// A value that the property cannot have: 0 for a maximum, 2 for a flag and the like (2.2.2.2).
    #[error("the property {property} cannot be {value}")]
    InvalidPropertyValue {
        /// The property.
        property: PropertyId,
        /// The number received.
        value: u32,
    },
    /// More user properties than the configured maximum; not a rule of the specification.
    #[error("more than {limit} user properties")]
    TooManyUserProperties {
        /// [`DecodeLimits::max_user_properties`](crate::DecodeLimits::max_user_properties).
        limit: usize,
    },
    /// Authentication data without an authentication method (3.1.2.11.10).
    #[error("authentication data without an authentication method")]
    AuthenticationDataWithoutMethod,
    /// AUTH without an authentication method (3.15.2.2.2).
    #[error("AUTH without an authentication method")]
    MissingAuthenticationMethod,
    /// Topic alias 0 (3.3.2.3.4).
    #[error("topic alias 0")]
    TopicAliasZero,
    /// A response topic that is empty or holds a wildcard (3.3.2.3.5).
    #[error("the response topic is empty or holds a wildcard")]
    InvalidResponseTopic,
    /// A client sent a subscription identifier in PUBLISH (3.3.4).
    #[error("PUBLISH with a subscription identifier from a client")]
    SubscriptionIdFromClient,

    // CONNECT and CONNACK.
    /// A protocol name other than `MQTT` and `MQIsdp` (3.1.2.1).
    #[error("the protocol name is neither MQTT nor MQIsdp")]
    InvalidProtocolName,
    /// A protocol level that does not exist, or not under this protocol name (3.1.2.2).
    #[error("protocol level {level} of {name}")]
    UnsupportedProtocolVersion {
        /// `MQTT` or `MQIsdp`.
        name: &'static str,
        /// The level as received.
        level: u8,
    },
    /// The reserved connect flag is set (3.1.2.3).
    #[error("the reserved connect flag is set")]
    ReservedConnectFlag,
    /// Will QoS 3, or a will QoS without a will (3.1.2.6).
    #[error("will QoS {qos}, will flag {will}")]
    InvalidWillQos {
        /// The two bits.
        qos: u8,
        /// The will flag.
        will: bool,
    },
    /// Will retain without a will (3.1.2.7).
    #[error("will retain without a will")]
    WillRetainWithoutWill,
    /// A will topic that is empty or holds a wildcard (3.1.3.3).
    #[error("the will topic is empty or holds a wildcard")]
    InvalidWillTopic,
    /// A password without a user name before MQTT 5 (3.1.1, 3.1.2.9).
    #[error("a password without a user name")]
    PasswordWithoutUsername,
    /// Reserved bits of the connect acknowledge flags (3.2.2.1).
    #[error("the connect acknowledge flags are {0:#04x}")]
    ConnackFlags(u8),
    /// Session present together with a refusal (3.2.2.1.1).
    #[error("session present in a CONNACK that refuses")]
    SessionPresentInRefusal,

    // PUBLISH, SUBSCRIBE, UNSUBSCRIBE.
    /// A topic name with `+` or `#` (3.3.2.1).
    #[error("the topic name holds a wildcard")]
    WildcardInTopic,
    /// An empty topic name, in MQTT 5 without a topic alias (3.3.2.1, 4.7.3).
    #[error("the topic name is empty")]
    EmptyTopic,
    /// SUBSCRIBE or UNSUBSCRIBE without a topic filter (3.8.3, 3.10.3).
    #[error("{0} without a topic filter")]
    NoTopicFilters(PacketType),
    /// A topic filter of no characters (4.7.3).
    #[error("{0} with an empty topic filter")]
    EmptyTopicFilter(PacketType),
    /// A subscription that asks for QoS 3 (3.8.3.1).
    #[error("a subscription asks for QoS 3")]
    SubscriptionQos,
    /// Reserved bits of the subscription options (3.8.3.1).
    #[error("the subscription options are {0:#04x}")]
    ReservedSubscriptionOptions(u8),
    /// Retain handling 3 (3.8.3.1).
    #[error("retain handling 3")]
    RetainHandling,
    /// No Local on a shared subscription (3.8.3.1).
    #[error("No Local on a shared subscription")]
    NoLocalOnShared,
}

impl DecodeError {
    /// The reason code for the CONNACK or DISCONNECT that ends the connection.
    ///
    /// MQTT 3.1 and 3.1.1 have no such packet: there the connection is closed without a word, but for
    /// [`Self::UnsupportedProtocolVersion`], which has a return code in CONNACK.
    pub fn reason_code(&self) -> ReasonCode {
        match self {
            Self::PacketTooLarge { .. } => ReasonCode::PacketTooLarge,
            Self::InvalidProtocolName | Self::UnsupportedProtocolVersion { .. } => {
                ReasonCode::UnsupportedProtocolVersion
            }
            Self::TooManyUserProperties { .. } => ReasonCode::QuotaExceeded,
            Self::TopicAliasZero => ReasonCode::TopicAliasInvalid,
            Self::WildcardInTopic | Self::InvalidWillTopic => ReasonCode::TopicNameInvalid,
            Self::EmptyTopicFilter(_) => ReasonCode::TopicFilterInvalid,
            Self::NotConnect(_)
            | Self::PacketFromClient(_)
            | Self::NoReasonCodes(_)
            | Self::DuplicateProperty(_)
            | Self::InvalidPropertyValue { .. }
            | Self::AuthenticationDataWithoutMethod
            | Self::MissingAuthenticationMethod
            | Self::InvalidResponseTopic
            | Self::SubscriptionIdFromClient
            | Self::SessionPresentInRefusal
            | Self::EmptyTopic
            | Self::NoTopicFilters(_)
            | Self::SubscriptionQos
            | Self::RetainHandling
            | Self::NoLocalOnShared => ReasonCode::ProtocolError,
            Self::ReservedPacketType(_)
            | Self::FixedHeaderFlags { .. }
            | Self::PublishQos
            | Self::DupWithQos0
            | Self::VariableByteIntegerTooLong
            | Self::VariableByteIntegerNotMinimal
            | Self::Truncated(_)
            | Self::TrailingBytes { .. }
            | Self::InvalidUtf8
            | Self::NulInString
            | Self::PacketIdZero(_)
            | Self::InvalidReasonCode { .. }
            | Self::PropertyLengthOverrun(_)
            | Self::PropertyTruncated(_)
            | Self::UnknownProperty(_)
            | Self::PropertyNotAllowed { .. }
            | Self::ReservedConnectFlag
            | Self::InvalidWillQos { .. }
            | Self::WillRetainWithoutWill
            | Self::PasswordWithoutUsername
            | Self::ConnackFlags(_)
            | Self::ReservedSubscriptionOptions(_) => ReasonCode::MalformedPacket,
        }
    }

    /// EMQX's atom for it, as `listeners` counts and logs it; where EMQX has none, a word of the same kind.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ReservedPacketType(_) | Self::FixedHeaderFlags { .. } | Self::PublishQos | Self::DupWithQos0 => {
                "bad_frame_header"
            }
            Self::VariableByteIntegerTooLong | Self::VariableByteIntegerNotMinimal => "malformed_variable_byte_integer",
            Self::PacketTooLarge { .. } => "frame_too_large",
            Self::NotConnect(_)
            | Self::PacketFromClient(_)
            | Self::SubscriptionIdFromClient
            | Self::AuthenticationDataWithoutMethod
            | Self::MissingAuthenticationMethod
            | Self::NoLocalOnShared => "protocol_error",
            Self::Truncated(_)
            | Self::TrailingBytes { .. }
            | Self::InvalidReasonCode { .. }
            | Self::NoReasonCodes(_)
            | Self::ConnackFlags(_)
            | Self::SessionPresentInRefusal
            | Self::ReservedSubscriptionOptions(_)
            | Self::RetainHandling => "malformed_packet",
            Self::InvalidUtf8 | Self::NulInString => "utf8_string_invalid",
            Self::PacketIdZero(_) => "bad_packet_id",
            Self::PropertyLengthOverrun(_)
            | Self::PropertyTruncated(_)
            | Self::PropertyNotAllowed { .. }
            | Self::DuplicateProperty(_) => "malformed_properties",
            Self::InvalidPropertyValue { .. } => "invalid_property_value",
            Self::UnknownProperty(_) => "invalid_property_code",
            Self::TooManyUserProperties { .. } => "too_many_user_properties",
            Self::TopicAliasZero => "topic_alias_invalid",
            Self::InvalidResponseTopic | Self::InvalidWillTopic => "invalid_topic",
            Self::InvalidProtocolName => "invalid_proto_name",
            Self::UnsupportedProtocolVersion { .. } => "unsupported_protocol_version",
            Self::ReservedConnectFlag => "reserved_connect_flag",
            Self::InvalidWillQos { .. } => "invalid_will_qos",
            Self::WillRetainWithoutWill => "invalid_will_retain",
            Self::PasswordWithoutUsername => "invalid_password_flag",
            Self::WildcardInTopic | Self::EmptyTopic => "topic_name_invalid",
            Self::NoTopicFilters(_) => "empty_topic_filters",
            Self::EmptyTopicFilter(_) => "topic_filter_invalid",
            Self::SubscriptionQos => "bad_subqos",
        }
    }

    /// The version in which to answer a CONNECT whose version is not one of ours.
    ///
    /// `None` for every other error: there [`Decoder::version`](crate::Decoder::version) knows it as soon
    /// as the protocol level has been read, and where it does not, the peer is not answered.
    pub fn answer_version(&self) -> Option<ProtocolVersion> {
        match self {
            Self::UnsupportedProtocolVersion { name: "MQIsdp", .. } => Some(ProtocolVersion::V31),
            Self::UnsupportedProtocolVersion { level, .. } if *level > ProtocolVersion::V5 as u8 => {
                Some(ProtocolVersion::V5)
            }
            Self::UnsupportedProtocolVersion { .. } => Some(ProtocolVersion::V311),
            _ => None,
        }
    }
}
