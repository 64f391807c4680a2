//! The command line: one file for each group of verbs, and what is wrong with a line that cannot
//! be read.

mod admins;
mod alarms;
mod authn;
mod authz;
mod banned;
mod bench;
mod broker;
mod clients;
mod completion;
mod conf;
mod data;
mod diagnosis;
mod disconnects;
mod doctor;
mod license;
mod lifecycle;
mod listeners;
mod log;
mod problem;
mod retainer;
mod status;
mod subscriptions;
mod system;
mod tls;
mod topics;
mod trace;
mod upgrade;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use emqx_shared::catalogue::Language;
use emqx_shared::socket_path::SOCKET_ENV;

use crate::compat::Compat;
use crate::duration;
use crate::render::FormatChoice;

pub use admins::{AdminCommand, AdminsCommand, GivenPassword, PasswordArgs};
pub use alarms::AlarmsCommand;
pub use authn::{AuthnCommand, ClassicUsersCommand, PasswordFileArgs, RowKind, UserPlaceArgs, UsersCommand};
pub use authz::{AuthzCommand, CheckArgs, CheckedAction, HolderArgs, RulesCommand};
pub use banned::BannedCommand;
pub use bench::{
    BenchCommand, ConnectBench, FanInBench, FanOutBench, FlowArgs, MessageArgs, P2pBench, RetainedBench, SharedBench,
    TargetArgs, WildcardBench,
};
pub use broker::{BrokerArgs, BrokerCommand};
pub use clients::ClientsCommand;
pub use completion::CompletionArgs;
pub use conf::{ClusterSyncCommand, ConfCommand};
pub use data::DataCommand;
pub use diagnosis::{ErrorsArgs, EventsArgs, TopArgs};
pub use disconnects::{DisconnectsArgs, WhyArgs};
pub use doctor::{AnalyzeArgs, BundleArgs, DiagnoseCommand, DoctorArgs};
pub use license::{IssueArgs, LicenseCommand, LicenseTypeChoice};
pub use lifecycle::{ReloadArgs, ShutdownArgs};
pub use listeners::{ListenersArgs, ListenersCommand, OneListener};
pub use log::{HandlersCommand, LogCommand};
pub use problem::Problem;
pub use retainer::RetainerCommand;
pub use status::StatusArgs;
pub use subscriptions::SubscriptionsCommand;
pub use system::{CleanCommand, ClusterCommand, DiscoveryCommand, OlpCommand, PemCacheCommand, PluginsCommand, VmPart};
pub use tls::{TlsCheckArgs, TlsCommand};
pub use topics::TopicsCommand;
pub use trace::{LineFormat, SubjectKind, TraceCommand, TraceTargetArgs, TracesCommand, spell_follow};
pub use upgrade::UpgradeArgs;
pub use words::{ExplainArgs, HelpArgs};

const EXAMPLES: &str = "\
Examples:
  emqx-ctl status                      is it running, and how is it
  emqx-ctl listeners                   what listens, and why connections ended
  emqx-ctl why sensor-17               why is that client offline
  emqx-ctl doctor                      what is wrong with it, and what to type against it
  emqx-ctl clients list --limit 20     who is connected
  emqx-ctl explain keepalive_timeout   what a word of the log means
  emqx-ctl -f json listeners           the same for a program

More: emqx-ctl help exit-codes | formats | compat";

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "emqx-ctl",
    version,
    about = "Look after a running emqxd",
    long_about = None,
    before_help = EXAMPLES,
    help_template = "{about}\n\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command, before or after its name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The control socket; otherwise the usual places are searched
    #[arg(short, long, global = true, value_name = "PATH", env = SOCKET_ENV, hide_env_values = true)]
    pub socket: Option<PathBuf>,
    /// Ask this node of the cluster, through the one behind the socket
    // Its own id: verbs have an argument `node`, whose value clap would take for this one's.
    #[arg(long = "node", id = "at-node", global = true, value_name = "NAME")]
    pub node: Option<String>,
    /// Ask every node of the cluster at the same time; exit code 3 if only some succeed
    #[arg(long, global = true, conflicts_with = "at-node")]
    pub all_nodes: bool,
    /// How to draw the answer
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value = "auto",
        env = "EMQX_CTL_FORMAT",
        hide_env_values = true
    )]
    pub format: FormatChoice,
    /// How long to wait for each part of the answer
    #[arg(short, long, global = true, value_name = "DURATION", default_value = "10s", value_parser = duration::parse)]
    pub timeout: Duration,
    /// Print data and errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say on stderr who answers
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub color: ColorChoice,
    /// The language of explanations; otherwise that of the locale
    #[arg(
        long = "lang",
        global = true,
        value_enum,
        value_name = "en|zh",
        hide_possible_values = true
    )]
    pub language: Option<LanguageChoice>,
    /// The EMQX generation whose texts are printed
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "5",
        value_name = "4|5",
        env = "EMQX_COMPAT",
        hide_env_values = true,
        hide_possible_values = true
    )]
    pub compat: Compat,
    /// Answer every question with yes
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Never ask
    #[arg(long, global = true)]
    pub no_input: bool,
}

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// `--lang`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LanguageChoice {
    En,
    Zh,
}

impl From<LanguageChoice> for Language {
    fn from(choice: LanguageChoice) -> Self {
        match choice {
            LanguageChoice::En => Self::English,
            LanguageChoice::Zh => Self::Chinese,
        }
    }
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Is the node running, and how is it
    Status(StatusArgs),
    /// Does the daemon answer: prints pong
    Ping,
    /// Versions of emqx-ctl and emqxd
    Version,
    /// The broker's description, statistics and metrics
    Broker(BrokerArgs),
    /// Listeners: addresses, connections, why connections ended
    #[command(alias = "listener")]
    Listeners(ListenersArgs),
    /// Connected clients and kept sessions
    #[command(subcommand, alias = "client")]
    Clients(ClientsCommand),
    /// Why a client is offline, or was
    Why(WhyArgs),
    /// Connections that ended, newest first
    Disconnects(DisconnectsArgs),
    /// Topics somebody subscribed to
    #[command(subcommand, visible_alias = "routes")]
    Topics(TopicsCommand),
    /// Subscriptions of clients
    #[command(subcommand)]
    Subscriptions(SubscriptionsCommand),
    /// Retained messages
    #[command(subcommand)]
    Retainer(RetainerCommand),
    /// The licence: what it allows, another one, issuing one
    #[command(subcommand)]
    License(LicenseCommand),
    /// The configuration: what is in force, what a file would change, reading it anew
    #[command(subcommand)]
    Conf(ConfCommand),
    /// Certificates of the listeners: what they say, what is wrong, reading them again
    #[command(subcommand)]
    Tls(TlsCommand),
    /// Take into use what was changed on disk: configuration, certificates, rules, licence, log files
    Reload(ReloadArgs),
    /// Stop the node: clients are let go, what was acknowledged reaches those who are connected
    Shutdown(ShutdownArgs),
    /// Go on as a process of another binary: clients stay connected, sessions stay
    Upgrade(UpgradeArgs),
    /// Clients by what they send and receive, renewed until Ctrl-C
    Top(TopArgs),
    /// What happens on the node
    Events(EventsArgs),
    /// The last malformed frames, with the byte at fault
    Errors(ErrorsArgs),
    /// Nodes of the cluster
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// EMQX's figures of machine and process
    #[command(hide = true)]
    Vm {
        #[arg(value_enum, default_value = "all")]
        part: VmPart,
    },
    /// What the store holds
    #[command(hide = true)]
    Mnesia,
    /// Overload protection
    #[command(subcommand, hide = true)]
    Olp(OlpCommand),
    /// Certificates that were read
    #[command(subcommand, hide = true, name = "pem_cache", alias = "pem-cache")]
    PemCache(PemCacheCommand),
    /// Who may connect: authenticators, and users that are kept on this node
    #[command(subcommand)]
    Authn(AuthnCommand),
    /// EMQX 4: users of the built-in database by user name
    #[command(subcommand, hide = true)]
    User(ClassicUsersCommand),
    /// EMQX 4: users of the built-in database by client id
    #[command(subcommand, hide = true)]
    Clientid(ClassicUsersCommand),
    /// Who may publish and subscribe to what
    #[command(subcommand, alias = "acl")]
    Authz(AuthzCommand),
    /// Plugins: this version has none
    #[command(subcommand, hide = true)]
    Plugins(PluginsCommand),
    /// Log levels and handlers
    #[command(subcommand)]
    Log(LogCommand),
    /// Follow a client, a topic or an address through the broker
    #[command(subcommand)]
    Trace(TraceCommand),
    /// Named traces on all nodes of the cluster
    #[command(subcommand)]
    Traces(TracesCommand),
    /// Who may use the HTTP API
    #[command(subcommand)]
    Admins(AdminsCommand),
    /// As `admins`; `admin USER PASSWORD` sets a password
    #[command(subcommand, hide = true)]
    Admin(AdminCommand),
    /// Who may not connect
    #[command(subcommand)]
    Banned(BannedCommand),
    /// What troubles the node
    #[command(subcommand)]
    Alarms(AlarmsCommand),
    /// Take administrators and bans to another node
    #[command(subcommand)]
    Data(DataCommand),
    /// Measure what a server carries; any MQTT server, by default the one of this machine
    #[command(subcommand, after_help = bench::BENCH_NOTES)]
    Bench(BenchCommand),
    /// What is wrong with the node, or soon will be; half of it without a daemon
    Doctor(DoctorArgs),
    /// A file for those who are to help, and reading one
    #[command(subcommand)]
    Diagnose(DiagnoseCommand),
    /// What a reason, an error or a log line means; needs no daemon
    Explain(ExplainArgs),
    /// What makes TAB complete commands, options and names in a shell: source <(emqx-ctl completion bash)
    Completion(CompletionArgs),
    /// Help on a command or a topic: exit-codes, formats, compat
    Help(HelpArgs),
}

/// Reads the command line.
///
/// # Errors
/// A [`Problem`], which also covers `--help` and `--version`.
pub fn read(arguments: &[OsString]) -> Result<Cli, Problem> {
    Cli::try_parse_from(spell_follow(arguments)).map_err(Problem::from)
}

/// The whole command line as clap knows it, for help texts.
pub fn definition() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        definition().debug_assert();
    }

    #[test]
    fn options_stand_before_or_after_the_verb() {
        for line in [
            "emqx-ctl -f json -t 500ms clients list",
            "emqx-ctl clients -f json list -t 500ms",
            "emqx-ctl clients list -t 500ms -f json",
        ] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.global.format, FormatChoice::Json, "{line}");
            assert_eq!(cli.global.timeout, Duration::from_millis(500));
        }
    }

    #[test]
    fn every_form_that_emqx_s_documents_use_is_read() {
        for line in [
            "emqx_ctl status",
            "emqx_ctl broker stats",
            "emqx_ctl broker metrics",
            "emqx_ctl listeners",
            "emqx_ctl listener",
            "emqx_ctl listeners list",
            "emqx_ctl listeners tcp:default",
            "emqx_ctl listeners stop tcp:default",
            "emqx_ctl listeners stop mqtt:tcp 0.0.0.0:1883",
            "emqx_ctl listeners stop tcp 1883",
            "emqx_ctl clients kick a b c",
            "emqx_ctl routes list",
            "emqx_ctl routes show t/#",
            "emqx_ctl subscriptions add c t/1 1",
            "emqx_ctl subscriptions del c $share/g/t",
            "emqx_ctl retainer topics 1 10",
            "emqx_ctl retainer clean t/#",
            "emqx_ctl log set-level debug",
            "emqx_ctl log primary-level",
            "emqx_ctl log handlers set-level console debug",
            "emqx_ctl log handlers list",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }
}
