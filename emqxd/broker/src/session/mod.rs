//! Session State of the specification (MQTT 5, 4.1): subscriptions, what is in flight, what waits.
//!
//! A session belongs to one shard and may outlive its connections. [`Session::deliver`] takes each message
//! that a subscription matched; [`Session::fill`] moves what waits into the inflight window whenever
//! something has changed: an acknowledgement, a drained socket, a new connection.

mod awaiting_release;
mod inflight;
mod link;
mod message_queue;
mod replays;
mod retained_replay;
mod subscriptions;
#[cfg(test)]
pub(crate) mod tests;

use std::num::NonZeroU32;
use std::sync::Arc;

use bytestring::ByteString;
use mqtt_codec::{Ack, Packet, PacketId, QoS, ReasonCode};

pub(crate) use self::awaiting_release::{AwaitingRelease, Receipt};
pub(crate) use self::inflight::{Awaited, InflightEntry, InflightError, InflightWindow};
pub(crate) use self::link::{Link, OutboundAliases};
pub(crate) use self::message_queue::MessageQueue;
pub(crate) use self::replays::Replays;
pub(crate) use self::retained_replay::RetainedReplay;
pub(crate) use self::subscriptions::Subscriptions;
use crate::session_owner::Owner;
use crate::trace::Tracing;
use crate::will::DelayedWill;
use crate::{
    ConnectionKey, Delivery, Effect, Message, Metric, Metrics, MqttConfig, RetainedStore, ShareGroup, Time, TraceKind,
};

/// Messages that one call of [`Session::fill`] sends at most; the rest follows in the next turn, so that one
/// session with a long queue does not hold up its worker.
const FILL_MESSAGES_MAX: usize = 128;

/// A message on its way to one client.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The message.
    pub message: Arc<Message>,
    /// QoS of the transfer: the lower of message and subscription.
    pub qos: QoS,
    /// RETAIN flag to send.
    pub retain: bool,
    /// Subscription Identifier to send.
    pub subscription_identifier: Option<NonZeroU32>,
    /// The share group it came through: should the session end first, another member gets it.
    pub group: Option<Arc<ShareGroup>>,
}

impl Outgoing {
    /// The id of a message of which each node that wants it has a copy. A share group gives each to one member.
    pub(crate) fn copied_id(&self) -> Option<u64> {
        (self.group.is_none() && self.message.id != 0).then_some(self.message.id)
    }

    /// Whether another member of its share group gets it if this client does not.
    pub(crate) fn is_anothers_without_it(&self) -> bool {
        self.group.is_some() && self.qos > QoS::AtMostOnce
    }
}

/// What a session needs from around it while it handles an event.
pub(crate) struct Surroundings<'a> {
    pub config: &'a MqttConfig,
    pub metrics: &'a Metrics,
    pub retained: &'a dyn RetainedStore,
    pub now: Time,
    pub tracing: Tracing<'a>,
}

impl Surroundings<'_> {
    /// Tells traces of a client.
    #[inline]
    pub fn trace(&self, client_id: &str, connection: Option<ConnectionKey>, kind: TraceKind<'_>) {
        self.tracing.tell(client_id, connection, kind);
    }
}

/// The state that a client's connections share.
///
/// One for each client, so it is kept small: what few of them have is behind a pointer.
#[derive(Debug)]
pub(crate) struct Session {
    pub client_id: ByteString,
    /// Who opened it; see `mqtt.session_owner_check`.
    pub username: Option<Box<str>>,
    /// What was proven about who opened it; `None` if nothing was.
    pub owner: Option<Box<Owner>>,
    pub created_at: Time,
    /// Seconds that it outlives its connection; `u32::MAX` for ever.
    pub expiry_interval: u32,
    /// When the last connection ended; `None` while there is one or if there never was.
    pub disconnected_at: Option<Time>,
    pub link: Option<Link>,
    pub subscriptions: Subscriptions,
    pub inflight: InflightWindow,
    pub queue: MessageQueue,
    pub awaiting_release: AwaitingRelease,
    pub replays: Replays,
    /// `None` unless one waits, or its timer is still to fire.
    pub delayed_will: Option<Box<DelayedWill>>,
    pub counts: SessionCounts,
    /// When the expiry timer fires, if one is armed, so that reconnecting often does not pile them up.
    pub expiry_armed_for: Option<Time>,
}

/// Counters of one session, for `clients show`.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct SessionCounts {
    pub delivered_messages: u64,
    pub dropped_messages: u64,
}

impl Session {
    pub fn new(client_id: ByteString, now: Time) -> Self {
        Self {
            client_id,
            username: None,
            owner: None,
            created_at: now,
            expiry_interval: 0,
            disconnected_at: None,
            link: None,
            subscriptions: Subscriptions::default(),
            inflight: InflightWindow::default(),
            queue: MessageQueue::default(),
            awaiting_release: AwaitingRelease::default(),
            replays: Replays::default(),
            delayed_will: None,
            counts: SessionCounts::default(),
            expiry_armed_for: None,
        }
    }

    /// Bytes held for messages.
    pub fn bytes(&self) -> usize {
        self.inflight.bytes() + self.queue.bytes()
    }

    /// A message for this client: sent now, or kept for later, or dropped and counted.
    pub fn deliver(&mut self, outgoing: Outgoing, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        if let Some(link) = &mut self.link
            && !link.is_congested
            && self.queue.is_empty()
            && !self.inflight.has_resends()
        {
            // Nothing waits: it may go straight out, and order holds.
            if outgoing.qos == QoS::AtMostOnce {
                if link.send(&self.client_id, outgoing, None, false, around, effects) {
                    self.counts.delivered_messages += 1;
                } else {
                    self.counts.dropped_messages += 1;
                }
                return;
            }
            if self.inflight.has_room(link.window) {
                if link.would_send(&self.client_id, &outgoing, around) {
                    let is_kept = is_kept_in_flight(self.expiry_interval, &outgoing, around);
                    let packet_id = self.inflight.insert(&outgoing, is_kept, around.now);
                    link.send(&self.client_id, outgoing, Some(packet_id), false, around, effects);
                    self.counts.delivered_messages += 1;
                } else {
                    self.counts.dropped_messages += 1;
                }
                return;
            }
        }
        let had_to_drop = self.enqueue(outgoing, around);
        if had_to_drop {
            // What stands first now may be of QoS 0, which needs no room in the window.
            self.fill(around, effects);
        }
    }

    /// Sends as much of what waits as the window, the socket and one turn's share allow.
    pub fn fill(&mut self, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        let Some(link) = &mut self.link else { return };
        let mut budget = FILL_MESSAGES_MAX;
        while budget > 0
            && !link.is_congested
            && let Some(entry) = self.inflight.next_resend(link.window, around.now)
        {
            budget -= 1;
            match (entry.awaited, &entry.outgoing) {
                (Awaited::Pubcomp, _) | (_, None) => {
                    let packet = Packet::Pubrel(Ack::new(entry.packet_id, ReasonCode::Success));
                    effects.push(Effect::Send {
                        connection: link.connection,
                        packet,
                    });
                }
                (_, Some(outgoing)) if link.would_send(&self.client_id, outgoing, around) => {
                    let (outgoing, packet_id) = (outgoing.clone(), entry.packet_id);
                    link.send(&self.client_id, outgoing, Some(packet_id), true, around, effects);
                }
                (_, Some(_)) => {
                    // The new connection takes smaller packets than the one it was first sent on.
                    let packet_id = entry.packet_id;
                    self.inflight.give_up(packet_id);
                    self.counts.dropped_messages += 1;
                }
            }
        }
        // What has to be sent again was published before what waits: nothing overtakes it, QoS 0 neither.
        while budget > 0
            && !link.is_congested
            && !self.inflight.has_resends()
            && let Some(next) = self.queue.peek()
            && (next.qos == QoS::AtMostOnce || self.inflight.has_room(link.window))
            && let Some(outgoing) = self.queue.pop()
        {
            let (message, queue_len) = (&*outgoing.message, self.queue.len());
            let dequeued = TraceKind::Dequeued { message, queue_len };
            around.trace(&self.client_id, Some(link.connection), dequeued);
            if outgoing.message.is_expired(around.now) {
                around.metrics.inc(Metric::DeliveryDropped);
                around.metrics.inc(Metric::DeliveryDroppedExpired);
                let (topic, reason) = (&*outgoing.message.topic, "expired");
                around.trace(
                    &self.client_id,
                    Some(link.connection),
                    TraceKind::Dropped { topic, reason },
                );
                self.counts.dropped_messages += 1;
                continue;
            }
            budget -= 1;
            if !link.would_send(&self.client_id, &outgoing, around) {
                self.counts.dropped_messages += 1;
                continue;
            }
            self.counts.delivered_messages += 1;
            let packet_id = match outgoing.qos {
                QoS::AtMostOnce => None,
                _ => {
                    let is_kept = is_kept_in_flight(self.expiry_interval, &outgoing, around);
                    Some(self.inflight.insert(&outgoing, is_kept, around.now))
                }
            };
            link.send(&self.client_id, outgoing, packet_id, false, around, effects);
        }
        if self.queue.is_empty() && !self.replays.is_empty() {
            budget = self.replay_retained(budget, around, effects);
        }
        if budget == 0
            && let Some(link) = &self.link
        {
            effects.push(Effect::Continue {
                connection: link.connection,
            });
        }
    }

    /// PUBACK from the client (MQTT 5, 4.3.2): frees a slot of the window.
    pub fn on_puback(
        &mut self,
        packet_id: PacketId,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), InflightError> {
        self.inflight.on_puback(packet_id)?;
        self.fill_after_ack(around, effects);
        Ok(())
    }

    /// PUBREC from the client (MQTT 5, 4.3.3): answered with PUBREL, unknown identifiers too.
    pub fn on_pubrec(
        &mut self,
        packet_id: PacketId,
        reason_code: ReasonCode,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), InflightError> {
        let Some(link) = &self.link else {
            return Err(InflightError::NotFound);
        };
        if reason_code.is_error() {
            self.inflight.on_pubrec_refused(packet_id)?;
            self.fill_after_ack(around, effects);
            return Ok(());
        }
        let result = self.inflight.on_pubrec(packet_id, around.now);
        let answer = match result {
            Ok(()) => ReasonCode::Success,
            Err(_) => ReasonCode::PacketIdentifierNotFound,
        };
        effects.push(Effect::Send {
            connection: link.connection,
            packet: Packet::Pubrel(Ack::new(packet_id, answer)),
        });
        result
    }

    /// PUBCOMP from the client (MQTT 5, 4.3.3): frees a slot of the window.
    pub fn on_pubcomp(
        &mut self,
        packet_id: PacketId,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), InflightError> {
        self.inflight.on_pubcomp(packet_id)?;
        self.fill_after_ack(around, effects);
        Ok(())
    }

    /// What another session should get if this one ends: QoS 1 and 2 messages of share groups that the client
    /// has not received.
    pub fn take_undelivered_shared(&mut self) -> Vec<Outgoing> {
        let mut undelivered: Vec<Outgoing> = self.inflight.drain().collect();
        undelivered.append(&mut self.queue.drain());
        undelivered.retain(Outgoing::is_anothers_without_it);
        undelivered
    }

    /// Which connection the client is on, if any.
    pub fn connection(&self) -> Option<ConnectionKey> {
        self.link.as_ref().map(|link| link.connection)
    }

    fn fill_after_ack(&mut self, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        // The usual case costs two comparisons.
        if !self.queue.is_empty() || !self.replays.is_empty() || self.inflight.has_resends() {
            self.fill(around, effects);
        }
    }

    /// Whether others had to leave the queue for it.
    fn enqueue(&mut self, mut outgoing: Outgoing, around: &Surroundings<'_>) -> bool {
        if outgoing.qos == QoS::AtMostOnce && self.link.is_none() && !around.config.mqueue_store_qos0 {
            around.metrics.inc(Metric::DeliveryDropped);
            around.metrics.inc(Metric::DeliveryDroppedQos0Msg);
            let (topic, reason) = (&*outgoing.message.topic, "qos0_msg");
            around.trace(&self.client_id, None, TraceKind::Dropped { topic, reason });
            self.counts.dropped_messages += 1;
            return false;
        }
        if outgoing.message.qos == QoS::AtMostOnce {
            // Its bytes are still a slice of the publisher's receive buffer, which must not wait with it.
            outgoing.message = Arc::new(outgoing.message.detach());
        }
        let queued = around
            .tracing
            .is_on()
            .then(|| (Arc::clone(&outgoing.message), outgoing.qos));
        let all_dropped = self.queue.push(outgoing, around.config);
        if let Some((message, qos)) = queued {
            let queued = TraceKind::Queued {
                message: &message,
                qos,
                queue_len: self.queue.len(),
            };
            around.trace(&self.client_id, self.connection(), queued);
        }
        self.count_overflow(&all_dropped, around);
        !all_dropped.is_empty()
    }

    /// Puts what waits behind `before`, what has waited for longer; what the limits make leave is counted.
    pub fn wait_behind(&mut self, mut before: MessageQueue, around: &Surroundings<'_>) {
        let mut dropped = Vec::new();
        for outgoing in self.queue.drain() {
            dropped.append(&mut before.push(outgoing, around.config));
        }
        self.queue = before;
        self.count_overflow(&dropped, around);
    }

    /// Counts and tells what had to leave the queue.
    pub fn count_overflow(&mut self, all_dropped: &[Outgoing], around: &Surroundings<'_>) {
        for dropped in all_dropped {
            around.metrics.inc(Metric::DeliveryDropped);
            around.metrics.inc(Metric::DeliveryDroppedQueueFull);
            let (topic, reason) = (&*dropped.message.topic, "queue_full");
            around.trace(&self.client_id, self.connection(), TraceKind::Dropped { topic, reason });
            self.counts.dropped_messages += 1;
            tracing::warn!(
                clientid = %self.client_id,
                topic = %dropped.message.topic,
                qos = dropped.qos as u8,
                queue_len = self.queue.len(),
                queue_bytes = self.queue.bytes(),
                "dropped_msg_due_to_mqueue_is_full"
            );
        }
    }

    /// Continues the oldest replay of retained messages; what is left of `budget`, 0 if it should go on next turn.
    fn replay_retained(&mut self, mut budget: usize, around: &Surroundings<'_>, effects: &mut Vec<Effect>) -> usize {
        let Some(link) = &mut self.link else { return budget };
        while budget > 0 && !link.is_congested {
            let Some(replay) = self.replays.first_mut() else { break };
            let room = usize::from(link.window).saturating_sub(self.inflight.len());
            let upgrade = around.config.upgrade_qos;
            let limit = if replay.options.qos == QoS::AtMostOnce && !upgrade {
                budget
            } else {
                budget.min(room)
            };
            if limit == 0 {
                break;
            }
            let mut page = Vec::new();
            let is_done = replay.next_page(limit, around, &mut page);
            // A page that looked at many topics and found few costs as much as a full one.
            budget -= if is_done { page.len().min(budget) } else { limit };
            let options = replay.options;
            if is_done {
                self.replays.remove_first();
            }
            for message in page {
                if options.no_local && message.publisher == self.client_id {
                    around.metrics.inc(Metric::DeliveryDropped);
                    around.metrics.inc(Metric::DeliveryDroppedNoLocal);
                    let (topic, reason) = (&*message.topic, "no_local");
                    around.trace(
                        &self.client_id,
                        Some(link.connection),
                        TraceKind::Dropped { topic, reason },
                    );
                    continue;
                }
                let qos = granted_qos(message.qos, options.qos, upgrade);
                let outgoing = Outgoing {
                    message,
                    qos,
                    retain: true,
                    subscription_identifier: options.subscription_identifier,
                    group: None,
                };
                if !link.would_send(&self.client_id, &outgoing, around) {
                    self.counts.dropped_messages += 1;
                    continue;
                }
                self.counts.delivered_messages += 1;
                let packet_id = (qos > QoS::AtMostOnce).then(|| {
                    let is_kept = is_kept_in_flight(self.expiry_interval, &outgoing, around);
                    self.inflight.insert(&outgoing, is_kept, around.now)
                });
                link.send(&self.client_id, outgoing, packet_id, false, around, effects);
            }
        }
        budget
    }
}

/// Whether a message stays in the window until it is acknowledged, or its packet identifier alone does.
///
/// A session that ends with its connection has nothing to send again, unless the operator wants that on a live
/// connection (`mqtt.retry_interval`); but what came through a share group goes to another member then.
#[inline]
fn is_kept_in_flight(expiry_interval: u32, outgoing: &Outgoing, around: &Surroundings<'_>) -> bool {
    expiry_interval > 0 || outgoing.group.is_some() || around.config.retry_interval.is_some()
}

/// The QoS a subscription gives a message (MQTT 5, 3.8.4; `mqtt.upgrade_qos`).
pub(crate) fn granted_qos(message: QoS, subscription: QoS, upgrade: bool) -> QoS {
    if upgrade {
        message.max(subscription)
    } else {
        message.min(subscription)
    }
}

/// A delivery without the parts that only MQTT 5 has.
pub(crate) fn plain_delivery(outgoing: Outgoing, packet_id: Option<PacketId>, dup: bool) -> Delivery {
    Delivery {
        message: outgoing.message,
        qos: outgoing.qos,
        retain: outgoing.retain,
        dup,
        packet_id,
        subscription_identifier: outgoing.subscription_identifier,
        topic_alias: None,
        message_expiry_interval: None,
    }
}
