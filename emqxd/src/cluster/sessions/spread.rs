//! Waiting until all know where a session is, before the node that had it lets go of it.
//!
//! A session on its way collects messages on both nodes. The old one may stop once every publisher's node sends to the
//! new one, and what was sent to the old one only has arrived there. So each node is asked: has it taken in what the new
//! node has told of itself up to now, and is what its own workers had sent to the old node by then acknowledged? A node
//! that does not say so in time holds nobody up for longer than [`SPREAD_TIME`].

use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use emqxd_broker::WorkerId;
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::link::Peer;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::question::About;
use super::{Counts, ask};
use crate::cluster::PeerInfo;
use crate::cluster::streams::StreamState;
use crate::node::NodeShared;

/// What all of it may take.
const SPREAD_TIME: Duration = Duration::from_secs(1);
/// The same where it has to come to an end: a lane that was cut off is dialled again within this.
const CAREFUL_SPREAD_TIME: Duration = Duration::from_millis(2500);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);

/// Waits until all others know that a session of `holder` is here too; whether they do. A careful one asks all that are
/// not out.
pub(super) async fn wait(
    node: &Arc<NodeShared>,
    client_id: &ByteString,
    holder: NodeId,
    is_careful: bool,
    deadline: Instant,
) -> bool {
    let deadline = deadline.min(Instant::now() + limit(node));
    let (sequence, _) = last_change(node);
    let (table, lease) = (node.cluster.peers(), &node.cluster.lease);
    let is_asked = |peer: &&PeerInfo| {
        if is_careful { !lease.is_out(peer.id) } else { peer.is_up }
    };
    let mut asked = JoinSet::new();
    for peer in table.all().iter().filter(is_asked) {
        let (node, client_id, peer) = (Arc::clone(node), client_id.clone(), peer.id);
        asked.spawn(async move {
            let about = About::Spread { sequence, holder };
            let done: Option<bool> = ask(&node, peer, &client_id, about, deadline).await;
            done == Some(true)
        });
    }
    let mut has_spread = have_arrived(node, holder, deadline).await;
    while let Some(done) = asked.join_next().await {
        has_spread &= done.unwrap_or(false);
    }
    if !has_spread {
        Counts::inc(&node.registry.counts.spread_late);
    }
    has_spread
}

fn limit(node: &NodeShared) -> Duration {
    match node.cluster.lease.is_needed() {
        true => CAREFUL_SPREAD_TIME,
        false => SPREAD_TIME,
    }
}

/// Whether this node knows what `from` has told up to a change, and what its workers sent to `holder` by then has arrived.
pub(super) async fn on_spread(node: &NodeShared, from: &Peer, sequence: u64, holder: NodeId) -> Option<bool> {
    let deadline = Instant::now() + limit(node);
    while known_change(node, from.id, from.boot) < Some(sequence) {
        if Instant::now() >= deadline {
            return Some(false);
        }
        tokio::time::sleep(LOOK).await;
    }
    Some(have_arrived(node, holder, deadline).await)
}

/// The number of the last change that this node has told, and the start of it that it is of.
pub(super) fn last_change(node: &NodeShared) -> (u64, u64) {
    let sequence = node.streams.journal().map_or(0, |journal| journal.ring().now().0);
    (sequence, node.cluster.own().map_or(0, |own| own.boot))
}

/// Whether this node knows all that another one has told of itself up to now, or soon does.
pub async fn knows_what_it_told(node: &NodeShared, peer: &PeerInfo) -> bool {
    let deadline = Instant::now() + SPREAD_TIME;
    let nobody = ByteString::new();
    let last: Option<(u64, u64)> = ask(node, peer.id, &nobody, About::LastChange, deadline).await;
    let Some((sequence, boot)) = last else { return false };
    while known_change(node, peer.id, boot) < Some(sequence) {
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(LOOK).await;
    }
    true
}

/// The number of the last change of another node that is known here; `None` if nothing of that start of it is.
fn known_change(node: &NodeShared, of: NodeId, boot: u64) -> Option<u64> {
    let stream = node.streams.of(of).filter(|stream| stream.boot == boot);
    // A snapshot that comes has its number before its rows.
    let is_followed = |state| matches!(state, StreamState::InSync | StreamState::Behind);
    let stream = stream.filter(|stream| is_followed(stream.state));
    stream.map(|stream| stream.sequence)
}

/// Whether all that this node's workers have sent to another one is acknowledged.
async fn have_arrived(node: &NodeShared, to: NodeId, deadline: Instant) -> bool {
    let table = node.cluster.peers();
    let Some(peer) = table.by_id(to) else { return true };
    if !peer.is_up && !node.cluster.lease.is_needed() {
        return true;
    }
    // A lane that is not linked, nor about to be, may be so for long: only where nothing may be lost it is waited for.
    let (slot, waits_for_links) = (peer.slot, node.cluster.lease.is_needed());
    let mut waiting: Vec<(WorkerId, u64)> = Vec::new();
    for (id, worker) in (0..).zip(node.workers()) {
        // What it publishes from now on goes by what is known now.
        if let Ok(Some(last)) = worker
            .run(move |worker| worker.lanes.last_for(slot, waits_for_links))
            .await
        {
            waiting.push((id, last));
        }
    }
    while let Some((id, last)) = waiting.last().copied() {
        let Some(worker) = node.worker(id) else { return false };
        match worker
            .run(move |worker| worker.lanes.has_arrived(slot, last, waits_for_links))
            .await
        {
            Ok(true) => {
                waiting.pop();
            }
            Ok(false) if Instant::now() < deadline => tokio::time::sleep(LOOK).await,
            Ok(false) | Err(_) => return false,
        }
    }
    true
}
