//! `retainer info|topics|clean`

use emqx_shared::{ErrorCode, ExitCode, Request, View};

use super::{Outcome, expect, stream_list};
use crate::app::App;
use crate::cli::RetainerCommand;
use crate::compat::Compat;
use crate::connect::Connection;
use crate::failure::{CliFailure, Stop};
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
    let retainer = expect(view, |view| match view {
        View::Retainer(retainer) => Ok(retainer),
        other => Err(other),
    })?;
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
        other => Err(other),
    })
    .map_err(|stop| match stop {
        Stop::Failure(failure) => disabled(*failure).into(),
        other => other,
    })?;
    Ok(ExitCode::Done)
}

fn clean(filter: Option<String>, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let (question, word) = match &filter {
        None => ("This deletes all retained messages.".to_owned(), "all"),
        Some(filter) => {
            let shown = crate::render::escape::escape(filter);
            (format!("This deletes the retained messages of {shown}."), "clean")
        }
    };
    app.prompts.type_word(&question, word)?;
    let view = connection
        .ask(&Request::CleanRetained { filter })
        .map_err(disabled)?;
    let cleaned = expect(view, |view| match view {
        View::RetainedCleaned(cleaned) => Ok(cleaned),
        other => Err(other),
    })?;
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
