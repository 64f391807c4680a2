//! `<data>/license`: the licence that an operator put in force, as a file for people, and those before it.
//!
//! The replicated state decides which licence holds; this is a copy of it that can be read, mailed and carried to
//! another node, and what is left if the state is lost. Written as a whole or not at all: a new file beside it,
//! synced, then renamed, so a crash leaves the old or the new one. Links in its way are replaced, never followed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use emqx_license::{Date, KEY_BYTES_MAX};

const LICENSE_FILE: &str = "emqx.lic";
const NEW_FILE: &str = "emqx.lic.new";
/// Previous licences kept; the oldest goes first.
const BACKUPS_MAX: usize = 100;
/// Licences put in force within one second that still get a backup of their own.
const SAME_SECOND_MAX: u32 = 1000;

/// The folder.
#[derive(Debug, Clone)]
pub struct LicenseFolder {
    path: PathBuf,
}

impl LicenseFolder {
    /// The one of a data folder; made when something is written.
    pub fn of(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join("license"),
        }
    }

    /// Where the licence is kept.
    pub fn file(&self) -> PathBuf {
        self.path.join(LICENSE_FILE)
    }

    /// The text kept; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read, or is no regular file of a sensible size.
    pub fn read(&self) -> io::Result<Option<String>> {
        match read_bounded(&self.file()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        }
    }

    /// Puts `text` in the place of what is there, which stays as `emqx.lic.<time>`; gives that name.
    ///
    /// # Errors
    /// The system refuses; then the file is as it was.
    pub fn replace(&self, text: &str, now_ms: u64) -> io::Result<Option<PathBuf>> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
        let new = self.path.join(NEW_FILE);
        // What a crash left behind; or what somebody put there to have it written through.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let replaced = write_new(&new, text).and_then(|()| {
            let backup = self.back_up(now_ms)?;
            fs::rename(&new, self.file())?;
            Ok(backup)
        });
        let backup = replaced.inspect_err(|_| {
            // Half a licence on a full disk is of no use, and takes room.
            let _it_may_not_be_there = fs::remove_file(&new);
        })?;
        File::open(&self.path)?.sync_all()?;
        self.forget_oldest();
        Ok(backup)
    }

    /// Puts what is there aside: it stays as `emqx.lic.<time>`, and there is no `emqx.lic` any more. Gives that name.
    ///
    /// # Errors
    /// The system refuses; then the file is as it was.
    pub fn retire(&self, now_ms: u64) -> io::Result<Option<PathBuf>> {
        let Some(backup) = self.back_up(now_ms)? else {
            return Ok(None);
        };
        fs::remove_file(self.file())?;
        File::open(&self.path)?.sync_all()?;
        self.forget_oldest();
        Ok(Some(backup))
    }

    /// Keeps a licence that could not be put in force as a backup of its own, unless it is there already; gives its name.
    ///
    /// # Errors
    /// The system refuses.
    pub fn keep_aside(&self, text: &str, now_ms: u64) -> io::Result<PathBuf> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
        for (_, _, path) in self.backups() {
            if read_bounded(&path).is_ok_and(|kept| kept.trim() == text.trim()) {
                return Ok(path);
            }
        }
        let kept = self.first_free(now_ms, |backup| write_new(backup, text))?;
        File::open(&self.path)?.sync_all()?;
        self.forget_oldest();
        Ok(kept)
    }

    /// Gives the present file a second name, so that at no moment there is none.
    fn back_up(&self, now_ms: u64) -> io::Result<Option<PathBuf>> {
        match self.first_free(now_ms, |backup| fs::hard_link(self.file(), backup)) {
            Ok(backup) => Ok(Some(backup)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a backup under the first name of this second that is free.
    fn first_free(&self, now_ms: u64, make: impl Fn(&Path) -> io::Result<()>) -> io::Result<PathBuf> {
        let stamp = timestamp(now_ms);
        for number in 0..SAME_SECOND_MAX {
            let name = match number {
                0 => format!("{LICENSE_FILE}.{stamp}"),
                _ => format!("{LICENSE_FILE}.{stamp}.{number}"),
            };
            let backup = self.path.join(name);
            match make(&backup) {
                Ok(()) => return Ok(backup),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "too many licences within one second",
        ))
    }

    /// Keeps the number of backups bounded. One that stays by mistake does no harm.
    fn forget_oldest(&self) {
        let mut backups = self.backups();
        let surplus = backups.len().saturating_sub(BACKUPS_MAX);
        for (_, _, path) in backups.drain(..surplus) {
            let _it_may_be_gone = fs::remove_file(path);
        }
    }

    /// The backups, oldest first: the time in the name, the number within that second, the path.
    fn backups(&self) -> Vec<(String, u32, PathBuf)> {
        let Ok(entries) = fs::read_dir(&self.path) else {
            return Vec::new();
        };
        let prefix = format!("{LICENSE_FILE}.");
        let mut backups: Vec<(String, u32, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let stamp = name.strip_prefix(&prefix)?;
                let (stamp, number) = stamp.split_once('.').unwrap_or((stamp, "0"));
                let is_stamp = stamp.len() == 14 && stamp.bytes().all(|byte| byte.is_ascii_digit());
                Some((stamp.to_owned(), number.parse().ok()?, entry.path())).filter(|_| is_stamp)
            })
            .collect();
        backups.sort_unstable();
        backups
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(path)?;
    file.write_all(format!("{text}\n").as_bytes())?;
    file.sync_all()
}

/// Reads a regular file that may hold a key; never waits, as opening a pipe would.
///
/// # Errors
/// It cannot be opened, is something else, or is too long.
pub fn read_bounded(path: &Path) -> io::Result<String> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY | nix::libc::O_CLOEXEC)
        .open(path)?;
    let invalid = |why| io::Error::new(io::ErrorKind::InvalidData, why);
    if !file.metadata()?.is_file() {
        return Err(invalid("it is no regular file"));
    }
    let mut bytes = Vec::new();
    file.take(KEY_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > KEY_BYTES_MAX {
        return Err(invalid("it is longer than any licence"));
    }
    String::from_utf8(bytes).map_err(|_| invalid("it is no text"))
}

/// `YYYYMMDDHHMMSS`, in UTC.
fn timestamp(unix_ms: u64) -> String {
    let seconds = unix_ms / 1000;
    let (hours, minutes, rest) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{}{hours:02}{minutes:02}{rest:02}", Date::of_unix(seconds).compact())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    const NOW_MS: u64 = 1_729_477_310_000; // 2024-10-21 02:21:50

    fn names(folder: &LicenseFolder) -> Vec<String> {
        let entries = fs::read_dir(&folder.path).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_licence_is_there_as_a_whole_and_every_old_one_is_kept() {
        let data = tempfile::tempdir().unwrap();
        let folder = LicenseFolder::of(data.path());
        assert_eq!(folder.read().unwrap(), None);
        for text in ["one", "two", "three"] {
            folder.replace(text, NOW_MS).unwrap();
        }
        assert_eq!(folder.read().unwrap().as_deref(), Some("three\n"));
        let kept = ["emqx.lic", "emqx.lic.20241021022150", "emqx.lic.20241021022150.1"];
        assert_eq!(names(&folder), kept);
        assert_eq!(fs::read_to_string(folder.path.join(kept[1])).unwrap(), "one\n");
        assert_eq!(fs::read_to_string(folder.path.join(kept[2])).unwrap(), "two\n");
        let mode = fs::metadata(folder.file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn one_that_is_put_aside_can_still_be_read() {
        let data = tempfile::tempdir().unwrap();
        let folder = LicenseFolder::of(data.path());
        assert_eq!(folder.retire(NOW_MS).unwrap(), None, "nothing is there");
        folder.replace("one", NOW_MS).unwrap();
        let backup = folder.retire(NOW_MS).unwrap().unwrap();
        assert_eq!(folder.read().unwrap(), None);
        assert_eq!(fs::read_to_string(backup).unwrap(), "one\n");
        assert_eq!(names(&folder), ["emqx.lic.20241021022150"]);
    }

    #[test]
    fn links_in_the_way_are_replaced_and_not_followed() {
        let data = tempfile::tempdir().unwrap();
        let victim = data.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        let folder = LicenseFolder::of(data.path());
        fs::create_dir(&folder.path).unwrap();
        symlink(&victim, folder.file()).unwrap();
        symlink(&victim, folder.path.join(NEW_FILE)).unwrap();
        folder.replace("new", NOW_MS).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert!(fs::symlink_metadata(folder.file()).unwrap().is_file());
    }

    #[test]
    fn what_is_no_file_with_a_key_is_refused_without_waiting() {
        let data = tempfile::tempdir().unwrap();
        let pipe = data.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let long = data.path().join("long");
        fs::write(&long, vec![b'A'; KEY_BYTES_MAX + 1]).unwrap();
        for path in [&pipe, &long, &data.path().to_owned(), &PathBuf::from("/dev/zero")] {
            let kind = read_bounded(path).unwrap_err().kind();
            assert_eq!(kind, io::ErrorKind::InvalidData, "{}", path.display());
        }
    }

    #[test]
    fn what_could_not_be_put_in_force_is_kept_once() {
        let data = tempfile::tempdir().unwrap();
        let folder = LicenseFolder::of(data.path());
        let kept = folder.keep_aside("refused", NOW_MS).unwrap();
        assert_eq!(fs::read_to_string(&kept).unwrap(), "refused\n");
        folder.replace("in force", NOW_MS).unwrap();
        assert_eq!(folder.keep_aside("refused", NOW_MS + 5000).unwrap(), kept);
        assert_ne!(folder.keep_aside("another", NOW_MS).unwrap(), kept);
        assert_eq!(folder.read().unwrap().unwrap().trim(), "in force");
        assert_eq!(names(&folder).len(), 3);
    }

    #[test]
    fn old_backups_go_when_there_are_too_many() {
        let data = tempfile::tempdir().unwrap();
        let folder = LicenseFolder::of(data.path());
        for number in 0..BACKUPS_MAX as u64 + 5 {
            folder.replace(&number.to_string(), NOW_MS + number * 1000).unwrap();
        }
        assert_eq!(names(&folder).len(), BACKUPS_MAX + 1);
        assert!(!folder.path.join("emqx.lic.20241021022150").exists());
    }
}
