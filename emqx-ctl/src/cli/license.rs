//! `license info|show|diff|update|reload|check|history|keygen|issue`
//!
//! SRC is a key, `default` or `evaluation`, a file, `file://PATH`, or `-` for standard input.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// How SRC is told in help texts.
const SOURCE: &str = "A key, default, evaluation, a file, file://PATH, or - for standard input";

#[derive(Debug, Subcommand)]
pub enum LicenseCommand {
    /// The licence in force
    Info,
    /// What a licence says; needs no daemon
    Show {
        #[arg(value_name = "SRC", allow_hyphen_values = true, help = SOURCE)]
        source: String,
        /// Public key of an issuer to check the signature with, besides EMQX's
        #[arg(long, value_name = "FILE")]
        issuer_key: Vec<PathBuf>,
    },
    /// What would change with another licence; of two licences, without a daemon
    Diff {
        #[arg(value_name = "SRC", allow_hyphen_values = true, help = SOURCE)]
        source: String,
        /// Compare SRC with this one instead of asking the daemon
        #[arg(value_name = "OTHER")]
        other: Option<String>,
    },
    /// Put a licence in force
    Update {
        #[arg(value_name = "SRC", allow_hyphen_values = true, help = SOURCE)]
        source: String,
        /// Also one with which no new connection will be accepted
        #[arg(long)]
        force: bool,
    },
    /// Put the licence of a file in force, or read the daemon's own file anew
    Reload {
        #[arg(value_name = "FILE")]
        file: Option<String>,
    },
    /// Is the licence good for a while: exit code 1 if not
    Check {
        /// It has to be good for so many days
        #[arg(long, value_name = "N", default_value_t = 30)]
        days: u32,
    },
    /// The most sessions of each month or day
    History {
        /// At most so many
        #[arg(value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        /// What a row covers: daily or monthly
        #[arg(long, default_value = "monthly", value_name = "PERIOD")]
        period: String,
        /// As JSON, like -f json
        #[arg(long)]
        json: bool,
    },
    /// Make a pair of keys to issue licences with; needs no daemon
    Keygen {
        /// The private key is written to FILE, the public one to FILE.pub
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// An RSA key of 3072 bits instead of ECDSA on P-256
        #[arg(long)]
        rsa: bool,
    },
    /// Issue a licence; needs no daemon
    Issue(Box<IssueArgs>),
}

#[derive(Debug, Args)]
pub struct IssueArgs {
    /// The private key, as keygen made it
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Whose it is
    #[arg(long, value_name = "NAME")]
    pub customer: String,
    /// The customer's address
    #[arg(long, value_name = "ADDRESS", default_value = "")]
    pub email: String,
    /// What it is for
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub deployment: String,
    /// What happens at its end
    #[arg(long = "type", value_enum, default_value = "official")]
    pub license_type: LicenseTypeChoice,
    /// EMQX's number: 0 small, 1 medium, 2 large, 3 business critical, 4 own cloud, 10 evaluation
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub customer_type: u32,
    /// Its first day as YYYYMMDD; today if not given
    #[arg(long, value_name = "DATE")]
    pub start: Option<String>,
    /// For how many days
    #[arg(long, value_name = "N")]
    pub days: u32,
    /// How many sessions it allows
    #[arg(long, value_name = "N")]
    pub sessions: u64,
    /// Messages a second; no limit if not given
    #[arg(long, value_name = "N")]
    pub tps: Option<u64>,
    /// Write it there; otherwise to standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `--type`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LicenseTypeChoice {
    Trial,
    Official,
    Community,
}
