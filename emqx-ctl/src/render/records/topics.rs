//! `topics`, EMQX 4's `routes`

use emqx_shared::views::TopicView;
use serde_json::json;

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

impl Record for TopicView {
    const SCHEMA: &'static str = "topics";
    const FIELDS: &'static [Field<Self>] = &[("topic", |v| json!(v.topic)), ("node", |v| json!(v.node))];
    const COLUMNS: &'static [Column<Self>] = &[
        ("TOPIC", |v, _| Cell::text(&v.topic)),
        ("NODE", |v, _| Cell::text(&v.node)),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{} -> {}", self.topic, self.node));
    }

    fn empty_text(compat: Compat) -> Option<&'static str> {
        (compat == Compat::V5).then_some("No topics.")
    }
}
