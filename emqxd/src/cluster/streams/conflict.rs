//! Clients that another node says to have, of which this node has sessions too.
//!
//! After a partition there may be many: they are looked for on the workers that own them, one command for each worker
//! and each frame of the stream. What becomes of the older session is [`sessions::on_conflict`]'s.

use std::sync::Arc;

use crate::cluster::sessions;
use crate::node::NodeShared;

/// `arrived` are clients of the node in `slot`, each with when it connected there.
pub(super) async fn settle(node: &Arc<NodeShared>, arrived: Vec<(String, u64)>, slot: u8) {
    let workers = node.workers();
    if arrived.is_empty() || workers.is_empty() {
        return;
    }
    let mut by_owner = vec![Vec::new(); workers.len()];
    for (client_id, since) in arrived {
        by_owner[usize::from(node.worker_of(&client_id))].push((client_id, since));
    }
    for (worker, clients) in workers.iter().zip(by_owner) {
        if clients.is_empty() {
            continue;
        }
        let older_here = worker.run(move |worker| {
            let is_older = |(client_id, since): &(String, u64)| {
                let here = worker.shard.client_since(client_id);
                here.is_some_and(|here| here <= *since)
            };
            clients.into_iter().filter(is_older).collect::<Vec<_>>()
        });
        // The node stops: its clients leave it anyway.
        let Ok(older_here) = older_here.await else { return };
        for (client_id, since) in older_here {
            sessions::on_conflict(node, &client_id, since, slot).await;
        }
    }
}
