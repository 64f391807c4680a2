//! This node's part in the consensus, as the state needs it: begun, ended, begun anew.
//!
//! Until [`ReplicatedState::start_consensus`] commands are applied at once, which only a node may do that is a cluster
//! of its own. From then on every command is proposed, and applied by `machine.rs` on all nodes.

use std::fs::{self, File};
use std::future::Future;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use emqxd_cluster::consensus::{
    Consensus, LogStore, Member, NodeId, OpenError, Peers, Settings, StartError, members_at, voters_at,
};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use super::answer::Answer;
use super::errors::ApplyError;
use super::machine::Machine;
use super::{Applied, Command, ReplicatedState, put_aside};

/// How long a command may take to be agreed on.
const AGREE_TIME: Duration = Duration::from_secs(8);
/// Between two looks whether a start is done, by a thread that may wait.
const START_POLL: Duration = Duration::from_millis(1);
/// Commands that wait for the consensus to begin: those of a file of users, 500 of them each.
const WAITING_MAX: usize = 2000;
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
    /// It could not be begun.
    Failed(Arc<str>),
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
        async move { state.start_part(setup).await }
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

    async fn start_part(&self, setup: Arc<Setup>) -> Result<(), StartError> {
        self.inner.parts_begun.fetch_add(1, Ordering::AcqRel);
        let stage = self.start_stage(setup).await;
        let failed = |error: &StartError| Stage::Failed(error.to_string().into());
        let next = stage.as_ref().map_or_else(failed, Stage::clone);
        self.inner.stage.send_replace(next);
        if let Ok(Stage::Running(part)) = &stage {
            self.propose_what_waits(part);
        }
        stage.map(drop)
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
        let Some(setup) = self.stop_part().await else {
            return Ok(());
        };
        self.keep_own_facts(&setup)?;
        setup.note_to_be_admitted(to)?;
        self.forget_log(&setup)?;
        self.start_part(setup).await
    }

    /// Makes this node a cluster of its own, with the facts that it has.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn found_again(&self) -> Result<(), StartError> {
        let Some(setup) = self.stop_part().await else {
            return Ok(());
        };
        self.found_on_own(setup).await
    }

    /// As [`Self::found_again`], with the facts of before [`Self::begin_anew`]: it was not admitted.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn found_as_before(&self) -> Result<(), StartError> {
        let Some(setup) = self.stop_part().await else {
            return Ok(());
        };
        let (state, restoring) = (self.clone(), Arc::clone(&setup));
        let restored = tokio::task::spawn_blocking(move || state.restore_own_facts(&restoring)).await;
        if let Err(error) = restored.map_err(io::Error::other).flatten() {
            let path = setup.own_facts();
            let next =
                "see whether admins, bans and users are the ones of this node; restore them from a backup otherwise";
            tracing::error!(path = %path.display(), reason = %error, next, "own_facts_not_restored");
            return self.found_on_own(setup).await;
        }
        // As long as a start may go on with the join they may be needed again.
        self.found_on_own(Arc::clone(&setup)).await?;
        setup.forget_own_facts();
        Ok(())
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

    async fn found_on_own(&self, setup: Arc<Setup>) -> Result<(), StartError> {
        self.forget_log(&setup)?;
        setup.forget_to_be_admitted()?;
        self.start_part(setup).await
    }

    async fn stop_part(&self) -> Option<Arc<Setup>> {
        self.started().await;
        match self.inner.stage.send_replace(Stage::Starting) {
            Stage::Running(part) => {
                part.consensus.stop().await;
                Some(Arc::clone(&part.setup))
            }
            Stage::LostLog(setup) => Some(setup),
            stage => {
                self.inner.stage.send_replace(stage);
                None
            }
        }
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
        if let Stage::Running(part) = stage {
            self.inner.stage.send_replace(Stage::Given(Arc::clone(&part.setup)));
            part.setup.runtime.block_on(part.consensus.stop());
        }
    }

    /// Goes on with the log that [`Self::give_part`] has closed.
    pub(super) fn take_part_back(&self) {
        let stage = self.inner.stage.borrow().clone();
        let Stage::Given(setup) = stage else { return };
        self.inner.stage.send_replace(Stage::Starting);
        if let Err(error) = setup.runtime.block_on(self.start_part(Arc::clone(&setup))) {
            tracing::error!(reason = %error, next = "restart the daemon", "consensus_not_taken_back");
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
