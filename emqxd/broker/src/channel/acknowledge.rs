//! PUBACK, PUBREC, PUBREL and PUBCOMP from a client (MQTT 5, 4.3).

use mqtt_codec::{Ack, Packet, ReasonCode};

use crate::session::InflightError;
use crate::{ConnectionKey, Effect, Metric, Shard, Time};

impl Shard {
    pub(crate) fn on_puback(&mut self, connection: ConnectionKey, ack: &Ack, now: Time, effects: &mut Vec<Effect>) {
        let result = self.with_session(connection, now, |session, around| {
            session.on_puback(ack.packet_id, around, effects)
        });
        match result {
            Some(Ok(())) => self.metrics.inc(Metric::MessagesAcked),
            Some(Err(InflightError::WrongStage)) => self.metrics.inc(Metric::PacketsPubackInuse),
            _ => self.metrics.inc(Metric::PacketsPubackMissed),
        }
    }

    pub(crate) fn on_pubrec(&mut self, connection: ConnectionKey, ack: &Ack, now: Time, effects: &mut Vec<Effect>) {
        let (packet_id, reason_code) = (ack.packet_id, ack.reason_code);
        let result = self.with_session(connection, now, |session, around| {
            session.on_pubrec(packet_id, reason_code, around, effects)
        });
        match result {
            Some(Ok(())) => self.metrics.inc(Metric::MessagesAcked),
            Some(Err(InflightError::WrongStage)) => self.metrics.inc(Metric::PacketsPubrecInuse),
            _ => self.metrics.inc(Metric::PacketsPubrecMissed),
        }
    }

    pub(crate) fn on_pubcomp(&mut self, connection: ConnectionKey, ack: &Ack, now: Time, effects: &mut Vec<Effect>) {
        let result = self.with_session(connection, now, |session, around| {
            session.on_pubcomp(ack.packet_id, around, effects)
        });
        match result {
            Some(Ok(())) => {}
            Some(Err(InflightError::WrongStage)) => self.metrics.inc(Metric::PacketsPubcompInuse),
            _ => self.metrics.inc(Metric::PacketsPubcompMissed),
        }
    }

    /// The publisher releases a QoS 2 message: the identifier is free again.
    pub(crate) fn on_pubrel(&mut self, connection: ConnectionKey, ack: &Ack, now: Time, effects: &mut Vec<Effect>) {
        let released = self.with_session(connection, now, |session, _| {
            session.awaiting_release.on_pubrel(ack.packet_id)
        });
        let reason_code = if released == Some(true) {
            ReasonCode::Success
        } else {
            self.metrics.inc(Metric::PacketsPubrelMissed);
            ReasonCode::PacketIdentifierNotFound
        };
        effects.push(Effect::Send {
            connection,
            packet: Packet::Pubcomp(Ack::new(ack.packet_id, reason_code)),
        });
    }
}
