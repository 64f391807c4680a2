//! `trace …` and `traces …`.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use emqx_shared::request::{TraceDestination, TraceRequest, TraceStart, TraceTarget};
use emqx_shared::views::TraceLinesView;
use emqx_shared::{ErrorCode, Failure, View};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::peer::Peer;
use super::server::ReplySender;
use crate::node::NodeShared;
use crate::trace::{self, Trace, Watch};

/// How often a watcher hears something even if nothing happens: it learns that we are alive, and we that it is.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);
/// How long a caller's file may take to answer what kind of file it is.
const FILE_ANSWER: Duration = Duration::from_secs(5);

pub(super) async fn handle(
    node: &Arc<NodeShared>,
    peer: &Peer,
    request: TraceRequest,
    descriptor: Option<OwnedFd>,
    replies: ReplySender,
) -> Result<View, Failure> {
    match request {
        TraceRequest::List => list(node, replies).await,
        TraceRequest::Start(start) => start_trace(node, peer, *start, descriptor, replies).await,
        TraceRequest::Stop { target } => stop(node, &target).await,
        TraceRequest::Delete { name } => delete(node, name).await,
        TraceRequest::Tail { name } => {
            let (_trace, watch) = node.traces.watch(&name)?;
            follow(&watch, &replies).await
        }
    }
}

async fn list(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let mut rows = replies.rows(View::Traces);
    for trace in node.traces.list() {
        rows.row(trace).await?;
    }
    Ok(rows.finish(None).await?)
}

async fn start_trace(
    node: &Arc<NodeShared>,
    peer: &Peer,
    start: TraceStart,
    descriptor: Option<OwnedFd>,
    replies: ReplySender,
) -> Result<View, Failure> {
    let is_live = start.destination == TraceDestination::Live;
    let uid = peer.uid;
    // It asks file systems, one of which may be the caller's and hang.
    let its_node = Arc::clone(node);
    let (answer, started) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let result = its_node.traces.start(start, uid, descriptor);
        if let Err(Ok(trace)) = answer.send(result) {
            // Its caller has gone, or was told that the file does not answer.
            its_node.traces.give_up(&trace);
        }
    });
    let trace = timeout(FILE_ANSWER, started)
        .await
        .map_err(|_| {
            Failure::new(ErrorCode::Timeout, "the trace file does not answer")
                .why(format!(
                    "its file system has said nothing for {} s",
                    FILE_ANSWER.as_secs()
                ))
                .next("name a file on another file system")
        })?
        .map_err(|crash| Failure::new(ErrorCode::Internal, crash.to_string()))??;
    if !is_live {
        trace::install(node).await;
        return Ok(View::Trace(Box::new(node.traces.view(&trace))));
    }
    // It ends with its caller: also when this future is dropped.
    let live = LiveTrace {
        node: Arc::clone(node),
        trace: Arc::clone(&trace),
    };
    let watch = node.traces.watch_trace(&trace)?;
    trace::install(node).await;
    replies.chunk(View::Trace(Box::new(node.traces.view(&trace)))).await?;
    let end = follow(&watch, &replies).await;
    drop(live);
    end
}

/// Sends lines until the trace ends or the caller leaves.
async fn follow(watch: &Watch, replies: &ReplySender) -> Result<View, Failure> {
    loop {
        let Some(lines) = watch.take() else {
            return Ok(View::Nothing);
        };
        let is_empty = lines.text.is_empty() && lines.dropped == 0;
        if !is_empty {
            replies.chunk(View::TraceLines(lines)).await?;
        }
        if timeout(SIGN_OF_LIFE, watch.changed()).await.is_err() {
            let sign_of_life = TraceLinesView {
                dropped: 0,
                text: String::new(),
            };
            replies.chunk(View::TraceLines(sign_of_life)).await?;
        }
    }
}

async fn stop(node: &Arc<NodeShared>, target: &TraceTarget) -> Result<View, Failure> {
    let traces = node.traces.find(target)?;
    let first = Arc::clone(&traces[0]);
    for trace in traces {
        trace::stop(node, trace, "stopped").await;
    }
    Ok(View::Trace(Box::new(node.traces.view(&first))))
}

async fn delete(node: &Arc<NodeShared>, name: String) -> Result<View, Failure> {
    let trace = node.traces.find(&TraceTarget::Name(name))?.remove(0);
    trace::stop(node, Arc::clone(&trace), "deleted").await;
    let its_node = Arc::clone(node);
    let view = node.traces.view(&trace);
    tokio::task::spawn_blocking(move || its_node.traces.forget(&trace))
        .await
        .map_err(|crash| Failure::new(ErrorCode::Internal, crash.to_string()))?;
    Ok(View::Trace(Box::new(view)))
}

/// A trace that is only watched; stops when dropped.
struct LiveTrace {
    node: Arc<NodeShared>,
    trace: Arc<Trace>,
}

impl Drop for LiveTrace {
    fn drop(&mut self) {
        let (node, trace) = (Arc::clone(&self.node), Arc::clone(&self.trace));
        // Within the runtime of the control socket; at its end nothing is traced any more.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { trace::stop(&node, trace, "stopped").await });
        }
    }
}
