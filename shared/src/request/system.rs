//! `vm`, `mnesia`, `olp`, `pem_cache`, `authz cache-clean` and `cluster`: verbs of EMQX about its machine and its
//! nodes, as far as they mean something for one native process.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, given, text};
/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SystemRequest {
    /// `vm`
    Vm,
    /// `mnesia`: what the store holds.
    StorageInfo,
    /// `olp status`
    OverloadStatus,
    /// `olp enable|disable`
    SetOverloadProtection {
        /// On or off.
        enable: bool,
    },
    /// `pem_cache clean all|node NODE`
    CleanPemCache {
        /// Only on this node.
        node: Option<String>,
    },
    /// `authz cache-clean all|node NODE|CLIENTID`
    CleanAuthzCache {
        /// Only on this node.
        node: Option<String>,
        /// Only of this client.
        client_id: Option<String>,
    },
    /// `cluster status`
    ClusterStatus,
    /// `cluster join NODE`
    JoinCluster {
        /// A node of the cluster.
        node: String,
    },
    /// `cluster leave`
    LeaveCluster,
    /// `cluster force-leave NODE`
    ForceLeaveCluster {
        /// The node to forget.
        node: String,
    },
}

impl SystemRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 10;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        use Role::{Admin, ReadOnly};
        match self {
            Self::Vm => ("vm", ReadOnly),
            Self::StorageInfo => ("mnesia", ReadOnly),
            Self::OverloadStatus => ("olp status", ReadOnly),
            Self::SetOverloadProtection { enable: true } => ("olp enable", Admin),
            Self::SetOverloadProtection { enable: false } => ("olp disable", Admin),
            Self::CleanPemCache { .. } => ("pem_cache clean", Admin),
            Self::CleanAuthzCache { .. } => ("authz cache-clean", Admin),
            Self::ClusterStatus => ("cluster status", ReadOnly),
            Self::JoinCluster { .. } => ("cluster join", Admin),
            Self::LeaveCluster => ("cluster leave", Admin),
            Self::ForceLeaveCluster { .. } => ("cluster force-leave", Admin),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::Vm
            | Self::StorageInfo
            | Self::OverloadStatus
            | Self::SetOverloadProtection { .. }
            | Self::ClusterStatus
            | Self::LeaveCluster => Vec::new(),
            Self::CleanPemCache { node } => given([("node", text(node))]),
            Self::CleanAuthzCache { node, client_id } => given([("node", text(node)), ("client_id", text(client_id))]),
            Self::JoinCluster { node } | Self::ForceLeaveCluster { node } => vec![("node", node.into())],
        }
    }
}
