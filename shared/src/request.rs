//! What an operator can ask of a running daemon; one variant for each verb.
//!
//! `emqx-ctl` builds these from its command line, the daemon's `control/` answers each. The verb's
//! name and the role it takes stand in one table, `Request::row`; what the audit line shows of the
//! arguments comes from [`Request::arguments`].

mod admins;
mod authn;
mod authz;
mod banned;
mod cluster;
mod conf;
mod data;
mod diagnosis;
mod license;
mod lifecycle;
mod system;
mod tls;
mod trace;
mod upgrade;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use self::admins::{AdminsRequest, Password};
pub use self::authn::{AuthnRequest, USER_IMPORT_BYTES_MAX, UserPlace, UserText};
pub use self::authz::{AuthzQuestion, AuthzRequest, RuleHolder};
pub use self::banned::BannedRequest;
pub use self::cluster::ClusterRequest;
pub use self::conf::{ConfRequest, PIECE_BYTES_MAX, SentText, TEXT_BYTES_MAX};
pub use self::data::{DataRequest, IMPORT_BYTES_MAX, IMPORT_ROWS_MAX, SecretRow};
pub use self::diagnosis::{
    DiagnosisRequest, LEVEL_SECONDS_MAX, TOP_INTERVAL_MS_MAX, TOP_INTERVAL_MS_MIN, TOP_ROWS_MAX,
};
pub use self::license::{LicenseKey, LicensePeriod, LicenseRequest};
pub use self::lifecycle::{DRAIN_MS_MAX, LifecycleRequest};
pub use self::system::SystemRequest;
pub use self::tls::TlsRequest;
pub use self::trace::{
    TraceDestination, TraceFormat, TracePayload, TraceRequest, TraceStart, TraceSubject, TraceTarget, is_trace_name,
};
pub use self::upgrade::{UPGRADE_MS_MAX, UpgradeRequest};
use crate::{ErrorCode, Failure, LogLevel};

/// Longest string that a request may carry: MQTT's own bound for client ids and topics.
pub const STRING_BYTES_MAX: usize = 65_535;

/// A question or an order for the daemon.
///
/// Encoded by position: a new variant goes at the end, and one that has been released keeps its
/// shape; a changed question is a new variant. An argument that is a secret gets a type of its own
/// whose `Debug` prints `***`. Example bytes: `shared/tests/wire/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// `ping`: answered with [`View::Nothing`](crate::View::Nothing).
    Ping,
    /// `status`
    Status,
    /// `version`
    Version,
    /// `broker`
    Broker,
    /// `broker stats`
    BrokerStats,
    /// `broker metrics`
    BrokerMetrics,
    /// `listeners`: by type, then by name.
    ListListeners,
    /// `listeners ID`
    ShowListener {
        /// Such as `tcp:default`; EMQX 4 spellings are turned into these by the CLI.
        listener: String,
    },
    /// `listeners start ID`
    StartListener {
        /// As in [`Request::ShowListener`].
        listener: String,
    },
    /// `listeners stop ID`: closes its connections.
    StopListener {
        /// As in [`Request::ShowListener`].
        listener: String,
    },
    /// `listeners restart ID`: closes its connections and sets its counts to zero.
    RestartListener {
        /// As in [`Request::ShowListener`].
        listener: String,
    },
    /// `clients list`: connected clients and kept sessions of this node.
    ListClients {
        /// At most so many rows; `None` for all.
        limit: Option<u32>,
        /// Only client ids that sort after this one. With `limit` or `after` the rows are the first
        /// ones in the order of their ids (bytes compared), so that a list can be paged through.
        after: Option<String>,
    },
    /// `clients show ID`
    ShowClient {
        /// The client's id.
        client_id: String,
    },
    /// `clients kick ID`: ends the connection and discards the session.
    KickClient {
        /// The client's id.
        client_id: String,
    },
    /// `topics list`
    ListTopics,
    /// `topics show FILTER`: the routes of exactly that filter.
    ShowTopic {
        /// A topic filter.
        topic: String,
    },
    /// `subscriptions list`
    ListSubscriptions,
    /// `subscriptions show ID`
    ShowSubscriptions {
        /// The client's id.
        client_id: String,
    },
    /// `subscriptions add ID FILTER QOS`
    AddSubscription {
        /// The client's id.
        client_id: String,
        /// A topic filter, also `$share/…` ones.
        topic: String,
        /// 0, 1 or 2.
        qos: u8,
    },
    /// `subscriptions del ID FILTER`
    DeleteSubscription {
        /// The client's id.
        client_id: String,
        /// The filter as it was subscribed to.
        topic: String,
    },
    /// `retainer info`
    RetainerInfo,
    /// `retainer topics [START LIMIT]`
    RetainerTopics {
        /// The first row to show, counted from 1.
        start: u32,
        /// At most so many rows.
        limit: u32,
    },
    /// `retainer clean [FILTER]`
    CleanRetained {
        /// Only topics that match; `None` for all.
        filter: Option<String>,
    },
    /// `log primary-level`
    LogPrimaryLevel,
    /// `log primary-level LEVEL`
    SetLogPrimaryLevel {
        /// The new level.
        level: LogLevel,
    },
    /// `log set-level LEVEL`: the primary level and that of all handlers.
    SetLogLevel {
        /// The new level.
        level: LogLevel,
    },
    /// `log handlers list`
    ListLogHandlers,
    /// `log handlers start ID`
    StartLogHandler {
        /// Such as `console` or `default`.
        handler: String,
    },
    /// `log handlers stop ID`
    StopLogHandler {
        /// As in [`Request::StartLogHandler`].
        handler: String,
    },
    /// `log handlers set-level ID LEVEL`
    SetLogHandlerLevel {
        /// As in [`Request::StartLogHandler`].
        handler: String,
        /// The new level.
        level: LogLevel,
    },
    /// `why ID`: what is known of a client's connections, closed ones included.
    WhyClient {
        /// The client's id.
        client_id: String,
        /// All that is remembered of it, not only the latest few.
        all: bool,
    },
    /// `disconnects`: connections that ended, newest first.
    ListDisconnects {
        /// At most so many rows; `None` for all that are remembered.
        limit: Option<u32>,
        /// Only those with this reason, in EMQX 5's or EMQX 4's word.
        reason: Option<String>,
        /// Only those of this client.
        client_id: Option<String>,
        /// Only those at or after this time, in Unix milliseconds.
        since_ms: Option<u64>,
    },
    /// `trace …`, `traces …`
    Trace(TraceRequest),
    /// `errors`, `events`, `top`, `log level`
    Diagnosis(DiagnosisRequest),
    /// `conf …`
    Conf(ConfRequest),
    /// `vm`, `mnesia`, `olp`, `pem_cache`, `authz cache-clean`, `cluster`
    System(SystemRequest),
    /// `license …`
    License(LicenseRequest),
    /// `admins …`
    Admins(AdminsRequest),
    /// `banned …`
    Banned(BannedRequest),
    /// `alarms …`, `data …`
    Data(DataRequest),
    /// `listeners enable ID true|false`: starts or stops it, now and with the node.
    SetListenerEnabled {
        /// As in [`Request::ShowListener`].
        listener: String,
        /// It starts with the node.
        enable: bool,
    },
    /// `tls …`
    Tls(TlsRequest),
    /// `authz …`
    Authz(AuthzRequest),
    /// `authn …`
    Authn(AuthnRequest),
    /// `reload`, `shutdown`, `listeners stop|restart --drain`
    Lifecycle(LifecycleRequest),
    /// `upgrade`
    Upgrade(UpgradeRequest),
    /// `cluster nodes|digest|discovery`, and verbs for another node
    Cluster(ClusterRequest),
}

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Look.
    ReadOnly,
    /// Look, and change.
    Admin,
}

impl Role {
    /// The role in the words of an error message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Admin => "admin",
        }
    }

    /// Whether a caller of this role may use a verb that takes `needed`.
    pub fn covers(self, needed: Self) -> bool {
        self >= needed
    }
}

impl Request {
    /// How many variants there are; below the 251 at which one byte no longer suffices.
    pub const VERBS: u8 = 47;

    /// The variants that hold a group of verbs, by position, with how many verbs the group has.
    pub const GROUPS: &'static [(u8, u8)] = &[
        (32, TraceRequest::VERBS),
        (33, DiagnosisRequest::VERBS),
        (34, ConfRequest::VERBS),
        (35, SystemRequest::VERBS),
        (36, LicenseRequest::VERBS),
        (37, AdminsRequest::VERBS),
        (38, BannedRequest::VERBS),
        (39, DataRequest::VERBS),
        (41, TlsRequest::VERBS),
        (42, AuthzRequest::VERBS),
        (43, AuthnRequest::VERBS),
        (44, LifecycleRequest::VERBS),
        (45, UpgradeRequest::VERBS),
        (46, ClusterRequest::VERBS),
    ];

    /// Whether an encoded request holds a verb of this version; if not, only a newer program knows it.
    pub fn is_known_verb(body: &[u8]) -> bool {
        let Some(variant) = body.first() else {
            return true; // No verb at all: the decoder says so better.
        };
        let group = Self::GROUPS.iter().find(|(position, _)| position == variant);
        match (group, body.get(1)) {
            (Some((_, verbs)), Some(verb)) => verb < verbs,
            _ => *variant < Self::VERBS,
        }
    }

    /// The verb in the words of the command line, for messages and the audit line.
    pub const fn verb(&self) -> &'static str {
        self.row().0
    }

    /// The role that a caller needs for it. Every verb that takes [`Role::Admin`] is audited.
    pub const fn role(&self) -> Role {
        self.row().1
    }

    /// Whether one open descriptor comes along with it (`SCM_RIGHTS`); with any other verb that is an error.
    pub fn takes_descriptor(&self) -> bool {
        match self {
            Self::Trace(request) => request.takes_descriptor(),
            Self::Upgrade(request) => request.takes_descriptor(),
            _ => false,
        }
    }

    /// Whether it goes on until the caller leaves: it holds up no other verb, has no time limit, and ends with the
    /// caller.
    pub fn is_watch(&self) -> bool {
        match self {
            Self::Trace(request) => request.is_watch(),
            Self::Diagnosis(request) => request.is_watch(),
            Self::Lifecycle(request) => request.is_watch(),
            Self::Cluster(request) => request.is_watch(),
            _ => false,
        }
    }

    /// Whether it holds a request for another node: such a one is handed on once.
    pub fn is_for_another_node(&self) -> bool {
        matches!(self, Self::Cluster(ClusterRequest::OnNode { .. }))
    }

    /// The one table of verbs.
    const fn row(&self) -> (&'static str, Role) {
        use Role::{Admin, ReadOnly};
        match self {
            Self::Ping => ("ping", ReadOnly),
            Self::Status => ("status", ReadOnly),
            Self::Version => ("version", ReadOnly),
            Self::Broker => ("broker", ReadOnly),
            Self::BrokerStats => ("broker stats", ReadOnly),
            Self::BrokerMetrics => ("broker metrics", ReadOnly),
            Self::ListListeners => ("listeners list", ReadOnly),
            Self::ShowListener { .. } => ("listeners show", ReadOnly),
            Self::StartListener { .. } => ("listeners start", Admin),
            Self::StopListener { .. } => ("listeners stop", Admin),
            Self::RestartListener { .. } => ("listeners restart", Admin),
            Self::ListClients { .. } => ("clients list", ReadOnly),
            Self::ShowClient { .. } => ("clients show", ReadOnly),
            Self::KickClient { .. } => ("clients kick", Admin),
            Self::ListTopics => ("topics list", ReadOnly),
            Self::ShowTopic { .. } => ("topics show", ReadOnly),
            Self::ListSubscriptions => ("subscriptions list", ReadOnly),
            Self::ShowSubscriptions { .. } => ("subscriptions show", ReadOnly),
            Self::AddSubscription { .. } => ("subscriptions add", Admin),
            Self::DeleteSubscription { .. } => ("subscriptions del", Admin),
            Self::RetainerInfo => ("retainer info", ReadOnly),
            Self::RetainerTopics { .. } => ("retainer topics", ReadOnly),
            Self::CleanRetained { .. } => ("retainer clean", Admin),
            Self::LogPrimaryLevel => ("log primary-level", ReadOnly),
            Self::SetLogPrimaryLevel { .. } => ("log primary-level", Admin),
            Self::SetLogLevel { .. } => ("log set-level", Admin),
            Self::ListLogHandlers => ("log handlers list", ReadOnly),
            Self::StartLogHandler { .. } => ("log handlers start", Admin),
            Self::StopLogHandler { .. } => ("log handlers stop", Admin),
            Self::SetLogHandlerLevel { .. } => ("log handlers set-level", Admin),
            Self::WhyClient { .. } => ("why", ReadOnly),
            Self::ListDisconnects { .. } => ("disconnects", ReadOnly),
            Self::Trace(request) => request.row(),
            Self::Diagnosis(request) => request.row(),
            Self::Conf(request) => request.row(),
            Self::System(request) => request.row(),
            Self::License(request) => request.row(),
            Self::Admins(request) => request.row(),
            Self::Authn(request) => request.row(),
            Self::Lifecycle(request) => request.row(),
            Self::Upgrade(request) => request.row(),
            Self::Cluster(request) => request.row(),
            Self::Banned(request) => request.row(),
            Self::Data(request) => request.row(),
            Self::SetListenerEnabled { .. } => ("listeners enable", Admin),
            Self::Tls(request) => request.row(),
            Self::Authz(request) => request.row(),
        }
    }

    /// The arguments with their names, as the audit line shows them; secrets would be `***`.
    pub fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::Ping
            | Self::Status
            | Self::Version
            | Self::Broker
            | Self::BrokerStats
            | Self::BrokerMetrics
            | Self::ListListeners
            | Self::ListTopics
            | Self::ListSubscriptions
            | Self::RetainerInfo
            | Self::LogPrimaryLevel
            | Self::ListLogHandlers => Vec::new(),
            Self::ShowListener { listener }
            | Self::StartListener { listener }
            | Self::StopListener { listener }
            | Self::RestartListener { listener } => vec![("listener", listener.into())],
            Self::ListClients { limit, after } => given([("limit", limit.map(number)), ("after", text(after))]),
            Self::ShowClient { client_id } | Self::KickClient { client_id } | Self::ShowSubscriptions { client_id } => {
                vec![("client_id", client_id.into())]
            }
            Self::ShowTopic { topic } => vec![("topic", topic.into())],
            Self::AddSubscription { client_id, topic, qos } => vec![
                ("client_id", client_id.into()),
                ("topic", topic.into()),
                ("qos", number(*qos)),
            ],
            Self::DeleteSubscription { client_id, topic } => {
                vec![("client_id", client_id.into()), ("topic", topic.into())]
            }
            Self::RetainerTopics { start, limit } => {
                vec![("start", number(*start)), ("limit", number(*limit))]
            }
            Self::CleanRetained { filter } => given([("filter", text(filter))]),
            Self::SetLogPrimaryLevel { level } | Self::SetLogLevel { level } => {
                vec![("level", level.as_str().into())]
            }
            Self::StartLogHandler { handler } | Self::StopLogHandler { handler } => {
                vec![("handler", handler.into())]
            }
            Self::SetLogHandlerLevel { handler, level } => {
                vec![("handler", handler.into()), ("level", level.as_str().into())]
            }
            Self::WhyClient { client_id, all } => vec![
                ("client_id", client_id.into()),
                ("all", if *all { "true" } else { "false" }.into()),
            ],
            Self::ListDisconnects {
                limit,
                reason,
                client_id,
                since_ms,
            } => given([
                ("limit", limit.map(number)),
                ("reason", text(reason)),
                ("client_id", text(client_id)),
                ("since_ms", since_ms.map(number)),
            ]),
            Self::Trace(request) => request.arguments(),
            Self::Diagnosis(request) => request.arguments(),
            Self::Conf(request) => request.arguments(),
            Self::System(request) => request.arguments(),
            Self::License(request) => request.arguments(),
            Self::Admins(request) => request.arguments(),
            Self::Authn(request) => request.arguments(),
            Self::Lifecycle(request) => request.arguments(),
            Self::Upgrade(request) => request.arguments(),
            Self::Cluster(request) => request.arguments(),
            Self::Banned(request) => request.arguments(),
            Self::Data(request) => request.arguments(),
            Self::SetListenerEnabled { listener, enable } => {
                vec![("listener", listener.into()), ("enable", number(*enable))]
            }
            Self::Tls(request) => request.arguments(),
            Self::Authz(request) => request.arguments(),
        }
    }

    /// What holds for the arguments of every verb: no string above [`STRING_BYTES_MAX`], none with
    /// a NUL character, a QoS of at most 2.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`], naming the argument.
    pub fn check(&self) -> Result<(), Failure> {
        let refuse = |message: String| Err(Failure::new(ErrorCode::InvalidArgument, message));
        if let Self::AddSubscription { qos: 3.., .. } = self {
            return refuse("QoS should be 0, 1, 2".to_owned());
        }
        if let Self::Trace(request) = self {
            request.check()?;
        }
        for (name, value) in self.arguments() {
            if value.len() > STRING_BYTES_MAX {
                let length = value.len();
                return refuse(format!(
                    "{name} has {length} bytes; at most {STRING_BYTES_MAX} are allowed"
                ));
            }
            if value.contains('\0') {
                return refuse(format!("{name} contains a NUL character"));
            }
        }
        match self {
            Self::Diagnosis(request) => request.check(),
            Self::Conf(request) => request.check(),
            Self::License(request) => request.check(),
            Self::Admins(request) => request.check(),
            Self::Authn(request) => request.check(),
            Self::Data(request) => request.check(),
            Self::Authz(request) => request.check(),
            Self::Lifecycle(request) => request.check(),
            Self::Upgrade(request) => request.check(),
            Self::Cluster(request) => request.check(),
            _ => Ok(()),
        }
    }
}

fn number<'a>(value: impl ToString) -> Cow<'a, str> {
    Cow::Owned(value.to_string())
}

fn text(value: &Option<String>) -> Option<Cow<'_, str>> {
    value.as_deref().map(Cow::Borrowed)
}

/// Keeps the optional arguments that were given.
fn given<'a, const N: usize>(
    arguments: [(&'static str, Option<Cow<'a, str>>); N],
) -> Vec<(&'static str, Cow<'a, str>)> {
    arguments
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kick(client_id: &str) -> Request {
        Request::KickClient {
            client_id: client_id.to_owned(),
        }
    }

    #[test]
    fn an_admin_may_look_and_a_reader_may_not_change() {
        assert!(Role::Admin.covers(Request::Status.role()));
        assert!(Role::Admin.covers(kick("c").role()));
        assert!(Role::ReadOnly.covers(Request::Status.role()));
        assert!(!Role::ReadOnly.covers(kick("c").role()));
    }

    #[test]
    fn a_nul_an_overlong_string_and_a_fourth_qos_are_refused() {
        assert!(kick("sensor-7").check().is_ok());
        assert!(kick("a\nb").check().is_ok(), "MQTT allows it, so it can be kicked");
        let nul = kick("a\0b").check().unwrap_err();
        assert_eq!(nul.code, ErrorCode::InvalidArgument);
        assert!(kick(&"x".repeat(65_535)).check().is_ok());
        assert!(kick(&"x".repeat(65_536)).check().is_err());
        let qos = Request::AddSubscription {
            client_id: "c".to_owned(),
            topic: "t".to_owned(),
            qos: 3,
        };
        assert!(qos.check().is_err());
    }

    #[test]
    fn optional_arguments_show_only_when_given() {
        let request = Request::ListDisconnects {
            limit: Some(5),
            reason: None,
            client_id: Some("c".to_owned()),
            since_ms: None,
        };
        assert_eq!(request.arguments(), [("limit", "5".into()), ("client_id", "c".into())]);
    }
}
