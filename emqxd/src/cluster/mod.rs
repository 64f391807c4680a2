//! This node in its cluster: who the others are, how to ask them, what comes from them.
//!
//! A node alone is a cluster of one, with the same consensus over a log with one voter; the link port is open only where
//! clustering is configured.
//!
//! | file | what |
//! | --- | --- |
//! | `about.rs` | what a node says of itself to operators of the others |
//! | `digest.rs` | what this node believes of all, to be compared |
//! | `discovery.rs` | looks for other nodes by `cluster.discovery_strategy` |
//! | `identity.rs` | the number of this node, kept in its data folder |
//! | `boot.rs`, `start_error.rs` | the start: identity, consensus, link port; why it fails; the end |
//! | `listen.rs`, `dial.rs`, `tls.rs` | links that others open here, that this node opens, what they go over |
//! | `answer.rs` | what others ask and open, handed to the module that serves it |
//! | `consensus.rs` | the consensus' calls over the links |
//! | `membership.rs`, `roster.rs` | who is up: gossip and answers, looked at again and again |
//! | `lease.rs` | whether this node may own kept sessions, if a majority is needed for that |
//! | `lanes/` | messages to and from other nodes |
//! | `peers.rs` | the other nodes, each with a slot that the tables of the data plane name it by |
//! | `admission/` | who joins, leaves, is struck off: what nodes ask each other, and what operators ask |
//! | `streams/` | what this node owns told to the others, and what they own taken in |
//! | `state_alarms.rs` | alarms for what is wrong with this node's part in the consensus |
//! | `service.rs` | what one node asks another, by number |

pub mod about;
mod admission;
mod answer;
mod boot;
mod consensus;
mod dial;
pub mod digest;
mod discovery;
mod identity;
pub mod lanes;
mod lease;
mod listen;
mod membership;
mod peers;
mod roster;
mod service;
pub mod sessions;
mod start_error;
mod state_alarms;
pub mod streams;
mod tls;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use bytes::Bytes;
use emqxd_cluster::consensus::{Member, NodeId};
use emqxd_cluster::link::{Cookie, Lane, LinkError, Links, Peer, Stream};
use emqxd_cluster::membership::Membership;
use parking_lot::Mutex;
use tokio::sync::watch;

pub use self::admission::{AdmissionError, Done, force_leave, join, leave, status, waits_for};
pub use self::boot::{run, start};
pub use self::discovery::Discovery;
pub use self::membership::settle;
pub use self::peers::{PeerInfo, PeerTable};
pub use self::service::Service;
pub use self::start_error::StartError;
pub use self::state_alarms::look_at_state;

use self::admission::Admission;
use self::identity::Identity;
use self::lease::SessionLease;
use self::membership::Answers;
use self::roster::Roster;
use self::tls::LinkTls;

/// This node's place in its cluster. Alone it costs a test here and there.
pub struct Cluster {
    /// No other node is up: what is done for others need not be done.
    is_alone: AtomicBool,
    table: ArcSwap<PeerTable>,
    changes: watch::Sender<Arc<PeerTable>>,
    /// All members of the consensus, this node among them once it is one; those that have no vote yet too.
    members: ArcSwap<Vec<(NodeId, Member)>>,
    base: OnceLock<Base>,
    runtime: ArcSwapOption<Runtime>,
    answers: Answers,
    /// Outlives the time in which an upgrade was tried: the tables go on naming the nodes by their slots.
    roster: Mutex<Roster>,
    admission: Admission,
    /// Whether this node may own kept sessions.
    pub lease: SessionLease,
}

/// What does not change while the process lives.
struct Base {
    identity: Identity,
    own: Peer,
    links: Links,
    cookie: Cookie,
    tls: Option<Arc<LinkTls>>,
    discovery: Arc<Discovery>,
}

/// What there is while the link port is open.
struct Runtime {
    own: Peer,
    cookie: Cookie,
    tls: Option<Arc<LinkTls>>,
    membership: Membership,
}

/// Why another node gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No such node is known.
    #[error("no node with that number is known")]
    Unknown,
    /// It has not answered in time.
    #[error("{node} has not answered within {} ms", within.as_millis())]
    TimedOut {
        /// Its name.
        node: String,
        /// The time it had.
        within: Duration,
    },
    /// There is no link, or it broke.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl Cluster {
    /// A node alone, until [`start`].
    pub fn alone() -> Self {
        let table = Arc::new(PeerTable::default());
        Self {
            is_alone: AtomicBool::new(true),
            table: ArcSwap::new(Arc::clone(&table)),
            changes: watch::Sender::new(table),
            members: ArcSwap::default(),
            base: OnceLock::new(),
            runtime: ArcSwapOption::empty(),
            answers: Answers::default(),
            roster: Mutex::default(),
            admission: Admission::default(),
            lease: SessionLease::default(),
        }
    }

    /// Whether no other node is up. One load: it is asked at each CONNECT.
    pub fn is_alone(&self) -> bool {
        self.is_alone.load(Ordering::Relaxed)
    }

    /// This node as the others see it; `None` before its start is that far.
    pub fn own(&self) -> Option<&Peer> {
        self.base.get().map(|base| &base.own)
    }

    /// The links to all other nodes; `None` before the start is that far.
    pub fn links(&self) -> Option<&Links> {
        self.base.get().map(|base| &base.links)
    }

    /// Who looks for other nodes; `None` before the start is that far.
    pub fn discovery(&self) -> Option<&Arc<Discovery>> {
        self.base.get().map(|base| &base.discovery)
    }

    /// The other nodes of the cluster, up or down.
    pub fn peers(&self) -> Arc<PeerTable> {
        self.table.load_full()
    }

    /// Tells of each change of [`Self::peers`].
    pub fn changes(&self) -> watch::Receiver<Arc<PeerTable>> {
        self.changes.subscribe()
    }

    /// Whether a node takes part in the consensus, with a vote or before it has one.
    pub fn is_member(&self, id: NodeId) -> bool {
        self.members.load().iter().any(|(member, _)| *member == id)
    }

    /// Whether a cluster is taking this node in, or it is a member of none.
    fn is_to_be_admitted(&self, own: NodeId) -> bool {
        self.admission.is_joining() || !self.is_member(own)
    }

    /// Asks another node. What it does with the question stands in `answer.rs`.
    ///
    /// # Errors
    /// See [`AskError`]. Whether it was done there is not known then.
    pub async fn ask(
        &self,
        to: NodeId,
        service: Service,
        question: &[u8],
        within: Duration,
    ) -> Result<Bytes, AskError> {
        let table = self.peers();
        let peer = table.by_id(to).ok_or(AskError::Unknown)?;
        self.ask_at(&peer.address, Some(to), service, question, within).await
    }

    /// As [`Self::ask`], of whoever answers at an address.
    ///
    /// # Errors
    /// See [`AskError`].
    async fn ask_at(
        &self,
        address: &str,
        expected: Option<NodeId>,
        service: Service,
        question: &[u8],
        within: Duration,
    ) -> Result<Bytes, AskError> {
        let links = self.links().ok_or(AskError::Unknown)?;
        let asked = links.ask(address, expected, service.envelope(question));
        match tokio::time::timeout(within, asked).await {
            Ok(answer) => Ok(answer?),
            Err(_elapsed) => Err(AskError::TimedOut {
                node: address.to_owned(),
                within,
            }),
        }
    }

    /// Opens a link of another lane; its handshake is done when this returns. It goes to that start of the node that
    /// [`Peer::boot`] names.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn open(&self, to: NodeId, lane: Lane) -> Result<(Peer, Box<dyn Stream + Sync>), AskError> {
        let table = self.peers();
        let (Some(peer), Some(links)) = (table.by_id(to), self.links()) else {
            return Err(AskError::Unknown);
        };
        Ok(links.open(&peer.address, Some(to), lane).await?)
    }
}
