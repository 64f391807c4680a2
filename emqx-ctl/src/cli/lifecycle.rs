//! `reload`, `shutdown`

use std::time::Duration;

use clap::Args;

use crate::duration;

#[derive(Debug, Args)]
pub struct ReloadArgs {
    /// Wait until all parts are done, and say what came of each; otherwise the log says it
    #[arg(long)]
    pub wait: bool,
}

#[derive(Debug, Args)]
pub struct ShutdownArgs {
    /// Let the clients go evenly over this time, such as 30s; otherwise over node.drain_time
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub drain: Option<Duration>,
}
