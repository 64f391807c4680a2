//! `banned list` and `banned add`. EMQX has no such verbs; the text follows its `Client(…)`.

use emqx_shared::views::{BanView, BannedView};
use serde_json::{Value, json};

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};
use crate::time::Civil;

impl Record for BanView {
    const SCHEMA: &'static str = "banned";
    const FIELDS: &'static [Field<Self>] = &[
        ("as", |v| json!(v.kind)),
        ("who", |v| json!(v.who)),
        ("by", |v| json!(v.by)),
        ("reason", |v| json!(v.reason)),
        ("at", |v| json!(v.at_ms)),
        ("until", |v| until(v)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("AS", |v, _| Cell::text(&v.kind)),
        ("WHO", |v, _| Cell::text(&v.who)),
        ("UNTIL", |v, look| {
            Cell::text(v.until_ms.map_or("∞".to_owned(), |until| look.time(until)))
        }),
        ("BY", |v, _| Cell::text(&v.by)),
        ("REASON", |v, _| Cell::text(&v.reason)),
        ("AT", |v, look| Cell::text(look.time(v.at_ms))),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        let time = |ms: u64| Civil::new(ms / 1000, look.utc_offset).date_time();
        let until = self.until_ms.map_or("infinity".to_owned(), time);
        lines.line(format_args!(
            "Banned(as={}, who={}, by={}, reason={}, at={}, until={until})",
            self.kind,
            self.who,
            self.by,
            self.reason,
            time(self.at_ms)
        ));
    }

    fn empty_text(_compat: Compat) -> Option<&'static str> {
        Some("No banned clients.")
    }
}

impl Record for BannedView {
    const SCHEMA: &'static str = "ban";
    const FIELDS: &'static [Field<Self>] = &[
        ("as", |v| json!(v.ban.kind)),
        ("who", |v| json!(v.ban.who)),
        ("by", |v| json!(v.ban.by)),
        ("reason", |v| json!(v.ban.reason)),
        ("at", |v| json!(v.ban.at_ms)),
        ("until", |v| until(&v.ban)),
        ("kicked", |v| json!(v.kicked)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[("result", |v, _| Cell::text(sentence(v)))];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        lines.line(format_args!("ok"));
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        if !look.quiet {
            lines.line(format_args!("{}", sentence(self)));
        }
        Some(lines.into_text())
    }
}

fn sentence(banned: &BannedView) -> String {
    let BannedView { ban, kicked } = banned;
    format!(
        "{} {} is banned, {kicked} connected clients were kicked",
        ban.kind, ban.who
    )
}

fn until(ban: &BanView) -> Value {
    ban.until_ms.map_or(json!("infinity"), |until| json!(until))
}
