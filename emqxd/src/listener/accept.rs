//! The accept loop: one on each data worker, on a descriptor of the same listening socket.
//!
//! While a hand-over is under way (`handover`) those who come wait in the backlog.
//!
//! Before a connection is anything it meets the access rules, `max_connections`, `max_connections_per_address` and
//! `max_conn_rate`. A listener that runs out of descriptors waits and goes on: the connections that are open are not
//! touched.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::{DESCRIPTORS_SHORT, Listener, ListenerSlot};
use crate::clock::Clock;
use crate::config::{AccessRule, ListenerKind};

/// Wait after an accept that failed for want of descriptors or memory.
const SHORTAGE_WAIT: Duration = Duration::from_millis(100);

/// How long a listening socket that fails for good is left alone, so that it costs nothing but its log lines.
const BROKEN_WAIT: Duration = Duration::from_secs(5);

/// Connections accepted before others have their turn: some hundred microseconds.
const ACCEPTS_IN_A_ROW: u32 = 16;

/// A connection as accepted.
pub struct Accepted {
    /// The socket.
    pub stream: TcpStream,
    /// Its other end.
    pub peer: SocketAddr,
    /// Its place at the listener.
    pub slot: ListenerSlot,
}

/// Whether connections of this kind cannot be served yet.
pub fn is_missing_transport(kind: ListenerKind) -> bool {
    kind == ListenerKind::Quic
}

/// Accepts until the listener is stopped, giving each connection to `serve`.
pub async fn accept_loop(
    socket: std::net::TcpListener,
    listener: Arc<Listener>,
    clock: Clock,
    mut hold: watch::Receiver<bool>,
    mut serve: impl FnMut(Accepted),
) {
    let socket = match TcpListener::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => {
            tracing::error!(listener = %listener.id, reason = %error, "accept_loop_not_started");
            return;
        }
    };
    let mut stop = listener.stop_flag();
    let mut in_a_row = 0;
    loop {
        // Stopping first: connections are ended on this worker right after the flag is set, and none may slip in then.
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stopped| *stopped) => return,
            // Another process may go on with the socket.
            _ = hold.wait_for(|held| *held) => None,
            accepted = socket.accept() => Some(accepted),
        };
        let Some(accepted) = accepted else {
            tokio::select! {
                _ = stop.wait_for(|stopped| *stopped) => return,
                _ = hold.wait_for(|held| !*held) => continue,
            }
        };
        match accepted {
            Ok((stream, peer)) => {
                DESCRIPTORS_SHORT.store(false, Ordering::Relaxed);
                if let Some(accepted) = admit(stream, peer, &listener) {
                    serve(accepted);
                }
                in_a_row += 1;
                if in_a_row == ACCEPTS_IN_A_ROW {
                    in_a_row = 0;
                    // Those who are connected have their turn.
                    tokio::task::yield_now().await;
                }
            }
            Err(error) => {
                if let Some(wait) = on_accept_error(&error, &listener) {
                    tokio::select! {
                        _ = stop.wait_for(|stopped| *stopped) => return,
                        () = sleep(wait) => {}
                    }
                }
            }
        }
        let pause = listener
            .accept_rate
            .as_ref()
            .and_then(|bucket| bucket.lock().take(1, clock.now()));
        if let Some(pause) = pause {
            listener.delayed_conn_rate.fetch_add(1, Ordering::Relaxed);
            tokio::select! {
                _ = stop.wait_for(|stopped| *stopped) => return,
                () = sleep(pause) => {}
            }
        }
    }
}

fn admit(stream: TcpStream, peer: SocketAddr, listener: &Arc<Listener>) -> Option<Accepted> {
    if !AccessRule::allows(&listener.config.access_rules, peer.ip()) {
        listener.refused_access_rules.fetch_add(1, Ordering::Relaxed);
        tracing::info!(tag = "SOCKET", peername = %peer, listener = %listener.id, reason = "access_rules", "connection_refused");
        return None;
    }
    let Some(mut slot) = listener.take_slot() else {
        listener.refused_max_connections.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(tag = "SOCKET", peername = %peer, listener = %listener.id, reason = "max_connections", "connection_refused");
        return None;
    };
    // Behind a proxy the address is that of the proxy; the header tells the client's.
    let config = &listener.config;
    let is_told_later = config.proxy_protocol || config.kind.is_websocket() && config.is_trusted_proxy(peer.ip());
    if !is_told_later && !slot.take_address(peer.ip()) {
        return None;
    }
    listener.accepted.fetch_add(1, Ordering::Relaxed);
    Some(Accepted { stream, peer, slot })
}

/// Logs it; how long to wait before the next try.
fn on_accept_error(error: &io::Error, listener: &Listener) -> Option<Duration> {
    match cause_of(error) {
        Cause::ConnectionGone => {
            tracing::debug!(listener = %listener.id, reason = %error, "accept_failed");
            None
        }
        Cause::Shortage => {
            if !DESCRIPTORS_SHORT.swap(true, Ordering::Relaxed) {
                tracing::error!(
                    listener = %listener.id,
                    reason = %error,
                    next = "raise LimitNOFILE (or ulimit -n)",
                    "accept_failed"
                );
            }
            Some(SHORTAGE_WAIT)
        }
        Cause::Listener => {
            tracing::error!(
                listener = %listener.id,
                reason = %error,
                next = format!("emqx-ctl listeners restart {}", listener.id),
                "accept_failed"
            );
            Some(BROKEN_WAIT)
        }
    }
}

/// What an error of accept(2) is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The one connection, which is gone; the next one may be waiting.
    ConnectionGone,
    /// The process or the system has no more of something.
    Shortage,
    /// The listening socket: it fails again at once.
    Listener,
}

fn cause_of(error: &io::Error) -> Cause {
    use nix::errno::Errno;
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => Cause::Shortage,
        // accept(2): errors of the new connection's network come this way, and those of a firewall as EPERM.
        Some(
            Errno::ECONNABORTED
            | Errno::EINTR
            | Errno::EAGAIN
            | Errno::EPERM
            | Errno::EPROTO
            | Errno::ENETDOWN
            | Errno::ENOPROTOOPT
            | Errno::EHOSTDOWN
            | Errno::ENONET
            | Errno::EHOSTUNREACH
            | Errno::ENETUNREACH,
        ) => Cause::ConnectionGone,
        _ => Cause::Listener,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;

    #[test]
    fn a_listening_socket_that_fails_for_good_is_told_from_a_connection_that_is_gone() {
        for (errno, cause) in [
            (Errno::ECONNABORTED, Cause::ConnectionGone),
            (Errno::EPERM, Cause::ConnectionGone),
            (Errno::EMFILE, Cause::Shortage),
            (Errno::ENOMEM, Cause::Shortage),
            (Errno::EBADF, Cause::Listener),
            (Errno::EINVAL, Cause::Listener),
        ] {
            let error = io::Error::from_raw_os_error(errno as i32);
            assert_eq!(cause_of(&error), cause, "{error}");
        }
    }
}
