//! `log handlers list`

use emqx_shared::views::{LogHandlerStatus, LogHandlerView};
use serde_json::json;

use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};

impl Record for LogHandlerView {
    const SCHEMA: &'static str = "log-handlers";
    const FIELDS: &'static [Field<Self>] = &[
        ("id", |v| json!(v.id)),
        ("level", |v| json!(v.level.as_str())),
        ("destination", |v| json!(v.destination)),
        ("status", |v| json!(v.status.as_str())),
        ("dropped", |v| json!(v.dropped)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("HANDLER", |v, _| Cell::text(&v.id)),
        ("LEVEL", |v, _| Cell::text(v.level.as_str())),
        ("DESTINATION", |v, _| Cell::text(&v.destination)),
        ("STATUS", |v, _| {
            let tone = match v.status {
                LogHandlerStatus::Started => Tone::Good,
                LogHandlerStatus::Stopped => Tone::Plain,
            };
            Cell::text(v.status.as_str()).tone(tone)
        }),
        ("LOST LINES", |v, _| Cell::number(v.dropped)),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!(
            "LogHandler(id={}, level={}, destination={}, status={})",
            self.id,
            self.level,
            self.destination,
            self.status.as_str()
        ));
    }
}
