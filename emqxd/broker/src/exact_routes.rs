//! Which workers want which exact filter: the part of the route table for filters without wildcards.
//!
//! It knows filters by their hashes alone. Two filters with the same hash share an entry: a message for one then goes
//! to the other's workers too, and they find no subscriber for it. So that removing one does not hide the other, it is
//! counted how often each worker has added an entry. Other nodes' entries are not counted, since they are told of more
//! than once: that two of a million filters of one node share a 64-bit hash has a chance of 1 to 37 millions.

use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::WorkerId;
use crate::remote::is_local;
use crate::route_table::{LOCAL_MASK, bit};
use crate::split_table::{Slice, SplitTable};

/// Workers by the hash of the filter.
#[derive(Debug, Default)]
pub(crate) struct ExactRoutes {
    by_hash: SplitTable<Entry>,
    /// What an entry has no room for, by hash: workers without a bit, and how often a worker has it beyond once.
    more: HashMap<u64, Vec<(WorkerId, u32)>, foldhash::fast::RandomState>,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    /// See [`bit`].
    workers: u64,
}

/// What a call changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RouteChange {
    /// The first worker of a filter came, or its last one went.
    Filter,
    /// One more worker, or one less.
    Worker,
    /// Nothing that a publisher would see.
    None,
}

impl ExactRoutes {
    /// Filters; those with the same hash are one.
    pub fn len(&self) -> usize {
        self.by_hash.len()
    }

    pub fn contains(&self, hash: u64) -> bool {
        self.by_hash.find(hash, |entry| entry.hash == hash).is_some()
    }

    /// The workers of a filter: those without a bit into `others`, the others as the bits of the answer.
    pub fn workers(&self, hash: u64, others: &mut SmallVec<[WorkerId; 4]>) -> u64 {
        let Some(entry) = self.by_hash.find(hash, |entry| entry.hash == hash) else {
            return 0;
        };
        if !self.more.is_empty()
            && let Some(more) = self.more.get(&hash)
        {
            let workers = more.iter().map(|&(worker, _)| worker);
            others.extend(workers.filter(|&worker| bit(worker).is_none()));
        }
        entry.workers
    }

    /// Whether a worker of this node has it.
    pub fn has_local(&self, hash: u64) -> bool {
        let Some(entry) = self.by_hash.find(hash, |entry| entry.hash == hash) else {
            return false;
        };
        entry.workers & LOCAL_MASK != 0
            || self
                .more
                .get(&hash)
                .is_some_and(|more| more.iter().any(|&(worker, _)| is_local(worker)))
    }

    pub fn add(&mut self, hash: u64, worker: WorkerId) -> RouteChange {
        let present = self.by_hash.find_mut(hash, |entry| entry.hash == hash);
        let is_filter_new = present.is_none();
        match (present, bit(worker)) {
            (Some(entry), Some(bit)) if entry.workers & bit == 0 => {
                entry.workers |= bit;
                return RouteChange::Worker;
            }
            (Some(_), Some(_)) if !is_local(worker) => return RouteChange::None,
            (Some(_), _) => {}
            (None, bit) => {
                let workers = bit.unwrap_or(0);
                self.by_hash
                    .insert_unique(hash, Entry { hash, workers }, |entry| entry.hash);
                if bit.is_some() {
                    return RouteChange::Filter;
                }
            }
        }
        let more = self.more.entry(hash).or_default();
        let is_worker_new = match more.iter_mut().find(|(other, _)| *other == worker) {
            Some((_, count)) => {
                *count += 1;
                false
            }
            None => {
                more.push((worker, 1));
                bit(worker).is_none()
            }
        };
        match (is_filter_new, is_worker_new) {
            (true, _) => RouteChange::Filter,
            (false, true) => RouteChange::Worker,
            (false, false) => RouteChange::None,
        }
    }

    pub fn remove(&mut self, hash: u64, worker: WorkerId) -> RouteChange {
        let Some(entry) = self.by_hash.find_mut(hash, |entry| entry.hash == hash) else {
            return RouteChange::None;
        };
        match (take_one(&mut self.more, hash, worker), bit(worker)) {
            // It has the entry still: by its bit, or by what is left of the count.
            (Some(_), Some(_)) | (Some(1..), None) => return RouteChange::None,
            (None, Some(bit)) if entry.workers & bit != 0 => entry.workers &= !bit,
            (None, _) => return RouteChange::None,
            (Some(0), None) => {}
        }
        if entry.workers != 0 || self.more.contains_key(&hash) {
            return RouteChange::Worker;
        }
        self.by_hash
            .remove(hash, |entry| entry.hash == hash, |entry| entry.hash);
        RouteChange::Filter
    }
}

impl ExactRoutes {
    /// Takes the bit out of the entries of one slice that `keeps` does not name, and calls `removed` for each. The
    /// next slice; `None` behind the last.
    ///
    /// Only for other nodes, which have nothing in `more`.
    pub fn remove_from_slice(
        &mut self,
        slice: Slice,
        bit: u64,
        mut keeps: impl FnMut(u64) -> bool,
        mut removed: impl FnMut(u64, RouteChange),
    ) -> (usize, Option<Slice>) {
        let more = &self.more;
        let stays = |entry: &mut Entry| {
            if entry.workers & bit == 0 || keeps(entry.hash) {
                return true;
            }
            entry.workers &= !bit;
            let is_wanted = entry.workers != 0 || more.contains_key(&entry.hash);
            let change = if is_wanted {
                RouteChange::Worker
            } else {
                RouteChange::Filter
            };
            removed(entry.hash, change);
            is_wanted
        };
        self.by_hash.retain_slice(slice, stays, |entry| entry.hash)
    }
}

/// Lowers the count of a worker by one; what is left, `None` if there was none.
fn take_one<S: std::hash::BuildHasher>(
    more: &mut HashMap<u64, Vec<(WorkerId, u32)>, S>,
    hash: u64,
    worker: WorkerId,
) -> Option<u32> {
    if more.is_empty() {
        return None;
    }
    let counts = more.get_mut(&hash)?;
    let position = counts.iter().position(|&(other, _)| other == worker)?;
    counts[position].1 -= 1;
    let left = counts[position].1;
    if left == 0 {
        counts.swap_remove(position);
        if counts.is_empty() {
            more.remove(&hash);
        }
    }
    Some(left)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        /// A worker may add the same hash several times: for filters whose hashes collide.
        #[test]
        fn it_behaves_as_a_count_for_each_hash_and_worker_does(
            steps in prop::collection::vec((any::<bool>(), 0u64..3, prop_oneof![0u16..2, 31u16..34]), 1..80),
        ) {
            let mut routes = ExactRoutes::default();
            let mut model: BTreeMap<u64, BTreeMap<WorkerId, u32>> = BTreeMap::new();
            for (is_added, hash, worker) in steps {
                let before = model.get(&hash).map(|workers| workers.keys().copied().collect::<Vec<_>>());
                let change = if is_added {
                    *model.entry(hash).or_default().entry(worker).or_default() += 1;
                    routes.add(hash, worker)
                } else {
                    if let Some(count) = model.get_mut(&hash).and_then(|workers| workers.get_mut(&worker)) {
                        *count -= 1;
                    }
                    routes.remove(hash, worker)
                };
                for workers in model.values_mut() {
                    workers.retain(|_, count| *count > 0);
                }
                model.retain(|_, workers| !workers.is_empty());
                let after = model.get(&hash).map(|workers| workers.keys().copied().collect::<Vec<_>>());
                let expected = if before.is_none() != after.is_none() {
                    RouteChange::Filter
                } else if before != after {
                    RouteChange::Worker
                } else {
                    RouteChange::None
                };
                prop_assert_eq!(change, expected);
                prop_assert_eq!(routes.len(), model.len());
                for hash in 0..3 {
                    let mut found = SmallVec::new();
                    let low = routes.workers(hash, &mut found);
                    found.extend(crate::route_table::bits(low));
                    found.sort_unstable();
                    let expected: Vec<_> = model.get(&hash).into_iter().flat_map(|workers| workers.keys().copied()).collect();
                    prop_assert_eq!(found.as_slice(), expected);
                }
            }
        }
    }
}
