//! `disconnects`: connections that ended. EMQX has no such verb; the text follows its `Client(…)`.

use emqx_shared::views::DisconnectView;
use serde_json::json;

use super::clients::mqtt_version;
use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

/// A reason code as MQTT writes it.
pub fn code(code: Option<u8>) -> Option<String> {
    code.map(|code| format!("0x{code:02X}"))
}

fn code_or_dash(value: Option<u8>) -> String {
    code(value).unwrap_or("-".to_owned())
}

impl Record for DisconnectView {
    const SCHEMA: &'static str = "disconnects";
    const FIELDS: &'static [Field<Self>] = &[
        ("time", |v| json!(v.time_ms)),
        ("clientid", |v| json!(v.client_id)),
        ("username", |v| json!(v.username)),
        ("peername", |v| json!(v.peername)),
        ("listener", |v| json!(v.listener)),
        ("proto_ver", |v| json!(v.proto_ver)),
        ("reason", |v| json!(v.reason)),
        ("reason_v4", |v| json!(v.reason_v4)),
        ("closed_by", |v| json!(v.closed_by.as_str())),
        ("code_sent", |v| json!(v.code_sent)),
        ("code_received", |v| json!(v.code_received)),
        ("detail", |v| json!(v.detail)),
        ("accepted_at", |v| json!(v.accepted_at_ms)),
        ("connected_at", |v| json!(v.connected_at_ms)),
        ("keepalive", |v| json!(v.keepalive)),
        ("silent_ms", |v| json!(v.silent_ms)),
        ("recv_oct", |v| json!(v.recv_oct)),
        ("recv_pkt", |v| json!(v.recv_pkt)),
        ("send_oct", |v| json!(v.send_oct)),
        ("send_pkt", |v| json!(v.send_pkt)),
        ("last_packet", |v| json!(v.last_packet)),
        ("queued_msgs", |v| json!(v.queued_msgs)),
        ("session_expires_at", |v| json!(v.session_expires_at_ms)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("TIME", |v, look| Cell::text(look.time(v.time_ms))),
        ("CLIENT", |v, _| Cell::text(v.client_id.as_deref().unwrap_or("-"))),
        ("REASON", |v, look| {
            Cell::text(look.compat.reason(&v.reason, &v.reason_v4))
        }),
        ("CLOSED BY", |v, _| Cell::text(v.closed_by.as_str())),
        ("SENT", |v, _| Cell::text(code_or_dash(v.code_sent))),
        ("RECEIVED", |v, _| Cell::text(code_or_dash(v.code_received))),
        ("LISTENER", |v, look| Cell::text(look.compat.listener_id(&v.listener))),
        ("PEER", |v, _| Cell::text(&v.peername)),
        ("MQTT", |v, _| {
            Cell::text(v.proto_ver.map_or("-".to_owned(), mqtt_version))
        }),
        ("DETAIL", |v, _| Cell::text(&v.detail)),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        let undefined = || "undefined".to_owned();
        lines.line(format_args!(
            "Disconnect({}, username={}, peername={}, listener={}, reason={}, closed_by={}, \
             code_sent={}, code_received={}, silent_ms={}, disconnected_at={})",
            self.client_id.as_deref().unwrap_or("undefined"),
            self.username.as_deref().unwrap_or("undefined"),
            self.peername,
            look.compat.listener_id(&self.listener),
            look.compat.reason(&self.reason, &self.reason_v4),
            self.closed_by.as_str(),
            code(self.code_sent).unwrap_or_else(undefined),
            code(self.code_received).unwrap_or_else(undefined),
            self.silent_ms,
            self.time_ms,
        ));
    }

    fn empty_text(_: Compat) -> Option<&'static str> {
        Some("No disconnects.")
    }
}
