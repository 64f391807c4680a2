//! `why`: the story of one client, told from its last connection backwards.
//!
//! A terminal gets sentences, everything else the same facts as `key : value`. What a reason means
//! and what to do about it comes from the catalogue of `explain`.

use emqx_shared::catalogue::{self, Entry, Language};
use emqx_shared::views::{DisconnectView, WhyView};
use serde_json::json;

use super::authz::{refusal_json, refusal_text};
use super::clients::mqtt_version;
use super::disconnects::code;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record, json};
use crate::time;

const DAY_MS: u64 = 24 * 3600 * 1000;

/// Whether the client is connected now.
fn is_online(view: &WhyView) -> bool {
    view.client.as_ref().is_some_and(|client| client.connected)
}

/// Since when it is in that state.
fn since(view: &WhyView) -> Option<u64> {
    let client = view.client.as_ref();
    if is_online(view) {
        return client.map(|client| client.connected_at_ms);
    }
    let ended = view.history.first().map(|last| last.time_ms);
    ended.or_else(|| client.and_then(|client| client.disconnected_at_ms))
}

fn session_until(view: &WhyView) -> Option<u64> {
    let client = view.client.as_ref().filter(|client| !client.connected)?;
    client.session_expires_at_ms
}

impl Record for WhyView {
    const SCHEMA: &'static str = "why";
    const FIELDS: &'static [Field<Self>] = &[
        ("clientid", |v| json!(v.client_id)),
        ("online", |v| json!(is_online(v))),
        ("since", |v| json!(since(v))),
        ("session_kept", |v| json!(v.client.is_some())),
        ("session_expires_at", |v| json!(session_until(v))),
        ("reason", |v| json!(v.history.first().map(|last| &last.reason))),
        ("closed_by", |v| {
            json!(v.history.first().map(|last| last.closed_by.as_str()))
        }),
        ("now", |v| json!(v.now_ms)),
        ("remembered", |v| json!(v.remembered)),
        ("remembered_since", |v| json!(v.remembered_since_ms)),
        ("history", |v| {
            let rows = v.history.iter();
            rows.map(|row| json::object(DisconnectView::FIELDS, row)).collect()
        }),
        ("last_refusal", |v| {
            v.last_refusal.as_ref().map_or(serde_json::Value::Null, refusal_json)
        }),
    ];
    /// Never drawn: [`Record::story`] takes its place.
    const COLUMNS: &'static [Column<Self>] = &[("CLIENT", |v, _| Cell::text(&v.client_id))];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        let mut pair = |key: &str, value: String| lines.pair(16, key, value);
        pair("clientid", self.client_id.clone());
        pair("state", if is_online(self) { "online" } else { "offline" }.to_owned());
        if let Some(since) = since(self) {
            pair("since", date_time(since, look));
            pair("for", time::short(self.now_ms.saturating_sub(since)));
        }
        match (&self.client, session_until(self)) {
            (Some(client), _) if client.connected => pair("session", "in use".to_owned()),
            (Some(_), Some(until)) => pair("session", format!("kept until {}", date_time(until, look))),
            (Some(_), None) => pair("session", "kept".to_owned()),
            (None, _) => pair("session", "none".to_owned()),
        }
        if let Some(client) = self.client.as_ref().filter(|client| client.connected) {
            let listener = look.compat.listener_id(&client.listener);
            pair("connected_via", format!("{listener} {}", client.peername));
        }
        if let Some(last) = &self.last_refusal {
            pair("refused", refusal_text(last, look));
        }
        if let Some(last) = self.history.first() {
            pair("reason", reason(last, look).to_owned());
            pair("closed_by", last.closed_by.as_str().to_owned());
            if let Some((word, code)) = codes(last) {
                pair(word, code);
            }
            pair("closed_at", date_time(last.time_ms, look));
            if !last.detail.is_empty() {
                pair("detail", last.detail.clone());
            }
            pair("listener", look.compat.listener_id(&last.listener));
            pair("peername", last.peername.clone());
            pair("connection", conversation(last));
        }
        pair("history", history(self, look));
        if let Some(entry) = meaning(self) {
            let text = entry.text(look.language);
            pair("meaning", text.meaning.to_owned());
            pair("causes", text.causes.to_owned());
            pair("next", text.next.to_owned());
        }
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        lines.line(format_args!("{}", headline(self, look)));
        if is_online(self) {
            tell_connection(self, look, &mut lines);
        }
        if let Some(last) = &self.last_refusal {
            lines.line(format_args!("  refused    {}", refusal_text(last, look)));
        }
        if let Some(last) = self.history.first() {
            tell_end(last, is_online(self), look, &mut lines);
        }
        lines.line(format_args!("  history    {}", history(self, look)));
        let labels = match look.language {
            Language::English => ["What it means", "Usual causes", "Try"],
            Language::Chinese => ["含义", "常见原因", "建议"],
        };
        if let Some(entry) = meaning(self) {
            let text = entry.text(look.language);
            lines.line(format_args!("{}: {}", labels[0], text.meaning));
            lines.line(format_args!("{}: {}", labels[1], text.causes));
            lines.line(format_args!("{}: {}", labels[2], text.next));
            lines.line(format_args!("     emqx-ctl explain {}", entry.term));
        }
        Some(lines.into_text())
    }
}

fn headline(view: &WhyView, look: &Look) -> String {
    let state = if is_online(view) { "ONLINE" } else { "OFFLINE" };
    let mut text = format!("{}  {state}", view.client_id);
    if let Some(since) = since(view) {
        let ago = time::short(view.now_ms.saturating_sub(since));
        text.push_str(&format!(" since {} ({ago})", look.time(since)));
    }
    if !is_online(view) {
        match (&view.client, session_until(view)) {
            (Some(_), Some(until)) => {
                text.push_str(&format!(", session kept until {}", look.time(until)));
            }
            (Some(_), None) => text.push_str(", session kept"),
            (None, _) => text.push_str(", no session"),
        }
    }
    text
}

fn tell_connection(view: &WhyView, look: &Look, lines: &mut Lines) {
    if let Some(client) = &view.client {
        lines.line(format_args!(
            "  listener   {}   peer {}   MQTT {}, keepalive {} s",
            look.compat.listener_id(&client.listener),
            client.peername,
            mqtt_version(client.proto_ver),
            client.keepalive
        ));
    }
}

fn tell_end(last: &DisconnectView, is_past: bool, look: &Look, lines: &mut Lines) {
    let code = match codes(last) {
        Some(("disconnect_sent", code)) => format!("     sent DISCONNECT {code}"),
        Some(("connack_sent", code)) => format!("     sent CONNACK {code}"),
        Some((_, code)) => format!("     received DISCONNECT {code}"),
        None => String::new(),
    };
    if is_past {
        lines.line(format_args!("  before     closed {}", look.time(last.time_ms)));
    }
    lines.line(format_args!(
        "  closed by  {}     reason {}{code}",
        last.closed_by.as_str(),
        reason(last, look)
    ));
    if !last.detail.is_empty() {
        lines.line(format_args!("  detail     {}", last.detail));
    }
    lines.line(format_args!(
        "  listener   {}   peer {}   {}",
        look.compat.listener_id(&last.listener),
        last.peername,
        conversation(last)
    ));
}

fn reason<'a>(last: &'a DisconnectView, look: &Look) -> &'a str {
    look.compat.reason(&last.reason, &last.reason_v4)
}

fn date_time(unix_ms: u64, look: &Look) -> String {
    time::Civil::new(unix_ms / 1000, look.utc_offset).date_time()
}

/// The reason code that went over the wire, and in which packet.
fn codes(last: &DisconnectView) -> Option<(&'static str, String)> {
    let sent = if last.connected_at_ms.is_some() {
        "disconnect_sent"
    } else {
        "connack_sent"
    };
    let received = || code(last.code_received).map(|code| ("code_received", code));
    code(last.code_sent).map(|code| (sent, code)).or_else(received)
}

/// `MQTT 5, keepalive 60 s, silent for 91 s`
fn conversation(last: &DisconnectView) -> String {
    let mut text = match last.proto_ver {
        Some(version) => format!("MQTT {}, ", mqtt_version(version)),
        None => "no CONNECT, ".to_owned(),
    };
    if last.keepalive > 0 {
        text.push_str(&format!("keepalive {} s, ", last.keepalive));
    }
    text.push_str(&format!("silent for {}", time::short(last.silent_ms)));
    text
}

/// How often it happened lately, whether always for one reason, and in which rhythm.
fn history(view: &WhyView, look: &Look) -> String {
    let watched = view.now_ms.saturating_sub(view.remembered_since_ms).min(DAY_MS);
    let from = view.now_ms.saturating_sub(watched);
    let recent: Vec<_> = view.history.iter().filter(|row| row.time_ms >= from).collect();
    let window = time::short(watched);
    if recent.is_empty() {
        return format!("not disconnected in {window}");
    }
    // The daemon sends the latest few; if all of them are recent there may be more.
    let cut = recent.len() == view.history.len() && view.remembered > recent.len() as u64;
    let times = match recent.len() {
        1 if !cut => "once".to_owned(),
        count if cut => format!("at least {count} times"),
        count => format!("{count} times"),
    };
    let words: Vec<&str> = recent.iter().map(|row| reason(row, look)).collect();
    let mut text = format!("{times} in {window}");
    if words.len() > 1 {
        text.push_str(&format!(", {}", reasons(&words)));
        if let Some(gap) = rhythm(&recent) {
            text.push_str(&format!(", every ~{}", time::short(gap)));
        }
    }
    text
}

fn reasons(words: &[&str]) -> String {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    if let [(word, _)] = counts[..] {
        return format!("always {word}");
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let parts: Vec<_> = counts.iter().map(|(word, count)| format!("{word} {count}")).collect();
    parts.join(", ")
}

/// The usual time between ends, if they are even enough to point at a timer.
fn rhythm(recent: &[&DisconnectView]) -> Option<u64> {
    let gaps: Vec<u64> = recent
        .windows(2)
        .map(|pair| pair[0].time_ms.saturating_sub(pair[1].time_ms))
        .collect();
    let (least, most) = (*gaps.iter().min()?, *gaps.iter().max()?);
    let even = gaps.len() >= 2 && least > 0 && most <= least.saturating_mul(3) / 2;
    even.then(|| gaps.iter().sum::<u64>() / gaps.len() as u64)
}

fn meaning(view: &WhyView) -> Option<&'static Entry> {
    let last = view.history.first()?;
    catalogue::lookup(&last.reason)
}
