//! `reload --wait`, and clients that were let go. EMQX has no such verbs.

use emqx_shared::views::{DrainedView, ReloadOutcome, ReloadPartView};
use serde_json::json;

use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};

impl Record for ReloadPartView {
    const SCHEMA: &'static str = "reload";
    const FIELDS: &'static [Field<Self>] = &[
        ("part", |v| json!(v.part)),
        ("result", |v| json!(v.outcome.as_str())),
        ("detail", |v| json!(v.detail)),
        ("next", |v| json!(v.next)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("PART", |v, _| Cell::text(&v.part)),
        ("RESULT", |v, _| Cell::text(v.outcome.as_str()).tone(tone(v.outcome))),
        ("DETAIL", |v, _| Cell::text(&v.detail)),
        ("NEXT", |v, _| Cell::text(v.next.as_deref().unwrap_or_default())),
    ];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        let (part, outcome) = (&self.part, self.outcome.as_str());
        match self.detail.as_str() {
            "" => lines.line(format_args!("{part}: {outcome}")),
            detail => lines.line(format_args!("{part}: {outcome}: {detail}")),
        }
        if let Some(next) = &self.next {
            lines.line(format_args!("  next: {next}"));
        }
    }
}

fn tone(outcome: ReloadOutcome) -> Tone {
    match outcome {
        ReloadOutcome::Done => Tone::Good,
        ReloadOutcome::Unchanged => Tone::Plain,
        ReloadOutcome::Failed | ReloadOutcome::Waiting => Tone::Bad,
    }
}

impl Record for DrainedView {
    const SCHEMA: &'static str = "drained";
    const FIELDS: &'static [Field<Self>] = &[
        ("connections", |v| json!(v.connections)),
        ("took_ms", |v| json!(v.took_ms)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("connections", |v, _| Cell::text(v.connections.to_string())),
        ("took", |v, _| Cell::text(format!("{} ms", v.took_ms))),
    ];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        lines.line(format_args!(
            "{} clients let go in {} ms; emqxd ends",
            self.connections, self.took_ms
        ));
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        if !look.quiet {
            self.classic(look, &mut lines);
        }
        Some(lines.into_text())
    }
}
