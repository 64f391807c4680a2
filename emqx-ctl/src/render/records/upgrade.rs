//! `upgrade`: which process goes on, and with what. EMQX has no such verb.

use emqx_shared::views::UpgradedView;
use serde_json::json;

use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

impl Record for UpgradedView {
    const SCHEMA: &'static str = "upgraded";
    const FIELDS: &'static [Field<Self>] = &[
        ("pid", |v| json!(v.pid)),
        ("version", |v| json!(v.version)),
        ("moved", |v| json!(v.moved)),
        ("reconnecting", |v| json!(v.reconnecting)),
        ("sessions", |v| json!(v.sessions)),
        ("retained", |v| json!(v.retained)),
        ("frozen_ms", |v| json!(v.frozen_ms)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("version", |v, _| Cell::text(&v.version)),
        ("process", |v, _| Cell::text(v.pid.to_string())),
        ("moved", |v, _| Cell::text(v.moved.to_string())),
        ("reconnecting", |v, _| Cell::text(v.reconnecting.to_string())),
        ("sessions", |v, _| Cell::text(v.sessions.to_string())),
        ("retained", |v, _| Cell::text(v.retained.to_string())),
        ("stood still", |v, _| Cell::text(format!("{} ms", v.frozen_ms))),
    ];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        let Self {
            pid,
            version,
            moved,
            reconnecting,
            sessions,
            retained,
            frozen_ms,
        } = self;
        lines.line(format_args!("emqxd {version} goes on as process {pid}"));
        lines.line(format_args!(
            "{moved} clients moved, {reconnecting} are told to connect again"
        ));
        lines.line(format_args!(
            "{sessions} sessions, {retained} retained messages; {frozen_ms} ms of standing still"
        ));
    }
}
