//! `dashboard`: the account of a new node, and how many wrong passwords lock out.

use std::fmt;

use crate::admins::LockoutRule;

/// What this version acts on of the section.
#[derive(Clone, PartialEq, Eq)]
pub struct DashboardSettings {
    /// The account that a node gets when it has none.
    pub default_username: String,
    /// Its password, until it is changed.
    pub default_password: String,
    /// `unsuccessful_login_*`
    pub lockout: LockoutRule,
}

impl Default for DashboardSettings {
    fn default() -> Self {
        Self {
            default_username: "admin".to_owned(),
            default_password: "public".to_owned(),
            lockout: LockoutRule::default(),
        }
    }
}

impl fmt::Debug for DashboardSettings {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DashboardSettings")
            .field("default_username", &self.default_username)
            .field("default_password", &"***")
            .field("lockout", &self.lockout)
            .finish()
    }
}
