//! The control socket: what `emqx-ctl` talks to.
//!
//! `socket.rs` makes it, `server.rs` and `connection.rs` speak the protocol of the shared crate, `peer.rs` says who
//! is there, `audit.rs` writes down what was changed. `dispatch.rs` gives each request to the file of its command
//! group, which asks the node and fills views. `node.rs` calls [`start`] once.

mod admins;
mod audit;
mod authn;
mod authz;
mod banned;
mod clients;
mod cluster;
mod conf;
mod connection;
mod data;
mod descriptor;
mod diagnosis;
mod disconnects;
mod dispatch;
mod license;
mod lifecycle;
mod listeners;
mod log;
mod node_status;
mod peer;
pub mod remote;
mod retainer;
mod server;
mod socket;
mod state;
mod subscriptions;
mod system;
mod tls;
mod topics;
mod trace;
mod upgrade;

use std::error::Error;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use emqx_shared::ExitCode;
use emqx_shared::socket_path::{Places, SocketPathError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::dispatch::Dispatch;
use self::peer::AccessPolicy;
pub use self::remote::RemoteVerbs;
use self::server::{Server, ServerLimits};
use self::socket::{ControlSocket, CreateSocketError, packaged_folder_is_writable};
use crate::config::ControlConfig;
use crate::handover::TakeOver;
use crate::node::NodeShared;

/// Why the daemon has no control socket. The text names the path and the system's reason.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The path cannot be one of a socket.
    #[error("{0}")]
    Path(SocketPathError),
    /// The socket cannot be made there.
    #[error("{}", with_cause(.0))]
    Socket(CreateSocketError),
}

impl StartError {
    /// The exit code, as in `emqxd(8)`.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            // Whoever serves it may go: worth another try.
            Self::Socket(CreateSocketError::AlreadyRunning { .. } | CreateSocketError::ForeignSocket(_)) => {
                ExitCode::TryAgain
            }
            Self::Socket(CreateSocketError::System { source, .. }) => match source.kind() {
                ErrorKind::PermissionDenied => ExitCode::NoPermission,
                _ => ExitCode::CannotCreate,
            },
            Self::Path(_) | Self::Socket(_) => ExitCode::Config,
        }
    }

    /// What the operator can do.
    pub fn next_step(&self) -> Option<String> {
        let step = match self {
            Self::Path(_) => "set `control.socket` to a shorter path, such as /run/emqx/emqxd.sock",
            Self::Socket(CreateSocketError::AlreadyRunning { .. }) => {
                "stop it, or give this daemon its own `node.data_dir` and `control.socket`"
            }
            // Its text says what to do.
            Self::Socket(CreateSocketError::InTheWay { .. }) => return None,
            Self::Socket(CreateSocketError::WorldWritable(_)) => {
                "take the right to write there from others (`chmod o-w`), or set another `control.socket`"
            }
            Self::Socket(CreateSocketError::ForeignSocket(_) | CreateSocketError::System { .. }) => {
                "set `control.socket` to a path in a folder that this user can write to"
            }
        };
        Some(step.to_owned())
    }
}

/// The control socket, before anybody is answered.
pub struct Control {
    socket: ControlSocket,
    policy: AccessPolicy,
}

/// Creates the control socket, or takes that of the process which this one takes over from.
///
/// # Errors
/// The socket cannot be created; nobody listens then.
pub fn prepare(node: &NodeShared, taken: Option<&TakeOver>) -> Result<Control, StartError> {
    let config = &node.config.control;
    let policy = AccessPolicy {
        admin_group: config.admin_group.clone(),
        read_group: config.read_group.clone(),
        ..AccessPolicy::default()
    };
    let path = socket_path(node).map_err(StartError::Path)?;
    let socket = match taken.and_then(|taken| taken.control(&path)) {
        Some(parts) => ControlSocket::take_over(&path, parts),
        None => ControlSocket::create(&path, policy.socket_group()).map_err(StartError::Socket)?,
    };
    Ok(Control { socket, policy })
}

impl Control {
    /// This process is not to serve it: whoever did goes on.
    pub fn leave(mut self) {
        self.socket.leave_in_place();
    }

    /// Serves the socket until `stop` turns true.
    pub fn start(self, node: Arc<NodeShared>, stop: watch::Receiver<bool>) -> JoinHandle<()> {
        let Self { mut socket, policy } = self;
        tracing::info!(level = "notice", path = %socket.path().display(), "control_socket_started");
        match socket.parts() {
            Ok(parts) => node.handover.keep_control(Some(parts)),
            Err(error) => tracing::warn!(reason = %error, "control_socket_cannot_be_handed_over"),
        }
        let limits = limits(&node.config.control);
        let admission = Box::new(move |caller| policy.admit(caller));
        let server =
            Server::new(Dispatch::new(Arc::clone(&node)), admission, limits).unless(node.handover.control_given());
        // A node starts this once.
        let _is_set = node.remote_verbs.set(RemoteVerbs(server.shared()));
        tokio::spawn(async move {
            if let Err(error) = server.run(&socket, stop).await {
                tracing::error!(path = %socket.path().display(), reason = %error, "control_socket_failed");
            }
            if node.handover.is_done() {
                socket.leave_in_place();
            }
            // Or its lock would be held to the end of the process.
            node.handover.keep_control(None);
        })
    }
}

fn socket_path(node: &NodeShared) -> Result<PathBuf, SocketPathError> {
    let xdg_runtime_dir = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let places = Places {
        explicit: node.config.control.socket.as_deref(),
        xdg_runtime_dir: xdg_runtime_dir.as_deref(),
        data_dir: Some(&node.config.node.data_dir),
    };
    places.to_create(packaged_folder_is_writable())
}

/// `control.max_connections`, of which a quarter at most is kept for root.
fn limits(config: &ControlConfig) -> ServerLimits {
    let limits = ServerLimits::default();
    ServerLimits {
        connections: config.max_connections,
        kept_for_root: limits.kept_for_root.min(config.max_connections / 4),
        ..limits
    }
}

/// The error and what the system said, in one line: whoever shows a failed start shows no chain of errors.
fn with_cause(error: &CreateSocketError) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_system_is_told_with_path_and_cause() {
        let error = StartError::Socket(CreateSocketError::System {
            step: "bind",
            path: PathBuf::from("/run/emqx/emqxd.sock"),
            source: ErrorKind::PermissionDenied.into(),
        });
        assert_eq!(error.to_string(), "cannot bind /run/emqx/emqxd.sock: permission denied");
        assert_eq!(error.exit_code(), ExitCode::NoPermission);
        assert!(error.next_step().is_some());
    }

    #[test]
    fn a_small_limit_of_connections_leaves_most_of_them_to_users() {
        for (max_connections, kept_for_root) in [(1, 0), (4, 1), (32, 8), (1000, 8)] {
            let config = ControlConfig {
                max_connections,
                ..ControlConfig::default()
            };
            assert_eq!(limits(&config).kept_for_root, kept_for_root);
        }
    }
}
