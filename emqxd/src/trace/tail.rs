//! Somebody who watches a trace: the lines that wait for it.
//!
//! Bounded; a watcher that does not read loses the oldest lines and is told how many. So a terminal that stands
//! still costs a fixed amount and holds up nobody.

use std::collections::VecDeque;
use std::sync::Arc;

use emqx_shared::views::TraceLinesView;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Bytes that wait for a watcher.
const BACKLOG_BYTES: usize = 64 * 1024;

/// The lines on their way to one watcher.
#[derive(Debug, Default)]
pub(super) struct Tail {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<Box<str>>,
    bytes: usize,
    dropped: u64,
    is_ended: bool,
}

impl Tail {
    /// Adds whole lines; `dropped` were lost after them.
    pub(super) fn push(&self, lines: &str, dropped: u64) {
        let mut state = self.state.lock();
        for line in lines.split_inclusive('\n') {
            state.bytes += line.len();
            state.lines.push_back(line.into());
            // The newest stays, however long.
            while state.bytes > BACKLOG_BYTES
                && state.lines.len() > 1
                && let Some(oldest) = state.lines.pop_front()
            {
                state.bytes -= oldest.len();
                state.dropped += 1;
            }
        }
        state.dropped += dropped;
        drop(state);
        self.changed.notify_one();
    }

    /// No more lines will come.
    pub(super) fn end(&self) {
        self.state.lock().is_ended = true;
        self.changed.notify_one();
    }

    /// What waits; `None` once all has been taken and no more will come.
    pub(super) fn take(&self) -> Option<TraceLinesView> {
        let mut state = self.state.lock();
        if state.is_ended && state.lines.is_empty() && state.dropped == 0 {
            return None;
        }
        state.bytes = 0;
        Some(TraceLinesView {
            dropped: std::mem::take(&mut state.dropped),
            text: state.lines.drain(..).map(String::from).collect(),
        })
    }

    /// Returns once there may be something to take.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// A watcher's place at a trace; given up when dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(super) tail: Arc<Tail>,
}

impl Watch {
    /// What waits, perhaps nothing; `None` once the trace has ended.
    pub(crate) fn take(&self) -> Option<TraceLinesView> {
        self.tail.take()
    }

    /// Returns once there may be something to take.
    pub(crate) async fn changed(&self) {
        self.tail.changed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_that_does_not_read_loses_the_oldest_lines_and_is_told() {
        let tail = Tail::default();
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..70 {
            tail.push(&line, 0);
        }
        tail.push("newest\n", 2);
        let seen = tail.take().unwrap();
        assert_eq!(seen.dropped, 7 + 2);
        assert!(seen.text.len() <= BACKLOG_BYTES && seen.text.ends_with("x\nnewest\n"));
        assert_eq!(tail.take().unwrap().text, "");
    }

    #[test]
    fn the_last_lines_are_seen_before_the_end() {
        let tail = Tail::default();
        tail.push("a\nb\n", 0);
        tail.end();
        assert_eq!(tail.take().unwrap().text, "a\nb\n");
        assert!(tail.take().is_none());
    }
}
