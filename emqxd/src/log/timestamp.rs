//! The time of an event as a handler prints it: RFC 3339 with microseconds and offset, or Unix
//! microseconds.
//!
//! Date and offset change at most once a second, so they are worked out once a second and
//! kept; an event adds its microseconds.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use parking_lot::Mutex;

use crate::config::log::TimeOffset;

/// Writes times in one offset from UTC.
#[derive(Debug)]
pub(crate) struct TimestampWriter {
    zone: Zone,
    /// Locked for the copy of a few bytes.
    current: Mutex<Second>,
}

#[derive(Debug)]
enum Zone {
    /// Prints `Z`.
    Utc,
    /// Prints `+hh:mm`.
    Local(TimeZone),
}

/// The text around the microseconds, for one second.
#[derive(Debug, Default)]
struct Second {
    /// Unix seconds; `None` before the first use.
    unix: Option<i64>,
    date_and_time: String,
    offset: String,
}

impl TimestampWriter {
    pub(crate) fn new(offset: TimeOffset) -> Self {
        let zone = match offset {
            TimeOffset::Utc => Zone::Utc,
            TimeOffset::System => Zone::Local(TimeZone::system()),
            TimeOffset::Fixed(minutes) => Zone::Local(TimeZone::fixed(
                Offset::from_seconds(i32::from(minutes) * 60).unwrap_or(Offset::UTC),
            )),
        };
        Self {
            zone,
            current: Mutex::default(),
        }
    }

    /// Appends `2026-08-27T20:50:13.087122+00:00`.
    pub(crate) fn write_rfc3339(&self, line: &mut String, unix_micros: i64) {
        let unix = unix_micros.div_euclid(1_000_000);
        let micros = unix_micros.rem_euclid(1_000_000);
        let mut current = self.current.lock();
        if current.unix != Some(unix) {
            *current = self.second(unix);
        }
        write!(line, "{}.{micros:06}{}", current.date_and_time, current.offset)
            .expect("writing to a String does not fail");
    }

    fn second(&self, unix: i64) -> Second {
        // Out of range means a clock thousands of years off; the record matters more.
        let timestamp = Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH);
        let (offset, offset_text) = match &self.zone {
            Zone::Utc => (Offset::UTC, "Z".to_owned()),
            Zone::Local(zone) => {
                let offset = zone.to_offset(timestamp);
                (offset, offset_text(offset))
            }
        };
        let local = offset.to_datetime(timestamp);
        Second {
            unix: Some(unix),
            date_and_time: format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                local.year(),
                local.month(),
                local.day(),
                local.hour(),
                local.minute(),
                local.second()
            ),
            offset: offset_text,
        }
    }
}

fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds().abs() / 60;
    let sign = if offset.seconds() < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(offset: TimeOffset, unix_micros: i64) -> String {
        let mut line = String::new();
        TimestampWriter::new(offset).write_rfc3339(&mut line, unix_micros);
        line
    }

    #[test]
    fn a_time_is_written_in_the_configured_offset() {
        let micros = 1_684_740_239_306_201;
        assert_eq!(written(TimeOffset::Utc, micros), "2023-05-22T07:23:59.306201Z");
        assert_eq!(
            written(TimeOffset::Fixed(480), micros),
            "2023-05-22T15:23:59.306201+08:00"
        );
        assert_eq!(
            written(TimeOffset::Fixed(-210), micros),
            "2023-05-22T03:53:59.306201-03:30"
        );
        assert_eq!(
            written(TimeOffset::Fixed(0), micros),
            "2023-05-22T07:23:59.306201+00:00"
        );
    }

    #[test]
    fn the_second_before_1970_counts_its_microseconds_upwards() {
        assert_eq!(written(TimeOffset::Utc, -1), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn the_kept_second_is_renewed_when_the_clock_moves_in_either_direction() {
        let writer = TimestampWriter::new(TimeOffset::Utc);
        let mut line = String::new();
        for micros in [59_999_999, 60_000_000, 0] {
            writer.write_rfc3339(&mut line, micros);
            line.push(' ');
        }
        assert_eq!(
            line,
            "1970-01-01T00:00:59.999999Z 1970-01-01T00:01:00.000000Z 1970-01-01T00:00:00.000000Z "
        );
    }
}
