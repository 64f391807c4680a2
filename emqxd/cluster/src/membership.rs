//! Who is there: membership and failure detection by gossip (chitchat) over the links between nodes.
//!
//! Gossip carries little: a node's name, version, number and what the daemon adds of itself in a few short words
//! (`role`, `load`), never routes or clients. That a node is believed dead is one reading of two: nobody drops what a
//! node owns while a link to it is up (see [`Membership::nodes`]).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chitchat::transport::{Socket, Transport};
use chitchat::{
    ChitchatConfig, ChitchatHandle, ChitchatId, ChitchatMessage, Deserializable, FailureDetectorConfig, NodeState,
    Serializable, spawn_chitchat,
};
use tokio::sync::{Mutex, mpsc, watch};

use crate::link::Links;

/// Gossip waiting to be looked at; more gets lost, as on any network.
const WAITING_MAX: usize = 1024;
/// A node that was dead for this long is forgotten: longer than any pause or restart.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);
const TOMBSTONES_KEPT: Duration = Duration::from_secs(3600);
/// Doubt above which a node is believed dead: chitchat's own choice.
const PHI_THRESHOLD: f64 = 8.0;
const SAMPLES: usize = 1000;

/// What this node tells of itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `cluster.name`: nodes of other clusters are not listened to.
    pub cluster: String,
    /// `emqx@10.0.0.1`
    pub name: String,
    /// Grows with each start: the time of the start, in Unix milliseconds.
    pub generation: u64,
    /// Where others reach its link port.
    pub address: SocketAddr,
    /// Nodes to begin with.
    pub seeds: Vec<SocketAddr>,
    /// Between two rounds of gossip.
    pub interval: Duration,
    /// Comes before every message on a link, and says there that it is gossip.
    pub envelope: Vec<u8>,
}

/// A node as gossip knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where its link port is.
    pub address: SocketAddr,
    /// When it started, Unix milliseconds.
    pub generation: u64,
    /// Whether gossip believes it alive.
    pub is_alive: bool,
    /// What it says of itself.
    pub facts: BTreeMap<String, String>,
}

/// This node's part in the gossip.
pub struct Membership {
    gossip: ChitchatHandle,
    incoming: mpsc::Sender<(SocketAddr, Bytes)>,
    own: String,
}

impl Membership {
    /// Begins to gossip.
    ///
    /// # Errors
    /// When the engine does not start.
    pub async fn start(settings: Settings, links: Links) -> Result<Self, String> {
        let (incoming, received) = mpsc::channel(WAITING_MAX);
        let transport = OverLinks {
            links,
            envelope: settings.envelope,
            received: Mutex::new(Some(received)),
        };
        let config = ChitchatConfig {
            chitchat_id: ChitchatId::new(settings.name.as_str(), settings.generation, settings.address),
            cluster_id: settings.cluster,
            gossip_interval: settings.interval,
            listen_addr: settings.address,
            seed_nodes: settings.seeds.iter().map(ToString::to_string).collect(),
            failure_detector_config: FailureDetectorConfig {
                phi_threshold: PHI_THRESHOLD,
                sampling_window_size: SAMPLES,
                max_interval: settings.interval * 10,
                initial_interval: settings.interval * 2,
                dead_node_grace_period: FORGOTTEN_AFTER,
            },
            marked_for_deletion_grace_period: TOMBSTONES_KEPT,
            catchup_callback: None,
            extra_liveness_predicate: None,
        };
        let gossip = spawn_chitchat(config, Vec::new(), &transport).await;
        Ok(Self {
            gossip: gossip.map_err(|error| error.to_string())?,
            incoming,
            own: settings.name,
        })
    }

    /// What another node told on a link, without the envelope; `from` is where its own link port is. What finds no room
    /// is lost.
    pub fn told(&self, from: SocketAddr, body: Bytes) {
        let _lost = self.incoming.try_send((from, body));
    }

    /// Says something of this node that others may know.
    pub async fn say(&self, key: &str, value: &str) {
        let set = |gossip: &mut chitchat::Chitchat| gossip.self_node_state().set(key, value);
        self.gossip.with_chitchat(set).await;
    }

    /// Gossips with this node soon: it was found by discovery or named by an operator.
    pub fn meet(&self, address: SocketAddr) {
        // The engine has ended, and with it the node.
        let _ended = self.gossip.gossip(address);
    }

    /// All nodes gossip knows of, this one included, by name. The latest start of each.
    pub async fn nodes(&self) -> BTreeMap<String, Node> {
        let gather = |gossip: &mut chitchat::Chitchat| {
            let alive: Vec<ChitchatId> = gossip.live_nodes().cloned().collect();
            let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
            for (id, state) in gossip.node_states() {
                let node = Node {
                    address: id.gossip_advertise_addr,
                    generation: id.generation_id,
                    is_alive: alive.contains(id) || *id.node_id == *self.own,
                    facts: facts(state),
                };
                let known = nodes.get(&*id.node_id);
                if known.is_none_or(|known| known.generation < node.generation) {
                    nodes.insert(id.node_id.to_string(), node);
                }
            }
            nodes
        };
        self.gossip.with_chitchat(gather).await
    }

    /// Tells of each change of who is alive.
    pub async fn changes(&self) -> watch::Receiver<BTreeMap<ChitchatId, NodeState>> {
        self.gossip.with_chitchat(|gossip| gossip.live_nodes_watcher()).await
    }

    /// Stops gossiping; others believe this node dead after a while.
    pub async fn stop(self) {
        // It ends either way.
        let _ended = self.gossip.shutdown().await;
    }
}

fn facts(state: &NodeState) -> BTreeMap<String, String> {
    let facts = state.key_values();
    facts.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Gossip over links instead of UDP.
struct OverLinks {
    links: Links,
    envelope: Vec<u8>,
    received: Mutex<Option<mpsc::Receiver<(SocketAddr, Bytes)>>>,
}

struct LinkSocket {
    links: Links,
    envelope: Vec<u8>,
    received: mpsc::Receiver<(SocketAddr, Bytes)>,
}

#[async_trait]
impl Transport for OverLinks {
    async fn open(&self, _listen_addr: SocketAddr) -> anyhow::Result<Box<dyn Socket>> {
        let received = self.received.lock().await.take();
        Ok(Box::new(LinkSocket {
            links: self.links.clone(),
            envelope: self.envelope.clone(),
            received: received.ok_or_else(|| anyhow::anyhow!("it is open already"))?,
        }))
    }
}

#[async_trait]
impl Socket for LinkSocket {
    async fn send(&mut self, to: SocketAddr, message: ChitchatMessage) -> anyhow::Result<()> {
        let mut body = self.envelope.clone();
        message.serialize(&mut body);
        self.links.tell(&to.to_string(), body);
        Ok(())
    }

    async fn recv(&mut self) -> anyhow::Result<(SocketAddr, ChitchatMessage)> {
        loop {
            let (from, body) = self
                .received
                .recv()
                .await
                .ok_or_else(|| anyhow::anyhow!("the node stops"))?;
            // What cannot be read is nobody's gossip.
            if let Ok(message) = ChitchatMessage::deserialize(&mut &body[..]) {
                return Ok((from, message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io;
    use std::sync::Arc;

    use futures_core::future::BoxFuture;
    use tokio::io::DuplexStream;

    use super::*;
    use crate::link::{Answerer, Cookie, Dialer, Peer, Stream, accept, serve};

    const INTERVAL: Duration = Duration::from_millis(200);

    /// A network in memory: who listens where.
    #[derive(Default)]
    struct Network {
        listeners: parking_lot::Mutex<BTreeMap<String, mpsc::Sender<DuplexStream>>>,
    }

    impl Dialer for Network {
        fn dial<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream + Sync>>> {
            Box::pin(async move {
                let listener = self.listeners.lock().get(address).cloned();
                let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
                let (near, far) = tokio::io::duplex(4096);
                let listener = listener.ok_or_else(refused)?;
                listener.send(far).await.map_err(|_| refused())?;
                Ok(Box::new(near) as Box<dyn Stream + Sync>)
            })
        }

        fn nonce(&self) -> [u8; 32] {
            [4; 32]
        }
    }

    /// Hands gossip on that came from one peer.
    struct Gossip {
        membership: Arc<Membership>,
        from: SocketAddr,
    }

    impl Answerer for Gossip {
        fn answer(&self, _question: Bytes) -> BoxFuture<'_, Vec<u8>> {
            Box::pin(std::future::ready(Vec::new()))
        }

        fn told(&self, body: Bytes) {
            self.membership.told(self.from, body);
        }
    }

    fn address(number: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, number], 4370))
    }

    /// A node that gossips until what is returned is dropped.
    async fn start(network: &Arc<Network>, number: u8, seed: u8) -> (Arc<Membership>, tokio::task::JoinSet<()>) {
        let own = Peer {
            id: u64::from(number),
            boot: 1,
            name: format!("emqx@{}", address(number).ip()),
            address: address(number).to_string(),
        };
        let links = Links::new(own.clone(), Cookie::new("c"), Arc::clone(network) as _);
        let settings = Settings {
            cluster: "emqxcl".to_owned(),
            name: own.name.clone(),
            generation: 1,
            address: address(number),
            seeds: vec![address(seed)],
            interval: INTERVAL,
            envelope: Vec::new(),
        };
        let membership = Arc::new(Membership::start(settings, links).await.unwrap());
        let (listener, mut arriving) = mpsc::channel(16);
        network.listeners.lock().insert(own.address.clone(), listener);
        let mut tasks = tokio::task::JoinSet::new();
        let gossiping = Arc::clone(&membership);
        tasks.spawn(async move {
            let mut served = tokio::task::JoinSet::new();
            while let Some(mut stream) = arriving.recv().await {
                let (own, membership) = (own.clone(), Arc::clone(&gossiping));
                served.spawn(async move {
                    let accepted = accept(&mut stream, &own, &Cookie::new("c"), [5; 32], |_, _| Ok(())).await;
                    let (peer, _lane) = accepted.unwrap();
                    let from = peer.address.parse().unwrap();
                    let _link_ended = serve(stream, Arc::new(Gossip { membership, from })).await;
                });
            }
        });
        (membership, tasks)
    }

    async fn alive(membership: &Membership) -> BTreeSet<String> {
        let nodes = membership.nodes().await;
        let alive = nodes.into_iter().filter(|(_, node)| node.is_alive);
        alive.map(|(name, _)| name).collect()
    }

    async fn until_alive(membership: &Membership, numbers: &[u8]) {
        let wished: BTreeSet<_> = numbers.iter().map(|number| format!("emqx@10.0.0.{number}")).collect();
        for _ in 0..10_000 {
            if alive(membership).await == wished {
                return;
            }
            tokio::time::sleep(INTERVAL).await;
        }
        panic!("{:?} instead of {wished:?}", alive(membership).await);
    }

    #[tokio::test(start_paused = true)]
    async fn nodes_find_each_other_by_one_seed_and_notice_who_goes() {
        let network = Arc::new(Network::default());
        let (first, _first) = start(&network, 1, 1).await;
        let (second, _second) = start(&network, 2, 1).await;
        let (third, third_tasks) = start(&network, 3, 1).await;
        third.say("version", "9.9").await;
        for membership in [&first, &second, &third] {
            until_alive(membership, &[1, 2, 3]).await;
        }
        while second.nodes().await["emqx@10.0.0.3"]
            .facts
            .get("version")
            .map(String::as_str)
            != Some("9.9")
        {
            tokio::time::sleep(INTERVAL).await;
        }

        network.listeners.lock().remove(&address(3).to_string());
        drop(third_tasks);
        drop(third);
        for membership in [&first, &second] {
            until_alive(membership, &[1, 2]).await;
        }
    }
}
