//! From the log to the facts: committed commands are handed to the daemon's [`StateMachine`], which puts them on disk
//! together with how far the log has been applied.
//!
//! Snapshots are files in a folder of their own: made when a node has to catch up with more than the log still holds,
//! kept until the next one, thrown away at the start (the state machine itself is durable).

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openraft::storage::RaftStateMachine;
use openraft::{AnyError, EntryPayload, ErrorSubject, ErrorVerb, OptionalSend, RaftSnapshotBuilder};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{
    Entry, LogId, Member, NodeId, Snapshot, SnapshotMeta, StorageError, StorageIoError, StoredMembership, Types,
};

/// What committed commands change: the facts of the cluster, on this node's disk.
///
/// Calls come one at a time, on threads that may block.
pub trait StateMachine: Send + Sync + 'static {
    /// The position that came with the last [`Self::apply`] or [`Self::install`]; `None` before the first.
    ///
    /// # Errors
    /// When it cannot be read.
    fn position(&self) -> io::Result<Option<String>>;

    /// Applies commands in order, the same on every node, whatever its clock says; what the rules refuse is an answer
    /// like any other. When it returns, all of it and `position` are on disk together.
    ///
    /// # Errors
    /// When it cannot be written; this node takes part in nothing then until it is restarted.
    fn apply(&self, commands: &[String], position: &str) -> io::Result<Vec<String>>;

    /// Writes all facts, as of one moment, and says at which position that was.
    ///
    /// # Errors
    /// When they cannot be read or written.
    fn snapshot(&self, to: &mut dyn Write) -> io::Result<Option<String>>;

    /// Replaces all facts by those of a snapshot; on disk with `position` when it returns.
    ///
    /// # Errors
    /// When they cannot be read or written; what was there stays whole then.
    fn install(&self, from: &mut dyn Read, position: &str) -> io::Result<()>;
}

/// How far the log has been applied, as the state machine keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    last_applied: Option<LogId>,
    membership: StoredMembership,
}

impl Position {
    fn read(text: Option<&str>) -> io::Result<Self> {
        text.map_or_else(|| Ok(Self::default()), |text| Ok(serde_json::from_str(text)?))
    }

    fn text(&self) -> io::Result<String> {
        Ok(serde_json::to_string(self)?)
    }
}

/// Who of them votes.
///
/// # Errors
/// It is no position.
pub fn voters_at(position: &str) -> io::Result<Vec<NodeId>> {
    let position = Position::read(Some(position))?;
    Ok(position.membership.voter_ids().collect())
}

/// Who the members are at a position, as [`StateMachine::apply`] was told it.
///
/// # Errors
/// It is no position.
pub fn members_at(position: &str) -> io::Result<Vec<(NodeId, Member)>> {
    let position = Position::read(Some(position))?;
    let members = position.membership.nodes();
    Ok(members.map(|(id, member)| (*id, member.clone())).collect())
}

/// The daemon's state machine as openraft sees it.
#[derive(Clone)]
pub(super) struct Applier {
    inner: Arc<Inner>,
}

struct Inner {
    machine: Arc<dyn StateMachine>,
    folder: PathBuf,
    /// The snapshot that is there, and the number of the next file.
    current: Mutex<(Option<(SnapshotMeta, PathBuf)>, u64)>,
}

impl Applier {
    /// For snapshots in `folder`, which is emptied.
    pub(super) fn new(machine: Arc<dyn StateMachine>, folder: &Path) -> io::Result<Self> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(folder)?,
        }
        Ok(Self {
            inner: Arc::new(Inner {
                machine,
                folder: folder.to_owned(),
                current: Mutex::new((None, 0)),
            }),
        })
    }

    async fn blocking<T: Send + 'static>(
        &self,
        subject: ErrorSubject<NodeId>,
        verb: ErrorVerb,
        work: impl FnOnce(&Inner) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        let result = done.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
        result.map_err(|error| StorageIoError::new(subject, verb, AnyError::new(&error)).into())
    }
}

impl Inner {
    fn position(&self) -> io::Result<Position> {
        Position::read(self.machine.position()?.as_deref())
    }

    fn apply(&self, entries: Vec<Entry>) -> io::Result<Vec<String>> {
        let mut position = self.position()?;
        let (mut commands, mut is_command) = (Vec::new(), Vec::with_capacity(entries.len()));
        for entry in entries {
            position.last_applied = Some(entry.log_id);
            is_command.push(matches!(entry.payload, EntryPayload::Normal(_)));
            match entry.payload {
                EntryPayload::Normal(command) => commands.push(command),
                EntryPayload::Membership(members) => {
                    position.membership = StoredMembership::new(Some(entry.log_id), members);
                }
                EntryPayload::Blank => {}
            }
        }
        let mut answers = self.machine.apply(&commands, &position.text()?)?.into_iter();
        let answers = is_command.into_iter().map(|is_command| match is_command {
            true => answers
                .next()
                .ok_or_else(|| io::Error::other("a command was not answered")),
            false => Ok(String::new()),
        });
        answers.collect()
    }

    /// A name for a file of the folder that was not used before.
    fn new_file(&self, what: &str) -> PathBuf {
        let mut current = self.current.lock();
        current.1 += 1;
        self.folder.join(format!("{what}-{}", current.1))
    }

    fn build(&self) -> io::Result<(SnapshotMeta, File)> {
        let path = self.new_file("built");
        let mut file = BufWriter::new(File::create(&path)?);
        let position = self.machine.snapshot(&mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let position = Position::read(position.as_deref())?;
        let meta = SnapshotMeta {
            last_log_id: position.last_applied,
            last_membership: position.membership,
            snapshot_id: name_of(&path),
        };
        let file = self.keep(meta.clone(), path)?;
        Ok((meta, file))
    }

    fn install(&self, meta: SnapshotMeta, received: &mut File) -> io::Result<()> {
        use io::Seek;
        received.rewind()?;
        let position = Position {
            last_applied: meta.last_log_id,
            membership: meta.last_membership.clone(),
        };
        let path = self.new_file("installed");
        io::copy(received, &mut File::create(&path)?)?;
        let mut reader = BufReader::new(File::open(&path)?);
        self.machine.install(&mut reader, &position.text()?)?;
        self.keep(meta, path)?;
        Ok(())
    }

    /// Makes a file the current snapshot; the one before goes.
    fn keep(&self, meta: SnapshotMeta, path: PathBuf) -> io::Result<File> {
        let file = File::open(&path)?;
        if let Some((_, old)) = self.current.lock().0.replace((meta, path)) {
            // It goes with the folder at the next start at the latest.
            let _left = fs::remove_file(old);
        }
        Ok(file)
    }

    fn current(&self) -> io::Result<Option<(SnapshotMeta, File)>> {
        let current = self.current.lock();
        let Some((meta, path)) = &current.0 else {
            return Ok(None);
        };
        Ok(Some((meta.clone(), File::open(path)?)))
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn snapshot((meta, file): (SnapshotMeta, File)) -> Snapshot {
    Snapshot {
        meta,
        snapshot: Box::new(tokio::fs::File::from_std(file)),
    }
}

impl RaftSnapshotBuilder<Types> for Applier {
    async fn build_snapshot(&mut self) -> Result<Snapshot, StorageError> {
        let built = self.blocking(ErrorSubject::Snapshot(None), ErrorVerb::Write, Inner::build);
        built.await.map(snapshot)
    }
}

impl RaftStateMachine<Types> for Applier {
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), StorageError> {
        let position = self.blocking(ErrorSubject::StateMachine, ErrorVerb::Read, Inner::position);
        position
            .await
            .map(|position| (position.last_applied, position.membership))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<String>, StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<Entry> = entries.into_iter().collect();
        self.blocking(ErrorSubject::StateMachine, ErrorVerb::Write, move |inner| {
            inner.apply(entries)
        })
        .await
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<tokio::fs::File>, StorageError> {
        let file = self.blocking(ErrorSubject::Snapshot(None), ErrorVerb::Write, |inner| {
            let path = inner.new_file("receiving");
            let file = File::options().read(true).write(true).create_new(true).open(&path)?;
            // Only we have it open; when it is installed or given up, it is gone.
            fs::remove_file(&path)?;
            Ok(file)
        });
        file.await.map(|file| Box::new(tokio::fs::File::from_std(file)))
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        received: Box<tokio::fs::File>,
    ) -> Result<(), StorageError> {
        let mut received = received.into_std().await;
        let meta = meta.clone();
        self.blocking(ErrorSubject::Snapshot(None), ErrorVerb::Write, move |inner| {
            inner.install(meta, &mut received)
        })
        .await
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, StorageError> {
        let current = self.blocking(ErrorSubject::Snapshot(None), ErrorVerb::Read, Inner::current);
        current.await.map(|current| current.map(snapshot))
    }
}

impl std::fmt::Debug for Applier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Applier")
            .field("folder", &self.inner.folder)
            .finish_non_exhaustive()
    }
}
