//! A client on its way in: the steps of [`Claim`], carried out with their deadlines.

use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use emqxd_broker::{Discarded, DisconnectReason, Refusal, SessionClaim, Time};
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::link::Peer;
use emqxd_cluster::registry::{Claim, Event, Step};
use mqtt_codec::ReasonCode;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::careful::Flag;
use super::fetch::{Ended, Move, boot_of, receive};
use super::holder::on_owner;
use super::locking::{HeldLock, Locking, lock};
use super::question::{About, BeginAnswer};
use super::unfinished::finish;
use super::{Counts, ask, begun_anew, careful, spread};
use crate::cluster::lease::Tenure;
use crate::node::NodeShared;

/// Clients on their way in at once.
pub(super) const CLAIMS_MAX: usize = 10_000;
/// What a client waits for at most, whatever does not answer.
const CLAIM_TIME: Duration = Duration::from_secs(5);
/// What it waits for its turn: the rest is for the session.
const LOCK_TIME: Duration = Duration::from_secs(3);

/// What a client asks for in its CONNECT.
#[derive(Debug, Clone, Copy)]
pub struct Wants {
    /// Nothing of what there was.
    pub is_clean_start: bool,
    /// It goes on with a session, or begins one that outlives the connection.
    pub is_kept: bool,
}

/// Too many clients are on their way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{CLAIMS_MAX} clients are being looked for on other nodes already")]
pub struct TooManyClaims;

/// What became of a claim. The lock of the id is held until this is dropped: after the rules have answered CONNECT.
pub struct Claimed {
    /// The node that has the session does not give it to this client, or it is not certain that nobody has one.
    pub refused: Option<Refusal>,
    /// It may come in only while this node owns sessions, without a break since it began.
    needs_lease: bool,
    tenure: Option<Tenure>,
    /// A session was here that it goes on with.
    is_here: bool,
    /// Nodes that were not asked because they owned no sessions.
    skipped: Vec<NodeId>,
    /// Before the lock: who has that next is not to see it.
    flag: Option<Flag>,
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

    /// Whether it may come in now: what the claim has found out has to be so still. `has_session` is whether one is here.
    pub fn may_enter(&self, has_session: bool, now: Time) -> Result<(), Refusal> {
        let tenure = self.node.cluster.lease.tenure(now);
        if self.needs_lease && (tenure.is_none() || tenure != self.tenure) {
            return Err(no_lease(&self.node));
        }
        // It was taken from here meanwhile, or somebody is back who may have it.
        let lease = &self.node.cluster.lease;
        let has_changed = self.is_here && !has_session || !self.skipped.iter().all(|id| lease.is_out(*id));
        if has_changed {
            return Err(not_certain());
        }
        Ok(())
    }

    /// The client has begun anew at this time, Unix milliseconds: what others have of it is over.
    pub fn has_begun_anew(&self, since: u64) {
        if self.node.cluster.lease.is_needed() {
            begun_anew::note(&self.node, &self.client_id, since, &self.skipped);
        }
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
    wants: Wants,
    limit: Duration,
) -> Result<impl Future<Output = Claimed> + Send + 'static, TooManyClaims> {
    let place = Arc::clone(&node.registry.claims).try_acquire_owned();
    let place = place.map_err(|_| {
        Counts::inc(&node.registry.counts.too_many);
        TooManyClaims
    })?;
    let node = Arc::clone(node);
    let needs_lease = wants.is_kept && node.cluster.lease.is_needed();
    node.registry.moving.claiming(&client_id);
    let mut claimed = Claimed {
        refused: None,
        needs_lease,
        tenure: node.cluster.lease.tenure(node.clock.now()),
        is_here: false,
        skipped: Vec::new(),
        flag: None,
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
                is_careful: needs_lease,
                is_here: false,
                skipped: Vec::new(),
                flag: None,
                lock: None,
                refused: None,
                begun: None,
                bytes: Vec::new(),
            };
            claiming.run(wants.is_clean_start).await;
            claimed.is_here = claiming.is_here;
            claimed.skipped = claiming.skipped;
            claimed.flag = claiming.flag;
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
    /// No session may be at two nodes.
    is_careful: bool,
    /// A session is here that it goes on with.
    is_here: bool,
    /// Nodes that are out, and were not asked.
    skipped: Vec<NodeId>,
    flag: Option<Flag>,
    lock: Option<HeldLock>,
    refused: Option<Refusal>,
    /// The session that is being moved.
    begun: Option<Move>,
    /// What has come and is to be taken in.
    bytes: Vec<u8>,
}

impl Claiming<'_> {
    async fn run(&mut self, is_clean_start: bool) {
        let mut claim = Claim::new(self.own.id, is_clean_start).careful(self.is_careful);
        if self.is_careful {
            if !self.node.cluster.lease.may_own(self.node.clock.now()) {
                self.refused = Some(no_lease(self.node));
                return;
            }
            // What it began would not be known to the process that goes on.
            if self.node.handover.is_held() {
                self.refused = Some(not_certain());
                return;
            }
            let unfinished = &self.node.registry.unfinished;
            if !unfinished.is_over(&self.client_id, self.deadline).await {
                self.refused = Some(not_certain());
                return;
            }
        }
        loop {
            let event = match *claim.step() {
                Step::Lock => self.lock(&mut claim).await,
                Step::LookUp if self.is_careful => self.make_certain().await,
                Step::LookUp => self.look_up().await,
                Step::Discard(at) => self.discard(at).await,
                Step::Begin(at) => self.begin(at).await,
                Step::Import => self.import().await,
                Step::Spread(from) => self.spread(from).await,
                Step::End(_) => self.end().await,
                Step::Merge => self.merge().await,
                Step::Abandon => self.abandon().await,
                Step::Enter => return,
                Step::Refuse => {
                    self.refused.get_or_insert_with(not_certain);
                    return;
                }
            };
            claim.on(event);
        }
    }

    async fn lock(&mut self, claim: &mut Claim) -> Event {
        let deadline = self.deadline.min(Instant::now() + LOCK_TIME);
        let why = match lock(self.node, self.own, &self.client_id, deadline).await {
            Locking::Held(lock, last_holder) => {
                self.lock = Some(lock);
                // Where all are asked nothing need be remembered.
                let last_holder = last_holder.filter(|_| !self.is_careful);
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
            let peer = table.by_slot(*slot)?;
            peer.is_up.then_some((peer.id, *since))
        });
        Event::Found {
            here,
            elsewhere: elsewhere.collect(),
        }
    }

    /// As [`Self::look_up`], of all that may have it themselves.
    async fn make_certain(&mut self) -> Event {
        // First: from now on nobody is given what is here.
        self.flag = Flag::raise(self.node, &self.client_id, self.deadline).await;
        // A claim before this one may have left a move behind whose end is not known.
        if self.flag.is_none() || self.node.registry.unfinished.has(&self.client_id) {
            return Event::Unreachable;
        }
        let Some((here, is_owner)) = careful::here(self.node, &self.client_id).await else {
            return Event::Unreachable;
        };
        if is_owner {
            self.is_here = true;
            let elsewhere = Vec::new();
            return Event::Found { here, elsewhere };
        }
        let found = careful::elsewhere(self.node, self.own.id, &self.client_id, self.deadline).await;
        // It may have been taken from here while they were asked.
        let here = careful::here(self.node, &self.client_id).await;
        let (Some(found), Some((here, _))) = (found, here) else {
            return Event::Unreachable;
        };
        self.skipped = found.skipped;
        // What is here is of no use where another node owns one, whenever that began by its clock.
        let here = here.filter(|_| !found.has_owner);
        self.is_here = here.is_some();
        Event::Found {
            here,
            elsewhere: found.at,
        }
    }

    async fn discard(&mut self, at: NodeId) -> Event {
        let about = About::Discard {
            claim: self.claim.clone(),
        };
        match ask(self.node, at, &self.client_id, about, self.deadline).await {
            Some(Discarded::Done) => Event::Done,
            Some(Discarded::Nothing) => self.is_gone(),
            Some(Discarded::Refused(refusal)) => self.refuse(refusal),
            None => self.unreachable("discard"),
        }
    }

    async fn begin(&mut self, at: NodeId) -> Event {
        let about = About::Begin {
            claim: self.claim.clone(),
        };
        let boot = boot_of(self.node, at);
        match ask(self.node, at, &self.client_id, about, self.deadline).await {
            Some(BeginAnswer::Nothing) => self.is_gone(),
            Some(BeginAnswer::Refused(refusal)) => self.refuse(refusal),
            Some(BeginAnswer::Session { freeze, session }) => {
                self.begun = Some(Move {
                    client_id: self.client_id.clone(),
                    from: at,
                    boot,
                    freeze,
                });
                match receive(self.node, at, &self.client_id, session, self.deadline).await {
                    Some(bytes) => {
                        self.bytes = bytes;
                        Event::Session
                    }
                    None => self.unreachable("takeover_begin"),
                }
            }
            None => self.unreachable("takeover_begin"),
        }
    }

    async fn end(&mut self) -> Event {
        let Some(begun) = self.begun.clone() else {
            return Event::Nothing;
        };
        match begun.end(self.node, self.deadline).await {
            Ended::Given(collected) => {
                self.bytes = collected;
                Event::Session
            }
            Ended::Kept => Event::Nothing,
            // Its client may have come back there before: nobody can say what is missing here.
            Ended::Lost if self.is_careful => Event::Nothing,
            Ended::Lost | Ended::Unknown => {
                self.finish_later();
                self.unreachable("takeover_end")
            }
        }
    }

    async fn import(&mut self) -> Event {
        let (id, session) = (self.client_id.clone(), std::mem::take(&mut self.bytes));
        let is_careful = self.is_careful;
        let imported = on_owner(self.node, &self.client_id, move |shard, now, effects| {
            // What is here is older.
            shard.discard(&id, None, DisconnectReason::Discarded, now, effects);
            match is_careful {
                true => shard.takeover_import_behind(&id, &session, now),
                false => shard.takeover_import(&id, &session, now),
            }
        });
        self.taken_in(imported.await.map(|done| done.map_err(|error| error.to_string())))
    }

    async fn spread(&mut self, from: NodeId) -> Event {
        match spread::wait(self.node, &self.client_id, from, self.is_careful, self.deadline).await {
            true => Event::Done,
            false => Event::Unreachable,
        }
    }

    async fn merge(&mut self) -> Event {
        let (id, collected) = (self.client_id.clone(), std::mem::take(&mut self.bytes));
        let merged = on_owner(self.node, &self.client_id, move |shard, now, _| {
            shard.takeover_merge(&id, &collected, now)
        });
        let event = self.taken_in(merged.await.map(|done| done.map_err(|error| error.to_string())));
        if event == Event::Done {
            Counts::inc(&self.node.registry.counts.taken_over);
        } else {
            self.finish_later();
        }
        event
    }

    async fn abandon(&mut self) -> Event {
        let id = self.client_id.clone();
        let abandoned = on_owner(self.node, &self.client_id, move |shard, now, effects| {
            shard.takeover_abandon(&id, now, effects)
        });
        if abandoned.await.is_none() {
            self.finish_later();
            return Event::Unreachable;
        }
        Event::Done
    }

    /// What has become of the move over there is asked for until it is known.
    fn finish_later(&mut self) {
        if let Some(begun) = self.begun.take().filter(|_| self.is_careful) {
            finish(self.node, begun);
        }
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

    /// It is not at the node that had it a moment ago.
    fn is_gone(&self) -> Event {
        match self.is_careful {
            // It may be at another one by now.
            true => Event::Unreachable,
            false => Event::Nothing,
        }
    }

    fn unreachable(&self, action: &'static str) -> Event {
        let why = if self.is_careful {
            "the node that has the session has not answered in time: the client is to try again"
        } else {
            "the node that has the session has not answered in time: the client comes in without it"
        };
        tracing::warn!(clientid = %self.client_id, action, why, "session_stepdown_request_timeout");
        Event::Unreachable
    }
}

/// What is told to who comes while this node may own no sessions.
fn no_lease(node: &NodeShared) -> Refusal {
    if node.cluster.lease.is_unsettled(node.clock.now()) {
        let detail = "this node does not know yet what the others know of their clients: try again in a few seconds";
        return Refusal::new(ReasonCode::ServerBusy, "", detail);
    }
    let detail = "this node does not reach a majority of the cluster: another one goes on with the session";
    Refusal::new(ReasonCode::UseAnotherServer, "", detail)
}

/// What is told to who comes while somebody may have the session and does not answer.
fn not_certain() -> Refusal {
    let detail = "a node that may have the session has not answered, or another connection of this client is on its way \
                  in: try again in a few seconds";
    Refusal::new(ReasonCode::ServerBusy, "", detail)
}
