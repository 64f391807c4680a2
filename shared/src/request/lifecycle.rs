//! `reload`, `shutdown`, and listeners that let their clients go slowly.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, given, number};
use crate::{ErrorCode, Failure};

/// The longest time over which clients are let go: a day.
pub const DRAIN_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LifecycleRequest {
    /// `reload [--wait]`: takes into use what was changed on disk.
    Reload {
        /// Answered with what came of each part; otherwise at once, with [`View::Nothing`](crate::View::Nothing).
        wait: bool,
    },
    /// `shutdown [--drain DURATION]`: stops the node; goes on without the caller.
    Shutdown {
        /// Over so many milliseconds the clients are let go; `None` for `node.drain_time`.
        drain_ms: Option<u64>,
    },
    /// `listeners stop ID --drain DURATION`: stops accepting, and lets its clients go; goes on without the caller.
    DrainListener {
        /// Such as `tcp:default`.
        listener: String,
        /// Over so many milliseconds.
        drain_ms: u64,
    },
    /// `listeners restart ID --drain DURATION`: starts it anew at once, and lets the clients it had go; goes on without
    /// the caller.
    RenewListener {
        /// Such as `tcp:default`.
        listener: String,
        /// Over so many milliseconds.
        drain_ms: u64,
    },
    /// What a person is told before clients are let go: how many there are.
    CountClients {
        /// Of this listener; of all if `None`.
        listener: Option<String>,
    },
}

impl LifecycleRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 5;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::Reload { .. } => ("reload", Role::Admin),
            Self::Shutdown { .. } => ("shutdown", Role::Admin),
            Self::DrainListener { .. } => ("listeners stop --drain", Role::Admin),
            Self::RenewListener { .. } => ("listeners restart --drain", Role::Admin),
            Self::CountClients { .. } => ("clients count", Role::ReadOnly),
        }
    }

    /// Letting clients go may take hours, in which other verbs have to work.
    pub(super) const fn is_watch(&self) -> bool {
        matches!(
            self,
            Self::Shutdown { .. } | Self::DrainListener { .. } | Self::RenewListener { .. }
        )
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::Reload { wait } => vec![("wait", number(*wait))],
            Self::Shutdown { drain_ms } => given([("drain_ms", drain_ms.map(number))]),
            Self::DrainListener { listener, drain_ms } | Self::RenewListener { listener, drain_ms } => {
                vec![("listener", listener.into()), ("drain_ms", number(*drain_ms))]
            }
            Self::CountClients { listener } => given([("listener", super::text(listener))]),
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Shutdown {
                drain_ms: Some(drain_ms),
            }
            | Self::DrainListener { drain_ms, .. }
            | Self::RenewListener { drain_ms, .. }
                if *drain_ms > DRAIN_MS_MAX =>
            {
                let message = "clients are let go within a day at most";
                Err(Failure::new(ErrorCode::InvalidArgument, message).next("give a shorter time, such as --drain 30s"))
            }
            _ => Ok(()),
        }
    }
}
