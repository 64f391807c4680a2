//! Random operations on sessions, each step held against a plain model ([`model`]), and what the applications
//! behind the clients got held against what MQTT promises them ([`application`]).
//!
//! A failure prints its seed. `EMQXD_MODEL_SEED=<seed>` runs that one sequence and prints its operations;
//! `EMQXD_MODEL_SEQUENCES=<number>` runs more or fewer than usual in each of the tests.

mod application;
mod model;

use bytestring::ByteString;
use emqxd_broker::{DisconnectReason, Metric, MqttConfig};
use mqtt_codec::{Packet, PacketId, ProtocolVersion, PublishProperties, QoS, ReasonCode};

use self::application::Application;
use self::model::{Ack, Limits, Model};
use crate::support::{Dice, GaugeSums, QOS, Seed, TestBroker, TestClient, message, secs, setting};

/// Sequences of each of the four tests; 10,000 in all.
const SEQUENCES: u64 = 2500;
const STEPS: usize = 60;
const CLIENTS: usize = 4;
const TOPICS: [&str; 4] = ["a", "b", "c/1", "c/2"];
/// No two of them match one topic: the order of two deliveries of one message is nobody's promise.
const FILTERS: [&str; 3] = ["a", "b", "c/+"];

#[test]
fn sessions_do_as_the_model_says_1_of_4() {
    run(0);
}

#[test]
fn sessions_do_as_the_model_says_2_of_4() {
    run(1);
}

#[test]
fn sessions_do_as_the_model_says_3_of_4() {
    run(2);
}

#[test]
fn sessions_do_as_the_model_says_4_of_4() {
    run(3);
}

/// The same, with other shards going on every now and then: upgrades.
#[test]
fn sessions_that_are_handed_over_do_as_the_model_says() {
    let sequences = setting("EMQXD_MODEL_SEQUENCES").unwrap_or(SEQUENCES);
    let seeds = setting("EMQXD_MODEL_SEED").map_or(0..sequences, |seed| seed..seed + 1);
    for seed in seeds {
        let mut sequence = Sequence::new(seed, setting("EMQXD_MODEL_SEED").is_some());
        sequence.is_handed_over = true;
        sequence.run();
    }
}

fn run(quarter: u64) {
    if let Some(seed) = setting("EMQXD_MODEL_SEED") {
        if quarter == 0 {
            Sequence::new(seed, true).run();
        }
        return;
    }
    let sequences = setting("EMQXD_MODEL_SEQUENCES").unwrap_or(SEQUENCES);
    for number in 0..sequences {
        Sequence::new(number * 4 + quarter, false).run();
    }
}

/// One run of operations.
struct Sequence {
    seed: Seed,
    is_told: bool,
    dice: Dice,
    broker: TestBroker,
    model: Model,
    applications: Vec<Application>,
    connections: Vec<Option<TestClient>>,
    /// Clients also acknowledge what they never got.
    is_rude: bool,
    /// Its shards change.
    is_handed_over: bool,
    numbers: u32,
}

impl Sequence {
    fn new(seed: u64, is_told: bool) -> Self {
        let mut dice = Dice(seed);
        let limits = Limits {
            max_inflight: dice.pick(&[1, 2, 4]),
            max_queue: dice.pick(&[1, 3, 6]),
            stores_qos0: dice.one_in(2),
            max_awaiting_release: dice.pick(&[1, 3]),
            release_timeout_ms: 20_000,
            expiry_v3: 60,
        };
        let config = MqttConfig {
            max_inflight: limits.max_inflight,
            max_mqueue_len: Some(limits.max_queue),
            mqueue_store_qos0: limits.stores_qos0,
            max_awaiting_rel: Some(limits.max_awaiting_release),
            await_rel_timeout: secs(20),
            session_expiry_interval: secs(u64::from(limits.expiry_v3)),
            ..MqttConfig::default()
        };
        let broker = TestBroker::with(1 + dice.below(3), config);
        Self {
            model: Model::new(CLIENTS, limits, broker.now().0),
            broker,
            seed: Seed(seed),
            is_told,
            is_rude: dice.one_in(3),
            dice,
            applications: (0..CLIENTS).map(|_| Application::default()).collect(),
            connections: (0..CLIENTS).map(|_| None).collect(),
            is_handed_over: false,
            numbers: 0,
        }
    }

    fn run(mut self) {
        for step in 0..STEPS {
            self.step(step);
            self.check();
            if self.is_handed_over && self.dice.one_in(8) {
                self.tell(|| "the broker is handed over".to_owned());
                self.broker.hand_over(1 + self.dice.below(3));
                self.check();
            }
        }
        self.flush();
        for (client, application) in self.applications.iter().enumerate() {
            application.check_all(&self.model, client);
        }
        self.end_all();
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if self.is_told {
            eprintln!("seed {}: {}", self.seed.0, what());
        }
    }

    fn step(&mut self, step: usize) {
        let client = self.dice.below(CLIENTS);
        let is_connected = self.connections[client].is_some();
        match self.dice.below(100) {
            // A sequence begins with somebody there.
            _ if step < 3 && !is_connected => self.connect(client),
            0..12 => self.connect(client),
            12..60 if !is_connected => self.publish(client, false),
            12..17 => self.subscribe(client),
            17..19 => self.unsubscribe(client),
            19..42 => self.publish(client, false),
            42..46 => self.release(client),
            46..62 => self.read_and_acknowledge(client),
            62..74 => self.acknowledge(client),
            74..78 => self.rude_acknowledgement(client),
            78..84 => self.advance(),
            84..88 => self.congest(client),
            88..92 => self.drain(client),
            92..95 => self.disconnect(client),
            95..97 => self.lose(client),
            97 => self.kick(client),
            _ => self.publish(client, true),
        }
    }

    fn connect(&mut self, client: usize) {
        let is_v5 = !self.dice.one_in(4);
        let clean_start = self.dice.one_in(4);
        let expiry = self.dice.pick(&[0, 10, 60, 60, u32::MAX]);
        let receive_maximum = self.dice.pick(&[1, 2, 3, 10]);
        self.connect_as(client, is_v5, clean_start, expiry, receive_maximum);
    }

    fn connect_as(&mut self, client: usize, is_v5: bool, clean_start: bool, expiry: u32, receive_maximum: u16) {
        self.tell(|| format!("{client} connects v5={is_v5} clean={clean_start} expiry={expiry} rm={receive_maximum}"));
        let window = if is_v5 { receive_maximum } else { u16::MAX };
        let ended = self.model.connect(client, is_v5, clean_start, expiry, window);
        let mut builder = self.broker.client(&format!("client-{client}"));
        builder = if is_v5 {
            builder.expiry(expiry).receive_maximum(receive_maximum)
        } else {
            builder.v311()
        };
        let connected = builder.change(|connect| connect.clean_start = clean_start).connect();
        assert_eq!(connected.connack.reason_code, ReasonCode::Success);
        assert_eq!(
            connected.connack.session_present,
            self.model.is_present(client),
            "session present"
        );
        if let Some(old) = self.connections[client].replace(connected) {
            let reason = if clean_start {
                DisconnectReason::Discarded
            } else {
                DisconnectReason::TakenOver
            };
            assert_eq!(old.closed(), Some(reason));
            let was_v5 = ended.expect("the model knew of the connection");
            assert_eq!(old.disconnect_code(), was_v5.then_some(ReasonCode::SessionTakenOver));
        }
        self.applications[client].on_connected(self.model.life(client), self.model.is_present(client));
    }

    fn publish(&mut self, client: usize, expires: bool) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        let (topic, qos) = (self.dice.pick(&TOPICS), self.dice.pick(&QOS));
        let id = 1 + self.dice.below(4) as u16;
        if qos == QoS::ExactlyOnce && !self.model.is_release_certain(client) {
            return;
        }
        let is_v5 = self.model.is_v5(client);
        let expiry = (expires && is_v5).then(|| self.dice.pick(&[1, 5, 30]));
        self.numbers += 1;
        self.tell(|| {
            format!(
                "{client} publishes {} to {topic} {qos:?} id {id} expiry {expiry:?}",
                self.numbers
            )
        });
        let mut publish = message(topic, &self.numbers.to_string(), qos);
        publish.packet_id = (qos > QoS::AtMostOnce).then(|| PacketId::new(id).expect("not 0"));
        publish.properties = expiry.map(|seconds| {
            Box::new(PublishProperties {
                message_expiry_interval: Some(seconds),
                ..PublishProperties::default()
            })
        });
        connection.send(Packet::Publish(publish));
        let is_open = self.model.publish(client, topic, self.numbers, qos, id, expiry);
        if !is_open {
            self.check_closed(client, DisconnectReason::ReceiveMaximumExceeded);
        }
    }

    fn release(&mut self, client: usize) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        if !self.model.is_release_certain(client) {
            return;
        }
        let id = 1 + self.dice.below(4) as u16;
        self.tell(|| format!("{client} releases {id}"));
        connection.pubrel(id);
        self.model.release(client, id);
    }

    fn subscribe(&mut self, client: usize) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        let (filter, qos) = (self.dice.pick(&FILTERS), self.dice.pick(&QOS));
        self.tell(|| format!("{client} subscribes to {filter} {qos:?}"));
        assert_eq!(connection.subscribe(filter, qos) as u8, qos as u8);
        self.model.subscribe(client, filter, qos);
    }

    fn unsubscribe(&mut self, client: usize) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        let filter = self.dice.pick(&FILTERS);
        self.tell(|| format!("{client} unsubscribes from {filter}"));
        let code = connection.unsubscribe(filter);
        assert_eq!(code == ReasonCode::Success, self.model.unsubscribe(client, filter));
    }

    /// The application reads some of what has come.
    fn read_and_acknowledge(&mut self, client: usize) {
        let count = 1 + self.dice.below(8);
        self.applications[client].read(count);
        if self.dice.one_in(2) {
            self.acknowledge(client);
        }
    }

    /// Some of the acknowledgements that the client owes, in any order.
    fn acknowledge(&mut self, client: usize) {
        for _ in 0..1 + self.dice.below(4) {
            let owed = self.applications[client].owed();
            if owed == 0 {
                return;
            }
            let ack = self.applications[client].take_owed(self.dice.below(owed));
            let refuses = matches!(ack, Ack::Pubrec { .. }) && self.dice.one_in(12);
            let ack = if refuses {
                self.applications[client].refuse(ack)
            } else {
                ack
            };
            self.acknowledge_with(client, ack);
            self.check();
        }
    }

    fn rude_acknowledgement(&mut self, client: usize) {
        if !self.is_rude || self.connections[client].is_none() {
            return;
        }
        let id = 1 + self.dice.below(10) as u16;
        let ack = match self.dice.below(4) {
            0 => Ack::Puback(id),
            1 => Ack::Pubrec { id, refused: false },
            2 => Ack::Pubrec { id, refused: true },
            _ => Ack::Pubcomp(id),
        };
        self.applications[client].on_rudeness();
        self.acknowledge_with(client, ack);
    }

    fn acknowledge_with(&mut self, client: usize, ack: Ack) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        self.tell(|| format!("{client} sends {ack:?}"));
        match ack {
            Ack::Puback(id) => connection.puback(id),
            Ack::Pubrec { id, refused: false } => connection.pubrec(id),
            Ack::Pubrec { id, refused: true } => connection.pubrec_with(id, ReasonCode::QuotaExceeded),
            Ack::Pubcomp(id) => connection.pubcomp(id),
        }
        self.model.acknowledge(client, ack);
    }

    fn advance(&mut self) {
        let seconds = self.dice.pick(&[1, 3, 11, 30]);
        self.tell(|| format!("{seconds} s pass"));
        self.broker.stall(secs(seconds));
        self.model.advance(seconds * 1000);
    }

    fn congest(&mut self, client: usize) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        self.tell(|| format!("{client} is congested"));
        connection.congest();
        self.model.congest(client);
    }

    fn drain(&mut self, client: usize) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        self.tell(|| format!("{client} drains"));
        connection.drain();
        self.model.drain(client);
    }

    fn disconnect(&mut self, client: usize) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        let changes = self.model.is_v5(client) && self.dice.one_in(2);
        let expiry = changes.then(|| self.dice.pick(&[0, 10, 60]));
        self.tell(|| format!("{client} disconnects, expiry {expiry:?}"));
        connection.disconnect_with(ReasonCode::Success, expiry);
        let is_allowed = self.model.disconnect(client, expiry);
        let reason = if is_allowed {
            DisconnectReason::Normal
        } else {
            DisconnectReason::ProtocolError
        };
        self.check_closed(client, reason);
    }

    fn lose(&mut self, client: usize) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        self.tell(|| format!("{client} is lost"));
        connection.drop_connection();
        self.model.lose(client);
        self.check_closed(client, DisconnectReason::TcpClosed);
    }

    fn kick(&mut self, client: usize) {
        self.tell(|| format!("{client} is kicked"));
        let is_v5 = self.model.is_connected_v5(client);
        assert_eq!(
            self.broker.kick(&format!("client-{client}")),
            self.model.has_session(client)
        );
        if let Some(connection) = self.connections[client].take() {
            assert_eq!(connection.closed(), Some(DisconnectReason::Kicked));
            assert_eq!(
                connection.disconnect_code(),
                is_v5.then_some(ReasonCode::AdministrativeAction)
            );
            self.applications[client].on_disconnected();
        }
        self.model.end(client);
    }

    fn check_closed(&mut self, client: usize, reason: DisconnectReason) {
        self.check_packets(client);
        let connection = self.connections[client].take().expect("it was open");
        assert_eq!(connection.closed(), Some(reason));
        self.applications[client].on_disconnected();
    }

    /// What the broker shows is what the model says.
    fn check(&mut self) {
        for client in 0..CLIENTS {
            self.check_packets(client);
        }
        let (model, broker) = (&self.model, &self.broker);
        let sums = GaugeSums {
            connections: self.connections.iter().flatten().count() as u64,
            sessions: model.sessions(),
            subscriptions: model.subscriptions(),
            shared_subscriptions: 0,
        };
        assert_eq!(broker.gauges(), sums);
        let drops = model.drops;
        assert_eq!(
            broker.metric(Metric::DeliveryDroppedQueueFull),
            drops.queue_full,
            "queue full"
        );
        assert_eq!(
            broker.metric(Metric::DeliveryDroppedQos0Msg),
            drops.qos0,
            "QoS 0 for an absent client"
        );
        assert_eq!(broker.metric(Metric::DeliveryDroppedExpired), drops.expired, "expired");
        assert_eq!(
            broker.metric(Metric::MessagesDroppedNoSubscribers),
            drops.no_subscribers,
            "no subscribers"
        );
        assert_eq!(
            broker.metric(Metric::DeliveryDropped),
            drops.queue_full + drops.qos0 + drops.expired
        );
        for client in 0..CLIENTS {
            let info = broker.on_shard_of(&format!("client-{client}"), |shard| {
                shard.client(&format!("client-{client}"))
            });
            let shown = info.map(|info| (info.subscriptions, info.inflight, info.queue_len));
            assert_eq!(shown, model.shown(client), "client {client}");
        }
    }

    fn check_packets(&mut self, client: usize) {
        let Some(connection) = &self.connections[client] else {
            return;
        };
        for packet in connection.received() {
            self.tell(|| format!("  to {client}: {packet:?}"));
            self.model.on_packet(client, &packet);
            self.applications[client].on_packet(packet);
        }
        self.model.expects_nothing_more(client);
    }

    /// Every session that is left gets its client back, which reads and acknowledges all there is.
    fn flush(&mut self) {
        for client in 0..CLIENTS {
            if self.model.has_session(client) {
                self.connect_as(client, true, false, u32::MAX, 10);
                self.check();
                loop {
                    self.applications[client].read(usize::MAX);
                    if self.applications[client].owed() == 0 {
                        break;
                    }
                    let ack = self.applications[client].take_owed(0);
                    self.acknowledge_with(client, ack);
                    self.check();
                }
                assert!(self.is_rude || matches!(self.model.shown(client), Some((_, 0, 0))));
            }
        }
    }

    /// Nothing is left when all are gone.
    fn end_all(mut self) {
        for client in 0..CLIENTS {
            let client_id = ByteString::from(format!("client-{client}"));
            assert_eq!(self.broker.kick(&client_id), self.model.has_session(client));
            self.model.end(client);
            self.connections[client] = None;
        }
        assert_eq!(self.broker.gauges(), GaugeSums::default());
        let state = self.broker.state();
        assert_eq!(state.routes.counts().topics, 0);
        assert!(TOPICS.iter().all(|topic| !state.routes.has_match(topic)));
        for connection in &state.connections {
            assert!(connection.closed.is_some() && connection.version >= ProtocolVersion::V311);
        }
    }
}
