//! Reloads, and letting clients go.

use emqx_shared::request::LifecycleRequest;
use emqx_shared::views::*;
use emqx_shared::{Request, View};

pub fn requests() -> Vec<Request> {
    let listener = || "tcp:default".to_owned();
    vec![
        Request::Lifecycle(LifecycleRequest::Reload { wait: true }),
        Request::Lifecycle(LifecycleRequest::Shutdown { drain_ms: Some(30_000) }),
        Request::Lifecycle(LifecycleRequest::DrainListener {
            listener: listener(),
            drain_ms: 300_000,
        }),
        Request::Lifecycle(LifecycleRequest::RenewListener {
            listener: listener(),
            drain_ms: 0,
        }),
        Request::Lifecycle(LifecycleRequest::CountClients {
            listener: Some(listener()),
        }),
    ]
}

pub fn views() -> Vec<View> {
    let part = |part: &str, outcome, next: Option<&str>| ReloadPartView {
        part: part.to_owned(),
        outcome,
        detail: "of it".to_owned(),
        next: next.map(str::to_owned),
    };
    vec![
        View::ReloadParts(vec![
            part("log file default", ReloadOutcome::Done, None),
            part("licence", ReloadOutcome::Unchanged, None),
            part("access rules", ReloadOutcome::Failed, Some("correct line 7")),
            part("node.workers", ReloadOutcome::Waiting, Some("restart emqxd")),
        ]),
        View::ClientCounts(ClientCountsView {
            connections: 1932,
            with_will: 41,
            with_kept_session: 12,
        }),
        View::Drained(DrainedView {
            connections: 1932,
            took_ms: 30_012,
        }),
    ]
}
