//! `reload`, `shutdown`, `listeners stop|restart ID --drain`, and how many clients those would concern.
//!
//! Letting clients go is done by `drain.rs` in a task of its own; a caller only watches it, and may leave.

use std::sync::Arc;
use std::time::{Duration, Instant};

use emqx_shared::request::LifecycleRequest;
use emqx_shared::views::{ClientCountsView, DrainedView, NodeState};
use emqx_shared::{ErrorCode, Failure, Progress, View};
use tokio::sync::watch;

use super::dispatch::on_worker;
use super::listeners;
use super::server::ReplySender;
use crate::drain::{DrainProgress, let_listener_go};
use crate::node::NodeShared;
use crate::reload::reload_all;

/// Between two words about how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

pub(super) async fn handle(
    node: &Arc<NodeShared>,
    request: LifecycleRequest,
    replies: ReplySender,
) -> Result<View, Failure> {
    match request {
        LifecycleRequest::Reload { wait: true } => {
            let mut rows = replies.rows(View::ReloadParts);
            for part in reload_all(node).await.parts {
                rows.row(part).await?;
            }
            Ok(rows.finish(None).await?)
        }
        LifecycleRequest::Reload { wait: false } => {
            node.reloads.ask();
            Ok(View::Nothing)
        }
        LifecycleRequest::Shutdown { drain_ms } => {
            if node.state() == NodeState::Starting {
                return Err(Failure::new(ErrorCode::Starting, "the node is starting").next("try again"));
            }
            let progress = node.shutdown.progress();
            if !node.shutdown.ask(drain_ms.map(Duration::from_millis)) {
                return Err(Failure::new(ErrorCode::Stopping, "the node is stopping already"));
            }
            follow(progress, "clients let go".to_owned(), replies).await
        }
        LifecycleRequest::DrainListener { listener, drain_ms } => {
            let run = listeners::stop_accepting(node, &listener)?;
            let progress = let_listener_go(node, run, Duration::from_millis(drain_ms));
            follow(progress, format!("clients of {listener} let go"), replies).await
        }
        LifecycleRequest::RenewListener { listener, drain_ms } => {
            let run = listeners::stop_accepting(node, &listener)?;
            let started = listeners::start_again(node, &listener).await;
            // Also if it did not start: nobody answers for its clients any more.
            let progress = let_listener_go(node, run, Duration::from_millis(drain_ms));
            started?;
            follow(progress, format!("clients of {listener} let go"), replies).await
        }
        LifecycleRequest::CountClients { listener } => count(node, listener.as_deref()).await,
    }
}

/// Tells how far it is until nothing more happens.
async fn follow(
    mut progress: watch::Receiver<DrainProgress>,
    what: String,
    replies: ReplySender,
) -> Result<View, Failure> {
    let began = Instant::now();
    loop {
        let now = *progress.borrow_and_update();
        if now.is_over {
            return Ok(View::Drained(DrainedView {
                connections: now.total as u64,
                took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            }));
        }
        let step = Progress {
            what: what.clone(),
            done: now.total.saturating_sub(now.left) as u64,
            total: (now.total > 0).then_some(now.total as u64),
        };
        replies.progress(step).await?;
        tokio::select! {
            _ = progress.wait_for(|progress| progress.is_over) => {}
            () = tokio::time::sleep(PROGRESS_INTERVAL) => {}
        }
    }
}

async fn count(node: &NodeShared, only: Option<&str>) -> Result<View, Failure> {
    let run = match only {
        None => None,
        Some(id) => Some(listeners::run_of(node, id)?),
    };
    let mut counts = ClientCountsView::default();
    for worker in node.workers() {
        let mut from = Some(0);
        while let Some(place) = from {
            let run = run.clone();
            let page = on_worker(node, worker, move |worker| worker.count_ties(run.as_ref(), place));
            let (page, next) = page.await?;
            counts.connections += page.connections as u64;
            counts.with_will += page.with_will as u64;
            counts.with_kept_session += page.with_kept_session as u64;
            from = next;
        }
    }
    Ok(View::ClientCounts(counts))
}
