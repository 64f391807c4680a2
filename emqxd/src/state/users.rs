//! The accounts of clients: too many for a snapshot in memory, so they lie in a file of their own and are looked up by key.
//!
//! Commands change them as they change the facts: `mod.rs` asks [`Users::prepare`] whether the rules allow a command, puts
//! it on the log, then commits what was prepared. After a crash between the two the log is ahead, and
//! [`Users::catch_up`] applies what is missing. Memory is bounded by the page cache, whatever the number of users.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parking_lot::{MappedRwLockReadGuard, RwLock, RwLockReadGuard};
use redb::backends::FileBackend;
use redb::{
    Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition,
    WriteTransaction,
};

use super::command::{Command, IMPORT_ROWS_MAX, Refusal};
use super::record;
use super::store::{StoreError, create, from_redb};
use super::user::{Account, User, UserTable};

/// Accounts of `password_based:built_in_database`, by chain and name.
const PASSWORD: TableDefinition<&str, &[u8]> = TableDefinition::new("password");
/// Accounts of `scram:built_in_database`.
const SCRAM: TableDefinition<&str, &[u8]> = TableDefinition::new("scram");
/// Single values by name.
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");

const APPLIED: &str = "applied";
const DECOY_SECRET: &str = "decoy_secret";
/// The snapshot that the file was made of; see `store.rs`.
const SNAPSHOT: &str = "snapshot";

/// Users in each table; a million take some 300 MB of disk.
pub const USERS_MAX: u64 = 4_000_000;
/// Longest name of a chain.
const GROUP_BYTES_MAX: usize = 1024;
/// Longest user name or client id: MQTT's bound.
const USER_ID_BYTES_MAX: usize = 65_535;
/// Users of a snapshot that are written in one transaction.
const INCOMING_AT_ONCE: usize = 10_000;
/// Pages kept in memory: the branches of a million users, and the leaves that were asked for lately.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

/// The open file.
pub struct Users {
    /// `None` while another process has the file.
    database: RwLock<Option<Database>>,
}

/// The file cannot be read: nobody can be looked up, so nobody is let in.
#[derive(Debug, thiserror::Error)]
#[error("the user database cannot be read: {0}")]
pub struct UsersError(String);

impl From<StoreError> for UsersError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// The users as of one moment, whatever is changed meanwhile.
pub(super) struct FrozenUsers {
    transaction: ReadTransaction,
}

impl FrozenUsers {
    /// All of a table.
    pub(super) fn of(&self, table: UserTable) -> Result<impl Iterator<Item = Result<User, StoreError>>, StoreError> {
        let table = self.transaction.open_table(definition(table)).map_err(from_redb)?;
        let rows = table.range::<&str>(..)?;
        Ok(rows.map(|row| {
            let (key, value) = row?;
            user_of(key.value(), value.value())
        }))
    }

    /// See [`Users::decoy_secret`].
    pub(super) fn decoy_secret(&self) -> Result<Option<[u8; 32]>, StoreError> {
        let meta = self.transaction.open_table(META).map_err(from_redb)?;
        let value = meta.get(DECOY_SECRET)?;
        Ok(value.map(|value| record::decode(value.value())).transpose()?)
    }
}

/// A file of users that is being made of a snapshot.
pub(super) struct IncomingUsers {
    database: Database,
    waiting: Vec<User>,
}

impl IncomingUsers {
    /// An empty one, in place of any that is there.
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        create(path, |transaction| {
            let _password = transaction.open_table(PASSWORD).map_err(from_redb)?;
            let _scram = transaction.open_table(SCRAM).map_err(from_redb)?;
            let _meta = transaction.open_table(META).map_err(from_redb)?;
            Ok(())
        })?;
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE_BYTES);
        Ok(Self {
            database: builder.create_with_backend(FileBackend::new(file)?)?,
            waiting: Vec::new(),
        })
    }

    /// One more.
    pub(super) fn add(&mut self, user: User) -> Result<(), StoreError> {
        self.waiting.push(user);
        if self.waiting.len() < INCOMING_AT_ONCE {
            return Ok(());
        }
        // Nothing of it is of any use until the end is on disk.
        self.write(Durability::None, |_| Ok(()))
    }

    /// That was all.
    pub(super) fn finish(mut self, applied: u64, decoy: Option<[u8; 32]>, snapshot: &str) -> Result<(), StoreError> {
        self.write(Durability::Immediate, |transaction| {
            let mut meta = transaction.open_table(META).map_err(from_redb)?;
            meta.insert(APPLIED, record::encode(&applied).as_slice())?;
            meta.insert(SNAPSHOT, record::encode(&snapshot).as_slice())?;
            if let Some(secret) = decoy {
                meta.insert(DECOY_SECRET, record::encode(&secret).as_slice())?;
            }
            Ok(())
        })
    }

    fn write(
        &mut self,
        durability: Durability,
        also: impl FnOnce(&WriteTransaction) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin_write().map_err(from_redb)?;
        transaction.set_durability(durability).map_err(from_redb)?;
        for user in self.waiting.drain(..) {
            let kind = user.account.proof.table();
            let mut table = transaction.open_table(definition(kind)).map_err(from_redb)?;
            let key = key(&user.group, &user.user_id);
            table.insert(key.as_str(), record::encode(&user.account).as_slice())?;
        }
        also(&transaction)?;
        transaction.commit().map_err(from_redb)
    }
}

/// Changes that are ready to be committed.
pub(super) struct Prepared {
    transaction: WriteTransaction,
    /// Rows that changed or went.
    pub(super) rows: usize,
}

impl Users {
    /// Opens the file, or makes one that is up to date with the log at `applied`.
    pub(super) fn open(path: &Path, applied: u64) -> Result<Self, StoreError> {
        if !fs::exists(path)? {
            create(path, |transaction| {
                let _password = transaction.open_table(PASSWORD).map_err(from_redb)?;
                let _scram = transaction.open_table(SCRAM).map_err(from_redb)?;
                let mut meta = transaction.open_table(META).map_err(from_redb)?;
                meta.insert(APPLIED, record::encode(&applied).as_slice())?;
                Ok(())
            })?;
        }
        // As in `Store::open`; its pages are checked when they are read, not all at the start.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let file = OpenOptions::new().read(true).write(true).open(path)?;
            if file.metadata()?.len() == 0 {
                return Err(StoreError::Damaged("the file is empty".to_owned()));
            }
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE_BYTES);
            let users = Self {
                database: RwLock::new(Some(builder.create_with_backend(FileBackend::new(file)?)?)),
            };
            users.applied()?;
            for table in UserTable::ALL {
                users.count_of(table)?;
            }
            Ok(users)
        }));
        opened.unwrap_or_else(|_| Err(StoreError::Damaged("reading it failed an assertion".to_owned())))
    }

    /// Applies what the log has and this file missed. `entries` are the commands behind [`Self::applied`], in order.
    pub(super) fn catch_up(
        &self,
        applied: u64,
        entries: impl Iterator<Item = Result<(u64, Command), StoreError>>,
    ) -> Result<(), StoreError> {
        for entry in entries {
            let (index, command) = entry?;
            if !command.is_of_users() {
                continue;
            }
            // What the rules refuse was refused then, too.
            let _judged = self.apply(&[(index, command)])?;
        }
        if self.applied()? != applied {
            // A log that was put aside or restored begins anew; the users stay.
            let transaction = self.database()?.begin_write().map_err(from_redb)?;
            Prepared { transaction, rows: 0 }.commit(applied)?;
        }
        Ok(())
    }

    /// As of now.
    pub(super) fn freeze(&self) -> Result<FrozenUsers, StoreError> {
        let transaction = self.database()?.begin_read().map_err(from_redb)?;
        Ok(FrozenUsers { transaction })
    }

    /// The snapshot that a file was made of, if it was of one.
    pub(super) fn snapshot_of(path: &Path) -> Result<Option<String>, StoreError> {
        Self::open(path, 0)?.meta(SNAPSHOT)
    }

    /// Closes the file for another process; nobody is found until [`Self::take_back`].
    pub(super) fn let_go(&self) {
        self.database.write().take();
    }

    /// Goes on with the file, as another has opened it.
    pub(super) fn take_back(&self, opened: Self) {
        *self.database.write() = opened.database.into_inner();
    }

    /// Held while the file is read, so that it is not closed under a reader.
    fn database(&self) -> Result<MappedRwLockReadGuard<'_, Database>, StoreError> {
        RwLockReadGuard::try_map(self.database.read(), Option::as_ref).map_err(|_| StoreError::InUse)
    }

    /// The place in the log of the command applied last.
    pub(super) fn applied(&self) -> Result<u64, StoreError> {
        let value = self.meta(APPLIED)?;
        value.ok_or_else(|| StoreError::Damaged("no applied index".to_owned()))
    }

    fn meta<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let database = self.database()?;
        let transaction = database.begin_read().map_err(from_redb)?;
        let meta = transaction.open_table(META).map_err(from_redb)?;
        let value = meta.get(name)?;
        Ok(value.map(|value| record::decode(value.value())).transpose()?)
    }

    /// The account of a user.
    ///
    /// # Errors
    /// See [`UsersError`].
    pub fn find(&self, table: UserTable, group: &str, user_id: &str) -> Result<Option<Account>, UsersError> {
        Ok(self.find_in(table, &key(group, user_id))?)
    }

    fn find_in(&self, table: UserTable, key: &str) -> Result<Option<Account>, StoreError> {
        let database = self.database()?;
        let transaction = database.begin_read().map_err(from_redb)?;
        let table = transaction.open_table(definition(table)).map_err(from_redb)?;
        let value = table.get(key)?;
        Ok(value.map(|value| record::decode(value.value())).transpose()?)
    }

    /// Users of one chain in the order of their names, behind one if it is given; at most `limit`.
    ///
    /// # Errors
    /// See [`UsersError`].
    pub fn page(
        &self,
        table: UserTable,
        group: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<User>, UsersError> {
        let after = after.map(|user_id| (group, user_id));
        Ok(self.page_of(table, Some(group), after, limit)?)
    }

    /// Users of all chains in the order of chain and name, behind one if it is given; at most `limit`.
    ///
    /// # Errors
    /// See [`UsersError`].
    pub fn page_of_all(&self, table: UserTable, after: Option<&User>, limit: usize) -> Result<Vec<User>, UsersError> {
        let after = after.map(|user| (user.group.as_str(), user.user_id.as_str()));
        Ok(self.page_of(table, None, after, limit)?)
    }

    fn page_of(
        &self,
        table: UserTable,
        group: Option<&str>,
        after: Option<(&str, &str)>,
        limit: usize,
    ) -> Result<Vec<User>, StoreError> {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        let database = self.database()?;
        let transaction = database.begin_read().map_err(from_redb)?;
        let table = transaction.open_table(definition(table)).map_err(from_redb)?;
        let start = match (after, group) {
            (Some((group, user_id)), _) => key(group, user_id),
            (None, Some(group)) => key(group, ""),
            (None, None) => String::new(),
        };
        let start = match (after, start.as_str()) {
            (_, "") => Unbounded,
            (Some(_), start) => Excluded(start),
            (None, start) => Included(start),
        };
        let mut users = Vec::new();
        for row in table.range::<&str>((start, Unbounded))? {
            let (key, value) = row?;
            let user = user_of(key.value(), value.value())?;
            if users.len() == limit || group.is_some_and(|group| group != user.group) {
                break;
            }
            users.push(user);
        }
        Ok(users)
    }

    /// How many users a table has, of all chains.
    ///
    /// # Errors
    /// See [`UsersError`].
    pub fn count(&self, table: UserTable) -> Result<u64, UsersError> {
        Ok(self.count_of(table)?)
    }

    fn count_of(&self, table: UserTable) -> Result<u64, StoreError> {
        let database = self.database()?;
        let transaction = database.begin_read().map_err(from_redb)?;
        let table = transaction.open_table(definition(table)).map_err(from_redb)?;
        Ok(table.len()?)
    }

    /// The secret behind the SCRAM answers to users that are not there, if one was set.
    ///
    /// # Errors
    /// See [`UsersError`].
    pub fn decoy_secret(&self) -> Result<Option<[u8; 32]>, UsersError> {
        Ok(self.meta(DECOY_SECRET)?)
    }

    /// Judges a command and makes its changes ready; or says why the rules refuse it, and nothing has changed.
    pub(super) fn prepare(&self, command: &Command) -> Result<Result<Prepared, Refusal>, StoreError> {
        let transaction = self.database()?.begin_write().map_err(from_redb)?;
        let judged = change(&transaction, command)?;
        Ok(judged.map(|rows| Prepared { transaction, rows }))
    }
}

impl Users {
    /// Applies commands that are on the log, in one transaction; what the rules say to each.
    pub(super) fn apply(&self, entries: &[(u64, Command)]) -> Result<Vec<Result<usize, Refusal>>, StoreError> {
        let Some((last, _)) = entries.last() else {
            return Ok(Vec::new());
        };
        let transaction = self.database()?.begin_write().map_err(from_redb)?;
        let judged = entries.iter().map(|(_, command)| change(&transaction, command));
        let judged = judged.collect::<Result<Vec<_>, _>>()?;
        Prepared { transaction, rows: 0 }.commit(*last)?;
        Ok(judged)
    }
}

impl Prepared {
    /// Makes the changes of the command at this place of the log; they are on disk when this returns.
    pub(super) fn commit(mut self, index: u64) -> Result<(), StoreError> {
        self.transaction
            .set_durability(Durability::Immediate)
            .map_err(from_redb)?;
        // As in `Store::commit`: without it, opening after a crash would walk through all users.
        self.transaction.set_quick_repair(true);
        {
            let mut meta = self.transaction.open_table(META).map_err(from_redb)?;
            meta.insert(APPLIED, record::encode(&index).as_slice())?;
        }
        self.transaction.commit().map_err(from_redb)
    }
}

/// The rules: how a command changes the users. One that is refused changes nothing.
fn change(transaction: &WriteTransaction, command: &Command) -> Result<Result<usize, Refusal>, StoreError> {
    match command {
        Command::AddUser { user } => put_users(transaction, std::slice::from_ref(user), Existing::Refuse),
        Command::ImportUsers { users, overwrite } => {
            let existing = if *overwrite { Existing::Replace } else { Existing::Keep };
            put_users(transaction, users, existing)
        }
        Command::UpdateUser {
            table,
            group,
            user_id,
            proof,
            is_superuser,
        } => {
            let mut table = transaction.open_table(definition(*table)).map_err(from_redb)?;
            let key = key(group, user_id);
            let found = table.get(key.as_str())?;
            let found = found
                .map(|value| record::decode::<Account>(value.value()))
                .transpose()?;
            let Some(mut account) = found else {
                return Ok(Err(Refusal::UserNotFound));
            };
            account.proof = proof.clone().unwrap_or(account.proof);
            account.is_superuser = is_superuser.unwrap_or(account.is_superuser);
            table.insert(key.as_str(), record::encode(&account).as_slice())?;
            Ok(Ok(1))
        }
        Command::DeleteUser { table, group, user_id } => {
            let mut table = transaction.open_table(definition(*table)).map_err(from_redb)?;
            let removed = table.remove(key(group, user_id).as_str())?.is_some();
            Ok(removed.then_some(1).ok_or(Refusal::UserNotFound))
        }
        Command::SetDecoySecret { secret } => {
            let mut meta = transaction.open_table(META).map_err(from_redb)?;
            if meta.get(DECOY_SECRET)?.is_some() {
                return Ok(Ok(0));
            }
            meta.insert(DECOY_SECRET, record::encode(secret).as_slice())?;
            Ok(Ok(1))
        }
        _ => Ok(Ok(0)),
    }
}

/// What happens to a user that is there already.
#[derive(Clone, Copy, PartialEq)]
enum Existing {
    Refuse,
    Keep,
    Replace,
}

fn put_users(
    transaction: &WriteTransaction,
    users: &[User],
    existing: Existing,
) -> Result<Result<usize, Refusal>, StoreError> {
    if users.len() > IMPORT_ROWS_MAX {
        return Ok(Err(Refusal::TooManyRows { rows: users.len() }));
    }
    if let Some(refusal) = users.iter().find_map(bad_name) {
        return Ok(Err(refusal));
    }
    let mut taken = Vec::with_capacity(users.len());
    for kind in UserTable::ALL {
        let table = transaction.open_table(definition(kind)).map_err(from_redb)?;
        let mut new = HashSet::new();
        for user in users.iter().filter(|user| user.account.proof.table() == kind) {
            let key = key(&user.group, &user.user_id);
            let is_there = table.get(key.as_str())?.is_some() || new.contains(&key);
            match (is_there, existing) {
                (true, Existing::Refuse) => return Ok(Err(Refusal::UserExists)),
                (true, Existing::Keep) => continue,
                (true, Existing::Replace) => {}
                (false, _) => drop(new.insert(key.clone())),
            }
            taken.push((kind, key, &user.account));
        }
        if !new.is_empty() && table.len()? + new.len() as u64 > USERS_MAX {
            return Ok(Err(Refusal::TooManyUsers(USERS_MAX)));
        }
    }
    let rows = taken.len();
    for (kind, key, account) in taken {
        let mut table = transaction.open_table(definition(kind)).map_err(from_redb)?;
        table.insert(key.as_str(), record::encode(account).as_slice())?;
    }
    Ok(Ok(rows))
}

fn bad_name(user: &User) -> Option<Refusal> {
    let names = [
        ("group", &user.group, GROUP_BYTES_MAX),
        ("user_id", &user.user_id, USER_ID_BYTES_MAX),
    ];
    for (what, name, limit) in names {
        if name.is_empty() || name.contains('\0') {
            return Some(Refusal::BadUserName(what.into()));
        }
        if name.len() > limit {
            let length = name.len();
            return Some(Refusal::TooLong {
                what: what.into(),
                length,
                limit,
            });
        }
    }
    None
}

const fn definition(table: UserTable) -> TableDefinition<'static, &'static str, &'static [u8]> {
    match table {
        UserTable::Password => PASSWORD,
        UserTable::Scram => SCRAM,
    }
}

fn user_of(key: &str, account: &[u8]) -> Result<User, StoreError> {
    let Some((group, user_id)) = key.split_once('\0') else {
        return Err(StoreError::Damaged("a user without a chain".to_owned()));
    };
    Ok(User {
        group: group.to_owned(),
        user_id: user_id.to_owned(),
        account: record::decode(account)?,
    })
}

/// Neither part holds a zero byte, see [`bad_name`]; a question with one finds nothing.
fn key(group: &str, user_id: &str) -> String {
    [group, user_id].join("\0")
}

#[cfg(test)]
mod tests;
