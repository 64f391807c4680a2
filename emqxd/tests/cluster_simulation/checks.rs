//! What has to hold once nothing goes wrong any more.

use std::collections::{BTreeMap, BTreeSet};

use crate::clients::Role;
use crate::support::GaugeSums;
use crate::world::World;

impl World {
    /// What is not yet as it should be.
    pub fn is_amiss(&self) -> Option<String> {
        let nodes: Vec<_> = self.nodes.iter().flatten().collect();
        if nodes.len() < self.nodes.len() {
            return Some("a node is down".to_owned());
        }
        for at in &nodes {
            for other in nodes.iter().filter(|other| other.start != at.start) {
                let (here, there) = (at.start.node, other.start.node);
                let known = at.peers[there];
                if !known.is_up || known.boot != other.start.boot || !self.net.is_way_free(here, there) {
                    return Some(format!("{here} does not know that {there} is up"));
                }
                if !at.knows_all_of(other) {
                    return Some(format!("{here} does not know all of {there}"));
                }
                if at.tables.retained.digest() != other.tables.retained.digest() {
                    return Some(format!("{here} and {there} have other retained messages"));
                }
            }
            if !at.lanes_are_empty() {
                return Some(format!("{} has messages for others", at.start.node));
            }
        }
        if !self.sessions_are_at_rest() {
            return Some("sessions are moving".to_owned());
        }
        let mut clients = self.clients.iter();
        let waits = clients.find(|client| !client.is_connected() || !client.has_read_all())?;
        Some(format!("{} is not there, or has not read all", waits.name))
    }

    /// One session a client, where the client is, and everybody knows where that is.
    pub fn check_sessions(&mut self) {
        for client in &self.clients {
            let name = &client.name;
            let has = |node: &&crate::node::Node| node.broker.has_session(name);
            let holders: Vec<usize> = self
                .nodes
                .iter()
                .flatten()
                .filter(has)
                .map(|at| at.start.node)
                .collect();
            if client.is_at().map(|node| vec![node]) != Some(holders.clone()) {
                self.wrong.push(format!(
                    "{name} is at {:?}, its sessions at {holders:?}",
                    client.is_at()
                ));
            }
            for at in self.nodes.iter().flatten() {
                let known: Vec<usize> = at
                    .tables
                    .locations
                    .find(name)
                    .iter()
                    .map(|(slot, _)| usize::from(*slot))
                    .collect();
                let expected: Vec<usize> = holders.iter().copied().filter(|node| *node != at.start.node).collect();
                if known != expected {
                    let node = at.start.node;
                    self.wrong.push(format!(
                        "{node} believes that {name} is at {known:?}, it is at {expected:?}"
                    ));
                }
            }
        }
    }

    /// What was published in quiet times has come to everybody who wanted it, once and in order.
    pub fn check_promised(&mut self) {
        let promised: BTreeSet<(String, u32)> = self.promised.iter().cloned().collect();
        let mut members: BTreeMap<(String, u32), u32> = BTreeMap::new();
        for client in &self.clients {
            let name = &client.name;
            let wants = |topic: &str| match client.filter.strip_prefix("$share/g/") {
                Some(filter) => matches(filter, topic),
                None => matches(&client.filter, topic),
            };
            if client.role == Role::Publisher {
                continue;
            }
            let taken: Vec<_> = client
                .app
                .taken
                .iter()
                .filter(|what| promised.contains(*what))
                .collect();
            if client.role == Role::Member {
                taken
                    .iter()
                    .for_each(|what| *members.entry((*what).clone()).or_default() += 1);
            } else {
                let has: BTreeSet<_> = taken.iter().copied().collect();
                for (topic, number) in promised.iter().filter(|what| wants(&what.0) && !has.contains(what)) {
                    self.wrong.push(format!("{number} on {topic} never came to {name}"));
                }
            }
            for (topic, number) in client.app.twice.iter().filter(|what| promised.contains(*what)) {
                self.wrong.push(format!("{number} on {topic} came twice to {name}"));
            }
            let mut newest = BTreeMap::new();
            for (topic, number) in taken {
                let before = newest.insert(topic, *number).unwrap_or(0);
                if before > *number {
                    self.wrong
                        .push(format!("{number} on {topic} came after {before} to {name}"));
                }
            }
        }
        for what in &promised {
            let times = members.get(what).copied().unwrap_or(0);
            if times != 1 {
                self.wrong
                    .push(format!("{} on {} came to {times} members of the group", what.1, what.0));
            }
        }
    }

    /// Who stayed has had nothing twice and nothing out of order, whatever went wrong.
    pub fn check_stayers(&mut self) {
        for client in self.clients.iter().filter(|client| client.role == Role::Stayer) {
            let name = &client.name;
            for (topic, number) in &client.app.twice {
                self.wrong
                    .push(format!("{number} on {topic} came twice to {name}, who stayed"));
            }
            let mut newest: BTreeMap<&str, u32> = BTreeMap::new();
            for (topic, number) in &client.app.taken {
                let before = newest.insert(topic, *number).unwrap_or(0);
                if before > *number {
                    self.wrong
                        .push(format!("{number} on {topic} came after {before} to {name}, who stayed"));
                }
            }
        }
    }

    /// All go, and leave nothing behind.
    pub fn finish(&mut self) {
        if !self.wrong.is_empty() {
            return;
        }
        self.clients
            .iter_mut()
            .for_each(crate::clients::Client::disconnect_for_good);
        self.wait(20_000);
        for at in self.nodes.iter().flatten() {
            let node = at.start.node;
            if at.broker.gauges() != GaugeSums::default() {
                self.wrong.push(format!("{node} keeps {:?}", at.broker.gauges()));
            }
            if !at.tables.routes.page(None, 1).is_empty() || !at.tables.locations.is_empty() {
                self.wrong.push(format!("{node} keeps routes or places of clients"));
            }
        }
    }
}

/// Whether a topic of three levels is one of a filter's.
fn matches(filter: &str, topic: &str) -> bool {
    let levels = filter.split('/').zip(topic.split('/'));
    for (wanted, level) in levels {
        match wanted {
            "#" => return true,
            "+" => {}
            _ if wanted == level => {}
            _ => return false,
        }
    }
    true
}
