//! Where a message on one topic goes: sessions of this worker, other workers, share groups.
//!
//! Made by `routing.rs`, remembered by the match cache. Most topics have one subscriber or none, and those answers
//! need no memory beside the entry of the cache, which the processor would have to wait for.

use std::rc::Rc;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::subscribers::Subscriber;
use crate::{ShareGroup, WorkerId};

/// Where a message goes. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Destinations {
    Nobody,
    /// One session of this worker, and nobody else.
    One(Subscriber),
    Several(Rc<DestinationLists>),
}

/// Any number of destinations.
#[derive(Debug, Default)]
pub(crate) struct DestinationLists {
    /// Plain subscriptions of this worker's sessions.
    pub local: Vec<Subscriber>,
    /// Other workers with plain subscriptions.
    pub workers: SmallVec<[WorkerId; 4]>,
    /// Share groups, of which one member each gets it.
    pub groups: SmallVec<[Arc<ShareGroup>; 2]>,
}

impl Destinations {
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Nobody)
    }

    pub fn local(&self) -> &[Subscriber] {
        match self {
            Self::Nobody => &[],
            Self::One(subscriber) => std::slice::from_ref(subscriber),
            Self::Several(lists) => &lists.local,
        }
    }

    pub fn workers(&self) -> &[WorkerId] {
        match self {
            Self::Nobody | Self::One(_) => &[],
            Self::Several(lists) => &lists.workers,
        }
    }

    /// Memory beside the value's own.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Nobody | Self::One(_) => 0,
            Self::Several(lists) => size_of::<DestinationLists>() + size_of_val(&lists.local[..]),
        }
    }

    pub fn groups(&self) -> &[Arc<ShareGroup>] {
        match self {
            Self::Nobody | Self::One(_) => &[],
            Self::Several(lists) => &lists.groups,
        }
    }
}

impl From<DestinationLists> for Destinations {
    fn from(lists: DestinationLists) -> Self {
        if lists.workers.is_empty() && lists.groups.is_empty() {
            match lists.local[..] {
                [] => return Self::Nobody,
                [subscriber] => return Self::One(subscriber),
                _ => {}
            }
        }
        Self::Several(Rc::new(lists))
    }
}
