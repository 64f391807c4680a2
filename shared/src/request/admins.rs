//! `admins …`: who may operate the broker through the HTTP API.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Role, text};
use crate::{ErrorCode, Failure};

/// Longest password that is looked at; the rules allow fewer.
const PASSWORD_BYTES_MAX: usize = 1024;

/// A password. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdminsRequest {
    /// `admins list`
    List,
    /// `admins add USER PASSWORD [DESCRIPTION] [ROLE]`
    Add {
        /// Letters, digits, underscores.
        username: String,
        /// 8 to 64 characters of two kinds.
        password: Password,
        /// For people.
        description: String,
        /// `administrator` or `viewer`; `None` for the former.
        role: Option<String>,
    },
    /// `admins passwd USER PASSWORD`: ends a lock-out, too.
    SetPassword {
        /// Whose.
        username: String,
        /// As in [`AdminsRequest::Add`].
        password: Password,
    },
    /// `admins del USER`
    Delete {
        /// Who goes.
        username: String,
    },
}

impl AdminsRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 4;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::List => ("admins list", Role::ReadOnly),
            Self::Add { .. } => ("admins add", Role::Admin),
            Self::SetPassword { .. } => ("admins passwd", Role::Admin),
            Self::Delete { .. } => ("admins del", Role::Admin),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let hidden = ("password", Cow::Borrowed("***"));
        match self {
            Self::List => Vec::new(),
            Self::Add {
                username,
                description,
                role,
                ..
            } => {
                let mut arguments = vec![
                    ("username", username.into()),
                    hidden,
                    ("description", description.into()),
                ];
                arguments.extend(text(role).map(|role| ("role", role)));
                arguments
            }
            Self::SetPassword { username, .. } => vec![("username", username.into()), hidden],
            Self::Delete { username } => vec![("username", username.into())],
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Add { password, .. } | Self::SetPassword { password, .. }
                if password.0.len() > PASSWORD_BYTES_MAX || password.0.contains('\0') =>
            {
                let message = "The range of password length is 8~64";
                Err(Failure::new(ErrorCode::InvalidArgument, message))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_printed_nowhere_and_bounded() {
        let request = |password: String| AdminsRequest::SetPassword {
            username: "u".to_owned(),
            password: Password(password),
        };
        let secret = request("Canary_7f3a!".to_owned());
        assert!(!format!("{secret:?} {:?}", secret.arguments()).contains("Canary"));
        assert!(secret.check().is_ok());
        let refused = request("Canary_7f3a!".repeat(100)).check().unwrap_err();
        assert!(!format!("{refused:?}").contains("Canary"));
    }
}
