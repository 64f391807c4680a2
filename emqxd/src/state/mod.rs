//! The replicated state: the few precious facts of a cluster (licence, admins, bans, which listeners are enabled) and
//! the accounts of its clients, changed by commands only.
//!
//! [`ReplicatedState::apply`] has a command agreed on by the nodes of the cluster and applied; when it returns, the
//! command is on disk and in [`ReplicatedState::facts`]. `part.rs` is this node's part in the consensus, `machine.rs`
//! applies what was agreed on, `store.rs` and `users.rs` keep it. A damaged store is put aside and reported, never
//! silently dropped.

mod access_rules;
mod admin;
mod answer;
mod ban;
mod ban_list;
#[cfg(test)]
mod cluster_tests;
mod command;
mod errors;
mod facts;
mod machine;
mod part;
mod record;
mod snapshot;
mod store;
#[cfg(test)]
mod tests;
mod user;
mod users;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::sync::watch;

pub use self::access_rules::{AccessRule, AccessRules, HolderRules, RuleHolder};
pub use self::admin::{Admin, AdminRole, PasswordHash};
pub use self::ban::{Ban, BanKind, BanScope};
pub use self::ban_list::BanList;
use self::command::Change;
pub use self::command::{Applied, Command, ImportedRows, Refusal};
pub use self::errors::{ApplyError, Damage, OpenError};
pub use self::facts::{FLAPPING_DETECTOR, Facts, StoredLicense};
pub use self::part::unfinished_join;
use self::part::{Stage, check_is_alone};
use self::store::{Batch, Loaded, Store, StoreError};
pub use self::user::{Account, GLOBAL_GROUP, Proof, User, UserTable};
pub use self::users::{Users, UsersError};
use crate::clock::unix_ms_now;

/// Names remembered of commands that nobody here knows.
const UNKNOWN_COMMANDS_MAX: usize = 64;

/// The facts and the log that made them. A copy of it is as good as the original.
#[derive(Clone)]
pub struct ReplicatedState {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    facts: ArcSwap<Facts>,
    users: Users,
    applied: watch::Sender<u64>,
    damage: Option<Damage>,
    users_damage: Option<Damage>,
    stage: watch::Sender<Stage>,
    /// How often this node's part in the consensus was begun.
    parts_begun: AtomicU64,
    /// What is proposed as soon as there is somebody to propose it to.
    waiting: Mutex<Vec<Command>>,
    /// Names of commands that came from a later version, and of which this node knows nothing.
    unknown_commands: Mutex<BTreeSet<String>>,
    /// Held from judging a command to its being on disk: commands have one order.
    writer: Mutex<Writer>,
    /// [`ReplicatedState::sum`] of the facts that were summed last.
    summed: Mutex<Option<(Weak<Facts>, String)>>,
}

struct Writer {
    /// `None` while another process has the files.
    store: Option<Store>,
    /// How far the log of the consensus has been applied, in its words; `None` if there never was one.
    position: Option<String>,
    /// A write failed: what is on disk is not known any more, so nothing is promised until the next start.
    has_failed: bool,
}

impl ReplicatedState {
    /// Opens `<data>/state/state.redb`, making it if it is absent. A damaged one is put aside; see [`Self::damage`].
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(data_dir: &Path, _node: &str) -> Result<Self, OpenError> {
        let path = Self::path(data_dir);
        forget_incoming(&path);
        let (opened, damage) = open_whole(&path, Store::open)?;
        let (store, loaded) = opened;
        let open_users = |path: &Path| open_users(path, &store, &loaded);
        let (users, users_damage) = open_whole(&users_path(&path), open_users)?;
        let Loaded {
            facts,
            applied,
            position,
            ..
        } = loaded;
        Ok(Self {
            inner: Arc::new(Inner {
                facts: ArcSwap::from_pointee(facts),
                users,
                applied: watch::Sender::new(applied),
                damage,
                users_damage,
                path,
                stage: watch::Sender::new(Stage::Offline),
                parts_begun: AtomicU64::new(0),
                waiting: Mutex::default(),
                unknown_commands: Mutex::default(),
                writer: Mutex::new(Writer {
                    store: Some(store),
                    position,
                    has_failed: false,
                }),
                summed: Mutex::default(),
            }),
        })
    }

    /// Closes the files for another process. What is known stays known, but nothing can be changed and no account found
    /// until [`Self::take_back`].
    ///
    /// On a thread that may wait.
    pub fn let_go(&self) {
        self.give_part();
        let mut writer = self.inner.writer.lock();
        writer.store = None;
        self.inner.users.let_go();
    }

    /// Opens the files again that [`Self::let_go`] has closed.
    ///
    /// # Errors
    /// They cannot be opened; the state stays read-only.
    pub fn take_back(&self) -> Result<(), OpenError> {
        let mut writer = self.inner.writer.lock();
        let path = &self.inner.path;
        let (store, loaded) = Store::open(path).map_err(|error| open_error(path.clone(), error))?;
        let users = users_path(path);
        let opened = open_users(&users, &store, &loaded).map_err(|error| open_error(users, error))?;
        self.inner.users.take_back(opened);
        self.inner.facts.store(Arc::new(loaded.facts));
        self.inner.applied.send_replace(loaded.applied);
        writer.position = loaded.position;
        writer.store = Some(store);
        drop(writer);
        self.take_part_back();
        Ok(())
    }

    /// What was applied stays; of which log it was is forgotten.
    fn forget_position(&self) -> io::Result<()> {
        let mut writer = self.inner.writer.lock();
        let forgotten = writer.store.as_ref().ok_or(StoreError::InUse);
        if let Err(error) = forgotten.and_then(Store::forget_position) {
            // redb writes nothing more to a file that it could not write to once: see `Self::open_again`.
            writer.store = None;
            return Err(io::Error::other(error.to_string()));
        }
        writer.position = None;
        Ok(())
    }

    /// Opens the store again that was closed because it could not be written, as a start would.
    fn open_again(&self) -> io::Result<()> {
        let mut writer = self.inner.writer.lock();
        if writer.store.is_none() {
            let opened = Store::open(&self.inner.path);
            let (store, loaded) = opened.map_err(|error| io::Error::other(error.to_string()))?;
            writer.position = loaded.position;
            writer.store = Some(store);
        }
        Ok(())
    }

    /// Where the store of a data folder is.
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("state").join("state.redb")
    }

    /// The facts as of now.
    pub fn facts(&self) -> Arc<Facts> {
        self.inner.facts.load_full()
    }

    /// As [`Self::facts`], for a look that ends at once: at each CONNECT.
    pub fn look(&self) -> arc_swap::Guard<Arc<Facts>> {
        self.inner.facts.load()
    }

    /// A sum of the facts, which is the same on every node that holds the same; summed anew only after a change.
    pub fn sum(&self) -> String {
        let facts = self.facts();
        let mut summed = self.inner.summed.lock();
        match &*summed {
            // The place of what is gone is not given to others while a weak reference names it.
            Some((of, sum)) if of.as_ptr() == Arc::as_ptr(&facts) => sum.clone(),
            _ => {
                let sum = snapshot::sum(&facts);
                *summed = Some((Arc::downgrade(&facts), sum.clone()));
                sum
            }
        }
    }

    /// Tells of each change: the index of the command applied last.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.applied.subscribe()
    }

    /// The store that could not be read at the start, if there was one.
    pub fn damage(&self) -> Option<&Damage> {
        self.inner.damage.as_ref()
    }

    /// As [`Self::damage`], of the accounts of clients.
    pub fn users_damage(&self) -> Option<&Damage> {
        self.inner.users_damage.as_ref()
    }

    /// Commands that the cluster has agreed on and that this version does not know: its facts lack what they say.
    pub fn unknown_commands(&self) -> Vec<String> {
        self.inner.unknown_commands.lock().iter().cloned().collect()
    }

    /// The accounts of clients. Reading them takes the disk if they were not asked for lately: not for a worker.
    pub fn users(&self) -> &Users {
        &self.inner.users
    }

    /// Applies a command. It is on disk and in [`Self::facts`] when this returns; if the caller gives up waiting,
    /// it is applied all the same.
    ///
    /// # Errors
    /// See [`ApplyError`].
    pub async fn apply(&self, command: Command) -> Result<Applied, ApplyError> {
        let stage = self.stage().await;
        let state = self.clone();
        let done = match stage {
            // In a task of its own: whoever gives up waiting leaves no command half applied.
            Stage::Running(part) => tokio::spawn(async move { part.propose(&state, &command).await }).await,
            Stage::Offline => tokio::task::spawn_blocking(move || state.apply_here(command)).await,
            other => return Err(refusal_of(&other)),
        };
        done.unwrap_or(Err(ApplyError::Stopping))
    }

    /// As [`Self::apply`], on this thread: for programs without a runtime, and for the start of a node.
    ///
    /// # Errors
    /// See [`ApplyError`].
    pub fn apply_blocking(&self, command: Command) -> Result<Applied, ApplyError> {
        let stage = self.inner.stage.borrow().clone();
        match stage {
            Stage::Running(part) => part.propose_blocking(self, &command),
            Stage::Offline => self.apply_here(command),
            other => Err(refusal_of(&other)),
        }
    }

    /// Applies a command of which nobody else has to hear.
    fn apply_here(&self, command: Command) -> Result<Applied, ApplyError> {
        let mut writer = self.inner.writer.lock();
        writer.check()?;
        check_is_alone(writer.position.as_deref())?;
        if command.is_of_users() {
            return self.apply_to_users(&mut writer, command);
        }
        let mut facts = Facts::clone(&self.inner.facts.load());
        let changes = facts.apply(&command)?;
        if changes.is_empty() {
            return Ok(Applied { index: 0, rows: 0 });
        }
        let (name, rows) = (command.name(), changes.len());
        let batch = self.batch(command, facts, changes);
        writer.commit(&batch).map_err(|error| writer.fail(name, &error))?;
        self.inner.facts.store(Arc::new(batch.facts));
        self.inner.applied.send_replace(batch.applied);
        Ok(Applied {
            index: batch.applied,
            rows,
        })
    }

    fn apply_to_users(&self, writer: &mut Writer, command: Command) -> Result<Applied, ApplyError> {
        let name = command.name();
        let prepared = match self.inner.users.prepare(&command) {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(refusal)) => return Err(refusal.into()),
            Err(error) => return Err(writer.fail(name, &error)),
        };
        if prepared.rows == 0 {
            return Ok(Applied { index: 0, rows: 0 });
        }
        let batch = self.batch(command, Facts::clone(&self.inner.facts.load()), Vec::new());
        let (index, rows) = (batch.applied, prepared.rows);
        // The log first: what is on it and not in the users' file yet is made up for at the next start.
        let logged = writer.commit(&batch);
        let committed = logged.and_then(|()| prepared.commit(index));
        committed.map_err(|error| writer.fail(name, &error))?;
        self.inner.applied.send_replace(index);
        Ok(Applied { index, rows })
    }

    /// One command that was applied here.
    fn batch(&self, command: Command, facts: Facts, changes: Vec<Change>) -> Batch {
        let applied = *self.inner.applied.borrow() + 1;
        Batch {
            applied,
            entries: vec![(applied, command)],
            facts,
            changes,
            position: None,
            kept_from: applied,
        }
    }
}

/// Why nothing can be changed now.
fn refusal_of(stage: &Stage) -> ApplyError {
    match stage {
        Stage::LostLog(_) => ApplyError::LostLog,
        Stage::Failed(failed) => ApplyError::Storage(failed.why.to_string()),
        _ => ApplyError::Stopping,
    }
}

impl Inner {
    /// A later version had the cluster agree on something that this one cannot carry out.
    fn unknown_command(&self, name: &str) {
        let mut known = self.unknown_commands.lock();
        if known.len() < UNKNOWN_COMMANDS_MAX && known.insert(name.to_owned()) {
            tracing::error!(
                command = name,
                why = "a later version of emqxd proposed it; this node's facts are not those of the others any more",
                next = "upgrade this node, then let it leave the cluster and join it again",
                "state_command_unknown"
            );
        }
    }
}

impl Writer {
    /// Whether anything can be written.
    fn check(&self) -> Result<(), ApplyError> {
        match (self.has_failed, &self.store) {
            (true, _) => Err(ApplyError::ReadOnly),
            (_, None) => Err(ApplyError::Stopping),
            _ => Ok(()),
        }
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.store.as_ref().ok_or(StoreError::InUse)?.commit(batch)
    }

    /// After a failed fsync the kernel may have dropped the pages: trying again would prove nothing.
    fn fail(&mut self, command: &'static str, error: &StoreError) -> ApplyError {
        self.has_failed = true;
        let why = error.to_string();
        tracing::error!(
            command,
            why,
            next = "see to the disk, then restart emqxd",
            "state_write_failed"
        );
        ApplyError::Storage(why)
    }
}

/// The file of the accounts, beside the store.
fn users_path(store: &Path) -> PathBuf {
    store.with_file_name("users.redb")
}

/// Facts of a snapshot that a crash has kept from taking the place of those at `store` count for nothing any more, and there
/// are hashes in them.
fn forget_incoming(store: &Path) {
    let path = snapshot::incoming_store(store);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let next = "remove it: nothing needs it, and there are hashes of passwords in it";
            tracing::warn!(path = %path.display(), reason = %error, next, "half_a_snapshot_not_removed");
        }
        _ => {}
    }
}

/// Opens the accounts and brings them up to date with the store: those that came with its snapshot take their place, if a
/// crash was faster, and what is on its log only is applied.
fn open_users(path: &Path, store: &Store, loaded: &Loaded) -> Result<Users, StoreError> {
    let incoming = snapshot::incoming(path);
    if fs::exists(&incoming)? {
        let is_due = match (Users::snapshot_of(&incoming), &loaded.snapshot) {
            (Ok(Some(theirs)), Some(ours)) => theirs == *ours,
            // Half written.
            _ => false,
        };
        match is_due {
            true => store::rename_synced(&incoming, path)?,
            false => fs::remove_file(&incoming)?,
        }
    }
    let users = Users::open(path, loaded.applied)?;
    users.catch_up(loaded.applied, store.entries_after(users.applied()?)?)?;
    Ok(users)
}

/// Opens a file, or puts a damaged one aside and opens a new one.
fn open_whole<T>(path: &Path, open: impl Fn(&Path) -> Result<T, StoreError>) -> Result<(T, Option<Damage>), OpenError> {
    let why = match open(path) {
        Ok(opened) => return Ok((opened, None)),
        Err(StoreError::Damaged(why)) => why,
        Err(other) => return Err(open_error(path.to_owned(), other)),
    };
    let moved_to = put_aside(path).map_err(|source| OpenError::Io {
        path: path.to_owned(),
        source,
    })?;
    tracing::error!(
        path = %path.display(),
        moved_to = %moved_to.display(),
        why,
        next = "restore it from a backup, or import an export: `emqx-ctl data import FILE`",
        "state_damaged"
    );
    let opened = open(path).map_err(|error| open_error(path.to_owned(), error))?;
    Ok((opened, Some(Damage { why, moved_to })))
}

fn open_error(path: PathBuf, error: StoreError) -> OpenError {
    match error {
        StoreError::Newer(why) => OpenError::Newer { path, why },
        StoreError::InUse => OpenError::InUse { path },
        StoreError::Io(source) => OpenError::Io { path, source },
        // A new one that reads wrong at once: the disk lies.
        StoreError::Damaged(why) => OpenError::Io {
            path,
            source: io::Error::new(io::ErrorKind::InvalidData, why),
        },
    }
}

/// Renames a damaged store so that it stays for whoever wants to look.
fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let seconds = unix_ms_now() / 1000;
    let mut aside = path.with_extension(format!("redb.damaged.{seconds}"));
    let mut number = 1;
    while fs::exists(&aside)? {
        aside = path.with_extension(format!("redb.damaged.{seconds}.{number}"));
        number += 1;
    }
    fs::rename(path, &aside)?;
    Ok(aside)
}
