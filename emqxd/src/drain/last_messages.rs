//! The end of a drain: nothing new is promised, and what was promised before reaches those who are still connected.

use std::time::Duration;

use emqxd_broker::DisconnectReason;
use tokio::time::timeout;

use super::course::Course;
use super::party::{let_all_go, parties, wait_for_postponed};
use crate::node::NodeShared;

/// How long what is under way between workers may take to arrive; it takes microseconds unless they are overloaded.
const QUIET_TIME: Duration = Duration::from_secs(1);

/// Takes no PUBLISH any more, brings what was acknowledged to those who are connected, and lets them go: first those who
/// subscribe to nothing, so that the others still hear of their wills.
pub(super) async fn last_messages(node: &NodeShared, course: &mut Course<'_>) {
    for worker in node.workers() {
        let _it_may_have_stopped = worker.run(|worker| worker.take_no_messages()).await;
    }
    quiet(node).await;
    let mut parties = parties(node, None, DisconnectReason::ServerShuttingDown).await;
    for party in &mut parties {
        while !party.is_through
            && party
                .leaving
                .as_ref()
                .is_some_and(|leaving| !leaving.are_subscribers_due())
        {
            party.let_go(usize::MAX).await;
        }
    }
    quiet(node).await;
    let_all_go(&mut parties).await;
    wait_for_postponed(&mut parties, course).await;
}

/// Until nothing is under way between the workers, or to nodes that can be reached: found so twice in a row, as a worker may have written to one that
/// had been asked before it.
pub(super) async fn quiet(node: &NodeShared) {
    let quiet_twice = async {
        let mut in_a_row = 0;
        while in_a_row < 2 {
            in_a_row = if is_quiet(node).await { in_a_row + 1 } else { 0 };
            tokio::task::yield_now().await;
        }
    };
    if timeout(QUIET_TIME, quiet_twice).await.is_err() {
        tracing::warn!("messages_under_way_at_the_end");
    }
}

async fn is_quiet(node: &NodeShared) -> bool {
    let mut is_quiet = true;
    for worker in node.workers() {
        // One that has stopped has nothing under way.
        is_quiet &= worker.run(|worker| worker.is_quiet()).await.unwrap_or(true);
        is_quiet &= worker.mail.capacity() == worker.mail.max_capacity() || worker.mail.is_closed();
    }
    is_quiet
}
