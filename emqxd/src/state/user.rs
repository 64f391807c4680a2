//! A client's account in the built-in database: who, in which chain of authenticators, with what proof of identity.
//!
//! Proofs are made and judged by the crate `emqx-auth`; here they are data.

use emqx_auth::password::StoredPassword;
use emqx_auth::scram::{Credential, Mechanism};
use serde::{Deserialize, Serialize};

/// The chain that is asked for clients of all listeners: EMQX's word for it.
pub const GLOBAL_GROUP: &str = "mqtt:global";

/// Somebody who may connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Whose chain: [`GLOBAL_GROUP`], or the id of a listener with one of its own.
    pub group: String,
    /// User name or client id, as the authenticator's `user_id_type` says.
    pub user_id: String,
    /// The rest.
    #[serde(flatten)]
    pub account: Account,
}

/// What is kept under a user's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Is not asked for permissions.
    #[serde(default)]
    pub is_superuser: bool,
    /// What it logs in with.
    #[serde(flatten)]
    pub proof: Proof,
}

/// What a user logs in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A password, hashed.
    Password(StoredPassword),
    /// Keys for SCRAM.
    Scram {
        /// Of which hash.
        mechanism: Mechanism,
        /// The keys.
        credential: Credential,
    },
}

impl Proof {
    /// The table of users with such a proof.
    pub const fn table(&self) -> UserTable {
        match self {
            Self::Password(_) => UserTable::Password,
            Self::Scram { .. } => UserTable::Scram,
        }
    }
}

/// Users are kept apart by what they log in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserTable {
    /// Of `password_based:built_in_database`.
    Password,
    /// Of `scram:built_in_database`.
    Scram,
}

impl UserTable {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Password, Self::Scram];

    /// EMQX's name of the table, which exports carry.
    pub const fn emqx_name(self) -> &'static str {
        match self {
            Self::Password => "emqx_authn_mnesia",
            Self::Scram => "emqx_authn_scram_mnesia",
        }
    }
}
