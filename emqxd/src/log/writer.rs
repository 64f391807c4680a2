//! The thread that writes the lines of one handler.
//!
//! Each handler has its own, so that a terminal that nobody reads cannot hold up the log file.
//! A line that cannot be written is lost and counted; the next batch starts on a fresh line, and
//! `log_lines_dropped` says how many were lost.

use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::formatter::Formatter;
use super::handlers::Handlers;
use super::line_queue::{Batch, LineQueue};
use super::record::{Record, Value};

/// Deepest use is formatting one line.
const STACK_BYTES: usize = 256 * 1024;

/// Where lines go in the end.
pub(super) trait Sink: Send {
    /// Writes all of `lines`, which are whole and end with a line feed.
    fn write_lines(&mut self, lines: &[u8]) -> io::Result<()>;
}

/// What a writer thread owns.
pub(super) struct Writer {
    pub(super) queue: Arc<LineQueue>,
    pub(super) sink: Box<dyn Sink>,
    pub(super) formatter: Arc<Formatter>,
    /// Whose throttling windows end on time because this thread is awake.
    pub(super) handlers: Weak<Handlers>,
}

impl Writer {
    /// Starts the thread; it ends once the queue is closed and written out.
    pub(super) fn spawn(self, handler: &str) -> io::Result<()> {
        let name = format!("log-{handler}").replace('\0', "");
        std::thread::Builder::new()
            .name(name)
            .stack_size(STACK_BYTES)
            .spawn(move || self.run())
            .map(|_detached| ())
    }

    fn run(mut self) {
        let mut batch = Vec::new();
        let mut torn = false;
        loop {
            let patience = self.time_to_window_end();
            match self.queue.next_batch(&mut batch, patience) {
                Batch::Lines(lines) => {
                    self.write(&batch, lines, &mut torn);
                    self.tell_dropped(&mut torn);
                    self.queue.finish_batch(lines);
                }
                Batch::Nothing => {}
                Batch::Closed => return self.tell_dropped(&mut torn),
            }
            if let Some(handlers) = self.handlers.upgrade() {
                handlers.close_throttling_window();
            }
        }
    }

    /// `None` while no throttling window is open: the thread then sleeps until a line comes.
    fn time_to_window_end(&self) -> Option<Duration> {
        self.handlers.upgrade()?.time_to_window_end()
    }

    fn write(&mut self, batch: &[u8], lines: u64, torn: &mut bool) {
        if self.write_after_tear(batch, torn).is_err() {
            self.queue.add_dropped(lines);
        }
    }

    fn tell_dropped(&mut self, torn: &mut bool) {
        let dropped = self.queue.take_dropped();
        if dropped == 0 {
            return;
        }
        let Some(handlers) = self.handlers.upgrade() else {
            return;
        };
        let record = Record::own("log_lines_dropped", vec![("dropped", Value::Unsigned(dropped))]);
        let line = self.formatter.line(&record, handlers.unix_micros());
        if self.write_after_tear(line.as_bytes(), torn).is_err() {
            self.queue.put_back_dropped(dropped);
        }
    }

    /// A failed write may have left half a line behind; one record stays one line all the same.
    fn write_after_tear(&mut self, lines: &[u8], torn: &mut bool) -> io::Result<()> {
        if *torn {
            self.sink.write_lines(b"\n")?;
            *torn = false;
        }
        let result = self.sink.write_lines(lines);
        *torn = result.is_err();
        result
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::Clock;
    use super::super::console::ConsoleKind;
    use super::*;
    use crate::config::log::{HandlerConfig, LogConfig};
    use parking_lot::Mutex;

    /// Keeps what was written; fails as long as `broken`, after writing half of it.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<(Vec<u8>, bool)>>);

    impl Sink for Memory {
        fn write_lines(&mut self, lines: &[u8]) -> io::Result<()> {
            let (written, broken) = &mut *self.0.lock();
            if *broken {
                written.extend_from_slice(&lines[..lines.len() / 2]);
                return Err(io::ErrorKind::StorageFull.into());
            }
            written.extend_from_slice(lines);
            Ok(())
        }
    }

    #[test]
    fn lines_lost_to_a_full_disk_are_counted_and_told_on_a_fresh_line_later() {
        let silent = LogConfig {
            console: HandlerConfig {
                enable: false,
                ..HandlerConfig::default()
            },
            ..LogConfig::default()
        };
        let handlers = Handlers::new(&silent, ConsoleKind::Lines, Clock::system());
        let disk = Memory::default();
        let mut writer = Writer {
            queue: Arc::new(LineQueue::new(Arc::default())),
            sink: Box::new(disk.clone()),
            formatter: Arc::new(Formatter::with_priorities(&HandlerConfig::default())),
            handlers: Arc::downgrade(&handlers),
        };
        let mut torn = false;
        disk.0.lock().1 = true;
        writer.write(b"lost one\nlost number two\n", 2, &mut torn);
        writer.tell_dropped(&mut torn);
        disk.0.lock().1 = false;
        writer.write(b"kept\n", 1, &mut torn);
        writer.tell_dropped(&mut torn);

        let text = String::from_utf8(disk.0.lock().0.clone()).unwrap();
        assert_eq!(
            text,
            "lost one\nlos\nkept\n<4>[warning] msg: log_lines_dropped, dropped: 2\n"
        );
    }
}
