//! `cluster`: which nodes are one broker, and how they find each other.
//!
//! Plain data, read by `decode/cluster.rs`.

use std::path::PathBuf;
use std::time::Duration;

use emqxd_discovery::settings::{Kind, Settings};

use super::{Config, NodeConfig};

/// The `cluster` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterConfig {
    /// Nodes of other clusters are left alone.
    pub name: String,
    /// How other nodes are found.
    pub discovery: Settings,
    /// How long a member may be down before it is a member no more; `None` for ever.
    pub autoclean: Option<Duration>,
    /// EMQX's `autoheal`. Nodes that come back after a split are one cluster again by themselves, whatever it says.
    pub autoheal: bool,
    /// Whether only nodes that reach a majority take clients with kept sessions.
    pub sessions_need_majority: bool,
    /// `proto_dist = inet_tls`: links between nodes by mutual TLS.
    pub uses_tls: bool,
    /// What those show each other.
    pub ssl_options: LinkTls,
    /// Names of core nodes, for EMQX's replicants; every node is a core here.
    pub core_nodes: Vec<String>,
}

/// `cluster.ssl_options`: all three are set if [`ClusterConfig::uses_tls`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkTls {
    /// Who signs the nodes' certificates.
    pub cacertfile: Option<PathBuf>,
    /// What this node shows.
    pub certfile: Option<PathBuf>,
    /// The key to that.
    pub keyfile: Option<PathBuf>,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            name: "emqxcl".to_owned(),
            discovery: Settings::default(),
            autoclean: Some(Duration::from_secs(24 * 3600)),
            autoheal: true,
            sessions_need_majority: false,
            uses_tls: false,
            ssl_options: LinkTls::default(),
            core_nodes: Vec::new(),
        }
    }
}

impl Config {
    /// Whether this node may be one of several: a key of `cluster` is set, or a name other than the default, and the
    /// strategy is not `singleton`. Without that no port is open to other nodes.
    #[must_use]
    pub fn is_clustering_configured(&self) -> bool {
        let is_named = self.node.name != NodeConfig::default().name;
        let has_key = self.origins.keys().any(|key| key.starts_with("cluster."));
        (is_named || has_key) && self.cluster.discovery.kind != Kind::Singleton
    }
}
