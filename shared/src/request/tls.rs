//! `tls …`: certificates of the listeners.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, given, text};

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TlsRequest {
    /// `tls certs`, and `tls check` without a file or host
    Certificates {
        /// Only of this listener.
        listener: Option<String>,
    },
    /// `tls reload [LISTENER]`: reads the files again; clients stay connected.
    Reload {
        /// Only of this listener.
        listener: Option<String>,
    },
}

impl TlsRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 2;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::Certificates { .. } => ("tls certs", Role::ReadOnly),
            Self::Reload { .. } => ("tls reload", Role::Admin),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::Certificates { listener } | Self::Reload { listener } => given([("listener", text(listener))]),
        }
    }
}
