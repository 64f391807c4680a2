//! `errors`, `events`, `top`, and what all screens that renew themselves share.

use std::io::IsTerminal;

use emqx_shared::request::DiagnosisRequest;
use emqx_shared::{ExitCode, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::{ErrorsArgs, EventsArgs, TopArgs};
use crate::connect::unexpected;
use crate::failure::Stop;
use crate::render::{Format, Record, TopClient, TopScreen};

/// Clears the terminal and goes to its upper left corner.
const CLEAR: &str = "\x1b[2J\x1b[H";

pub fn errors(args: &ErrorsArgs, app: &mut App) -> Outcome {
    let request = Request::Diagnosis(DiagnosisRequest::ListMalformedFrames { limit: args.limit });
    let mut connection = app.connect()?;
    if app.printer.look.format == Format::Table {
        // A dump takes lines of its own, which no table has.
        let mut texts = Vec::new();
        connection.stream(&request, &mut |view| match view {
            View::MalformedFrames(rows) => {
                texts.extend(rows);
                Ok(())
            }
            other => Err(unexpected(&other).into()),
        })?;
        let look = app.printer.look.clone();
        let blocks: Vec<_> = texts.iter().filter_map(|frame| frame.story(&look)).collect();
        app.printer.raw(&blocks.join("\n"))?;
        return Ok(ExitCode::Done);
    }
    let list = app.printer.list();
    stream_list(&mut connection, &request, list, |view| match view {
        View::MalformedFrames(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}

pub fn events(args: EventsArgs, app: &mut App) -> Outcome {
    let request = Request::Diagnosis(DiagnosisRequest::ListEvents {
        follow: args.follow,
        client_id: args.client,
        kinds: args.kinds,
    });
    let mut connection = app.connect()?;
    if !args.follow {
        let list = app.printer.list();
        stream_list(&mut connection, &request, list, |view| match view {
            View::Events(rows) => Ok(rows),
            other => Err(unexpected(&other)),
        })?;
        return Ok(ExitCode::Done);
    }
    // Lines come one by one for hours: a table or a document would never be finished.
    let look = &mut app.printer.look;
    look.format = match look.format {
        Format::Table => Format::Emqx,
        Format::Json => Format::Ndjson,
        format => format,
    };
    let mut is_told = look.quiet;
    let mut list = app.printer.list().silent_when_empty();
    connection.watch(&request, &mut |view| match view {
        View::Events(rows) => {
            if !is_told {
                eprintln!("following the node's events; Ctrl-C ends");
                is_told = true;
            }
            list.push(rows).map_err(Stop::Output)
        }
        other => Err(unexpected(&other).into()),
    })?;
    list.finish()?;
    Ok(ExitCode::Done)
}

pub fn top(args: &TopArgs, app: &mut App) -> Outcome {
    let request = Request::Diagnosis(DiagnosisRequest::Top {
        sort: args.sort.into(),
        count: args.count,
        interval_ms: u32::try_from(args.interval.as_millis()).unwrap_or(u32::MAX),
        rounds: args.once.then_some(1),
    });
    let mut connection = app.connect()?;
    if !args.once {
        renewing(app);
    }
    connection.watch(&request, &mut |view| match view {
        View::Top(view) => {
            let rows: Vec<_> = view.rows.iter().map(|row| TopClient::of(&view, row)).collect();
            if app.printer.look.format == Format::Table {
                let clear = if args.once { "" } else { CLEAR };
                let head = TopScreen(&view).head();
                app.printer.raw(&format!("{clear}{head}\n\n"))?;
            }
            let mut list = app.printer.list();
            list.push(rows)?;
            list.finish()?;
            Ok(())
        }
        // A sign of life.
        View::Events(_) => Ok(()),
        other => Err(unexpected(&other).into()),
    })?;
    Ok(ExitCode::Done)
}

/// For a screen that is drawn again and again: a table on a terminal, else an object a line.
pub(super) fn renewing(app: &mut App) {
    let look = &mut app.printer.look;
    look.format = match look.format {
        Format::Table if std::io::stdout().is_terminal() => Format::Table,
        Format::Csv => Format::Csv,
        _ => Format::Ndjson,
    };
}

/// Makes room for the next screen, on a terminal.
pub(super) fn clear(app: &mut App) -> std::io::Result<()> {
    if app.printer.look.format == Format::Table {
        app.printer.raw(CLEAR)?;
    }
    Ok(())
}
