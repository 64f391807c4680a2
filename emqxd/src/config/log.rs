//! Log settings: the `log` section of the configuration, as the log module needs it.
//!
//! `log.console` writes to standard output, each `log.file.<name>` to its own rotated file;
//! levels, formatters and time settings carry EMQX's words. Plain data from the standard
//! library only: the reader in `settings/log.rs` fills it, `crate::log` acts on it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The `log` section: one console handler, any number of file handlers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// `log.console`.
    pub console: HandlerConfig,
    /// `log.file.<name>`, in the order of their names; disabled ones are listed too.
    pub files: Vec<FileHandlerConfig>,
    /// `log.throttling.time_window`: how long a repeated line is held back.
    pub throttling_window: Duration,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            console: HandlerConfig::default(),
            files: Vec::new(),
            throttling_window: Duration::from_secs(60),
        }
    }
}

/// What every log handler can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerConfig {
    /// Whether the handler writes at all.
    pub enable: bool,
    /// Events below this level are not written.
    pub level: LogLevel,
    /// How an event becomes a line.
    pub formatter: LogFormatter,
    /// How the time of an event is written.
    pub timestamp_format: TimestampFormat,
    /// Which offset from UTC the time is written in.
    pub time_offset: TimeOffset,
}

impl Default for HandlerConfig {
    fn default() -> Self {
        Self {
            enable: true,
            level: LogLevel::Warning,
            formatter: LogFormatter::Text,
            timestamp_format: TimestampFormat::Auto,
            time_offset: TimeOffset::System,
        }
    }
}

/// One `log.file.<name>` handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHandlerConfig {
    /// The `<name>` in `log.file.<name>`; `default` for the short form `log.file`.
    pub name: String,
    /// Where to write; relative paths are resolved by the daemon.
    pub path: PathBuf,
    /// How many rotated files are kept.
    pub rotation_count: u32,
    /// Size in bytes at which the file is rotated; `None` is `infinity`: never.
    pub rotation_size: Option<u64>,
    /// Level, formatter and time settings.
    pub handler: HandlerConfig,
}

impl FileHandlerConfig {
    /// A file handler with EMQX's defaults: enabled, 10 files of 50 MB.
    #[must_use]
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            rotation_count: 10,
            rotation_size: Some(50 * 1024 * 1024),
            handler: HandlerConfig::default(),
        }
    }
}

/// EMQX's log levels: the eight of syslog, and the two ends `all` and `none`.
///
/// Ordered by severity, so `event >= handler.level` says whether to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// Everything is written. Only a threshold, never the level of an event.
    All,
    /// `debug`
    Debug,
    /// `info`
    Info,
    /// `notice`
    Notice,
    /// `warning`; `warn` is read too.
    Warning,
    /// `error`
    Error,
    /// `critical`
    Critical,
    /// `alert`
    Alert,
    /// `emergency`
    Emergency,
    /// Nothing is written. Only a threshold, never the level of an event.
    None,
}

impl LogLevel {
    /// Every word `from_str` reads as the first choice, in order of severity.
    pub const WORDS: [&'static str; 10] = [
        "all",
        "debug",
        "info",
        "notice",
        "warning",
        "error",
        "critical",
        "alert",
        "emergency",
        "none",
    ];

    /// EMQX's word for this level.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
            Self::None => "none",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The word is not one of [`LogLevel::WORDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLogLevel;

impl fmt::Display for UnknownLogLevel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a log level")
    }
}

impl std::error::Error for UnknownLogLevel {}

impl FromStr for LogLevel {
    type Err = UnknownLogLevel;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(match word {
            "all" => Self::All,
            "debug" => Self::Debug,
            "info" => Self::Info,
            "notice" => Self::Notice,
            "warning" | "warn" => Self::Warning,
            "error" => Self::Error,
            "critical" => Self::Critical,
            "alert" => Self::Alert,
            "emergency" => Self::Emergency,
            "none" => Self::None,
            _ => return Err(UnknownLogLevel),
        })
    }
}

/// `formatter = text | json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormatter {
    /// EMQX's `time [level] msg: ..., key: value` lines.
    Text,
    /// One JSON object a line.
    Json,
}

/// `timestamp_format = auto | epoch | rfc3339`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampFormat {
    /// RFC 3339 in text, Unix microseconds in JSON.
    Auto,
    /// Unix microseconds.
    Epoch,
    /// RFC 3339 with microseconds and offset.
    Rfc3339,
}

/// `time_offset = system | utc | "+02:00"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeOffset {
    /// The time zone of the machine.
    System,
    /// `Z`.
    Utc,
    /// Minutes east of UTC.
    Fixed(i16),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_word_reads_back_and_the_order_is_severity() {
        let mut previous = None;
        for word in LogLevel::WORDS {
            let level: LogLevel = word.parse().unwrap();
            assert_eq!(level.to_string(), word);
            assert!(previous < Some(level), "{word} is out of order");
            previous = Some(level);
        }
        assert_eq!("warn".parse(), Ok(LogLevel::Warning));
        assert_eq!("WARNING".parse::<LogLevel>(), Err(UnknownLogLevel));
    }
}
