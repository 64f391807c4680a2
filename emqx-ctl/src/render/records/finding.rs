//! `doctor`: one finding of one check.

use serde_json::json;

use crate::compat::Compat;
use crate::doctor::{Finding, Severity};
use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};

impl Record for Finding {
    const SCHEMA: &'static str = "doctor";
    const FIELDS: &'static [Field<Self>] = &[
        ("id", |v| json!(v.id)),
        ("category", |v| json!(v.category.as_str())),
        ("severity", |v| json!(v.severity.as_str().to_ascii_lowercase())),
        ("evidence", |v| json!(v.evidence)),
        ("fix", |v| json!(v.fix)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("RESULT", |v, _| {
            let tone = match v.severity {
                Severity::Ok => Tone::Good,
                Severity::Fail => Tone::Bad,
                Severity::Warn | Severity::Skip => Tone::Plain,
            };
            Cell::text(v.severity.as_str()).tone(tone)
        }),
        ("ID", |v, _| Cell::text(v.id)),
        ("CATEGORY", |v, _| Cell::text(v.category.as_str())),
        ("FINDING", |v, _| Cell::text(&v.evidence)),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        let (severity, category) = (self.severity.as_str(), self.category.as_str());
        lines.line(format_args!(
            "{severity:<4} {} {category:<11}: {}",
            self.id, self.evidence
        ));
        if let Some(fix) = &self.fix {
            lines.line(format_args!("          fix        : {fix}"));
        }
    }

    fn empty_text(_: Compat) -> Option<&'static str> {
        Some("no checks")
    }

    fn note(&self, _: &Look) -> Option<String> {
        self.fix.as_ref().map(|fix| format!("{} fix: {fix}", self.id))
    }
}
