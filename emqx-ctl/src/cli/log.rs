//! `log set-level|primary-level|level|handlers`
//!
//! Levels are read later than here, because EMQX has its own words for a wrong one.

use std::time::Duration;

use clap::Subcommand;

use crate::duration;

#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Set the level of the log and of all its handlers
    SetLevel {
        /// debug, info, notice, warning, error, critical, alert, emergency; also all, none
        level: String,
    },
    /// Show or set the primary level
    PrimaryLevel {
        /// As in set-level
        level: Option<String>,
    },
    /// Show the primary level, or set it and that of all handlers
    Level {
        /// As in set-level
        level: Option<String>,
        /// Back to what it is now after this time, at most 24h
        #[arg(long = "for", value_name = "DURATION", requires = "level", value_parser = duration::parse)]
        time: Option<Duration>,
    },
    /// Where the log goes
    #[command(subcommand)]
    Handlers(HandlersCommand),
}

#[derive(Debug, Subcommand)]
pub enum HandlersCommand {
    /// All handlers
    List,
    /// Let a handler write
    Start {
        #[arg(value_name = "ID")]
        handler: String,
    },
    /// Let a handler be silent
    Stop {
        #[arg(value_name = "ID")]
        handler: String,
    },
    /// Set the level of one handler
    SetLevel {
        #[arg(value_name = "ID")]
        handler: String,
        level: String,
    },
}
