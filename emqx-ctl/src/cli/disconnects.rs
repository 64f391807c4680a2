//! `why` and `disconnects`

use std::time::Duration;

use clap::Args;

use crate::duration;

#[derive(Debug, Args)]
pub struct WhyArgs {
    #[arg(value_name = "CLIENTID")]
    pub client_id: String,
    /// List all of its connections that are remembered
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct DisconnectsArgs {
    /// Only the latest: 10m, 1h, 2d
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub since: Option<Duration>,
    /// Only those with this reason, in EMQX 5's or EMQX 4's word
    #[arg(long, value_name = "REASON")]
    pub reason: Option<String>,
    /// Only those of this client
    #[arg(long, value_name = "CLIENTID")]
    pub client: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Only these columns (of table, json, ndjson, csv), such as time,reason
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub columns: Vec<String>,
}
