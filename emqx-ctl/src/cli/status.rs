//! `status`

use clap::Args;

#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Exit with 1 unless the node is started
    #[arg(long)]
    pub exit_code: bool,
}
