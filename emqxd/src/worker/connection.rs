//! One connection and its task.
//!
//! The task is two words: whose connection, which. A turn of it writes what waits, lets the session send more if
//! there is room, reads what the socket has, lets the rules work on each packet, and writes the answers: one
//! system call each way however many packets. A turn reads a bounded amount, then others have theirs. A panic in a
//! turn ends that connection and is counted; the worker lives on.

use std::future::Future;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use emqxd_broker::{ConnectionKey, DisconnectReason, Metric, Time};
use mqtt_codec::{DecodeError, Decoder, Packet, PacketType, ProtocolVersion, ReasonCode};
use tokio::net::TcpStream;
use tokio_util::io::poll_read_buf;

use super::finish::Ending;
use super::handshake::send_handovers;
use super::out_buffer::OutBuffer;
use super::packet_text::PacketText;
use super::rate_limit::TokenBucket;
use super::{Worker, WorkerState};
use crate::closed_connections::Traffic;
use crate::listener::{Listener, ListenerSlot, PANICS};

/// What sockets are read into is taken from chunks of this size, shared by all connections of a worker.
const READ_CHUNK: usize = 64 * 1024;
/// A chunk with less room than this is replaced before a read.
const READ_ROOM_MIN: usize = 16 * 1024;
/// Reads of one connection in one turn.
const READS_PER_TURN: usize = 4;
/// Packets and deliveries that one turn works through before others have theirs: some milliseconds. What was read
/// and not yet decoded waits for the next turn.
const WORK_PER_TURN: usize = 16_384;
/// Undecoded bytes up to this are copied out of the receive buffer.
const COPIED_BYTES_MAX: usize = READ_CHUNK / 4;
/// Bytes waiting for a socket above which they are written in the middle of a turn: large enough to save system
/// calls, small enough to stay in the cache.
const FLUSH_AT: usize = 24 * 1024;

/// A connection.
pub(crate) struct Connection {
    pub stream: TcpStream,
    pub peer: SocketAddr,
    pub slot: ListenerSlot,
    /// Never reused, unlike the key.
    pub serial: u64,
    pub accepted_at: Time,
    pub decoder: Decoder,
    /// The beginning of a packet whose end has not come. Empty, it holds no memory.
    pub partial: BytesMut,
    /// Received and not looked at: a turn's work or a rate limit was used up before.
    pub undecoded: Option<Box<Bytes>>,
    pub out: OutBuffer,
    pub stage: Stage,
    pub traffic: Traffic,
    /// Set once the task has had its first turn.
    pub waker: Option<Waker>,
    pub flags: Flags,
    pub limits: Option<Box<Limits>>,
    /// Of DISCONNECT or a refusing CONNACK.
    pub reason_code_sent: Option<ReasonCode>,
    /// More about why it ends.
    pub detail: Option<Box<str>>,
}

/// Where a connection stands.
pub(crate) enum Stage {
    /// Waiting for CONNECT.
    Handshake,
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
    /// Publishes to a worker that does not keep up; not read until it does.
    pub is_blocked_by_outbox: bool,
    /// The shard knows that this client is not read.
    pub is_unread: bool,
}

/// `messages_rate` and `bytes_rate`.
pub(crate) struct Limits {
    pub messages: Option<TokenBucket>,
    pub bytes: Option<TokenBucket>,
    pub paused_until: Option<Time>,
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
}

/// What a read came to.
enum Read {
    /// The socket has no more for now, or must not be read.
    Done,
    /// The turn's share is used up; there may be more.
    Share,
}

impl Connection {
    pub fn listener(&self) -> &Arc<Listener> {
        &self.slot.listener
    }

    pub fn version(&self) -> ProtocolVersion {
        self.decoder.version().unwrap_or(ProtocolVersion::V311)
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
        let (key, serial) = (self.key, self.serial);
        let turn = || WorkerState::turn(&mut self.worker.borrow_mut(), key, serial, context);
        let result = catch_unwind(AssertUnwindSafe(turn)).unwrap_or_else(|_| {
            PANICS.fetch_add(1, Ordering::Relaxed);
            self.worker.borrow_mut().on_panic(key)
        });
        send_handovers(&self.worker);
        result
    }
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
        self.current = Some(key);
        self.work = 0;
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
            connection.wake();
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

    fn read(&mut self, key: usize, context: &mut Context<'_>, now: Time) -> Read {
        for _ in 0..READS_PER_TURN {
            if !self.may_read(key, now) {
                return Read::Done;
            }
            let Some(connection) = self.connections.get_mut(key) else {
                return Read::Done;
            };
            if let Some(bytes) = connection.undecoded.take() {
                self.on_bytes(key, *bytes, now);
            } else {
                if self.read_buffer.capacity() < READ_ROOM_MIN {
                    self.read_buffer.reserve(READ_CHUNK);
                }
                let stream = Pin::new(&mut connection.stream);
                match poll_read_buf(stream, context, &mut self.read_buffer) {
                    Poll::Pending => return Read::Done,
                    Poll::Ready(Ok(0)) => {
                        self.end_connection(key, DisconnectReason::TcpClosed, None, now);
                        return Read::Done;
                    }
                    Poll::Ready(Ok(count)) => {
                        connection.traffic.bytes_received += count as u64;
                        self.metrics.add(Metric::BytesReceived, count as u64);
                        self.shard.on_received(ConnectionKey(key as u32), now);
                        self.charge_bytes(key, count as u64, now);
                        let bytes = self.read_buffer.split().freeze();
                        self.on_bytes(key, bytes, now);
                    }
                    Poll::Ready(Err(error)) => {
                        self.end_connection(key, DisconnectReason::from_io_error(&error), None, now);
                        return Read::Done;
                    }
                }
            }
            if self.is_work_done() {
                return Read::Share;
            }
        }
        Read::Share
    }

    /// Whether a connection is to be read now; tells the shard when that changes, since silence of a client that is
    /// not read means nothing.
    fn may_read(&mut self, key: usize, now: Time) -> bool {
        let Some(connection) = self.connections.get_mut(key) else {
            return false;
        };
        if matches!(connection.stage, Stage::Ending(_)) {
            return false;
        }
        let is_unread = connection.is_paused(now) || connection.flags.is_blocked_by_outbox;
        if is_unread != connection.flags.is_unread {
            connection.flags.is_unread = is_unread;
            self.shard.set_unread(ConnectionKey(key as u32), is_unread, now);
        }
        !is_unread
    }

    /// Whether a turn has worked as much as it may.
    pub(crate) fn is_work_done(&self) -> bool {
        self.work + self.effects.len() >= WORK_PER_TURN
    }

    /// Bytes from the socket: whole packets go to the rules, the rest is kept.
    fn on_bytes(&mut self, key: usize, mut bytes: Bytes, now: Time) {
        let result = self.decode(key, &mut bytes, now);
        self.apply_effects(now);
        if let Err(error) = result {
            self.on_decode_error(key, &error, &bytes, now);
            self.apply_effects(now);
            return;
        }
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        if bytes.is_empty() || matches!(connection.stage, Stage::Ending(_)) {
            return;
        }
        // Stopped before the end: a whole packet is still in there.
        let is_whole = connection.partial.is_empty()
            && connection
                .decoder
                .packet_len(&bytes)
                .is_ok_and(|len| len.is_some_and(|len| len <= bytes.len()));
        if is_whole {
            // A little is copied, so that it does not keep the whole receive buffer.
            let kept = if bytes.len() <= COPIED_BYTES_MAX {
                Bytes::copy_from_slice(&bytes)
            } else {
                bytes
            };
            connection.undecoded = Some(Box::new(kept));
        } else {
            connection.partial.extend_from_slice(&bytes);
        }
    }

    /// What came after CONNECT while the connection changed workers.
    pub(crate) fn on_rest(&mut self, key: usize, rest: Bytes, now: Time) {
        self.work = 0;
        self.on_bytes(key, rest, now);
    }

    /// Takes whole packets off `bytes`, the one that began earlier first.
    fn decode(&mut self, key: usize, bytes: &mut Bytes, now: Time) -> Result<(), DecodeError> {
        if let Some(first) = self.complete_partial(key, bytes)? {
            self.on_packet(key, first, bytes, now);
        }
        loop {
            let Some(connection) = self.connections.get_mut(key) else {
                return Ok(());
            };
            if matches!(connection.stage, Stage::Ending(_)) || !connection.partial.is_empty() {
                return Ok(());
            }
            if connection.is_paused(now) || self.work + self.effects.len() >= WORK_PER_TURN {
                return Ok(());
            }
            let Some(packet) = connection.decoder.decode(bytes)? else {
                return Ok(());
            };
            self.on_packet(key, packet, bytes, now);
        }
    }

    /// Adds to a packet that began in an earlier read just what it lacks.
    fn complete_partial(&mut self, key: usize, bytes: &mut Bytes) -> Result<Option<Packet>, DecodeError> {
        let Some(connection) = self.connections.get_mut(key) else {
            return Ok(None);
        };
        while !connection.partial.is_empty() && !bytes.is_empty() {
            let missing = match connection.decoder.packet_len(&connection.partial)? {
                Some(len) => len.saturating_sub(connection.partial.len()),
                // The fixed header itself is cut: at most four more bytes, one by one.
                None => 1,
            };
            let missing = bytes.split_to(missing.min(bytes.len()));
            connection.partial.extend_from_slice(&missing);
            if connection.decoder.packet_len(&connection.partial)? == Some(connection.partial.len()) {
                let mut whole = std::mem::take(&mut connection.partial).freeze();
                let decoded = connection.decoder.decode(&mut whole);
                if decoded.is_err() {
                    // Whoever reports the error looks at them.
                    connection.partial.extend_from_slice(&whole);
                }
                return decoded;
            }
        }
        Ok(None)
    }

    fn on_packet(&mut self, key: usize, packet: Packet, rest: &mut Bytes, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.traffic.packets_received += 1;
        if packet.packet_type() == PacketType::Publish {
            connection.traffic.messages_received += 1;
            self.charge_message(key, now);
        }
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        self.metrics.inc(Metric::PacketsReceived);
        if let Some(metric) = Metric::packet_received(packet.packet_type()) {
            self.metrics.inc(metric);
        }
        match connection.stage {
            Stage::Open => {
                self.work += 1;
                tracing::debug!(
                    tag = "MQTT",
                    clientid = self.shard.client_id(ConnectionKey(key as u32)),
                    peername = %connection.peer,
                    packet = %PacketText(&packet),
                    "mqtt_packet_received"
                );
                self.shard
                    .on_packet(ConnectionKey(key as u32), packet, now, &mut self.effects);
                self.apply_effects_if_many(now);
            }
            Stage::Handshake => {
                tracing::debug!(tag = "MQTT", peername = %connection.peer, packet = %PacketText(&packet), "mqtt_packet_received");
                self.on_first_packet(key, packet, rest, now);
            }
            Stage::Ending(_) => {}
        }
    }

    /// Charges `bytes_rate`.
    fn charge_bytes(&mut self, key: usize, bytes: u64, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let limits = connection.limits.as_mut();
        let pause = limits
            .and_then(|limits| limits.bytes.as_mut())
            .and_then(|bucket| bucket.take(bytes, now));
        self.pause(key, pause, now);
    }

    /// Charges `messages_rate`.
    fn charge_message(&mut self, key: usize, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let limits = connection.limits.as_mut();
        let pause = limits
            .and_then(|limits| limits.messages.as_mut())
            .and_then(|bucket| bucket.take(1, now));
        self.pause(key, pause, now);
    }

    /// Reads no more from a connection for a while.
    fn pause(&mut self, key: usize, pause: Option<Duration>, now: Time) {
        let (Some(pause), Some(connection)) = (pause, self.connections.get_mut(key)) else {
            return;
        };
        let Some(limits) = &mut connection.limits else {
            return;
        };
        let until = limits.paused_until.unwrap_or_default().max(now.after(pause));
        limits.paused_until = Some(until);
        self.timers.arm(until, ConnectionTimer::Resume(key, connection.serial));
    }

    /// Writes what waits; whether all of it left.
    pub(crate) fn write(&mut self, key: usize, now: Time) -> bool {
        let Some(connection) = self.connections.get_mut(key) else {
            return false;
        };
        if connection.out.is_empty() {
            return true;
        }
        let Some(waker) = connection.waker.clone() else {
            return false;
        };
        let mut context = Context::from_waker(&waker);
        loop {
            match connection
                .out
                .poll_write(Pin::new(&mut connection.stream), &mut context)
            {
                Poll::Ready(Ok(written)) => {
                    connection.traffic.bytes_sent += written as u64;
                    self.metrics.add(Metric::BytesSent, written as u64);
                    if connection.out.is_empty() {
                        connection.out.release(&mut self.tails);
                        break;
                    }
                }
                Poll::Ready(Err(error)) => {
                    let reason = DisconnectReason::from_io_error(&error);
                    self.end_connection(key, reason, None, now);
                    return false;
                }
                Poll::Pending => break,
            }
        }
        self.after_write(key, now)
    }

    /// Tells the session whether the socket keeps up; whether nothing waits.
    fn after_write(&mut self, key: usize, now: Time) -> bool {
        let Some(connection) = self.connections.get_mut(key) else {
            return false;
        };
        let waiting = connection.out.len();
        let high = connection.listener().config.tcp_options.high_watermark;
        let connection_key = ConnectionKey(key as u32);
        if connection.flags.is_congested && waiting <= high / 2 {
            connection.flags.is_congested = false;
            connection.flags.has_more_to_send = true;
        } else if !connection.flags.is_congested && waiting > high {
            connection.flags.is_congested = true;
            self.shard.on_congested(connection_key);
        }
        if waiting > 0 && !connection.flags.is_send_timer_armed {
            connection.flags.is_send_timer_armed = true;
            let at = now.after(connection.listener().config.tcp_options.send_timeout);
            let timer = ConnectionTimer::Send(key, connection.serial, connection.traffic.bytes_sent);
            self.timers.arm(at, timer);
        }
        waiting == 0
    }

    /// After something was appended to a connection's buffer: it is written at the end of its own turn, or at once
    /// when it has grown large.
    pub(crate) fn appended(&mut self, key: usize, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        if connection.out.len() >= FLUSH_AT && !connection.flags.is_congested && connection.waker.is_some() {
            self.write(key, now);
        } else if self.current != Some(key) {
            connection.wake();
        }
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
            | ConnectionTimer::Resume(key, serial) => (key, serial),
        };
        let Some(connection) = self.connections.get_mut(key).filter(|each| each.serial == serial) else {
            return;
        };
        match timer {
            ConnectionTimer::Send(_, _, sent_before) => {
                connection.flags.is_send_timer_armed = false;
                let is_stuck = !connection.out.is_empty() && connection.traffic.bytes_sent == sent_before;
                if is_stuck && connection.listener().config.tcp_options.send_timeout_close {
                    self.end_connection(key, DisconnectReason::SendTimeout, None, now);
                } else {
                    self.after_write(key, now);
                }
            }
            ConnectionTimer::Ending(..) => self.abandon_ending(key),
            ConnectionTimer::Resume(..) => connection.wake(),
        }
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
            self.close(key, DisconnectReason::InternalError, None, now);
        }
        self.apply_effects(now);
    }
}

impl Connection {
    fn is_paused(&mut self, now: Time) -> bool {
        let Some(limits) = &mut self.limits else { return false };
        match limits.paused_until {
            Some(until) if now < until => true,
            _ => {
                limits.paused_until = None;
                false
            }
        }
    }
}
