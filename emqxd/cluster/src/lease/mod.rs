//! Leases by which at most one node acts as the owner of a client's session, however the network is cut.
//!
//! The leader of the consensus grants each voter a lease, again and again, as long as a majority of voters reach it and
//! each other. A node whose lease has run out lets go of sessions; only once it must have, the leader tells the others
//! that the node is *out*, and that they need not ask it any more. So a node that holds a lease can trust what it was
//! told: nobody that is out owns a session.
//!
//! Three rules keep that true. A lease counts from when it was asked for. A report counts for the leader from the time
//! stamp that it gave with its last answer, so that what was long on its way, or what a leader finds when it wakes up,
//! is old. And a node that was out gets a lease only when each node that may hold one knows that it is in again.
//!
//! No I/O, no clock: times are milliseconds of each node's own monotonic clock, which need not agree.

mod holder;
mod leader;
#[cfg(test)]
mod simulation;

use serde::{Deserialize, Serialize};

use crate::consensus::NodeId;

pub use self::holder::Holder;
pub use self::leader::Leader;

/// How long a lease lasts from when it was asked for: longer than the election of another leader takes.
pub const LEASE_MS: u64 = 5_000;
/// How long a report counts. A leader that was replaced grants nothing after so long.
pub const REPORT_COUNTS_MS: u64 = 800;
/// By how much the clocks of two nodes may differ over the length of a lease.
pub const DRIFT_MS: u64 = 500;
/// A lease of the leader before that lasts for so long still is prolonged at once: nobody can say any more that its node
/// is out, since that leader is none by then.
const SURE_MS: u64 = 2 * REPORT_COUNTS_MS + DRIFT_MS;

/// What the nodes that hold leases know of those that cannot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Of the leader who says so.
    pub term: u64,
    /// Grows with each change within a term.
    pub version: u64,
    /// Voters that hold no lease and get none before all know.
    pub out: Vec<NodeId>,
}

/// What a node tells the leader when it asks for a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which one it follows.
    pub term: u64,
    /// Whose report it is.
    pub node: NodeId,
    /// The stamp of the last answer of that term; 0 before the first.
    pub stamp: u64,
    /// How long its lease lasts still.
    pub left_ms: u64,
    /// Version of the view of that term that it knows; 0 before the first.
    pub version: u64,
    /// Other voters that have answered it lately.
    pub reaches: Vec<NodeId>,
}

/// What the leader answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The leader's clock, for the next report.
    pub stamp: u64,
    /// The lease lasts [`LEASE_MS`] from when it was asked for.
    pub is_granted: bool,
    /// Who is out.
    pub view: View,
}
