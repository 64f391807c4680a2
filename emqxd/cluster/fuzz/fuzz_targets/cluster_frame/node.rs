//! The node that hears all this: the tables of the data plane and one shard, with a client that wants everything.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{
    AdmitAll, ClientLocations, Effect, ExclusiveTopics, Gauges, HashSeed, MemoryRetainedStore, Message, Metrics,
    MqttConfig, NodeTables, RetainedStore, RetainerConfig, RouteTable, Shard, Time,
};
use emqxd_cluster::messages::Member;
use mqtt_codec::QoS;

use crate::clock::Clock;
use crate::replica::Tables;

pub const NOW: Time = Time(1_000_000);

pub struct Node {
    routes: Arc<RouteTable>,
    locations: Arc<ClientLocations>,
    retained: Arc<MemoryRetainedStore>,
    pub shard: Shard,
    pub effects: Vec<Effect>,
}

impl Node {
    pub fn new() -> Self {
        let routes = Arc::new(RouteTable::with_seed(HashSeed::fixed()));
        let locations = Arc::new(ClientLocations::new(HashSeed::fixed()));
        let retained = Arc::new(MemoryRetainedStore::new(RetainerConfig::default()));
        retained.set_writer(1, || 1_700_000_000_000);
        let tables = NodeTables {
            routes: Arc::clone(&routes),
            locations: Arc::clone(&locations),
            retained: Arc::clone(&retained) as Arc<dyn RetainedStore>,
            exclusive: Arc::new(ExclusiveTopics::new()),
            admission: Arc::new(AdmitAll),
        };
        let (config, metrics) = (Arc::new(MqttConfig::default()), Arc::new(Metrics::new()));
        let shard = Shard::new(0, config, tables, metrics, Arc::new(Gauges::default()), 1);
        // Workers 0 and 1 want all there is.
        routes.add_route("#", 0);
        routes.add_route("+/b", 1);
        Self {
            routes,
            locations,
            retained,
            shard,
            effects: Vec::new(),
        }
    }

    pub fn tables(&self) -> Tables {
        Tables {
            routes: Arc::clone(&self.routes),
            locations: Arc::clone(&self.locations),
            retained: Arc::clone(&self.retained),
            clock: Clock::start(),
        }
    }

    pub fn deliver(&mut self, message: &Arc<Message>, member: Option<&Member<'_>>) {
        let (shard, effects) = (&mut self.shard, &mut self.effects);
        match member {
            None => shard.on_remote_publish(message, NOW, effects),
            Some(member) => {
                let (group, filter, id) = (member.group, member.filter, member.client_id);
                shard.on_remote_member(group, filter, id, message, member.redispatched, NOW, effects);
            }
        }
        effects.clear();
    }

    pub fn retain_and_export(&self) {
        let message = Message {
            id: 1,
            topic: ByteString::from_static("t"),
            payload: Bytes::from_static(b"payload"),
            qos: QoS::AtLeastOnce,
            retain: true,
            properties: None,
            publisher: ByteString::new(),
            published_at: NOW,
            expires_at: None,
        };
        self.retained.store(Arc::new(message), NOW).expect("there is room");
        let mut after = None;
        loop {
            let page = self.retained.export_page(after.as_deref(), 2);
            let Some(last) = page.last() else { return };
            after = Some(last.topic.to_string());
        }
    }
}
