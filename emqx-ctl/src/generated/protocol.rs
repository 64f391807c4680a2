//! `emqx-control-protocol(7)`: the verbs from the example bytes and the requests themselves, the types from what
//! serde reads, the limits from the programs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use emqx_shared::codec::decode;
use emqx_shared::frame::{REPLY_BYTES_MAX, REQUEST_BYTES_MAX};
use emqx_shared::request::STRING_BYTES_MAX;
use emqx_shared::rows::ROWS_MAX;
use emqx_shared::{ErrorCode, PROTOCOL, Reply, Request, Welcome};

use super::VERSION;
use super::language::ENGLISH;
use super::markup::{escape, sections};
use super::page::{fill, page, prose, root, tagged};
use super::shapes::{Field, Shape, Shapes, Type, fields_text};
use super::verbs::{examples, requests};

pub fn page_of_the_protocol() -> String {
    let mut shapes = Shapes::default();
    for root in [
        shapes.explore::<Request>(),
        shapes.explore::<Reply>(),
        shapes.explore::<Welcome>(),
    ] {
        assert!(matches!(root, Shape::Named(_)));
    }
    let written = std::fs::read_to_string(root().join("emqx-ctl/src/generated/man7/emqx-control-protocol.md")).unwrap();
    let text = page(
        "emqx-control-protocol",
        7,
        &format!("emqx-ctl {VERSION}"),
        ENGLISH.manual,
        &sections(&written),
    );
    let mut parts = vec![
        ("PROTOCOL", PROTOCOL.to_string()),
        ("REQUEST_BYTES_MAX", REQUEST_BYTES_MAX.to_string()),
        ("REPLY_BYTES_MAX", REPLY_BYTES_MAX.to_string()),
        ("STRING_BYTES_MAX", STRING_BYTES_MAX.to_string()),
        ("ROWS_MAX", ROWS_MAX.to_string()),
        ("EXCHANGE", exchange()),
        ("VERBS", verbs(&shapes)),
        ("TYPES", types(&shapes)),
        ("ERRORS", errors(&shapes)),
    ];
    parts.extend(limits());
    fill(text, &parts)
}

/// Every verb: its position, its words, its role and what it carries.
fn verbs(shapes: &Shapes) -> String {
    let mut out = String::new();
    let mut seen = BTreeSet::new();
    for (bytes, request) in requests() {
        let Some(Type::Enum(variants)) = shapes.types.get("Request") else {
            continue;
        };
        let (_, fields) = &variants[usize::from(bytes[0])];
        let fields = fields.as_deref().unwrap_or_default();
        // A group holds an enum of its own, whose position comes next.
        let group = match fields {
            [(name, Shape::Named(group))] if name.is_empty() => shapes.types.get(group),
            _ => None,
        };
        let (position, fields) = match group {
            Some(Type::Enum(variants)) => {
                let fields = variants[usize::from(bytes[1])].1.as_deref().unwrap_or_default();
                (format!("{:02x} {:02x}", bytes[0], bytes[1]), fields)
            }
            _ => (format!("{:02x}", bytes[0]), fields),
        };
        if seen.insert(position.clone()) {
            let extra = match (request.takes_descriptor(), request.is_watch()) {
                (true, _) => " A descriptor comes with this example.",
                (_, true) => " It goes on until the caller leaves.",
                _ => "",
            };
            let carries = match fields.is_empty() {
                true => "no arguments".to_owned(),
                false => fields_text(fields),
            };
            let role = request.role().as_str();
            let text = format!("{role}; {carries}.{extra}");
            out.push_str(&tagged(&format!("{position}  {}", request.verb()), &text));
        }
    }
    let Some(Type::Enum(variants)) = shapes.types.get("Request") else {
        panic!("a request is an enum")
    };
    let firsts: BTreeSet<u8> = requests().iter().map(|(bytes, _)| bytes[0]).collect();
    assert_eq!(
        firsts.len(),
        variants.len(),
        "a request has no example bytes: renew them first"
    );
    out
}

/// Every other type, by its name.
fn types(shapes: &Shapes) -> String {
    let mut out = String::new();
    for (name, found) in &shapes.types {
        if matches!(name.as_str(), "Request" | "ErrorCode") {
            continue;
        }
        match found {
            Type::Struct(fields) => out.push_str(&tagged(name, &format!("{}.", fields_text(fields)))),
            Type::Enum(variants) => {
                let all = variants.iter().enumerate();
                let one = |(position, (name, fields)): (usize, &(String, Option<Vec<Field>>))| {
                    let fields = fields_text(fields.as_deref().unwrap_or_default());
                    let fields = if fields.is_empty() {
                        fields
                    } else {
                        format!(" ({fields})")
                    };
                    format!("{position} {name}{fields}")
                };
                let text = all.map(one).collect::<Vec<_>>().join("; ");
                out.push_str(&tagged(name, &format!("one of: {text}.")));
            }
        }
    }
    out
}

/// The codes of failures with their words and exit codes.
fn errors(shapes: &Shapes) -> String {
    let Some(Type::Enum(variants)) = shapes.types.get("ErrorCode") else {
        panic!("a code is an enum")
    };
    let mut out = String::new();
    for position in 0..u8::try_from(variants.len()).unwrap() {
        let code = code_at(position);
        let text = format!("emqx-ctl exits with {}.", code.exit_code().number());
        out.push_str(&tagged(&format!("{position}  {}", code.name()), &text));
    }
    out
}

/// The code at a position: of a failure that says nothing else.
fn code_at(position: u8) -> ErrorCode {
    match decode::<Reply>(&[3, position, 0, 0, 0]) {
        Ok(Reply::Failed(failure)) => failure.code,
        other => panic!("a failure is read as {other:?}"),
    }
}

/// One exchange byte by byte, out of the example bytes.
fn exchange() -> String {
    let hello = examples("hello.hex");
    let bytes = |name: &str| hello.iter().find(|(found, _)| found == name).unwrap().1.clone();
    let framed = |id: u64, body: &[u8]| {
        let length = u32::try_from(8 + body.len()).unwrap();
        [&length.to_be_bytes()[..], &id.to_be_bytes(), body].concat()
    };
    let welcome = framed(0, &bytes("welcome, ready"));
    // The example of a frame has an id of its own, which the answer repeats.
    let ping = bytes("frame of a ping");
    let id = u64::from_be_bytes(ping[4..12].try_into().unwrap());
    let replies = examples("replies.hex");
    let done = |bytes: &Vec<u8>| matches!(decode::<Reply>(bytes), Ok(Reply::Done(_)));
    let (_, done) = replies.iter().find(|(_, bytes)| done(bytes)).unwrap();
    let answer = framed(id, done);
    let mut out = String::from(".PP\n.in +4n\n.nf\n");
    for (who, what, bytes) in [
        ("caller", "hello", bytes("client hello")),
        ("daemon", "hello", bytes("daemon hello")),
        ("daemon", "welcome", welcome),
        ("caller", "ping", ping),
        ("daemon", "done", answer),
    ] {
        writeln!(out, "{who}: {what}").unwrap();
        for line in bytes.chunks(16) {
            let hex: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
            let printable = |byte: &u8| {
                if byte.is_ascii_graphic() {
                    char::from(*byte)
                } else {
                    '.'
                }
            };
            let text: String = line.iter().map(printable).collect();
            writeln!(out, "  {:<48} {}", hex.join(" "), escape(&text)).unwrap();
        }
    }
    out + ".fi\n.in\n"
}

/// The daemon's limits, out of its source: they are constants of a crate that this one does not see.
fn limits() -> Vec<(&'static str, String)> {
    let text = std::fs::read_to_string(root().join("emqxd/src/control/server.rs")).unwrap();
    let number = |field: &str| {
        let mut values = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix(field)?.strip_prefix(": "));
        let value = values
            .find(|value| value.contains(|c: char| c.is_ascii_digit()))
            .unwrap();
        value.chars().filter(char::is_ascii_digit).collect::<String>()
    };
    [
        ("CONNECTIONS", "connections"),
        ("KEPT_FOR_ROOT", "kept_for_root"),
        ("PER_UID", "per_uid"),
        ("WHOLE_REQUEST", "whole_request"),
        ("IDLE", "idle"),
        ("WRITE", "write"),
        ("WATCH_WRITE", "watch_write"),
        ("VERB", "verb"),
        ("CHANGE", "change"),
    ]
    .map(|(mark, field)| (mark, number(field)))
    .into()
}

#[test]
fn a_byte_of_the_example_is_what_the_programs_read() {
    let text = exchange();
    assert!(
        text.contains("65 6d 71 78 2d 63 74 6c 00 01 00 01 00 00 00 00"),
        "{text}"
    );
    let fields = prose(&fields_text(&[("id".to_owned(), Shape::Plain("u8"))]));
    assert_eq!(fields, "id: u8\n");
}
