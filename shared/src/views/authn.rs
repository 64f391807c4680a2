//! Authenticators, and the accounts of the built-in databases.

use serde::{Deserialize, Serialize};

/// `authn list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticatorView {
    /// The listener whose own chain it is in; `None` for the node's.
    pub listener: Option<String>,
    /// Such as `password_based:built_in_database`.
    pub id: String,
    /// Whether it is asked.
    pub enable: bool,
    /// For people: the hash, the kind of key, the server.
    pub detail: String,
    /// What its users are known by, `username` or `clientid`, if they are kept here.
    pub user_id_type: Option<String>,
    /// How many users it has, if they are kept here.
    pub users: Option<u64>,
}

/// `authn users list`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// User name or client id.
    pub user_id: String,
    /// Is not asked for permissions.
    pub is_superuser: bool,
    /// Whose user it is.
    pub authenticator: String,
}
