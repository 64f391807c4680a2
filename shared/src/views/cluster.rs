//! `cluster nodes|digest|discovery`.

use serde::{Deserialize, Serialize};

use crate::rows::bounded;

/// `cluster nodes`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterNodesView {
    /// By name; the node that answers is among them.
    #[serde(deserialize_with = "bounded")]
    pub nodes: Vec<ClusterNodeView>,
    /// In what nodes differ that should be the same; empty if all is well.
    #[serde(deserialize_with = "bounded")]
    pub differences: Vec<String>,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterNodeView {
    /// `emqx@10.0.0.1`
    pub name: String,
    /// Where its link port is; `None` for a node that is in no cluster.
    pub address: Option<String>,
    /// What it is in the consensus: `leader`, `follower`, `learner`, `candidate`, `stopped`; `None` if it did not answer.
    pub role: Option<String>,
    /// Whether it has a vote.
    pub votes: bool,
    /// Whether it runs, as the node that was asked believes.
    pub is_running: bool,
    /// What it says of itself; `None` if it did not answer.
    pub about: Option<NodeAboutView>,
    /// How the node that was asked stands with it; `None` for that node itself.
    pub link: Option<NodeLinkView>,
}

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeAboutView {
    /// Version of its daemon.
    pub version: String,
    /// Since its start.
    pub uptime_ms: u64,
    /// Connected clients.
    pub connections: u64,
    /// Sessions, connected or not.
    pub sessions: u64,
    /// The beginning of its licence's fingerprint; `None` without a licence.
    pub license: Option<String>,
}

/// What goes between two nodes, as one of them sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeLinkView {
    /// Whether all that the other one has told of itself is known here.
    pub is_in_sync: bool,
    /// Routes that it owns.
    pub routes: u64,
    /// Sessions that it owns.
    pub sessions: u64,
    /// Changes that it has told and that are not known here yet.
    pub lag: u64,
    /// Messages for it that it has not acknowledged.
    pub messages_waiting: u64,
    /// Messages for it that were given up.
    pub messages_dropped: u64,
    /// Lanes of messages to it, one a worker of the node that was asked.
    pub lanes: u64,
    /// Of those: with a link.
    pub lanes_linked: u64,
    /// Bytes of the messages that wait.
    pub bytes_waiting: u64,
    /// Messages sent to it, each once.
    pub messages_sent: u64,
    /// Messages sent once more, after a link broke.
    pub messages_resent: u64,
    /// Messages that came from it.
    pub messages_received: u64,
    /// How often it has told all that it owns, and not only what changed.
    pub snapshots: u64,
    /// How often what is known of it was found wrong, and was asked for anew.
    pub divergences: u64,
    /// Retained messages that it told and that are none of MQTT.
    pub retained_refused: u64,
    /// Why its stream ended last; `None` as long as it never has.
    pub stream_error: Option<String>,
}

/// `cluster digest`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestView {
    /// Sums by what they are of, sorted; nodes that agree have the same.
    #[serde(deserialize_with = "bounded")]
    pub sums: Vec<DigestRowView>,
}

/// One sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestRowView {
    /// `routes of emqx@10.0.0.1`, `retained`, `license`, …
    pub of: String,
    /// In hexadecimal, or a word.
    pub sum: String,
}

/// `cluster discovery`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoveryView {
    /// `cluster.discovery_strategy`
    pub strategy: String,
    /// Whether nodes are looked for.
    pub is_enabled: bool,
    /// Link ports that were found last.
    #[serde(deserialize_with = "bounded")]
    pub seeds: Vec<String>,
    /// Why the last look failed.
    pub failure: Option<String>,
}
