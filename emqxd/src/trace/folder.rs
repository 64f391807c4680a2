//! The daemon's own trace folder, `<data>/trace`: the files of named traces, and a list of those traces, so that
//! they go on after a restart.
//!
//! Names of files are made of names that were checked, opened below the folder without following links. The list is
//! small JSON, written beside and renamed: a crash leaves the old one or the new one.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use emqx_shared::request::is_trace_name;
use emqx_shared::{ErrorCode, Failure};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;
use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};

use super::descriptor;
use super::writer::Quota;

/// Bytes of all files together.
const QUOTA_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// The list of traces.
const LIST_FILE: &str = "traces.json";
/// A list is shorter; a larger file is not ours.
const LIST_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The folder.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    used: Arc<AtomicU64>,
}

/// A trace as the list keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) name: String,
    /// EMQX's atom.
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) level: String,
    pub(super) formatter: String,
    pub(super) payload_encode: String,
    pub(super) payload_limit: usize,
    pub(super) rate: Option<u32>,
    pub(super) max_bytes: u64,
    pub(super) started_at_ms: u64,
    pub(super) ends_at_ms: u64,
    /// Why it stopped, if it did.
    pub(super) stopped: Option<String>,
    pub(super) file: String,
}

impl Folder {
    /// The folder below a data folder; it is made when it is first needed.
    pub(super) fn below(data_dir: &Path) -> Self {
        let folder = Self {
            path: data_dir.join("trace"),
            used: Arc::default(),
        };
        folder.used.store(folder.measure(), Ordering::Relaxed);
        folder
    }

    /// EMQX's name for the file of a trace: `trace_<name>_<date>.log`, the date of its start here.
    pub(super) fn file_name(name: &str, started_at_ms: u64) -> String {
        let started_at = Timestamp::from_millisecond(i64::try_from(started_at_ms).unwrap_or(0)).unwrap_or_default();
        let date = TimeZone::system().to_datetime(started_at).date();
        format!("trace_{name}_{date}.log")
    }

    /// The path as it is shown.
    pub(super) fn shown(&self, file_name: &str) -> String {
        self.path.join(file_name).display().to_string()
    }

    pub(super) fn quota(&self) -> Quota {
        Quota {
            used: Arc::clone(&self.used),
            limit: QUOTA_BYTES,
        }
    }

    /// Opens a file for appending, making it if it is not there.
    ///
    /// # Errors
    /// `Io` and `BadDescriptor`, with the path; `Busy` when the folder is full.
    pub(super) fn open(&self, file_name: &str, max_bytes: u64) -> Result<File, Failure> {
        let failed = |error: io::Error| {
            Failure::new(ErrorCode::Io, format!("cannot write {}", self.shown(file_name))).why(error.to_string())
        };
        self.make().map_err(failed)?;
        let used = self.measure();
        self.used.store(used, Ordering::Relaxed);
        if used >= QUOTA_BYTES {
            return Err(Failure::new(ErrorCode::Busy, "the trace folder is full")
                .why(format!("{} has {used} bytes of {QUOTA_BYTES}", self.path.display()))
                .next("emqx-ctl traces delete NAME"));
        }
        let directory = self.directory().map_err(failed)?;
        let flags = OFlag::O_WRONLY | OFlag::O_APPEND | OFlag::O_CREAT | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        // Whatever may have been put there: a pipe must not hold us up, and is refused below.
        let flags = flags | OFlag::O_NONBLOCK;
        let mode = Mode::S_IRUSR | Mode::S_IWUSR | Mode::S_IRGRP;
        let descriptor = openat(&directory, file_name, flags, mode).map_err(|errno| failed(errno.into()))?;
        let mut file = descriptor::check(descriptor, geteuid().as_raw(), max_bytes)?;
        end_torn_line(&directory, file_name, &mut file).map_err(failed)?;
        Ok(file)
    }

    /// Removes a file of a trace.
    pub(super) fn remove(&self, file_name: &str) {
        match fs::remove_file(self.path.join(file_name)) {
            Ok(()) => self.used.store(self.measure(), Ordering::Relaxed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(file = %self.shown(file_name), reason = %error, "trace_file_not_removed");
            }
        }
    }

    /// Keeps the list, all of it or the old one.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn keep(&self, traces: &[Kept]) -> io::Result<()> {
        let path = self.path.join(LIST_FILE);
        if traces.is_empty() && !path.exists() {
            return Ok(());
        }
        self.make()?;
        let new = path.with_extension("json.new");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o640)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(&new)?;
        file.write_all(serde_json::to_string_pretty(traces)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(&self.path)?.sync_all()
    }

    /// The list as it was kept; entries that make no sense are left out and logged.
    pub(super) fn kept(&self) -> Vec<Kept> {
        let path = self.path.join(LIST_FILE);
        let read = || -> io::Result<Vec<Kept>> {
            let mut text = String::new();
            File::open(&path)?.take(LIST_BYTES_MAX).read_to_string(&mut text)?;
            Ok(serde_json::from_str(&text)?)
        };
        let mut kept = match read() {
            Ok(kept) => kept,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                tracing::error!(file = %path.display(), reason = %error, "traces_not_read");
                return Vec::new();
            }
        };
        kept.retain(|each| is_trace_name(&each.name) && each.file == Self::file_name_like(&each.name, &each.file));
        kept
    }

    /// `file` if it could be the file of `name`, else something it is not.
    fn file_name_like<'a>(name: &str, file: &'a str) -> &'a str {
        let date = file
            .strip_prefix("trace_")
            .and_then(|rest| rest.strip_prefix(name)?.strip_prefix('_')?.strip_suffix(".log"));
        match date {
            Some(date) if date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => file,
            _ => "",
        }
    }

    fn make(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o750).create(&self.path)
    }

    fn directory(&self) -> io::Result<File> {
        let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW;
        fs::OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits())
            .open(&self.path)
    }

    /// Bytes of the trace files there.
    fn measure(&self) -> u64 {
        let Ok(entries) = fs::read_dir(&self.path) else {
            return 0;
        };
        let sizes = entries.flatten().filter_map(|entry| {
            let is_trace = entry.file_name().to_string_lossy().starts_with("trace_");
            entry
                .metadata()
                .ok()
                .filter(|_| is_trace)
                .map(|metadata| metadata.len())
        });
        sizes.sum()
    }
}

/// A crash may have left half a line: the next begins on a fresh one.
fn end_torn_line(directory: &File, file_name: &str, file: &mut File) -> io::Result<()> {
    let size = file.metadata()?.size();
    if size == 0 {
        return Ok(());
    }
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let reader: File = openat(directory, file_name, flags, Mode::empty())?.into();
    let mut last = [b'\n'];
    std::os::unix::fs::FileExt::read_at(&reader, &mut last, size - 1)?;
    match last {
        [b'\n'] => Ok(()),
        _ => file.write_all(b"\n"),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn kept(name: &str, file: &str) -> Kept {
        Kept {
            name: name.to_owned(),
            kind: "clientid".to_owned(),
            value: "c".to_owned(),
            level: "debug".to_owned(),
            formatter: "text".to_owned(),
            payload_encode: "text".to_owned(),
            payload_limit: 1024,
            rate: None,
            max_bytes: 1,
            started_at_ms: 2,
            ends_at_ms: 3,
            stopped: None,
            file: file.to_owned(),
        }
    }

    #[test]
    fn a_list_is_read_back_without_what_leads_out_of_the_folder() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::below(data.path());
        assert!(folder.kept().is_empty());
        let good = kept("a", "trace_a_2024-11-19.log");
        let bad = [
            kept("b", "../../etc/passwd"),
            kept("b", "trace_b_/../x.log"),
            kept("../b", "trace_../b_1.log"),
            kept("b", "trace_a_2024-11-19.log"),
        ];
        let mut all = vec![good.clone()];
        all.extend(bad);
        folder.keep(&all).unwrap();
        assert_eq!(folder.kept(), [good]);
        fs::write(data.path().join("trace/traces.json"), "{").unwrap();
        assert!(folder.kept().is_empty());
    }

    #[test]
    fn a_file_is_appended_to_on_a_fresh_line() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::below(data.path());
        folder
            .open("trace_a_1.log", 100)
            .unwrap()
            .write_all(b"half a li")
            .unwrap();
        folder
            .open("trace_a_1.log", 100)
            .unwrap()
            .write_all(b"whole\n")
            .unwrap();
        folder.open("trace_a_1.log", 100).unwrap().write_all(b"more\n").unwrap();
        let text = fs::read_to_string(data.path().join("trace/trace_a_1.log")).unwrap();
        assert_eq!(text, "half a li\nwhole\nmore\n");
        folder.remove("trace_a_1.log");
        assert_eq!(folder.measure(), 0);
    }

    #[test]
    fn what_was_put_in_a_file_s_place_is_not_written_to() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::below(data.path());
        folder.make().unwrap();
        let target = data.path().join("precious");
        fs::write(&target, "x").unwrap();
        symlink(&target, data.path().join("trace/trace_link_1.log")).unwrap();
        fs::hard_link(&target, data.path().join("trace/trace_hard_1.log")).unwrap();
        let fifo = data.path().join("trace/trace_fifo_1.log");
        nix::unistd::mkfifo(&fifo, Mode::S_IRWXU).unwrap();
        fs::create_dir(data.path().join("trace/trace_dir_1.log")).unwrap();
        for name in ["link", "hard", "fifo", "dir"] {
            assert!(folder.open(&format!("trace_{name}_1.log"), 100).is_err(), "{name}");
        }
        assert_eq!(fs::read_to_string(&target).unwrap(), "x");
    }
}
