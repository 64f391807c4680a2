//! Who is up: gossip is listened to, every member is asked now and then, and `roster.rs` judges.
//!
//! The table of peers, its alarms and log lines, and the striking off of members that have been down for
//! `cluster.autoclean` come from here.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use emqxd_cluster::consensus::{Consensus, Member, NodeId, Role};
use emqxd_cluster::link::Peer;
use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::roster::{RosterEvent, Signs};
use super::{Cluster, PeerInfo, PeerTable, Runtime, admission};
use crate::node::NodeShared;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Between two questions to a member.
const ASK_EVERY: Duration = Duration::from_millis(1000);
/// Who has answered so lately is reached from here.
const REACHED_FOR: Duration = Duration::from_millis(2200);
/// How long an answer may take.
const ANSWER_TIME: Duration = Duration::from_secs(2);
/// Questions to one member that nobody has answered yet.
const QUESTIONS_EACH: usize = 4;
/// Between two attempts to strike off who has been down for too long.
const CLEAN_EVERY: Duration = Duration::from_secs(10);
const CLEAN_TIME: Duration = Duration::from_secs(8);
/// How long an operator who changed the members waits until the table shows it.
const SETTLE_TIME: Duration = Duration::from_secs(2);

/// What members said of themselves: their answers and goodbyes.
#[derive(Debug, Default)]
pub struct Answers {
    heard: Mutex<BTreeMap<NodeId, Heard>>,
}

#[derive(Debug, Clone, Default)]
struct Heard {
    answered: Option<(Instant, u64)>,
    goodbye: Option<u64>,
}

impl Cluster {
    /// A node that stops on purpose tells so.
    pub(super) fn said_goodbye(&self, peer: &Peer) {
        if self.is_member(peer.id) {
            self.answers.heard.lock().entry(peer.id).or_default().goodbye = Some(peer.boot);
        }
    }

    /// Who has answered within two questions.
    pub(super) fn reached_lately(&self) -> Vec<NodeId> {
        let heard = self.answers.heard.lock();
        let answered = |heard: &Heard| heard.answered.is_some_and(|(at, _)| at.elapsed() < REACHED_FOR);
        let reached = heard.iter().filter(|(_, heard)| answered(heard));
        reached.map(|(id, _)| *id).collect()
    }

    fn answered(&self, id: NodeId, boot: u64) {
        self.answers.heard.lock().entry(id).or_default().answered = Some((Instant::now(), boot));
    }
}

/// Takes the members over from the consensus; says which of them vote.
pub fn note_members(node: &NodeShared) -> Vec<(NodeId, Member)> {
    // While it is begun anew the last known ones stand.
    let Some(consensus) = node.state.consensus() else {
        return Vec::new();
    };
    let all = consensus.status().members;
    let members: Vec<(NodeId, Member)> = all.iter().map(|(id, member, _)| (*id, member.clone())).collect();
    if **node.cluster.members.load() != members {
        node.cluster.members.store(Arc::new(members));
    }
    let voters = all.into_iter().filter(|(_, _, votes)| *votes);
    voters.map(|(id, member, _)| (id, member)).collect()
}

/// Returns once the table has all members and nobody else, and those are up that were not down before; or after a while.
pub async fn settle(node: &NodeShared, before: &PeerTable) {
    let own = node.cluster.own().map(|own| own.id);
    let was_down = |id: NodeId| before.by_id(id).is_some_and(|peer| !peer.is_up);
    let is_settled = |table: &Arc<PeerTable>| {
        note_members(node);
        let members = node.cluster.members.load();
        let mut others = members.iter().filter(|(id, _)| Some(*id) != own);
        let count = others.clone().count();
        count == table.all().len()
            && others.all(|(id, _)| table.by_id(*id).is_some_and(|peer| peer.is_up || was_down(*id)))
    };
    let mut changes = node.cluster.changes();
    let _it_is_shown_as_it_is = tokio::time::timeout(SETTLE_TIME, changes.wait_for(is_settled)).await;
}

/// Keeps the table until it is aborted.
pub async fn run(node: Arc<NodeShared>, runtime: Arc<Runtime>) {
    node.cluster.roster.lock().go_on(Instant::now());
    let mut watch = Watch {
        next_questions: Instant::now(),
        next_cleaning: Instant::now() + CLEAN_EVERY,
        questions: JoinSet::new(),
        node,
        runtime,
    };
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        watch.look().await;
    }
}

struct Watch {
    node: Arc<NodeShared>,
    runtime: Arc<Runtime>,
    next_questions: Instant,
    next_cleaning: Instant,
    questions: JoinSet<()>,
}

impl Watch {
    async fn look(&mut self) {
        if self.node.state.consensus().is_none() {
            return;
        }
        let own = self.runtime.own.id;
        let voters = note_members(&self.node);
        // Who is no member itself has no peers.
        let is_in = voters.iter().any(|(id, _)| *id == own);
        let others: Vec<(NodeId, Member)> = voters.into_iter().filter(|(id, _)| is_in && *id != own).collect();
        let signs = self.signs(&others).await;
        let now = Instant::now();
        let (events, table) = {
            let mut roster = self.node.cluster.roster.lock();
            (roster.look(&others, &signs, now), roster.table())
        };
        self.publish(table);
        for event in events {
            tell(&self.node, &event);
        }
        if now >= self.next_questions {
            self.next_questions = now + ASK_EVERY;
            self.ask_all(&others);
        }
        while self.questions.try_join_next().is_some() {}
        if now >= self.next_cleaning {
            self.next_cleaning = now + CLEAN_EVERY;
            self.clean(&others, now);
        }
    }

    async fn signs(&self, others: &[(NodeId, Member)]) -> BTreeMap<NodeId, Signs> {
        let gossip = match others.is_empty() {
            true => BTreeMap::new(),
            false => self.runtime.membership.nodes().await,
        };
        let mut heard = self.node.cluster.answers.heard.lock();
        heard.retain(|id, _| others.iter().any(|(other, _)| other == id));
        let signs = others.iter().map(|(id, member)| {
            let heard = heard.get(id).cloned().unwrap_or_default();
            let signs = Signs {
                gossip: gossip
                    .get(&member.name)
                    .filter(|node| node.is_alive)
                    .map(|node| node.generation),
                answered: heard.answered,
                goodbye: heard.goodbye,
            };
            (*id, signs)
        });
        signs.collect()
    }

    fn publish(&self, table: PeerTable) {
        let cluster = &self.node.cluster;
        if **cluster.table.load() == table {
            return;
        }
        let table = Arc::new(table);
        cluster.is_alone.store(table.up().next().is_none(), Ordering::Relaxed);
        cluster.table.store(Arc::clone(&table));
        cluster.changes.send_replace(table);
    }

    /// Asks every member whether it is there, and gossips with it.
    fn ask_all(&mut self, others: &[(NodeId, Member)]) {
        for (id, member) in others {
            // Those of earlier rounds that nobody answered end soon.
            if self.questions.len() >= QUESTIONS_EACH * others.len() {
                return;
            }
            let (node, runtime) = (Arc::clone(&self.node), Arc::clone(&self.runtime));
            let (id, address) = (*id, member.address.clone());
            self.questions.spawn(async move {
                if let Some(gossip_at) = resolve(&address).await {
                    runtime.membership.meet(gossip_at);
                }
                if let Some(boot) = admission::is_there(&node, id, &address, ANSWER_TIME).await {
                    node.cluster.answered(id, boot);
                }
            });
        }
    }

    /// `cluster.autoclean`, by the leader alone, one at a time.
    fn clean(&mut self, others: &[(NodeId, Member)], now: Instant) {
        let Some(limit) = self.node.config.cluster.autoclean else {
            return;
        };
        let Some(consensus) = self.node.state.consensus().filter(leads) else {
            return;
        };
        let over = {
            let roster = self.node.cluster.roster.lock();
            let is_over = |id: NodeId| roster.down_for(id, now).is_some_and(|down| down >= limit);
            others.iter().find(|(id, _)| is_over(*id))
        };
        let Some((id, member)) = over else {
            return;
        };
        let (id, name) = (*id, member.name.clone());
        self.questions.spawn(async move {
            match consensus.expel(id, CLEAN_TIME).await {
                Ok(()) => tracing::warn!(peer = name, down_for_s = limit.as_secs(), "peer_autocleaned"),
                Err(error) => {
                    let next = "start the nodes that are down; it is tried again every ten seconds";
                    tracing::warn!(peer = name, reason = %error, next, "peer_not_autocleaned");
                }
            }
        });
    }
}

fn leads(consensus: &Consensus) -> bool {
    let status = consensus.status();
    status.role == Role::Leader && status.leader.is_some()
}

/// An address is its own answer; a name is looked up each time, since it may have moved.
async fn resolve(address: &str) -> Option<SocketAddr> {
    if let Ok(address) = address.parse() {
        return Some(address);
    }
    let found = tokio::time::timeout(ANSWER_TIME, tokio::net::lookup_host(address)).await;
    found.ok()?.ok()?.next()
}

fn alarm_name(peer: &PeerInfo) -> String {
    format!("peer_down:{}", peer.name)
}

fn tell(node: &NodeShared, event: &RosterEvent) {
    match event {
        RosterEvent::Up(peer) => {
            tracing::info!(
                level = "notice",
                peer = peer.name,
                address = peer.address,
                boot = peer.boot,
                "peer_up"
            );
            node.alarms.clear(&alarm_name(peer));
        }
        RosterEvent::Down(peer) => {
            tracing::warn!(
                peer = peer.name,
                address = peer.address,
                next = "start it again; if it is gone for good: `emqx-ctl cluster force-leave`",
                "peer_down"
            );
            let details = serde_json::json!({ "node": peer.name, "address": peer.address });
            node.alarms
                .raise(&alarm_name(peer), details, format!("{} is down", peer.name));
        }
        RosterEvent::Gone(peer) => {
            tracing::info!(level = "notice", peer = peer.name, "peer_left");
            node.alarms.clear(&alarm_name(peer));
        }
        RosterEvent::NoSlot(member) => {
            tracing::error!(
                peer = member.name,
                next = "have at most 33 nodes in a cluster",
                "peer_without_slot"
            );
        }
    }
}
