//! From an event to a line of a trace, in the format its operator chose.

use std::fmt::Write;

use emqx_shared::request::TraceFormat;
use emqxd_broker::TraceEvent;

use super::event_line::EventLine;
use super::payload::PayloadForm;
use super::safe_text::INFALLIBLE;
use super::{json, text};
use crate::config::log::TimeOffset;
use crate::log::timestamp::TimestampWriter;

/// Longest line; a SUBSCRIBE may name a megabyte of filters.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Writes lines. Each thread that does has one of its own.
pub(super) struct Formatter {
    time: TimestampWriter,
}

impl Formatter {
    pub(super) fn new() -> Self {
        Self {
            time: TimestampWriter::new(TimeOffset::System),
        }
    }

    /// Appends the line of an event, with its line feed.
    pub(super) fn event(
        &self,
        line: &mut String,
        event: &TraceEvent<'_>,
        format: TraceFormat,
        form: PayloadForm,
        unix_micros: i64,
    ) {
        let start = line.len();
        let mut shown = EventLine::new(event);
        self.write(line, event, &shown, format, form, unix_micros);
        if line.len() - start > LINE_BYTES_MAX {
            line.truncate(start);
            // What is left has one name of 64 KiB at most.
            shown.packet = None;
            shown.payload = None;
            self.write(line, event, &shown, format, form, unix_micros);
        }
        line.push('\n');
    }

    /// Appends the line that stands in the file for lines that were lost.
    pub(super) fn dropped(&self, line: &mut String, count: u64, format: TraceFormat, unix_micros: i64) {
        match format {
            TraceFormat::Text => writeln!(line, "… {count} lines dropped").expect(INFALLIBLE),
            TraceFormat::Json => {
                line.push_str("{\"time\":\"");
                self.time.write_rfc3339(line, unix_micros);
                writeln!(
                    line,
                    "\",\"level\":\"warning\",\"msg\":\"… {count} lines dropped\",\"meta\":{{\"dropped\":{count}}}}}"
                )
                .expect(INFALLIBLE);
            }
        }
    }

    fn write(
        &self,
        line: &mut String,
        event: &TraceEvent<'_>,
        shown: &EventLine<'_>,
        format: TraceFormat,
        form: PayloadForm,
        unix_micros: i64,
    ) {
        match format {
            TraceFormat::Text => {
                self.time.write_rfc3339(line, unix_micros);
                text::write(line, event, shown, form);
            }
            TraceFormat::Json => {
                line.push_str("{\"time\":\"");
                self.time.write_rfc3339(line, unix_micros);
                line.push('"');
                json::write(line, event, shown, form);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use bytestring::ByteString;
    use emqx_shared::request::TracePayload;
    use emqxd_broker::{DisconnectReason, SubscriptionOptions, TraceKind};
    use mqtt_codec::{Packet, Publish, QoS, Unsubscribe};

    use super::*;
    use crate::log::escape::{is_dangerous, tests::corpus};

    const FORM: PayloadForm = PayloadForm {
        encode: TracePayload::Text,
        limit: 1024,
    };

    fn formatter() -> Formatter {
        Formatter {
            time: TimestampWriter::new(TimeOffset::Fixed(480)),
        }
    }

    fn line(client_id: &str, peer: &str, kind: TraceKind<'_>, format: TraceFormat) -> String {
        let event = TraceEvent {
            client_id,
            peer: peer.parse().ok(),
            kind,
        };
        let mut line = String::new();
        formatter().event(&mut line, &event, format, FORM, 1_684_740_239_306_201);
        line
    }

    fn publish(topic: &str, payload: &[u8]) -> Packet {
        Packet::Publish(Publish {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic: ByteString::from(topic),
            packet_id: None,
            properties: None,
            payload: Bytes::copy_from_slice(payload),
        })
    }

    #[test]
    fn lines_read_as_those_of_emqx() {
        let text = |kind| line("emqx_c", "127.0.0.1:50772", kind, TraceFormat::Text);
        let published = TraceKind::Published {
            topic: "t/1",
            payload: b"hello",
        };
        assert_eq!(
            text(published),
            "2023-05-22T15:23:59.306201+08:00 [PUBLISH] emqx_c@127.0.0.1:50772 msg: publish_to, topic: t/1, \
             payload_encode: text, payload: hello\n"
        );
        let options = SubscriptionOptions::default();
        let subscribed = TraceKind::Subscribed {
            filter: "t/2",
            options: &options,
        };
        assert_eq!(
            text(subscribed),
            "2023-05-22T15:23:59.306201+08:00 [SUBSCRIBE] emqx_c@127.0.0.1:50772 msg: subscribe, sub_id: emqx_c, \
             sub_opts: #{nl => 0,qos => 0,rap => 0,rh => 0}, topic: t/2\n"
        );
        assert_eq!(
            text(TraceKind::PacketReceived(&Packet::Pingreq)),
            "2023-05-22T15:23:59.306201+08:00 [MQTT] emqx_c@127.0.0.1:50772 msg: mqtt_packet_received, \
             packet: PINGREQ(Q0, R0, D0)\n"
        );
        let closed = TraceKind::Closed {
            reason: DisconnectReason::TakenOver,
            detail: None,
        };
        assert_eq!(
            text(closed),
            "2023-05-22T15:23:59.306201+08:00 [info] tag: SOCKET, clientid: emqx_c, msg: terminate, \
             peername: 127.0.0.1:50772, reason: {shutdown,takenover}\n"
        );
    }

    #[test]
    fn json_lines_have_the_members_of_emqx() {
        let text = line(
            "emqx_c",
            "127.0.0.1:50772",
            TraceKind::PacketReceived(&publish("t/1", b"21.4")),
            TraceFormat::Json,
        );
        let read: serde_json::Value = serde_json::from_str(&text).expect(&text);
        assert_eq!(read["time"], "2023-05-22T15:23:59.306201+08:00");
        assert_eq!(read["level"], "debug");
        assert_eq!(read["msg"], "mqtt_packet_received");
        assert_eq!(read["meta"]["clientid"], "emqx_c");
        assert_eq!(read["meta"]["peername"], "127.0.0.1:50772");
        assert_eq!(read["meta"]["trace_tag"], "MQTT");
        assert_eq!(read["meta"]["packet"]["topic"], "t/1");
        assert_eq!(read["meta"]["packet"]["payload"], "21.4");
    }

    #[test]
    fn no_string_of_a_client_makes_a_line_of_its_own_or_steers_a_terminal() {
        for text in corpus() {
            let packet = publish(&text, text.as_bytes());
            let unsubscribe = Packet::Unsubscribe(Box::new(Unsubscribe {
                packet_id: mqtt_codec::PacketId::FIRST,
                user_properties: Default::default(),
                filters: [ByteString::from(&*text)].into_iter().collect(),
            }));
            let kinds = [
                TraceKind::PacketReceived(&packet),
                TraceKind::PacketReceived(&unsubscribe),
                TraceKind::Published {
                    topic: &text,
                    payload: text.as_bytes(),
                },
                TraceKind::FrameError { reason: &text },
            ];
            for kind in kinds {
                for format in [TraceFormat::Text, TraceFormat::Json] {
                    let line = line(&text, "127.0.0.1:1", kind, format);
                    let inside = line.strip_suffix('\n').expect("a line ends");
                    assert!(!inside.chars().any(is_dangerous), "{text:?} became {line:?}");
                    if format == TraceFormat::Json {
                        let read: serde_json::Value = serde_json::from_str(inside).expect(inside);
                        if !text.is_empty() {
                            assert_eq!(read["meta"]["clientid"], *text);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_huge_packet_leaves_a_short_line_that_is_whole() {
        let filters = (0..100).map(|_| ByteString::from("x".repeat(60_000))).collect();
        let unsubscribe = Packet::Unsubscribe(Box::new(Unsubscribe {
            packet_id: mqtt_codec::PacketId::FIRST,
            user_properties: Default::default(),
            filters,
        }));
        for format in [TraceFormat::Text, TraceFormat::Json] {
            let line = line("c", "", TraceKind::PacketReceived(&unsubscribe), format);
            assert!(
                line.len() < 1000 && line.contains("mqtt_packet_received"),
                "{}",
                line.len()
            );
        }
    }

    #[test]
    fn lost_lines_are_told_in_the_format_of_the_file() {
        let mut line = String::new();
        formatter().dropped(&mut line, 3, TraceFormat::Text, 0);
        assert_eq!(line, "… 3 lines dropped\n");
        line.clear();
        formatter().dropped(&mut line, 3, TraceFormat::Json, 0);
        let read: serde_json::Value = serde_json::from_str(&line).expect(&line);
        assert_eq!(read["meta"]["dropped"], 3);
    }
}
