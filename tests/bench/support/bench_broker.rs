//! One shard without sockets: packets go in, effects come out and are dropped.
//!
//! The worker's part (reading, writing, timers) is left out on purpose: what is measured here is what the rules
//! cost. Clients speak MQTT 3.1.1 with clean sessions.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{
    AdmitAll, ClientLocations, ConnectionKey, Effect, ExclusiveTopics, Gauges, HashSeed, Identity, MemoryRetainedStore,
    Metrics, MqttConfig, NodeTables, Peer, RetainedStore, RetainerConfig, RouteTable, Shard, Time,
};
use mqtt_codec::{
    Connect, ConnectProperties, Packet, PacketId, ProtocolVersion, Publish, QoS, RetainHandling, Subscribe,
    SubscribeFilter, SubscribeProperties, Unsubscribe,
};
use smallvec::smallvec;

/// The moment at which everything happens.
const NOW: Time = Time(1_000_000);

/// A shard and the buffer that its effects go to.
pub struct BenchBroker {
    shard: Shard,
    effects: Vec<Effect>,
    connections: u32,
}

impl BenchBroker {
    /// Without clients; default settings.
    pub fn new() -> Self {
        let tables = NodeTables {
            routes: Arc::new(RouteTable::with_seed(HashSeed::fixed())),
            locations: Arc::new(ClientLocations::new(HashSeed::fixed())),
            retained: Arc::new(MemoryRetainedStore::new(RetainerConfig::default())) as Arc<dyn RetainedStore>,
            exclusive: Arc::new(ExclusiveTopics::new()),
            admission: Arc::new(AdmitAll),
        };
        let config = Arc::new(MqttConfig::default());
        let (metrics, gauges) = (Arc::new(Metrics::new()), Arc::new(Gauges::default()));
        Self {
            shard: Shard::new(0, config, tables, metrics, gauges, 1),
            effects: Vec::new(),
            connections: 0,
        }
    }

    /// A client that has had its CONNACK.
    pub fn connect(&mut self) -> ConnectionKey {
        let connection = ConnectionKey(self.connections);
        self.connections += 1;
        let client_id = ByteString::from(format!("device-{:07}", connection.0));
        let connect = Connect {
            protocol_version: ProtocolVersion::V311,
            is_bridge: false,
            clean_start: true,
            keep_alive: 60,
            client_id: client_id.clone(),
            username: None,
            password: None,
            will: None,
            properties: ConnectProperties::default(),
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 40_000));
        let peer = Peer::tcp(Arc::from("tcp:default"), address, 1883);
        self.effects.clear();
        self.shard.on_connect(
            connection,
            peer,
            connect,
            client_id,
            false,
            Identity::default(),
            NOW,
            &mut self.effects,
        );
        let is_accepted = self
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Connected { .. }));
        assert!(is_accepted, "the client was refused: {:?}", self.effects);
        connection
    }

    /// One packet of a client; the effects of it alone, until the next.
    pub fn packet(&mut self, connection: ConnectionKey, packet: Packet) -> &[Effect] {
        self.effects.clear();
        self.shard.on_packet(connection, packet, NOW, &mut self.effects);
        &self.effects
    }

    /// Subscribes a client to one filter.
    pub fn subscribe(&mut self, connection: ConnectionKey, filter: &str, qos: QoS) {
        let subscribe = Subscribe {
            packet_id: PacketId::FIRST,
            properties: SubscribeProperties::default(),
            filters: smallvec![SubscribeFilter {
                filter: ByteString::from(filter),
                qos,
                no_local: false,
                retain_as_published: false,
                retain_handling: RetainHandling::SendAtSubscribe,
            }],
        };
        self.packet(connection, Packet::Subscribe(Box::new(subscribe)));
    }
    /// The reverse.
    pub fn unsubscribe(&mut self, connection: ConnectionKey, filter: &str) {
        let unsubscribe = Unsubscribe {
            packet_id: PacketId::FIRST,
            user_properties: Vec::new(),
            filters: smallvec![ByteString::from(filter)],
        };
        self.packet(connection, Packet::Unsubscribe(Box::new(unsubscribe)));
    }
}

/// A PUBLISH of 16 bytes; packet identifier 1 above QoS 0.
pub fn publish(topic: &str, qos: QoS) -> Publish {
    Publish {
        dup: false,
        qos,
        retain: false,
        topic: ByteString::from(topic),
        packet_id: (qos > QoS::AtMostOnce).then_some(PacketId::FIRST),
        properties: None,
        payload: Bytes::from_static(b"sixteen bytes..."),
    }
}
