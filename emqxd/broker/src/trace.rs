//! What a shard tells somebody who traces a client, a topic or an address: plain, borrowed data.
//!
//! [`crate::Shard::set_trace_sink`] sets a [`TraceSink`] while traces run; without one an event costs a test and
//! nothing is made. The caller of the shard tells packets and connections to the same sink, so that one place
//! decides whom an event concerns, and formats it only then.

use std::net::SocketAddr;
use std::rc::Rc;

use mqtt_codec::{Connect, Packet, QoS};

use crate::channel::Channel;
use crate::{ConnectionKey, Delivery, DisconnectReason, Message, Peer, SessionKey, Shard, SubscriptionOptions};

/// Takes the events of one worker.
pub trait TraceSink {
    /// Whether nobody wants an event of this kind, whoever's it is. Asked first: it spares looking up whose it is.
    fn passes_over(&self, kind: &TraceKind<'_>) -> bool;

    /// Something happened.
    fn event(&self, event: &TraceEvent<'_>);

    /// The channel of a connection is gone, or was never made; what was meant to be sent to the client follows still.
    fn closing(&self, connection: ConnectionKey, client_id: &str);
}

/// One step in the story of a client.
#[derive(Debug, Clone, Copy)]
pub struct TraceEvent<'a> {
    /// Whose; empty while it is not known.
    pub client_id: &'a str,
    /// Where the client is connected from, if it is.
    pub peer: Option<SocketAddr>,
    /// What happened.
    pub kind: TraceKind<'a>,
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub enum TraceKind<'a> {
    /// CONNECT has come.
    ConnectReceived(&'a Connect),
    /// Another packet has come.
    PacketReceived(&'a Packet),
    /// A packet other than PUBLISH goes out.
    PacketSent(&'a Packet),
    /// A PUBLISH goes out.
    DeliverySent(&'a Delivery),
    /// Bytes have come that are no packet.
    FrameError {
        /// What is wrong with them.
        reason: &'a str,
    },
    /// Who the client is has been settled, or refused.
    Authenticated {
        /// `ok`, or why not.
        result: &'a str,
        /// The user name.
        username: Option<&'a str>,
    },
    /// Whether the client may do something has been decided.
    Authorized {
        /// `publish` or `subscribe`.
        action: &'static str,
        /// The topic, or the filter.
        topic: &'a str,
        /// `allow`, or why not.
        result: &'a str,
    },
    /// The client has a session now.
    SessionOpened {
        /// It was there before.
        is_resumed: bool,
        /// Messages that wait in it.
        queue_len: usize,
    },
    /// A subscription was made.
    Subscribed {
        /// The filter in full.
        filter: &'a str,
        /// The options in force.
        options: &'a SubscriptionOptions,
    },
    /// A subscription ended.
    Unsubscribed {
        /// The filter in full.
        filter: &'a str,
    },
    /// A message was accepted from the client.
    Published {
        /// Its topic, aliases resolved.
        topic: &'a str,
        /// Its payload.
        payload: &'a [u8],
    },
    /// A message goes to those who want it.
    Routed {
        /// Its topic.
        topic: &'a str,
        /// Sessions of this worker.
        subscribers: usize,
        /// Other workers.
        workers: usize,
        /// Share groups.
        share_groups: usize,
    },
    /// A message waits in the client's session.
    Queued {
        /// The message.
        message: &'a Message,
        /// QoS of its transfer.
        qos: QoS,
        /// Messages that wait, with this one.
        queue_len: usize,
    },
    /// A message that waited is sent.
    Dequeued {
        /// The message.
        message: &'a Message,
        /// Messages that wait still.
        queue_len: usize,
    },
    /// A message goes no further.
    Dropped {
        /// Its topic.
        topic: &'a str,
        /// Why, in the word of the metric.
        reason: &'static str,
    },
    /// The client has been silent for as long as it may.
    Silent {
        /// Keep alive in force, seconds.
        keep_alive: u16,
    },
    /// The connection ends. Told by the caller of the shard, after the last packets.
    Closed {
        /// Why.
        reason: DisconnectReason,
        /// What more is known of why.
        detail: Option<&'a str>,
    },
    /// The session ends.
    SessionEnded,
}

/// A sink, and where to look up from where a client is connected.
#[derive(Clone, Copy)]
pub(crate) struct Tracing<'a> {
    pub sink: &'a Option<Rc<dyn TraceSink>>,
    pub channels: &'a [Option<Box<Channel>>],
}

impl Tracing<'_> {
    /// Whether anybody is told.
    pub fn is_on(&self) -> bool {
        self.sink.is_some()
    }

    /// Tells of a client that may be connected.
    #[inline]
    pub fn tell(&self, client_id: &str, connection: Option<ConnectionKey>, kind: TraceKind<'_>) {
        if let Some(sink) = self.sink {
            self.tell_sink(&**sink, client_id, connection, kind);
        }
    }

    #[cold]
    fn tell_sink(&self, sink: &dyn TraceSink, client_id: &str, connection: Option<ConnectionKey>, kind: TraceKind<'_>) {
        if sink.passes_over(&kind) {
            return;
        }
        let channel = connection.and_then(|connection| self.channels.get(connection.0 as usize)?.as_ref());
        sink.event(&TraceEvent {
            client_id,
            peer: channel.map(|channel| channel.peer.address),
            kind,
        });
    }
}

impl Shard {
    /// From now on events go to `sink`; with `None` nobody is told.
    pub fn set_trace_sink(&mut self, sink: Option<Rc<dyn TraceSink>>) {
        self.trace_sink = sink;
    }

    /// Tells of the client on a connection.
    #[inline]
    pub(crate) fn trace(&self, connection: ConnectionKey, kind: TraceKind<'_>) {
        if let Some(sink) = &self.trace_sink {
            self.tell_of_channel(&**sink, connection, kind);
        }
    }

    #[cold]
    fn tell_of_channel(&self, sink: &dyn TraceSink, connection: ConnectionKey, kind: TraceKind<'_>) {
        if sink.passes_over(&kind) {
            return;
        }
        let channel = self.channel(connection);
        sink.event(&TraceEvent {
            client_id: self.client_id(connection).unwrap_or(""),
            peer: channel.map(|channel| channel.peer.address),
            kind,
        });
    }

    /// Tells of the client of a session.
    pub(crate) fn trace_session(&self, key: SessionKey, kind: TraceKind<'_>) {
        if self.trace_sink.is_some()
            && let Some(session) = self.sessions.get(key)
        {
            self.tracing().tell(&session.client_id, session.connection(), kind);
        }
    }

    /// Tells of a message, which may be the broker's own or a will.
    #[inline]
    pub(crate) fn trace_message(&self, publisher: Option<ConnectionKey>, message: &Message, kind: TraceKind<'_>) {
        self.tracing().tell(&message.publisher, publisher, kind);
    }

    #[inline]
    fn tracing(&self) -> Tracing<'_> {
        Tracing {
            sink: &self.trace_sink,
            channels: &self.channels,
        }
    }

    /// Tells that a CONNECT was accepted, and which session it goes on with.
    pub(crate) fn trace_opened(&self, connection: ConnectionKey, session: SessionKey, is_resumed: bool) {
        if self.trace_sink.is_none() {
            return;
        }
        let username = self
            .session_of(connection)
            .and_then(|session| session.username.as_deref());
        let result = "ok";
        self.trace(connection, TraceKind::Authenticated { result, username });
        let queue_len = self.sessions.get(session).map_or(0, |session| session.queue.len());
        self.trace(connection, TraceKind::SessionOpened { is_resumed, queue_len });
    }

    /// Tells that a CONNECT was refused; its CONNACK follows.
    pub(crate) fn trace_refused(
        &self,
        connection: ConnectionKey,
        peer: &Peer,
        client_id: &str,
        username: Option<&str>,
        result: &str,
    ) {
        if let Some(sink) = &self.trace_sink {
            sink.closing(connection, client_id);
            sink.event(&TraceEvent {
                client_id,
                peer: Some(peer.address),
                kind: TraceKind::Authenticated { result, username },
            });
        }
    }
}
