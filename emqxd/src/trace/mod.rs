//! Traces: one client, topic or address followed through the broker, into a file or to whoever watches.
//!
//! `control/trace.rs` starts and stops them in [`Traces`]; [`install`] tells the workers, each of which then has a
//! [`Tracer`]. What it makes of events goes over a bounded queue to a thread for each trace. The broker never waits
//! for any of it: lines are dropped and counted.
//!
//! | file | what |
//! | --- | --- |
//! | `registry.rs` | all traces: limits, names, stopping, going on after a restart |
//! | `running.rs` | one trace |
//! | `subject.rs`, `ip_range.rs` | which events concern it |
//! | `tracer.rs`, `budget.rs` | the side of a worker, and how much time it may spend |
//! | `event_line.rs`, `formatter.rs`, `text.rs`, `json.rs`, `packet_text.rs`, `payload.rs`, `safe_text.rs` | from event to line |
//! | `line_queue.rs`, `writer.rs`, `tail.rs` | from line to file and to watchers |
//! | `descriptor.rs`, `folder.rs` | files of callers, files of our own |

mod budget;
mod descriptor;
mod event_line;
mod folder;
mod formatter;
mod ip_range;
mod json;
mod line_queue;
mod packet_text;
mod payload;
mod registry;
mod running;
mod safe_text;
mod subject;
mod tail;
mod text;
mod tracer;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

pub use self::registry::Traces;
pub(crate) use self::running::Trace;
pub(crate) use self::tail::Watch;
pub(crate) use self::tracer::Tracer;
use crate::node::NodeShared;

/// How often it is looked whether a trace's time is over.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);

/// Tells all workers which traces run. When it returns, events from now on reach exactly those.
pub(crate) async fn install(node: &NodeShared) {
    let (version, traces) = node.traces.running_now();
    for worker in node.workers() {
        let traces = traces.clone();
        // A worker that has stopped has no events.
        let _stopped = worker.run(move |worker| worker.set_traces(version, &traces)).await;
    }
}

/// Takes a trace from the workers, writes what there is of it, and ends it.
pub(crate) async fn stop(node: &Arc<NodeShared>, trace: Arc<Trace>, reason: &str) {
    trace.retire(reason);
    install(node).await;
    let node = Arc::clone(node);
    let _crash_is_logged = tokio::task::spawn_blocking(move || node.traces.finish(&trace)).await;
}

/// Ends traces whose time is over, and tells the workers of those that stopped by themselves, until `stop`.
pub async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    install(&node).await;
    let mut told = running_names(&node);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => break,
            () = node.traces.changed.notified() => {}
            () = tokio::time::sleep(LOOK_INTERVAL), if !told.is_empty() => {}
        }
        let overdue = node.traces.overdue(node.clock.now());
        let running = running_names(&node);
        let has_changed = running != told;
        if has_changed {
            install(&node).await;
            told = running;
        }
        for trace in &overdue {
            tracing::info!(trace = trace.name(), reason = "duration", "trace_stopped");
            // In the list it stays, so that the operator sees why it stopped.
            trace.queue.close();
        }
        if has_changed {
            let node = Arc::clone(&node);
            let _crash_is_logged = tokio::task::spawn_blocking(move || node.traces.keep_list()).await;
        }
    }
}

/// Writes what the last events left; the named traces go on at the next start.
pub async fn close(node: &Arc<NodeShared>) {
    let node = Arc::clone(node);
    let _crash_is_logged = tokio::task::spawn_blocking(move || node.traces.close()).await;
}

fn running_names(node: &NodeShared) -> Vec<String> {
    let running = node.traces.running();
    running.iter().map(|trace| trace.name().to_owned()).collect()
}
