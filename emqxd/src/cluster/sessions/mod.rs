//! One owner for each client id in the whole cluster: locks, takeover, discard and kick between nodes.
//!
//! A CONNECT goes through [`claim`] before the rules see it, when other nodes are up; what they ask of this one comes to
//! [`answer`]. Which steps there are, and why, stands in [`emqxd_cluster::registry`]; here they meet links, workers and
//! time.
//!
//! | file | what |
//! | --- | --- |
//! | `claiming.rs` | a client on its way in: the steps, with their deadlines |
//! | `locking.rs` | locks: those of ids whose home is here, and asking for one, wherever its home is |
//! | `holder.rs` | what is done here with a client that others want |
//! | `careful.rs` | making certain where a client is, where no session may be at two nodes |
//! | `begun_anew.rs` | what nodes that were cut off have of clients that have begun anew meanwhile |
//! | `fetch.rs` | bringing a session here |
//! | `unfinished.rs` | sessions that came here, and nobody knows whether the other node let them go |
//! | `conflict.rs` | two nodes have a session of one client: the newer one stays |
//! | `spread.rs` | waiting until all know where a session is |
//! | `question.rs`, `parcel.rs` | questions and answers as bytes, long ones in pages |
//! | `counts.rs` | what happened, counted |

mod begun_anew;
mod careful;
mod claiming;
mod conflict;
mod counts;
mod fetch;
mod holder;
mod locking;
mod parcel;
mod question;
mod spread;
mod unfinished;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use emqxd_broker::Time;
use emqxd_broker::handover::Field;
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::link::Peer;
use emqxd_cluster::registry::Locks;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use self::begun_anew::BegunAnew;
pub use self::begun_anew::hear_who_began_anew;
use self::careful::{Flags, GivenAway};
pub use self::claiming::{Claimed, Wants, claim};
use self::conflict::Moving;
pub use self::conflict::on_conflict;
pub use self::counts::Counts;
pub use self::holder::{kick_elsewhere, whereabouts};
use self::locking::Requests;
pub use self::locking::forget_locks;
use self::parcel::{Parcel, Parcels};
use self::question::{About, Question, from_bytes, to_bytes};
pub use self::spread::knows_what_it_told;
use self::unfinished::Unfinished;
use super::Service;
use crate::clock::unix_ms_now;
use crate::node::NodeShared;

/// How long a node may take to answer, before it counts as unreachable.
const ANSWER_TIME: Duration = Duration::from_secs(2);
/// Questions to one node under way; those behind wait within their time. A link carries the questions of other services
/// too, and takes 256.
const QUESTIONS_TO_ONE_MAX: usize = 96;
/// The same of questions that wait for streams and lanes over there: they hold no others up.
const SPREADS_TO_ONE_MAX: usize = 96;
/// Between two looks at leases and parcels.
const LOOK: Duration = Duration::from_secs(1);
/// Between two lines about clients without a lock.
const TOLD_EVERY_MS: u64 = 10_000;

/// What this node knows of clients in the cluster, besides where they are.
pub struct ClientRegistry {
    /// Of the ids whose home this node is.
    locks: Mutex<Locks>,
    requests: Requests,
    /// Who may ask one node at a time.
    asking: Mutex<HashMap<NodeId, Asking>>,
    parcels: Parcels,
    moving: Moving,
    unfinished: Unfinished,
    flags: Flags,
    given: GivenAway,
    begun_anew: BegunAnew,
    claims: Arc<Semaphore>,
    /// When it was told last that a client came in without its lock, milliseconds of the clock.
    unlocked_told: AtomicU64,
    /// What happened.
    pub counts: Counts,
}

/// Places for questions to one node.
#[derive(Debug, Clone)]
struct Asking {
    questions: Arc<Semaphore>,
    spreads: Arc<Semaphore>,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            questions: Arc::new(Semaphore::new(QUESTIONS_TO_ONE_MAX)),
            spreads: Arc::new(Semaphore::new(SPREADS_TO_ONE_MAX)),
        }
    }
}

impl Default for ClientRegistry {
    fn default() -> Self {
        Self {
            locks: Mutex::new(Locks::new(unix_ms_now())),
            requests: Requests::default(),
            asking: Mutex::default(),
            parcels: Parcels::default(),
            moving: Moving::default(),
            unfinished: Unfinished::default(),
            flags: Flags::default(),
            given: GivenAway::default(),
            begun_anew: BegunAnew::default(),
            claims: Arc::new(Semaphore::new(claiming::CLAIMS_MAX)),
            unlocked_told: AtomicU64::new(0),
            counts: Counts::default(),
        }
    }
}

impl ClientRegistry {
    /// Clients without a lock are told of once in a while: there may be many.
    fn may_tell_unlocked(&self, now: Time) -> bool {
        let last = self.unlocked_told.load(Ordering::Relaxed);
        let is_due = last == 0 || now.0 >= last + TOLD_EVERY_MS;
        if is_due {
            self.unlocked_told.store(now.0.max(1), Ordering::Relaxed);
        }
        is_due
    }
}

/// Takes back what nobody holds any more, until the node stops.
pub async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    let mut changes = node.cluster.changes();
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => {
                tell_counts(&node);
                return;
            }
            _ = looks.tick() => locking::expire(&node),
            Ok(()) = changes.changed() => {
                let table = changes.borrow_and_update().clone();
                locking::forget_the_dead(&node, &table);
                node.registry.asking.lock().retain(|id, _| table.by_id(*id).is_some());
                node.registry.begun_anew.forget_others(|id| table.by_id(id).is_some());
            }
        }
        let now = node.clock.now();
        node.registry.parcels.forget(now);
        node.registry.given.forget(now);
    }
}

/// Whether nothing that was heard of clients elsewhere waits still for claims here to be over.
pub fn has_settled_conflicts(node: &NodeShared) -> bool {
    node.registry.moving.no_claim_delays_a_conflict()
}

/// Whether careful claims, or moves whose end is not known, are under way: another process would not know of them.
pub fn has_moves(node: &NodeShared) -> bool {
    let registry = &node.registry;
    registry.flags.is_any_raised() || registry.unfinished.has_any()
}

/// This node may own sessions no more: who was to be given one has it, or not.
pub fn forget_moves(node: &NodeShared) {
    node.registry.moving.forget_given();
}

/// What happened while this node ran, unless nothing did.
fn tell_counts(node: &NodeShared) {
    let counts = node.registry.counts.all();
    if counts.iter().any(|(_, count)| *count > 0) {
        tracing::info!(counts = ?counts, "clients_between_nodes");
    }
}

/// The answer to what another node asks about a client.
pub async fn answer(node: &Arc<NodeShared>, from: &Peer, body: Bytes) -> Vec<u8> {
    let Question { client_id, about } = match from_bytes(&body) {
        Ok(question) => question,
        Err(reason) => {
            tracing::warn!(
                peer = %from.name,
                %reason,
                next = "run the same version of emqxd on all nodes",
                "peer_question_unreadable"
            );
            return Vec::new();
        }
    };
    let given = match about {
        // Without a lease of its own this node knows nothing for certain.
        About::Lock { .. } if !node.cluster.lease.may_own(node.clock.now()) => None,
        About::Lock { request } => Some(to_bytes(&locking::on_request(node, from, &client_id, request))),
        About::GiveUp { request } => {
            locking::on_give_up(node, from, &client_id, request);
            Some(to_bytes(&true))
        }
        About::Granted { request, grant } => Some(to_bytes(&node.registry.requests.grant(request, grant))),
        About::Release { token, is_holder } => {
            locking::on_release(node, &client_id, token, is_holder.then_some(from.id));
            Some(to_bytes(&true))
        }
        About::IsHere => {
            let now = node.clock.now().0;
            node.registry.locks.lock().note_holder(&client_id, from.id, now);
            Some(to_bytes(&true))
        }
        About::Begin { claim } => answered(holder::begin(node, from, client_id, claim).await),
        About::End { freeze } => answered(holder::end(node, from, client_id, freeze).await),
        About::Discard { claim } => answered(holder::discard(node, from, client_id, claim).await),
        About::Kick => answered(holder::kick(node, client_id).await),
        About::Has => answered(holder::has(node, client_id).await),
        About::Spread { sequence, holder } => answered(spread::on_spread(node, from, sequence, holder).await),
        About::LastChange => Some(to_bytes(&spread::last_change(node))),
        About::Where => answered(careful::answer(node, &client_id).await),
        About::BegunAnew { after } => Some(to_bytes(&node.registry.begun_anew.page(from.id, after))),
        About::Page { parcel, from: place } => answered(node.registry.parcels.page(from.id, parcel, place)),
    };
    given.unwrap_or_default()
}

fn answered(answer: Option<impl Field>) -> Option<Vec<u8>> {
    answer.map(|answer| to_bytes(&answer))
}

/// Asks another node; `None` if there is no answer until `deadline`, or none that can be read.
async fn ask<T: Field>(
    node: &NodeShared,
    to: NodeId,
    client_id: &bytestring::ByteString,
    about: About,
    deadline: Instant,
) -> Option<T> {
    let places = {
        let mut asking = node.registry.asking.lock();
        let asking = asking.entry(to).or_default();
        Arc::clone(match about {
            About::Spread { .. } => &asking.spreads,
            _ => &asking.questions,
        })
    };
    let deadline = deadline.min(Instant::now() + ANSWER_TIME);
    let answer = tokio::time::timeout_at(deadline, async {
        let _place = places.acquire().await.ok()?;
        let question = to_bytes(&Question {
            client_id: client_id.clone(),
            about,
        });
        let asked = node.cluster.ask(to, Service::Sessions, &question, ANSWER_TIME);
        asked.await.ok()
    });
    let answer = match answer.await {
        Ok(answer) => answer?,
        Err(_elapsed) => {
            Counts::inc(&node.registry.counts.timeouts);
            return None;
        }
    };
    from_bytes(&answer).ok()
}
