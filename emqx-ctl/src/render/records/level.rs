//! A log level in force, after it was asked for or set.

use emqx_shared::LogLevel;
use serde_json::json;

use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

/// The level.
#[derive(Debug)]
pub struct Level(pub LogLevel);

impl Record for Level {
    const SCHEMA: &'static str = "log-level";
    const FIELDS: &'static [Field<Self>] = &[("level", |v| json!(v.0.as_str()))];
    const COLUMNS: &'static [Column<Self>] = &[("level", |v, _| Cell::text(v.0.as_str()))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", self.0));
    }
}
