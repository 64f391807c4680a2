//! `top`: one row a client, rates of the last interval.

use emqx_shared::views::{TopRowView, TopView};
use serde_json::json;

use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

/// What stands above the rows.
pub struct TopScreen<'a>(pub &'a TopView);

impl TopScreen<'_> {
    /// Connections and the node's own rates, on one line.
    pub fn head(&self) -> String {
        let view = self.0;
        let rate = |count| per_second(count, view.interval_ms);
        format!(
            "{} connections, {} sessions   in {}/s {}   out {}/s {}   dropped {}/s",
            view.connections,
            view.sessions,
            rate(view.messages_in),
            bytes_per_second(view.bytes_in, view.interval_ms),
            rate(view.messages_out),
            bytes_per_second(view.bytes_out, view.interval_ms),
            rate(view.dropped),
        )
    }
}

/// A client with the time to which its counts belong.
#[derive(Debug)]
pub struct TopClient {
    time_ms: u64,
    interval_ms: u32,
    row: TopRowView,
}

impl TopClient {
    pub fn of(view: &TopView, row: &TopRowView) -> Self {
        Self {
            time_ms: view.time_ms,
            interval_ms: view.interval_ms,
            row: row.clone(),
        }
    }

    fn rate(&self, count: u64) -> u64 {
        per_second(count, self.interval_ms)
    }
}

fn per_second(count: u64, interval_ms: u32) -> u64 {
    let interval = u128::from(interval_ms.max(1));
    u64::try_from((u128::from(count) * 1000 + interval / 2) / interval).unwrap_or(u64::MAX)
}

/// `640 B/s`, `12 KB/s`, `3 MB/s`
fn bytes_per_second(count: u64, interval_ms: u32) -> String {
    match per_second(count, interval_ms) {
        rate @ 0..10_000 => format!("{rate} B/s"),
        rate @ 10_000..10_000_000 => format!("{} KB/s", rate / 1000),
        rate => format!("{} MB/s", rate / 1_000_000),
    }
}

impl Record for TopClient {
    const SCHEMA: &'static str = "top";
    const FIELDS: &'static [Field<Self>] = &[
        ("time", |v| json!(v.time_ms)),
        ("clientid", |v| json!(v.row.client_id)),
        ("peername", |v| json!(v.row.peername)),
        ("in_msg_rate", |v| json!(v.rate(v.row.messages_in))),
        ("out_msg_rate", |v| json!(v.rate(v.row.messages_out))),
        ("in_oct_rate", |v| json!(v.rate(v.row.bytes_in))),
        ("out_oct_rate", |v| json!(v.rate(v.row.bytes_out))),
        ("dropped_rate", |v| json!(v.rate(v.row.dropped))),
        ("mqueue_len", |v| json!(v.row.queue)),
        ("inflight", |v| json!(v.row.inflight)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("CLIENT", |v, _| Cell::text(&v.row.client_id)),
        ("PEER", |v, _| Cell::text(&v.row.peername)),
        ("IN/s", |v, _| Cell::number(v.rate(v.row.messages_in))),
        ("OUT/s", |v, _| Cell::number(v.rate(v.row.messages_out))),
        ("BYTES IN", |v, _| {
            Cell::right(bytes_per_second(v.row.bytes_in, v.interval_ms))
        }),
        ("BYTES OUT", |v, _| {
            Cell::right(bytes_per_second(v.row.bytes_out, v.interval_ms))
        }),
        ("DROPPED/s", |v, _| Cell::number(v.rate(v.row.dropped))),
        ("QUEUE", |v, _| Cell::number(v.row.queue)),
        ("INFLIGHT", |v, _| Cell::number(v.row.inflight)),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        let row = &self.row;
        lines.line(format_args!(
            "Top({}, peername={}, in={}/s, out={}/s, in_oct={}/s, out_oct={}/s, dropped={}/s, mqueue={}, inflight={})",
            row.client_id,
            row.peername,
            self.rate(row.messages_in),
            self.rate(row.messages_out),
            self.rate(row.bytes_in),
            self.rate(row.bytes_out),
            self.rate(row.dropped),
            row.queue,
            row.inflight
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_an_interval_become_rates() {
        assert_eq!(per_second(500, 2000), 250);
        assert_eq!(per_second(1, 2000), 1, "rounded, so that little is not nothing");
        assert_eq!(per_second(u64::MAX, 1), u64::MAX);
        assert_eq!(bytes_per_second(24_000, 2000), "12 KB/s");
        assert_eq!(bytes_per_second(640, 1000), "640 B/s");
    }
}
