//! `listeners [list|ID|start|stop|restart]`

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ListenersArgs {
    #[command(subcommand)]
    pub command: Option<ListenersCommand>,
    /// Show only this listener, such as tcp:default
    #[arg(value_name = "ID")]
    pub listener: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum ListenersCommand {
    /// All listeners
    List,
    /// Accept connections again
    Start(OneListener),
    /// Close the listener and its connections, until it or the node is started again
    Stop(OneListener),
    /// Stop and start: closes its connections, sets its counts to zero
    Restart(OneListener),
}

#[derive(Debug, Args)]
pub struct OneListener {
    /// Such as tcp:default; EMQX 4's mqtt:tcp:external is understood
    #[arg(value_name = "ID")]
    pub listener: String,
    /// EMQX 4's second way to name a listener: PROTOCOL PORT or PROTOCOL IP:PORT
    #[arg(value_name = "PORT", hide = true)]
    pub port: Option<String>,
}
