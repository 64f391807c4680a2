//! Who wants one filter with wildcards, or one with share groups: workers as bits, and what few filters have besides.

use std::sync::Arc;

use smallvec::SmallVec;

use super::RouteInfo;
use crate::remote::is_local;
use crate::{FIRST_PEER, PEERS_MAX, ShareGroup, WorkerId, peer_worker};

/// Workers of this node that have a bit; the bits above are those of other nodes.
const LOCAL_BITS: u32 = u64::BITS - PEERS_MAX as u32;
/// The bits of this node's workers.
pub(crate) const LOCAL_MASK: u64 = (1 << LOCAL_BITS) - 1;

/// Who wants one filter. Small, since most are wanted by one worker and no group.
#[derive(Debug, Default)]
pub(super) struct Route {
    /// See [`bit`].
    pub(super) workers: u64,
    pub(super) more: Option<Box<MoreDestinations>>,
}

#[derive(Debug, Default)]
pub(super) struct MoreDestinations {
    /// Those without a [`bit`].
    pub(super) workers: Vec<WorkerId>,
    pub(super) groups: Vec<Arc<ShareGroup>>,
}

impl Route {
    /// Whether the worker was not in.
    pub(super) fn add_worker(&mut self, worker: WorkerId) -> bool {
        if let Some(bit) = bit(worker) {
            let is_new = self.workers & bit == 0;
            self.workers |= bit;
            return is_new;
        }
        let workers = &mut self.more_mut().workers;
        let is_new = !workers.contains(&worker);
        if is_new {
            workers.push(worker);
        }
        is_new
    }

    /// Whether the worker was in.
    pub(super) fn remove_worker(&mut self, worker: WorkerId) -> bool {
        if let Some(bit) = bit(worker) {
            let was_in = self.workers & bit != 0;
            self.workers &= !bit;
            return was_in;
        }
        let Some(more) = &mut self.more else { return false };
        let before = more.workers.len();
        more.workers.retain(|&other| other != worker);
        let was_in = more.workers.len() < before;
        self.drop_empty_parts();
        was_in
    }

    /// Whether a worker of this node is in.
    pub(super) fn has_local(&self) -> bool {
        let of_more = |more: &MoreDestinations| more.workers.iter().any(|&worker| is_local(worker));
        self.workers & LOCAL_MASK != 0 || self.more.as_deref().is_some_and(of_more)
    }

    /// Whether another node is in, or a member of one of its groups is that node's.
    pub(super) fn concerns(&self, worker: WorkerId) -> bool {
        bit(worker).is_some_and(|bit| self.workers & bit != 0)
            || self
                .more
                .iter()
                .flat_map(|more| &more.groups)
                .any(|group| group.has_members_of(worker))
    }

    pub(super) fn more_mut(&mut self) -> &mut MoreDestinations {
        self.more.get_or_insert_default()
    }

    pub(super) fn drop_empty_parts(&mut self) {
        if self
            .more
            .as_ref()
            .is_some_and(|more| more.workers.is_empty() && more.groups.is_empty())
        {
            self.more = None;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.workers == 0 && self.more.is_none()
    }

    pub(super) fn info(&self, filter: String) -> RouteInfo {
        let mut workers: SmallVec<[WorkerId; 4]> = bits(self.workers).collect();
        let mut groups = Vec::new();
        if let Some(more) = &self.more {
            workers.extend_from_slice(&more.workers);
            groups.extend(more.groups.iter().cloned());
        }
        workers.sort_unstable();
        RouteInfo {
            filter,
            workers,
            groups,
        }
    }
}

/// The bit of a worker in a row: the lower half is for those of this node, the upper half for other nodes. `None` if it
/// has none, as workers of this node from number 32 on.
pub(crate) const fn bit(worker: WorkerId) -> Option<u64> {
    let number = worker as u32;
    if number < LOCAL_BITS {
        return Some(1 << number);
    }
    match worker.checked_sub(FIRST_PEER) {
        Some(slot) if (slot as usize) < PEERS_MAX => Some(1 << (LOCAL_BITS + slot as u32)),
        _ => None,
    }
}

/// The workers of a bit set, in order: those of this node, then other nodes.
pub(crate) fn bits(mut set: u64) -> impl Iterator<Item = WorkerId> {
    std::iter::from_fn(move || {
        let number = set.trailing_zeros();
        // Clears the lowest bit.
        set &= set.wrapping_sub(1);
        match number {
            u64::BITS => None,
            LOCAL_BITS.. => Some(peer_worker((number - LOCAL_BITS) as u8)),
            _ => Some(number as WorkerId),
        }
    })
}
