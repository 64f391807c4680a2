//! The bounded queue between those who log and the thread that writes.
//!
//! Workers never wait for a disk or a terminal: when the queue is full the new line is dropped
//! and counted, and the writer says so in the log as soon as it can write again. The newest is
//! dropped rather than the oldest, so that what led to a flood stays readable.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// How many lines may wait: some seconds of a busy debug log.
const LINES_MAX: usize = 16 * 1024;
/// How many bytes the waiting lines may have.
const BYTES_MAX: usize = 8 * 1024 * 1024;
/// How many bytes are handed to the writer at once.
const BATCH_BYTES: usize = 64 * 1024;

/// Lines on their way to one handler's writer thread.
#[derive(Debug)]
pub(super) struct LineQueue {
    lines_max: usize,
    /// Lines lost since the daemon started, by all queues of its handler.
    dropped_ever: Arc<AtomicU64>,
    /// Locked for a few lines by every logging thread and by the writer; never while writing.
    state: Mutex<State>,
    /// A line arrived, or the queue was closed.
    arrived: Condvar,
    /// The writer has finished a batch, or has ended.
    finished: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<String>,
    bytes: usize,
    /// Lines taken in, ever; with `done` it tells [`LineQueue::flush`] when to stop waiting.
    accepted: u64,
    /// Lines written or given up, ever.
    done: u64,
    /// Lines lost since the writer last said so.
    dropped: u64,
    closed: bool,
}

/// What the writer thread finds when it comes for more.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Batch {
    /// This many lines were put into the buffer.
    Lines(u64),
    /// The time to wait is over and nothing came.
    Nothing,
    /// The queue is closed and empty.
    Closed,
}

impl LineQueue {
    /// An empty queue that adds the lines it loses to `dropped_ever`.
    pub(super) fn new(dropped_ever: Arc<AtomicU64>) -> Self {
        Self::with_capacity(LINES_MAX, dropped_ever)
    }

    fn with_capacity(lines_max: usize, dropped_ever: Arc<AtomicU64>) -> Self {
        Self {
            lines_max,
            dropped_ever,
            state: Mutex::default(),
            arrived: Condvar::new(),
            finished: Condvar::new(),
        }
    }

    /// Takes `line` in, or drops it and counts; `false` means dropped.
    pub(super) fn push(&self, line: String) -> bool {
        let mut state = self.state.lock();
        let full = state.lines.len() >= self.lines_max || state.bytes + line.len() > BYTES_MAX;
        if full || state.closed {
            state.dropped += 1;
            self.dropped_ever.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        state.bytes += line.len();
        state.accepted += 1;
        state.lines.push_back(line);
        drop(state);
        self.arrived.notify_one();
        true
    }

    /// Moves waiting lines into `buffer`, which it clears first; waits at most `patience` for
    /// the first one, without end if that is `None`.
    pub(super) fn next_batch(&self, buffer: &mut Vec<u8>, patience: Option<Duration>) -> Batch {
        buffer.clear();
        let mut state = self.state.lock();
        while state.lines.is_empty() {
            if state.closed {
                return Batch::Closed;
            }
            match patience {
                None => self.arrived.wait(&mut state),
                Some(patience) => {
                    if self.arrived.wait_for(&mut state, patience).timed_out() && state.lines.is_empty() {
                        return Batch::Nothing;
                    }
                }
            }
        }
        let mut lines = 0;
        while let Some(line) = state.lines.pop_front() {
            state.bytes -= line.len();
            lines += 1;
            buffer.extend_from_slice(line.as_bytes());
            if buffer.len() >= BATCH_BYTES {
                break;
            }
        }
        Batch::Lines(lines)
    }

    /// The writer is done with the `lines` of its batch, whether written or lost.
    pub(super) fn finish_batch(&self, lines: u64) {
        self.state.lock().done += lines;
        self.finished.notify_all();
    }

    /// Counts `lines` of a batch that could not be written.
    pub(super) fn add_dropped(&self, lines: u64) {
        self.dropped_ever.fetch_add(lines, Ordering::Relaxed);
        self.put_back_dropped(lines);
    }

    /// What [`LineQueue::take_dropped`] gave could not be told; it will be asked again.
    pub(super) fn put_back_dropped(&self, lines: u64) {
        self.state.lock().dropped += lines;
    }

    /// How many lines were lost since this was last asked.
    pub(super) fn take_dropped(&self) -> u64 {
        std::mem::take(&mut self.state.lock().dropped)
    }

    /// Waits until every line taken in so far is done; `false` if `deadline` came first.
    pub(super) fn flush(&self, deadline: Instant) -> bool {
        let mut state = self.state.lock();
        let target = state.accepted;
        while state.done < target {
            if self.finished.wait_until(&mut state, deadline).timed_out() {
                return state.done >= target;
            }
        }
        true
    }

    /// Takes no more lines; the writer ends once it has written what waits.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.arrived.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        format!("{text}\n")
    }

    #[test]
    fn lines_beyond_the_bound_are_dropped_and_counted_once() {
        let dropped_ever = Arc::new(AtomicU64::new(0));
        let queue = LineQueue::with_capacity(3, dropped_ever.clone());
        let taken: Vec<bool> = (0..5).map(|n| queue.push(line(&n.to_string()))).collect();
        assert_eq!(taken, [true, true, true, false, false]);
        assert_eq!(queue.take_dropped(), 2);
        assert_eq!(queue.take_dropped(), 0);
        assert_eq!(dropped_ever.load(Ordering::Relaxed), 2);

        let mut buffer = Vec::new();
        assert_eq!(queue.next_batch(&mut buffer, None), Batch::Lines(3));
        assert_eq!(buffer, b"0\n1\n2\n");
        assert!(queue.push(line("room again")));
    }

    #[test]
    fn waiting_lines_are_bounded_in_bytes_too() {
        let queue = LineQueue::new(Arc::default());
        let big = "x".repeat(BYTES_MAX / 2);
        assert!(queue.push(big.clone()));
        assert!(queue.push(big.clone()));
        assert!(!queue.push(line("one more")));
    }

    #[test]
    fn a_batch_ends_soon_after_its_size_is_reached() {
        let queue = LineQueue::new(Arc::default());
        for _ in 0..4 {
            queue.push("x".repeat(BATCH_BYTES / 2 + 1));
        }
        let mut buffer = Vec::new();
        assert_eq!(queue.next_batch(&mut buffer, None), Batch::Lines(2));
        assert_eq!(queue.next_batch(&mut buffer, None), Batch::Lines(2));
        assert_eq!(queue.next_batch(&mut buffer, Some(Duration::ZERO)), Batch::Nothing);
    }

    #[test]
    fn a_closed_queue_gives_out_what_it_holds_and_takes_nothing_more() {
        let queue = LineQueue::new(Arc::default());
        queue.push(line("last"));
        queue.close();
        assert!(!queue.push(line("too late")));
        let mut buffer = Vec::new();
        assert_eq!(queue.next_batch(&mut buffer, None), Batch::Lines(1));
        assert_eq!(queue.next_batch(&mut buffer, None), Batch::Closed);
    }

    #[test]
    fn a_flush_ends_at_its_deadline_and_succeeds_once_the_batch_is_finished() {
        let queue = LineQueue::new(Arc::default());
        queue.push(line("a"));
        assert!(!queue.flush(Instant::now()));
        let mut buffer = Vec::new();
        queue.next_batch(&mut buffer, None);
        assert!(!queue.flush(Instant::now()));
        queue.finish_batch(1);
        assert!(queue.flush(Instant::now()));
    }
}
