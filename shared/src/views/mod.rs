//! What the daemon shows an operator: plain data, one file for each group of verbs.
//!
//! Views are not the broker's own types; the daemon's `control/` fills them and `emqx-ctl` draws
//! them. Times are Unix milliseconds, durations milliseconds, sizes bytes, unless a name says
//! otherwise. Encoded by position, in an encoding that does not describe itself: variants of [`View`]
//! are appended, and a view that has been released keeps its fields; a changed one is a new variant.

mod broker;
mod clients;
mod disconnects;
mod listeners;
mod log;
mod node;
mod retainer;
mod topics;

use serde::{Deserialize, Serialize};

pub use broker::{BrokerView, CountView};
pub use clients::{ClientView, KickView};
pub use disconnects::{ClosedBy, DisconnectView, WhyView};
pub use listeners::{ListenerKind, ListenerState, ListenerView, ReasonCountView};
pub use log::{LogHandlerStatus, LogHandlerView};
pub use node::{NodeState, StatusView, VersionView};
pub use retainer::{RetainedCleanedView, RetainerView};
pub use topics::{SubscriptionView, TopicView};

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
}

/// How a list ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEnd {
    /// Rows sent.
    pub rows: u64,
    /// How many rows there would be without a limit, where that was counted.
    pub total: Option<u64>,
}
