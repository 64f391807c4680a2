//! What only the daemon knows and `doctor` judges: its limits, its settings, how clients ended lately.
//!
//! Facts, not opinions: the judging is `emqx-ctl`'s, which gathers the rest of the machine itself. No field is a
//! secret; of the cookie and of passwords it is only told whether everybody knows them. [`ConfigFactsView`] is what
//! `emqxd --check-config --facts` prints as JSON, too, for when no daemon runs.

use serde::{Deserialize, Serialize};

use crate::rows::bounded;

/// Everything a running daemon tells a doctor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeFactsView {
    /// The daemon's clock.
    pub now_ms: u64,
    /// Since the start, by a clock that is never set back.
    pub uptime_ms: u64,
    /// Process id.
    pub pid: u32,
    /// User it runs as.
    pub uid: u32,
    /// Group it runs as.
    pub gid: u32,
    /// What it was started with.
    pub config: ConfigFactsView,
    /// Descriptors it may have.
    pub files_soft: u64,
    /// Descriptors it could ask for.
    pub files_hard: u64,
    /// Descriptors it has; `None` where the system does not tell.
    pub files_open: Option<u64>,
    /// Connections now.
    pub connections: u64,
    /// How often the wall clock was found to have jumped.
    pub clock_steps: u64,
    /// The last jump, milliseconds; negative if it was set back.
    pub clock_last_step_ms: i64,
    /// Messages received from clients since the start.
    pub messages_received: u64,
    /// Messages dropped from full queues since the start.
    pub dropped_queue_full: u64,
    /// What became of a store that could not be read; `None` if all could.
    pub damage: Option<String>,
    /// How connections ended lately.
    pub ends: EndFactsView,
}

/// What a configuration says, as far as a doctor asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigFactsView {
    /// The node's name.
    pub node: String,
    /// The file, absolute; `None` for the built-in defaults.
    pub file: Option<String>,
    /// The data folder, absolute.
    pub data_dir: String,
    /// Where `control.socket` puts the socket; `None` for the usual places.
    pub socket: Option<String>,
    /// Log files that are written.
    #[serde(deserialize_with = "bounded")]
    pub log_files: Vec<String>,
    /// The cookie is one that everybody knows.
    pub has_known_cookie: bool,
    /// Sections that are to keep somebody out and that this version does not act on.
    #[serde(deserialize_with = "bounded")]
    pub unenforced: Vec<String>,
    /// `authorization.no_match`, if somebody has set it.
    pub no_match: Option<String>,
    /// `mqtt.max_packet_size`, bytes.
    pub max_packet_size: u64,
    /// Keys that this version accepts and does not act on.
    #[serde(deserialize_with = "bounded")]
    pub without_effect: Vec<String>,
    /// Other warnings of the load, a line each.
    #[serde(deserialize_with = "bounded")]
    pub warnings: Vec<String>,
    /// All listeners.
    #[serde(deserialize_with = "bounded")]
    pub listeners: Vec<ListenerFactsView>,
    /// `node.security_profile`
    #[serde(default)]
    pub security_profile: String,
    /// Clients are refused while no authenticator is configured.
    #[serde(default)]
    pub refuses_anonymous: bool,
    /// The rules are those that EMQX ships, whose last one allows everything.
    #[serde(default)]
    pub has_default_rules: bool,
    /// Files with keys, rules or users, absolute.
    #[serde(default, deserialize_with = "bounded")]
    pub guarded_files: Vec<String>,
    /// Settings that protect less than they seem to, a line each.
    #[serde(default, deserialize_with = "bounded")]
    pub weak_settings: Vec<String>,
}

/// One listener of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerFactsView {
    /// Such as `tcp:default`.
    pub id: String,
    /// `ip:port` that it binds.
    pub bind: String,
    /// Whether the configuration wants it.
    pub is_enabled: bool,
    /// Whether this version can serve its type.
    pub is_served: bool,
    /// Whether a stranger may connect, as far as its access rules go.
    pub lets_strangers_in: bool,
    /// `max_connections`; `None` for no limit.
    pub max_connections: Option<u64>,
    /// `tcp_options.backlog`
    pub backlog: u32,
    /// Whether a client is asked who it is.
    #[serde(default)]
    pub authenticates: bool,
    /// Whether what comes is encrypted.
    #[serde(default)]
    pub has_tls: bool,
    /// A PROXY header, or a forwarding header, is believed whoever sends it.
    #[serde(default)]
    pub trusts_any_proxy: bool,
    /// The client certificate names the client, and nobody checks it.
    #[serde(default)]
    pub takes_unverified_names: bool,
    /// Days until its certificate ends, negative if it has; `None` without one, or where it was not looked at.
    #[serde(default)]
    pub certificate_days_left: Option<i64>,
    /// Days until the first of its revocation lists ends, negative if it has; `None` without one that says when.
    #[serde(default)]
    pub revocation_days_left: Option<i64>,
}

/// How connections ended in the last [`EndFactsView::window_ms`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndFactsView {
    /// How far back these go.
    pub window_ms: u64,
    /// Connections that ended.
    pub ended: u64,
    /// Client ids that were taken over more than once, those most often first.
    #[serde(deserialize_with = "bounded")]
    pub takeovers: Vec<TakeoverFactsView>,
    /// For want of a sign of life.
    pub keepalive_lost: u64,
    /// One of those.
    pub keepalive_example: Option<String>,
    /// For a packet that was too large.
    pub frame_too_large: u64,
    /// The latest of those: its client id, or its address if it had none.
    pub frame_too_large_example: Option<String>,
    /// Frames that were HTTP, of the last malformed ones.
    pub http: u64,
    /// `ip:port` of the latest.
    pub http_peer: Option<String>,
    /// Frames that were TLS, of the last malformed ones.
    pub tls: u64,
    /// `ip:port` of the latest.
    pub tls_peer: Option<String>,
    /// Clients whose id is that of a scanner of the Internet, with their addresses.
    #[serde(deserialize_with = "bounded")]
    pub scanners: Vec<String>,
}

/// A client id that several devices may be using.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeoverFactsView {
    /// The client id.
    pub client_id: String,
    /// How often it was taken over.
    pub count: u64,
    /// Between the first and the last time.
    pub over_ms: u64,
    /// How many addresses (without their ports) were taken over.
    pub addresses: u64,
    /// `ip:port` of the last one.
    pub last_peer: String,
}
