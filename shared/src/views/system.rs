//! The process and its machine, and the cluster as far as there is one.

use serde::{Deserialize, Serialize};

use crate::rows::bounded;

/// `vm`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmView {
    /// The machine's load over 1, 5 and 15 minutes, in hundredths.
    pub load_hundredths: [u32; 3],
    /// Resident memory, bytes.
    pub memory_total: u64,
    /// Of these: memory of connections, sessions and tables.
    pub memory_processes: u64,
    /// Of these: retained messages.
    pub memory_ets: u64,
    /// Of these: code and shared pages.
    pub memory_code: u64,
    /// Tasks there may be: one a connection, as many as descriptors.
    pub process_limit: u64,
    /// Tasks there are: connections and threads.
    pub process_count: u64,
    /// Descriptors the process may have.
    pub max_fds: u64,
    /// Descriptors it has.
    pub active_fds: u64,
    /// Sockets it has.
    pub ports_count: u64,
    /// Sockets it may have.
    pub ports_limit: u64,
}

/// `olp status`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverloadView {
    /// The node's name.
    pub node: String,
    /// Whether a worker is so late that clients notice.
    pub is_overloaded: bool,
}

/// `cluster status`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterView {
    /// Nodes that run, this one among them; sorted.
    #[serde(deserialize_with = "bounded")]
    pub running_nodes: Vec<String>,
    /// Nodes of the cluster that do not run; sorted.
    #[serde(deserialize_with = "bounded")]
    pub stopped_nodes: Vec<String>,
}
