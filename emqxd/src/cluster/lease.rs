//! Whether this node may own sessions that outlive their connections: `cluster.sessions_need_majority`.
//!
//! The rules are in [`emqxd_cluster::lease`]; here they meet the consensus, links and time. A node without a lease sends
//! clients with such sessions to others, and keeps what it has of them: who is heard of elsewhere later is forgotten
//! here. With a new lease it takes none before it knows what the others have told of their clients meanwhile.
//!
//! Leases are asked for and granted in every cluster, so that it does not matter where the key is not set yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use emqxd_broker::Time;
use emqxd_cluster::consensus::{Consensus, NodeId, Role};
use emqxd_cluster::lease::{Answer, DRIFT_MS, Holder, LEASE_MS, Leader, Report};
use emqxd_cluster::link::Peer;
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::{Service, sessions};
use crate::node::NodeShared;

/// Between two questions to the leader.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// An answer that takes longer comes too late to be of use.
const ANSWER_TIME: Duration = Duration::from_millis(1500);
/// A node that was heard of last now is out after this, if it is not heard of again.
const OUT_TIME: Duration = Duration::from_millis(LEASE_MS + DRIFT_MS + 1500);
/// Questions and looks under way at once.
const TASKS_MAX: usize = 16;
/// A node that has a lease and does not get to know what the others know says so after this, milliseconds.
const UNSETTLED_TOLD_MS: u64 = 5_000;
const ALARM: &str = "sessions_not_owned";
/// Nodes named in a line.
const NAMED_MAX: usize = 8;

/// This node's lease, and those it grants while it leads.
#[derive(Default)]
pub struct SessionLease {
    is_needed: AtomicBool,
    /// Until when this node may own sessions, milliseconds of the clock.
    until: AtomicU64,
    /// How often it was lost.
    losses: AtomicU64,
    state: Mutex<State>,
}

/// One time of owning sessions, from a lease that was got to its loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenure(u64);

#[derive(Default)]
struct State {
    holder: Option<Holder>,
    leader: Option<Leader>,
    /// It knows what the others have told of their clients while it had no lease.
    is_settled: bool,
    is_settling: bool,
    /// It was over before it was prolonged: another node may have what this one had.
    has_lapsed: bool,
    /// Clients were sent away, and are until there is a lease.
    has_let_go: bool,
    /// Since when there is a lease and it is not settled, milliseconds of the clock.
    unsettled_since: Option<u64>,
    is_unsettled_told: bool,
}

impl SessionLease {
    /// Nothing is asked of a node where this is not configured.
    pub(super) fn configure(&self, is_needed: bool) {
        self.is_needed.store(is_needed, Ordering::Relaxed);
    }

    /// Whether sessions are owned by lease here. One load.
    pub fn is_needed(&self) -> bool {
        self.is_needed.load(Ordering::Relaxed)
    }

    /// Whether clients may go on with sessions here, or begin such that are kept.
    pub fn may_own(&self, now: Time) -> bool {
        !self.is_needed() || now.0 < self.until.load(Ordering::Relaxed)
    }

    /// The present time of owning sessions. What was found out in one holds in no other.
    pub fn tenure(&self, now: Time) -> Option<Tenure> {
        let tenure = Tenure(self.losses.load(Ordering::Acquire));
        self.may_own(now).then_some(tenure)
    }

    /// Whether a majority has given this node a lease that it cannot use before it knows what the others know.
    pub fn is_unsettled(&self, now: Time) -> bool {
        let state = self.state.lock();
        !state.is_settled && state.holder.as_ref().is_some_and(|holder| holder.is_valid(now.0))
    }

    /// For the process that goes on with this one's clients: until when they may have kept sessions, milliseconds of the
    /// clock; 0 if they may not.
    pub fn until(&self) -> u64 {
        self.until.load(Ordering::Relaxed)
    }

    /// Goes on with the lease of the process before.
    pub fn take_over(&self, own: NodeId, until: u64) {
        let mut state = self.state.lock();
        state.holder = Some(Holder::handed_over(own, until));
        // If it is over, it is to be lost with what that means.
        (state.is_settled, state.has_lapsed) = (until > 0, until == 0);
        self.until.store(until, Ordering::Relaxed);
    }

    /// Whether another node owns no session until this one hears otherwise. To be asked with a lease.
    pub fn is_out(&self, id: NodeId) -> bool {
        let state = self.state.lock();
        let holder = state.holder.as_ref();
        holder.is_some_and(|holder| holder.view().out.contains(&id))
    }
}

/// Waits until a node that does not answer owns no session any more, where that matters; no longer than a lease lasts.
pub(super) async fn until_out(node: &NodeShared, id: NodeId) {
    let lease = &node.cluster.lease;
    let deadline = node.clock.now().after(OUT_TIME);
    let is_out = |now: Time| lease.may_own(now) && lease.is_out(id);
    while lease.is_needed() && !is_out(node.clock.now()) && node.clock.now() < deadline {
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// Another node asks for a lease, taking this one for the leader. Nothing is answered if it is not.
pub(super) fn answer(node: &NodeShared, from: &Peer, body: &[u8]) -> Vec<u8> {
    let report: Report = match serde_json::from_slice(body) {
        Ok(report) => report,
        Err(error) => {
            tracing::warn!(
                peer = %from.name,
                reason = %error,
                next = "run the same version of emqxd on all nodes",
                "peer_question_unreadable"
            );
            return Vec::new();
        }
    };
    let is_its_own = report.node == from.id;
    let answer = is_its_own.then(|| grant(node, report)).flatten();
    answer.map_or_else(Vec::new, |answer| {
        serde_json::to_vec(&answer).expect("numbers are written without fail")
    })
}

/// The answer of this node as leader, if it is one.
fn grant(node: &NodeShared, report: Report) -> Option<Answer> {
    let consensus = node.state.consensus()?;
    let status = consensus.status();
    let own = node.cluster.own()?.id;
    // Of a term before this process began it does not know what it has granted and told.
    if status.role != Role::Leader || status.term <= consensus.term_at_start() {
        return None;
    }
    let voters = status.members.iter().filter(|(_, _, votes)| *votes);
    let voters: Vec<NodeId> = voters.map(|(id, _, _)| *id).collect();
    let now = node.clock.now().0;
    let mut state = node.cluster.lease.state.lock();
    let leader = match &mut state.leader {
        Some(leader) if leader.term() == status.term => leader,
        other => other.insert(Leader::new(own, status.term, now)),
    };
    Some(leader.on_report(report, &voters, now))
}

/// Asks for the lease again and again until the node stops, but not while another process may go on with the clients.
pub(super) async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    let Some(own) = node.cluster.own().map(|own| own.id) else {
        return;
    };
    let mut began = node.clock.now();
    node.cluster
        .lease
        .state
        .lock()
        .holder
        .get_or_insert_with(|| Holder::new(own));
    let hold = node.handover.hold();
    let mut looks = tokio::time::interval(ASK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tasks = JoinSet::new();
    let mut log = node.state.parts_begun();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            _ = looks.tick() => {}
        }
        while tasks.try_join_next().is_some() {}
        if *hold.borrow() {
            continue;
        }
        // The terms of another cluster say nothing about those of the one before.
        if std::mem::replace(&mut log, node.state.parts_begun()) != log {
            tasks.abort_all();
            forget(&node, own);
            // Its clients stay while it may still get one there.
            began = node.clock.now();
        }
        if let Some(consensus) = node.state.consensus() {
            ask(&node, &consensus, &mut tasks);
        }
        look(&node, began, &mut tasks).await;
    }
}

fn forget(node: &NodeShared, own: NodeId) {
    let lease = &node.cluster.lease;
    let mut state = lease.state.lock();
    lease.losses.fetch_add(1, Ordering::Release);
    *state = State {
        holder: Some(Holder::new(own)),
        ..State::default()
    };
    lease.until.store(0, Ordering::Relaxed);
}

fn ask(node: &Arc<NodeShared>, consensus: &Consensus, tasks: &mut JoinSet<()>) {
    let status = consensus.status();
    let asked_at = node.clock.now().0;
    let reached = node.cluster.reached_lately();
    let report = {
        let state = node.cluster.lease.state.lock();
        let Some(holder) = &state.holder else { return };
        holder.report(status.term, reached, asked_at)
    };
    if status.role == Role::Leader {
        if let Some(answer) = grant(node, report) {
            heard(node, answer, asked_at);
        }
        return;
    }
    let Some((leader, _)) = status.leader.filter(|_| tasks.len() < TASKS_MAX) else {
        return;
    };
    let node = Arc::clone(node);
    tasks.spawn(async move {
        let question = serde_json::to_vec(&report).expect("numbers are written without fail");
        let asked = node.cluster.ask(leader, Service::Leases, &question, ANSWER_TIME);
        // Who does not lead answers nothing.
        if let Ok(body) = asked.await
            && let Ok(answer) = serde_json::from_slice(&body)
        {
            heard(&node, answer, asked_at);
        }
    });
}

fn heard(node: &NodeShared, answer: Answer, asked_at: u64) {
    let lease = &node.cluster.lease;
    let now = node.clock.now().0;
    let mut state = lease.state.lock();
    let is_settled = state.is_settled;
    let Some(holder) = &mut state.holder else { return };
    let has_lapsed = is_settled && !holder.is_valid(now);
    holder.on_answer(answer, asked_at);
    let until = holder.until();
    state.has_lapsed |= has_lapsed;
    if is_settled && !state.has_lapsed {
        lease.until.store(until, Ordering::Relaxed);
    }
}

/// Lets go of sessions when the lease is over, and finds out what others know once there is one.
async fn look(node: &Arc<NodeShared>, began: Time, tasks: &mut JoinSet<()>) {
    let lease = &node.cluster.lease;
    let now = node.clock.now().0;
    // A process that has just begun has its time to ask.
    let may_hold = now < began.0 + LEASE_MS;
    let (is_valid, has_lost) = {
        let mut state = lease.state.lock();
        let is_valid = state.holder.as_ref().is_some_and(|holder| holder.is_valid(now));
        let is_over = state.has_lapsed || (!is_valid && (state.is_settled || !may_hold));
        let has_lost = is_over && !state.has_let_go;
        if has_lost {
            lease.until.store(0, Ordering::Relaxed);
            lease.losses.fetch_add(1, Ordering::Release);
            (state.has_let_go, state.is_settled, state.has_lapsed) = (true, false, false);
        }
        if !is_valid {
            (state.unsettled_since, state.is_unsettled_told) = (None, false);
        }
        (is_valid, has_lost)
    };
    if has_lost && !let_go(node).await {
        // Workers that stand still may go on with their clients: once more, then.
        let mut state = lease.state.lock();
        (state.has_let_go, state.has_lapsed) = (false, true);
        return;
    }
    if is_valid && tasks.len() < TASKS_MAX {
        let begins = {
            let mut state = lease.state.lock();
            let begins = !state.is_settled && !state.is_settling && !state.has_lapsed;
            state.is_settling |= begins;
            begins.then(|| lease.losses.load(Ordering::Acquire))
        };
        if let Some(losses) = begins {
            let node = Arc::clone(node);
            tasks.spawn(async move {
                let settling = Settling(&node);
                let unknown = settle(&node).await;
                settled(&node, &unknown, losses);
                drop(settling);
            });
        }
    }
}

/// However it ends, another one may begin.
struct Settling<'a>(&'a NodeShared);

impl Drop for Settling<'_> {
    fn drop(&mut self) {
        self.0.cluster.lease.state.lock().is_settling = false;
    }
}

/// Finds out what the others have told of themselves up to now, and which clients have begun anew with them; who did not
/// answer.
async fn settle(node: &Arc<NodeShared>) -> Vec<String> {
    let table = node.cluster.peers();
    let mut asked = JoinSet::new();
    for peer in table.all().iter().filter(|peer| !node.cluster.lease.is_out(peer.id)) {
        let (node, peer) = (Arc::clone(node), peer.clone());
        asked.spawn(async move {
            let is_known =
                sessions::knows_what_it_told(&node, &peer).await && sessions::hear_who_began_anew(&node, &peer).await;
            (peer.name, is_known)
        });
    }
    let mut unknown = Vec::new();
    while let Some(known) = asked.join_next().await {
        match known {
            Ok((_, true)) => {}
            Ok((name, false)) => unknown.push(name),
            Err(crash) => unknown.push(crash.to_string()),
        }
    }
    if unknown.is_empty() && !sessions::has_settled_conflicts(node) {
        unknown.extend(node.cluster.own().map(|own| own.name.clone()));
    }
    unknown
}

fn settled(node: &NodeShared, unknown: &[String], losses: u64) {
    let lease = &node.cluster.lease;
    let mut state = lease.state.lock();
    let now = node.clock.now().0;
    let valid_until = state.holder.as_ref().map(Holder::until).filter(|until| now < *until);
    let is_of_this_time = lease.losses.load(Ordering::Acquire) == losses && !state.has_lapsed;
    let Some(until) = valid_until.filter(|_| is_of_this_time) else {
        return;
    };
    if !unknown.is_empty() {
        let since = *state.unsettled_since.get_or_insert(now);
        let is_to_be_told = now >= since + UNSETTLED_TOLD_MS && lease.is_needed();
        if is_to_be_told && !std::mem::replace(&mut state.is_unsettled_told, true) {
            drop(state);
            tell_unsettled(node, unknown);
        }
        return;
    }
    (state.is_settled, state.has_let_go) = (true, false);
    (state.unsettled_since, state.is_unsettled_told) = (None, false);
    lease.until.store(until, Ordering::Relaxed);
    drop(state);
    if lease.is_needed() {
        tracing::info!(level = "notice", "session_lease_taken");
        node.alarms.clear(ALARM);
    }
}

fn tell_unsettled(node: &NodeShared, unknown: &[String]) {
    let names = unknown.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(",");
    let next = "look at links and streams from these nodes: `emqx-ctl cluster nodes`";
    tracing::warn!(nodes = names, next, "session_lease_not_settled");
    let text = "a majority is reached, but not known what these nodes know of clients: kept sessions are refused here";
    node.alarms.raise(ALARM, json!({ "nodes": names, "next": next }), text);
}

/// Whether all workers have done so.
async fn let_go(node: &NodeShared) -> bool {
    if !node.cluster.lease.is_needed() {
        return true;
    }
    sessions::forget_locks(node);
    sessions::forget_moves(node);
    let (mut clients, mut is_whole) = (0, true);
    for worker in node.workers() {
        let sent_away = worker.run(|worker| {
            let may_act = !worker.is_standing_still();
            may_act.then(|| worker.with_shard(|shard, now, effects| shard.let_go_of_kept_sessions(now, effects)))
        });
        match sent_away.await {
            Ok(Some(count)) => clients += count,
            Ok(None) => is_whole = false,
            // It has stopped, and serves nobody.
            Err(_) => {}
        }
    }
    if !is_whole && clients == 0 {
        return false;
    }
    let next = "look at links between nodes and whether a majority runs: `emqx-ctl cluster status`";
    tracing::warn!(clients, next, "session_lease_lost");
    let text = "this node does not reach a majority: clients with kept sessions are sent to other nodes";
    let details = json!({ "clients": clients, "next": next });
    node.alarms.raise(ALARM, details, text);
    is_whole
}
