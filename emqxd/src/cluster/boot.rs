//! The start of this node's part in its cluster, and its end.
//!
//! [`start`] takes the identity up, begins with the consensus and binds the link port; [`run`] serves it until the node
//! stops. Nothing waits for the consensus but what changes facts.
//! While another process may go on with the clients (`handover/`) the port is given up and nobody is asked: that process
//! binds it anew once it is the daemon, as another start of the same node.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use emqxd_cluster::consensus::{self, Member};
use emqxd_cluster::link::{Cookie, Links, Peer};
use emqxd_cluster::membership::{Membership, Settings as GossipSettings};
use emqxd_discovery::{link_address, link_port, second_port};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::consensus::{ConsensusPeers, ELECTION_TIMEOUT, HEARTBEAT, SNAPSHOT_EVERY};
use super::dial::TcpDialer;
use super::identity::Identity;
use super::start_error::StartError;
use super::tls::LinkTls;
use super::{Base, Discovery, Runtime, Service, admission, lease, listen, membership, streams};
use crate::clock::unix_ms_now;
use crate::node::NodeShared;

/// Between two rounds of gossip: a node that vanished is doubted after about ten of them.
const GOSSIP_INTERVAL: Duration = Duration::from_millis(500);
/// How long the port of the process before may take to become free.
const PORT_WAIT: Duration = Duration::from_secs(5);
const PORT_RETRY: Duration = Duration::from_millis(50);
/// How long saying goodbye may take.
const GOODBYE_TIME: Duration = Duration::from_millis(300);

/// The link port.
pub struct Door {
    /// Where the others reach this node.
    address: SocketAddr,
    /// Bound; empty while the process before has the port.
    listeners: Vec<TcpListener>,
}

/// Takes up this node's part: who it is, the consensus, the link port. The port is left for [`run`] where another process
/// has it still.
///
/// # Errors
/// See [`StartError`].
pub async fn start(node: &Arc<NodeShared>, takes_over: bool) -> Result<Option<Door>, StartError> {
    let (config, name) = (&node.config, &node.config.node.name);
    let folder = config.node.data_dir.join("cluster");
    let at_folder = |source| StartError::Identity {
        path: folder.clone(),
        source,
    };
    let (identity, damage) = Identity::open(&folder, name).map_err(at_folder)?;
    if let Some(damage) = damage {
        let details = serde_json::json!({ "why": damage.why, "moved_to": damage.moved_to.to_string_lossy() });
        let text = "the identity of this node in its cluster could not be used and was put aside";
        node.alarms.raise("node_identity_damaged", details, text);
    }
    let is_configured = config.is_clustering_configured();
    node.cluster
        .lease
        .configure(is_configured && config.cluster.sessions_need_majority);
    let tls = match is_configured && config.cluster.uses_tls {
        true => Some(Arc::new(LinkTls::open(&config.cluster)?)),
        false => None,
    };
    let member = Member {
        name: name.clone(),
        address: link_address(name).unwrap_or_else(|| format!("127.0.0.1:{}", link_port(name))),
    };
    let address = match is_configured {
        true => Some(resolve(name, &member.address).await?),
        false => None,
    };
    let own = Peer {
        id: identity.id,
        boot: unix_ms_now(),
        name: name.clone(),
        address: address.map_or_else(|| member.address.clone(), |address| address.to_string()),
    };
    let cookie = Cookie::new(&config.node.cookie);
    let dialer = TcpDialer::new(tls.clone()).map_err(at_folder)?;
    let links = Links::new(own.clone(), cookie.clone(), Arc::new(dialer));
    let settings = consensus::Settings {
        id: identity.id,
        member,
        folder: folder.clone(),
        heartbeat: HEARTBEAT,
        election_timeout: ELECTION_TIMEOUT,
        snapshot_every: SNAPSHOT_EVERY,
    };
    let peers = Arc::new(ConsensusPeers::new(node));
    let id = identity.id;
    let _set_once = node.cluster.base.set(Base {
        identity,
        own,
        links,
        cookie,
        tls,
        discovery: Discovery::new(config),
    });
    streams::start(node, id);
    node.cluster.members.store(Arc::new(node.state.last_members()));
    begin_consensus(node, node.state.start_consensus(settings, peers));
    match address {
        None => Ok(None),
        Some(address) if takes_over => Ok(Some(Door {
            address,
            listeners: Vec::new(),
        })),
        Some(address) => bind_or_warn(node, address).await,
    }
}

/// In the background: clients and operators need not wait for the disk. Until it has begun the facts can be read only; a
/// failure is logged, an alarm, and tried again.
fn begin_consensus(
    node: &Arc<NodeShared>,
    starting: impl Future<Output = Result<(), consensus::StartError>> + Send + 'static,
) {
    let node = Arc::clone(node);
    tokio::spawn(async move {
        if starting.await.is_ok() {
            membership::note_members(&node);
        }
    });
}

/// A port that is taken ends the start of a node that others need or that is to find others; else it is a warning.
async fn bind_or_warn(node: &NodeShared, address: SocketAddr) -> Result<Option<Door>, StartError> {
    let name = &node.config.node.name;
    match bind_ports(name, address).await {
        Ok(listeners) => Ok(Some(Door { address, listeners })),
        Err(source) => {
            let error = StartError::Port {
                address: address.to_string(),
                name: name.clone(),
                source,
            };
            let is_needed = node.cluster.members.load().len() > 1 || node.config.cluster.discovery.kind.is_automatic();
            if is_needed {
                return Err(error);
            }
            let next = error.next_step();
            tracing::warn!(reason = %error, next, "link_port_not_bound");
            Ok(None)
        }
    }
}

/// The link port, and EMQX's port for RPC, which answers the same and may be missing.
async fn bind_ports(name: &str, address: SocketAddr) -> io::Result<Vec<TcpListener>> {
    let first = listen::bind(address).await?;
    let mut second_address = address;
    second_address.set_port(second_port(name));
    let mut listeners = vec![first];
    match listen::bind(second_address).await {
        Ok(second) => listeners.push(second),
        Err(error) => {
            tracing::warn!(address = %second_address, reason = %error, "second_link_port_not_bound");
        }
    }
    Ok(listeners)
}

async fn resolve(name: &str, address: &str) -> Result<SocketAddr, StartError> {
    let no_host = |source| StartError::Host {
        name: name.to_owned(),
        source,
    };
    let mut found = tokio::net::lookup_host(address).await.map_err(no_host)?;
    found
        .next()
        .ok_or_else(|| no_host(io::Error::new(io::ErrorKind::NotFound, "no address is known")))
}

/// Serves the cluster until the node stops. `door` is what [`start`] gave.
pub async fn run(node: Arc<NodeShared>, door: Option<Door>, mut stop: watch::Receiver<bool>) {
    let with_others = async {
        if let (Some(door), Some(base)) = (door, node.cluster.base.get()) {
            tokio::join!(
                serve(&node, door, stop.clone()),
                Arc::clone(&base.discovery).run(stop.clone())
            );
        }
    };
    // Without a link port too: clients of a node that is cut off are to be sent away.
    tokio::join!(with_others, lease::run(Arc::clone(&node), stop.clone()));
    drop(stop.wait_for(|stopped| *stopped).await);
    if let Some(consensus) = node.state.consensus() {
        consensus.stop().await;
    }
}

async fn serve(node: &Arc<NodeShared>, mut door: Door, mut stop: watch::Receiver<bool>) {
    let mut hold = node.handover.hold();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            _ = hold.wait_for(|held| !*held) => {}
        }
        let mut tasks = JoinSet::new();
        if let Err(error) = begin(node, &mut door, &mut tasks).await {
            let next = error.next_step();
            tracing::error!(reason = %error, next, "cluster_links_not_served");
            let details = serde_json::json!({ "why": error.to_string(), "next": next });
            let text = "this node is cut off from its cluster until it is restarted";
            node.alarms.raise("cluster_links_not_served", details, text);
            return;
        }
        let is_over = tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => true,
            _ = hold.wait_for(|held| *held) => false,
        };
        if is_over {
            say_goodbye(node).await;
        }
        tasks.shutdown().await;
        node.cluster.runtime.store(None);
        if is_over {
            return;
        }
    }
}

/// Starts what serves the cluster; all of it ends with `tasks`.
async fn begin(node: &Arc<NodeShared>, door: &mut Door, tasks: &mut JoinSet<()>) -> Result<(), StartError> {
    let Some(base) = node.cluster.base.get() else {
        return Ok(());
    };
    let listeners = match std::mem::take(&mut door.listeners) {
        bound if bound.is_empty() => bind_in_time(node, door.address).await?,
        bound => bound,
    };
    let settings = GossipSettings {
        cluster: node.config.cluster.name.clone(),
        name: base.own.name.clone(),
        generation: base.own.boot,
        address: door.address,
        seeds: Vec::new(),
        interval: GOSSIP_INTERVAL,
        envelope: vec![Service::Gossip as u8],
    };
    let gossip = Membership::start(settings, base.links.clone()).await;
    let gossip = gossip.map_err(StartError::Gossip)?;
    gossip.say("version", crate::VERSION).await;
    let runtime = Arc::new(Runtime {
        own: base.own.clone(),
        cookie: base.cookie.clone(),
        tls: base.tls.clone(),
        membership: gossip,
    });
    node.cluster.runtime.store(Some(Arc::clone(&runtime)));
    for listener in &listeners {
        if let Ok(address) = listener.local_addr() {
            tracing::info!(level = "notice", address = %address, id = base.own.id, "cluster_links_served");
        }
    }
    tasks.spawn(listen::run(Arc::clone(node), Arc::clone(&runtime), listeners));
    tasks.spawn(membership::run(Arc::clone(node), runtime));
    tasks.spawn(streams::run(Arc::clone(node)));
    tasks.spawn(admission::go_on(Arc::clone(node)));
    tasks.spawn(admission::join_automatically(Arc::clone(node), base.discovery.seeds()));
    Ok(())
}

/// The process before has just let go of the port, or is about to.
async fn bind_in_time(node: &NodeShared, address: SocketAddr) -> Result<Vec<TcpListener>, StartError> {
    let name = &node.config.node.name;
    let deadline = tokio::time::Instant::now() + PORT_WAIT;
    loop {
        match bind_ports(name, address).await {
            Ok(listeners) => return Ok(listeners),
            Err(source) if tokio::time::Instant::now() >= deadline => {
                return Err(StartError::Port {
                    address: address.to_string(),
                    name: name.clone(),
                    source,
                });
            }
            Err(_taken) => tokio::time::sleep(PORT_RETRY).await,
        }
    }
}

/// So that the others need not wait until they doubt this node.
async fn say_goodbye(node: &NodeShared) {
    let Some(links) = node.cluster.links() else { return };
    let table = node.cluster.peers();
    for peer in table.up() {
        links.tell(&peer.address, Service::Admission.envelope(admission::GOODBYE));
    }
    if table.up().next().is_some() {
        tokio::time::sleep(GOODBYE_TIME).await;
    }
}
