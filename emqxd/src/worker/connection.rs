//! One connection and its task.
//!
//! The task is three words: whose connection, which, and its serial. A turn of it writes what waits, lets the session send more if
//! there is room, reads what the socket has, lets the rules work on each packet, and writes the answers: one
//! system call each way however many packets. A turn works through a bounded amount, then others have theirs. A panic in a
//! turn ends that connection and is counted; the worker lives on.

use std::future::Future;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use emqxd_broker::{ConnectionKey, DisconnectReason, Time};
use emqxd_transport::Stream;
use mqtt_codec::{Decoder, ProtocolVersion, ReasonCode};

use super::authenticating::Authenticating;
use super::backlog::Backlog;
use super::claiming::ClaimingClient;
use super::finish::Ending;
use super::handshake::send_handovers;
use super::moving::Pace;
use super::out_buffer::OutBuffer;
use super::rate_limit::TokenBucket;
use super::receive::Read;
use super::{Worker, WorkerState};
use crate::closed_connections::Traffic;
use crate::listener::{Listener, ListenerSlot, PANICS};
use crate::negotiate::Origin;

/// The longest time between two looks at whether a WebSocket client still sends.
const WEBSOCKET_LOOK: Duration = Duration::from_secs(60);

/// A connection.
///
/// There may be a million, so it is kept small: what few of them have is behind a pointer.
pub(crate) struct Connection {
    pub stream: Stream,
    /// The client; behind a load balancer what that has told.
    pub peer: SocketAddr,
    /// What was found out before MQTT began; `None` over plain TCP.
    pub origin: Option<Box<Origin>>,
    pub slot: ListenerSlot,
    /// Never reused, unlike the key.
    pub serial: u64,
    pub accepted_at: Time,
    pub decoder: Decoder,
    /// Received bytes that wait.
    pub backlog: Backlog,
    pub out: OutBuffer,
    pub stage: Stage,
    pub traffic: Traffic,
    /// Set once the task has had its first turn.
    pub waker: Option<Waker>,
    pub flags: Flags,
    pub limits: Option<Box<Limits>>,
    /// Of DISCONNECT or a refusing CONNACK.
    pub reason_code_sent: Option<ReasonCode>,
}

/// Where a connection stands.
pub(crate) enum Stage {
    /// Waiting for CONNECT.
    Handshake,
    /// CONNECT has come; who the client is has to be found out.
    Authenticating(Box<Authenticating>),
    /// Other nodes are asked for its session.
    Claiming(Box<ClaimingClient>),
    /// The shard has a channel for it.
    Open,
    /// Ended; what is left is to write the last bytes and close.
    Ending(Ending),
}

/// Yes-or-no state of a connection.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Flags {
    /// The task will have a turn anyway.
    pub is_woken: bool,
    /// The session has more to send in the next turn.
    pub has_more_to_send: bool,
    /// The shard was told to hold this session's messages.
    pub is_congested: bool,
    /// A send timer is armed.
    pub is_send_timer_armed: bool,
    /// Publishes to a worker that does not keep up; not read until it has caught up.
    pub is_blocked_by_outbox: bool,
    /// Publishes to many receivers faster than they are written; not read until they have been.
    pub is_held: bool,
    /// A packet of it waits for an answer whether the client may do that; not read until it is there.
    pub is_asking: bool,
    /// Its authenticators are being asked, or other nodes for its session; not read until they have answered.
    pub is_authenticating: bool,
    /// The shard knows that this client is not read.
    pub is_unread: bool,
    /// Waits in the worker's `FanOut` to be written.
    pub is_in_fan_out: bool,
    /// Waits in the worker's `LongTurns` for its next turn, and has none before.
    pub is_in_long_turn: bool,
    /// Another process has been told of it, and goes on with it.
    pub is_moved: bool,
}

impl Flags {
    /// Whether others have to catch up, or to answer, before this client is read.
    pub fn is_blocked(self) -> bool {
        self.is_blocked_by_outbox | self.is_held | self.is_asking | self.is_authenticating
    }
}

/// `messages_rate` and `bytes_rate`.
pub(crate) struct Limits {
    pub messages: Option<TokenBucket>,
    pub bytes: Option<TokenBucket>,
    pub paused_until: Option<Time>,
    /// How often it was not read for a while.
    pub pauses: u64,
}

/// What [`WorkerState::expire_connection_timers`] looks at, with the serial of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ConnectionTimer {
    /// The socket has taken nothing; how much had been sent when the timer was armed.
    Send(usize, u64, u64),
    /// The last bytes should have left by now.
    Ending(usize, u64),
    /// A pause for a rate limit is over.
    Resume(usize, u64),
    /// Whether a WebSocket client still sends: the bytes received so far, and since when.
    WebSocket(usize, u64, u64, Time),
    /// The time to find out who the client is may be over.
    Authenticating(usize, u64),
}

impl Connection {
    /// Leaves the client unread until others have answered who it is, or whether they have it.
    pub fn wait_in(&mut self, stage: Stage) {
        self.stage = stage;
        self.flags.is_authenticating = true;
    }

    /// Ends the wait of a client, if `pick` finds in the stage what is waited with; what has come from it since can be
    /// read. Any other stage comes back from `pick`, and stays.
    pub fn end_wait<T>(&mut self, pick: impl FnOnce(Stage) -> Result<T, Stage>) -> Option<T> {
        match pick(std::mem::replace(&mut self.stage, Stage::Handshake)) {
            Ok(waited) => {
                self.flags.is_authenticating = false;
                self.wake();
                Some(waited)
            }
            Err(stage) => {
                self.stage = stage;
                None
            }
        }
    }

    pub fn listener(&self) -> &Arc<Listener> {
        &self.slot.listener
    }

    pub fn version(&self) -> ProtocolVersion {
        self.decoder.version().unwrap_or(ProtocolVersion::V311)
    }

    /// Bytes that the system has taken from us.
    pub fn bytes_left(&self) -> u64 {
        self.stream.written().unwrap_or(self.traffic.bytes_sent)
    }

    /// Asks for a turn.
    pub fn wake(&mut self) {
        if !self.flags.is_woken
            && let Some(waker) = &self.waker
        {
            self.flags.is_woken = true;
            waker.wake_by_ref();
        }
    }
}

/// The task of a connection.
pub(crate) struct ConnectionTask {
    worker: Worker,
    key: usize,
    serial: u64,
}

impl ConnectionTask {
    /// Starts the task of a connection that was put into the worker's slab.
    pub fn spawn(worker: &Worker, key: usize) {
        let serial = worker.borrow().connections.get(key).map(|connection| connection.serial);
        // None if it has ended already.
        if let Some(serial) = serial {
            tokio::task::spawn_local(Self {
                worker: Worker::clone(worker),
                key,
                serial,
            });
        }
    }
}

impl Future for ConnectionTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.worker.borrow_mut().is_in_long_turn(self.key, self.serial) {
            return Poll::Pending;
        }
        take_turn(&self.worker, self.key, self.serial, context)
    }
}

/// One turn of a connection, whatever happens in it; ready when it is gone from this worker.
pub(super) fn take_turn(worker: &Worker, key: usize, serial: u64, context: &mut Context<'_>) -> Poll<()> {
    let result = guarded_turn(worker, key, |state| state.turn(key, serial, context));
    send_handovers(worker);
    result
}

/// Runs what belongs to one connection. A panic in it is counted and ends that connection.
pub(super) fn guarded_turn(worker: &Worker, key: usize, turn: impl FnOnce(&mut WorkerState) -> Poll<()>) -> Poll<()> {
    let turn = || turn(&mut worker.borrow_mut());
    catch_unwind(AssertUnwindSafe(turn)).unwrap_or_else(|_| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        worker.borrow_mut().on_panic(key)
    })
}

impl WorkerState {
    /// One turn of a connection; ready when it is gone from this worker.
    fn turn(&mut self, key: usize, serial: u64, context: &mut Context<'_>) -> Poll<()> {
        let now = self.clock.now();
        let connection = self
            .connections
            .get_mut(key)
            .filter(|connection| connection.serial == serial);
        let Some(connection) = connection else {
            return Poll::Ready(());
        };
        if connection
            .waker
            .as_ref()
            .is_none_or(|waker| !waker.will_wake(context.waker()))
        {
            connection.waker = Some(context.waker().clone());
        }
        connection.flags.is_woken = false;
        if self.pace == Pace::Frozen {
            // All are woken when it goes on.
            return Poll::Pending;
        }
        self.current = Some(key);
        self.begin_work();
        self.write(key, now);
        self.send_more(key, now);
        let mut wants_turn = false;
        if let Read::Share = self.read(key, context, now) {
            wants_turn = true;
        }
        self.apply_effects(now);
        self.write(key, now);
        // A write that failed has ended the connection.
        self.apply_effects(now);
        self.current = None;
        // Gone: handed over to another worker.
        let Some(connection) = self.connections.get_mut(key) else {
            return Poll::Ready(());
        };
        if matches!(connection.stage, Stage::Ending(_)) && self.finish_ending(key, context) {
            return Poll::Ready(());
        }
        if let Some(connection) = self.connections.get_mut(key)
            && (wants_turn || (connection.flags.has_more_to_send && !connection.flags.is_congested))
        {
            connection.flags.is_in_long_turn = true;
            self.long_turns.push(key, serial);
        }
        Poll::Pending
    }

    /// Lets the session go on with what it could not send at once.
    fn send_more(&mut self, key: usize, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        if connection.flags.is_congested || !std::mem::take(&mut connection.flags.has_more_to_send) {
            return;
        }
        self.shard
            .on_writable(ConnectionKey(key as u32), now, &mut self.effects);
        self.apply_effects(now);
    }

    /// Looks at connections whose time may be over.
    pub(crate) fn expire_connection_timers(&mut self, now: Time) {
        while let Some(due) = self.timers.expire(now) {
            for timer in due {
                self.on_connection_timer(timer, now);
            }
        }
    }

    fn on_connection_timer(&mut self, timer: ConnectionTimer, now: Time) {
        let (key, serial) = match timer {
            ConnectionTimer::Send(key, serial, _)
            | ConnectionTimer::Ending(key, serial)
            | ConnectionTimer::Resume(key, serial)
            | ConnectionTimer::Authenticating(key, serial)
            | ConnectionTimer::WebSocket(key, serial, ..) => (key, serial),
        };
        let Some(connection) = self.connections.get_mut(key).filter(|each| each.serial == serial) else {
            return;
        };
        match timer {
            ConnectionTimer::Send(_, _, sent_before) => {
                connection.flags.is_send_timer_armed = false;
                let waits = !connection.out.is_empty() || connection.stream.wants_flush();
                let is_stuck = waits && connection.bytes_left() == sent_before;
                if is_stuck && connection.listener().config.tcp_options.send_timeout_close {
                    self.end_connection(key, DisconnectReason::SendTimeout, None, now);
                } else {
                    self.after_write(key, now);
                }
            }
            ConnectionTimer::Ending(..) => self.abandon_ending(key),
            ConnectionTimer::Resume(..) => connection.wake(),
            ConnectionTimer::Authenticating(..) => self.on_authentication_timer(key, now),
            ConnectionTimer::WebSocket(_, _, received, since) => self.watch_websocket(key, received, since, now),
        }
    }

    /// `websocket.idle_timeout`: what a client has to send is bytes of any kind, a ping is enough.
    pub(crate) fn watch_websocket(&mut self, key: usize, received_before: u64, since: Time, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let Some(received) = connection.stream.websocket_received() else {
            return;
        };
        let since = if received == received_before { since } else { now };
        let deadline = since.after(connection.listener().config.websocket.idle_timeout);
        if now >= deadline {
            self.end_connection(key, DisconnectReason::WebsocketIdleTimeout, None, now);
            return;
        }
        // Not much later, so that the timers of those who have gone are soon forgotten.
        let at = deadline.min(now.after(WEBSOCKET_LOOK));
        self.timers
            .arm(at, ConnectionTimer::WebSocket(key, connection.serial, received, since));
    }

    /// The workers that a connection publishes to keep up again.
    pub(crate) fn read_again(&mut self, key: usize, serial: u64) {
        if let Some(connection) = self.connections.get_mut(key).filter(|each| each.serial == serial) {
            connection.flags.is_blocked_by_outbox = false;
            connection.wake();
        }
    }

    /// A turn has panicked: the state of this connection cannot be trusted, so it ends.
    fn on_panic(&mut self, key: usize) -> Poll<()> {
        self.current = None;
        self.effects.clear();
        self.frames.forget();
        let now = self.clock.now();
        tracing::error!(connection = key, "connection_crashed");
        self.end_connection(key, DisconnectReason::InternalError, None, now);
        self.apply_effects(now);
        self.abandon_ending(key);
        self.end_orphans(now);
        Poll::Ready(())
    }
}

impl WorkerState {
    /// After a panic: effects that were under way are lost, so some connections may have no channel any more
    /// without having been told.
    pub(crate) fn end_orphans(&mut self, now: Time) {
        let has_channel = |key: usize| self.shard.client_id(ConnectionKey(key as u32)).is_some();
        let orphans: Vec<usize> = self
            .connections
            .iter()
            .filter(|(key, connection)| matches!(connection.stage, Stage::Open) && !has_channel(*key))
            .map(|(key, _)| key)
            .collect();
        for key in orphans {
            self.close(key, DisconnectReason::InternalError, None, None, now);
        }
        self.apply_effects(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There may be a million, and 256 bytes is a size that allocators serve without rounding up.
    #[test]
    fn what_is_kept_for_each_idle_connection_stays_small() {
        assert!(size_of::<Connection>() <= 256, "{}", size_of::<Connection>());
    }
}
