//! Why a node does not start, with the exit code and the next step for each cause.

use emqx_shared::ExitCode;

use crate::admins::AdminError;
use crate::authz::AuthzError;
use crate::data_dir::DataDirError;
use crate::handover::TakeError;
use crate::license::LicenseError;
use crate::listener::ListenerError;
use crate::log::InstallError;
use crate::{authn, banned, cluster, control, state};

/// Why the node did not start, or did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The log cannot be written.
    #[error("the log cannot be started: {0}")]
    Log(#[from] InstallError),
    /// The data folder is not usable.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The replicated state is not usable.
    #[error(transparent)]
    State(#[from] state::OpenError),
    /// The first administrator cannot be added.
    #[error("the administrators of the node: {0}")]
    Admins(#[from] AdminError),
    /// The first bans cannot be read.
    #[error(transparent)]
    Banned(#[from] banned::bootstrap::BootstrapError),
    /// An administrator has the password that everybody knows, which the security profile does not allow.
    #[error("the administrator {0} has the default password, with which the security profile hardened does not start")]
    KnownPassword(String),
    /// Clients cannot be asked who they are.
    #[error(transparent)]
    Authn(#[from] authn::SetupError),
    /// Who may do what cannot be found out.
    #[error(transparent)]
    Authz(#[from] AuthzError),
    /// The configuration names a licence that cannot be used.
    #[error(transparent)]
    License(#[from] LicenseError),
    /// The control socket cannot be made.
    #[error(transparent)]
    Control(#[from] control::StartError),
    /// An enabled listener cannot be started.
    #[error(transparent)]
    Listener(#[from] ListenerError),
    /// This node's part in its cluster cannot begin.
    #[error(transparent)]
    Cluster(#[from] cluster::StartError),
    /// What another process had cannot be gone on with.
    #[error(transparent)]
    TakeOver(#[from] TakeError),
    /// The process that was to go on with the clients has ended.
    #[error("the process that was to go on with the clients has ended: the log says more")]
    UpgradeLost,
    /// The system refuses threads or a runtime.
    #[error("cannot start threads: {0}")]
    Threads(#[from] std::io::Error),
}

impl RunError {
    /// The exit code, as in `emqxd(8)`.
    pub fn exit_code(&self) -> ExitCode {
        use std::io::ErrorKind;
        match self {
            Self::Log(_) => ExitCode::CannotCreate,
            Self::DataDir(error) => error.exit_code(),
            Self::State(error) => error.exit_code(),
            Self::Admins(_) => ExitCode::CannotCreate,
            Self::License(_) | Self::Authn(_) | Self::Authz(_) | Self::Banned(_) | Self::KnownPassword(_) => {
                ExitCode::Config
            }
            Self::Control(error) => error.exit_code(),
            Self::Listener(ListenerError::Bind(error)) => match error.kind() {
                // Whoever holds the address may go: worth another try.
                ErrorKind::AddrInUse => ExitCode::TryAgain,
                ErrorKind::PermissionDenied => ExitCode::NoPermission,
                _ => ExitCode::Config,
            },
            Self::Listener(_) => ExitCode::Config,
            Self::Cluster(error) => error.exit_code(),
            Self::Threads(_) | Self::TakeOver(_) | Self::UpgradeLost => ExitCode::Internal,
        }
    }

    /// What the operator can do.
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::Listener(error) => error.next_step(),
            Self::DataDir(error) => Some(error.next_step()),
            Self::State(error) => Some(error.next_step()),
            Self::License(_) => Some(
                "set `license.key` to a good one, or to `default`; `license.issuer_keys` names who may sign it"
                    .to_owned(),
            ),
            Self::Authn(error) => Some(error.next_step()),
            Self::Authz(error) => Some(error.next_step()),
            Self::Banned(error) => Some(error.next_step().to_owned()),
            Self::KnownPassword(username) => Some(format!("set another one: emqxd admin reset {username}")),
            Self::Control(error) => error.next_step(),
            Self::Cluster(error) => error.next_step(),
            Self::Log(_) => Some("check `log.file` in the configuration".to_owned()),
            _ => None,
        }
    }
}
