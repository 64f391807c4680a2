//! `conf show|show_keys|check|diff|reload`

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum ConfCommand {
    /// Settings in force, secrets as ******
    Show {
        /// Only this key and those below it, such as mqtt
        key: Option<String>,
        /// Say where each value comes from
        #[arg(long)]
        origin: bool,
    },
    /// The sections there may be
    #[command(name = "show_keys", alias = "show-keys")]
    ShowKeys,
    /// Check the daemon's file, or another one, without touching anything
    Check {
        /// - is standard input; a file cannot include others here
        file: Option<PathBuf>,
    },
    /// What the daemon's file, or another one, would change
    Diff {
        /// As in check
        file: Option<PathBuf>,
    },
    /// Read the daemon's file anew: what can be changed while it runs is, the rest is named
    Reload,
    /// Whether all nodes have what the cluster has agreed on
    #[command(name = "cluster_sync", alias = "cluster-sync", subcommand)]
    ClusterSync(ClusterSyncCommand),
}

#[derive(Debug, Subcommand)]
pub enum ClusterSyncCommand {
    /// Which entry of the log each node has applied
    Status,
}
