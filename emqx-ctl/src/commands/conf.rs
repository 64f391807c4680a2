//! `conf show|show_keys|check|diff|reload`
//!
//! A file other than the daemon's own is read here and sent in pieces: the daemon opens no path that came over the
//! control socket.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use emqx_shared::request::{ConfRequest, PIECE_BYTES_MAX, SentText, TEXT_BYTES_MAX};
use emqx_shared::views::{ConfEffect, ConfKeyView};
use emqx_shared::{ErrorCode, ExitCode, Request, View};

use super::{Outcome, cluster, stream_list};
use crate::app::App;
use crate::cli::{ClusterSyncCommand, ConfCommand};
use crate::connect::{Connection, unexpected};
use crate::failure::CliFailure;
use crate::render::{ConfChecked, hocon};

pub fn run(command: &ConfCommand, app: &mut App) -> Outcome {
    match command {
        ConfCommand::Show { key, origin } => show(key.clone(), *origin, app),
        ConfCommand::ShowKeys => show_keys(app),
        ConfCommand::Check { file } => check(file.as_deref(), app),
        ConfCommand::Diff { file } => diff(file.as_deref(), app),
        ConfCommand::Reload => reload(app),
        ConfCommand::ClusterSync(ClusterSyncCommand::Status) => cluster::sync_status(app),
    }
}

fn show(key: Option<String>, origin: bool, app: &mut App) -> Outcome {
    let request = Request::Conf(ConfRequest::Show { key });
    let mut connection = app.connect()?;
    if !app.is_text() {
        let list = app.printer.list();
        stream_list(&mut connection, &request, list, |view| match view {
            View::ConfKeys(rows) => Ok(rows),
            other => Err(unexpected(&other)),
        })?;
        return Ok(ExitCode::Done);
    }
    let mut rows: Vec<ConfKeyView> = Vec::new();
    connection
        .stream(&request, &mut |view| match view {
            View::ConfKeys(chunk) => {
                rows.extend(chunk);
                Ok(())
            }
            other => Err(unexpected(&other).into()),
        })
        .map_err(|stop| match stop {
            crate::failure::Stop::Failure(failure) if failure.code == ErrorCode::KeyNotFound.name() => {
                failure.classic("key_not_found\n").into()
            }
            other => other,
        })?;
    let text = if rows.is_empty() {
        "No value\n".to_owned()
    } else {
        hocon::document(&rows, origin)
    };
    app.printer.raw(&text)?;
    Ok(ExitCode::Done)
}

fn show_keys(app: &mut App) -> Outcome {
    let roots = match app.connect()?.ask(&Request::Conf(ConfRequest::ShowKeys))? {
        View::ConfRoots(roots) => roots,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&crate::render::ConfRoots(roots))?;
    Ok(ExitCode::Done)
}

/// Sends the file, if it is not the daemon's own; its name for messages.
fn send(file: Option<&Path>, connection: &mut Connection) -> Result<Option<String>, CliFailure> {
    let Some(path) = file else { return Ok(None) };
    let text = read(path)?;
    let mut offset = 0;
    // An empty file is a text too.
    let pieces = text.chunks(PIECE_BYTES_MAX).chain(text.is_empty().then_some(&[][..]));
    for piece in pieces {
        connection.ask(&Request::Conf(ConfRequest::SendText {
            offset,
            piece: SentText(piece.to_vec()),
        }))?;
        offset += piece.len() as u32;
    }
    let name = if path == Path::new("-") {
        "stdin".into()
    } else {
        path.to_string_lossy()
    };
    Ok(Some(name.into_owned()))
}

fn read(path: &Path) -> Result<Vec<u8>, CliFailure> {
    let mut text = Vec::new();
    let limit = TEXT_BYTES_MAX as u64;
    let result = if path == Path::new("-") {
        io::stdin().lock().take(limit + 1).read_to_end(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut text))
    };
    let shown = path.display();
    result.map_err(|error| {
        CliFailure::new("no_input", ExitCode::NoInput, format!("cannot read {shown}")).why(error.to_string())
    })?;
    if text.len() > TEXT_BYTES_MAX {
        let message = format!("{shown} is longer than {} KiB", TEXT_BYTES_MAX / 1024);
        return Err(CliFailure::new("bad_data", ExitCode::BadData, message));
    }
    Ok(text)
}

fn check(file: Option<&Path>, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let file = send(file, &mut connection)?;
    let checked = match connection.ask(&Request::Conf(ConfRequest::Check { file }))? {
        View::ConfChecked(checked) => *checked,
        other => return Err(unexpected(&other).into()),
    };
    let is_good = checked.errors.is_empty();
    app.printer.one(&ConfChecked(checked))?;
    Ok(if is_good { ExitCode::Done } else { ExitCode::Config })
}

fn diff(file: Option<&Path>, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let file = send(file, &mut connection)?;
    let list = app.printer.list();
    let request = Request::Conf(ConfRequest::Diff { file });
    stream_list(&mut connection, &request, list, changes_of)?;
    Ok(ExitCode::Done)
}

fn reload(app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let mut needs_restart = false;
    let list = app.printer.list().silent_when_empty();
    let mut list = list;
    let outcome = connection.stream(&Request::Conf(ConfRequest::Reload), &mut |view| {
        let rows = changes_of(view)?;
        needs_restart |= rows.iter().any(|row| row.effect == ConfEffect::Restart);
        list.push(rows)?;
        Ok(())
    });
    let outcome = outcome.map_err(|stop| match stop {
        crate::failure::Stop::Failure(failure) if failure.handled => {
            let reason = failure.why.clone().unwrap_or_else(|| failure.message.clone());
            let reason = crate::render::escape::escape(&reason).into_owned();
            failure.classic(format!("load config failed\n{reason}\n")).into()
        }
        other => other,
    })?;
    list.finish()?;
    if outcome.rows == 0 && app.is_text() {
        app.printer.raw("nothing differs\n")?;
    }
    if needs_restart && !app.printer.look.quiet {
        eprintln!("note: keys marked restart are in force once emqxd is restarted");
    }
    Ok(ExitCode::Done)
}

fn changes_of(view: View) -> Result<Vec<emqx_shared::views::ConfChangeView>, CliFailure> {
    match view {
        View::ConfChanges(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    }
}
