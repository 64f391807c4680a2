//! How the five levels of `tracing` and the eight of EMQX map onto each other.
//!
//! `error!`, `warn!`, `info!` and `debug!` are EMQX's `error`, `warning`, `info` and `debug`.
//! `trace!` is printed as `debug` too, but only written while the level is `all`. The others
//! are asked for with a field: `info!(level = "notice", ..)`, and `error!` with `"critical"`,
//! `"alert"` or `"emergency"`. A field can only raise the level within those bounds.

use std::sync::atomic::{AtomicU8, Ordering};

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};

use crate::config::log::LogLevel;

/// The field by which a call asks for a level that `tracing` does not have.
pub(super) const LEVEL_FIELD: &str = "level";

/// A [`LogLevel`] that operators change while workers read it.
#[derive(Debug)]
pub(super) struct AtomicLevel(AtomicU8);

impl AtomicLevel {
    pub(super) fn new(level: LogLevel) -> Self {
        Self(AtomicU8::new(level as u8))
    }

    pub(super) fn get(&self) -> LogLevel {
        // Relaxed: a worker may see a new level a moment later, nothing else hangs on it.
        from_number(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn set(&self, level: LogLevel) {
        self.0.store(level as u8, Ordering::Relaxed);
    }
}

fn from_number(number: u8) -> LogLevel {
    const LEVELS: [LogLevel; 10] = [
        LogLevel::All,
        LogLevel::Debug,
        LogLevel::Info,
        LogLevel::Notice,
        LogLevel::Warning,
        LogLevel::Error,
        LogLevel::Critical,
        LogLevel::Alert,
        LogLevel::Emergency,
        LogLevel::None,
    ];
    LEVELS.get(usize::from(number)).copied().unwrap_or(LogLevel::None)
}

/// The highest level an event of this call can have; what is known before it is recorded.
///
/// `trace!` counts as [`LogLevel::All`], below `debug`, so only that threshold lets it through.
pub(super) fn highest_level(metadata: &Metadata<'_>) -> LogLevel {
    let raised = metadata.fields().field(LEVEL_FIELD).is_some();
    match (*metadata.level(), raised) {
        (Level::ERROR, true) => LogLevel::Emergency,
        (Level::INFO, true) => LogLevel::Notice,
        (level, _) => plain_level(level),
    }
}

/// The level of an event: that of the call, or the one its `level` field asks for.
pub(super) fn event_level(metadata: &Metadata<'_>, field: Option<LogLevel>) -> LogLevel {
    let plain = plain_level(*metadata.level());
    field.unwrap_or(plain).clamp(plain, highest_level(metadata))
}

fn plain_level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warning,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::All,
    }
}

/// What `tracing` may skip at the call itself when nothing below `threshold` is written.
pub(super) fn level_filter(threshold: LogLevel) -> LevelFilter {
    match threshold {
        LogLevel::All => LevelFilter::TRACE,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info | LogLevel::Notice => LevelFilter::INFO,
        LogLevel::Warning => LevelFilter::WARN,
        LogLevel::Error | LogLevel::Critical | LogLevel::Alert | LogLevel::Emergency => LevelFilter::ERROR,
        LogLevel::None => LevelFilter::OFF,
    }
}

/// The word printed for the level of an event; `trace!` prints as `debug`.
pub(super) fn printed_word(level: LogLevel) -> &'static str {
    match level {
        LogLevel::All => LogLevel::Debug.as_str(),
        other => other.as_str(),
    }
}

/// The priority of syslog(3) and `sd-daemon(3)`: 0 is `emergency`, 7 is `debug`.
pub(super) fn syslog_priority(level: LogLevel) -> u8 {
    match level {
        LogLevel::All | LogLevel::Debug => 7,
        LogLevel::Info => 6,
        LogLevel::Notice => 5,
        LogLevel::Warning => 4,
        LogLevel::Error => 3,
        LogLevel::Critical => 2,
        LogLevel::Alert => 1,
        LogLevel::Emergency | LogLevel::None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_atomic_level_gives_back_every_level_it_was_set_to() {
        let level = AtomicLevel::new(LogLevel::None);
        for word in LogLevel::WORDS {
            let wanted: LogLevel = word.parse().unwrap();
            level.set(wanted);
            assert_eq!(level.get(), wanted);
        }
    }

    #[test]
    fn the_more_severe_an_event_the_lower_its_syslog_priority() {
        let words = &LogLevel::WORDS[1..9];
        let priorities: Vec<u8> = words
            .iter()
            .map(|word| syslog_priority(word.parse().unwrap()))
            .collect();
        assert_eq!(priorities, [7, 6, 5, 4, 3, 2, 1, 0]);
    }
}
