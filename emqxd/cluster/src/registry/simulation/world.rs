//! Three nodes in memory: links that delay and lose, streams of locations that lag, nodes that die and come back. What
//! decides is the real [`Locks`], [`Claim`] and [`stays`]; sessions are numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::super::locks::REPEAT_MS;
use super::super::{Answer, Asker, Claim, Event, Grant, Locks, Step, home, stays};
use crate::consensus::NodeId;

pub(super) const NODES: [NodeId; 3] = [1, 2, 3];
/// As the daemon has them.
const ANSWER_MS: u64 = 2000;
const LOCK_MS: u64 = 3000;
const FROZEN_MS: u64 = 15_000;
const LOOK_MS: u64 = 250;

pub(super) type Id = &'static str;

#[derive(Debug, Clone)]
pub(super) enum Message {
    Lock {
        id: Id,
        request: u64,
    },
    Locked {
        request: u64,
        answer: Answer,
    },
    Granted {
        id: Id,
        request: u64,
        grant: Grant,
    },
    Unwanted {
        id: Id,
        request: u64,
    },
    Release {
        id: Id,
        token: u64,
        is_holder: bool,
    },
    IsHere {
        id: Id,
    },
    Ask {
        id: Id,
        request: u64,
        step: u32,
        what: What,
    },
    Reply {
        request: u64,
        step: u32,
        event: Event,
        origin: u64,
        freeze: u64,
    },
    /// Of a stream of locations: a session is here since, or not any more.
    Row {
        id: Id,
        since: Option<u64>,
    },
    /// All rows anew.
    Snapshot {
        rows: Vec<(Id, u64)>,
    },
}

#[derive(Debug, Clone)]
pub(super) enum What {
    Begin,
    End { freeze: u64 },
    Discard,
}

#[derive(Debug, Clone)]
pub(super) enum Happening {
    Deliver {
        from: NodeId,
        to: NodeId,
        boot: u64,
        epoch: u64,
        message: Message,
    },
    Connect {
        node: NodeId,
        id: Id,
        is_clean_start: bool,
    },
    /// No answer has come in time.
    Timeout {
        node: NodeId,
        boot: u64,
        request: u64,
        step: u32,
    },
    /// Time to ask for a lock again.
    Repeat {
        node: NodeId,
        boot: u64,
        request: u64,
    },
    /// Time to look at a conflict again.
    Settle {
        node: NodeId,
        boot: u64,
        id: Id,
    },
    Tick,
    /// A node comes to believe what is so about another one.
    Detect {
        node: NodeId,
        peer: NodeId,
    },
    Die {
        node: NodeId,
    },
    Return {
        node: NodeId,
    },
    Cut {
        left: NodeId,
        right: NodeId,
    },
    Heal {
        left: NodeId,
        right: NodeId,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Session {
    /// Which session it is, wherever it has moved to.
    pub origin: u64,
    pub since: u64,
    frozen: Option<(u64, u64)>,
}

#[derive(Debug, Clone)]
struct Claiming {
    id: Id,
    is_clean_start: bool,
    claim: Claim,
    step: u32,
    home: NodeId,
    token: Option<u64>,
    origin: u64,
    freeze: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub is_alive: bool,
    pub boot: u64,
    pub locks: Locks,
    /// Who is up, as this one sees it.
    view: BTreeSet<NodeId>,
    pub sessions: BTreeMap<Id, Session>,
    pub rows: BTreeMap<(NodeId, Id), u64>,
    claims: BTreeMap<u64, Claiming>,
}

impl Node {
    fn new(boot: u64) -> Self {
        Self {
            is_alive: true,
            boot,
            locks: Locks::new(boot),
            view: NODES.into(),
            sessions: BTreeMap::new(),
            rows: BTreeMap::new(),
            claims: BTreeMap::new(),
        }
    }

    pub fn is_claiming(&self) -> bool {
        !self.claims.is_empty()
    }
}

/// Decides what takes how long and what gets lost.
pub(super) trait Chance {
    /// How long something takes that depends on the network.
    fn delay(&mut self) -> u64;
    /// Whether a message gets lost.
    fn is_lost(&mut self) -> bool;
}

#[derive(Debug, Clone)]
pub(super) struct World {
    pub now: u64,
    pub nodes: BTreeMap<NodeId, Node>,
    /// What is to happen, with when and in which order it was planned.
    pub pending: BTreeMap<(u64, u64), Happening>,
    planned: u64,
    cut: BTreeSet<(NodeId, NodeId)>,
    /// Of the stream between two nodes: which link it is, and when its last message arrives.
    streams: BTreeMap<(NodeId, NodeId), (u64, u64)>,
    last_origin: u64,
    last_freeze: u64,
    last_request: u64,
    /// Clients that got a new session although another node had one that was theirs.
    pub lost: Vec<String>,
    pub entered: usize,
    /// Time passes when a client comes in and when nothing else is left, so that fewer worlds differ.
    pub is_timeless: bool,
}

impl World {
    pub fn new() -> Self {
        Self {
            now: 1_000_000,
            nodes: NODES.into_iter().map(|id| (id, Node::new(1))).collect(),
            pending: BTreeMap::new(),
            planned: 0,
            cut: BTreeSet::new(),
            streams: BTreeMap::new(),
            last_origin: 0,
            last_freeze: 0,
            last_request: 0,
            lost: Vec::new(),
            entered: 0,
            is_timeless: false,
        }
    }

    pub fn plan(&mut self, at: u64, happening: Happening) {
        self.planned += 1;
        self.pending.insert((at, self.planned), happening);
    }

    /// Lets one thing happen.
    pub fn happen(&mut self, key: (u64, u64), chance: &mut impl Chance) {
        let Some(happening) = self.pending.remove(&key) else {
            return;
        };
        let takes_no_time = matches!(happening, Happening::Deliver { .. } | Happening::Connect { .. });
        if !(self.is_timeless && takes_no_time) {
            self.now = self.now.max(key.0);
        }
        match happening {
            Happening::Deliver {
                from,
                to,
                boot,
                epoch,
                message,
            } => {
                let is_stream = matches!(message, Message::Row { .. } | Message::Snapshot { .. });
                let link = self.streams.get(&(from, to)).map_or(0, |(link, _)| *link);
                let is_there = self.nodes[&to].is_alive && self.nodes[&to].boot == boot && !self.is_cut(from, to);
                if is_there && (!is_stream || link == epoch) {
                    self.deliver(from, to, message, chance);
                }
            }
            Happening::Connect {
                node,
                id,
                is_clean_start,
            } => self.connect(node, id, is_clean_start, chance),
            Happening::Timeout {
                node,
                boot,
                request,
                step,
            } => {
                if self.is_at(node, boot, request, Some(step)) {
                    self.on_timeout(node, request, chance);
                }
            }
            Happening::Repeat { node, boot, request } => {
                let is_waiting = self.is_at(node, boot, request, None)
                    && *self.nodes[&node].claims[&request].claim.step() == Step::Lock;
                if is_waiting {
                    self.ask_for_lock(node, request, chance);
                }
            }
            Happening::Settle { node, boot, id } => {
                if self.nodes[&node].is_alive && self.nodes[&node].boot == boot {
                    self.settle(node, id, chance);
                }
            }
            Happening::Tick => self.tick(chance),
            Happening::Detect { node, peer } => self.detect(node, peer, chance),
            Happening::Die { node } => self.die(node, chance),
            Happening::Return { node } => self.come_back(node, chance),
            Happening::Cut { left, right } => {
                self.cut.insert((left.min(right), left.max(right)));
                self.unlink(left, right);
                self.plan_detection(left, right, chance);
            }
            Happening::Heal { left, right } => {
                if self.cut.remove(&(left.min(right), left.max(right))) {
                    self.link(left, right, chance);
                    self.plan_detection(left, right, chance);
                }
            }
        }
    }

    pub fn is_cut(&self, left: NodeId, right: NodeId) -> bool {
        self.cut.contains(&(left.min(right), left.max(right)))
    }

    fn node(&mut self, id: NodeId) -> &mut Node {
        self.nodes.get_mut(&id).unwrap()
    }

    fn is_at(&self, node: NodeId, boot: u64, request: u64, step: Option<u32>) -> bool {
        let node = &self.nodes[&node];
        let claiming = node.claims.get(&request);
        node.is_alive
            && node.boot == boot
            && claiming.is_some_and(|claiming| step.is_none_or(|step| claiming.step == step))
    }

    fn send(&mut self, from: NodeId, to: NodeId, message: Message, chance: &mut impl Chance) {
        let (boot, delay, is_lost) = (self.nodes[&to].boot, chance.delay(), chance.is_lost());
        let mut at = self.now + delay;
        let mut epoch = 0;
        if matches!(message, Message::Row { .. } | Message::Snapshot { .. }) {
            let (link, last) = self.streams.entry((from, to)).or_default();
            at = at.max(*last);
            (*last, epoch) = (at, *link);
        } else if is_lost && from != to {
            return;
        }
        let at = if from == to { self.now } else { at };
        self.plan(
            at,
            Happening::Deliver {
                from,
                to,
                boot,
                epoch,
                message,
            },
        );
    }

    fn connect(&mut self, node: NodeId, id: Id, is_clean_start: bool, chance: &mut impl Chance) {
        if !self.nodes[&node].is_alive {
            return;
        }
        self.last_request += 1;
        let request = self.last_request;
        let home = home(id, self.nodes[&node].view.iter().copied()).unwrap();
        let claiming = Claiming {
            id,
            is_clean_start,
            claim: Claim::new(node, is_clean_start),
            step: 0,
            home,
            token: None,
            origin: 0,
            freeze: 0,
        };
        self.node(node).claims.insert(request, claiming);
        let boot = self.nodes[&node].boot;
        self.plan(
            self.now + LOCK_MS,
            Happening::Timeout {
                node,
                boot,
                request,
                step: 0,
            },
        );
        self.ask_for_lock(node, request, chance);
    }

    fn ask_for_lock(&mut self, node: NodeId, request: u64, chance: &mut impl Chance) {
        let claiming = &self.nodes[&node].claims[&request];
        let (id, home, boot) = (claiming.id, claiming.home, self.nodes[&node].boot);
        self.send(node, home, Message::Lock { id, request }, chance);
        self.plan(self.now + REPEAT_MS, Happening::Repeat { node, boot, request });
    }

    fn on_timeout(&mut self, node: NodeId, request: u64, chance: &mut impl Chance) {
        let claiming = self.node(node).claims.get_mut(&request).unwrap();
        let (id, home, step) = (claiming.id, claiming.home, claiming.claim.step().clone());
        if step == Step::Lock {
            self.send(node, home, Message::Unwanted { id, request }, chance);
        }
        self.advance(node, request, Event::Unreachable, chance);
    }

    /// A step is done; does those that follow until one has to wait.
    fn advance(&mut self, node: NodeId, request: u64, event: Event, chance: &mut impl Chance) {
        let mut event = Some(event);
        while let Some(done) = event.take() {
            let claiming = self.node(node).claims.get_mut(&request).unwrap();
            claiming.claim.on(done);
            claiming.step += 1;
            let (id, step, freeze) = (claiming.id, claiming.claim.step().clone(), claiming.freeze);
            let origin = claiming.origin;
            event = match step {
                Step::LookUp => Some(self.look_up(node, id)),
                Step::Begin(at) => self.ask(node, at, request, What::Begin, chance),
                Step::End(at) => self.ask(node, at, request, What::End { freeze }, chance),
                Step::Discard(at) => self.ask(node, at, request, What::Discard, chance),
                Step::Import => {
                    let since = self.now;
                    let session = Session {
                        origin,
                        since,
                        frozen: None,
                    };
                    self.node(node).sessions.insert(id, session);
                    self.tell_row(node, id, chance);
                    Some(Event::Done)
                }
                Step::Spread(_) | Step::Merge => Some(Event::Done),
                Step::Abandon => {
                    self.node(node).sessions.remove(id);
                    self.tell_row(node, id, chance);
                    Some(Event::Done)
                }
                Step::Enter | Step::Refuse => {
                    self.enter(node, request, chance);
                    None
                }
                Step::Lock => None,
            };
        }
    }

    fn ask(&mut self, node: NodeId, at: NodeId, request: u64, what: What, chance: &mut impl Chance) -> Option<Event> {
        let claiming = &self.nodes[&node].claims[&request];
        let (id, step, boot) = (claiming.id, claiming.step, self.nodes[&node].boot);
        self.send(
            node,
            at,
            Message::Ask {
                id,
                request,
                step,
                what,
            },
            chance,
        );
        self.plan(
            self.now + ANSWER_MS,
            Happening::Timeout {
                node,
                boot,
                request,
                step,
            },
        );
        None
    }

    fn look_up(&self, node: NodeId, id: Id) -> Event {
        let state = &self.nodes[&node];
        let rows = state
            .rows
            .iter()
            .filter(|((peer, of), _)| *of == id && state.view.contains(peer));
        Event::Found {
            here: state.sessions.get(id).map(|session| session.since),
            elsewhere: rows.map(|((peer, _), since)| (*peer, *since)).collect(),
        }
    }

    /// The rules answer CONNECT.
    fn enter(&mut self, node: NodeId, request: u64, chance: &mut impl Chance) {
        let claiming = self.node(node).claims.remove(&request).unwrap();
        let id = claiming.id;
        self.entered += 1;
        self.now += u64::from(self.is_timeless);
        let now = self.now;
        let resumed = self.nodes[&node].sessions.get(id).map(|session| session.origin);
        if resumed.is_none() && !claiming.is_clean_start {
            let had = self.nodes.iter().find(|(_, other)| other.sessions.contains_key(id));
            if let Some((holder, _)) = had {
                self.lost
                    .push(format!("{id} at {now}: new on {node}, had one on {holder}"));
            }
        }
        let origin = resumed.filter(|_| !claiming.is_clean_start).unwrap_or_else(|| {
            self.last_origin += 1;
            self.last_origin
        });
        let session = Session {
            origin,
            since: now,
            frozen: None,
        };
        self.node(node).sessions.insert(id, session);
        self.tell_row(node, id, chance);
        if let Some(token) = claiming.token {
            let release = Message::Release {
                id,
                token,
                is_holder: true,
            };
            self.send(node, claiming.home, release, chance);
            let present = home(id, self.nodes[&node].view.iter().copied()).unwrap();
            if present != claiming.home {
                self.send(node, present, Message::IsHere { id }, chance);
            }
        }
    }

    fn tell_row(&mut self, node: NodeId, id: Id, chance: &mut impl Chance) {
        let since = self.nodes[&node].sessions.get(id).map(|session| session.since);
        for peer in NODES.into_iter().filter(|peer| *peer != node) {
            if self.nodes[&peer].is_alive && !self.is_cut(node, peer) {
                self.send(node, peer, Message::Row { id, since }, chance);
            }
        }
    }

    fn deliver(&mut self, from: NodeId, to: NodeId, message: Message, chance: &mut impl Chance) {
        let now = self.now;
        match message {
            Message::Lock { id, request } => {
                let asker = self.asker(from, request);
                let answer = self.node(to).locks.request(id, asker, now);
                self.send(to, from, Message::Locked { request, answer }, chance);
            }
            Message::Locked { request, answer } => {
                if let Answer::Granted(grant) = answer {
                    self.on_grant(to, request, grant, chance);
                }
            }
            Message::Granted { id, request, grant } => {
                if !self.on_grant(to, request, grant, chance) {
                    self.send(to, from, Message::Unwanted { id, request }, chance);
                }
            }
            Message::Unwanted { id, request } => {
                let asker = self.asker(from, request);
                let next = self.node(to).locks.give_up(id, asker, now);
                self.tell_grant(to, id, next, chance);
            }
            Message::Release { id, token, is_holder } => {
                let holder = is_holder.then_some(from);
                let next = self.node(to).locks.release(id, token, holder, now);
                self.tell_grant(to, id, next, chance);
            }
            Message::IsHere { id } => self.node(to).locks.note_holder(id, from, now),
            Message::Ask {
                id,
                request,
                step,
                what,
            } => {
                let (event, origin, freeze) = self.answer(to, id, &what, chance);
                let reply = Message::Reply {
                    request,
                    step,
                    event,
                    origin,
                    freeze,
                };
                self.send(to, from, reply, chance);
            }
            Message::Reply {
                request,
                step,
                event,
                origin,
                freeze,
            } => {
                if self.is_at(to, self.nodes[&to].boot, request, Some(step)) {
                    let claiming = self.node(to).claims.get_mut(&request).unwrap();
                    if event == Event::Session && matches!(claiming.claim.step(), Step::Begin(_)) {
                        (claiming.origin, claiming.freeze) = (origin, freeze);
                    }
                    self.advance(to, request, event, chance);
                }
            }
            Message::Row { id, since } => {
                match since {
                    Some(since) => self.node(to).rows.insert((from, id), since),
                    None => self.node(to).rows.remove(&(from, id)),
                };
                self.settle(to, id, chance);
            }
            Message::Snapshot { rows } => {
                self.node(to).rows.retain(|(peer, _), _| *peer != from);
                for (id, since) in rows {
                    self.node(to).rows.insert((from, id), since);
                    self.settle(to, id, chance);
                }
            }
        }
    }

    fn asker(&self, node: NodeId, request: u64) -> Asker {
        Asker {
            node,
            boot: self.nodes[&node].boot,
            request,
        }
    }

    /// Whether the grant is wanted.
    fn on_grant(&mut self, node: NodeId, request: u64, grant: Grant, chance: &mut impl Chance) -> bool {
        let Some(claiming) = self.node(node).claims.get_mut(&request) else {
            return false;
        };
        if claiming.token == Some(grant.token) {
            return true;
        }
        if *claiming.claim.step() != Step::Lock {
            return false;
        }
        claiming.token = Some(grant.token);
        let last_holder = grant.last_holder;
        self.advance(node, request, Event::Locked { last_holder }, chance);
        true
    }

    fn tell_grant(&mut self, home: NodeId, id: Id, next: Option<(Asker, Grant)>, chance: &mut impl Chance) {
        if let Some((asker, grant)) = next {
            let request = asker.request;
            self.send(home, asker.node, Message::Granted { id, request, grant }, chance);
        }
    }

    /// What the holder of a session does with it.
    fn answer(&mut self, node: NodeId, id: Id, what: &What, chance: &mut impl Chance) -> (Event, u64, u64) {
        let now = self.now;
        self.thaw(node);
        let Some(session) = self.node(node).sessions.get(id).cloned() else {
            return (Event::Nothing, 0, 0);
        };
        match what {
            What::Begin => {
                self.last_freeze += 1;
                let freeze = self.last_freeze;
                let session = self.node(node).sessions.get_mut(id).unwrap();
                session.frozen = Some((freeze, now + FROZEN_MS));
                (Event::Session, session.origin, freeze)
            }
            What::End { freeze } if session.frozen.is_some_and(|(frozen, _)| frozen == *freeze) => {
                self.node(node).sessions.remove(id);
                self.tell_row(node, id, chance);
                (Event::Session, 0, 0)
            }
            What::End { .. } => (Event::Nothing, 0, 0),
            What::Discard => {
                self.node(node).sessions.remove(id);
                self.tell_row(node, id, chance);
                (Event::Done, 0, 0)
            }
        }
    }

    fn thaw(&mut self, node: NodeId) {
        let now = self.now;
        for session in self.node(node).sessions.values_mut() {
            session.frozen = session.frozen.filter(|(_, until)| now < *until);
        }
    }

    /// Another node says that it has a session of a client.
    fn settle(&mut self, node: NodeId, id: Id, chance: &mut impl Chance) {
        self.thaw(node);
        let state = &self.nodes[&node];
        let Some(session) = state.sessions.get(id) else {
            return;
        };
        let is_moving = session.frozen.is_some() || state.claims.values().any(|claiming| claiming.id == id);
        if is_moving {
            let boot = state.boot;
            self.plan(self.now + LOOK_MS, Happening::Settle { node, boot, id });
            return;
        }
        let own = (session.since, node);
        let of_others = state.rows.iter().filter(|((_, of), _)| *of == id);
        let stays = of_others
            .map(|((peer, _), since)| (*since, *peer))
            .all(|other| stays(own, other));
        if !stays {
            self.node(node).sessions.remove(id);
            self.tell_row(node, id, chance);
        }
    }

    fn tick(&mut self, chance: &mut impl Chance) {
        let now = self.now;
        for home in NODES {
            let mut granted = Vec::new();
            if self.nodes[&home].is_alive {
                self.node(home).locks.expire(now, &mut granted);
            }
            self.tell_grants(home, granted, chance);
        }
    }

    fn tell_grants(&mut self, home: NodeId, granted: Vec<(Box<str>, Asker, Grant)>, chance: &mut impl Chance) {
        for (id, asker, grant) in granted {
            let id = super::IDS.into_iter().find(|each| **each == *id).unwrap();
            self.tell_grant(home, id, Some((asker, grant)), chance);
        }
    }

    fn plan_detection(&mut self, left: NodeId, right: NodeId, chance: &mut impl Chance) {
        for (node, peer) in [(left, right), (right, left)] {
            let at = self.now + 1000 + 20 * chance.delay();
            self.plan(at, Happening::Detect { node, peer });
        }
    }

    fn detect(&mut self, node: NodeId, peer: NodeId, chance: &mut impl Chance) {
        if !self.nodes[&node].is_alive {
            return;
        }
        let (is_up, boot) = (
            self.nodes[&peer].is_alive && !self.is_cut(node, peer),
            self.nodes[&peer].boot,
        );
        let now = self.now;
        let state = self.node(node);
        if is_up {
            state.view.insert(peer);
        } else {
            state.view.remove(&peer);
        }
        let mut granted = Vec::new();
        state.locks.forget_node(peer, is_up.then_some(boot), now, &mut granted);
        self.tell_grants(node, granted, chance);
    }

    /// What is under way on the streams between two nodes does not arrive.
    fn unlink(&mut self, left: NodeId, right: NodeId) {
        for pair in [(left, right), (right, left)] {
            self.streams.entry(pair).or_default().0 += 1;
        }
    }

    fn link(&mut self, left: NodeId, right: NodeId, chance: &mut impl Chance) {
        for (from, to) in [(left, right), (right, left)] {
            if self.nodes[&from].is_alive && self.nodes[&to].is_alive && !self.is_cut(from, to) {
                let sessions = self.nodes[&from].sessions.iter();
                let rows = sessions.map(|(id, session)| (*id, session.since)).collect();
                self.send(from, to, Message::Snapshot { rows }, chance);
            }
        }
    }

    fn die(&mut self, node: NodeId, chance: &mut impl Chance) {
        let state = self.node(node);
        if !std::mem::replace(&mut state.is_alive, false) {
            return;
        }
        state.sessions.clear();
        state.claims.clear();
        for peer in NODES.into_iter().filter(|peer| *peer != node) {
            self.unlink(node, peer);
            self.plan_detection(node, peer, chance);
            // What a dead node had is dropped by the others; here at once, which is the hardest for locks.
            self.node(peer).rows.retain(|(of, _), _| *of != node);
        }
    }

    fn come_back(&mut self, node: NodeId, chance: &mut impl Chance) {
        if self.nodes[&node].is_alive {
            return;
        }
        let boot = self.nodes[&node].boot + 1;
        *self.node(node) = Node::new(boot);
        for peer in NODES.into_iter().filter(|peer| *peer != node) {
            self.unlink(node, peer);
            self.link(node, peer, chance);
            self.plan_detection(node, peer, chance);
        }
    }
}
