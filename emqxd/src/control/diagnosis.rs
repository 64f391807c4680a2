//! `errors`, `events`, `top`, `log level`.

mod facts;
mod top;

use std::sync::Arc;
use std::time::Duration;

use emqx_shared::request::DiagnosisRequest;
use emqx_shared::views::{BorrowedLevelView, EventKind, TimedLogLevelView};
use emqx_shared::{ErrorCode, Failure, View};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::timeout;

use super::log::{meant, shown};
use super::server::ReplySender;
use crate::borrowed_level;
use crate::clock::unix_ms_now;
use crate::node::NodeShared;
use crate::node_events::{Event, missed};

/// A follower hears at least so often, if only that the node is still there: shorter than callers wait.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);
/// Events sent together to a follower that is behind.
const EVENTS_TOGETHER: usize = 128;

pub(super) async fn handle(
    node: &Arc<NodeShared>,
    request: DiagnosisRequest,
    replies: ReplySender,
) -> Result<View, Failure> {
    match request {
        DiagnosisRequest::ListMalformedFrames { limit } => errors(node, limit, replies).await,
        DiagnosisRequest::ListEvents {
            follow,
            client_id,
            kinds,
        } => {
            let wanted = move |event: &Event| event.is_wanted(client_id.as_deref(), &kinds);
            if follow {
                follow_events(node, wanted, replies).await
            } else {
                list_events(node, wanted, replies).await
            }
        }
        DiagnosisRequest::Top {
            sort,
            count,
            interval_ms,
            rounds,
        } => top::run(node, sort, count as usize, interval_ms, rounds, replies).await,
        DiagnosisRequest::LogLevel => Ok(log_level(node)),
        DiagnosisRequest::Facts => {
            // A listing of all descriptors may be long.
            let node = Arc::clone(node);
            let facts = tokio::task::spawn_blocking(move || facts::facts(&node)).await;
            facts.map_err(|crash| Failure::new(ErrorCode::Internal, crash.to_string()))
        }
        DiagnosisRequest::SetLogLevelFor { level, seconds } => {
            borrowed_level::borrow(node, meant(level), Duration::from_secs(seconds.into()));
            let detail = format!("{level} for {seconds} s");
            node.events.tell(EventKind::LogLevelChanged, "log", detail);
            Ok(log_level(node))
        }
    }
}

async fn errors(node: &NodeShared, limit: Option<u32>, replies: ReplySender) -> Result<View, Failure> {
    let limit = limit.map_or(usize::MAX, |limit| limit as usize);
    let mut rows = replies.rows(View::MalformedFrames);
    for frame in node.malformed_frames.newest(limit) {
        rows.row(frame).await?;
    }
    Ok(rows.finish(None).await?)
}

async fn list_events(
    node: &NodeShared,
    wanted: impl Fn(&Event) -> bool,
    replies: ReplySender,
) -> Result<View, Failure> {
    let mut rows = replies.rows(View::Events);
    for event in node.events.last(wanted) {
        rows.row(event.view()).await?;
    }
    Ok(rows.finish(None).await?)
}

/// Sends events until the node stops or the caller goes, which ends this task.
async fn follow_events(
    node: &NodeShared,
    wanted: impl Fn(&Event) -> bool,
    replies: ReplySender,
) -> Result<View, Failure> {
    // Whoever follows wanted more: that there is none is no success.
    let stopping = || Err(Failure::new(ErrorCode::Stopping, "the node is stopping"));
    let Some(mut events) = node.events.follow() else {
        return stopping();
    };
    // From now on nothing is missed, and the caller may know.
    replies.chunk(View::Events(Vec::new())).await?;
    loop {
        let mut rows = Vec::new();
        let mut is_last = false;
        let mut next = timeout(SIGN_OF_LIFE, events.recv()).await.ok();
        while let Some(received) = next.take() {
            match received {
                Ok(event) => {
                    is_last = event.is_last();
                    if wanted(&event) {
                        rows.push(event.view());
                    }
                }
                Err(RecvError::Lagged(count)) => rows.push(missed(count)),
                Err(RecvError::Closed) => is_last = true,
            }
            if is_last || rows.len() >= EVENTS_TOGETHER {
                break;
            }
            // What is there already goes along.
            next = match events.try_recv() {
                Ok(event) => Some(Ok(event)),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Lagged(count)) => Some(Err(RecvError::Lagged(count))),
                Err(TryRecvError::Closed) => Some(Err(RecvError::Closed)),
            };
        }
        replies.chunk(View::Events(rows)).await?;
        if is_last {
            return stopping();
        }
    }
}

fn log_level(node: &NodeShared) -> View {
    let borrowed = node.borrowed_level.back_to().map(|(level, left)| {
        let left_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        BorrowedLevelView {
            back_to: shown(level),
            until_ms: unix_ms_now().saturating_add(left_ms),
            left_ms,
        }
    });
    View::TimedLogLevel(TimedLogLevelView {
        level: shown(node.log.primary_level()),
        borrowed,
    })
}
