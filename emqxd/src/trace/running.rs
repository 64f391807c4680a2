//! One trace: what it follows and how, its queue, what it met with, and who watches it.
//!
//! Shared by the registry, the workers that fill it and the thread that writes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use emqx_shared::LogLevel;
use emqx_shared::request::TraceFormat;
use emqx_shared::views::{TraceState, TraceView};
use emqxd_broker::{Time, TraceEvent, TraceKind};
use parking_lot::Mutex;

use super::budget::LineRate;
use super::event_line;
use super::line_queue::LineQueue;
use super::payload::PayloadForm;
use super::subject::Subject;
use super::tail::{Tail, Watch};

/// What was asked for, settled.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: String,
    /// In the daemon's folder: this is the file's name there.
    pub(super) file_name: Option<String>,
    pub(super) subject: Subject,
    pub(super) level: LogLevel,
    pub(super) format: TraceFormat,
    pub(super) payload: PayloadForm,
    pub(super) max_bytes: u64,
    pub(super) rate: Option<u32>,
    /// The path as it is shown; `None` if it is only watched.
    pub(super) destination: Option<String>,
    pub(super) started_at_ms: u64,
    pub(super) ends_at_ms: u64,
    /// The same moment on the clock that no one can set.
    pub(super) ends_at: Time,
}

/// A trace that runs, or did.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(super) definition: Definition,
    pub(super) queue: LineQueue,
    began: Instant,
    rate: Mutex<LineRate>,
    state: Mutex<TraceState>,
    bytes: AtomicU64,
    lines: AtomicU64,
    tails: Mutex<Vec<Arc<Tail>>>,
}

/// Watchers of one trace at the same time; the control socket has no more connections.
const WATCHERS_MAX: usize = 32;

impl Trace {
    pub(super) fn new(definition: Definition, state: TraceState) -> Self {
        Self {
            definition,
            queue: LineQueue::default(),
            began: Instant::now(),
            rate: Mutex::default(),
            state: Mutex::new(state),
            bytes: AtomicU64::new(0),
            lines: AtomicU64::new(0),
            tails: Mutex::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.definition.name
    }

    pub(super) fn is_running(&self) -> bool {
        *self.state.lock() == TraceState::Running
    }

    pub(super) fn state(&self) -> TraceState {
        self.state.lock().clone()
    }

    /// Marks it as stopped, unless it is already; the first reason counts.
    pub(super) fn retire(&self, reason: &str) {
        let mut state = self.state.lock();
        if *state == TraceState::Running {
            *state = TraceState::Stopped {
                reason: reason.to_owned(),
            };
        }
    }

    /// Lets the writer write what there is and end; waits for it, but not for one that hangs.
    pub(super) fn finish(&self, patience: Duration) -> bool {
        self.queue.close();
        self.queue.wait_end(Instant::now() + patience)
    }

    /// Whether an event is for it.
    pub(super) fn wants(&self, event: &TraceEvent<'_>) -> bool {
        self.definition.subject.concerns(event) && event_line::level(&event.kind) >= self.definition.level
    }

    /// The same, of an event whose client is not known yet; `None` if it depends on the client.
    pub(super) fn wants_kind(&self, kind: &TraceKind<'_>) -> Option<bool> {
        let concerns = self.definition.subject.concerns_kind(kind)?;
        Some(concerns && event_line::level(kind) >= self.definition.level)
    }

    /// Whether the operator's rate allows another line. On a clock of the trace's own: all workers count together.
    pub(super) fn is_within_rate(&self) -> bool {
        match self.definition.rate {
            Some(limit) => self.rate.lock().take(limit, self.began.elapsed()),
            None => true,
        }
    }

    pub(super) fn count_written(&self, lines: usize, bytes: usize) {
        self.lines.fetch_add(lines as u64, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes written so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Begins to watch; `None` when so many watch it that no more may.
    pub(super) fn watch(&self) -> Option<Watch> {
        let mut tails = self.tails.lock();
        tails.retain(|tail| Arc::strong_count(tail) > 1);
        if tails.len() >= WATCHERS_MAX {
            return None;
        }
        let tail = Arc::<Tail>::default();
        if !self.is_running() {
            tail.end();
        }
        tails.push(Arc::clone(&tail));
        Some(Watch { tail })
    }

    /// Gives lines to those who watch.
    pub(super) fn show(&self, lines: &str, dropped: u64) {
        let mut tails = self.tails.lock();
        // Those who left hold no second count.
        tails.retain(|tail| Arc::strong_count(tail) > 1);
        for tail in &*tails {
            tail.push(lines, dropped);
        }
    }

    /// Tells those who watch that nothing more comes.
    pub(super) fn end_watches(&self) {
        for tail in self.tails.lock().drain(..) {
            tail.end();
        }
    }

    /// As operators see it.
    pub(super) fn view(&self, node: &str) -> TraceView {
        let definition = &self.definition;
        let is_named = definition.file_name.is_some();
        let mut tails = self.tails.lock();
        tails.retain(|tail| Arc::strong_count(tail) > 1);
        TraceView {
            name: definition.name.clone(),
            is_named,
            subject: definition.subject.asked().clone(),
            level: definition.level,
            format: definition.format,
            payload: definition.payload.encode,
            destination: definition.destination.clone(),
            is_resumable: is_named,
            state: self.state(),
            started_at_ms: definition.started_at_ms,
            ends_at_ms: definition.ends_at_ms,
            bytes: self.bytes(),
            max_bytes: definition.max_bytes,
            lines: self.lines.load(Ordering::Relaxed),
            dropped: self.queue.dropped(),
            rate: definition.rate,
            watchers: u32::try_from(tails.len()).unwrap_or(u32::MAX),
            node: node.to_owned(),
        }
    }
}
