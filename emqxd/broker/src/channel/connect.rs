//! CONNECT, in named steps: limits, will, session, answer (MQTT 5, 3.1 and 3.2).

use std::sync::atomic::Ordering;

use bytes::Bytes;
use bytestring::ByteString;
use mqtt_codec::{Connack, ConnackProperties, Connect, Packet, PacketType, ProtocolVersion, QoS, ReasonCode};

use super::{Channel, KeepAlive, Peer};
use crate::session::{Link, OutboundAliases, Session};
use crate::topic::validate_topic_name;
use crate::will::Will;
use crate::{Candidate, ConnectionKey, DisconnectReason, Effect, Metric, MqttConfig, SessionKey, Shard, Time};

/// Whether the topic is the broker's own, where no client may write: `$SYS` and all below.
pub(crate) fn is_reserved(topic: &str) -> bool {
    topic
        .strip_prefix("$SYS")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

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

/// Copies what a session or channel keeps of CONNECT out of the receive buffer.
fn detach(connect: &mut Connect) {
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

/// Why a CONNECT is not accepted.
struct Refusal {
    reason_code: ReasonCode,
    detail: Box<str>,
}

impl Refusal {
    fn new(reason_code: ReasonCode, detail: impl Into<Box<str>>) -> Self {
        Self {
            reason_code,
            detail: detail.into(),
        }
    }
}

/// What CONNECT asked for, after the rules have been applied.
struct Accepted {
    is_assigned: bool,
    keep_alive: u16,
    expiry_interval: u32,
}

impl Shard {
    /// A CONNECT on a new connection. `client_id` is the effective one, whose hash brought the connection to
    /// this worker; `is_assigned` says that the broker made it up.
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
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.metrics.inc(Metric::ClientConnect);
        let accepted = self
            .check_connect(&connect, &client_id, is_assigned)
            .and_then(|()| self.check_admission(&connect, &client_id, &peer, now))
            .and_then(|()| self.check_owner(&connect, &client_id));
        if let Err(refusal) = accepted {
            self.refuse(connection, peer, &connect, client_id, refusal, now, effects);
            return;
        }
        let accepted = Accepted {
            is_assigned,
            keep_alive: self.keep_alive_in_force(&connect),
            expiry_interval: self.expiry_in_force(&connect),
        };
        // Copies, like the user name's in `open_session`: they outlive the receive buffer.
        let client_id = ByteString::from(&*client_id);
        detach(&mut connect);
        let (session, session_present) = self.open_session(&connect, client_id, &accepted, now, effects);
        self.open_channel(
            connection,
            peer,
            connect,
            &accepted,
            session,
            session_present,
            now,
            effects,
        );
        self.trace_opened(connection, session, session_present);
        self.resume(connection, session, session_present, now, effects);
        effects.push(Effect::Connected { connection });
    }

    fn check_connect(&self, connect: &Connect, client_id: &str, is_assigned: bool) -> Result<(), Refusal> {
        let config = &self.config;
        if client_id.len() > config.max_clientid_len {
            let detail = format!(
                "a client id of {} bytes; the limit is {}",
                client_id.len(),
                config.max_clientid_len
            );
            return Err(Refusal::new(ReasonCode::ClientIdentifierNotValid, detail));
        }
        // 3.1.1, 3.1.3-8: a session cannot be kept for a client that did not say who it is. MQTT 3.1 knows no
        // empty client id, but EMQX assigns one there too.
        if is_assigned && !connect.clean_start && connect.protocol_version != ProtocolVersion::V5 {
            let detail = "an empty client id with clean session 0";
            return Err(Refusal::new(ReasonCode::ClientIdentifierNotValid, detail));
        }
        if connect.properties.authentication_method.is_some() {
            let detail = "enhanced authentication is not there in this version";
            return Err(Refusal::new(ReasonCode::BadAuthenticationMethod, detail));
        }
        match &connect.will {
            Some(will) => self.check_will(will),
            None => Ok(()),
        }
    }

    fn check_will(&self, will: &Will) -> Result<(), Refusal> {
        if will.qos > self.config.max_qos_allowed {
            return Err(Refusal::new(
                ReasonCode::QosNotSupported,
                "the will's QoS is above mqtt.max_qos_allowed",
            ));
        }
        if will.retain && !self.config.retain_available {
            return Err(Refusal::new(
                ReasonCode::RetainNotSupported,
                "the will is to be retained",
            ));
        }
        if let Err(error) = validate_topic_name(&will.topic, self.topic_limits) {
            return Err(Refusal::new(
                ReasonCode::TopicNameInvalid,
                format!("the will's topic: {error}"),
            ));
        }
        if is_reserved(&will.topic) {
            return Err(Refusal::new(
                ReasonCode::NotAuthorized,
                "the will's topic is the broker's own ($SYS)",
            ));
        }
        Ok(())
    }

    /// What the operator holds against this client: see [`Admission`](crate::Admission).
    fn check_admission(&self, connect: &Connect, client_id: &str, peer: &Peer, now: Time) -> Result<(), Refusal> {
        let candidate = Candidate {
            client_id,
            username: connect.username.as_deref(),
            address: peer.address,
            has_session: self.sessions.by_client_id(client_id).is_some(),
            now,
        };
        self.admission.admit(&candidate).map_err(|refusal| {
            let detail = format!("{}: {}", refusal.keyword, refusal.detail);
            Refusal::new(refusal.reason_code, detail)
        })
    }

    /// A session belongs to the user name that opened it: nobody else may resume it, wipe it or push its
    /// client off (`mqtt.session_owner_check`).
    fn check_owner(&self, connect: &Connect, client_id: &str) -> Result<(), Refusal> {
        if !self.config.session_owner_check {
            return Ok(());
        }
        let owner = self
            .sessions
            .by_client_id(client_id)
            .and_then(|key| self.sessions.get(key));
        match owner {
            Some(session) if session.username.as_deref() != connect.username.as_deref() => {
                tracing::warn!(
                    tag = "MQTT",
                    clientid = client_id,
                    username = connect.username.as_deref().unwrap_or("undefined"),
                    owner = session.username.as_deref().unwrap_or("undefined"),
                    "session_belongs_to_another_user"
                );
                let detail = "the session of this client id belongs to another user name";
                Err(Refusal::new(ReasonCode::NotAuthorized, detail))
            }
            _ => Ok(()),
        }
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

    /// Refuses a CONNECT: CONNACK with the reason, then the end.
    #[expect(clippy::too_many_arguments, reason = "there is no channel yet to hold them")]
    fn refuse(
        &mut self,
        connection: ConnectionKey,
        peer: Peer,
        connect: &Connect,
        client_id: ByteString,
        refusal: Refusal,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Refusal { reason_code, detail } = refusal;
        self.trace_refused(connection, &peer, &client_id, connect.username.as_deref(), &detail);
        self.metrics.inc(Metric::PacketsConnackError);
        self.metrics.inc(Metric::ClientConnack);
        let connack = Connack {
            session_present: false,
            reason_code,
            properties: ConnackProperties::default(),
        };
        effects.push(Effect::Send {
            connection,
            packet: Packet::Connack(Box::new(connack)),
        });
        let summary = super::ChannelSummary {
            // Copies: the summary is kept, the receive buffer must not be.
            client_id: ByteString::from(&*client_id),
            username: connect.username.as_deref().map(ByteString::from),
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
        connect: &Connect,
        client_id: ByteString,
        accepted: &Accepted,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> (SessionKey, bool) {
        if let Some(existing) = self.sessions.by_client_id(&client_id) {
            if connect.clean_start {
                self.discard_session(existing, now, effects);
            } else {
                self.take_over(existing, now, effects);
            }
        }
        // Closing the old connection has ended a session that was not to outlive it.
        let resumed = self.sessions.by_client_id(&client_id);
        let (key, session_present) = match resumed {
            Some(key) => {
                self.metrics.inc(Metric::SessionResumed);
                (key, true)
            }
            None => {
                self.metrics.inc(Metric::SessionCreated);
                (self.sessions.insert(Session::new(client_id, now)), false)
            }
        };
        if let Some(session) = self.sessions.get_mut(key) {
            session.username = connect.username.as_deref().map(Box::from);
            session.expiry_interval = accepted.expiry_interval;
            session.disconnected_at = None;
            // The client is back before its will's delay was over (3.1.3.2.2).
            if let Some(will) = &mut session.delayed_will {
                will.waiting = None;
            }
        }
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
            properties: self.connack_properties(&connect, accepted, session),
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
            inbound_aliases: None,
            will: connect.will,
            turns: None,
            receive_maximum,
            disconnect_received: None,
        };
        let deadline = channel.keep_alive.deadline();
        self.put_channel(connection, channel);
        if let Some(deadline) = deadline {
            self.arm_keep_alive(connection, deadline, now);
        }
        if let Some(session) = self.sessions.get_mut(session) {
            session.link = Some(link);
        }
        self.metrics.inc(Metric::ClientConnack);
        self.metrics.inc(Metric::ClientConnected);
        self.metrics.inc(Metric::ClientAuthAnonymous);
        effects.push(Effect::Send {
            connection,
            packet: Packet::Connack(Box::new(connack)),
        });
    }

    /// What the server tells an MQTT 5 client about itself (3.2.2.3). Values equal to the specification's
    /// defaults are left out.
    fn connack_properties(&self, connect: &Connect, accepted: &Accepted, session: SessionKey) -> ConnackProperties {
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
        self.gauges.connections.fetch_add(1, Ordering::Relaxed);
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
