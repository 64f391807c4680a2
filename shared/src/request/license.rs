//! `license …`: the licence in force, and putting another one there.
//!
//! `emqx-ctl` reads files and sends the key in them; the daemon opens none but the one its configuration names.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, STRING_BYTES_MAX, number};
use crate::{ErrorCode, Failure};

/// A licence key: a secret, printed as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseKey(pub String);

impl std::fmt::Debug for LicenseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// What one row of the history covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LicensePeriod {
    /// A day.
    Daily,
    /// A month.
    Monthly,
}

impl LicensePeriod {
    /// As on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Monthly => "monthly",
        }
    }
}

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LicenseRequest {
    /// `license info`
    Info,
    /// `license diff`, and what `license update` asks first: what would change. Changes nothing.
    Preview {
        /// A key, or EMQX's words `default` and `evaluation`.
        license: LicenseKey,
    },
    /// `license update SRC`, `license reload FILE`
    Update {
        /// As in [`LicenseRequest::Preview`].
        license: LicenseKey,
    },
    /// `license reload`: the daemon reads the file anew that its configuration names.
    Reload,
    /// `license history`: the most sessions of each day or month, latest first.
    History {
        /// What a row covers.
        period: LicensePeriod,
        /// At most so many rows.
        limit: u32,
    },
}

impl LicenseRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 5;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::Info => ("license info", Role::ReadOnly),
            Self::Preview { .. } => ("license diff", Role::ReadOnly),
            Self::Update { .. } => ("license update", Role::Admin),
            Self::Reload => ("license reload", Role::Admin),
            Self::History { .. } => ("license history", Role::ReadOnly),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::Info | Self::Reload => Vec::new(),
            Self::Preview { .. } | Self::Update { .. } => vec![("license", "***".into())],
            Self::History { period, limit } => vec![("period", period.as_str().into()), ("limit", number(*limit))],
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Preview { license } | Self::Update { license } if license.0.len() > STRING_BYTES_MAX => {
                let message = format!("the licence has {} bytes; no key is that long", license.0.len());
                Err(Failure::new(ErrorCode::BadLicense, message))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let update = LicenseRequest::Update {
            license: LicenseKey("c2VjcmV0.c2ln".to_owned()),
        };
        assert!(!format!("{update:?} {:?}", update.arguments()).contains("c2"));
        let long = LicenseRequest::Update {
            license: LicenseKey("A".repeat(STRING_BYTES_MAX + 1)),
        };
        assert!(update.check().is_ok() && long.check().is_err());
    }
}
