//! What a node tells the others about itself: which filters are wanted here, who is in share groups here, which clients
//! are here, what was retained here.
//!
//! The rules call [`Journal::note`] at each change, in the order of the changes of each row, with the lock of its table
//! held: it must not block and must not call back. The daemon's journal puts the changes into the stream that other
//! nodes follow; a node of a cluster of its own has none, and a change costs one test.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::{Message, Stamp};

/// Takes note of what changed here.
pub trait Journal: Send + Sync {
    /// One change of a row whose only writer this node is.
    fn note(&self, change: Change<'_>);

    /// Whether somebody is reading all rows in pages just now. Then it is to hear of a filter that another worker has
    /// too now: the page of the one may have been read before, and that of the other be read when it has it no more.
    fn is_being_listed(&self) -> bool {
        false
    }
}

/// A change that other nodes follow.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// The first plain subscription to a filter on this node, whichever its worker.
    RouteAdded {
        /// The filter.
        filter: &'a str,
    },
    /// Another worker of this node has a plain subscription to a filter too ([`Journal::is_being_listed`]).
    RouteShared {
        /// The filter.
        filter: &'a str,
    },
    /// The last one has gone.
    RouteRemoved {
        /// The filter.
        filter: &'a str,
    },
    /// A client of this node is in a share group.
    MemberJoined {
        /// Share name.
        group: &'a str,
        /// Filter, without `$share/{group}/`.
        filter: &'a str,
        /// The member.
        client_id: &'a str,
    },
    /// It is not any more.
    MemberLeft {
        /// Share name.
        group: &'a str,
        /// Filter, without `$share/{group}/`.
        filter: &'a str,
        /// The member.
        client_id: &'a str,
    },
    /// A session is here. Told anew when its client connects.
    ClientHere {
        /// Whose.
        client_id: &'a str,
        /// When its client connected last, Unix milliseconds: of two sessions the newer one stays.
        since: u64,
        /// It was not here before.
        is_new: bool,
    },
    /// It is not any more.
    ClientGone {
        /// Whose.
        client_id: &'a str,
    },
    /// A client of this node had a message retained.
    Retained {
        /// The message.
        message: &'a Arc<Message>,
        /// What decides between writers.
        stamp: Stamp,
    },
    /// A client of this node cleared a topic, or an operator did. Not told of what expires: each node sees to that
    /// itself.
    RetainedRemoved {
        /// Its topic.
        topic: &'a str,
        /// What decides between writers.
        stamp: Stamp,
    },
}

/// Where a table keeps its journal: set once, before anything changes, or never.
#[derive(Default)]
pub(crate) struct JournalCell(OnceLock<Arc<dyn Journal>>);

impl JournalCell {
    /// Sets it; the first one stays.
    pub fn set(&self, journal: Arc<dyn Journal>) {
        // A second one would miss what the first was told.
        let _ = self.0.set(journal);
    }

    /// The journal, if others follow.
    #[inline]
    pub fn get(&self) -> Option<&dyn Journal> {
        self.0.get().map(|journal| &**journal)
    }
}

impl fmt::Debug for JournalCell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.0.get().is_some() { "Journal" } else { "None" };
        formatter.write_str(state)
    }
}
