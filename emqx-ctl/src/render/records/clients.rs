//! `clients list` and `clients show`

use emqx_shared::views::ClientView;
use serde_json::json;

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};

fn since(view: &ClientView) -> u64 {
    match view.disconnected_at_ms {
        Some(time) if !view.connected => time,
        _ => view.connected_at_ms,
    }
}

impl Record for ClientView {
    const SCHEMA: &'static str = "clients";
    const FIELDS: &'static [Field<Self>] = &[
        ("clientid", |v| json!(v.client_id)),
        ("username", |v| json!(v.username)),
        ("peername", |v| json!(v.peername)),
        ("clean_start", |v| json!(v.clean_start)),
        ("keepalive", |v| json!(v.keepalive)),
        ("session_expiry_interval", |v| json!(v.session_expiry_interval)),
        ("subscriptions", |v| json!(v.subscriptions)),
        ("inflight", |v| json!(v.inflight)),
        ("awaiting_rel", |v| json!(v.awaiting_rel)),
        ("delivered_msgs", |v| json!(v.delivered_msgs)),
        ("enqueued_msgs", |v| json!(v.enqueued_msgs)),
        ("dropped_msgs", |v| json!(v.dropped_msgs)),
        ("connected", |v| json!(v.connected)),
        ("created_at", |v| json!(v.created_at_ms)),
        ("connected_at", |v| json!(v.connected_at_ms)),
        ("disconnected_at", |v| json!(v.disconnected_at_ms)),
        ("listener", |v| json!(v.listener)),
        ("proto_name", |v| json!(v.proto_name)),
        ("proto_ver", |v| json!(v.proto_ver)),
        ("mountpoint", |v| json!(v.mountpoint)),
        ("node", |v| json!(v.node)),
        ("receive_maximum", |v| json!(v.receive_maximum)),
        ("recv_oct", |v| json!(v.recv_oct)),
        ("recv_pkt", |v| json!(v.recv_pkt)),
        ("recv_msg", |v| json!(v.recv_msg)),
        ("send_oct", |v| json!(v.send_oct)),
        ("send_pkt", |v| json!(v.send_pkt)),
        ("send_msg", |v| json!(v.send_msg)),
        ("session_expires_at", |v| json!(v.session_expires_at_ms)),
        ("recv_paused", |v| json!(v.recv_paused)),
        ("transport", |v| json!(v.transport.name)),
        ("tls_version", |v| json!(v.transport.tls_version)),
        ("tls_cipher", |v| json!(v.transport.tls_cipher)),
        ("server_name", |v| json!(v.transport.server_name)),
        ("cert_common_name", |v| json!(v.transport.common_name)),
        ("cert_subject", |v| json!(v.transport.subject)),
        ("proxied_by", |v| json!(v.transport.proxied_by)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("CLIENT", |v, _| Cell::text(&v.client_id)),
        ("USER", |v, _| Cell::text(v.username.as_deref().unwrap_or("-"))),
        ("STATE", |v, _| match v.connected {
            true => Cell::text("online").tone(Tone::Good),
            false => Cell::text("offline"),
        }),
        ("SINCE", |v, look| Cell::text(look.time(since(v)))),
        ("PEER", |v, _| Cell::text(&v.peername)),
        ("LISTENER", |v, look| Cell::text(look.compat.listener_id(&v.listener))),
        ("MQTT", |v, _| Cell::text(mqtt_version(v.proto_ver))),
        ("KEEPALIVE", |v, _| Cell::right(format!("{} s", v.keepalive))),
        ("SUBS", |v, _| Cell::number(v.subscriptions)),
        ("INFLIGHT", |v, _| Cell::number(v.inflight)),
        ("QUEUE", |v, _| Cell::number(v.enqueued_msgs)),
        ("DROPPED", |v, _| {
            let tone = if v.dropped_msgs > 0 { Tone::Bad } else { Tone::Plain };
            Cell::number(v.dropped_msgs).tone(tone)
        }),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        let disconnected_at = match self.disconnected_at_ms {
            Some(time) if !self.connected => format!(", disconnected_at={time}"),
            _ => String::new(),
        };
        lines.line(format_args!(
            "Client({}, username={}, peername={}, clean_start={}, keepalive={}, \
             session_expiry_interval={}, subscriptions={}, inflight={}, awaiting_rel={}, \
             delivered_msgs={}, enqueued_msgs={}, dropped_msgs={}, connected={}, created_at={}, \
             connected_at={}{disconnected_at})",
            self.client_id,
            self.username.as_deref().unwrap_or("undefined"),
            self.peername,
            self.clean_start,
            self.keepalive,
            self.session_expiry_interval,
            self.subscriptions,
            self.inflight,
            self.awaiting_rel,
            self.delivered_msgs,
            self.enqueued_msgs,
            self.dropped_msgs,
            self.connected,
            self.created_at_ms,
            self.connected_at_ms,
        ));
    }

    fn empty_text(compat: Compat) -> Option<&'static str> {
        (compat == Compat::V5).then_some("No clients.")
    }
}

/// The protocol version in the specification's words.
pub fn mqtt_version(proto_ver: u8) -> String {
    match proto_ver {
        3 => "3.1".to_owned(),
        4 => "3.1.1".to_owned(),
        other => other.to_string(),
    }
}
