//! The old process: everything stands still, everything is told, and another goes on.
//!
//! [`give`] runs on a thread that may wait. Until the word "go" all of it can be undone, and [`Undo`] does so whenever
//! it ends early: the new process is ended first, then the stores are opened again, then clients are served again.

use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use emqxd_broker::handover::{Field, SharedRead, SharedWritten, Writer};
use emqxd_broker::{DisconnectReason, Metric};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Handle;

use super::binary::Binary;
use super::call_off::UnderWay;
use super::record::{Begin, Hello, Totals};
use super::wire::{Kind, Record, Wire, WireError};
use crate::cluster::sessions;
use crate::node::NodeShared;
use crate::systemd::socket_name;
use crate::worker::{MovingRecord, WorkerGone};

/// Sessions told by a worker between two turns of its other work. Each has a second descriptor until it is sent.
const PAGE: usize = 64;
/// Retained messages in one record.
const RETAINED_PAGE: usize = 256;
/// Bytes of messages in one record, unless it is a single message: a record is copied whole, and has a limit.
const RETAINED_BYTES: usize = 4 * 1024 * 1024;
/// How long messages on their way between workers, and packets whose permission is being asked for, may take.
const QUIET_TIME: Duration = Duration::from_secs(5);
/// Between two looks whether all is quiet.
const QUIET_INTERVAL: Duration = Duration::from_millis(1);
/// How long moves of sessions between nodes may take to be over: a little longer than a claim.
const MOVES_TIME: Duration = Duration::from_secs(6);
/// How long those who cannot move have to take their good-byes.
const LEAVE_TIME: Duration = Duration::from_secs(3);
/// Between two looks whether they have.
const LEAVE_INTERVAL: Duration = Duration::from_millis(10);
/// From "go" to the first sign of life.
const RUNNING_TIME: Duration = Duration::from_secs(20);

/// What has been handed over.
#[derive(Debug, Clone)]
pub struct Given {
    /// The new process.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// Clients that have noticed nothing.
    pub moved: u64,
    /// Clients that are told to connect again: TLS and WebSocket cannot be moved.
    pub reconnecting: u64,
    /// Sessions, connected or not.
    pub sessions: u64,
    /// Retained messages.
    pub retained: u64,
    /// How long nobody was read from.
    pub frozen: Duration,
}

/// Why nothing was handed over. All goes on as before, except after [`UpgradeError::Lost`].
#[derive(Debug, thiserror::Error)]
pub enum UpgradeError {
    /// What was to go on is none that is run.
    #[error("the binary is not used: {0}")]
    Binary(String),
    /// The new binary says that it cannot start.
    #[error("the new binary does not take the configuration: {}", .0.trim())]
    Check(String),
    /// It reads other formats than ours.
    #[error("the new binary reads hand-over format {0}, this daemon writes {ours}", ours = super::FORMAT)]
    Format(String),
    /// It ended or said no.
    #[error("the new process did not take over: {0}")]
    Refused(String),
    /// Talking to it failed.
    #[error("the new process did not take over: {0}")]
    Wire(#[from] WireError),
    /// Messages are under way all the time.
    #[error("the workers do not come to rest: {0}")]
    Restless(&'static str),
    /// A worker has stopped.
    #[error(transparent)]
    WorkerGone(#[from] WorkerGone),
    /// The node is to stop.
    #[error("the node is told to stop")]
    CalledOff,
    /// The daemon's own files or the system.
    #[error("{0}")]
    Own(String),
    /// The new process ended after the word "go".
    #[error("the new process ended as it began to serve: {0}; this one stops")]
    Lost(String),
}

/// What has to be taken back if it comes to nothing.
struct Undo {
    node: Arc<NodeShared>,
    services: Handle,
    child: Option<Child>,
    is_frozen: bool,
    has_let_go: bool,
}

impl Drop for Undo {
    fn drop(&mut self) {
        // First: two must never serve one client.
        if let Some(child) = &mut self.child {
            let _it_may_have_ended = child.kill();
            let _no_zombie = child.wait();
        }
        if self.has_let_go
            && let Err(error) = self.node.state.take_back()
        {
            tracing::error!(reason = %error, next = "restart the daemon", "state_not_taken_back");
        }
        if self.is_frozen {
            for worker in self.node.workers() {
                let _it_may_have_stopped = self.services.block_on(worker.run(|worker| worker.thaw()));
            }
            self.node.handover.hold.send_replace(false);
        }
        if self.child.is_some() {
            self.node.handover.is_control_given.send_replace(false);
        }
    }
}

/// Hands everything over to a new process; when this returns well, that one serves the clients.
///
/// Blocks. `services` is where the workers' answers are waited for.
///
/// # Errors
/// See [`UpgradeError`].
pub fn give(
    node: &Arc<NodeShared>,
    services: &Handle,
    binary: Option<std::os::fd::OwnedFd>,
    uid: u32,
    time: Duration,
) -> Result<Given, UpgradeError> {
    let deadline = Instant::now() + time;
    let binary = Binary::choose(binary, uid)?;
    binary.check(deadline)?;
    let own = |error: std::io::Error| UpgradeError::Own(error.to_string());
    let (ours, theirs) = UnixStream::pair().map_err(own)?;
    // Let go of behind all that is undone.
    let under_way = node.handover.call_off.begin(&ours).map_err(own)?;
    let under_way = under_way.ok_or(UpgradeError::CalledOff)?;
    let given = give_over(node, services, &binary, theirs, Wire::new(ours, deadline), &under_way);
    match given {
        // What it failed by was our doing.
        Err(_) if node.handover.call_off.is_called_off() && !node.handover.is_done() => Err(UpgradeError::CalledOff),
        given => {
            if node.handover.is_done() {
                // Whoever asked for it may not wait any more; this process ends all the same.
                node.handover.end(given.is_err());
            }
            given
        }
    }
}

fn give_over(
    node: &Arc<NodeShared>,
    services: &Handle,
    binary: &Binary,
    theirs: UnixStream,
    mut wire: Wire,
    under_way: &UnderWay<'_>,
) -> Result<Given, UpgradeError> {
    let mut command = binary.command();
    command.stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
    let child = command
        .spawn()
        .map_err(|error| UpgradeError::Binary(format!("it cannot be run: {error}")))?;
    // Or its end of the pair would stay open here.
    drop(command);
    let pid = child.id();
    let mut undo = Undo {
        node: Arc::clone(node),
        services: services.clone(),
        child: Some(child),
        is_frozen: false,
        has_let_go: false,
    };
    let hello: Hello = read(&expect(&mut wire, Kind::Hello)?)?;
    if hello.format != super::FORMAT {
        return Err(UpgradeError::Format(hello.format.to_string()));
    }
    tracing::info!(level = "notice", pid, version = hello.version, "upgrade_begins");
    let began = Instant::now();
    undo.is_frozen = true;
    freeze(node, services)?;
    let mut totals = Totals::default();
    undo.has_let_go = true;
    node.state.let_go();
    tell(node, services, &mut wire, &mut totals)?;
    expect(&mut wire, Kind::Ready)?;
    if !under_way.commit() {
        return Err(UpgradeError::CalledOff);
    }
    // Who comes between the word and our end would be answered by nobody.
    node.handover.is_control_given.send_replace(true);
    wire.send(Kind::Go, &[], &[])?;
    // From here on nothing is taken back.
    undo.child = None;
    undo.is_frozen = false;
    undo.has_let_go = false;
    node.handover.is_done.store(true, Ordering::Release);
    wire.set_deadline(Instant::now() + RUNNING_TIME);
    if let Err(error) = expect(&mut wire, Kind::Running) {
        tracing::error!(pid, reason = %error, next = "start the daemon anew", "upgrade_lost");
        return Err(UpgradeError::Lost(error.to_string()));
    }
    let frozen = began.elapsed();
    node.service.main_pid(pid);
    for worker in node.workers() {
        // One that has stopped serves nobody.
        let _it_may_have_stopped = services.block_on(worker.run(|worker| worker.let_moved_go()));
    }
    tracing::info!(
        level = "notice",
        pid,
        version = hello.version,
        moved = totals.moved,
        reconnecting = totals.reconnecting,
        sessions = totals.sessions,
        frozen_ms = frozen.as_millis() as u64,
        "upgraded"
    );
    Ok(Given {
        pid,
        version: hello.version,
        moved: totals.moved,
        reconnecting: totals.reconnecting,
        sessions: totals.sessions,
        retained: totals.retained,
        frozen,
    })
}

/// The end of this process: who could not move is told to connect again, which leads to the other one.
pub async fn leave(node: &NodeShared) {
    node.listeners.stop_all();
    let told_and_gone = async {
        for worker in node.workers() {
            let closed = worker.run(|worker| worker.close_connections(None, DisconnectReason::ServerShuttingDown));
            let _it_may_have_stopped = closed.await;
        }
        let mut ticks = tokio::time::interval(LEAVE_INTERVAL);
        while crate::drain::open_connections(node) > 0 {
            ticks.tick().await;
        }
    };
    let _some_may_not_take_it = tokio::time::timeout(LEAVE_TIME, told_and_gone).await;
}

/// Nobody is accepted or read from, no timer fires, and what was under way has arrived.
fn freeze(node: &NodeShared, services: &Handle) -> Result<(), UpgradeError> {
    // Before the workers are told: none accepts anybody after it has been.
    node.handover.hold.send_replace(true);
    wait_for_moves(node)?;
    for worker in node.workers() {
        services.block_on(worker.run(|worker| worker.freeze()))?;
    }
    let deadline = Instant::now() + QUIET_TIME;
    let mut before = None;
    loop {
        let (mut sent, mut received, mut is_at_rest, mut parked) = (0, 0, true, 0);
        for worker in node.workers() {
            // Connections that were on their way between workers have arrived with this, too: commands keep their order.
            let rest = services.block_on(worker.run(|worker| worker.rest()))?;
            sent += rest.mail_sent;
            received += rest.mail_received;
            is_at_rest &= rest.is_at_rest;
            parked += rest.parked;
        }
        // Twice the same, and nothing between sending and receiving: nothing was sent in between either.
        let now = (sent, received);
        if is_at_rest && sent == received && before == Some(now) && parked == 0 {
            return Ok(());
        }
        before = Some(now);
        if node.handover.call_off.is_called_off() {
            return Err(UpgradeError::CalledOff);
        }
        if Instant::now() >= deadline {
            return Err(UpgradeError::Restless(match parked {
                0 => "messages go on between them",
                _ => "answers of authorization servers are awaited",
            }));
        }
        std::thread::sleep(QUIET_INTERVAL);
    }
}

/// Sessions that are just moving between nodes arrive first; no others begin to.
fn wait_for_moves(node: &NodeShared) -> Result<(), UpgradeError> {
    let deadline = Instant::now() + MOVES_TIME;
    while sessions::has_moves(node) {
        if node.handover.call_off.is_called_off() {
            return Err(UpgradeError::CalledOff);
        }
        if Instant::now() >= deadline {
            return Err(UpgradeError::Restless("sessions are moving between nodes"));
        }
        std::thread::sleep(QUIET_INTERVAL);
    }
    Ok(())
}

fn tell(node: &NodeShared, services: &Handle, wire: &mut Wire, totals: &mut Totals) -> Result<(), UpgradeError> {
    let mut shared = SharedWritten::default();
    tell_beginning(node, wire, &mut shared)?;
    for (id, socket) in node.listeners.sockets() {
        let record = written(&mut shared, &socket_name(&id));
        wire.send(Kind::Listener, &record, &[socket.as_fd()])?;
    }
    for worker in node.workers() {
        let mut next = Some(0);
        while let Some(from) = next {
            let job = worker.run(move |worker| {
                let (records, next) = worker.export_sessions(from, PAGE, &mut shared);
                (records, next, shared)
            });
            let records;
            (records, next, shared) = services.block_on(job)?;
            for record in records {
                totals.sessions += 1;
                totals.moved += u64::from(record.socket.is_some());
                totals.reconnecting += u64::from(record.is_connected && record.socket.is_none());
                send_moving(wire, Kind::Session, &record)?;
            }
        }
        let job = worker.run(move |worker| {
            let records = worker.export_newcomers(&mut shared);
            (records, shared)
        });
        let records;
        (records, shared) = services.block_on(job)?;
        for record in records {
            totals.newcomers += 1;
            send_moving(wire, Kind::Newcomer, &record)?;
        }
    }
    let mut after = None;
    loop {
        let page = node.retained.export_page(after.as_deref(), RETAINED_PAGE);
        let Some(last) = page.last() else { break };
        after = Some(last.topic.clone());
        totals.retained += page.iter().filter(|row| row.message.is_some()).count() as u64;
        for part in parts(page, |row| row.message.as_ref().map_or(0, |message| message.size())) {
            wire.send(Kind::Retained, &written(&mut shared, &part), &[])?;
        }
    }
    let counted = Metric::ALL.iter().map(|metric| {
        let sum: u64 = node.counters.metrics.iter().map(|metrics| metrics.get(*metric)).sum();
        (metric.name().to_owned(), sum)
    });
    let counted: Vec<(String, u64)> = counted.collect();
    wire.send(Kind::Metrics, &written(&mut shared, &counted), &[])?;
    wire.send(Kind::End, &written(&mut shared, totals), &[])?;
    Ok(())
}

/// The same in their order, none of the parts above [`RETAINED_BYTES`] but those of one.
fn parts<T>(page: Vec<T>, size: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0;
    for each in page {
        bytes += size(&each);
        match parts.last_mut() {
            Some(part) if bytes <= RETAINED_BYTES => part.push(each),
            _ => {
                bytes = size(&each);
                parts.push(vec![each]);
            }
        }
    }
    parts
}

fn tell_beginning(node: &NodeShared, wire: &mut Wire, shared: &mut SharedWritten) -> Result<(), UpgradeError> {
    let missing = |what: &str| UpgradeError::Own(format!("{what} is not there"));
    let locks = node.handover.locks.lock();
    let data_dir = locks
        .data_dir
        .as_ref()
        .ok_or_else(|| missing("the lock of the data folder"))?;
    let control = locks.control.as_ref().ok_or_else(|| missing("the control socket"))?;
    let path = control
        .listener
        .local_addr()
        .ok()
        .and_then(|address| Some(address.as_pathname()?.to_string_lossy().into_owned()));
    let begin = Begin {
        node: node.config.node.name.clone(),
        clock_origin: monotonic_ns().saturating_sub(node.clock.elapsed_ns()),
        data_dir: node.config.node.data_dir.to_string_lossy().into_owned(),
        control_socket: path.ok_or_else(|| missing("the name of the control socket"))?,
        lease_until: node.cluster.lease.until(),
    };
    let descriptors = [data_dir.as_fd(), control.listener.as_fd(), control.lock.as_fd()];
    wire.send(Kind::Begin, &written(shared, &begin), &descriptors)?;
    Ok(())
}

fn send_moving(wire: &mut Wire, kind: Kind, record: &MovingRecord) -> Result<(), WireError> {
    let socket = record.socket.as_ref().map(AsFd::as_fd);
    wire.send(kind, &record.bytes, socket.as_slice())
}

/// The next record, which is to be of this kind.
pub(super) fn expect(wire: &mut Wire, kind: Kind) -> Result<Record, UpgradeError> {
    let record = wire.receive()?;
    match record.kind {
        each if each == kind => Ok(record),
        Kind::Refused => Err(UpgradeError::Refused(
            String::from_utf8_lossy(&record.bytes).into_owned(),
        )),
        _ => Err(WireError::Damaged("a record out of order").into()),
    }
}

/// What a record that stands for itself says.
fn read<T: Field>(record: &Record) -> Result<T, UpgradeError> {
    let mut shared = SharedRead::default();
    let mut reader = emqxd_broker::handover::Reader::new(&record.bytes, &mut shared);
    reader
        .take()
        .map_err(|_| WireError::Damaged("a record that is none").into())
}

pub(super) fn written(shared: &mut SharedWritten, field: &impl Field) -> Vec<u8> {
    let mut writer = Writer::new(shared);
    writer.put(field);
    writer.into_bytes()
}

/// The system's monotonic clock, the same for both processes.
pub(super) fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    seconds.saturating_mul(1_000_000_000) + u64::try_from(now.tv_nsec).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_large_messages_is_sent_in_parts() {
        let sizes = [
            1,
            RETAINED_BYTES - 1,
            1,
            3 * RETAINED_BYTES,
            2,
            RETAINED_BYTES / 2,
            RETAINED_BYTES / 2,
        ];
        let parts = parts(sizes.to_vec(), |size| *size);
        assert_eq!(parts.concat(), sizes);
        let lens: Vec<usize> = parts.iter().map(Vec::len).collect();
        assert_eq!(lens, [2, 1, 1, 2, 1]);
        assert!(super::parts(Vec::<usize>::new(), |size| *size).is_empty());
    }
}
