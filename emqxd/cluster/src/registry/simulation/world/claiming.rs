//! A client that comes in: its lock, the steps of its claim, and the rules that let it in.

use super::happening::What;
use super::{Chance, Happening, Id, Message, Session, World};
use crate::consensus::NodeId;
use crate::registry::locks::REPEAT_MS;
use crate::registry::{Claim, Event, Grant, Step, home};

/// As the daemon has them.
const ANSWER_MS: u64 = 2000;
const LOCK_MS: u64 = 3000;

#[derive(Debug, Clone)]
pub(super) struct Claiming {
    pub id: Id,
    is_clean_start: bool,
    pub claim: Claim,
    pub step: u32,
    home: NodeId,
    token: Option<u64>,
    pub origin: u64,
    pub freeze: u64,
}

impl World {
    pub(super) fn connect(&mut self, node: NodeId, id: Id, is_clean_start: bool, chance: &mut impl Chance) {
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

    pub(super) fn ask_for_lock(&mut self, node: NodeId, request: u64, chance: &mut impl Chance) {
        let claiming = &self.nodes[&node].claims[&request];
        let (id, home, boot) = (claiming.id, claiming.home, self.nodes[&node].boot);
        self.send(node, home, Message::Lock { id, request }, chance);
        self.plan(self.now + REPEAT_MS, Happening::Repeat { node, boot, request });
    }

    pub(super) fn on_timeout(&mut self, node: NodeId, request: u64, chance: &mut impl Chance) {
        let claiming = self.node(node).claims.get_mut(&request).unwrap();
        let (id, home, step) = (claiming.id, claiming.home, claiming.claim.step().clone());
        if step == Step::Lock {
            self.send(node, home, Message::Unwanted { id, request }, chance);
        }
        self.advance(node, request, Event::Unreachable, chance);
    }

    /// A step is done; does those that follow until one has to wait.
    pub(super) fn advance(&mut self, node: NodeId, request: u64, event: Event, chance: &mut impl Chance) {
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

    /// Whether the grant is wanted.
    pub(super) fn on_grant(&mut self, node: NodeId, request: u64, grant: Grant, chance: &mut impl Chance) -> bool {
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
}
