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
use emqxd_cluster::lease::{Answer, Holder, LEASE_MS, Leader, Report};
use emqxd_cluster::link::Peer;
use parking_lot::Mutex;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::{Service, sessions};
use crate::node::NodeShared;

/// Between two questions to the leader.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// An answer that takes longer comes too late to be of use.
const ANSWER_TIME: Duration = Duration::from_millis(1500);
/// Questions and looks under way at once.
const TASKS_MAX: usize = 16;
const ALARM: &str = "sessions_not_owned";

/// This node's lease, and those it grants while it leads.
#[derive(Default)]
pub struct SessionLease {
    is_needed: AtomicBool,
    /// Until when this node may own sessions, milliseconds of the clock.
    until: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    holder: Option<Holder>,
    leader: Option<Leader>,
    /// It knows what the others have told of their clients while it had no lease.
    is_settled: bool,
    is_settling: bool,
    /// Clients were sent away, and are until there is a lease.
    has_let_go: bool,
    /// How often it was lost.
    losses: u64,
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

    /// Whether another node owns no session until this one hears otherwise. To be asked with a lease.
    pub fn is_out(&self, id: NodeId) -> bool {
        let state = self.state.lock();
        let holder = state.holder.as_ref();
        holder.is_some_and(|holder| holder.view().out.contains(&id))
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
    let status = node.state.consensus()?.status();
    let own = node.cluster.own()?.id;
    if status.role != Role::Leader {
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

/// Asks for the lease again and again, until it is aborted.
pub(super) async fn run(node: Arc<NodeShared>) {
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
    let mut looks = tokio::time::interval(ASK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tasks = JoinSet::new();
    let mut log = node.state.parts_begun();
    loop {
        looks.tick().await;
        while tasks.try_join_next().is_some() {}
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
    let losses = state.losses + 1;
    *state = State {
        holder: Some(Holder::new(own)),
        losses,
        ..State::default()
    };
    lease.until.store(0, Ordering::Relaxed);
}

fn ask(node: &Arc<NodeShared>, consensus: &Consensus, tasks: &mut JoinSet<()>) {
    let status = consensus.status();
    let asked_at = node.clock.now().0;
    let report = {
        let state = node.cluster.lease.state.lock();
        let Some(holder) = &state.holder else { return };
        holder.report(status.term, node.cluster.reached_lately(), asked_at)
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
    let mut state = lease.state.lock();
    let is_settled = state.is_settled;
    if let Some(holder) = &mut state.holder {
        holder.on_answer(answer, asked_at);
        if is_settled {
            lease.until.store(holder.until(), Ordering::Relaxed);
        }
    }
}

/// Lets go of sessions when the lease is over, and finds out what others know once there is one.
async fn look(node: &Arc<NodeShared>, began: Time, tasks: &mut JoinSet<()>) {
    let now = node.clock.now().0;
    // A process that goes on with the clients of another one has its time to ask.
    let may_hold = now < began.0 + LEASE_MS;
    let (is_valid, has_lost) = {
        let mut state = node.cluster.lease.state.lock();
        let is_valid = state.holder.as_ref().is_some_and(|holder| holder.is_valid(now));
        let has_lost = !is_valid && !state.has_let_go && (state.is_settled || !may_hold);
        if has_lost {
            (state.has_let_go, state.is_settled) = (true, false);
            state.losses += 1;
        }
        (is_valid, has_lost)
    };
    if has_lost {
        node.cluster.lease.until.store(0, Ordering::Relaxed);
        let_go(node).await;
    }
    if is_valid && tasks.len() < TASKS_MAX {
        let begins = {
            let mut state = node.cluster.lease.state.lock();
            let begins = !state.is_settled && !state.is_settling;
            state.is_settling |= begins;
            begins.then_some(state.losses)
        };
        if let Some(losses) = begins {
            let node = Arc::clone(node);
            tasks.spawn(async move {
                let is_known = knows_the_others(&node).await;
                settled(&node, is_known, losses);
            });
        }
    }
}

/// Whether all is known here that the others have told of themselves up to now.
pub(super) async fn knows_the_others(node: &Arc<NodeShared>) -> bool {
    let table = node.cluster.peers();
    let mut asked = JoinSet::new();
    for peer in table.all().iter().filter(|peer| !node.cluster.lease.is_out(peer.id)) {
        let (node, peer) = (Arc::clone(node), peer.clone());
        asked.spawn(async move { sessions::knows_what_it_told(&node, &peer).await });
    }
    let mut is_known = true;
    while let Some(known) = asked.join_next().await {
        is_known &= known.unwrap_or(false);
    }
    is_known
}

fn settled(node: &NodeShared, is_known: bool, losses: u64) {
    let lease = &node.cluster.lease;
    let mut state = lease.state.lock();
    state.is_settling = false;
    let now = node.clock.now().0;
    let valid_until = state.holder.as_ref().map(Holder::until).filter(|until| now < *until);
    let Some(until) = valid_until.filter(|_| is_known && state.losses == losses) else {
        return;
    };
    (state.is_settled, state.has_let_go) = (true, false);
    lease.until.store(until, Ordering::Relaxed);
    drop(state);
    if lease.is_needed() {
        tracing::info!(level = "notice", "session_lease_taken");
        node.alarms.clear(ALARM);
    }
}

async fn let_go(node: &NodeShared) {
    if !node.cluster.lease.is_needed() {
        return;
    }
    sessions::forget_locks(node);
    let mut clients = 0;
    for worker in node.workers() {
        let sent_away = worker.run(|worker| {
            let may_act = !worker.is_standing_still();
            may_act.then(|| worker.with_shard(|shard, now, effects| shard.let_go_of_kept_sessions(now, effects)))
        });
        clients += sent_away.await.ok().flatten().unwrap_or(0);
    }
    let next = "look at links between nodes and whether a majority runs: `emqx-ctl cluster status`";
    tracing::warn!(clients, next, "session_lease_lost");
    let text = "this node does not reach a majority: clients with kept sessions are sent to other nodes";
    let details = json!({ "clients": clients, "next": next });
    node.alarms.raise(ALARM, details, text);
}
