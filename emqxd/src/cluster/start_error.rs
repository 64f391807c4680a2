//! Why a node's part in its cluster cannot begin, with the exit code and what the operator can do.

use std::io;
use std::path::PathBuf;

use emqx_shared::ExitCode;

use super::tls::LinkTlsError;

/// Why the node's part in the cluster cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder of its identity.
    #[error("the identity of this node in {}: {source}", path.display())]
    Identity {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The link port.
    #[error("the link port {address} of node {name} cannot be bound: {source}")]
    Port {
        /// Where.
        address: String,
        /// Whose.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The host of the node's name.
    #[error("the host of node.name {name} has no address: {source}")]
    Host {
        /// The name.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// TLS for links.
    #[error("cluster.proto_dist = inet_tls: {0}")]
    Tls(#[from] LinkTlsError),
    /// Gossip.
    #[error("gossip does not start: {0}")]
    Gossip(String),
}

impl StartError {
    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            // Whoever holds the port may go: worth another try.
            Self::Port { source, .. } if source.kind() == io::ErrorKind::AddrInUse => ExitCode::TryAgain,
            Self::Port { source, .. } | Self::Identity { source, .. }
                if source.kind() == io::ErrorKind::PermissionDenied =>
            {
                ExitCode::NoPermission
            }
            Self::Identity { .. } => ExitCode::CannotCreate,
            Self::Port { .. } | Self::Host { .. } | Self::Tls(_) => ExitCode::Config,
            Self::Gossip(_) => ExitCode::Internal,
        }
    }

    /// What the operator can do.
    pub fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Identity { path, .. } => format!("make {} readable and writable for this user", path.display()),
            Self::Port { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                "end the process that holds it (`ss -ltnp`), or give this node a name with another number at its end, such as emqx2@HOST".to_owned()
            }
            Self::Port { .. } | Self::Host { .. } => {
                "set `node.name` to a name whose host is an address of this machine; `cluster.discovery_strategy = singleton` needs none".to_owned()
            }
            Self::Tls(_) => "set `cluster.ssl_options` to PEM files that this user can read".to_owned(),
            Self::Gossip(_) => return None,
        })
    }
}
