//! Making certain where a client is, for a [careful](emqxd_cluster::registry::Claim::careful) claim: all nodes that may
//! own sessions are asked. The rules stand in [`emqxd_cluster::registry::Inquiry`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytestring::ByteString;
use emqxd_broker::Time;
use emqxd_broker::handover::{Field, Malformed, Reader, Writer};
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::registry::{Given, Inquiry, LATELY_MS, Verdict, Whereabouts};
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::ask;
use super::holder::on_owner;
use super::question::About;
use crate::node::NodeShared;

/// Between two looks whether another claim is over.
const LOOK: Duration = Duration::from_millis(50);
/// Clients noted as given away. No session moves away while there are so many.
const GIVEN_MAX: usize = 65_536;

/// [`Whereabouts`] as they travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WhereAnswer(pub Whereabouts);

impl Field for WhereAnswer {
    fn write(&self, out: &mut Writer<'_>) {
        let Whereabouts {
            since,
            is_owner,
            is_coming,
            given,
        } = self.0;
        out.put(&((since, given), (is_owner, is_coming)));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let ((since, given), (is_owner, is_coming)) = input.take()?;
        Ok(Self(Whereabouts {
            since,
            is_owner,
            is_coming,
            given,
        }))
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

    /// Whether anybody's is.
    pub fn is_any_raised(&self) -> bool {
        !self.0.lock().is_empty()
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

/// Clients whose sessions were given away here lately, or discarded for others.
#[derive(Debug, Default)]
pub(super) struct GivenAway {
    clients: Mutex<HashMap<ByteString, (u64, Time)>>,
    last: AtomicU64,
}

impl GivenAway {
    /// Whether there is no room to note another one.
    pub fn is_full(&self) -> bool {
        self.clients.lock().len() >= GIVEN_MAX
    }

    /// A client's session is not here any more.
    pub fn note(&self, client_id: &ByteString, now: Time) {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let until = Time(now.0 + LATELY_MS);
        self.clients.lock().insert(client_id.clone(), (number, until));
    }

    /// Which time it was; 0 if it was not lately.
    fn last(&self, client_id: &ByteString) -> u64 {
        self.clients.lock().get(client_id).map_or(0, |(number, _)| *number)
    }

    /// Forgets what was not lately.
    pub fn forget(&self, now: Time) {
        self.clients.lock().retain(|_, (_, until)| now < *until);
    }
}

/// What another node is told; `None` while the workers of this one stand still.
pub(super) async fn answer(node: &NodeShared, client_id: &ByteString) -> Option<WhereAnswer> {
    let is_coming = || node.registry.flags.is_raised(client_id) || node.registry.unfinished.has(client_id);
    // Before and after: it may have come in between.
    let was_coming = is_coming();
    let (since, is_owner) = here(node, client_id).await?;
    let is_coming = was_coming || is_coming();
    Some(WhereAnswer(Whereabouts {
        since,
        is_owner: is_owner && !is_coming,
        is_coming,
        // Last: what was given away before the look above is told.
        given: node.registry.given.last(client_id),
    }))
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

/// What is certain of a client.
pub(super) struct Found {
    /// Which other nodes have a session of it, and since when, Unix milliseconds.
    pub at: Vec<(NodeId, u64)>,
    /// It owns it for certain.
    pub has_owner: bool,
    /// Nodes that are out were not asked. It holds while they are.
    pub skipped: Vec<NodeId>,
}

/// Which other nodes have a session of a client whose flag is raised here, and since when; `None` if that is not certain.
pub(super) async fn elsewhere(
    node: &Arc<NodeShared>,
    own: NodeId,
    client_id: &ByteString,
    deadline: Instant,
) -> Option<Found> {
    let mut known = Given::new();
    let mut skipped = Vec::new();
    loop {
        let (verdict, has_owner) = look(node, own, client_id, known, &mut skipped, deadline).await;
        match verdict {
            Verdict::At(at) => {
                return Some(Found { at, has_owner, skipped });
            }
            Verdict::Wait(given) if Instant::now() + LOOK < deadline => {
                known = given;
                tokio::time::sleep(LOOK).await;
            }
            Verdict::Wait(_) | Verdict::GiveWay | Verdict::NotCertain => return None,
        }
    }
}

async fn look(
    node: &Arc<NodeShared>,
    own: NodeId,
    client_id: &ByteString,
    known: Given,
    skipped: &mut Vec<NodeId>,
    deadline: Instant,
) -> (Verdict, bool) {
    let (table, lease) = (node.cluster.peers(), &node.cluster.lease);
    let mut asked = JoinSet::new();
    for peer in table.all() {
        if lease.is_out(peer.id) {
            skipped.push(peer.id);
            continue;
        }
        let (node, client_id, peer) = (Arc::clone(node), client_id.clone(), peer.id);
        asked.spawn(async move {
            let answer: Option<WhereAnswer> = ask(&node, peer, &client_id, About::Where, deadline).await;
            (peer, answer.map(|answer| answer.0))
        });
    }
    let mut inquiry = Inquiry::new(own, known);
    while !inquiry.is_over()
        && let Some(answered) = asked.join_next().await
    {
        match answered {
            Ok((peer, answer)) => inquiry.on(peer, answer),
            Err(_crash) => inquiry.on(own, None),
        }
    }
    let has_owner = inquiry.is_over();
    (inquiry.verdict(), has_owner)
}
