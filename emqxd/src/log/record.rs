//! One log event with its values as plain data, ready to be formatted by each handler.
//!
//! Filled in two steps: [`Headline`] reads only message and level, so that a throttled event
//! costs no formatting of its payload; [`Record::read`] then takes all fields. The length of a
//! value is bounded here, whatever a client sent.

use std::fmt::{self, Debug, Write};

use tracing::Event;
use tracing::field::{Field, Visit};

use super::level::{LEVEL_FIELD, event_level};
use crate::config::log::LogLevel;

/// Longest value in bytes; the rest is replaced by `...(N bytes)`.
///
/// Room for a topic of the longest kind and a cut payload; a line stays small enough that
/// journald (48 KiB) and a terminal take it whole.
const VALUE_BYTES_MAX: usize = 8 * 1024;

/// Fields that come first, in this order; the message stands after `clientid`.
const LEADING_FIELDS: [&str; 6] = ["tag", "clientid", "peername", "username", "topic", "pid"];

/// What was logged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) level: LogLevel,
    /// EMQX's `msg`: the name of the event.
    pub(super) message: String,
    /// Leading fields first, then the others by name, as EMQX prints them.
    fields: Vec<(&'static str, Value)>,
}

/// A value as the call gave it; JSON keeps numbers and booleans as such.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Bool(bool),
    /// How often each name occurred: the summary of a throttling window.
    Counts(Vec<(&'static str, u64)>),
}

impl Record {
    /// A record with `fields` put into their order.
    pub(super) fn new(level: LogLevel, message: String, mut fields: Vec<(&'static str, Value)>) -> Self {
        fields.sort_by(|(left, _), (right, _)| (place(left), left).cmp(&(place(right), right)));
        Self { level, message, fields }
    }

    /// A record that the log writes about itself: a warning with `fields` as they are.
    pub(super) fn own(message: &str, fields: Vec<(&'static str, Value)>) -> Self {
        Self {
            level: LogLevel::Warning,
            message: message.to_owned(),
            fields,
        }
    }

    /// Takes all fields of `event`.
    pub(super) fn read(event: &Event<'_>, headline: Headline) -> Self {
        let level = headline.level(event);
        let mut reader = FieldReader { fields: Vec::new() };
        event.record(&mut reader);
        Self::new(level, headline.message, reader.fields)
    }

    /// The fields `tag` and `clientid`, which EMQX prints before the message.
    pub(super) fn before_message(&self) -> impl Iterator<Item = &(&'static str, Value)> {
        self.fields.iter().take_while(|(name, _)| place(name) <= 1)
    }

    /// All other fields, in order.
    pub(super) fn after_message(&self) -> impl Iterator<Item = &(&'static str, Value)> {
        self.fields.iter().skip_while(|(name, _)| place(name) <= 1)
    }
}

/// Message and level of an event, before its other fields are looked at.
#[derive(Debug, Default)]
pub(super) struct Headline {
    pub(super) message: String,
    level: Option<LogLevel>,
}

impl Headline {
    pub(super) fn read(event: &Event<'_>) -> Self {
        let mut headline = Self::default();
        event.record(&mut headline);
        headline
    }

    pub(super) fn level(&self, event: &Event<'_>) -> LogLevel {
        event_level(event.metadata(), self.level)
    }
}

impl Visit for Headline {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = cut(value),
            LEVEL_FIELD => self.level = value.parse().ok(),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message = printed(value),
            LEVEL_FIELD => self.level = printed(value).parse().ok(),
            _ => {}
        }
    }
}

/// Where a field stands: the index among the leading ones, or behind all of them.
fn place(name: &str) -> usize {
    LEADING_FIELDS
        .iter()
        .position(|leading| *leading == name)
        .unwrap_or(LEADING_FIELDS.len())
}

struct FieldReader {
    fields: Vec<(&'static str, Value)>,
}

impl FieldReader {
    fn take(&mut self, field: &Field, value: Value) {
        let name = field.name();
        if matches!(name, "message" | LEVEL_FIELD) {
            return;
        }
        // An absent leading field is left out (a client without user name, a client id not yet
        // assigned); other empty values say something and stay.
        if place(name) < LEADING_FIELDS.len() && value == Value::Text(String::new()) {
            return;
        }
        let name = match name {
            // The formatters write these two themselves; a JSON object has each key once.
            "time" => "event_time",
            "msg" => "event_msg",
            other => other.strip_prefix("r#").unwrap_or(other),
        };
        self.fields.push((name, value));
    }
}

impl Visit for FieldReader {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, Value::Text(cut(value)));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, Value::Signed(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, Value::Unsigned(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, Value::Float(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, Value::Bool(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // The message was formatted for the headline; not a second time.
        if field.name() != "message" {
            self.take(field, Value::Text(printed(value)));
        }
    }
}

fn cut(text: &str) -> String {
    let mut bounded = BoundedText::default();
    bounded.add(text);
    bounded.finish()
}

fn printed(value: &dyn Debug) -> String {
    let mut bounded = BoundedText::default();
    // A failing `Debug` leaves what it wrote so far.
    let _ = write!(bounded, "{value:?}");
    bounded.finish()
}

/// Collects at most [`VALUE_BYTES_MAX`] bytes and counts what did not fit.
#[derive(Default)]
struct BoundedText {
    text: String,
    left_out: usize,
}

impl BoundedText {
    fn add(&mut self, more: &str) {
        if self.left_out > 0 {
            self.left_out += more.len();
            return;
        }
        let room = VALUE_BYTES_MAX - self.text.len();
        let taken = more.floor_char_boundary(room);
        self.text.push_str(&more[..taken]);
        self.left_out = more.len() - taken;
    }

    fn finish(mut self) -> String {
        if self.left_out > 0 {
            write!(self.text, "...({} bytes)", self.left_out).expect("writing to a String does not fail");
        }
        self.text
    }
}

impl Write for BoundedText {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        self.add(more);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlong_value_is_cut_at_a_whole_character_and_says_how_much_is_missing() {
        let text = "é".repeat(VALUE_BYTES_MAX); // two bytes each
        let value = cut(&text);
        assert!(
            value.ends_with(&format!("é...({VALUE_BYTES_MAX} bytes)")),
            "{}",
            value.len()
        );
        assert!(value.len() < VALUE_BYTES_MAX + 32);
    }

    #[test]
    fn pieces_written_after_the_bound_are_counted_not_kept() {
        let mut bounded = BoundedText::default();
        bounded.add(&"x".repeat(VALUE_BYTES_MAX - 1));
        bounded.add("yz");
        bounded.add("abc");
        assert!(bounded.finish().ends_with("xy...(4 bytes)"));
    }

    #[test]
    fn leading_fields_come_first_and_the_others_by_name() {
        let number = Value::Unsigned(1);
        let record = Record::new(
            LogLevel::Info,
            "m".to_owned(),
            [
                "zone", "topic", "pid", "action", "clientid", "username", "tag", "peername",
            ]
            .map(|name| (name, number.clone()))
            .to_vec(),
        );
        let before: Vec<_> = record.before_message().map(|(name, _)| *name).collect();
        let after: Vec<_> = record.after_message().map(|(name, _)| *name).collect();
        assert_eq!(before, ["tag", "clientid"]);
        assert_eq!(after, ["peername", "username", "topic", "pid", "action", "zone"]);
    }
}
