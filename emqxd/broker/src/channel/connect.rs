//! CONNECT, in named steps: limits, will, whose session it is, session, answer (MQTT 5, 3.1 and 3.2).

mod checks;

use std::sync::atomic::Ordering;

use bytes::Bytes;
use bytestring::ByteString;
use mqtt_codec::{Connack, ConnackProperties, Connect, Packet, PacketType, ProtocolVersion, QoS, ReasonCode};

use self::checks::check_method;
pub(crate) use self::checks::is_reserved;
use super::authorize::Elsewhere;
use super::{Channel, KeepAlive, Peer, PublisherState};
use crate::session::{Link, OutboundAliases, Session};
use crate::session_owner::{Claim, Owner};
use crate::{ConnectionKey, DisconnectReason, Effect, Identity, Metric, MqttConfig, Refusal, SessionKey, Shard, Time};

/// The client id that counts for this CONNECT: the user name if so configured, else what the client sent.
///
/// `None` when the client sent none and one has to be assigned; see [`assign_client_id`].
pub fn effective_client_id(connect: &Connect, config: &MqttConfig) -> Option<ByteString> {
    if config.use_username_as_clientid
        && let Some(username) = connect.username.as_ref().filter(|username| !username.is_empty())
    {
        return Some(username.clone());
    }
    (!connect.client_id.is_empty()).then(|| connect.client_id.clone())
}

/// A client id for a client that sent none (MQTT 5, 3.1.3.1): `emqx_` and 22 characters made of `random`.
pub fn assign_client_id(random: [u64; 2]) -> ByteString {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut id = String::from("emqx_");
    for word in random {
        for place in 0..11 {
            id.push(char::from(ALPHABET[(word >> (6 * place) & 63) as usize]));
        }
    }
    ByteString::from(id)
}

/// Copies a CONNECT out of the receive buffer that it came in, so that it can be kept.
pub fn detach_connect(connect: &mut Connect) {
    connect.client_id = ByteString::from(&*connect.client_id);
    connect.username = connect.username.as_deref().map(ByteString::from);
    connect.password = connect.password.as_deref().map(Bytes::copy_from_slice);
    let properties = &mut connect.properties;
    properties.authentication_method = properties.authentication_method.as_deref().map(ByteString::from);
    properties.authentication_data = properties.authentication_data.as_deref().map(Bytes::copy_from_slice);
    // Nobody looks at those of CONNECT.
    properties.user_properties = Vec::new();
    detach_will(connect);
}

/// Copies what a session or channel keeps of CONNECT out of the receive buffer.
fn detach_will(connect: &mut Connect) {
    if let Some(will) = &mut connect.will {
        will.topic = ByteString::from(&*will.topic);
        will.payload = Bytes::copy_from_slice(&will.payload);
        let properties = &mut will.properties;
        let copy = |text: &mut Option<ByteString>| *text = text.as_deref().map(ByteString::from);
        copy(&mut properties.content_type);
        copy(&mut properties.response_topic);
        properties.correlation_data = properties.correlation_data.as_deref().map(Bytes::copy_from_slice);
        for (name, value) in &mut properties.user_properties {
            (*name, *value) = (ByteString::from(&**name), ByteString::from(&**value));
        }
    }
}

/// What CONNECT asked for, after the rules have been applied.
struct Accepted {
    is_assigned: bool,
    /// The session that is there, if any, is not gone on with.
    is_fresh: bool,
    keep_alive: u16,
    expiry_interval: u32,
    owner: Owner,
}

impl Shard {
    /// A CONNECT on a new connection. `client_id` is the effective one, whose hash brought the connection to
    /// this worker; `is_assigned` says that the broker made it up. `identity` says who it is; whoever has to find
    /// that out first asks [`Shard::may_authenticate`] before it costs anything.
    ///
    /// The answer is in `effects`: CONNACK and what the session has waiting, or a refusal and
    /// [`Effect::Close`].
    #[expect(clippy::too_many_arguments, reason = "what a listener knows of a new connection")]
    pub fn on_connect(
        &mut self,
        connection: ConnectionKey,
        peer: Peer,
        mut connect: Connect,
        client_id: ByteString,
        is_assigned: bool,
        mut identity: Identity,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.metrics.inc(Metric::ClientConnect);
        let owner = Owner::new(&identity, &peer);
        let username = identity.username.as_deref();
        let checked = self
            .check_claims(&connect, &client_id, is_assigned, username, &peer, now)
            .and_then(|()| check_method(&connect, &identity))
            .and_then(|()| self.check_owner(&owner, username, &client_id));
        let claim = match checked {
            Ok(claim) => claim,
            Err(refusal) => {
                let username = identity.username.take();
                self.refuse(connection, peer, &connect, client_id, username, refusal, now, effects);
                return;
            }
        };
        self.count_authenticated(&identity);
        let accepted = Accepted {
            is_assigned,
            is_fresh: connect.clean_start || claim == Claim::Stronger,
            keep_alive: self.keep_alive_in_force(&connect),
            expiry_interval: self.expiry_in_force(&connect),
            owner,
        };
        // Copies, like the user name's in `open_session`: they outlive the receive buffer.
        let client_id = ByteString::from(&*client_id);
        detach_will(&mut connect);
        identity.detach();
        let (session, session_present) = self.open_session(&identity, client_id, &accepted, now, effects);
        self.open_channel(
            connection,
            peer,
            connect,
            identity,
            &accepted,
            session,
            session_present,
            now,
            effects,
        );
        self.trace_opened(connection, session, session_present);
        if session_present {
            // Before anything of it is delivered.
            self.recheck_session(connection, Elsewhere::Asked, now, effects);
        }
        if self.channel(connection).is_none() {
            return;
        }
        self.resume(connection, session, session_present, now, effects);
        effects.push(Effect::Connected { connection });
    }

    /// A CONNECT that something speaks against which the shard does not see: its authenticators
    /// ([`Shard::on_authentication_failed`]), another node's session of the client, or the state of the cluster.
    /// `username` is the name in force.
    ///
    /// The answer is a refusal and [`Effect::Close`], as of [`Shard::on_connect`].
    #[expect(clippy::too_many_arguments, reason = "what a listener knows of a new connection")]
    pub fn on_connect_refused(
        &mut self,
        connection: ConnectionKey,
        peer: Peer,
        connect: &Connect,
        client_id: ByteString,
        username: Option<ByteString>,
        refusal: Refusal,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.metrics.inc(Metric::ClientConnect);
        self.refuse(connection, peer, connect, client_id, username, refusal, now, effects);
    }

    /// A new client is not who it says it is, or cannot show it; [`Shard::on_connect_refused`] answers it.
    pub fn on_authentication_failed(&self) {
        self.metrics.inc(Metric::ClientAuthenticate);
        self.metrics.inc(Metric::AuthenticationFailure);
    }

    /// Whether it is worth finding out who a client is: nothing can be held against its CONNECT, and the operator
    /// holds nothing against who it claims to be. If not, the answer is in `effects`, as of [`Shard::on_connect`].
    #[expect(clippy::too_many_arguments, reason = "what a listener knows of a new connection")]
    pub fn may_authenticate(
        &mut self,
        connection: ConnectionKey,
        peer: &Peer,
        connect: &Connect,
        client_id: &ByteString,
        is_assigned: bool,
        username: Option<&ByteString>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let name = username.map(|username| &**username);
        let Err(refusal) = self.check_claims(connect, client_id, is_assigned, name, peer, now) else {
            return true;
        };
        self.metrics.inc(Metric::ClientConnect);
        let (peer, client_id, username) = (peer.clone(), client_id.clone(), username.cloned());
        self.refuse(connection, peer, connect, client_id, username, refusal, now, effects);
        false
    }

    fn count_authenticated(&self, identity: &Identity) {
        self.metrics.inc(Metric::AuthenticationSuccess);
        self.metrics.inc(if identity.is_authenticated() {
            Metric::ClientAuthenticate
        } else {
            Metric::AuthenticationSuccessAnonymous
        });
    }

    fn keep_alive_in_force(&self, connect: &Connect) -> u16 {
        if connect.protocol_version != ProtocolVersion::V5 {
            return connect.keep_alive;
        }
        match self.config.server_keepalive {
            Some(seconds) => seconds,
            None if connect.keep_alive > self.config.max_keepalive => self.config.max_keepalive,
            None => connect.keep_alive,
        }
    }

    fn expiry_in_force(&self, connect: &Connect) -> u32 {
        if connect.protocol_version == ProtocolVersion::V5 {
            return connect.properties.session_expiry_interval.unwrap_or(0);
        }
        if connect.clean_start {
            return 0;
        }
        u32::try_from(self.config.session_expiry_interval.as_secs()).unwrap_or(u32::MAX)
    }

    /// Whether this CONNECT goes on with a session, or begins one that outlives the connection.
    #[must_use]
    pub fn wants_kept_session(&self, connect: &Connect) -> bool {
        !connect.clean_start || self.expiry_in_force(connect) > 0
    }

    /// Refuses a CONNECT: CONNACK with the reason, then the end.
    #[expect(clippy::too_many_arguments, reason = "there is no channel yet to hold them")]
    fn refuse(
        &mut self,
        connection: ConnectionKey,
        peer: Peer,
        connect: &Connect,
        client_id: ByteString,
        username: Option<ByteString>,
        refusal: Refusal,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Refusal {
            reason_code,
            keyword,
            detail,
        } = refusal;
        let detail = match keyword {
            "" => detail,
            keyword => format!("{keyword}: {detail}").into(),
        };
        self.trace_refused(connection, &peer, &client_id, username.as_deref(), &detail);
        self.metrics.inc(Metric::PacketsConnackError);
        if matches!(
            reason_code,
            ReasonCode::NotAuthorized | ReasonCode::BadUsernameOrPassword
        ) {
            self.metrics.inc(Metric::PacketsConnackAuthError);
        }
        self.metrics.inc(Metric::ClientConnack);
        let connack = Connack {
            session_present: false,
            reason_code: match reason_code {
                ReasonCode::BadUsernameOrPassword if self.config.conceal_users => ReasonCode::NotAuthorized,
                told => told,
            },
            properties: ConnackProperties::default(),
        };
        effects.push(Effect::Send {
            connection,
            packet: Packet::Connack(Box::new(connack)),
        });
        let summary = super::ChannelSummary {
            // Copies: the summary is kept, the receive buffer must not be.
            client_id: ByteString::from(&*client_id),
            username: username.as_deref().map(ByteString::from),
            is_authenticated: false,
            peer,
            version: connect.protocol_version,
            clean_start: connect.clean_start,
            keep_alive: connect.keep_alive,
            receive_maximum: connect.properties.receive_maximum.unwrap_or(u16::MAX),
            session_expiry_interval: 0,
            connected_at: now,
            last_received_at: now,
            last_packet: PacketType::Connect,
            queue_len: 0,
            inflight_len: 0,
            session_kept: false,
            disconnect_received: None,
            detail: Some(detail),
        };
        let reason = DisconnectReason::Refused(reason_code);
        effects.push(Effect::Close {
            connection,
            reason,
            summary: Box::new(summary),
        });
    }

    /// The session this connection goes on with, and whether it was there before. Its previous connection is
    /// told and closed (MQTT 5, 3.1.4-3).
    fn open_session(
        &mut self,
        identity: &Identity,
        client_id: ByteString,
        accepted: &Accepted,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> (SessionKey, bool) {
        if let Some(existing) = self.sessions.by_client_id(&client_id) {
            if accepted.is_fresh {
                self.discard_session(existing, now, effects);
            } else {
                self.take_over(existing, now, effects);
            }
        }
        // Closing the old connection has ended a session that was not to outlive it.
        let resumed = self.sessions.by_client_id(&client_id);
        let (key, session_present) = match resumed {
            Some(key) => {
                // Wherever it was to go: its client is here.
                self.stop_move(key, now);
                self.metrics.inc(Metric::SessionResumed);
                (key, true)
            }
            None => {
                self.metrics.inc(Metric::SessionCreated);
                (self.add_session(Session::new(client_id, now)), false)
            }
        };
        if let Some(session) = self.sessions.get_mut(key) {
            session.username = identity.username.as_deref().map(Box::from);
            session.owner = (!accepted.owner.is_anybody()).then(|| Box::new(accepted.owner.clone()));
            session.expiry_interval = accepted.expiry_interval;
            session.disconnected_at = None;
            // The client is back before its will's delay was over (3.1.3.2.2).
            if let Some(will) = &mut session.delayed_will {
                will.waiting = None;
            }
        }
        self.note_client_here(key, now);
        self.gauges
            .sessions
            .store(self.sessions.len() as u64, Ordering::Relaxed);
        (key, session_present)
    }

    #[expect(clippy::too_many_arguments, reason = "the end of the steps of CONNECT, called once")]
    fn open_channel(
        &mut self,
        connection: ConnectionKey,
        peer: Peer,
        connect: Connect,
        identity: Identity,
        accepted: &Accepted,
        session: SessionKey,
        session_present: bool,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let receive_maximum = connect.properties.receive_maximum.unwrap_or(u16::MAX);
        let connack = Connack {
            session_present,
            reason_code: ReasonCode::Success,
            properties: self.connack_properties(&connect, &identity, accepted, session),
        };
        let link = Link {
            connection,
            version: connect.protocol_version,
            window: receive_maximum.min(self.config.max_inflight).max(1),
            maximum_packet_size: connect.properties.maximum_packet_size,
            is_congested: false,
            aliases: OutboundAliases::new(connect.properties.topic_alias_maximum.unwrap_or(0)),
        };
        self.serial += 1;
        let channel = Channel {
            serial: self.serial,
            session,
            peer,
            version: connect.protocol_version,
            clean_start: connect.clean_start,
            is_bridge: connect.is_bridge,
            keep_alive: KeepAlive::new(accepted.keep_alive, self.config.keepalive_multiplier, now),
            connected_at: now,
            last_packet: PacketType::Connect,
            publisher: connect.will.map(|will| {
                Box::new(PublisherState {
                    will: Some(will),
                    ..PublisherState::default()
                })
            }),
            receive_maximum,
            disconnect_received: None,
            identity: identity.is_worth_keeping().then(|| Box::new(identity)),
        };
        let deadline = channel.keep_alive.deadline();
        let is_anonymous = !channel.is_authenticated();
        self.put_channel(connection, channel);
        self.gauges.connections.fetch_add(1, Ordering::Relaxed);
        if let Some(deadline) = deadline {
            self.arm_keep_alive(connection, deadline, now);
        }
        self.on_identity_set(connection);
        self.arm_identity_expiry(connection, now);
        if let Some(session) = self.sessions.get_mut(session) {
            session.link = Some(link);
        }
        self.metrics.inc(Metric::ClientConnack);
        self.metrics.inc(Metric::ClientConnected);
        if is_anonymous {
            self.metrics.inc(Metric::ClientAuthAnonymous);
        }
        effects.push(Effect::Send {
            connection,
            packet: Packet::Connack(Box::new(connack)),
        });
    }

    /// What the server tells an MQTT 5 client about itself (3.2.2.3). Values equal to the specification's
    /// defaults are left out.
    fn connack_properties(
        &self,
        connect: &Connect,
        identity: &Identity,
        accepted: &Accepted,
        session: SessionKey,
    ) -> ConnackProperties {
        let config = &self.config;
        if connect.protocol_version != ProtocolVersion::V5 {
            return ConnackProperties::default();
        }
        let asked = &connect.properties;
        ConnackProperties {
            session_expiry_interval: (asked.session_expiry_interval.unwrap_or(0) != accepted.expiry_interval)
                .then_some(accepted.expiry_interval),
            receive_maximum: config
                .max_awaiting_rel
                .and_then(|max| u16::try_from(max).ok())
                .filter(|max| *max > 0),
            maximum_qos: (config.max_qos_allowed < QoS::ExactlyOnce).then_some(config.max_qos_allowed),
            retain_available: (!config.retain_available).then_some(false),
            maximum_packet_size: Some(config.max_packet_size),
            assigned_client_identifier: self
                .sessions
                .get(session)
                .filter(|_| accepted.is_assigned)
                .map(|session| session.client_id.clone()),
            topic_alias_maximum: (config.max_topic_alias > 0).then_some(config.max_topic_alias),
            wildcard_subscription_available: (!config.wildcard_subscription).then_some(false),
            shared_subscription_available: (!config.shared_subscription).then_some(false),
            server_keep_alive: (accepted.keep_alive != connect.keep_alive).then_some(accepted.keep_alive),
            response_information: (asked.request_response_information == Some(true)
                && !config.response_information.is_empty())
            .then(|| ByteString::from(config.response_information.as_str())),
            authentication_method: identity.enhanced.as_ref().map(|enhanced| enhanced.method.clone()),
            authentication_data: identity.enhanced.as_ref().and_then(|enhanced| enhanced.data.clone()),
            ..ConnackProperties::default()
        }
    }

    /// After CONNACK: what was in flight goes out again, then what waits (4.4).
    fn resume(
        &mut self,
        connection: ConnectionKey,
        session: SessionKey,
        session_present: bool,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.arm_retry(connection, now);
        if !session_present {
            return;
        }
        let (sessions, around) = self.sessions_and_surroundings(now);
        if let Some(session) = sessions.get_mut(session) {
            session.inflight.on_resume();
            session.fill(&around, effects);
        }
    }
}
