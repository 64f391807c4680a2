//! Who has which client: one owner for each client id in the whole cluster.
//!
//! Each id has a [`home`], the node that keeps its lock ([`Locks`]); who wants to come in takes it, fetches or ends what
//! another node has of that client ([`Claim`] says in which order), lets the client in and gives the lock back with the
//! word who has the client now. Nothing here does I/O or looks at a clock.
//!
//! When members come and go, two homes may grant at once, and when a home or holder cannot be reached a client comes in
//! without it. So locks keep clients from losing their sessions in all ordinary times, and what ends every race is
//! [`stays`]: of two sessions the one whose client came last. Where that is not enough, a careful claim makes certain
//! ([`Inquiry`]) that nobody else has the client, whoever grants what.

mod certainty;
mod claim;
mod home;
mod last_holders;
mod locks;
#[cfg(test)]
mod simulation;

pub use self::certainty::{Given, Inquiry, LATELY_MS, Verdict, Whereabouts};
pub use self::claim::{Claim, Event, Step};
pub use self::home::home;
pub use self::locks::{Answer, Asker, Grant, Locks, REPEAT_MS};
use crate::consensus::NodeId;

/// Whether the session of a node stays when another node has one of the same client: when its client came last, Unix
/// milliseconds, decides, then the number of the node. Both nodes come to the same result.
pub fn stays(own: (u64, NodeId), other: (u64, NodeId)) -> bool {
    own > other
}
