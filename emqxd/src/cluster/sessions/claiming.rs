//! A client on its way in: the steps of [`Claim`], carried out with their deadlines.

use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use emqxd_broker::{Discarded, DisconnectReason, Refusal, SessionClaim};
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::link::Peer;
use emqxd_cluster::registry::{Claim, Event, Step};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::holder::on_owner;
use super::locking::{HeldLock, Locking, lock};
use super::parcel::{PARCEL_BYTES_MAX, Parcel};
use super::question::{About, BeginAnswer};
use super::{Counts, ask, spread};
use crate::node::NodeShared;

/// Clients on their way in at once.
pub(super) const CLAIMS_MAX: usize = 10_000;
/// What a client waits for at most, whatever does not answer.
const CLAIM_TIME: Duration = Duration::from_secs(5);
/// What it waits for its turn: the rest is for the session.
const LOCK_TIME: Duration = Duration::from_secs(3);

/// Too many clients are on their way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{CLAIMS_MAX} clients are being looked for on other nodes already")]
pub struct TooManyClaims;

/// What became of a claim. The lock of the id is held until this is dropped: after the rules have answered CONNECT.
pub struct Claimed {
    /// The node that has the session does not give it to this client.
    pub refused: Option<Refusal>,
    lock: Option<HeldLock>,
    node: Arc<NodeShared>,
    client_id: ByteString,
    _place: OwnedSemaphorePermit,
}

impl Claimed {
    /// Whose.
    pub fn client_id(&self) -> &ByteString {
        &self.client_id
    }

    /// The rules have answered; whether the client has a session here now.
    pub fn answered(mut self, is_here: bool) {
        if let Some(lock) = &mut self.lock {
            lock.note_holder(is_here);
        }
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        self.node.registry.moving.claimed(&self.client_id);
    }
}

/// Makes this node the only one that has a client, and fetches what another one has of it. What is returned is to be
/// awaited on a service thread; it takes no longer than `limit`, or five seconds.
///
/// # Errors
/// When too many are on their way already.
pub fn claim(
    node: &Arc<NodeShared>,
    client_id: ByteString,
    claim: SessionClaim,
    is_clean_start: bool,
    limit: Duration,
) -> Result<impl Future<Output = Claimed> + Send + 'static, TooManyClaims> {
    let place = Arc::clone(&node.registry.claims).try_acquire_owned();
    let place = place.map_err(|_| {
        Counts::inc(&node.registry.counts.too_many);
        TooManyClaims
    })?;
    let node = Arc::clone(node);
    node.registry.moving.claiming(&client_id);
    let mut claimed = Claimed {
        refused: None,
        lock: None,
        node: Arc::clone(&node),
        client_id: client_id.clone(),
        _place: place,
    };
    Ok(async move {
        // Without a link port nobody else is there.
        if let Some(own) = node.cluster.own() {
            let mut claiming = Claiming {
                node: &node,
                own,
                client_id,
                claim,
                deadline: Instant::now() + CLAIM_TIME.min(limit),
                lock: None,
                refused: None,
                freeze: 0,
                bytes: Vec::new(),
            };
            claiming.run(is_clean_start).await;
            claimed.lock = claiming.lock;
            claimed.refused = claiming.refused;
        }
        claimed
    })
}

struct Claiming<'a> {
    node: &'a Arc<NodeShared>,
    own: &'a Peer,
    client_id: ByteString,
    claim: SessionClaim,
    deadline: Instant,
    lock: Option<HeldLock>,
    refused: Option<Refusal>,
    /// Of the session that is being moved.
    freeze: u64,
    /// What has come and is to be taken in.
    bytes: Vec<u8>,
}

impl Claiming<'_> {
    async fn run(&mut self, is_clean_start: bool) {
        let mut claim = Claim::new(self.own.id, is_clean_start);
        loop {
            let event = match *claim.step() {
                Step::Lock => self.lock(&mut claim).await,
                Step::LookUp => self.look_up().await,
                Step::Discard(at) => self.discard(at).await,
                Step::Begin(at) => self.begin(at).await,
                Step::Import => self.import().await,
                Step::Spread(from) => self.spread(from).await,
                Step::End(at) => self.end(at).await,
                Step::Merge => self.merge().await,
                Step::Abandon => self.abandon().await,
                Step::Enter | Step::Refuse => return,
            };
            claim.on(event);
        }
    }

    async fn lock(&mut self, claim: &mut Claim) -> Event {
        let deadline = self.deadline.min(Instant::now() + LOCK_TIME);
        let why = match lock(self.node, self.own, &self.client_id, deadline).await {
            Locking::Held(lock, last_holder) => {
                self.lock = Some(lock);
                return Event::Locked { last_holder };
            }
            Locking::Unreachable(home) => {
                claim.pass_over(home);
                "the node that keeps the lock of its id has not answered"
            }
            Locking::Busy => "another connection of this client id is still on its way in",
        };
        let times = Counts::inc(&self.node.registry.counts.without_lock);
        if self.node.registry.may_tell_unlocked(self.node.clock.now()) {
            tracing::warn!(clientid = %self.client_id, times, why, "client_lock_not_taken");
        }
        Event::Unreachable
    }

    async fn look_up(&mut self) -> Event {
        let id = self.client_id.clone();
        let here = on_owner(self.node, &self.client_id, move |shard, _, _| shard.client_since(&id));
        let here = here.await.flatten();
        let table = self.node.cluster.peers();
        let found = self.node.tables.locations.find(&self.client_id);
        let elsewhere = found.iter().filter_map(|(slot, since)| {
            let peer = table.by_slot(*slot).filter(|peer| peer.is_up)?;
            Some((peer.id, *since))
        });
        Event::Found {
            here,
            elsewhere: elsewhere.collect(),
        }
    }

    async fn discard(&mut self, at: NodeId) -> Event {
        let about = About::Discard {
            claim: self.claim.clone(),
        };
        match ask(self.node, at, &self.client_id, about, self.deadline).await {
            Some(Discarded::Done) => Event::Done,
            Some(Discarded::Nothing) => Event::Nothing,
            Some(Discarded::Refused(refusal)) => self.refuse(refusal),
            None => self.unreachable("discard"),
        }
    }

    async fn begin(&mut self, at: NodeId) -> Event {
        let about = About::Begin {
            claim: self.claim.clone(),
        };
        match ask(self.node, at, &self.client_id, about, self.deadline).await {
            Some(BeginAnswer::Nothing) => Event::Nothing,
            Some(BeginAnswer::Refused(refusal)) => self.refuse(refusal),
            Some(BeginAnswer::Session { freeze, session }) => {
                self.freeze = freeze;
                self.receive(at, session, "takeover_begin").await
            }
            None => self.unreachable("takeover_begin"),
        }
    }

    async fn end(&mut self, at: NodeId) -> Event {
        let about = About::End { freeze: self.freeze };
        match ask::<Option<Parcel>>(self.node, at, &self.client_id, about, self.deadline).await {
            Some(Some(collected)) => self.receive(at, collected, "takeover_end").await,
            Some(None) => Event::Nothing,
            None => self.unreachable("takeover_end"),
        }
    }

    /// Fetches the other pages of a parcel.
    async fn receive(&mut self, at: NodeId, parcel: Parcel, action: &'static str) -> Event {
        if parcel.len > PARCEL_BYTES_MAX {
            return self.unreachable(action);
        }
        self.bytes = parcel.first.to_vec();
        while (self.bytes.len() as u64) < parcel.len {
            let about = About::Page {
                parcel: parcel.number,
                from: self.bytes.len() as u64,
            };
            let page: Option<Option<bytes::Bytes>> = ask(self.node, at, &self.client_id, about, self.deadline).await;
            match page {
                Some(Some(page)) if !page.is_empty() => self.bytes.extend_from_slice(&page),
                _ => return self.unreachable(action),
            }
        }
        Event::Session
    }

    async fn import(&mut self) -> Event {
        let (id, session) = (self.client_id.clone(), std::mem::take(&mut self.bytes));
        let imported = on_owner(self.node, &self.client_id, move |shard, now, effects| {
            // What is here is older.
            shard.discard(&id, None, DisconnectReason::Discarded, now, effects);
            shard.takeover_import(&id, &session, now)
        });
        self.taken_in(imported.await.map(|done| done.map_err(|error| error.to_string())))
    }

    async fn spread(&mut self, from: NodeId) -> Event {
        spread::wait(self.node, &self.client_id, from, self.deadline).await;
        Event::Done
    }

    async fn merge(&mut self) -> Event {
        let (id, collected) = (self.client_id.clone(), std::mem::take(&mut self.bytes));
        let merged = on_owner(self.node, &self.client_id, move |shard, now, _| {
            shard.takeover_merge(&id, &collected, now)
        });
        let event = self.taken_in(merged.await.map(|done| done.map_err(|error| error.to_string())));
        if event == Event::Done {
            Counts::inc(&self.node.registry.counts.taken_over);
        }
        event
    }

    async fn abandon(&mut self) -> Event {
        let id = self.client_id.clone();
        on_owner(self.node, &self.client_id, move |shard, now, effects| {
            shard.takeover_abandon(&id, now, effects)
        })
        .await;
        Event::Done
    }

    fn taken_in(&self, done: Option<Result<(), String>>) -> Event {
        match done {
            Some(Ok(())) => Event::Done,
            Some(Err(reason)) => {
                tracing::error!(clientid = %self.client_id, %reason, "session_not_taken_in");
                Event::Unreachable
            }
            None => Event::Unreachable,
        }
    }

    fn refuse(&mut self, refusal: Refusal) -> Event {
        self.refused = Some(refusal);
        Event::Refused
    }

    fn unreachable(&self, action: &'static str) -> Event {
        tracing::warn!(
            clientid = %self.client_id,
            action,
            why = "the node that has the session has not answered in time: the client comes in without it",
            "session_stepdown_request_timeout"
        );
        Event::Unreachable
    }
}
