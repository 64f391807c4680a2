//! The handlers of the log and the one decision for each event: written, counted, or neither.
//!
//! The layer hands every event that passes the threshold to [`Handlers::on_event`]; operators
//! change levels and start and stop handlers through `LogControl` at the same time. An event is
//! written by a handler when it reaches both the primary level and the level of the handler.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tracing::Event;

use super::clock::Clock;
use super::console::ConsoleKind;
use super::handler::{Handler, HandlerError, HandlerInfo};
use super::level::AtomicLevel;
use super::record::{Headline, Record, Value};
use super::throttle::{SUMMARY_MESSAGE, Throttle};
use crate::config::log::{LogConfig, LogLevel};

/// Everything the log knows at run time.
pub(super) struct Handlers {
    primary: AtomicLevel,
    /// The lowest level any running handler writes; what `tracing` is told to skip below.
    threshold: AtomicLevel,
    handlers: Vec<Handler>,
    throttle: Throttle,
    clock: Clock,
    /// Held while levels or handlers change, so that `threshold` fits what was changed last.
    change: Mutex<()>,
}

impl Handlers {
    /// The enabled handlers of `config`, none of them started yet.
    ///
    /// The primary level is the lowest of theirs, as in EMQX: nothing they want is withheld.
    pub(super) fn new(config: &LogConfig, console_kind: ConsoleKind, clock: Clock) -> Arc<Self> {
        let console = config
            .console
            .enable
            .then(|| Handler::for_console(&config.console, console_kind));
        let files = config
            .files
            .iter()
            .filter(|file| file.handler.enable)
            .map(Handler::for_file);
        let handlers: Vec<Handler> = console.into_iter().chain(files).collect();
        let primary = handlers.iter().map(Handler::level).min().unwrap_or(LogLevel::None);
        Arc::new(Self {
            primary: AtomicLevel::new(primary),
            threshold: AtomicLevel::new(LogLevel::None),
            handlers,
            throttle: Throttle::new(config.throttling_window),
            clock,
            change: Mutex::new(()),
        })
    }

    /// Starts every handler. `tracing` is not told: it asks when the layer is installed.
    pub(super) fn start_all(self: &Arc<Self>) -> Result<(), HandlerError> {
        let _change = self.change.lock();
        for handler in &self.handlers {
            handler.start(Arc::downgrade(self))?;
        }
        self.update_threshold();
        Ok(())
    }

    /// Starts one handler; one that runs already goes on.
    pub(super) fn start(self: &Arc<Self>, id: &str) -> Result<(), HandlerError> {
        let handler = self.find(id)?;
        let _change = self.change.lock();
        handler.start(Arc::downgrade(self))?;
        self.publish_threshold();
        Ok(())
    }

    /// Stops one handler, after what it was given is written.
    pub(super) fn stop(&self, id: &str) -> Result<(), HandlerError> {
        let handler = self.find(id)?;
        let _change = self.change.lock();
        handler.stop();
        self.publish_threshold();
        Ok(())
    }

    /// Opens the files of handlers that run anew: each by its id, with what came of it.
    pub(super) fn reopen(self: &Arc<Self>) -> Vec<(String, Result<(), HandlerError>)> {
        let _change = self.change.lock();
        let reopened = self.handlers.iter().filter_map(|handler| {
            let result = handler.reopen(Arc::downgrade(self));
            match result {
                Ok(false) => None,
                Ok(true) => Some((handler.id().to_owned(), Ok(()))),
                Err(error) => Some((handler.id().to_owned(), Err(error))),
            }
        });
        reopened.collect()
    }

    pub(super) fn primary_level(&self) -> LogLevel {
        self.primary.get()
    }

    pub(super) fn set_primary_level(&self, level: LogLevel) {
        let _change = self.change.lock();
        self.primary.set(level);
        self.publish_threshold();
    }

    /// Sets the primary level and that of every handler.
    pub(super) fn set_level(&self, level: LogLevel) {
        let _change = self.change.lock();
        self.primary.set(level);
        for handler in &self.handlers {
            handler.set_level(level);
        }
        self.publish_threshold();
    }

    pub(super) fn set_handler_level(&self, id: &str, level: LogLevel) -> Result<(), HandlerError> {
        let handler = self.find(id)?;
        let _change = self.change.lock();
        handler.set_level(level);
        self.publish_threshold();
        Ok(())
    }

    pub(super) fn infos(&self) -> Vec<HandlerInfo> {
        self.handlers.iter().map(Handler::info).collect()
    }

    /// Waits until all handlers have written what they hold; `false` if `deadline` came first.
    pub(super) fn flush(&self, deadline: Instant) -> bool {
        // Counted, not `all`, which would stop at the first that is late.
        let late = self.handlers.iter().filter(|handler| !handler.flush(deadline)).count();
        late == 0
    }

    /// Below this level nothing is written by anyone.
    pub(super) fn threshold(&self) -> LogLevel {
        self.threshold.get()
    }

    pub(super) fn on_event(&self, event: &Event<'_>) {
        let headline = Headline::read(event);
        if headline.level(event) < self.threshold() {
            return;
        }
        if let Some(index) = Throttle::index_of(&headline.message)
            && self.primary.get() > LogLevel::Debug
        {
            self.close_throttling_window();
            if !self.throttle.admits(index, self.clock.elapsed()) {
                return;
            }
        }
        self.write(&Record::read(event, headline));
    }

    /// Writes the summary of a throttling window that has ended.
    pub(super) fn close_throttling_window(&self) {
        let counts = self.throttle.close_window(self.clock.elapsed());
        if !counts.is_empty() {
            let period = Value::Text(self.throttle.period());
            self.write(&Record::own(
                SUMMARY_MESSAGE,
                vec![("period", period), ("dropped", Value::Counts(counts))],
            ));
        }
    }

    /// `None` while no throttling window is open.
    pub(super) fn time_to_window_end(&self) -> Option<Duration> {
        let ends = self.throttle.window_ends()?;
        Some(ends.saturating_sub(self.clock.elapsed()))
    }

    pub(super) fn unix_micros(&self) -> i64 {
        self.clock.unix_micros()
    }

    fn write(&self, record: &Record) {
        if record.level < self.primary.get() {
            return;
        }
        let now = self.clock.unix_micros();
        for handler in &self.handlers {
            handler.write(record, now);
        }
    }

    fn find(&self, id: &str) -> Result<&Handler, HandlerError> {
        self.handlers
            .iter()
            .find(|handler| handler.id() == id)
            .ok_or_else(|| HandlerError::Unknown { id: id.to_owned() })
    }

    fn update_threshold(&self) {
        let running = self.handlers.iter().filter(|handler| handler.is_running());
        let lowest = running.map(Handler::level).min().unwrap_or(LogLevel::None);
        self.threshold.set(lowest.max(self.primary.get()));
    }

    /// Works the threshold out and makes `tracing` ask for it again: each call in the code
    /// remembers whether it is wanted.
    fn publish_threshold(&self) {
        self.update_threshold();
        tracing::callsite::rebuild_interest_cache();
    }
}
