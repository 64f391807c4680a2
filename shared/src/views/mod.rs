//! What the daemon shows an operator: plain data, one file for each group of verbs.
//!
//! Views are not the broker's own types; the daemon's `control/` fills them and `emqx-ctl` draws
//! them. Times are Unix milliseconds, durations milliseconds, sizes bytes, unless a name says
//! otherwise. Encoded by position, in an encoding that does not describe itself: variants of [`View`]
//! are appended, and a view that has been released keeps its fields; a changed one is a new variant.

mod admins;
mod authn;
mod authz;
mod broker;
mod clients;
mod cluster;
mod conf;
mod diagnosis;
mod disconnects;
mod facts;
mod license;
mod lifecycle;
mod listeners;
mod log;
mod node;
mod retainer;
mod system;
mod tls;
mod topics;
mod trace;
mod upgrade;

use serde::{Deserialize, Serialize};

pub use admins::{AdminView, AlarmView, BanView, BannedView, DataRowView};
pub use authn::{AuthenticatorView, UserView};
pub use authz::{AuthzDecisionView, AuthzRefusalView, AuthzRuleView, AuthzSourceView, AuthzStepView};
pub use broker::{BrokerView, CountView};
pub use clients::{ClientView, KickView, TransportView};
pub use cluster::{
    ClusterNodeView, ClusterNodesView, DigestRowView, DigestView, DiscoveryView, NodeAboutView, NodeLinkView,
};
pub use conf::{ConfChangeView, ConfCheckedView, ConfEffect, ConfKeyView, ConfOrigin, ConfProblemView};
pub use diagnosis::{
    BorrowedLevelView, EventKind, EventView, FRAME_BYTES_MAX, MalformedFrameView, TimedLogLevelView, TopRowView,
    TopSort, TopView,
};
pub use disconnects::{ClosedBy, DisconnectView, WhyView};
pub use facts::{ConfigFactsView, EndFactsView, ListenerFactsView, NodeFactsView, TakeoverFactsView};
pub use license::{LicenseAppliedView, LicenseHistoryView, LicensePreviewView, LicenseView};
pub use lifecycle::{ClientCountsView, DrainedView, ReloadOutcome, ReloadPartView};
pub use listeners::{ListenerKind, ListenerState, ListenerView, ReasonCountView};
pub use log::{LogHandlerStatus, LogHandlerView};
pub use node::{NodeState, StatusView, VersionView};
pub use retainer::{RetainedCleanedView, RetainerView};
pub use system::{ClusterView, OverloadView, VmView};
pub use tls::{TlsCertificateView, TlsFindingView, TlsReloadView};
pub use topics::{SubscriptionView, TopicView};
pub use trace::{TraceLinesView, TraceState, TraceView};
pub use upgrade::UpgradedView;

use crate::LogLevel;
use crate::rows::bounded;

/// The content of a reply. Plural variants are chunks of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum View {
    /// The verb has nothing to show beyond its success.
    Nothing,
    /// Ends a list.
    ListEnd(ListEnd),
    /// `status`
    Status(StatusView),
    /// `version`
    Version(VersionView),
    /// `broker`
    Broker(BrokerView),
    /// `broker stats` and `broker metrics`
    Counts(#[serde(deserialize_with = "bounded")] Vec<CountView>),
    /// `listeners`
    Listeners(#[serde(deserialize_with = "bounded")] Vec<ListenerView>),
    /// `listeners ID`, and what the listener is after `start`, `stop` or `restart`.
    Listener(Box<ListenerView>),
    /// `clients list`
    Clients(#[serde(deserialize_with = "bounded")] Vec<ClientView>),
    /// `clients show`
    Client(Box<ClientView>),
    /// `clients kick`
    Kick(KickView),
    /// `topics list` and `topics show`
    Topics(#[serde(deserialize_with = "bounded")] Vec<TopicView>),
    /// `subscriptions list` and `subscriptions show`
    Subscriptions(#[serde(deserialize_with = "bounded")] Vec<SubscriptionView>),
    /// `retainer info`
    Retainer(RetainerView),
    /// `retainer topics`
    RetainedTopics(#[serde(deserialize_with = "bounded")] Vec<String>),
    /// `retainer clean`
    RetainedCleaned(RetainedCleanedView),
    /// `log primary-level`, `log set-level` and `log handlers set-level`: the level now in force.
    LogLevel(LogLevel),
    /// `log handlers list`
    LogHandlers(#[serde(deserialize_with = "bounded")] Vec<LogHandlerView>),
    /// `disconnects`, newest first
    Disconnects(#[serde(deserialize_with = "bounded")] Vec<DisconnectView>),
    /// `why`
    Why(Box<WhyView>),
    /// `errors`, newest first
    MalformedFrames(#[serde(deserialize_with = "bounded")] Vec<MalformedFrameView>),
    /// `events`, oldest first; an empty chunk says that the node is still there.
    Events(#[serde(deserialize_with = "bounded")] Vec<EventView>),
    /// `top`
    Top(Box<TopView>),
    /// `log level`
    TimedLogLevel(TimedLogLevelView),
    /// `conf show`, by key
    ConfKeys(#[serde(deserialize_with = "bounded")] Vec<ConfKeyView>),
    /// `conf show_keys`
    ConfRoots(#[serde(deserialize_with = "bounded")] Vec<String>),
    /// `conf check`
    ConfChecked(Box<ConfCheckedView>),
    /// `conf diff` and `conf reload`, by key
    ConfChanges(#[serde(deserialize_with = "bounded")] Vec<ConfChangeView>),
    /// `vm`
    Vm(Box<VmView>),
    /// `olp status`
    Overload(OverloadView),
    /// `cluster status`
    Cluster(ClusterView),
    /// `trace list`
    Traces(#[serde(deserialize_with = "bounded")] Vec<TraceView>),
    /// `trace start`, and what the trace is after `stop` and `delete`.
    Trace(Box<TraceView>),
    /// `trace tail`
    TraceLines(TraceLinesView),
    /// `license info`
    License(Box<LicenseView>),
    /// `license diff`
    LicensePreview(Box<LicensePreviewView>),
    /// `license update`, `license reload`
    LicenseApplied(Box<LicenseAppliedView>),
    /// `license history`, latest first
    LicenseHistory(#[serde(deserialize_with = "bounded")] Vec<LicenseHistoryView>),
    /// `admins list`, by name
    Admins(#[serde(deserialize_with = "bounded")] Vec<AdminView>),
    /// `banned list`, by kind and value
    Bans(#[serde(deserialize_with = "bounded")] Vec<BanView>),
    /// `banned add`
    Banned(Box<BannedView>),
    /// `banned clear`, `data import`: how many rows.
    RowsChanged(u64),
    /// `alarms list`, newest first
    Alarms(#[serde(deserialize_with = "bounded")] Vec<AlarmView>),
    /// `data export`
    DataRows(#[serde(deserialize_with = "bounded")] Vec<DataRowView>),
    /// What `doctor` asks the daemon.
    NodeFacts(Box<NodeFactsView>),
    /// `tls certs`, by listener
    TlsCertificates(#[serde(deserialize_with = "bounded")] Vec<TlsCertificateView>),
    /// `tls reload`, by listener
    TlsReloads(#[serde(deserialize_with = "bounded")] Vec<TlsReloadView>),
    /// `authz list`, in the order in which they are asked
    AuthzSources(#[serde(deserialize_with = "bounded")] Vec<AuthzSourceView>),
    /// `authz show` and `authz rules list`, in the order in which they are tried
    AuthzRules(#[serde(deserialize_with = "bounded")] Vec<AuthzRuleView>),
    /// `authz check`
    AuthzDecision(Box<AuthzDecisionView>),
    /// `authn list`, in the order in which they are asked
    Authenticators(#[serde(deserialize_with = "bounded")] Vec<AuthenticatorView>),
    /// `authn users list`, by name
    Users(#[serde(deserialize_with = "bounded")] Vec<UserView>),
    /// `reload --wait`, part by part
    ReloadParts(#[serde(deserialize_with = "bounded")] Vec<ReloadPartView>),
    /// How many clients would be let go.
    ClientCounts(ClientCountsView),
    /// `shutdown`, `listeners stop|restart --drain`
    Drained(DrainedView),
    /// `upgrade`
    Upgraded(UpgradedView),
    /// `cluster nodes`
    ClusterNodes(Box<ClusterNodesView>),
    /// `cluster digest`
    Digest(DigestView),
    /// `cluster discovery`
    Discovery(DiscoveryView),
}

/// How a list ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEnd {
    /// Rows sent.
    pub rows: u64,
    /// How many rows there would be without a limit, where that was counted.
    pub total: Option<u64>,
}
