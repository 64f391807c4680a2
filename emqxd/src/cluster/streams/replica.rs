//! What another node said of itself, put into the tables of this node, and taken out again.
//!
//! Rows are put in one by one, each with the lock of its table for a moment. Taking out a million of them goes in slices.

use std::sync::Arc;

use emqxd_broker::{
    ClientLocations, DropCursor, LocationCursor, MemoryRetainedStore, NamedRows, RetainedStore, RouteDigests,
    RouteTable, Stamp, peer_worker,
};
use emqxd_cluster::stream::{Record, Replica, RetainedRecord, Row, Sum, Sums};

use super::retained;
use crate::clock::Clock;

/// Rows looked at with the lock of a table held.
const SLICE: usize = 2000;

/// The tables of this node that have rows of others.
#[derive(Clone)]
pub(super) struct Tables {
    pub routes: Arc<RouteTable>,
    pub locations: Arc<ClientLocations>,
    pub retained: Arc<MemoryRetainedStore>,
    pub clock: Clock,
}

/// The retained messages of a node, whoever wrote them.
pub(super) fn retained_sum(retained: &MemoryRetainedStore) -> Sum {
    Sum {
        rows: retained.len() as u64,
        hash: retained.digest(),
    }
}

/// Another node, in the tables of this one.
pub(super) struct PeerReplica {
    tables: Tables,
    slot: u8,
    /// Since the beginning of a snapshot; `None` when nothing has to go at its end.
    named: Option<Box<Named>>,
    counts: Counts,
    /// Nothing of the node is in the tables.
    is_empty: bool,
    /// Clients it has said to have since this was taken last, and since when.
    arrived: Vec<(String, u64)>,
    refused: u64,
}

struct Named {
    rows: NamedRows,
    counts: Counts,
}

/// Rows of those kinds whose tables do not count them by node.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    routes: u64,
    members: u64,
}

impl PeerReplica {
    /// What an earlier task has left, which was ended in the middle, is taken for rows of it.
    pub fn new(tables: Tables, slot: u8) -> Self {
        let is_empty =
            tables.routes.peer_digests(slot) == RouteDigests::default() && tables.locations.len_of(slot) == 0;
        Self {
            tables,
            slot,
            named: None,
            counts: Counts::default(),
            is_empty,
            arrived: Vec::new(),
            refused: 0,
        }
    }

    /// Clients that the node has said to have since this was called last, each with when it connected there.
    pub fn take_arrived(&mut self) -> Vec<(String, u64)> {
        std::mem::take(&mut self.arrived)
    }

    /// What the tables name the node by.
    pub const fn slot(&self) -> u8 {
        self.slot
    }

    /// Retained messages that were none of MQTT.
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether a snapshot has begun and what it did not name is not gone yet.
    pub const fn is_sweep_due(&self) -> bool {
        self.named.is_some()
    }

    /// Takes out what the snapshot did not name. If it is given up in between, [`Self::is_sweep_due`] says so.
    pub async fn sweep(&mut self) {
        let Some(named) = &self.named else { return };
        let tables = &self.tables;
        let mut cursor = DropCursor::default();
        while !tables.routes.sweep_peer(self.slot, &named.rows, &mut cursor, SLICE) {
            tokio::task::yield_now().await;
        }
        let mut cursor = LocationCursor::default();
        while !tables.locations.sweep_peer(self.slot, &named.rows, &mut cursor, SLICE) {
            tokio::task::yield_now().await;
        }
        self.counts = named.counts;
        self.named = None;
    }

    /// Takes out all of it.
    pub async fn clear(&mut self) {
        if self.is_empty {
            return;
        }
        let tables = &self.tables;
        let mut cursor = DropCursor::default();
        while !tables.routes.drop_peer(self.slot, &mut cursor, SLICE) {
            tokio::task::yield_now().await;
        }
        let mut cursor = LocationCursor::default();
        while !tables.locations.drop_peer(self.slot, &mut cursor, SLICE) {
            tokio::task::yield_now().await;
        }
        self.named = None;
        self.counts = Counts::default();
        self.is_empty = true;
    }

    fn put(&mut self, row: &Row<'_>) {
        let tables = &self.tables;
        match *row {
            Row::Route { filter } => {
                if let Some(named) = &mut self.named {
                    named.counts.routes += u64::from(named.rows.add_route(filter));
                }
                let is_new = tables.routes.add_route(filter, peer_worker(self.slot));
                self.counts.routes += u64::from(is_new);
            }
            Row::Member {
                group,
                filter,
                client_id,
            } => {
                if let Some(named) = &mut self.named {
                    named.counts.members += u64::from(named.rows.add_member(group, filter, client_id));
                }
                let is_new = tables.routes.add_peer_member(self.slot, group, filter, client_id);
                self.counts.members += u64::from(is_new);
            }
            Row::Client { client_id, since } => {
                if let Some(named) = &mut self.named {
                    named.rows.add_client(client_id);
                }
                tables.locations.add(self.slot, client_id, since);
                self.arrived.push((client_id.to_owned(), since));
            }
            Row::Retained(ref record) => self.retain(record, true),
        }
    }

    fn take(&mut self, row: &Row<'_>) {
        let tables = &self.tables;
        match *row {
            Row::Route { filter } => {
                if let Some(named) = &mut self.named {
                    named.counts.routes -= u64::from(named.rows.remove_route(filter));
                }
                let was_there = tables.routes.remove_route(filter, peer_worker(self.slot));
                self.counts.routes = self.counts.routes.saturating_sub(u64::from(was_there));
            }
            Row::Member {
                group,
                filter,
                client_id,
            } => {
                if let Some(named) = &mut self.named {
                    named.counts.members -= u64::from(named.rows.remove_member(group, filter, client_id));
                }
                let was_there = tables.routes.remove_peer_member(self.slot, group, filter, client_id);
                self.counts.members = self.counts.members.saturating_sub(u64::from(was_there));
            }
            Row::Client { client_id, .. } => {
                if let Some(named) = &mut self.named {
                    named.rows.remove_client(client_id);
                }
                tables.locations.remove(self.slot, client_id);
            }
            Row::Retained(ref record) => self.retain(record, false),
        }
    }

    fn retain(&mut self, record: &RetainedRecord<'_>, is_present: bool) {
        let stamp = Stamp {
            at: record.at,
            node: record.node,
        };
        let tables = &self.tables;
        let message = match is_present {
            true => match retained::message(record, &tables.clock) {
                Some(message) => Some(message),
                None => {
                    self.refused += 1;
                    return;
                }
            },
            false => None,
        };
        let now = tables.clock.now();
        tables.retained.apply_remote(message, record.topic, stamp, now);
    }
}

impl Replica for PeerReplica {
    fn begin_snapshot(&mut self) {
        let seed = self.tables.routes.hash_seed().clone();
        let named = Named {
            rows: NamedRows::new(seed),
            counts: Counts::default(),
        };
        // Where nothing was there is nothing to be swept.
        self.named = (!self.is_empty).then(|| Box::new(named));
        self.is_empty = false;
    }

    fn apply(&mut self, record: &Record<'_>) {
        match record {
            Record::Present(row) => self.put(row),
            Record::Absent(row) => self.take(row),
        }
    }

    fn sums(&self) -> Sums {
        let tables = &self.tables;
        let routes = tables.routes.peer_digests(self.slot);
        Sums {
            routes: Sum {
                rows: self.counts.routes,
                hash: routes.routes,
            },
            members: Sum {
                rows: self.counts.members,
                hash: routes.members,
            },
            clients: Sum {
                rows: tables.locations.len_of(self.slot) as u64,
                hash: tables.locations.digest_of(self.slot),
            },
        }
    }

    fn retained(&self) -> Sum {
        retained_sum(&self.tables.retained)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Instant;

    use emqxd_broker::{Journal, RetainerConfig};
    use emqxd_cluster::stream::{Feed, Follower, Heard, Next, PageBuffer};

    use super::super::journal::NodeJournal;
    use super::*;

    fn tables() -> Tables {
        let routes = Arc::new(RouteTable::new());
        Tables {
            locations: Arc::new(ClientLocations::new(routes.hash_seed().clone())),
            retained: Arc::new(MemoryRetainedStore::new(RetainerConfig::default())),
            clock: Clock::start(),
            routes,
        }
    }

    /// A node with a journal, and the follower of it on another one.
    struct Pair {
        writer: Tables,
        journal: Arc<NodeJournal>,
        follower: Follower,
        replica: PeerReplica,
    }

    impl Pair {
        fn new() -> Self {
            let writer = tables();
            let journal = Arc::new(NodeJournal::new(writer.clock.clone()));
            writer.routes.set_journal(Arc::clone(&journal) as Arc<dyn Journal>);
            writer.retained.set_journal(Arc::clone(&journal) as Arc<dyn Journal>);
            Self {
                writer,
                journal,
                follower: Follower::new(),
                replica: PeerReplica::new(tables(), 3),
            }
        }

        /// A link until nothing is to be told; `filters` are the pages of a snapshot.
        async fn sync(&mut self, filters: &[String]) {
            let journal = Arc::clone(&self.journal);
            let ring = journal.ring();
            let mut feed = Feed::new(&self.follower.greet(), 1, ring).unwrap();
            loop {
                let frames = match feed.next(ring) {
                    Next::Send(frame) => vec![frame],
                    Next::Page { .. } => {
                        let mut page = PageBuffer::new();
                        for filter in filters {
                            page.push(&Record::Present(Row::Route { filter }), None);
                        }
                        feed.page_sent(true);
                        page.take()
                    }
                    Next::Wait { .. } => break,
                };
                for frame in frames {
                    self.hear(&[&frame.head[..], &frame.payload[..]].concat()).await;
                }
            }
            let beat = Feed::heartbeat(ring, retained_sum(&self.writer.retained));
            self.hear(&beat.head).await;
            assert!(self.follower.is_in_sync());
            self.follower.lost();
        }

        async fn hear(&mut self, frame: &[u8]) {
            if self.follower.on_frame(frame, &mut self.replica).unwrap() == Heard::Complete {
                self.replica.sweep().await;
            }
        }
    }

    #[tokio::test]
    async fn the_sums_of_the_tables_agree_after_changes_a_sweep_and_a_drop() {
        let mut pair = Pair::new();
        for filter in ["a", "b", "c/+"] {
            pair.writer.routes.add_route(filter, 0);
        }
        // In a snapshot.
        pair.sync(&["a", "b", "c/+"].map(String::from)).await;
        // As changes.
        pair.writer.routes.add_route("d", 1);
        pair.writer.routes.remove_route("a", 0);
        pair.sync(&[]).await;
        let there = Arc::clone(&pair.replica.tables.routes);
        assert!(there.has_match("d") && there.has_match("c/x") && !there.has_match("a"));
        assert_eq!(pair.replica.sums().routes.rows, 3);
        // A snapshot over what is there, which does not name all of it.
        pair.follower.forget();
        pair.writer.routes.remove_route("d", 1);
        pair.sync(&["b", "c/+"].map(String::from)).await;
        assert!(!there.has_match("d") && there.has_match("b"));
        assert_eq!((pair.follower.snapshots(), pair.follower.divergences()), (2, 0));
        pair.replica.clear().await;
        assert_eq!(pair.replica.sums(), Sums::default());
        assert!(!there.has_match("b"));
    }

    #[tokio::test]
    #[ignore = "prints figures: a million routes of another node"]
    async fn a_million_routes_of_another_node() {
        const ROUTES: usize = 1_000_000;
        let mut pair = Pair::new();
        let filters: Vec<String> = (0..ROUTES).map(|n| format!("building/{}/room/{n}", n % 100)).collect();
        for filter in &filters {
            pair.writer.routes.add_route(filter, 0);
        }
        let before = resident_bytes();
        let began = Instant::now();
        pair.sync(&filters).await;
        let took = began.elapsed();
        let each = resident_bytes().saturating_sub(before) / ROUTES;
        println!("first snapshot {took:?}, at most {each} bytes a row with all its frames");
        let began = Instant::now();
        pair.follower.forget();
        pair.sync(&filters).await;
        println!("again, with a sweep {:?}", began.elapsed());
        let began = Instant::now();
        pair.replica.clear().await;
        println!("dropped in {:?}", began.elapsed());
    }

    fn resident_bytes() -> usize {
        let status = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: usize = status.split(' ').nth(1).unwrap().parse().unwrap();
        pages * 4096
    }
}
