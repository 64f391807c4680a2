//! Data workers: one thread a core, each the only owner of its connections, sessions and subscriptions.
//!
//! A worker runs a single-threaded runtime. [`WorkerState`] holds all it owns; every task of the worker borrows it
//! for one turn and never across an `.await`. Others reach it through [`WorkerHandle`]: mail from other workers,
//! and closures to run for operators, both over bounded channels.
//!
//! | file | what |
//! | --- | --- |
//! | `arrival.rs` | a connection on its way in |
//! | `connection.rs` | one connection and its task: read, rules, write, once a turn |
//! | `receive.rs`, `transmit.rs` | the two halves of a turn |
//! | `backlog.rs` | received bytes that wait |
//! | `handshake.rs` | before CONNECT, and the hand-over to the worker that owns the client |
//! | `effects.rs` | carries out what the rules say |
//! | `finish.rs` | the end of a connection: log, counters, `$SYS`, the list of closed connections |
//! | `leaving.rs` | connections that are let go a few at a time |
//! | `long_turns.rs` | goes on with those who need more than a turn, a slice at a time |
//! | `fan_out.rs` | the many receivers of one message, waiting to be written |
//! | `moving.rs` | standing still, and clients that another process goes on with |
//! | `outbox.rs` | mail to other workers, in batches |
//! | `out_buffer.rs`, `frame_cache.rs` | bytes to a socket; one encoding for many receivers |
//! | `authenticating.rs` | clients that are being asked who they are |
//! | `authorization.rs` | packets that wait for an answer whether their client may do that |
//! | `packet_text.rs` | packets as the debug log shows them |
//! | `rate_limit.rs` | token buckets |
//! | `trace.rs` | events of connections for traces |

mod arrival;
mod authenticating;
mod authorization;
mod backlog;
mod claiming;
mod connection;
mod effects;
mod events;
mod fan_out;
mod finish;
mod frame_cache;
mod handshake;
mod leaving;
mod long_turns;
mod moving;
mod out_buffer;
mod outbox;
mod packet_text;
mod rate_limit;
mod receive;
mod trace;
mod transmit;

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use emqxd_broker::{
    ConnectionKey, DisconnectReason, Effect, Gauges, Mail, Metrics, MqttConfig, Shard, TICK_MS, Time, Timers, WorkerId,
};
use slab::Slab;
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;

pub(crate) use self::arrival::Arrival;
use self::authenticating::Reauthenticating;
use self::connection::{Connection, ConnectionTimer};
pub(crate) use self::events::sys_message;
use self::fan_out::FanOut;
use self::frame_cache::FrameCache;
pub use self::handshake::Handover;
pub(crate) use self::handshake::owner_of;
pub use self::leaving::Leaving;
use self::long_turns::{LongTurns, go_on};
pub use self::moving::MovingRecord;
pub(crate) use self::moving::{Incoming, Pace};
use self::out_buffer::BufferPool;
use self::outbox::{Outbox, post};
pub use self::rate_limit::TokenBucket;
use crate::clock::Clock;
use crate::closed_connections::Traffic;
use crate::cluster::lanes::{PeerLanes, follow_peers};
use crate::listener::{BoundListener, Listener, PANICS, accept_loop};
use crate::node::NodeShared;
use crate::trace::Tracer;

/// Batches of mail that may wait for a worker, from all others together. A sender that finds no room keeps its
/// mail and stops reading from its own clients.
const MAIL_BATCHES_MAX: usize = 256;
/// Commands that may wait for a worker.
const COMMANDS_MAX: usize = 1024;

/// A shared borrow of a worker's state by its own tasks.
pub(crate) type Worker = Rc<RefCell<WorkerState>>;

/// Something to run on a worker's thread.
type Job = Box<dyn FnOnce(&Worker) + Send>;

/// What a worker is asked to do.
pub enum Command {
    /// Take over a connection whose client belongs here.
    Adopt(Box<Handover>),
    /// Run this.
    Run(Job),
    /// Stop; all tasks are dropped.
    Stop,
}

/// The way to a worker from other threads.
#[derive(Debug, Clone)]
pub struct WorkerHandle {
    /// Mail from other workers.
    pub(crate) mail: mpsc::Sender<Vec<Mail>>,
    /// Commands.
    pub(crate) commands: mpsc::Sender<Command>,
}

/// The worker did not take or answer a command: it has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a data worker has stopped")]
pub struct WorkerGone;

/// The receiving ends of a [`WorkerHandle`].
pub struct WorkerInbox {
    mail: mpsc::Receiver<Vec<Mail>>,
    commands: mpsc::Receiver<Command>,
}

impl WorkerHandle {
    /// A handle and the inbox that [`run`] takes.
    pub fn new() -> (Self, WorkerInbox) {
        let (mail, mail_inbox) = mpsc::channel(MAIL_BATCHES_MAX);
        let (commands, commands_inbox) = mpsc::channel(COMMANDS_MAX);
        (
            Self { mail, commands },
            WorkerInbox {
                mail: mail_inbox,
                commands: commands_inbox,
            },
        )
    }

    /// Runs `act` on the worker's thread and returns what it returned.
    pub async fn run<R: Send + 'static>(
        &self,
        act: impl FnOnce(&mut WorkerState) -> R + Send + 'static,
    ) -> Result<R, WorkerGone> {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |worker| {
            let _asker_may_be_gone = answer.send(act(&mut worker.borrow_mut()));
        });
        self.commands.send(Command::Run(job)).await.map_err(|_| WorkerGone)?;
        result.await.map_err(|_| WorkerGone)
    }

    /// As [`Self::run`], for what starts tasks of the worker.
    pub(crate) async fn run_with<R: Send + 'static>(
        &self,
        act: impl FnOnce(&Worker) -> R + Send + 'static,
    ) -> Result<R, WorkerGone> {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |worker| {
            let _asker_may_be_gone = answer.send(act(worker));
        });
        self.commands.send(Command::Run(job)).await.map_err(|_| WorkerGone)?;
        result.await.map_err(|_| WorkerGone)
    }

    /// Starts an accept loop of a listener on this worker.
    pub async fn accept(&self, socket: std::net::TcpListener, listener: Arc<Listener>) -> Result<(), WorkerGone> {
        let job: Job = Box::new(move |worker| {
            let worker = Rc::clone(worker);
            let clock = worker.borrow().clock.clone();
            let hold = worker.borrow().node.handover.hold();
            tokio::task::spawn_local(accept_loop(socket, listener, clock, hold, move |accepted| {
                WorkerState::serve(&worker, accepted);
            }));
        });
        self.commands.send(Command::Run(job)).await.map_err(|_| WorkerGone)
    }
}

/// Starts the accept loops of a bound listener, one on each of as many workers as it has sockets.
pub async fn start_accepting(bound: BoundListener, workers: &[WorkerHandle]) -> Result<(), WorkerGone> {
    for (socket, worker) in bound.sockets.into_iter().zip(workers.iter().cycle()) {
        worker.accept(socket, Arc::clone(&bound.listener)).await?;
    }
    Ok(())
}

/// All that a worker owns.
pub struct WorkerState {
    pub(crate) id: u16,
    pub(crate) shard: Shard,
    pub(crate) connections: Slab<Box<Connection>>,
    /// Filled by the shard, emptied by `effects.rs`.
    pub(crate) effects: Vec<Effect>,
    /// What sockets are read into; packets are slices of it.
    pub(crate) read_buffer: BytesMut,
    pub(crate) buffers: BufferPool,
    pub(crate) frames: FrameCache,
    pub(crate) outbox: Outbox,
    /// To other nodes.
    pub(crate) lanes: PeerLanes,
    pub(crate) long_turns: LongTurns,
    pub(crate) fan_out: FanOut,
    /// Connections that this turn has found to belong to other workers.
    pub(crate) handovers: Vec<(WorkerId, Box<Handover>)>,
    pub(crate) timers: Timers<ConnectionTimer>,
    /// Connections accepted here that may still be waiting for CONNECT: until when, key, serial.
    pub(crate) handshakes: VecDeque<(Time, usize, u64)>,
    pub(crate) metrics: Arc<Metrics>,
    /// `mqtt.idle_timeout`: how long a new connection may take to send CONNECT.
    pub(crate) idle_timeout: Duration,
    pub(crate) node: Arc<NodeShared>,
    pub(crate) clock: Clock,
    /// Of the last connection; never reused.
    pub(crate) serial: u64,
    /// Open connections that authenticate anew, by key.
    pub(crate) reauthenticating: HashMap<usize, Reauthenticating>,
    /// Packets and deliveries of the turn so far.
    pub(crate) work: usize,
    /// When so much work is done, a turn looks at the clock.
    pub(crate) next_look: usize,
    /// When the turn began.
    pub(crate) work_began: Instant,
    /// How long it may take.
    pub(crate) turn_time: Duration,
    /// The effects that are being carried out are many: receivers queue in `fan_out`.
    pub(crate) is_fan_out: bool,
    /// The connection whose turn it is: it writes at the end of its turn and need not be woken.
    pub(crate) current: Option<usize>,
    /// While traces run.
    pub(crate) tracer: Option<Rc<Tracer>>,
    /// Of the last change of traces.
    pub(crate) traces_version: u64,
    /// Pieces of mail of a batch that wait for the next turn.
    pub(crate) mail_left: usize,
    /// The node stops: what clients publish is passed over, without an acknowledgement.
    pub(crate) is_deaf_to_publishes: bool,
    /// Whether clients are served.
    pub(crate) pace: Pace,
    /// Batches of mail worked off, ever.
    pub(crate) mail_received: u64,
}

impl WorkerState {
    fn new(id: u16, shard: Shard, metrics: Arc<Metrics>, node: Arc<NodeShared>, workers: Vec<WorkerHandle>) -> Self {
        let pace = match node.handover.is_held() {
            true => Pace::Frozen,
            false => Pace::Running,
        };
        Self {
            id,
            shard,
            connections: Slab::new(),
            effects: Vec::new(),
            read_buffer: BytesMut::new(),
            buffers: BufferPool::default(),
            frames: FrameCache::default(),
            outbox: Outbox::new(workers),
            lanes: PeerLanes::default(),
            long_turns: LongTurns::default(),
            fan_out: FanOut::default(),
            handovers: Vec::new(),
            timers: Timers::default(),
            handshakes: VecDeque::new(),
            metrics,
            clock: node.clock.clone(),
            idle_timeout: node.config.idle_timeout,
            node,
            serial: 0,
            reauthenticating: HashMap::new(),
            work: 0,
            next_look: 0,
            work_began: Instant::now(),
            turn_time: Duration::ZERO,
            is_fan_out: false,
            current: None,
            tracer: None,
            traces_version: 0,
            mail_left: 0,
            is_deaf_to_publishes: false,
            pace,
            mail_received: 0,
        }
    }

    /// Lets `act` use the shard and carries out what it asks for.
    pub fn with_shard<R>(&mut self, act: impl FnOnce(&mut Shard, Time, &mut Vec<Effect>) -> R) -> R {
        let now = self.clock.now();
        let result = act(&mut self.shard, now, &mut self.effects);
        self.apply_effects(now);
        result
    }

    /// Another process goes on with what this one has, or is about to: nothing may be changed here.
    pub fn is_standing_still(&self) -> bool {
        self.pace != Pace::Running
    }

    /// What went over a connection so far.
    pub fn traffic(&self, connection: ConnectionKey) -> Option<Traffic> {
        self.connections
            .get(connection.0 as usize)
            .map(|connection| connection.traffic)
    }

    /// The load balancer or proxy that told the address of a connection's client.
    pub fn proxied_by(&self, connection: ConnectionKey) -> Option<SocketAddr> {
        let connection = self.connections.get(connection.0 as usize)?;
        connection.origin.as_ref()?.proxied_by
    }

    /// How often a connection was not read for a while because of a rate.
    pub fn pauses(&self, connection: ConnectionKey) -> u64 {
        let connection = self.connections.get(connection.0 as usize);
        let limits = connection.and_then(|connection| connection.limits.as_deref());
        limits.map_or(0, |limits| limits.pauses)
    }

    /// Ends all connections of a listener, or all there are.
    pub fn close_connections(&mut self, listener: Option<&Arc<Listener>>, reason: DisconnectReason) {
        let keys: Vec<usize> = self
            .connections
            .iter()
            .filter(|(_, connection)| listener.is_none_or(|listener| Arc::ptr_eq(listener, connection.listener())))
            .map(|(key, _)| key)
            .collect();
        let now = self.clock.now();
        for key in keys {
            self.end_connection(key, reason, None, now);
        }
        self.apply_effects(now);
    }

    /// New settings, for connections from now on; what is in force on open ones stays until they end.
    pub fn set_rules(&mut self, mqtt: Arc<MqttConfig>, idle_timeout: Duration) {
        self.shard.set_config(mqtt);
        self.idle_timeout = idle_timeout;
    }

    /// Takes as much mail as one turn may work through.
    fn on_mail(&mut self, mail: &mut std::vec::IntoIter<Mail>) {
        let now = self.clock.now();
        self.begin_work();
        while !self.is_work_done()
            && let Some(mail) = mail.next()
        {
            self.shard.on_mail(mail, now, &mut self.effects);
            self.apply_effects_if_many(now);
        }
        self.apply_effects(now);
        self.mail_left = mail.len();
    }

    fn on_tick(&mut self) {
        let now = self.clock.now();
        match self.pace {
            Pace::Running => {}
            Pace::Frozen => return,
            Pace::Leaving => {
                // The rules are another process's.
                self.expire_connection_timers(now);
                return;
            }
        }
        self.shard.on_wakeup(now, &mut self.effects);
        self.apply_effects(now);
        self.expire_connection_timers(now);
        self.expire_handshakes(now);
        self.apply_effects(now);
        if let Some(tracer) = &self.tracer {
            tracer.flush();
        }
    }
}

/// Runs a worker on the calling thread until it is told to stop. `report` hears whether it has started.
pub fn run(
    id: u16,
    shard: Shard,
    metrics: Arc<Metrics>,
    node: Arc<NodeShared>,
    workers: Vec<WorkerHandle>,
    inbox: WorkerInbox,
    report: &std::sync::mpsc::Sender<std::io::Result<()>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build();
    let (runtime, result) = match runtime {
        Ok(runtime) => (Some(runtime), Ok(())),
        Err(error) => (None, Err(error)),
    };
    let _the_node_waits_for_it = report.send(result);
    let Some(runtime) = runtime else { return };
    let local = LocalSet::new();
    let worker: Worker = Rc::new(RefCell::new(WorkerState::new(id, shard, metrics, node, workers)));
    local.block_on(&runtime, async move {
        tokio::task::spawn_local(receive_mail(Rc::clone(&worker), inbox.mail));
        tokio::task::spawn_local(tick(Rc::clone(&worker)));
        tokio::task::spawn_local(post(Rc::clone(&worker)));
        tokio::task::spawn_local(follow_peers(Rc::clone(&worker)));
        tokio::task::spawn_local(go_on(Rc::clone(&worker)));
        obey(worker, inbox.commands).await;
    });
}

async fn receive_mail(worker: Worker, mut inbox: mpsc::Receiver<Vec<Mail>>) {
    while let Some(batch) = inbox.recv().await {
        let mut mail = batch.into_iter();
        while mail.len() > 0 {
            guarded(&worker, |state| state.on_mail(&mut mail));
            // Others have their turn.
            tokio::task::yield_now().await;
        }
        worker.borrow_mut().mail_received += 1;
    }
}

async fn tick(worker: Worker) {
    let mut ticks = tokio::time::interval(Duration::from_millis(TICK_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        guarded(&worker, WorkerState::on_tick);
    }
}

async fn obey(worker: Worker, mut commands: mpsc::Receiver<Command>) {
    while let Some(command) = commands.recv().await {
        match command {
            Command::Adopt(handover) => WorkerState::adopt(&worker, *handover),
            Command::Run(job) => {
                if catch_unwind(AssertUnwindSafe(|| job(&worker))).is_err() {
                    PANICS.fetch_add(1, Ordering::Relaxed);
                    tracing::error!("worker_job_crashed");
                }
            }
            Command::Stop => return,
        }
    }
}

/// Runs a turn that belongs to no connection. A panic in it is counted and costs what it was about, not the task.
pub(crate) fn guarded(worker: &Worker, turn: impl FnOnce(&mut WorkerState)) {
    let result = catch_unwind(AssertUnwindSafe(|| turn(&mut worker.borrow_mut())));
    if result.is_err() {
        PANICS.fetch_add(1, Ordering::Relaxed);
        tracing::error!("worker_turn_crashed");
        let mut state = worker.borrow_mut();
        state.current = None;
        state.effects.clear();
        state.frames.forget();
        let now = state.clock.now();
        state.end_orphans(now);
    }
}

/// Gauges and counters of all workers, as the node reads them.
#[derive(Debug, Clone, Default)]
pub struct WorkerCounters {
    /// Counters, one set a worker.
    pub metrics: Vec<Arc<Metrics>>,
    /// Gauges, one set a worker.
    pub gauges: Vec<Arc<Gauges>>,
}
