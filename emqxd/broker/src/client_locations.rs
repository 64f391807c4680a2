//! On which other nodes a client has a session, as far as they have said: asked at each CONNECT, before the session.
//!
//! Clients are known by the hash of their ids alone, 24 bytes a row; two whose hashes are the same share their rows, and
//! the node that is asked for the session says which it has.

use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::digest::client_digest;
use crate::split_table::{Slice, SplitTable};
use crate::{HashSeed, NamedRows, PEERS_MAX};

/// Which clients are on which other nodes.
#[derive(Debug)]
pub struct ClientLocations {
    seed: HashSeed,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    rows: SplitTable<Row>,
    slots: [OfSlot; PEERS_MAX],
}

#[derive(Debug)]
struct Row {
    client: u64,
    since: u64,
    slot: u8,
}

#[derive(Debug, Clone, Copy, Default)]
struct OfSlot {
    rows: usize,
    digest: u64,
}

/// Where [`ClientLocations::drop_peer`] and [`ClientLocations::sweep_peer`] have come to.
#[derive(Debug, Clone, Default)]
pub struct LocationCursor(Slice);

impl ClientLocations {
    /// No clients. The seed is that of the node's tables.
    pub fn new(seed: HashSeed) -> Self {
        let state = State {
            rows: SplitTable::default(),
            slots: [OfSlot::default(); PEERS_MAX],
        };
        Self {
            seed,
            state: RwLock::new(state),
        }
    }

    /// A client has a session on the node in `slot`, or has connected there anew. Whether that was not known.
    pub fn add(&self, slot: u8, client_id: &str, since: u64) -> bool {
        let client = self.seed.hash(client_id);
        let mut state = self.state.write();
        let State { rows, slots } = &mut *state;
        let Some(of_slot) = slots.get_mut(usize::from(slot)) else {
            return false;
        };
        if let Some(row) = rows.find_mut(client, |row| row.is(slot, client)) {
            row.since = since;
            return false;
        }
        rows.insert_unique(client, Row { client, since, slot }, |row| row.client);
        of_slot.rows += 1;
        of_slot.digest = of_slot.digest.wrapping_add(client_digest(client_id));
        true
    }

    /// A client has no session on the node in `slot` any more. Whether it had.
    pub fn remove(&self, slot: u8, client_id: &str) -> bool {
        let client = self.seed.hash(client_id);
        let mut state = self.state.write();
        let State { rows, slots } = &mut *state;
        let removed = rows.remove(client, |row| row.is(slot, client), |row| row.client);
        if removed.is_none() {
            return false;
        }
        if let Some(of_slot) = slots.get_mut(usize::from(slot)) {
            of_slot.rows -= 1;
            of_slot.digest = of_slot.digest.wrapping_sub(client_digest(client_id));
        }
        true
    }

    /// Slots of the nodes that have a session of the client, each with when it connected there last (Unix
    /// milliseconds), the latest first.
    pub fn find(&self, client_id: &str) -> SmallVec<[(u8, u64); 2]> {
        let client = self.seed.hash(client_id);
        let state = self.state.read();
        let rows = state.rows.find_all(client).filter(|row| row.client == client);
        let mut found: SmallVec<[(u8, u64); 2]> = rows.map(|row| (row.slot, row.since)).collect();
        found.sort_unstable_by_key(|&(slot, since)| (std::cmp::Reverse(since), slot));
        found
    }

    /// Forgets the clients of a node, some `steps` rows in this call; whether it is done. Begin with a new cursor.
    pub fn drop_peer(&self, slot: u8, cursor: &mut LocationCursor, steps: usize) -> bool {
        self.retain(slot, cursor, steps, 0, |_| false)
    }

    /// Forgets the clients of a node that a snapshot of it did not name, as [`Self::drop_peer`].
    pub fn sweep_peer(&self, slot: u8, named: &NamedRows, cursor: &mut LocationCursor, steps: usize) -> bool {
        let keeps = |client| named.has_client_hash(client);
        self.retain(slot, cursor, steps, named.client_digest(), keeps)
    }

    fn retain(
        &self,
        slot: u8,
        cursor: &mut LocationCursor,
        steps: usize,
        digest_then: u64,
        mut keeps: impl FnMut(u64) -> bool,
    ) -> bool {
        let mut state = self.state.write();
        let State { rows, slots } = &mut *state;
        let Some(of_slot) = slots.get_mut(usize::from(slot)) else {
            return true;
        };
        let mut looked_at = 0;
        while looked_at < steps.max(1) {
            let before = rows.len();
            let stays = |row: &mut Row| row.slot != slot || keeps(row.client);
            let (rows_in_slice, next) = rows.retain_slice(cursor.0, stays, |row| row.client);
            of_slot.rows -= before - rows.len();
            looked_at += rows_in_slice.max(1);
            let Some(next) = next else {
                // Those that went have no texts to reckon with.
                of_slot.digest = digest_then;
                return true;
            };
            cursor.0 = next;
        }
        false
    }

    /// Rows of all nodes.
    pub fn len(&self) -> usize {
        self.state.read().rows.len()
    }

    /// Whether no other node has a client.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Clients of the node in `slot`.
    pub fn len_of(&self, slot: u8) -> usize {
        self.of_slot(slot).rows
    }

    /// The digest of the clients of the node in `slot`: see [`crate::row_digest`].
    pub fn digest_of(&self, slot: u8) -> u64 {
        self.of_slot(slot).digest
    }

    fn of_slot(&self, slot: u8) -> OfSlot {
        let slots = &self.state.read().slots;
        slots.get(usize::from(slot)).copied().unwrap_or_default()
    }
}

impl Row {
    fn is(&self, slot: u8, client: u64) -> bool {
        self.client == client && self.slot == slot
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_row_is_small() {
        assert_eq!(size_of::<Row>(), 24);
    }

    #[test]
    fn a_client_that_is_on_two_nodes_is_found_on_both_the_later_one_first() {
        let locations = ClientLocations::new(HashSeed::random());
        assert!(locations.add(1, "c", 10));
        assert!(locations.add(2, "c", 20));
        assert!(!locations.add(1, "c", 30), "known, and later now");
        assert_eq!(locations.find("c").as_slice(), [(1, 30), (2, 20)]);
        assert!(locations.find("d").is_empty());
        assert!(locations.remove(1, "c") && !locations.remove(1, "c"));
        assert_eq!(locations.find("c").as_slice(), [(2, 20)]);
        assert!(!locations.add(PEERS_MAX as u8, "c", 1), "no such slot");
    }

    #[test]
    fn the_clients_of_a_node_go_in_slices() {
        let locations = ClientLocations::new(HashSeed::fixed());
        for number in 0..20_000 {
            locations.add((number % 2) as u8, &number.to_string(), number);
        }
        let mut cursor = LocationCursor::default();
        let calls = (1..).find(|_| locations.drop_peer(0, &mut cursor, 100));
        assert!(calls.is_some_and(|calls| calls > 100), "{calls:?}");
        assert_eq!(
            (locations.len(), locations.len_of(0), locations.len_of(1)),
            (10_000, 0, 10_000)
        );
        assert_eq!(locations.digest_of(0), 0);
        assert!(locations.find("0").is_empty() && !locations.find("1").is_empty());
    }

    #[derive(Debug, Clone)]
    enum Operation {
        Add(u8, u8, u64),
        Remove(u8, u8),
        Drop(u8),
        /// A snapshot that names what the model has, after these were left over.
        Sweep(u8, Vec<u8>),
    }

    fn operation() -> impl Strategy<Value = Operation> {
        prop_oneof![
            6 => (0u8..3, 0u8..20, any::<u64>()).prop_map(|(slot, client, since)| Operation::Add(slot, client, since)),
            4 => (0u8..3, 0u8..20).prop_map(|(slot, client)| Operation::Remove(slot, client)),
            1 => (0u8..3).prop_map(Operation::Drop),
            1 => (0u8..3, prop::collection::vec(0u8..20, 0..5)).prop_map(|(slot, stale)| Operation::Sweep(slot, stale)),
        ]
    }

    proptest! {
        #[test]
        fn it_behaves_as_a_plain_map_does(operations in prop::collection::vec(operation(), 1..100)) {
            let locations = ClientLocations::new(HashSeed::random());
            let mut model: BTreeMap<(u8, u8), u64> = BTreeMap::new();
            for operation in operations {
                match operation {
                    Operation::Add(slot, client, since) => {
                        let is_new = model.insert((slot, client), since).is_none();
                        prop_assert_eq!(locations.add(slot, &client.to_string(), since), is_new);
                    }
                    Operation::Remove(slot, client) => {
                        let was_in = model.remove(&(slot, client)).is_some();
                        prop_assert_eq!(locations.remove(slot, &client.to_string()), was_in);
                    }
                    Operation::Drop(slot) => {
                        model.retain(|(other, _), _| *other != slot);
                        let mut cursor = LocationCursor::default();
                        while !locations.drop_peer(slot, &mut cursor, 3) {}
                    }
                    Operation::Sweep(slot, stale) => {
                        let mut named = NamedRows::new(locations.seed.clone());
                        for ((_, client), since) in model.iter().filter(|((other, _), _)| *other == slot) {
                            named.add_client(&client.to_string());
                            locations.add(slot, &client.to_string(), *since);
                        }
                        for client in stale.iter().filter(|client| !model.contains_key(&(slot, **client))) {
                            locations.add(slot, &client.to_string(), 0);
                        }
                        let mut cursor = LocationCursor::default();
                        while !locations.sweep_peer(slot, &named, &mut cursor, 3) {}
                    }
                }
                prop_assert_eq!(locations.len(), model.len());
                for slot in 0..3 {
                    let clients = || model.keys().filter(|(other, _)| *other == slot).map(|(_, client)| client.to_string());
                    let digest = clients().fold(0u64, |sum, client| sum.wrapping_add(client_digest(&client)));
                    prop_assert_eq!((locations.len_of(slot), locations.digest_of(slot)), (clients().count(), digest));
                }
                for client in 0..20 {
                    let mut expected: Vec<_> = (0..3).filter_map(|slot| Some((slot, *model.get(&(slot, client))?))).collect();
                    expected.sort_by_key(|&(slot, since)| (std::cmp::Reverse(since), slot));
                    let found = locations.find(&client.to_string());
                    prop_assert_eq!(found.as_slice(), expected);
                }
            }
        }
    }
}
