//! `authz list`, `authz show`, `authz rules list`, `authz check`. EMQX has no such verbs.

use emqx_shared::views::{AuthzDecisionView, AuthzRefusalView, AuthzRuleView, AuthzSourceView};
use serde_json::{Value, json};

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

impl Record for AuthzSourceView {
    const SCHEMA: &'static str = "authz_sources";
    const FIELDS: &'static [Field<Self>] = &[
        ("source", |v| json!(v.source)),
        ("place", |v| json!(v.place)),
        ("rules", |v| json!(v.rules)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("SOURCE", |v, _| Cell::text(&v.source)),
        ("RULES", |v, _| {
            Cell::text(v.rules.map_or_else(|| "-".to_owned(), |rules| rules.to_string()))
        }),
        ("PLACE", |v, _| Cell::text(&v.place)),
    ];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        let Self { source, place, rules } = self;
        match rules {
            Some(rules) => lines.line(format_args!("{source}: {place} ({rules} rules)")),
            None => lines.line(format_args!("{source}: {place}")),
        }
    }
}

impl Record for AuthzRuleView {
    const SCHEMA: &'static str = "authz_rules";
    const FIELDS: &'static [Field<Self>] = &[
        ("of", |v| json!(v.holder_kind)),
        ("name", |v| json!(v.holder)),
        ("number", |v| json!(v.number)),
        ("line", |v| json!(v.line)),
        ("rule", |v| json!(v.rule)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("OF", |v, _| Cell::text(holder(v))),
        ("NO", |v, _| Cell::number(u64::from(v.number))),
        ("LINE", |v, _| {
            Cell::text(v.line.map_or_else(String::new, |line| line.to_string()))
        }),
        ("RULE", |v, _| Cell::text(&v.rule)),
    ];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        match self.holder_kind.as_str() {
            "" => lines.line(format_args!("{}.", self.rule)),
            _ => lines.line(format_args!("{}: {}.", holder(self), self.rule)),
        }
    }

    fn empty_text(_compat: Compat) -> Option<&'static str> {
        Some("No rules.")
    }
}

fn holder(rule: &AuthzRuleView) -> String {
    match rule.holder_kind.as_str() {
        "" => "file".to_owned(),
        "all" => "all".to_owned(),
        kind => format!("{kind} {}", rule.holder),
    }
}

impl Record for AuthzDecisionView {
    const SCHEMA: &'static str = "authz_decision";
    const FIELDS: &'static [Field<Self>] = &[
        ("result", |v| json!(result(v))),
        ("source", |v| json!(v.source)),
        ("place", |v| json!(v.place)),
        ("rule", |v| json!(v.rule)),
        ("clientid", |v| json!(v.client_id)),
        ("username", |v| json!(v.username)),
        ("address", |v| json!(v.address)),
        ("connected", |v| json!(v.is_connected)),
        ("deny_action", |v| json!(v.deny_action)),
        ("asked", |v| {
            let asked = v
                .asked
                .iter()
                .map(|step| json!({ "source": step.source, "says": step.says }));
            asked.collect()
        }),
        ("last_refusal", |v| {
            v.last_refusal.as_ref().map_or(Value::Null, refusal_json)
        }),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("result", |v, _| Cell::text(result(v))),
        ("source", |v, _| Cell::text(&v.source)),
        ("place", |v, _| Cell::text(v.place.as_deref().unwrap_or("-"))),
        ("rule", |v, _| Cell::text(v.rule.as_deref().unwrap_or("-"))),
        ("client", |v, _| Cell::text(client(v))),
        ("asked", |v, _| Cell::text(asked(v))),
        ("last refusal", |v, look| {
            Cell::text(last_refusal(v, look).unwrap_or_else(|| "-".to_owned()))
        }),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", result(self)));
        lines.line(format_args!("  source: {}", self.source));
        if let Some(place) = &self.place {
            lines.line(format_args!("  place: {place}"));
        }
        if let Some(rule) = &self.rule {
            lines.line(format_args!("  rule: {rule}"));
        }
        lines.line(format_args!("  client: {}", client(self)));
        lines.line(format_args!("  asked: {}", asked(self)));
        if !self.is_allowed {
            lines.line(format_args!("  deny_action: {}", self.deny_action));
        }
        if let Some(last) = last_refusal(self, look) {
            lines.line(format_args!("  last refusal: {last}"));
        }
    }
}

fn result(decision: &AuthzDecisionView) -> &'static str {
    if decision.is_allowed { "allow" } else { "deny" }
}

fn client(decision: &AuthzDecisionView) -> String {
    let AuthzDecisionView {
        client_id,
        username,
        address,
        is_connected,
        ..
    } = decision;
    let username = username.as_deref().unwrap_or("undefined");
    let state = if *is_connected { "connected" } else { "not connected" };
    format!("{client_id}, username {username}, from {address}, {state}")
}

fn last_refusal(decision: &AuthzDecisionView, look: &Look) -> Option<String> {
    let last = decision.last_refusal.as_ref()?;
    Some(refusal_text(last, look))
}

/// What a client was refused, in a sentence.
pub(super) fn refusal_text(last: &AuthzRefusalView, look: &Look) -> String {
    let (topic, by, count) = (&last.topic, &last.by, last.count);
    let action = match last.action.as_str() {
        "keep_subscription" => "keep the subscription",
        action => action,
    };
    let time = look.time(last.at_ms);
    format!("{action} to {topic}, {time}, by {by} ({count} on this connection)")
}

/// The same for programs.
pub(super) fn refusal_json(last: &AuthzRefusalView) -> Value {
    json!({ "action": last.action, "topic": last.topic, "by": last.by, "at": last.at_ms, "count": last.count })
}

fn asked(decision: &AuthzDecisionView) -> String {
    let steps = decision.asked.iter();
    let steps: Vec<String> = steps.map(|step| format!("{}: {}", step.source, step.says)).collect();
    steps.join(", ")
}
