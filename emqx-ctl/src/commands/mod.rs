//! What the verbs do: one file for each group. A command asks the daemon and hands what it answers
//! to the printer.

mod admins;
mod alarms;
mod authn;
mod authz;
mod banned;
mod bench;
mod broker;
mod clients;
mod cluster;
mod completion;
mod conf;
mod data;
mod diagnose;
mod diagnosis;
mod disconnects;
mod doctor;
mod explain;
mod help;
mod license;
mod lifecycle;
mod listeners;
mod log;
mod retainer;
mod status;
mod subscriptions;
mod system;
mod tls;
mod topics;
mod trace;
mod traces;
mod upgrade;

#[cfg(test)]
pub use help::COMPAT;
pub use help::TOPICS as HELP_TOPICS;

use emqx_shared::views::ListEnd;
use emqx_shared::{ExitCode, Request, View};

use crate::app::App;
use crate::cli::{Command, PluginsCommand};
use crate::connect::Connection;
use crate::failure::{CliFailure, Stop};
use crate::render::{List, Record};

/// How a command ends.
pub type Outcome = Result<ExitCode, Stop>;

/// Carries a command out.
pub fn run(command: Command, app: &mut App) -> Outcome {
    match command {
        Command::Status(args) => status::status(&args, app),
        Command::Ping => status::ping(app),
        Command::Version => status::version(app),
        Command::Broker(args) => broker::run(&args, app),
        Command::Listeners(args) => listeners::run(&args, app),
        Command::Clients(command) => clients::run(command, app),
        Command::Why(args) => disconnects::why(args, app),
        Command::Disconnects(args) => disconnects::list(args, app),
        Command::Topics(command) => topics::run(command, app),
        Command::Subscriptions(command) => subscriptions::run(command, app),
        Command::Retainer(command) => retainer::run(command, app),
        Command::License(command) => license::run(command, app),
        Command::Conf(command) => conf::run(&command, app),
        Command::Tls(command) => tls::run(command, app),
        Command::Reload(args) => lifecycle::reload(&args, app),
        Command::Shutdown(args) => lifecycle::shutdown(&args, app),
        Command::Upgrade(args) => upgrade::run(&args, app),
        Command::Top(args) => diagnosis::top(&args, app),
        Command::Events(args) => diagnosis::events(args, app),
        Command::Errors(args) => diagnosis::errors(&args, app),
        Command::Cluster(command) => system::cluster(command, app),
        Command::Vm { part } => system::vm(part, app),
        Command::Mnesia => system::mnesia(app),
        Command::Olp(command) => system::olp(&command, app),
        Command::PemCache(command) => system::pem_cache(command, app),
        Command::Authn(command) => authn::run(command, app),
        Command::User(command) => authn::run_classic(command, "username", app),
        Command::Clientid(command) => authn::run_classic(command, "clientid", app),
        Command::Authz(command) => authz::run(command, app),
        Command::Plugins(PluginsCommand::List) => system::plugins(app),
        Command::Log(command) => log::run(&command, app),
        Command::Trace(command) => trace::run(command, app),
        Command::Traces(command) => traces::run(command, app),
        Command::Admins(command) => admins::run(command, app),
        Command::Admin(command) => admins::run_alias(command, app),
        Command::Banned(command) => banned::run(command, app),
        Command::Alarms(command) => alarms::run(&command, app),
        Command::Data(command) => data::run(command, app),
        Command::Bench(command) => bench::run(command, app),
        Command::Doctor(args) => doctor::run(args, app),
        Command::Diagnose(command) => diagnose::run(command, app),
        Command::Explain(args) => explain::run(&args, app),
        Command::Completion(args) => completion::run(&args, app),
        Command::Help(args) => help::run(&args, app),
    }
}

/// Streams a list from the daemon to the printer; `rows_of` takes the rows out of a chunk.
fn stream_list<R: Record>(
    connection: &mut Connection,
    request: &Request,
    mut list: List<'_, R>,
    rows_of: fn(View) -> Result<Vec<R>, CliFailure>,
) -> Result<ListEnd, Stop> {
    let result = connection.stream(request, &mut |view| {
        let rows = rows_of(view)?;
        list.push(rows).map_err(Stop::Output)
    });
    match result {
        Ok(end) => {
            list.finish()?;
            Ok(end)
        }
        Err(Stop::Failure(failure)) => {
            list.break_off()?;
            Err(Stop::Failure(failure))
        }
        Err(stop) => Err(stop),
    }
}
