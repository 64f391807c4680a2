//! The client side: a builder for CONNECT, and a handle to publish, subscribe, acknowledge and read with.

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{ChannelSummary, DisconnectReason, Identity, Will};
use mqtt_codec::{
    Ack, Connack, Connect, ConnectProperties, Disconnect, DisconnectProperties, Packet, PacketId, ProtocolVersion,
    Publish, PublishProperties, QoS, ReasonCode, RetainHandling, Subscribe, SubscribeFilter, SubscribeProperties,
    Unsubscribe, WillProperties,
};

use super::TestBroker;

/// A CONNECT in the making.
pub struct ConnectBuilder {
    broker: TestBroker,
    connect: Connect,
    identity: Option<Identity>,
    certificate: Option<String>,
}

impl ConnectBuilder {
    pub fn new(broker: TestBroker, client_id: &str) -> Self {
        let connect = Connect {
            protocol_version: ProtocolVersion::V5,
            is_bridge: false,
            clean_start: true,
            keep_alive: 0,
            client_id: ByteString::from(client_id),
            username: None,
            password: None,
            will: None,
            properties: ConnectProperties::default(),
        };
        Self {
            broker,
            connect,
            identity: None,
            certificate: None,
        }
    }

    /// MQTT 3.1.1 instead of 5.
    pub fn v311(mut self) -> Self {
        self.connect.protocol_version = ProtocolVersion::V311;
        self
    }

    /// Clean start 0.
    pub fn resuming(mut self) -> Self {
        self.connect.clean_start = false;
        self
    }

    /// Clean start 0 and a session that outlives the connection by an hour.
    pub fn persistent(self) -> Self {
        self.resuming().expiry(3600)
    }

    pub fn expiry(mut self, seconds: u32) -> Self {
        self.connect.properties.session_expiry_interval = Some(seconds);
        self
    }

    pub fn keep_alive(mut self, seconds: u16) -> Self {
        self.connect.keep_alive = seconds;
        self
    }

    pub fn receive_maximum(mut self, maximum: u16) -> Self {
        self.connect.properties.receive_maximum = Some(maximum);
        self
    }

    pub fn maximum_packet_size(mut self, bytes: u32) -> Self {
        self.connect.properties.maximum_packet_size = Some(bytes);
        self
    }

    pub fn topic_alias_maximum(mut self, maximum: u16) -> Self {
        self.connect.properties.topic_alias_maximum = Some(maximum);
        self
    }

    pub fn username(mut self, username: &str) -> Self {
        self.connect.username = Some(ByteString::from(username));
        self
    }

    pub fn will(mut self, will: Will) -> Self {
        self.connect.will = Some(Box::new(will));
        self
    }

    /// What authentication has found out.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// The common name of its certificate.
    pub fn certificate(mut self, common_name: &str) -> Self {
        self.certificate = Some(common_name.to_owned());
        self
    }

    /// Anything else.
    pub fn change(mut self, change: impl FnOnce(&mut Connect)) -> Self {
        change(&mut self.connect);
        self
    }

    /// Sends CONNECT and reads the CONNACK, whatever it says.
    pub fn connect(self) -> TestClient {
        let number = self
            .broker
            .0
            .borrow_mut()
            .open(self.connect, self.identity, self.certificate);
        let packet = self.broker.0.borrow_mut().connections[number].unread.pop_front();
        let Some(Packet::Connack(connack)) = packet else {
            panic!("expected CONNACK, got {packet:?}");
        };
        TestClient {
            broker: self.broker,
            number,
            connack: *connack,
        }
    }
}

/// A will on `topic` with `payload`, published `delay` seconds after the connection's end.
pub fn will(topic: &str, payload: &str, delay: u32) -> Will {
    Will {
        qos: QoS::AtMostOnce,
        retain: false,
        topic: ByteString::from(topic),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        properties: WillProperties {
            will_delay_interval: (delay > 0).then_some(delay),
            ..WillProperties::default()
        },
    }
}

/// A PUBLISH; packet identifier 1 above QoS 0.
pub fn message(topic: &str, payload: &str, qos: QoS) -> Publish {
    Publish {
        dup: false,
        qos,
        retain: false,
        topic: ByteString::from(topic),
        packet_id: (qos > QoS::AtMostOnce).then_some(PacketId::FIRST),
        properties: None,
        payload: Bytes::copy_from_slice(payload.as_bytes()),
    }
}

/// Payloads as text.
pub fn payloads_of(publishes: &[Publish]) -> Vec<String> {
    let text = |publish: &Publish| String::from_utf8_lossy(&publish.payload).into_owned();
    publishes.iter().map(text).collect()
}

/// Options of a SUBSCRIBE with one filter.
#[derive(Default)]
pub struct Subscribing {
    pub qos: QoS,
    pub no_local: bool,
    pub retain_as_published: bool,
    pub retain_handling: RetainHandling,
    pub identifier: Option<u32>,
}

/// A client on one connection.
pub struct TestClient {
    broker: TestBroker,
    number: usize,
    pub connack: Connack,
}

impl TestClient {
    /// Sends any packet.
    pub fn send(&self, packet: Packet) {
        self.broker.0.borrow_mut().packet(self.number, packet);
    }

    /// Everything that came since the last look.
    pub fn received(&self) -> Vec<Packet> {
        self.broker.0.borrow_mut().connections[self.number]
            .unread
            .drain(..)
            .collect()
    }

    /// The next packet that came.
    pub fn next(&self) -> Option<Packet> {
        self.broker.0.borrow_mut().connections[self.number].unread.pop_front()
    }

    /// The messages among what came since the last look.
    pub fn messages(&self) -> Vec<Publish> {
        let publish = |packet| match packet {
            Packet::Publish(publish) => Some(publish),
            _ => None,
        };
        self.received().into_iter().filter_map(publish).collect()
    }

    /// Their payloads.
    pub fn payloads(&self) -> Vec<String> {
        payloads_of(&self.messages())
    }

    /// The one message that came since the last look.
    pub fn only_message(&self) -> Publish {
        let mut messages = self.messages();
        assert_eq!(messages.len(), 1, "{:?}", payloads_of(&messages));
        messages.remove(0)
    }

    /// Publishes, plays the sender's part of the handshake to its end, and returns the reason code of the first
    /// answer (success for QoS 0).
    pub fn publish(&self, topic: &str, payload: &str, qos: QoS) -> ReasonCode {
        self.publish_packet(message(topic, payload, qos))
    }

    /// Publishes with RETAIN.
    pub fn publish_retained(&self, topic: &str, payload: &str, qos: QoS) -> ReasonCode {
        let mut publish = message(topic, payload, qos);
        publish.retain = true;
        self.publish_packet(publish)
    }

    /// Publishes with properties, QoS 0.
    pub fn publish_with(&self, topic: &str, payload: &str, set: impl FnOnce(&mut PublishProperties)) {
        let mut publish = message(topic, payload, QoS::AtMostOnce);
        set(publish.properties.get_or_insert_default());
        self.publish_packet(publish);
    }

    /// See [`Self::publish`].
    pub fn publish_packet(&self, publish: Publish) -> ReasonCode {
        let (qos, packet_id) = (publish.qos, publish.packet_id);
        self.send(Packet::Publish(publish));
        match (qos, packet_id) {
            (QoS::AtLeastOnce, Some(id)) => self
                .take(|packet| matches!(packet, Packet::Puback(ack) if ack.packet_id == id))
                .map_or(ReasonCode::UnspecifiedError, |packet| ack_of(&packet).reason_code),
            (QoS::ExactlyOnce, Some(id)) => {
                let answer = self.take(|packet| matches!(packet, Packet::Pubrec(ack) if ack.packet_id == id));
                let code = answer.map_or(ReasonCode::UnspecifiedError, |packet| ack_of(&packet).reason_code);
                if !code.is_error() {
                    self.pubrel(id.get());
                    self.take(|packet| matches!(packet, Packet::Pubcomp(ack) if ack.packet_id == id));
                }
                code
            }
            _ => ReasonCode::Success,
        }
    }

    /// Subscribes to one filter; the reason code of the SUBACK. Messages that follow it stay to be read.
    pub fn subscribe(&self, filter: &str, qos: QoS) -> ReasonCode {
        let options = Subscribing {
            qos,
            ..Subscribing::default()
        };
        self.subscribe_with(filter, &options)
    }

    /// See [`Self::subscribe`].
    pub fn subscribe_with(&self, filter: &str, options: &Subscribing) -> ReasonCode {
        let requested = SubscribeFilter {
            filter: ByteString::from(filter),
            qos: options.qos,
            no_local: options.no_local,
            retain_as_published: options.retain_as_published,
            retain_handling: options.retain_handling,
        };
        self.send(Packet::Subscribe(Box::new(Subscribe {
            packet_id: PacketId::FIRST,
            properties: SubscribeProperties {
                subscription_identifier: options.identifier,
                user_properties: Vec::new(),
            },
            filters: [requested].into_iter().collect(),
        })));
        match self.take(|packet| matches!(packet, Packet::Suback(_))) {
            Some(Packet::Suback(suback)) => suback.reason_codes[0],
            other => panic!("expected SUBACK, got {other:?}"),
        }
    }

    /// Unsubscribes from one filter; the reason code of the UNSUBACK.
    pub fn unsubscribe(&self, filter: &str) -> ReasonCode {
        self.send(Packet::Unsubscribe(Box::new(Unsubscribe {
            packet_id: PacketId::FIRST,
            user_properties: Vec::new(),
            filters: [ByteString::from(filter)].into_iter().collect(),
        })));
        match self.take(|packet| matches!(packet, Packet::Unsuback(_))) {
            Some(Packet::Unsuback(unsuback)) => unsuback.reason_codes[0],
            other => panic!("expected UNSUBACK, got {other:?}"),
        }
    }

    pub fn puback(&self, id: u16) {
        self.send(Packet::Puback(ack(id, ReasonCode::Success)));
    }

    pub fn pubrec(&self, id: u16) {
        self.send(Packet::Pubrec(ack(id, ReasonCode::Success)));
    }

    pub fn pubrec_with(&self, id: u16, reason_code: ReasonCode) {
        self.send(Packet::Pubrec(ack(id, reason_code)));
    }

    pub fn pubrel(&self, id: u16) {
        self.send(Packet::Pubrel(ack(id, ReasonCode::Success)));
    }

    pub fn pubcomp(&self, id: u16) {
        self.send(Packet::Pubcomp(ack(id, ReasonCode::Success)));
    }

    /// Reads and acknowledges until nothing more comes; the messages, duplicates included.
    pub fn read_and_ack_all(&self) -> Vec<Publish> {
        let mut messages = Vec::new();
        while let Some(packet) = self.next() {
            match packet {
                Packet::Publish(publish) => {
                    match (publish.qos, publish.packet_id) {
                        (QoS::AtLeastOnce, Some(id)) => self.puback(id.get()),
                        (QoS::ExactlyOnce, Some(id)) => self.pubrec(id.get()),
                        _ => {}
                    }
                    messages.push(publish);
                }
                Packet::Pubrel(ack) => self.pubcomp(ack.packet_id.get()),
                _ => {}
            }
        }
        messages
    }

    /// DISCONNECT 0x00.
    pub fn disconnect(&self) {
        self.disconnect_with(ReasonCode::Success, None);
    }

    pub fn disconnect_with(&self, reason_code: ReasonCode, session_expiry_interval: Option<u32>) {
        self.send(Packet::Disconnect(Box::new(Disconnect {
            reason_code,
            properties: DisconnectProperties {
                session_expiry_interval,
                ..DisconnectProperties::default()
            },
        })));
    }

    /// The connection breaks.
    pub fn drop_connection(&self) {
        self.broker
            .0
            .borrow_mut()
            .lose(self.number, DisconnectReason::TcpClosed);
    }

    /// The socket takes no more.
    pub fn congest(&self) {
        self.broker.0.borrow_mut().congest(self.number);
    }

    /// The socket takes data again.
    pub fn drain(&self) {
        self.broker.0.borrow_mut().drain(self.number);
    }

    /// Why the broker considers the connection ended; `None` while it is open.
    pub fn closed(&self) -> Option<DisconnectReason> {
        self.broker.state().connections[self.number]
            .closed
            .as_ref()
            .map(|(reason, _)| *reason)
    }

    /// What the broker told of the connection at its end.
    pub fn summary(&self) -> ChannelSummary {
        let state = self.broker.state();
        let (_, summary) = state.connections[self.number].closed.as_ref().expect("closed");
        summary.clone()
    }

    /// The reason code of the DISCONNECT that came, if one came.
    pub fn disconnect_code(&self) -> Option<ReasonCode> {
        match self.take(|packet| matches!(packet, Packet::Disconnect(_))) {
            Some(Packet::Disconnect(disconnect)) => Some(disconnect.reason_code),
            _ => None,
        }
    }

    /// Aliases of the deliveries so far, with whether the topic was left out.
    pub fn aliases_used(&self) -> Vec<(u16, bool)> {
        self.broker.state().connections[self.number].aliases_used.clone()
    }

    /// Takes the first unread packet that `wanted` says yes to.
    fn take(&self, wanted: impl Fn(&Packet) -> bool) -> Option<Packet> {
        let mut state = self.broker.0.borrow_mut();
        let unread = &mut state.connections[self.number].unread;
        let position = unread.iter().position(wanted)?;
        unread.remove(position)
    }
}

fn ack(id: u16, reason_code: ReasonCode) -> Ack {
    Ack::new(PacketId::new(id).expect("not 0"), reason_code)
}

fn ack_of(packet: &Packet) -> &Ack {
    match packet {
        Packet::Puback(ack) | Packet::Pubrec(ack) | Packet::Pubrel(ack) | Packet::Pubcomp(ack) => ack,
        other => panic!("{other:?} is no acknowledgement"),
    }
}
