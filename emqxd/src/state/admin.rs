//! An administrator as the store keeps it: name, hash of its password, role.
//!
//! Hashes are made and checked by `admins/password.rs`; here they are data.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Somebody who may operate the broker through the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admin {
    /// Letters, digits, underscores.
    pub username: String,
    /// Of its password.
    pub password: PasswordHash,
    /// For people.
    pub description: String,
    /// What it may do.
    pub role: AdminRole,
    /// The password is known to others and has to be changed first.
    pub must_change_password: bool,
    /// Unix milliseconds.
    pub created_at_ms: u64,
    /// When the password was set, Unix milliseconds. Tokens older than this are void.
    pub password_set_at_ms: u64,
}

/// What an administrator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminRole {
    /// Everything.
    #[default]
    Administrator,
    /// Look.
    Viewer,
}

impl AdminRole {
    /// EMQX's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Viewer => "viewer",
        }
    }

    /// The role of that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Administrator, Self::Viewer]
            .into_iter()
            .find(|role| role.as_str() == text)
    }
}

/// A password, hashed: `$pbkdf2-sha256$<rounds>$<salt, hex>$<key, hex>`. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes over a hash in its text form.
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The text form.
    pub fn as_text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
