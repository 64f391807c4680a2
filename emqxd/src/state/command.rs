//! What can happen to the facts of the cluster, as entries of the replicated log.
//!
//! A command carries all that must not differ from node to node: times, salts, hashes. So every node that applies
//! the same commands in the same order holds the same facts; the rules are in `facts.rs`. Encoded as JSON by name:
//! a released variant keeps its name and its fields, a new field needs a default.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::access_rules::{AccessRule, RuleHolder, StoredRules};
use super::admin::{AdminRole, PasswordHash};
use super::ban::{Ban, BanKind};
use super::user::{Proof, User, UserTable};

/// One entry of the log.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Puts a licence in force; whoever sends it has checked it. Sets the clock mark back to `set_at_ms` if it is ahead.
    SetLicense {
        /// The text as it was given.
        license: String,
        /// When, Unix milliseconds.
        set_at_ms: u64,
        /// Who: a user name or `uid 1000`.
        by: String,
    },
    /// Time has come so far, for judgements that a clock set back must not undo. Goes back by [`Command::SetLicense`] alone.
    RaiseClockMark {
        /// Unix milliseconds.
        unix_ms: u64,
    },
    /// A new administrator.
    AddAdmin {
        /// Its name.
        username: String,
        /// Of its password.
        password: PasswordHash,
        /// For people.
        description: String,
        /// What it may do.
        role: AdminRole,
        /// The password is known to others.
        must_change_password: bool,
        /// When, Unix milliseconds.
        at_ms: u64,
    },
    /// A new password for an administrator.
    SetAdminPassword {
        /// Whose.
        username: String,
        /// Of the new password.
        password: PasswordHash,
        /// The password is known to others.
        must_change_password: bool,
        /// When, Unix milliseconds.
        at_ms: u64,
    },
    /// An administrator goes.
    DeleteAdmin {
        /// Whose name.
        username: String,
    },
    /// Keeps clients out.
    Ban {
        /// Whom, why, until when.
        ban: Ban,
    },
    /// Keeps a client out that came and went too often; narrower than [`Command::Ban`], and added to what is there.
    BanFlapping {
        /// Whom, with whom among them in `only`.
        ban: Ban,
    },
    /// Lets them in again.
    Unban {
        /// What `who` names.
        #[serde(rename = "as")]
        kind: BanKind,
        /// The value, as it was banned.
        who: String,
    },
    /// Lets all in again.
    ClearBans,
    /// Forgets the bans that have ended.
    ExpireBans {
        /// Unix milliseconds.
        now_ms: u64,
    },
    /// A rule about topics, behind those that are there.
    AddAccessRule {
        /// For whom.
        holder: RuleHolder,
        /// What it says.
        rule: AccessRule,
    },
    /// Rules about topics go.
    DeleteAccessRules {
        /// Whose.
        holder: RuleHolder,
        /// Those about this topic; all if there is none.
        topic: Option<String>,
    },
    /// Whether a listener starts with the node, whatever its configuration says.
    SwitchListener {
        /// Its id, such as `tcp:default`.
        listener: String,
        /// It does.
        enable: bool,
    },
    /// An operator has struck a node off: it is not to come back by itself.
    StrikeOff {
        /// Its number.
        node: u64,
    },
    /// It was admitted again.
    Readmit {
        /// Its number.
        node: u64,
    },
    /// A new account of a client.
    AddUser {
        /// Who, with what proof.
        user: Box<User>,
    },
    /// Changes what a client logs in with, or what it is.
    UpdateUser {
        /// Which table.
        table: UserTable,
        /// Whose chain.
        group: String,
        /// Who.
        user_id: String,
        /// In place of the old one; of the same table.
        proof: Option<Proof>,
        /// In place of the old answer.
        is_superuser: Option<bool>,
    },
    /// An account of a client goes.
    DeleteUser {
        /// Which table.
        table: UserTable,
        /// Whose chain.
        group: String,
        /// Who.
        user_id: String,
    },
    /// Many accounts of clients; at most [`IMPORT_ROWS_MAX`] in one command.
    ImportUsers {
        /// Who.
        users: Vec<User>,
        /// They replace those of the same name; otherwise those stay as they are.
        overwrite: bool,
    },
    /// The secret behind answers to users that are not there; the first one stays.
    SetDecoySecret {
        /// Random.
        secret: [u8; 32],
    },
    /// Writes rows of an export over those of the same name; others stay.
    Import {
        /// The rows; at most [`IMPORT_ROWS_MAX`] in one command.
        rows: Box<ImportedRows>,
    },
}

/// Rows in one [`Command::Import`].
pub const IMPORT_ROWS_MAX: usize = 1000;

/// Rows that come from another node's export.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedRows {
    /// Administrators.
    pub admins: Vec<super::Admin>,
    /// Bans.
    pub banned: Vec<Ban>,
    /// Rules about topics; those of one holder replace all that it has.
    #[serde(default)]
    pub access_rules: Vec<StoredRules>,
}

impl Command {
    /// The word by which logs name it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SetLicense { .. } => "set_license",
            Self::RaiseClockMark { .. } => "raise_clock_mark",
            Self::AddAdmin { .. } => "add_admin",
            Self::SetAdminPassword { .. } => "set_admin_password",
            Self::DeleteAdmin { .. } => "delete_admin",
            Self::Ban { .. } => "ban",
            Self::BanFlapping { .. } => "ban_flapping",
            Self::Unban { .. } => "unban",
            Self::ClearBans => "clear_bans",
            Self::ExpireBans { .. } => "expire_bans",
            Self::AddAccessRule { .. } => "add_access_rule",
            Self::DeleteAccessRules { .. } => "delete_access_rules",
            Self::SwitchListener { .. } => "switch_listener",
            Self::StrikeOff { .. } => "strike_off",
            Self::Readmit { .. } => "readmit",
            Self::AddUser { .. } => "add_user",
            Self::UpdateUser { .. } => "update_user",
            Self::DeleteUser { .. } => "delete_user",
            Self::ImportUsers { .. } => "import_users",
            Self::SetDecoySecret { .. } => "set_decoy_secret",
            Self::Import { .. } => "import",
        }
    }

    /// Whether it changes accounts of clients (`users.rs`) rather than the facts.
    pub(super) const fn is_of_users(&self) -> bool {
        matches!(
            self,
            Self::AddUser { .. }
                | Self::UpdateUser { .. }
                | Self::DeleteUser { .. }
                | Self::ImportUsers { .. }
                | Self::SetDecoySecret { .. }
        )
    }
}

impl fmt::Debug for Command {
    /// Its name only: licences and hashes are nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a command did.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Its place in the log; 0 if it changed nothing and was not written.
    pub index: u64,
    /// Rows that changed or went.
    pub rows: usize,
}

/// A row that a command changed: what the store has to write, or to remove if it is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// The licence and its history.
    License,
    /// The clock mark.
    ClockMark,
    /// The administrator of this name.
    Admin(String),
    /// One ban.
    Ban(BanKind, String),
    /// The rules about topics of somebody.
    AccessRules(RuleHolder),
    /// Which listeners start with the node.
    Listeners,
    /// Which nodes an operator has struck off.
    StruckOff,
}

/// A command that the rules refuse; nothing has changed.
///
/// It goes from the node where it was judged to the one where it was asked for: as a command, a variant that was released
/// keeps its name and its fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// EMQX's word.
    #[error("username_already_exists")]
    UsernameExists,
    /// EMQX's word.
    #[error("username_not_found")]
    UsernameNotFound,
    /// More administrators than anybody needs.
    #[error("{0} admins are there already, which is the limit")]
    TooManyAdmins(usize),
    /// There is one already that has not ended.
    #[error("{kind} {who} is banned already")]
    AlreadyBanned {
        /// What `who` names.
        kind: BanKind,
        /// The value.
        who: String,
    },
    /// Not a rule, for this reason.
    #[error("not a rule: {0}")]
    BadAccessRule(String),
    /// The same rule is there already.
    #[error("the rule is there already")]
    AccessRuleExists,
    /// There is no such rule.
    #[error("there is no such rule")]
    NoSuchAccessRule,
    /// More rules than are taken.
    #[error("there are {limit} already, which is the limit")]
    TooManyAccessRules {
        /// Of rules of one, or of those that have rules.
        limit: usize,
    },
    /// Nothing of that name is banned.
    #[error("{kind} {who} is not banned")]
    NotBanned {
        /// What `who` names.
        kind: BanKind,
        /// The value.
        who: String,
    },
    /// The list is full.
    #[error("the list of {kind} bans is full: {limit}")]
    TooManyBans {
        /// Which list.
        kind: BanKind,
        /// Its bound.
        limit: usize,
    },
    /// More listeners were switched than any node has.
    #[error("{0} listeners were enabled or disabled already, which is the limit")]
    TooManyListeners(usize),
    /// The value cannot be what it is said to be.
    #[error("{who:?} is no {kind}: {why}")]
    BadBan {
        /// What `who` should be.
        kind: BanKind,
        /// The value.
        who: String,
        /// What is wrong with it.
        why: String,
    },
    /// A text is longer than any sensible one.
    #[error("{what} has {length} bytes; at most {limit} are allowed")]
    TooLong {
        /// Which text.
        what: Cow<'static, str>,
        /// Its length in bytes.
        length: usize,
        /// The bound.
        limit: usize,
    },
    /// A user of that name is there; EMQX's word.
    #[error("already_exists")]
    UserExists,
    /// No user of that name is there; EMQX's word.
    #[error("not_found")]
    UserNotFound,
    /// The table is full.
    #[error("{0} users are there already, which is the limit")]
    TooManyUsers(u64),
    /// Nobody can be called so.
    #[error("the {0} is empty or holds a zero byte")]
    BadUserName(Cow<'static, str>),
    /// An import with more rows than one entry may carry.
    #[error("{rows} rows in one import; at most {IMPORT_ROWS_MAX} are allowed")]
    TooManyRows {
        /// How many.
        rows: usize,
    },
    /// A later version proposed it, and this one cannot carry it out.
    #[error("this version of emqxd does not know the command {0}")]
    UnknownCommand(String),
    /// A reason that a later version knows, in its words.
    #[error("{0}")]
    Other(String),
}
