//! What two nodes compare to know that they have the same rows: how many, and the sum of their hashes.
//!
//! A sum does not depend on the order of changes and can be kept while they come. The hash is the caller's, the same on
//! every node; it finds mistakes, it does not withstand forgery.

use serde::{Deserialize, Serialize};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Kind {
    /// A filter with plain subscriptions.
    Route = 0,
    /// A client in a share group.
    Member = 1,
    /// A session.
    Client = 2,
    /// A retained message, or the memory of one that was cleared.
    Retained = 3,
}

/// Rows of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sum {
    /// How many.
    pub rows: u64,
    /// Their hashes, added up.
    pub hash: u64,
}

/// Rows that one node owns. Retained messages belong to all and are compared apart from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sums {
    /// Filters.
    pub routes: Sum,
    /// Members of share groups.
    pub members: Sum,
    /// Sessions.
    pub clients: Sum,
}

impl Sum {
    /// One row more.
    pub fn add(&mut self, hash: u64) {
        self.rows = self.rows.wrapping_add(1);
        self.hash = self.hash.wrapping_add(hash);
    }

    /// One row less.
    pub fn subtract(&mut self, hash: u64) {
        self.rows = self.rows.wrapping_sub(1);
        self.hash = self.hash.wrapping_sub(hash);
    }
}

/// What a change does to the sum of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// There was no such row; its hash.
    More(u64),
    /// There was such a row, and there is none now; its hash.
    Less(u64),
    /// There was such a row, and there is.
    Same,
}

impl Sums {
    /// Counts a change.
    pub fn count(&mut self, kind: Kind, tally: Tally) {
        match (self.of(kind), tally) {
            (Some(sum), Tally::More(hash)) => sum.add(hash),
            (Some(sum), Tally::Less(hash)) => sum.subtract(hash),
            (None, _) | (_, Tally::Same) => {}
        }
    }

    /// That of a kind; `None` for what is not owned by one node.
    fn of(&mut self, kind: Kind) -> Option<&mut Sum> {
        match kind {
            Kind::Route => Some(&mut self.routes),
            Kind::Member => Some(&mut self.members),
            Kind::Client => Some(&mut self.clients),
            Kind::Retained => None,
        }
    }

    /// Rows of all kinds.
    pub const fn rows(&self) -> u64 {
        self.routes
            .rows
            .wrapping_add(self.members.rows)
            .wrapping_add(self.clients.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_went_leaves_no_trace() {
        let (one, other) = (u64::MAX, 1 << 63);
        let mut sum = Sum::default();
        sum.add(one);
        sum.add(other);
        sum.subtract(one);
        assert_eq!(sum, Sum { rows: 1, hash: other });
        sum.subtract(other);
        assert_eq!(sum, Sum::default());
    }
}
