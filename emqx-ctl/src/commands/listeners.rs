//! `listeners [list|ID|start|stop|restart|enable|disable]`

use std::time::{Duration, Instant};

use emqx_shared::views::ListenerView;
use emqx_shared::{ErrorCode, ExitCode, Request, View};

use super::diagnosis::{clear, renewing};
use super::{Outcome, lifecycle, stream_list};
use crate::app::{App, now_ms};
use crate::cli::{ListenersArgs, ListenersCommand, OneListener};
use crate::compat::{Compat, canonical_listener};
use crate::confirm::Prompts;
use crate::connect::{Connection, unexpected};
use crate::distance::closest;
use crate::failure::{CliFailure, Stop};
use crate::render::escape::escape;
use crate::render::{Deed, DeedKind, WatchedListener, erlang_term};

/// Words that stand where an id may stand, for suggestions.
const VERBS: [&str; 6] = ["list", "start", "stop", "restart", "enable", "disable"];

pub fn run(args: &ListenersArgs, app: &mut App) -> Outcome {
    if let Some(interval) = args.watch {
        return watch(args.listener.as_deref(), interval, args.looks, app);
    }
    match (&args.command, &args.listener) {
        (None, Some(listener)) => show(listener, app),
        (None, None) | (Some(ListenersCommand::List), _) => list(app),
        (Some(ListenersCommand::Start(one)), _) => change(DeedKind::StartListener, one, None, app),
        (Some(ListenersCommand::Stop(stop)), _) => change(DeedKind::StopListener, &stop.one, stop.drain, app),
        (Some(ListenersCommand::Restart(stop)), _) => change(DeedKind::RestartListener, &stop.one, stop.drain, app),
        (Some(ListenersCommand::Enable { listener, enable }), _) => switch(listener, read_bool(enable)?, app),
        (Some(ListenersCommand::Disable { listener }), _) => switch(listener, false, app),
    }
}

fn list(app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list();
    stream_list(&mut connection, &Request::ListListeners, list, |view| match view {
        View::Listeners(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}

/// Looks every `interval`, until `looks` are done or somebody ends it.
fn watch(only: Option<&str>, interval: Duration, looks: Option<u32>, app: &mut App) -> Outcome {
    renewing(app);
    let only = only.map(canonical_listener);
    let mut before: Vec<ListenerView> = Vec::new();
    let mut looked_at = Instant::now();
    let mut connection = app.connect()?;
    for look in 0.. {
        if looks.is_some_and(|looks| look >= looks) {
            break;
        }
        if look > 0 {
            std::thread::sleep(interval.saturating_sub(looked_at.elapsed()));
        }
        let elapsed_ms = if look > 0 {
            looked_at.elapsed().as_millis() as u64
        } else {
            0
        };
        looked_at = Instant::now();
        let mut views = all(&mut connection)?;
        views.retain(|view| only.as_ref().is_none_or(|only| view.id == *only));
        if views.is_empty() && look == 0 && only.is_some() {
            return show(&only.unwrap_or_default(), app);
        }
        let rows = views.iter().map(|view| WatchedListener {
            time_ms: now_ms(),
            elapsed_ms,
            before: before.iter().find(|before| before.id == view.id).cloned(),
            view: view.clone(),
        });
        let rows = rows.collect();
        clear(app)?;
        let mut list = app.printer.list();
        list.push(rows)?;
        list.finish()?;
        before = views;
    }
    Ok(ExitCode::Done)
}

fn show(typed: &str, app: &mut App) -> Outcome {
    if !typed.contains(':')
        && let Some(verb) = closest(typed, VERBS)
    {
        let message = format!("\"{typed}\" is no listener id; did you mean 'listeners {verb}'?");
        return Err(CliFailure::usage(message).into());
    }
    let mut connection = app.connect()?;
    let view = fetch(typed, &mut connection, app)?;
    app.printer.one(&view)?;
    Ok(ExitCode::Done)
}

fn fetch(typed: &str, connection: &mut Connection, app: &App) -> Result<ListenerView, Stop> {
    let listener = canonical_listener(typed);
    let view = connection
        .ask(&Request::ShowListener { listener })
        .map_err(|failure| not_found(failure, typed, app))?;
    Ok(take(view)?)
}

fn take(view: View) -> Result<ListenerView, CliFailure> {
    match view {
        View::Listener(listener) => Ok(*listener),
        other => Err(unexpected(&other)),
    }
}

fn change(kind: DeedKind, one: &OneListener, drain: Option<Duration>, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let typed = match &one.port {
        None => one.listener.clone(),
        Some(port) => find_by_port(&one.listener, port, &mut connection)?,
    };
    if kind != DeedKind::StartListener {
        connection = confirm_closing(&typed, connection, app)?;
    }
    let listener = canonical_listener(&typed);
    if let Some(over) = drain {
        let drained = lifecycle::drain_listener(kind, listener, over, &mut connection);
        drained.map_err(|stop| match stop {
            Stop::Failure(failure) => failed(kind, *failure, &typed, app).into(),
            output => output,
        })?;
        return tell(kind, fetch(&typed, &mut connection, app)?, app);
    }
    let request = match kind {
        DeedKind::StartListener => Request::StartListener { listener },
        DeedKind::StopListener => Request::StopListener { listener },
        _ => Request::RestartListener { listener },
    };
    let answer = connection.ask(&request);
    let view = answer.map_err(|failure| failed(kind, failure, &typed, app))?;
    tell(kind, take(view)?, app)
}

/// `listeners enable ID true|false`, of EMQX 5.8.
fn switch(typed: &str, enable: bool, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    if !enable {
        connection = confirm_closing(typed, connection, app)?;
    }
    let listener = canonical_listener(typed);
    let request = Request::SetListenerEnabled { listener, enable };
    let view = connection
        .ask(&request)
        .map_err(|failure| not_switched(failure, typed))?;
    let kind = if enable {
        DeedKind::EnableListener
    } else {
        DeedKind::DisableListener
    };
    tell(kind, take(view)?, app)
}

/// Asks a person before connections are closed; the connection to go on with.
fn confirm_closing(typed: &str, mut connection: Connection, app: &mut App) -> Result<Connection, Stop> {
    if app.prompts != Prompts::Ask {
        return Ok(connection);
    }
    let view = fetch(typed, &mut connection, app)?;
    if view.current_conn == 0 {
        return Ok(connection);
    }
    let concerned = match lifecycle::count_clients(Some(view.id.clone()), &mut connection) {
        Ok(counts) => lifecycle::in_words(counts),
        // A daemon of an older version, or one whose listener has just stopped.
        Err(_) => format!("{} connections", view.current_conn),
    };
    app.prompts.confirm(&format!(
        "{}: {concerned} will be closed; --drain 5m does it slowly. Go on?",
        view.id
    ))?;
    // The daemon does not wait for a person: ask it anew.
    Ok(app.connect()?)
}

fn tell(kind: DeedKind, listener: ListenerView, app: &mut App) -> Outcome {
    if app.is_text() {
        let mut deed = Deed::new(kind, listener.id);
        deed.address = listener.listen_on;
        app.printer.one(&deed)?;
    } else {
        app.printer.one(&listener)?;
    }
    Ok(ExitCode::Done)
}

fn read_bool(word: &str) -> Result<bool, CliFailure> {
    word.parse().map_err(|_| {
        CliFailure::usage(format!("\"{word}\" is neither true nor false"))
            .classic(format!("Invalid bool argument: {}\n", erlang_term::string(word)))
    })
}

/// EMQX 4's second way to name a listener: `mqtt:tcp 1883` or `tcp 0.0.0.0:1883`.
fn find_by_port(kind: &str, port: &str, connection: &mut Connection) -> Result<String, Stop> {
    let wanted = kind.strip_prefix("mqtt:").unwrap_or(kind);
    let matches = |view: &ListenerView| view.kind.as_str() == wanted && is_bound_to(&view.listen_on, port);
    let found = all(connection)?.into_iter().find(matches);
    found.map(|view| view.id).ok_or_else(|| {
        let name = format!("{kind}:{port}");
        CliFailure {
            handled: true,
            ..CliFailure::new(
                ErrorCode::ListenerNotFound.name(),
                ExitCode::NotFound,
                format!("no {wanted} listener on {port}"),
            )
        }
        .classic(format!("Invalid listener: {}\n", erlang_term::string(&name)))
        .into()
    })
}

/// Whether `port`, which may have an address before it, names what a listener is bound to.
fn is_bound_to(listen_on: &str, port: &str) -> bool {
    let bound_port = listen_on.rsplit(':').next().unwrap_or_default();
    // A bind without an address shows as `:1883`.
    listen_on == port || bound_port == port || port.strip_prefix("0.0.0.0") == Some(listen_on)
}

fn all(connection: &mut Connection) -> Result<Vec<ListenerView>, Stop> {
    let mut rows = Vec::new();
    connection.stream(&Request::ListListeners, &mut |view| match view {
        View::Listeners(chunk) => {
            rows.extend(chunk);
            Ok(())
        }
        other => Err(unexpected(&other).into()),
    })?;
    Ok(rows)
}

/// Names what there is and what was probably meant, and adds EMQX's words.
fn not_found(failure: CliFailure, typed: &str, app: &App) -> CliFailure {
    if failure.code != ErrorCode::ListenerNotFound.name() {
        return failure;
    }
    let quoted = erlang_term::string(typed);
    failure.classic(match app.printer.look.compat {
        Compat::V5 => format!("Invalid listener: {quoted}\n"),
        Compat::V4 => format!("No such listener {quoted}\n"),
    })
}

/// EMQX's words for a listener that was not enabled or disabled.
fn not_switched(failure: CliFailure, typed: &str) -> CliFailure {
    if !failure.handled {
        return failure;
    }
    let quoted = erlang_term::string(typed);
    let reason = erlang_term::atom(posix_name(failure.code));
    let text = if failure.code != ErrorCode::ListenerNotFound.name() {
        format!("Update listener: {quoted} failed, Reason: {reason}")
    } else if typed.contains(':') {
        format!("Not found listener: {quoted}")
    } else {
        // It can be no id.
        format!("Invalid listener: {quoted}")
    };
    failure.classic(format!("{text}\n"))
}

/// EMQX's words for a change that failed.
fn failed(kind: DeedKind, failure: CliFailure, typed: &str, app: &App) -> CliFailure {
    if !failure.handled || failure.code == ErrorCode::ListenerNotFound.name() {
        return not_found(failure, typed, app);
    }
    let verb = match kind {
        DeedKind::StartListener => "start",
        DeedKind::StopListener => "stop",
        _ => "restart",
    };
    let reason = posix_name(failure.code);
    let shown = app.printer.look.compat.listener_id(&canonical_listener(typed));
    let text = format!("Failed to {verb} {shown} listener: {}", erlang_term::atom(reason));
    failure.classic(format!("{}\n", escape(&text)))
}

/// Erlang's names for what went wrong, where there is one.
fn posix_name(code: &'static str) -> &'static str {
    match code {
        code if code == ErrorCode::AddressInUse.name() => "eaddrinuse",
        code if code == ErrorCode::AddressNotAvailable.name() => "eaddrnotavail",
        code if code == ErrorCode::ListenerAlreadyStarted.name() => "already_started",
        code if code == ErrorCode::ListenerNotRunning.name() => "not_found",
        code => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_found_by_its_port_with_and_without_the_address() {
        for (listen_on, port, found) in [
            ("0.0.0.0:1883", "1883", true),
            ("0.0.0.0:1883", "0.0.0.0:1883", true),
            (":1883", "0.0.0.0:1883", true),
            (":1883", "1883", true),
            ("[::]:1883", "1883", true),
            ("127.0.0.1:1883", "0.0.0.0:1883", false),
            (":1883", "883", false),
        ] {
            assert_eq!(is_bound_to(listen_on, port), found, "{listen_on} {port}");
        }
    }
}
