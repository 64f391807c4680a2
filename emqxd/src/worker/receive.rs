//! From the socket to the rules: reading, cutting into packets, rate limits.
//!
//! Bytes are read into the worker's one buffer and packets are slices of it. What a turn may not work through any more
//! stays undecoded for the next; the beginning of a packet is kept apart and completed with just the bytes it lacks, so
//! that nothing is scanned twice.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use emqxd_broker::{ConnectionKey, Metric, Time, Timers, TraceKind};
use mqtt_codec::{DecodeError, Packet, PacketType, QoS};
use tokio_util::io::poll_read_buf;

use super::WorkerState;
use super::connection::{Connection, ConnectionTimer, Stage};
use super::moving::Pace;
use super::packet_text::PacketText;
use crate::negotiate::end_of_read;

/// What sockets are read into is taken from chunks of this size, shared by all connections of a worker.
const READ_CHUNK: usize = 64 * 1024;
/// A chunk with less room than this is replaced before a read.
const READ_ROOM_MIN: usize = 16 * 1024;
/// Reads of one connection in one turn.
const READS_PER_TURN: usize = 4;
/// Packets and deliveries that one turn works through before others have theirs. What was read and not yet decoded waits
/// for the next turn.
const WORK_PER_TURN: usize = 4096;
/// A turn ends after this time too: some packets cost ten times what others do. It is what those who are not busy wait.
const TURN_TIME: Duration = Duration::from_micros(100);
/// The same once something is acknowledged, or is to be. What finds no room in a session's window has to be queued, and
/// each receiver that is written to answers with packets of its own: small batches cost more than the time saved.
const TURN_TIME_OF_ACKS: Duration = Duration::from_micros(400);
/// Packets and deliveries between two looks at the clock.
const WORK_BETWEEN_LOOKS: usize = 32;
/// Undecoded bytes up to this are copied out of the receive buffer.
const COPIED_BYTES_MAX: usize = READ_CHUNK / 4;

/// What a read came to.
pub(super) enum Read {
    /// The socket has no more for now, or must not be read.
    Done,
    /// The turn's share is used up; there may be more.
    Share,
}

impl WorkerState {
    pub(super) fn read(&mut self, key: usize, context: &mut Context<'_>, now: Time) -> Read {
        if self.pace == Pace::Leaving {
            return Read::Done;
        }
        for _ in 0..READS_PER_TURN {
            if !self.may_read(key, now) {
                return Read::Done;
            }
            let Some(connection) = self.connections.get_mut(key) else {
                return Read::Done;
            };
            if let Some(bytes) = connection.backlog.take_undecoded() {
                self.on_bytes(key, bytes, now);
            } else {
                if self.read_buffer.capacity() < READ_ROOM_MIN {
                    self.read_buffer.reserve(READ_CHUNK);
                }
                let stream = Pin::new(&mut connection.stream);
                match poll_read_buf(stream, context, &mut self.read_buffer) {
                    Poll::Pending => return Read::Done,
                    Poll::Ready(Ok(0)) => {
                        let reason = end_of_read(&connection.stream);
                        self.end_connection(key, reason, None, now);
                        return Read::Done;
                    }
                    Poll::Ready(Ok(count)) => {
                        connection.traffic.bytes_received += count as u64;
                        self.metrics.add(Metric::BytesReceived, count as u64);
                        self.shard.on_received(ConnectionKey(key as u32), now);
                        connection.charge_bytes(&mut self.timers, key, count as u64, now);
                        let bytes = self.read_buffer.split().freeze();
                        self.on_bytes(key, bytes, now);
                    }
                    Poll::Ready(Err(error)) => {
                        self.end_by_error(key, &error, now);
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
        let is_unread = connection.is_paused(now) || connection.flags.is_blocked();
        if is_unread != connection.flags.is_unread {
            connection.flags.is_unread = is_unread;
            self.shard.set_unread(ConnectionKey(key as u32), is_unread, now);
        }
        !is_unread
    }

    /// Starts the count of a turn's work.
    pub(crate) fn begin_work(&mut self) {
        self.work = 0;
        self.next_look = WORK_BETWEEN_LOOKS;
        self.work_began = Instant::now();
        self.turn_time = TURN_TIME;
    }

    /// Whether a turn has worked as much as it may.
    pub(crate) fn is_work_done(&mut self) -> bool {
        let work = self.work + self.effects.len();
        if work < self.next_look {
            return false;
        }
        let is_done = work >= WORK_PER_TURN || self.work_began.elapsed() >= self.turn_time;
        if !is_done {
            self.next_look = work + WORK_BETWEEN_LOOKS;
        }
        is_done
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
        let is_whole = !connection.backlog.has_partial()
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
            connection.backlog.keep_undecoded(kept);
        } else {
            connection.backlog.extend_partial(&bytes);
        }
    }

    /// What came after CONNECT while the connection changed workers.
    pub(crate) fn on_rest(&mut self, key: usize, rest: Bytes, now: Time) {
        self.begin_work();
        self.on_bytes(key, rest, now);
    }

    /// Takes whole packets off `bytes`, the one that began earlier first.
    fn decode(&mut self, key: usize, bytes: &mut Bytes, now: Time) -> Result<(), DecodeError> {
        if let Some(first) = self.complete_partial(key, bytes)? {
            self.on_packet(key, first, bytes, now);
        }
        loop {
            let is_work_done = self.is_work_done() || self.pace == Pace::Frozen;
            let Some(connection) = self.connections.get_mut(key) else {
                return Ok(());
            };
            if matches!(connection.stage, Stage::Ending(_)) || connection.backlog.has_partial() {
                return Ok(());
            }
            if connection.is_paused(now) || connection.flags.is_blocked() || is_work_done {
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
        while connection.backlog.has_partial() && !bytes.is_empty() {
            let begun = connection.backlog.partial();
            let missing = match connection.decoder.packet_len(begun)? {
                Some(len) => len.saturating_sub(begun.len()),
                // The fixed header itself is cut: at most four more bytes, one by one.
                None => 1,
            };
            let missing = bytes.split_to(missing.min(bytes.len()));
            connection.backlog.extend_partial(&missing);
            let begun = connection.backlog.partial();
            if connection.decoder.packet_len(begun)? == Some(begun.len()) {
                let mut whole = connection.backlog.take_partial();
                let decoded = connection.decoder.decode(&mut whole);
                if decoded.is_err() {
                    // Whoever reports the error looks at them.
                    connection.backlog.extend_partial(&whole);
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
        match packet.packet_type() {
            PacketType::Publish if self.is_deaf_to_publishes => return,
            PacketType::Publish => {
                connection.traffic.messages_received += 1;
                if matches!(&packet, Packet::Publish(publish) if publish.qos > QoS::AtMostOnce) {
                    self.turn_time = TURN_TIME_OF_ACKS;
                }
                connection.charge_message(&mut self.timers, key, now);
            }
            PacketType::Puback | PacketType::Pubrec | PacketType::Pubcomp => self.turn_time = TURN_TIME_OF_ACKS,
            _ => {}
        }
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
                self.trace(key, TraceKind::PacketReceived(&packet));
                self.shard
                    .on_packet(ConnectionKey(key as u32), packet, now, &mut self.effects);
                if self.shard.has_asked() {
                    // Before the next packet is looked at: it waits behind this one.
                    self.apply_effects(now);
                }
                self.apply_effects_if_many(now);
            }
            Stage::Handshake => {
                tracing::debug!(tag = "MQTT", peername = %connection.peer, packet = %PacketText(&packet), "mqtt_packet_received");
                // CONNECT is told where it is opened, under the client's id.
                if packet.packet_type() != PacketType::Connect {
                    self.trace_as(key, "", TraceKind::PacketReceived(&packet));
                }
                self.on_first_packet(key, packet, rest, now);
            }
            Stage::Authenticating(_) => {
                tracing::debug!(tag = "MQTT", peername = %connection.peer, packet = %PacketText(&packet), "mqtt_packet_received");
                self.on_packet_while_authenticating(key, packet, now);
            }
            // Not read.
            Stage::Claiming(_) | Stage::Ending(_) => {}
        }
    }
}

impl Connection {
    /// Charges `bytes_rate`.
    fn charge_bytes(&mut self, timers: &mut Timers<ConnectionTimer>, key: usize, bytes: u64, now: Time) {
        let bucket = self.limits.as_mut().and_then(|limits| limits.bytes.as_mut());
        let pause = bucket.and_then(|bucket| bucket.take(bytes, now));
        self.pause(timers, key, pause, now);
    }

    /// Charges `messages_rate`.
    #[inline]
    fn charge_message(&mut self, timers: &mut Timers<ConnectionTimer>, key: usize, now: Time) {
        let bucket = self.limits.as_mut().and_then(|limits| limits.messages.as_mut());
        let pause = bucket.and_then(|bucket| bucket.take(1, now));
        self.pause(timers, key, pause, now);
    }

    /// Reads no more from the connection for a while.
    fn pause(&mut self, timers: &mut Timers<ConnectionTimer>, key: usize, pause: Option<Duration>, now: Time) {
        let (Some(pause), Some(limits)) = (pause, &mut self.limits) else {
            return;
        };
        let is_paused = limits.paused_until.is_some_and(|until| now < until);
        let until = limits.paused_until.unwrap_or_default().max(now.after(pause));
        limits.paused_until = Some(until);
        if !is_paused {
            limits.pauses += 1;
            let listener = &self.slot.listener;
            listener.paused_by_rate.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(tag = "SOCKET", peername = %self.peer, listener = %listener.id,
                paused_ms = until.since(now).as_millis() as u64, "socket_receive_paused_by_rate_limit");
        }
        timers.arm(until, ConnectionTimer::Resume(key, self.serial));
    }

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
