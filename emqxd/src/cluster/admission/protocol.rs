//! What nodes ask each other about membership, as JSON: [`super::super::Service::Admission`].

use emqxd_cluster::consensus::NodeId;
use serde::{Deserialize, Serialize};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Of a member: are you there, and am I one of you?
    Ping,
    /// Of anybody: who are you, and of which cluster?
    Who,
    /// Would I be admitted?
    MayJoin(Newcomer),
    /// Admit me: my own log is forgotten.
    Join(Newcomer),
    /// Strike me off.
    Leave,
}

/// A node that wants to become a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newcomer {
    /// `cluster.name` there.
    pub cluster: String,
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: String,
    /// Where its link port is, as its name says.
    pub address: String,
    /// Discovery found the cluster; no operator asked for it.
    #[serde(default)]
    pub is_automatic: bool,
    /// Its log is empty: what the cluster believes to have told it before does not count.
    #[serde(default)]
    pub is_new: bool,
}

/// Where a node is joining, as it keeps it until it is a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The name of the member that was asked.
    pub target: String,
    /// Where its link port is.
    pub address: String,
    /// What it was told.
    pub newcomer: Newcomer,
}

impl Destination {
    /// As text.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("plain data has a JSON form")
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To [`Question::Ping`].
    Pong {
        /// The start of the node that answers.
        boot: u64,
        /// Whether who asks is a member.
        is_member: bool,
        /// Whether a majority follows a leader that the answering node knows.
        has_leader: bool,
        /// How much of the log it has applied.
        applied: u64,
        /// An operator has struck off who asks: it is not to come back by itself.
        #[serde(default)]
        was_struck_off: bool,
        /// The answering node is the only member of its cluster: it may have left the one that both were in.
        #[serde(default)]
        is_alone: bool,
    },
    /// To [`Question::Who`].
    Node(NodeFacts),
    /// To [`Question::MayJoin`]: yes. To [`Question::Leave`]: done.
    Yes,
    /// To [`Question::Join`]: done.
    Admitted {
        /// How much of the log has to be applied to know of it.
        applied: u64,
    },
    /// No, and why.
    No {
        /// For programs.
        reason: NoReason,
        /// For people.
        text: String,
    },
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoReason {
    /// Try again soon.
    Busy,
    /// It will not be done as things are.
    Refused,
    /// It failed on the way.
    Failed,
    /// A reason of a later version.
    #[serde(other)]
    Unknown,
}

/// What a node says of itself to strangers that know the cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeFacts {
    /// Its number.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// `cluster.name` there.
    pub cluster: String,
    /// When its own first cluster was founded, Unix milliseconds.
    pub founded_at: u64,
    /// Members of its cluster.
    pub members: usize,
}

impl Question {
    /// As bytes.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain data has a JSON form")
    }
}

impl Answer {
    /// As bytes.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain data has a JSON form")
    }

    /// A refusal.
    pub fn no(reason: NoReason, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::No { reason, text }
    }
}
