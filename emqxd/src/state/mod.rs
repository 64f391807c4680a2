//! The replicated state: the few precious facts of a cluster (licence, admins, bans, which listeners are enabled) and
//! the accounts of its clients, changed by commands only.
//!
//! [`ReplicatedState::apply`] puts a command on the log and applies it; when it returns, the command is on disk and
//! in [`ReplicatedState::facts`]. The log has one node for now: a consensus of several will stand between `apply`
//! and `store.rs`, and nothing above changes. A damaged store is put aside and reported, never silently dropped.

mod access_rules;
mod admin;
mod ban;
mod ban_list;
mod command;
mod facts;
mod record;
mod store;
#[cfg(test)]
mod tests;
mod user;
mod users;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::sync::watch;

pub use self::access_rules::{AccessRule, AccessRules, HolderRules, RuleHolder};
pub use self::admin::{Admin, AdminRole, PasswordHash};
pub use self::ban::{Ban, BanKind, BanScope};
pub use self::ban_list::BanList;
use self::command::Change;
pub use self::command::{Applied, Command, ImportedRows, Refusal};
pub use self::facts::{FLAPPING_DETECTOR, Facts, StoredLicense};
use self::store::{Store, StoreError};
pub use self::user::{Account, GLOBAL_GROUP, Proof, User, UserTable};
pub use self::users::{Users, UsersError};
use crate::clock::unix_ms_now;
use emqx_shared::ExitCode;

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
    /// Held from judging a command to its being on disk: commands have one order.
    writer: Mutex<Writer>,
}

struct Writer {
    /// `None` while another process has the files.
    store: Option<Store>,
    /// A write failed: what is on disk is not known any more, so nothing is promised until the next start.
    has_failed: bool,
}

/// A store that could not be read and was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong with it.
    pub why: String,
    /// Where it is now.
    pub moved_to: PathBuf,
}

/// Why the state cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A later version of the daemon wrote it.
    #[error("the state {} was {why}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// What says so.
        why: String,
    },
    /// Another process has it open.
    #[error("the state {} is open in another process", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("the state {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl OpenError {
    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Newer { .. } => ExitCode::Config,
            Self::InUse { .. } => ExitCode::TryAgain,
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => ExitCode::NoPermission,
            Self::Io { .. } => ExitCode::CannotCreate,
        }
    }

    /// What the operator can do.
    pub fn next_step(&self) -> String {
        match self {
            Self::Newer { .. } => "start the version of emqxd that wrote it, or a later one".to_owned(),
            Self::InUse { .. } => "stop the other one (`emqx-ctl status`)".to_owned(),
            Self::Io { path, .. } => format!("make {} readable and writable for this user", path.display()),
        }
    }
}

/// Why a command was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The rules refuse it; nothing has changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It may or may not be on disk. No command is taken until the next start.
    #[error("the state cannot be written: {0}")]
    Storage(String),
    /// A write failed before.
    #[error("the state is read-only since a write failed; the log says why")]
    ReadOnly,
    /// The node is on its way down.
    #[error("the node is stopping")]
    Stopping,
}

impl ReplicatedState {
    /// Opens `<data>/state/state.redb`, making it if it is absent. A damaged one is put aside; see [`Self::damage`].
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(data_dir: &Path, _node: &str) -> Result<Self, OpenError> {
        let path = Self::path(data_dir);
        let (opened, damage) = open_whole(&path, Store::open)?;
        let (store, facts, applied) = opened;
        let open_users = |path: &Path| open_users(path, &store, applied);
        let (users, users_damage) = open_whole(&users_path(&path), open_users)?;
        Ok(Self {
            inner: Arc::new(Inner {
                facts: ArcSwap::from_pointee(facts),
                users,
                applied: watch::Sender::new(applied),
                damage,
                users_damage,
                path,
                writer: Mutex::new(Writer {
                    store: Some(store),
                    has_failed: false,
                }),
            }),
        })
    }

    /// Closes the files for another process. What is known stays known, but nothing can be changed and no account found
    /// until [`Self::take_back`].
    pub fn let_go(&self) {
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
        let (store, facts, applied) = Store::open(path).map_err(|error| open_error(path.clone(), error))?;
        let users = users_path(path);
        let opened = open_users(&users, &store, applied).map_err(|error| open_error(users, error))?;
        self.inner.users.take_back(opened);
        self.inner.facts.store(Arc::new(facts));
        self.inner.applied.send_replace(applied);
        writer.store = Some(store);
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
        let state = self.clone();
        tokio::task::spawn_blocking(move || state.apply_blocking(command))
            .await
            .unwrap_or(Err(ApplyError::Stopping))
    }

    /// As [`Self::apply`], on this thread: for programs without a runtime.
    ///
    /// # Errors
    /// See [`ApplyError`].
    pub fn apply_blocking(&self, command: Command) -> Result<Applied, ApplyError> {
        let mut writer = self.inner.writer.lock();
        if writer.has_failed {
            return Err(ApplyError::ReadOnly);
        }
        if writer.store.is_none() {
            return Err(ApplyError::Stopping);
        }
        if command.is_of_users() {
            return self.apply_to_users(&mut writer, command);
        }
        let mut facts = Facts::clone(&self.inner.facts.load());
        let changes = facts.apply(&command)?;
        if changes.is_empty() {
            return Ok(Applied { index: 0, rows: 0 });
        }
        let index = *self.inner.applied.borrow() + 1;
        let name = command.name();
        let committed = writer.commit(index, command, &facts, &changes);
        committed.map_err(|error| writer.fail(name, &error))?;
        self.inner.facts.store(Arc::new(facts));
        self.inner.applied.send_replace(index);
        Ok(Applied {
            index,
            rows: changes.len(),
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
        let (index, rows) = (*self.inner.applied.borrow() + 1, prepared.rows);
        // The log first: what is on it and not in the users' file yet is made up for at the next start.
        let logged = writer.commit(index, command, &self.inner.facts.load(), &[]);
        let committed = logged.and_then(|()| prepared.commit(index));
        committed.map_err(|error| writer.fail(name, &error))?;
        self.inner.applied.send_replace(index);
        Ok(Applied { index, rows })
    }
}

impl Writer {
    fn commit(&self, index: u64, command: Command, facts: &Facts, changes: &[Change]) -> Result<(), StoreError> {
        let store = self.store.as_ref().ok_or(StoreError::InUse)?;
        store.commit(index, command, facts, changes)
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

/// Opens the accounts and brings them up to date with the log.
fn open_users(path: &Path, store: &Store, applied: u64) -> Result<Users, StoreError> {
    let users = Users::open(path, applied)?;
    users.catch_up(applied, store.entries_after(users.applied()?)?)?;
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
