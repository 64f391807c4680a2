//! The console: standard error, or the journal when systemd has connected standard error with it.

use std::io::{self, Write};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::fstat;

use super::journal::JournalSocket;
use super::writer::Sink;

/// How long a full pipe may stay full before lines are given up.
const FULL_PIPE_WAIT_MS: u16 = 1000;

/// Writes to standard error.
///
/// A pipe in non-blocking mode, which a parent process may have left us, is waited for.
#[derive(Debug, Default)]
pub(super) struct Console;

impl Sink for Console {
    fn write_lines(&mut self, mut lines: &[u8]) -> io::Result<()> {
        let mut stderr = io::stderr();
        while !lines.is_empty() {
            match stderr.write(lines) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => lines = &lines[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let mut room = [PollFd::new(stderr.as_fd(), PollFlags::POLLOUT)];
                    if poll(&mut room, PollTimeout::from(FULL_PIPE_WAIT_MS))? == 0 {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Where the console's lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConsoleKind {
    /// A terminal, a file, a pipe: lines.
    Lines,
    /// Standard error leads to the journal, whose socket is not there: lines with priorities.
    JournalStream,
    /// The journal's socket.
    Journal,
}

impl ConsoleKind {
    /// What this process has.
    pub(super) fn find() -> Self {
        match is_journal() {
            false => Self::Lines,
            true if JournalSocket::open().is_ok() => Self::Journal,
            true => Self::JournalStream,
        }
    }
}

/// Whether standard error leads to the journal.
///
/// systemd names the device and inode of the stream it made in `JOURNAL_STREAM`; a shell below a
/// service inherits the variable, so only the comparison tells (systemd.exec(5)).
pub(super) fn is_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    fstat(io::stderr()).is_ok_and(|status| names_stream(&stream, status.st_dev, status.st_ino))
}

fn names_stream(journal_stream: &str, device: u64, inode: u64) -> bool {
    journal_stream
        .split_once(':')
        .is_some_and(|(wanted_device, wanted_inode)| {
            wanted_device.parse() == Ok(device) && wanted_inode.parse() == Ok(inode)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_is_known_by_device_and_inode() {
        assert!(names_stream("9:45678", 9, 45678));
        assert!(!names_stream("9:45678", 9, 1));
        assert!(!names_stream("8:45678", 9, 45678));
        for nonsense in ["", ":", "9", "9:", "x:y", "9:45678:1"] {
            assert!(!names_stream(nonsense, 9, 45678), "{nonsense:?}");
        }
    }
}
