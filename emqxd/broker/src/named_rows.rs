//! What another node's snapshot has named, so that what it did not name can be swept.
//!
//! Rows that a change names while the snapshot is under way belong in here too, and those that one removes come out
//! again. Rows are known by the hashes that this node's tables are hashed with, 8 bytes each.

use crate::HashSeed;
use crate::digest::{client_digest, member_digest, route_digest};
use crate::split_table::SplitTable;

/// The rows of one other node that are known to be so.
#[derive(Debug)]
pub struct NamedRows {
    seed: HashSeed,
    routes: Rows,
    members: Rows,
    clients: Rows,
}

#[derive(Debug, Default)]
struct Rows {
    hashes: SplitTable<u64>,
    digest: u64,
}

impl NamedRows {
    /// None yet. The seed is that of the node's tables.
    pub fn new(seed: HashSeed) -> Self {
        Self {
            seed,
            routes: Rows::default(),
            members: Rows::default(),
            clients: Rows::default(),
        }
    }

    /// It wants a filter; whether that was not named yet.
    pub fn add_route(&mut self, filter: &str) -> bool {
        self.routes.add(self.seed.hash(filter), route_digest(filter))
    }

    /// It does not any more.
    pub fn remove_route(&mut self, filter: &str) -> bool {
        self.routes.remove(self.seed.hash(filter), route_digest(filter))
    }

    /// It has a member of a share group; whether that was not named yet.
    pub fn add_member(&mut self, group: &str, filter: &str, client_id: &str) -> bool {
        let hash = self.member_hash(group, filter, client_id);
        self.members.add(hash, member_digest(group, filter, client_id))
    }

    /// It has not any more.
    pub fn remove_member(&mut self, group: &str, filter: &str, client_id: &str) -> bool {
        let hash = self.member_hash(group, filter, client_id);
        self.members.remove(hash, member_digest(group, filter, client_id))
    }

    /// It has a client; whether that was not named yet.
    pub fn add_client(&mut self, client_id: &str) -> bool {
        self.clients.add(self.seed.hash(client_id), client_digest(client_id))
    }

    /// It has not any more.
    pub fn remove_client(&mut self, client_id: &str) -> bool {
        self.clients.remove(self.seed.hash(client_id), client_digest(client_id))
    }

    /// Rows of all kinds.
    pub fn len(&self) -> usize {
        self.routes.hashes.len() + self.members.hashes.len() + self.clients.hashes.len()
    }

    /// Whether nothing was named.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn has_route_hash(&self, hash: u64) -> bool {
        self.routes.has(hash)
    }

    pub(crate) fn has_route(&self, filter: &str) -> bool {
        self.routes.has(self.seed.hash(filter))
    }

    pub(crate) fn has_member(&self, group: &str, filter: &str, client_id: &str) -> bool {
        self.members.has(self.member_hash(group, filter, client_id))
    }

    pub(crate) fn has_client_hash(&self, hash: u64) -> bool {
        self.clients.has(hash)
    }

    pub(crate) fn route_digest(&self) -> u64 {
        self.routes.digest
    }

    pub(crate) fn member_digest(&self) -> u64 {
        self.members.digest
    }

    pub(crate) fn client_digest(&self) -> u64 {
        self.clients.digest
    }

    fn member_hash(&self, group: &str, filter: &str, client_id: &str) -> u64 {
        self.seed.hash_all([group, filter, client_id])
    }
}

impl Rows {
    fn has(&self, hash: u64) -> bool {
        self.hashes.find(hash, |&other| other == hash).is_some()
    }

    fn add(&mut self, hash: u64, digest: u64) -> bool {
        if self.has(hash) {
            return false;
        }
        self.hashes.insert_unique(hash, hash, |&other| other);
        self.digest = self.digest.wrapping_add(digest);
        true
    }

    fn remove(&mut self, hash: u64, digest: u64) -> bool {
        let removed = self.hashes.remove(hash, |&other| other == hash, |&other| other);
        if removed.is_some() {
            self.digest = self.digest.wrapping_sub(digest);
        }
        removed.is_some()
    }
}
