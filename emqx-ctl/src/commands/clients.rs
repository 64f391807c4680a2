//! `clients list|show|kick`

use emqx_shared::views::KickView;
use emqx_shared::{ErrorCode, ExitCode, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::ClientsCommand;
use crate::connect::unexpected;
use crate::failure::CliFailure;
use crate::render::{Format, Kicked};

pub fn run(command: ClientsCommand, app: &mut App) -> Outcome {
    match command {
        ClientsCommand::List { limit, after, columns } => list(Request::ListClients { limit, after }, &columns, app),
        ClientsCommand::Show { client_id } => show(client_id, app),
        ClientsCommand::Kick { client_ids } => kick(client_ids, app),
    }
}

fn list(request: Request, columns: &[String], app: &mut App) -> Outcome {
    // A wrong column is told without asking the daemon.
    app.printer.list::<emqx_shared::views::ClientView>().choose(columns)?;
    let mut connection = app.connect()?;
    let list = app.printer.list().choose(columns)?;
    let end = stream_list(&mut connection, &request, list, |view| match view {
        View::Clients(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    let look = &app.printer.look;
    if let Some(total) = end.total.filter(|total| *total > end.rows)
        && look.format == Format::Table
        && !look.quiet
    {
        eprintln!("{} of {total} shown", end.rows);
    }
    Ok(ExitCode::Done)
}

fn show(client_id: String, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let view = connection.ask(&Request::ShowClient { client_id }).map_err(not_found)?;
    let client = match view {
        View::Client(client) => client,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&*client)?;
    Ok(ExitCode::Done)
}

/// EMQX answers `ok` for a client that is not there, and its scripts count on it.
fn kick(client_ids: Vec<String>, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let mut list = app.printer.list();
    for client_id in client_ids {
        let request = Request::KickClient {
            client_id: client_id.clone(),
        };
        let existed = match connection.ask(&request) {
            Ok(View::Kick(KickView { existed })) => existed,
            Ok(other) => return Err(unexpected(&other).into()),
            Err(failure) if failure.code == ErrorCode::ClientNotFound.name() => false,
            Err(failure) => {
                list.break_off()?;
                return Err(failure.into());
            }
        };
        list.push(vec![Kicked { client_id, existed }])?;
    }
    list.finish()?;
    Ok(ExitCode::Done)
}

/// Adds EMQX's words for a client that is not there.
pub fn not_found(failure: CliFailure) -> CliFailure {
    if failure.code == ErrorCode::ClientNotFound.name() {
        failure.classic("Not Found.\n")
    } else {
        failure
    }
}
