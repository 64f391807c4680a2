//! `authz list|show|check|rules|reload|cache-clean`

use std::net::IpAddr;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum AuthzCommand {
    /// Who is asked about publishes and subscriptions, in order
    List,
    /// The rules of the file that is in force
    Show,
    /// What a client may do, and which rule says so; exit code 1 if it may not
    Check(CheckArgs),
    /// Rules of the node's own store (source built_in_database)
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Read the file of the rules anew, whole or not at all
    Reload,
    /// Forget decisions: all, node NODE, or CLIENTID
    #[command(name = "cache-clean")]
    CacheClean {
        #[arg(value_name = "all|node NODE|CLIENTID", num_args = 1..=2, required = true)]
        target: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Who; if it is connected, what is known of it holds
    #[arg(value_name = "CLIENTID")]
    pub client_id: String,
    /// What
    pub action: CheckedAction,
    /// The topic, or the filter
    pub topic: String,
    /// In place of its user name
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// In place of its address
    #[arg(long, value_name = "ADDRESS")]
    pub ip: Option<IpAddr>,
    /// Of the message, or asked for
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=2))]
    pub qos: u8,
    /// The message is to be retained
    #[arg(long)]
    pub retain: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckedAction {
    #[value(alias = "pub")]
    Publish,
    #[value(alias = "sub")]
    Subscribe,
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// All rules, or those of one client id, of one user, or for everybody
    List(HolderArgs),
    /// Add a rule behind those that are there
    Add {
        #[command(flatten)]
        holder: HolderArgs,
        /// allow or deny
        permission: String,
        /// publish, subscribe or all
        action: String,
        /// A filter; `eq TOPIC` compares it literally
        topic: String,
        /// Only of these QoS: 0, 1, 2
        #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u8).range(0..=2))]
        qos: Vec<u8>,
        /// Only messages with RETAIN (true) or without (false)
        #[arg(long)]
        retain: Option<bool>,
    },
    /// Delete the rules about a topic, or all of one owner
    Del {
        #[command(flatten)]
        holder: HolderArgs,
        /// As it was added; all rules of the owner if it is left out
        topic: Option<String>,
    },
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct HolderArgs {
    /// Of this client id
    #[arg(long, value_name = "CLIENTID")]
    pub clientid: Option<String>,
    /// Of this user
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// For everybody
    #[arg(long)]
    pub all: bool,
}
