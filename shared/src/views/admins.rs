//! Administrators, bans, alarms, exported rows.

use serde::{Deserialize, Serialize};

use crate::request::SecretRow;

/// `admins list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminView {
    /// Its name.
    pub username: String,
    /// For people.
    pub description: String,
    /// `administrator` or `viewer`.
    pub role: String,
    /// The password is the default one, or was given by somebody else.
    pub must_change_password: bool,
    /// Until when it is locked out after wrong passwords.
    pub locked_until_ms: Option<u64>,
    /// When it was added.
    pub created_at_ms: u64,
    /// When the password was set.
    pub password_set_at_ms: u64,
}

/// `banned list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanView {
    /// EMQX's `as`: what `who` names.
    pub kind: String,
    /// A client id, user name, address, network or pattern.
    pub who: String,
    /// Who banned.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at_ms: u64,
    /// Until when; `None` for ever.
    pub until_ms: Option<u64>,
}

/// `banned add`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BannedView {
    /// The ban, its value written the one way that counts.
    pub ban: BanView,
    /// Connections that it ended.
    pub kicked: u64,
}

/// `alarms list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmView {
    /// Whose.
    pub node: String,
    /// Its name, such as `license_expiry`.
    pub name: String,
    /// For people.
    pub message: String,
    /// A JSON object.
    pub details: String,
    /// Since when.
    pub activate_at_ms: u64,
    /// When it was over; `None` while it is active.
    pub deactivate_at_ms: Option<u64>,
}

/// `data export`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataRowView {
    /// Such as `emqx_banned`.
    pub table: String,
    /// A JSON object.
    pub row: SecretRow,
}
