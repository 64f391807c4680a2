//! `subscriptions list|show|add|del`

use emqx_shared::views::SubscriptionView;
use emqx_shared::{ErrorCode, ExitCode, Request, View};

use super::clients::not_found;
use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::SubscriptionsCommand;
use crate::connect::unexpected;
use crate::failure::{CliFailure, Stop};
use crate::render::{Deed, DeedKind, Format};

pub fn run(command: SubscriptionsCommand, app: &mut App) -> Outcome {
    match command {
        SubscriptionsCommand::List => list(app),
        SubscriptionsCommand::Show { client_id } => show(client_id, app),
        SubscriptionsCommand::Add { client_id, topic, qos } => {
            let request = Request::AddSubscription {
                client_id: client_id.clone(),
                topic,
                qos: read_qos(&qos)?,
            };
            change(&request, Deed::new(DeedKind::AddSubscription, client_id), app)
        }
        SubscriptionsCommand::Del { client_id, topic } => {
            let request = Request::DeleteSubscription {
                client_id: client_id.clone(),
                topic,
            };
            change(&request, Deed::new(DeedKind::DeleteSubscription, client_id), app)
        }
    }
}

fn list(app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list();
    stream_list(&mut connection, &Request::ListSubscriptions, list, rows)?;
    Ok(ExitCode::Done)
}

/// EMQX says `Not Found.` for an unknown client and for one without subscriptions; the exit code
/// tells them apart.
fn show(client_id: String, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list().silent_when_empty();
    let request = Request::ShowSubscriptions { client_id };
    let end = stream_list(&mut connection, &request, list, rows).map_err(|stop| match stop {
        Stop::Failure(failure) => not_found(*failure).into(),
        other => other,
    })?;
    if end.rows == 0 {
        match app.printer.look.format {
            Format::Emqx => app.printer.raw("Not Found.\n")?,
            Format::Table => app.printer.raw("No subscriptions.\n")?,
            _ => {}
        }
    }
    Ok(ExitCode::Done)
}

fn rows(view: View) -> Result<Vec<SubscriptionView>, CliFailure> {
    match view {
        View::Subscriptions(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    }
}

fn read_qos(text: &str) -> Result<u8, CliFailure> {
    let qos = text.parse().ok().filter(|qos| *qos <= 2);
    qos.ok_or_else(|| {
        CliFailure::usage(format!("QoS should be 0, 1, 2, not \"{text}\"")).classic("QoS should be 0, 1, 2\n")
    })
}

fn change(request: &Request, deed: Deed, app: &mut App) -> Outcome {
    app.connect()?.ask(request).map_err(|failure| {
        match failure.code == ErrorCode::ClientNotFound.name() {
            // Without a line end, as in EMQX.
            true => failure.classic("Error: Channel not found!"),
            false => failure,
        }
    })?;
    app.printer.one(&deed)?;
    Ok(ExitCode::Done)
}
