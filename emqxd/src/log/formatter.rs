//! A record becomes one line, in the format of a handler: EMQX 5 text, or one JSON object.
//!
//! Text: `<time> [<level>] tag: T, clientid: C, msg: M, peername: P, username: U, topic: T,
//! pid: X, key: value`, absent ones left out. JSON: `time`, `level`, `msg`, then the same fields.
//! For the journal, which keeps a time of its own, the line is a record with fields (`journal.rs`), or
//! on standard error starts with its syslog priority, `<4>`.

use std::fmt::Write;

use super::escape::{Embedding, escape_into};
use super::journal::journal_entry;
use super::level::{printed_word, syslog_priority};
use super::record::{Record, Value};
use super::timestamp::TimestampWriter;
use crate::config::log::{HandlerConfig, LogFormatter, TimestampFormat};

/// How one handler prints.
#[derive(Debug)]
pub(super) struct Formatter {
    format: LogFormatter,
    time: Option<TimeFormat>,
    framing: Framing,
}

/// What is around the text of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// Nothing: a line.
    Line,
    /// `<N>` before it, as `sd-daemon(3)` has it.
    Priority,
    /// A record in the journal's own protocol.
    Journal,
}

#[derive(Debug)]
enum TimeFormat {
    UnixMicros,
    Rfc3339(TimestampWriter),
}

impl Formatter {
    /// The lines `config` asks for.
    pub(super) fn new(config: &HandlerConfig) -> Self {
        let epoch = match config.timestamp_format {
            TimestampFormat::Auto => config.formatter == LogFormatter::Json,
            TimestampFormat::Epoch => true,
            TimestampFormat::Rfc3339 => false,
        };
        let time = if epoch {
            TimeFormat::UnixMicros
        } else {
            TimeFormat::Rfc3339(TimestampWriter::new(config.time_offset))
        };
        Self {
            format: config.formatter,
            time: Some(time),
            framing: Framing::Line,
        }
    }

    /// The same for the journal behind standard error: priorities instead of times.
    pub(super) fn with_priorities(config: &HandlerConfig) -> Self {
        Self {
            format: config.formatter,
            time: None,
            framing: Framing::Priority,
        }
    }

    /// Records for the journal's socket.
    pub(super) fn for_journal(config: &HandlerConfig) -> Self {
        Self {
            framing: Framing::Journal,
            ..Self::with_priorities(config)
        }
    }

    /// The line for `record`, with its line feed.
    pub(super) fn line(&self, record: &Record, unix_micros: i64) -> String {
        let mut line = String::with_capacity(256);
        if self.framing == Framing::Priority {
            write!(line, "<{}>", syslog_priority(record.level)).expect(INFALLIBLE);
        }
        match self.format {
            LogFormatter::Text => self.write_text(&mut line, record, unix_micros),
            LogFormatter::Json => self.write_json(&mut line, record, unix_micros),
        }
        if self.framing == Framing::Journal {
            return journal_entry(record, &line);
        }
        line.push('\n');
        line
    }

    fn write_text(&self, line: &mut String, record: &Record, unix_micros: i64) {
        if let Some(time) = &self.time {
            time.write(line, unix_micros);
            line.push(' ');
        }
        write!(line, "[{}] ", printed_word(record.level)).expect(INFALLIBLE);
        for (name, value) in record.before_message() {
            write_text_field(line, name, value);
            line.push_str(", ");
        }
        line.push_str("msg: ");
        escape_into(line, &record.message, Embedding::Text);
        for (name, value) in record.after_message() {
            line.push_str(", ");
            write_text_field(line, name, value);
        }
    }

    fn write_json(&self, line: &mut String, record: &Record, unix_micros: i64) {
        line.push('{');
        match &self.time {
            None => {}
            Some(TimeFormat::UnixMicros) => {
                write!(line, "\"time\":{unix_micros},").expect(INFALLIBLE);
            }
            Some(time) => {
                line.push_str("\"time\":\"");
                time.write(line, unix_micros);
                line.push_str("\",");
            }
        }
        write!(line, "\"level\":\"{}\",\"msg\":", printed_word(record.level)).expect(INFALLIBLE);
        write_json_string(line, &record.message);
        for (name, value) in record.before_message().chain(record.after_message()) {
            line.push(',');
            write_json_string(line, name);
            line.push(':');
            write_json_value(line, value);
        }
        line.push('}');
    }
}

const INFALLIBLE: &str = "writing to a String does not fail";

impl TimeFormat {
    fn write(&self, line: &mut String, unix_micros: i64) {
        match self {
            Self::UnixMicros => write!(line, "{unix_micros}").expect(INFALLIBLE),
            Self::Rfc3339(writer) => writer.write_rfc3339(line, unix_micros),
        }
    }
}

fn write_text_field(line: &mut String, name: &str, value: &Value) {
    line.push_str(name);
    line.push_str(": ");
    write_text_value(line, value);
}

/// A value as text, in which nothing ends a line.
pub(super) fn write_text_value(line: &mut String, value: &Value) {
    match value {
        Value::Text(text) => escape_into(line, text, Embedding::Text),
        Value::Signed(number) => write!(line, "{number}").expect(INFALLIBLE),
        Value::Unsigned(number) => write!(line, "{number}").expect(INFALLIBLE),
        Value::Float(number) => write!(line, "{number}").expect(INFALLIBLE),
        Value::Bool(flag) => write!(line, "{flag}").expect(INFALLIBLE),
        // Erlang's map, as EMQX prints it.
        Value::Counts(counts) => {
            line.push_str("#{");
            for (index, (name, count)) in counts.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                write!(line, "{comma}{name} => {count}").expect(INFALLIBLE);
            }
            line.push('}');
        }
    }
}

fn write_json_value(line: &mut String, value: &Value) {
    match value {
        Value::Text(text) => write_json_string(line, text),
        Value::Signed(number) => write!(line, "{number}").expect(INFALLIBLE),
        Value::Unsigned(number) => write!(line, "{number}").expect(INFALLIBLE),
        Value::Float(number) if number.is_finite() => {
            write!(line, "{number:?}").expect(INFALLIBLE);
        }
        // JSON has no word for infinity.
        Value::Float(number) => write!(line, "\"{number}\"").expect(INFALLIBLE),
        Value::Bool(flag) => write!(line, "{flag}").expect(INFALLIBLE),
        Value::Counts(counts) => {
            line.push('{');
            for (index, (name, count)) in counts.iter().enumerate() {
                if index > 0 {
                    line.push(',');
                }
                write_json_string(line, name);
                write!(line, ":{count}").expect(INFALLIBLE);
            }
            line.push('}');
        }
    }
}

fn write_json_string(line: &mut String, text: &str) {
    line.push('"');
    escape_into(line, text, Embedding::Json);
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::escape::{is_dangerous, tests::corpus};
    use super::*;
    use crate::config::log::{LogLevel, TimeOffset};

    /// 2026-08-27 20:50:13.087122 UTC.
    const MICROS: i64 = 1_787_863_813_087_122;

    fn config(formatter: LogFormatter) -> HandlerConfig {
        HandlerConfig {
            formatter,
            time_offset: TimeOffset::Fixed(0),
            ..HandlerConfig::default()
        }
    }

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    fn closed() -> Record {
        Record::new(
            LogLevel::Debug,
            "emqx_connection_terminated".to_owned(),
            vec![
                ("reason", text("{shutdown,tcp_closed}")),
                ("peername", text("172.17.0.1:47544")),
                ("clientid", text("w")),
                ("tag", text("SOCKET")),
                ("bytes", Value::Unsigned(17)),
                ("clean", Value::Bool(true)),
            ],
        )
    }

    #[test]
    fn text_lines_are_emqx_text_lines() {
        assert_eq!(
            Formatter::new(&config(LogFormatter::Text)).line(&closed(), MICROS),
            "2026-08-27T20:50:13.087122+00:00 [debug] tag: SOCKET, clientid: w, \
             msg: emqx_connection_terminated, peername: 172.17.0.1:47544, bytes: 17, clean: true, \
             reason: {shutdown,tcp_closed}\n"
        );
    }

    #[test]
    fn json_lines_keep_numbers_and_begin_with_the_time_in_microseconds() {
        assert_eq!(
            Formatter::new(&config(LogFormatter::Json)).line(&closed(), MICROS),
            "{\"time\":1787863813087122,\"level\":\"debug\",\"msg\":\"emqx_connection_terminated\",\
             \"tag\":\"SOCKET\",\"clientid\":\"w\",\"peername\":\"172.17.0.1:47544\",\"bytes\":17,\
             \"clean\":true,\"reason\":\"{shutdown,tcp_closed}\"}\n"
        );
    }

    #[test]
    fn the_timestamp_format_can_be_chosen_against_the_habit_of_the_formatter() {
        let epoch = HandlerConfig {
            timestamp_format: TimestampFormat::Epoch,
            ..config(LogFormatter::Text)
        };
        let line = Formatter::new(&epoch).line(&closed(), MICROS);
        assert!(line.starts_with("1787863813087122 [debug] "), "{line}");

        let rfc3339 = HandlerConfig {
            timestamp_format: TimestampFormat::Rfc3339,
            ..config(LogFormatter::Json)
        };
        let line = Formatter::new(&rfc3339).line(&closed(), MICROS);
        assert!(
            line.starts_with("{\"time\":\"2026-08-27T20:50:13.087122+00:00\","),
            "{line}"
        );
    }

    #[test]
    fn the_journal_behind_standard_error_gets_a_priority_and_no_time() {
        let warning = Record::own("dropped_qos0_msg", Vec::new());
        let line = Formatter::with_priorities(&config(LogFormatter::Text)).line(&warning, MICROS);
        assert_eq!(line, "<4>[warning] msg: dropped_qos0_msg\n");
        let line = Formatter::with_priorities(&config(LogFormatter::Json)).line(&warning, MICROS);
        assert_eq!(line, "<4>{\"level\":\"warning\",\"msg\":\"dropped_qos0_msg\"}\n");
    }

    #[test]
    fn counts_are_an_erlang_map_in_text_and_an_object_in_json() {
        let summary = Record::own(
            "log_events_throttled_during_last_period",
            vec![("dropped", Value::Counts(vec![("a", 3), ("b", 1)]))],
        );
        let line = Formatter::new(&config(LogFormatter::Text)).line(&summary, MICROS);
        assert!(line.ends_with(", dropped: #{a => 3,b => 1}\n"), "{line}");
        let line = Formatter::new(&config(LogFormatter::Json)).line(&summary, MICROS);
        assert!(line.ends_with(",\"dropped\":{\"a\":3,\"b\":1}}\n"), "{line}");
    }

    #[test]
    fn json_has_no_infinity_so_it_becomes_a_string() {
        let record = Record::own(
            "m",
            vec![("rate", Value::Float(f64::INFINITY)), ("share", Value::Float(0.5))],
        );
        let line = Formatter::new(&config(LogFormatter::Json)).line(&record, MICROS);
        assert!(line.ends_with("\"rate\":\"inf\",\"share\":0.5}\n"), "{line}");
    }

    #[test]
    fn every_hostile_string_in_every_place_gives_one_harmless_line_and_strict_json() {
        let json = Formatter::new(&config(LogFormatter::Json));
        let plain = Formatter::new(&config(LogFormatter::Text));
        for hostile in corpus() {
            let fields = ["tag", "clientid", "peername", "username", "topic", "reason"]
                .map(|name| (name, text(&hostile)))
                .to_vec();
            let record = Record::own(&hostile, fields);

            let line = plain.line(&record, MICROS);
            let body = line.strip_suffix('\n').expect("a line ends with a line feed");
            assert!(!body.chars().any(is_dangerous), "{body:?}");

            let line = json.line(&record, MICROS);
            assert_eq!(line.matches('\n').count(), 1);
            let read: serde_json::Value = serde_json::from_str(&line).expect(&line);
            assert_eq!(read["clientid"], hostile.as_str());
            assert_eq!(read["msg"], hostile.as_str());
        }
    }
}
