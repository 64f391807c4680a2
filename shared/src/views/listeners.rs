//! Listeners: what they are bound to, whether they run, and how their connections ended.

use serde::{Deserialize, Serialize};

use super::ClosedBy;
use crate::rows::bounded;

/// What a listener speaks below MQTT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ListenerKind {
    /// TLS.
    Ssl,
    /// Plain TCP.
    Tcp,
    /// WebSocket.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl ListenerKind {
    /// The first half of a listener's id.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ssl => "ssl",
            Self::Tcp => "tcp",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }
}

/// Whether a listener accepts connections, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListenerState {
    /// It accepts.
    Running,
    /// Disabled in the configuration, or stopped by an operator.
    Stopped,
    /// It should run and does not.
    Failed {
        /// A name to look up, such as `EADDRINUSE`.
        error: String,
        /// What is known about it, such as who holds the address.
        why: String,
    },
}

/// How often connections ended for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCountView {
    /// EMQX 5's word.
    pub reason: String,
    /// EMQX 4's word.
    pub reason_v4: String,
    /// Who closed.
    pub closed_by: ClosedBy,
    /// Since the listener started.
    pub count: u64,
}

/// One listener.
///
/// `current_conn`, `max_conns` and `shutdown_counts` are shown for running listeners only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListenerView {
    /// Such as `tcp:default`.
    pub id: String,
    /// The first half of the id.
    pub kind: ListenerKind,
    /// `ip:port` as it is bound or would be; `:1883` for a port alone, `[::]:1883` for IPv6.
    pub listen_on: String,
    /// Accepting tasks configured.
    pub acceptors: u32,
    /// Whether connections start with a PROXY header.
    pub proxy_protocol: bool,
    /// Whether the configuration wants it to run.
    pub enabled: bool,
    /// Whether it does.
    pub state: ListenerState,
    /// When it last started; `None` unless running.
    pub started_at_ms: Option<u64>,
    /// Sockets now, counted from accept on.
    pub current_conn: u64,
    /// Most sockets at the same time since start.
    pub peak_conn: u64,
    /// Most sockets allowed; `None` for no limit.
    pub max_conns: Option<u64>,
    /// Sockets accepted since start.
    pub accepted: u64,
    /// Refused since start because `max_conns` was reached, or `max_connections_per_address`.
    pub refused_limit: u64,
    /// Held back since start because of `max_conn_rate`.
    pub refused_rate: u64,
    /// Refused since start by an access rule.
    pub refused_access: u64,
    /// Why connections ended, in the order in which a reason first occurred. A word may come twice,
    /// because two reasons may share one; `shutdown_count` shows the sum.
    #[serde(deserialize_with = "bounded")]
    pub shutdown_counts: Vec<ReasonCountView>,
    /// How often since start a client was not read for a while because of `messages_rate` or `bytes_rate`.
    #[serde(default)]
    pub paused_rate: u64,
}

impl ListenerView {
    /// `running` as EMQX shows it.
    pub fn is_running(&self) -> bool {
        self.state == ListenerState::Running
    }

    /// How many connections that side closed.
    pub fn closed_by(&self, who: ClosedBy) -> u64 {
        self.shutdown_counts
            .iter()
            .filter(|row| row.closed_by == who)
            .map(|row| row.count)
            .sum()
    }
}
