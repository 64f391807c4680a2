//! The connected side of a session: what the client on the connection can take, and sending to it.

use bytestring::ByteString;
use hashbrown::HashMap;
use mqtt_codec::{PacketId, ProtocolVersion, PublishFrame, QoS};

use super::{Outgoing, Surroundings, plain_delivery};
use crate::{ConnectionKey, Effect, Message, Metric, Time, TopicAlias, TraceKind};

/// The present connection, as delivering needs it.
#[derive(Debug)]
pub(crate) struct Link {
    pub connection: ConnectionKey,
    pub version: ProtocolVersion,
    /// The lower of the client's Receive Maximum and `mqtt.max_inflight`.
    pub window: u16,
    /// Maximum Packet Size of the client, bytes.
    pub maximum_packet_size: Option<u32>,
    /// The socket takes no more for now.
    pub is_congested: bool,
    /// Aliases that we may use, if the client takes any.
    pub aliases: Option<Box<OutboundAliases>>,
}

/// Topic aliases set towards the client (MQTT 5, 3.1.2.11.5): the first topics sent get one each.
#[derive(Debug)]
pub(crate) struct OutboundAliases {
    maximum: u16,
    aliases: HashMap<ByteString, u16, foldhash::fast::FixedState>,
}

/// Aliases that we use at most on a connection, whatever the client would take: each costs us a topic's memory.
const OUTBOUND_ALIASES_MAX: u16 = 64;

impl OutboundAliases {
    pub fn new(client_maximum: u16) -> Option<Box<Self>> {
        let maximum = client_maximum.min(OUTBOUND_ALIASES_MAX);
        (maximum > 0).then(|| {
            Box::new(Self {
                maximum,
                aliases: HashMap::default(),
            })
        })
    }

    /// How many there may be, and those that the client knows.
    pub fn export(&self) -> (u16, Vec<(ByteString, u16)>) {
        let known = self.aliases.iter().map(|(topic, alias)| (topic.clone(), *alias));
        (self.maximum, known.collect())
    }

    /// What another process has told the client.
    pub fn restore(maximum: u16, known: Vec<(ByteString, u16)>) -> Option<Box<Self>> {
        (maximum > 0).then(|| {
            Box::new(Self {
                maximum,
                aliases: known.into_iter().collect(),
            })
        })
    }

    fn alias_for(&mut self, topic: &str) -> Option<TopicAlias> {
        if let Some(&alias) = self.aliases.get(topic) {
            return Some(TopicAlias { alias, is_known: true });
        }
        let alias = u16::try_from(self.aliases.len() + 1)
            .ok()
            .filter(|&alias| alias <= self.maximum)?;
        self.aliases.insert(ByteString::from(topic), alias);
        Some(TopicAlias { alias, is_known: false })
    }
}

impl Link {
    /// Whether the client may be sent this; counts it as dropped if not (MQTT 5, 3.1.2.11.4: a packet above
    /// the client's Maximum Packet Size is not sent, as if it had been delivered).
    #[inline]
    pub fn would_send(&self, client_id: &str, outgoing: &Outgoing, around: &Surroundings<'_>) -> bool {
        match self.maximum_packet_size {
            None => true,
            Some(maximum) => self.fits(maximum, client_id, outgoing, around),
        }
    }

    #[inline(never)]
    fn fits(&self, maximum: u32, client_id: &str, outgoing: &Outgoing, around: &Surroundings<'_>) -> bool {
        let identifier = outgoing.subscription_identifier.map(|identifier| identifier.get());
        let frame = PublishFrame {
            dup: false,
            qos: outgoing.qos,
            retain: outgoing.retain,
            topic: &outgoing.message.topic,
            packet_id: (outgoing.qos > QoS::AtMostOnce).then_some(PacketId::FIRST),
            properties: outgoing.message.properties.as_deref(),
            message_expiry_interval: remaining_expiry(&outgoing.message, around.now),
            topic_alias: self.aliases.as_ref().map(|_| 1),
            subscription_identifiers: identifier.as_slice(),
            payload_len: outgoing.message.payload.len(),
        };
        if frame.encoded_len(self.version).is_ok_and(|len| len <= maximum as usize) {
            return true;
        }
        around.metrics.inc(Metric::DeliveryDropped);
        around.metrics.inc(Metric::DeliveryDroppedTooLarge);
        let (topic, reason) = (&*outgoing.message.topic, "too_large");
        around.trace(client_id, Some(self.connection), TraceKind::Dropped { topic, reason });
        tracing::warn!(topic = %outgoing.message.topic, maximum_packet_size = maximum, "packet_too_large_to_send");
        false
    }

    /// Sends it; whether it went out.
    pub fn send(
        &mut self,
        client_id: &str,
        outgoing: Outgoing,
        packet_id: Option<PacketId>,
        dup: bool,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if packet_id.is_none() && !self.would_send(client_id, &outgoing, around) {
            return false;
        }
        let mut delivery = plain_delivery(outgoing, packet_id, dup);
        if self.version == ProtocolVersion::V5 {
            delivery.message_expiry_interval = remaining_expiry(&delivery.message, around.now);
            if let Some(aliases) = &mut self.aliases {
                delivery.topic_alias = aliases.alias_for(&delivery.message.topic);
            }
        }
        effects.push(Effect::Deliver {
            connection: self.connection,
            delivery,
        });
        true
    }
}

/// Seconds left of the Message Expiry Interval, as the receiver is told (MQTT 5, 3.3.2.3.3).
fn remaining_expiry(message: &Message, now: Time) -> Option<u32> {
    // Only if the publisher asked: the broker's own limit (`mqtt.message_expiry_interval`) is not passed on.
    message.properties.as_ref()?.message_expiry_interval?;
    let left = message.expires_at?.since(now);
    Some(u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX))
}
