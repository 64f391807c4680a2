//! `cluster nodes|digest|discovery`, and any other verb for another node.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, number};
use crate::{ErrorCode, Failure};

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClusterRequest {
    /// `cluster nodes`: each with what it says of itself, and in what they differ.
    Nodes,
    /// `cluster digest`: what the node that is asked believes of the whole cluster, as sums to compare.
    Digest,
    /// `cluster discovery`
    Discovery,
    /// `cluster discovery enable|disable`
    SetDiscovery {
        /// Whether nodes are looked for.
        enable: bool,
    },
    /// `--node NAME`: another request, carried out there. Goes on as long as that does.
    OnNode {
        /// The node's name.
        node: String,
        /// The request, encoded; none of this kind. Encoded apart, so that none can stand in another one.
        request: Vec<u8>,
    },
}

impl ClusterRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 5;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::Nodes => ("cluster nodes", Role::ReadOnly),
            Self::Digest => ("cluster digest", Role::ReadOnly),
            Self::Discovery => ("cluster discovery", Role::ReadOnly),
            Self::SetDiscovery { .. } => ("cluster discovery", Role::Admin),
            // What the request in it takes is looked at by both nodes.
            Self::OnNode { .. } => ("--node", Role::ReadOnly),
        }
    }

    /// What goes on elsewhere holds up nothing here.
    pub(super) const fn is_watch(&self) -> bool {
        matches!(self, Self::OnNode { .. })
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::Nodes | Self::Digest | Self::Discovery => Vec::new(),
            Self::SetDiscovery { enable } => vec![("enable", number(*enable))],
            Self::OnNode { node, request } => vec![("node", node.into()), ("bytes", number(request.len()))],
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        match self {
            Self::OnNode { request, .. } if request.is_empty() => Err(Failure::new(
                ErrorCode::InvalidArgument,
                "a request for another node that holds none",
            )),
            _ => Ok(()),
        }
    }
}
