//! What a worker has while traces run: it decides whom an event concerns, and makes the line.
//!
//! A worker without traces has none of these. With traces an event is first compared; a line is only made when its
//! trace has room for it, its rate allows it, and the worker has time left for traces. All others are counted.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytestring::ByteString;
use emqx_shared::request::TraceSubject;
use emqxd_broker::{ConnectionKey, TraceEvent, TraceKind, TraceSink};
use jiff::Timestamp;

use super::budget::TimeBudget;
use super::formatter::Formatter;
use super::running::Trace;
use super::subject::is_of_the_broker;

/// Events that pass unlooked at once the worker has no time left: asking the clock is a cost too.
const EVENTS_SKIPPED: u32 = 256;

/// The traces of one worker.
pub(crate) struct Tracer {
    traces: Vec<Followed>,
    formatter: Formatter,
    line: RefCell<String>,
    /// What they follow can be told from the event alone.
    follows_topics_only: bool,
    budget: Cell<TimeBudget>,
    /// Events that are still to pass before the budget is looked at again.
    skip: Cell<u32>,
    origin: Instant,
    /// Clients whose channels have gone last.
    closing: RefCell<VecDeque<(ConnectionKey, ByteString)>>,
}

struct Followed {
    trace: Arc<Trace>,
    /// Lines lost and not yet told: the counter of the trace is shared by all workers.
    dropped: Cell<u64>,
}

/// Losses that are told in one go.
const DROPPED_TOGETHER: u64 = 64;

impl Tracer {
    /// `None` if there is nothing to trace.
    pub(crate) fn new(traces: &[Arc<Trace>]) -> Option<Self> {
        let origin = Instant::now();
        let followed = traces.iter().map(|trace| Followed {
            trace: Arc::clone(trace),
            dropped: Cell::new(0),
        });
        // Of a message under $SYS it is the publisher who says whether it is the broker's own.
        let is_topic = |trace: &Arc<Trace>| match trace.definition.subject.asked() {
            TraceSubject::Topic(filter) => !filter.starts_with("$SYS"),
            TraceSubject::Client(_) | TraceSubject::IpAddress(_) => false,
        };
        (!traces.is_empty()).then(|| Self {
            follows_topics_only: traces.iter().all(is_topic),
            traces: followed.collect(),
            formatter: Formatter::new(),
            line: RefCell::default(),
            budget: Cell::new(TimeBudget::new(origin.elapsed())),
            skip: Cell::new(0),
            origin,
            closing: RefCell::default(),
        })
    }

    /// The client that was on a connection whose channel is gone.
    pub(crate) fn client_id_of(&self, connection: ConnectionKey) -> ByteString {
        let closing = self.closing.borrow();
        let last = closing.iter().rev().find(|(each, _)| *each == connection);
        last.map(|(_, client_id)| client_id.clone()).unwrap_or_default()
    }

    /// Tells what was lost so far.
    pub(crate) fn flush(&self) {
        self.traces.iter().for_each(Followed::flush);
    }

    fn has_time(&self) -> bool {
        if self.skip.get() > 0 {
            self.skip.set(self.skip.get() - 1);
            return false;
        }
        let mut budget = self.budget.get();
        let has_some = budget.has_some(self.origin.elapsed());
        self.budget.set(budget);
        if !has_some {
            self.skip.set(EVENTS_SKIPPED);
        }
        has_some
    }

    fn write(&self, followed: &Followed, event: &TraceEvent<'_>) {
        let trace = &followed.trace;
        if !trace.queue.has_room() || !self.has_time() {
            followed.drop_one();
            return;
        }
        let started = self.origin.elapsed();
        if !trace.is_within_rate() {
            followed.drop_one();
            return;
        }
        let definition = &trace.definition;
        let mut line = self.line.borrow_mut();
        line.clear();
        let now = Timestamp::now().as_microsecond();
        self.formatter
            .event(&mut line, event, definition.format, definition.payload, now);
        trace.queue.push(&line);
        let mut budget = self.budget.get();
        budget.spend(self.origin.elapsed().saturating_sub(started));
        self.budget.set(budget);
    }
}

impl TraceSink for Tracer {
    fn passes_over(&self, kind: &TraceKind<'_>) -> bool {
        if !self.follows_topics_only {
            return false;
        }
        let has_no_time = self.skip.get() > 0;
        let mut is_wanted = false;
        for followed in &self.traces {
            if followed.trace.wants_kind(kind) == Some(true) {
                is_wanted = true;
                if has_no_time {
                    followed.drop_one();
                }
            }
        }
        if is_wanted && has_no_time {
            self.skip.set(self.skip.get() - 1);
            return true;
        }
        !is_wanted
    }

    fn event(&self, event: &TraceEvent<'_>) {
        for followed in &self.traces {
            if followed.trace.wants(event) && !is_of_the_broker(event) {
                self.write(followed, event);
            }
        }
    }

    fn closing(&self, connection: ConnectionKey, client_id: &str) {
        let mut closing = self.closing.borrow_mut();
        if closing.len() == CLOSING_MAX {
            closing.pop_front();
        }
        closing.push_back((connection, client_id.into()));
    }
}

/// Clients remembered after their channels have gone: more than one batch of effects closes.
const CLOSING_MAX: usize = 256;

impl Followed {
    #[inline]
    fn drop_one(&self) {
        self.dropped.set(self.dropped.get() + 1);
        if self.dropped.get() >= DROPPED_TOGETHER {
            self.flush();
        }
    }

    fn flush(&self) {
        let dropped = self.dropped.take();
        if dropped > 0 {
            self.trace.queue.add_dropped(dropped);
        }
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        self.flush();
    }
}
