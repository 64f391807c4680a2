//! What goes wrong with clients: of the last hour, except for what is counted since the start.

use emqx_shared::views::{EndFactsView, TakeoverFactsView};

use super::super::facts::Facts;
use super::super::finding::Verdict;
use super::super::quote::quote;
use super::{counted, needs_daemon, percent, some, times};
use crate::time;

/// Takeovers of one client id that are no accident any more, and how fast.
const TAKEOVERS_WARN: u64 = 5;
const TAKEOVERS_WARN_EVERY_MS: u64 = 60_000;
const TAKEOVERS_FAIL: u64 = 10;
const TAKEOVERS_FAIL_EVERY_MS: u64 = 30_000;
/// Lost signs of life that are more than bad luck, and their share of all ends.
const KEEP_ALIVE_LOSSES: u64 = 10;
const KEEP_ALIVE_PERCENT: u64 = 20;

fn with_ends(facts: &Facts, judge: impl Fn(&EndFactsView) -> Vec<Verdict>) -> Vec<Verdict> {
    match &facts.node {
        Some(node) => judge(&node.ends),
        None => needs_daemon(facts, "node"),
    }
}

fn window(ends: &EndFactsView) -> String {
    format!("in the last {}", time::short(ends.window_ms))
}

pub fn takeovers(facts: &Facts) -> Vec<Verdict> {
    with_ends(facts, |ends| {
        let verdicts: Vec<_> = ends.takeovers.iter().filter_map(storm).collect();
        if verdicts.is_empty() {
            return vec![Verdict::ok(format!("no takeover storm {}", window(ends)))];
        }
        verdicts
    })
}

fn storm(row: &TakeoverFactsView) -> Option<Verdict> {
    let every_ms = row.over_ms / row.count.saturating_sub(1).max(1);
    let client = quote(&row.client_id);
    let evidence = format!(
        "client id \"{}\" taken over {} times in {}, from {}, last {}",
        row.client_id,
        row.count,
        time::short(row.over_ms),
        addresses(row.addresses),
        row.last_peer
    );
    let fix = match client {
        Some(client) => format!("emqx-ctl why {client} --all"),
        None => "emqx-ctl disconnects --reason takenover".to_owned(),
    };
    if row.count >= TAKEOVERS_FAIL && every_ms <= TAKEOVERS_FAIL_EVERY_MS {
        Some(Verdict::fail(evidence, fix))
    } else if row.count >= TAKEOVERS_WARN && every_ms <= TAKEOVERS_WARN_EVERY_MS {
        Some(Verdict::warn(evidence, fix))
    } else {
        None
    }
}

pub fn strangers(facts: &Facts) -> Vec<Verdict> {
    with_ends(facts, |ends| {
        let mut verdicts = Vec::new();
        for (count, peer, what) in [(ends.http, &ends.http_peer, "HTTP"), (ends.tls, &ends.tls_peer, "TLS")] {
            if let (1.., Some(peer)) = (count, peer) {
                verdicts.push(Verdict::warn(
                    format!(
                        "{what} on the MQTT port, {} {}, last from {peer}",
                        times(count),
                        window(ends)
                    ),
                    "emqx-ctl errors",
                ));
            }
        }
        if verdicts.is_empty() {
            verdicts.push(Verdict::ok(format!(
                "no HTTP and no TLS on the MQTT ports {}",
                window(ends)
            )));
        }
        verdicts
    })
}

pub fn scanners(facts: &Facts) -> Vec<Verdict> {
    with_ends(facts, |ends| {
        if ends.scanners.is_empty() {
            return vec![Verdict::ok(format!("no scanner {}", window(ends)))];
        }
        vec![Verdict::warn(
            format!("scanners were let in: {}", some(&ends.scanners, 4)),
            "emqx-ctl banned add clientid CENSYS && emqx-ctl explain D022",
        )]
    })
}

pub fn keep_alive(facts: &Facts) -> Vec<Verdict> {
    with_ends(facts, |ends| {
        let (lost, ended) = (ends.keepalive_lost, ends.ended);
        let share = percent(lost, ended);
        let example = ends
            .keepalive_example
            .as_ref()
            .map_or(String::new(), |client| format!(", such as \"{client}\""));
        let evidence = format!(
            "{lost} of {ended} connections that ended {} were silent too long",
            window(ends)
        );
        vec![if lost >= KEEP_ALIVE_LOSSES && share >= KEEP_ALIVE_PERCENT {
            Verdict::warn(
                format!("{evidence} ({share} %){example}"),
                "emqx-ctl disconnects --reason keepalive_timeout",
            )
        } else {
            Verdict::ok(evidence)
        }]
    })
}

pub fn queues(facts: &Facts) -> Vec<Verdict> {
    let Some(node) = &facts.node else {
        return needs_daemon(facts, "node");
    };
    let (dropped, received) = (node.dropped_queue_full, node.messages_received);
    vec![match dropped {
        0 => Verdict::ok("no message dropped from a full queue since the start"),
        _ => Verdict::warn(
            format!(
                "{} dropped from full queues since the start, {received} received",
                counted(dropped, "message")
            ),
            "emqx-ctl top --sort dropped",
        ),
    }]
}

pub fn too_large(facts: &Facts) -> Vec<Verdict> {
    with_ends(facts, |ends| {
        let count = ends.frame_too_large;
        if count == 0 {
            return vec![Verdict::ok(format!("no packet too large {}", window(ends)))];
        }
        let limit = facts.config.as_ref().map_or(0, |config| config.max_packet_size);
        let example = ends.frame_too_large_example.as_deref().unwrap_or("unknown");
        vec![Verdict::warn(
            format!(
                "{} ended by a packet above mqtt.max_packet_size ({limit} bytes) {}, last \"{example}\"",
                counted(count, "connection"),
                window(ends)
            ),
            "emqx-ctl disconnects --reason frame_too_large",
        )]
    })
}

fn addresses(count: u64) -> String {
    match count {
        1 => "one address".to_owned(),
        _ => format!("{count} addresses"),
    }
}
