//! What comes from other nodes, handed to the module that answers it.
//!
//! A link has its handshake behind it when it gets here: `from` knows the cookie, and is a member or asks to become one.
//! What it says is outside data all the same.

use std::sync::Arc;

use bytes::Bytes;
use emqxd_cluster::link::{Lane, Peer, Stream};

use super::about::About;
use super::{Service, admission, consensus, lanes, lease, sessions, streams};
use crate::control;
use crate::node::NodeShared;

/// The answer to a question of another node. It is empty when nobody here knows the service: the node that asked
/// takes that for "not possible there", as with a node of an earlier version.
pub async fn answer(node: &Arc<NodeShared>, from: &Peer, service: Service, body: Bytes) -> Vec<u8> {
    match service {
        Service::Consensus => consensus::answer(node, from.id, &body).await,
        Service::Admission => admission::answer(node, from, body).await,
        Service::Sessions => sessions::answer(node, from, body).await,
        Service::Operators => About::answer(node),
        Service::Leases => lease::answer(node, from, &body),
        _ => {
            tracing::warn!(
                peer = %from.name,
                ?service,
                next = "run the same version of emqxd on all nodes",
                "peer_question_unknown"
            );
            Vec::new()
        }
    }
}

/// Serves a link that another node opened, to its end.
pub async fn accepted(node: &Arc<NodeShared>, from: Peer, lane: Lane, stream: Box<dyn Stream + Sync>) {
    match lane {
        Lane::Messages(lane) => lanes::receive(node, from, lane, stream).await,
        Lane::Replication => streams::serve(node, from, stream).await,
        Lane::Operators => control::remote::serve(node, &from, stream).await,
        Lane::Control => tracing::warn!(
            peer = %from.name,
            ?lane,
            next = "run the same version of emqxd on all nodes",
            "peer_lane_unknown"
        ),
    }
}
