//! `tls certs`, `tls check` and `tls reload`. EMQX has no such verbs; the text follows its `listeners`.

use emqx_shared::views::{TlsCertificateView, TlsFindingView, TlsReloadView};
use serde_json::{Value, json};

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};
use crate::time::Civil;

/// One thing that was checked.
#[derive(Debug, Clone)]
pub struct TlsChecked {
    /// A listener, a file or a host.
    pub checked: String,
    /// `ok`, `warning` or `error`.
    pub severity: &'static str,
    /// What was found.
    pub what: String,
    /// What to do; empty if nothing is wrong.
    pub next: String,
}

impl TlsChecked {
    /// Nothing was found.
    pub fn good(checked: &str, subject: &str, days_left: i64) -> Self {
        Self {
            checked: checked.to_owned(),
            severity: "ok",
            what: format!("{subject} is valid for {days_left} days"),
            next: String::new(),
        }
    }
}

impl Record for TlsChecked {
    const SCHEMA: &'static str = "tls-check";
    const FIELDS: &'static [Field<Self>] = &[
        ("checked", |v| json!(v.checked)),
        ("severity", |v| json!(v.severity)),
        ("what", |v| json!(v.what)),
        ("next", |v| json!(v.next)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("CHECKED", |v, _| Cell::text(&v.checked)),
        ("RESULT", |v, _| Cell::text(v.severity)),
        ("FOUND", |v, _| Cell::text(&v.what)),
        ("NEXT", |v, _| Cell::text(&v.next)),
    ];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}: {}: {}", self.checked, self.severity, self.what));
        if !self.next.is_empty() {
            lines.line(format_args!("  next: {}", self.next));
        }
    }

    fn empty_text(_compat: Compat) -> Option<&'static str> {
        Some("No TLS listeners.")
    }
}

impl Record for TlsCertificateView {
    const SCHEMA: &'static str = "tls-certs";
    const FIELDS: &'static [Field<Self>] = &[
        ("listener", |v| json!(v.listener)),
        ("in_force", |v| json!(v.is_in_force)),
        ("certfile", |v| json!(v.certfile)),
        ("keyfile", |v| json!(v.keyfile)),
        ("cacertfile", |v| json!(v.cacertfile)),
        ("verify", |v| json!(v.verify)),
        ("subject", |v| json!(v.subject)),
        ("issuer", |v| json!(v.issuer)),
        ("names", |v| json!(v.names)),
        ("serial", |v| json!(v.serial)),
        ("key", |v| json!(v.key)),
        ("not_before", |v| json!(v.not_before)),
        ("not_after", |v| json!(v.not_after)),
        ("days_left", |v| json!(v.days_left)),
        ("chain", |v| json!(v.chain)),
        ("chain_complete", |v| json!(v.is_chain_complete)),
        ("key_matches", |v| json!(v.is_key_matching)),
        ("renewed_on_disk", |v| json!(v.is_renewed_on_disk)),
        ("findings", |v| findings(&v.findings)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("LISTENER", |v, _| Cell::text(&v.listener)),
        ("SUBJECT", |v, _| Cell::text(shown(&v.subject))),
        ("ISSUER", |v, _| Cell::text(shown(&v.issuer))),
        ("NAMES", |v, _| Cell::text(v.names.join(", "))),
        ("UNTIL", |v, look| Cell::text(day(v.not_after, look))),
        ("DAYS", |v, _| Cell::text(v.days_left.to_string())),
        ("CHAIN", |v, _| Cell::text(completeness(v))),
        ("CERTFILE", |v, _| Cell::text(&v.certfile)),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", self.listener));
        let mut field = |name: &str, value: &str| lines.line(format_args!("  {name:<16}: {value}"));
        if self.subject.is_empty() {
            for finding in &self.findings {
                field("problem", &finding.what);
                field("next", &finding.next);
            }
            return;
        }
        field("in_force", if self.is_in_force { "true" } else { "false" });
        field("certfile", &self.certfile);
        field("keyfile", &self.keyfile);
        field("subject", &self.subject);
        field("issuer", &self.issuer);
        field("names", &self.names.join(", "));
        field("key", &self.key);
        field("not_before", &day(self.not_before, look));
        field("not_after", &day(self.not_after, look));
        field("days_left", &self.days_left.to_string());
        field("chain_complete", completeness(self));
        field("key_matches", if self.is_key_matching { "true" } else { "false" });
        field("verify", &self.verify);
        for finding in &self.findings {
            field(if finding.is_error { "error" } else { "warning" }, &finding.what);
            field("next", &finding.next);
        }
    }

    fn empty_text(_compat: Compat) -> Option<&'static str> {
        Some("No TLS listeners.")
    }

    fn note(&self, _look: &Look) -> Option<String> {
        let lines: Vec<String> = self
            .findings
            .iter()
            .map(|finding| format!("{}: {} (next: {})", self.listener, finding.what, finding.next))
            .collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    }
}

impl Record for TlsReloadView {
    const SCHEMA: &'static str = "tls-reload";
    const FIELDS: &'static [Field<Self>] = &[
        ("listener", |v| json!(v.listener)),
        ("reloaded", |v| json!(v.is_reloaded)),
        ("changed", |v| json!(v.is_changed)),
        ("subject", |v| json!(v.subject)),
        ("not_after", |v| json!(v.not_after)),
        ("problem", |v| json!(v.problem.as_ref().map(|problem| &problem.what))),
        ("next", |v| json!(v.problem.as_ref().map(|problem| &problem.next))),
        ("findings", |v| findings(&v.findings)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("LISTENER", |v, _| Cell::text(&v.listener)),
        ("RESULT", |v, _| Cell::text(result(v))),
        ("SUBJECT", |v, _| Cell::text(shown(&v.subject))),
        ("UNTIL", |v, look| Cell::text(day(v.not_after, look))),
    ];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}: {}", self.listener, result(self)));
        if let Some(problem) = &self.problem {
            lines.line(format_args!("  why:  {}", problem.what));
            lines.line(format_args!("  next: {}", problem.next));
        }
        for finding in &self.findings {
            lines.line(format_args!(
                "  {}: {}",
                if finding.is_error { "error" } else { "warning" },
                finding.what
            ));
            lines.line(format_args!("  next: {}", finding.next));
        }
    }

    fn empty_text(_compat: Compat) -> Option<&'static str> {
        Some("No TLS listener runs.")
    }

    fn note(&self, _look: &Look) -> Option<String> {
        let problem = self.problem.as_ref()?;
        Some(format!("{}: {} (next: {})", self.listener, problem.what, problem.next))
    }
}

fn result(view: &TlsReloadView) -> &'static str {
    match (view.is_reloaded, view.is_changed) {
        (true, true) => "reloaded",
        (true, false) => "nothing new",
        (false, _) => "NOT reloaded, the old certificate stays in force",
    }
}

fn completeness(view: &TlsCertificateView) -> &'static str {
    match view.is_chain_complete {
        _ if view.subject.is_empty() => "-",
        Some(true) => "complete",
        Some(false) => "INCOMPLETE",
        None => "unknown",
    }
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

/// A date, in the daemon's time.
fn day(unix_seconds: i64, look: &Look) -> String {
    match u64::try_from(unix_seconds) {
        Ok(0) | Err(_) => "-".to_owned(),
        Ok(seconds) => Civil::new(seconds, look.utc_offset).date_time(),
    }
}

fn findings(findings: &[TlsFindingView]) -> Value {
    let each =
        |finding: &TlsFindingView| json!({ "error": finding.is_error, "what": finding.what, "next": finding.next });
    Value::Array(findings.iter().map(each).collect())
}
