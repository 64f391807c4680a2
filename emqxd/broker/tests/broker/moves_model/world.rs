//! Nodes, publishers and the client, and what happens to them at random.

use mqtt_codec::QoS;

use super::publisher::Publisher;
use super::receiver::Receiver;
use crate::support::{Dice, GaugeSums, QOS, TestBroker, TestClient, secs};
use emqxd_broker::{Discarded, DisconnectReason, MqttConfig};

const STEPS: usize = 200;
const FILTER: &str = "t/+";
/// One publisher each.
const TOPICS: [&str; 3] = ["t/0", "t/1", "t/2"];

/// What is different from node to node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nobody else has subscribed.
    Alone,
    /// Every node wants every message, wherever the client is.
    AmongOthers,
    /// Copies of a message have other numbers.
    WithoutIds,
}

/// Where the client's session is.
enum Place {
    At(usize),
    Moving(Move),
}

/// A session on its way.
struct Move {
    old: usize,
    new: usize,
    freeze: u64,
    session: Vec<u8>,
    /// The news of the new node's routes, once it has taken the session in.
    imported: Option<u64>,
}

pub struct World {
    seed: u64,
    is_told: bool,
    kind: Kind,
    dice: Dice,
    nodes: Vec<TestBroker>,
    others: Vec<TestClient>,
    wants: Vec<bool>,
    news: u64,
    publishers: Vec<Publisher>,
    place: Place,
    client: Option<TestClient>,
    receiver: Receiver,
    sent: Vec<(u32, QoS)>,
    step: u64,
}

impl World {
    pub fn new(seed: u64, kind: Kind, is_told: bool) -> Self {
        let mut dice = Dice(seed);
        let config = MqttConfig {
            max_inflight: dice.pick(&[1, 2, 4, 32]),
            ..MqttConfig::default()
        };
        let nodes: Vec<_> = (0..2 + dice.below(2))
            .map(|_| {
                let node = TestBroker::with(1 + dice.below(2), config.clone());
                node.stall(secs(dice.below(5000) as u64));
                node
            })
            .collect();
        let others = match kind {
            Kind::AmongOthers => nodes.iter().map(|node| node.connect("other")).collect(),
            _ => Vec::new(),
        };
        for other in &others {
            other.subscribe("t/#", QoS::AtMostOnce);
        }
        let client = nodes[0].client("c").persistent().connect();
        client.subscribe(FILTER, QoS::ExactlyOnce);
        let wants: Vec<bool> = nodes.iter().map(wants).collect();
        let publishers =
            (0..TOPICS.len()).map(|number| Publisher::new(&format!("p{number}"), (number as u64 + 1) << 40, &wants));
        Self {
            seed,
            is_told,
            kind,
            publishers: publishers.collect(),
            dice,
            nodes,
            others,
            wants,
            news: 0,
            place: Place::At(0),
            client: Some(client),
            receiver: Receiver::default(),
            sent: Vec::new(),
            step: 0,
        }
    }

    /// What was not as promised.
    pub fn run(mut self) -> Vec<String> {
        for _ in 0..STEPS {
            self.act();
            self.go_on();
        }
        self.finish();
        let promised = self.sent.iter().copied().filter(|(_, qos)| *qos > QoS::AtMostOnce);
        self.receiver.check_all(promised);
        self.receiver.wrong
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if self.is_told {
            eprintln!("seed {} step {}: {}", self.seed, self.step, what());
        }
    }

    fn act(&mut self) {
        match self.dice.below(100) {
            0..40 => self.publish(),
            40..55 => {
                if let Some(client) = &self.client {
                    self.receiver.read(client);
                }
            }
            55..70 => self.acknowledge(),
            70..74 => self.lose_connection(),
            74..84 => self.connect(),
            84..98 => self.move_on(),
            98 => self.give_up(),
            _ => {
                let seconds = self.dice.pick(&[1, 5, 20]);
                self.tell(|| format!("{seconds} seconds pass"));
                self.nodes.iter().for_each(|node| node.stall(secs(seconds)));
            }
        }
    }

    /// What is due arrives; nodes tell of routes that have changed.
    fn go_on(&mut self) {
        self.step += 1;
        for place in 0..self.publishers.len() {
            for (node, message) in self.publishers[place].arrivals(self.step) {
                self.tell(|| format!("{:?} arrives at {node}", message.payload));
                self.nodes[node].arrive(&message);
            }
        }
        for node in 0..self.nodes.len() {
            if self.wants[node] != wants(&self.nodes[node]) {
                self.tell_routes(node);
            }
        }
        for other in &self.others {
            other.received();
        }
    }

    fn tell_routes(&mut self, node: usize) {
        self.wants[node] = wants(&self.nodes[node]);
        self.news += 1;
        for publisher in &mut self.publishers {
            publisher.tell(node, self.news, self.wants[node], self.step, &mut self.dice);
        }
    }

    fn publish(&mut self) {
        let (place, qos) = (self.dice.below(TOPICS.len()), self.dice.pick(&QOS));
        let number = u32::try_from(self.sent.len() + 1).expect("few");
        self.tell(|| format!("{number} is published to {} {qos:?}", TOPICS[place]));
        self.sent.push((number, qos));
        let tells_apart = self.kind != Kind::WithoutIds;
        self.publishers[place].publish(number, TOPICS[place], qos, tells_apart, self.step, &mut self.dice);
    }

    fn acknowledge(&mut self) {
        if let Some(client) = &self.client
            && self.receiver.owed() > 0
        {
            let position = self.dice.below(self.receiver.owed());
            self.receiver.acknowledge(client, position);
        }
    }

    fn lose_connection(&mut self) {
        if let Some(client) = self.client.take() {
            self.tell(|| "the connection breaks".to_owned());
            client.drop_connection();
            self.receiver.on_disconnected();
        }
    }

    fn connect(&mut self) {
        let node = self.dice.below(self.nodes.len());
        match &self.place {
            Place::At(at) if *at == node => self.connect_at(node),
            Place::At(at) => self.begin(*at, node),
            // The lock of the client id keeps others out; at the node that has the session it may have run out.
            Place::Moving(Move { old, .. }) if *old == node && self.dice.one_in(4) => self.connect_at(node),
            Place::Moving(_) => {}
        }
    }

    fn connect_at(&mut self, node: usize) {
        self.tell(|| format!("the client connects to {node}"));
        let window = self.dice.pick(&[1, 2, 5, 100]);
        let client = self.nodes[node]
            .client("c")
            .persistent()
            .receive_maximum(window)
            .connect();
        if !client.connack.session_present {
            self.receiver
                .wrong
                .push(format!("node {node} had no session at step {}", self.step));
        }
        self.receiver.on_disconnected();
        self.client = Some(client);
    }

    fn begin(&mut self, old: usize, new: usize) {
        self.tell(|| format!("the session is to go from {old} to {new}"));
        let (freeze, session) = self.nodes[old].freeze("c");
        self.client = None;
        self.receiver.on_disconnected();
        self.place = Place::Moving(Move {
            old,
            new,
            freeze,
            session,
            imported: None,
        });
    }

    fn move_on(&mut self) {
        let Place::Moving(Move {
            old,
            new,
            freeze,
            ref session,
            imported,
        }) = self.place
        else {
            return;
        };
        let Some(news) = imported else {
            self.tell(|| format!("{new} takes it in"));
            let taken = self.nodes[new].takeover_import("c", session);
            assert_eq!(taken, Ok(()));
            self.tell_routes(new);
            if let Place::Moving(moving) = &mut self.place {
                moving.imported = Some(self.news);
            }
            return;
        };
        let mut publishers = self.publishers.iter();
        if !publishers.all(|publisher| publisher.has_settled(old, new, news)) {
            return;
        }
        let Some(collected) = self.nodes[old].takeover_end("c", freeze) else {
            self.tell(|| format!("{old} keeps it"));
            self.drop_import(new);
            self.place = Place::At(old);
            return;
        };
        self.tell(|| format!("{new} has it"));
        assert_eq!(self.nodes[new].takeover_merge("c", &collected), Ok(()));
        self.place = Place::At(new);
        if !self.dice.one_in(4) {
            self.connect_at(new);
        }
    }

    /// The new node does not go through with it.
    fn give_up(&mut self) {
        if let Place::Moving(Move { old, new, imported, .. }) = self.place {
            self.tell(|| format!("{new} gives up"));
            if imported.is_some() {
                self.drop_import(new);
            }
            self.place = Place::At(old);
        }
    }

    /// The other node keeps the session. Had this one waited for too long for the rest, there are two by now, as after a
    /// partition, and the other one stays.
    fn drop_import(&mut self, node: usize) {
        if !self.nodes[node].takeover_abandon("c") {
            let discarded = self.nodes[node].discard("c", None, DisconnectReason::TakenOver);
            assert_eq!(discarded, Discarded::Done);
        }
    }

    /// All comes to rest, the client reads everything, and leaves nothing behind.
    fn finish(&mut self) {
        while let Place::Moving(_) = self.place {
            self.move_on();
            self.go_on();
        }
        let Place::At(node) = self.place else { return };
        if self.client.is_none() {
            self.connect_at(node);
        }
        while !self.publishers.iter().all(Publisher::is_idle) {
            self.go_on();
        }
        let Some(client) = self.client.take() else { return };
        while self.receiver.read(&client) || self.receiver.owed() > 0 {
            if self.receiver.owed() > 0 {
                self.receiver.acknowledge(&client, 0);
            }
        }
        client.disconnect_with(mqtt_codec::ReasonCode::Success, Some(0));
        for other in &self.others {
            other.disconnect();
        }
        for (number, node) in self.nodes.iter().enumerate() {
            let (gauges, routes) = (node.gauges(), node.state().routes.page(None, 9).len());
            if (gauges, routes) != (GaugeSums::default(), 0) {
                self.receiver
                    .wrong
                    .push(format!("node {number} keeps {gauges:?}, {routes} routes"));
            }
        }
    }
}

fn wants(node: &TestBroker) -> bool {
    node.state().routes.has_match(TOPICS[0])
}
