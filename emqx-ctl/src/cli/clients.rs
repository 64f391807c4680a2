//! `clients list|show|kick`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum ClientsCommand {
    /// All clients of this node
    List {
        /// At most so many, in the order of their ids
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,
        /// Only ids that sort after this one: the next page
        #[arg(long, value_name = "CLIENTID")]
        after: Option<String>,
        /// Only these columns (of table, json, ndjson, csv), such as clientid,peername
        #[arg(long, value_name = "NAMES", value_delimiter = ',')]
        columns: Vec<String>,
    },
    /// One client
    Show {
        #[arg(value_name = "CLIENTID")]
        client_id: String,
    },
    /// End connections and discard their sessions
    Kick {
        #[arg(value_name = "CLIENTID", required = true)]
        client_ids: Vec<String>,
    },
}
