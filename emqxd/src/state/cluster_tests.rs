//! Three states behind one consensus, on an in-memory network that can be cut.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Weak;
use std::thread;
use std::time::{Duration, Instant};

use emqxd_cluster::consensus::{Call, CallError, Member, NodeId, Peers, Reply, Settings};
use futures_core::future::BoxFuture;
use tempfile::TempDir;

use super::*;

const SOON: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Network {
    nodes: Mutex<BTreeMap<NodeId, ReplicatedState>>,
    cut: Mutex<BTreeSet<NodeId>>,
}

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
            let is_cut = |id: NodeId| network.cut.lock().contains(&id);
            let state = network.nodes.lock().get(&id).cloned();
            let consensus = state.and_then(|state| state.consensus());
            let is_reached = !is_cut(self.own_id) && !is_cut(id);
            let consensus = consensus.filter(|_| is_reached).ok_or_else(no_link)?;
            Ok(consensus.answer(call, SOON).await)
        })
    }
}

struct Cluster {
    folder: TempDir,
    network: Arc<Network>,
}

impl Cluster {
    fn new() -> Self {
        let (folder, network) = (tempfile::tempdir().unwrap(), Arc::default());
        Self { folder, network }
    }

    async fn of(count: NodeId) -> Self {
        let cluster = Self::new();
        for id in 1..=count {
            cluster.start(id).await;
        }
        for id in 2..=count {
            cluster.join(id).await;
        }
        cluster
    }

    fn open(&self, id: NodeId) -> ReplicatedState {
        let folder = self.folder.path().join(id.to_string());
        let deadline = Instant::now() + SOON;
        loop {
            match ReplicatedState::open(&folder, "n") {
                // Another thread is just closing the files of the start before.
                Err(OpenError::InUse { .. }) if Instant::now() < deadline => thread::yield_now(),
                opened => return opened.unwrap(),
            }
        }
    }

    async fn start(&self, id: NodeId) {
        let state = self.open(id);
        self.start_with(id, state).await;
    }

    async fn start_with(&self, id: NodeId, state: ReplicatedState) {
        let settings = Settings {
            id,
            member: member(id),
            folder: self.folder.path().join(id.to_string()).join("cluster"),
            heartbeat: Duration::from_millis(50),
            election_timeout: Duration::from_millis(250),
            snapshot_every: 1000,
        };
        let network = Arc::downgrade(&self.network);
        let view = View { network, own_id: id };
        state.start_consensus(settings, Arc::new(view)).await.unwrap();
        self.network.nodes.lock().insert(id, state);
    }

    async fn join(&self, id: NodeId) {
        self.state(id).begin_anew("").await.unwrap();
        let first = self.state(1).consensus().unwrap();
        first.admit(id, member(id), SOON).await.unwrap();
    }

    /// Ends a node; its files are closed when this returns.
    async fn stop(&self, id: NodeId) {
        let state = self.network.nodes.lock().remove(&id).unwrap();
        state.consensus().unwrap().stop().await;
        // The engine's tasks go with it.
        let inner = Arc::downgrade(&state.inner);
        drop(state);
        until(|| inner.strong_count() == 0).await;
    }

    fn state(&self, id: NodeId) -> ReplicatedState {
        self.network.nodes.lock()[&id].clone()
    }

    fn all(&self) -> Vec<ReplicatedState> {
        self.network.nodes.lock().values().cloned().collect()
    }
}

fn member(id: NodeId) -> Member {
    Member {
        name: format!("emqx@node{id}"),
        address: format!("node{id}:4370"),
    }
}

async fn until(is_so: impl Fn() -> bool) {
    let waited = tokio::time::timeout(SOON, async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    waited.await.expect("it does not come to that");
}

fn license(text: &str) -> Command {
    Command::SetLicense {
        license: text.to_owned(),
        set_at_ms: 1,
        by: "li".to_owned(),
    }
}

fn add_admin(username: &str) -> Command {
    Command::AddAdmin {
        username: username.to_owned(),
        password: PasswordHash::from_text("hash".to_owned()),
        description: String::new(),
        role: AdminRole::Viewer,
        must_change_password: false,
        at_ms: 5,
    }
}

fn ban(who: &str) -> Command {
    let (by, reason) = ("li".to_owned(), String::new());
    let (kind, who) = (BanKind::Clientid, who.to_owned());
    let (at_ms, until_ms, only) = (1, None, Vec::new());
    Command::Ban {
        ban: Ban {
            kind,
            who,
            by,
            reason,
            at_ms,
            until_ms,
            only,
        },
    }
}

fn user(user_id: &str) -> User {
    let json = serde_json::json!({
        "group": GLOBAL_GROUP,
        "user_id": user_id,
        "password": { "password_hash": "00", "salt": "" },
    });
    serde_json::from_value(json).unwrap()
}

fn add_user(user_id: &str) -> Command {
    let user = Box::new(user(user_id));
    Command::AddUser { user }
}

fn has_user(state: &ReplicatedState, user_id: &str) -> bool {
    let found = state.users().find(UserTable::Password, GLOBAL_GROUP, user_id);
    found.unwrap().is_some()
}

fn current(state: &ReplicatedState) -> Option<String> {
    Some(state.facts().license.as_ref()?.license.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_is_told_all_know_and_the_one_that_was_asked_at_once() {
    let cluster = Cluster::of(3).await;
    let (first, second, third) = (cluster.state(1), cluster.state(2), cluster.state(3));
    second.apply(license("new")).await.unwrap();
    assert_eq!(current(&second).as_deref(), Some("new"), "it reads what it wrote");
    third.apply(add_admin("li")).await.unwrap();
    assert!(third.facts().admins.contains_key("li"));
    first.apply(ban("c1")).await.unwrap();
    third.apply(add_user("u1")).await.unwrap();
    assert!(has_user(&third, "u1"));
    let refused = second.apply(add_admin("li")).await.unwrap_err();
    assert!(
        matches!(refused, ApplyError::Refused(Refusal::UsernameExists)),
        "{refused}"
    );
    let refused = second.apply(add_user("u1")).await.unwrap_err();
    assert!(matches!(refused, ApplyError::Refused(Refusal::UserExists)), "{refused}");
    for state in cluster.all() {
        until(|| state.facts().banned.len() == 1 && has_user(&state, "u1")).await;
        assert_eq!(current(&state).as_deref(), Some("new"));
        assert!(state.facts().admins.contains_key("li"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_is_given_what_was_there_before_the_log_and_loses_what_it_had() {
    let cluster = Cluster::new();
    let first = cluster.open(1);
    // As an earlier version left it, or a command to a node that does not run.
    for command in [license("the cluster's"), add_admin("li"), ban("c1"), add_user("u1")] {
        first.apply_blocking(command).unwrap();
    }
    cluster.start_with(1, first).await;
    let second = cluster.open(2);
    for command in [license("its own"), add_admin("own"), add_user("own")] {
        second.apply_blocking(command).unwrap();
    }
    cluster.start_with(2, second).await;
    cluster.join(2).await;
    let second = cluster.state(2);
    until(|| current(&second).as_deref() == Some("the cluster's")).await;
    assert_eq!(second.facts().admins.keys().collect::<Vec<_>>(), ["li"]);
    assert_eq!(second.facts().banned.len(), 1);
    assert!(has_user(&second, "u1") && !has_user(&second, "own"));
    // It is all there after a restart, too, and it goes on with the others.
    drop(second);
    cluster.stop(2).await;
    cluster.start(2).await;
    let second = cluster.state(2);
    assert_eq!(current(&second).as_deref(), Some("the cluster's"));
    assert!(has_user(&second, "u1"));
    cluster.state(1).apply(add_user("u2")).await.unwrap();
    until(|| has_user(&second, "u2")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minority_reads_and_refuses_and_a_node_that_was_down_catches_up() {
    let cluster = Cluster::of(3).await;
    cluster.state(2).apply(license("one")).await.unwrap();
    until(|| cluster.all().iter().all(|state| current(state).is_some())).await;
    cluster.network.cut.lock().insert(3);
    let lonely = cluster.state(3);
    let refused = lonely.apply(license("lost")).await.unwrap_err();
    assert!(matches!(refused, ApplyError::NoMajority { voters: 3 }), "{refused}");
    assert_eq!(current(&lonely).as_deref(), Some("one"));
    drop(lonely);
    cluster.state(1).apply(license("two")).await.unwrap();
    cluster.stop(3).await;
    cluster.network.cut.lock().clear();
    let offline = cluster.open(3);
    let refused = offline.apply_blocking(license("alone")).unwrap_err();
    assert!(matches!(refused, ApplyError::InCluster { members: 3 }), "{refused}");
    cluster.start_with(3, offline).await;
    let third = cluster.state(3);
    until(|| current(&third).as_deref() == Some("two")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_ends_before_it_was_admitted_changes_nothing_and_is_admitted_after_its_start() {
    let cluster = Cluster::of(1).await;
    cluster.state(1).apply(license("theirs")).await.unwrap();
    cluster.start(2).await;
    cluster.state(2).apply(license("its own")).await.unwrap();
    cluster.state(2).begin_anew("emqx@node1").await.unwrap();
    cluster.stop(2).await;
    let folder = cluster.folder.path().join("2").join("cluster");
    assert_eq!(unfinished_join(&folder).unwrap().as_deref(), Some("emqx@node1"));

    cluster.start(2).await;
    let second = cluster.state(2);
    assert!(second.is_to_be_admitted());
    let refused = second.apply(license("lost")).await.unwrap_err();
    assert!(matches!(refused, ApplyError::NotAdmitted), "{refused}");
    assert_eq!(current(&second).as_deref(), Some("its own"), "it can be read");

    let first = cluster.state(1).consensus().unwrap();
    first.admit(2, member(2), SOON).await.unwrap();
    until(|| current(&second).as_deref() == Some("theirs")).await;
    // It ends before it has noted that it is a member.
    drop(second);
    cluster.stop(2).await;
    cluster.start(2).await;
    let second = cluster.state(2);
    assert!(!second.is_to_be_admitted() && !folder.join("own-facts").exists());
    second.apply(license("both")).await.unwrap();
    until(|| current(&cluster.state(1)).as_deref() == Some("both")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_ends_while_it_forgets_its_own_log_has_no_say_and_has_its_own_facts_again_if_it_gives_up() {
    let cluster = Cluster::of(1).await;
    let state = cluster.state(1);
    state.apply(license("its own")).await.unwrap();
    drop(state);
    cluster.stop(1).await;
    let folder = cluster.folder.path().join("1").join("cluster");
    fs::write(folder.join("to-be-admitted"), "elsewhere").unwrap();
    cluster.start(1).await;
    let state = cluster.state(1);
    assert!(state.is_to_be_admitted());
    let status = state.consensus().unwrap().status();
    assert_eq!((status.members, status.applied), (Vec::new(), None));
    state.found_as_before().await.unwrap();
    assert!(!state.is_to_be_admitted());
    state.apply(add_admin("li")).await.unwrap();
    assert_eq!(current(&state).as_deref(), Some("its own"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_alone_is_asked_nothing_by_strangers_and_one_of_several_proposes_nothing_for_them() {
    let cluster = Cluster::of(2).await;
    cluster.start(3).await;
    let consensus = |id| cluster.state(id).consensus().unwrap();
    let vote = Call::Vote(
        serde_json::from_value(serde_json::json!({
            "vote": { "leader_id": { "term": 99, "node_id": 3 }, "committed": false },
            "last_log_id": null,
        }))
        .unwrap(),
    );
    let propose = Call::Propose("{}".to_owned());
    until(|| consensus(3).status().members.len() == 1).await;
    let may_ask = |id, call| [1, 2, 3].map(|from| consensus(id).may_ask(from, call));
    assert_eq!(may_ask(3, &vote), [false, false, true]);
    assert_eq!(may_ask(1, &vote), [true, true, true]);
    assert_eq!(may_ask(1, &propose), [true, true, false]);
    cluster.state(3).begin_anew("").await.unwrap();
    assert_eq!(may_ask(3, &vote), [true, true, true], "it is to be admitted by them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_of_a_later_version_is_refused_and_stops_nothing() {
    let cluster = Cluster::of(1).await;
    let state = cluster.state(1);
    let consensus = state.consensus().unwrap();
    let command = r#"{"type":"brew_coffee","cups":2}"#.to_owned();
    let answer = consensus.propose(command, SOON).await.unwrap();
    assert!(answer.contains("brew_coffee"), "{answer}");
    assert_eq!(state.unknown_commands(), ["brew_coffee"]);
    state.apply(license("next")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_alone_goes_on_with_a_new_log_and_a_member_has_no_say_without_its_own() {
    let cluster = Cluster::of(1).await;
    cluster.state(1).apply(license("one")).await.unwrap();
    cluster.stop(1).await;
    let log = |id: NodeId| cluster.folder.path().join(id.to_string()).join("cluster/log.redb");
    fs::write(log(1), b"no database").unwrap();
    cluster.start(1).await;
    assert_eq!(current(&cluster.state(1)).as_deref(), Some("one"));
    cluster.state(1).apply(license("two")).await.unwrap();

    cluster.start(2).await;
    cluster.join(2).await;
    until(|| current(&cluster.state(2)).as_deref() == Some("two")).await;
    cluster.stop(2).await;
    fs::remove_file(log(2)).unwrap();
    cluster.start(2).await;
    let second = cluster.state(2);
    assert!(second.has_lost_log() && second.consensus().is_none());
    let refused = second.apply(license("three")).await.unwrap_err();
    assert!(matches!(refused, ApplyError::LostLog), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_another_s_between_letting_go_and_taking_back() {
    let cluster = Cluster::of(1).await;
    let state = cluster.state(1);
    state.apply(license("one")).await.unwrap();
    let giving = state.clone();
    tokio::task::spawn_blocking(move || {
        giving.let_go();
        drop(cluster.open(1));
        giving.take_back().unwrap();
        giving.apply_blocking(license("two")).unwrap();
    })
    .await
    .unwrap();
    assert_eq!(current(&state).as_deref(), Some("two"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_took_the_facts_of_a_cluster_and_is_not_admitted_has_its_own_again() {
    let cluster = Cluster::of(2).await;
    cluster.state(1).apply(add_admin("theirs")).await.unwrap();
    cluster.start(3).await;
    let third = cluster.state(3);
    third.apply(add_admin("ours")).await.unwrap();
    cluster.join(3).await;
    until(|| third.facts().admins.contains_key("theirs")).await;
    cluster.state(1).consensus().unwrap().expel(3, SOON).await.unwrap();
    third.found_as_before().await.unwrap();
    let names = |state: &ReplicatedState| state.facts().admins.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&third), ["ours"]);
    third.apply(add_admin("later")).await.unwrap();
    let folder = cluster.folder.path().join("3").join("cluster");
    assert!(!folder.join("own-facts").exists() && !folder.join("to-be-admitted").exists());
    drop(third);
    cluster.stop(3).await;
    cluster.start(3).await;
    assert_eq!(names(&cluster.state(3)), ["later", "ours"]);
}

/// A node alone whose way to another cluster meets what `in_the_way` puts into its folder.
async fn hindered(in_the_way: impl Fn(&Path)) -> (Cluster, ReplicatedState, PathBuf) {
    let cluster = Cluster::of(1).await;
    let (state, folder) = (cluster.state(1), cluster.folder.path().join("1").join("cluster"));
    state.apply(license("its own")).await.unwrap();
    in_the_way(&folder);
    state.begin_anew("elsewhere").await.unwrap_err();
    (cluster, state, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_cannot_keep_what_it_would_leave_stays_a_cluster_of_its_own() {
    for name in ["own-facts", "to-be-admitted.new"] {
        let (_cluster, state, folder) = hindered(|folder| fs::create_dir(folder.join(name)).unwrap()).await;
        state.apply(add_admin("li")).await.unwrap();
        assert_eq!(current(&state).as_deref(), Some("its own"));
        assert_eq!((state.part_failure(), unfinished_join(&folder).unwrap()), (None, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_does_not_begin_is_begun_once_the_disk_lets_it() {
    let blocked = |folder: &Path| {
        fs::remove_dir_all(folder.join("snapshots")).unwrap();
        fs::write(folder.join("snapshots"), "no folder").unwrap();
    };
    let (cluster, state, folder) = hindered(blocked).await;
    assert!(state.part_failure().is_some());
    let refused = state.apply(add_admin("early")).await.unwrap_err();
    assert!(
        matches!(refused, ApplyError::Storage(_) | ApplyError::Stopping),
        "{refused}"
    );
    assert_eq!(current(&state).as_deref(), Some("its own"), "it can be read");
    fs::remove_file(folder.join("snapshots")).unwrap();
    until(|| state.consensus().is_some()).await;
    state.apply(add_admin("li")).await.unwrap();
    assert_eq!(current(&state).as_deref(), Some("its own"));
    assert_eq!((state.part_failure(), unfinished_join(&folder).unwrap()), (None, None));
    drop(state);
    cluster.stop(1).await;
    cluster.start(1).await;
    assert!(cluster.state(1).facts().admins.contains_key("li"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_waiting_leaves_no_node_without_a_part() {
    let cluster = Cluster::of(1).await;
    let state = cluster.state(1);
    let begun = state.parts_begun();
    {
        let mut founding = std::pin::pin!(state.found_again());
        let once = std::future::poll_fn(|context| std::task::Poll::Ready(founding.as_mut().poll(context)));
        assert!(once.await.is_pending());
    }
    until(|| state.parts_begun() > begun && state.consensus().is_some()).await;
    state.apply(license("its own")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_whose_disk_has_no_room_for_the_facts_takes_them_once_it_has() {
    let cluster = Cluster::of(1).await;
    cluster.state(1).apply(license("theirs")).await.unwrap();
    cluster.start(2).await;
    let second = cluster.state(2);
    second.apply(license("its own")).await.unwrap();
    let in_the_way = cluster
        .folder
        .path()
        .join("2")
        .join("state")
        .join("state.redb.incoming");
    fs::create_dir(&in_the_way).unwrap();
    second.begin_anew("emqx@node1").await.unwrap();
    let first = cluster.state(1).consensus().unwrap();
    let admitting = tokio::spawn(async move { first.admit(2, member(2), 3 * SOON).await });
    until(|| second.part_failure().is_some()).await;
    fs::remove_dir(&in_the_way).unwrap();
    admitting.await.unwrap().unwrap();
    until(|| current(&second).as_deref() == Some("theirs")).await;
    second.apply(license("both")).await.unwrap();
    assert_eq!(second.part_failure(), None);
}
