//! `listeners`, `listeners ID` and `listeners start|stop|restart|enable ID`.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use emqx_shared::views::{ListenerKind, ListenerState, ListenerView, NodeState, ReasonCountView};
use emqx_shared::{ErrorCode, Failure, View};
use emqxd_broker::DisconnectReason;

use super::disconnects::closed_by;
use super::server::ReplySender;
use super::state::refused;
use crate::config::ListenerKind as ConfigKind;
use crate::config::suggest::nearest;
use crate::listener::{Listener, ListenerError, ListenerStatus};
use crate::node::NodeShared;
use crate::state::Command;

/// A restart finds the address in use until the last accept loop of the run before has let go of its socket, which
/// it does in its next turn. So it tries again for this long, with these pauses.
const RESTART_TIME: Duration = Duration::from_secs(1);
const RESTART_PAUSE: Duration = Duration::from_millis(20);

pub(super) async fn list(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let mut rows = replies.rows(View::Listeners);
    for status in node.listeners.list() {
        if let Some(row) = view(node, &status) {
            rows.row(row).await?;
        }
    }
    Ok(rows.finish(None).await?)
}

pub(super) fn show(node: &NodeShared, id: &str) -> Result<View, Failure> {
    let status = node.listeners.get(id);
    let view = status.and_then(|status| view(node, &status));
    view.map(|view| View::Listener(Box::new(view)))
        .ok_or_else(|| not_found(node, id))
}

pub(super) async fn start(node: &NodeShared, id: &str) -> Result<View, Failure> {
    check_serving(node)?;
    node.start_listener(id).await.map_err(|error| failure(node, error))?;
    show(node, id)
}

/// Its connections are closed.
pub(super) async fn stop(node: &NodeShared, id: &str) -> Result<View, Failure> {
    check_serving(node)?;
    node.stop_listener(id).await.map_err(|error| failure(node, error))?;
    show(node, id)
}

/// Stops accepting; its connections are somebody else's to end.
pub(super) fn stop_accepting(node: &NodeShared, id: &str) -> Result<Arc<Listener>, Failure> {
    check_serving(node)?;
    node.stop_accepting(id).map_err(|error| failure(node, error))
}

/// The run of a listener that runs.
pub(super) fn run_of(node: &NodeShared, id: &str) -> Result<Arc<Listener>, Failure> {
    let status = node.listeners.get(id).ok_or_else(|| not_found(node, id))?;
    let run = status.run.filter(|_| status.is_running);
    run.ok_or_else(|| failure(node, ListenerError::NotRunning(id.to_owned())))
}

/// Starts a listener that was stopped a moment ago.
pub(super) async fn start_again(node: &NodeShared, id: &str) -> Result<View, Failure> {
    start_before(node, id, Instant::now() + RESTART_TIME).await
}

/// Stops it if it runs, and starts it: its counts begin anew.
pub(super) async fn restart(node: &NodeShared, id: &str) -> Result<View, Failure> {
    check_serving(node)?;
    let deadline = match node.stop_listener(id).await {
        Ok(()) => Instant::now() + RESTART_TIME,
        // Whoever has the address, it is not the run before.
        Err(ListenerError::NotRunning(_)) => Instant::now(),
        Err(error) => return Err(failure(node, error)),
    };
    start_before(node, id, deadline).await
}

/// Tries to start it until the address is free.
async fn start_before(node: &NodeShared, id: &str, deadline: Instant) -> Result<View, Failure> {
    loop {
        match node.start_listener(id).await {
            Ok(()) => return show(node, id),
            Err(ListenerError::Bind(error))
                if error.kind() == ErrorKind::AddrInUse && Instant::now() + RESTART_PAUSE < deadline =>
            {
                tokio::time::sleep(RESTART_PAUSE).await;
            }
            Err(error) => return Err(failure(node, error)),
        }
    }
}

/// Starts or stops it if need be, now and with the node. What cannot be started is not enabled either.
pub(super) async fn set_enabled(node: &NodeShared, id: &str, enable: bool) -> Result<View, Failure> {
    check_serving(node)?;
    let changed = if enable {
        node.start_listener(id).await
    } else {
        node.stop_listener(id).await
    };
    match changed {
        Ok(()) | Err(ListenerError::AlreadyStarted(_) | ListenerError::NotRunning(_)) => {}
        Err(error) => return Err(failure(node, error)),
    }
    let listener = id.to_owned();
    let switched = node.state.apply(Command::SwitchListener { listener, enable }).await;
    switched.map_err(refused)?;
    show(node, id)
}

/// While the node starts and stops it alone decides about its listeners.
fn check_serving(node: &NodeShared) -> Result<(), Failure> {
    match node.state() {
        NodeState::Started => Ok(()),
        NodeState::Starting => Err(Failure::new(ErrorCode::Starting, "the node is starting").next("try again")),
        NodeState::Stopping => Err(Failure::new(ErrorCode::Stopping, "the node is stopping")),
    }
}

fn failure(node: &NodeShared, error: ListenerError) -> Failure {
    let message = error.to_string();
    match error {
        ListenerError::NotFound(id) => not_found(node, &id),
        ListenerError::AlreadyStarted(_) => Failure::new(ErrorCode::ListenerAlreadyStarted, message),
        ListenerError::NotRunning(id) => Failure::new(ErrorCode::ListenerNotRunning, message)
            .next(format!("start it with `emqx-ctl listeners start {id}`")),
        ListenerError::MissingTransport(..)
        | ListenerError::UnsupportedKey(..)
        | ListenerError::Compression(..)
        | ListenerError::Tls(_) => match error.next_step() {
            Some(next) => Failure::new(ErrorCode::Config, "the listener was not started")
                .why(message)
                .next(next),
            None => Failure::new(ErrorCode::Config, message),
        },
        ListenerError::Bind(error) => {
            let code = match error.kind() {
                ErrorKind::AddrInUse => ErrorCode::AddressInUse,
                ErrorKind::AddrNotAvailable => ErrorCode::AddressNotAvailable,
                _ => ErrorCode::Io,
            };
            Failure::new(code, "the listener was not started")
                .why(message)
                .next(error.next_step())
        }
    }
}

fn not_found(node: &NodeShared, id: &str) -> Failure {
    let ids = node.listeners.ids();
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    not_among(&known, id)
}

fn not_among(known: &[&str], id: &str) -> Failure {
    let message = match nearest(id, known.iter().copied()) {
        Some(meant) => format!("no listener \"{id}\"; did you mean {meant}?"),
        None => format!("no listener \"{id}\""),
    };
    Failure::new(ErrorCode::ListenerNotFound, message).next(format!("known: {}", known.join(" ")))
}

/// `None` for a kind that the control protocol has no word for.
fn view(node: &NodeShared, status: &ListenerStatus) -> Option<ListenerView> {
    let config = &status.config;
    let kind = match config.kind {
        ConfigKind::Tcp => ListenerKind::Tcp,
        ConfigKind::Ssl => ListenerKind::Ssl,
        ConfigKind::Ws => ListenerKind::Ws,
        ConfigKind::Wss => ListenerKind::Wss,
        ConfigKind::Quic => return None,
    };
    let run = status.run.as_deref().filter(|_| status.is_running);
    let count = |pick: fn(&Listener) -> u64| run.map_or(0, pick);
    Some(ListenerView {
        id: config.id.clone(),
        kind,
        listen_on: match run {
            // Port 0 lets the system choose one.
            Some(run) if run.address.port() != config.bind.port() => run.address.to_string(),
            _ => config.listen_on.clone(),
        },
        acceptors: u32::try_from(config.acceptors).unwrap_or(u32::MAX),
        proxy_protocol: config.proxy_protocol,
        enabled: node.is_enabled(config),
        state: state(status),
        started_at_ms: run.map(|run| node.clock.unix_ms(run.started_at)),
        current_conn: count(|run| run.open_connections() as u64),
        peak_conn: count(|run| run.peak_connections() as u64),
        max_conns: run
            .map_or(config.max_connections, |run| run.max_connections())
            .map(|max| max as u64),
        accepted: count(|run| run.accepted.load(Ordering::Relaxed)),
        refused_limit: count(|run| {
            let per_address = run.refused_per_address.load(Ordering::Relaxed);
            run.refused_max_connections.load(Ordering::Relaxed) + per_address
        }),
        // Connections above `max_conn_rate` wait in the kernel's queue: none is refused for it.
        refused_rate: count(|run| run.delayed_conn_rate.load(Ordering::Relaxed)),
        refused_access: count(|run| run.refused_access_rules.load(Ordering::Relaxed)),
        paused_rate: count(|run| run.paused_by_rate.load(Ordering::Relaxed)),
        shutdown_counts: run.map_or_else(Vec::new, |run| {
            run.shutdown_counts.snapshot().into_iter().map(reason_count).collect()
        }),
    })
}

fn state(status: &ListenerStatus) -> ListenerState {
    match &status.failure {
        _ if status.is_running => ListenerState::Running,
        Some(failure) => ListenerState::Failed {
            error: failure.error.to_owned(),
            why: failure.why.clone(),
        },
        None => ListenerState::Stopped,
    }
}

fn reason_count((reason, count): (DisconnectReason, u64)) -> ReasonCountView {
    ReasonCountView {
        reason: reason.name().to_owned(),
        reason_v4: reason.name_v4().to_owned(),
        closed_by: closed_by(reason),
        count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ListenerConfig;
    use crate::listener::StartFailure;

    #[test]
    fn an_unknown_id_is_answered_with_the_nearest_one_and_all_there_are() {
        let known = ["ssl:default", "tcp:default", "tcp:internal"];
        let failure = not_among(&known, "tcp:defalt");
        assert_eq!(failure.code, ErrorCode::ListenerNotFound);
        assert_eq!(failure.message, "no listener \"tcp:defalt\"; did you mean tcp:default?");
        let all = "known: ssl:default tcp:default tcp:internal";
        assert_eq!(failure.next, [all]);
        assert_eq!(not_among(&known, "quux").next, [all]);
    }

    #[test]
    fn a_listener_that_was_stopped_is_told_from_one_that_could_not_start() {
        let mut status = ListenerStatus {
            config: ListenerConfig::new(ConfigKind::Tcp, "default"),
            run: None,
            is_running: false,
            failure: None,
        };
        assert_eq!(state(&status), ListenerState::Stopped);
        status.failure = Some(StartFailure {
            error: "EADDRINUSE",
            why: "the address is in use".to_owned(),
        });
        assert!(matches!(state(&status), ListenerState::Failed { error, .. } if error == "EADDRINUSE"));
        status.is_running = true;
        assert_eq!(state(&status), ListenerState::Running);
    }

    #[test]
    fn an_end_is_counted_under_both_words_and_by_who_closed() {
        let row = reason_count((DisconnectReason::TcpClosed, 3));
        assert_eq!(
            (row.reason.as_str(), row.reason_v4.as_str(), row.count),
            ("tcp_closed", "closed", 3)
        );
        assert_eq!(row.closed_by, emqx_shared::views::ClosedBy::Client);
    }
}
