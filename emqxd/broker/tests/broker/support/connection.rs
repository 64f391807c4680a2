//! One connection as its client sees it: what came, and whether that was allowed to come.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytestring::ByteString;
use emqxd_broker::{ChannelSummary, ConnectionKey, Delivery, DisconnectReason};
use mqtt_codec::{Connect, Packet, PacketId, ProtocolVersion, Publish, PublishFrame, QoS};

/// A connection.
pub struct Connection {
    pub worker: usize,
    pub key: ConnectionKey,
    pub version: ProtocolVersion,
    /// Packets that came and have not been looked at.
    pub unread: VecDeque<Packet>,
    pub closed: Option<(DisconnectReason, ChannelSummary)>,
    pub is_congested: bool,
    /// Aliases of the deliveries that came, with whether the topic was left out.
    pub aliases_used: Vec<(u16, bool)>,
    window: usize,
    maximum_packet_size: usize,
    alias_maximum: u16,
    aliases: BTreeMap<u16, ByteString>,
    /// QoS 1 and 2 messages that came on this connection and are not acknowledged.
    outstanding: BTreeSet<PacketId>,
}

impl Connection {
    pub fn new(worker: usize, key: ConnectionKey, connect: &Connect) -> Self {
        let properties = &connect.properties;
        Self {
            worker,
            key,
            version: connect.protocol_version,
            unread: VecDeque::new(),
            closed: None,
            is_congested: false,
            aliases_used: Vec::new(),
            window: usize::from(properties.receive_maximum.unwrap_or(u16::MAX)),
            maximum_packet_size: properties.maximum_packet_size.map_or(usize::MAX, |size| size as usize),
            alias_maximum: properties.topic_alias_maximum.unwrap_or(0),
            aliases: BTreeMap::new(),
            outstanding: BTreeSet::new(),
        }
    }

    /// A packet from the broker.
    pub fn record(&mut self, packet: Packet) {
        assert!(self.closed.is_none(), "{packet:?} was sent after the end");
        self.unread.push_back(packet);
    }

    /// A message from the broker, as the PUBLISH that the client would decode, its topic alias resolved.
    pub fn record_delivery(&mut self, delivery: &Delivery) {
        assert!(!self.is_congested, "a delivery to a socket that takes no more");
        let topic = self.resolve_topic(delivery);
        self.check_size(delivery);
        if let Some(id) = delivery.packet_id {
            assert!(
                self.outstanding.insert(id) || delivery.dup,
                "packet identifier {} is in use",
                id.get()
            );
            assert!(self.outstanding.len() <= self.window, "beyond the Receive Maximum");
        }
        assert_eq!(delivery.packet_id.is_some(), delivery.qos > QoS::AtMostOnce);
        let mut properties = delivery.message.properties.as_deref().cloned().unwrap_or_default();
        properties.message_expiry_interval = delivery.message_expiry_interval;
        properties.topic_alias = delivery.topic_alias.map(|alias| alias.alias);
        properties.subscription_identifiers = delivery
            .subscription_identifier
            .map(|id| id.get())
            .into_iter()
            .collect();
        let publish = Publish {
            dup: delivery.dup,
            qos: delivery.qos,
            retain: delivery.retain,
            topic,
            packet_id: delivery.packet_id,
            properties: (self.version == ProtocolVersion::V5).then(|| Box::new(properties)),
            payload: delivery.message.payload.clone(),
        };
        self.record(Packet::Publish(publish));
    }

    /// A packet that the client is about to send.
    pub fn note_sent_by_client(&mut self, packet: &Packet) {
        match packet {
            Packet::Puback(ack) | Packet::Pubcomp(ack) => {
                self.outstanding.remove(&ack.packet_id);
            }
            Packet::Pubrec(ack) if ack.reason_code.is_error() => {
                self.outstanding.remove(&ack.packet_id);
            }
            _ => {}
        }
    }

    pub fn close(&mut self, reason: DisconnectReason, summary: ChannelSummary) {
        assert!(self.closed.is_none(), "closed twice");
        self.closed = Some((reason, summary));
    }

    fn resolve_topic(&mut self, delivery: &Delivery) -> ByteString {
        let topic = delivery.message.topic.clone();
        let Some(alias) = delivery.topic_alias else {
            return topic;
        };
        assert!(
            (1..=self.alias_maximum).contains(&alias.alias),
            "an alias the client does not take"
        );
        self.aliases_used.push((alias.alias, alias.is_known));
        if alias.is_known {
            assert_eq!(
                self.aliases.get(&alias.alias),
                Some(&topic),
                "an alias that means another topic"
            );
        } else {
            self.aliases.insert(alias.alias, topic.clone());
        }
        topic
    }

    fn check_size(&self, delivery: &Delivery) {
        let identifier = delivery.subscription_identifier.map(|identifier| identifier.get());
        let is_topic_left_out = delivery.topic_alias.is_some_and(|alias| alias.is_known);
        let frame = PublishFrame {
            dup: delivery.dup,
            qos: delivery.qos,
            retain: delivery.retain,
            topic: if is_topic_left_out { "" } else { &delivery.message.topic },
            packet_id: delivery.packet_id,
            properties: delivery.message.properties.as_deref(),
            message_expiry_interval: delivery.message_expiry_interval,
            topic_alias: delivery.topic_alias.map(|alias| alias.alias),
            subscription_identifiers: identifier.as_slice(),
            payload_len: delivery.message.payload.len(),
        };
        let len = frame.encoded_len(self.version).expect("a message that can be encoded");
        assert!(
            len <= self.maximum_packet_size,
            "{len} bytes are more than the client takes"
        );
    }
}
