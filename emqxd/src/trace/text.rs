//! A trace line as EMQX 5 writes it: `<time> [<TAG>] <clientid>@<peername> msg: <event>, packet: …, <key>: …`.
//!
//! Events above debug are written as the log writes them, with their level: `<time> [info] tag: SOCKET, …`.

use std::fmt::{self, Write};

use emqx_shared::LogLevel;
use emqxd_broker::TraceEvent;

use super::event_line::{EventLine, Value};
use super::packet_text::PacketText;
use super::payload::PayloadForm;
use super::safe_text::{INFALLIBLE, Safe};
use crate::log::escape::Embedding;

/// Appends what follows the time, without line feed.
pub(super) fn write(line: &mut String, event: &TraceEvent<'_>, shown: &EventLine<'_>, form: PayloadForm) {
    let mut out = Safe {
        line,
        embedding: Embedding::Text,
    };
    write_line(&mut out, event, shown, form).expect(INFALLIBLE);
}

fn write_line(out: &mut Safe<'_>, event: &TraceEvent<'_>, shown: &EventLine<'_>, form: PayloadForm) -> fmt::Result {
    let msg = shown.msg;
    if shown.level == LogLevel::Debug {
        write!(out, " [{}] ", shown.tag)?;
        match (event.client_id, event.peer) {
            ("", None) => write!(out, "msg: {msg}")?,
            ("", Some(peer)) => write!(out, "{peer} msg: {msg}")?,
            (client_id, None) => write!(out, "{client_id} msg: {msg}")?,
            (client_id, Some(peer)) => write!(out, "{client_id}@{peer} msg: {msg}")?,
        }
    } else {
        write!(out, " [{}] tag: {}, ", shown.level.as_str(), shown.tag)?;
        if !event.client_id.is_empty() {
            write!(out, "clientid: {}, ", event.client_id)?;
        }
        write!(out, "msg: {msg}")?;
        if let Some(peer) = event.peer {
            write!(out, ", peername: {peer}")?;
        }
    }
    if let Some(packet) = shown.packet {
        write!(out, ", packet: {}", PacketText(packet, form))?;
    }
    for (name, value) in &shown.fields {
        write!(out, ", {name}: ")?;
        match value {
            Value::Text(text) => out.write_str(text)?,
            Value::Number(number) => write!(out, "{number}")?,
            Value::Flag(flag) => write!(out, "{flag}")?,
            Value::Options(options) => write!(out, "{options}")?,
            Value::Shutdown(reason) => write!(out, "{{shutdown,{}}}", reason.name())?,
        }
    }
    if let Some(payload) = shown.payload {
        let payload = form.show(payload);
        write!(out, ", payload_encode: {}, payload: {payload}", payload.encode.as_str())?;
    }
    Ok(())
}
