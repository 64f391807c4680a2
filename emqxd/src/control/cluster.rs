//! `cluster nodes|digest|discovery`, and verbs that are handed on to another node.

use std::collections::BTreeMap;
use std::sync::Arc;

use emqx_shared::request::ClusterRequest;
use emqx_shared::views::{ClusterNodeView, ClusterNodesView, DiscoveryView, NodeAboutView, NodeLinkView};
use emqx_shared::{ErrorCode, Failure, View};
use emqxd_cluster::consensus::{NodeId, Role, Status};

use super::peer::Peer;
use super::remote;
use super::server::ReplySender;
use crate::cluster::about::{self, About};
use crate::cluster::lanes::{LaneFigures, figures};
use crate::cluster::streams::{StreamState, StreamStatus};
use crate::cluster::{Discovery, digest};
use crate::node::NodeShared;

pub(super) async fn handle(
    node: &Arc<NodeShared>,
    peer: &Peer,
    request: ClusterRequest,
    replies: ReplySender,
) -> Result<View, Failure> {
    match request {
        ClusterRequest::Nodes => Ok(nodes(node).await),
        ClusterRequest::Digest => Ok(View::Digest(digest::digest(node))),
        ClusterRequest::Discovery => Ok(discovery_view(own_discovery(node)?)),
        ClusterRequest::SetDiscovery { enable } => set_discovery(own_discovery(node)?, enable),
        ClusterRequest::OnNode { node: name, request } => remote::relay(node, peer, &name, &request, replies).await,
    }
}

/// All nodes, with what they say of themselves.
async fn nodes(node: &Arc<NodeShared>) -> View {
    let abouts = about::ask_all(node).await;
    let differences = about::differences(&abouts);
    let lanes: BTreeMap<NodeId, LaneFigures> = figures(node).await.into_iter().collect();
    let consensus = node.state.consensus().map(|consensus| consensus.status());
    let peers = node.cluster.peers();
    let nodes = abouts.into_iter().map(|(name, about)| {
        let peer = peers.by_name(&name);
        let own = node.cluster.own().filter(|_| peer.is_none());
        let id = peer.map(|peer| peer.id).or(own.map(|own| own.id));
        let link = peer.map(|peer| {
            let stream = node.streams.of(peer.id).unwrap_or_default();
            link(stream, lanes.get(&peer.id).copied().unwrap_or_default())
        });
        ClusterNodeView {
            address: peer
                .map(|peer| peer.address.clone())
                .or(own.map(|own| own.address.clone())),
            role: consensus
                .as_ref()
                .zip(id)
                .and_then(|(status, id)| role(status, id, own.is_some(), about.is_some())),
            votes: consensus.as_ref().zip(id).is_some_and(|(status, id)| votes(status, id)),
            is_running: peer.is_none_or(|peer| peer.is_up),
            about: about.map(view),
            link,
            name,
        }
    });
    View::ClusterNodes(Box::new(ClusterNodesView {
        nodes: nodes.collect(),
        differences,
    }))
}

/// What a node is in the consensus, as this one knows: of the others it knows the leader and who votes.
fn role(status: &Status, id: NodeId, is_own: bool, answers: bool) -> Option<String> {
    let is_leader = status.leader.as_ref().is_some_and(|(leader, _)| *leader == id);
    let role = match (is_own, is_leader, votes(status, id)) {
        (true, ..) => status.role,
        (false, true, _) => Role::Leader,
        (false, false, _) if !answers => return None,
        (false, false, true) => Role::Follower,
        (false, false, false) => Role::Learner,
    };
    let word = match role {
        Role::Leader => "leader",
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Learner => "learner",
        Role::Stopped => "stopped",
    };
    Some(word.to_owned())
}

fn votes(status: &Status, id: NodeId) -> bool {
    status.members.iter().any(|(member, _, votes)| *member == id && *votes)
}

fn link(stream: StreamStatus, lanes: LaneFigures) -> NodeLinkView {
    NodeLinkView {
        is_in_sync: stream.state == StreamState::InSync,
        routes: stream.rows.routes.rows,
        sessions: stream.rows.clients.rows,
        lag: stream.lag,
        messages_waiting: lanes.queued_messages as u64,
        messages_dropped: lanes.dropped,
        lanes: lanes.lanes as u64,
        lanes_linked: lanes.linked as u64,
        bytes_waiting: lanes.queued_bytes as u64,
        messages_sent: lanes.sent,
        messages_resent: lanes.resent,
        messages_received: lanes.received,
        snapshots: stream.snapshots,
        divergences: stream.divergences,
        retained_refused: stream.refused,
        stream_error: stream.last_error,
    }
}

fn view(about: About) -> NodeAboutView {
    NodeAboutView {
        version: about.version,
        uptime_ms: about.uptime_ms,
        connections: about.connections,
        sessions: about.sessions,
        license: about.license,
    }
}

fn own_discovery(node: &NodeShared) -> Result<&Discovery, Failure> {
    let starting = || Failure::new(ErrorCode::Starting, "the node is starting").next("try again");
    node.cluster
        .discovery()
        .map(|discovery| &**discovery)
        .ok_or_else(starting)
}

fn discovery_view(discovery: &Discovery) -> View {
    let status = discovery.status();
    View::Discovery(DiscoveryView {
        strategy: status.strategy.as_str().to_owned(),
        is_enabled: status.is_enabled,
        seeds: status.seeds,
        failure: status
            .failure
            .map(|failure| format!("{}: {}; {}", failure.asked, failure.came, failure.next)),
    })
}

fn set_discovery(discovery: &Discovery, enable: bool) -> Result<View, Failure> {
    let can_be_set = match enable {
        true => discovery.enable(),
        false => discovery.disable(),
    };
    if can_be_set {
        return Ok(View::Nothing);
    }
    let strategy = discovery.status().strategy;
    let message = format!(
        "cluster.discovery_strategy is {}, which never looks for nodes",
        strategy.as_str()
    );
    Err(Failure::new(ErrorCode::Disabled, message)
        .next("set cluster.discovery_strategy to static, dns, etcd, k8s or mcast and restart, or use `cluster join`"))
}
