//! All facts and accounts as a file: what a node is given that joins, or has been away for long.
//!
//! A line each, as JSON: the format, the rows, the end with the number of rows and the CRC-32 of all lines before. It is
//! read into new files beside those in use; [`super::machine`] puts them in their places when all of it is whole.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::access_rules::StoredRules;
use super::facts::{Facts, StoredLicense};
use super::store::{Store, StoreError};
use super::user::{User, UserTable};
use super::users::{FrozenUsers, IncomingUsers};
use super::{Admin, Ban, HolderRules};

/// The format written.
const FORMAT: u32 = 1;
/// Longest line: the rules of one holder, with topics of 64 KiB, are the longest there can be.
const LINE_BYTES_MAX: u64 = 32 << 20;

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Begin { format: u32, applied: u64 },
    License(StoredLicense),
    PastLicense(StoredLicense),
    ClockMark(u64),
    Listeners(BTreeMap<String, bool>),
    StruckOff(Vec<u64>),
    Admin(Admin),
    Ban(Ban),
    AccessRules(StoredRules),
    DecoySecret([u8; 32]),
    User(User),
    End { rows: u64, checksum: u32 },
}

/// What was read, in files that are not in use yet.
pub(super) struct Installed {
    /// The facts. The accounts lie at [`incoming`].
    pub(super) store: PathBuf,
}

/// Where the accounts of a snapshot are until they take the place of those at `users`.
pub(super) fn incoming(users: &Path) -> PathBuf {
    users.with_extension("redb.incoming")
}

/// Where its facts are until they take the place of those at `store`.
pub(super) fn incoming_store(store: &Path) -> PathBuf {
    store.with_extension("redb.incoming")
}

/// Writes all there is.
pub(super) fn write(to: &mut dyn Write, applied: u64, facts: &Facts, users: &FrozenUsers) -> io::Result<()> {
    let mut lines = Lines {
        to,
        checksum: crc32fast::Hasher::new(),
        rows: 0,
    };
    let format = FORMAT;
    lines.write(&Line::Begin { format, applied })?;
    lines.write_facts(facts)?;
    if let Some(secret) = users.decoy_secret().map_err(io::Error::other)? {
        lines.write(&Line::DecoySecret(secret))?;
    }
    for table in UserTable::ALL {
        for user in users.of(table).map_err(io::Error::other)? {
            lines.write(&Line::User(user.map_err(io::Error::other)?))?;
        }
    }
    let (rows, checksum) = (lines.rows, lines.checksum.clone().finalize());
    lines.write(&Line::End { rows, checksum })
}

/// The beginning of the SHA-256 of all facts, in hexadecimal: nodes that hold the same give the same. The accounts are not
/// in it, which lie on disk.
pub(super) fn sum(facts: &Facts) -> String {
    let mut hashed = Hashed(Sha256::new());
    let mut lines = Lines {
        to: &mut hashed,
        checksum: crc32fast::Hasher::new(),
        rows: 0,
    };
    if let Err(error) = lines.write_facts(facts) {
        return format!("none: {error}");
    }
    hashed
        .0
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Takes lines for their sum only.
struct Hashed(Sha256);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Lines<'a> {
    to: &'a mut dyn Write,
    checksum: crc32fast::Hasher,
    rows: u64,
}

impl Lines<'_> {
    fn write(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.checksum.update(&text);
        self.rows += 1;
        self.to.write_all(&text)
    }

    fn write_facts(&mut self, facts: &Facts) -> io::Result<()> {
        if let Some(license) = &facts.license {
            self.write(&Line::License(StoredLicense::clone(license)))?;
        }
        for license in facts.license_history.iter() {
            self.write(&Line::PastLicense(StoredLicense::clone(license)))?;
        }
        self.write(&Line::ClockMark(facts.clock_mark_ms))?;
        self.write(&Line::Listeners(BTreeMap::clone(&facts.listeners)))?;
        if !facts.struck_off.is_empty() {
            self.write(&Line::StruckOff(Vec::clone(&facts.struck_off)))?;
        }
        for admin in facts.admins.values() {
            self.write(&Line::Admin(Admin::clone(admin)))?;
        }
        for ban in facts.banned.iter() {
            self.write(&Line::Ban(Ban::clone(ban)))?;
        }
        for rules in facts.access_rules.iter() {
            self.write(&Line::AccessRules(HolderRules::stored(rules)))?;
        }
        Ok(())
    }
}

/// Reads a snapshot into files beside `store` and `users`; nothing that is in use is touched.
pub(super) fn read(from: &mut dyn Read, store: &Path, users: &Path, position: &str) -> Result<Installed, StoreError> {
    let damaged = |why: &str| StoreError::Damaged(format!("the snapshot {why}"));
    let mut incoming = IncomingUsers::create(&incoming(users))?;
    let (mut facts, mut applied, mut decoy) = (Facts::default(), None, None);
    let (mut checksum, mut rows) = (crc32fast::Hasher::new(), 0);
    let mut from = BufReader::new(from);
    let mut text = Vec::new();
    loop {
        text.clear();
        (&mut from).take(LINE_BYTES_MAX).read_until(b'\n', &mut text)?;
        if text.last() != Some(&b'\n') {
            return Err(damaged("is cut off"));
        }
        let line = serde_json::from_slice(&text);
        // The error may quote a secret.
        let line = line.map_err(|_| damaged("holds a line that this version does not know"))?;
        match line {
            Line::Begin { format, .. } if format > FORMAT => {
                return Err(StoreError::Newer(format!(
                    "the snapshot has format {format}, this emqxd reads {FORMAT}"
                )));
            }
            Line::Begin { applied: count, .. } => applied = Some(count),
            Line::License(license) => facts.license = Some(Arc::new(license)),
            Line::PastLicense(license) => Arc::make_mut(&mut facts.license_history).push(Arc::new(license)),
            Line::ClockMark(unix_ms) => facts.clock_mark_ms = unix_ms,
            Line::Listeners(listeners) => facts.listeners = Arc::new(listeners),
            Line::StruckOff(nodes) => facts.struck_off = Arc::new(nodes),
            Line::Admin(admin) => {
                Arc::make_mut(&mut facts.admins).insert(admin.username.clone(), Arc::new(admin));
            }
            Line::Ban(ban) => facts.load_ban(&ban),
            Line::AccessRules(rules) => facts.access_rules.load(rules),
            Line::DecoySecret(secret) => decoy = Some(secret),
            Line::User(user) => incoming.add(user)?,
            Line::End {
                rows: told,
                checksum: sum,
            } => match (told == rows && sum == checksum.finalize(), applied) {
                (true, Some(applied)) => {
                    incoming.finish(applied, decoy, position)?;
                    let store = incoming_store(store);
                    Store::create_of_snapshot(&store, &facts, applied, position)?;
                    return Ok(Installed { store });
                }
                _ => return Err(damaged("is not what was written")),
            },
        }
        checksum.update(&text);
        rows += 1;
    }
}

#[cfg(test)]
mod tests;
