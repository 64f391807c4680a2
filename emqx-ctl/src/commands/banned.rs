//! `banned list|add|del|clear`. EMQX has no such verbs.

use emqx_shared::request::BannedRequest;
use emqx_shared::{ExitCode, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::BannedCommand;
use crate::connect::unexpected;
use crate::render::{Deed, DeedKind, Format};

pub fn run(command: BannedCommand, app: &mut App) -> Outcome {
    match command {
        BannedCommand::List => list(app),
        BannedCommand::Add {
            kind,
            who,
            reason,
            by,
            duration,
            until,
        } => {
            let request = Request::Banned(BannedRequest::Add {
                kind,
                who,
                reason,
                by,
                duration_ms: duration.map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
                until_ms: until,
            });
            let banned = match app.connect()?.ask(&request)? {
                View::Banned(banned) => banned,
                other => return Err(unexpected(&other).into()),
            };
            app.printer.one(&*banned)?;
            Ok(ExitCode::Done)
        }
        BannedCommand::Del { kind, who } => {
            let deed = Deed::new(DeedKind::Unban, &who);
            app.connect()?
                .ask(&Request::Banned(BannedRequest::Delete { kind, who }))?;
            app.printer.one(&deed)?;
            Ok(ExitCode::Done)
        }
        BannedCommand::Clear => {
            app.prompts
                .type_word_or_yes("This lets all banned clients in again.", "clear")?;
            let count = match app.connect()?.ask(&Request::Banned(BannedRequest::Clear))? {
                View::RowsChanged(count) => count,
                other => return Err(unexpected(&other).into()),
            };
            if app.printer.look.format == Format::Table && !app.printer.look.quiet {
                eprintln!("{count} lifted");
            }
            app.printer.one(&Deed::new(DeedKind::Unban, "all"))?;
            Ok(ExitCode::Done)
        }
    }
}

fn list(app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list();
    stream_list(
        &mut connection,
        &Request::Banned(BannedRequest::List),
        list,
        |view| match view {
            View::Bans(rows) => Ok(rows),
            other => Err(unexpected(&other)),
        },
    )?;
    Ok(ExitCode::Done)
}
