//! The file of `data export`: a compressed tar with `META.hocon` and one file of JSON rows for each table.
//!
//! What is read may come from anybody: entries are known names only, no links, bounded in number and size, whatever
//! their headers declare; nothing is ever unpacked into the file system.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::{Archive, Builder, EntryType, Header};

/// Tables that are exported, by EMQX's names.
pub const TABLES: [&str; 5] = [
    "emqx_admin",
    "emqx_banned",
    "emqx_acl",
    "emqx_authn_mnesia",
    "emqx_authn_scram_mnesia",
];

/// What `META.hocon` says of the kind of the rows.
const FORMAT: &str = "emqxd-rows-1";
/// Entries that are looked at; an export has fewer.
const ENTRIES_MAX: usize = 64;
/// Bytes of all entries, unpacked: a million users are some 250 MB.
const BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// The rows of a table.
#[derive(Debug)]
pub struct Table {
    /// One of [`TABLES`].
    pub name: &'static str,
    /// JSON objects.
    pub rows: Vec<String>,
}

impl Table {
    /// A table without rows.
    pub fn new(name: &'static str) -> Self {
        Self { name, rows: Vec::new() }
    }
}

/// Why a file is no export.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The system, or no archive at all.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It was made by something else.
    #[error("it is no export of emqxd: {0}")]
    Foreign(&'static str),
    /// An entry that no export has.
    #[error("the entry {0:?} is none of an export")]
    Entry(String),
    /// More than any export has.
    #[error("it has more than {0}")]
    TooMuch(&'static str),
}

/// Writes an export under a temporary name and renames it when it is on disk. Others may not read it.
pub fn write(path: &Path, stem: &str, tables: &[Table]) -> io::Result<()> {
    let mut temporary: OsString = path.into();
    temporary.push(".part");
    let temporary = PathBuf::from(temporary);
    let written = write_file(&temporary, stem, tables).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _there_may_be_none = fs::remove_file(&temporary);
        return written;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn write_file(path: &Path, stem: &str, tables: &[Table]) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut builder = Builder::new(GzEncoder::new(file, Compression::default()));
    let meta = format!(
        "version = \"{}\"\nedition = emqxd\nformat = \"{FORMAT}\"\n",
        env!("CARGO_PKG_VERSION")
    );
    append(&mut builder, &format!("{stem}/META.hocon"), meta.as_bytes())?;
    for table in tables {
        let mut text = table.rows.join("\n");
        text.push('\n');
        append(&mut builder, &format!("{stem}/mnesia/{}", table.name), text.as_bytes())?;
    }
    let mut file = builder.into_inner()?.finish()?;
    file.flush()?;
    file.sync_all()
}

fn append<W: Write>(builder: &mut Builder<W>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_size(bytes.len() as u64);
    builder.append_data(&mut header, name, bytes)
}

/// Reads an export.
///
/// # Errors
/// See [`ArchiveError`].
pub fn read(file: impl Read) -> Result<Vec<Table>, ArchiveError> {
    // One more than allowed tells a file that ends there from one that goes on.
    let limited = GzDecoder::new(file).take(BYTES_MAX + 1);
    let mut archive = Archive::new(limited);
    let mut tables = Vec::new();
    let mut is_ours = false;
    let mut bytes = 0;
    for (number, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        if number >= ENTRIES_MAX {
            return Err(ArchiveError::TooMuch("64 entries"));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        bytes += entry.size();
        if bytes > BYTES_MAX {
            return Err(ArchiveError::TooMuch("128 MiB"));
        }
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
        let is_stem = |stem: &str| stem.starts_with("emqx-export-") && stem != "..";
        match (kind, &*parts) {
            (EntryType::Directory, [stem] | [stem, "mnesia"]) if is_stem(stem) => {}
            (EntryType::Regular, [stem, "META.hocon"]) if is_stem(stem) => {
                is_ours = text_of(&mut entry, &name)?.contains(FORMAT);
                if !is_ours {
                    return Err(ArchiveError::Foreign(
                        "tables of EMQX are in Erlang's format, which only EMQX reads",
                    ));
                }
            }
            (EntryType::Regular, [stem, "mnesia", table]) if is_stem(stem) => {
                let known = TABLES.iter().find(|known| *known == table);
                let known = known.ok_or_else(|| ArchiveError::Entry(name.clone()))?;
                let text = text_of(&mut entry, &name)?;
                let rows = text.lines().filter(|line| !line.is_empty()).map(str::to_owned);
                tables.push(Table {
                    name: known,
                    rows: rows.collect(),
                });
            }
            _ => return Err(ArchiveError::Entry(name)),
        }
    }
    if is_ours {
        Ok(tables)
    } else {
        Err(ArchiveError::Foreign("it has no META.hocon"))
    }
}

fn text_of(entry: &mut impl Read, name: &str) -> Result<String, ArchiveError> {
    // Grows with what is there, not with what the header declares.
    let mut bytes = Vec::new();
    entry.take(BYTES_MAX).read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| ArchiveError::Entry(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn archive(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (name, kind, bytes) in entries {
            let mut header = Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            let field = &mut header.as_old_mut().name;
            field[..name.len()].copy_from_slice(name.as_bytes());
            if !matches!(kind, EntryType::Regular | EntryType::Directory) {
                header.as_old_mut().linkname[..11].copy_from_slice(b"/etc/passwd");
            }
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    const META: (&str, EntryType, &[u8]) = (
        "emqx-export-1/META.hocon",
        EntryType::Regular,
        b"format = \"emqxd-rows-1\"",
    );

    #[test]
    fn what_was_written_comes_back_and_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqx-export-1.tar.gz");
        let mut table = Table::new("emqx_banned");
        table.rows = vec!["{\"who\":1}".to_owned(), "{\"who\":2}".to_owned()];
        write(&path, "emqx-export-1", &[Table::new("emqx_admin"), table]).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let tables = read(File::open(&path).unwrap()).unwrap();
        assert_eq!(tables[0].rows, [""; 0]);
        assert_eq!(tables[1].rows, ["{\"who\":1}", "{\"who\":2}"]);
    }

    #[test]
    fn entries_that_no_export_has_are_refused() {
        for (name, kind) in [
            ("../../etc/passwd", EntryType::Regular),
            ("emqx-export-1/../x", EntryType::Regular),
            ("/emqx-export-1/mnesia/../../x", EntryType::Regular),
            ("emqx-export-1/mnesia/other", EntryType::Regular),
            ("emqx-export-1/mnesia/emqx_banned", EntryType::Symlink),
            ("emqx-export-1/mnesia/emqx_banned", EntryType::Link),
            ("emqx-export-1/mnesia/emqx_banned", EntryType::Fifo),
        ] {
            let bytes = archive(&[META, (name, kind, b"")]);
            assert!(matches!(read(&*bytes), Err(ArchiveError::Entry(_))), "{name} {kind:?}");
        }
    }

    #[test]
    fn what_is_no_archive_of_ours_is_told_apart() {
        let emqx = archive(&[("emqx-export-1/META.hocon", EntryType::Regular, b"version = \"5.8.0\"")]);
        assert!(matches!(read(&*emqx), Err(ArchiveError::Foreign(_))));
        assert!(matches!(read(&*archive(&[])), Err(ArchiveError::Foreign(_))));
        assert!(matches!(read(&b"no archive"[..]), Err(ArchiveError::Io(_))));
        let whole = archive(&[META]);
        assert!(read(&whole[..whole.len() / 2]).is_err());
    }

    #[test]
    fn a_bomb_is_put_down_before_it_goes_off() {
        let many: Vec<_> = (0..=ENTRIES_MAX)
            .map(|_| ("emqx-export-1/", EntryType::Directory, &b""[..]))
            .collect();
        assert!(matches!(read(&*archive(&many)), Err(ArchiveError::TooMuch(_))));
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_path("emqx-export-1/mnesia/emqx_banned").unwrap();
        header.set_size(u64::MAX / 4);
        header.set_cksum();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(header.as_bytes()).unwrap();
        let bytes = gzip.finish().unwrap();
        assert!(matches!(read(&*bytes), Err(ArchiveError::TooMuch(_))));
    }
}
