//! Makes the parts of a node from its settings, and the threads that carry them.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;
use std::sync::atomic::AtomicU8;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use emqxd_broker::{
    ClientLocations, ExclusiveTopics, Gauges, MemoryRetainedStore, Metrics, NodeTables, RetainerConfig, RouteTable,
    Shard, WorkerId,
};
use tokio::runtime::Handle;

use super::{NodeShared, RunError};
use crate::admins::Admins;
use crate::admission::NodeAdmission;
use crate::alarms::Alarms;
use crate::authn::{self, Authentication, HashPool};
use crate::authz::Authz;
use crate::borrowed_level::BorrowedLevel;
use crate::clock::Clock;
use crate::closed_connections::ClosedConnections;
use crate::cluster::Cluster;
use crate::cluster::sessions::ClientRegistry;
use crate::cluster::streams::Streams;
use crate::config::Config;
use crate::drain::Shutdown;
use crate::flapping::FlappingDetector;
use crate::handover::{HandOver, TakeOver};
use crate::license::Licensing;
use crate::listener::Listeners;
use crate::log::LogControl;
use crate::malformed_frames::MalformedFrames;
use crate::node_events::NodeEvents;
use crate::node_watch::WorkerDelays;
use crate::reload::Reloads;
use crate::running_config::{RunningConfig, mqtt_rules};
use crate::state::ReplicatedState;
use crate::stats::HighWaterMarks;
use crate::systemd::{InheritedSockets, ServiceManager, SocketStore};
use crate::trace::Traces;
use crate::worker::{self, WorkerCounters, WorkerHandle, WorkerInbox};

#[allow(clippy::too_many_arguments, reason = "the parts of the node, made before it")]
pub(super) fn build(
    config: Config,
    config_file: Option<PathBuf>,
    inherited: InheritedSockets,
    log: LogControl,
    state: ReplicatedState,
    admins: Admins,
    workers: usize,
    services: &Handle,
    taken: Option<&TakeOver>,
) -> Result<NodeShared, RunError> {
    let clock = taken.map_or_else(Clock::start, TakeOver::clock);
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
    let routes = Arc::new(RouteTable::new());
    let tables = NodeTables {
        locations: Arc::new(ClientLocations::new(routes.hash_seed().clone())),
        routes,
        retained: Arc::clone(&retained) as _,
        exclusive: Arc::new(ExclusiveTopics::new()),
        admission: Arc::new(NodeAdmission::new(Arc::clone(&license), state.clone())),
    };
    let streams = Streams::new(config.is_clustering_configured(), &clock);
    streams.note_changes_of(&tables.routes, &retained);
    let service = ServiceManager::from_environment();
    let store = SocketStore::new(service.clone());
    Ok(NodeShared {
        traces: Traces::open(&config.node.name, &config.node.data_dir, clock.clone()),
        listeners: Listeners::new(config.listeners.clone(), inherited, store),
        events: NodeEvents::default(),
        malformed_frames: MalformedFrames::default(),
        authentication,
        flapping: FlappingDetector::new(&config.flapping_detect),
        running_config: RunningConfig::new(config.settings.clone()),
        borrowed_level: BorrowedLevel::default(),
        worker_delays: WorkerDelays::new(workers),
        service,
        reloads: Reloads::new(&config),
        shutdown: Shutdown::default(),
        handover: HandOver::new(taken.is_some()),
        config,
        config_file,
        clock,
        closed: ClosedConnections::default(),
        cluster: Cluster::alone(),
        streams,
        registry: ClientRegistry::default(),
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
        remote_verbs: OnceLock::new(),
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

/// Starts the data workers, and returns when all of them take work.
pub(super) fn start_workers(node: &Arc<NodeShared>, count: usize) -> std::io::Result<Vec<JoinHandle<()>>> {
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
                if let Some(journal) = node.streams.journal() {
                    let clock = node.clock.clone();
                    shard.set_journal(Arc::clone(journal) as _, move |at| clock.unix_ms(at));
                }
                worker::run(id, shard, metrics, node, handles, inbox, &report);
            })?;
        threads.push(thread);
    }
    drop(report);
    reports.iter().take(count).collect::<std::io::Result<()>>()?;
    Ok(threads)
}
