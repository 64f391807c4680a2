//! The new process: takes in what the old one tells, says so, and goes on at its word.
//!
//! Until then nothing here reads from or writes to a client: workers start standing still, listeners hold.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use emqxd_broker::handover::{Field, Malformed, Reader, SessionState, SharedRead, SharedWritten};
use emqxd_broker::{Metric, RetainedRow};
use parking_lot::Mutex;

use super::ControlParts;
use super::give::{UpgradeError, expect, monotonic_ns, written};
use super::record::{Begin, ConnectionState, Hello, Totals};
use super::wire::{Kind, Record, Wire, WireError};
use crate::clock::Clock;
use crate::node::NodeShared;
use crate::worker::{Incoming, WorkerGone, WorkerState, owner_of};

/// Sessions given to a worker at once.
const BATCH: usize = 256;
/// For all of it; the old process has a deadline of its own, and ends us when that is over.
const TIME_MAX: Duration = Duration::from_secs(300);

/// How long the other process is waited for before the service manager is told that this one is ready: it has to tell
/// first that this one is the daemon.
const ALONE_TIME_MAX: Duration = Duration::from_secs(2);

/// Why this process cannot go on with what another had.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// Nobody hands anything over.
    #[error("--take-over is what a running emqxd starts another with (`emqx-ctl upgrade`), and nothing else")]
    NotStartedByUs,
    /// The other process does not go on.
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
    /// It is damaged.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A setting does not allow it.
    #[error("{0}")]
    Setting(String),
    /// A worker has stopped.
    #[error(transparent)]
    WorkerGone(#[from] WorkerGone),
    /// A session or connection was not taken in.
    #[error("{0}")]
    Import(String),
}

impl From<WireError> for TakeError {
    fn from(error: WireError) -> Self {
        Self::Upgrade(error.into())
    }
}

/// The other process, seen from the new one.
#[derive(Debug)]
pub struct TakeOver {
    wire: Mutex<Wire>,
    begin: Mutex<Option<Beginning>>,
}

/// What has come with the first record.
#[derive(Debug)]
struct Beginning {
    said: Begin,
    data_dir: Option<File>,
    control: Option<ControlParts>,
}

impl TakeOver {
    /// The process that has started this one, at the other end of stdin.
    ///
    /// # Errors
    /// Stdin is no such thing.
    pub fn from_stdin() -> Result<Self, TakeError> {
        let stdin = std::io::stdin().as_fd().try_clone_to_owned();
        let socket = UnixStream::from(stdin.map_err(|_| TakeError::NotStartedByUs)?);
        // An unnamed socket with a peer; a file, a terminal or a pipe has none.
        let is_pair = socket.peer_addr().is_ok_and(|address| address.is_unnamed());
        if !is_pair {
            return Err(TakeError::NotStartedByUs);
        }
        // One that was started through a descriptor has its number for a name, and who looks for `emqxd` finds none.
        let _not_vital = std::fs::write("/proc/self/comm", crate::SYSDESCR);
        Ok(Self {
            wire: Mutex::new(Wire::new(socket, Instant::now() + TIME_MAX)),
            begin: Mutex::new(None),
        })
    }

    /// Says who we are, and waits until the other stands still.
    ///
    /// # Errors
    /// It has gone, or has another node's state.
    pub fn begin(&self, node: &str, data_dir: &Path) -> Result<(), TakeError> {
        let mut wire = self.wire.lock();
        let hello = Hello {
            format: super::FORMAT,
            version: crate::VERSION.to_owned(),
        };
        wire.send(Kind::Hello, &written(&mut SharedWritten::default(), &hello), &[])?;
        let mut record = expect(&mut wire, Kind::Begin)?;
        let said: Begin = read(&record, &mut SharedRead::default())?;
        if said.node != node {
            return Err(TakeError::Setting(format!(
                "node.name is {node} in the configuration, {} in the process that runs: that takes a restart",
                said.node
            )));
        }
        if said.data_dir != data_dir.to_string_lossy() {
            return Err(TakeError::Setting(format!(
                "node.data_dir is {} in the configuration, {} in the process that runs: that takes a restart",
                data_dir.display(),
                said.data_dir
            )));
        }
        let mut next = || {
            record
                .descriptors
                .pop_front()
                .ok_or(Malformed("a descriptor is missing"))
        };
        let (lock, control, control_lock) = (next()?, next()?, next()?);
        *self.begin.lock() = Some(Beginning {
            said,
            data_dir: Some(File::from(lock)),
            control: Some(ControlParts {
                listener: UnixListener::from(control),
                lock: File::from(control_lock),
            }),
        });
        Ok(())
    }

    /// The lock of the data folder, from whom had it.
    pub fn data_dir_lock(&self) -> Option<File> {
        self.begin.lock().as_mut()?.data_dir.take()
    }

    /// The clock of the other process, which goes on.
    pub fn clock(&self) -> Clock {
        let origin = self.begin.lock().as_ref().map(|begin| begin.said.clock_origin);
        let elapsed = origin.map_or(0, |origin| monotonic_ns().saturating_sub(origin));
        Clock::started_ago(Duration::from_nanos(elapsed))
    }

    /// The control socket, if it is at this path; else the other process keeps it to its end.
    pub fn control(&self, path: &Path) -> Option<ControlParts> {
        let mut begin = self.begin.lock();
        let begin = begin.as_mut()?;
        // Kept, it would go on to listen at the old place, and nobody would answer there.
        let parts = begin.control.take()?;
        (Path::new(&begin.said.control_socket) == path).then_some(parts)
    }

    /// Whether the clients may have kept sessions still.
    pub fn take_lease(&self, node: &NodeShared) {
        let until = self.begin.lock().as_ref().map_or(0, |begin| begin.said.lease_until);
        if let Some(own) = node.cluster.own() {
            node.cluster.lease.take_over(own.id, until);
        }
    }

    /// Takes the listening sockets, which stand before all others, and leaves the first record behind them.
    ///
    /// # Errors
    /// The other process has gone, or what it says is damaged.
    pub fn take_listeners(&self, node: &NodeShared) -> Result<First, TakeError> {
        let mut wire = self.wire.lock();
        loop {
            let mut record = receive(&mut wire)?;
            if record.kind != Kind::Listener {
                return Ok(First(record));
            }
            let name: String = read(&record, &mut SharedRead::default())?;
            let socket = record.descriptors.pop_front();
            let socket = socket.ok_or(Malformed("a listening socket is missing"))?;
            node.listeners.inherited.insert(name, socket);
        }
    }

    /// Takes in all the rest, then waits for the word to go on.
    ///
    /// # Errors
    /// See [`TakeError`]; this process is of no use then.
    pub async fn take_all(&self, node: &Arc<NodeShared>, first: First) -> Result<(), TakeError> {
        let mut intake = Intake::new(node);
        let mut next = Some(first.0);
        let totals: Totals = loop {
            let record = match next.take() {
                Some(record) => record,
                None => receive(&mut self.wire.lock())?,
            };
            match record.kind {
                Kind::Session => intake.session(record).await?,
                Kind::Newcomer => intake.newcomer(record).await?,
                Kind::Retained => intake.retained(&record)?,
                Kind::Metrics => intake.metrics(&record)?,
                Kind::End => break read(&record, &mut intake.shared)?,
                _ => return Err(WireError::Damaged("a record out of order").into()),
            }
        };
        intake.finish().await?;
        if intake.totals != totals {
            return Err(TakeError::Import(format!(
                "{:?} were taken in of {totals:?}",
                intake.totals
            )));
        }
        let mut wire = self.wire.lock();
        wire.send(Kind::Ready, &[], &[])?;
        expect(&mut wire, Kind::Go)?;
        Ok(())
    }

    /// Serves the clients from now on, and returns when the other process says no more.
    pub async fn go_on(&self, node: &NodeShared) {
        for worker in node.workers() {
            let _it_may_have_stopped = worker.run(|worker| worker.thaw()).await;
        }
        node.handover.hold.send_replace(false);
        let mut wire = self.wire.lock();
        // Whoever does not hear it any more has ended without it.
        let _the_other_may_have_ended = wire.send(Kind::Running, &[], &[]);
        wire.set_deadline(Instant::now() + ALONE_TIME_MAX);
        let _closed_or_too_late = wire.receive();
    }

    /// Lets go of stdin, which nobody is at the other end of any more.
    pub fn close_stdin(&self) {
        if let Ok(nothing) = File::open("/dev/null") {
            let _it_stays = rustix::stdio::dup2_stdin(nothing);
        }
    }

    /// It cannot be done.
    pub fn refuse(&self, why: &str) {
        let _the_other_may_have_ended = self.wire.lock().send(Kind::Refused, why.as_bytes(), &[]);
        let _nobody_may_read = std::io::stderr().flush();
    }
}

/// The record behind those of the listening sockets.
#[derive(Debug)]
pub struct First(Record);

/// What is being taken in.
struct Intake<'a> {
    node: &'a Arc<NodeShared>,
    shared: SharedRead,
    totals: Totals,
    /// By worker.
    batches: Vec<Vec<Incoming>>,
    /// Sessions whose connections cannot move: they end once everybody is there.
    reconnecting: Vec<SessionState>,
}

impl<'a> Intake<'a> {
    fn new(node: &'a Arc<NodeShared>) -> Self {
        Self {
            node,
            shared: SharedRead::default(),
            totals: Totals::default(),
            batches: node.workers().iter().map(|_| Vec::new()).collect(),
            reconnecting: Vec::new(),
        }
    }

    async fn session(&mut self, mut record: Record) -> Result<(), TakeError> {
        let (session, connection): (SessionState, Option<ConnectionState>) = read(&record, &mut self.shared)?;
        let owner = owner_of(&session.client_id, self.batches.len());
        self.totals.sessions += 1;
        let connection = match (session.is_connected(), connection) {
            (true, Some(connection)) => {
                self.totals.moved += 1;
                Some((connection, socket_of(&mut record)?))
            }
            (true, None) => {
                self.totals.reconnecting += 1;
                self.reconnecting.push(session);
                return Ok(());
            }
            (false, _) => None,
        };
        let incoming = Incoming {
            session: Some(session),
            connection,
        };
        self.push(usize::from(owner), incoming).await
    }

    async fn newcomer(&mut self, mut record: Record) -> Result<(), TakeError> {
        let connection: ConnectionState = read(&record, &mut self.shared)?;
        let worker = self.totals.newcomers as usize % self.batches.len();
        self.totals.newcomers += 1;
        let incoming = Incoming {
            session: None,
            connection: Some((connection, socket_of(&mut record)?)),
        };
        self.push(worker, incoming).await
    }

    fn retained(&mut self, record: &Record) -> Result<(), TakeError> {
        let page: Vec<RetainedRow> = read(record, &mut self.shared)?;
        self.totals.retained += page.iter().filter(|row| row.message.is_some()).count() as u64;
        for row in page {
            self.node.retained.restore(row);
        }
        Ok(())
    }

    /// They go on with the first worker's; one that this version does not know is forgotten.
    fn metrics(&mut self, record: &Record) -> Result<(), TakeError> {
        let counted: Vec<(String, u64)> = read(record, &mut self.shared)?;
        let by_name: HashMap<&str, Metric> = Metric::ALL.iter().map(|metric| (metric.name(), *metric)).collect();
        for (name, count) in counted {
            if let (Some(metric), Some(metrics)) = (by_name.get(&*name), self.node.counters.metrics.first()) {
                metrics.add(*metric, count);
            }
        }
        Ok(())
    }

    async fn push(&mut self, worker: usize, incoming: Incoming) -> Result<(), TakeError> {
        let Some(batch) = self.batches.get_mut(worker) else {
            return Err(TakeError::WorkerGone(WorkerGone));
        };
        batch.push(incoming);
        if batch.len() >= BATCH {
            self.flush(worker).await?;
        }
        Ok(())
    }

    async fn flush(&mut self, worker: usize) -> Result<(), TakeError> {
        let batch = std::mem::take(&mut self.batches[worker]);
        let taken = self.node.workers()[worker].run_with(move |worker| WorkerState::take_in(worker, batch));
        taken.await?.map_err(TakeError::Import)
    }

    async fn finish(&mut self) -> Result<(), TakeError> {
        for worker in 0..self.batches.len() {
            self.flush(worker).await?;
        }
        let mut ended: Vec<Vec<SessionState>> = self.batches.iter().map(|_| Vec::new()).collect();
        for session in std::mem::take(&mut self.reconnecting) {
            ended[usize::from(owner_of(&session.client_id, self.batches.len()))].push(session);
        }
        for (worker, mut sessions) in self.node.workers().iter().zip(ended) {
            while !sessions.is_empty() {
                let batch = sessions.split_off(sessions.len().saturating_sub(BATCH));
                let taken = worker.run(move |worker| batch.into_iter().try_for_each(|each| worker.take_in_ended(each)));
                taken.await?.map_err(TakeError::Import)?;
            }
        }
        Ok(())
    }
}

fn socket_of(record: &mut Record) -> Result<OwnedFd, Malformed> {
    record.descriptors.pop_front().ok_or(Malformed("a socket is missing"))
}

fn receive(wire: &mut Wire) -> Result<Record, TakeError> {
    Ok(wire.receive()?)
}

fn read<T: Field>(record: &Record, shared: &mut SharedRead) -> Result<T, Malformed> {
    let mut reader = Reader::new(&record.bytes, shared);
    let field = reader.take()?;
    reader.finish()?;
    Ok(field)
}
