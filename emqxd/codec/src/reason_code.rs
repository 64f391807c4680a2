//! Reason codes (MQTT 5, 2.4) and what older versions get instead.

use crate::PacketType;

/// A reason code; [`ReasonCode::name`] is EMQX's word for it in logs and counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ReasonCode {
    /// 0x00, `success`.
    Success = 0x00,
    /// 0x01, `granted_qos1`.
    GrantedQos1 = 0x01,
    /// 0x02, `granted_qos2`.
    GrantedQos2 = 0x02,
    /// 0x04, `disconnect_with_will_message`.
    DisconnectWithWillMessage = 0x04,
    /// 0x10, `no_matching_subscribers`.
    NoMatchingSubscribers = 0x10,
    /// 0x11, `no_subscription_existed`.
    NoSubscriptionExisted = 0x11,
    /// 0x18, `continue_authentication`.
    ContinueAuthentication = 0x18,
    /// 0x19, `re_authenticate`.
    ReAuthenticate = 0x19,
    /// 0x80, `unspecified_error`.
    UnspecifiedError = 0x80,
    /// 0x81, `malformed_packet`.
    MalformedPacket = 0x81,
    /// 0x82, `protocol_error`.
    ProtocolError = 0x82,
    /// 0x83, `implementation_specific_error`.
    ImplementationSpecificError = 0x83,
    /// 0x84, `unsupported_protocol_version`.
    UnsupportedProtocolVersion = 0x84,
    /// 0x85, `client_identifier_not_valid`.
    ClientIdentifierNotValid = 0x85,
    /// 0x86, `bad_username_or_password`.
    BadUsernameOrPassword = 0x86,
    /// 0x87, `not_authorized`.
    NotAuthorized = 0x87,
    /// 0x88, `server_unavailable`.
    ServerUnavailable = 0x88,
    /// 0x89, `server_busy`.
    ServerBusy = 0x89,
    /// 0x8A, `banned`.
    Banned = 0x8A,
    /// 0x8B, `server_shutting_down`.
    ServerShuttingDown = 0x8B,
    /// 0x8C, `bad_authentication_method`.
    BadAuthenticationMethod = 0x8C,
    /// 0x8D, `keepalive_timeout`.
    KeepAliveTimeout = 0x8D,
    /// 0x8E, `session_taken_over`.
    SessionTakenOver = 0x8E,
    /// 0x8F, `topic_filter_invalid`.
    TopicFilterInvalid = 0x8F,
    /// 0x90, `topic_name_invalid`.
    TopicNameInvalid = 0x90,
    /// 0x91, `packet_identifier_inuse`.
    PacketIdentifierInUse = 0x91,
    /// 0x92, `packet_identifier_not_found`.
    PacketIdentifierNotFound = 0x92,
    /// 0x93, `receive_maximum_exceeded`.
    ReceiveMaximumExceeded = 0x93,
    /// 0x94, `topic_alias_invalid`.
    TopicAliasInvalid = 0x94,
    /// 0x95, `packet_too_large`.
    PacketTooLarge = 0x95,
    /// 0x96, `message_rate_too_high`.
    MessageRateTooHigh = 0x96,
    /// 0x97, `quota_exceeded`.
    QuotaExceeded = 0x97,
    /// 0x98, `administrative_action`.
    AdministrativeAction = 0x98,
    /// 0x99, `payload_format_invalid`.
    PayloadFormatInvalid = 0x99,
    /// 0x9A, `retain_not_supported`.
    RetainNotSupported = 0x9A,
    /// 0x9B, `qos_not_supported`.
    QosNotSupported = 0x9B,
    /// 0x9C, `use_another_server`.
    UseAnotherServer = 0x9C,
    /// 0x9D, `server_moved`.
    ServerMoved = 0x9D,
    /// 0x9E, `shared_subscriptions_not_supported`.
    SharedSubscriptionsNotSupported = 0x9E,
    /// 0x9F, `connection_rate_exceeded`.
    ConnectionRateExceeded = 0x9F,
    /// 0xA0, `maximum_connect_time`.
    MaximumConnectTime = 0xA0,
    /// 0xA1, `subscription_identifiers_not_supported`.
    SubscriptionIdentifiersNotSupported = 0xA1,
    /// 0xA2, `wildcard_subscriptions_not_supported`.
    WildcardSubscriptionsNotSupported = 0xA2,
}

impl ReasonCode {
    /// `None` for a byte that the specification does not define.
    pub fn from_u8(value: u8) -> Option<Self> {
        Some(match value {
            0x00 => Self::Success,
            0x01 => Self::GrantedQos1,
            0x02 => Self::GrantedQos2,
            0x04 => Self::DisconnectWithWillMessage,
            0x10 => Self::NoMatchingSubscribers,
            0x11 => Self::NoSubscriptionExisted,
            0x18 => Self::ContinueAuthentication,
            0x19 => Self::ReAuthenticate,
            0x80 => Self::UnspecifiedError,
            0x81 => Self::MalformedPacket,
            0x82 => Self::ProtocolError,
            0x83 => Self::ImplementationSpecificError,
            0x84 => Self::UnsupportedProtocolVersion,
            0x85 => Self::ClientIdentifierNotValid,
            0x86 => Self::BadUsernameOrPassword,
            0x87 => Self::NotAuthorized,
            0x88 => Self::ServerUnavailable,
            0x89 => Self::ServerBusy,
            0x8A => Self::Banned,
            0x8B => Self::ServerShuttingDown,
            0x8C => Self::BadAuthenticationMethod,
            0x8D => Self::KeepAliveTimeout,
            0x8E => Self::SessionTakenOver,
            0x8F => Self::TopicFilterInvalid,
            0x90 => Self::TopicNameInvalid,
            0x91 => Self::PacketIdentifierInUse,
            0x92 => Self::PacketIdentifierNotFound,
            0x93 => Self::ReceiveMaximumExceeded,
            0x94 => Self::TopicAliasInvalid,
            0x95 => Self::PacketTooLarge,
            0x96 => Self::MessageRateTooHigh,
            0x97 => Self::QuotaExceeded,
            0x98 => Self::AdministrativeAction,
            0x99 => Self::PayloadFormatInvalid,
            0x9A => Self::RetainNotSupported,
            0x9B => Self::QosNotSupported,
            0x9C => Self::UseAnotherServer,
            0x9D => Self::ServerMoved,
            0x9E => Self::SharedSubscriptionsNotSupported,
            0x9F => Self::ConnectionRateExceeded,
            0xA0 => Self::MaximumConnectTime,
            0xA1 => Self::SubscriptionIdentifiersNotSupported,
            0xA2 => Self::WildcardSubscriptionsNotSupported,
            _ => return None,
        })
    }

    /// EMQX's name, for example `session_taken_over`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::GrantedQos1 => "granted_qos1",
            Self::GrantedQos2 => "granted_qos2",
            Self::DisconnectWithWillMessage => "disconnect_with_will_message",
            Self::NoMatchingSubscribers => "no_matching_subscribers",
            Self::NoSubscriptionExisted => "no_subscription_existed",
            Self::ContinueAuthentication => "continue_authentication",
            Self::ReAuthenticate => "re_authenticate",
            Self::UnspecifiedError => "unspecified_error",
            Self::MalformedPacket => "malformed_packet",
            Self::ProtocolError => "protocol_error",
            Self::ImplementationSpecificError => "implementation_specific_error",
            Self::UnsupportedProtocolVersion => "unsupported_protocol_version",
            Self::ClientIdentifierNotValid => "client_identifier_not_valid",
            Self::BadUsernameOrPassword => "bad_username_or_password",
            Self::NotAuthorized => "not_authorized",
            Self::ServerUnavailable => "server_unavailable",
            Self::ServerBusy => "server_busy",
            Self::Banned => "banned",
            Self::ServerShuttingDown => "server_shutting_down",
            Self::BadAuthenticationMethod => "bad_authentication_method",
            Self::KeepAliveTimeout => "keepalive_timeout",
            Self::SessionTakenOver => "session_taken_over",
            Self::TopicFilterInvalid => "topic_filter_invalid",
            Self::TopicNameInvalid => "topic_name_invalid",
            Self::PacketIdentifierInUse => "packet_identifier_inuse",
            Self::PacketIdentifierNotFound => "packet_identifier_not_found",
            Self::ReceiveMaximumExceeded => "receive_maximum_exceeded",
            Self::TopicAliasInvalid => "topic_alias_invalid",
            Self::PacketTooLarge => "packet_too_large",
            Self::MessageRateTooHigh => "message_rate_too_high",
            Self::QuotaExceeded => "quota_exceeded",
            Self::AdministrativeAction => "administrative_action",
            Self::PayloadFormatInvalid => "payload_format_invalid",
            Self::RetainNotSupported => "retain_not_supported",
            Self::QosNotSupported => "qos_not_supported",
            Self::UseAnotherServer => "use_another_server",
            Self::ServerMoved => "server_moved",
            Self::SharedSubscriptionsNotSupported => "shared_subscriptions_not_supported",
            Self::ConnectionRateExceeded => "connection_rate_exceeded",
            Self::MaximumConnectTime => "maximum_connect_time",
            Self::SubscriptionIdentifiersNotSupported => "subscription_identifiers_not_supported",
            Self::WildcardSubscriptionsNotSupported => "wildcard_subscriptions_not_supported",
        }
    }

    /// Whether it reports a failure (0x80 and above).
    pub fn is_error(self) -> bool {
        self as u8 >= 0x80
    }

    /// Whether the specification lists it for `packet` (MQTT 5, 2.4); never for a packet without one.
    pub fn is_defined_for(self, packet: PacketType) -> bool {
        let code = self as u8;
        match packet {
            PacketType::Connack => matches!(
                code,
                0x00 | 0x80..=0x8A | 0x8C | 0x90 | 0x95 | 0x97 | 0x99..=0x9D | 0x9F
            ),
            PacketType::Puback | PacketType::Pubrec => {
                matches!(code, 0x00 | 0x10 | 0x80 | 0x83 | 0x87 | 0x90 | 0x91 | 0x97 | 0x99)
            }
            PacketType::Pubrel | PacketType::Pubcomp => matches!(code, 0x00 | 0x92),
            PacketType::Suback => matches!(
                code,
                0x00..=0x02 | 0x80 | 0x83 | 0x87 | 0x8F | 0x91 | 0x97 | 0x9E | 0xA1 | 0xA2
            ),
            PacketType::Unsuback => matches!(code, 0x00 | 0x11 | 0x80 | 0x83 | 0x87 | 0x8F | 0x91),
            PacketType::Disconnect => matches!(
                code,
                0x00 | 0x04 | 0x80..=0x83 | 0x87 | 0x89 | 0x8B | 0x8D..=0x90 | 0x93..=0xA2
            ),
            PacketType::Auth => matches!(code, 0x00 | 0x18 | 0x19),
            _ => false,
        }
    }

    /// Whether a client may give it in `packet`: some reasons of DISCONNECT and AUTH are a server's alone
    /// (MQTT 5, 3.14.2.1 and 3.15.2.1).
    pub fn may_come_from_client(self, packet: PacketType) -> bool {
        let code = self as u8;
        match packet {
            PacketType::Disconnect => {
                matches!(code, 0x00 | 0x04 | 0x80..=0x83 | 0x90 | 0x93..=0x99)
            }
            PacketType::Auth => matches!(code, 0x18 | 0x19),
            _ => true,
        }
    }

    /// The CONNACK return code of MQTT 3.1 and 3.1.1 (3.1.1, 3.2.2.3) nearest to this reason.
    pub fn connack_return_code_v3(self) -> u8 {
        match self as u8 {
            0x00 => 0,
            0x80..=0x84 => 1,
            0x85 => 2,
            0x86 => 4,
            0x87 | 0x8A | 0x8C => 5,
            _ => 3,
        }
    }

    /// The reason that a CONNACK return code of MQTT 3.1 or 3.1.1 stands for; `None` if it is reserved.
    pub fn from_connack_return_code_v3(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Success,
            1 => Self::UnsupportedProtocolVersion,
            2 => Self::ClientIdentifierNotValid,
            3 => Self::ServerUnavailable,
            4 => Self::BadUsernameOrPassword,
            5 => Self::NotAuthorized,
            _ => return None,
        })
    }
}
