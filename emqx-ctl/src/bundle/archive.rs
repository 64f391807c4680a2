//! The file of a bundle: a compressed tar of the names in [`PARTS`].
//!
//! Written under another name with mode 0600 and put in its place when it is on disk, never over a file that is there
//! unless that was asked for. What is read may come from anybody: known names only, each once, no links, bounded in
//! number and size whatever the headers declare; nothing is unpacked into the file system.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::{Archive, Builder, EntryType, Header};

/// Every file that a bundle may hold, and what is in it.
pub const PARTS: [(&str, &str); 19] = [
    ("manifest.json", "this list"),
    (
        "facts.json",
        "what the checks look at: limits, permissions, kernel, how clients ended",
    ),
    ("doctor.json", "findings of emqx-ctl doctor"),
    ("status.json", "the node as a whole"),
    ("version.json", "versions"),
    ("listeners.json", "listeners and why connections ended"),
    ("stats.json", "statistics"),
    ("metrics.json", "counters"),
    ("disconnects.json", "connections that ended last"),
    ("errors.json", "malformed frames, without their payload"),
    ("events.json", "what happened on the node last"),
    ("config.json", "settings in force, secrets as ******"),
    ("license.json", "the licence, without its key"),
    ("admins.json", "administrators, without their passwords"),
    ("alarms.json", "alarms, active and over"),
    ("vm.json", "memory, load and descriptors"),
    ("retainer.json", "how much is retained"),
    ("log.txt", "the end of the log"),
    ("journal.txt", "the end of the journal"),
];

/// Entries that are looked at; a bundle has fewer.
const ENTRIES_MAX: usize = 32;
/// Bytes of all entries, unpacked.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of the archive's own blocks and padding, beyond the entries.
const OVERHEAD_MAX: u64 = 1024 * 1024;

/// Why a file is no bundle.
#[derive(Debug)]
pub enum ArchiveError {
    /// The system, or no archive at all.
    Io(io::Error),
    /// An entry that no bundle has.
    Entry(String),
    /// More than any bundle has.
    TooMuch(&'static str),
}

impl std::fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Entry(name) => write!(f, "the entry {name:?} is none of a bundle"),
            Self::TooMuch(what) => write!(f, "it has more than {what}"),
        }
    }
}

impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes the files into a bundle at `path`.
pub fn write(path: &Path, files: &[(&'static str, Vec<u8>)], overwrite: bool, now_ms: u64) -> io::Result<()> {
    let mut temporary: OsString = path.into();
    temporary.push(format!(".part-{}", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written = write_file(&temporary, files, now_ms).and_then(|()| match overwrite {
        true => fs::rename(&temporary, path),
        false => put_in_place(&temporary, path),
    });
    if written.is_err() || !overwrite {
        let _there_may_be_none = fs::remove_file(&temporary);
    }
    written
}

/// Never replaces what is there: a link, unlike a rename, fails then.
fn put_in_place(temporary: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(temporary, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without links; who makes the file at this very moment loses it.
        Err(_) if fs::symlink_metadata(path).is_err() => fs::rename(temporary, path),
        result => result,
    }
}

fn write_file(path: &Path, files: &[(&'static str, Vec<u8>)], now_ms: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut builder = Builder::new(GzEncoder::new(file, Compression::default()));
    for (name, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_mtime(now_ms / 1000);
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes.as_slice())?;
    }
    let mut file = builder.into_inner()?.finish()?;
    file.flush()?;
    file.sync_all()
}

/// Reads a bundle.
///
/// # Errors
/// See [`ArchiveError`].
pub fn read(file: impl Read) -> Result<Vec<(&'static str, Vec<u8>)>, ArchiveError> {
    let limited = GzDecoder::new(file).take(BYTES_MAX + OVERHEAD_MAX);
    let mut archive = Archive::new(limited);
    let mut files: Vec<(&'static str, Vec<u8>)> = Vec::new();
    let mut bytes_left = BYTES_MAX;
    for (number, entry) in archive.entries()?.raw(true).enumerate() {
        let mut entry = entry?;
        if number >= ENTRIES_MAX {
            return Err(ArchiveError::TooMuch("32 entries"));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let known = PARTS.iter().map(|(known, _)| *known).find(|known| *known == name);
        let is_new = !files.iter().any(|(read, _)| *read == name);
        let (Some(known), EntryType::Regular, true) = (known, entry.header().entry_type(), is_new) else {
            return Err(ArchiveError::Entry(name));
        };
        let mut bytes = Vec::new();
        (&mut entry).take(bytes_left + 1).read_to_end(&mut bytes)?;
        bytes_left = match bytes_left.checked_sub(bytes.len() as u64) {
            Some(left) => left,
            None => return Err(ArchiveError::TooMuch("64 MiB")),
        };
        files.push((known, bytes));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::unix::fs::MetadataExt;

    fn packed(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        for (name, kind, bytes) in entries {
            let mut header = Header::new_gnu();
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn a_bundle_is_for_its_owner_and_replaces_nothing_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.tar.gz");
        let files = [("manifest.json", b"{}".to_vec()), ("log.txt", b"x\n".to_vec())];
        write(&path, &files, false, 1).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(read(File::open(&path).unwrap()).unwrap(), files);
        let refused = write(&path, &files, false, 1).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        write(&path, &files[..1], true, 1).unwrap();
        assert_eq!(read(File::open(&path).unwrap()).unwrap().len(), 1);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left behind"
        );
    }

    #[test]
    fn what_no_bundle_has_is_refused() {
        let good: &[u8] = b"{}";
        for (entries, is_good) in [
            (vec![("facts.json", EntryType::Regular, good)], true),
            (vec![("../facts.json", EntryType::Regular, good)], false),
            (vec![("/etc/passwd", EntryType::Regular, good)], false),
            (vec![("facts.json/x", EntryType::Regular, good)], false),
            (vec![("facts.json", EntryType::Symlink, b"".as_slice())], false),
            (vec![("facts.json", EntryType::Link, b"".as_slice())], false),
            (vec![("facts.json", EntryType::Directory, b"".as_slice())], false),
            (
                vec![("facts.json", EntryType::GNULongName, b"log.txt".as_slice())],
                false,
            ),
            (vec![("facts.json", EntryType::Regular, good); 2], false),
        ] {
            let shown: Vec<_> = entries.iter().map(|(name, kind, _)| (*name, *kind)).collect();
            assert_eq!(read(packed(&entries).as_slice()).is_ok(), is_good, "{shown:?}");
        }
        assert!(read(b"no archive".as_slice()).is_err());
    }

    #[test]
    fn a_small_file_that_unpacks_to_much_is_refused() {
        let zeros = vec![0; (BYTES_MAX + 1) as usize];
        let bomb = packed(&[("log.txt", EntryType::Regular, &zeros)]);
        assert!(bomb.len() < 1024 * 1024);
        assert!(matches!(read(bomb.as_slice()), Err(ArchiveError::TooMuch(_))));
    }
}
