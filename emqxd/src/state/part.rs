//! This node's part in the consensus, as the state needs it: begun, ended, begun anew.
//!
//! Until [`ReplicatedState::start_consensus`] commands are applied at once, which only a node may do that is a cluster
//! of its own. From then on every command is proposed, and applied by `machine.rs` on all nodes.

use std::fs::{self, File};
use std::future::Future;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use emqxd_cluster::consensus::{
    Consensus, LogStore, Member, NodeId, OpenError, Peers, Settings, StartError, members_at, voters_at,
};
use futures_core::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use super::answer::Answer;
use super::errors::ApplyError;
use super::machine::Machine;
use super::{Applied, Command, Inner, ReplicatedState, put_aside};

/// How long a command may take to be agreed on.
const AGREE_TIME: Duration = Duration::from_secs(8);
/// Between two looks whether a start is done, by a thread that may wait.
const START_POLL: Duration = Duration::from_millis(1);
/// Commands that wait for the consensus to begin: those of a file of users, 500 of them each.
const WAITING_MAX: usize = 2000;
/// Between two attempts to begin a part that did not begin: so long at first, twice as long each time, and so long at most.
const BEGIN_PAUSE: Duration = Duration::from_secs(2);
const BEGIN_PAUSE_MAX: Duration = Duration::from_secs(30);
/// Before a command of the start is proposed again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// What stands for a position in facts that are of no log.
const OF_ITS_OWN: &str = "own";
/// There while the node is to be admitted to a cluster: it founds none of its own then. Says to which.
const TO_BE_ADMITTED: &str = "to-be-admitted";
/// Longest text in it.
const TO_BE_ADMITTED_BYTES_MAX: u64 = 4096;

/// How far the node is with the consensus.
#[derive(Clone)]
pub(super) enum Stage {
    /// It was not begun: nothing is agreed on with anybody.
    Offline,
    /// The log is being opened; commands wait.
    Starting,
    /// Commands are proposed.
    Running(Arc<Part>),
    /// Another process has the files.
    Given(Arc<Setup>),
    /// The log was lost and with it whom this node has voted for: it has no say until it is admitted anew.
    LostLog(Arc<Setup>),
    /// It could not be begun. It is tried again with pauses.
    Failed(Arc<Failed>),
}

/// A part that was not begun.
pub(super) struct Failed {
    setup: Arc<Setup>,
    pub(super) why: Arc<str>,
}

/// How a part is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// With what is on disk.
    AsItIs,
    /// The same, after the way to another cluster was not gone.
    Staying,
    /// As a cluster of its own, with a new log and the facts that there are.
    OnOwn,
    /// The same, once the own facts of before a join that failed have been put back.
    OnOwnAsBefore,
}

/// A part that has begun.
pub(super) struct Part {
    consensus: Consensus,
    setup: Arc<Setup>,
}

/// What it is begun with.
pub(super) struct Setup {
    settings: Settings,
    peers: Arc<dyn Peers>,
    runtime: Handle,
}

impl Setup {
    fn log(&self) -> PathBuf {
        self.settings.folder.join("log.redb")
    }

    fn own_facts(&self) -> PathBuf {
        self.settings.folder.join("own-facts")
    }

    fn forget_own_facts(&self) {
        let path = self.own_facts();
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let next = "remove it: nothing needs it, and there are hashes of passwords in it";
                tracing::warn!(path = %path.display(), reason = %error, next, "own_facts_not_removed");
            }
            _ => {}
        }
    }

    fn is_to_be_admitted(&self) -> io::Result<bool> {
        self.settings.folder.join(TO_BE_ADMITTED).try_exists()
    }

    /// On disk when this returns: before the log goes.
    fn note_to_be_admitted(&self, to: &str) -> io::Result<()> {
        let place = self.settings.folder.join(TO_BE_ADMITTED);
        // Half of it would be a join that nobody can go on with.
        let written = place.with_extension("new");
        let mut file = create_private(&written)?;
        file.write_all(to.as_bytes())?;
        file.sync_all()?;
        fs::rename(&written, &place)?;
        File::open(&self.settings.folder)?.sync_all()
    }

    fn forget_to_be_admitted(&self) -> io::Result<()> {
        match fs::remove_file(self.settings.folder.join(TO_BE_ADMITTED)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Where a node was to be admitted when it ended, as it was told to [`ReplicatedState::begin_anew`]; `None` if nowhere.
///
/// # Errors
/// It cannot be read.
pub fn unfinished_join(folder: &Path) -> io::Result<Option<String>> {
    let mut text = String::new();
    match File::open(folder.join(TO_BE_ADMITTED)) {
        Ok(file) => file.take(TO_BE_ADMITTED_BYTES_MAX).read_to_string(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(text))
}

impl ReplicatedState {
    /// Takes this node's part in the consensus up, or founds a cluster of this node alone. Commands that come meanwhile
    /// wait from this call on, so the start of the node need not. Once; later there is [`Self::begin_anew`].
    ///
    /// # Errors
    /// See [`StartError`]; commands are refused then.
    pub fn start_consensus(
        &self,
        settings: Settings,
        peers: Arc<dyn Peers>,
    ) -> impl Future<Output = Result<(), StartError>> + Send + use<> {
        self.inner.stage.send_replace(Stage::Starting);
        let runtime = Handle::current();
        let setup = Arc::new(Setup {
            settings,
            peers,
            runtime,
        });
        let state = self.clone();
        async move { state.begin(setup, Begin::AsItIs).await }
    }

    /// Why this node takes no part in the consensus although it is to; `None` if it does, or waits for something else.
    pub fn part_failure(&self) -> Option<Arc<str>> {
        match &*self.inner.stage.borrow() {
            Stage::Failed(failed) => Some(Arc::clone(&failed.why)),
            _ => None,
        }
    }

    /// Returns when a start that is under way is over, or after a while.
    pub async fn started(&self) {
        let _how_far = self.stage().await;
    }

    /// The members of the cluster as of the last command that was applied, also before the consensus has begun.
    pub fn last_members(&self) -> Vec<(NodeId, Member)> {
        let position = self.inner.writer.lock().position.clone();
        position
            .and_then(|position| members_at(&position).ok())
            .unwrap_or_default()
    }

    /// Grows with each part in a consensus that this node begins: terms of one say nothing about another's.
    pub fn parts_begun(&self) -> u64 {
        self.inner.parts_begun.load(Ordering::Acquire)
    }

    /// Begins a part. If that fails it is tried again until it succeeds or the node gets another part: the disk may have
    /// room again. In a task of its own: whoever gives up waiting leaves no part half begun.
    async fn begin(&self, setup: Arc<Setup>, how: Begin) -> Result<(), StartError> {
        let state = self.clone();
        let begun = tokio::spawn(async move {
            let begun = state.begin_once(Arc::clone(&setup), how).await;
            if let Err(error) = &begun {
                let failed = state.fail_part(setup, error.to_string().into());
                tokio::spawn(begin_again(Arc::downgrade(&state.inner), failed, how));
            }
            begun
        });
        begun
            .await
            .unwrap_or_else(|stopped| Err(io::Error::other(stopped).into()))
    }

    async fn begin_once(&self, setup: Arc<Setup>, how: Begin) -> Result<(), StartError> {
        self.open_again()?;
        match how {
            Begin::AsItIs => {}
            Begin::Staying => {
                // Else the next start would go on with a join of which nothing has come.
                setup.forget_to_be_admitted()?;
                setup.forget_own_facts();
            }
            Begin::OnOwn | Begin::OnOwnAsBefore => {
                self.forget_log(&setup)?;
                setup.forget_to_be_admitted()?;
            }
        }
        self.start_part(Arc::clone(&setup)).await?;
        if how == Begin::OnOwnAsBefore {
            // As long as a start may go on with the join they may be needed again.
            setup.forget_own_facts();
        }
        Ok(())
    }

    /// Ends in a stage other than [`Stage::Starting`] if it succeeds.
    async fn start_part(&self, setup: Arc<Setup>) -> Result<(), StartError> {
        self.inner.parts_begun.fetch_add(1, Ordering::AcqRel);
        let stage = self.start_stage(setup).await?;
        self.inner.stage.send_replace(stage.clone());
        if let Stage::Running(part) = &stage {
            self.propose_what_waits(part);
            let ended = part.consensus.ended();
            tokio::spawn(begin_after_failure(
                Arc::downgrade(&self.inner),
                Arc::downgrade(part),
                ended,
            ));
        }
        Ok(())
    }

    async fn start_stage(&self, setup: Arc<Setup>) -> Result<Stage, StartError> {
        let (state, opening) = (self.clone(), Arc::clone(&setup));
        let opened = tokio::task::spawn_blocking(move || state.open_log(&opening)).await;
        let Some(log) = opened.unwrap_or_else(|stopped| Err(io::Error::other(stopped).into()))? else {
            return Ok(Stage::LostLog(setup));
        };
        let machine = Arc::new(Machine::new(self));
        let (settings, peers) = (setup.settings.clone(), Arc::clone(&setup.peers));
        let consensus = Consensus::start_on(log, settings, machine, peers).await?;
        if !setup.is_to_be_admitted()? {
            let founded = consensus.found().await;
            founded.map_err(|error| StartError::Engine(error.to_string()))?;
        }
        Ok(Stage::Running(Arc::new(Part { consensus, setup })))
    }

    /// Opens the log if it belongs to these facts. Facts and log go together: if one of them was lost, a node alone goes on
    /// with a new log, and a member of a cluster does not: `None`.
    fn open_log(&self, setup: &Setup) -> Result<Option<LogStore>, StartError> {
        let mut position = self.inner.writer.lock().position.clone();
        if position.as_deref() == Some(OF_ITS_OWN) {
            // As after a crash while its own facts were put back.
            self.forget_position()?;
            position = None;
        }
        let members = position.as_deref().map(members_at).transpose()?;
        let members = members.map(|members| members.len());
        if setup.is_to_be_admitted()? {
            let voters = position.as_deref().map(voters_at).transpose()?.unwrap_or_default();
            if voters.len() <= 1 || !voters.contains(&setup.settings.id) {
                let is_of_cluster = position.as_deref().map(members_at).transpose()?;
                let is_own = |members: &[(NodeId, Member)]| matches!(members, [(id, _)] if *id == setup.settings.id);
                let is_of_cluster = is_of_cluster.is_some_and(|members| !is_own(&members));
                return self.open_log_of_newcomer(setup, is_of_cluster).map(Some);
            }
            // It has been admitted.
            setup.forget_own_facts();
            setup.forget_to_be_admitted()?;
        }
        let (why, others) = match (Consensus::open_log(&setup.settings), members) {
            (Ok(log), members) => match (log.members()?, members) {
                (Some(_), Some(_)) | (None, None) => return Ok(Some(log)),
                // Founded a moment before a crash.
                (Some(1), None) if self.damage().is_none() => return Ok(Some(log)),
                (known, members) => {
                    log.close();
                    let why = "log and facts do not belong together: one of them was lost";
                    (why.to_owned(), known.or(members).unwrap_or(1) > 1)
                }
            },
            (Err(StartError::Log(OpenError::Damaged(why))), members) => (why, members.unwrap_or(1) > 1),
            (Err(error), _) => return Err(error),
        };
        let moved_to = put_aside(&setup.log())?;
        let next = match others {
            true => {
                "on another node: emqx-ctl cluster force-leave THIS_NODE; then here: emqx-ctl cluster join OTHER_NODE"
            }
            false => "nothing: a node alone goes on with a new log",
        };
        let moved_to = moved_to.display();
        tracing::error!(path = %setup.log().display(), %moved_to, why, next, "consensus_log_lost");
        if others {
            return Ok(None);
        }
        self.forget_position()?;
        Ok(Some(Consensus::open_log(&setup.settings)?))
    }

    /// The log of a node that is to be admitted and, as far as it knows, was not yet.
    fn open_log_of_newcomer(&self, setup: &Setup, is_of_cluster: bool) -> Result<LogStore, StartError> {
        // What it has told the cluster's leader to have stays: it may have had a say already.
        if !is_of_cluster {
            // As after a crash while its own log was being forgotten, or before anything came: nothing in it counts.
            self.forget_log(setup)?;
        }
        Consensus::open_log(&setup.settings)
    }

    /// The consensus, while this node takes part in it.
    pub fn consensus(&self) -> Option<Consensus> {
        match &*self.inner.stage.borrow() {
            Stage::Running(part) => Some(part.consensus.clone()),
            _ => None,
        }
    }

    /// Whether the log was lost and this node has no say until [`Self::begin_anew`].
    pub fn has_lost_log(&self) -> bool {
        matches!(&*self.inner.stage.borrow(), Stage::LostLog(_))
    }

    /// Whether this node takes part in no consensus until it is admitted to a cluster.
    pub fn is_to_be_admitted(&self) -> bool {
        match &*self.inner.stage.borrow() {
            Stage::Running(part) => part.setup.is_to_be_admitted().unwrap_or(false) && !part.votes(),
            _ => false,
        }
    }

    /// Forgets log and membership: this node is about to be admitted to a cluster, which gives it other facts. The
    /// present ones can be read until then, and nothing can be changed. A start that finds itself between the two is told
    /// `to` by [`unfinished_join`].
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn begin_anew(&self, to: &str) -> Result<(), StartError> {
        let (state, to) = (self.clone(), to.to_owned());
        in_task(async move {
            let Some(setup) = state.stop_part().await else {
                return Ok(());
            };
            let begun = match state.leave_own(&setup, &to) {
                Ok(()) => state.start_part(Arc::clone(&setup)).await,
                Err(error) => Err(error.into()),
            };
            let Err(error) = begun else { return Ok(()) };
            tracing::warn!(reason = %error, next = "see to the disk, then try again", "own_cluster_not_left");
            // Its failure is told by itself; why this node does not join is the first one.
            let _it_goes_on_by_itself = state.begin(setup, Begin::Staying).await;
            Err(error)
        })
        .await
    }

    /// Up to the forgetting of the log.
    fn leave_own(&self, setup: &Setup, to: &str) -> io::Result<()> {
        self.keep_own_facts(setup)?;
        setup.note_to_be_admitted(to)?;
        self.forget_log(setup)
    }

    /// Makes this node a cluster of its own, with the facts that it has.
    ///
    /// # Errors
    /// See [`StartError`]; it is tried again until it is one.
    pub async fn found_again(&self) -> Result<(), StartError> {
        let state = self.clone();
        in_task(async move {
            match state.stop_part().await {
                Some(setup) => state.begin(setup, Begin::OnOwn).await,
                None => Ok(()),
            }
        })
        .await
    }

    /// As [`Self::found_again`], with the facts of before [`Self::begin_anew`]: it was not admitted.
    ///
    /// # Errors
    /// See [`StartError`]; it is tried again until it is one.
    pub async fn found_as_before(&self) -> Result<(), StartError> {
        let state = self.clone();
        in_task(async move {
            let Some(setup) = state.stop_part().await else {
                return Ok(());
            };
            let (restoring, with) = (state.clone(), Arc::clone(&setup));
            let restored = tokio::task::spawn_blocking(move || restoring.restore_own_facts(&with)).await;
            let Err(error) = restored.map_err(io::Error::other).flatten() else {
                return state.begin(setup, Begin::OnOwnAsBefore).await;
            };
            let path = setup.own_facts();
            let next =
                "see whether admins, bans and users are the ones of this node; restore them from a backup otherwise";
            tracing::error!(path = %path.display(), reason = %error, next, "own_facts_not_restored");
            state.begin(setup, Begin::OnOwn).await
        })
        .await
    }

    /// Once this node has been admitted: the facts of the cluster hold.
    pub fn was_admitted(&self) {
        let stage = self.inner.stage.borrow().clone();
        if let Stage::Running(part) = stage {
            part.setup.forget_own_facts();
            if let Err(error) = part.setup.forget_to_be_admitted() {
                tracing::warn!(reason = %error, next = "nothing; the next start removes it", "join_not_forgotten");
            }
        }
    }

    /// What the cluster gives this node takes the place of these, and it may not be admitted in the end.
    fn keep_own_facts(&self, setup: &Setup) -> io::Result<()> {
        // Of an attempt before, which a crash has ended: what is there now may be the cluster's.
        if setup.is_to_be_admitted()? && setup.own_facts().try_exists()? {
            return Ok(());
        }
        let mut file = io::BufWriter::new(create_private(&setup.own_facts())?);
        self.write_snapshot(&mut file)?;
        file.flush()?;
        file.get_ref().sync_all()
    }

    fn restore_own_facts(&self, setup: &Setup) -> io::Result<()> {
        match File::open(setup.own_facts()) {
            Ok(mut file) => self.install_snapshot(&mut file, OF_ITS_OWN),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn stop_part(&self) -> Option<Arc<Setup>> {
        self.started().await;
        match self.inner.stage.send_replace(Stage::Starting) {
            Stage::Running(part) => {
                part.consensus.stop().await;
                Some(Arc::clone(&part.setup))
            }
            Stage::LostLog(setup) => Some(setup),
            Stage::Failed(failed) => Some(Arc::clone(&failed.setup)),
            stage => {
                self.inner.stage.send_replace(stage);
                None
            }
        }
    }

    fn fail_part(&self, setup: Arc<Setup>, why: Arc<str>) -> Arc<Failed> {
        let failed = Arc::new(Failed { setup, why });
        self.inner.stage.send_replace(Stage::Failed(Arc::clone(&failed)));
        failed
    }

    /// Whether it is tried again now, and not something else since.
    fn take_failed(&self, failed: &Arc<Failed>) -> bool {
        self.start_from(|stage| matches!(stage, Stage::Failed(of) if Arc::ptr_eq(of, failed)))
    }

    /// The same of a part that has ended.
    fn take_ended(&self, part: &Arc<Part>) -> bool {
        self.start_from(|stage| matches!(stage, Stage::Running(of) if Arc::ptr_eq(of, part)))
    }

    fn start_from(&self, is_it: impl Fn(&Stage) -> bool) -> bool {
        self.inner.stage.send_if_modified(|stage| {
            let is_it = is_it(stage);
            if is_it {
                *stage = Stage::Starting;
            }
            is_it
        })
    }

    fn forget_log(&self, setup: &Setup) -> io::Result<()> {
        match fs::remove_file(setup.log()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.forget_position()
    }

    /// Closes the log for another process. On a thread that may wait.
    pub(super) fn give_part(&self) {
        let deadline = std::time::Instant::now() + AGREE_TIME;
        while matches!(&*self.inner.stage.borrow(), Stage::Starting) && std::time::Instant::now() < deadline {
            std::thread::sleep(START_POLL);
        }
        let stage = self.inner.stage.borrow().clone();
        match stage {
            Stage::Running(part) => {
                self.inner.stage.send_replace(Stage::Given(Arc::clone(&part.setup)));
                part.setup.runtime.block_on(part.consensus.stop());
            }
            Stage::Failed(failed) => {
                self.inner.stage.send_replace(Stage::Given(Arc::clone(&failed.setup)));
            }
            _ => {}
        }
    }

    /// Goes on with the log that [`Self::give_part`] has closed.
    pub(super) fn take_part_back(&self) {
        let stage = self.inner.stage.borrow().clone();
        let Stage::Given(setup) = stage else { return };
        self.inner.stage.send_replace(Stage::Starting);
        let beginning = self.begin(Arc::clone(&setup), Begin::AsItIs);
        if let Err(error) = setup.runtime.block_on(beginning) {
            tracing::error!(reason = %error, next = BEGIN_NEXT, "consensus_not_taken_back");
        }
    }

    /// Takes a command that this node may not apply before it takes part in the consensus, and proposes it then. For what
    /// a start makes sure of: it has to do no harm if other nodes propose the same.
    pub fn apply_soon(&self, command: Command) {
        let mut waiting = self.inner.waiting.lock();
        if waiting.len() < WAITING_MAX {
            waiting.push(command);
            return;
        }
        let next = "restart the node, or import what is missing";
        tracing::error!(command = command.name(), next, "too_many_commands_at_start");
    }

    fn propose_what_waits(&self, part: &Arc<Part>) {
        let waiting = std::mem::take(&mut *self.inner.waiting.lock());
        if waiting.is_empty() {
            return;
        }
        let (state, part) = (self.clone(), Arc::clone(part));
        tokio::spawn(async move {
            for command in waiting {
                loop {
                    match part.propose(&state, &command).await {
                        Err(ApplyError::NoMajority { .. } | ApplyError::NotAdmitted | ApplyError::Unknown) => {
                            tokio::time::sleep(RETRY_PAUSE).await;
                        }
                        Err(error) => {
                            tracing::warn!(command = command.name(), reason = %error, "command_of_start_not_applied");
                            break;
                        }
                        Ok(_) => break,
                    }
                }
            }
        });
    }

    /// Waits for a start that is under way.
    pub(super) async fn stage(&self) -> Stage {
        let mut stage = self.inner.stage.subscribe();
        let started = stage.wait_for(|stage| !matches!(stage, Stage::Starting));
        match tokio::time::timeout(AGREE_TIME, started).await {
            Ok(Ok(stage)) => stage.clone(),
            _ => Stage::Starting,
        }
    }
}

/// What an operator can do about a part that does not begin.
const BEGIN_NEXT: &str = "make room on the disk and the folder `cluster` of node.data_dir writable: it is tried again";

/// A part that the disk has ended, as by a snapshot that it had no room for, is begun again, from what is on disk, as after
/// a restart. Not where the state could not be written: it takes nothing until a restart. Boxed: the next part may come to
/// the same end.
fn begin_after_failure(
    state: Weak<Inner>,
    part: Weak<Part>,
    ended: impl Future<Output = Option<String>> + Send + 'static,
) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let Some(why) = ended.await else { return };
        let (Some(inner), Some(part)) = (state.upgrade(), part.upgrade()) else {
            return;
        };
        let whole = ReplicatedState { inner };
        if whole.inner.writer.lock().has_failed || !whole.take_ended(&part) {
            return;
        }
        part.consensus.stop().await;
        let failed = whole.fail_part(Arc::clone(&part.setup), why.into());
        drop((whole, part));
        begin_again(state, failed, Begin::AsItIs).await;
    })
}

/// Tries to begin a part again, with pauses, until it is begun, or another was, or another process has the files.
async fn begin_again(state: Weak<Inner>, mut failed: Arc<Failed>, how: Begin) {
    let (mut pause, mut told) = (BEGIN_PAUSE, None);
    loop {
        if told.as_ref() != Some(&failed.why) {
            tracing::error!(reason = %failed.why, next = BEGIN_NEXT, "consensus_not_started");
            told = Some(Arc::clone(&failed.why));
        }
        tokio::time::sleep(pause).await;
        pause = BEGIN_PAUSE_MAX.min(pause * 2);
        let Some(inner) = state.upgrade() else { return };
        let state = ReplicatedState { inner };
        if !state.take_failed(&failed) {
            return;
        }
        let setup = Arc::clone(&failed.setup);
        match state.begin_once(Arc::clone(&setup), how).await {
            Ok(()) => {
                tracing::info!(level = "notice", "consensus_started_at_last");
                return;
            }
            Err(error) => failed = state.fail_part(setup, error.to_string().into()),
        }
    }
}

/// Whoever gives up waiting for it, or is ended, leaves it to its end: half of it would leave the node without a part.
async fn in_task(work: impl Future<Output = Result<(), StartError>> + Send + 'static) -> Result<(), StartError> {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|stopped| Err(io::Error::other(stopped).into()))
}

impl Part {
    fn votes(&self) -> bool {
        let members = self.consensus.status().members;
        members
            .iter()
            .any(|(id, _, votes)| *id == self.setup.settings.id && *votes)
    }

    /// Proposes a command and waits until this node has applied it, too.
    pub(super) async fn propose(&self, state: &ReplicatedState, command: &Command) -> Result<Applied, ApplyError> {
        let deadline = Instant::now() + AGREE_TIME;
        let text = serde_json::to_string(command).map_err(|error| ApplyError::Storage(error.to_string()))?;
        let proposed = self.consensus.propose(text, AGREE_TIME).await;
        let answer = proposed.map_err(|error| match ApplyError::from(error) {
            // There are no voters to be counted.
            ApplyError::NoMajority { .. } if state.is_to_be_admitted() => ApplyError::NotAdmitted,
            error => error,
        })?;
        let answer = Answer::from_text(&answer).ok_or(ApplyError::Unknown)?;
        let mut applied = state.changes();
        let here = applied.wait_for(|applied| *applied >= answer.at);
        if timeout_at(deadline, here).await.is_err() {
            tracing::warn!(command = command.name(), "applied_elsewhere_first");
        }
        Ok(answer.outcome()?)
    }

    /// The same, for a thread that may wait.
    pub(super) fn propose_blocking(&self, state: &ReplicatedState, command: &Command) -> Result<Applied, ApplyError> {
        self.setup.runtime.block_on(self.propose(state, command))
    }
}

/// For this user alone.
fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Nobody else has to hear of what a node alone changes.
pub(super) fn check_is_alone(position: Option<&str>) -> Result<(), ApplyError> {
    let position = position.filter(|position| *position != OF_ITS_OWN);
    let members = position.map(members_at).transpose();
    match members.map_err(|error| ApplyError::Storage(error.to_string()))? {
        Some(members) if members.len() > 1 => Err(ApplyError::InCluster { members: members.len() }),
        _ => Ok(()),
    }
}
