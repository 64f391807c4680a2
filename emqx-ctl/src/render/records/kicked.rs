//! `clients kick`: `ok` for each client, whether or not there was one, as EMQX says it.

use serde_json::json;

use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};

/// What became of one client that was to be kicked.
#[derive(Debug)]
pub struct Kicked {
    pub client_id: String,
    pub existed: bool,
}

impl Record for Kicked {
    const SCHEMA: &'static str = "clients-kick";
    const FIELDS: &'static [Field<Self>] = &[("clientid", |v| json!(v.client_id)), ("existed", |v| json!(v.existed))];
    const COLUMNS: &'static [Column<Self>] = &[
        ("CLIENT", |v, _| Cell::text(&v.client_id)),
        ("RESULT", |v, _| match v.existed {
            true => Cell::text("kicked").tone(Tone::Good),
            false => Cell::text("no such client"),
        }),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("ok"));
    }
}
