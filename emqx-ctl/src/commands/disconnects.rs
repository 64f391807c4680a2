//! `why` and `disconnects`

use emqx_shared::views::DisconnectView;
use emqx_shared::{ExitCode, Request, View};

use super::clients::not_found;
use super::{Outcome, stream_list};
use crate::app::{App, now_ms};
use crate::cli::{DisconnectsArgs, WhyArgs};
use crate::connect::unexpected;

pub fn why(args: WhyArgs, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let request = Request::WhyClient {
        client_id: args.client_id,
        all: args.all,
    };
    let view = connection.ask(&request).map_err(not_found)?;
    let mut why = match view {
        View::Why(why) => why,
        other => return Err(unexpected(&other).into()),
    };
    // Ages are told by the daemon's clock.
    app.printer.look.now_ms = why.now_ms;
    app.printer.one(&*why)?;
    if args.all && app.is_text() && !why.history.is_empty() {
        app.printer.raw("\n")?;
        let mut list = app.printer.list();
        list.push(std::mem::take(&mut why.history))?;
        list.finish()?;
    }
    Ok(ExitCode::Done)
}

pub fn list(args: DisconnectsArgs, app: &mut App) -> Outcome {
    // A wrong column is told without asking the daemon.
    app.printer.list::<DisconnectView>().choose(&args.columns)?;
    let mut connection = app.connect()?;
    let ago_ms = |since: std::time::Duration| u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let request = Request::ListDisconnects {
        limit: args.limit,
        reason: args.reason,
        client_id: args.client,
        since_ms: args.since.map(|since| now_ms().saturating_sub(ago_ms(since))),
    };
    let list = app.printer.list().choose(&args.columns)?;
    stream_list(&mut connection, &request, list, |view| match view {
        View::Disconnects(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}
