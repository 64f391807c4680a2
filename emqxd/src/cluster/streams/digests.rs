//! What this node believes, summed up: nodes that agree give the same answer.
//!
//! Read by who compares nodes (`cluster digests`, tests): which node owns how many rows and the sum of their hashes, the
//! retained messages, the licence, the settings that the cluster shares, and where the consensus is.

use std::sync::Arc;

use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::stream::{Sum, Sums};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::replica::retained_sum;
use crate::cluster::PeerInfo;
use crate::node::NodeShared;

/// Settings that may be others on each node, or have to be.
const OF_ONE_NODE: [&str; 4] = ["node.", "listeners.", "log.", "cluster."];
/// Bytes of a digest that is shown.
const SHOWN: usize = 8;

/// What a node believes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// Its name.
    pub node: String,
    /// Its number in the consensus; 0 where there is none.
    pub id: NodeId,
    /// What nodes that agree have in common.
    pub shared: Shared,
    /// Whether it has all that each node that is up was known to have a moment ago.
    pub is_in_sync: bool,
}

/// What nodes that agree have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// What each node owns that is up, itself among them, by number.
    pub owners: Vec<Owner>,
    /// The retained messages.
    pub retained: Sum,
    /// Of the licence's text; empty for the built-in one.
    pub license: String,
    /// Of the settings that are not a node's own.
    pub config: String,
    /// Term of the consensus, and its last entry that is applied.
    pub consensus: Option<(u64, u64)>,
}

/// What a node owns, as another or it itself knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Its number in the consensus.
    pub id: NodeId,
    /// Its rows.
    pub rows: Sums,
}

/// What this node believes now.
pub fn digests(node: &NodeShared) -> Digests {
    let streams = &node.streams;
    let id = node.cluster.own().map_or(0, |own| own.id);
    let own = streams.journal().map(|journal| journal.ring().now().1);
    let mut owners = vec![Owner {
        id,
        rows: own.unwrap_or_default(),
    }];
    let mut is_in_sync = true;
    for peer in node.cluster.peers().up() {
        let status = streams.of(peer.id).unwrap_or_default();
        is_in_sync &= status.state == super::StreamState::InSync;
        owners.push(Owner {
            id: peer.id,
            rows: believed_of(node, peer),
        });
    }
    owners.sort_by_key(|owner| owner.id);
    let facts = node.state.facts();
    let license = facts.license.as_ref();
    let consensus = node.state.consensus().map(|consensus| consensus.status());
    Digests {
        node: node.config.node.name.clone(),
        id,
        shared: Shared {
            owners,
            retained: retained_sum(&node.retained),
            license: license.map_or_else(String::new, |license| digest([license.license.as_str()])),
            config: config_digest(node),
            consensus: consensus.map(|status| (status.term, status.applied.unwrap_or(0))),
        },
        is_in_sync,
    }
}

/// The answer to another node's question.
pub async fn answer(node: &Arc<NodeShared>) -> Vec<u8> {
    serde_json::to_vec(&digests(node)).unwrap_or_default()
}

/// What another node owns, as far as it is known here; nothing once it has been down for long enough.
pub fn believed_of(node: &NodeShared, peer: &PeerInfo) -> Sums {
    let status = node.streams.of(peer.id).unwrap_or_default();
    live(node, peer.slot, status.rows)
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

fn config_digest(node: &NodeShared) -> String {
    let settings = node.running_config.settings();
    let is_shared = |key: &str| !OF_ONE_NODE.iter().any(|prefix| key.starts_with(prefix));
    let shared = settings.iter().filter(|(key, _)| is_shared(key));
    digest(shared.flat_map(|(key, setting)| [key.as_str(), setting.shown.as_str()]))
}

fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    hasher.finalize()[..SHOWN]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
