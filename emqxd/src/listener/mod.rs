//! Listeners: bound addresses that accept MQTT connections, started and stopped at run time.
//!
//! A [`Listener`] is one run of one configured listener: its counts begin at zero when it is started and stay
//! readable after it was stopped. [`Listeners`] knows all of them and is the only one to start and stop.

mod accept;
mod address_places;
mod bind;
mod layers;
mod shutdown_counts;

use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use emqxd_broker::Time;
use parking_lot::Mutex;
use tokio::sync::watch;

pub use self::accept::{Accepted, accept_loop, is_missing_transport};
use self::address_places::{AddressKey, AddressPlaces};
pub use self::bind::{BindError, bind};
pub use self::layers::Layers;
pub use self::shutdown_counts::ShutdownCounts;
use crate::clock::Clock;
use crate::config::{ListenerConfig, ListenerKind};
use crate::systemd::{InheritedSockets, SocketStore, socket_name};
use crate::tls::TlsUnavailable;
use crate::worker::TokenBucket;

/// One run of a listener.
#[derive(Debug)]
pub struct Listener {
    /// `tcp:default`, shared with every connection.
    pub id: Arc<str>,
    /// Settings it was started with.
    pub config: ListenerConfig,
    /// Where it really listens (the port, when 0 was asked for).
    pub address: SocketAddr,
    /// What is between its sockets and MQTT.
    pub layers: Layers,
    /// When it was started.
    pub started_at: Time,
    /// Ends by reason.
    pub shutdown_counts: ShutdownCounts,
    /// Connections accepted.
    pub accepted: AtomicU64,
    /// Refused because `max_connections` were open.
    pub refused_max_connections: AtomicU64,
    /// Refused by `access_rules`.
    pub refused_access_rules: AtomicU64,
    /// Refused because `max_connections_per_address` of their address were open.
    pub refused_per_address: AtomicU64,
    /// Accepted later than they came, because of `max_conn_rate`.
    pub delayed_conn_rate: AtomicU64,
    /// How often a client was not read for a while, because of `messages_rate` or `bytes_rate`.
    pub paused_by_rate: AtomicU64,
    /// `max_connections_per_address`
    addresses: Option<AddressPlaces>,
    /// Open connections, from accept on.
    open: AtomicUsize,
    /// `max_connections`, which may change while it runs; `usize::MAX` for no limit.
    max_connections: AtomicUsize,
    /// The most that were open at a time.
    peak: AtomicUsize,
    /// `max_conn_rate`.
    accept_rate: Option<Mutex<TokenBucket>>,
    stop: watch::Sender<bool>,
}

impl Listener {
    fn new(config: ListenerConfig, layers: Layers, address: SocketAddr, clock: &Clock) -> Self {
        let accept_rate = config
            .max_conn_rate
            .as_ref()
            .map(|rate| Mutex::new(TokenBucket::new(rate, clock.now())));
        let config_max_connections = config.max_connections.unwrap_or(usize::MAX);
        let addresses = config.max_connections_per_address.map(AddressPlaces::new);
        Self {
            id: Arc::from(config.id.as_str()),
            addresses,
            config,
            layers,
            address,
            started_at: clock.now(),
            shutdown_counts: ShutdownCounts::default(),
            accepted: AtomicU64::new(0),
            refused_max_connections: AtomicU64::new(0),
            refused_access_rules: AtomicU64::new(0),
            refused_per_address: AtomicU64::new(0),
            delayed_conn_rate: AtomicU64::new(0),
            paused_by_rate: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            max_connections: AtomicUsize::new(config_max_connections),
            peak: AtomicUsize::new(0),
            accept_rate,
            stop: watch::Sender::new(false),
        }
    }

    /// Open connections.
    pub fn open_connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// The most connections allowed now.
    pub fn max_connections(&self) -> Option<usize> {
        let max = self.max_connections.load(Ordering::Relaxed);
        (max != usize::MAX).then_some(max)
    }

    /// Where it listens, as the configuration writes it; the port the system gave if that was left to it.
    pub fn shown_address(&self) -> String {
        if self.config.bind.port() == 0 {
            self.address.to_string()
        } else {
            self.config.listen_on.clone()
        }
    }

    /// The most connections that were open at a time.
    pub fn peak_connections(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// Takes a place among `max_connections`; `None` when all are taken.
    pub fn take_slot(self: &Arc<Self>) -> Option<ListenerSlot> {
        let max = self.max_connections.load(Ordering::Relaxed);
        let before = self
            .open
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| {
                (open < max).then_some(open + 1)
            })
            .ok()?;
        self.peak.fetch_max(before + 1, Ordering::Relaxed);
        Some(ListenerSlot {
            address: None,
            listener: Arc::clone(self),
        })
    }
}

impl Listener {
    /// A place for a connection that another process has accepted, whatever the limits are now.
    pub fn take_slot_regardless(self: &Arc<Self>, address: IpAddr) -> ListenerSlot {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        self.peak.fetch_max(before + 1, Ordering::Relaxed);
        self.accepted.fetch_add(1, Ordering::Relaxed);
        let key = AddressKey::of(address);
        let entered = self.addresses.as_ref().is_some_and(|places| places.enter(key));
        ListenerSlot {
            address: entered.then_some(key),
            listener: Arc::clone(self),
        }
    }
}

/// A place among a listener's connections, given back when dropped.
#[derive(Debug)]
pub struct ListenerSlot {
    /// Whose.
    pub listener: Arc<Listener>,
    /// Whose place of `max_connections_per_address` it has.
    address: Option<AddressKey>,
}

impl ListenerSlot {
    /// Takes a place of the address that the client really has; `false`, counted, if all of those are taken. Asked once
    /// that address is known: at accept, or after the PROXY header.
    pub fn take_address(&mut self, address: IpAddr) -> bool {
        let Some(places) = &self.listener.addresses else {
            return true;
        };
        let key = AddressKey::of(address);
        if !places.enter(key) {
            self.listener.refused_per_address.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(tag = "SOCKET", peerhost = %address, listener = %self.listener.id,
                reason = "max_connections_per_address", "connection_refused");
            return false;
        }
        if let Some(before) = self.address.replace(key) {
            places.leave(before);
        }
        true
    }
}

impl Drop for ListenerSlot {
    fn drop(&mut self) {
        if let (Some(key), Some(places)) = (self.address, &self.listener.addresses) {
            places.leave(key);
        }
        self.listener.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// All configured listeners, in the order they are listed: by type, then name.
#[derive(Debug)]
pub struct Listeners {
    entries: Mutex<Vec<Entry>>,
    /// Sockets that were bound before us and that no listener has taken yet.
    pub inherited: InheritedSockets,
    /// The sockets that the service manager keeps for the process after us.
    pub store: SocketStore,
}

#[derive(Debug, Clone)]
struct Entry {
    config: ListenerConfig,
    /// The last run, running or stopped.
    last_run: Option<Arc<Listener>>,
    is_running: bool,
    /// While it runs: its listening socket once more.
    socket: Option<Arc<OwnedFd>>,
    /// Why the last start failed.
    failure: Option<StartFailure>,
}

/// Why a listener that should run does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFailure {
    /// The system's name for it, such as `EADDRINUSE`, or one of ours in small letters.
    pub error: &'static str,
    /// The whole story.
    pub why: String,
}

impl From<&ListenerError> for StartFailure {
    fn from(error: &ListenerError) -> Self {
        Self {
            error: error.name(),
            why: error.to_string(),
        }
    }
}

/// A listener as operators see it.
#[derive(Debug, Clone)]
pub struct ListenerStatus {
    /// Its settings.
    pub config: ListenerConfig,
    /// The run that counts, if there was one.
    pub run: Option<Arc<Listener>>,
    /// Whether it listens now.
    pub is_running: bool,
    /// Why not, if a start failed.
    pub failure: Option<StartFailure>,
}

/// Why a listener was not started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// No such id.
    #[error("no listener \"{0}\"")]
    NotFound(String),
    /// It runs.
    #[error("{0} is running already")]
    AlreadyStarted(String),
    /// It does not run.
    #[error("{0} is not running")]
    NotRunning(String),
    /// Its transport is not there yet.
    #[error("{0} is not started: this version has no {1} transport yet")]
    MissingTransport(String, ListenerKind),
    /// A key is set that this version does not act on and that must not be passed over.
    #[error("{0} is not started: `{1}` is set, which this version cannot do yet")]
    UnsupportedKey(String, String),
    /// WebSocket frames are to be compressed.
    #[error(
        "{0} is not started: `{1}` is true, and frames are not compressed here, because a few bytes could unpack to \
         any size before a client has authenticated; set it to false"
    )]
    Compression(String, String),
    /// It has no certificate, or one that cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsUnavailable),
    /// The address could not be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
}

impl ListenerError {
    /// Whether nothing is wrong: what the listener would need is not there, and the node does without it.
    pub fn is_no_fault(&self) -> bool {
        matches!(
            self,
            Self::MissingTransport(..) | Self::Tls(TlsUnavailable::NoCertificate { .. })
        )
    }

    /// What to do about it, for the second half of an error message.
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::Tls(error) => Some(error.next_step()),
            Self::Bind(error) => Some(error.next_step()),
            Self::UnsupportedKey(_, key) => Some(format!("remove `{key}`")),
            _ => None,
        }
    }

    /// The system's name for it, such as `EADDRINUSE`, or one of ours in small letters.
    pub fn name(&self) -> &'static str {
        use std::io::ErrorKind;
        match self {
            Self::NotFound(_) => "not_found",
            Self::AlreadyStarted(_) => "already_started",
            Self::NotRunning(_) => "not_running",
            Self::MissingTransport(..) => "unsupported_transport",
            Self::UnsupportedKey(..) | Self::Compression(..) => "unsupported_key",
            Self::Tls(TlsUnavailable::NoCertificate { .. }) => "no_certificate",
            Self::Tls(TlsUnavailable::Config(_)) => "bad_certificate",
            Self::Bind(error) => match error.kind() {
                ErrorKind::AddrInUse => "EADDRINUSE",
                ErrorKind::AddrNotAvailable => "EADDRNOTAVAIL",
                ErrorKind::PermissionDenied => "EACCES",
                _ => "bind_failed",
            },
        }
    }
}

/// A bound listener whose accept loops are still to be started, one for each socket.
pub struct BoundListener {
    /// The run.
    pub listener: Arc<Listener>,
    /// The listening socket and its copies.
    pub sockets: Vec<std::net::TcpListener>,
}

impl Listeners {
    /// The listeners of a configuration, none started.
    pub fn new(mut configs: Vec<ListenerConfig>, inherited: InheritedSockets, store: SocketStore) -> Self {
        sort(&mut configs, |config| config);
        let entries = configs
            .into_iter()
            .map(|config| Entry {
                config,
                last_run: None,
                is_running: false,
                socket: None,
                failure: None,
            })
            .collect();
        Self {
            entries: Mutex::new(entries),
            inherited,
            store,
        }
    }

    /// Closes what nobody wants of the sockets that were bound before us, once all listeners that are to run do.
    pub fn close_unwanted_sockets(&self) {
        let running: Vec<String> = self
            .entries
            .lock()
            .iter()
            .filter(|entry| entry.is_running)
            .map(|entry| socket_name(&entry.config.id))
            .collect();
        for name in self.inherited.close_rest() {
            // A name may stand for two sockets, of which one has found its listener.
            if !running.contains(&name) {
                self.store.forget_name(&name);
            }
        }
    }

    /// The ids of all.
    pub fn ids(&self) -> Vec<String> {
        self.entries
            .lock()
            .iter()
            .map(|entry| entry.config.id.clone())
            .collect()
    }

    /// All of them.
    pub fn list(&self) -> Vec<ListenerStatus> {
        self.entries.lock().iter().map(ListenerStatus::from).collect()
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<ListenerStatus> {
        self.entries
            .lock()
            .iter()
            .find(|entry| entry.config.id == id)
            .map(ListenerStatus::from)
    }

    /// Takes over settings from a new configuration: `max_connections` at once, the others when the listener is next
    /// started. New listeners are known from now on and not started; those that are gone stay until the node ends.
    pub fn reconfigure(&self, configs: &[ListenerConfig]) {
        let mut entries = self.entries.lock();
        for config in configs {
            let Some(entry) = entries.iter_mut().find(|entry| entry.config.id == config.id) else {
                entries.push(Entry {
                    config: config.clone(),
                    last_run: None,
                    is_running: false,
                    socket: None,
                    failure: None,
                });
                continue;
            };
            if let Some(run) = &entry.last_run {
                let max = config.max_connections.unwrap_or(usize::MAX);
                run.max_connections.store(max, Ordering::Relaxed);
            }
            entry.config = config.clone();
        }
        sort(&mut entries, |entry| &entry.config);
    }

    /// The listening sockets of those that run, by id.
    pub fn sockets(&self) -> Vec<(String, Arc<OwnedFd>)> {
        let entries = self.entries.lock();
        let running = entries
            .iter()
            .filter_map(|entry| Some((entry.config.id.clone(), entry.socket.clone()?)));
        running.collect()
    }

    /// Binds a listener, or takes its socket from those inherited; the caller starts `copies` accept loops on it.
    ///
    /// # Errors
    /// Unknown, running, of a transport that is missing, or the address cannot be bound; the last is remembered
    /// as the listener's state.
    pub fn start(&self, id: &str, copies: usize, clock: &Clock) -> Result<BoundListener, ListenerError> {
        let mut entries = self.entries.lock();
        let entry = find(&mut entries, id)?;
        if entry.is_running {
            return Err(ListenerError::AlreadyStarted(id.to_owned()));
        }
        let config = &entry.config;
        // Certificates first: a port that is bound is one that serves.
        let bound = check_support(config)
            .and_then(|()| Layers::new(config))
            .and_then(|layers| Ok((layers, bind(config, copies, &self.inherited)?)));
        match bound {
            Ok((layers, bound)) => {
                let listener = Arc::new(Listener::new(config.clone(), layers, bound.address, clock));
                entry.last_run = Some(Arc::clone(&listener));
                entry.is_running = true;
                entry.socket = bound
                    .sockets
                    .first()
                    .and_then(|socket| socket.as_fd().try_clone_to_owned().ok())
                    .map(Arc::new);
                entry.failure = None;
                if let (false, Some(socket)) = (bound.is_inherited, bound.sockets.first()) {
                    self.store.keep(id, socket.as_fd());
                }
                Ok(BoundListener {
                    listener,
                    sockets: bound.sockets,
                })
            }
            Err(error) => {
                entry.failure = Some(StartFailure::from(&error));
                Err(error)
            }
        }
    }

    /// Stops accepting; the caller ends the connections of the run returned.
    ///
    /// # Errors
    /// Unknown or not running.
    pub fn stop(&self, id: &str) -> Result<Arc<Listener>, ListenerError> {
        let mut entries = self.entries.lock();
        let entry = find(&mut entries, id)?;
        match &entry.last_run {
            Some(listener) if entry.is_running => {
                entry.is_running = false;
                entry.socket = None;
                listener.stop.send_replace(true);
                self.store.forget(id);
                Ok(Arc::clone(listener))
            }
            _ => Err(ListenerError::NotRunning(id.to_owned())),
        }
    }

    /// Stops accepting everywhere, for the end of the node; the runs that were going. Their sockets stay in the service
    /// manager's store: who connects now is served by the next process.
    pub fn stop_all(&self) -> Vec<Arc<Listener>> {
        let mut stopped = Vec::new();
        for entry in self.entries.lock().iter_mut().filter(|entry| entry.is_running) {
            entry.is_running = false;
            entry.socket = None;
            if let Some(listener) = &entry.last_run {
                listener.stop.send_replace(true);
                stopped.push(Arc::clone(listener));
            }
        }
        stopped
    }
}

/// Refuses what this version cannot do. Topics without their mountpoint would mix tenants; a client that was promised
/// compression would get what it cannot read.
pub fn check_support(config: &ListenerConfig) -> Result<(), ListenerError> {
    if is_missing_transport(config.kind) {
        return Err(ListenerError::MissingTransport(config.id.clone(), config.kind));
    }
    let key = |name: &str| format!("listeners.{}.{}.{name}", config.kind, config.name);
    if !config.mountpoint.is_empty() {
        return Err(ListenerError::UnsupportedKey(config.id.clone(), key("mountpoint")));
    }
    if config.kind.is_websocket() && config.websocket.compress {
        return Err(ListenerError::Compression(config.id.clone(), key("websocket.compress")));
    }
    Ok(())
}

/// By type, then name.
fn sort<T>(listeners: &mut [T], config: impl Fn(&T) -> &ListenerConfig) {
    listeners.sort_by(|left, right| {
        let (left, right) = (config(left), config(right));
        (left.kind.as_str(), &left.name).cmp(&(right.kind.as_str(), &right.name))
    });
}

fn find<'a>(entries: &'a mut [Entry], id: &str) -> Result<&'a mut Entry, ListenerError> {
    entries
        .iter_mut()
        .find(|entry| entry.config.id == id)
        .ok_or_else(|| ListenerError::NotFound(id.to_owned()))
}

impl From<&Entry> for ListenerStatus {
    fn from(entry: &Entry) -> Self {
        Self {
            config: entry.config.clone(),
            run: entry.last_run.clone(),
            is_running: entry.is_running,
            failure: entry.failure.clone(),
        }
    }
}

/// Set once something is stopped that the accept loops must notice while they wait.
pub(crate) type StopFlag = watch::Receiver<bool>;

impl Listener {
    pub(crate) fn stop_flag(&self) -> StopFlag {
        self.stop.subscribe()
    }

    /// Whether it has been stopped: a connection that was on its way in is turned away then.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }
}

/// Panics in connections, for the whole process; see `worker/connection.rs`.
pub static PANICS: AtomicU64 = AtomicU64::new(0);
/// Whether the shortage of descriptors was already reported since the last success.
pub(crate) static DESCRIPTORS_SHORT: AtomicBool = AtomicBool::new(false);
