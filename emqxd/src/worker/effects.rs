//! Carries out what the shard says after an event.

use emqxd_broker::{ConnectionKey, Delivery, Effect, Mail, Metric, Time, TraceKind, peer_slot};
use emqxd_cluster::messages::Pushed;
use mqtt_codec::{Packet, PacketType, QoS};

use super::WorkerState;
use super::connection::Stage;
use super::packet_text::{DeliveryText, PacketText};
use super::trace::tell;

/// Effects gathered before they are carried out in the middle of a read.
const EFFECTS_MANY: usize = 256;
/// So many at once are deliveries to many, or many to a few: the receivers are written in slices, and what comes for
/// them until then goes out in the same call. Woken, each would cost a system call for the little that a turn brings.
const EFFECTS_FAN_OUT: usize = EFFECTS_MANY / 4;

impl WorkerState {
    /// Carries out what has gathered if that is much.
    pub(crate) fn apply_effects_if_many(&mut self, now: Time) {
        if self.effects.len() >= EFFECTS_MANY {
            self.apply_effects(now);
        }
    }

    /// Carries out all effects, those that arise meanwhile too.
    pub(crate) fn apply_effects(&mut self, now: Time) {
        while !self.effects.is_empty() {
            // The buffer goes back afterwards, so that it is allocated once.
            let mut effects = std::mem::take(&mut self.effects);
            self.work += effects.len();
            self.is_fan_out = effects.len() >= EFFECTS_FAN_OUT;
            for effect in effects.drain(..) {
                self.apply(effect, now);
            }
            if self.effects.is_empty() {
                self.effects = effects;
            }
        }
        self.is_fan_out = false;
        self.frames.forget();
    }

    fn apply(&mut self, effect: Effect, now: Time) {
        match effect {
            Effect::Deliver { connection, delivery } => self.deliver(connection, &delivery, now),
            Effect::Send { connection, packet } => self.send(connection, &packet, now),
            Effect::Forward { worker, mail } => {
                let may_go_on = match peer_slot(worker) {
                    None => self.outbox.push(worker, mail),
                    Some(slot) => self.forward(slot, &mail, now),
                };
                if !may_go_on {
                    self.block_publisher();
                }
            }
            Effect::Continue { connection } => {
                let key = connection.0 as usize;
                if let Some(connection) = self.connections.get_mut(key) {
                    connection.flags.has_more_to_send = true;
                    // The end of its own turn sees to it.
                    if self.current != Some(key) {
                        connection.wake();
                    }
                }
            }
            Effect::Close {
                connection,
                reason,
                summary,
            } => self.on_close(connection, reason, summary, now),
            Effect::Connected { connection } => self.on_connected(connection),
            Effect::Authenticate { connection, auth } => self.reauthenticate(connection, &auth, now),
            Effect::AskAuthorization(question) => self.ask_authorization(*question),
            Effect::AuthorizationAnswered { connection } => self.on_authorization_answered(connection),
            Effect::SubscriptionChanged {
                connection,
                filter,
                options,
            } => {
                self.on_subscription_changed(connection, &filter, options);
            }
        }
    }

    /// Sends mail to another node; whether its publisher may go on.
    fn forward(&mut self, slot: u8, mail: &Mail, now: Time) -> bool {
        let pushed = self.lanes.push(slot, mail, now);
        match pushed {
            Pushed::Queued | Pushed::Full => self.metrics.inc(Metric::MessagesForward),
            Pushed::Dropped => self.count_dropped_on_lanes(1),
        }
        pushed != Pushed::Full
    }

    /// So many messages do not reach other nodes.
    pub(crate) fn count_dropped_on_lanes(&self, messages: u64) {
        self.metrics.add(Metric::MessagesDropped, messages);
        self.metrics.add(Metric::MessagesDroppedPeerUnreachable, messages);
    }

    /// Connections that were not read for lack of room somewhere try again.
    pub(crate) fn release_publishers(&mut self) {
        for (key, serial) in self.outbox.take_waiting() {
            self.read_again(key, serial);
        }
    }

    /// The connection whose turn it is publishes faster than another worker takes it.
    fn block_publisher(&mut self) {
        let Some(key) = self.current else { return };
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        if !connection.flags.is_blocked_by_outbox {
            connection.flags.is_blocked_by_outbox = true;
            self.outbox.add_waiting(key, connection.serial);
        }
    }

    fn deliver(&mut self, to: ConnectionKey, delivery: &Delivery, now: Time) {
        let key = to.0 as usize;
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        if matches!(connection.stage, Stage::Ending(_)) {
            return;
        }
        let version = connection.version();
        tracing::debug!(
            tag = "MQTT",
            clientid = self.shard.client_id(to),
            peername = %connection.peer,
            packet = %DeliveryText(delivery),
            "mqtt_packet_sent"
        );
        if let Some(tracer) = &self.tracer {
            tell(
                tracer,
                &self.shard,
                to,
                connection.peer,
                TraceKind::DeliverySent(delivery),
            );
        }
        if let Err(error) = self
            .frames
            .append(delivery, version, &mut connection.out, &mut self.buffers)
        {
            tracing::error!(topic = %delivery.message.topic, reason = %error, "publish_not_encoded");
            return;
        }
        connection.traffic.packets_sent += 1;
        connection.traffic.messages_sent += 1;
        self.metrics.inc(Metric::PacketsSent);
        self.metrics.inc(Metric::PacketsPublishSent);
        self.metrics.inc(Metric::MessagesSent);
        self.metrics.inc(Metric::MessagesDelivered);
        self.metrics.inc(match delivery.qos {
            QoS::AtMostOnce => Metric::MessagesQos0Sent,
            QoS::AtLeastOnce => Metric::MessagesQos1Sent,
            QoS::ExactlyOnce => Metric::MessagesQos2Sent,
        });
        self.appended(key, now);
    }

    /// Appends a packet to a connection's buffer.
    pub(crate) fn send(&mut self, to: ConnectionKey, packet: &Packet, now: Time) {
        let key = to.0 as usize;
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let version = connection.version();
        let packet_type = packet.packet_type();
        tracing::debug!(
            tag = "MQTT",
            clientid = self.shard.client_id(to),
            peername = %connection.peer,
            packet = %PacketText(packet),
            "mqtt_packet_sent"
        );
        if let Some(tracer) = &self.tracer {
            tell(tracer, &self.shard, to, connection.peer, TraceKind::PacketSent(packet));
        }
        if let Err(error) = connection
            .out
            .append(&mut self.buffers, |tail| packet.encode(version, tail))
        {
            tracing::error!(packet = packet_type.name(), reason = %error, "packet_not_encoded");
            return;
        }
        connection.traffic.packets_sent += 1;
        connection.note_reason_code(packet);
        self.metrics.inc(Metric::PacketsSent);
        if let Some(metric) = Metric::packet_sent(packet_type) {
            self.metrics.inc(metric);
        }
        if packet_type != PacketType::Publish {
            self.appended(key, now);
        }
    }
}
