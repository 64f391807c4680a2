//! `conf show` as rows, `conf show_keys`, `conf check`, `conf diff` and `conf reload`.

use emqx_shared::views::{ConfChangeView, ConfCheckedView, ConfEffect, ConfKeyView, ConfProblemView};
use serde_json::{Value, json};

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::hocon::origin_text;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record, json};

impl Record for ConfKeyView {
    const SCHEMA: &'static str = "conf";
    const FIELDS: &'static [Field<Self>] = &[
        ("key", |v| json!(v.key)),
        ("value", |v| json!(v.value)),
        ("origin", |v| json!(origin_text(&v.origin))),
        ("effective", |v| json!(v.has_effect)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("KEY", |v, _| Cell::text(&v.key)),
        ("VALUE", |v, _| Cell::text(&v.value)),
        ("ORIGIN", |v, _| Cell::text(origin_text(&v.origin))),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{} = {}", self.key, self.value));
    }
}

/// `conf show_keys`: one Erlang list, a line for each key.
#[derive(Debug)]
pub struct ConfRoots(pub Vec<String>);

impl Record for ConfRoots {
    const SCHEMA: &'static str = "conf-keys";
    const FIELDS: &'static [Field<Self>] = &[("keys", |v| json!(v.0))];
    const COLUMNS: &'static [Column<Self>] = &[("keys", |v, _| Cell::text(v.0.join(" ")))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        for (number, root) in self.0.iter().enumerate() {
            let start = if number == 0 { '[' } else { ' ' };
            let end = if number + 1 == self.0.len() { ']' } else { ',' };
            lines.line(format_args!("{start}<<\"{root}\">>{end}"));
        }
    }

    fn story(&self, _: &Look) -> Option<String> {
        let mut lines = Lines::default();
        for root in &self.0 {
            lines.line(format_args!("{root}"));
        }
        Some(lines.into_text())
    }
}

/// `conf check`
#[derive(Debug)]
pub struct ConfChecked(pub ConfCheckedView);

const PROBLEM_FIELDS: &[Field<ConfProblemView>] = &[
    ("origin", |v| json!(origin_text(&v.origin))),
    ("key", |v| json!(v.key)),
    ("message", |v| json!(v.message)),
    ("hint", |v| json!(v.hint)),
];

impl Record for ConfChecked {
    const SCHEMA: &'static str = "conf-check";
    const FIELDS: &'static [Field<Self>] = &[
        ("file", |v| json!(v.0.file)),
        ("ok", |v| json!(v.0.errors.is_empty())),
        ("errors", |v| {
            let errors = v.0.errors.iter();
            errors
                .map(|error| json::object(PROBLEM_FIELDS, error))
                .collect::<Value>()
        }),
        ("more", |v| json!(v.0.more)),
        ("warnings", |v| json!(v.0.warnings)),
    ];
    /// Never drawn: [`Record::story`] takes its place.
    const COLUMNS: &'static [Column<Self>] = &[("FILE", |v, _| Cell::text(&v.0.file))];

    /// As `emqxd --check-config` says it.
    fn classic(&self, _: &Look, lines: &mut Lines) {
        let view = &self.0;
        for error in &view.errors {
            let key = error.key.as_deref().map(|key| format!("{key}: ")).unwrap_or_default();
            lines.line(format_args!("{}: {key}{}", origin_text(&error.origin), error.message));
            if let Some(hint) = &error.hint {
                lines.line(format_args!("  next: {hint}"));
            }
        }
        if view.more > 0 {
            lines.line(format_args!("and {} errors more", view.more));
        }
        for warning in &view.warnings {
            lines.line(format_args!("WARNING: {warning}"));
        }
        if view.errors.is_empty() {
            lines.line(format_args!("{}: ok", view.file));
        }
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        self.classic(look, &mut lines);
        Some(lines.into_text())
    }
}

fn effect(change: &ConfChangeView) -> String {
    match &change.effect {
        ConfEffect::Live if change.is_applied => "applied".to_owned(),
        ConfEffect::Live => "reload".to_owned(),
        ConfEffect::ListenerRestart { listener } => format!("emqx-ctl listeners restart {listener}"),
        ConfEffect::Restart => "restart".to_owned(),
        ConfEffect::None => "no effect".to_owned(),
    }
}

fn or_unset(value: Option<&String>) -> &str {
    value.map_or("(not set)", String::as_str)
}

impl Record for ConfChangeView {
    const SCHEMA: &'static str = "conf-changes";
    const FIELDS: &'static [Field<Self>] = &[
        ("key", |v| json!(v.key)),
        ("running", |v| json!(v.running)),
        ("new", |v| json!(v.new)),
        ("origin", |v| json!(origin_text(&v.origin))),
        ("takes", |v| {
            json!(match v.effect {
                ConfEffect::Live => "reload",
                ConfEffect::ListenerRestart { .. } => "listener_restart",
                ConfEffect::Restart => "restart",
                ConfEffect::None => "nothing",
            })
        }),
        ("listener", |v| match &v.effect {
            ConfEffect::ListenerRestart { listener } => json!(listener),
            _ => Value::Null,
        }),
        ("applied", |v| json!(v.is_applied)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("KEY", |v, _| Cell::text(&v.key)),
        ("RUNNING", |v, _| Cell::text(or_unset(v.running.as_ref()))),
        ("NEW", |v, _| Cell::text(or_unset(v.new.as_ref()))),
        ("FROM", |v, _| Cell::text(origin_text(&v.origin))),
        ("TAKES", |v, _| {
            let tone = if v.is_applied { Tone::Good } else { Tone::Plain };
            Cell::text(effect(v)).tone(tone)
        }),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        let (running, new) = (or_unset(self.running.as_ref()), or_unset(self.new.as_ref()));
        lines.line(format_args!("{}: {running} -> {new} ({})", self.key, effect(self)));
    }

    fn empty_text(compat: Compat) -> Option<&'static str> {
        (compat == Compat::V5).then_some("No differences.")
    }
}
