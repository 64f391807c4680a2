//! `status`

use emqx_shared::views::{NodeState, StatusView};
use serde_json::json;

use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record, erlang_term};
use crate::time;

impl Record for StatusView {
    const SCHEMA: &'static str = "status";
    const FIELDS: &'static [Field<Self>] = &[
        ("node", |v| json!(v.node)),
        ("version", |v| json!(v.version)),
        ("state", |v| json!(v.state.as_str())),
        ("pid", |v| json!(v.pid)),
        ("started_at", |v| json!(v.started_at_ms)),
        ("uptime_ms", |v| json!(v.uptime_ms)),
        ("connections", |v| json!(v.connections)),
        ("sessions", |v| json!(v.sessions)),
        ("subscriptions", |v| json!(v.subscriptions)),
        ("retained", |v| json!(v.retained)),
        ("listeners_running", |v| json!(v.listeners_running)),
        ("listeners_enabled", |v| json!(v.listeners_enabled)),
        ("workers", |v| json!(v.workers)),
        ("messages_received", |v| json!(v.messages_received)),
        ("messages_sent", |v| json!(v.messages_sent)),
        ("messages_dropped", |v| json!(v.messages_dropped)),
        ("memory_bytes", |v| json!(v.memory_bytes)),
        ("panics", |v| json!(v.panics)),
        ("data_dir", |v| json!(v.data_dir)),
        ("config_file", |v| json!(v.config_file)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("node", |v, _| Cell::text(&v.node)),
        ("state", |v, _| {
            let tone = match v.state {
                NodeState::Started => Tone::Good,
                NodeState::Starting | NodeState::Stopping => Tone::Bad,
            };
            Cell::text(v.state.as_str()).tone(tone)
        }),
        ("version", |v, _| Cell::text(&v.version)),
        ("uptime", |v, _| {
            Cell::text(format!("{} (pid {})", time::uptime(v.uptime_ms), v.pid))
        }),
        ("listeners", |v, _| {
            let all = v.listeners_running >= v.listeners_enabled;
            let text = format!("{} of {} running", v.listeners_running, v.listeners_enabled);
            Cell::text(text).tone(if all { Tone::Plain } else { Tone::Bad })
        }),
        ("connections", |v, _| Cell::number(v.connections)),
        ("sessions", |v, _| Cell::number(v.sessions)),
        ("subscriptions", |v, _| Cell::number(v.subscriptions)),
        ("retained", |v, _| Cell::number(v.retained)),
        ("messages", |v, _| {
            Cell::text(format!(
                "{} received, {} sent, {} dropped",
                v.messages_received, v.messages_sent, v.messages_dropped
            ))
        }),
        ("memory", |v, _| {
            let mebibytes = |bytes: u64| format!("{} MiB", bytes / (1024 * 1024));
            Cell::text(v.memory_bytes.map_or("unknown".to_owned(), mebibytes))
        }),
        ("data", |v, _| Cell::text(&v.data_dir)),
        ("config", |v, _| {
            Cell::text(v.config_file.as_deref().unwrap_or("(embedded defaults)"))
        }),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!(
            "Node {} {} is {}",
            erlang_term::atom(&self.node),
            self.version,
            self.state.as_str()
        ));
    }

    fn note(&self, _: &Look) -> Option<String> {
        let missing = self.listeners_enabled.saturating_sub(self.listeners_running);
        (missing > 0).then(|| format!("! {missing} listener(s) not running: emqx-ctl listeners"))
    }
}
