//! What this node owns told to the others, and what they own taken in: routes, members of share groups, places of
//! clients, retained messages.
//!
//! The rules note each change in the [`NodeJournal`], whose ring the followers read ([`serve`]); this node follows each
//! other node in the same way ([`run`]) and puts what it says into the tables of the data plane, where the other node is
//! one more worker. What the two sides say, and why the follower ends with the writer's rows, is in
//! [`emqxd_cluster::stream`].
//!
//! | file | what |
//! | --- | --- |
//! | `journal.rs` | changes of the tables, as records in the ring |
//! | `source.rs` | rows of the tables in pages, for a snapshot |
//! | `serve.rs` | one follower of this node |
//! | `follow.rs` | this node as follower of each other one |
//! | `replica.rs` | what another node said, put into the tables, and taken out again |
//! | `conflict.rs` | clients that are here and there |
//! | `retained.rs` | a retained message as a record, and back |
//! | `status.rs`, `believed.rs` | how far the streams are; what this node believes of the others, summed up |

mod believed;
mod conflict;
mod follow;
mod journal;
mod replica;
mod retained;
mod rows;
mod serve;
mod source;
mod status;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use emqxd_broker::{MemoryRetainedStore, RouteTable};
use emqxd_cluster::consensus::NodeId;
use parking_lot::Mutex;

pub use self::believed::{believed_of, retained};
pub use self::follow::run;
pub use self::journal::NodeJournal;
pub use self::serve::serve;
pub use self::status::{StreamState, StreamStatus};
use crate::clock::{Clock, unix_ms_now};
use crate::node::NodeShared;

/// This node's stream, and where it is in those of the others.
pub struct Streams {
    /// `None` where there is nobody to tell.
    journal: Option<Arc<NodeJournal>>,
    followed: Mutex<BTreeMap<NodeId, StreamStatus>>,
    /// Grows when a node goes down: the others may have heard more of it than this one.
    doubts: AtomicU64,
    /// How often each other node has asked for the retained messages here.
    asked: Mutex<BTreeMap<NodeId, u64>>,
}

impl Streams {
    /// None, if no other node can come.
    pub fn new(is_clustered: bool, clock: &Clock) -> Self {
        Self {
            journal: is_clustered.then(|| Arc::new(NodeJournal::new(clock.clone()))),
            followed: Mutex::default(),
            doubts: AtomicU64::new(0),
            asked: Mutex::default(),
        }
    }

    /// To be called before anything is in the tables.
    pub fn note_changes_of(&self, routes: &RouteTable, retained: &MemoryRetainedStore) {
        if let Some(journal) = &self.journal {
            routes.set_journal(Arc::clone(journal) as _);
            retained.set_journal(Arc::clone(journal) as _);
        }
    }

    /// What notes the changes, if anybody is to be told.
    pub fn journal(&self) -> Option<&Arc<NodeJournal>> {
        self.journal.as_ref()
    }

    /// The stream of one other node.
    pub fn of(&self, id: NodeId) -> Option<StreamStatus> {
        self.followed.lock().get(&id).cloned()
    }

    /// Another node, a member, has asked for the retained messages here.
    fn note_asked_by(&self, id: NodeId) {
        *self.asked.lock().entry(id).or_default() += 1;
    }

    fn asked_by(&self, id: NodeId) -> u64 {
        self.asked.lock().get(&id).copied().unwrap_or(0)
    }
}

/// The number of this node is known now: what its clients have retained is signed with it.
pub fn start(node: &NodeShared, id: NodeId) {
    node.retained.set_writer(id, unix_ms_now);
}
