//! Digests of rows, so that two nodes can tell whether they believe the same without sending it.
//!
//! A digest is a wrapping sum of a hash of each row's text, the same on every node and in every build: rows come and go
//! in any order and cost one addition. It finds what was lost or kept too long; it is no proof against somebody who
//! makes up texts.

use crate::{Change, Stamp};

/// FNV-1a, 64 bits, with its bits mixed at the end.
struct Fnv(u64);

impl Fnv {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;

    fn of_kind(kind: u8) -> Self {
        Self(Self::OFFSET_BASIS).bytes(&[kind])
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(Self::PRIME);
        Self(bytes.iter().fold(self.0, step))
    }

    /// With its length, so that no two lists of texts read alike.
    fn text(self, text: &str) -> Self {
        self.number(text.len() as u64).bytes(text.as_bytes())
    }

    fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    /// Sums of plain FNV values of like texts differ in few bits.
    fn finish(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    }
}

/// The digest of a plain subscription's row.
pub(crate) fn route_digest(filter: &str) -> u64 {
    Fnv::of_kind(1).text(filter).finish()
}

/// The digest of a share group member's row.
pub(crate) fn member_digest(group: &str, filter: &str, client_id: &str) -> u64 {
    Fnv::of_kind(2).text(group).text(filter).text(client_id).finish()
}

/// The digest of a client's row; not of when it came, which it is told anew each time.
pub(crate) fn client_digest(client_id: &str) -> u64 {
    Fnv::of_kind(3).text(client_id).finish()
}

/// The digest of a retained message's row: of who wrote it when, which is another for each message.
pub(crate) fn retained_digest(topic: &str, stamp: Stamp) -> u64 {
    Fnv::of_kind(4).text(topic).number(stamp.at).number(stamp.node).finish()
}

/// The digest of the row that a change makes or removes.
///
/// Those who keep sums add it when a row comes that was not there, and subtract it when one goes that was. The row of a
/// retained message that another one replaces goes first.
pub fn row_digest(change: &Change<'_>) -> u64 {
    match *change {
        Change::RouteAdded { filter } | Change::RouteShared { filter } | Change::RouteRemoved { filter } => {
            route_digest(filter)
        }
        Change::MemberJoined {
            group,
            filter,
            client_id,
        }
        | Change::MemberLeft {
            group,
            filter,
            client_id,
        } => member_digest(group, filter, client_id),
        Change::ClientHere { client_id, .. } | Change::ClientGone { client_id } => client_digest(client_id),
        Change::Retained { message, stamp } => retained_digest(&message.topic, stamp),
        Change::RetainedRemoved { topic, stamp } => retained_digest(topic, stamp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_same_digests_in_every_build_and_no_two_have_the_same() {
        let added = row_digest(&Change::RouteAdded { filter: "a/b" });
        assert_eq!(added, row_digest(&Change::RouteRemoved { filter: "a/b" }));
        let (at, node) = (1, 2);
        let others = [
            route_digest("a/"),
            client_digest("a/b"),
            member_digest("g", "a/b", "c"),
            member_digest("ga", "/b", "c"),
            member_digest("g", "a/", "bc"),
            retained_digest("a/b", Stamp { at, node }),
            retained_digest("a/b", Stamp { at: node, node: at }),
        ];
        let mut all: Vec<u64> = others.into_iter().chain([added]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8);
        assert_eq!(added, 0x52ea_5910_b552_72e5);
    }
}
