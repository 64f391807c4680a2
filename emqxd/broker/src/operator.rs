//! What operators ask of a shard: listings in pages, one client, its subscriptions.

use bytestring::ByteString;
use mqtt_codec::ProtocolVersion;

use crate::channel::Peer;
use crate::session::{MessageQueue, Session, Subscriptions};
use crate::{ConnectionKey, SessionKey, Shard, SubscriptionOptions, Time};

/// One client as `clients list` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientInfo {
    /// Client id.
    pub client_id: ByteString,
    /// User name.
    pub username: Option<ByteString>,
    /// The connection, if it has one now.
    pub connected: Option<ConnectedInfo>,
    /// Session Expiry Interval, seconds.
    pub session_expiry_interval: u32,
    /// Subscriptions.
    pub subscriptions: usize,
    /// Messages sent and not acknowledged.
    pub inflight: usize,
    /// QoS 2 messages received and not released.
    pub awaiting_release: usize,
    /// PUBLISH packets sent in the session's life.
    pub delivered_messages: u64,
    /// Messages waiting.
    pub queue_len: usize,
    /// Bytes waiting and in flight.
    pub bytes: usize,
    /// Messages dropped in the session's life.
    pub dropped_messages: u64,
    /// When the session began.
    pub created_at: Time,
    /// When its last connection ended, if it has none now.
    pub disconnected_at: Option<Time>,
}

/// What a connected client has besides.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectedInfo {
    /// The connection, for what the caller knows of it.
    pub connection: ConnectionKey,
    /// Where it comes from.
    pub peer: Peer,
    /// Protocol version.
    pub version: ProtocolVersion,
    /// Clean Start.
    pub clean_start: bool,
    /// Keep alive, seconds.
    pub keep_alive: u16,
    /// When CONNECT was accepted.
    pub connected_at: Time,
}

/// One subscription as `subscriptions list` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscriptionInfo {
    /// Whose.
    pub client_id: ByteString,
    /// The filter in full.
    pub filter: ByteString,
    /// Its options.
    pub options: SubscriptionOptions,
}

/// What the node and a connected client are to each other, for who is about to let it go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ties {
    /// Others may publish to it.
    pub is_subscriber: bool,
    /// A will is published when it is gone.
    pub has_will: bool,
    /// Its session outlives the connection.
    pub is_session_kept: bool,
    /// Messages for it wait for room in its window.
    pub has_queued: bool,
    /// Messages were sent to it that it has not acknowledged.
    pub has_inflight: bool,
}

impl Shard {
    /// What ties the client on a connection to the node; `None` before its CONNECT was accepted.
    pub fn ties(&self, connection: ConnectionKey) -> Option<Ties> {
        let channel = self.channel(connection)?;
        let session = self.sessions.get(channel.session)?;
        Some(Ties {
            is_subscriber: session.subscriptions.len() > 0,
            has_will: channel
                .publisher
                .as_ref()
                .is_some_and(|publisher| publisher.will.is_some()),
            is_session_kept: session.expiry_interval > 0,
            has_queued: !session.queue.is_empty(),
            has_inflight: session.inflight.len() > 0,
        })
    }

    /// Clients from place `from` on, at most `limit`; the place to go on from, `None` at the end.
    pub fn clients_page(&self, from: usize, limit: usize) -> (Vec<ClientInfo>, Option<usize>) {
        let mut page = Vec::new();
        for (place, key, session) in self.sessions.iter_from(from) {
            if page.len() == limit {
                return (page, Some(place));
            }
            page.push(self.client_info(key, session));
        }
        (page, None)
    }

    /// One client.
    pub fn client(&self, client_id: &str) -> Option<ClientInfo> {
        let key = self.session_key(client_id)?;
        self.sessions.get(key).map(|session| self.client_info(key, session))
    }

    /// The session of a client, for [`Shard::subscribe`] and [`Shard::unsubscribe`].
    pub fn session_key(&self, client_id: &str) -> Option<SessionKey> {
        self.sessions.by_client_id(client_id)
    }

    /// Subscriptions of sessions from place `from` on: those of whole sessions until `limit` is passed, and the
    /// place to go on from.
    pub fn subscriptions_page(&self, from: usize, limit: usize) -> (Vec<SubscriptionInfo>, Option<usize>) {
        let mut page = Vec::new();
        for (place, _, session) in self.sessions.iter_from(from) {
            if page.len() >= limit {
                return (page, Some(place));
            }
            page.extend(self.subscriptions_in(session));
        }
        (page, None)
    }

    /// Subscriptions of one client, by filter; `None` if there is no such client.
    pub fn subscriptions_of(&self, client_id: &str) -> Option<Vec<SubscriptionInfo>> {
        let key = self.session_key(client_id)?;
        let mut subscriptions = self.subscriptions_in(self.sessions.get(key)?);
        subscriptions.sort_by(|left, right| left.filter.cmp(&right.filter));
        Some(subscriptions)
    }

    /// The client on a connection, if its CONNECT was accepted.
    pub fn client_id(&self, connection: ConnectionKey) -> Option<&str> {
        self.session_of(connection).map(|session| &*session.client_id)
    }

    /// The connection of a client, if it has one now.
    pub fn connection_of(&self, client_id: &str) -> Option<ConnectionKey> {
        self.sessions.get(self.session_key(client_id)?)?.connection()
    }

    /// Filters without wildcards that this shard lists of the node's, from place `from` on: at most `limit` places
    /// are looked at; the place to go on from. [`crate::RouteTable::page`] lists the others.
    ///
    /// A filter that several shards have is listed by the first of them.
    pub fn exact_topics_page(&self, from: u32, limit: usize) -> (Vec<String>, Option<u32>) {
        let mut page = Vec::new();
        for (looked_at, (place, filter)) in self.index.exact_from(from).enumerate() {
            if looked_at == limit {
                return (page, Some(place));
            }
            if self.routes.is_listed_by(filter, self.id) {
                page.push(filter.to_owned());
            }
        }
        (page, None)
    }

    /// All subscriptions of a list, by filter in full.
    pub(crate) fn names_of(&self, subscriptions: &Subscriptions) -> Vec<(ByteString, SubscriptionOptions)> {
        let plain = subscriptions.iter_plain();
        let named = subscriptions.iter_named();
        plain
            .map(|(id, options)| (self.index.text(id), options))
            .chain(named.map(|(full, options)| (full.clone(), options)))
            .collect()
    }

    fn subscriptions_in(&self, session: &Session) -> Vec<SubscriptionInfo> {
        let of_client = |(filter, options)| SubscriptionInfo {
            client_id: session.client_id.clone(),
            filter,
            options,
        };
        self.names_of(&session.subscriptions)
            .into_iter()
            .map(of_client)
            .collect()
    }

    fn client_info(&self, key: SessionKey, session: &Session) -> ClientInfo {
        let connected = session.connection().and_then(|connection| {
            let channel = self.channel(connection)?;
            Some(ConnectedInfo {
                connection,
                peer: channel.peer.clone(),
                version: channel.version,
                clean_start: channel.clean_start,
                keep_alive: channel.keep_alive.seconds,
                connected_at: channel.connected_at,
            })
        });
        let aside = self.moves.aside(key);
        ClientInfo {
            client_id: session.client_id.clone(),
            username: session.username.as_deref().map(ByteString::from),
            connected,
            session_expiry_interval: session.expiry_interval,
            subscriptions: session.subscriptions.len(),
            inflight: session.inflight.len(),
            awaiting_release: session.awaiting_release.len(),
            delivered_messages: session.counts.delivered_messages,
            queue_len: session.queue.len() + aside.map_or(0, MessageQueue::len),
            bytes: session.bytes() + aside.map_or(0, MessageQueue::bytes),
            dropped_messages: session.counts.dropped_messages,
            created_at: session.created_at,
            disconnected_at: session.disconnected_at,
        }
    }
}
