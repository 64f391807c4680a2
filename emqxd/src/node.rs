//! The composition root: builds the parts of the node, starts them in order, stops them in order.
//!
//! Start: log, data folder, tables, workers, control socket, listeners; stop: the other way round. What all parts
//! share is [`NodeShared`].

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use emqx_shared::views::{EventKind, NodeState};
use emqxd_broker::{
    DisconnectReason, ExclusiveTopics, Gauges, MemoryRetainedStore, Metrics, NodeTables, RetainedStore, RetainerConfig,
    RouteTable, Shard, WorkerId,
};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::admins::{AdminError, Admins};
use crate::admission::NodeAdmission;
use crate::alarms::Alarms;
use crate::authn::{self, Authentication, HashPool};
use crate::authz::{self, Authz, AuthzError};
use crate::borrowed_level::BorrowedLevel;
use crate::clock::Clock;
use crate::closed_connections::ClosedConnections;
use crate::config::{Config, ListenerConfig, ListenerKind};
use crate::config_facts::authenticates;
use crate::data_dir::{DataDir, DataDirError};
use crate::flapping::FlappingDetector;
use crate::license::{self, LicenseError, Licensing};
use crate::listener::{BoundListener, ListenerError, Listeners};
use crate::log::{InstallError, LogControl};
use crate::malformed_frames::MalformedFrames;
use crate::node_events::NodeEvents;
use crate::node_watch::WorkerDelays;
use crate::running_config::{RunningConfig, mqtt_rules};
use crate::security_profile::SecurityProfile;
use crate::state::ReplicatedState;
use crate::stats::HighWaterMarks;
use crate::trace::Traces;
use crate::worker::{Command, WorkerCounters, WorkerHandle, WorkerInbox, owner_of, start_accepting};
use crate::{alarms, banned, control, flapping, node_watch, signals, state, sys_topics, trace, worker};
use emqx_shared::ExitCode;

/// Threads of the services runtime: control socket, timers of the node.
const SERVICE_THREADS: usize = 2;
/// How long clients have to take their good-byes when the node stops.
const DRAIN_TIME: Duration = Duration::from_secs(3);
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

    /// Stops a listener and ends its connections.
    ///
    /// # Errors
    /// See [`Listeners::stop`].
    pub async fn stop_listener(&self, id: &str) -> Result<(), ListenerError> {
        let listener = self.listeners.stop(id)?;
        for worker in self.workers() {
            let listener = Arc::clone(&listener);
            let closed = worker.run(move |worker| {
                worker.close_connections(Some(&listener), DisconnectReason::ListenerStopped);
            });
            if closed.await.is_err() {
                break;
            }
        }
        tracing::info!(level = "notice", listener = %id, "listener_stopped");
        self.events.tell(EventKind::ListenerStopped, id, "");
        Ok(())
    }
}

/// Why the node did not start, or did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The log cannot be written.
    #[error("the log cannot be started: {0}")]
    Log(#[from] InstallError),
    /// The data folder is not usable.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The replicated state is not usable.
    #[error(transparent)]
    State(#[from] state::OpenError),
    /// The first administrator cannot be added.
    #[error("the administrators of the node: {0}")]
    Admins(#[from] AdminError),
    /// The first bans cannot be read.
    #[error(transparent)]
    Banned(#[from] banned::bootstrap::BootstrapError),
    /// An administrator has the password that everybody knows, which the security profile does not allow.
    #[error("the administrator {0} has the default password, with which the security profile hardened does not start")]
    KnownPassword(String),
    /// Clients cannot be asked who they are.
    #[error(transparent)]
    Authn(#[from] authn::SetupError),
    /// Who may do what cannot be found out.
    #[error(transparent)]
    Authz(#[from] AuthzError),
    /// The configuration names a licence that cannot be used.
    #[error(transparent)]
    License(#[from] LicenseError),
    /// The control socket cannot be made.
    #[error(transparent)]
    Control(#[from] control::StartError),
    /// An enabled listener cannot be started.
    #[error(transparent)]
    Listener(#[from] ListenerError),
    /// The system refuses threads or a runtime.
    #[error("cannot start threads: {0}")]
    Threads(#[from] std::io::Error),
}

impl RunError {
    /// The exit code, as in `emqxd(8)`.
    pub fn exit_code(&self) -> ExitCode {
        use std::io::ErrorKind;
        match self {
            Self::Log(_) => ExitCode::CannotCreate,
            Self::DataDir(error) => error.exit_code(),
            Self::State(error) => error.exit_code(),
            Self::Admins(_) => ExitCode::CannotCreate,
            Self::License(_) | Self::Authn(_) | Self::Authz(_) | Self::Banned(_) | Self::KnownPassword(_) => {
                ExitCode::Config
            }
            Self::Control(error) => error.exit_code(),
            Self::Listener(ListenerError::Bind(error)) => match error.kind() {
                // Whoever holds the address may go: worth another try.
                ErrorKind::AddrInUse => ExitCode::TryAgain,
                ErrorKind::PermissionDenied => ExitCode::NoPermission,
                _ => ExitCode::Config,
            },
            Self::Listener(_) => ExitCode::Config,
            Self::Threads(_) => ExitCode::Internal,
        }
    }

    /// What the operator can do.
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::Listener(error) => error.next_step(),
            Self::DataDir(error) => Some(error.next_step()),
            Self::State(error) => Some(error.next_step()),
            Self::License(_) => Some(
                "set `license.key` to a good one, or to `default`; `license.issuer_keys` names who may sign it"
                    .to_owned(),
            ),
            Self::Authn(error) => Some(error.next_step()),
            Self::Authz(error) => Some(error.next_step()),
            Self::Banned(error) => Some(error.next_step().to_owned()),
            Self::KnownPassword(username) => Some(format!("set another one: emqxd admin reset {username}")),
            Self::Control(error) => error.next_step(),
            Self::Log(_) => Some("check `log.file` in the configuration".to_owned()),
            _ => None,
        }
    }
}

/// Runs a node until it is told to stop.
///
/// # Errors
/// It could not start. Nothing is left running then.
pub fn run(config: Config, config_file: Option<PathBuf>) -> Result<(), RunError> {
    let log = LogControl::install(&config.log)?;
    let result = run_with_log(config, config_file, log.clone());
    log.flush();
    result
}

fn run_with_log(config: Config, config_file: Option<PathBuf>, log: LogControl) -> Result<(), RunError> {
    report_open_doors(&config);
    let _data_dir = DataDir::open(&config.node.data_dir, &config.node.name)?;
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
        log,
        state,
        admins,
        workers,
        services.handle(),
    )?);
    let _its_handle = node.services.get_or_init(|| services.handle().clone());
    let threads = start_workers(&node, workers)?;
    let result = services.block_on(async {
        let result = serve(&node).await;
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

fn build(
    config: Config,
    config_file: Option<PathBuf>,
    log: LogControl,
    state: ReplicatedState,
    admins: Admins,
    workers: usize,
    services: &Handle,
) -> Result<NodeShared, RunError> {
    let clock = Clock::start();
    let tools = authn::Tools {
        services: services.clone(),
        pool: HashPool::start()?,
        clock: clock.clone(),
        state: state.clone(),
    };
    let authentication = Authentication::start(&config, tools)?;
    let gauges: Vec<_> = (0..workers).map(|_| Arc::new(Gauges::default())).collect();
    let license = Licensing::start(
        config.license.clone(),
        &config.node.data_dir,
        state.clone(),
        gauges.clone(),
    )?;
    let license = Arc::new(license);
    let authz = Authz::open(&config, state.clone())?;
    let retained = Arc::new(MemoryRetainedStore::new(retainer_config(&config)));
    let tables = NodeTables {
        routes: Arc::new(RouteTable::new()),
        retained: Arc::clone(&retained) as _,
        exclusive: Arc::new(ExclusiveTopics::new()),
        admission: Arc::new(NodeAdmission::new(Arc::clone(&license), state.clone())),
    };
    Ok(NodeShared {
        traces: Traces::open(&config.node.name, &config.node.data_dir, clock.clone()),
        listeners: Listeners::new(config.listeners.clone()),
        events: NodeEvents::default(),
        malformed_frames: MalformedFrames::default(),
        authentication,
        flapping: FlappingDetector::new(&config.flapping_detect),
        running_config: RunningConfig::new(config.settings.clone()),
        borrowed_level: BorrowedLevel::default(),
        worker_delays: WorkerDelays::new(workers),
        config,
        config_file,
        clock,
        closed: ClosedConnections::default(),
        tables,
        retained,
        counters: WorkerCounters {
            metrics: (0..workers).map(|_| Arc::new(Metrics::new())).collect(),
            gauges,
        },
        high_water_marks: HighWaterMarks::default(),
        log,
        license,
        admins,
        alarms: state_alarms(&state),
        authz,
        state,
        workers: OnceLock::new(),
        services: OnceLock::new(),
        phase: AtomicU8::new(0),
    })
}

/// The alarms of a new node: what was found wrong before anybody could be told.
fn state_alarms(state: &ReplicatedState) -> Alarms {
    let alarms = Alarms::default();
    if let Some(damage) = state.damage() {
        let details = serde_json::json!({ "why": damage.why, "moved_to": damage.moved_to.to_string_lossy() });
        alarms.raise(
            "state_damaged",
            details,
            "licence, admins and bans could not be read and were put aside",
        );
    }
    if let Some(damage) = state.users_damage() {
        let details = serde_json::json!({ "why": damage.why, "moved_to": damage.moved_to.to_string_lossy() });
        alarms.raise(
            "user_database_damaged",
            details,
            "the accounts of clients could not be read and were put aside: none of them can connect",
        );
    }
    alarms
}

fn retainer_config(config: &Config) -> RetainerConfig {
    let settings = &config.retainer;
    RetainerConfig {
        enable: settings.enable,
        msg_expiry_interval: settings.msg_expiry_interval,
        max_payload_size: settings.max_payload_size.unwrap_or(usize::MAX),
        stop_publish_clear_msg: settings.stop_publish_clear_msg,
        max_retained_messages: settings.max_retained_messages,
        ..RetainerConfig::default()
    }
}

fn start_workers(node: &Arc<NodeShared>, count: usize) -> std::io::Result<Vec<JoinHandle<()>>> {
    let (handles, inboxes): (Vec<WorkerHandle>, Vec<WorkerInbox>) = (0..count).map(|_| WorkerHandle::new()).unzip();
    let handles = node.workers.get_or_init(|| handles);
    let mqtt = Arc::new(mqtt_rules(&node.config));
    let mut threads = Vec::with_capacity(count);
    let (report, reports) = std::sync::mpsc::channel();
    for (index, inbox) in inboxes.into_iter().enumerate() {
        let (node, handles, mqtt, report) = (Arc::clone(node), handles.clone(), Arc::clone(&mqtt), report.clone());
        let thread = std::thread::Builder::new()
            .name(format!("emqxd-worker-{index}"))
            .spawn(move || {
                let id = index as WorkerId;
                let metrics = Arc::clone(&node.counters.metrics[index]);
                let gauges = Arc::clone(&node.counters.gauges[index]);
                let seed = RandomState::new().build_hasher().finish();
                let mut shard = Shard::new(id, mqtt, node.tables.clone(), Arc::clone(&metrics), gauges, seed);
                shard.set_authorization(node.authz.authorization());
                worker::run(id, shard, metrics, node, handles, inbox, &report);
            })?;
        threads.push(thread);
    }
    drop(report);
    reports.iter().take(count).collect::<std::io::Result<()>>()?;
    Ok(threads)
}

/// From the first listener to the signal that ends the node.
async fn serve(node: &Arc<NodeShared>) -> Result<(), RunError> {
    let mut signals = signals::Signals::new()?;
    let stop_flag = watch::Sender::new(false);
    let control = control::start(Arc::clone(node), stop_flag.subscribe())?;
    let alarms = tokio::spawn(alarms::run(Arc::clone(node), stop_flag.subscribe()));
    let access_rules = tokio::spawn(authz::run(Arc::clone(node), stop_flag.subscribe()));
    let bans = tokio::spawn(banned::forget_ended(Arc::clone(node), stop_flag.subscribe()));
    let flapping = tokio::spawn(flapping::run(Arc::clone(node), stop_flag.subscribe()));
    let sys_topics = tokio::spawn(sys_topics::run(Arc::clone(node), stop_flag.subscribe()));
    let node_watch = tokio::spawn(node_watch::run(Arc::clone(node), stop_flag.subscribe()));
    let retainer = tokio::spawn(clear_expired_retained(Arc::clone(node), stop_flag.subscribe()));
    let traces = tokio::spawn(trace::run(Arc::clone(node), stop_flag.subscribe()));
    let license = tokio::spawn(license::watch(Arc::clone(node), stop_flag.subscribe()));
    for line in node.license.in_force().warnings() {
        say(format_args!("{line}"));
    }
    let started = start_listeners(node).await;
    if started.is_ok() {
        node.phase.store(1, Ordering::Relaxed);
        say(format_args!("{} {} is running now!", crate::SYSDESCR, crate::VERSION));
        signals.until_stop(node).await;
    }
    node.phase.store(2, Ordering::Relaxed);
    node.events.close();
    stop_flag.send_replace(true);
    let _it_may_have_ended = tokio::join!(
        access_rules,
        alarms,
        bans,
        flapping,
        license,
        node_watch,
        traces,
        sys_topics,
        retainer,
        control
    );
    tokio::select! {
        () = good_bye(node) => {}
        () = signals.until_stop(node) => {
            // Whatever hangs, it hangs no longer.
            node.log.flush();
            std::process::exit(i32::from(ExitCode::Interrupted.number()));
        }
    }
    trace::close(node).await;
    started
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

/// Tells clients good-bye and waits a little for them to take it.
async fn good_bye(node: &NodeShared) {
    for listener in node.listeners.stop_all() {
        say(format_args!(
            "Listener {} on {} stopped.",
            listener.id,
            listener.shown_address()
        ));
    }
    let told_and_gone = async {
        for worker in node.workers() {
            let closed = worker.run(|worker| worker.close_connections(None, DisconnectReason::ServerShuttingDown));
            let _it_may_have_stopped = closed.await;
        }
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        while open_connections(node) > 0 {
            ticks.tick().await;
        }
    };
    if tokio::time::timeout(DRAIN_TIME, told_and_gone).await.is_err() {
        tracing::info!(connections = open_connections(node), "stopped_with_open_connections");
    }
}

/// A line for whoever started the daemon; nobody may be reading.
fn say(line: std::fmt::Arguments<'_>) {
    let _nobody_may_read = writeln!(std::io::stdout(), "{line}");
}

fn open_connections(node: &NodeShared) -> usize {
    node.listeners
        .list()
        .iter()
        .filter_map(|status| status.run.as_ref())
        .map(|run| run.open_connections())
        .sum()
}
