//! A log file that is rotated by size: `emqx.log`, older ones `emqx.log.1`, `emqx.log.2`, ...
//!
//! Owned by one writer thread. The file is created for the daemon and its group only (0640, its
//! folder 0750), never opened through a symbolic link, and opened again when someone else moved
//! or removed it, so logrotate and `rm` do no harm.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;

use super::writer::Sink;

const FILE_MODE: u32 = 0o640;
const FOLDER_MODE: u32 = 0o750;
/// How often the path is compared with the open file.
const MOVED_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The file a handler writes to.
#[derive(Debug)]
pub(super) struct RotatingFile {
    path: PathBuf,
    /// How many older files are kept.
    rotation_count: u32,
    /// Size in bytes at which the file is rotated; `None` is never.
    rotation_size: Option<u64>,
    file: File,
    size: u64,
    /// Rotated when `size` would pass this; grows when a rotation fails, so that a folder
    /// without write permission costs one attempt for each `rotation_size`.
    rotate_at: u64,
    moved_checked: Instant,
}

impl RotatingFile {
    /// Opens `path` for appending; creates it, and its folder, if need be.
    pub(super) fn open(path: &Path, rotation_count: u32, rotation_size: Option<u64>) -> io::Result<Self> {
        let (file, size) = open_for_append(path)?;
        Ok(Self {
            path: path.to_owned(),
            rotation_count,
            rotation_size,
            file,
            size,
            rotate_at: rotation_size.unwrap_or(u64::MAX),
            moved_checked: Instant::now(),
        })
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.write_all(lines)?;
        self.size += lines.len() as u64;
        Ok(())
    }

    /// Starts a new file; if that fails the old one goes on growing.
    fn rotate(&mut self) {
        match self.shift_files().and_then(|()| open_for_append(&self.path)) {
            Ok((file, size)) => {
                (self.file, self.size) = (file, size);
                self.rotate_at = self.rotation_size.unwrap_or(u64::MAX);
            }
            Err(_) => {
                let step = self.rotation_size.unwrap_or(u64::MAX).max(1);
                self.rotate_at = self.size.saturating_add(step);
            }
        }
    }

    /// `.2` becomes `.3`, `.1` becomes `.2`, the file itself becomes `.1`.
    fn shift_files(&self) -> io::Result<()> {
        if self.rotation_count == 0 {
            return ignore_missing(fs::remove_file(&self.path));
        }
        for number in (1..self.rotation_count).rev() {
            ignore_missing(fs::rename(self.rotated(number), self.rotated(number + 1)))?;
        }
        ignore_missing(fs::rename(&self.path, self.rotated(1)))
    }

    fn rotated(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }

    /// Follows the path if it no longer leads to the open file.
    fn reopen_if_moved(&mut self) {
        if self.moved_checked.elapsed() < MOVED_CHECK_INTERVAL {
            return;
        }
        self.moved_checked = Instant::now();
        let Ok(open) = self.file.metadata() else { return };
        let moved = match fs::symlink_metadata(&self.path) {
            Ok(there) => (there.dev(), there.ino()) != (open.dev(), open.ino()),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if moved && let Ok((file, size)) = open_for_append(&self.path) {
            (self.file, self.size) = (file, size);
        }
    }
}

impl Sink for RotatingFile {
    fn write_lines(&mut self, mut lines: &[u8]) -> io::Result<()> {
        self.reopen_if_moved();
        while !lines.is_empty() {
            let room = self.rotate_at.saturating_sub(self.size);
            let fitting = whole_lines_within(lines, room);
            if fitting == 0 && self.size > 0 {
                self.rotate();
            }
            // A line longer than a whole file is written all the same.
            let fitting = if fitting == 0 { first_line(lines) } else { fitting };
            let (now, later) = lines.split_at(fitting);
            self.append(now)?;
            lines = later;
        }
        Ok(())
    }
}

/// Length of the whole lines at the start of `lines` that together have at most `room` bytes.
fn whole_lines_within(lines: &[u8], room: u64) -> usize {
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    if lines.len() <= room {
        return lines.len();
    }
    lines[..room]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |last| last + 1)
}

fn first_line(lines: &[u8]) -> usize {
    lines
        .iter()
        .position(|&byte| byte == b'\n')
        .map_or(lines.len(), |end| end + 1)
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn open_for_append(path: &Path) -> io::Result<(File, u64)> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
    }
    // O_NONBLOCK: opening a FIFO that nobody reads must fail, not wait; regular files ignore it.
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(FILE_MODE)
        .custom_flags(flags.bits())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok((file, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_else(|error| format!("<{:?}>", error.kind()))
    }

    #[test]
    fn files_are_rotated_by_size_and_only_as_many_as_wanted_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqx.log");
        let mut file = RotatingFile::open(&path, 2, Some(10)).unwrap();
        for line in ["first\n", "2nd\n", "third\n", "fourth\n", "fifth\n"] {
            file.write_lines(line.as_bytes()).unwrap();
        }
        assert_eq!(read(&path), "fifth\n");
        assert_eq!(read(&folder.path().join("emqx.log.1")), "fourth\n");
        assert_eq!(read(&folder.path().join("emqx.log.2")), "third\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_batch_is_cut_between_lines_and_a_line_longer_than_a_file_stays_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqx.log");
        let mut file = RotatingFile::open(&path, 9, Some(8)).unwrap();
        file.write_lines(b"a\nbb\nccc\nmuch longer than eight\nd\n").unwrap();
        let texts: Vec<String> = [".3", ".2", ".1", ""]
            .iter()
            .map(|end| read(&folder.path().join(format!("emqx.log{end}"))))
            .collect();
        assert_eq!(texts, ["a\nbb\n", "ccc\n", "much longer than eight\n", "d\n"]);
    }

    #[test]
    fn an_existing_file_is_continued_and_its_size_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqx.log");
        fs::write(&path, "12345678\n").unwrap();
        let mut file = RotatingFile::open(&path, 1, Some(10)).unwrap();
        file.write_lines(b"next\n").unwrap();
        assert_eq!(read(&path), "next\n");
        assert_eq!(read(&folder.path().join("emqx.log.1")), "12345678\n");
    }

    #[test]
    fn with_no_files_to_keep_the_old_one_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqx.log");
        let mut file = RotatingFile::open(&path, 0, Some(4)).unwrap();
        file.write_lines(b"one\ntwo\n").unwrap();
        assert_eq!(read(&path), "two\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_and_its_folder_are_closed_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log/emqx.log");
        let _file = RotatingFile::open(&path, 1, None).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path) & 0o027, 0, "others read or the group writes the file");
        assert_eq!(mode(path.parent().unwrap()) & 0o027, 0);
    }

    #[test]
    fn a_symbolic_link_a_fifo_and_a_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(RotatingFile::open(&link, 1, None).is_err());
        assert!(!target.exists());

        let fifo = folder.path().join("fifo");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(RotatingFile::open(&fifo, 1, None).is_err());
        assert!(RotatingFile::open(folder.path(), 1, None).is_err());
    }

    #[test]
    fn a_file_that_was_moved_away_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqx.log");
        let mut file = RotatingFile::open(&path, 1, None).unwrap();
        file.write_lines(b"before\n").unwrap();
        fs::rename(&path, folder.path().join("taken")).unwrap();
        let Some(long_ago) = Instant::now().checked_sub(MOVED_CHECK_INTERVAL) else {
            return; // a machine that started less than a second ago
        };
        file.moved_checked = long_ago;
        file.write_lines(b"after\n").unwrap();
        assert_eq!(read(&path), "after\n");
    }
}
