//! Who becomes a member of the cluster and who ceases to be one.
//!
//! A newcomer asks any member whether it may join, forgets its own log, asks to be admitted and waits until it votes and
//! has applied what the cluster knows; if that fails it is a cluster of its own again. One node decides one thing at a
//! time ([`Admission::deciding`]): who is joining admits nobody, so nodes that find each other at once end as one cluster.
//!
//! A crash between the two is gone on with by the next start (`unfinished.rs`). `protocol.rs` is what nodes ask each other, `host.rs` answers, `join.rs` and `leave.rs` are the asking side,
//! `automatic.rs` joins what discovery finds and who was found by (`askers.rs`). Whom an operator has struck off
//! stands in the replicated facts, so that every member says the same, also one that was down at the time.

mod askers;
mod automatic;
mod host;
mod join;
mod leave;
mod protocol;
mod unfinished;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use emqx_shared::views::ClusterView;
use emqxd_cluster::consensus::{Consensus, NodeId};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{AskError, Service};
use crate::node::NodeShared;

use self::askers::Askers;
pub use self::automatic::run as join_automatically;
pub use self::host::answer;
pub use self::join::join;
pub use self::leave::{force_leave, is_there, leave};
use self::protocol::{Answer, NoReason, Question};
use self::unfinished::GiveUp;
pub use self::unfinished::run as go_on;

/// Told to the others by a node that stops.
pub const GOODBYE: &[u8] = b"goodbye";
/// How long a short question may take.
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// What this node decides about members, and remembers of it.
#[derive(Debug, Default)]
pub struct Admission {
    /// Held while this node joins, leaves or admits somebody.
    deciding: Arc<tokio::sync::Mutex<()>>,
    /// From the forgetting of this node's own log until it is a member elsewhere, or not.
    is_joining: AtomicBool,
    /// A join that an earlier start has begun is gone on with.
    is_going_on: AtomicBool,
    /// An operator does not want that any more.
    give_up: GiveUp,
    /// A join has ended without anybody knowing whether this node is a member.
    left_unfinished: Notify,
    /// How often in a row members denied that this node is one, while it followed no leader.
    denials: AtomicU32,
    /// Members that deny this node and are alone themselves.
    alone: Mutex<BTreeSet<NodeId>>,
    /// Who looked for others and found this node.
    askers: Askers,
}

impl Admission {
    /// Whether a join that an earlier start has begun is gone on with: the node is no cluster of its own, and no member.
    pub fn is_going_on(&self) -> bool {
        self.is_going_on.load(Ordering::Acquire)
    }

    /// Whether this node waits to be a member elsewhere.
    pub fn is_joining(&self) -> bool {
        self.is_joining.load(Ordering::Acquire)
    }
}

/// Whether anything was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It was.
    Changed,
    /// Things were so already.
    Already,
}

/// Why a change of the members did not come about.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// A node that would join itself.
    #[error("a node cannot join itself")]
    Itself,
    /// No port for it is open.
    #[error("this node serves no links to other nodes")]
    NoLinks,
    /// It is a member of a cluster of several.
    #[error("this node is in a cluster with {0} already")]
    AlreadyInCluster(String),
    /// It is alone.
    #[error("this node is in no cluster")]
    NotInCluster,
    /// The name names no node.
    #[error("{0} is no node name")]
    BadName(String),
    /// The other node cannot be reached.
    #[error("{node} cannot be reached: {why}")]
    NodeDown {
        /// Which.
        node: String,
        /// Why.
        why: String,
    },
    /// It said no, or did not do it.
    #[error("{node} refuses: {why}")]
    Refused {
        /// Which.
        node: String,
        /// Why.
        why: String,
    },
    /// It could not do it just now.
    #[error("{node} could not do it: {why}")]
    NotNow {
        /// Which.
        node: String,
        /// Why.
        why: String,
    },
    /// Something else is being decided here.
    #[error("this node is joining, leaving or admitting another at the moment")]
    Busy,
    /// No majority can be reached, or it was not agreed on.
    #[error("{0}")]
    Consensus(String),
    /// This node's own log or state cannot be changed.
    #[error("this node's part in the consensus cannot be begun anew: {0}")]
    Own(String),
}

/// The cluster as an operator sees it.
pub fn status(node: &NodeShared) -> ClusterView {
    let table = node.cluster.peers();
    let (up, down): (Vec<_>, Vec<_>) = table.all().iter().partition(|peer| peer.is_up);
    let mut running: Vec<String> = up.into_iter().map(|peer| peer.name.clone()).collect();
    running.push(node.config.node.name.clone());
    running.sort();
    let mut stopped_nodes: Vec<String> = down.into_iter().map(|peer| peer.name.clone()).collect();
    // Those that nobody has looked at yet, as just after the start.
    let unseen = join::others(node)
        .into_iter()
        .filter(|name| table.by_name(name).is_none());
    stopped_nodes.extend(unseen);
    stopped_nodes.sort();
    ClusterView {
        running_nodes: running,
        stopped_nodes,
    }
}

/// What an operator waits for who changes the members.
pub fn waits_for(node: &NodeShared) -> &'static str {
    let leads = |consensus: Consensus| consensus.status().leader.is_some();
    match node.state.consensus().map(leads) {
        _ if node.cluster.admission.is_joining() => "waiting to be admitted and to know what the cluster knows",
        Some(false) => "waiting until the voting nodes have elected a leader",
        _ => "waiting until the nodes have agreed on it",
    }
}

/// Asks whoever is at an address about membership.
async fn ask(
    node: &NodeShared,
    address: &str,
    expected: Option<NodeId>,
    question: &Question,
    within: Duration,
) -> Result<Answer, AskError> {
    let body = question.bytes();
    let asked = node
        .cluster
        .ask_at(address, expected, Service::Admission, &body, within);
    let answer = asked.await?;
    // What cannot be read comes from a version that answers otherwise.
    let unreadable = |_| Answer::no(NoReason::Unknown, "it does not understand the question");
    Ok(serde_json::from_slice(&answer).unwrap_or_else(unreadable))
}
