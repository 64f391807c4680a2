//! The end of a connection: DISCONNECT either way, a closed socket, takeover, discard, kick; and of sessions.
//!
//! Whoever decides that a connection ends calls [`Shard::close_channel`] with the reason, which is then the only
//! source for the log, the counters and the events. The will and the session's further life are settled here.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytestring::ByteString;
use mqtt_codec::{Disconnect, DisconnectProperties, Packet, ProtocolVersion, ReasonCode};

use super::{Channel, ChannelSummary};
use crate::session::Outgoing;
use crate::share_group::PublisherTurns;
use crate::will::{WillFate, fate, message};
use crate::{ConnectionKey, DisconnectReason, Effect, Metric, OwnedActor, SessionKey, Shard, Time, TraceKind, Will};

/// Session Expiry Interval that never ends (MQTT 5, 3.1.2.11.2).
const NEVER_EXPIRES: u32 = u32::MAX;

impl Shard {
    /// DISCONNECT from the client (MQTT 5, 3.14).
    pub(crate) fn on_disconnect(
        &mut self,
        connection: ConnectionKey,
        disconnect: &Disconnect,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Some(channel) = self.channel_mut(connection) else {
            return;
        };
        channel.disconnect_received = Some(disconnect.reason_code);
        let key = channel.session;
        if let Some(interval) = disconnect.properties.session_expiry_interval
            && let Some(session) = self.sessions.get_mut(key)
        {
            if session.expiry_interval == 0 && interval > 0 {
                // 3.14.2.2.2: a session that was to end with its connection cannot be prolonged here.
                self.close_channel(connection, DisconnectReason::ProtocolError, now, effects);
                return;
            }
            session.expiry_interval = interval;
        }
        let reason = match disconnect.reason_code {
            ReasonCode::Success => DisconnectReason::Normal,
            other => DisconnectReason::ClientDisconnect(other),
        };
        self.close_channel(connection, reason, now, effects);
    }

    /// The connection is gone or has to go, as the caller knows: the socket closed, bytes that are no packet, a
    /// send timeout. Ends with [`Effect::Close`] if there was a channel.
    pub fn on_closed(
        &mut self,
        connection: ConnectionKey,
        reason: DisconnectReason,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.close_channel(connection, reason, now, effects);
    }

    /// As [`Shard::on_closed`], with what more is known of why.
    pub fn on_closed_because(
        &mut self,
        connection: ConnectionKey,
        reason: DisconnectReason,
        detail: Option<Box<str>>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.close_channel_because(connection, reason, detail, now, effects);
    }

    /// Ends the client of an operator's choice: its connection and its session. Whether it was there.
    pub fn kick_client(&mut self, client_id: &str, now: Time, effects: &mut Vec<Effect>) -> bool {
        let Some(key) = self.sessions.by_client_id(client_id) else {
            return false;
        };
        match self.sessions.get(key).and_then(|session| session.connection()) {
            Some(connection) => self.close_channel(connection, DisconnectReason::Kicked, now, effects),
            None => self.end_session(key, now, effects),
        }
        true
    }

    /// Ends the connections whose sessions outlive them, and tells the clients to go to another node; how many.
    pub fn let_go_of_kept_sessions(&mut self, now: Time, effects: &mut Vec<Effect>) -> usize {
        let kept = self.sessions.iter_from(0);
        let kept = kept.filter(|(_, _, session)| session.expiry_interval > 0);
        let connections: Vec<ConnectionKey> = kept.filter_map(|(_, _, session)| session.connection()).collect();
        for connection in &connections {
            let reason = DisconnectReason::Refused(ReasonCode::UseAnotherServer);
            self.close_channel(*connection, reason, now, effects);
        }
        connections.len()
    }

    /// A new connection with clean start ends the session it finds.
    pub(crate) fn discard_session(&mut self, key: SessionKey, now: Time, effects: &mut Vec<Effect>) {
        self.metrics.inc(Metric::SessionDiscarded);
        match self.sessions.get(key).and_then(|session| session.connection()) {
            Some(connection) => self.close_channel(connection, DisconnectReason::Discarded, now, effects),
            None => self.end_session(key, now, effects),
        }
    }

    /// A new connection goes on with the session it finds; the old connection is told and closed.
    pub(crate) fn take_over(&mut self, key: SessionKey, now: Time, effects: &mut Vec<Effect>) {
        if let Some(connection) = self.sessions.get(key).and_then(|session| session.connection()) {
            self.metrics.inc(Metric::SessionTakenover);
            self.close_channel(connection, DisconnectReason::TakenOver, now, effects);
        }
    }

    /// Ends a connection: the client is told if its version has a word for the reason, and the session lives on
    /// or ends as agreed.
    pub(crate) fn close_channel(
        &mut self,
        connection: ConnectionKey,
        reason: DisconnectReason,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.close_channel_because(connection, reason, None, now, effects);
    }

    /// As [`Shard::close_channel`], with what more is known of why.
    pub(crate) fn close_channel_because(
        &mut self,
        connection: ConnectionKey,
        reason: DisconnectReason,
        detail: Option<Box<str>>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Some(channel) = self.channels.get_mut(connection.0 as usize).and_then(Option::take) else {
            return;
        };
        self.gate.forget(connection);
        if let Some(sink) = &self.trace_sink
            && let Some(session) = self.sessions.get(channel.session)
        {
            sink.closing(connection, &session.client_id);
        }
        if channel.version == ProtocolVersion::V5
            && let Some(reason_code) = reason.disconnect_reason_code()
        {
            let disconnect = Disconnect {
                reason_code,
                properties: DisconnectProperties::default(),
            };
            effects.push(Effect::Send {
                connection,
                packet: Packet::Disconnect(Box::new(disconnect)),
            });
        }
        let connections = self.gauges.connections.load(Ordering::Relaxed);
        self.gauges
            .connections
            .store(connections.saturating_sub(1), Ordering::Relaxed);
        self.metrics.inc(Metric::ClientDisconnected);
        let outlives = self.session_outlives(&channel, reason);
        let mut summary = self.summarise(&channel, outlives);
        summary.detail = detail;
        self.settle_session(*channel, reason, outlives, now, effects);
        effects.push(Effect::Close {
            connection,
            reason,
            summary: Box::new(summary),
        });
    }

    /// Whether the session goes on after this connection (MQTT 5, 3.1.2.11.2).
    fn session_outlives(&self, channel: &Channel, reason: DisconnectReason) -> bool {
        let expiry_interval = self
            .sessions
            .get(channel.session)
            .map_or(0, |session| session.expiry_interval);
        match reason {
            DisconnectReason::Kicked | DisconnectReason::Discarded => false,
            // Takeover too: a session of interval 0 ends with its connection, and the newcomer begins afresh.
            _ => expiry_interval > 0,
        }
    }

    fn settle_session(
        &mut self,
        mut channel: Channel,
        reason: DisconnectReason,
        outlives: bool,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let key = channel.session;
        self.metrics.inc(Metric::SessionDisconnected);
        if let Some(session) = self.sessions.get_mut(key) {
            session.link = None;
            session.disconnected_at = Some(now);
        }
        let will = channel.publisher.as_mut().and_then(|publisher| publisher.will.take());
        if let Some(will) = will {
            match fate(&will, reason, outlives) {
                WillFate::Deleted => {}
                WillFate::Published => {
                    if let Some(client_id) = self.sessions.get(key).map(|session| session.client_id.clone()) {
                        let author = self.author_if_asked_about(&channel);
                        self.publish_will(&will, channel.version, client_id, author, now, effects);
                    }
                }
                WillFate::Delayed(seconds) => {
                    let due = now.after_secs(u64::from(seconds));
                    // The rules may be others by then.
                    let author = self.author_of(&channel);
                    if let Some(session) = self.sessions.get_mut(key) {
                        let delayed = session.delayed_will.get_or_insert_default();
                        delayed.waiting = Some((will, due));
                        delayed.author = author;
                        self.arm_will_delay(key, due, now);
                    }
                }
            }
        }
        if !outlives {
            self.end_session(key, now, effects);
            return;
        }
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        if session.expiry_interval != NEVER_EXPIRES {
            let due = now.after_secs(u64::from(session.expiry_interval));
            self.arm_session_expiry(key, due, now);
        }
    }

    pub(crate) fn on_expiry_timer(&mut self, key: SessionKey, now: Time, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        if session.expiry_armed_for.is_none_or(|armed| now < armed) {
            // Another timer has taken this one's place.
            return;
        }
        session.expiry_armed_for = None;
        if self.moves.is_on_its_way(key) {
            // Armed again should it stay.
            return;
        }
        let Some(disconnected_at) = session.disconnected_at.filter(|_| session.link.is_none()) else {
            return;
        };
        if session.expiry_interval == NEVER_EXPIRES {
            return;
        }
        let due = disconnected_at.after_secs(u64::from(session.expiry_interval));
        if now >= due {
            tracing::debug!(clientid = %session.client_id, reason = "expired", "session_terminated");
            self.end_session(key, now, effects);
        } else {
            self.arm_session_expiry(key, due, now);
        }
    }

    pub(crate) fn on_will_timer(&mut self, key: SessionKey, now: Time, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let Some(will) = &mut session.delayed_will else { return };
        if will.armed_for.is_none_or(|armed| now < armed) {
            // Another timer has taken this one's place.
            return;
        }
        will.armed_for = None;
        if self.moves.is_on_its_way(key) {
            // Armed again should the session stay.
            return;
        }
        match will.waiting {
            Some((_, due)) if now < due => self.arm_will_delay(key, due, now),
            Some(_) => self.publish_delayed_will(key, now, effects),
            None => session.delayed_will = None,
        }
    }

    fn publish_delayed_will(&mut self, key: SessionKey, now: Time, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let Some(delayed) = &mut session.delayed_will else {
            return;
        };
        let (waiting, author) = (delayed.waiting.take(), delayed.author.take());
        if delayed.armed_for.is_none() {
            session.delayed_will = None;
        }
        let Some((will, _)) = waiting else { return };
        let client_id = session.client_id.clone();
        self.publish_will(&will, ProtocolVersion::V5, client_id, author, now, effects);
    }

    fn publish_will(
        &mut self,
        will: &Will,
        version: ProtocolVersion,
        client_id: ByteString,
        author: Option<Box<OwnedActor>>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let expires_at = self.expires_at(will.properties.message_expiry_interval, now);
        let message = message(will, version, client_id, now, expires_at);
        self.publish_authorized(Arc::new(message), author, now, effects);
    }

    /// Ends a session: its delayed will is published, its subscriptions end, and what a share group sent it and
    /// it never received goes to another member.
    pub(crate) fn end_session(&mut self, key: SessionKey, now: Time, effects: &mut Vec<Effect>) {
        self.stop_move(key, now);
        self.publish_delayed_will(key, now, effects);
        self.trace_session(key, TraceKind::SessionEnded);
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let undelivered = session.take_undelivered_shared();
        self.remove_session(key);
        self.metrics.inc(Metric::SessionTerminated);
        self.redispatch_all(undelivered, now, effects);
    }

    /// Takes a session and its subscriptions out of all tables, and no more than that.
    pub(crate) fn remove_session(&mut self, key: SessionKey) {
        self.moves.forget(key);
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let subscriptions = std::mem::take(&mut session.subscriptions);
        for (full, _) in self.names_of(&subscriptions) {
            self.withdraw(key, &full);
        }
        self.forget_session(key);
        self.gauges
            .sessions
            .store(self.sessions.len() as u64, Ordering::Relaxed);
    }

    /// Gives messages of share groups to other members.
    pub(crate) fn redispatch_all(&mut self, undelivered: Vec<Outgoing>, now: Time, effects: &mut Vec<Effect>) {
        if !undelivered.is_empty() {
            tracing::info!(count = undelivered.len(), "redispatching_shared_subscription_message");
        }
        for outgoing in undelivered {
            if let Some(group) = &outgoing.group {
                self.redispatch(
                    group,
                    &outgoing.message,
                    0,
                    &mut PublisherTurns::default(),
                    now,
                    effects,
                );
            }
        }
    }

    /// What the outside may know of a channel; `None` if there is none.
    pub fn summary(&self, connection: ConnectionKey) -> Option<ChannelSummary> {
        self.channel(connection).map(|channel| self.summarise(channel, true))
    }

    fn summarise(&self, channel: &Channel, session_kept: bool) -> ChannelSummary {
        let session = self.sessions.get(channel.session);
        ChannelSummary {
            // A copy: the first clone of the session's own would cost each client the memory of a shared one.
            client_id: session.map_or_else(ByteString::new, |session| ByteString::from(&*session.client_id)),
            username: session
                .and_then(|session| session.username.as_deref())
                .map(ByteString::from),
            is_authenticated: channel.is_authenticated(),
            peer: channel.peer.clone(),
            version: channel.version,
            clean_start: channel.clean_start,
            keep_alive: channel.keep_alive.seconds,
            receive_maximum: channel.receive_maximum,
            session_expiry_interval: session.map_or(0, |session| session.expiry_interval),
            connected_at: channel.connected_at,
            last_received_at: channel.keep_alive.last_received,
            last_packet: channel.last_packet,
            queue_len: session.map_or(0, |session| session.queue.len()),
            inflight_len: session.map_or(0, |session| session.inflight.len()),
            session_kept,
            disconnect_received: channel.disconnect_received,
            detail: None,
        }
    }
}
