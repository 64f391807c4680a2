//! `alarms list`. EMQX has no such verb; names and times follow its HTTP API.

use emqx_shared::views::AlarmView;
use serde_json::{Value, json};

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};
use crate::time::{self, Civil};

impl Record for AlarmView {
    const SCHEMA: &'static str = "alarms";
    const FIELDS: &'static [Field<Self>] = &[
        ("node", |v| json!(v.node)),
        ("name", |v| json!(v.name)),
        ("message", |v| json!(v.message)),
        ("details", |v| {
            serde_json::from_str(&v.details).unwrap_or_else(|_| Value::String(v.details.clone()))
        }),
        ("activated", |v| json!(v.deactivate_at_ms.is_none())),
        ("activate_at", |v| json!(v.activate_at_ms)),
        ("deactivate_at", |v| {
            v.deactivate_at_ms.map_or(json!("infinity"), |at| json!(at))
        }),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("SINCE", |v, look| Cell::text(look.time(v.activate_at_ms))),
        ("FOR", |v, look| {
            let end = v.deactivate_at_ms.unwrap_or(look.now_ms);
            Cell::text(time::short(end.saturating_sub(v.activate_at_ms)))
        }),
        ("ALARM", |v, _| Cell::text(&v.name)),
        ("MESSAGE", |v, _| Cell::text(&v.message)),
        ("DETAILS", |v, _| Cell::text(&v.details)),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        let time = |ms: u64| Civil::new(ms / 1000, look.utc_offset).date_time();
        let deactivate_at = self.deactivate_at_ms.map_or("infinity".to_owned(), time);
        lines.line(format_args!(
            "Alarm({}, message={}, activated={}, activate_at={}, deactivate_at={deactivate_at}, details={})",
            self.name,
            self.message,
            self.deactivate_at_ms.is_none(),
            time(self.activate_at_ms),
            self.details
        ));
    }

    fn empty_text(_compat: Compat) -> Option<&'static str> {
        Some("No alarms.")
    }
}
