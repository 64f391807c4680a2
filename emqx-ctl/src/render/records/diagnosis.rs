//! `errors`, `events`, `log level`: in the style of EMQX's text, which has none of them.

use emqx_shared::views::{EventView, MalformedFrameView, TimedLogLevelView};
use serde_json::json;

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};
use crate::time::{self, Civil};

/// Bytes of one line of a dump.
const DUMP_BYTES: usize = 16;

fn date_time(unix_ms: u64, look: &Look) -> String {
    Civil::new(unix_ms / 1000, look.utc_offset).date_time()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lines of hexadecimal digits and text, the byte at fault in brackets.
fn dump(frame: &MalformedFrameView) -> Vec<String> {
    let at_fault = frame.offset.and_then(|offset| usize::try_from(offset).ok());
    let lines = frame.bytes.chunks(DUMP_BYTES).enumerate().map(|(number, chunk)| {
        let start = number * DUMP_BYTES;
        let mut digits = String::new();
        for (place, byte) in chunk.iter().enumerate() {
            match at_fault {
                Some(fault) if fault == start + place => digits.push_str(&format!("[{byte:02x}]")),
                _ => digits.push_str(&format!(" {byte:02x} ")),
            }
        }
        let text: String = chunk
            .iter()
            .map(|byte| match byte {
                b' '..=b'~' => char::from(*byte),
                _ => '.',
            })
            .collect();
        let width = DUMP_BYTES * 4;
        format!("{start:04x} {digits:<width$} {text}")
    });
    let mut lines: Vec<String> = lines.collect();
    let shown = frame.bytes.len() as u64;
    if frame.is_withheld {
        lines.push("     ... what follows may hold a password and was not kept".to_owned());
    } else if frame.received > shown {
        lines.push(format!("     ... {} bytes more", frame.received - shown));
    }
    lines
}

impl Record for MalformedFrameView {
    const SCHEMA: &'static str = "errors";
    const FIELDS: &'static [Field<Self>] = &[
        ("time", |v| json!(v.time_ms)),
        ("listener", |v| json!(v.listener)),
        ("peername", |v| json!(v.peername)),
        ("clientid", |v| json!(v.client_id)),
        ("error", |v| json!(v.error)),
        ("detail", |v| json!(v.detail)),
        ("guess", |v| json!(v.guess)),
        ("offset", |v| json!(v.offset)),
        ("bytes", |v| json!(hex(&v.bytes))),
        ("received", |v| json!(v.received)),
        ("withheld", |v| json!(v.is_withheld)),
        ("parsed_packets", |v| json!(v.parsed_packets)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("TIME", |v, look| Cell::text(look.time(v.time_ms))),
        ("LISTENER", |v, look| Cell::text(look.compat.listener_id(&v.listener))),
        ("PEER", |v, _| Cell::text(&v.peername)),
        ("CLIENT", |v, _| Cell::text(v.client_id.as_deref().unwrap_or("-"))),
        ("ERROR", |v, _| Cell::text(&v.error).tone(Tone::Bad)),
        ("DETAIL", |v, _| Cell::text(&v.detail)),
        ("GUESS", |v, _| Cell::text(v.guess.as_deref().unwrap_or("-"))),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        let listener = look.compat.listener_id(&self.listener);
        lines.line(format_args!(
            "{} {listener} {}",
            date_time(self.time_ms, look),
            self.peername
        ));
        if let Some(client_id) = &self.client_id {
            lines.indented_pair("clientid", client_id);
        }
        lines.indented_pair("error", format_args!("{}: {}", self.error, self.detail));
        if let Some(guess) = &self.guess {
            lines.indented_pair("guess", guess);
        }
        lines.indented_pair("parsed_packets", self.parsed_packets);
        if let Some(offset) = self.offset {
            lines.indented_pair("offset", offset);
        }
        for line in dump(self) {
            lines.line(format_args!("  {line}"));
        }
    }

    fn empty_text(compat: Compat) -> Option<&'static str> {
        (compat == Compat::V5).then_some("No malformed frames.")
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        self.classic(look, &mut lines);
        lines.line(format_args!("  emqx-ctl explain {}", self.error));
        Some(lines.into_text())
    }
}

impl Record for EventView {
    const SCHEMA: &'static str = "events";
    const FIELDS: &'static [Field<Self>] = &[
        ("time", |v| json!(v.time_ms)),
        ("kind", |v| json!(v.kind.as_str())),
        ("subject", |v| json!(v.subject)),
        ("detail", |v| json!(v.detail)),
        ("peername", |v| json!(v.peername)),
        ("count", |v| json!(v.count)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("TIME", |v, look| Cell::text(look.time(v.time_ms))),
        ("EVENT", |v, _| Cell::text(v.kind.as_str())),
        ("WHAT", |v, _| Cell::text(&v.subject)),
        ("DETAIL", |v, _| Cell::text(&v.detail)),
        ("PEER", |v, _| Cell::text(v.peername.as_deref().unwrap_or("-"))),
        ("COUNT", |v, _| Cell::number(v.count)),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        let peer = self.peername.as_deref().map(|peer| format!(", peername={peer}"));
        let count = (self.count != 1).then(|| format!(", count={}", self.count));
        lines.line(format_args!(
            "{} {}({}, detail={}{}{})",
            date_time(self.time_ms, look),
            self.kind.as_str(),
            self.subject,
            self.detail,
            peer.unwrap_or_default(),
            count.unwrap_or_default()
        ));
    }
}

impl Record for TimedLogLevelView {
    const SCHEMA: &'static str = "log-level";
    const FIELDS: &'static [Field<Self>] = &[
        ("level", |v| json!(v.level.as_str())),
        ("back_to", |v| {
            json!(v.borrowed.map(|borrowed| borrowed.back_to.as_str()))
        }),
        ("until", |v| json!(v.borrowed.map(|borrowed| borrowed.until_ms))),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("level", |v, _| Cell::text(v.level.as_str())),
        ("back to", |v, look| {
            Cell::text(v.borrowed.map_or("-".to_owned(), |borrowed| {
                format!("{} at {}", borrowed.back_to, look.time(borrowed.until_ms))
            }))
        }),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", self.level));
        if let Some(borrowed) = self.borrowed {
            let left = time::short(borrowed.left_ms);
            lines.line(format_args!("back to {} in {left}", borrowed.back_to));
        }
    }
}
