//! Making certain where a client is, for a [careful](emqxd_cluster::registry::Claim::careful) claim: all nodes that may
//! own sessions are asked.
//!
//! Locks are not enough for that: homes move when members come and go, and two of them may grant one id at a time. So
//! each careful claim raises a flag here before it asks, and each answer says whether there is one. Of two claims at two
//! nodes at least one sees the other's flag, and of those that see one the node with the lowest number waits while the
//! others give way. A node that owns the session and is not about to give it away is certain alone, whoever is silent.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use emqxd_broker::handover::{Field, Malformed, Reader, Writer};
use emqxd_cluster::consensus::NodeId;
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::ask;
use super::holder::on_owner;
use super::question::About;
use crate::node::NodeShared;

/// Between two looks whether another claim is over.
const LOOK: Duration = Duration::from_millis(50);

/// What a node knows of a client's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whereabouts {
    /// When its client came last, Unix milliseconds; `None` if it is not there.
    pub since: Option<u64>,
    /// It stays there unless it is asked for.
    pub is_owner: bool,
    /// A claim of that node is under way, or one whose end is not known.
    pub is_coming: bool,
}

impl Field for Whereabouts {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&(self.since, (self.is_owner, self.is_coming)));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (since, (is_owner, is_coming)) = input.take()?;
        Ok(Self {
            since,
            is_owner,
            is_coming,
        })
    }
}

/// Clients with a careful claim here that has its lock. No more than there are claims.
#[derive(Debug, Default)]
pub(super) struct Flags(Mutex<HashSet<ByteString>>);

impl Flags {
    /// Whether a client's is.
    pub fn is_raised(&self, client_id: &ByteString) -> bool {
        self.0.lock().contains(client_id)
    }
}

/// A raised flag; it falls when this is dropped.
pub(super) struct Flag {
    node: Arc<NodeShared>,
    client_id: ByteString,
}

impl Flag {
    /// Raises the flag of a client; `None` if another claim of this node has it until `deadline`.
    pub async fn raise(node: &Arc<NodeShared>, client_id: &ByteString, deadline: Instant) -> Option<Self> {
        while !node.registry.flags.0.lock().insert(client_id.clone()) {
            if Instant::now() >= deadline {
                return None;
            }
            tokio::time::sleep(LOOK).await;
        }
        Some(Self {
            node: Arc::clone(node),
            client_id: client_id.clone(),
        })
    }
}

impl Drop for Flag {
    fn drop(&mut self) {
        self.node.registry.flags.0.lock().remove(&self.client_id);
    }
}

/// What another node is told; `None` while the workers of this one stand still.
pub(super) async fn answer(node: &NodeShared, client_id: &ByteString) -> Option<Whereabouts> {
    let is_coming = || node.registry.flags.is_raised(client_id) || node.registry.unfinished.has(client_id);
    // Before and after: it may have come in between.
    let was_coming = is_coming();
    let (since, is_owner) = here(node, client_id).await?;
    let is_coming = was_coming || is_coming();
    Some(Whereabouts {
        since,
        is_owner: is_owner && !is_coming,
        is_coming,
    })
}

/// Since when a client's session is here, and whether this node owns it and is not about to give it away; `None` while
/// the workers stand still.
pub(super) async fn here(node: &NodeShared, client_id: &ByteString) -> Option<(Option<u64>, bool)> {
    let id = client_id.clone();
    let since = on_owner(node, client_id, move |shard, _, _| shard.client_since(&id)).await?;
    let may_own = node.cluster.lease.may_own(node.clock.now());
    let is_given = node.registry.moving.is_given(client_id) || node.registry.unfinished.has(client_id);
    Some((since, since.is_some() && may_own && !is_given))
}

/// Which other nodes have a session of a client whose flag is raised here, and since when; `None` if that is not certain.
pub(super) async fn elsewhere(
    node: &Arc<NodeShared>,
    own: NodeId,
    client_id: &ByteString,
    deadline: Instant,
) -> Option<Vec<(NodeId, u64)>> {
    loop {
        match look(node, own, client_id, deadline).await {
            Found::At(found) => return Some(found),
            Found::Coming(other) if own < other && Instant::now() + LOOK < deadline => {
                tokio::time::sleep(LOOK).await;
            }
            Found::Coming(_) | Found::NotCertain => return None,
        }
    }
}

enum Found {
    At(Vec<(NodeId, u64)>),
    /// The lowest of those with claims.
    Coming(NodeId),
    NotCertain,
}

async fn look(node: &Arc<NodeShared>, own: NodeId, client_id: &ByteString, deadline: Instant) -> Found {
    let (table, lease) = (node.cluster.peers(), &node.cluster.lease);
    let mut asked = JoinSet::new();
    for peer in table.all().iter().filter(|peer| !lease.is_out(peer.id)) {
        let (node, client_id, peer) = (Arc::clone(node), client_id.clone(), peer.id);
        asked.spawn(async move {
            let answer: Option<Whereabouts> = ask(&node, peer, &client_id, About::Where, deadline).await;
            (peer, answer)
        });
    }
    let (mut found, mut coming, mut is_certain) = (Vec::new(), None, true);
    while let Some(answer) = asked.join_next().await {
        let Ok((peer, Some(answer))) = answer else {
            is_certain = false;
            continue;
        };
        if let Some(since) = answer.since {
            if answer.is_owner {
                return Found::At(vec![(peer, since)]);
            }
            found.push((peer, since));
        }
        if answer.is_coming {
            coming = Some(coming.map_or(peer, |lowest: NodeId| lowest.min(peer)));
        }
    }
    match coming {
        _ if !is_certain => Found::NotCertain,
        Some(other) => Found::Coming(other),
        None => {
            debug_assert!(found.iter().all(|(peer, _)| *peer != own));
            Found::At(found)
        }
    }
}
