//! How far this node is in the streams of the others.

use emqxd_cluster::stream::{Follower, FollowerPhase, Sums};
use serde::{Deserialize, Serialize};

use crate::cluster::PeerInfo;

/// What is being done about another node's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamState {
    /// The node is down: nothing of it is known here.
    #[default]
    Down,
    /// There is no link: what was known stands.
    Unlinked,
    /// A snapshot comes.
    Snapshot,
    /// Changes come, and not all have.
    Behind,
    /// All is here that the node was known to have a moment ago.
    InSync,
}

/// One other node's stream, as this node follows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamStatus {
    /// Its name.
    pub node: String,
    /// Its number in the consensus.
    pub id: u64,
    /// The start of it that is followed.
    pub boot: u64,
    /// How far this node is.
    pub state: StreamState,
    /// The rows it owns, as known here.
    pub rows: Sums,
    /// Number of its last change that is known here.
    pub sequence: u64,
    /// Changes it had more at its last heartbeat.
    pub lag: u64,
    /// Snapshots it has given.
    pub snapshots: u64,
    /// How often its rows were others than here although every change had come.
    pub divergences: u64,
    /// Retained messages it sent that are none of MQTT.
    pub refused: u64,
    /// Why the last link ended; `None` if none has.
    pub last_error: Option<String>,
}

impl StreamStatus {
    pub(super) fn new(peer: &PeerInfo) -> Self {
        Self {
            node: peer.name.clone(),
            id: peer.id,
            boot: peer.boot,
            ..Self::default()
        }
    }

    /// As of now.
    pub(super) fn note(&mut self, follower: &Follower) {
        self.state = match follower.phase() {
            FollowerPhase::Away | FollowerPhase::Greeting => StreamState::Unlinked,
            FollowerPhase::Snapshot => StreamState::Snapshot,
            FollowerPhase::Following if follower.is_in_sync() => StreamState::InSync,
            FollowerPhase::Following => StreamState::Behind,
        };
        self.sequence = follower.sequence();
        self.lag = follower.lag();
        self.snapshots = follower.snapshots();
        self.divergences = follower.divergences();
    }
}
