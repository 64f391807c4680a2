//! What a shard holds, as data. Nothing changes by it: whoever exports sees to it that nothing happens meanwhile.

use super::state::{DelayedWillState, SessionState};
use super::{ChannelState, LinkState};
use crate::channel::Channel;
use crate::session::{Link, Session};
use crate::{ConnectionKey, SessionKey, Shard};

impl Shard {
    /// Sessions from place `from` on, at most `limit`; the place to go on from, `None` at the end.
    #[must_use]
    pub fn export_page(&self, from: usize, limit: usize) -> (Vec<SessionState>, Option<usize>) {
        let mut page = Vec::new();
        for (place, key, session) in self.sessions.iter_from(from) {
            if page.len() == limit {
                return (page, Some(place));
            }
            page.push(self.export_session(key, session));
        }
        (page, None)
    }

    /// Packets and wills that wait for an answer whether their client may do that: they cannot be exported.
    #[must_use]
    pub fn parked(&self) -> usize {
        self.gate.parked()
    }

    pub(crate) fn export_session(&self, key: SessionKey, session: &Session) -> SessionState {
        let channel = session.link.as_ref().and_then(|link| {
            let channel = self.channel(link.connection)?;
            Some(export_channel(channel, link))
        });
        let waiting = session.delayed_will.as_ref().and_then(|delayed| {
            let (will, due) = delayed.waiting.as_ref()?;
            Some(DelayedWillState {
                will: will.clone(),
                due: *due,
                author: delayed.author.clone(),
            })
        });
        SessionState {
            client_id: session.client_id.clone(),
            username: session.username.clone(),
            owner: session.owner.clone(),
            created_at: session.created_at,
            since: self.presence.since(key),
            expiry_interval: session.expiry_interval,
            disconnected_at: session.disconnected_at,
            subscriptions: self.names_of(&session.subscriptions),
            last_id: session.inflight.last_id(),
            inflight: session.inflight.iter().cloned().collect(),
            queue: self.moves.queue_of(key, session).cloned().collect(),
            awaiting_release: session.awaiting_release.iter().collect(),
            replays: session.replays.iter().cloned().collect(),
            delayed_will: waiting,
            delivered_messages: session.counts.delivered_messages,
            dropped_messages: session.counts.dropped_messages,
            connection: channel.as_ref().and_then(|_| session.connection()),
            channel,
        }
    }

    /// Whether a packet of a connection waits for an answer whether its client may do that.
    #[must_use]
    pub fn is_parked(&self, connection: ConnectionKey) -> bool {
        self.gate.is_parked(connection)
    }
}

fn export_channel(channel: &Channel, link: &Link) -> ChannelState {
    let publisher = channel.publisher.as_ref();
    ChannelState {
        peer: channel.peer.clone(),
        version: channel.version,
        clean_start: channel.clean_start,
        is_bridge: channel.is_bridge,
        keep_alive: channel.keep_alive.seconds,
        keep_alive_multiplier: channel.keep_alive.multiplier(),
        last_received: channel.keep_alive.last_received,
        connected_at: channel.connected_at,
        last_packet: channel.last_packet,
        receive_maximum: channel.receive_maximum,
        will: publisher.and_then(|publisher| publisher.will.clone()),
        aliases: publisher.map_or_else(Vec::new, |publisher| publisher.aliases.clone()),
        identity: channel.identity.clone(),
        link: LinkState {
            window: link.window,
            maximum_packet_size: link.maximum_packet_size,
            aliases: link.aliases.as_ref().map(|aliases| aliases.export()),
        },
    }
}
