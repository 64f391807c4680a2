//! One start of a node: its shards and tables, its journal, and what it knows of the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use emqxd_broker::{AdmitAll, ClientLocations, HashSeed, Journal, MqttConfig, RouteTable};
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::messages::Receiver;

use crate::clock::Clock;
use crate::journal::NodeJournal;
use crate::lanes::{LaneFrom, LaneTo};
use crate::network::{LinkId, Start};
use crate::replica::Tables;
use crate::sessions::Registry;
use crate::streams::{Following, Serving};
use crate::support::TestBroker;

pub struct Node {
    pub start: Start,
    pub broker: TestBroker,
    pub clock: Clock,
    pub journal: Arc<NodeJournal>,
    pub tables: Tables,
    pub workers: usize,
    /// By node: what is known of it.
    pub peers: Vec<Peer>,
    pub follows: Vec<Following>,
    pub serves: BTreeMap<LinkId, Serving>,
    /// By node and worker here.
    pub lanes: BTreeMap<(usize, usize), LaneTo>,
    pub lanes_from: BTreeMap<LinkId, LaneFrom>,
    /// What was had of the lanes of others, by node and worker there.
    pub received: BTreeMap<(usize, u16), Receiver>,
    pub registry: Registry,
}

/// What a node knows of another one. The number of the other one is its slot, too.
#[derive(Debug, Clone, Copy, Default)]
pub struct Peer {
    pub is_up: bool,
    pub boot: u64,
    pub heard: u64,
}

/// The number of a node in the consensus: in another order than those of the slots.
pub fn id_of(node: usize) -> NodeId {
    1000 - node as u64
}

pub fn node_of(id: NodeId) -> usize {
    1000 - id as usize
}

impl Node {
    pub fn start(start: Start, nodes: usize, workers: usize, seed: u64, clock: Clock) -> Self {
        let config = MqttConfig {
            max_inflight: 4,
            max_mqueue_len: None,
            ..MqttConfig::default()
        };
        let routes = RouteTable::with_seed(HashSeed::fixed());
        let broker = TestBroker::with_seed(workers, config, Arc::new(AdmitAll), seed, routes);
        let journal = Arc::new(NodeJournal::new(clock.clone()));
        let tables = {
            let state = &mut *broker.0.borrow_mut();
            state.now = clock.now();
            state.routes.set_journal(Arc::clone(&journal) as Arc<dyn Journal>);
            state.retained.set_journal(Arc::clone(&journal) as Arc<dyn Journal>);
            let writer = clock.clone();
            state
                .retained
                .set_writer(id_of(start.node), move || writer.unix_ms(writer.now()));
            for shard in &mut state.shards {
                let clock = clock.clone();
                shard.set_journal(Arc::clone(&journal) as Arc<dyn Journal>, move |at| clock.unix_ms(at));
            }
            Tables {
                routes: Arc::clone(&state.routes),
                locations: Arc::new(ClientLocations::new(state.routes.hash_seed().clone())),
                retained: Arc::clone(&state.retained),
                clock: clock.clone(),
            }
        };
        let follows = (0..nodes).map(|peer| Following::new(tables.clone(), peer as u8));
        Self {
            start,
            follows: follows.collect(),
            broker,
            registry: Registry::new(clock.unix_ms(clock.now())),
            clock,
            journal,
            tables,
            workers,
            peers: vec![Peer::default(); nodes],
            serves: BTreeMap::new(),
            lanes: BTreeMap::new(),
            lanes_from: BTreeMap::new(),
            received: BTreeMap::new(),
        }
    }

    /// Which worker serves the lane of a worker of another node.
    pub fn worker_for(&self, number: u16) -> usize {
        usize::from(number) % self.workers
    }

    pub fn up(&self) -> impl Iterator<Item = usize> {
        let peers = self.peers.iter().enumerate();
        peers.filter(|(_, peer)| peer.is_up).map(|(node, _)| node)
    }
}
