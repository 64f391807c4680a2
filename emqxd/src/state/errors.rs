//! Why the state cannot be opened, and why a command was not applied.

use std::io;
use std::path::PathBuf;

use emqx_shared::ExitCode;
use emqxd_cluster::consensus::ConsensusError;

use super::Refusal;

/// A store that could not be read and was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong with it.
    pub why: String,
    /// Where it is now.
    pub moved_to: PathBuf,
}

/// Why the state cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A later version of the daemon wrote it.
    #[error("the state {} was {why}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// What says so.
        why: String,
    },
    /// Another process has it open.
    #[error("the state {} is open in another process", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("the state {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl OpenError {
    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Newer { .. } => ExitCode::Config,
            Self::InUse { .. } => ExitCode::TryAgain,
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => ExitCode::NoPermission,
            Self::Io { .. } => ExitCode::CannotCreate,
        }
    }

    /// What the operator can do.
    pub fn next_step(&self) -> String {
        match self {
            Self::Newer { .. } => "start the version of emqxd that wrote it, or a later one".to_owned(),
            Self::InUse { .. } => "stop the other one (`emqx-ctl status`)".to_owned(),
            Self::Io { path, .. } => format!("make {} readable and writable for this user", path.display()),
        }
    }
}

/// Why a command was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The rules refuse it; nothing has changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It may or may not be on disk. No command is taken until the next start.
    #[error("the state cannot be written: {0}")]
    Storage(String),
    /// A write failed before.
    #[error("the state is read-only since a write failed; the log says why")]
    ReadOnly,
    /// The node is on its way down.
    #[error("the node is stopping")]
    Stopping,
    /// Nothing has changed: this node cannot reach the majority of its cluster. What it knows can be read.
    #[error("no majority of the cluster's {voters} voting nodes can be reached from this node")]
    NoMajority {
        /// How many there are.
        voters: usize,
    },
    /// Nothing has changed: this node is between its own cluster, which it has left, and the one it is to join.
    #[error("this node is joining a cluster and has not been admitted yet")]
    NotAdmitted,
    /// It was not agreed on in time: it may be later, or not at all.
    #[error("the cluster has not agreed on it in time; it may still happen")]
    Unknown,
    /// The node does not run, and is a member of a cluster whose other members would not hear of it.
    #[error("this node is one of {members} of a cluster: what they agree on is changed on a running node")]
    InCluster {
        /// How many there are.
        members: usize,
    },
    /// The log of the consensus was lost, so this node has no say until it is admitted anew.
    #[error("this node has lost its log of the cluster and takes no part until it has joined anew")]
    LostLog,
}

impl From<ConsensusError> for ApplyError {
    fn from(error: ConsensusError) -> Self {
        match error {
            ConsensusError::NoMajority { voters } => Self::NoMajority { voters },
            ConsensusError::Unknown => Self::Unknown,
            ConsensusError::Stopping => Self::Stopping,
            ConsensusError::Membership(why) | ConsensusError::Stopped(why) => Self::Storage(why),
        }
    }
}
