//! The broker handed over to another one, as at an upgrade: through bytes, to another number of shards.

use std::sync::Arc;

use emqxd_broker::handover::{Reader, SessionState, SharedRead, SharedWritten, Writer};
use emqxd_broker::{
    AdmitAll, ClientLocations, ConnectionKey, ExclusiveTopics, Gauges, Metrics, NodeTables, RetainedStore, RouteTable,
    Shard,
};

use super::{TestBroker, shard_of};

impl TestBroker {
    /// All sessions as bytes, each with its connection.
    pub fn exported(&self) -> Vec<(Vec<u8>, Option<ConnectionKey>)> {
        let state = self.0.borrow();
        let mut shared = SharedWritten::default();
        let mut records = Vec::new();
        for shard in &state.shards {
            let mut next = Some(0);
            while let Some(from) = next {
                // Pages of one, so that they are met.
                let (page, more) = shard.export_page(from, 1);
                for session in page {
                    let mut record = Writer::new(&mut shared);
                    record.put(&session);
                    records.push((record.into_bytes(), session.connection()));
                }
                next = more;
            }
        }
        records
    }

    /// Goes on in `count` new shards that know only what they are told.
    pub fn hand_over(&self, count: usize) {
        let records = self.exported();
        let state = &mut *self.0.borrow_mut();
        assert!(
            state.mail.is_empty() && state.turns.is_empty(),
            "something is under way"
        );
        state.routes = Arc::new(RouteTable::new());
        state.exclusive = Arc::new(ExclusiveTopics::new());
        state
            .metrics
            .resize_with(count.max(state.metrics.len()), || Arc::new(Metrics::new()));
        state.gauges = (0..count).map(|_| Arc::new(Gauges::default())).collect();
        let make = |number: usize| {
            let tables = NodeTables {
                routes: Arc::clone(&state.routes),
                locations: Arc::new(ClientLocations::new(state.routes.hash_seed().clone())),
                retained: Arc::clone(&state.retained) as Arc<dyn RetainedStore>,
                exclusive: Arc::clone(&state.exclusive),
                admission: Arc::new(AdmitAll),
            };
            let (metrics, gauges) = (Arc::clone(&state.metrics[number]), Arc::clone(&state.gauges[number]));
            let seed = 2000 + number as u64;
            Shard::new(number as u16, Arc::clone(&state.config), tables, metrics, gauges, seed)
        };
        state.shards = (0..count).map(make).collect();
        let mut shared = SharedRead::default();
        for (record, connection) in records {
            let mut reader = Reader::new(&record, &mut shared);
            let session: SessionState = reader.take().expect("what was written");
            reader.finish().expect("all of it");
            let worker = shard_of(&session.client_id, count);
            if let Some(key) = connection {
                state.connections[key.0 as usize].worker = worker;
            }
            let imported = state.shards[worker].import(session, connection, state.now);
            imported.expect("a session that was exported");
        }
        // Each connection has a turn: what its socket takes is known then, and the session goes on.
        for number in 0..state.connections.len() {
            let connection = &state.connections[number];
            if connection.closed.is_some() {
                continue;
            }
            if connection.is_congested {
                state.congest(number);
            } else {
                state.drain(number);
            }
        }
    }
}
