//! `listeners [list|ID|start|stop|restart|enable|disable]`

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::duration;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ListenersArgs {
    #[command(subcommand)]
    pub command: Option<ListenersCommand>,
    /// Show only this listener, such as tcp:default
    #[arg(value_name = "ID")]
    pub listener: Option<String>,
    /// Look again and again, and say what happened since the last look
    #[arg(long, value_name = "INTERVAL", num_args = 0..=1, require_equals = true, default_missing_value = "2s",
          value_parser = super::diagnosis::interval)]
    pub watch: Option<Duration>,
    /// End after so many looks
    #[arg(long, value_name = "N", requires = "watch", value_parser = clap::value_parser!(u32).range(1..))]
    pub looks: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub enum ListenersCommand {
    /// All listeners
    List,
    /// Accept connections again
    Start(OneListener),
    /// Close the listener and its connections, until it or the node is started again
    Stop(StoppedListener),
    /// Stop and start: closes its connections, sets its counts to zero
    Restart(StoppedListener),
    /// Start it, now and whenever the node starts; with `false` as disable
    Enable {
        /// Such as tcp:default
        #[arg(value_name = "ID")]
        listener: String,
        /// true or false
        #[arg(value_name = "true|false", default_value = "true", hide_default_value = true)]
        enable: String,
    },
    /// Stop it, now and whenever the node starts, until it is enabled
    Disable {
        /// Such as tcp:default
        #[arg(value_name = "ID")]
        listener: String,
    },
}

#[derive(Debug, Args)]
pub struct StoppedListener {
    #[command(flatten)]
    pub one: OneListener,
    /// Let its clients go evenly over this time, such as 5m; a restart accepts new ones meanwhile
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub drain: Option<Duration>,
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
