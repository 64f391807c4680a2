//! One worker's share of the broker: its channels, its sessions, its part of the subscriptions.
//!
//! Events come in through `on_*`, what has to be done goes out as [`Effect`]s into the caller's buffer. A client
//! belongs to the shard that the hash of its client id names, so takeover, kick and resume never leave it; only
//! messages cross, as [`Mail`]. The rules of each packet are in `channel/`, those of delivering in `session/`.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mqtt_codec::{Packet, PacketType};

use crate::authz_gate::Gate;
use crate::channel::Channel;
use crate::exclusive::ExclusiveTopics;
use crate::local_index::LocalIndex;
use crate::match_cache::MatchCache;
use crate::presence::Presence;
use crate::random::Random;
use crate::session::{Session, Surroundings};
use crate::session_table::SessionTable;
use crate::takeover::{Moves, Seen};
use crate::timers::{TICK_MS, Timers};
use crate::topic::{FilterKind, SubscriptionFilter, TopicLimits};
use crate::trace::Tracing;
use crate::{
    Admission, ClientLocations, ConnectionKey, DisconnectReason, Effect, Metric, Metrics, MqttConfig, RetainedStore,
    RouteTable, SessionKey, Ticket, Time, TraceSink, WorkerId,
};

/// What all shards of a node share.
#[derive(Clone)]
pub struct NodeTables {
    /// Which worker wants which filter, and the share groups.
    pub routes: Arc<RouteTable>,
    /// Which clients are on which other nodes.
    pub locations: Arc<ClientLocations>,
    /// Retained messages.
    pub retained: Arc<dyn RetainedStore>,
    /// Exclusive subscriptions.
    pub exclusive: Arc<ExclusiveTopics>,
    /// Who may connect.
    pub admission: Arc<dyn Admission>,
}

/// How many of what a shard has; written by the shard alone, read by anyone.
#[derive(Debug, Default)]
pub struct Gauges {
    /// Connected clients.
    pub connections: AtomicU64,
    /// Sessions, connected or not.
    pub sessions: AtomicU64,
    /// Subscriptions of all kinds.
    pub subscriptions: AtomicU64,
    /// Shared ones among them.
    pub shared_subscriptions: AtomicU64,
}

/// One worker's share of the broker.
pub struct Shard {
    pub(crate) id: WorkerId,
    pub(crate) config: Arc<MqttConfig>,
    pub(crate) topic_limits: TopicLimits,
    pub(crate) routes: Arc<RouteTable>,
    pub(crate) retained: Arc<dyn RetainedStore>,
    pub(crate) exclusive: Arc<ExclusiveTopics>,
    pub(crate) admission: Arc<dyn Admission>,
    pub(crate) gate: Gate,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) channels: Vec<Option<Box<Channel>>>,
    pub(crate) sessions: SessionTable,
    pub(crate) presence: Presence,
    pub(crate) index: LocalIndex,
    /// By topics that clients of this worker publish to.
    pub(crate) cache: MatchCache,
    /// By topics that clients of other workers publish to; stamped with the index's generation.
    pub(crate) mail_cache: MatchCache,
    pub(crate) random: Random,
    pub(crate) serial: u64,
    /// Of the message made last.
    message_id: u64,
    /// Which messages of others than its own clients have come.
    pub(crate) seen: Seen,
    /// Sessions on their way to another node, or from one.
    pub(crate) moves: Moves,
    /// While traces run.
    pub(crate) trace_sink: Option<Rc<dyn TraceSink>>,
    timers: Timers<Timer>,
}

/// What a shard has to look at later.
#[derive(Debug, Clone, Copy)]
enum Timer {
    KeepAlive(ConnectionKey, u64),
    Retry(ConnectionKey, u64),
    SessionExpiry(SessionKey),
    WillDelay(SessionKey),
    AwaitRelease(SessionKey),
    Question(Ticket),
    IdentityExpiry(ConnectionKey, u16, u64),
    Move(SessionKey),
}

/// The furthest that a timer is armed ahead; what is due later is looked at again then.
///
/// Timers cannot be cancelled, so those of clients that come and go stay until they fire: without a bound a
/// client with a long keep alive or will delay that reconnects for ever would pile them up.
const AHEAD_MAX: Duration = Duration::from_secs(600);

fn not_too_far(at: Time, now: Time) -> Time {
    at.min(now.after(AHEAD_MAX))
}

/// `interval` from now, and never within the present tick, whose timers are being worked off.
fn next_look(now: Time, interval: Duration) -> Time {
    now.after(interval.max(Duration::from_millis(TICK_MS)))
}

impl Shard {
    /// An empty shard. `seed` decides its random picks; give each shard another one.
    pub fn new(
        id: WorkerId,
        config: Arc<MqttConfig>,
        tables: NodeTables,
        metrics: Arc<Metrics>,
        gauges: Arc<Gauges>,
        seed: u64,
    ) -> Self {
        let seed_of_hashes = tables.routes.hash_seed().clone();
        let mut random = Random::new(seed);
        let message_id = random.next_u64();
        Self {
            id,
            topic_limits: TopicLimits::from(&*config),
            config,
            routes: tables.routes,
            retained: tables.retained,
            exclusive: tables.exclusive,
            admission: tables.admission,
            gate: Gate::default(),
            metrics,
            gauges,
            channels: Vec::new(),
            sessions: SessionTable::default(),
            presence: Presence::default(),
            index: LocalIndex::new(seed_of_hashes.clone()),
            cache: MatchCache::new(seed_of_hashes.clone()),
            mail_cache: MatchCache::new(seed_of_hashes),
            random,
            serial: 0,
            message_id,
            seen: Seen::default(),
            moves: Moves::default(),
            trace_sink: None,
            timers: Timers::default(),
        }
    }

    /// A packet from a client whose CONNECT was accepted.
    pub fn on_packet(&mut self, connection: ConnectionKey, packet: Packet, now: Time, effects: &mut Vec<Effect>) {
        let packet_type = packet.packet_type();
        let Some(channel) = self.channel_mut(connection) else {
            return;
        };
        channel.last_packet = packet_type;
        match packet {
            Packet::Publish(publish) => self.on_publish(connection, publish, now, effects),
            Packet::Puback(ack) => self.on_puback(connection, &ack, now, effects),
            Packet::Pubrec(ack) => self.on_pubrec(connection, &ack, now, effects),
            Packet::Pubrel(ack) => self.on_pubrel(connection, &ack, now, effects),
            Packet::Pubcomp(ack) => self.on_pubcomp(connection, &ack, now, effects),
            Packet::Subscribe(subscribe) => self.on_subscribe(connection, *subscribe, now, effects),
            Packet::Unsubscribe(unsubscribe) => self.on_unsubscribe(connection, *unsubscribe, now, effects),
            Packet::Pingreq => effects.push(Effect::Send {
                connection,
                packet: Packet::Pingresp,
            }),
            Packet::Disconnect(disconnect) => self.on_disconnect(connection, &disconnect, now, effects),
            Packet::Connect(_) => self.close_channel(connection, DisconnectReason::SecondConnect, now, effects),
            Packet::Auth(auth) => self.on_auth(connection, auth, now, effects),
            // Packets that only a server sends.
            Packet::Connack(_) | Packet::Suback(_) | Packet::Unsuback(_) | Packet::Pingresp => {
                self.close_channel(connection, DisconnectReason::ProtocolError, now, effects);
            }
        }
    }

    /// The socket takes no more: what comes for this client waits in its session.
    pub fn on_congested(&mut self, connection: ConnectionKey) {
        self.set_congested(connection, true);
    }

    /// The socket takes data (again), or a turn asked for by [`Effect::Continue`] has come.
    pub fn on_writable(&mut self, connection: ConnectionKey, now: Time, effects: &mut Vec<Effect>) {
        self.set_congested(connection, false);
        self.with_session(connection, now, |session, around| session.fill(around, effects));
    }

    /// Time has passed. Call some ten times a second.
    pub fn on_wakeup(&mut self, now: Time, effects: &mut Vec<Effect>) {
        while let Some(due) = self.timers.expire(now) {
            for timer in due {
                match timer {
                    Timer::KeepAlive(connection, serial) => self.on_keep_alive_timer(connection, serial, now, effects),
                    Timer::Retry(connection, serial) => self.on_retry_timer(connection, serial, now, effects),
                    Timer::SessionExpiry(session) => self.on_expiry_timer(session, now, effects),
                    Timer::WillDelay(session) => self.on_will_timer(session, now, effects),
                    Timer::AwaitRelease(session) => self.on_await_release_timer(session, now),
                    Timer::Question(ticket) => self.on_question_timer(ticket, now, effects),
                    Timer::IdentityExpiry(connection, number, serial) => {
                        self.on_identity_timer(connection, number, serial, now, effects);
                    }
                    Timer::Move(session) => self.on_move_timer(session, now),
                }
            }
        }
    }

    /// The id of a message that is made here: see [`crate::Message::id`].
    #[inline]
    pub(crate) fn next_message_id(&mut self) -> u64 {
        self.message_id = self.message_id.wrapping_add(1);
        self.message_id
    }

    /// The id of the message made last.
    pub(crate) fn last_message_id(&self) -> u64 {
        self.message_id
    }

    /// The settings in force.
    pub fn config(&self) -> &MqttConfig {
        &self.config
    }

    /// New settings; what is in force on open channels stays until they end.
    pub fn set_config(&mut self, config: Arc<MqttConfig>) {
        let topic_limits = TopicLimits::from(&*config);
        if topic_limits != self.topic_limits {
            // A SUBSCRIBE that waits for an answer may hold what was no filter when it was asked about.
            self.gate.forget_decisions();
        }
        self.topic_limits = topic_limits;
        self.config = config;
    }

    pub(crate) fn channel(&self, connection: ConnectionKey) -> Option<&Channel> {
        self.channels.get(connection.0 as usize)?.as_deref()
    }

    pub(crate) fn channel_mut(&mut self, connection: ConnectionKey) -> Option<&mut Channel> {
        self.channels.get_mut(connection.0 as usize)?.as_deref_mut()
    }

    /// The session of a connection.
    pub(crate) fn session_of(&self, connection: ConnectionKey) -> Option<&Session> {
        self.sessions.get(self.channel(connection)?.session)
    }

    pub(crate) fn put_channel(&mut self, connection: ConnectionKey, channel: Channel) {
        let index = connection.0 as usize;
        if self.channels.len() <= index {
            self.channels.resize_with(index + 1, || None);
        }
        self.channels[index] = Some(Box::new(channel));
    }

    /// Runs `act` on the session of a connection; `None` if either is gone.
    pub(crate) fn with_session<R>(
        &mut self,
        connection: ConnectionKey,
        now: Time,
        act: impl FnOnce(&mut Session, &Surroundings<'_>) -> R,
    ) -> Option<R> {
        let key = self.channel(connection)?.session;
        let (sessions, around) = self.sessions_and_surroundings(now);
        sessions.get_mut(key).map(|session| act(session, &around))
    }

    pub(crate) fn sessions_and_surroundings(&mut self, now: Time) -> (&mut SessionTable, Surroundings<'_>) {
        let around = Surroundings {
            config: &self.config,
            metrics: &self.metrics,
            retained: &*self.retained,
            now,
            tracing: Tracing {
                sink: &self.trace_sink,
                channels: &self.channels,
            },
        };
        (&mut self.sessions, around)
    }

    pub(crate) fn arm_keep_alive(&mut self, connection: ConnectionKey, at: Time, now: Time) {
        if let Some(serial) = self.channel(connection).map(|channel| channel.serial) {
            self.timers
                .arm(not_too_far(at, now), Timer::KeepAlive(connection, serial));
        }
    }

    pub(crate) fn arm_retry(&mut self, connection: ConnectionKey, now: Time) {
        if let (Some(interval), Some(channel)) = (self.config.retry_interval, self.channel(connection)) {
            let timer = Timer::Retry(connection, channel.serial);
            self.timers.arm(next_look(now, interval), timer);
        }
    }

    /// Sees to it that [`Self::on_expiry_timer`] looks at the session at `due`, perhaps before.
    pub(crate) fn arm_session_expiry(&mut self, key: SessionKey, due: Time, now: Time) {
        let at = not_too_far(due, now);
        if let Some(session) = self.sessions.get_mut(key)
            && session.expiry_armed_for.is_none_or(|armed| armed > at)
        {
            session.expiry_armed_for = Some(at);
            self.timers.arm(at, Timer::SessionExpiry(key));
        }
    }

    /// Sees to it that [`Self::on_will_timer`] looks at the session at `due`, perhaps before.
    pub(crate) fn arm_will_delay(&mut self, key: SessionKey, due: Time, now: Time) {
        let at = not_too_far(due, now);
        if let Some(session) = self.sessions.get_mut(key)
            && let Some(will) = &mut session.delayed_will
            && will.armed_for.is_none_or(|armed| armed > at)
        {
            will.armed_for = Some(at);
            self.timers.arm(at, Timer::WillDelay(key));
        }
    }

    /// Arms the timer of a token that runs out at `at`.
    pub(crate) fn arm_identity_timer(
        &mut self,
        connection: ConnectionKey,
        number: u16,
        serial: u64,
        at: Time,
        now: Time,
    ) {
        let timer = Timer::IdentityExpiry(connection, number, serial);
        self.timers.arm(not_too_far(at, now), timer);
    }

    /// Sees to it that [`Self::on_question_timer`] looks whether an answer has come.
    pub(crate) fn arm_question(&mut self, ticket: Ticket, at: Time, now: Time) {
        self.timers.arm(not_too_far(at, now), Timer::Question(ticket));
    }

    /// Sees to it that [`Self::on_move_timer`] looks at the session at `at`, which is less than [`AHEAD_MAX`] ahead.
    pub(crate) fn arm_move(&mut self, session: SessionKey, at: Time) {
        self.timers.arm(at, Timer::Move(session));
    }

    pub(crate) fn arm_await_release(&mut self, session: SessionKey, at: Time) {
        self.timers.arm(at, Timer::AwaitRelease(session));
    }

    /// Arms the timer of a session that has awaited releases for some time already.
    pub(crate) fn look_after_awaiting_release(&mut self, session: SessionKey, now: Time) {
        self.arm_await_release(session, next_look(now, self.config.await_rel_timeout / 4));
    }

    pub(crate) fn count_subscription(&self, filter: &SubscriptionFilter, is_added: bool) {
        let change = |gauge: &AtomicU64| {
            let count = gauge.load(Ordering::Relaxed);
            gauge.store(
                if is_added { count + 1 } else { count.saturating_sub(1) },
                Ordering::Relaxed,
            );
        };
        change(&self.gauges.subscriptions);
        if matches!(filter.kind, FilterKind::Shared { .. }) {
            change(&self.gauges.shared_subscriptions);
        }
    }

    pub(crate) fn count_no_subscribers(&self) {
        self.metrics.inc(Metric::MessagesDropped);
        self.metrics.inc(Metric::MessagesDroppedNoSubscribers);
    }

    fn set_congested(&mut self, connection: ConnectionKey, is_congested: bool) {
        let Some(key) = self.channel(connection).map(|channel| channel.session) else {
            return;
        };
        if let Some(link) = self.sessions.get_mut(key).and_then(|session| session.link.as_mut()) {
            link.is_congested = is_congested;
        }
    }

    /// `mqtt.retry_interval`: sends again what has stayed unacknowledged on a live connection.
    fn on_retry_timer(&mut self, connection: ConnectionKey, serial: u64, now: Time, effects: &mut Vec<Effect>) {
        let Some(interval) = self.config.retry_interval else {
            return;
        };
        if self.channel(connection).is_none_or(|channel| channel.serial != serial) {
            return;
        }
        let before = Time(
            now.0
                .saturating_sub(u64::try_from(interval.as_millis()).unwrap_or(u64::MAX)),
        );
        self.with_session(connection, now, |session, around| {
            if session.inflight.mark_overdue(before) {
                session.fill(around, effects);
            }
        });
        self.arm_retry(connection, now);
    }

    fn on_await_release_timer(&mut self, key: SessionKey, now: Time) {
        let timeout = self.config.await_rel_timeout;
        let before = Time(
            now.0
                .saturating_sub(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)),
        );
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let given_up = session.awaiting_release.expire(before);
        let armed = session.awaiting_release.len() > 0;
        if given_up > 0 {
            self.metrics
                .add(Metric::MessagesDroppedAwaitPubrelTimeout, given_up as u64);
            tracing::warn!(clientid = %session.client_id, count = given_up, "dropped_qos2_packet_await_rel_timeout");
        }
        if armed {
            // Often enough that none stays much longer than its timeout.
            self.arm_await_release(key, next_look(now, timeout / 4));
        }
    }

    /// The type of the last packet, for the tests of the caller's wiring.
    pub fn last_packet(&self, connection: ConnectionKey) -> Option<PacketType> {
        self.channel(connection).map(|channel| channel.last_packet)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use bytestring::ByteString;
    use mqtt_codec::{Connect, ConnectProperties, ProtocolVersion, QoS, Will, WillProperties};

    use super::*;
    use crate::{AdmitAll, Begun, Identity, MemoryRetainedStore, Peer, RetainerConfig, SessionClaim};

    fn shard() -> Shard {
        let routes = Arc::new(RouteTable::new());
        let tables = NodeTables {
            locations: Arc::new(ClientLocations::new(routes.hash_seed().clone())),
            routes,
            retained: Arc::new(MemoryRetainedStore::new(RetainerConfig::default())),
            exclusive: Arc::new(ExclusiveTopics::new()),
            admission: Arc::new(AdmitAll),
        };
        let config = Arc::new(MqttConfig::default());
        Shard::new(0, config, tables, Arc::default(), Arc::default(), 1)
    }

    /// A client that asks for the longest of everything.
    fn patient_client() -> Connect {
        Connect {
            protocol_version: ProtocolVersion::V5,
            is_bridge: false,
            clean_start: false,
            keep_alive: u16::MAX,
            client_id: ByteString::from_static("c"),
            username: None,
            password: None,
            will: Some(Box::new(Will {
                qos: QoS::AtMostOnce,
                retain: false,
                topic: ByteString::from_static("will"),
                payload: bytes::Bytes::from_static(b"x"),
                properties: WillProperties {
                    will_delay_interval: Some(u32::MAX),
                    ..WillProperties::default()
                },
            })),
            properties: ConnectProperties {
                session_expiry_interval: Some(u32::MAX - 1),
                ..ConnectProperties::default()
            },
        }
    }

    #[test]
    fn clients_that_come_and_go_leave_no_timers_behind() {
        let mut shard = shard();
        let mut effects = Vec::new();
        let peer = Peer::tcp(Arc::from("tcp:default"), SocketAddr::from(([127, 0, 0, 1], 1)), 1883);
        let mut now = Time(0);
        for number in 0..1000 {
            let connection = ConnectionKey(0);
            let client_id = ByteString::from_static("c");
            shard.on_connect(
                connection,
                peer.clone(),
                patient_client(),
                client_id,
                false,
                Identity::default(),
                now,
                &mut effects,
            );
            now = Time(now.0 + 1000 + number);
            shard.on_closed(connection, DisconnectReason::TcpClosed, now, &mut effects);
            shard.on_wakeup(now, &mut effects);
            effects.clear();
        }
        let end = now.after(AHEAD_MAX);
        while now < end {
            now = Time(now.0 + 60_000);
            shard.on_wakeup(now, &mut effects);
        }
        assert_eq!(shard.timers.len(), 2, "one for the session, one for its will");
    }

    #[test]
    fn a_session_that_is_asked_for_again_and_again_leaves_no_timers_behind() {
        let mut shard = shard();
        let mut effects = Vec::new();
        let peer = Peer::tcp(Arc::from("tcp:default"), SocketAddr::from(([127, 0, 0, 1], 1)), 1883);
        let claim = SessionClaim::new(&Identity::default(), &peer);
        let (connection, client_id) = (ConnectionKey(0), ByteString::from_static("c"));
        let (connect, nobody) = (patient_client(), Identity::default());
        shard.on_connect(
            connection,
            peer,
            connect,
            client_id,
            false,
            nobody,
            Time(0),
            &mut effects,
        );
        let mut now = Time(0);
        for _ in 0..1000 {
            now = now.after(Duration::from_secs(1));
            let begun = shard.takeover_begin("c", &claim, Time(u64::MAX), now, &mut effects);
            assert!(matches!(begun, Begun::Session { .. }));
            shard.on_wakeup(now, &mut effects);
        }
        assert!(
            shard.timers.len() < 310,
            "{}: one a second for five minutes",
            shard.timers.len()
        );
        let end = now.after(AHEAD_MAX);
        while now < end {
            now = now.after(Duration::from_secs(60));
            shard.on_wakeup(now, &mut effects);
        }
        assert_eq!(shard.timers.len(), 1, "the session's own");
    }
}
