//! Two nodes have a session of one client: the one whose client came last stays.
//!
//! So it is after a partition, or when a client had to come in without the lock of its id. Each node hears where the
//! others' clients are; who hears of a newer session of a client that is here ends its own, and both come to the same
//! result. A session that is just on its way from one node to another is on both for a moment: nothing is decided until
//! that is over.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use emqxd_broker::DisconnectReason;
use emqxd_cluster::registry::stays;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::Counts;
use super::holder::on_owner;
use crate::node::NodeShared;

/// Between two looks whether a move is over.
const LOOK: Duration = Duration::from_millis(250);

/// Clients whose sessions are just moving, from here or to here.
#[derive(Debug, Default)]
pub(super) struct Moving {
    clients: Mutex<HashMap<ByteString, Move>>,
    /// Conflicts that wait until a move is over.
    delayed: Mutex<HashSet<ByteString>>,
}

#[derive(Debug, Default)]
struct Move {
    /// Claims of them here that are under way.
    claims: usize,
    /// Until when the session here is frozen.
    frozen_until: Option<Instant>,
}

impl Moving {
    /// A client is on its way in here, until [`Self::claimed`].
    pub fn claiming(&self, client_id: &ByteString) {
        self.clients.lock().entry(client_id.clone()).or_default().claims += 1;
    }

    /// It has come in, or not.
    pub fn claimed(&self, client_id: &ByteString) {
        let mut clients = self.clients.lock();
        if let Some(moving) = clients.get_mut(client_id) {
            moving.claims = moving.claims.saturating_sub(1);
            // It is not frozen any more, if it was: its client is here.
            moving.frozen_until = None;
            if moving.claims == 0 {
                clients.remove(client_id);
            }
        }
    }

    /// Another node takes the session of a client; if it does not, the session is an ordinary one again at `until`.
    pub fn given(&self, client_id: &ByteString, until: Instant) {
        let mut clients = self.clients.lock();
        let now = Instant::now();
        clients.retain(|_, moving| moving.claims > 0 || moving.frozen_until.is_some_and(|until| now < until));
        clients.entry(client_id.clone()).or_default().frozen_until = Some(until);
    }

    /// It has taken it.
    pub fn is_over(&self, client_id: &ByteString) {
        let mut clients = self.clients.lock();
        if let Some(moving) = clients.get_mut(client_id) {
            moving.frozen_until = None;
            if moving.claims == 0 {
                clients.remove(client_id);
            }
        }
    }

    /// Whether another node is just taking the session that is here.
    pub fn is_given(&self, client_id: &ByteString) -> bool {
        let clients = self.clients.lock();
        let until = clients.get(client_id).and_then(|moving| moving.frozen_until);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Nobody takes what is here.
    pub fn forget_given(&self) {
        let mut clients = self.clients.lock();
        clients.values_mut().for_each(|moving| moving.frozen_until = None);
        clients.retain(|_, moving| moving.claims > 0);
    }

    /// Whether no conflict waits for a claim of this node.
    pub fn no_claim_delays_a_conflict(&self) -> bool {
        let delayed: Vec<ByteString> = self.delayed.lock().iter().cloned().collect();
        !delayed.iter().any(|client_id| self.is_claimed(client_id))
    }

    /// Whether a claim of a client is under way here.
    pub fn is_claimed(&self, client_id: &ByteString) -> bool {
        let clients = self.clients.lock();
        clients.get(client_id).is_some_and(|moving| moving.claims > 0)
    }

    fn is_moving(&self, client_id: &ByteString) -> bool {
        let clients = self.clients.lock();
        let moving = clients.get(client_id);
        moving
            .is_some_and(|moving| moving.claims > 0 || moving.frozen_until.is_some_and(|until| Instant::now() < until))
    }
}

/// The node in `slot` says that it has a session of a client since `since`, Unix milliseconds. If this node has an older
/// one, that ends here.
pub async fn on_conflict(node: &Arc<NodeShared>, client_id: &str, since: u64, slot: u8) {
    let client_id = ByteString::from(client_id);
    // The end of a move says who has it.
    let is_undecided = |node: &NodeShared, client_id: &ByteString| {
        node.registry.moving.is_moving(client_id) || node.registry.unfinished.has(client_id)
    };
    if !is_undecided(node, &client_id) {
        settle(node, &client_id, since, slot).await;
        return;
    }
    let Some(services) = node.services() else { return };
    if !node.registry.moving.delayed.lock().insert(client_id.clone()) {
        return;
    }
    let node = Arc::clone(node);
    // As many as there are moves, which are bounded.
    services.spawn(async move {
        while is_undecided(&node, &client_id) {
            tokio::time::sleep(LOOK).await;
        }
        node.registry.moving.delayed.lock().remove(&client_id);
        // What was said then need not be so any more.
        let present = node.tables.locations.find(&client_id);
        for (slot, since) in present {
            settle(&node, &client_id, since, slot).await;
        }
    });
}

async fn settle(node: &NodeShared, client_id: &ByteString, since: u64, slot: u8) {
    let table = node.cluster.peers();
    let (Some(own), Some(peer)) = (node.cluster.own().map(|own| own.id), table.by_slot(slot)) else {
        return;
    };
    let (id, other) = (client_id.clone(), (since, peer.id));
    let ended = on_owner(node, client_id, move |shard, now, effects| {
        let here = shard.client_since(&id)?;
        if stays((here, own), other) {
            return None;
        }
        Some(shard.discard(&id, None, DisconnectReason::TakenOver, now, effects))
    });
    if let Some(Some(_ended)) = ended.await {
        let conflicts = Counts::inc(&node.registry.counts.conflicts);
        tracing::warn!(
            clientid = %client_id,
            peer = %peer.name,
            conflicts,
            why = "the client has connected there later, while the nodes did not reach each other",
            "session_conflict"
        );
    }
}
