//! `reload` and `shutdown`, and letting the clients of a listener go. EMQX has no such verbs.

use std::time::Duration;

use emqx_shared::request::LifecycleRequest;
use emqx_shared::views::{ClientCountsView, DrainedView, ReloadOutcome};
use emqx_shared::{ExitCode, Request, View};

use super::Outcome;
use crate::app::App;
use crate::cli::{ReloadArgs, ShutdownArgs};
use crate::confirm::Prompts;
use crate::connect::{Connection, unexpected};
use crate::failure::{CliFailure, Stop};
use crate::render::{Deed, DeedKind};

/// 0 if every part is in force, 78 if one is not: what was in force is still, and says what to correct.
pub fn reload(args: &ReloadArgs, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let request = Request::Lifecycle(LifecycleRequest::Reload { wait: args.wait });
    if !args.wait {
        connection.ask(&request)?;
        app.printer
            .one(&Deed::new(DeedKind::AskReload, app.printer.look.node.clone()))?;
        return Ok(ExitCode::Done);
    }
    let mut has_failed = false;
    let mut list = app.printer.list();
    connection.stream(&request, &mut |view| match view {
        View::ReloadParts(parts) => {
            has_failed |= parts.iter().any(|part| part.outcome == ReloadOutcome::Failed);
            list.push(parts).map_err(Stop::Output)
        }
        other => Err(Stop::from(unexpected(&other))),
    })?;
    list.finish()?;
    Ok(if has_failed { ExitCode::Config } else { ExitCode::Done })
}

/// Asks for the node's name to be typed; a script says `--yes`.
pub fn shutdown(args: &ShutdownArgs, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let node = app.printer.look.node.clone();
    let concerned = if app.prompts == Prompts::Ask {
        format!(" {}.", in_words(count_clients(None, &mut connection)?))
    } else {
        String::new()
    };
    app.prompts
        .type_word_or_yes(&format!("This stops {node}.{concerned}"), &node)?;
    // The daemon does not wait for a person: ask it anew.
    let mut connection = app.connect()?;
    let drain_ms = args.drain.map(milliseconds);
    let request = Request::Lifecycle(LifecycleRequest::Shutdown { drain_ms });
    let drained = watch(&request, &mut connection)?;
    app.printer.one(&drained)?;
    Ok(ExitCode::Done)
}

/// Lets the clients of a listener go over a time: `listeners stop --drain`, or `restart --drain`.
pub fn drain_listener(
    kind: DeedKind,
    listener: String,
    over: Duration,
    connection: &mut Connection,
) -> Result<DrainedView, Stop> {
    let drain_ms = milliseconds(over);
    let request = match kind {
        DeedKind::RestartListener => LifecycleRequest::RenewListener { listener, drain_ms },
        _ => LifecycleRequest::DrainListener { listener, drain_ms },
    };
    watch(&Request::Lifecycle(request), connection)
}

/// How many clients would be let go, of a listener or of all.
pub fn count_clients(listener: Option<String>, connection: &mut Connection) -> Result<ClientCountsView, CliFailure> {
    let request = Request::Lifecycle(LifecycleRequest::CountClients { listener });
    match connection.ask(&request)? {
        View::ClientCounts(counts) => Ok(counts),
        other => Err(unexpected(&other)),
    }
}

/// Such as `1932 clients, 41 with a will, 12 persistent sessions`.
pub fn in_words(counts: ClientCountsView) -> String {
    let plural = |count: u64, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    format!(
        "{}, {} with a will, {}",
        plural(counts.connections, "client"),
        counts.with_will,
        plural(counts.with_kept_session, "persistent session")
    )
}

fn watch(request: &Request, connection: &mut Connection) -> Result<DrainedView, Stop> {
    let view = connection.watch(request, &mut |view| Err(Stop::from(unexpected(&view))))?;
    match view {
        View::Drained(drained) => Ok(drained),
        other => Err(unexpected(&other).into()),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stop_concerns_is_told_with_counts() {
        let mut counts = ClientCountsView {
            connections: 1932,
            with_will: 41,
            with_kept_session: 12,
        };
        assert_eq!(in_words(counts), "1932 clients, 41 with a will, 12 persistent sessions");
        counts.connections = 1;
        counts.with_kept_session = 1;
        assert_eq!(in_words(counts), "1 client, 41 with a will, 1 persistent session");
    }
}
