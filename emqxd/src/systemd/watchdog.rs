//! `WATCHDOG=1` at half of `WatchdogSec=`, as long as every data worker makes turns.
//!
//! Before each sign of life every worker is asked to answer a command through its own loop, the one that serves its
//! clients. An idle worker is woken for it and answers; one that is stuck in a turn does not, and then nothing is sent
//! until it does, so that systemd ends the process and starts it anew. `node_watch.rs` says earlier and with a figure
//! which worker is late; what is logged here is that it may cost the process.

use std::sync::Arc;
use std::time::Duration;

use emqx_shared::views::NodeState;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::node::NodeShared;
use crate::worker::WorkerHandle;

/// Signs of life in the time that the manager waits for one.
const BEATS: u32 = 2;

/// Sends signs of life until the process ends: one that hangs while it stops is to be noticed, too.
pub async fn run(node: Arc<NodeShared>) {
    let Some(patience) = node.service.watchdog_time() else {
        return;
    };
    let interval = patience / BEATS;
    let mut next = Instant::now();
    loop {
        sleep_until(next).await;
        next += interval;
        if !all_answer(&node, interval).await {
            return;
        }
        node.service.alive();
        // A beat that was late does not make the following ones early.
        next = next.max(Instant::now() + interval / 2);
    }
}

/// Waits, however long it takes, until all workers have answered. `false` if one has stopped.
async fn all_answer(node: &NodeShared, interval: Duration) -> bool {
    let deadline = Instant::now() + interval;
    for (number, worker) in node.workers().iter().enumerate() {
        if !answers(worker, number, node, deadline).await {
            if node.state() == NodeState::Started {
                tracing::error!(
                    worker = number,
                    why = "it has ended: the service manager is about to start the daemon anew",
                    "watchdog_withheld"
                );
            }
            return false;
        }
    }
    true
}

async fn answers(worker: &WorkerHandle, number: usize, node: &NodeShared, deadline: Instant) -> bool {
    let answer = worker.run(|_| ());
    tokio::pin!(answer);
    if let Ok(answered) = timeout_at(deadline, &mut answer).await {
        return answered.is_ok();
    }
    tracing::error!(
        worker = number,
        why = "it makes no turn, so no sign of life is sent: the service manager is about to end the process",
        "watchdog_withheld"
    );
    node.service
        .status(&format!("worker {number} does not answer: no sign of life is sent"));
    let answered = answer.await.is_ok();
    if answered {
        tracing::warn!(worker = number, "watchdog_resumed");
        node.service.status(&super::describe(node));
    }
    answered
}
