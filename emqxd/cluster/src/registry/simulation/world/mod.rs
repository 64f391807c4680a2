//! Three nodes in memory: links that delay and lose, streams of locations that lag, nodes that die and come back. What
//! decides is the real [`Locks`], [`Claim`](super::super::Claim) and [`stays`](super::super::stays); sessions are numbers.
//!
//! `happening.rs` has what there is to happen, `claiming.rs` what a node does for a client that comes in, `answering.rs`
//! what it does for others and with what it hears of them, `faults.rs` the faults and what they are noticed by.

mod answering;
mod claiming;
mod faults;
mod happening;

use std::collections::{BTreeMap, BTreeSet};

use self::claiming::Claiming;
pub(super) use self::happening::{Happening, Message};
use super::super::{Locks, Step};
use crate::consensus::NodeId;

pub(super) const NODES: [NodeId; 3] = [1, 2, 3];

pub(super) type Id = &'static str;

#[derive(Debug, Clone)]
pub(super) struct Session {
    /// Which session it is, wherever it has moved to.
    pub origin: u64,
    pub since: u64,
    frozen: Option<(u64, u64)>,
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
}
