//! Bringing a session here: the questions to the node that has it, and what comes in pages.

use std::sync::Arc;

use bytestring::ByteString;
use emqxd_cluster::consensus::NodeId;
use tokio::time::Instant;

use super::holder::on_owner;
use super::parcel::{PARCEL_BYTES_MAX, Parcel};
use super::question::About;
use super::{ANSWER_TIME, Counts, ask};
use crate::node::NodeShared;

/// A move that the other node has begun.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub client_id: ByteString,
    pub from: NodeId,
    /// The start of that node which froze the session.
    pub boot: u64,
    /// Which freeze it is.
    pub freeze: u64,
}

/// What became of asking for the end of a move.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The session is here only, with what was collected for it.
    Given(Vec<u8>),
    /// It goes on over there, or somebody else has it.
    Kept,
    /// The other node cannot have it any more, and what it had collected is lost; so is what its client did there, if it
    /// came back there before.
    Lost,
    /// There is no answer.
    Unknown,
}

impl Move {
    /// Asks for what was collected over there; the session is gone there then.
    pub async fn end(&self, node: &NodeShared, deadline: Instant) -> Ended {
        let about = About::End { freeze: self.freeze };
        match ask::<Option<Parcel>>(node, self.from, &self.client_id, about, deadline).await {
            Some(Some(collected)) => match receive(node, self.from, &self.client_id, collected, deadline).await {
                Some(bytes) => Ended::Given(bytes),
                None => Ended::Unknown,
            },
            // Another start of that node has never heard of it.
            Some(None) if boot_of(node, self.from) != self.boot => Ended::Lost,
            Some(None) => Ended::Kept,
            None => {
                let lease = &node.cluster.lease;
                let is_out = lease.is_needed() && lease.may_own(node.clock.now()) && lease.is_out(self.from);
                if is_out { Ended::Lost } else { Ended::Unknown }
            }
        }
    }

    /// Asks once more, and does what the answer says with the session that was taken in; whether there was one.
    pub async fn end_later(&self, node: &Arc<NodeShared>) -> bool {
        let id = self.client_id.clone();
        match self.end(node, Instant::now() + ANSWER_TIME).await {
            Ended::Given(collected) => {
                let merged = on_owner(node, &self.client_id, move |shard, now, _| {
                    shard.takeover_merge(&id, &collected, now)
                });
                match merged.await {
                    Some(Ok(())) => drop(Counts::inc(&node.registry.counts.taken_over)),
                    Some(Err(reason)) => {
                        tracing::error!(clientid = %self.client_id, %reason, "session_not_taken_in");
                    }
                    None => return false,
                }
            }
            Ended::Kept | Ended::Lost => {
                let abandoned = on_owner(node, &self.client_id, move |shard, now, effects| {
                    shard.takeover_abandon(&id, now, effects)
                });
                if abandoned.await.is_none() {
                    return false;
                }
            }
            Ended::Unknown => return false,
        }
        true
    }
}

/// The start of a node that is known now.
pub(super) fn boot_of(node: &NodeShared, id: NodeId) -> u64 {
    node.cluster.peers().by_id(id).map_or(0, |peer| peer.boot)
}

/// Fetches the other pages of a parcel.
pub(super) async fn receive(
    node: &NodeShared,
    from: NodeId,
    client_id: &ByteString,
    parcel: Parcel,
    deadline: Instant,
) -> Option<Vec<u8>> {
    if parcel.len > PARCEL_BYTES_MAX {
        return None;
    }
    let mut bytes = parcel.first.to_vec();
    while (bytes.len() as u64) < parcel.len {
        let about = About::Page {
            parcel: parcel.number,
            from: bytes.len() as u64,
        };
        let page: Option<Option<bytes::Bytes>> = ask(node, from, client_id, about, deadline).await;
        let page = page.flatten().filter(|page| !page.is_empty())?;
        bytes.extend_from_slice(&page);
    }
    Some(bytes)
}
