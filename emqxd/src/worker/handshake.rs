//! A connection before CONNECT, and its way to the worker that owns the client.
//!
//! The worker that accepted a connection reads its CONNECT. The hash of the client id then names the worker that
//! keeps the session; if that is another one, the socket moves there with the CONNECT and the bytes after it.

use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{
    ConnectionKey, DisconnectReason, Metric, Peer, Time, TraceKind, WorkerId, assign_client_id, effective_client_id,
};
use emqxd_transport::Stream;
use mqtt_codec::{
    Connack, ConnackProperties, Connect, DecodeError, DecodeLimits, Decoder, Packet, ProtocolVersion, ReasonCode,
};
use tokio::sync::mpsc::error::TrySendError;

use super::arrival::{Arrival, PortableArrival, transport};
use super::authenticating::Newcomer;
use super::backlog::Backlog;
use super::connection::{Connection, ConnectionTask, Flags, Limits, Stage, guarded_turn};
use super::out_buffer::OutBuffer;
use super::rate_limit::TokenBucket;
use super::{Command, Worker, WorkerState};
use crate::closed_connections::Traffic;
use crate::listener::{Accepted, Listener};
use crate::malformed_frames::{FrameSource, harmless_beginning};
use crate::negotiate;

/// The largest packet taken from somebody who has not connected yet, bytes.
const CONNECT_BYTES_MAX: u32 = 64 * 1024;
/// Bytes of a bad packet that the log shows.
const FRAME_DATA_LOGGED: usize = 100;

/// A connection on its way to another worker.
pub struct Handover {
    arrival: PortableArrival,
    decoder: Decoder,
    traffic: Traffic,
    connect: Connect,
    client_id: ByteString,
    is_assigned: bool,
    /// What came after CONNECT.
    rest: Bytes,
}

impl WorkerState {
    /// Takes a connection in that was just accepted.
    pub(crate) fn serve(worker: &Worker, accepted: Accepted) {
        if !accepted.slot.listener.layers.is_plain() {
            negotiate::start(worker, accepted);
            return;
        }
        let now = worker.borrow().clock.now();
        Self::receive(worker, Arrival::plain(accepted, now));
    }

    /// Takes a connection in on which MQTT can begin.
    pub(crate) fn receive(worker: &Worker, arrival: Arrival) {
        let key = {
            let mut state = worker.borrow_mut();
            let now = state.clock.now();
            let mqtt = state.shard.config();
            let decoder = Decoder::new(DecodeLimits {
                max_packet_size: mqtt.max_packet_size.min(CONNECT_BYTES_MAX),
                strict: mqtt.strict_mode,
                max_user_properties: mqtt.max_user_properties,
            });
            let key = state.add_connection(arrival, decoder, Traffic::default(), now);
            let idle_timeout = state.idle_timeout;
            let serial = state.serial;
            state.handshakes.push_back((now.after(idle_timeout), key, serial));
            key
        };
        ConnectionTask::spawn(worker, key);
    }

    /// Takes over a connection whose CONNECT another worker has read.
    pub(crate) fn adopt(worker: &Worker, handover: Handover) {
        let Handover {
            arrival,
            decoder,
            traffic,
            connect,
            client_id,
            is_assigned,
            rest,
        } = handover;
        let arrival = match arrival.try_map(Stream::from_portable) {
            Ok(arrival) => arrival,
            Err((peer, error)) => {
                tracing::error!(tag = "SOCKET", peername = %peer, reason = %error, "socket_not_registered");
                return;
            }
        };
        let is_stopped = arrival.slot.listener.is_stopped();
        let key = {
            let mut state = worker.borrow_mut();
            let now = state.clock.now();
            state.add_connection(arrival, decoder, traffic, now)
        };
        let _gone_after_a_panic = guarded_turn(worker, key, |state| {
            let now = state.clock.now();
            state.open(key, connect, client_id, is_assigned, now);
            if is_stopped {
                // It was on its way while its listener was stopped and could not be found here.
                state.end_connection(key, DisconnectReason::ListenerStopped, None, now);
            }
            state.on_rest(key, rest, now);
            Poll::Pending
        });
        ConnectionTask::spawn(worker, key);
    }

    pub(super) fn add_connection(&mut self, arrival: Arrival, decoder: Decoder, traffic: Traffic, now: Time) -> usize {
        let Arrival {
            stream,
            peer,
            slot,
            accepted_at,
            origin,
        } = arrival;
        self.serial += 1;
        let limits = limits_of(&slot.listener, now);
        let websocket = stream.websocket_received();
        let key = self.connections.insert(Box::new(Connection {
            stream,
            peer,
            origin,
            slot,
            serial: self.serial,
            accepted_at,
            decoder,
            backlog: Backlog::default(),
            out: OutBuffer::default(),
            stage: Stage::Handshake,
            traffic,
            waker: None,
            flags: Flags::default(),
            limits,
            reason_code_sent: None,
        }));
        if let Some(received) = websocket {
            self.watch_websocket(key, received, now, now);
        }
        key
    }

    /// Ends connections that have not sent CONNECT in time. They stand in the order in which they were accepted, so
    /// the first that is still waiting tells for all behind it.
    pub(crate) fn expire_handshakes(&mut self, now: Time) {
        while let Some(&(deadline, key, serial)) = self.handshakes.front() {
            let connection = self
                .connections
                .get(key)
                .filter(|connection| connection.serial == serial);
            if connection.is_some_and(|connection| matches!(connection.stage, Stage::Handshake)) {
                if now < deadline {
                    return;
                }
                self.end_connection(key, DisconnectReason::IdleTimeout, None, now);
            }
            self.handshakes.pop_front();
        }
    }

    /// The first packet must be CONNECT (MQTT 5, 3.1).
    pub(crate) fn on_first_packet(&mut self, key: usize, packet: Packet, rest: &mut Bytes, now: Time) {
        let Packet::Connect(mut connect) = packet else {
            self.end_connection(key, DisconnectReason::NotConnectFirst, None, now);
            return;
        };
        if let Some(origin) = self
            .connections
            .get(key)
            .and_then(|connection| connection.origin.as_deref())
        {
            self.node.authentication.take_names_of_certificate(origin, &mut connect);
        }
        let (client_id, is_assigned) = match effective_client_id(&connect, self.shard.config()) {
            Some(client_id) => (client_id, false),
            None => (assign_client_id(self.node.random_words()), true),
        };
        let owner = self.node.worker_of(&client_id);
        if owner == self.id {
            self.open(key, *connect, client_id, is_assigned, now);
            return;
        }
        let Some(connection) = self.connections.try_remove(key) else {
            return;
        };
        let Connection {
            stream,
            peer,
            origin,
            slot,
            accepted_at,
            decoder,
            traffic,
            ..
        } = *connection;
        let arrival = Arrival {
            stream,
            peer,
            slot,
            accepted_at,
            origin,
        };
        match arrival.try_map(Stream::into_portable) {
            Ok(arrival) => {
                let rest = std::mem::take(rest);
                let connect = *connect;
                let handover = Handover {
                    arrival,
                    decoder,
                    traffic,
                    connect,
                    client_id,
                    is_assigned,
                    rest,
                };
                self.handovers.push((owner, Box::new(handover)));
            }
            Err((peer, error)) => {
                tracing::error!(tag = "SOCKET", peername = %peer, reason = %error, "socket_not_handed_over");
            }
        }
    }

    /// Finds out whose CONNECT it is, and lets the rules answer it.
    fn open(&mut self, key: usize, connect: Connect, client_id: ByteString, is_assigned: bool, now: Time) {
        let Some(connection) = self.connections.get(key) else {
            return;
        };
        let origin = connection.origin.as_deref();
        let is_client_id_proven = self.node.authentication.is_client_id_of_certificate(origin, &client_id);
        let listener = connection.listener();
        let peer = Peer {
            listener: Arc::clone(&listener.id),
            address: connection.peer,
            listener_port: listener.address.port(),
            transport: transport(listener.config.kind),
            tls: connection.origin.as_ref().and_then(|origin| origin.tls.clone()),
        };
        self.trace_as(key, &client_id, TraceKind::ConnectReceived(&connect));
        let asked = self.node.authentication.chain_of(&peer.listener);
        let newcomer = Newcomer {
            peer,
            connect,
            client_id,
            is_assigned,
            is_client_id_proven,
            is_username_secret: false,
        };
        self.authenticate(key, newcomer, asked, now);
    }

    /// Bytes that are no packet.
    pub(crate) fn on_decode_error(&mut self, key: usize, error: &DecodeError, rest: &Bytes, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let is_open = matches!(connection.stage, Stage::Open);
        let head = if connection.backlog.has_partial() {
            connection.backlog.partial()
        } else {
            &rest[..]
        };
        let version = connection.decoder.version().or_else(|| Decoder::peek_version(head));
        tracing::info!(
            tag = "MQTT",
            peername = %connection.peer,
            reason = %error,
            at_state = if is_open { "connected" } else { "idle" },
            parsed_packets = connection.traffic.packets_received,
            "Frame data" = %hex(head),
            "frame_parse_error: Parse failed for {}",
            error.name(),
        );
        let source = FrameSource {
            listener: &connection.listener().id,
            peer: connection.peer,
            client_id: self.shard.client_id(ConnectionKey(key as u32)),
            parsed_packets: connection.traffic.packets_received,
        };
        // A packet that came in pieces was put together; what is copied ends with the connection.
        let frame = if connection.backlog.has_partial() {
            Bytes::copy_from_slice(head)
        } else {
            rest.clone()
        };
        self.node
            .malformed_frames
            .record(&source, &connection.decoder, &frame, error);
        let reason = reason_for(error, is_open, head);
        if !is_open && let Some(reason_code) = refusal(error, reason, version) {
            self.refuse(key, reason_code, version);
        }
        let told = TraceKind::FrameError { reason: error.name() };
        if is_open {
            self.trace(key, told);
        } else {
            self.trace_as(key, "", told);
        }
        self.end_connection(key, reason, Some(error.to_string()), now);
    }

    /// A CONNACK for somebody whose CONNECT could not be read.
    fn refuse(&mut self, key: usize, reason_code: ReasonCode, version: Option<ProtocolVersion>) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let connack = Connack {
            session_present: false,
            reason_code,
            properties: ConnackProperties::default(),
        };
        // What a client of unknown version understands: the CONNACK of 3.1.1 (3.1.1, 3.1.2.2).
        let version = version.unwrap_or(ProtocolVersion::V311);
        let packet = Packet::Connack(Box::new(connack));
        if connection
            .out
            .append(&mut self.buffers, |tail| packet.encode(version, tail))
            .is_ok()
        {
            connection.reason_code_sent = Some(reason_code);
            connection.traffic.packets_sent += 1;
            self.metrics.inc(Metric::PacketsSent);
            self.metrics.inc(Metric::PacketsConnackSent);
            self.metrics.inc(Metric::PacketsConnackError);
        }
    }
}

/// Sends what a turn has decided to hand over.
pub(crate) fn send_handovers(worker: &Worker) {
    let handovers = std::mem::take(&mut worker.borrow_mut().handovers);
    for (owner, handover) in handovers {
        let Some(commands) = worker.borrow().node.worker(owner).map(|handle| handle.commands.clone()) else {
            continue;
        };
        match commands.try_send(Command::Adopt(handover)) {
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(command)) => {
                // Bounded by `max_connections`: the connection keeps its place at the listener.
                tokio::task::spawn_local(async move {
                    let _worker_may_have_stopped = commands.send(command).await;
                });
            }
        }
    }
}

/// The worker that owns a client.
pub(crate) fn owner_of(client_id: &str, workers: usize) -> WorkerId {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::fast::FixedState::with_seed(0).build_hasher();
    hasher.write(client_id.as_bytes());
    (hasher.finish() % workers.max(1) as u64) as WorkerId
}

fn limits_of(listener: &Listener, now: Time) -> Option<Box<Limits>> {
    let config = &listener.config;
    if config.messages_rate.is_none() && config.bytes_rate.is_none() {
        return None;
    }
    let bucket = |rate: &crate::config::Rate| TokenBucket::new(rate, now);
    Some(Box::new(Limits {
        messages: config.messages_rate.as_ref().map(bucket),
        bytes: config.bytes_rate.as_ref().map(bucket),
        paused_until: None,
        pauses: 0,
    }))
}

/// EMQX's reason for bytes that cannot be read.
fn reason_for(error: &DecodeError, is_open: bool, head: &[u8]) -> DisconnectReason {
    match error {
        DecodeError::PacketTooLarge { .. } if is_open || is_connect(head) => DisconnectReason::FrameTooLarge,
        DecodeError::UnsupportedProtocolVersion { .. } => {
            DisconnectReason::Refused(ReasonCode::UnsupportedProtocolVersion)
        }
        DecodeError::NotConnect(_) if is_fixed_header(head) => DisconnectReason::NotConnectFirst,
        _ if !is_open && !is_connect(head) => DisconnectReason::InvalidConnectPacket,
        _ if !is_open => DisconnectReason::FrameError,
        _ => match error.reason_code() {
            ReasonCode::ProtocolError => DisconnectReason::ProtocolError,
            ReasonCode::TopicNameInvalid => DisconnectReason::TopicNameInvalid,
            ReasonCode::TopicFilterInvalid => DisconnectReason::TopicFilterInvalid,
            ReasonCode::TopicAliasInvalid => DisconnectReason::TopicAliasInvalid,
            _ => DisconnectReason::MalformedPacket(error.name()),
        },
    }
}

/// The CONNACK for a CONNECT that cannot be read, if the peer would understand one.
fn refusal(error: &DecodeError, reason: DisconnectReason, version: Option<ProtocolVersion>) -> Option<ReasonCode> {
    match (error, version) {
        (DecodeError::UnsupportedProtocolVersion { .. }, _) => Some(ReasonCode::UnsupportedProtocolVersion),
        (_, Some(ProtocolVersion::V5)) if reason == DisconnectReason::FrameError => Some(error.reason_code()),
        (_, Some(ProtocolVersion::V5)) => reason.connack_reason_code(),
        _ => None,
    }
}

fn is_connect(head: &[u8]) -> bool {
    head.first().is_some_and(|first| *first == 0x10)
}

/// Whether the first byte could begin an MQTT packet (MQTT 5, 2.1.3): tells a client that forgot CONNECT from an
/// HTTP request or a TLS hello.
fn is_fixed_header(head: &[u8]) -> bool {
    match head.first() {
        Some(first) => match (first >> 4, first & 0x0F) {
            (3, _) => true,
            (6 | 8 | 10, flags) => flags == 2,
            (packet_type, flags) => packet_type != 0 && flags == 0,
        },
        None => false,
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let shown = FRAME_DATA_LOGGED.min(harmless_beginning(bytes));
    let mut text = String::new();
    for byte in bytes.iter().take(shown) {
        let _to_a_string_never_fails = write!(text, "{byte:02x}");
    }
    if bytes.len() > shown {
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_protocols_on_the_mqtt_port_are_told_from_clients_that_forgot_connect() {
        let error = DecodeError::NotConnect(mqtt_codec::PacketType::Puback);
        assert_eq!(
            reason_for(&error, false, b"GET / HTTP/1.1"),
            DisconnectReason::InvalidConnectPacket
        );
        assert_eq!(
            reason_for(&error, false, &[0x16, 3, 1]),
            DisconnectReason::InvalidConnectPacket
        );
        assert_eq!(reason_for(&error, false, &[0xC0, 0]), DisconnectReason::NotConnectFirst);
    }

    #[test]
    fn clients_are_spread_over_all_workers() {
        let mut counts = [0; 4];
        for number in 0..4000 {
            counts[usize::from(owner_of(&format!("client-{number}"), 4))] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }
}
