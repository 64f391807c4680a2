//! Packets that a benchmark sends, encoded by the codec before the clock runs: CONNECT, SUBSCRIBE, and the heads of the
//! PUBLISH packets, in which only packet identifier and stamp are patched later.

use bytes::{Bytes, BytesMut};
use mqtt_codec::{
    Connect, ConnectProperties, EncodeError, Packet, PacketId, ProtocolVersion, PublishFrame, QoS, RetainHandling,
    Subscribe, SubscribeFilter, SubscribeProperties, Unsubscribe,
};

/// Bytes of a payload that say when, by whom and as which message it was sent.
pub const STAMP_BYTES: usize = 16;

/// What a payload says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// When the message was due, in nanoseconds of the run's clock.
    pub due_ns: u64,
    pub publisher: u32,
    /// Counted from 1 for each publisher.
    pub sequence: u32,
}

impl Stamp {
    #[inline]
    pub fn to_bytes(self) -> [u8; STAMP_BYTES] {
        let mut bytes = [0; STAMP_BYTES];
        bytes[..8].copy_from_slice(&self.due_ns.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.publisher.to_be_bytes());
        bytes[12..].copy_from_slice(&self.sequence.to_be_bytes());
        bytes
    }

    /// `None` if there are too few bytes.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (due_ns, rest) = bytes.split_first_chunk()?;
        let (publisher, rest) = rest.split_first_chunk()?;
        Some(Self {
            due_ns: u64::from_be_bytes(*due_ns),
            publisher: u32::from_be_bytes(*publisher),
            sequence: u32::from_be_bytes(*rest.first_chunk()?),
        })
    }
}

/// Who the clients are.
#[derive(Debug, Clone)]
pub struct Identity {
    pub version: ProtocolVersion,
    pub username: Option<String>,
    pub password: Option<Vec<u8>>,
    /// 0 for none: subscribers send nothing for as long as a run takes.
    pub keep_alive_s: u16,
}

/// A CONNECT with a clean session.
pub fn connect(identity: &Identity, client_id: String) -> Result<Vec<u8>, EncodeError> {
    let packet = Packet::Connect(Box::new(Connect {
        protocol_version: identity.version,
        is_bridge: false,
        clean_start: true,
        keep_alive: identity.keep_alive_s,
        client_id: client_id.into(),
        username: identity.username.clone().map(Into::into),
        password: identity.password.clone().map(Bytes::from),
        will: None,
        properties: ConnectProperties::default(),
    }));
    encoded(&packet, identity.version)
}

/// A SUBSCRIBE of some filters.
pub fn subscribe(
    version: ProtocolVersion,
    packet_id: PacketId,
    filters: &[String],
    qos: QoS,
) -> Result<Vec<u8>, EncodeError> {
    let filters = filters.iter().map(|filter| SubscribeFilter {
        filter: filter.as_str().into(),
        qos,
        no_local: false,
        retain_as_published: false,
        retain_handling: RetainHandling::SendAtSubscribe,
    });
    let packet = Packet::Subscribe(Box::new(Subscribe {
        packet_id,
        properties: SubscribeProperties::default(),
        filters: filters.collect(),
    }));
    encoded(&packet, version)
}

/// An UNSUBSCRIBE of some filters.
pub fn unsubscribe(version: ProtocolVersion, packet_id: PacketId, filters: &[String]) -> Result<Vec<u8>, EncodeError> {
    let packet = Packet::Unsubscribe(Box::new(Unsubscribe {
        packet_id,
        user_properties: Vec::new(),
        filters: filters.iter().map(|filter| filter.as_str().into()).collect(),
    }));
    encoded(&packet, version)
}

/// A PINGREQ.
pub fn ping() -> &'static [u8] {
    b"\xc0\x00"
}

/// A DISCONNECT without a complaint.
pub fn disconnect() -> &'static [u8] {
    b"\xe0\x00"
}

fn encoded(packet: &Packet, version: ProtocolVersion) -> Result<Vec<u8>, EncodeError> {
    let mut out = BytesMut::new();
    packet.encode(version, &mut out)?;
    Ok(out.to_vec())
}

/// The heads of PUBLISH packets, one for each topic, and the payload that they share.
#[derive(Debug)]
pub struct Publishes {
    heads: Vec<u8>,
    /// Where each head ends.
    ends: Vec<u32>,
    /// From the end of a head back to its packet identifier; 0 at QoS 0.
    packet_id_from_end: usize,
    payload: Vec<u8>,
    packet_bytes_max: usize,
}

impl Publishes {
    /// Encodes a head for each of `topics`; `payload_bytes` is at least [`STAMP_BYTES`], or 0 for messages that clear
    /// retained ones.
    pub fn new(
        version: ProtocolVersion,
        topics: &[String],
        qos: QoS,
        retain: bool,
        payload_bytes: usize,
    ) -> Result<Self, EncodeError> {
        let mut heads = BytesMut::new();
        let mut ends = Vec::with_capacity(topics.len());
        let (mut packet_id_from_end, mut head_bytes_max) = (0, 0);
        for topic in topics {
            let start = heads.len();
            let frame = PublishFrame {
                dup: false,
                qos,
                retain,
                topic,
                packet_id: Some(PacketId::FIRST),
                properties: None,
                message_expiry_interval: None,
                topic_alias: None,
                subscription_identifiers: &[],
                payload_len: payload_bytes,
            };
            if let Some(at) = frame.encode_head(version, &mut heads)? {
                packet_id_from_end = heads.len() - start - at;
            }
            head_bytes_max = head_bytes_max.max(heads.len() - start);
            // The plan bounds the topics, see `TOPICS_MAX`.
            ends.push(u32::try_from(heads.len()).map_err(|_| EncodeError::PacketTooLarge { len: heads.len() })?);
        }
        Ok(Self {
            heads: heads.to_vec(),
            ends,
            packet_id_from_end,
            payload: vec![b'x'; payload_bytes],
            packet_bytes_max: head_bytes_max + payload_bytes,
        })
    }

    /// Bytes of the largest packet.
    pub fn packet_bytes_max(&self) -> usize {
        // Asked at every read: with many topics, looking for it each time cost more than all else.
        self.packet_bytes_max
    }

    /// Appends the PUBLISH to `topic`.
    #[inline]
    pub fn put(&self, topic: usize, packet_id: u16, stamp: Stamp, out: &mut Vec<u8>) {
        let start = if topic == 0 { 0 } else { self.ends[topic - 1] as usize };
        out.extend_from_slice(&self.heads[start..self.ends[topic] as usize]);
        if self.packet_id_from_end > 0 {
            let at = out.len() - self.packet_id_from_end;
            out[at..at + 2].copy_from_slice(&packet_id.to_be_bytes());
        }
        if let Some(filler) = self.payload.get(STAMP_BYTES..) {
            out.extend_from_slice(&stamp.to_bytes());
            out.extend_from_slice(filler);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mqtt_codec::{DecodeLimits, Decoder};

    #[test]
    fn a_patched_publish_is_what_the_codec_reads() {
        let topics = ["bench/a".to_owned(), "bench/longer/b".to_owned()];
        let stamp = Stamp {
            due_ns: 7,
            publisher: 3,
            sequence: 9,
        };
        for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
            for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
                let publishes = Publishes::new(version, &topics, qos, true, 300).unwrap();
                for (index, topic) in topics.iter().enumerate() {
                    let mut out = Vec::new();
                    publishes.put(index, 0x1234, stamp, &mut out);
                    assert!(out.len() <= publishes.packet_bytes_max());
                    let mut decoder = Decoder::with_version(version, DecodeLimits::default());
                    let packet = decoder.decode(&mut Bytes::from(out)).unwrap();
                    let Some(Packet::Publish(publish)) = packet else {
                        panic!("{packet:?}");
                    };
                    assert_eq!(
                        (&*publish.topic, publish.qos, publish.retain),
                        (topic.as_str(), qos, true)
                    );
                    let id = publish.packet_id.map(PacketId::get);
                    assert_eq!(id, (qos != QoS::AtMostOnce).then_some(0x1234));
                    assert_eq!(publish.payload.len(), 300);
                    assert_eq!(Stamp::from_bytes(&publish.payload), Some(stamp));
                }
            }
        }
    }

    #[test]
    fn a_message_that_clears_has_no_payload() {
        let publishes = Publishes::new(ProtocolVersion::V5, &["t".to_owned()], QoS::AtLeastOnce, true, 0).unwrap();
        let mut out = Vec::new();
        let stamp = Stamp {
            due_ns: 0,
            publisher: 0,
            sequence: 0,
        };
        publishes.put(0, 5, stamp, &mut out);
        assert_eq!(out, b"\x33\x06\x00\x01t\x00\x05\x00");
    }
}
