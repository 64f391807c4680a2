//! `listeners --watch`: a listener and what happened to it since the last look.

use emqx_shared::views::{ListenerView, ReasonCountView};
use serde_json::{Value, json};

use super::listeners::{max_conns, state};
use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};

/// A listener with the look before it.
#[derive(Debug)]
pub struct WatchedListener {
    pub time_ms: u64,
    /// Milliseconds since the look before; 0 for the first.
    pub elapsed_ms: u64,
    pub view: ListenerView,
    pub before: Option<ListenerView>,
}

impl WatchedListener {
    /// What was counted since; all of it if the listener was started anew.
    fn since(&self, pick: fn(&ListenerView) -> u64) -> u64 {
        match self.before() {
            Some(before) => pick(&self.view).saturating_sub(pick(before)),
            None => 0,
        }
    }

    fn before(&self) -> Option<&ListenerView> {
        let before = self.before.as_ref()?;
        (before.started_at_ms == self.view.started_at_ms).then_some(before)
    }

    /// Per second, in tenths.
    fn rate(&self, count: u64) -> f64 {
        match self.elapsed_ms {
            0 => 0.0,
            elapsed => (count as f64 * 10_000.0 / elapsed as f64).round() / 10.0,
        }
    }

    /// Why connections ended since, the most frequent first.
    fn reasons(&self) -> Vec<(&ReasonCountView, u64)> {
        let Some(before) = self.before() else {
            return Vec::new();
        };
        let count_before = |row: &ReasonCountView| {
            let same = before.shutdown_counts.iter();
            same.filter(|each| each.reason == row.reason && each.closed_by == row.closed_by)
                .map(|each| each.count)
                .next()
                .unwrap_or(0)
        };
        let counts = self.view.shutdown_counts.iter();
        let mut counts: Vec<_> = counts
            .map(|row| (row, row.count.saturating_sub(count_before(row))))
            .filter(|(_, count)| *count > 0)
            .collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }

    fn closed(view: &ListenerView) -> u64 {
        view.shutdown_counts.iter().map(|row| row.count).sum()
    }

    fn refused(view: &ListenerView) -> u64 {
        view.refused_limit + view.refused_access
    }
}

impl Record for WatchedListener {
    const SCHEMA: &'static str = "listeners-watch";
    const FIELDS: &'static [Field<Self>] = &[
        ("time", |v| json!(v.time_ms)),
        ("id", |v| json!(v.view.id)),
        ("state", |v| json!(state(&v.view))),
        ("current_conn", |v| json!(v.view.current_conn)),
        ("max_conns", |v| max_conns(&v.view)),
        ("accepted", |v| json!(v.view.accepted)),
        ("accepted_since", |v| json!(v.since(|view| view.accepted))),
        ("accept_rate", |v| json!(v.rate(v.since(|view| view.accepted)))),
        ("refused_since", |v| json!(v.since(Self::refused))),
        ("closed", |v| json!(Self::closed(&v.view))),
        ("closed_since", |v| json!(v.since(Self::closed))),
        ("close_rate", |v| json!(v.rate(v.since(Self::closed)))),
        ("shutdown_count_since", |v| {
            let reasons = v.reasons().into_iter();
            reasons
                .map(|(row, count)| (row.reason.clone(), json!(count)))
                .collect::<Value>()
        }),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("LISTENER", |v, look| Cell::text(look.compat.listener_id(&v.view.id))),
        ("STATE", |v, _| {
            let tone = if v.view.is_running() { Tone::Good } else { Tone::Plain };
            Cell::text(state(&v.view)).tone(tone)
        }),
        ("CONN", |v, _| Cell::number(v.view.current_conn)),
        ("+", |v, _| Cell::number(v.since(|view| view.accepted))),
        ("+/s", |v, _| {
            Cell::right(v.rate(v.since(|view| view.accepted)).to_string())
        }),
        ("REFUSED", |v, _| Cell::number(v.since(Self::refused))),
        ("CLOSED", |v, _| Cell::number(v.since(Self::closed))),
        ("CLOSED/s", |v, _| {
            Cell::right(v.rate(v.since(Self::closed)).to_string())
        }),
        ("REASONS SINCE LAST LOOK", |v, look| {
            let reasons: Vec<_> = v
                .reasons()
                .into_iter()
                .take(4)
                .map(|(row, count)| format!("{} {count}", look.compat.reason(&row.reason, &row.reason_v4)))
                .collect();
            Cell::text(if reasons.is_empty() {
                "-".to_owned()
            } else {
                reasons.join(", ")
            })
        }),
    ];

    /// Not reached: on a pipe a watch writes objects.
    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{} {}", self.view.id, self.view.current_conn));
    }
}
