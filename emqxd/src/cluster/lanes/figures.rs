//! What went over the lanes between this node and each other one, for operators.

use crate::node::NodeShared;

/// The lanes of all workers to and from one node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LaneFigures {
    /// Lanes to it: one a worker.
    pub lanes: usize,
    /// Of those: with a link.
    pub linked: usize,
    /// Messages that wait, or are not acknowledged.
    pub queued_messages: usize,
    /// Their bytes.
    pub queued_bytes: usize,
    /// Messages written to links, each once.
    pub sent: u64,
    /// Written once more to another link.
    pub resent: u64,
    /// Given up: no link, no room, or the other node has started anew.
    pub dropped: u64,
    /// Messages that came from it.
    pub received: u64,
}

impl LaneFigures {
    /// Adds those of another worker.
    pub fn add(&mut self, other: &Self) {
        self.lanes += other.lanes;
        self.linked += other.linked;
        self.queued_messages += other.queued_messages;
        self.queued_bytes += other.queued_bytes;
        self.sent += other.sent;
        self.resent += other.resent;
        self.dropped += other.dropped;
        self.received += other.received;
    }
}

/// The lanes to and from each other node, by its number.
pub async fn figures(node: &NodeShared) -> Vec<(emqxd_cluster::consensus::NodeId, LaneFigures)> {
    let mut figures = Vec::new();
    for worker in node.workers() {
        let added = worker.run(move |worker| {
            worker.lanes.add_to(&mut figures);
            figures
        });
        // A worker that has stopped has no lanes, and the node stops.
        figures = added.await.unwrap_or_default();
    }
    figures
}
