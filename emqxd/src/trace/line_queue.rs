//! Lines on their way from the workers to the writer of one trace.
//!
//! Bounded in lines and bytes, those in the writer's hands included: a file that hangs costs so much memory and not
//! more. When it is full a worker learns so from one atomic and does not even format the line.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// Lines that may wait.
const LINES_MAX: usize = 4096;
/// Bytes that may wait.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Lines at which a writer that gathers is woken all the same: few enough that they are still in the processor's
/// cache when they are written.
const LINES_MANY: usize = LINES_MAX / 16;
/// How long the writer lets lines gather: a wake for each would cost the worker a system call each.
const GATHER: Duration = Duration::from_millis(10);

/// The queue of one trace.
#[derive(Debug, Default)]
pub(super) struct LineQueue {
    /// Whether a line would be dropped now.
    is_full: AtomicBool,
    /// Lines lost, ever.
    dropped: AtomicU64,
    /// Locked for the copy of a line, or for the exchange of a buffer.
    state: Mutex<State>,
    /// A line has come, or the queue was closed.
    arrived: Condvar,
    /// The writer is done.
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    text: String,
    lines: usize,
    /// In the writer's hands.
    lines_out: usize,
    bytes_out: usize,
    /// Lost when the writer last said so.
    dropped_told: u64,
    /// Lines at which the writer wants to be woken; 0 while it is not waiting.
    wake_at: usize,
    is_closed: bool,
    is_ended: bool,
}

/// What the writer gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) lines: usize,
    /// Lines lost since the last batch; they belong after these.
    pub(super) dropped: u64,
    /// Nothing comes after it.
    pub(super) is_last: bool,
}

impl LineQueue {
    /// Whether a line would be taken.
    pub(super) fn has_room(&self) -> bool {
        !self.is_full.load(Ordering::Relaxed)
    }

    /// Counts lines that were not even made.
    pub(super) fn add_dropped(&self, lines: u64) {
        self.dropped.fetch_add(lines, Ordering::Relaxed);
    }

    /// Takes a line with its line feed, or drops it and counts.
    pub(super) fn push(&self, line: &str) {
        let mut state = self.state.lock();
        let would_be = state.text.len() + state.bytes_out + line.len();
        let is_full = state.lines + state.lines_out >= LINES_MAX || would_be > BYTES_MAX;
        if is_full || state.is_closed {
            self.is_full.store(true, Ordering::Relaxed);
            drop(state);
            self.add_dropped(1);
            return;
        }
        state.text.push_str(line);
        state.lines += 1;
        let wakes = state.wake_at > 0 && (state.lines >= state.wake_at || state.text.len() > BYTES_MAX / 2);
        if wakes {
            state.wake_at = 0;
        }
        drop(state);
        if wakes {
            self.arrived.notify_one();
        }
    }

    /// Waits for lines and exchanges them for `buffer`, whose lines have been written. Returns after `patience`
    /// without any, so that losses are told while nothing more comes.
    pub(super) fn take(&self, buffer: &mut String, patience: Duration) -> Batch {
        buffer.clear();
        let mut state = self.state.lock();
        let follows_others = state.lines_out > 0;
        (state.lines_out, state.bytes_out) = (0, 0);
        self.is_full.store(state.is_closed, Ordering::Relaxed);
        if follows_others {
            self.wait(&mut state, LINES_MANY, GATHER.min(patience));
        }
        self.wait(&mut state, 1, patience);
        std::mem::swap(&mut state.text, buffer);
        state.lines_out = std::mem::take(&mut state.lines);
        state.bytes_out = buffer.len();
        let dropped = self.dropped();
        let told = std::mem::replace(&mut state.dropped_told, dropped);
        Batch {
            lines: state.lines_out,
            dropped: dropped - told,
            is_last: state.is_closed,
        }
    }

    fn wait(&self, state: &mut parking_lot::MutexGuard<'_, State>, lines: usize, patience: Duration) {
        if state.lines < lines && !state.is_closed {
            state.wake_at = lines;
            self.arrived.wait_for(state, patience);
            state.wake_at = 0;
        }
    }

    /// Lines lost so far.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Takes nothing more; the writer ends with what there is.
    pub(super) fn close(&self) {
        self.state.lock().is_closed = true;
        self.is_full.store(true, Ordering::Relaxed);
        self.arrived.notify_one();
    }

    /// The writer has ended.
    pub(super) fn end(&self) {
        self.close();
        self.state.lock().is_ended = true;
        self.ended.notify_all();
    }

    /// Waits until the writer has ended; `false` if `deadline` came first.
    pub(super) fn wait_end(&self, deadline: Instant) -> bool {
        let mut state = self.state.lock();
        while !state.is_ended {
            if self.ended.wait_until(&mut state, deadline).timed_out() {
                return state.is_ended;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;

    #[test]
    fn a_full_queue_drops_and_counts_and_has_room_again_once_its_lines_are_written() {
        let queue = LineQueue::default();
        for _ in 0..LINES_MAX + 3 {
            queue.push("x\n");
        }
        assert_eq!(queue.dropped(), 3);
        assert!(!queue.has_room());
        let mut buffer = String::new();
        let batch = queue.take(&mut buffer, AT_ONCE);
        assert_eq!((batch.lines, batch.dropped, batch.is_last), (LINES_MAX, 3, false));
        assert_eq!(buffer.len(), LINES_MAX * 2);
        // They are not written yet.
        queue.push("y\n");
        assert_eq!(queue.dropped(), 4);
        let batch = queue.take(&mut buffer, AT_ONCE);
        assert_eq!((batch.lines, batch.dropped), (0, 1));
        assert!(queue.has_room());
        queue.push("z\n");
        assert_eq!(queue.take(&mut buffer, AT_ONCE).lines, 1);
        assert_eq!(buffer, "z\n");
    }

    #[test]
    fn waiting_lines_are_bounded_in_bytes_too() {
        let queue = LineQueue::default();
        let big = "x".repeat(BYTES_MAX / 2);
        queue.push(&big);
        queue.push(&big);
        queue.push("one more\n");
        assert_eq!(queue.dropped(), 1);
    }

    #[test]
    fn a_closed_queue_gives_out_what_it_holds_and_takes_nothing_more() {
        let queue = LineQueue::default();
        queue.push("last\n");
        queue.close();
        assert!(!queue.has_room());
        let mut buffer = String::new();
        let batch = queue.take(&mut buffer, AT_ONCE);
        assert!(batch.is_last && batch.lines == 1);
        assert!(!queue.wait_end(Instant::now()));
        queue.end();
        assert!(queue.wait_end(Instant::now()));
    }
}
