//! `retainer info`, `retainer topics`, `retainer clean`

use emqx_shared::views::{RetainedCleanedView, RetainerView};
use serde_json::json;

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

impl Record for RetainerView {
    const SCHEMA: &'static str = "retainer";
    const FIELDS: &'static [Field<Self>] = &[
        ("enabled", |v| json!(v.enabled)),
        ("messages", |v| json!(v.messages)),
        ("bytes", |v| json!(v.bytes)),
        ("max_messages", |v| {
            v.max_messages.map_or(json!("infinity"), |max| json!(max))
        }),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("enabled", |v, _| Cell::text(v.enabled.to_string())),
        ("messages", |v, _| Cell::number(v.messages)),
        ("bytes", |v, _| Cell::number(v.bytes)),
        ("max messages", |v, _| {
            Cell::right(v.max_messages.map_or("∞".to_owned(), |max| max.to_string()))
        }),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        match (self.enabled, look.compat) {
            (false, Compat::V5) => lines.line(format_args!("Retainer is not enabled")),
            (true, Compat::V5) => lines.line(format_args!("Number of retained messages: {}", self.messages)),
            (_, Compat::V4) => lines.line(format_args!("retained/total: {}", self.messages)),
        }
    }
}

/// A topic with a retained message.
#[derive(Debug)]
pub struct RetainedTopic(pub String);

impl Record for RetainedTopic {
    const SCHEMA: &'static str = "retainer-topics";
    const FIELDS: &'static [Field<Self>] = &[("topic", |v| json!(v.0))];
    const COLUMNS: &'static [Column<Self>] = &[("TOPIC", |v, _| Cell::text(&v.0))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", self.0));
    }
}

impl Record for RetainedCleanedView {
    const SCHEMA: &'static str = "retainer-clean";
    const FIELDS: &'static [Field<Self>] = &[("messages", |v| json!(v.messages))];
    const COLUMNS: &'static [Column<Self>] = &[("messages removed", |v, _| Cell::number(v.messages))];

    /// EMQX 5 prints nothing.
    fn classic(&self, look: &Look, lines: &mut Lines) {
        if look.compat == Compat::V4 {
            lines.line(format_args!("Cleaned {} retained messages", self.messages));
        }
    }
}
