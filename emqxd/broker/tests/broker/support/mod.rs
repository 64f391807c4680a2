//! A broker of one to three shards in memory, with an invented clock, and clients to talk to it.
//!
//! [`TestBroker`] carries out the effects as the daemon's workers do: packets are recorded for each connection,
//! mail goes to the other shards in order, a turn that was asked for is given. On the way every packet is held
//! against what its client said in CONNECT: window, packet size, aliases, packet identifiers in use.

mod acknowledging;
mod client;
mod cluster;
mod connection;
mod dice;
mod hand_over;
mod log;
mod takeover;

use std::cell::{Ref, RefCell};
use std::collections::VecDeque;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytestring::ByteString;
use emqxd_broker::{
    Admission, AdmitAll, Answer, Authorization, ClientLocations, ConnectionKey, DisconnectReason, Effect,
    ExclusiveTopics, Gauges, Identity, Mail, MemoryRetainedStore, Message, Metric, Metrics, MqttConfig, NodeTables,
    OwnedAction, Peer, Question, Recheck, RetainedStore, RetainerConfig, RouteTable, Shard, Time, TlsPeer, TraceSink,
    assign_client_id, effective_client_id, peer_slot,
};
use mqtt_codec::{Connect, Packet, QoS};

pub use self::acknowledging::Acknowledging;
pub use self::client::{ConnectBuilder, Subscribing, TestClient, message, payloads_of, will};
pub use self::cluster::TestCluster;
pub use self::connection::Connection;
pub use self::dice::{Dice, Seed, setting};
pub use self::log::logged;
pub use self::takeover::{claim, claim_of};

/// Gauges of all shards added up: connections, sessions, subscriptions, shared subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GaugeSums {
    pub connections: u64,
    pub sessions: u64,
    pub subscriptions: u64,
    pub shared_subscriptions: u64,
}

/// The broker; clones are handles to the same one.
#[derive(Clone)]
pub struct TestBroker(pub Rc<RefCell<State>>);

/// What the handles share.
pub struct State {
    pub shards: Vec<Shard>,
    pub metrics: Vec<Arc<Metrics>>,
    pub gauges: Vec<Arc<Gauges>>,
    pub routes: Arc<RouteTable>,
    pub retained: Arc<MemoryRetainedStore>,
    pub exclusive: Arc<ExclusiveTopics>,
    pub config: Arc<MqttConfig>,
    pub now: Time,
    pub connections: Vec<Connection>,
    /// What the gate wants to know and nobody has answered yet, with the worker that asks.
    questions: VecDeque<(usize, Question)>,
    mail: VecDeque<(usize, Mail)>,
    /// Mail for other nodes: the worker whose publisher it is of, the node's slot.
    pub peer_mail: VecDeque<(usize, u8, Mail)>,
    turns: VecDeque<ConnectionKey>,
    holds_mail: bool,
    assigned: u64,
}

impl TestBroker {
    /// One shard, default settings.
    pub fn new() -> Self {
        Self::with(1, MqttConfig::default())
    }

    /// One shard.
    pub fn with_config(config: MqttConfig) -> Self {
        Self::with(1, config)
    }

    /// `shards` shards; the hash of a client id names the one it belongs to.
    pub fn with(shards: usize, config: MqttConfig) -> Self {
        Self::with_admission(shards, config, Arc::new(AdmitAll))
    }

    /// The same, with somebody at the door.
    pub fn with_admission(shards: usize, config: MqttConfig, admission: Arc<dyn Admission>) -> Self {
        Self::with_seed(shards, config, admission, 1000, RouteTable::new())
    }

    /// The same, whose shards have seeds from `seed` on: those of two nodes may not be the same.
    pub fn with_seed(
        shards: usize,
        config: MqttConfig,
        admission: Arc<dyn Admission>,
        seed: u64,
        routes: RouteTable,
    ) -> Self {
        let config = Arc::new(config);
        let routes = Arc::new(routes);
        let retained = Arc::new(MemoryRetainedStore::new(RetainerConfig::default()));
        let exclusive = Arc::new(ExclusiveTopics::new());
        let metrics: Vec<_> = (0..shards).map(|_| Arc::new(Metrics::new())).collect();
        let gauges: Vec<_> = (0..shards).map(|_| Arc::new(Gauges::default())).collect();
        let make = |number: usize| {
            let tables = NodeTables {
                routes: Arc::clone(&routes),
                locations: Arc::new(ClientLocations::new(routes.hash_seed().clone())),
                retained: Arc::clone(&retained) as Arc<dyn RetainedStore>,
                exclusive: Arc::clone(&exclusive),
                admission: Arc::clone(&admission),
            };
            let id = u16::try_from(number).expect("a few shards");
            let (metrics, gauges) = (Arc::clone(&metrics[number]), Arc::clone(&gauges[number]));
            Shard::new(id, Arc::clone(&config), tables, metrics, gauges, seed + number as u64)
        };
        Self(Rc::new(RefCell::new(State {
            shards: (0..shards).map(make).collect(),
            metrics,
            gauges,
            routes,
            retained,
            exclusive,
            config,
            // Not 0, so that looking back before the start shows.
            now: Time(1_000_000),
            connections: Vec::new(),
            questions: VecDeque::new(),
            mail: VecDeque::new(),
            peer_mail: VecDeque::new(),
            turns: VecDeque::new(),
            holds_mail: false,
            assigned: 0,
        })))
    }

    /// A client about to connect: MQTT 5, clean start, no keep alive, until the builder says otherwise.
    pub fn client(&self, client_id: &str) -> ConnectBuilder {
        ConnectBuilder::new(self.clone(), client_id)
    }

    /// Connects with what [`Self::client`] starts from.
    pub fn connect(&self, client_id: &str) -> TestClient {
        self.client(client_id).connect()
    }

    /// A client id that belongs to shard `shard`.
    pub fn id_on(&self, shard: usize, stem: &str) -> String {
        let count = self.0.borrow().shards.len();
        (0..)
            .map(|number| format!("{stem}{number}"))
            .find(|id| shard_of(id, count) == shard)
            .expect("some number hashes there")
    }

    /// Lets time pass, waking the shards as the daemon does.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.0.borrow_mut();
        let end = state.now.after(duration);
        // Fine steps for short times; for long ones what matters is the order of events hours apart.
        let step = (duration.as_millis() as u64 / 200).max(100);
        while state.now < end {
            state.now = Time((state.now.0 + step).min(end.0));
            state.wake();
        }
    }

    /// Lets time pass with the shards asleep, then wakes them once: a worker that was held up.
    pub fn stall(&self, duration: Duration) {
        let mut state = self.0.borrow_mut();
        state.now = state.now.after(duration);
        state.wake();
    }

    /// Publishes a message of the broker's own on shard 0.
    pub fn publish(&self, message: Message) {
        let mut state = self.0.borrow_mut();
        let now = state.now;
        state.event(0, |shard, effects| shard.publish(Arc::new(message), now, effects));
    }

    /// An operator ends a client; whether it was there.
    pub fn kick(&self, client_id: &str) -> bool {
        let mut state = self.0.borrow_mut();
        let (now, worker) = (state.now, shard_of(client_id, state.shards.len()));
        let mut found = false;
        state.event(worker, |shard, effects| {
            found = shard.kick_client(client_id, now, effects)
        });
        found
    }

    /// Runs `look` on the shard of a client.
    pub fn on_shard_of<R>(&self, client_id: &str, look: impl FnOnce(&mut Shard) -> R) -> R {
        let mut state = self.0.borrow_mut();
        let worker = shard_of(client_id, state.shards.len());
        look(&mut state.shards[worker])
    }

    /// Other settings from now on.
    pub fn configure(&self, change: impl FnOnce(&mut MqttConfig)) {
        let mut state = self.0.borrow_mut();
        let mut config = (*state.config).clone();
        change(&mut config);
        state.config = Arc::new(config);
        let config = Arc::clone(&state.config);
        state
            .shards
            .iter_mut()
            .for_each(|shard| shard.set_config(Arc::clone(&config)));
    }

    /// Every shard tells its events to `sink` from now on.
    pub fn trace(&self, sink: Option<Rc<dyn TraceSink>>) {
        for shard in &mut self.0.borrow_mut().shards {
            shard.set_trace_sink(sink.clone());
        }
    }

    /// Rules about topics, from now on.
    pub fn authorize_by(&self, authorization: &Authorization) {
        for shard in &mut self.0.borrow_mut().shards {
            shard.set_authorization(authorization.clone());
        }
    }

    /// Asks about all subscriptions again, step by step; the number of steps of the shard that took most.
    pub fn recheck(&self) -> usize {
        let mut state = self.0.borrow_mut();
        let now = state.now;
        let steps = |state: &mut State, worker| {
            let (mut recheck, mut steps) = (Recheck::default(), 0);
            let mut has_more = true;
            while has_more {
                steps += 1;
                state.event(worker, |shard, effects| {
                    has_more = shard.recheck_subscriptions(&mut recheck, now, effects);
                });
            }
            steps
        };
        (0..state.shards.len())
            .map(|worker| steps(&mut state, worker))
            .max()
            .unwrap_or(0)
    }

    /// The question that has waited longest.
    pub fn next_question(&self) -> Option<Question> {
        let mut state = self.0.borrow_mut();
        state.questions.pop_front().map(|(_, question)| question)
    }

    /// Answers the question that has waited longest; its actions.
    pub fn answer(&self, answers: Vec<Answer>) -> Vec<OwnedAction> {
        let mut state = self.0.borrow_mut();
        let (worker, question) = state.questions.pop_front().expect("somebody asks");
        let now = state.now;
        state.event(worker, |shard, effects| {
            shard.on_authorized(question.ticket, answers, now, effects)
        });
        question.asked
    }

    /// A client turns out to be somebody.
    pub fn identify(&self, client_id: &str, identity: Identity) {
        let mut state = self.0.borrow_mut();
        let (now, worker) = (state.now, shard_of(client_id, state.shards.len()));
        state.event(worker, |shard, effects| {
            let connection = shard.connection_of(client_id).expect("it is connected");
            shard.on_reauthenticated(connection, identity, now, effects);
        });
    }

    /// Keeps mail between shards from arriving until [`Self::release_mail`].
    pub fn hold_mail(&self) {
        self.0.borrow_mut().holds_mail = true;
    }

    /// Lets the mail arrive.
    pub fn release_mail(&self) {
        let mut state = self.0.borrow_mut();
        state.holds_mail = false;
        state.settle();
    }

    /// A counter, added up over the shards.
    pub fn metric(&self, metric: Metric) -> u64 {
        self.0.borrow().metrics.iter().map(|metrics| metrics.get(metric)).sum()
    }

    /// The gauges, added up over the shards.
    pub fn gauges(&self) -> GaugeSums {
        let mut sums = GaugeSums::default();
        for gauges in &self.0.borrow().gauges {
            sums.connections += gauges.connections.load(Ordering::Relaxed);
            sums.sessions += gauges.sessions.load(Ordering::Relaxed);
            sums.subscriptions += gauges.subscriptions.load(Ordering::Relaxed);
            sums.shared_subscriptions += gauges.shared_subscriptions.load(Ordering::Relaxed);
        }
        sums
    }

    /// Whether the broker still has a session for the client.
    pub fn has_session(&self, client_id: &str) -> bool {
        self.on_shard_of(client_id, |shard| shard.session_key(client_id).is_some())
    }

    /// The present time.
    pub fn now(&self) -> Time {
        self.0.borrow().now
    }

    /// Everything, for what the methods above do not show.
    pub fn state(&self) -> Ref<'_, State> {
        self.0.borrow()
    }
}

impl State {
    fn open(&mut self, connect: Connect, identity: Option<Identity>, certificate: Option<String>) -> usize {
        let number = self.connections.len();
        let key = ConnectionKey(u32::try_from(number).expect("a test has few connections"));
        let given = effective_client_id(&connect, &self.config);
        let is_assigned = given.is_none();
        self.assigned += u64::from(is_assigned);
        let client_id = given.unwrap_or_else(|| assign_client_id([self.assigned, 77]));
        let worker = shard_of(&client_id, self.shards.len());
        self.connections.push(Connection::new(worker, key, &connect));
        let mut peer = Peer::tcp(
            Arc::from("tcp:default"),
            SocketAddr::from(([127, 0, 0, 1], 40_000)),
            1883,
        );
        peer.tls = certificate.map(|name| {
            Arc::new(TlsPeer {
                common_name: Some(name.into()),
                ..TlsPeer::default()
            })
        });
        let now = self.now;
        self.event(worker, |shard, effects| {
            let identity = identity.unwrap_or_else(|| Identity::claimed(connect.username.clone()));
            shard.on_connect(key, peer, connect, client_id, is_assigned, identity, now, effects);
        });
        number
    }

    fn packet(&mut self, number: usize, packet: Packet) {
        let connection = &mut self.connections[number];
        if connection.closed.is_some() {
            return;
        }
        connection.note_sent_by_client(&packet);
        let (worker, key, now) = (connection.worker, connection.key, self.now);
        self.event(worker, |shard, effects| {
            shard.on_received(key, now);
            shard.on_packet(key, packet, now, effects);
        });
    }

    fn lose(&mut self, number: usize, reason: DisconnectReason) {
        let (worker, key, now) = (self.connections[number].worker, self.connections[number].key, self.now);
        self.event(worker, |shard, effects| shard.on_closed(key, reason, now, effects));
    }

    fn congest(&mut self, number: usize) {
        let connection = &mut self.connections[number];
        connection.is_congested = true;
        let (worker, key) = (connection.worker, connection.key);
        self.shards[worker].on_congested(key);
    }

    fn drain(&mut self, number: usize) {
        let connection = &mut self.connections[number];
        connection.is_congested = false;
        let (worker, key, now) = (connection.worker, connection.key, self.now);
        self.event(worker, |shard, effects| shard.on_writable(key, now, effects));
    }

    pub fn wake(&mut self) {
        let now = self.now;
        for worker in 0..self.shards.len() {
            self.event(worker, |shard, effects| shard.on_wakeup(now, effects));
        }
    }

    /// One event on one shard, and all that follows from it.
    pub fn event(&mut self, worker: usize, act: impl FnOnce(&mut Shard, &mut Vec<Effect>)) {
        self.apply(worker, act);
        self.settle();
    }

    fn settle(&mut self) {
        let now = self.now;
        loop {
            if !self.holds_mail
                && let Some((worker, mail)) = self.mail.pop_front()
            {
                self.apply(worker, |shard, effects| shard.on_mail(mail, now, effects));
            } else if let Some(key) = self.turns.pop_front() {
                let connection = &self.connections[key.0 as usize];
                // A socket that takes no more gets its turn when it takes data again.
                if connection.closed.is_none() && !connection.is_congested {
                    let worker = connection.worker;
                    self.apply(worker, |shard, effects| shard.on_writable(key, now, effects));
                }
            } else {
                return;
            }
        }
    }

    fn apply(&mut self, from: usize, act: impl FnOnce(&mut Shard, &mut Vec<Effect>)) {
        let mut effects = Vec::new();
        act(&mut self.shards[from], &mut effects);
        for effect in effects {
            match effect {
                Effect::Send { connection, packet } => self.connections[connection.0 as usize].record(packet),
                Effect::Deliver { connection, delivery } => {
                    self.connections[connection.0 as usize].record_delivery(&delivery);
                }
                Effect::Close {
                    connection,
                    reason,
                    summary,
                } => self.connections[connection.0 as usize].close(reason, *summary),
                Effect::Forward { worker, mail } => match peer_slot(worker) {
                    Some(slot) => self.peer_mail.push_back((from, slot, mail)),
                    None => self.mail.push_back((usize::from(worker), mail)),
                },
                Effect::Continue { connection } => self.turns.push_back(connection),
                Effect::AskAuthorization(question) => self.questions.push_back((from, *question)),
                Effect::Connected { .. }
                | Effect::SubscriptionChanged { .. }
                | Effect::AuthorizationAnswered { .. }
                | Effect::Authenticate { .. } => {}
            }
        }
    }
}

/// Which of `count` shards a client belongs to.
pub fn shard_of(client_id: &str, count: usize) -> usize {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(client_id);
    usize::try_from(hash % count as u64).expect("below the number of shards")
}

/// QoS 0, 1, 2.
pub const QOS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

/// Whole seconds.
pub fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A message of the broker's own.
pub fn broker_message(topic: &str, payload: &str) -> Message {
    Message {
        id: 0,
        topic: ByteString::from(topic),
        payload: payload.to_owned().into(),
        qos: QoS::AtMostOnce,
        retain: false,
        properties: None,
        publisher: ByteString::new(),
        published_at: Time(0),
        expires_at: None,
    }
}
