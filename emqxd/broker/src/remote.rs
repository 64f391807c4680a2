//! Other nodes in the tables of this one: each has a number beside those of the workers, so that a route, a share group's
//! member or a piece of mail can name it.

use crate::WorkerId;

/// Other nodes that a node can know at once.
pub const PEERS_MAX: usize = 32;
/// The number of the first one; those of workers are below.
pub const FIRST_PEER: WorkerId = 0x8000;

/// The number of the node in a slot, 0 to [`PEERS_MAX`] - 1.
pub const fn peer_worker(slot: u8) -> WorkerId {
    FIRST_PEER + slot as WorkerId
}

/// The slot of a number; `None` for a worker of this node.
pub const fn peer_slot(worker: WorkerId) -> Option<u8> {
    if worker < FIRST_PEER {
        return None;
    }
    Some((worker - FIRST_PEER) as u8)
}

/// Whether a number is that of a worker of this node.
pub(crate) const fn is_local(worker: WorkerId) -> bool {
    worker < FIRST_PEER
}

/// Decides between two writers of one row: the later one, then the one of the higher number, which is the same on every
/// node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Stamp {
    /// Unix milliseconds of the writer, never less than what it has seen.
    pub at: u64,
    /// The writer's number in the cluster.
    pub node: u64,
}
