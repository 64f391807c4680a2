//! One node's part in the consensus: what the daemon holds.
//!
//! A follower hands a proposal on to the leader. A node that hears of no majority waits for an election that may be under
//! way, then refuses and says so; what it has applied so far can be read all the same.

use std::collections::BTreeSet;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use openraft::error::{ClientWriteError, Fatal, RaftError};
use openraft::storage::RaftLogStorage;
use openraft::{ChangeMembers, RaftMetrics, ServerState, SnapshotPolicy};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::log_store::OpenError;
use super::network::{Connections, answer};
use super::state_machine::Applier;
use super::{Call, CallError, LogStore, Member, NodeId, Peers, Raft, Reply, StateMachine, StorageError};

/// A leader that heard of no majority for so many election timeouts proposes nothing.
const ELECTIONS_WITHOUT_MAJORITY: u32 = 2;
/// Pause before asking again who leads.
const LEADER_POLL: Duration = Duration::from_millis(20);
/// A command is refused when it has waited so many election timeouts for a leader that can be reached: whoever followed
/// one until now begins an election only after four at most.
const ELECTIONS_WAITED_FOR: u32 = 5;
/// A change of the members: an operator waits for it, and it is often asked for in the middle of things.
const ELECTIONS_WAITED_FOR_BY_MEMBERS: u32 = 16;
/// Nor is one refused before so many have passed since this node began its part, or leader or members changed. Four
/// until an election begins; and six more if the node that tries first lacks entries which another has.
const ELECTIONS_AFTER_CHANGE: u32 = 12;
const SNAPSHOT_CHUNK_BYTES: u64 = 512 << 10;

/// What one node of the consensus is made with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its number.
    pub id: NodeId,
    /// Its name and address.
    pub member: Member,
    /// Where log and snapshots are.
    pub folder: PathBuf,
    /// Between two heartbeats of a leader.
    pub heartbeat: Duration,
    /// After which silence of the leader an election begins, at least; at most twice that.
    pub election_timeout: Duration,
    /// Entries after which a snapshot is made; as many are kept behind it, so that a node which was away shortly need
    /// not take it.
    pub snapshot_every: u64,
}

/// What this node is in the consensus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Proposes.
    Leader,
    /// Follows one.
    Follower,
    /// Wants to lead.
    Candidate,
    /// Takes the log and has no vote.
    Learner,
    /// A write failed, or it was told to stop.
    Stopped,
}

/// The consensus as this node sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What it is itself.
    pub role: Role,
    /// Who leads, if it knows of one that a majority follows.
    pub leader: Option<(NodeId, Member)>,
    /// Number of the election.
    pub term: u64,
    /// Entries applied here.
    pub applied: Option<u64>,
    /// All members, with whether they vote.
    pub members: Vec<(NodeId, Member, bool)>,
}

/// Why something was not agreed on.
#[derive(Debug, thiserror::Error)]
pub enum ConsensusError {
    /// No majority of the voters can be reached from here; nothing was proposed.
    #[error("no majority of the cluster's {voters} voting nodes can be reached")]
    NoMajority {
        /// How many there are.
        voters: usize,
    },
    /// Proposed, and not known to be agreed on in time: it may be later.
    #[error("not agreed on in time; it may still be: look before you try again")]
    Unknown,
    /// Another change of the members is under way, or the change makes no sense.
    #[error("the members cannot be changed: {0}")]
    Membership(String),
    /// This node takes no part any more: something failed.
    #[error("this node's part in the consensus has ended: {0}")]
    Stopped(String),
    /// This node takes no part any more: it was told to stop. Nothing was proposed.
    #[error("this node is stopping")]
    Stopping,
}

/// Why a node's part cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log.
    #[error("the log of the consensus cannot be opened: {0}")]
    Log(#[from] OpenError),
    /// The folder of the snapshots.
    #[error("snapshots cannot be kept: {0}")]
    Snapshots(#[from] io::Error),
    /// openraft refuses its settings or what it found.
    #[error("the consensus does not start: {0}")]
    Engine(String),
}

/// A node that led goes on in a term of its own, or follows another: what the process before has promised as leader, in
/// leases of sessions, this one does not know. Whether it led. openraft would go on as the leader of the same term.
async fn lead_no_more(log: &LogStore, own: NodeId) -> Result<bool, StorageError> {
    let mut log = log.clone();
    let Some(mut vote) = log.read_vote().await? else {
        return Ok(false);
    };
    let has_led = vote.committed && vote.leader_id().voted_for() == Some(own);
    if has_led {
        vote.committed = false;
        log.save_vote(&vote).await?;
    }
    Ok(has_led)
}

/// A node's part in the consensus. Copies are the same part.
#[derive(Clone)]
pub struct Consensus {
    raft: Raft,
    log: LogStore,
    peers: Arc<dyn Peers>,
    settings: Arc<Settings>,
    /// When the leader or the members changed last, as this node sees them.
    changed_at: Arc<Mutex<Instant>>,
    term_at_start: u64,
}

impl Consensus {
    /// Takes the node's part up again, or begins it as one that is a member of nothing yet: see [`Self::found`].
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(
        settings: Settings,
        machine: Arc<dyn StateMachine>,
        peers: Arc<dyn Peers>,
    ) -> Result<Self, StartError> {
        let log = Self::open_log(&settings)?;
        Self::start_on(log, settings, machine, peers).await
    }

    /// Opens the log that [`Self::start_on`] goes on with.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn open_log(settings: &Settings) -> Result<LogStore, StartError> {
        // Licences and hashes are in it.
        DirBuilder::new().recursive(true).mode(0o700).create(&settings.folder)?;
        Ok(LogStore::open(&settings.folder.join("log.redb"), settings.id)?)
    }

    /// As [`Self::start`], with a log that is open.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start_on(
        log: LogStore,
        settings: Settings,
        machine: Arc<dyn StateMachine>,
        peers: Arc<dyn Peers>,
    ) -> Result<Self, StartError> {
        let applier = Applier::new(machine, &settings.folder.join("snapshots"))?;
        let election = settings.election_timeout.as_millis() as u64;
        let config = openraft::Config {
            cluster_name: "emqxd".to_owned(),
            heartbeat_interval: settings.heartbeat.as_millis() as u64,
            election_timeout_min: election,
            election_timeout_max: election * 2,
            install_snapshot_timeout: 10_000,
            snapshot_max_chunk_size: SNAPSHOT_CHUNK_BYTES,
            replication_lag_threshold: settings.snapshot_every * 2,
            snapshot_policy: SnapshotPolicy::LogsSinceLast(settings.snapshot_every),
            max_in_snapshot_log_to_keep: settings.snapshot_every,
            ..openraft::Config::default()
        };
        let engine = |error: &dyn std::error::Error| StartError::Engine(error.to_string());
        let config = Arc::new(config.validate().map_err(|error| engine(&error))?);
        let connections = Connections {
            peers: Arc::clone(&peers),
            own_id: settings.id,
        };
        let has_led = lead_no_more(&log, settings.id).await.map_err(|error| engine(&error))?;
        let raft = Raft::new(settings.id, config, connections, log.clone(), applier).await;
        let raft = raft.map_err(|error| engine(&error))?;
        let changed_at = Arc::new(Mutex::new(Instant::now()));
        tokio::spawn(note_changes(raft.metrics(), Arc::clone(&changed_at)));
        let mut consensus = Self {
            raft,
            log,
            peers,
            settings: Arc::new(settings),
            changed_at,
            term_at_start: 0,
        };
        // An answer of the engine means that it has told its state.
        consensus.is_founded().await.map_err(|error| engine(&error))?;
        consensus.term_at_start = consensus.status().term;
        // No election timeout is waited for where nobody else can lead, or this node did.
        if has_led || consensus.is_sole_voter() {
            consensus.elect().await.map_err(|error| engine(&error))?;
        }
        Ok(consensus)
    }

    /// The term in which this process found the node when it began.
    pub fn term_at_start(&self) -> u64 {
        self.term_at_start
    }

    /// Whether this node is or was a member of a cluster, be it of itself alone.
    ///
    /// # Errors
    /// When this node's part has ended.
    pub async fn is_founded(&self) -> Result<bool, ConsensusError> {
        self.raft.is_initialized().await.map_err(|error| stopped(&error))
    }

    /// Founds a cluster of this node alone, unless it is a member of one.
    ///
    /// # Errors
    /// When this node's part has ended.
    pub async fn found(&self) -> Result<(), ConsensusError> {
        if self.is_founded().await? {
            return Ok(());
        }
        let alone = [(self.settings.id, self.settings.member.clone())];
        let founded = self.raft.initialize(std::collections::BTreeMap::from(alone)).await;
        founded.map_err(|error| stopped(&error))
    }

    /// Has a command agreed on and applied, here or wherever the leader is; the state machine's answer.
    ///
    /// # Errors
    /// See [`ConsensusError`].
    pub async fn propose(&self, command: String, within: Duration) -> Result<String, ConsensusError> {
        self.ask_leader(Call::Propose(command), within).await
    }

    /// Makes a node a voting member once it has caught up. It has to be running, with an empty log.
    ///
    /// # Errors
    /// See [`ConsensusError`].
    pub async fn admit(&self, id: NodeId, member: Member, within: Duration) -> Result<(), ConsensusError> {
        self.ask_leader(Call::Admit(id, member), within).await.map(drop)
    }

    /// Strikes a node from the members.
    ///
    /// # Errors
    /// See [`ConsensusError`].
    pub async fn expel(&self, id: NodeId, within: Duration) -> Result<(), ConsensusError> {
        self.ask_leader(Call::Expel(id), within).await.map(drop)
    }

    /// Strikes a node off that takes the log and has no vote: it was not admitted in the end.
    ///
    /// # Errors
    /// See [`ConsensusError`].
    pub async fn expel_learner(&self, id: NodeId, within: Duration) -> Result<(), ConsensusError> {
        let members = self.status().members;
        match members.iter().any(|(member, _, votes)| *member == id && !*votes) {
            true => self.expel(id, within).await,
            false => Ok(()),
        }
    }

    /// Whether a node may ask this. One that was struck off may not know it yet, and goes on as if it were a member: it
    /// proposes nothing here, and has no say with a node that is alone. A follower, though, may lag behind and not know its
    /// leader yet.
    pub fn may_ask(&self, from: NodeId, call: &Call) -> bool {
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow();
        let membership = metrics.membership_config.membership();
        if membership.get_node(&from).is_some() {
            return true;
        }
        match call {
            Call::Propose(_) | Call::Admit(..) | Call::Expel(_) => false,
            Call::Append(_) | Call::Vote(_) | Call::Snapshot(_) => {
                let mut members = membership.nodes().map(|(id, _)| *id);
                (members.next(), members.next()) != (Some(self.settings.id), None)
            }
        }
    }

    /// Answers what another member asks.
    pub async fn answer(&self, call: Call, within: Duration) -> Reply {
        match call {
            Call::Propose(_) | Call::Admit(..) | Call::Expel(_) => {
                let deadline = Instant::now() + within;
                Reply::Leader(match timeout_at(deadline, self.as_leader(call)).await {
                    Ok(answer) => answer,
                    Err(_elapsed) => Err(NotDone::Unknown),
                })
            }
            call => answer(&self.raft, call).await,
        }
    }

    /// How things stand.
    pub fn status(&self) -> Status {
        let metrics = self.raft.metrics().borrow().clone();
        let membership = metrics.membership_config.membership();
        let voters: BTreeSet<NodeId> = membership.voter_ids().collect();
        let members = membership.nodes();
        let members = members.map(|(id, member)| (*id, member.clone(), voters.contains(id)));
        let role = match (&metrics.running_state, metrics.state) {
            (Err(_), _) | (_, ServerState::Shutdown) => Role::Stopped,
            (_, ServerState::Leader) => Role::Leader,
            (_, ServerState::Follower) => Role::Follower,
            (_, ServerState::Candidate) => Role::Candidate,
            (_, ServerState::Learner) => Role::Learner,
        };
        let is_followed = role != Role::Leader || self.hears_majority();
        let leader = metrics.current_leader.filter(|_| is_followed);
        let leader = leader.and_then(|id| Some((id, membership.get_node(&id)?.clone())));
        Status {
            role,
            leader,
            term: metrics.current_term,
            applied: metrics.last_applied.map(|log_id| log_id.index),
            members: members.collect(),
        }
    }

    /// Changes of [`Self::status`]: a value for each, of no meaning.
    pub fn changes(&self) -> impl Future<Output = bool> + use<> {
        let mut metrics = self.raft.metrics();
        async move { metrics.changed().await.is_ok() }
    }

    /// Returns when the node's part has ended; with the reason, if that was a failure.
    pub fn ended(&self) -> impl Future<Output = Option<String>> + use<> {
        let mut metrics = self.raft.metrics();
        async move {
            let ended = metrics.wait_for(|metrics| metrics.running_state.is_err()).await;
            let ended = ended.ok()?.running_state.clone();
            ended
                .err()
                .filter(|why| *why != Fatal::Stopped)
                .map(|why| why.to_string())
        }
    }

    /// Ends the node's part; the cluster sees a node that is down. The log is closed when this returns.
    pub async fn stop(&self) {
        // It ends either way; a task that panicked has been logged.
        let _ended = self.raft.shutdown().await;
        self.log.close();
    }

    /// Whether this node is the only voter.
    fn is_sole_voter(&self) -> bool {
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow();
        let mut voters = metrics.membership_config.membership().voter_ids();
        voters.next() == Some(self.settings.id) && voters.next().is_none()
    }

    async fn elect(&self) -> Result<(), ConsensusError> {
        let is_leader = self.raft.metrics().borrow().state == ServerState::Leader;
        if is_leader {
            return Ok(());
        }
        self.raft.trigger().elect().await.map_err(|error| stopped(&error))
    }

    /// Before another node: it shall take all facts from a snapshot that names the present members. One of long ago may
    /// name the newcomer itself, from its time as a member, and have it believe that it leads.
    ///
    /// Before the first other node the log goes, too, since what this node knew before there was a log, or was told while
    /// it was not running, stands in no entry.
    async fn make_snapshot(&self, is_sole_voter: bool) -> Result<(), NotDone> {
        let stopped = |error: &dyn std::error::Error| NotDone::Stopped(error.to_string());
        let mut metrics = self.raft.metrics();
        let applied = metrics.borrow().last_applied;
        let Some(applied) = applied else { return Ok(()) };
        let names_all = {
            let metrics = metrics.borrow();
            metrics.snapshot >= *metrics.membership_config.log_id()
        };
        if names_all && !is_sole_voter {
            return Ok(());
        }
        self.raft.trigger().snapshot().await.map_err(|error| stopped(&error))?;
        let is_made = metrics.wait_for(|metrics| metrics.snapshot >= Some(applied) || metrics.running_state.is_err());
        is_made.await.map_err(|error| stopped(&error))?;
        if !is_sole_voter {
            return Ok(());
        }
        let upto = applied.index;
        self.raft
            .trigger()
            .purge_log(upto)
            .await
            .map_err(|error| stopped(&error))?;
        let is_gone = metrics.wait_for(|metrics| metrics.purged >= Some(applied) || metrics.running_state.is_err());
        is_gone.await.map_err(|error| stopped(&error))?;
        Ok(())
    }

    /// Waits until a learner has the log up to an entry. One that gets a vote before may cost the cluster its majority: the
    /// engine's own wait is over as soon as a snapshot would not be worth while.
    async fn until_told(&self, id: NodeId, upto: super::LogId) -> Result<(), NotDone> {
        let mut metrics = self.raft.metrics();
        let is_told = metrics.wait_for(|metrics| {
            let replicated = metrics.replication.as_ref();
            let has = replicated.map(|logs| logs.get(&id).copied().flatten() >= Some(upto));
            // Who leads no more does not know.
            has.unwrap_or(true) || metrics.running_state.is_err()
        });
        let is_leader = is_told.await.map(|metrics| metrics.replication.is_some());
        match is_leader {
            Ok(true) => Ok(()),
            Ok(false) => Err(NotDone::NotLeader),
            Err(ended) => Err(NotDone::Stopped(ended.to_string())),
        }
    }

    /// Whether this node, being leader, heard of a majority lately.
    fn hears_majority(&self) -> bool {
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow();
        let voters = metrics.membership_config.membership().voter_ids().count();
        let patience = self.settings.election_timeout * ELECTIONS_WITHOUT_MAJORITY;
        voters <= 1
            || metrics
                .millis_since_quorum_ack
                .is_some_and(|silence| Duration::from_millis(silence) < patience)
    }

    fn no_majority(&self) -> ConsensusError {
        let metrics = self.raft.metrics();
        let voters = metrics.borrow().membership_config.membership().voter_ids().count();
        ConsensusError::NoMajority { voters }
    }

    /// Until when a leader is waited for by a call that came at `begun`: an election that is under way, or a leader that has
    /// not heard of its majority yet, is no reason to refuse it.
    fn patience(&self, call: &Call, begun: Instant, deadline: Instant) -> Instant {
        let elections = |count| self.settings.election_timeout * count;
        let waited_for = match call {
            Call::Admit(..) | Call::Expel(_) => ELECTIONS_WAITED_FOR_BY_MEMBERS,
            _ => ELECTIONS_WAITED_FOR,
        };
        let after_change = *self.changed_at.lock() + elections(ELECTIONS_AFTER_CHANGE);
        deadline.min(after_change.max(begun + elections(waited_for)))
    }

    /// Asks the leader, whoever that is, and whoever becomes it meanwhile.
    async fn ask_leader(&self, call: Call, within: Duration) -> Result<String, ConsensusError> {
        let begun = Instant::now();
        let deadline = begun + within;
        while let Some((id, member)) = self.leader(|| self.patience(&call, begun, deadline)).await? {
            let asked = async {
                if id == self.settings.id {
                    return Ok(self.as_leader(call.clone()).await);
                }
                match self.peers.call(id, &member, call.clone()).await? {
                    Reply::Leader(answer) => Ok(answer),
                    _ => Err(CallError::Broken {
                        node: member.name.clone(),
                        source: io::Error::other("a reply to another question"),
                    }),
                }
            };
            match timeout_at(deadline, asked).await {
                Ok(Ok(Ok(answer))) => return Ok(answer),
                // Nothing was sent, or the other one does not lead, or does not know yet who follows it: whoever leads is
                // asked again.
                Ok(Ok(Err(NotDone::NotLeader | NotDone::NoMajority)) | Err(CallError::NoLink { .. })) => {
                    if Instant::now() >= self.patience(&call, begun, deadline) {
                        break;
                    }
                    tokio::time::sleep(LEADER_POLL).await;
                }
                Ok(Ok(Err(NotDone::Membership(why)))) => return Err(ConsensusError::Membership(why)),
                Ok(Ok(Err(NotDone::Stopped(why)))) => return Err(ConsensusError::Stopped(why)),
                Ok(Ok(Err(NotDone::Unknown)) | Err(CallError::Broken { .. })) | Err(_) => {
                    return Err(ConsensusError::Unknown);
                }
            }
        }
        Err(self.no_majority())
    }

    /// Who leads; waits for an election that is under way.
    async fn leader(&self, patience: impl Fn() -> Instant) -> Result<Option<(NodeId, Member)>, ConsensusError> {
        loop {
            let status = self.status();
            if status.role == Role::Stopped {
                let ended = self.raft.metrics().borrow().running_state.clone();
                return Err(match ended {
                    Ok(()) | Err(Fatal::Stopped) => ConsensusError::Stopping,
                    Err(failed) => stopped(&failed),
                });
            }
            if status.leader.is_some() || Instant::now() >= patience() {
                return Ok(status.leader);
            }
            tokio::time::sleep(LEADER_POLL).await;
        }
    }

    async fn as_leader(&self, call: Call) -> Result<String, NotDone> {
        if !self.hears_majority() {
            return Err(NotDone::NoMajority);
        }
        let written = match call {
            Call::Propose(command) => self.raft.client_write(command).await,
            Call::Admit(id, member) => {
                self.make_snapshot(self.is_sole_voter()).await?;
                match self.raft.add_learner(id, member, false).await {
                    Ok(added) => {
                        self.until_told(id, added.log_id).await?;
                        let change = ChangeMembers::AddVoterIds(BTreeSet::from([id]));
                        self.raft.change_membership(change, false).await
                    }
                    Err(error) => Err(error),
                }
            }
            Call::Expel(id) => self.expel_as_leader(id).await,
            _ => return Err(NotDone::NotLeader),
        };
        match written {
            Ok(response) => Ok(response.data),
            Err(RaftError::APIError(ClientWriteError::ForwardToLeader(_))) => Err(NotDone::NotLeader),
            Err(RaftError::APIError(ClientWriteError::ChangeMembershipError(error))) => {
                Err(NotDone::Membership(error.to_string()))
            }
            // It was told to stop meanwhile: the entry may be on the log.
            Err(RaftError::Fatal(Fatal::Stopped)) => Err(NotDone::Unknown),
            Err(RaftError::Fatal(error)) => Err(NotDone::Stopped(error.to_string())),
        }
    }

    async fn expel_as_leader(
        &self,
        id: NodeId,
    ) -> Result<openraft::raft::ClientWriteResponse<super::Types>, RaftError<NodeId, ClientWriteError<NodeId, Member>>>
    {
        let is_voter = {
            let metrics = self.raft.metrics();
            let metrics = metrics.borrow();
            metrics
                .membership_config
                .membership()
                .voter_ids()
                .any(|voter| voter == id)
        };
        let nodes = BTreeSet::from([id]);
        match is_voter {
            true => {
                self.raft
                    .change_membership(ChangeMembers::RemoveVoters(nodes), false)
                    .await
            }
            false => {
                self.raft
                    .change_membership(ChangeMembers::RemoveNodes(nodes), false)
                    .await
            }
        }
    }
}

/// Why a leader did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NotDone {
    /// Another node leads.
    #[error("another node leads")]
    NotLeader,
    /// It hears of no majority.
    #[error("the leader hears of no majority")]
    NoMajority,
    /// Its time was up.
    #[error("not agreed on in time")]
    Unknown,
    /// See [`ConsensusError::Membership`].
    #[error("the members cannot be changed: {0}")]
    Membership(String),
    /// See [`ConsensusError::Stopped`].
    #[error("the leader has stopped: {0}")]
    Stopped(String),
}

/// Notes when leader or members change, until the node's part ends.
async fn note_changes(mut metrics: watch::Receiver<RaftMetrics<NodeId, Member>>, changed_at: Arc<Mutex<Instant>>) {
    let mut known = None;
    loop {
        let now = {
            let metrics = metrics.borrow_and_update();
            // A candidate has none: elections that nobody wins are no change.
            (metrics.current_leader, *metrics.membership_config.log_id())
        };
        if known.replace(now) != Some(now) {
            *changed_at.lock() = Instant::now();
        }
        if metrics.changed().await.is_err() {
            return;
        }
    }
}

fn stopped(error: &dyn std::error::Error) -> ConsensusError {
    ConsensusError::Stopped(error.to_string())
}
