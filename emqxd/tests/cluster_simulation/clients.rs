//! Publishers, subscribers with kept sessions and members of a share group: what they do, and what came to them.

use std::collections::BTreeMap;

use mqtt_codec::{Packet, QoS};

use crate::network::Start;
use crate::support::{Acknowledging, TestClient, message};
use crate::world::World;

/// Between two attempts to connect.
const AGAIN_MS: usize = 600;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Stays at one node; has topics of its own.
    Publisher,
    /// Stays at one node.
    Stayer,
    /// Connects wherever it likes.
    Mover,
    /// Stays at one node, in a share group.
    Member,
}

enum Place {
    Away,
    /// On its way in.
    Claiming(Start),
    At(Start, Box<TestClient>),
}

pub struct Client {
    pub name: String,
    pub role: Role,
    pub filter: String,
    home: usize,
    place: Place,
    is_clean_next: bool,
    again_at: u64,
    /// Since when its session has been subscribed.
    pub since: u64,
    pub app: Application,
    /// The last number of each of its topics.
    last: BTreeMap<String, u32>,
}

/// What it has taken in.
#[derive(Default)]
pub struct Application {
    acknowledging: Acknowledging,
    /// Each first coming, in order.
    pub taken: Vec<(String, u32)>,
    times: BTreeMap<(String, u32), u32>,
    /// What came again without a word that it might.
    pub twice: Vec<(String, u32)>,
}

impl Application {
    fn disconnected(&mut self, is_session_gone: bool) {
        self.acknowledging.on_disconnected();
        if is_session_gone {
            self.acknowledging.forget_session();
        }
    }

    /// All has been read and acknowledged: what is still to be released is of a session that another one has replaced,
    /// as after a partition, and nobody will. A client that does not know that takes a message of the other session for
    /// one that it had, if it has the same identifier: what is promised in quiet times holds from here on only.
    pub fn forget_replaced_sessions(&mut self) {
        self.acknowledging.forget_session();
    }

    fn read(&mut self, packet: &Packet) {
        let Some(publish) = self.acknowledging.take(packet) else {
            return;
        };
        let text = std::str::from_utf8(&publish.payload).expect("a number");
        let what = (publish.topic.to_string(), text.parse().expect("a number"));
        let times = self.times.entry(what.clone()).or_default();
        *times += 1;
        match *times {
            1 => self.taken.push(what),
            _ if publish.qos == QoS::AtLeastOnce && publish.dup => {}
            _ => self.twice.push(what),
        }
    }
}

impl Client {
    pub fn new(name: String, role: Role, filter: String, home: usize) -> Self {
        Self {
            name,
            role,
            filter,
            home,
            place: Place::Away,
            is_clean_next: false,
            again_at: 0,
            since: 0,
            app: Application::default(),
            last: BTreeMap::new(),
        }
    }

    pub fn is_connected(&self) -> bool {
        matches!(self.place, Place::At(..))
    }

    pub fn is_at(&self) -> Option<usize> {
        match &self.place {
            Place::At(start, _) => Some(start.node),
            _ => None,
        }
    }

    pub fn has_read_all(&self) -> bool {
        self.app.acknowledging.owed() == 0
    }

    pub fn disconnect_for_good(&mut self) {
        if let Place::At(_, client) = std::mem::replace(&mut self.place, Place::Away) {
            client.disconnect_with(mqtt_codec::ReasonCode::Success, Some(0));
        }
        self.again_at = u64::MAX;
    }
}

impl World {
    /// Everybody reads, acknowledges, and comes back who is not there.
    pub fn tick_clients(&mut self) {
        let now = self.net.now();
        for number in 0..self.clients.len() {
            let client = &mut self.clients[number];
            match &client.place {
                Place::At(_, connection) => {
                    while let Some(packet) = connection.next() {
                        client.app.read(&packet);
                    }
                    let is_closed = connection.closed().is_some();
                    while !is_closed && client.app.acknowledging.owed() > 0 && !self.net.dice.one_in(6) {
                        let place = self.net.dice.below(client.app.acknowledging.owed());
                        client.app.acknowledging.acknowledge(connection, place);
                        while let Some(packet) = connection.next() {
                            client.app.read(&packet);
                        }
                    }
                    if is_closed {
                        self.is_away(number);
                    }
                }
                Place::Away if now >= client.again_at => self.come(number),
                Place::Claiming(_) | Place::Away => {}
            }
        }
    }

    fn is_away(&mut self, number: usize) {
        let again_at = self.net.now() + self.net.dice.below(AGAIN_MS) as u64;
        let client = &mut self.clients[number];
        client.place = Place::Away;
        client.again_at = again_at;
        client.app.disconnected(false);
    }

    /// It connects to a node that runs.
    fn come(&mut self, number: usize) {
        let client = &self.clients[number];
        let node = match client.role {
            Role::Mover => self.net.dice.below(self.nodes.len()),
            _ => client.home,
        };
        self.connect(number, node);
    }

    /// It connects to a node, wherever it is now.
    fn connect(&mut self, number: usize, node: usize) {
        if self.nodes[node].is_none() {
            self.clients[number].again_at = self.net.now() + AGAIN_MS as u64;
            return;
        }
        if let Place::At(_, connection) = &self.clients[number].place {
            // It has closed its old connection, or that ends by the new one.
            if connection.closed().is_none() && self.net.dice.one_in(2) {
                connection.drop_connection();
            }
        }
        self.is_away(number);
        let Some(start) = self.nodes[node].as_ref().map(|at| at.start) else {
            return;
        };
        let client = &mut self.clients[number];
        client.place = Place::Claiming(start);
        let (name, is_clean) = (client.name.clone(), client.is_clean_next);
        self.tell(|| format!("{name} comes to {node}"));
        self.begin_claim(node, &name, is_clean);
    }

    /// All others have been asked: the rules answer CONNECT.
    pub fn client_enters(&mut self, start: Start, name: &str) {
        let now = self.net.now();
        let is_quiet = self.is_quiet;
        let Some(number) = self.clients.iter().position(|client| client.name == name) else {
            return;
        };
        let Some(broker) = self.at(start).map(|at| at.broker.clone()) else {
            return;
        };
        let client = &mut self.clients[number];
        if !matches!(client.place, Place::Claiming(at) if at == start) {
            return;
        }
        let is_clean = std::mem::take(&mut client.is_clean_next);
        let builder = broker.client(name).expiry(3600);
        let connection = match is_clean {
            true => builder.connect(),
            false => builder.resuming().connect(),
        };
        let is_there = connection.connack.session_present;
        client.app.disconnected(!is_there);
        if !is_there {
            if is_quiet && client.since > 0 && !is_clean {
                let told = format!("{name} had no session at {} in quiet times ({now} ms)", start.node);
                self.wrong.push(told);
            }
            let client = &mut self.clients[number];
            client.since = now;
            if client.role != Role::Publisher {
                connection.subscribe(&client.filter, QoS::ExactlyOnce);
            }
        }
        self.clients[number].place = Place::At(start, Box::new(connection));
        self.tell(|| format!("{name} is in at {}, session {is_there}", start.node));
    }

    /// Its node is gone.
    pub fn lose_clients_of(&mut self, start: Start) {
        for number in 0..self.clients.len() {
            let client = &mut self.clients[number];
            let is_there = match &client.place {
                Place::At(at, connection) if *at == start => {
                    // What was written before the end has arrived.
                    while let Some(packet) = connection.next() {
                        client.app.read(&packet);
                    }
                    true
                }
                Place::Claiming(at) => *at == start,
                _ => false,
            };
            if is_there {
                self.is_away(number);
            }
        }
    }

    /// A random client does something.
    pub fn act(&mut self) {
        let number = self.net.dice.below(self.clients.len());
        let (role, is_connected) = (self.clients[number].role, self.clients[number].is_connected());
        match role {
            Role::Publisher if is_connected => (0..1 + self.net.dice.below(3)).for_each(|_| self.publish(number)),
            Role::Mover if is_connected && self.net.dice.one_in(3) => {
                self.clients[number].is_clean_next = !self.is_quiet && self.net.dice.one_in(10);
                let node = self.net.dice.below(self.nodes.len());
                self.connect(number, node);
            }
            Role::Stayer if is_connected && self.net.dice.one_in(8) => {
                if let Place::At(_, connection) = &self.clients[number].place {
                    connection.drop_connection();
                }
            }
            // It has no patience: the claim goes on without it.
            Role::Mover if matches!(self.clients[number].place, Place::Claiming(_)) && self.net.dice.one_in(20) => {
                self.is_away(number);
            }
            _ => {}
        }
    }

    fn publish(&mut self, number: usize) {
        let qos = self.net.dice.pick(&[QoS::AtLeastOnce, QoS::ExactlyOnce]);
        let kind = self.net.dice.pick(&["x", "y", "x", "y", "kept"]);
        let client = &mut self.clients[number];
        let Place::At(_, connection) = &client.place else {
            return;
        };
        if connection.closed().is_some() {
            return;
        }
        if kind == "kept" {
            let payload = self.net.dice.pick(&["", "one", "two"]);
            let mut publish = message(&format!("r/{}", self.net.dice.below(5)), payload, qos);
            publish.retain = true;
            connection.publish_packet(publish);
            return;
        }
        let topic = format!("t/{}/{kind}", client.name);
        let last = client.last.entry(topic.clone()).or_default();
        *last += 1;
        let text = last.to_string();
        let code = connection.publish(&topic, &text, qos);
        assert!(!code.is_error(), "{code:?}");
        let what = (topic, *last);
        self.tell(|| format!("{} on {} is published", what.1, what.0));
        if self.is_quiet {
            self.promised.push(what);
        }
    }
}
