//! After a change of rules: the subscriptions of all connected clients are asked about again.
//!
//! In the background and in pieces of [`PIECE`], one worker after the other, so that nobody waits. Rules that change
//! meanwhile begin it anew; a hundred rules added one by one do not begin it a hundred times. What each subscription is
//! asked, and what becomes of those that are refused, is the broker's (`Shard::recheck_subscriptions`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use emqxd_broker::Recheck;
use tokio::sync::watch;

use crate::node::NodeShared;

/// How long a worker is at it between two looks at its clients.
const PIECE: Duration = Duration::from_micros(400);

/// Runs until the node stops.
pub async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = node.authz.to_recheck.notified() => {}
        }
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = recheck_all(&node) => {}
        }
    }
}

async fn recheck_all(node: &NodeShared) {
    for worker in node.workers() {
        let mut recheck = Recheck::default();
        loop {
            let piece = worker.run(move |worker| {
                let began = Instant::now();
                let mut has_more = true;
                while has_more && began.elapsed() < PIECE {
                    has_more = worker
                        .with_shard(|shard, now, effects| shard.recheck_subscriptions(&mut recheck, now, effects));
                }
                (recheck, has_more)
            });
            match piece.await {
                Ok((further, true)) => recheck = further,
                // The end, or a worker that has stopped: it has no clients any more.
                Ok((_, false)) | Err(_) => break,
            }
        }
    }
}
