//! One log handler: a destination with its own level and format, started and stopped at will.
//!
//! EMQX's ids: `console`, and for a file the `<name>` of `log.file.<name>`, which is `default`
//! for the short form `log.file`.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;

use super::console::{Console, ConsoleKind};
use super::formatter::Formatter;
use super::handlers::Handlers;
use super::journal::{self, JournalSocket};
use super::level::AtomicLevel;
use super::line_queue::LineQueue;
use super::record::Record;
use super::rotating_file::RotatingFile;
use super::writer::{Sink, Writer};
use crate::config::log::{FileHandlerConfig, HandlerConfig, LogLevel};

const CONSOLE_ID: &str = "console";
/// How long stopping a handler waits for what it still holds.
const STOP_WAIT: Duration = Duration::from_secs(1);

/// A destination of log lines.
pub(super) struct Handler {
    id: String,
    level: AtomicLevel,
    destination: Destination,
    formatter: Arc<Formatter>,
    /// The way to the writer thread; empty while the handler is stopped.
    queue: ArcSwapOption<LineQueue>,
    /// Lines lost since the daemon started, whichever queue they were lost to.
    dropped_ever: Arc<AtomicU64>,
}

enum Destination {
    Console(ConsoleKind),
    File {
        path: PathBuf,
        rotation_count: u32,
        rotation_size: Option<u64>,
    },
}

/// What an operator sees of a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerInfo {
    /// `console`, or the name of a file handler.
    pub id: String,
    /// Events below are not written by this handler.
    pub level: LogLevel,
    /// `console`, or the path of the file.
    pub destination: String,
    /// Whether it writes at present.
    pub status: HandlerStatus,
    /// Lines lost since the daemon started: to full queues, full disks, closed terminals.
    pub dropped: u64,
}

/// Whether a handler writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandlerStatus {
    /// It does.
    Started,
    /// It was stopped by an operator.
    Stopped,
}

impl fmt::Display for HandlerStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Started => "started",
            Self::Stopped => "stopped",
        })
    }
}

/// Why nothing was done with a handler.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// No handler has this id.
    #[error("no log handler {id}")]
    Unknown {
        /// As it was asked for.
        id: String,
    },
    /// The file cannot be opened for writing.
    #[error("cannot open log file {} of handler {id}", path.display())]
    OpenFile {
        /// The handler.
        id: String,
        /// Its `path`.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives us no thread.
    #[error("cannot start the writer thread of log handler {id}")]
    StartThread {
        /// The handler.
        id: String,
        /// What the system says.
        source: io::Error,
    },
}

impl Handler {
    pub(super) fn for_console(config: &HandlerConfig, kind: ConsoleKind) -> Self {
        let formatter = match kind {
            ConsoleKind::Lines => Formatter::new(config),
            ConsoleKind::JournalStream => Formatter::with_priorities(config),
            ConsoleKind::Journal => Formatter::for_journal(config),
        };
        Self {
            id: CONSOLE_ID.to_owned(),
            level: AtomicLevel::new(config.level),
            destination: Destination::Console(kind),
            formatter: Arc::new(formatter),
            queue: ArcSwapOption::empty(),
            dropped_ever: Arc::default(),
        }
    }

    pub(super) fn for_file(config: &FileHandlerConfig) -> Self {
        // A file called `console` must not hide behind the real one.
        let prefix = if config.name == CONSOLE_ID { "file:" } else { "" };
        Self {
            id: format!("{prefix}{}", config.name),
            level: AtomicLevel::new(config.handler.level),
            destination: Destination::File {
                path: config.path.clone(),
                rotation_count: config.rotation_count,
                rotation_size: config.rotation_size,
            },
            formatter: Arc::new(Formatter::new(&config.handler)),
            queue: ArcSwapOption::empty(),
            dropped_ever: Arc::default(),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn level(&self) -> LogLevel {
        self.level.get()
    }

    pub(super) fn set_level(&self, level: LogLevel) {
        self.level.set(level);
    }

    pub(super) fn is_running(&self) -> bool {
        self.queue.load().is_some()
    }

    pub(super) fn info(&self) -> HandlerInfo {
        HandlerInfo {
            id: self.id.clone(),
            level: self.level(),
            destination: match &self.destination {
                Destination::Console(_) => CONSOLE_ID.to_owned(),
                Destination::File { path, .. } => path.display().to_string(),
            },
            status: if self.is_running() {
                HandlerStatus::Started
            } else {
                HandlerStatus::Stopped
            },
            dropped: self.dropped_ever.load(Ordering::Relaxed),
        }
    }

    /// Opens the destination and starts the thread, unless it runs already.
    pub(super) fn start(&self, handlers: Weak<Handlers>) -> Result<(), HandlerError> {
        if self.is_running() {
            return Ok(());
        }
        let queue = self.open_queue(handlers)?;
        self.queue.store(Some(queue));
        Ok(())
    }

    /// Opens the file of a handler that runs anew, so that one that was moved away is let go; whether there is one. The
    /// old file stays in use if the new one cannot be had.
    pub(super) fn reopen(&self, handlers: Weak<Handlers>) -> Result<bool, HandlerError> {
        if !matches!(self.destination, Destination::File { .. }) || !self.is_running() {
            return Ok(false);
        }
        let queue = self.open_queue(handlers)?;
        // Most of what the old one has goes out first, so that lines keep their order if it is the same file.
        self.flush(Instant::now() + STOP_WAIT);
        if let Some(old) = self.queue.swap(Some(queue)) {
            old.flush(Instant::now() + STOP_WAIT);
            old.close();
        }
        Ok(true)
    }

    /// Opens the destination and starts the thread that writes to it; what is put into the queue goes there.
    fn open_queue(&self, handlers: Weak<Handlers>) -> Result<Arc<LineQueue>, HandlerError> {
        let queue = Arc::new(LineQueue::new(self.dropped_ever.clone()));
        let writer = Writer {
            queue: queue.clone(),
            sink: self.open()?,
            formatter: self.formatter.clone(),
            handlers,
        };
        writer.spawn(&self.id).map_err(|source| HandlerError::StartThread {
            id: self.id.clone(),
            source,
        })?;
        Ok(queue)
    }

    /// Takes no more lines and lets the thread write out what it has.
    pub(super) fn stop(&self) {
        if let Some(queue) = self.queue.swap(None) {
            // Waited for so that a start that follows does not meet the old thread on its file.
            queue.flush(Instant::now() + STOP_WAIT);
            queue.close();
        }
    }

    pub(super) fn write(&self, record: &Record, unix_micros: i64) {
        if record.level < self.level() {
            return;
        }
        if let Some(queue) = &*self.queue.load() {
            queue.push(self.formatter.line(record, unix_micros));
        }
    }

    pub(super) fn flush(&self, deadline: Instant) -> bool {
        match &*self.queue.load() {
            Some(queue) => queue.flush(deadline),
            None => true,
        }
    }

    fn open(&self) -> Result<Box<dyn Sink>, HandlerError> {
        match &self.destination {
            Destination::Console(ConsoleKind::Journal) => {
                let journal = JournalSocket::open().map_err(|source| HandlerError::OpenFile {
                    id: self.id.clone(),
                    path: journal::socket_path(),
                    source,
                })?;
                Ok(Box::new(journal))
            }
            Destination::Console(_) => Ok(Box::new(Console)),
            Destination::File {
                path,
                rotation_count,
                rotation_size,
            } => {
                let file = RotatingFile::open(path, *rotation_count, *rotation_size);
                let file = file.map_err(|source| HandlerError::OpenFile {
                    id: self.id.clone(),
                    path: path.clone(),
                    source,
                })?;
                Ok(Box::new(file))
            }
        }
    }
}

impl Drop for Handler {
    /// Lets the writer thread end.
    fn drop(&mut self) {
        if let Some(queue) = self.queue.swap(None) {
            queue.close();
        }
    }
}
