//! Connections that ended, and what is known of one client: `disconnects` and `why`.

use serde::{Deserialize, Serialize};

use super::{AuthzRefusalView, ClientView};
use crate::rows::bounded;

/// Who closed a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClosedBy {
    /// The device or program.
    Client,
    /// This daemon.
    Server,
    /// Neither: the network, or an operating system on its behalf.
    Network,
}

impl ClosedBy {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Network => "network",
        }
    }
}

/// One connection that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DisconnectView {
    /// When it ended.
    pub time_ms: u64,
    /// `None` if it ended before a CONNECT was read.
    pub client_id: Option<String>,
    /// As it authenticated.
    pub username: Option<String>,
    /// `ip:port`.
    pub peername: String,
    /// Such as `tcp:default`.
    pub listener: String,
    /// 3, 4 or 5; `None` if it ended before a CONNECT was read.
    pub proto_ver: Option<u8>,
    /// EMQX 5's word for the reason.
    pub reason: String,
    /// EMQX 4's word for it.
    pub reason_v4: String,
    /// Who closed.
    pub closed_by: ClosedBy,
    /// Reason code of the DISCONNECT or CONNACK that was sent.
    pub code_sent: Option<u8>,
    /// Reason code of the DISCONNECT that the client sent.
    pub code_received: Option<u8>,
    /// What the reason alone does not say, such as the limit that was met.
    pub detail: String,
    /// When the socket was accepted.
    pub accepted_at_ms: u64,
    /// When CONNACK was sent with success; `None` if it never was.
    pub connected_at_ms: Option<u64>,
    /// Keep alive in force, in seconds; 0 for none.
    pub keepalive: u16,
    /// How long before the end the last byte came from the client.
    pub silent_ms: u64,
    /// Bytes received.
    pub recv_oct: u64,
    /// Packets received.
    pub recv_pkt: u64,
    /// Bytes sent.
    pub send_oct: u64,
    /// Packets sent.
    pub send_pkt: u64,
    /// Type of the last packet received, such as `PINGREQ`.
    pub last_packet: Option<String>,
    /// Messages in the session's queue at the end.
    pub queued_msgs: u64,
    /// When the session is dropped if the client does not come back; `None` if it ended too.
    pub session_expires_at_ms: Option<u64>,
}

/// `why`: fails with `ClientNotFound` when nothing at all is known of the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhyView {
    /// Whom it is about.
    pub client_id: String,
    /// The daemon's clock, to say how long ago.
    pub now_ms: u64,
    /// Connected, or with a kept session.
    pub client: Option<ClientView>,
    /// Its connections that ended, newest first.
    #[serde(deserialize_with = "bounded")]
    pub history: Vec<DisconnectView>,
    /// How many of its connections are remembered in all; `history` may hold fewer.
    pub remembered: u64,
    /// Since when ended connections of all clients are remembered.
    pub remembered_since_ms: u64,
    /// What it was last refused on the connection that it has now.
    pub last_refusal: Option<AuthzRefusalView>,
}
