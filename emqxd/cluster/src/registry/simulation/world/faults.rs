//! Nodes that die and come back, links that are cut and healed, and what the others come to believe.

use super::{Chance, Happening, Message, NODES, Node, World};
use crate::consensus::NodeId;

impl World {
    pub(super) fn plan_detection(&mut self, left: NodeId, right: NodeId, chance: &mut impl Chance) {
        for (node, peer) in [(left, right), (right, left)] {
            let at = self.now + 1000 + 20 * chance.delay();
            self.plan(at, Happening::Detect { node, peer });
        }
    }

    pub(super) fn detect(&mut self, node: NodeId, peer: NodeId, chance: &mut impl Chance) {
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
    pub(super) fn unlink(&mut self, left: NodeId, right: NodeId) {
        for pair in [(left, right), (right, left)] {
            self.streams.entry(pair).or_default().0 += 1;
        }
    }

    pub(super) fn link(&mut self, left: NodeId, right: NodeId, chance: &mut impl Chance) {
        for (from, to) in [(left, right), (right, left)] {
            if self.nodes[&from].is_alive && self.nodes[&to].is_alive && !self.is_cut(from, to) {
                let sessions = self.nodes[&from].sessions.iter();
                let rows = sessions.map(|(id, session)| (*id, session.since)).collect();
                self.send(from, to, Message::Snapshot { rows }, chance);
            }
        }
    }

    pub(super) fn die(&mut self, node: NodeId, chance: &mut impl Chance) {
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

    pub(super) fn come_back(&mut self, node: NodeId, chance: &mut impl Chance) {
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
