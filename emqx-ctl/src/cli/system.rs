//! EMQX's verbs about its virtual machine, its database, its caches, its plugins and its cluster.

use clap::{Subcommand, ValueEnum};

/// `vm all|load|…`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum VmPart {
    #[default]
    All,
    Load,
    Memory,
    Process,
    Io,
    Ports,
}

#[derive(Debug, Subcommand)]
pub enum OlpCommand {
    /// Is the node overloaded
    Status,
    /// Watch for overload
    Enable,
    /// Do not
    Disable,
}

#[derive(Debug, Subcommand)]
pub enum PemCacheCommand {
    /// Forget certificates that were read
    #[command(subcommand)]
    Clean(CleanCommand),
}

#[derive(Debug, Subcommand)]
pub enum CleanCommand {
    /// On all nodes
    All,
    /// On one node
    Node { node: String },
}

#[derive(Debug, Subcommand)]
pub enum PluginsCommand {
    /// All plugins: this version has none
    List,
}

#[derive(Debug, Subcommand)]
pub enum DiscoveryCommand {
    /// Look for other nodes again
    Enable,
    /// Look for none until then, or until the daemon starts again
    Disable,
    /// Whether they are looked for
    Status,
}

#[derive(Debug, Subcommand)]
pub enum ClusterCommand {
    /// Each node: what it is, how it is, and in what nodes differ that should not
    Nodes,
    /// What this node believes of the whole cluster, as sums to compare with those of others
    Digest,
    /// Looking for other nodes: how, and what was found
    Discovery {
        #[command(subcommand)]
        action: Option<DiscoveryCommand>,
    },
    /// The nodes that run and those that do not
    Status {
        /// As JSON in EMQX's layout
        #[arg(long)]
        json: bool,
    },
    /// Join the cluster of another node
    Join { node: String },
    /// Leave the cluster
    Leave,
    /// Remove a node from the cluster
    #[command(name = "force-leave")]
    ForceLeave { node: String },
}
