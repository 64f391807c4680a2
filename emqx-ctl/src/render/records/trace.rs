//! `trace list`, `traces list`, and what `trace start` and `stop` did.

use emqx_shared::views::{TraceState, TraceView};
use serde_json::{Value, json};

use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record, erlang_term};

/// A trace in a list.
#[derive(Debug)]
pub struct TraceRow {
    pub view: TraceView,
    /// For EMQX's `traces list`: how much each node has written, by name. Empty for `trace list`.
    pub sizes: Vec<(String, u64)>,
}

/// A trace that something was done to.
#[derive(Debug)]
pub struct TraceDeed {
    /// EMQX's sentence.
    pub sentence: String,
    /// What a person is told besides.
    pub note: Option<String>,
    pub row: TraceRow,
}

impl TraceRow {
    /// As one node has it.
    pub const fn of_node(view: TraceView) -> Self {
        Self {
            view,
            sizes: Vec::new(),
        }
    }

    fn stopped(&self) -> Option<&str> {
        match &self.view.state {
            TraceState::Running => None,
            TraceState::Stopped { reason } => Some(reason),
        }
    }

    fn destination(&self) -> &str {
        self.view.destination.as_deref().unwrap_or("(live)")
    }

    fn view(&self) -> &TraceView {
        &self.view
    }

    fn value(name: &str, v: &TraceView) -> Value {
        match name {
            "name" => json!(v.name),
            "type" => json!(v.subject.kind()),
            "value" => json!(v.subject.value()),
            "status" => json!(v.state.as_str()),
            "level" => json!(v.level.as_str()),
            "formatter" => json!(v.format.as_str()),
            "payload_encode" => json!(v.payload.as_str()),
            "destination" => json!(v.destination),
            "named" => json!(v.is_named),
            "resumable" => json!(v.is_resumable),
            "start_at" => json!(v.started_at_ms),
            "end_at" => json!(v.ends_at_ms),
            "log_size" => json!(v.bytes),
            "max_size" => json!(v.max_bytes),
            "lines" => json!(v.lines),
            "dropped" => json!(v.dropped),
            "rate" => json!(v.rate),
            "watchers" => json!(v.watchers),
            "node" => json!(v.node),
            _ => match &v.state {
                TraceState::Running => Value::Null,
                TraceState::Stopped { reason } => json!(reason),
            },
        }
    }
}

impl TraceDeed {
    fn view(&self) -> &TraceView {
        &self.row.view
    }
}

/// The fields of a trace, taken out of `$from`.
macro_rules! fields {
    ($from:path; $($name:literal),*) => {
        &[$(($name, |v| TraceRow::value($name, $from(v)))),*]
    };
}

impl Record for TraceRow {
    const SCHEMA: &'static str = "traces";
    const FIELDS: &'static [Field<Self>] = fields![TraceRow::view;
        "name", "type", "value", "status", "stopped_because", "level", "formatter", "payload_encode", "destination",
        "named", "resumable", "start_at", "end_at", "log_size", "max_size", "lines", "dropped", "rate", "watchers",
        "node"];
    const COLUMNS: &'static [Column<Self>] = &[
        ("TRACE", |v, _| Cell::text(&v.view.name)),
        ("FOLLOWS", |v, _| {
            Cell::text(format!("{} {}", v.view.subject.kind(), v.view.subject.value()))
        }),
        ("STATE", |v, _| match v.stopped() {
            None => Cell::text("running").tone(Tone::Good),
            Some(reason) => Cell::text(format!("stopped: {reason}")),
        }),
        ("LEVEL", |v, _| Cell::text(v.view.level.as_str())),
        ("FILE", |v, _| Cell::text(v.destination())),
        ("RESUMES", |v, _| {
            Cell::text(if v.view.is_resumable { "after a restart" } else { "no" })
        }),
        ("LINES", |v, _| Cell::number(v.view.lines)),
        ("LOST", |v, _| Cell::number(v.view.dropped)),
        ("BYTES", |v, _| Cell::number(v.view.bytes)),
        ("STOPS AT", |v, look| {
            Cell::text(format!(
                "{} or {}",
                look.time(v.view.ends_at_ms),
                size(v.view.max_bytes)
            ))
        }),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        let view = &self.view;
        let (kind, value) = (view.subject.kind(), view.subject.value());
        if !self.sizes.is_empty() {
            let sizes = self.sizes.iter();
            let sizes: Vec<_> = sizes
                .map(|(node, bytes)| format!("{} => {bytes}", erlang_term::atom(node)))
                .collect();
            lines.line(format_args!(
                "Trace({}: {kind}={value}, {}, LogSize:#{{{}}})",
                view.name,
                view.state.as_str(),
                sizes.join(",")
            ));
            return;
        }
        let stopped = match self.stopped() {
            None => String::new(),
            Some(reason) => format!(", stopped={reason}"),
        };
        lines.line(format_args!(
            "Trace({kind}={value}, level={}, destination={}{stopped})",
            view.level,
            erlang_term::string(self.destination())
        ));
    }
}

impl Record for TraceDeed {
    const SCHEMA: &'static str = "trace";
    const FIELDS: &'static [Field<Self>] = fields![TraceDeed::view;
        "name", "type", "value", "status", "stopped_because", "level", "formatter", "payload_encode", "destination",
        "named", "resumable", "start_at", "end_at", "log_size", "max_size", "lines", "dropped", "rate", "watchers",
        "node"];
    const COLUMNS: &'static [Column<Self>] = &[("TRACE", |v, _| Cell::text(&v.row.view.name))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", self.sentence));
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        self.classic(look, &mut lines);
        if let Some(note) = self.note.as_deref().filter(|_| !look.quiet) {
            lines.line(format_args!("{note}"));
        }
        Some(lines.into_text())
    }
}

/// A size in the largest unit that it is a whole number of.
pub fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units
        .into_iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    match unit {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} bytes"),
    }
}
