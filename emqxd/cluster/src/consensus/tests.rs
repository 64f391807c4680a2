//! openraft's own suite over our log store and applier, and clusters on an in-memory network that can be cut.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_core::future::BoxFuture;
use openraft::testing::{StoreBuilder, Suite};
use parking_lot::Mutex;
use tempfile::TempDir;

use super::state_machine::Applier;
use super::*;

const SOON: Duration = Duration::from_secs(10);

/// Commands in the order in which they were applied; `refuse …` is refused.
#[derive(Default)]
struct Journal {
    applied: Mutex<(Vec<String>, Option<String>)>,
}

impl Journal {
    fn commands(&self) -> Vec<String> {
        self.applied.lock().0.clone()
    }
}

impl StateMachine for Journal {
    fn position(&self) -> io::Result<Option<String>> {
        Ok(self.applied.lock().1.clone())
    }

    fn apply(&self, commands: &[String], position: &str) -> io::Result<Vec<String>> {
        let mut applied = self.applied.lock();
        applied.1 = Some(position.to_owned());
        let answers = commands.iter().map(|command| match command.starts_with("refuse") {
            true => "refused".to_owned(),
            false => {
                applied.0.push(command.clone());
                format!("{} is number {}", command, applied.0.len())
            }
        });
        Ok(answers.collect())
    }

    fn snapshot(&self, to: &mut dyn Write) -> io::Result<Option<String>> {
        let applied = self.applied.lock();
        to.write_all(serde_json::to_string(&applied.0)?.as_bytes())?;
        Ok(applied.1.clone())
    }

    fn install(&self, from: &mut dyn Read, position: &str) -> io::Result<()> {
        *self.applied.lock() = (serde_json::from_reader(from)?, Some(position.to_owned()));
        Ok(())
    }
}

struct OnDisk;

impl StoreBuilder<Types, LogStore, Applier, TempDir> for OnDisk {
    async fn build(&self) -> Result<(TempDir, LogStore, Applier), StorageError> {
        let folder = tempfile::tempdir().unwrap();
        let log = LogStore::open(&folder.path().join("log.redb"), 1).unwrap();
        let applier = Applier::new(Arc::new(Journal::default()), &folder.path().join("snapshots")).unwrap();
        Ok((folder, log, applier))
    }
}

#[test]
fn log_store_and_applier_pass_the_engine_s_own_suite() {
    Suite::test_all(OnDisk).unwrap();
}

#[test]
fn a_log_of_another_node_is_not_taken_for_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.redb");
    drop(LogStore::open(&path, 1).unwrap());
    let refused = LogStore::open(&path, 2).err().unwrap();
    assert_eq!(refused.to_string(), "it belongs to node 1, this is node 2");
    LogStore::open(&path, 1).unwrap();
}

/// Which nodes there are, and which ways are cut.
#[derive(Default)]
struct Network {
    nodes: Mutex<BTreeMap<NodeId, Consensus>>,
    cut: Mutex<BTreeSet<(NodeId, NodeId)>>,
}

/// One node's view of it.
struct View {
    network: Weak<Network>,
    own_id: NodeId,
}

impl Peers for View {
    fn call<'a>(&'a self, id: NodeId, member: &'a Member, call: Call) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(async move {
            let no_link = || CallError::NoLink {
                node: member.name.clone(),
                source: io::ErrorKind::ConnectionRefused.into(),
            };
            let network = self.network.upgrade().ok_or_else(no_link)?;
            let is_cut = network.cut.lock().contains(&(self.own_id, id));
            let node = network.nodes.lock().get(&id).cloned();
            let node = node.filter(|_| !is_cut).ok_or_else(no_link)?;
            // Over the wire as JSON, as any link would.
            let call = serde_json::from_slice(&serde_json::to_vec(&call).unwrap()).unwrap();
            let reply = node.answer(call, SOON).await;
            Ok(serde_json::from_slice(&serde_json::to_vec(&reply).unwrap()).unwrap())
        })
    }
}

struct Cluster {
    folder: TempDir,
    network: Arc<Network>,
    journals: BTreeMap<NodeId, Arc<Journal>>,
}

impl Cluster {
    /// Nodes 1 to `count`, of which the first founded the cluster and the others were admitted.
    async fn of(count: NodeId) -> Self {
        let mut cluster = Self {
            folder: tempfile::tempdir().unwrap(),
            network: Arc::default(),
            journals: BTreeMap::new(),
        };
        for id in 1..=count {
            cluster.start(id).await;
        }
        cluster.node(1).found().await.unwrap();
        for id in 2..=count {
            cluster.node(1).admit(id, member(id), SOON).await.unwrap();
        }
        cluster
    }

    /// Starts a node, or starts it again with what it had.
    async fn start(&mut self, id: NodeId) {
        let journal = Arc::clone(self.journals.entry(id).or_default());
        let peers = View {
            network: Arc::downgrade(&self.network),
            own_id: id,
        };
        let settings = settings(id, self.folder.path());
        let node = Consensus::start(settings, journal, Arc::new(peers)).await.unwrap();
        self.network.nodes.lock().insert(id, node);
    }

    async fn stop(&self, id: NodeId) {
        let node = self.network.nodes.lock().remove(&id).unwrap();
        node.stop().await;
    }

    fn node(&self, id: NodeId) -> Consensus {
        self.network.nodes.lock()[&id].clone()
    }

    /// Cuts a node off from all others, both ways.
    fn isolate(&self, id: NodeId) {
        let mut cut = self.network.cut.lock();
        for other in self.journals.keys().filter(|other| **other != id) {
            cut.extend([(id, *other), (*other, id)]);
        }
    }

    fn heal(&self) {
        self.network.cut.lock().clear();
    }

    fn leader(&self) -> NodeId {
        let nodes = self.network.nodes.lock();
        let leaders = nodes.iter().filter(|(_, node)| node.status().role == Role::Leader);
        leaders.map(|(id, _)| *id).next().unwrap()
    }

    /// Waits until these nodes follow one of them: on a busy machine that takes longer than a proposal is patient.
    async fn elect(&self, ids: &[NodeId]) {
        let follows = |id: &NodeId| {
            let leader = self.node(*id).status().leader;
            leader.is_some_and(|(leader, _)| ids.contains(&leader))
        };
        let elected = async {
            while !ids.iter().all(follows) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let elected = tokio::time::timeout(SOON, elected).await;
        assert!(elected.is_ok(), "none of {ids:?} leads the others");
    }

    /// Waits until these nodes have applied exactly the same.
    async fn agree(&self, ids: &[NodeId], commands: &[&str]) {
        let all = async {
            while ids.iter().any(|id| self.journals[id].commands() != commands) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let agreed = tokio::time::timeout(SOON, all).await;
        let found: Vec<_> = ids.iter().map(|id| self.journals[id].commands()).collect();
        assert!(agreed.is_ok(), "{found:?} instead of {commands:?}");
    }
}

fn member(id: NodeId) -> Member {
    Member {
        name: format!("emqx@node{id}"),
        address: format!("node{id}:4370"),
    }
}

fn settings(id: NodeId, folder: &Path) -> Settings {
    Settings {
        id,
        member: member(id),
        folder: folder.join(id.to_string()),
        heartbeat: Duration::from_millis(30),
        election_timeout: Duration::from_millis(150),
        snapshot_every: 50,
    }
}

#[tokio::test]
async fn a_node_alone_agrees_with_itself_and_remembers() {
    let mut cluster = Cluster::of(1).await;
    let answer = cluster.node(1).propose("a".to_owned(), SOON).await.unwrap();
    assert_eq!(answer, "a is number 1");
    assert_eq!(
        cluster.node(1).propose("refuse".to_owned(), SOON).await.unwrap(),
        "refused"
    );
    cluster.stop(1).await;
    cluster.start(1).await;
    assert!(cluster.node(1).is_founded().await.unwrap());
    cluster.node(1).found().await.unwrap();
    let answer = cluster.node(1).propose("b".to_owned(), SOON).await.unwrap();
    assert_eq!(answer, "b is number 2");
}

#[tokio::test]
async fn who_led_and_starts_again_leads_in_a_new_term_if_at_all() {
    for count in [1, 3] {
        let mut cluster = Cluster::of(count).await;
        let all: Vec<NodeId> = (1..=count).collect();
        cluster.elect(&all).await;
        let leader = cluster.leader();
        let term = cluster.node(leader).status().term;
        cluster.stop(leader).await;
        cluster.start(leader).await;
        cluster.elect(&all).await;
        let node = cluster.node(leader);
        assert_eq!(node.term_at_start(), term);
        node.propose("a".to_owned(), SOON).await.unwrap();
        assert!(node.status().term > term, "one of {count}");
    }
}

#[tokio::test]
async fn what_any_node_proposes_is_applied_by_all() {
    let cluster = Cluster::of(3).await;
    for (id, command) in [(1, "a"), (2, "b"), (3, "c")] {
        cluster.node(id).propose(command.to_owned(), SOON).await.unwrap();
    }
    cluster.agree(&[1, 2, 3], &["a", "b", "c"]).await;
    let members = cluster.node(3).status().members;
    assert_eq!(members, [1, 2, 3].map(|id| (id, member(id), true)));
}

#[tokio::test]
async fn a_minority_refuses_and_a_majority_goes_on() {
    let cluster = Cluster::of(3).await;
    cluster.node(1).propose("a".to_owned(), SOON).await.unwrap();
    cluster.agree(&[1, 2, 3], &["a"]).await;
    let lonely = cluster.leader();
    let others: Vec<NodeId> = (1..=3).filter(|id| *id != lonely).collect();
    cluster.isolate(lonely);
    cluster.elect(&others).await;
    cluster.node(others[0]).propose("b".to_owned(), SOON).await.unwrap();
    cluster.agree(&others, &["a", "b"]).await;
    let refused = cluster.node(lonely).propose("lost".to_owned(), SOON).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no majority of the cluster's 3 voting nodes can be reached"
    );
    assert_eq!(cluster.journals[&lonely].commands(), ["a"], "it can be read");
    cluster.heal();
    cluster.agree(&[1, 2, 3], &["a", "b"]).await;
    cluster.node(lonely).propose("c".to_owned(), SOON).await.unwrap();
    cluster.agree(&[1, 2, 3], &["a", "b", "c"]).await;
}

#[tokio::test]
async fn a_change_of_the_members_waits_for_an_election_that_fails_at_first() {
    let mut cluster = Cluster::of(3).await;
    cluster.start(4).await;
    let leader = cluster.leader();
    let follower = (1..=3).find(|id| *id != leader).unwrap();
    for id in 1..=3 {
        cluster.isolate(id);
    }
    let term = || cluster.node(follower).status().term;
    let before = term();
    let heal = async {
        while term() < before + 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cluster.heal();
    };
    let (by_follower, by_leader) = (cluster.node(follower), cluster.node(leader));
    let (first, second, ()) = tokio::join!(
        by_follower.admit(4, member(4), SOON),
        by_leader.admit(4, member(4), SOON),
        heal
    );
    // The leader makes one change at a time.
    let is_busy = |done: &Result<(), ConsensusError>| matches!(done, Err(ConsensusError::Membership(_)));
    let outcomes = [first, second];
    let is_fine = outcomes.iter().all(|done| done.is_ok() || is_busy(done)) && outcomes.iter().any(Result::is_ok);
    assert!(is_fine, "{outcomes:?}");
}

#[tokio::test]
async fn a_node_that_was_down_catches_up_even_when_the_log_has_moved_on() {
    let mut cluster = Cluster::of(3).await;
    let leader = cluster.leader();
    let absent = (1..=3).find(|id| *id != leader).unwrap();
    cluster.stop(absent).await;
    let commands: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    for command in &commands {
        cluster.node(leader).propose(command.clone(), SOON).await.unwrap();
    }
    cluster.start(absent).await;
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    cluster.agree(&[1, 2, 3], &commands).await;
}

#[tokio::test]
async fn a_member_that_is_expelled_is_not_needed_any_more() {
    let cluster = Cluster::of(3).await;
    for gone in [3, 2] {
        cluster.stop(gone).await;
        if gone == 3 {
            cluster.elect(&[1, 2]).await;
        }
        let asked = cluster.node(1).expel(gone, SOON).await;
        match gone {
            3 => asked.unwrap(),
            _ => assert!(asked.is_err(), "one of two is no majority"),
        }
    }
}

#[tokio::test]
async fn who_could_not_be_admitted_is_no_member_and_who_votes_stays_one() {
    let cluster = Cluster::of(2).await;
    let members = || cluster.node(1).status().members.into_iter().map(|(id, ..)| id);
    // It does not run.
    let admitted = cluster.node(1).admit(3, member(3), Duration::from_secs(1)).await;
    assert!(admitted.is_err() && members().any(|id| id == 3));
    for id in [2, 3] {
        cluster.node(1).expel_learner(id, SOON).await.unwrap();
    }
    assert!(members().eq([1, 2]));
}

#[tokio::test]
async fn the_founder_that_was_expelled_may_come_back_with_nothing() {
    let mut cluster = Cluster::of(3).await;
    cluster.node(2).propose("a".to_owned(), SOON).await.unwrap();
    cluster.agree(&[1, 2, 3], &["a"]).await;
    cluster.stop(1).await;
    cluster.elect(&[2, 3]).await;
    cluster.node(2).expel(1, SOON).await.unwrap();
    std::fs::remove_dir_all(cluster.folder.path().join("1")).unwrap();
    cluster.journals.remove(&1);
    cluster.start(1).await;
    cluster.node(2).admit(1, member(1), SOON).await.unwrap();
    cluster.node(3).propose("b".to_owned(), SOON).await.unwrap();
    cluster.agree(&[1, 2, 3], &["a", "b"]).await;
    assert_eq!(cluster.node(1).status().members.len(), 3);
}
