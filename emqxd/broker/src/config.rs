//! The settings of the MQTT rules: EMQX's `mqtt.*` keys as plain data.
//!
//! `emqxd` reads them from `emqx.conf`; the names here say more than the keys where it helps. A limit
//! of `None` means none (`infinity`). Values below which EMQX is unsafe by default follow tighter defaults;
//! each is an `mqtt.*` key.

use std::collections::HashMap;
use std::time::Duration;

use mqtt_codec::QoS;

/// Settings that channels and sessions follow.
#[derive(Debug, Clone, PartialEq)]
pub struct MqttConfig {
    /// `mqtt.max_packet_size`, bytes, fixed header included.
    pub max_packet_size: u32,
    /// `mqtt.max_clientid_len`, bytes.
    pub max_clientid_len: usize,
    /// `mqtt.max_topic_levels`, for topics and filters.
    pub max_topic_levels: usize,
    /// `mqtt.max_topic_len`, bytes, for topics and filters.
    pub max_topic_len: usize,
    /// `mqtt.max_topic_alias`: aliases a client may set on one connection.
    pub max_topic_alias: u16,
    /// `mqtt.max_qos_allowed`.
    pub max_qos_allowed: QoS,
    /// `mqtt.max_subscriptions` of one session.
    pub max_subscriptions: Option<usize>,
    /// `mqtt.retain_available`.
    pub retain_available: bool,
    /// `retainer.enable`: messages published with RETAIN are kept.
    pub retainer_enable: bool,
    /// `retainer.stop_publish_clear_msg`: the empty message that clears a retained one is not passed on.
    pub stop_publish_clear_msg: bool,
    /// `mqtt.wildcard_subscription`.
    pub wildcard_subscription: bool,
    /// `mqtt.shared_subscription`.
    pub shared_subscription: bool,
    /// `mqtt.shared_subscription_strategy`.
    pub shared_subscription_strategy: ShareStrategy,
    /// `mqtt.exclusive_subscription`: `$exclusive/{topic}` is allowed.
    pub exclusive_subscription: bool,
    /// `mqtt.ignore_loop_deliver`: No Local for clients before MQTT 5.
    pub ignore_loop_deliver: bool,
    /// `mqtt.strict_mode`.
    pub strict_mode: bool,
    /// `mqtt.response_information`; empty for none.
    pub response_information: String,
    /// `mqtt.server_keepalive`, seconds; replaces what the client asked for.
    pub server_keepalive: Option<u16>,
    /// `mqtt.max_keepalive`, seconds: MQTT 5 clients that ask for more are told this (Server Keep Alive).
    pub max_keepalive: u16,
    /// `mqtt.keepalive_multiplier`.
    pub keepalive_multiplier: f64,
    /// `mqtt.retry_interval`: resend unacknowledged messages on a live connection; `None` (EMQX 5) only on resume.
    pub retry_interval: Option<Duration>,
    /// `mqtt.use_username_as_clientid`.
    pub use_username_as_clientid: bool,
    /// `mqtt.session_expiry_interval` for clients before MQTT 5 with clean session 0; MQTT 5 clients say their own.
    pub session_expiry_interval: Duration,
    /// `mqtt.session_owner_check`: a session may only be resumed, discarded or taken over under the user name that opened it.
    pub session_owner_check: bool,
    /// CONNACK tells a client no difference between a wrong password (0x86) and a user that is not there (0x87): it is 0x87
    /// for both. EMQX tells them apart; so does this broker unless `node.security_profile = hardened`.
    pub conceal_users: bool,
    /// `mqtt.message_expiry_interval`: the most a message may ask for, and what one that asks for nothing gets.
    pub message_expiry_interval: Option<Duration>,
    /// `mqtt.max_awaiting_rel`: QoS 2 messages received and not yet released.
    pub max_awaiting_rel: Option<usize>,
    /// `mqtt.await_rel_timeout`.
    pub await_rel_timeout: Duration,
    /// `mqtt.max_inflight`: QoS 1 and 2 messages sent and not yet acknowledged.
    pub max_inflight: u16,
    /// `mqtt.max_mqueue_len`, messages of one session.
    pub max_mqueue_len: Option<usize>,
    /// `mqtt.max_mqueue_bytes`, payload and topic bytes of one session.
    pub max_mqueue_bytes: Option<usize>,
    /// `mqtt.mqueue_store_qos0`: QoS 0 messages wait for an absent client too.
    pub mqueue_store_qos0: bool,
    /// `mqtt.mqueue_priorities`: topic to priority 1..=255; empty when `disabled`.
    pub mqueue_priorities: HashMap<String, u8>,
    /// `mqtt.mqueue_default_priority`: `true` for `highest`.
    pub mqueue_default_priority_highest: bool,
    /// `mqtt.upgrade_qos`: deliver with the subscription's QoS even if the message has a lower one.
    pub upgrade_qos: bool,
    /// `force_shutdown.max_heap_size`: bytes that one session may hold in its window and queue before its
    /// connection is closed; `None` when `force_shutdown.enable` is off.
    pub max_session_bytes: Option<usize>,
    /// `mqtt.max_user_properties`, number in one packet that the broker keeps.
    pub max_user_properties: usize,
}

impl Default for MqttConfig {
    fn default() -> Self {
        Self {
            max_packet_size: 1024 * 1024,
            max_clientid_len: 1024,
            max_topic_levels: 128,
            max_topic_len: 4096,
            max_topic_alias: 16,
            max_qos_allowed: QoS::ExactlyOnce,
            max_subscriptions: None,
            retain_available: true,
            retainer_enable: true,
            stop_publish_clear_msg: false,
            wildcard_subscription: true,
            shared_subscription: true,
            shared_subscription_strategy: ShareStrategy::RoundRobin,
            exclusive_subscription: false,
            ignore_loop_deliver: false,
            strict_mode: false,
            response_information: String::new(),
            server_keepalive: None,
            max_keepalive: u16::MAX,
            keepalive_multiplier: 1.5,
            retry_interval: None,
            use_username_as_clientid: false,
            session_expiry_interval: Duration::from_secs(2 * 3600),
            session_owner_check: true,
            conceal_users: false,
            message_expiry_interval: None,
            max_awaiting_rel: Some(100),
            await_rel_timeout: Duration::from_secs(300),
            max_inflight: 32,
            max_mqueue_len: Some(1000),
            max_mqueue_bytes: Some(8 * 1024 * 1024),
            mqueue_store_qos0: true,
            mqueue_priorities: HashMap::new(),
            mqueue_default_priority_highest: false,
            upgrade_qos: false,
            max_session_bytes: Some(32 * 1024 * 1024),
            max_user_properties: 64,
        }
    }
}

/// How a share group picks the member for a message (EMQX's `shared_subscription_strategy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShareStrategy {
    /// Any, uniformly.
    Random,
    /// In turn, for each publisher; starts anywhere.
    #[default]
    RoundRobin,
    /// In turn, one turn for all publishers.
    RoundRobinPerGroup,
    /// The first pick stays while it lives.
    Sticky,
    /// A member on the publisher's node if there is one; any of those.
    Local,
    /// By hash of the publisher's client id.
    HashClientId,
    /// By hash of the topic.
    HashTopic,
}
