//! `cluster nodes`, `cluster digest`, `cluster discovery`.

use emqx_shared::views::{ClusterNodeView, DigestView, DiscoveryView};
use serde_json::json;

use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};
use crate::time;

impl Record for ClusterNodeView {
    const SCHEMA: &'static str = "cluster_node";
    const FIELDS: &'static [Field<Self>] = &[
        ("name", |v| json!(v.name)),
        ("address", |v| json!(v.address)),
        ("is_running", |v| json!(v.is_running)),
        ("role", |v| json!(v.role)),
        ("votes", |v| json!(v.votes)),
        ("version", |v| json!(v.about.as_ref().map(|about| &about.version))),
        ("uptime_ms", |v| json!(v.about.as_ref().map(|about| about.uptime_ms))),
        ("connections", |v| {
            json!(v.about.as_ref().map(|about| about.connections))
        }),
        ("sessions", |v| json!(v.about.as_ref().map(|about| about.sessions))),
        ("license", |v| {
            json!(v.about.as_ref().and_then(|about| about.license.as_ref()))
        }),
        ("is_in_sync", |v| json!(v.link.as_ref().map(|link| link.is_in_sync))),
        ("lag", |v| json!(v.link.as_ref().map(|link| link.lag))),
        ("routes", |v| json!(v.link.as_ref().map(|link| link.routes))),
        ("messages_waiting", |v| {
            json!(v.link.as_ref().map(|link| link.messages_waiting))
        }),
        ("messages_dropped", |v| {
            json!(v.link.as_ref().map(|link| link.messages_dropped))
        }),
        ("lanes", |v| json!(v.link.as_ref().map(|link| link.lanes))),
        ("lanes_linked", |v| json!(v.link.as_ref().map(|link| link.lanes_linked))),
        ("bytes_waiting", |v| {
            json!(v.link.as_ref().map(|link| link.bytes_waiting))
        }),
        ("messages_sent", |v| {
            json!(v.link.as_ref().map(|link| link.messages_sent))
        }),
        ("messages_resent", |v| {
            json!(v.link.as_ref().map(|link| link.messages_resent))
        }),
        ("messages_received", |v| {
            json!(v.link.as_ref().map(|link| link.messages_received))
        }),
        ("snapshots", |v| json!(v.link.as_ref().map(|link| link.snapshots))),
        ("divergences", |v| json!(v.link.as_ref().map(|link| link.divergences))),
        ("retained_refused", |v| {
            json!(v.link.as_ref().map(|link| link.retained_refused))
        }),
        ("stream_error", |v| {
            json!(v.link.as_ref().and_then(|link| link.stream_error.as_ref()))
        }),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("node", |v, _| Cell::text(&v.name)),
        ("state", |v, _| match (v.is_running, &v.about) {
            (true, Some(_)) => Cell::text("running").tone(Tone::Good),
            (true, None) => Cell::text("does not answer").tone(Tone::Bad),
            (false, _) => Cell::text("stopped").tone(Tone::Bad),
        }),
        ("role", |v, _| Cell::text(role(v))),
        ("version", |v, _| {
            Cell::text(v.about.as_ref().map_or("-", |about| &about.version))
        }),
        ("up for", |v, _| {
            Cell::text(
                v.about
                    .as_ref()
                    .map_or("-".to_owned(), |about| time::short(about.uptime_ms)),
            )
        }),
        ("clients", |v, _| {
            v.about
                .as_ref()
                .map_or(Cell::text("-"), |about| Cell::number(about.connections))
        }),
        ("sessions", |v, _| {
            v.about
                .as_ref()
                .map_or(Cell::text("-"), |about| Cell::number(about.sessions))
        }),
        ("stream", |v, _| match &v.link {
            None => Cell::text("-"),
            Some(link) if link.is_in_sync => Cell::text("in sync").tone(Tone::Good),
            Some(link) => Cell::text(format!("{} behind", link.lag)).tone(Tone::Bad),
        }),
        ("waiting", |v, _| {
            v.link
                .as_ref()
                .map_or(Cell::text("-"), |link| Cell::number(link.messages_waiting))
        }),
    ];

    /// EMQX has no such verb: a line a node, as `clients list` has.
    fn classic(&self, _: &Look, lines: &mut Lines) {
        let about = self.about.as_ref();
        lines.line(format_args!(
            "Node({}, running={}, role={}, version={}, uptime_ms={}, connections={}, sessions={})",
            self.name,
            self.is_running,
            role(self),
            about.map_or("undefined", |about| &about.version),
            about.map_or(0, |about| about.uptime_ms),
            about.map_or(0, |about| about.connections),
            about.map_or(0, |about| about.sessions),
        ));
    }
}

fn role(node: &ClusterNodeView) -> String {
    match (&node.role, node.votes) {
        (Some(role), _) => role.clone(),
        (None, true) => "member".to_owned(),
        (None, false) => "-".to_owned(),
    }
}

/// `cluster digest`
#[derive(Debug)]
pub struct Digest(pub DigestView);

impl Record for Digest {
    const SCHEMA: &'static str = "digest";
    const FIELDS: &'static [Field<Self>] = &[("sums", |v| {
        let sums = v.0.sums.iter().map(|row| (row.of.clone(), json!(row.sum)));
        serde_json::Value::Object(sums.collect())
    })];
    /// Never drawn: [`Record::story`] takes its place.
    const COLUMNS: &'static [Column<Self>] = &[("sums", |v, _| Cell::number(v.0.sums.len() as u64))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        for row in &self.0.sums {
            lines.line(format_args!("{:<48} {}", row.of, row.sum));
        }
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        self.classic(look, &mut lines);
        Some(lines.into_text())
    }
}

/// `cluster discovery`
#[derive(Debug)]
pub struct Discovery(pub DiscoveryView);

impl Record for Discovery {
    const SCHEMA: &'static str = "discovery";
    const FIELDS: &'static [Field<Self>] = &[
        ("strategy", |v| json!(v.0.strategy)),
        ("is_enabled", |v| json!(v.0.is_enabled)),
        ("seeds", |v| json!(v.0.seeds)),
        ("failure", |v| json!(v.0.failure)),
    ];
    /// Never drawn: [`Record::story`] takes its place.
    const COLUMNS: &'static [Column<Self>] = &[("strategy", |v, _| Cell::text(&v.0.strategy))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        let view = &self.0;
        lines.line(format_args!("strategy : {}", view.strategy));
        lines.line(format_args!("enabled  : {}", view.is_enabled));
        lines.line(format_args!("found    : {}", view.seeds.join(" ")));
        if let Some(failure) = &view.failure {
            lines.line(format_args!("failure  : {failure}"));
        }
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        self.classic(look, &mut lines);
        Some(lines.into_text())
    }
}
