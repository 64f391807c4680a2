//! The thread that writes the lines of one trace.
//!
//! Each trace has its own, so that a file that is slow or hangs (a full pipe below, a network that is gone) stalls
//! that trace only. Whoever watches gets the lines before the file does. The trace stops at its size, at the quota of
//! the folder, and at the first write that fails.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::formatter::Formatter;
use super::running::Trace;

/// Deepest use is formatting one line.
const STACK_BYTES: usize = 256 * 1024;
/// How long losses may go untold while no line comes.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a writer thread owns.
pub(super) struct Writer {
    pub(super) trace: Arc<Trace>,
    /// `None` if the trace is only watched.
    pub(super) file: Option<File>,
    /// Of the daemon's folder, if the file is there.
    pub(super) quota: Option<Quota>,
    /// Told when the trace stops by itself.
    pub(super) changed: Arc<Notify>,
    /// Counts the threads.
    pub(super) _alive: Alive,
}

/// The bytes that all traces in the folder may have together.
#[derive(Debug, Clone)]
pub(super) struct Quota {
    pub(super) used: Arc<AtomicU64>,
    pub(super) limit: u64,
}

/// One of the writer threads there may be, those that hang included.
#[derive(Debug)]
pub(super) struct Alive(Arc<AtomicUsize>);

impl Alive {
    /// `None` if there are `limit` already.
    pub(super) fn take(count: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        let taken = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            (count < limit).then_some(count + 1)
        });
        taken.is_ok().then(|| Self(Arc::clone(count)))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Writer {
    /// Starts the thread; it ends once the queue is closed and written out.
    pub(super) fn spawn(self) -> io::Result<()> {
        std::thread::Builder::new()
            .name("emqxd-trace".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || self.run())
            .map(|_detached| ())
    }

    fn run(mut self) {
        let formatter = Formatter::new();
        let mut text = String::new();
        loop {
            let batch = self.trace.queue.take(&mut text, PATIENCE);
            let definition = &self.trace.definition;
            if batch.lines > 0 || batch.dropped > 0 {
                // Watchers are told of losses in a number of their own.
                self.trace.show(&text, batch.dropped);
            }
            if batch.dropped > 0 {
                let now = Timestamp::now().as_microsecond();
                formatter.dropped(&mut text, batch.dropped, definition.format, now);
            }
            if !text.is_empty()
                && let Err(reason) = self.write(&text, batch.lines)
            {
                self.trace.retire(&reason);
                self.trace.queue.close();
                // Nothing more is written: the first error is the last.
                self.file = None;
                self.changed.notify_one();
            }
            if batch.is_last {
                break;
            }
        }
        // A file that hangs on its last breath holds up nobody who waits for the lines.
        self.trace.end_watches();
        self.trace.queue.end();
    }

    /// Writes whole lines, as many as there is room for; otherwise why the trace stops.
    fn write(&mut self, text: &str, lines: usize) -> Result<(), String> {
        let Some(file) = &mut self.file else {
            let seen = if self.trace.definition.destination.is_none() {
                lines
            } else {
                0
            };
            self.trace.count_written(seen, if seen > 0 { text.len() } else { 0 });
            return match self.trace.bytes() >= self.trace.definition.max_bytes {
                true if self.trace.is_running() => Err("size".to_owned()),
                _ => Ok(()),
            };
        };
        let size_left = self.trace.definition.max_bytes.saturating_sub(self.trace.bytes());
        let quota_left = self.quota.as_ref().map_or(u64::MAX, Quota::left);
        let room = usize::try_from(size_left.min(quota_left)).unwrap_or(usize::MAX);
        let part = whole_lines(text, room);
        file.write_all(part.as_bytes()).map_err(|error| error.to_string())?;
        let written_lines = if part.len() == text.len() {
            lines
        } else {
            part.matches('\n').count()
        };
        self.trace.count_written(written_lines, part.len());
        if let Some(quota) = &self.quota {
            quota.used.fetch_add(part.len() as u64, Ordering::Relaxed);
        }
        match part.len() == text.len() {
            true => Ok(()),
            false if size_left <= quota_left => Err("size".to_owned()),
            false => Err("quota of the trace folder".to_owned()),
        }
    }
}

impl Quota {
    fn left(&self) -> u64 {
        self.limit.saturating_sub(self.used.load(Ordering::Relaxed))
    }
}

/// As many whole lines from the beginning as fit into `room` bytes.
fn whole_lines(text: &str, room: usize) -> &str {
    if text.len() <= room {
        return text;
    }
    let end = text.as_bytes()[..room].iter().rposition(|byte| *byte == b'\n');
    // A line feed is never inside a character.
    end.map_or("", |end| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_ends_with_a_whole_line() {
        assert_eq!(whole_lines("ab\ncd\n", 6), "ab\ncd\n");
        assert_eq!(whole_lines("ab\ncd\n", 5), "ab\n");
        assert_eq!(whole_lines("ab\ncd\n", 3), "ab\n");
        assert_eq!(whole_lines("ab\ncd\n", 2), "");
        assert_eq!(whole_lines("é\né\n", 4), "é\n");
    }

    #[test]
    fn threads_that_hang_count_until_they_end() {
        let count = Arc::default();
        let one = Alive::take(&count, 2).unwrap();
        let two = Alive::take(&count, 2).unwrap();
        assert!(Alive::take(&count, 2).is_none());
        drop(one);
        assert!(Alive::take(&count, 2).is_some());
        drop(two);
        assert_eq!(count.load(Ordering::Relaxed), 0);
    }
}
