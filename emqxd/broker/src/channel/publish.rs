//! PUBLISH from a client (MQTT 5, 3.3): checks, then the router, then the acknowledgement.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use mqtt_codec::{Ack, Packet, PacketId, Publish, PublishProperties, QoS, ReasonCode};

use super::connect::is_reserved;
use crate::destinations::Destinations;
use crate::message::detach_properties;
use crate::session::Receipt;
use crate::topic::validate_topic_name;
use crate::{ConnectionKey, DisconnectReason, Effect, Message, Metric, Shard, Time, TraceKind};

/// Payloads up to this size are copied out of the receive buffer when a message may be kept; larger ones keep a
/// slice of it, which then holds at most some sixteen times what it needs.
const DETACH_BYTES_MAX: usize = 4096;

/// Why a PUBLISH is not routed.
enum Rejection {
    /// It ends the connection; with what more is known of why.
    Fatal(DisconnectReason, Option<Box<str>>),
    /// It is answered with this code where there is an answer, and dropped.
    Refused(ReasonCode),
}

impl Shard {
    /// A PUBLISH from a client.
    pub(crate) fn on_publish(
        &mut self,
        connection: ConnectionKey,
        mut publish: Publish,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.count_received(publish.qos);
        if let Err(reason) = self.resolve_inbound_alias(connection, &mut publish) {
            self.close_channel(connection, reason, now, effects);
            return;
        }
        let destinations = match self.check_publish(&mut publish) {
            Ok(destinations) => destinations,
            Err(Rejection::Fatal(reason, detail)) => {
                self.close_channel_because(connection, reason, detail, now, effects);
                return;
            }
            Err(Rejection::Refused(reason_code)) => {
                self.metrics.inc(Metric::MessagesDropped);
                let (topic, result) = (&*publish.topic, reason_code.name());
                let action = "publish";
                self.trace(connection, TraceKind::Authorized { action, topic, result });
                self.acknowledge(connection, &publish, reason_code, effects);
                return;
            }
        };
        // What comes again was judged the first time, and is acknowledged whatever the rules say by now (4.3.3).
        if self.gate.checks_publish
            && !self.is_received_again(connection, &publish)
            && self.holds_back(connection, &publish, now, effects)
        {
            return;
        }
        self.accept_publish(connection, publish, &destinations, now, effects);
    }

    /// What becomes of a PUBLISH that nothing speaks against. Inlined: it is the greater half of the hot path, and its
    /// other caller is cold.
    #[inline(always)]
    pub(super) fn accept_publish(
        &mut self,
        connection: ConnectionKey,
        publish: Publish,
        destinations: &Destinations,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        if publish.qos == QoS::ExactlyOnce {
            match self.receive_qos2(connection, publish.packet_id, now) {
                Receipt::New => {}
                Receipt::Duplicate => {
                    self.metrics.inc(Metric::PacketsPublishInuse);
                    let (topic, reason) = (&*publish.topic, "packet_identifier_inuse");
                    self.trace(connection, TraceKind::Dropped { topic, reason });
                    self.acknowledge(connection, &publish, ReasonCode::Success, effects);
                    return;
                }
                Receipt::Full => {
                    self.metrics.inc(Metric::MessagesDropped);
                    self.metrics.inc(Metric::MessagesDroppedReceiveMaximum);
                    self.close_channel(connection, DisconnectReason::ReceiveMaximumExceeded, now, effects);
                    return;
                }
            }
        }
        let (topic, payload) = (&*publish.topic, &*publish.payload);
        self.trace(connection, TraceKind::Published { topic, payload });
        let Some(session) = self.channel(connection).map(|channel| channel.session) else {
            return;
        };
        let answer = if destinations.is_empty() {
            ReasonCode::NoMatchingSubscribers
        } else {
            ReasonCode::Success
        };
        let (qos, packet_id) = (publish.qos, publish.packet_id);
        if destinations.is_empty() && !publish.retain {
            // Nobody wants it: no message need be made.
            self.metrics.inc(Metric::MessagesPublish);
            self.count_no_subscribers();
            let (topic, reason) = (&*publish.topic, "no_subscribers");
            self.trace(connection, TraceKind::Dropped { topic, reason });
        } else {
            let Some(publisher) = self.sessions.get(session).map(|session| session.client_id.clone()) else {
                return;
            };
            let message = Arc::new(self.make_message(publish, publisher, now));
            self.store_retained(&message, now);
            self.metrics.inc(Metric::MessagesPublish);
            self.route_to(destinations, &message, Some(connection), now, effects);
        }
        self.acknowledge_as(connection, qos, packet_id, answer, effects);
    }

    /// Publishes a message of the broker's own, or a will. One without an id gets one.
    pub fn publish(&mut self, mut message: Arc<Message>, now: Time, effects: &mut Vec<Effect>) {
        if message.id == 0 {
            Arc::make_mut(&mut message).id = self.next_message_id();
        }
        self.store_retained(&message, now);
        let destinations = self.destinations(&message.topic);
        self.metrics.inc(Metric::MessagesPublish);
        let (topic, payload) = (&*message.topic, &*message.payload);
        self.trace_message(None, &message, TraceKind::Published { topic, payload });
        self.route_to(&destinations, &message, None, now, effects);
    }

    fn count_received(&self, qos: QoS) {
        self.metrics.inc(Metric::MessagesReceived);
        self.metrics.inc(match qos {
            QoS::AtMostOnce => Metric::MessagesQos0Received,
            QoS::AtLeastOnce => Metric::MessagesQos1Received,
            QoS::ExactlyOnce => Metric::MessagesQos2Received,
        });
    }

    /// Sets or looks up the topic alias (3.3.2.3.4), so that `publish` has its topic afterwards.
    fn resolve_inbound_alias(
        &mut self,
        connection: ConnectionKey,
        publish: &mut Publish,
    ) -> Result<(), DisconnectReason> {
        let Some(alias) = publish
            .properties
            .as_ref()
            .and_then(|properties| properties.topic_alias)
        else {
            return Ok(());
        };
        let maximum = self.config.max_topic_alias;
        let Some(channel) = self.channel_mut(connection) else {
            return Ok(());
        };
        if alias == 0 || alias > maximum {
            return Err(DisconnectReason::TopicAliasInvalid);
        }
        let index = usize::from(alias) - 1;
        if publish.topic.is_empty() {
            let publisher = channel.publisher.as_deref();
            let topic = publisher.and_then(|publisher| publisher.aliases.get(index)?.as_ref());
            publish.topic = topic.ok_or(DisconnectReason::ProtocolError)?.clone();
            return Ok(());
        }
        let topics = &mut channel.publisher.get_or_insert_default().aliases;
        if topics.len() <= index {
            topics.resize(index + 1, None);
        }
        topics[index] = Some(ByteString::from(&*publish.topic));
        Ok(())
    }

    /// Checks a PUBLISH against the settings. A topic that was routed before needs no second look.
    fn check_publish(&mut self, publish: &mut Publish) -> Result<Destinations, Rejection> {
        if publish.qos > self.config.max_qos_allowed {
            return Err(Rejection::Fatal(
                DisconnectReason::Refused(ReasonCode::QosNotSupported),
                None,
            ));
        }
        if publish.retain && !self.config.retain_available {
            return Err(Rejection::Fatal(
                DisconnectReason::Refused(ReasonCode::RetainNotSupported),
                None,
            ));
        }
        // Before the cache, which knows the topics of the broker's own messages too.
        if is_reserved(&publish.topic) {
            self.metrics.inc(Metric::PacketsPublishAuthError);
            tracing::warn!(tag = "MQTT", topic = %publish.topic, reason = "not_authorized", "cannot_publish_to_topic");
            return Err(Rejection::Refused(ReasonCode::NotAuthorized));
        }
        let may_be_kept = may_be_kept(publish);
        if let Some(destinations) = self.cached_destinations(&mut publish.topic, may_be_kept) {
            return Ok(destinations);
        }
        if let Err(error) = validate_topic_name(&publish.topic, self.topic_limits) {
            tracing::info!(tag = "MQTT", topic = %publish.topic, reason = %error, "cannot_publish_to_topic");
            let detail = error.to_string().into_boxed_str();
            return Err(Rejection::Fatal(DisconnectReason::TopicNameInvalid, Some(detail)));
        }
        if may_be_kept {
            publish.topic = ByteString::from(&*publish.topic);
        }
        Ok(self.destinations(&publish.topic))
    }

    /// Whether a QoS 2 message waits for its PUBREL under the identifier of this PUBLISH.
    fn is_received_again(&self, connection: ConnectionKey, publish: &Publish) -> bool {
        publish.qos == QoS::ExactlyOnce
            && publish.packet_id.is_some_and(|packet_id| {
                self.session_of(connection)
                    .is_some_and(|session| session.awaiting_release.contains(packet_id))
            })
    }

    fn receive_qos2(&mut self, connection: ConnectionKey, packet_id: Option<PacketId>, now: Time) -> Receipt {
        let max = self.config.max_awaiting_rel;
        let timeout = self.config.await_rel_timeout;
        let Some(packet_id) = packet_id else {
            return Receipt::Duplicate;
        };
        let Some(key) = self.channel(connection).map(|channel| channel.session) else {
            return Receipt::Duplicate;
        };
        let Some(session) = self.sessions.get_mut(key) else {
            return Receipt::Duplicate;
        };
        let needs_timer = session.awaiting_release.needs_timer();
        let receipt = session.awaiting_release.on_publish(packet_id, max, now);
        if needs_timer {
            self.arm_await_release(key, now.after(timeout));
        }
        receipt
    }

    /// PUBACK or PUBREC, as the QoS of `publish` wants.
    pub(super) fn acknowledge(
        &mut self,
        connection: ConnectionKey,
        publish: &Publish,
        reason_code: ReasonCode,
        effects: &mut Vec<Effect>,
    ) {
        self.acknowledge_as(connection, publish.qos, publish.packet_id, reason_code, effects);
    }

    fn acknowledge_as(
        &mut self,
        connection: ConnectionKey,
        qos: QoS,
        packet_id: Option<PacketId>,
        reason_code: ReasonCode,
        effects: &mut Vec<Effect>,
    ) {
        let Some(packet_id) = packet_id else { return };
        if self.channel(connection).is_none() {
            // Routing it has ended its own publisher: nothing follows the end.
            return;
        }
        let ack = Ack::new(packet_id, reason_code);
        let packet = if qos == QoS::ExactlyOnce {
            Packet::Pubrec(ack)
        } else {
            Packet::Puback(ack)
        };
        effects.push(Effect::Send { connection, packet });
    }

    fn store_retained(&self, message: &Arc<Message>, now: Time) {
        if !message.retain || !self.config.retainer_enable {
            return;
        }
        match self.retained.store(Arc::clone(message), now) {
            Ok(()) => self.metrics.inc(Metric::MessagesRetained),
            Err(full) => {
                tracing::warn!(tag = "RETAINER", topic = %message.topic, reason = %full, "retain_failed");
            }
        }
    }

    fn make_message(&mut self, publish: Publish, publisher: ByteString, now: Time) -> Message {
        // The topic is in memory of its own already.
        let is_detached = may_be_kept(&publish) && publish.payload.len() <= DETACH_BYTES_MAX;
        let payload = match is_detached {
            true => Bytes::copy_from_slice(&publish.payload),
            false => publish.payload,
        };
        let mut properties = publish.properties.and_then(passed_on);
        if is_detached && let Some(properties) = &mut properties {
            **properties = detach_properties(properties);
        }
        let asked = properties
            .as_ref()
            .and_then(|properties| properties.message_expiry_interval);
        Message {
            id: self.next_message_id(),
            topic: publish.topic,
            payload,
            qos: publish.qos,
            retain: publish.retain,
            properties,
            publisher,
            published_at: now,
            expires_at: self.expires_at(asked, now),
        }
    }

    /// When a message expires that asks for so many seconds; `mqtt.message_expiry_interval` is the most.
    pub(crate) fn expires_at(&self, asked: Option<u32>, now: Time) -> Option<Time> {
        let own_limit = self.config.message_expiry_interval.map(|limit| now.after(limit));
        let asked = asked.map(|seconds| now.after_secs(u64::from(seconds)));
        match (asked, own_limit) {
            (Some(asked), Some(limit)) => Some(asked.min(limit)),
            (asked, limit) => asked.or(limit),
        }
    }
}

/// Whether its message may wait somewhere for longer than the turn in which it came.
fn may_be_kept(publish: &Publish) -> bool {
    publish.qos > QoS::AtMostOnce || publish.retain
}

/// The properties that receivers get too; the alias was between publisher and broker only.
fn passed_on(mut properties: Box<PublishProperties>) -> Option<Box<PublishProperties>> {
    properties.topic_alias = None;
    properties.subscription_identifiers.clear();
    (*properties != PublishProperties::default()).then_some(properties)
}
