//! The other nodes of the cluster.

use emqxd_cluster::consensus::NodeId;

/// Another node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// What the data plane's tables name it by ([`emqxd_broker::peer_worker`]). A slot goes to another node only after
    /// nothing in them names it any more.
    pub slot: u8,
    /// Its number in the consensus.
    pub id: NodeId,
    /// Its present start; 0 while it has not been reached.
    pub boot: u64,
    /// `emqx@10.0.0.2`
    pub name: String,
    /// Where its link port is: `10.0.0.2:4370`.
    pub address: String,
    /// Whether it is believed alive. What it owns (routes, clients) is dropped only after it has been down for a while.
    pub is_up: bool,
}

/// All other nodes, sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerTable {
    peers: Vec<PeerInfo>,
}

impl PeerTable {
    /// Of these.
    pub fn new(mut peers: Vec<PeerInfo>) -> Self {
        peers.sort_by(|left, right| left.name.cmp(&right.name));
        Self { peers }
    }

    /// All of them.
    pub fn all(&self) -> &[PeerInfo] {
        &self.peers
    }

    /// Those that are up.
    pub fn up(&self) -> impl Iterator<Item = &PeerInfo> {
        self.peers.iter().filter(|peer| peer.is_up)
    }

    /// By its number in the consensus.
    pub fn by_id(&self, id: NodeId) -> Option<&PeerInfo> {
        self.peers.iter().find(|peer| peer.id == id)
    }

    /// By name.
    pub fn by_name(&self, name: &str) -> Option<&PeerInfo> {
        self.peers.iter().find(|peer| peer.name == name)
    }

    /// By slot.
    pub fn by_slot(&self, slot: u8) -> Option<&PeerInfo> {
        self.peers.iter().find(|peer| peer.slot == slot)
    }
}
