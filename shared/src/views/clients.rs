//! Clients: a connection with its session, or a session kept without one.

use serde::{Deserialize, Serialize};

/// One client, connected or with a kept session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientView {
    /// Its id.
    pub client_id: String,
    /// As it authenticated; `None` prints as `undefined`.
    pub username: Option<String>,
    /// `ip:port` of the connection, of the last one if it is gone.
    pub peername: String,
    /// Clean Start (MQTT 5) or Clean Session (3.1.1).
    pub clean_start: bool,
    /// Keep alive in force, in seconds.
    pub keepalive: u16,
    /// Session Expiry Interval, in seconds.
    pub session_expiry_interval: u32,
    /// Subscriptions.
    pub subscriptions: u64,
    /// Sent and not yet acknowledged.
    pub inflight: u64,
    /// QoS 2 messages received and not yet released.
    pub awaiting_rel: u64,
    /// PUBLISH packets sent since the session began.
    pub delivered_msgs: u64,
    /// Messages in the session's queue now.
    pub enqueued_msgs: u64,
    /// Messages dropped from the session's queue.
    pub dropped_msgs: u64,
    /// Whether it is connected now.
    pub connected: bool,
    /// When the session began.
    pub created_at_ms: u64,
    /// When the connection, or the last one, was accepted by CONNACK.
    pub connected_at_ms: u64,
    /// When it was last disconnected; `None` if never since the session began.
    pub disconnected_at_ms: Option<u64>,
    /// The listener it came through, such as `tcp:default`.
    pub listener: String,
    /// `MQTT`, or `MQIsdp` for version 3.
    pub proto_name: String,
    /// 3, 4 or 5.
    pub proto_ver: u8,
    /// Prefix of all its topics; `None` for none.
    pub mountpoint: Option<String>,
    /// The node that holds it.
    pub node: String,
    /// Most messages that may be in flight to it.
    pub receive_maximum: u16,
    /// Bytes received on the connection.
    pub recv_oct: u64,
    /// Packets received on the connection.
    pub recv_pkt: u64,
    /// PUBLISH packets received on the connection.
    pub recv_msg: u64,
    /// Bytes sent on the connection.
    pub send_oct: u64,
    /// Packets sent on the connection.
    pub send_pkt: u64,
    /// PUBLISH packets sent on the connection.
    pub send_msg: u64,
    /// When the session will be dropped if the client does not come back.
    pub session_expires_at_ms: Option<u64>,
    /// How often the connection was not read for a while because of `messages_rate` or `bytes_rate`.
    #[serde(default)]
    pub recv_paused: u64,
    /// What carries MQTT.
    #[serde(default)]
    pub transport: TransportView,
}

/// What is between a client and MQTT.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TransportView {
    /// `tcp`, `ssl`, `ws` or `wss`; empty if nothing is known.
    pub name: String,
    /// TLS, such as `tlsv1.3`; told by the load balancer if that ended it.
    pub tls_version: Option<String>,
    /// Cipher suite.
    pub tls_cipher: Option<String>,
    /// The host name that the client asked for.
    pub server_name: Option<String>,
    /// Common name of the client's certificate.
    pub common_name: Option<String>,
    /// Subject of the client's certificate.
    pub subject: Option<String>,
    /// `ip:port` of the load balancer or proxy that told the client's address.
    pub proxied_by: Option<String>,
}

/// `clients kick`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KickView {
    /// Whether there was such a client or session.
    pub existed: bool,
}
