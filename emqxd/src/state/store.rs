//! The store of one node: the log of commands and the facts they made, in one redb file.
//!
//! Each command is one write transaction: entry, changed rows, applied index, together or not at all, on disk when
//! [`Store::commit`] returns. A later log of several nodes replaces the order of those steps, not the tables.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, StorageError, TableDefinition, TableError,
    WriteTransaction,
};
use serde::{Deserialize, Serialize};

use super::command::{Change, Command};
use super::facts::{Facts, StoredLicense};
use super::record::{self, RecordError};
use super::{Admin, Ban, BanKind, HolderRules, RuleHolder};

/// Entries by their index.
const LOG: TableDefinition<u64, &[u8]> = TableDefinition::new("log");
/// Single values by name.
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Administrators by name.
const ADMINS: TableDefinition<&str, &[u8]> = TableDefinition::new("admins");
/// Bans by kind and value, `clientid:c1`.
const BANNED: TableDefinition<&str, &[u8]> = TableDefinition::new("banned");

/// Rules about topics by whom they are for, `clientid:c1`. Not there until the first one is added.
const ACCESS_RULES: TableDefinition<&str, &[u8]> = TableDefinition::new("access_rules");

const APPLIED: &str = "applied";
/// Not there until the node takes part in a consensus.
const POSITION: &str = "position";
/// The same of the snapshot that the file was made of; the accounts that belong to it say it too.
const SNAPSHOT: &str = "snapshot";
const LICENSE: &str = "license";
const CLOCK_MARK: &str = "clock_mark";
const LISTENERS: &str = "listeners";
/// Not there until a node is struck off.
const STRUCK_OFF: &str = "struck_off";

/// Entries kept behind the applied one, for nodes that fell behind.
const LOG_ENTRIES_KEPT: u64 = 1000;
/// Bytes of them: imports of users are large entries.
const LOG_BYTES_KEPT: usize = 4 * 1024 * 1024;
/// An entry above this is large: only then the bytes are counted, so the log has at most 12 MB.
const LARGE_ENTRY_BYTES: usize = 8 * 1024;
/// Pages kept in memory; the facts are in memory anyway.
const CACHE_BYTES: usize = 2 * 1024 * 1024;
/// A file above this is compacted when it is opened.
const COMPACT_ABOVE_BYTES: u64 = 64 * 1024 * 1024;
/// The term of a log that has one node.
const TERM: u64 = 1;

/// An entry of the log.
#[derive(Serialize, Deserialize)]
struct Entry<C> {
    term: u64,
    index: u64,
    command: C,
}

/// The licence in force and those before.
#[derive(Default, Serialize, Deserialize)]
struct Licenses {
    current: Option<StoredLicense>,
    history: Vec<StoredLicense>,
}

/// What the file holds.
pub(super) struct Loaded {
    pub(super) facts: Facts,
    /// How many commands made them.
    pub(super) applied: u64,
    /// How far the log of the consensus has been applied.
    pub(super) position: Option<String>,
    /// The snapshot that it began with: where its log was, in the words of the consensus.
    pub(super) snapshot: Option<String>,
}

/// What is written together.
#[derive(Default)]
pub(super) struct Batch {
    /// How many commands have been applied with it.
    pub(super) applied: u64,
    /// Commands for the log, by index.
    pub(super) entries: Vec<(u64, Command)>,
    /// As they are with it.
    pub(super) facts: Facts,
    /// Which rows of them changed.
    pub(super) changes: Vec<Change>,
    /// How far the log of the consensus has been applied with it; as before if there is none.
    pub(super) position: Option<String>,
    /// The entries from here on are still needed, whatever they take.
    pub(super) kept_from: u64,
}

/// The open file.
pub(super) struct Store {
    database: Database,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    /// It is not what was written.
    #[error("damaged: {0}")]
    Damaged(String),
    /// A later version wrote it.
    #[error("{0}")]
    Newer(String),
    /// Another process has it open.
    #[error("open in another process")]
    InUse,
    /// The system refuses.
    #[error("{0}")]
    Io(io::Error),
}

impl From<StorageError> for StoreError {
    fn from(error: StorageError) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match error {
            StorageError::Corrupted(what) => Self::Damaged(what),
            StorageError::Io(error) if matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof) => {
                Self::Damaged(error.to_string())
            }
            StorageError::Io(error) => Self::Io(error),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Storage(error) => error.into(),
            DatabaseError::DatabaseAlreadyOpen => Self::InUse,
            DatabaseError::UpgradeRequired(version) => Self::Newer(format!("written in file format {version} of redb")),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<RecordError> for StoreError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Damaged(what) => Self::Damaged(what),
            newer @ RecordError::Newer(_) => Self::Newer(newer.to_string()),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What redb says of tables and transactions comes down to its storage.
pub(super) fn from_redb(error: impl Into<redb::Error>) -> StoreError {
    match error.into() {
        redb::Error::Io(error) => StorageError::Io(error).into(),
        other => StoreError::Damaged(other.to_string()),
    }
}

impl Store {
    /// Opens the file, or makes it, and reads all of it: the facts and the index of the last command.
    pub(super) fn open(path: &Path) -> Result<(Self, Loaded), StoreError> {
        if !fs::exists(path)? {
            create(path, |transaction| {
                let _log = transaction.open_table(LOG).map_err(from_redb)?;
                let _admins = transaction.open_table(ADMINS).map_err(from_redb)?;
                let _banned = transaction.open_table(BANNED).map_err(from_redb)?;
                let mut meta = transaction.open_table(META).map_err(from_redb)?;
                meta.insert(APPLIED, record::encode(&0_u64).as_slice())?;
                Ok(())
            })?;
        }
        // redb is sure of pages that it wrote; of others its assertions may fail.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let file = OpenOptions::new().read(true).write(true).open(path)?;
            let length = file.metadata()?.len();
            if length == 0 {
                return Err(StoreError::Damaged("the file is empty".to_owned()));
            }
            let mut database = builder().create_with_backend(FileBackend::new(file)?)?;
            if length > COMPACT_ABOVE_BYTES {
                database.compact().map_err(from_redb)?;
            }
            let store = Self { database };
            let loaded = store.load()?;
            Ok((store, loaded))
        }));
        opened.unwrap_or_else(|_| Err(StoreError::Damaged("reading it failed an assertion".to_owned())))
    }

    fn load(&self) -> Result<Loaded, StoreError> {
        let transaction = self.database.begin_read().map_err(from_redb)?;
        let meta = transaction.open_table(META).map_err(from_redb)?;
        let get = |name: &str| meta.get(name);
        let value = get(APPLIED)?.ok_or_else(|| StoreError::Damaged("no applied index".to_owned()))?;
        let applied = record::decode::<u64>(value.value())?;
        let mut facts = Facts::default();
        if let Some(value) = get(LICENSE)? {
            let licenses: Licenses = record::decode(value.value())?;
            facts.license = licenses.current.map(Arc::new);
            facts.license_history = Arc::new(licenses.history.into_iter().map(Arc::new).collect());
        }
        if let Some(value) = get(CLOCK_MARK)? {
            facts.clock_mark_ms = record::decode(value.value())?;
        }
        if let Some(value) = get(LISTENERS)? {
            facts.listeners = Arc::new(record::decode(value.value())?);
        }
        if let Some(value) = get(STRUCK_OFF)? {
            facts.struck_off = Arc::new(record::decode(value.value())?);
        }
        let admins = transaction.open_table(ADMINS).map_err(from_redb)?;
        for row in admins.iter()? {
            let admin: Admin = record::decode(row?.1.value())?;
            Arc::make_mut(&mut facts.admins).insert(admin.username.clone(), Arc::new(admin));
        }
        let banned = transaction.open_table(BANNED).map_err(from_redb)?;
        for row in banned.iter()? {
            let ban: Ban = record::decode(row?.1.value())?;
            facts.load_ban(&ban);
        }
        match transaction.open_table(ACCESS_RULES) {
            Ok(rules) => {
                for row in rules.iter()? {
                    facts.access_rules.load(record::decode(row?.1.value())?);
                }
            }
            Err(TableError::TableDoesNotExist(_)) => {}
            Err(error) => return Err(from_redb(error)),
        }
        let log = transaction.open_table(LOG).map_err(from_redb)?;
        let last = log.last()?.map_or(0, |(index, _)| index.value());
        // What the consensus has agreed on is in its own log.
        if last > applied {
            let what = format!("the log ends at {last}, the facts are of {applied}");
            return Err(StoreError::Damaged(what));
        }
        let text = |name| {
            let value = get(name)?;
            let text = value.map(|value| record::decode::<String>(value.value())).transpose();
            Ok::<_, StoreError>(text?)
        };
        let (position, snapshot) = (text(POSITION)?, text(SNAPSHOT)?);
        Ok(Loaded {
            facts,
            applied,
            position,
            snapshot,
        })
    }

    /// Writes commands and what they changed; it is on disk when this returns.
    pub(super) fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.write(|transaction| {
            write_log(transaction, batch)?;
            let mut meta = transaction.open_table(META).map_err(from_redb)?;
            meta.insert(APPLIED, record::encode(&batch.applied).as_slice())?;
            if let Some(position) = &batch.position {
                meta.insert(POSITION, record::encode(position).as_slice())?;
            }
            drop(meta);
            write_facts(transaction, &batch.facts, &batch.changes)
        })
    }

    /// Makes a file that holds what a snapshot of the cluster says.
    pub(super) fn create_of_snapshot(
        path: &Path,
        facts: &Facts,
        applied: u64,
        position: &str,
    ) -> Result<(), StoreError> {
        create(path, |transaction| {
            let _log = transaction.open_table(LOG).map_err(from_redb)?;
            let mut meta = transaction.open_table(META).map_err(from_redb)?;
            meta.insert(APPLIED, record::encode(&applied).as_slice())?;
            for name in [POSITION, SNAPSHOT] {
                meta.insert(name, record::encode(&position).as_slice())?;
            }
            drop(meta);
            write_facts(transaction, facts, &facts.all_rows())
        })
    }

    /// Forgets how far a log has been applied that is no more.
    pub(super) fn forget_position(&self) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut meta = transaction.open_table(META).map_err(from_redb)?;
            meta.remove(POSITION)?;
            Ok(())
        })
    }

    /// One transaction, on disk when this returns.
    fn write(&self, work: impl FnOnce(&WriteTransaction) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut transaction = self.database.begin_write().map_err(from_redb)?;
        transaction.set_durability(Durability::Immediate).map_err(from_redb)?;
        // Opening after a crash takes milliseconds, for a write that takes longer; writes here are few.
        transaction.set_quick_repair(true);
        work(&transaction)?;
        transaction.commit().map_err(from_redb)
    }

    /// The commands behind an index that are still kept, in order.
    pub(super) fn entries_after(
        &self,
        index: u64,
    ) -> Result<impl Iterator<Item = Result<(u64, Command), StoreError>>, StoreError> {
        let transaction = self.database.begin_read().map_err(from_redb)?;
        let log = transaction.open_table(LOG).map_err(from_redb)?;
        let rows = log.range(index.saturating_add(1)..)?;
        Ok(rows.map(|row| {
            let entry: Entry<Command> = record::decode(row?.1.value())?;
            Ok((entry.index, entry.command))
        }))
    }

    /// All commands that are still kept, in order.
    #[cfg(test)]
    pub(super) fn entries(&self) -> Result<Vec<(u64, Command)>, StoreError> {
        self.entries_after(0)?.collect()
    }
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    // The file is small, and a checksum is worth the milliseconds.
    builder.set_check_integrity_on_open(true);
    builder
}

/// Makes a file under another name first: one that is there is whole.
pub(super) fn create(
    path: &Path,
    fill: impl FnOnce(&WriteTransaction) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let temporary = path.with_extension("redb.new");
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    {
        let database = builder().create_with_backend(FileBackend::new(file)?)?;
        let transaction = database.begin_write().map_err(from_redb)?;
        fill(&transaction)?;
        transaction.commit().map_err(from_redb)?;
    }
    rename_synced(&temporary, path)?;
    Ok(())
}

/// Gives a file a name, in place of one that has it; after a crash too once this returns.
pub(super) fn rename_synced(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    File::open(to.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn write_log(transaction: &WriteTransaction, batch: &Batch) -> Result<(), StoreError> {
    if batch.entries.is_empty() {
        return Ok(());
    }
    let mut log = transaction.open_table(LOG).map_err(from_redb)?;
    let mut has_large = false;
    for (index, command) in &batch.entries {
        let (term, index) = (TERM, *index);
        let entry = record::encode(&Entry { term, index, command });
        log.insert(index, entry.as_slice())?;
        has_large |= entry.len() > LARGE_ENTRY_BYTES;
    }
    if let Some(old) = batch.applied.checked_sub(LOG_ENTRIES_KEPT) {
        log.retain_in(..=old.min(batch.kept_from.saturating_sub(1)), |_, _| false)?;
    }
    if has_large {
        trim_to_bytes(&mut log, batch.kept_from)?;
    }
    Ok(())
}

fn write_facts(transaction: &WriteTransaction, facts: &Facts, changes: &[Change]) -> Result<(), StoreError> {
    let mut meta = transaction.open_table(META).map_err(from_redb)?;
    let mut admins = transaction.open_table(ADMINS).map_err(from_redb)?;
    let mut banned = transaction.open_table(BANNED).map_err(from_redb)?;
    for change in changes {
        match change {
            Change::License => {
                let history = facts.license_history.iter();
                let licenses = Licenses {
                    current: facts.license.as_deref().cloned(),
                    history: history.map(|license| StoredLicense::clone(license)).collect(),
                };
                meta.insert(LICENSE, record::encode(&licenses).as_slice())?;
            }
            Change::ClockMark => {
                meta.insert(CLOCK_MARK, record::encode(&facts.clock_mark_ms).as_slice())?;
            }
            Change::Listeners => {
                meta.insert(LISTENERS, record::encode(&*facts.listeners).as_slice())?;
            }
            Change::StruckOff => {
                meta.insert(STRUCK_OFF, record::encode(&*facts.struck_off).as_slice())?;
            }
            Change::Admin(username) => {
                put_row(&mut admins, username, facts.admins.get(username).map(|admin| &**admin))?;
            }
            Change::AccessRules(holder) => {
                let rules = facts.access_rules.get(holder).map(HolderRules::stored);
                let mut table = transaction.open_table(ACCESS_RULES).map_err(from_redb)?;
                put_row(&mut table, &rules_key(holder), rules.as_ref())?;
            }
            Change::Ban(kind, who) => {
                let ban = facts.banned.get(*kind, who).map(|ban| &**ban);
                put_row(&mut banned, &ban_key(*kind, who), ban)?;
            }
        }
    }
    Ok(())
}

/// Writes a row, or removes it if there is none any more.
fn put_row<T: Serialize>(
    table: &mut redb::Table<'_, &'static str, &'static [u8]>,
    key: &str,
    value: Option<&T>,
) -> Result<(), StorageError> {
    match value {
        Some(value) => table.insert(key, record::encode(value).as_slice())?.map(drop),
        None => table.remove(key)?.map(drop),
    };
    Ok(())
}

/// Forgets the oldest entries of a log that has too many bytes, none of those that are still needed.
fn trim_to_bytes(log: &mut redb::Table<'_, u64, &'static [u8]>, kept_from: u64) -> Result<(), StorageError> {
    let (mut bytes, mut first_kept) = (0, None);
    for row in log.iter()?.rev() {
        let (index, entry) = row?;
        bytes += entry.value().len();
        if index.value() < kept_from && bytes > LOG_BYTES_KEPT {
            break;
        }
        first_kept = Some(index.value());
    }
    match first_kept {
        Some(first_kept) => log.retain_in(..first_kept, |_, _| false),
        None => Ok(()),
    }
}

fn rules_key(holder: &RuleHolder) -> String {
    match holder {
        RuleHolder::Clientid(name) => format!("clientid:{name}"),
        RuleHolder::Username(name) => format!("username:{name}"),
        RuleHolder::All => "all".to_owned(),
    }
}

fn ban_key(kind: BanKind, who: &str) -> String {
    format!("{kind}:{who}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_that_this_version_cannot_use_costs_no_other_fact() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state").join("state.redb");
        let (store, loaded) = Store::open(&path).unwrap();
        let mut facts = loaded.facts;
        let ban = |who: &str| Ban {
            kind: BanKind::ClientidRe,
            who: who.to_owned(),
            by: "li".to_owned(),
            reason: String::new(),
            at_ms: 1,
            until_ms: None,
            only: Vec::new(),
        };
        let command = Command::Ban { ban: ban("^good$") };
        let changes = facts.apply(&command).unwrap();
        let batch = Batch {
            applied: 1,
            entries: vec![(1, command)],
            facts,
            changes,
            ..Batch::default()
        };
        store.commit(&batch).unwrap();
        let transaction = store.database.begin_write().unwrap();
        {
            let mut banned = transaction.open_table(BANNED).unwrap();
            put_row(&mut banned, "clientid_re:a(", Some(&ban("a("))).unwrap();
        }
        transaction.commit().unwrap();
        drop(store);
        let (_, Loaded { facts, applied, .. }) = Store::open(&path).unwrap();
        assert_eq!((facts.banned.len(), applied), (1, 1));
        assert!(facts.banned.get(BanKind::ClientidRe, "^good$").is_some());
    }
}
