//! `topics list|show`, EMQX 4's `routes`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum TopicsCommand {
    /// Every topic filter somebody subscribed to, and on which node
    List,
    /// The nodes of exactly this filter
    Show {
        #[arg(value_name = "FILTER")]
        topic: String,
    },
}
