//! What a node does for others, and with what they tell it: locks, sessions that go, where clients are.

use super::happening::What;
use super::{Chance, Happening, Id, Message, NODES, World};
use crate::consensus::NodeId;
use crate::registry::simulation::IDS;
use crate::registry::{Answer, Asker, Event, Grant, Step, stays};

/// As the daemon has them.
const FROZEN_MS: u64 = 15_000;
const LOOK_MS: u64 = 250;

impl World {
    pub(super) fn tell_row(&mut self, node: NodeId, id: Id, chance: &mut impl Chance) {
        let since = self.nodes[&node].sessions.get(id).map(|session| session.since);
        for peer in NODES.into_iter().filter(|peer| *peer != node) {
            if self.nodes[&peer].is_alive && !self.is_cut(node, peer) {
                self.send(node, peer, Message::Row { id, since }, chance);
            }
        }
    }

    pub(super) fn deliver(&mut self, from: NodeId, to: NodeId, message: Message, chance: &mut impl Chance) {
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

    fn tell_grant(&mut self, home: NodeId, id: Id, next: Option<(Asker, Grant)>, chance: &mut impl Chance) {
        if let Some((asker, grant)) = next {
            let request = asker.request;
            self.send(home, asker.node, Message::Granted { id, request, grant }, chance);
        }
    }

    pub(super) fn tell_grants(
        &mut self,
        home: NodeId,
        granted: Vec<(Box<str>, Asker, Grant)>,
        chance: &mut impl Chance,
    ) {
        for (id, asker, grant) in granted {
            let id = IDS.into_iter().find(|each| **each == *id).unwrap();
            self.tell_grant(home, id, Some((asker, grant)), chance);
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
    pub(super) fn settle(&mut self, node: NodeId, id: Id, chance: &mut impl Chance) {
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

    pub(super) fn tick(&mut self, chance: &mut impl Chance) {
        let now = self.now;
        for home in NODES {
            let mut granted = Vec::new();
            if self.nodes[&home].is_alive {
                self.node(home).locks.expire(now, &mut granted);
            }
            self.tell_grants(home, granted, chance);
        }
    }
}
