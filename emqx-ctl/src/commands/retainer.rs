//! `retainer info|topics|clean`

use emqx_shared::{ErrorCode, ExitCode, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::RetainerCommand;
use crate::compat::Compat;
use crate::confirm::Prompts;
use crate::connect::{Connection, unexpected};
use crate::failure::{CliFailure, Stop};
use crate::render::escape::escape;
use crate::render::{Format, RetainedTopic};

pub fn run(command: RetainerCommand, app: &mut App) -> Outcome {
    match command {
        RetainerCommand::Info => {
            let mut connection = app.connect()?;
            info(&mut connection, app)
        }
        RetainerCommand::Topics { start, limit } => topics(start, limit, app),
        RetainerCommand::Clean { filter } => clean(filter, app),
    }
}

fn info(connection: &mut Connection, app: &mut App) -> Outcome {
    let view = connection.ask(&Request::RetainerInfo).map_err(disabled)?;
    let retainer = match view {
        View::Retainer(retainer) => retainer,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&retainer)?;
    Ok(ExitCode::Done)
}

/// EMQX 5 prints the count before the topics.
fn topics(start: u32, limit: u32, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let look = &app.printer.look;
    if look.format == Format::Emqx && look.compat == Compat::V5 {
        info(&mut connection, app)?;
    }
    let list = app.printer.list();
    let request = Request::RetainerTopics { start, limit };
    stream_list(&mut connection, &request, list, |view| match view {
        View::RetainedTopics(rows) => Ok(rows.into_iter().map(RetainedTopic).collect()),
        other => Err(unexpected(&other)),
    })
    .map_err(|stop| match stop {
        Stop::Failure(failure) => disabled(*failure).into(),
        other => other,
    })?;
    Ok(ExitCode::Done)
}

fn clean(filter: Option<String>, app: &mut App) -> Outcome {
    if app.prompts == Prompts::Ask {
        // Whoever cannot reach the daemon is not asked. The daemon does not wait for a person:
        // the connection that is used is opened after the answer.
        app.connect()?;
        let (question, word) = match &filter {
            None => ("This deletes all retained messages.".to_owned(), "all"),
            Some(filter) => (
                format!("This deletes the retained messages of {}.", escape(filter)),
                "clean",
            ),
        };
        app.prompts.type_word(&question, word)?;
    }
    let mut connection = app.connect()?;
    let view = connection.ask(&Request::CleanRetained { filter }).map_err(disabled)?;
    let cleaned = match view {
        View::RetainedCleaned(cleaned) => cleaned,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&cleaned)?;
    Ok(ExitCode::Done)
}

fn disabled(failure: CliFailure) -> CliFailure {
    if failure.code == ErrorCode::Disabled.name() {
        failure.classic("Retainer is not enabled\n")
    } else {
        failure
    }
}
