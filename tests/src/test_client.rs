//! An MQTT client that does one thing at a time and waits for its answer.
//!
//! It stands on the codec's packets, so a test can also send what a well-behaved client never would.
//! Messages that arrive while it waits for something else are kept and come out of
//! [`TestClient::expect_publish`] in their order; QoS 1 and 2 are acknowledged as they are taken out.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use mqtt_codec::{
    Ack, Connack, DecodeLimits, Decoder, Disconnect, DisconnectProperties, Packet, PacketId, PacketType,
    ProtocolVersion, Publish, PublishProperties, QoS, ReasonCode, RetainHandling, Subscribe, SubscribeFilter,
    SubscribeProperties, Unsubscribe,
};
use smallvec::smallvec;

use crate::{ClientOptions, DEADLINE};

/// A connected client. Dropping it closes the connection without DISCONNECT.
#[derive(Debug)]
pub struct TestClient {
    stream: TcpStream,
    decoder: Decoder,
    version: ProtocolVersion,
    received: Bytes,
    kept: VecDeque<Packet>,
    next_packet_id: PacketId,
    /// The broker's answer to CONNECT.
    pub connack: Connack,
}

/// Why a client is not connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The broker said why.
    Connack(ReasonCode),
    /// It closed the connection without a word.
    Closed,
}

/// What the connection gave.
enum Received {
    Packet(Packet),
    Closed,
}

impl TestClient {
    #[track_caller]
    pub(crate) fn connect(address: SocketAddr, options: ClientOptions) -> Result<Self, Refused> {
        let version = options.connect.protocol_version;
        let stream = TcpStream::connect(address).expect("the listener accepts");
        stream.set_nodelay(true).expect("a TCP socket");
        let limits = DecodeLimits {
            max_packet_size: u32::MAX,
            ..DecodeLimits::default()
        };
        let mut client = Self {
            stream,
            decoder: Decoder::with_version(version, limits),
            version,
            received: Bytes::new(),
            kept: VecDeque::new(),
            next_packet_id: PacketId::FIRST,
            connack: Connack {
                session_present: false,
                reason_code: ReasonCode::Success,
                properties: mqtt_codec::ConnackProperties::default(),
            },
        };
        if client.try_send(&Packet::Connect(Box::new(options.connect))).is_err() {
            return Err(Refused::Closed);
        }
        match client.receive(DEADLINE) {
            Some(Received::Packet(Packet::Connack(connack))) if connack.reason_code == ReasonCode::Success => {
                client.connack = *connack;
                Ok(client)
            }
            Some(Received::Packet(Packet::Connack(connack))) => Err(Refused::Connack(connack.reason_code)),
            Some(Received::Packet(other)) => panic!("{other:?} in place of CONNACK"),
            Some(Received::Closed) => Err(Refused::Closed),
            None => panic!("no CONNACK within {DEADLINE:?}"),
        }
    }

    /// Whether the broker went on with a session it had.
    pub fn session_present(&self) -> bool {
        self.connack.session_present
    }

    /// Sends any packet.
    #[track_caller]
    pub fn send(&mut self, packet: &Packet) {
        self.try_send(packet).expect("the connection takes bytes");
    }

    /// Sends any bytes.
    #[track_caller]
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the connection takes bytes");
    }

    /// The next packet identifier; they are given in order and not checked for being in use.
    pub fn take_packet_id(&mut self) -> PacketId {
        let packet_id = self.next_packet_id;
        self.next_packet_id = packet_id.next();
        packet_id
    }

    /// Subscribes to one filter and returns what was granted.
    #[track_caller]
    pub fn subscribe(&mut self, filter: &str, qos: QoS) -> ReasonCode {
        self.subscribe_with(SubscribeFilter {
            filter: filter.into(),
            qos,
            no_local: false,
            retain_as_published: false,
            retain_handling: RetainHandling::SendAtSubscribe,
        })
    }

    /// Subscribes with options and returns what was granted.
    #[track_caller]
    pub fn subscribe_with(&mut self, filter: SubscribeFilter) -> ReasonCode {
        let packet_id = self.take_packet_id();
        let properties = SubscribeProperties::default();
        self.send(&Packet::Subscribe(Box::new(Subscribe {
            packet_id,
            properties,
            filters: smallvec![filter],
        })));
        match self.expect(PacketType::Suback) {
            Packet::Suback(suback) if suback.packet_id == packet_id => suback.reason_codes[0],
            other => panic!("expected the SUBACK of {packet_id:?}, got {other:?}"),
        }
    }

    /// Ends a subscription.
    #[track_caller]
    pub fn unsubscribe(&mut self, filter: &str) {
        let packet_id = self.take_packet_id();
        let filters = smallvec![filter.into()];
        self.send(&Packet::Unsubscribe(Box::new(Unsubscribe {
            packet_id,
            user_properties: Vec::new(),
            filters,
        })));
        self.expect(PacketType::Unsuback);
    }

    /// Publishes and waits until the broker has acknowledged as far as the QoS asks.
    #[track_caller]
    pub fn publish(&mut self, topic: &str, payload: impl AsRef<[u8]>, qos: QoS) {
        let publish = self.message(topic, payload, qos);
        self.publish_packet(publish);
    }

    /// Publishes a message to be retained; an empty payload clears it.
    #[track_caller]
    pub fn publish_retained(&mut self, topic: &str, payload: impl AsRef<[u8]>, qos: QoS) {
        let publish = Publish {
            retain: true,
            ..self.message(topic, payload, qos)
        };
        self.publish_packet(publish);
    }

    /// Publishes with MQTT 5 properties.
    #[track_caller]
    pub fn publish_with(&mut self, topic: &str, payload: impl AsRef<[u8]>, qos: QoS, properties: PublishProperties) {
        let publish = Publish {
            properties: Some(Box::new(properties)),
            ..self.message(topic, payload, qos)
        };
        self.publish_packet(publish);
    }

    /// Publishes and, for QoS 1 and 2, returns the code of the first acknowledgement.
    #[track_caller]
    pub fn publish_packet(&mut self, publish: Publish) -> Option<ReasonCode> {
        let packet_id = publish.packet_id;
        let qos = publish.qos;
        self.send(&Packet::Publish(publish));
        match qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce => match self.expect(PacketType::Puback) {
                Packet::Puback(ack) if Some(ack.packet_id) == packet_id => Some(ack.reason_code),
                other => panic!("expected the PUBACK of {packet_id:?}, got {other:?}"),
            },
            QoS::ExactlyOnce => {
                let code = match self.expect(PacketType::Pubrec) {
                    Packet::Pubrec(ack) if Some(ack.packet_id) == packet_id => ack.reason_code,
                    other => panic!("expected the PUBREC of {packet_id:?}, got {other:?}"),
                };
                if !code.is_error() {
                    self.send(&Packet::Pubrel(success(packet_id.expect("QoS 2 has one"))));
                    self.expect(PacketType::Pubcomp);
                }
                Some(code)
            }
        }
    }

    /// A PUBLISH to send, with a new packet identifier if the QoS needs one.
    pub fn message(&mut self, topic: &str, payload: impl AsRef<[u8]>, qos: QoS) -> Publish {
        Publish {
            dup: false,
            qos,
            retain: false,
            topic: topic.into(),
            packet_id: (qos != QoS::AtMostOnce).then(|| self.take_packet_id()),
            properties: None,
            payload: Bytes::copy_from_slice(payload.as_ref()),
        }
    }

    /// The next message, acknowledged.
    ///
    /// # Panics
    /// If none comes in time, or the connection is closed.
    #[track_caller]
    pub fn expect_publish(&mut self) -> Publish {
        let publish = self.expect_publish_unacknowledged();
        self.acknowledge(&publish);
        publish
    }

    /// The next message, and nothing said about it yet.
    #[track_caller]
    pub fn expect_publish_unacknowledged(&mut self) -> Publish {
        match self.expect(PacketType::Publish) {
            Packet::Publish(publish) => publish,
            other => panic!("expected PUBLISH, got {other:?}"),
        }
    }

    /// Acknowledges a message as far as its QoS asks.
    #[track_caller]
    pub fn acknowledge(&mut self, publish: &Publish) {
        match (publish.qos, publish.packet_id) {
            (QoS::AtLeastOnce, Some(packet_id)) => self.send(&Packet::Puback(success(packet_id))),
            (QoS::ExactlyOnce, Some(packet_id)) => {
                self.send(&Packet::Pubrec(success(packet_id)));
                self.expect_pubrel(packet_id);
                self.send(&Packet::Pubcomp(success(packet_id)));
            }
            _ => {}
        }
    }

    /// The PUBREL of `packet_id`.
    #[track_caller]
    pub fn expect_pubrel(&mut self, packet_id: PacketId) {
        match self.expect(PacketType::Pubrel) {
            Packet::Pubrel(ack) => assert_eq!(ack.packet_id, packet_id, "PUBREL"),
            other => panic!("expected PUBREL, got {other:?}"),
        }
    }

    /// The payload of the next message, as text.
    #[track_caller]
    pub fn expect_payload(&mut self) -> String {
        let publish = self.expect_publish();
        String::from_utf8_lossy(&publish.payload).into_owned()
    }

    /// The payloads of the next `count` messages, as text.
    #[track_caller]
    pub fn expect_payloads(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.expect_payload()).collect()
    }

    /// Sends PINGREQ and waits for the answer. What the broker had for this client comes before it.
    #[track_caller]
    pub fn ping(&mut self) {
        self.send(&Packet::Pingreq);
        self.expect(PacketType::Pingresp);
    }

    /// That no message has come, and none comes before the answer to a PINGREQ.
    #[track_caller]
    pub fn expect_no_publish(&mut self) {
        self.ping();
        let publish = self
            .kept
            .iter()
            .find(|packet| packet.packet_type() == PacketType::Publish);
        assert_eq!(publish, None, "no message was expected");
    }

    /// The next packet of this type; messages that come before it are kept.
    ///
    /// # Panics
    /// If it does not come in time, another packet comes, or the connection is closed.
    #[track_caller]
    pub fn expect(&mut self, wanted: PacketType) -> Packet {
        if let Some(index) = self.kept.iter().position(|packet| packet.packet_type() == wanted) {
            return self.kept.remove(index).expect("position gave its index");
        }
        let deadline = Instant::now() + DEADLINE;
        loop {
            match self.receive(deadline.saturating_duration_since(Instant::now())) {
                Some(Received::Packet(packet)) if packet.packet_type() == wanted => return packet,
                Some(Received::Packet(packet @ (Packet::Publish(_) | Packet::Pubrel(_)))) => {
                    self.kept.push_back(packet);
                }
                Some(Received::Packet(packet)) => panic!("expected {wanted}, got {packet:?}"),
                Some(Received::Closed) => panic!("expected {wanted}, the broker closed the connection"),
                None => panic!("no {wanted} within {DEADLINE:?}"),
            }
        }
    }

    /// The DISCONNECT of the broker (MQTT 5), followed by the end of the connection.
    #[track_caller]
    pub fn expect_disconnect(&mut self) -> ReasonCode {
        let code = match self.expect(PacketType::Disconnect) {
            Packet::Disconnect(disconnect) => disconnect.reason_code,
            other => panic!("expected DISCONNECT, got {other:?}"),
        };
        self.expect_closed();
        code
    }

    /// That the broker closes the connection without a DISCONNECT. Messages on the way are dropped.
    #[track_caller]
    pub fn expect_closed(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            match self.receive(deadline.saturating_duration_since(Instant::now())) {
                Some(Received::Closed) => return,
                Some(Received::Packet(Packet::Publish(_))) => {}
                Some(Received::Packet(packet)) => panic!("expected the end of the connection, got {packet:?}"),
                None => panic!("the broker did not close the connection within {DEADLINE:?}"),
            }
        }
    }

    /// The next packet, whatever it is; `None` once the broker has closed the connection.
    ///
    /// # Panics
    /// If neither happens in time.
    #[track_caller]
    pub fn next_packet(&mut self) -> Option<Packet> {
        if let Some(kept) = self.kept.pop_front() {
            return Some(kept);
        }
        match self.receive(DEADLINE) {
            Some(Received::Packet(packet)) => Some(packet),
            Some(Received::Closed) => None,
            None => panic!("nothing within {DEADLINE:?}"),
        }
    }

    /// Says DISCONNECT and closes.
    #[track_caller]
    pub fn disconnect(self) {
        self.disconnect_with(ReasonCode::Success);
    }

    /// Says DISCONNECT with a code (MQTT 5) and closes.
    #[track_caller]
    pub fn disconnect_with(mut self, reason_code: ReasonCode) {
        let properties = DisconnectProperties::default();
        self.send(&Packet::Disconnect(Box::new(Disconnect {
            reason_code,
            properties,
        })));
        self.stream.shutdown(Shutdown::Write).expect("it is connected");
        self.expect_closed();
    }

    /// Closes without DISCONNECT, as a killed process would.
    pub fn kill(self) {}

    /// Sends any packet, to a broker that may be closing.
    ///
    /// # Errors
    /// The connection takes nothing any more.
    pub fn try_send(&mut self, packet: &Packet) -> std::io::Result<()> {
        let mut bytes = BytesMut::new();
        packet
            .encode(self.version, &mut bytes)
            .expect("the packet can be encoded");
        self.stream.write_all(&bytes)
    }

    /// The next packet or the end of the connection; `None` if neither comes within `timeout`.
    #[track_caller]
    fn receive(&mut self, timeout: Duration) -> Option<Received> {
        let deadline = Instant::now() + timeout;
        loop {
            match self.decoder.decode(&mut self.received) {
                Ok(Some(packet)) => return Some(Received::Packet(packet)),
                Ok(None) => {}
                Err(error) => panic!("the broker sent what is no packet: {error}"),
            }
            // At least a millisecond: zero would mean no time limit.
            let left = deadline
                .saturating_duration_since(Instant::now())
                .max(Duration::from_millis(1));
            self.stream.set_read_timeout(Some(left)).expect("not zero");
            let mut chunk = [0; 16 * 1024];
            match self.stream.read(&mut chunk) {
                Ok(0) => return Some(Received::Closed),
                Ok(len) => self.received = [&self.received, &chunk[..len]].concat().into(),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return None,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                    return Some(Received::Closed);
                }
                Err(error) => panic!("reading failed: {error}"),
            }
        }
    }
}

fn success(packet_id: PacketId) -> Ack {
    Ack::new(packet_id, ReasonCode::Success)
}
