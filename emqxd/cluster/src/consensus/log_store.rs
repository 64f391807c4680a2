//! The log and the vote on disk, in one redb file.
//!
//! Every write is one transaction that is fsynced before the call returns: a vote or an entry that was said to be
//! there is there after a power cut. Records carry a checksum. After a write that failed nothing is written any more:
//! what the disk holds is not known, and a second fsync that succeeds would prove nothing.

use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{AnyError, EntryPayload, ErrorSubject, ErrorVerb, LogState, OptionalSend, RaftLogReader};
use parking_lot::{MappedRwLockReadGuard, RwLock, RwLockReadGuard};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Entry, LogId, NodeId, StorageError, StorageIoError, Types, Vote};

const LOG: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log");
const FACTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("facts");
const FORMAT: &str = "format";
const OWNER: &str = "owner";
const VOTE: &str = "vote";
const PURGED: &str = "purged";
/// How many members the latest entry names that tells of any.
const MEMBERS: &str = "members";
/// The format written by this version.
const FORMAT_VERSION: u32 = 1;
/// Entries read at once for a peer that lags; more are read when those have arrived.
const READ_AT_ONCE: u64 = 256;
/// Bytes of them: a call has to fit into a frame of a link.
const BYTES_AT_ONCE: usize = 2 << 20;
/// Page cache of the file: the log is written more than read.
const CACHE_BYTES: usize = 4 << 20;

/// Why the log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("it is open in another process")]
    InUse,
    /// A later version wrote it.
    #[error("it has format {found}, this version reads {FORMAT_VERSION}")]
    Newer {
        /// Its format.
        found: u32,
    },
    /// It was made by another node: its votes are not ours.
    #[error("it belongs to node {found:x}, this is node {wanted:x}")]
    OtherNode {
        /// Whose it is.
        found: NodeId,
        /// Who asks.
        wanted: NodeId,
    },
    /// What is in it is not what was written.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The log of one node.
#[derive(Clone)]
pub struct LogStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// `None` once it is closed.
    database: RwLock<Option<Database>>,
    has_failed: AtomicBool,
}

impl LogStore {
    /// Opens the log of a node, or makes it.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path, node: NodeId) -> Result<Self, OpenError> {
        // Of pages that it did not write redb's assertions may fail.
        let opened = catch_unwind(AssertUnwindSafe(|| Self::open_whole(path, node)));
        opened.unwrap_or_else(|_| Err(OpenError::Damaged("reading it failed an assertion".to_owned())))
    }

    /// How many members the log has heard of; `None` if it is new.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn members(&self) -> io::Result<Option<usize>> {
        self.inner.fact(MEMBERS)
    }

    fn open_whole(path: &Path, node: NodeId) -> Result<Self, OpenError> {
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(path)
            .map_err(|error| match error {
                redb::DatabaseError::DatabaseAlreadyOpen => OpenError::InUse,
                redb::DatabaseError::Storage(redb::StorageError::Io(source)) if !is_of_content(&source) => {
                    OpenError::Io(source)
                }
                other => OpenError::Damaged(other.to_string()),
            })?;
        let store = Self {
            inner: Arc::new(Inner {
                database: RwLock::new(Some(database)),
                has_failed: AtomicBool::new(false),
            }),
        };
        store.check_owner(node)?;
        Ok(store)
    }

    /// Closes the file, so that another process can open it. Whoever asks for something afterwards is refused.
    pub fn close(&self) {
        self.inner.database.write().take();
    }

    fn check_owner(&self, node: NodeId) -> Result<(), OpenError> {
        let damaged = |error: io::Error| OpenError::Damaged(error.to_string());
        self.inner
            .write(|transaction| {
                transaction.open_table(LOG).map_err(other)?;
                transaction.open_table(FACTS).map_err(other)?;
                Ok(())
            })
            .map_err(damaged)?;
        let found: Option<u32> = self.inner.fact(FORMAT).map_err(damaged)?;
        match found {
            Some(FORMAT_VERSION) => {}
            Some(found) => return Err(OpenError::Newer { found }),
            None => self.inner.set_fact(FORMAT, &FORMAT_VERSION)?,
        }
        match self.inner.fact::<NodeId>(OWNER).map_err(damaged)? {
            Some(found) if found != node => Err(OpenError::OtherNode { found, wanted: node }),
            Some(_) => Ok(()),
            None => Ok(self.inner.set_fact(OWNER, &node)?),
        }
    }

    /// Runs what blocks on the disk where it may, and tells openraft what went wrong with what.
    async fn on_disk<T: Send + 'static>(
        &self,
        subject: ErrorSubject<NodeId>,
        verb: ErrorVerb,
        work: impl FnOnce(&Inner) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        let result = done.unwrap_or_else(|stopped| Err(other(stopped)));
        result.map_err(|error| StorageIoError::new(subject, verb, AnyError::new(&error)).into())
    }
}

impl Inner {
    /// Held while the file is used, so that it is not closed meanwhile.
    fn database(&self) -> io::Result<MappedRwLockReadGuard<'_, Database>> {
        let database = RwLockReadGuard::try_map(self.database.read(), Option::as_ref);
        database.map_err(|_| io::Error::other("the log is closed"))
    }

    /// One fsynced transaction.
    fn write<T>(&self, work: impl FnOnce(&WriteTransaction) -> io::Result<T>) -> io::Result<T> {
        if self.has_failed.load(Ordering::Acquire) {
            return Err(io::Error::other("the log is read-only since a write failed"));
        }
        let written = || {
            let mut transaction = self.database()?.begin_write().map_err(other)?;
            transaction.set_durability(Durability::Immediate).map_err(other)?;
            transaction.set_quick_repair(true);
            let value = work(&transaction)?;
            transaction.commit().map_err(other)?;
            Ok(value)
        };
        written().inspect_err(|_| self.has_failed.store(true, Ordering::Release))
    }

    fn fact<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        let transaction = self.database()?.begin_read().map_err(other)?;
        let table = transaction.open_table(FACTS).map_err(other)?;
        let record = table.get(name).map_err(other)?;
        record.map(|record| unseal(record.value())).transpose()
    }

    fn set_fact(&self, name: &str, value: &impl Serialize) -> io::Result<()> {
        let record = seal(value)?;
        self.write(|transaction| put_fact(transaction, name, &record))
    }

    fn entries(&self, range: (Bound<u64>, Bound<u64>)) -> io::Result<Vec<Entry>> {
        let transaction = self.database()?.begin_read().map_err(other)?;
        let table = transaction.open_table(LOG).map_err(other)?;
        let rows = table.range::<u64>(range).map_err(other)?;
        rows.map(|row| unseal(row.map_err(other)?.1.value())).collect()
    }

    /// The first of a range: as many as a call may carry, one at least.
    fn some_entries(&self, start: u64, end: u64) -> io::Result<Vec<Entry>> {
        let transaction = self.database()?.begin_read().map_err(other)?;
        let table = transaction.open_table(LOG).map_err(other)?;
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for row in table.range(start..end).map_err(other)? {
            let (_, record) = row.map_err(other)?;
            bytes += record.value().len();
            if bytes > BYTES_AT_ONCE && !entries.is_empty() {
                break;
            }
            entries.push(unseal(record.value())?);
        }
        Ok(entries)
    }

    fn last_entry(&self) -> io::Result<Option<LogId>> {
        let transaction = self.database()?.begin_read().map_err(other)?;
        let table = transaction.open_table(LOG).map_err(other)?;
        let last = table.last().map_err(other)?;
        last.map(|(_, record)| Ok(unseal::<Entry>(record.value())?.log_id))
            .transpose()
    }

    fn append(&self, records: &[(u64, Vec<u8>)], members: Option<usize>) -> io::Result<()> {
        self.write(|transaction| {
            if let Some(members) = members {
                put_fact(transaction, MEMBERS, &seal(&members)?)?;
            }
            let mut table = transaction.open_table(LOG).map_err(other)?;
            for (index, record) in records {
                table.insert(*index, record.as_slice()).map_err(other)?;
            }
            Ok(())
        })
    }

    fn purge(&self, log_id: LogId) -> io::Result<()> {
        let record = seal(&log_id)?;
        self.write(|transaction| {
            put_fact(transaction, PURGED, &record)?;
            let mut table = transaction.open_table(LOG).map_err(other)?;
            table.retain_in(..=log_id.index, |_, _| false).map_err(other)
        })
    }

    fn truncate(&self, log_id: LogId) -> io::Result<()> {
        self.write(|transaction| {
            let mut table = transaction.open_table(LOG).map_err(other)?;
            table.retain_in(log_id.index.., |_, _| false).map_err(other)
        })
    }
}

fn put_fact(transaction: &WriteTransaction, name: &str, record: &[u8]) -> io::Result<()> {
    let mut table = transaction.open_table(FACTS).map_err(other)?;
    table.insert(name, record).map_err(other)?;
    Ok(())
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

/// Whether the system read well what redb cannot use.
fn is_of_content(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

/// A record: CRC-32 of the rest, then JSON.
fn seal(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut record = vec![0; 4];
    serde_json::to_writer(&mut record, value)?;
    let sum = crc32fast::hash(&record[4..]);
    record[..4].copy_from_slice(&sum.to_le_bytes());
    Ok(record)
}

fn unseal<T: DeserializeOwned>(record: &[u8]) -> io::Result<T> {
    let damaged = |why: &str| io::Error::new(io::ErrorKind::InvalidData, format!("a record of the log {why}"));
    let (sum, json) = record.split_first_chunk::<4>().ok_or_else(|| damaged("is cut off"))?;
    if u32::from_le_bytes(*sum) != crc32fast::hash(json) {
        return Err(damaged("has a wrong checksum"));
    }
    Ok(serde_json::from_slice(json)?)
}

impl RaftLogReader<Types> for LogStore {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, StorageError> {
        let range = (range.start_bound().cloned(), range.end_bound().cloned());
        self.on_disk(ErrorSubject::Logs, ErrorVerb::Read, move |inner| inner.entries(range))
            .await
    }

    async fn limited_get_log_entries(&mut self, start: u64, end: u64) -> Result<Vec<Entry>, StorageError> {
        let end = end.min(start.saturating_add(READ_AT_ONCE));
        self.on_disk(ErrorSubject::Logs, ErrorVerb::Read, move |inner| {
            inner.some_entries(start, end)
        })
        .await
    }
}

// What is committed is not kept here: the state machine is on disk before `apply` returns, and a write for each commit
// would double the fsyncs.
impl RaftLogStorage<Types> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<Types>, StorageError> {
        self.on_disk(ErrorSubject::Logs, ErrorVerb::Read, |inner| {
            let last_purged_log_id = inner.fact(PURGED)?;
            Ok(LogState {
                last_purged_log_id,
                last_log_id: inner.last_entry()?.or(last_purged_log_id),
            })
        })
        .await
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), StorageError> {
        let vote = *vote;
        self.on_disk(ErrorSubject::Vote, ErrorVerb::Write, move |inner| {
            inner.set_fact(VOTE, &vote)
        })
        .await
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, StorageError> {
        self.on_disk(ErrorSubject::Vote, ErrorVerb::Read, |inner| inner.fact(VOTE))
            .await
    }

    async fn append<I>(&mut self, entries: I, callback: LogFlushed<Types>) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut members = None;
        let sealed: io::Result<Vec<(u64, Vec<u8>)>> = entries
            .into_iter()
            .map(|entry| {
                if let EntryPayload::Membership(named) = &entry.payload {
                    members = Some(named.nodes().count());
                }
                Ok((entry.log_id.index, seal(&entry)?))
            })
            .collect();
        let appended = self
            .on_disk(ErrorSubject::Logs, ErrorVerb::Write, move |inner| {
                inner.append(&sealed?, members)
            })
            .await;
        callback.log_io_completed(appended.clone().map_err(other));
        appended
    }

    async fn truncate(&mut self, log_id: LogId) -> Result<(), StorageError> {
        self.on_disk(ErrorSubject::Log(log_id), ErrorVerb::Delete, move |inner| {
            inner.truncate(log_id)
        })
        .await
    }

    async fn purge(&mut self, log_id: LogId) -> Result<(), StorageError> {
        self.on_disk(ErrorSubject::Log(log_id), ErrorVerb::Delete, move |inner| {
            inner.purge(log_id)
        })
        .await
    }
}
