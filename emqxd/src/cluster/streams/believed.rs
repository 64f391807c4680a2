//! What this node believes that the others own, summed up for `cluster digest`: nodes that agree have the same sums.

use emqxd_cluster::stream::{Sum, Sums};

use crate::cluster::PeerInfo;
use crate::node::NodeShared;

/// What another node owns, as far as it is known here; nothing once it has been down for long enough.
pub fn believed_of(node: &NodeShared, peer: &PeerInfo) -> Sums {
    let status = node.streams.of(peer.id).unwrap_or_default();
    live(node, peer.slot, status.rows)
}

/// The retained messages, whoever wrote them.
pub fn retained(node: &NodeShared) -> Sum {
    super::replica::retained_sum(&node.retained)
}

/// The rows that were counted, with hashes as they are now.
fn live(node: &NodeShared, slot: u8, rows: Sums) -> Sums {
    let routes = node.tables.routes.peer_digests(slot);
    let with = |sum: Sum, hash| Sum { hash, ..sum };
    Sums {
        routes: with(rows.routes, routes.routes),
        members: with(rows.members, routes.members),
        clients: Sum {
            rows: node.tables.locations.len_of(slot) as u64,
            hash: node.tables.locations.digest_of(slot),
        },
    }
}
