//! Several brokers in memory that know one another, as nodes of a cluster do: each one's journal reaches the tables of
//! the others, mail for a node reaches a shard of it. The slot of a node is its number.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use emqxd_broker::{
    Change, ClientLocations, DropCursor, Journal, LocationCursor, Mail, Message, MqttConfig, NamedRows, Stamp, Time,
};

use super::TestBroker;

/// The nodes.
pub struct TestCluster {
    pub nodes: Vec<TestBroker>,
    /// Where other nodes' clients are, as each node knows it.
    pub locations: Vec<ClientLocations>,
    journals: Vec<Arc<Recorder>>,
    /// Mail between nodes that has been carried.
    pub carried: usize,
}

/// A change that has not reached the others.
#[derive(Debug, Clone)]
enum Told {
    RouteAdded(String),
    RouteRemoved(String),
    MemberJoined(String, String, String),
    MemberLeft(String, String, String),
    ClientHere(String, u64),
    ClientGone(String),
    Retained(String, Option<Arc<Message>>, Stamp),
}

#[derive(Debug, Default)]
struct Recorder(Mutex<VecDeque<Told>>);

impl Journal for Recorder {
    fn note(&self, change: Change<'_>) {
        let told = match change {
            Change::RouteAdded { filter } => Told::RouteAdded(filter.into()),
            // Only for snapshots under way.
            Change::RouteShared { .. } => return,
            Change::RouteRemoved { filter } => Told::RouteRemoved(filter.into()),
            Change::MemberJoined {
                group,
                filter,
                client_id,
            } => Told::MemberJoined(group.into(), filter.into(), client_id.into()),
            Change::MemberLeft {
                group,
                filter,
                client_id,
            } => Told::MemberLeft(group.into(), filter.into(), client_id.into()),
            Change::ClientHere { client_id, since, .. } => Told::ClientHere(client_id.into(), since),
            Change::ClientGone { client_id } => Told::ClientGone(client_id.into()),
            Change::Retained { message, stamp } => {
                Told::Retained(message.topic.to_string(), Some(Arc::clone(message)), stamp)
            }
            Change::RetainedRemoved { topic, stamp } => Told::Retained(topic.into(), None, stamp),
        };
        self.0.lock().expect("nobody panicked").push_back(told);
    }
}

impl TestCluster {
    /// `count` nodes of two shards each.
    pub fn new(count: usize, config: &MqttConfig) -> Self {
        let nodes: Vec<TestBroker> = (0..count).map(|_| TestBroker::with(2, config.clone())).collect();
        let mut journals = Vec::new();
        let mut locations = Vec::new();
        for (number, node) in nodes.iter().enumerate() {
            let journal = Arc::new(Recorder::default());
            let mut state = node.0.borrow_mut();
            state.routes.set_journal(Arc::clone(&journal) as _);
            state.retained.set_journal(Arc::clone(&journal) as _);
            state.retained.set_writer(number as u64 + 1, || 0);
            for shard in &mut state.shards {
                shard.set_journal(Arc::clone(&journal) as _, |at: Time| at.0);
            }
            locations.push(ClientLocations::new(state.routes.hash_seed().clone()));
            journals.push(journal);
        }
        Self {
            nodes,
            locations,
            journals,
            carried: 0,
        }
    }

    /// What the nodes have told reaches the others, then mail arrives, until all is quiet.
    pub fn settle(&mut self) {
        loop {
            self.carry_changes();
            if !self.carry_one_mail() {
                return;
            }
        }
    }

    /// Mail between nodes arrives and what follows from it, while the nodes hear nothing of one another.
    pub fn settle_mail(&mut self) {
        while self.carry_one_mail() {}
    }

    pub fn carry_changes(&mut self) {
        for from in 0..self.nodes.len() {
            let told = std::mem::take(&mut *self.journals[from].0.lock().expect("nobody panicked"));
            for to in (0..self.nodes.len()).filter(|to| *to != from) {
                told.iter().for_each(|told| self.hear(to, from as u8, told));
            }
        }
    }

    fn hear(&self, node: usize, slot: u8, told: &Told) {
        let state = self.nodes[node].0.borrow();
        let (routes, locations) = (&state.routes, &self.locations[node]);
        let worker = emqxd_broker::peer_worker(slot);
        match told {
            Told::RouteAdded(filter) => assert!(routes.add_route(filter, worker)),
            Told::RouteRemoved(filter) => assert!(routes.remove_route(filter, worker)),
            Told::MemberJoined(group, filter, id) => assert!(routes.add_peer_member(slot, group, filter, id)),
            Told::MemberLeft(group, filter, id) => assert!(routes.remove_peer_member(slot, group, filter, id)),
            Told::ClientHere(id, since) => drop(locations.add(slot, id, *since).then_some(())),
            Told::ClientGone(id) => assert!(locations.remove(slot, id)),
            Told::Retained(topic, message, stamp) => {
                state.retained.apply_remote(message.clone(), topic, *stamp, state.now);
            }
        }
    }

    fn carry_one_mail(&mut self) -> bool {
        let find = |node: &TestBroker| node.0.borrow_mut().peer_mail.pop_front();
        let Some((_, slot, mail)) = self.nodes.iter().find_map(find) else {
            return false;
        };
        self.carried += 1;
        assert!(self.carried < 1_000_000, "mail that goes round for ever");
        let mut state = self.nodes[usize::from(slot)].0.borrow_mut();
        let now = state.now;
        match mail {
            Mail::Publish { message } => {
                // For one publisher always the same shard.
                let shard = message.publisher.len() % 2;
                state.event(shard, |shard, effects| shard.on_remote_publish(&message, now, effects));
            }
            Mail::PublishToPeerMember {
                message,
                client_id,
                group,
                redispatched,
            } => {
                let shard = message.publisher.len() % 2;
                let (name, filter) = (group.name().clone(), group.filter().clone());
                state.event(shard, |shard, effects| {
                    shard.on_remote_member(&name, &filter, &client_id, &message, redispatched, now, effects);
                });
            }
            Mail::PublishToMember { .. } => panic!("sessions of other nodes have no keys here"),
        }
        true
    }

    /// A node is gone for the others.
    pub fn drop_node(&self, gone: usize) {
        self.journals[gone].0.lock().expect("nobody panicked").clear();
        for node in (0..self.nodes.len()).filter(|node| *node != gone) {
            let state = self.nodes[node].0.borrow();
            let mut cursor = DropCursor::default();
            while !state.routes.drop_peer(gone as u8, &mut cursor, 3) {}
            let mut cursor = LocationCursor::default();
            while !self.locations[node].drop_peer(gone as u8, &mut cursor, 3) {}
        }
    }

    /// One node takes a snapshot of another, page by page, and sweeps what is not named.
    pub fn take_snapshot(&self, node: usize, of: usize) {
        let slot = of as u8;
        let from = self.nodes[of].0.borrow();
        let to = self.nodes[node].0.borrow();
        let mut named = NamedRows::new(to.routes.hash_seed().clone());
        let mut route = |filter: &str| {
            named.add_route(filter);
            to.routes.add_route(filter, emqxd_broker::peer_worker(slot));
        };
        let mut after: Option<String> = None;
        loop {
            let (page, next) = from.routes.local_wildcards_page(after.as_deref(), 2);
            page.iter().for_each(|filter| route(filter));
            after = next;
            if after.is_none() {
                break;
            }
        }
        for shard in &from.shards {
            let mut next = Some(0);
            while let Some(place) = next {
                let page;
                (page, next) = shard.local_exact_page(place, 2);
                page.iter().for_each(|filter| route(filter));
            }
        }
        loop {
            let (page, next) = from.routes.local_groups_page(after.as_deref(), 2);
            for group in page {
                for member in group.local_members() {
                    named.add_member(group.name(), group.filter(), &member.client_id);
                    to.routes
                        .add_peer_member(slot, group.name(), group.filter(), &member.client_id);
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        for shard in &from.shards {
            let mut next = Some(0);
            while let Some(place) = next {
                let page;
                (page, next) = shard.sessions_page_here(place, 2);
                for (client_id, since) in page {
                    named.add_client(&client_id);
                    self.locations[node].add(slot, &client_id, since);
                }
            }
        }
        let mut cursor = DropCursor::default();
        while !to.routes.sweep_peer(slot, &named, &mut cursor, 3) {}
        let mut cursor = LocationCursor::default();
        while !self.locations[node].sweep_peer(slot, &named, &mut cursor, 3) {}
    }

    /// What each node believes of each other one is what that one is.
    pub fn assert_digests_agree(&self) {
        for (number, of) in self.nodes.iter().enumerate() {
            let state = of.0.borrow();
            let clients = state.shards.iter().map(emqxd_broker::Shard::clients_digest);
            let clients = clients.fold(0u64, u64::wrapping_add);
            for other in (0..self.nodes.len()).filter(|other| *other != number) {
                let theirs = self.nodes[other].0.borrow();
                assert_eq!(theirs.routes.peer_digests(number as u8), state.routes.local_digests());
                assert_eq!(self.locations[other].digest_of(number as u8), clients);
                assert_eq!(theirs.retained.digest(), state.retained.digest());
            }
        }
    }
}
