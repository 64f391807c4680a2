//! `banned list|add|del|clear`

use std::time::Duration;

use clap::Subcommand;

use crate::{duration, moment};

#[derive(Debug, Subcommand)]
pub enum BannedCommand {
    /// Who may not connect
    List,
    /// Keep clients out, and end the connections of those who are in
    Add {
        /// clientid, username, peerhost (an address or a network), clientid_re or username_re
        #[arg(value_name = "AS")]
        kind: String,
        /// The client id, user name, address, network or pattern
        who: String,
        /// Why, for people
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
        /// Who bans; otherwise the caller
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        /// For how long; otherwise for ever
        #[arg(long = "for", value_name = "DURATION", value_parser = duration::parse)]
        duration: Option<Duration>,
        /// Until when, such as 2026-12-24T18:00:00Z
        #[arg(long, value_name = "TIME", value_parser = moment::parse, conflicts_with = "duration")]
        until: Option<u64>,
    },
    /// Let them in again
    Del {
        /// As it was banned
        #[arg(value_name = "AS")]
        kind: String,
        /// As it was banned
        who: String,
    },
    /// Let all in again
    Clear,
}
