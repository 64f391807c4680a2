//! `upgrade`: another process goes on with clients and sessions.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, number};
use crate::{ErrorCode, Failure};

/// The longest time that an upgrade may take: while it is under way nobody is served.
pub const UPGRADE_MS_MAX: u64 = 100_000;

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpgradeRequest {
    /// `upgrade`: to the file that the daemon was started from, as it is on disk now.
    Installed {
        /// After so many milliseconds it is given up, and all is as before.
        timeout_ms: u64,
    },
    /// `upgrade BINARY`: the binary comes as an open descriptor.
    Binary {
        /// The path as the operator wrote it, for the audit line only.
        shown: String,
        /// As of [`UpgradeRequest::Installed`].
        timeout_ms: u64,
    },
}

impl UpgradeRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 2;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        ("upgrade", Role::Admin)
    }

    pub(super) fn takes_descriptor(&self) -> bool {
        matches!(self, Self::Binary { .. })
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::Installed { timeout_ms } => vec![("timeout_ms", number(*timeout_ms))],
            Self::Binary { shown, timeout_ms } => {
                vec![("binary", shown.into()), ("timeout_ms", number(*timeout_ms))]
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        let (Self::Installed { timeout_ms } | Self::Binary { timeout_ms, .. }) = self;
        if *timeout_ms > UPGRADE_MS_MAX {
            let message = "an upgrade may take 100 seconds at most";
            return Err(Failure::new(ErrorCode::InvalidArgument, message)
                .next("give a shorter time, such as --give-up-after 60s"));
        }
        Ok(())
    }
}
