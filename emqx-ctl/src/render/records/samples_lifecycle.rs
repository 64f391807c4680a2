//! Reloads and drains for `golden.rs`.

use emqx_shared::views::{DrainedView, ReloadOutcome, ReloadPartView, UpgradedView};

pub fn reload() -> Vec<ReloadPartView> {
    let part = |part: &str, outcome, detail: &str, next: Option<&str>| ReloadPartView {
        part: part.to_owned(),
        outcome,
        detail: detail.to_owned(),
        next: next.map(str::to_owned),
    };
    vec![
        part("log file default", ReloadOutcome::Done, "opened anew", None),
        part("configuration", ReloadOutcome::Done, "mqtt.max_inflight", None),
        part(
            "node.workers",
            ReloadOutcome::Waiting,
            "not in force before a restart",
            Some("restart emqxd"),
        ),
        part(
            "access rules",
            ReloadOutcome::Failed,
            "/etc/emqx/acl.conf:7:2: \u{1b}[31mno rule",
            Some("did you mean allow?"),
        ),
        part("licence", ReloadOutcome::Unchanged, "", None),
    ]
}

pub fn drained() -> DrainedView {
    DrainedView {
        connections: 1932,
        took_ms: 30_012,
    }
}

pub fn upgraded() -> UpgradedView {
    UpgradedView {
        pid: 4242,
        version: "0.2.0".to_owned(),
        moved: 998,
        reconnecting: 2,
        sessions: 1500,
        retained: 7,
        frozen_ms: 83,
    }
}
