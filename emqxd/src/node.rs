//! The composition root: builds the parts of the node, starts them in order, stops them in order.
//!
//! Start: log, data folder, tables, workers, control socket, listeners; stop: the other way round. What all parts
//! share is [`NodeShared`].

mod build;
mod error;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use emqx_shared::views::{EventKind, NodeState};
use emqxd_broker::{DisconnectReason, MemoryRetainedStore, NodeTables, RetainedStore, WorkerId};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::admins::Admins;
use crate::alarms::Alarms;
use crate::authn::Authentication;
use crate::authz::{self, Authz};
use crate::borrowed_level::BorrowedLevel;
use crate::clock::Clock;
use crate::closed_connections::ClosedConnections;
use crate::cluster::Cluster;
use crate::cluster::sessions::ClientRegistry;
use crate::cluster::streams::Streams;
use crate::config::{Config, ListenerConfig, ListenerKind};
use crate::config_facts::authenticates;
use crate::control::RemoteVerbs;
use crate::data_dir::DataDir;
use crate::drain::Shutdown;
use crate::flapping::FlappingDetector;
use crate::handover::{HandOver, TakeOver};
use crate::license::{self, Licensing};
use crate::listener::{BoundListener, Listener, ListenerError, Listeners};
use crate::log::LogControl;
use crate::malformed_frames::MalformedFrames;
use crate::node_events::NodeEvents;
use crate::node_watch::WorkerDelays;
use crate::reload::Reloads;
use crate::running_config::RunningConfig;
use crate::security_profile::SecurityProfile;
use crate::state::ReplicatedState;
use crate::stats::HighWaterMarks;
use crate::systemd::{InheritedSockets, ServiceManager};
use crate::trace::Traces;
use crate::worker::{Command, WorkerCounters, WorkerHandle, owner_of, start_accepting};
use crate::{
    alarms, banned, cluster, control, drain, flapping, handover, node_watch, reload, signals, sys_topics, systemd,
    trace,
};

use self::build::{build, start_workers};
pub use self::error::RunError;

/// Threads of the services runtime: control socket, timers of the node.
const SERVICE_THREADS: usize = 2;
/// Retained messages looked at in one step of clearing.
const EXPIRED_RETAINED_STEP: usize = 4096;
/// Data workers at most: worker numbers are 16 bits, and no machine needs more.
const WORKERS_MAX: usize = 256;

/// What all parts of the node share.
pub struct NodeShared {
    /// Settings in force since the start.
    pub config: Config,
    /// The file they came from.
    pub config_file: Option<PathBuf>,
    /// The clock of all rules.
    pub clock: Clock,
    /// Listeners and their counts.
    pub listeners: Listeners,
    /// Connections that ended last.
    pub closed: ClosedConnections,
    /// Routes, retained messages, exclusive topics.
    pub tables: NodeTables,
    /// The retained messages again, as the store they are in.
    pub retained: Arc<MemoryRetainedStore>,
    /// Gauges and counters of the workers.
    pub counters: WorkerCounters,
    /// Highest values of the statistics.
    pub high_water_marks: HighWaterMarks,
    /// Levels and handlers of the log.
    pub log: LogControl,
    /// The licence and all that decides about it.
    pub license: Arc<Licensing>,
    /// The other nodes.
    pub cluster: Cluster,
    /// What this node owns told to the others, and what they own.
    pub streams: Streams,
    /// Which of them has which client.
    pub registry: ClientRegistry,
    /// What the cluster agrees on: licence, admins, bans.
    pub state: ReplicatedState,
    /// Who may use the HTTP API.
    pub admins: Admins,
    /// What troubles the node.
    pub alarms: Alarms,
    /// Who clients are.
    pub authentication: Authentication,
    /// Who may publish and subscribe to what.
    pub authz: Authz,
    /// Who comes and goes too often.
    pub flapping: FlappingDetector,
    /// Traces of clients, topics and addresses.
    pub traces: Traces,
    /// What happens, for those who follow it.
    pub events: NodeEvents,
    /// The last frames that could not be decoded.
    pub malformed_frames: MalformedFrames,
    /// The settings in force, as text.
    pub running_config: RunningConfig,
    /// A log level that was set for a while.
    pub borrowed_level: BorrowedLevel,
    /// How late the workers are.
    pub worker_delays: WorkerDelays,
    /// systemd, if it has started us.
    pub service: ServiceManager,
    /// Who wants what was changed on disk taken into use.
    pub reloads: Reloads,
    /// Who wants the node to stop.
    pub shutdown: Shutdown,
    /// Whether another process goes on, or this one goes on with what another had.
    pub handover: HandOver,
    /// What carries out verbs that come from other nodes, once the control socket is served.
    pub remote_verbs: OnceLock<RemoteVerbs>,
    workers: OnceLock<Vec<WorkerHandle>>,
    services: OnceLock<Handle>,
    phase: AtomicU8,
}

impl NodeShared {
    /// All workers, by number.
    pub fn workers(&self) -> &[WorkerHandle] {
        self.workers.get().map_or(&[], Vec::as_slice)
    }

    /// Where tasks run that are no worker's; `None` before the start is that far.
    pub fn services(&self) -> Option<&Handle> {
        self.services.get()
    }

    /// One worker.
    pub fn worker(&self, id: WorkerId) -> Option<&WorkerHandle> {
        self.workers().get(usize::from(id))
    }

    /// The worker that owns a client, connected or not.
    pub fn worker_of(&self, client_id: &str) -> WorkerId {
        owner_of(client_id, self.workers().len())
    }

    /// Random numbers for generated client ids, from the system's random source.
    pub fn random_words(&self) -> [u64; 2] {
        // Each `RandomState` has keys of its own, made from the system's randomness.
        [(); 2].map(|()| RandomState::new().build_hasher().finish())
    }

    /// Starting, started or stopping.
    pub fn state(&self) -> NodeState {
        match self.phase.load(Ordering::Relaxed) {
            0 => NodeState::Starting,
            1 => NodeState::Started,
            _ => NodeState::Stopping,
        }
    }

    /// Whether a listener starts with the node: an operator's word goes before the configuration's.
    pub fn is_enabled(&self, listener: &ListenerConfig) -> bool {
        let switched = self.state.look().listeners.get(&listener.id).copied();
        switched.unwrap_or(listener.enable)
    }

    /// Binds a listener and starts accepting on the workers.
    ///
    /// # Errors
    /// See [`Listeners::start`].
    pub async fn start_listener(&self, id: &str) -> Result<(), ListenerError> {
        let acceptors = self.listeners.get(id).map_or(1, |status| status.config.acceptors);
        let copies = acceptors.clamp(1, self.workers().len().max(1));
        let bound: BoundListener = self.listeners.start(id, copies, &self.clock)?;
        let (listener, address) = (Arc::clone(&bound.listener), bound.listener.address);
        // Workers stop only when the node does; then nobody is left to accept for.
        if start_accepting(bound, self.workers()).await.is_err() {
            tracing::warn!(listener = %listener.id, "listener_started_while_stopping");
        }
        tracing::info!(level = "notice", listener = %listener.id, address = %address, "listener_started");
        self.events
            .tell(EventKind::ListenerStarted, &listener.id, format!("on {address}"));
        Ok(())
    }

    /// Lets a listener accept nobody any more. Its connections go on.
    ///
    /// # Errors
    /// See [`Listeners::stop`].
    pub fn stop_accepting(&self, id: &str) -> Result<Arc<Listener>, ListenerError> {
        let listener = self.listeners.stop(id)?;
        tracing::info!(level = "notice", listener = %id, "listener_stopped");
        self.events.tell(EventKind::ListenerStopped, id, "");
        Ok(listener)
    }

    /// Stops a listener and ends its connections.
    ///
    /// # Errors
    /// See [`Listeners::stop`].
    pub async fn stop_listener(&self, id: &str) -> Result<(), ListenerError> {
        let listener = self.stop_accepting(id)?;
        for worker in self.workers() {
            let listener = Arc::clone(&listener);
            let closed = worker.run(move |worker| {
                worker.close_connections(Some(&listener), DisconnectReason::ListenerStopped);
            });
            if closed.await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Runs a node until it is told to stop.
///
/// # Errors
/// It could not start. Nothing is left running then.
pub fn run(
    config: Config,
    config_file: Option<PathBuf>,
    inherited: InheritedSockets,
    taken: Option<&TakeOver>,
) -> Result<(), RunError> {
    let log = LogControl::install(&config.log)?;
    let result = run_with_log(config, config_file, inherited, log.clone(), taken);
    log.flush();
    result
}

fn run_with_log(
    config: Config,
    config_file: Option<PathBuf>,
    inherited: InheritedSockets,
    log: LogControl,
    taken: Option<&TakeOver>,
) -> Result<(), RunError> {
    report_open_doors(&config);
    if let Some(taken) = taken {
        taken.begin(&config.node.name, &config.node.data_dir)?;
    }
    let data_dir = match taken.and_then(TakeOver::data_dir_lock) {
        Some(lock) => DataDir::take_over(&config.node.data_dir, &config.node.name, lock)?,
        None => DataDir::open(&config.node.data_dir, &config.node.name)?,
    };
    let state = ReplicatedState::open(&config.node.data_dir, &config.node.name)?;
    let admins = Admins::open(state.clone(), &config.dashboard)?;
    if config.node.security_profile == SecurityProfile::Hardened
        && let Some(username) = admins.with_known_password()
    {
        return Err(RunError::KnownPassword(username));
    }
    if let Some(file) = &config.banned.bootstrap_file {
        let count = banned::bootstrap::load(file, &state)?;
        tracing::info!(level = "notice", file = %file.display(), count, "bans_of_bootstrap_file");
    }
    let workers = worker_count(&config);
    let services = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(SERVICE_THREADS)
        .thread_name("emqxd-service")
        .enable_all()
        .build()?;
    let node = Arc::new(build(
        config,
        config_file,
        inherited,
        log,
        state,
        admins,
        workers,
        services.handle(),
        taken,
    )?);
    node.handover.keep_data_dir(data_dir.lock().ok());
    let _its_handle = node.services.get_or_init(|| services.handle().clone());
    let threads = start_workers(&node, workers)?;
    let result = services.block_on(async {
        let result = serve(&node, taken).await;
        for worker in node.workers() {
            let _it_may_have_stopped = worker.commands.send(Command::Stop).await;
        }
        result
    });
    services.shutdown_timeout(Duration::from_secs(1));
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("worker_crashed");
        }
    }
    result
}

/// A setting that was to keep somebody out and has no effect yet is not only a warning; that nobody is asked who he is is
/// one.
fn report_open_doors(config: &Config) {
    for section in &config.unenforced {
        tracing::error!(
            section,
            why = "this version lets every client in, and everywhere",
            next = "keep strangers away by access_rules or a firewall",
            "security_setting_without_effect"
        );
    }
    let is_open = |listener: &&ListenerConfig| {
        listener.enable && !listener.bind.ip().is_loopback() && !authenticates(config, listener)
    };
    for listener in config
        .listeners
        .iter()
        .filter(is_open)
        .filter(|_| config.node.allow_anonymous)
    {
        tracing::warn!(
            listener = %listener.id,
            address = %listener.bind,
            why = "no authenticator is asked there: everybody who reaches it is let in",
            next = "set `authentication`, or node.allow_anonymous = false; `emqx-ctl doctor security` says what else is open",
            "anonymous_clients_are_let_in"
        );
    }
}

fn worker_count(config: &Config) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    config.workers.unwrap_or(cores).clamp(1, WORKERS_MAX)
}

/// From the first listener to the signal that ends the node.
async fn serve(node: &Arc<NodeShared>, taken: Option<&TakeOver>) -> Result<(), RunError> {
    let mut signals = signals::Signals::new()?;
    let stop_flag = watch::Sender::new(false);
    let control = control::prepare(node, taken)?;
    let door = match cluster::start(node, taken.is_some()).await {
        Ok(door) => door,
        Err(error) => {
            control.leave();
            return Err(error.into());
        }
    };
    if let Some(taken) = taken
        && let Err(error) = take_over(node, taken).await
    {
        control.leave();
        return Err(error);
    }
    let control = control.start(Arc::clone(node), stop_flag.subscribe());
    let cluster = tokio::spawn(cluster::run(Arc::clone(node), door, stop_flag.subscribe()));
    let alarms = tokio::spawn(alarms::run(Arc::clone(node), stop_flag.subscribe()));
    let access_rules = tokio::spawn(authz::run(Arc::clone(node), stop_flag.subscribe()));
    let bans = tokio::spawn(banned::forget_ended(Arc::clone(node), stop_flag.subscribe()));
    let flapping = tokio::spawn(flapping::run(Arc::clone(node), stop_flag.subscribe()));
    let sys_topics = tokio::spawn(sys_topics::run(Arc::clone(node), stop_flag.subscribe()));
    let node_watch = tokio::spawn(node_watch::run(Arc::clone(node), stop_flag.subscribe()));
    let retainer = tokio::spawn(clear_expired_retained(Arc::clone(node), stop_flag.subscribe()));
    let traces = tokio::spawn(trace::run(Arc::clone(node), stop_flag.subscribe()));
    let registry = tokio::spawn(cluster::sessions::run(Arc::clone(node), stop_flag.subscribe()));
    let license = tokio::spawn(license::watch(Arc::clone(node), stop_flag.subscribe()));
    let reloads = tokio::spawn(reload::run(Arc::clone(node), stop_flag.subscribe()));
    for line in node.license.in_force().warnings() {
        say(format_args!("{line}"));
    }
    let started = match taken {
        Some(taken) => {
            taken.go_on(node).await;
            taken.close_stdin();
            Ok(())
        }
        None => start_listeners(node).await,
    };
    let mut is_lost = false;
    if started.is_ok() {
        node.phase.store(1, Ordering::Relaxed);
        say(format_args!("{} {} is running now!", crate::SYSDESCR, crate::VERSION));
        systemd::announce_start(node, stop_flag.subscribe());
        tokio::select! {
            over = drain::until_asked(node, &mut signals) => {
                node.phase.store(2, Ordering::Relaxed);
                // Whose clients they are has to be settled first.
                let is_another_the_daemon = tokio::select! {
                    is_done = node.handover.call_off() => is_done,
                    () = signals.until_stop(node) => drain::exit_at_once(node),
                };
                if is_another_the_daemon {
                    is_lost = node.handover.ended().await;
                } else {
                    node.service.stopping("stopping");
                    // First, so that an operator can watch it, and all that serves clients is there for them to the end.
                    drain::run(node, &mut signals, over).await;
                }
            }
            lost = node.handover.ended() => is_lost = lost,
        }
    }
    node.phase.store(2, Ordering::Relaxed);
    node.events.close();
    stop_flag.send_replace(true);
    let ended = async {
        if started.is_err() {
            // What had started already.
            drain::drain(node, Duration::ZERO).await;
        }
        let _it_may_have_ended = tokio::join!(
            access_rules,
            alarms,
            bans,
            cluster,
            flapping,
            license,
            node_watch,
            registry,
            reloads,
            traces,
            sys_topics,
            retainer,
            control
        );
    };
    tokio::select! {
        () = ended => {}
        () = signals.until_stop(node) => drain::exit_at_once(node),
    }
    if node.handover.is_done() && !is_lost {
        // The control socket is the other's by now.
        handover::leave(node).await;
    }
    trace::close(node).await;
    match is_lost {
        true => Err(RunError::UpgradeLost),
        false => started,
    }
}

/// Takes in all that another process has, and waits for its word to go on.
async fn take_over(node: &Arc<NodeShared>, taken: &TakeOver) -> Result<(), RunError> {
    taken.take_lease(node);
    let first = taken.take_listeners(node)?;
    start_listeners(node).await?;
    Ok(taken.take_all(node, first).await?)
}

/// Starts the enabled listeners; says of each what came of it, in EMQX's words.
async fn start_listeners(node: &NodeShared) -> Result<(), RunError> {
    for kind in [ListenerKind::Ssl, ListenerKind::Wss] {
        if !node
            .listeners
            .list()
            .iter()
            .any(|listener| listener.config.kind == kind)
        {
            say(format_args!(
                "Listener {kind}:default is NOT started due to: no certificate; set \
                 `listeners.{kind}.default.ssl_options.certfile` and `keyfile`."
            ));
        }
    }
    for listener in node.listeners.list() {
        let id = &listener.config.id;
        if !node.is_enabled(&listener.config) {
            say(format_args!("Listener {id} is NOT started due to: disabled."));
            continue;
        }
        match node.start_listener(id).await {
            Ok(()) => {
                let address = node
                    .listeners
                    .get(id)
                    .and_then(|status| status.run)
                    .map(|run| run.address);
                let address = address.map(|address| address.to_string()).unwrap_or_default();
                say(format_args!("Listener {id} on {address} started."));
            }
            Err(error) if error.is_no_fault() => {
                let next = error.next_step();
                tracing::warn!(listener = %id, reason = %error, next, "listener_not_started");
                match next {
                    Some(next) => say(format_args!(
                        "Listener {id} is NOT started due to: no certificate; {next}."
                    )),
                    None => say(format_args!(
                        "Listener {id} is NOT started due to: not supported by this version."
                    )),
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// `retainer.msg_clear_interval`: forgets expired retained messages before anyone asks for them.
async fn clear_expired_retained(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    let Some(interval) = node
        .config
        .retainer
        .msg_clear_interval
        .filter(|interval| !interval.is_zero())
    else {
        return;
    };
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(interval) => {}
        }
        while node.retained.expire(node.clock.now(), EXPIRED_RETAINED_STEP) > 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// A line for whoever started the daemon; nobody may be reading.
fn say(line: std::fmt::Arguments<'_>) {
    let _nobody_may_read = writeln!(std::io::stdout(), "{line}");
}
