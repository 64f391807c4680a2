//! Two nodes have a session of one client: the newer one stays.

use emqxd_broker::DisconnectReason;
use emqxd_cluster::registry::stays;

use crate::node::id_of;
use crate::world::World;

impl World {
    /// Another node says to have these clients, each since when.
    pub fn clients_arrived(&mut self, node: usize, peer: usize, arrived: Vec<(String, u64)>) {
        for (client, since) in arrived {
            if self.is_moving(node, &client) {
                if let Some(at) = &mut self.nodes[node] {
                    at.registry.conflicts.insert(client);
                }
            } else {
                self.settle_conflict(node, peer, &client, since);
            }
        }
    }

    pub(super) fn is_moving(&self, node: usize, client: &str) -> bool {
        let Some(at) = &self.nodes[node] else { return false };
        let is_frozen = at
            .registry
            .frozen
            .get(client)
            .is_some_and(|until| self.net.now() < *until);
        is_frozen
            || self
                .claims
                .values()
                .any(|claim| claim.start == at.start && claim.client == client)
    }

    /// Of two sessions the newer one stays.
    pub(super) fn settle_conflict(&mut self, node: usize, peer: usize, client: &str, since: u64) {
        let Some(at) = &self.nodes[node] else { return };
        let here = at.broker.on_shard_of(client, |shard| shard.client_since(client));
        if here.is_some_and(|here| !stays((here, id_of(node)), (since, id_of(peer)))) {
            at.broker.discard(client, None, DisconnectReason::TakenOver);
            self.tell(|| format!("{node} ends its older session of {client}"));
        }
    }
}
