//! Who wants one filter with wildcards, or one with share groups: workers as bits, and what few filters have besides.

use std::sync::Arc;

use smallvec::SmallVec;

use super::RouteInfo;
use crate::{ShareGroup, WorkerId};

/// Who wants one filter. Small, since most are wanted by one worker and no group.
#[derive(Debug, Default)]
pub(super) struct Route {
    /// Bit n: worker n, for n below 64.
    pub(super) workers: u64,
    pub(super) more: Option<Box<MoreDestinations>>,
}

#[derive(Debug, Default)]
pub(super) struct MoreDestinations {
    /// Workers from 64 on.
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

/// The worker's bit in [`Route::workers`]; `None` if it has none.
pub(crate) fn bit(worker: WorkerId) -> Option<u64> {
    1u64.checked_shl(worker.into())
}

/// The workers of a bit set, in order.
pub(super) fn bits(mut set: u64) -> impl Iterator<Item = WorkerId> {
    std::iter::from_fn(move || {
        let worker = set.trailing_zeros();
        // Clears the lowest bit.
        set &= set.wrapping_sub(1);
        (worker < u64::BITS).then_some(worker as WorkerId)
    })
}
