//! `authn …`: who is asked about the clients that connect, and the accounts of the built-in databases.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Password, Role, given, number, text};
use crate::{ErrorCode, Failure};

/// Bytes of the rows of one piece of an import; fits into a request.
pub const USER_IMPORT_BYTES_MAX: usize = 32 * 1024;
/// Longest password of a user.
const PASSWORD_BYTES_MAX: usize = 1024;

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthnRequest {
    /// `authn list`: authenticators of the node, then of its listeners, in the order in which they are asked.
    List,
    /// `authn users list`
    ListUsers {
        /// Of which authenticator.
        of: UserPlace,
        /// At most so many; `None` for all.
        limit: Option<u32>,
        /// Only names behind this one.
        after: Option<String>,
    },
    /// `authn users add`
    AddUser {
        /// Of which authenticator.
        of: UserPlace,
        /// User name or client id.
        user_id: String,
        /// What it logs in with.
        password: Password,
        /// Is not asked for permissions.
        is_superuser: bool,
    },
    /// `authn users passwd`
    SetUserPassword {
        /// Of which authenticator.
        of: UserPlace,
        /// Whose.
        user_id: String,
        /// The new one.
        password: Password,
        /// `None`: as it was.
        is_superuser: Option<bool>,
    },
    /// `authn users del`
    DeleteUser {
        /// Of which authenticator.
        of: UserPlace,
        /// Who goes.
        user_id: String,
    },
    /// `authn users import`: one piece of a file, whole by itself.
    ImportUsers {
        /// Of which authenticator.
        of: UserPlace,
        /// An array of objects; otherwise lines with a header.
        is_json: bool,
        /// They are hashes; otherwise plain passwords.
        are_hashes: bool,
        /// Those that are there already are replaced.
        overwrite: bool,
        /// How many lines or rows of the file come before those of this piece; added to the place in errors.
        before: u64,
        /// At most [`USER_IMPORT_BYTES_MAX`].
        text: UserText,
    },
}

/// Which authenticator's accounts are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPlace {
    /// Such as `scram:built_in_database`; `None` for the one that there is, or the one of passwords.
    pub authenticator: Option<String>,
    /// The listener whose own chain it is in; `None` for the node's.
    pub listener: Option<String>,
}

/// Part of a file of users. Prints its length.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserText(pub String);

impl fmt::Debug for UserText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl UserPlace {
    fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        given([
            ("authenticator", text(&self.authenticator)),
            ("listener", text(&self.listener)),
        ])
    }
}

impl AuthnRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 6;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::List => ("authn list", Role::ReadOnly),
            Self::ListUsers { .. } => ("authn users list", Role::ReadOnly),
            Self::AddUser { .. } => ("authn users add", Role::Admin),
            Self::SetUserPassword { .. } => ("authn users passwd", Role::Admin),
            Self::DeleteUser { .. } => ("authn users del", Role::Admin),
            Self::ImportUsers { .. } => ("authn users import", Role::Admin),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let hidden = ("password", Cow::Borrowed("***"));
        let (of, more) = match self {
            Self::List => return Vec::new(),
            Self::ListUsers { of, limit, after } => (of, given([("limit", limit.map(number)), ("after", text(after))])),
            Self::AddUser {
                of,
                user_id,
                is_superuser,
                ..
            } => {
                let user = ("user_id", user_id.into());
                (of, vec![user, hidden, ("is_superuser", number(*is_superuser))])
            }
            Self::SetUserPassword {
                of,
                user_id,
                is_superuser,
                ..
            } => {
                let mut more = vec![("user_id", user_id.into()), hidden];
                more.extend(is_superuser.map(|answer| ("is_superuser", number(answer))));
                (of, more)
            }
            Self::DeleteUser { of, user_id } => (of, vec![("user_id", user_id.into())]),
            Self::ImportUsers {
                of, overwrite, text, ..
            } => {
                let bytes = ("bytes", number(text.0.len()));
                (of, vec![bytes, ("overwrite", number(*overwrite))])
            }
        };
        let mut arguments = of.arguments();
        arguments.extend(more);
        arguments
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        let refuse = |message: String| Err(Failure::new(ErrorCode::InvalidArgument, message));
        match self {
            Self::AddUser { password, .. } | Self::SetUserPassword { password, .. } => match password.0.len() {
                0 => refuse("the password is empty".to_owned()),
                1..=PASSWORD_BYTES_MAX => Ok(()),
                _ => refuse(format!("the password is longer than {PASSWORD_BYTES_MAX} bytes")),
            },
            Self::ImportUsers { text, .. } if text.0.len() > USER_IMPORT_BYTES_MAX => {
                let bytes = text.0.len();
                refuse(format!("{bytes} bytes are too much for one piece of an import"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_rows_are_printed_nowhere_and_bounded() {
        let add = |password: String| AuthnRequest::AddUser {
            of: UserPlace::default(),
            user_id: "u".to_owned(),
            password: Password(password),
            is_superuser: false,
        };
        let import = |text: String| AuthnRequest::ImportUsers {
            of: UserPlace::default(),
            is_json: false,
            are_hashes: false,
            overwrite: true,
            before: 0,
            text: UserText(text),
        };
        for request in [add("Canary_7f3a!".to_owned()), import("Canary_7f3a!".to_owned())] {
            assert!(!format!("{request:?} {:?}", request.arguments()).contains("Canary"));
            assert!(request.check().is_ok());
        }
        for request in [
            add(String::new()),
            add("Canary".repeat(1000)),
            import("Canary".repeat(10_000)),
        ] {
            let refused = request.check().unwrap_err();
            assert!(!format!("{refused:?}").contains("Canary"));
        }
    }
}
