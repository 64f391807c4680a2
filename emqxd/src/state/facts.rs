//! The few precious facts of a cluster, and the rules by which a command changes them.
//!
//! [`Facts::apply`] is the state machine: no clock, no randomness, no I/O, so every node that applies the same
//! commands holds the same facts. Readers get whole snapshots; parts that did not change are shared between them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::access_rules::AccessRules;
use super::ban_list::{BAN_PATTERNS_MAX, BANS_MAX, BanList};
use super::command::{Change, Command, IMPORT_ROWS_MAX, ImportedRows, Refusal};
use super::{Admin, Ban, BanKind};

/// Administrators of one cluster.
const ADMINS_MAX: usize = 1000;
/// Longest licence text: keys have some hundred bytes.
const LICENSE_BYTES_MAX: usize = 64 * 1024;
/// Licences remembered that are no longer in force.
const LICENSE_HISTORY_MAX: usize = 16;
/// Listeners remembered as enabled or disabled.
const LISTENERS_MAX: usize = 1000;
/// Bans for flapping: strangers cause them, and must leave room for those of operators.
const FLAPPING_BANS_MAX: usize = 10_000;
/// Whom one such ban is narrowed to; the oldest is let in again.
const FLAPPING_SCOPES_MAX: usize = 16;
/// Nodes remembered as struck off; of more the one that was struck off first is forgotten.
const STRUCK_OFF_MAX: usize = 64;
/// Longest description of an administrator, user name, and listener id.
const NOTE_BYTES_MAX: usize = 1024;

/// EMQX's name for who bans the flapping.
pub const FLAPPING_DETECTOR: &str = "flapping detector";

/// What all nodes agree on, at one place of the log.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The licence in force; `None` for the built-in one.
    pub license: Option<Arc<StoredLicense>>,
    /// Those that were in force before, newest first.
    pub license_history: Arc<Vec<Arc<StoredLicense>>>,
    /// Time has come at least so far, Unix milliseconds.
    pub clock_mark_ms: u64,
    /// By name.
    pub admins: Arc<BTreeMap<String, Arc<Admin>>>,
    /// Who may not connect.
    pub banned: BanList,
    /// Who may do what, beside what the configuration says.
    pub access_rules: AccessRules,
    /// Listeners that an operator enabled or disabled, by id; for all others the configuration says.
    pub listeners: Arc<BTreeMap<String, bool>>,
    /// Numbers of nodes that an operator has struck off and not joined again since; the last one is the latest.
    pub struck_off: Arc<Vec<u64>>,
}

/// A licence, as it was set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLicense {
    /// The text as it was given.
    pub license: String,
    /// When, Unix milliseconds.
    pub set_at_ms: u64,
    /// By whom.
    pub by: String,
}

impl fmt::Debug for StoredLicense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { set_at_ms, by, .. } = self;
        write!(f, "StoredLicense {{ ***, set_at_ms: {set_at_ms}, by: {by:?} }}")
    }
}

impl Facts {
    /// Changes the facts and says which rows changed; or leaves them as they are and says why.
    pub(super) fn apply(&mut self, command: &Command) -> Result<Vec<Change>, Refusal> {
        match command {
            Command::SetLicense { license, set_at_ms, by } => self.set_license(license, *set_at_ms, by),
            Command::RaiseClockMark { unix_ms } => Ok(self.raise_clock_mark(*unix_ms)),
            Command::AddAdmin {
                username,
                password,
                description,
                role,
                must_change_password,
                at_ms,
            } => self.add_admin(Admin {
                username: username.clone(),
                password: password.clone(),
                description: description.clone(),
                role: *role,
                must_change_password: *must_change_password,
                created_at_ms: *at_ms,
                password_set_at_ms: *at_ms,
            }),
            Command::SetAdminPassword {
                username,
                password,
                must_change_password,
                at_ms,
            } => self.change_admin(username, |admin| {
                admin.password = password.clone();
                admin.must_change_password = *must_change_password;
                admin.password_set_at_ms = *at_ms;
            }),
            Command::DeleteAdmin { username } => self.delete_admin(username),
            Command::Ban { ban } => self.ban(ban),
            Command::BanFlapping { ban } => self.ban_flapping(ban),
            Command::Unban { kind, who } => self.unban(*kind, who),
            Command::ClearBans => Ok(self.clear_bans()),
            Command::ExpireBans { now_ms } => Ok(self.expire_bans(*now_ms)),
            Command::AddAccessRule { holder, rule } => {
                self.access_rules.add(holder, rule)?;
                Ok(vec![Change::AccessRules(holder.clone())])
            }
            Command::DeleteAccessRules { holder, topic } => {
                let removed = self.access_rules.remove(holder, topic.as_deref())?;
                // One row, and as many rules as were removed.
                Ok(vec![Change::AccessRules(holder.clone()); removed])
            }
            Command::SwitchListener { listener, enable } => self.switch_listener(listener, *enable),
            Command::StrikeOff { node } => Ok(self.strike_off(*node)),
            Command::Readmit { node } => Ok(self.readmit(*node)),
            Command::Import { rows } => self.import(rows),
            // Accounts of clients are no part of the snapshot: `users.rs` keeps them.
            Command::AddUser { .. }
            | Command::UpdateUser { .. }
            | Command::DeleteUser { .. }
            | Command::ImportUsers { .. }
            | Command::SetDecoySecret { .. } => Ok(Vec::new()),
        }
    }

    /// Takes a ban that was accepted once. One that another version took, such as a pattern that compiled there, is no
    /// reason to lose the rest.
    pub(super) fn load_ban(&mut self, ban: &Ban) {
        if let Err(refusal) = self.banned.insert(ban) {
            tracing::error!(
                reason = %refusal,
                next = "ban it anew in another form: emqx-ctl banned add",
                "ban_not_usable"
            );
        }
    }

    /// Every row there is, as if all had changed.
    pub(super) fn all_rows(&self) -> Vec<Change> {
        let mut rows = vec![Change::License, Change::ClockMark, Change::Listeners, Change::StruckOff];
        rows.extend(self.admins.keys().cloned().map(Change::Admin));
        rows.extend(self.banned.iter().map(|ban| Change::Ban(ban.kind, ban.who.clone())));
        let holders = self.access_rules.iter().map(|rules| rules.holder().clone());
        rows.extend(holders.map(Change::AccessRules));
        rows
    }

    fn set_license(&mut self, license: &str, set_at_ms: u64, by: &str) -> Result<Vec<Change>, Refusal> {
        check_length("license", license, LICENSE_BYTES_MAX)?;
        check_length("by", by, NOTE_BYTES_MAX)?;
        let new = Arc::new(StoredLicense {
            license: license.to_owned(),
            set_at_ms,
            by: by.to_owned(),
        });
        if let Some(previous) = self.license.replace(new) {
            let history = Arc::make_mut(&mut self.license_history);
            history.insert(0, previous);
            history.truncate(LICENSE_HISTORY_MAX);
        }
        let mut changes = vec![Change::License];
        if self.clock_mark_ms > set_at_ms {
            // The way out for an operator whose clock was far ahead once.
            self.clock_mark_ms = set_at_ms;
            changes.push(Change::ClockMark);
        }
        Ok(changes)
    }

    fn raise_clock_mark(&mut self, unix_ms: u64) -> Vec<Change> {
        if unix_ms <= self.clock_mark_ms {
            return Vec::new();
        }
        self.clock_mark_ms = unix_ms;
        vec![Change::ClockMark]
    }

    fn add_admin(&mut self, admin: Admin) -> Result<Vec<Change>, Refusal> {
        if self.admins.contains_key(&admin.username) {
            return Err(Refusal::UsernameExists);
        }
        self.put_admin(admin)
    }

    fn put_admin(&mut self, admin: Admin) -> Result<Vec<Change>, Refusal> {
        check_length("username", &admin.username, NOTE_BYTES_MAX)?;
        check_length("description", &admin.description, NOTE_BYTES_MAX)?;
        let is_new = !self.admins.contains_key(&admin.username);
        if is_new && self.admins.len() >= ADMINS_MAX {
            return Err(Refusal::TooManyAdmins(ADMINS_MAX));
        }
        let change = Change::Admin(admin.username.clone());
        Arc::make_mut(&mut self.admins).insert(admin.username.clone(), Arc::new(admin));
        Ok(vec![change])
    }

    fn change_admin(&mut self, username: &str, change: impl FnOnce(&mut Admin)) -> Result<Vec<Change>, Refusal> {
        let admins = Arc::make_mut(&mut self.admins);
        let admin = admins.get_mut(username).ok_or(Refusal::UsernameNotFound)?;
        change(Arc::make_mut(admin));
        Ok(vec![Change::Admin(username.to_owned())])
    }

    fn delete_admin(&mut self, username: &str) -> Result<Vec<Change>, Refusal> {
        let removed = Arc::make_mut(&mut self.admins).remove(username);
        removed.ok_or(Refusal::UsernameNotFound)?;
        Ok(vec![Change::Admin(username.to_owned())])
    }

    fn ban(&mut self, ban: &Ban) -> Result<Vec<Change>, Refusal> {
        let old = self.banned.get(ban.kind, &ban.who);
        if old.is_some_and(|old| old.is_in_force(ban.at_ms)) {
            let (kind, who) = (ban.kind, ban.who.clone());
            return Err(Refusal::AlreadyBanned { kind, who });
        }
        self.put_ban(ban)
    }

    /// Adds to a ban for flapping of the same client id; leaves a ban alone that says more.
    fn ban_flapping(&mut self, ban: &Ban) -> Result<Vec<Change>, Refusal> {
        let mut ban = ban.clone();
        let old = self.banned.get(ban.kind, &ban.who);
        if let Some(old) = old.filter(|old| old.is_in_force(ban.at_ms)) {
            if old.only.is_empty() {
                return Ok(Vec::new());
            }
            let kept = old.only.iter().filter(|scope| !ban.only.contains(scope));
            let mut only: Vec<_> = kept.cloned().collect();
            only.append(&mut ban.only);
            only.drain(..only.len().saturating_sub(FLAPPING_SCOPES_MAX));
            ban.only = only;
            ban.until_ms = ban.until_ms.max(old.until_ms);
        } else if self.flapping_bans() >= FLAPPING_BANS_MAX {
            let mut changes = self.expire_bans(ban.at_ms);
            if self.flapping_bans() >= FLAPPING_BANS_MAX {
                let (kind, limit) = (ban.kind, FLAPPING_BANS_MAX);
                return Err(Refusal::TooManyBans { kind, limit });
            }
            changes.append(&mut self.put_ban(&ban)?);
            return Ok(changes);
        }
        self.put_ban(&ban)
    }

    fn flapping_bans(&self) -> usize {
        if self.banned.len() < FLAPPING_BANS_MAX {
            return self.banned.len();
        }
        let bans = self.banned.iter();
        bans.filter(|ban| ban.by == FLAPPING_DETECTOR).count()
    }

    /// Puts a ban in, making room by forgetting those that have ended.
    fn put_ban(&mut self, ban: &Ban) -> Result<Vec<Change>, Refusal> {
        let is_pattern = matches!(ban.kind, BanKind::ClientidRe | BanKind::UsernameRe);
        let limit = if is_pattern { BAN_PATTERNS_MAX } else { BANS_MAX };
        let is_full = |list: &BanList| list.len() >= BANS_MAX || (is_pattern && list.patterns() >= BAN_PATTERNS_MAX);
        let is_new = self.banned.get(ban.kind, &ban.who).is_none();
        let mut changes = Vec::new();
        if is_new && is_full(&self.banned) {
            changes = self.expire_bans(ban.at_ms);
            if is_full(&self.banned) {
                return Err(Refusal::TooManyBans { kind: ban.kind, limit });
            }
        }
        let kept = self.banned.insert(ban)?;
        changes.push(Change::Ban(kept.kind, kept.who.clone()));
        Ok(changes)
    }

    fn unban(&mut self, kind: BanKind, who: &str) -> Result<Vec<Change>, Refusal> {
        let removed = self.banned.remove(kind, who).ok_or_else(|| Refusal::NotBanned {
            kind,
            who: who.to_owned(),
        })?;
        Ok(vec![Change::Ban(kind, removed.who.clone())])
    }

    fn clear_bans(&mut self) -> Vec<Change> {
        let rows = self.banned.iter().map(|ban| Change::Ban(ban.kind, ban.who.clone()));
        let rows = rows.collect();
        self.banned = BanList::default();
        rows
    }

    fn expire_bans(&mut self, now_ms: u64) -> Vec<Change> {
        let ended: Vec<Arc<Ban>> = self
            .banned
            .iter()
            .filter(|ban| !ban.is_in_force(now_ms))
            .cloned()
            .collect();
        for ban in &ended {
            self.banned.remove(ban.kind, &ban.who);
        }
        ended.iter().map(|ban| Change::Ban(ban.kind, ban.who.clone())).collect()
    }

    fn switch_listener(&mut self, listener: &str, enable: bool) -> Result<Vec<Change>, Refusal> {
        check_length("listener", listener, NOTE_BYTES_MAX)?;
        if self.listeners.get(listener) == Some(&enable) {
            return Ok(Vec::new());
        }
        if !self.listeners.contains_key(listener) && self.listeners.len() >= LISTENERS_MAX {
            return Err(Refusal::TooManyListeners(LISTENERS_MAX));
        }
        Arc::make_mut(&mut self.listeners).insert(listener.to_owned(), enable);
        Ok(vec![Change::Listeners])
    }

    fn strike_off(&mut self, node: u64) -> Vec<Change> {
        if self.struck_off.contains(&node) {
            return Vec::new();
        }
        let struck_off = Arc::make_mut(&mut self.struck_off);
        struck_off.push(node);
        struck_off.drain(..struck_off.len().saturating_sub(STRUCK_OFF_MAX));
        vec![Change::StruckOff]
    }

    fn readmit(&mut self, node: u64) -> Vec<Change> {
        if !self.struck_off.contains(&node) {
            return Vec::new();
        }
        Arc::make_mut(&mut self.struck_off).retain(|other| *other != node);
        vec![Change::StruckOff]
    }

    fn import(&mut self, rows: &ImportedRows) -> Result<Vec<Change>, Refusal> {
        let count = rows.admins.len() + rows.banned.len() + rows.access_rules.len();
        if count > IMPORT_ROWS_MAX {
            return Err(Refusal::TooManyRows { rows: count });
        }
        let mut changes = Vec::with_capacity(count);
        for admin in &rows.admins {
            changes.append(&mut self.put_admin(admin.clone())?);
        }
        for ban in &rows.banned {
            changes.append(&mut self.put_ban(ban)?);
        }
        for row in &rows.access_rules {
            self.access_rules.replace(row)?;
            changes.push(Change::AccessRules(row.holder.clone()));
        }
        Ok(changes)
    }
}

fn check_length(what: &'static str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.len() <= limit {
        return Ok(());
    }
    let length = text.len();
    Err(Refusal::TooLong {
        what: what.into(),
        length,
        limit,
    })
}
