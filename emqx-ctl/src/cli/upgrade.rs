//! `upgrade`

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::duration;

#[derive(Debug, Args)]
pub struct UpgradeArgs {
    /// The binary to go on with; otherwise the installed one. Only for root and the daemon's own user
    pub binary: Option<PathBuf>,
    /// If it takes longer, all stays as it is; nobody is served for most of this time
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse)]
    pub give_up_after: Duration,
}
