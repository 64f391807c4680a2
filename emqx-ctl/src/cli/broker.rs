//! `broker [stats|metrics]`

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct BrokerArgs {
    #[command(subcommand)]
    pub command: Option<BrokerCommand>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum BrokerCommand {
    /// Numbers of connections, sessions, subscriptions, now and at most
    Stats,
    /// Counts of bytes, packets and messages since start
    Metrics,
}
