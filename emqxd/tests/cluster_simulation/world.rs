//! Nodes, network and clients, and what happens to them.

use std::collections::BTreeMap;

use crate::clients::{Client, Role};
use crate::clock::Clock;
use crate::network::{Event, Item, Lane, LinkId, Network, Start};
use crate::node::Node;
use crate::sessions::{Claiming, Spreading, Waiter};
use crate::support::Dice;

const TICK_MS: u64 = 50;
/// A node that is not heard of for so long is down: the doubt of the gossip, and the grace after it.
const DOWN_MS: u64 = 8_000;
/// In quiet times messages are published for so long.
const QUIET_MS: u64 = 1_500;
/// What all may take to be as it should be again.
const SETTLE_MS: u64 = 90_000;

/// The first boot that a node may have.
const BOOT_BEGIN: u64 = 1_700_000_000_000;
/// A node does not crash before it has run for so long.
const NEW_MS: u64 = 2_000;

/// What goes wrong in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    /// Links break.
    Breaks,
    /// Nodes do not reach each other, one way or both.
    Partitions,
    /// Nodes end and start anew.
    Crashes,
    /// All of it.
    All,
}

pub struct World {
    pub net: Network,
    pub nodes: Vec<Option<Node>>,
    pub clients: Vec<Client>,
    pub claims: BTreeMap<u64, Claiming>,
    pub waiters: BTreeMap<u64, Waiter>,
    pub spreads: Vec<Spreading>,
    /// A session is let go of before all know where it is: the control.
    pub is_spread_skipped: bool,
    pub last_number: u64,
    /// Nothing goes wrong just now, and all that did is over.
    pub is_quiet: bool,
    /// Published in the present quiet time, in order.
    pub promised: Vec<(String, u32)>,
    pub wrong: Vec<String>,
    seed: u64,
    faults: Faults,
    is_told: bool,
    workers: Vec<usize>,
    starts: u64,
    /// A sum of all that happened: two runs of a seed have the same.
    pub trace: u64,
}

impl World {
    pub fn new(seed: u64, faults: Faults, is_told: bool) -> Self {
        let mut dice = Dice(seed);
        let count = 3 + dice.below(3);
        let workers = (0..count).map(|_| 1 + dice.below(2)).collect();
        let mut clients = Vec::new();
        for (role, name, number) in [
            (Role::Publisher, "p", 3),
            (Role::Stayer, "s", 2),
            (Role::Mover, "m", 3),
            (Role::Member, "g", 2),
        ] {
            for place in 0..number {
                let filter = match role {
                    Role::Member => "$share/g/t/#".to_owned(),
                    _ => dice.pick(&["t/#", "t/+/x", "t/p0/x", "t/p1/+"]).to_owned(),
                };
                clients.push(Client::new(format!("{name}{place}"), role, filter, dice.below(count)));
            }
        }
        let mut world = Self {
            net: Network::new(count, dice),
            nodes: (0..count).map(|_| None).collect(),
            clients,
            claims: BTreeMap::new(),
            waiters: BTreeMap::new(),
            spreads: Vec::new(),
            is_spread_skipped: false,
            last_number: 0,
            is_quiet: false,
            promised: Vec::new(),
            wrong: Vec::new(),
            seed,
            faults,
            is_told,
            workers,
            starts: 0,
            trace: 0,
        };
        (0..count).for_each(|node| world.start_node(node));
        world.net.after(0, Event::Tick);
        world
    }

    /// What was not as promised.
    pub fn run(mut self) -> (Vec<String>, u64) {
        self.settle();
        for _ in 0..2 {
            self.quiet_time();
            let until = self.net.now() + 2_000 + self.net.dice.below(18_000) as u64;
            self.bad_time(until);
            self.settle();
            if !self.wrong.is_empty() {
                return (self.wrong, self.trace);
            }
        }
        self.quiet_time();
        self.check_stayers();
        self.finish();
        (self.wrong, self.trace)
    }

    pub fn tell(&self, what: impl FnOnce() -> String) {
        if self.is_told {
            eprintln!("seed {} {:>6} ms: {}", self.seed, self.net.now(), what());
        }
    }

    /// A node, if it still is that start.
    pub fn at(&mut self, start: Start) -> Option<&mut Node> {
        self.nodes[start.node].as_mut().filter(|at| at.start == start)
    }

    fn start_node(&mut self, node: usize) {
        self.starts += 1;
        let boot = BOOT_BEGIN + self.net.now() + self.starts;
        let start = Start { node, boot };
        let clock = Clock::of(&self.net.clock);
        let seed = self.seed.wrapping_mul(1_000_003) ^ (self.starts << 20);
        self.tell(|| format!("{node} starts"));
        self.nodes[node] = Some(Node::start(start, self.nodes.len(), self.workers[node], seed, clock));
    }

    fn crash(&mut self, node: usize) {
        let Some(at) = self.nodes[node].take() else { return };
        self.tell(|| format!("{node} crashes"));
        let is_silent = self.net.dice.one_in(2);
        for (link, end) in self.net.ends_of(at.start) {
            self.net.close(link, end, is_silent);
        }
        self.claims.retain(|_, claiming| claiming.start != at.start);
        self.lose_clients_of(at.start);
    }

    /// Lets so much time pass.
    pub fn wait(&mut self, ms: u64) {
        self.go_on(self.net.now() + ms);
    }

    /// Lets things happen until then.
    fn go_on(&mut self, until: u64) {
        while let Some(event) = self.net.next(until) {
            for at in self.nodes.iter().flatten() {
                at.broker.0.borrow_mut().now = at.clock.now();
            }
            let touched = self.happens(event);
            if !self.spreads.is_empty() {
                self.look_at_spreads();
            }
            for node in 0..self.nodes.len() {
                if touched.is_none_or(|touched| touched == node) {
                    self.send_messages(node);
                    self.feed_followers(node);
                }
            }
        }
        self.net.clock.store(until, std::sync::atomic::Ordering::Relaxed);
    }

    /// Which node has anything to do with it; `None` for all.
    fn happens(&mut self, event: Event) -> Option<usize> {
        let kind = match &event {
            Event::Arrives(link, end, Item::Frame(frame)) => link * 7 + *end as u64 + frame.len() as u64,
            Event::Question { ask, .. } | Event::Answer { ask, .. } => *ask,
            _ => 1,
        };
        self.trace = (self.trace ^ kind ^ self.net.now()).wrapping_mul(0x0100_0000_01B3);
        match event {
            Event::Arrives(link, end, item) => self.arrives(link, end, item),
            Event::Connects { from, to, lane } => {
                let boot = self.nodes[to].as_ref().map(|at| at.start.boot);
                let link = self.net.on_connect(from, to, boot, lane)?;
                match lane {
                    Lane::Stream => self.stream_accepted(to, link),
                    Lane::Messages(_) => self.lane_accepted(to, from, link),
                }
                Some(to)
            }
            Event::Connected(link) => {
                let ([from, to], lane) = self.net.open_link(link, 0)?;
                self.connected(from, to, lane, Some(link));
                Some(from.node)
            }
            Event::NotConnected { from, to, lane } => {
                self.connected(from, Start { node: to, boot: 0 }, lane, None);
                Some(from.node)
            }
            Event::Question {
                ask,
                from,
                to,
                question,
                sent,
            } => {
                if self.net.is_blocked(from.node, to.node) {
                    self.net.hold_back(
                        sent,
                        Event::Question {
                            ask,
                            from,
                            to,
                            question,
                            sent,
                        },
                    );
                    return Some(to.node);
                }
                self.at(to)?;
                if let crate::sessions::Question::Spread { sequence, holder } = question {
                    self.begin_spread(ask, to, from, sequence, holder);
                } else if let Some(answer) = self.answer_question(to, from, question) {
                    self.net.answer(ask, to, from, answer);
                }
                None
            }
            Event::Answer {
                ask,
                from,
                to,
                answer,
                sent,
            } => {
                if self.net.is_blocked(from.node, to.node) {
                    self.net.hold_back(
                        sent,
                        Event::Answer {
                            ask,
                            from,
                            to,
                            answer,
                            sent,
                        },
                    );
                    return Some(to.node);
                }
                self.at(to)?;
                self.answered(ask, Some(answer));
                None
            }
            Event::NoAnswer(ask) => {
                self.answered(ask, None);
                None
            }
            Event::Tick => {
                self.tick();
                self.net.after(TICK_MS, Event::Tick);
                None
            }
            Event::Page(start, link) => {
                self.page_is_due(start, link);
                Some(start.node)
            }
            Event::Acknowledge(start, link) => {
                self.acknowledge(start, link);
                Some(start.node)
            }
            Event::Look(claim) => {
                self.look_again(claim);
                None
            }
            Event::Heal { a, b } => {
                self.net.heal(a, b);
                None
            }
            Event::Restart(node) => {
                if self.nodes[node].is_none() {
                    self.start_node(node);
                }
                Some(node)
            }
        }
    }

    fn arrives(&mut self, link: LinkId, end: usize, item: Item) -> Option<usize> {
        let (ends, lane) = self
            .net
            .open_link(link, end)
            .unwrap_or(([Start { node: 0, boot: 0 }; 2], Lane::Stream));
        let item = self.net.arrives(link, end, item)?;
        let (at, other) = (ends[end], ends[1 - end]);
        let frame = match item {
            Item::Frame(frame) => Some(frame),
            Item::End => None,
        };
        if self.at(at).is_none() {
            return Some(at.node);
        }
        match (lane, end) {
            (Lane::Stream, 0) => self.follower_hears(at, other.node, link, frame),
            (Lane::Stream, _) => self.feed_hears(at, other.node, link, frame),
            (Lane::Messages(worker), 0) => self.sender_hears(at, other.node, worker, link, frame),
            (Lane::Messages(_), _) => self.receiver_hears(at, link, frame),
        }
        Some(at.node)
    }

    fn connected(&mut self, from: Start, to: Start, lane: Lane, link: Option<LinkId>) {
        match lane {
            Lane::Stream => self.stream_connected(from, to, link),
            Lane::Messages(worker) => self.lane_connected(from, to, worker, link),
        }
    }

    fn tick(&mut self) {
        for node in 0..self.nodes.len() {
            let Some(at) = &self.nodes[node] else { continue };
            at.broker.0.borrow_mut().wake();
            for peer in (0..self.nodes.len()).filter(|peer| *peer != node) {
                self.hear_of(node, peer);
            }
            self.tick_streams(node);
            self.tick_lanes(node);
            self.tick_sessions(node);
        }
        self.tick_clients();
    }

    /// Gossip, and the question of each second: who is up.
    fn hear_of(&mut self, node: usize, peer: usize) {
        let now = self.net.now();
        let is_heard = self.net.dice.one_in(10) && self.net.is_way_free(node, peer);
        let boot = self.nodes[peer].as_ref().map(|at| at.start.boot);
        let Some(at) = &mut self.nodes[node] else { return };
        let known = &mut at.peers[peer];
        let before = *known;
        if let (true, Some(boot)) = (is_heard, boot) {
            *known = crate::node::Peer {
                is_up: true,
                boot,
                heard: now,
            };
            if before.boot != 0 && before.boot != boot {
                if before.is_up {
                    self.end_stream(node, peer, false);
                }
                self.forget_locks(node, peer, Some(boot));
            }
        } else if known.is_up && now >= known.heard + DOWN_MS {
            known.is_up = false;
            self.tell(|| format!("{peer} is down for {node}"));
            self.end_stream(node, peer, true);
            self.end_lanes(node, peer);
            self.forget_locks(node, peer, None);
        }
    }

    /// Publishers publish and clients move; all of it has to arrive.
    fn quiet_time(&mut self) {
        self.tell(|| "quiet".to_owned());
        (self.is_quiet, self.promised) = (true, Vec::new());
        let until = self.net.now() + QUIET_MS;
        while self.net.now() < until {
            self.act();
            let pause = self.net.dice.below(40) as u64;
            self.go_on(self.net.now() + pause);
        }
        self.settle();
        self.check_promised();
        self.is_quiet = false;
    }

    fn bad_time(&mut self, until: u64) {
        self.tell(|| format!("until {until} ms things go wrong"));
        while self.net.now() < until {
            if self.net.dice.one_in(30) {
                self.fail();
            }
            self.act();
            let pause = self.net.dice.below(80) as u64;
            self.go_on(self.net.now() + pause);
        }
    }

    fn fail(&mut self) {
        let which = match self.faults {
            Faults::Breaks => 0,
            Faults::Partitions => 1 + self.net.dice.below(2),
            Faults::Crashes => 3,
            Faults::All => self.net.dice.below(4),
        };
        let count = self.nodes.len();
        let lasts = self.net.dice.pick(&[200, 1_000, 3_000, 6_000, 10_000, 20_000]);
        match which {
            0 => {
                self.tell(|| "a link breaks".to_owned());
                self.net.break_one();
            }
            1 => {
                // Two sides, each of which goes on for itself.
                let sides: Vec<bool> = (0..count).map(|_| self.net.dice.one_in(2)).collect();
                self.tell(|| format!("for {lasts} ms two sides: {sides:?}"));
                let ways = (0..count).flat_map(|a| (0..count).map(move |b| (a, b)));
                for (a, b) in ways.filter(|(a, b)| sides[*a] != sides[*b]) {
                    self.block(a, b, lasts);
                }
            }
            2 => {
                let (a, b) = (self.net.dice.below(count), self.net.dice.below(count));
                self.tell(|| format!("for {lasts} ms nothing gets from {a} to {b}"));
                self.block(a, b, lasts);
            }
            _ => {
                let node = self.net.dice.below(count);
                // One that starts so soon again after its last start is taken for one that was upgraded.
                let is_new = |at: &Node| self.net.now() < at.start.boot - BOOT_BEGIN + NEW_MS;
                if self.nodes[node].as_ref().is_some_and(|at| !is_new(at)) {
                    self.crash(node);
                    self.net.after(lasts, Event::Restart(node));
                }
            }
        }
    }

    fn block(&mut self, a: usize, b: usize, lasts: u64) {
        if a != b {
            self.net.block(a, b);
            self.net.after(lasts, Event::Heal { a, b });
        }
    }

    /// Until all is as it should be, and still is after a moment, in which the last to come have read what waited.
    fn settle(&mut self) {
        let until = self.net.now() + SETTLE_MS;
        let mut is_well = false;
        loop {
            self.wait(500);
            match self.is_amiss() {
                None if is_well => {
                    self.clients
                        .iter_mut()
                        .for_each(|client| client.app.forget_replaced_sessions());
                    return self.check_sessions();
                }
                None => is_well = true,
                Some(amiss) if self.net.now() >= until => {
                    self.wrong.push(format!("after {SETTLE_MS} ms {amiss}"));
                    return;
                }
                Some(_) => is_well = false,
            }
        }
    }
}
