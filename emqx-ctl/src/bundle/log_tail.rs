//! The end of the daemon's log: of its file, otherwise of the journal.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use nix::fcntl::OFlag;

use crate::doctor::run_program;

/// Bytes of the log that go along.
pub const TAIL_BYTES_MAX: u64 = 1024 * 1024;
const JOURNAL_TIMEOUT: Duration = Duration::from_secs(10);
const JOURNALCTL: &str = "/usr/bin/journalctl";

/// The end of a log file. It is named by the daemon, so only a regular file of the daemon's own user is read: who
/// may write to the socket must not choose what root puts into a bundle.
///
/// # Errors
/// Why there is none, for the manifest.
pub fn of_file(path: &Path, daemon_uid: u32) -> Result<String, String> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path)
        .map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() || metadata.uid() != daemon_uid {
        return Err(format!("{} is no regular file of the daemon's user", path.display()));
    }
    let start = metadata.len().saturating_sub(TAIL_BYTES_MAX);
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes).map_err(failed)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match (start, text.split_once('\n')) {
        // The first line may be cut in the middle of a word that would have to be taken out.
        (1.., Some((_, whole_lines))) => whole_lines.to_owned(),
        _ => text,
    })
}

/// The end of the journal.
///
/// # Errors
/// Why there is none, for the manifest.
pub fn of_journal() -> Result<String, String> {
    let program = Path::new(JOURNALCTL);
    if !program.exists() {
        return Err("journalctl is not here".to_owned());
    }
    let arguments = [
        "--unit=emqxd",
        "--lines=2000",
        "--output=short-iso",
        "--no-pager",
        "--quiet",
    ];
    match run_program(program, &arguments, JOURNAL_TIMEOUT) {
        Some(said) if said.code == Some(0) && !said.stdout.trim().is_empty() => Ok(said.stdout),
        Some(said) if said.code == Some(0) => Err("the journal has no line of emqxd".to_owned()),
        Some(said) => Err(format!("journalctl failed: {}", said.stderr.trim())),
        None => Err("journalctl did not answer in time".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_of_a_regular_file_of_the_daemon_go_along() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqx.log");
        let line = format!("{}\n", "x".repeat(99));
        std::fs::write(&path, line.repeat(11_000)).unwrap();
        let uid = nix::unistd::geteuid().as_raw();
        let tail = of_file(&path, uid).unwrap();
        assert!(tail.len() as u64 <= TAIL_BYTES_MAX && tail.len() > 1_000_000);
        assert!(tail.lines().all(|line| line.len() == 99));
        assert!(of_file(&path, uid + 1).is_err(), "another user's file");
        assert!(of_file(folder.path(), uid).is_err(), "a folder");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(of_file(&link, uid).is_err(), "a link");
    }
}
