//! An MQTT 5 client whose broker may vanish at any moment: every call has a deadline, and every failure is an answer.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use mqtt_codec::{
    Ack, Connect, ConnectProperties, DecodeLimits, Decoder, Packet, PacketId, ProtocolVersion, Publish, QoS,
    ReasonCode, RetainHandling, Subscribe, SubscribeFilter, SubscribeProperties,
};
use smallvec::smallvec;

/// What any answer may take.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// A connection.
pub struct Client {
    stream: TcpStream,
    decoder: Decoder,
    received: Bytes,
    /// Whether the broker went on with a session.
    pub has_session: bool,
}

impl Client {
    /// Connects; a kept session lasts an hour.
    pub fn connect(address: SocketAddr, client_id: &str, is_kept: bool) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut client = Self {
            stream,
            decoder: Decoder::with_version(ProtocolVersion::V5, DecodeLimits::default()),
            received: Bytes::new(),
            has_session: false,
        };
        client.send(&Packet::Connect(Box::new(Connect {
            protocol_version: ProtocolVersion::V5,
            is_bridge: false,
            clean_start: !is_kept,
            keep_alive: 60,
            client_id: client_id.into(),
            username: None,
            password: None,
            will: None,
            properties: ConnectProperties {
                session_expiry_interval: is_kept.then_some(3600),
                ..ConnectProperties::default()
            },
        })))?;
        // A session that moves between nodes takes its time.
        match client.next(PATIENCE * 4)? {
            Some(Packet::Connack(connack)) if connack.reason_code == ReasonCode::Success => {
                client.has_session = connack.session_present;
                Ok(client)
            }
            Some(other) => Err(io::Error::other(format!("{other:?} in place of CONNACK"))),
            None => Err(ErrorKind::TimedOut.into()),
        }
    }

    /// Subscribes; messages that come before SUBACK go to `take`.
    pub fn subscribe(&mut self, filter: &str, qos: QoS, mut take: impl FnMut(Packet)) -> io::Result<()> {
        self.send(&Packet::Subscribe(Box::new(Subscribe {
            packet_id: PacketId::FIRST,
            properties: SubscribeProperties::default(),
            filters: smallvec![SubscribeFilter {
                filter: filter.into(),
                qos,
                no_local: false,
                retain_as_published: false,
                retain_handling: RetainHandling::DoNotSend,
            }],
        })))?;
        loop {
            match self.next(PATIENCE)? {
                Some(Packet::Suback(_)) => return Ok(()),
                Some(other) => take(other),
                None => return Err(ErrorKind::TimedOut.into()),
            }
        }
    }

    /// Publishes and waits until the broker has taken the message over: PUBACK, or PUBREC and the rest. The code of the
    /// first answer.
    pub fn publish(&mut self, topic: &str, payload: &[u8], qos: QoS, id: PacketId) -> io::Result<ReasonCode> {
        self.send(&Packet::Publish(Publish {
            dup: false,
            qos,
            retain: false,
            topic: topic.into(),
            packet_id: Some(id),
            properties: None,
            payload: Bytes::copy_from_slice(payload),
        }))?;
        let code = match self.next(PATIENCE)? {
            Some(Packet::Puback(ack) | Packet::Pubrec(ack)) if ack.packet_id == id => ack.reason_code,
            Some(other) => return Err(io::Error::other(format!("{other:?} in place of an acknowledgement"))),
            None => return Err(ErrorKind::TimedOut.into()),
        };
        if qos == QoS::ExactlyOnce && !code.is_error() {
            // The broker has the message: what happens to the rest of the exchange changes nothing for it.
            let _lost = self.send(&Packet::Pubrel(success(id)));
            let _lost = self.next(PATIENCE);
        }
        Ok(code)
    }

    /// Sends a packet.
    pub fn send(&mut self, packet: &Packet) -> io::Result<()> {
        let mut bytes = BytesMut::new();
        packet
            .encode(ProtocolVersion::V5, &mut bytes)
            .map_err(io::Error::other)?;
        self.stream.write_all(&bytes)
    }

    /// The next packet; `None` when none comes in time.
    pub fn next(&mut self, within: Duration) -> io::Result<Option<Packet>> {
        let deadline = Instant::now() + within;
        let mut buffer = [0; 16 * 1024];
        loop {
            if let Some(packet) = self.decoder.decode(&mut self.received).map_err(io::Error::other)? {
                return Ok(Some(packet));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    let mut all = BytesMut::from(&*self.received);
                    all.extend_from_slice(&buffer[..count]);
                    self.received = all.freeze();
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// An acknowledgement that says nothing but that.
pub fn success(packet_id: PacketId) -> Ack {
    Ack::new(packet_id, ReasonCode::Success)
}
