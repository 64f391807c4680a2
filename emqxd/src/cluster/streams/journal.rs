//! Changes of the tables, as records in the ring of this node's stream.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::BytesMut;
use emqxd_broker::{Change, Journal, row_digest};
use emqxd_cluster::stream::{Record, RetainedRecord, Ring, Row, Tally};

use super::retained;
use crate::clock::Clock;

/// The daemon's [`Journal`].
pub struct NodeJournal {
    ring: Ring,
    clock: Clock,
    /// Snapshots being taken.
    listings: AtomicUsize,
}

/// While it lives, all rows are being listed ([`Journal::is_being_listed`]).
pub(super) struct Listing<'a>(&'a NodeJournal);

impl NodeJournal {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            ring: Ring::new(),
            clock,
            listings: AtomicUsize::new(0),
        }
    }

    /// The last changes.
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn list(&self) -> Listing<'_> {
        self.listings.fetch_add(1, Ordering::SeqCst);
        Listing(self)
    }

    fn append(&self, record: &Record<'_>, tally: Tally) {
        self.ring.append(record, None, tally);
    }
}

impl Drop for Listing<'_> {
    fn drop(&mut self) {
        self.0.listings.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Journal for NodeJournal {
    fn note(&self, change: Change<'_>) {
        let more = || Tally::More(row_digest(&change));
        let less = || Tally::Less(row_digest(&change));
        match change {
            Change::RouteAdded { filter } => self.append(&Record::Present(Row::Route { filter }), more()),
            Change::RouteShared { filter } => self.append(&Record::Present(Row::Route { filter }), Tally::Same),
            Change::RouteRemoved { filter } => self.append(&Record::Absent(Row::Route { filter }), less()),
            Change::MemberJoined {
                group,
                filter,
                client_id,
            } => self.append(&Record::Present(member(group, filter, client_id)), more()),
            Change::MemberLeft {
                group,
                filter,
                client_id,
            } => self.append(&Record::Absent(member(group, filter, client_id)), less()),
            Change::ClientHere {
                client_id,
                since,
                is_new,
            } => {
                let tally = if is_new { more() } else { Tally::Same };
                self.append(&Record::Present(Row::Client { client_id, since }), tally);
            }
            Change::ClientGone { client_id } => {
                self.append(&Record::Absent(Row::Client { client_id, since: 0 }), less());
            }
            Change::Retained { message, stamp } => {
                let mut properties = BytesMut::new();
                let row = retained::record(message, stamp, &self.clock, &mut properties);
                let record = Record::Present(Row::Retained(row));
                self.ring.append(&record, Some(&message.payload), Tally::Same);
            }
            Change::RetainedRemoved { topic, stamp } => {
                let row = RetainedRecord {
                    at: stamp.at,
                    node: stamp.node,
                    topic,
                    ..RetainedRecord::default()
                };
                self.append(&Record::Absent(Row::Retained(row)), Tally::Same);
            }
        }
    }

    fn is_being_listed(&self) -> bool {
        self.listings.load(Ordering::SeqCst) > 0
    }
}

fn member<'a>(group: &'a str, filter: &'a str, client_id: &'a str) -> Row<'a> {
    Row::Member {
        group,
        filter,
        client_id,
    }
}
