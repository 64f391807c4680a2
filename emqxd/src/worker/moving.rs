//! What a worker does when another process goes on with its clients: see `handover`.
//!
//! The worker that gives stands still ([`Pace::Frozen`]): it reads and writes nothing and looks at no timer, while mail
//! that was under way still arrives. The worker that takes begins so. Afterwards the one goes on ([`WorkerState::thaw`]),
//! and the other lets its clients go without a word ([`WorkerState::let_moved_go`]).

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use bytes::Bytes;
use emqxd_broker::handover::{SessionState, SharedWritten, Writer};
use emqxd_broker::{ConnectionKey, DisconnectReason, Time};
use emqxd_transport::Stream;
use mqtt_codec::Decoder;

use super::arrival::Arrival;
use super::connection::{Connection, ConnectionTask, Stage};
use super::out_buffer::BufferPool;
use super::{Worker, WorkerState};
use crate::handover::ConnectionState;
use crate::listener::Listener;
use crate::negotiate::Origin;

/// Bytes of records that are made before those are sent: messages are copied into them, and sessions may have many.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Whether clients are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// They are.
    Running,
    /// Nothing moves.
    Frozen,
    /// Another process serves them. Who could not move is told good-bye, and not read from.
    Leaving,
}

/// A session or connection on its way out.
#[derive(Debug)]
pub struct MovingRecord {
    /// What is told.
    pub bytes: Vec<u8>,
    /// The socket, if it moves.
    pub socket: Option<OwnedFd>,
    /// Its client is connected.
    pub is_connected: bool,
}

/// A session or connection on its way in.
pub(crate) struct Incoming {
    /// `None` before CONNECT.
    pub session: Option<SessionState>,
    /// `None` if the client is not connected.
    pub connection: Option<(ConnectionState, OwnedFd)>,
}

/// How far a frozen worker has come to rest.
#[derive(Debug, Clone, Copy)]
pub struct Rest {
    /// Batches of mail sent to other workers, ever.
    pub mail_sent: u64,
    /// Batches worked off, ever.
    pub mail_received: u64,
    /// Nothing is under way on this side.
    pub is_at_rest: bool,
    /// Packets and wills that wait for an answer whether they are allowed.
    pub parked: usize,
}

impl WorkerState {
    /// From now on nothing is read or written, and no timer fires.
    pub fn freeze(&mut self) {
        self.pace = Pace::Frozen;
    }

    /// Goes on. Each connection has a turn: what its socket has, and what it takes, is found out then.
    pub fn thaw(&mut self) {
        self.pace = Pace::Running;
        for (_, connection) in &mut self.connections {
            connection.flags.is_moved = false;
            connection.flags.is_woken = false;
            connection.wake();
        }
        self.long_turns.work.notify_one();
        self.lanes.thawed.notify_waiters();
    }

    /// How far it has come to rest.
    pub fn rest(&self) -> Rest {
        Rest {
            mail_sent: self.outbox.sent(),
            mail_received: self.mail_received,
            is_at_rest: self.outbox.is_empty()
                && self.lanes.is_at_rest()
                && self.effects.is_empty()
                && self.handovers.is_empty(),
            parked: self.shard.parked(),
        }
    }

    /// Sessions from place `from` on, at most `limit` and not many bytes, each with its connection if that can move; the
    /// place to go on from.
    pub(crate) fn export_sessions(
        &mut self,
        from: usize,
        limit: usize,
        shared: &mut SharedWritten,
    ) -> (Vec<MovingRecord>, Option<usize>) {
        let (mut records, mut bytes, mut next) = (Vec::new(), 0, Some(from));
        while let Some(place) = next
            && records.len() < limit
            && bytes < PAGE_BYTES
        {
            let (sessions, behind) = self.shard.export_page(place, 1);
            next = behind;
            for session in sessions {
                let record = self.export_session(&session, shared);
                bytes += record.bytes.len();
                records.push(record);
            }
        }
        (records, next)
    }

    fn export_session(&mut self, session: &SessionState, shared: &mut SharedWritten) -> MovingRecord {
        let moving = session
            .connection()
            .and_then(|connection| self.export_connection(connection.0 as usize, |stage| matches!(stage, Stage::Open)));
        let (connection, socket) = moving.unzip();
        let mut record = Writer::new(shared);
        record.put(session);
        record.put(&connection);
        MovingRecord {
            bytes: record.into_bytes(),
            socket,
            is_connected: session.is_connected(),
        }
    }

    /// Connections that have not sent CONNECT yet.
    pub(crate) fn export_newcomers(&mut self, shared: &mut SharedWritten) -> Vec<MovingRecord> {
        let keys: Vec<usize> = self.connections.iter().map(|(key, _)| key).collect();
        let moving = keys
            .into_iter()
            .filter_map(|key| self.export_connection(key, |stage| matches!(stage, Stage::Handshake)));
        let records = moving.map(|(connection, socket)| {
            let mut record = Writer::new(shared);
            record.put(&connection);
            MovingRecord {
                bytes: record.into_bytes(),
                socket: Some(socket),
                is_connected: true,
            }
        });
        records.collect()
    }

    /// A connection that can move and is where it should be. TLS and WebSocket cannot: their state is in no socket.
    fn export_connection(
        &mut self,
        key: usize,
        is_wanted: impl Fn(&Stage) -> bool,
    ) -> Option<(ConnectionState, OwnedFd)> {
        // In the middle of something that this process has asked others.
        let is_busy = self.reauthenticating.contains_key(&key) || self.shard.is_parked(ConnectionKey(key as u32));
        let connection = self.connections.get_mut(key)?;
        let origin = connection.origin.as_deref();
        let has_certificate = origin.is_some_and(|origin| origin.certificate.is_some());
        let Stream::Tcp(stream) = &connection.stream else {
            return None;
        };
        if is_busy || has_certificate || !is_wanted(&connection.stage) {
            return None;
        }
        let socket = stream.as_fd().try_clone_to_owned();
        let socket = socket
            .inspect_err(
                |error| tracing::error!(peername = %connection.peer, reason = %error, "socket_not_handed_over"),
            )
            .ok()?;
        connection.flags.is_moved = true;
        let state = ConnectionState {
            listener: Arc::clone(&connection.listener().id),
            peer: connection.peer,
            proxied_by: origin.and_then(|origin| origin.proxied_by),
            tls: origin.and_then(|origin| origin.tls.clone()),
            accepted_at: connection.accepted_at,
            version: connection.decoder.version(),
            limits: connection.decoder.limits(),
            received: connection.backlog.copy(),
            unsent: connection.out.copy(),
            traffic: connection.traffic,
        };
        Some((state, socket))
    }

    /// Another process serves those who have moved: they are gone from here without a word. The others are to be told.
    pub fn let_moved_go(&mut self) {
        self.pace = Pace::Leaving;
        self.is_deaf_to_publishes = true;
        self.connections.retain(|_, connection| {
            // The task of one that has moved finds it gone and ends; who was ending when all stood still goes on with that.
            connection.flags.is_woken = false;
            connection.wake();
            !connection.flags.is_moved
        });
        self.long_turns.work.notify_one();
        self.lanes.thawed.notify_waiters();
    }

    /// Takes in what another process has let go. Nothing is sent and nothing read before the worker is thawed.
    pub(crate) fn take_in(worker: &Worker, batch: Vec<Incoming>) -> Result<(), String> {
        for incoming in batch {
            let key = worker.borrow_mut().take_one_in(incoming)?;
            if let Some(key) = key {
                ConnectionTask::spawn(worker, key);
            }
        }
        Ok(())
    }

    fn take_one_in(&mut self, incoming: Incoming) -> Result<Option<usize>, String> {
        let now = self.clock.now();
        let is_open = incoming.session.is_some();
        let key = match incoming.connection {
            Some((state, socket)) => Some(self.take_connection_in(state, socket, is_open, now)?),
            None => None,
        };
        if let Some(session) = incoming.session {
            let client_id = session.client_id.clone();
            let connection = key.map(|key| ConnectionKey(key as u32));
            self.shard
                .import(session, connection, now)
                .map_err(|error| format!("the session of {client_id}: {error}"))?;
        }
        Ok(key)
    }

    fn take_connection_in(
        &mut self,
        state: ConnectionState,
        socket: OwnedFd,
        is_open: bool,
        now: Time,
    ) -> Result<usize, String> {
        let run = self.run_of(&state.listener).ok_or_else(|| {
            format!(
                "clients of listener {} are connected, which is not to run any more: stop it first",
                state.listener
            )
        })?;
        let failed = |error: std::io::Error| format!("the connection of {}: {error}", state.peer);
        let socket = std::net::TcpStream::from(socket);
        socket.set_nonblocking(true).map_err(failed)?;
        let stream = tokio::net::TcpStream::from_std(socket).map_err(failed)?;
        let origin = Origin {
            proxied_by: state.proxied_by,
            tls: state.tls,
            certificate: None,
        };
        let arrival = Arrival {
            stream: Stream::Tcp(stream),
            peer: state.peer,
            slot: run.take_slot_regardless(state.peer.ip()),
            accepted_at: state.accepted_at,
            origin: origin.if_known(),
        };
        let decoder = Decoder::going_on(state.version, state.limits);
        let key = self.add_connection(arrival, decoder, state.traffic, now);
        if let Some(connection) = self.connections.get_mut(key) {
            connection.take_bytes_in(state.received, &state.unsent, &mut self.buffers);
            if is_open {
                connection.stage = Stage::Open;
                connection.flags.has_more_to_send = true;
            }
            let serial = connection.serial;
            if !is_open {
                self.handshakes.push_back((now.after(self.idle_timeout), key, serial));
            }
        }
        Ok(key)
    }

    /// Takes in the session of a client that was told good-bye by the other process.
    pub(crate) fn take_in_ended(&mut self, session: SessionState) -> Result<(), String> {
        let now = self.clock.now();
        let client_id = session.client_id.clone();
        // A number that no connection has; it is free again at once.
        let connection = ConnectionKey(self.connections.vacant_key() as u32);
        self.shard
            .import(session, Some(connection), now)
            .map_err(|error| format!("the session of {client_id}: {error}"))?;
        let reason = DisconnectReason::ServerShuttingDown;
        if let Some(run) = self
            .shard
            .summary(connection)
            .and_then(|channel| self.run_of(&channel.peer.listener))
        {
            run.shutdown_counts.count(reason);
        }
        self.shard.on_closed(connection, reason, now, &mut self.effects);
        self.apply_effects(now);
        Ok(())
    }

    fn run_of(&self, listener: &str) -> Option<Arc<Listener>> {
        let status = self.node.listeners.get(listener)?;
        status.run.filter(|_| status.is_running)
    }
}

impl Connection {
    /// Bytes that another process has received and not decoded, and those that it has not written.
    fn take_bytes_in(&mut self, received: Bytes, unsent: &[u8], buffers: &mut BufferPool) {
        if !received.is_empty() {
            // Whole packets or not: the next turn finds out.
            self.backlog.keep_undecoded(received);
        }
        if !unsent.is_empty() {
            self.out.append(buffers, |tail| tail.extend_from_slice(unsent));
        }
    }
}
