//! `retainer info|topics|clean`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum RetainerCommand {
    /// How many messages are retained
    Info,
    /// Their topics
    Topics {
        /// The first to show, counted from 1
        #[arg(default_value_t = 1, requires = "limit", value_parser = clap::value_parser!(u32).range(1..))]
        start: u32,
        /// At most so many
        #[arg(default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Delete all retained messages, or those of a topic filter
    Clean {
        #[arg(value_name = "FILTER")]
        filter: Option<String>,
    },
}
