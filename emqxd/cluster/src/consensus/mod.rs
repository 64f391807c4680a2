//! Consensus on a log of commands: an embedded Raft (openraft) over a log on disk.
//!
//! [`Consensus`] proposes commands and tells who leads. `log_store.rs` keeps the log and the vote in redb, fsynced
//! before they are said to be there; `state_machine.rs` carries committed commands to the daemon's [`StateMachine`];
//! `network.rs` carries the calls between nodes over whatever [`Peers`] is. A single node is a cluster of one voter.

mod handle;
mod log_store;
mod network;
mod state_machine;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::handle::{Consensus, ConsensusError, NotDone, Role, Settings, StartError, Status};
pub use self::log_store::{LogStore, OpenError};
pub use self::network::{Call, CallError, Peers, Reply};
pub use self::state_machine::{StateMachine, members_at, voters_at};

/// Number of a node in the log: drawn at random once, kept in its data folder, never used again by another.
pub type NodeId = u64;

/// A member of the cluster as the log knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name: `emqx@10.0.0.1`.
    pub name: String,
    /// Where its link port is: `10.0.0.1:4370`.
    pub address: String,
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.name, self.address)
    }
}

openraft::declare_raft_types!(
    /// The types of the log: commands and answers are text, snapshots are files.
    pub Types:
        D = String,
        R = String,
        NodeId = NodeId,
        Node = Member,
        Entry = openraft::Entry<Types>,
        SnapshotData = tokio::fs::File,
        AsyncRuntime = openraft::TokioRuntime,
);

type LogId = openraft::LogId<NodeId>;
type Entry = openraft::Entry<Types>;
type StorageError = openraft::StorageError<NodeId>;
type StorageIoError = openraft::StorageIOError<NodeId>;
type StoredMembership = openraft::StoredMembership<NodeId, Member>;
type SnapshotMeta = openraft::SnapshotMeta<NodeId, Member>;
type Snapshot = openraft::Snapshot<Types>;
type Vote = openraft::Vote<NodeId>;
type Raft = openraft::Raft<Types>;
