//! The log as the rest of the daemon uses it: `tracing` macros in, lines of a file out.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;
use tracing::subscriber::DefaultGuard;
use tracing::{Level, debug, enabled, error, info, trace, warn};

use super::*;
use crate::config::log::{FileHandlerConfig, HandlerConfig, LogFormatter, TimeOffset};

/// 2026-08-27 20:50:13.087122 UTC.
const START: i64 = 1_787_863_813_087_122;
const TIME: &str = "2026-08-27T20:50:13.087122Z";

/// A log for this thread alone, with one file handler and an invented clock.
struct TestLog {
    control: LogControl,
    micros: Arc<AtomicI64>,
    path: PathBuf,
    _folder: TempDir,
    _guard: DefaultGuard,
}

impl TestLog {
    fn start(level: LogLevel, formatter: LogFormatter) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqx.log");
        let mut file = FileHandlerConfig::new("default", &path);
        file.handler = HandlerConfig {
            level,
            formatter,
            time_offset: TimeOffset::Utc,
            ..HandlerConfig::default()
        };
        let config = LogConfig {
            console: HandlerConfig {
                enable: false,
                ..HandlerConfig::default()
            },
            files: vec![file],
            ..LogConfig::default()
        };
        let micros = Arc::new(AtomicI64::new(START));
        let clock = Clock::invented(micros.clone());
        let (control, layer) = LogControl::build(&config, ConsoleKind::Lines, clock).unwrap();
        let guard = tracing::subscriber::set_default(Registry::default().with(layer));
        Self {
            control,
            micros,
            path,
            _folder: folder,
            _guard: guard,
        }
    }

    fn pass_seconds(&self, seconds: i64) {
        self.micros.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    fn written(&self) -> String {
        let deadline = Instant::now() + Duration::from_secs(30);
        assert!(self.control.handlers.flush(deadline), "the writer thread is too slow");
        fs::read_to_string(&self.path).unwrap()
    }
}

#[test]
fn an_event_becomes_emqx_text() {
    let log = TestLog::start(LogLevel::Info, LogFormatter::Text);
    let username: Option<&str> = None;
    info!(
        reason = %"{shutdown,takenover}",
        username,
        peername = %"172.17.0.1:47544",
        clientid = "w",
        tag = "SOCKET",
        "terminate"
    );
    warn!(
        topic = "t/1",
        queue_len = 1000,
        username = "",
        "dropped_{}",
        "something"
    );
    assert_eq!(
        log.written(),
        format!(
            "{TIME} [info] tag: SOCKET, clientid: w, msg: terminate, \
             peername: 172.17.0.1:47544, reason: {{shutdown,takenover}}\n\
             {TIME} [warning] msg: dropped_something, topic: t/1, queue_len: 1000\n"
        )
    );
}

#[test]
fn an_event_becomes_one_json_object_with_each_key_once() {
    let log = TestLog::start(LogLevel::Info, LogFormatter::Json);
    info!(
        time = 1,
        msg = "x",
        clientid = "a\"b\n",
        clean_start = true,
        "client_connected"
    );
    assert_eq!(
        log.written(),
        "{\"time\":1787863813087122,\"level\":\"info\",\"msg\":\"client_connected\",\
         \"clientid\":\"a\\\"b\\n\",\"clean_start\":true,\"event_msg\":\"x\",\"event_time\":1}\n"
    );
}

#[test]
fn all_eight_levels_of_emqx_can_be_printed() {
    let log = TestLog::start(LogLevel::All, LogFormatter::Text);
    trace!("1");
    debug!("2");
    info!("3");
    info!(level = "notice", "4");
    warn!("5");
    error!("6");
    error!(level = "critical", "7");
    error!(level = %"alert", "8");
    error!(level = "emergency", "9");
    info!(
        level = "emergency",
        "a call cannot be raised further than its own severity allows"
    );
    let written = log.written();
    let levels: Vec<&str> = written
        .lines()
        .map(|line| &line[line.find('[').unwrap()..=line.find(']').unwrap()])
        .collect();
    assert_eq!(
        levels,
        [
            "[debug]",
            "[debug]",
            "[info]",
            "[notice]",
            "[warning]",
            "[error]",
            "[critical]",
            "[alert]",
            "[emergency]",
            "[notice]"
        ]
    );
}

#[test]
fn a_threshold_between_two_tracing_levels_is_exact() {
    let log = TestLog::start(LogLevel::Notice, LogFormatter::Text);
    info!("too low");
    info!(level = "info", "too low as well");
    info!(level = "notice", "a notice");
    log.control.set_level(LogLevel::Alert);
    error!("too low");
    error!(level = "emergency", "an emergency");
    assert_eq!(
        log.written(),
        format!("{TIME} [notice] msg: a notice\n{TIME} [emergency] msg: an emergency\n")
    );
}

#[test]
fn levels_change_at_run_time_and_both_bounds_count() {
    let log = TestLog::start(LogLevel::Warning, LogFormatter::Text);
    let control = &log.control;
    assert_eq!(control.primary_level(), LogLevel::Warning);
    let say = |text: &str| info!("{text}");
    say("1: the level is warning");
    control.set_primary_level(LogLevel::Debug);
    say("2: the handler still wants warnings only");
    control.set_handler_level("default", LogLevel::Info).unwrap();
    say("3: written");
    control.set_primary_level(LogLevel::Error);
    say("4: below the primary level");
    control.set_level(LogLevel::Debug);
    say("5: written");
    control.set_level(LogLevel::None);
    say("6: nothing at all");
    error!(level = "emergency", "7: not even this");
    assert_eq!(control.handlers()[0].level, LogLevel::None);
    assert_eq!(
        log.written(),
        format!("{TIME} [info] msg: 3: written\n{TIME} [info] msg: 5: written\n")
    );
}

#[test]
fn a_call_below_the_threshold_is_off_before_its_values_are_looked_at() {
    let log = TestLog::start(LogLevel::Warning, LogFormatter::Text);
    let value = || -> u64 { panic!("a disabled call must not evaluate its fields") };
    debug!(number = value(), "never");
    assert!(!enabled!(Level::INFO));
    assert!(enabled!(Level::WARN));
    log.control.set_level(LogLevel::Debug);
    assert!(enabled!(Level::DEBUG));
    assert!(!enabled!(Level::TRACE));
}

#[test]
fn a_handler_is_stopped_and_started_again_on_the_same_file() {
    let log = TestLog::start(LogLevel::Info, LogFormatter::Text);
    let path = log.path.display().to_string();
    info!("one");
    log.control.stop_handler("default").unwrap();
    info!("two");
    assert!(!enabled!(Level::ERROR), "nobody listens");
    let stopped = HandlerInfo {
        id: "default".to_owned(),
        level: LogLevel::Info,
        destination: path,
        status: HandlerStatus::Stopped,
        dropped: 0,
    };
    assert_eq!(log.control.handlers(), [stopped]);
    log.control.start_handler("default").unwrap();
    log.control.start_handler("default").unwrap();
    info!("three");
    assert_eq!(
        log.written(),
        format!("{TIME} [info] msg: one\n{TIME} [info] msg: three\n")
    );
    assert_eq!(log.control.handlers()[0].status.to_string(), "started");
}

#[test]
fn a_handler_that_does_not_exist_is_named_in_the_error() {
    let log = TestLog::start(LogLevel::Info, LogFormatter::Text);
    let error = log.control.start_handler("consol").unwrap_err();
    assert_eq!(error.to_string(), "no log handler consol");
    assert!(log.control.stop_handler("ssl_handler").is_err());
    assert!(log.control.set_handler_level("", LogLevel::Debug).is_err());
}

#[test]
fn a_log_file_that_cannot_be_opened_is_an_error_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig {
        files: vec![FileHandlerConfig::new("default", folder.path())],
        ..LogConfig::default()
    };
    let error = LogControl::build(&config, ConsoleKind::Lines, Clock::system())
        .err()
        .unwrap();
    assert!(error.to_string().starts_with("cannot open log file /"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn a_full_queue_is_said_once_a_minute_with_a_summary_of_the_rest() {
    let log = TestLog::start(LogLevel::Warning, LogFormatter::Text);
    let queue_full = |topic: &str| warn!(topic, "dropped_msg_due_to_mqueue_is_full");
    for _ in 0..1000 {
        queue_full("a");
    }
    warn!("another_event");
    log.pass_seconds(59);
    queue_full("b");
    log.pass_seconds(1);
    queue_full("c");
    let written = log.written();
    // Sorted: the summary comes from whichever thread sees first that the minute is over.
    let mut lines: Vec<&str> = written.lines().collect();
    lines.sort_unstable();
    let later = "2026-08-27T20:51:13.087122Z";
    assert_eq!(
        lines,
        [
            format!("{TIME} [warning] msg: another_event"),
            format!("{TIME} [warning] msg: dropped_msg_due_to_mqueue_is_full, topic: a"),
            format!("{later} [warning] msg: dropped_msg_due_to_mqueue_is_full, topic: c"),
            format!(
                "{later} [warning] msg: log_events_throttled_during_last_period, period: 1 minutes, 0 seconds, \
                 dropped: #{{dropped_msg_due_to_mqueue_is_full => 1000}}"
            ),
        ]
    );
}

#[test]
fn nothing_is_throttled_while_the_primary_level_is_debug() {
    let log = TestLog::start(LogLevel::Debug, LogFormatter::Text);
    for _ in 0..3 {
        warn!("authentication_failure");
    }
    assert_eq!(log.written().lines().count(), 3);
}

#[test]
fn the_handlers_of_a_configuration_are_listed_under_emqx_ids() {
    let folder = tempfile::tempdir().unwrap();
    let mut disabled = FileHandlerConfig::new("spare", folder.path().join("spare.log"));
    disabled.handler.enable = false;
    let mut file = FileHandlerConfig::new("default", folder.path().join("log/emqx.log"));
    file.handler.level = LogLevel::Error;
    let named_console = FileHandlerConfig::new("console", folder.path().join("c.log"));
    let config = LogConfig {
        files: vec![named_console, file, disabled],
        ..LogConfig::default()
    };
    let (control, _layer) = LogControl::build(&config, ConsoleKind::JournalStream, Clock::system()).unwrap();
    let ids: Vec<String> = control.handlers().into_iter().map(|info| info.id).collect();
    assert_eq!(ids, ["console", "file:console", "default"]);
    assert_eq!(control.primary_level(), LogLevel::Warning);
    assert_eq!(control.handlers()[0].destination, "console");
    assert!(control.handlers().iter().all(|handler| handler.dropped == 0));
    assert!(!folder.path().join("spare.log").exists());
}
