//! The smaller sections of the configuration as plain data, with EMQX's defaults.

use std::path::PathBuf;
use std::time::Duration;

use super::rate::Rate;

/// `retainer`: what is kept of retained messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetainerSettings {
    /// Whether messages are retained at all.
    pub enable: bool,
    /// How long a message is kept that does not say so itself; `None` for ever.
    pub msg_expiry_interval: Option<Duration>,
    /// How often expired messages are cleaned away; `None` only when they are met.
    pub msg_clear_interval: Option<Duration>,
    /// Larger payloads are routed but not retained; `None` for no limit.
    pub max_payload_size: Option<usize>,
    /// Whether an empty retained message, which clears its topic, is not routed.
    pub stop_publish_clear_msg: bool,
    /// Retained messages sent to one session.
    pub delivery_rate: Option<Rate>,
    /// Retained messages taken in by the node.
    pub max_publish_rate: Option<Rate>,
    /// `retainer.backend.max_retained_messages`; `None` for no limit.
    pub max_retained_messages: Option<usize>,
}

impl Default for RetainerSettings {
    fn default() -> Self {
        let thousand_a_second = Some(Rate {
            amount: 1000,
            per: Duration::from_secs(1),
            burst: 0,
        });
        Self {
            enable: true,
            msg_expiry_interval: None,
            msg_clear_interval: None,
            max_payload_size: Some(1024 * 1024),
            stop_publish_clear_msg: false,
            delivery_rate: thousand_a_second,
            max_publish_rate: thousand_a_second,
            max_retained_messages: None,
        }
    }
}

/// `force_shutdown`: bounds of one connection, beyond which it is closed and the node lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForceShutdown {
    /// Whether the bounds hold.
    pub enable: bool,
    /// Messages waiting in the mailbox of a connection.
    pub max_mailbox_size: usize,
    /// Bytes of queue, inflight messages and buffers of a connection.
    pub max_heap_size: usize,
}

impl Default for ForceShutdown {
    fn default() -> Self {
        Self {
            enable: true,
            max_mailbox_size: 1000,
            max_heap_size: 32 * 1024 * 1024,
        }
    }
}

/// `banned`: who is banned on a new node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BannedSettings {
    /// Read when the list is empty; `None` for none.
    pub bootstrap_file: Option<PathBuf>,
}

/// `flapping_detect`: clients that disconnect more than `max_count` times in `window_time` are
/// banned for `ban_time`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlappingDetect {
    /// Whether anyone is banned for it.
    pub enable: bool,
    /// The window.
    pub window_time: Duration,
    /// Disconnects in a window that are still all right.
    pub max_count: u32,
    /// How long the ban lasts.
    pub ban_time: Duration,
}

impl Default for FlappingDetect {
    fn default() -> Self {
        Self {
            enable: false,
            window_time: Duration::from_secs(60),
            max_count: 15,
            ban_time: Duration::from_secs(300),
        }
    }
}

/// `sys_topics`: what is published below `$SYS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SysTopics {
    /// Between two publishes of version, statistics and metrics; `None` for never.
    pub sys_msg_interval: Option<Duration>,
    /// Between two publishes of uptime and time; `None` for never.
    pub sys_heartbeat_interval: Option<Duration>,
    /// `sys_event_messages.client_connected`
    pub client_connected: bool,
    /// `sys_event_messages.client_disconnected`
    pub client_disconnected: bool,
    /// `sys_event_messages.client_subscribed`
    pub client_subscribed: bool,
    /// `sys_event_messages.client_unsubscribed`
    pub client_unsubscribed: bool,
}

impl Default for SysTopics {
    fn default() -> Self {
        Self {
            sys_msg_interval: Some(Duration::from_secs(60)),
            sys_heartbeat_interval: Some(Duration::from_secs(30)),
            client_connected: true,
            client_disconnected: true,
            client_subscribed: false,
            client_unsubscribed: false,
        }
    }
}

/// `control`: the socket that `emqx-ctl` speaks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlConfig {
    /// Where it is; `None` leaves the choice to the daemon.
    pub socket: Option<PathBuf>,
    /// Members may change things.
    pub admin_group: String,
    /// Members may look.
    pub read_group: String,
    /// Connections at the same time.
    pub max_connections: usize,
}

impl Default for ControlConfig {
    fn default() -> Self {
        Self {
            socket: None,
            admin_group: "emqx-admin".to_owned(),
            read_group: "emqx".to_owned(),
            max_connections: 32,
        }
    }
}
