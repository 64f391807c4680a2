//! The channel of a client that another process has let go: see `handover`.

use std::sync::atomic::Ordering;

use mqtt_codec::ProtocolVersion;

use super::{Channel, KeepAlive, PublisherState};
use crate::handover::{ChannelState, LinkState};
use crate::session::{Link, OutboundAliases};
use crate::{ConnectionKey, SessionKey, Shard, Time};

impl Shard {
    /// Goes on with the conversation of a client, on `connection` from now on.
    pub(crate) fn restore_channel(
        &mut self,
        session: SessionKey,
        state: ChannelState,
        connection: ConnectionKey,
        now: Time,
    ) {
        self.serial += 1;
        let has_publisher_state = state.will.is_some() || !state.aliases.is_empty();
        let channel = Channel {
            serial: self.serial,
            session,
            peer: state.peer,
            version: state.version,
            clean_start: state.clean_start,
            is_bridge: state.is_bridge,
            keep_alive: KeepAlive::new(state.keep_alive, state.keep_alive_multiplier, state.last_received),
            connected_at: state.connected_at,
            last_packet: state.last_packet,
            publisher: has_publisher_state.then(|| {
                Box::new(PublisherState {
                    will: state.will,
                    aliases: state.aliases,
                    ..PublisherState::default()
                })
            }),
            receive_maximum: state.receive_maximum,
            disconnect_received: None,
            identity: state.identity,
        };
        let deadline = channel.keep_alive.deadline();
        self.put_channel(connection, channel);
        if let Some(deadline) = deadline {
            self.arm_keep_alive(connection, deadline, now);
        }
        self.on_identity_set(connection);
        self.arm_identity_expiry(connection, now);
        if let Some(session) = self.sessions.get_mut(session) {
            session.link = Some(restored_link(state.link, state.version, connection));
        }
        self.gauges.connections.fetch_add(1, Ordering::Relaxed);
        self.arm_retry(connection, now);
    }
}

fn restored_link(state: LinkState, version: ProtocolVersion, connection: ConnectionKey) -> Link {
    Link {
        connection,
        version,
        window: state.window.max(1),
        maximum_packet_size: state.maximum_packet_size,
        // Whether its socket keeps up is found out when it is written to.
        is_congested: false,
        aliases: state
            .aliases
            .and_then(|(maximum, aliases)| OutboundAliases::restore(maximum, aliases)),
    }
}
