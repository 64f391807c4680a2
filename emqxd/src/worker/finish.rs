//! The end of a connection.
//!
//! [`WorkerState::end_connection`] is called with a reason wherever a connection must end; the rules may end one
//! too (`Effect::Close`). Either way [`WorkerState::on_close`] is passed once and tells the log, the listener's
//! counters, `$SYS` and the list of closed connections. Then the last bytes are written, and the socket is closed
//! in a way that lets the client still read them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use emqxd_broker::{ChannelSummary, ConnectionKey, DisconnectReason, Time, TraceKind};
use emqxd_transport::Stream;
use mqtt_codec::{Packet, ReasonCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::WorkerState;
use super::connection::{Connection, ConnectionTimer, Stage};
use crate::closed_connections::ClosedConnection;

/// What the last bytes and the peer's own close may take.
const ENDING_TIME: Duration = Duration::from_secs(2);
/// What a peer may still send while it is told good-bye, bytes; read and thrown away.
const DISCARDED_BYTES_MAX: u32 = 256 * 1024;

/// How far the end has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    /// The peer is gone: nothing can be written.
    is_dead: bool,
    /// Everything has been written and our side is closed.
    is_shut_down: bool,
    /// Bytes still read and thrown away.
    discard: u32,
}

impl WorkerState {
    /// Ends a connection for a reason that the worker sees. What the reason's cause was more exactly goes along
    /// as `detail`.
    pub(crate) fn end_connection(&mut self, key: usize, reason: DisconnectReason, detail: Option<String>, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let detail = detail.map(String::into_boxed_str);
        match connection.stage {
            Stage::Open => {
                // Comes back as `Effect::Close` with the channel's summary.
                self.shard
                    .on_closed_because(ConnectionKey(key as u32), reason, detail, now, &mut self.effects);
            }
            Stage::Handshake | Stage::Authenticating(_) | Stage::Claiming(_) => {
                self.close(key, reason, None, detail, now);
            }
            Stage::Ending(ref mut ending) => ending.is_dead |= is_dead(reason),
        }
    }

    /// The rules have ended a channel.
    pub(crate) fn on_close(
        &mut self,
        connection: ConnectionKey,
        reason: DisconnectReason,
        mut summary: Box<ChannelSummary>,
        now: Time,
    ) {
        let detail = summary.detail.take();
        self.close(connection.0 as usize, reason, Some(summary), detail, now);
    }

    pub(crate) fn close(
        &mut self,
        key: usize,
        reason: DisconnectReason,
        summary: Option<Box<ChannelSummary>>,
        detail: Option<Box<str>>,
        now: Time,
    ) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        if matches!(connection.stage, Stage::Ending(_)) {
            return;
        }
        connection.stage = Stage::Ending(Ending {
            is_dead: is_dead(reason),
            is_shut_down: false,
            // Only somebody who is told something is waited for.
            discard: if connection.out.is_empty() && !connection.stream.has_good_bye() {
                0
            } else {
                DISCARDED_BYTES_MAX
            },
        });
        connection.listener().shutdown_counts.count(reason);
        let closed = connection.story(reason, summary, detail, now);
        self.timers
            .arm(now.after(ENDING_TIME), ConnectionTimer::Ending(key, connection.serial));
        if self.current != Some(key) {
            connection.wake();
        }
        log(&closed);
        if self.tracer.is_some() {
            let client_id = closed.channel.as_ref().map_or("", |channel| &*channel.client_id);
            let detail = closed.detail.as_deref();
            self.trace_as(key, client_id, TraceKind::Closed { reason, detail });
        }
        self.forget_reauthenticating(key);
        self.tell_disconnected(&closed);
        self.publish_disconnected(&closed);
        self.node.flapping.on_closed(&closed);
        self.node.closed.push(closed);
    }

    /// Goes on with an ending; whether the connection is gone.
    pub(crate) fn finish_ending(&mut self, key: usize, context: &mut Context<'_>) -> bool {
        let Some(connection) = self.connections.get_mut(key) else {
            return true;
        };
        let Stage::Ending(ending) = &mut connection.stage else {
            return false;
        };
        if !ending.is_dead && !connection.out.is_empty() {
            return false;
        }
        if !ending.is_dead
            && ending.discard > 0
            && poll_last_words(&mut connection.stream, ending, context).is_pending()
        {
            return false;
        }
        self.connections.try_remove(key);
        true
    }

    /// Closes a connection whose ending has taken too long.
    pub(crate) fn abandon_ending(&mut self, key: usize) {
        if let Some(mut connection) = self.connections.try_remove(key) {
            // Its task finds it gone and ends.
            connection.wake();
        }
    }
}

impl Connection {
    /// Keeps the reason code of a DISCONNECT or a refusing CONNACK in mind.
    pub fn note_reason_code(&mut self, packet: &Packet) {
        match packet {
            Packet::Disconnect(disconnect) => self.reason_code_sent = Some(disconnect.reason_code),
            Packet::Connack(connack) if connack.reason_code != ReasonCode::Success => {
                self.reason_code_sent = Some(connack.reason_code);
            }
            _ => {}
        }
    }

    fn story(
        &self,
        reason: DisconnectReason,
        channel: Option<Box<ChannelSummary>>,
        detail: Option<Box<str>>,
        now: Time,
    ) -> ClosedConnection {
        ClosedConnection {
            ended_at: now,
            reason,
            detail,
            reason_code_sent: self.reason_code_sent,
            listener: Arc::clone(&self.slot.listener.id),
            peer: self.peer,
            accepted_at: self.accepted_at,
            traffic: self.traffic,
            channel,
        }
    }
}

/// Whether after this reason nothing can be written any more.
fn is_dead(reason: DisconnectReason) -> bool {
    matches!(
        reason,
        DisconnectReason::TcpClosed
            | DisconnectReason::SslClosed
            | DisconnectReason::SslError
            | DisconnectReason::TlsClientAlert(_)
            | DisconnectReason::TlsServerAlert(_)
            | DisconnectReason::Econnreset
            | DisconnectReason::Epipe
            | DisconnectReason::Einval
            | DisconnectReason::Etimedout
            | DisconnectReason::SendTimeout
            | DisconnectReason::Io(_)
    )
}

/// Closes our side, then reads until the peer closes too: closing a socket with unread bytes would reset it, and
/// the peer might lose what it was told.
fn poll_last_words(stream: &mut Stream, ending: &mut Ending, context: &mut Context<'_>) -> Poll<io::Result<()>> {
    if !ending.is_shut_down {
        ready!(Pin::new(&mut *stream).poll_shutdown(context))?;
        ending.is_shut_down = true;
    }
    let mut scratch = [0; 4096];
    while ending.discard > 0 {
        let mut buffer = ReadBuf::new(&mut scratch);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Ok(()));
        }
        let count = u32::try_from(buffer.filled().len()).unwrap_or(u32::MAX);
        ending.discard = ending.discard.saturating_sub(count);
    }
    Poll::Ready(Ok(()))
}

/// EMQX's line for the end of a connection.
fn log(closed: &ClosedConnection) {
    let reason = closed.reason.name();
    match &closed.channel {
        Some(channel) => tracing::info!(
            tag = "SOCKET",
            clientid = %channel.client_id,
            peername = %closed.peer,
            username = channel.username.as_deref(),
            listener = %closed.listener,
            reason = format_args!("{{shutdown,{reason}}}"),
            detail = closed.detail.as_deref(),
            "terminate"
        ),
        None => tracing::info!(
            tag = "SOCKET",
            peername = %closed.peer,
            listener = %closed.listener,
            reason = format_args!("{{shutdown,{reason}}}"),
            detail = closed.detail.as_deref(),
            "terminate"
        ),
    }
}
