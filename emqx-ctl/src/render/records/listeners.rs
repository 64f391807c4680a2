//! `listeners`

use emqx_shared::views::{ClosedBy, ListenerState, ListenerView};
use serde_json::{Value, json};

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record, erlang_term};

/// Reasons with their counts in the order of their first occurrence; two that share a word count
/// as one.
fn shutdown_counts(view: &ListenerView, compat: Compat) -> Vec<(&str, u64)> {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for row in &view.shutdown_counts {
        let word = compat.reason(&row.reason, &row.reason_v4);
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += row.count,
            None => counts.push((word, row.count)),
        }
    }
    counts
}

pub(super) fn max_conns(view: &ListenerView) -> Value {
    view.max_conns.map_or(json!("infinity"), |max| json!(max))
}

pub(super) fn state(view: &ListenerView) -> &str {
    match &view.state {
        ListenerState::Running => "running",
        ListenerState::Stopped => "stopped",
        ListenerState::Failed { .. } => "failed",
    }
}

fn problem(view: &ListenerView) -> Value {
    match &view.state {
        ListenerState::Failed { error, why } => json!(format!("{error}: {why}")),
        _ => Value::Null,
    }
}

fn top_reason(view: &ListenerView, look: &Look) -> String {
    // The last of equals wins, so from the back: the one that occurred first is shown.
    let top = view.shutdown_counts.iter().rev().max_by_key(|row| row.count);
    match (&view.state, top) {
        (ListenerState::Failed { error, why }, _) => format!("{error}: {why}"),
        (_, Some(row)) => {
            let word = look.compat.reason(&row.reason, &row.reason_v4);
            format!("{word} {} ({})", row.count, row.closed_by.as_str())
        }
        (_, None) => "-".to_owned(),
    }
}

/// `1024` stays, `5000000` becomes `5M`: only round numbers are shortened.
fn short_number(number: u64) -> String {
    match number {
        0 => "0".to_owned(),
        n if n % 1_000_000 == 0 => format!("{}M", n / 1_000_000),
        n if n % 1_000 == 0 => format!("{}k", n / 1_000),
        n => n.to_string(),
    }
}

impl Record for ListenerView {
    const SCHEMA: &'static str = "listeners";
    const FIELDS: &'static [Field<Self>] = &[
        ("id", |v| json!(v.id)),
        ("listen_on", |v| json!(v.listen_on)),
        ("acceptors", |v| json!(v.acceptors)),
        ("proxy_protocol", |v| json!(v.proxy_protocol)),
        ("running", |v| json!(v.is_running())),
        ("current_conn", |v| json!(v.current_conn)),
        ("max_conns", max_conns),
        ("shutdown_count", |v| {
            let counts = shutdown_counts(v, Compat::V5);
            counts
                .into_iter()
                .map(|(word, count)| (word.to_owned(), json!(count)))
                .collect()
        }),
        ("closed_by", |v| {
            json!({
                "client": v.closed_by(ClosedBy::Client),
                "server": v.closed_by(ClosedBy::Server),
                "network": v.closed_by(ClosedBy::Network),
            })
        }),
        ("state", |v| json!(state(v))),
        ("problem", problem),
        ("enabled", |v| json!(v.enabled)),
        ("started_at", |v| json!(v.started_at_ms)),
        ("peak_conn", |v| json!(v.peak_conn)),
        ("accepted", |v| json!(v.accepted)),
        ("refused_limit", |v| json!(v.refused_limit)),
        ("refused_rate", |v| json!(v.refused_rate)),
        ("refused_access", |v| json!(v.refused_access)),
        ("paused_rate", |v| json!(v.paused_rate)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("LISTENER", |v, look| Cell::text(look.compat.listener_id(&v.id))),
        ("BIND", |v, _| Cell::text(&v.listen_on)),
        ("STATE", |v, _| {
            let tone = match v.state {
                ListenerState::Running => Tone::Good,
                ListenerState::Stopped => Tone::Plain,
                ListenerState::Failed { .. } => Tone::Bad,
            };
            Cell::text(state(v)).tone(tone)
        }),
        ("CONN / MAX", |v, _| {
            let max = v.max_conns.map_or("∞".to_owned(), short_number);
            let text = format!("{} / {max}", v.current_conn);
            Cell::right(if v.is_running() { &text } else { "-" })
        }),
        ("ACCEPTED", |v, _| Cell::number(v.accepted)),
        // Those that `refused_rate` counts came in later.
        ("REFUSED", |v, _| Cell::number(v.refused_limit + v.refused_access)),
        ("CLOSED", |v, _| {
            Cell::number(v.shutdown_counts.iter().map(|row| row.count).sum())
        }),
        ("TOP REASON (who)", |v, look| Cell::text(top_reason(v, look))),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", look.compat.listener_id(&self.id)));
        let max_conns = match self.max_conns {
            Some(max) => max.to_string(),
            None => "infinity".to_owned(),
        };
        let counts = erlang_term::proplist(shutdown_counts(self, look.compat));
        lines.indented_pair("listen_on", &self.listen_on);
        lines.indented_pair("acceptors", self.acceptors);
        match look.compat {
            Compat::V4 => {
                lines.indented_pair("max_conns", max_conns);
                lines.indented_pair("current_conn", self.current_conn);
                lines.indented_pair("shutdown_count", counts);
            }
            Compat::V5 => {
                lines.indented_pair("proxy_protocol", self.proxy_protocol);
                lines.indented_pair("running", self.is_running());
                if self.is_running() {
                    lines.indented_pair("current_conn", self.current_conn);
                    lines.indented_pair("max_conns", max_conns);
                    lines.indented_pair("shutdown_count", counts);
                }
            }
        }
    }

    fn note(&self, _: &Look) -> Option<String> {
        match &self.state {
            ListenerState::Failed { error, .. } => {
                Some(format!("! {} is not listening: emqx-ctl explain {error}", self.id))
            }
            _ => None,
        }
    }
}
