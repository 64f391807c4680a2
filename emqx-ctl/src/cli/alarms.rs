//! `alarms list`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum AlarmsCommand {
    /// What troubles the node
    List {
        /// What did, and is over
        #[arg(long)]
        history: bool,
    },
}
