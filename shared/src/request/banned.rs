//! `banned …`: who may not connect.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, given, number, text};

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BannedRequest {
    /// `banned list`
    List,
    /// `banned add AS WHO`: ends the connections of whom it matches, too.
    Add {
        /// `clientid`, `username`, `peerhost`, `peerhost_net`, `clientid_re` or `username_re`.
        kind: String,
        /// The value.
        who: String,
        /// Why, for people.
        reason: String,
        /// Who bans; `None` for the caller.
        by: Option<String>,
        /// For how long; `None` for ever, unless `until_ms` says otherwise.
        duration_ms: Option<u64>,
        /// Until when, Unix milliseconds; comes before `duration_ms`.
        until_ms: Option<u64>,
    },
    /// `banned del AS WHO`
    Delete {
        /// As in [`BannedRequest::Add`].
        kind: String,
        /// The value, as it was banned.
        who: String,
    },
    /// `banned clear`
    Clear,
}

impl BannedRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 4;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::List => ("banned list", Role::ReadOnly),
            Self::Add { .. } => ("banned add", Role::Admin),
            Self::Delete { .. } => ("banned del", Role::Admin),
            Self::Clear => ("banned clear", Role::Admin),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::List | Self::Clear => Vec::new(),
            Self::Add {
                kind,
                who,
                reason,
                by,
                duration_ms,
                until_ms,
            } => {
                let mut arguments = vec![("as", kind.into()), ("who", who.into()), ("reason", reason.into())];
                arguments.extend(given([
                    ("by", text(by)),
                    ("duration_ms", duration_ms.map(number)),
                    ("until_ms", until_ms.map(number)),
                ]));
                arguments
            }
            Self::Delete { kind, who } => vec![("as", kind.into()), ("who", who.into())],
        }
    }
}
