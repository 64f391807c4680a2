//! The daemon's log: `tracing` events in EMQX's formats, to the console and to rotated files.
//!
//! The node calls [`LogControl::install`] once; everything else in the daemon uses the macros of
//! `tracing`, and the control socket changes levels and handlers through the same [`LogControl`].
//!
//! How to log: the message is EMQX's `msg`, the name of the event; fields carry EMQX's names.
//!
//! ```ignore
//! tracing::info!(tag = "SOCKET", clientid = %id, peername = %peer, reason = %reason,
//!     "emqx_connection_terminated");
//! tracing::info!(level = "notice", "node_started"); // levels tracing lacks: see `level.rs`
//! ```
//!
//! Nobody who logs waits for a disk: lines go through a bounded queue to a thread for each
//! handler. Text from clients is escaped in `escape.rs`, names that are throttled are listed in
//! `throttle.rs`.

mod clock;
mod console;
pub(crate) mod escape;
#[cfg(test)]
mod explained_events;
mod formatter;
mod handler;
mod handlers;
mod journal;
#[cfg(test)]
mod journal_catalogue;
mod layer;
mod level;
mod line_queue;
mod message_ids;
mod record;
mod rotating_file;
mod throttle;
pub(crate) mod timestamp;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

pub use self::handler::{HandlerError, HandlerInfo, HandlerStatus};
pub(crate) use self::journal::tell_journal_of_failure;

use self::clock::Clock;
use self::console::ConsoleKind;
use self::handlers::Handlers;
use self::layer::LogLayer;
use crate::config::log::{LogConfig, LogLevel};

/// How long [`LogControl::flush`] waits for slow destinations.
const FLUSH_WAIT: Duration = Duration::from_secs(2);

/// The operator's hand on the log: levels and handlers at run time. Cheap to clone.
#[derive(Clone)]
pub struct LogControl {
    handlers: Arc<Handlers>,
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// A handler of the configuration cannot be started.
    #[error(transparent)]
    StartHandler(#[from] HandlerError),
    /// Something in this process has installed a `tracing` subscriber before us.
    #[error("a log is installed already")]
    AlreadyInstalled,
}

impl LogControl {
    /// Starts the enabled handlers of `config` and takes all `tracing` events of the process.
    ///
    /// Under systemd the console is the journal: records with fields and no times, which it has itself.
    ///
    /// # Errors
    /// [`InstallError`] when a log file cannot be opened, and on a second call.
    pub fn install(config: &LogConfig) -> Result<Self, InstallError> {
        let (control, layer) = Self::build(config, ConsoleKind::find(), Clock::system())?;
        tracing::subscriber::set_global_default(Registry::default().with(layer))
            .map_err(|_| InstallError::AlreadyInstalled)?;
        Ok(control)
    }

    fn build(config: &LogConfig, console: ConsoleKind, clock: Clock) -> Result<(Self, LogLayer), HandlerError> {
        let handlers = Handlers::new(config, console, clock);
        handlers.start_all()?;
        let layer = LogLayer::new(handlers.clone());
        Ok((Self { handlers }, layer))
    }

    /// One that no `tracing` event reaches.
    #[cfg(test)]
    pub(crate) fn for_tests(config: &LogConfig) -> Self {
        Self::build(config, ConsoleKind::Lines, Clock::system()).unwrap().0
    }

    /// Events below this level are written by no handler.
    pub fn primary_level(&self) -> LogLevel {
        self.handlers.primary_level()
    }

    /// `log primary-level <Level>`: the levels of the handlers stay as they are.
    pub fn set_primary_level(&self, level: LogLevel) {
        self.handlers.set_primary_level(level);
    }

    /// `log set-level <Level>`: the primary level and that of every handler.
    pub fn set_level(&self, level: LogLevel) {
        self.handlers.set_level(level);
    }

    /// The enabled handlers: the console first, then the files by name.
    pub fn handlers(&self) -> Vec<HandlerInfo> {
        self.handlers.infos()
    }

    /// `log handlers start <Id>`. A handler that runs goes on.
    ///
    /// # Errors
    /// [`HandlerError`] when there is no such handler or its file cannot be opened.
    pub fn start_handler(&self, id: &str) -> Result<(), HandlerError> {
        self.handlers.start(id)
    }

    /// `log handlers stop <Id>`. Waits up to a second for lines on their way.
    ///
    /// # Errors
    /// [`HandlerError::Unknown`] when there is no such handler.
    pub fn stop_handler(&self, id: &str) -> Result<(), HandlerError> {
        self.handlers.stop(id)
    }

    /// Opens log files anew, for those that were moved away; each handler that has one, with what came of it. Where that
    /// fails the old file stays in use. Waits up to two seconds for each.
    pub fn reopen_files(&self) -> Vec<(String, Result<(), HandlerError>)> {
        self.handlers.reopen()
    }

    /// `log handlers set-level <Id> <Level>`.
    ///
    /// # Errors
    /// [`HandlerError::Unknown`] when there is no such handler.
    pub fn set_handler_level(&self, id: &str, level: LogLevel) -> Result<(), HandlerError> {
        self.handlers.set_handler_level(id, level)
    }

    /// Waits, two seconds at most, until what was logged so far is written; for the end of the
    /// daemon. `false` if that was not enough.
    pub fn flush(&self) -> bool {
        self.handlers.flush(Instant::now() + FLUSH_WAIT)
    }
}

impl fmt::Debug for LogControl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogControl")
            .field("primary_level", &self.primary_level())
            .field("handlers", &self.handlers())
            .finish()
    }
}
