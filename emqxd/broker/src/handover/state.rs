//! What is carried of a session, and of the channel of a client that is connected.

use bytestring::ByteString;
use mqtt_codec::{PacketId, PacketType, ProtocolVersion};

use super::codec::{Field, Malformed, Reader, Writer};
use crate::record;
use crate::session::{InflightEntry, Outgoing, RetainedReplay};
use crate::session_owner::Owner;
use crate::{ConnectionKey, Identity, OwnedActor, Peer, SubscriptionOptions, Time, Will};

/// A session, connected or not.
#[derive(Debug)]
pub struct SessionState {
    /// Its client.
    pub client_id: ByteString,
    pub(crate) username: Option<Box<str>>,
    pub(crate) owner: Option<Box<Owner>>,
    pub(crate) created_at: Time,
    /// When its client connected last, Unix milliseconds; 0 where other nodes are not told.
    pub(crate) since: u64,
    pub(crate) expiry_interval: u32,
    pub(crate) disconnected_at: Option<Time>,
    /// By filter in full.
    pub(crate) subscriptions: Vec<(ByteString, SubscriptionOptions)>,
    /// The packet identifier given last.
    pub(crate) last_id: Option<PacketId>,
    pub(crate) inflight: Vec<InflightEntry>,
    pub(crate) queue: Vec<Outgoing>,
    pub(crate) awaiting_release: Vec<(PacketId, Time)>,
    pub(crate) replays: Vec<RetainedReplay>,
    pub(crate) delayed_will: Option<DelayedWillState>,
    pub(crate) delivered_messages: u64,
    pub(crate) dropped_messages: u64,
    pub(crate) channel: Option<ChannelState>,
    /// Where it was exported: the connection that belongs to it. Not carried.
    pub(crate) connection: Option<ConnectionKey>,
}

/// A will that waits for its delay.
#[derive(Debug)]
pub(crate) struct DelayedWillState {
    pub will: Box<Will>,
    pub due: Time,
    pub author: Option<Box<OwnedActor>>,
}

/// The conversation on a connection, its session's link with it.
#[derive(Debug)]
pub(crate) struct ChannelState {
    pub peer: Peer,
    pub version: ProtocolVersion,
    pub clean_start: bool,
    pub is_bridge: bool,
    pub keep_alive: u16,
    pub keep_alive_multiplier: f64,
    pub last_received: Time,
    pub connected_at: Time,
    pub last_packet: PacketType,
    pub receive_maximum: u16,
    pub will: Option<Box<Will>>,
    /// Inbound topic aliases, alias 1 first.
    pub aliases: Vec<Option<ByteString>>,
    pub identity: Option<Box<Identity>>,
    pub link: LinkState,
}

/// What the client takes.
#[derive(Debug)]
pub(crate) struct LinkState {
    pub window: u16,
    pub maximum_packet_size: Option<u32>,
    /// Outbound topic aliases: how many there may be, and those that the client knows.
    pub aliases: Option<(u16, Vec<(ByteString, u16)>)>,
}

impl SessionState {
    /// Where it was exported: the connection of its client.
    #[must_use]
    pub fn connection(&self) -> Option<ConnectionKey> {
        self.connection
    }

    /// Whether its client was connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.channel.is_some()
    }
}

record!(DelayedWillState { will, due, author });
record!(ChannelState {
    peer,
    version,
    clean_start,
    is_bridge,
    keep_alive,
    keep_alive_multiplier,
    last_received,
    connected_at,
    last_packet,
    receive_maximum,
    will,
    aliases,
    identity,
    link,
});
record!(LinkState {
    window,
    maximum_packet_size,
    aliases
});

/// Not by `record`: one field stays where it is.
impl Field for SessionState {
    fn write(&self, out: &mut Writer<'_>) {
        let Self {
            client_id,
            username,
            owner,
            created_at,
            since,
            expiry_interval,
            disconnected_at,
            subscriptions,
            last_id,
            inflight,
            queue,
            awaiting_release,
            replays,
            delayed_will,
            delivered_messages,
            dropped_messages,
            channel,
            connection: _,
        } = self;
        out.put(client_id);
        out.put(username);
        out.put(owner);
        out.put(created_at);
        out.put(since);
        out.put(expiry_interval);
        out.put(disconnected_at);
        out.put(subscriptions);
        out.put(last_id);
        out.put(inflight);
        out.put(queue);
        out.put(awaiting_release);
        out.put(replays);
        out.put(delayed_will);
        out.put(delivered_messages);
        out.put(dropped_messages);
        out.put(channel);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            client_id: input.take()?,
            username: input.take()?,
            owner: input.take()?,
            created_at: input.take()?,
            since: input.take()?,
            expiry_interval: input.take()?,
            disconnected_at: input.take()?,
            subscriptions: input.take()?,
            last_id: input.take()?,
            inflight: input.take()?,
            queue: input.take()?,
            awaiting_release: input.take()?,
            replays: input.take()?,
            delayed_will: input.take()?,
            delivered_messages: input.take()?,
            dropped_messages: input.take()?,
            channel: input.take()?,
            connection: None,
        })
    }
}
