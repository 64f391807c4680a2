//! `log set-level|primary-level|level|handlers`

use emqx_shared::request::DiagnosisRequest;
use emqx_shared::{ErrorCode, ExitCode, LogLevel, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::{HandlersCommand, LogCommand};
use crate::connect::unexpected;
use crate::failure::CliFailure;
use crate::render::{Deed, DeedKind, Level, erlang_term};

pub fn run(command: &LogCommand, app: &mut App) -> Outcome {
    match command {
        LogCommand::Level {
            level: Some(level),
            time: Some(time),
        } => {
            let seconds = u32::try_from(time.as_secs().max(1)).unwrap_or(u32::MAX);
            let level = read_level(level)?;
            show_timed_level(DiagnosisRequest::SetLogLevelFor { level, seconds }, app)
        }
        LogCommand::SetLevel { level }
        | LogCommand::Level {
            level: Some(level),
            time: None,
        } => {
            let level = read_level(level)?;
            show_level(&Request::SetLogLevel { level }, app)
        }
        LogCommand::PrimaryLevel { level: Some(level) } => {
            let level = read_level(level)?;
            show_level(&Request::SetLogPrimaryLevel { level }, app)
        }
        LogCommand::PrimaryLevel { level: None } => show_level(&Request::LogPrimaryLevel, app),
        LogCommand::Level { level: None, .. } => show_timed_level(DiagnosisRequest::LogLevel, app),
        LogCommand::Handlers(command) => handlers(command, app),
    }
}

fn handlers(command: &HandlersCommand, app: &mut App) -> Outcome {
    match command {
        HandlersCommand::List => list_handlers(app),
        HandlersCommand::Start { handler } => {
            let request = Request::StartLogHandler {
                handler: handler.clone(),
            };
            switch(&request, Deed::new(DeedKind::StartLogHandler, handler), app)
        }
        HandlersCommand::Stop { handler } => {
            let request = Request::StopLogHandler {
                handler: handler.clone(),
            };
            switch(&request, Deed::new(DeedKind::StopLogHandler, handler), app)
        }
        HandlersCommand::SetLevel { handler, level } => {
            let level = read_level(level)?;
            let handler = handler.clone();
            show_level(&Request::SetLogHandlerLevel { handler, level }, app)
        }
    }
}

fn list_handlers(app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list();
    stream_list(&mut connection, &Request::ListLogHandlers, list, |view| match view {
        View::LogHandlers(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}

fn read_level(word: &str) -> Result<LogLevel, CliFailure> {
    word.parse().map_err(|_| {
        let known: Vec<_> = LogLevel::ALL.iter().map(|level| level.as_str()).collect();
        CliFailure::usage(format!("there is no log level \"{word}\""))
            .next(format!("choose from {}", known.join(", ")))
            .classic(format!("[error] invalid level: {}\n", erlang_term::string(word)))
    })
}

fn show_timed_level(request: DiagnosisRequest, app: &mut App) -> Outcome {
    let view = match app.connect()?.ask(&Request::Diagnosis(request))? {
        View::TimedLogLevel(view) => view,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&view)?;
    Ok(ExitCode::Done)
}

fn show_level(request: &Request, app: &mut App) -> Outcome {
    let view = app
        .connect()?
        .ask(request)
        .map_err(|failure| classic(request, failure))?;
    let level = match view {
        View::LogLevel(level) => level,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&Level(level))?;
    Ok(ExitCode::Done)
}

fn switch(request: &Request, deed: Deed, app: &mut App) -> Outcome {
    app.connect()?
        .ask(request)
        .map_err(|failure| classic(request, failure))?;
    app.printer.one(&deed)?;
    Ok(ExitCode::Done)
}

/// EMQX's words for a log command that failed in the daemon.
fn classic(request: &Request, failure: CliFailure) -> CliFailure {
    if !failure.handled {
        return failure;
    }
    let not_found = failure.code == ErrorCode::LogHandlerNotFound.name();
    let reason = if not_found {
        "{not_found,handler}".to_owned()
    } else {
        erlang_term::atom(failure.code)
    };
    let text = match request {
        Request::StartLogHandler { handler } => {
            format!("failed to start log handler {handler}: {reason}")
        }
        Request::StopLogHandler { handler } => {
            format!("failed to stop log handler {handler}: {reason}")
        }
        Request::SetLogHandlerLevel { handler, .. } if not_found => {
            format!("invalid handler:{handler}")
        }
        Request::SetLogLevel { .. } => format!("set overall log level failed: {reason}"),
        _ => reason,
    };
    let text = crate::render::escape::escape(&text).into_owned();
    failure.classic(format!("[error] {text}\n"))
}
