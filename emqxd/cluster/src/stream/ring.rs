//! The last changes of what this node owns, with their numbers: what a follower that was away for a moment goes on with.
//!
//! Changes come from any thread, with the lock of their table held: adding one is a few instructions under a mutex and a
//! wake-up of those who wait. Who is further behind than the ring reaches is given a snapshot. As long as nobody follows,
//! changes are numbered and counted, and none is kept.

use std::collections::VecDeque;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::record::{Encoded, Record};
use super::sums::{Sums, Tally};

/// Changes kept.
const CHANGES_MAX: usize = 65_536;
/// Bytes they may use; the last change is kept however large it is.
const BYTES_MAX: usize = 8 << 20;
/// What a change costs beside its bytes: its place in the queue and an allocation.
const CHANGE_OVERHEAD: usize = 64;

/// The stream's end: appended to by the tables, read by the feeds of the followers.
#[derive(Debug)]
pub struct Ring {
    state: Mutex<State>,
    changed: Notify,
    changes_max: usize,
    bytes_max: usize,
}

#[derive(Debug, Default)]
struct State {
    /// The change with number `last` is at the end.
    changes: VecDeque<Encoded>,
    last: u64,
    bytes: usize,
    sums: Sums,
    is_followed: bool,
    forgotten: u64,
}

/// What the ring holds, for operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RingCounts {
    /// Number of the last change.
    pub sequence: u64,
    /// Changes kept.
    pub kept: usize,
    /// Bytes they use.
    pub bytes: usize,
    /// Changes that were kept and had to go for later ones.
    pub forgotten: u64,
}

/// Changes one after the other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Batch {
    /// How many; the last has this much more than the number that was asked for.
    pub count: u64,
    /// Their records.
    pub head: Vec<u8>,
    /// The end of the last record, if it is large.
    pub payload: Bytes,
}

/// The changes behind this number are not in the ring any more, or never were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FellOut;

impl Ring {
    /// No changes yet.
    pub fn new() -> Self {
        Self::bounded(CHANGES_MAX, BYTES_MAX)
    }

    /// With bounds of its own.
    pub(super) fn bounded(changes_max: usize, bytes_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            changes_max,
            bytes_max,
        }
    }

    /// Takes a change in. A large payload is not copied if `payload` holds it.
    pub fn append(&self, record: &Record<'_>, payload: Option<&Bytes>, tally: Tally) {
        // Before the lock, and in vain as long as nobody follows: that is a node that has just started.
        let encoded = record.encode(payload);
        let mut forgotten = Vec::new();
        let mut state = self.state.lock();
        state.last += 1;
        state.sums.count(record.kind(), tally);
        if !state.is_followed {
            return;
        }
        state.bytes += CHANGE_OVERHEAD + encoded.len();
        state.changes.push_back(encoded);
        while state.changes.len() > 1 && (state.changes.len() > self.changes_max || state.bytes > self.bytes_max) {
            let Some(oldest) = state.changes.pop_front() else { break };
            state.bytes -= CHANGE_OVERHEAD + oldest.len();
            state.forgotten += 1;
            forgotten.push(oldest);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Keeps changes from now on: there is a follower.
    pub(super) fn follow(&self) {
        self.state.lock().is_followed = true;
    }

    /// Number of the last change, and the sums of all rows as of it.
    pub fn now(&self) -> (u64, Sums) {
        let state = self.state.lock();
        (state.last, state.sums)
    }

    /// Returns when there are changes behind this number. Safe to be given up.
    pub async fn changed_since(&self, sequence: u64) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.state.lock().last > sequence {
                return;
            }
            changed.await;
        }
    }

    /// Changes behind this number, up to about so many bytes and at least one; `None` if there are none.
    pub(super) fn read(&self, after: u64, bytes_max: usize) -> Result<Option<Batch>, FellOut> {
        let state = self.state.lock();
        let behind = state.last.checked_sub(after).ok_or(FellOut)?;
        let behind = usize::try_from(behind).map_err(|_| FellOut)?;
        if behind == 0 {
            return Ok(None);
        }
        let first = state.changes.len().checked_sub(behind).ok_or(FellOut)?;
        let mut batch = Batch {
            count: 0,
            head: Vec::with_capacity(bytes_max.min(64 * behind)),
            payload: Bytes::new(),
        };
        for change in state.changes.range(first..) {
            if batch.count > 0 && batch.head.len() + change.head.len() > bytes_max {
                break;
            }
            batch.head.extend_from_slice(&change.head);
            batch.count += 1;
            if !change.payload.is_empty() {
                batch.payload = change.payload.clone();
                break;
            }
        }
        Ok(Some(batch))
    }

    /// What it holds.
    pub fn counts(&self) -> RingCounts {
        let state = self.state.lock();
        RingCounts {
            sequence: state.last,
            kept: state.changes.len(),
            bytes: state.bytes,
            forgotten: state.forgotten,
        }
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Row;
    use super::*;

    fn append(ring: &Ring, filter: &str) {
        ring.append(&Record::Present(Row::Route { filter }), None, Tally::More(1));
    }

    fn filters(batch: &Batch) -> Vec<String> {
        let mut rest = &batch.head[..];
        let mut filters = Vec::new();
        while !rest.is_empty() {
            let Record::Present(Row::Route { filter }) = Record::read(&mut rest).unwrap() else {
                panic!("only filters")
            };
            filters.push(filter.to_owned());
        }
        assert_eq!(batch.count, filters.len() as u64);
        filters
    }

    #[test]
    fn the_last_changes_can_be_read_from_any_of_them_on() {
        let ring = Ring::bounded(3, 4096);
        append(&ring, "before anybody follows");
        ring.follow();
        assert_eq!(ring.read(0, 100), Err(FellOut));
        assert_eq!(ring.read(1, 100), Ok(None));
        for filter in ["b", "c", "d", "e"] {
            append(&ring, filter);
        }
        assert_eq!(ring.read(1, 100), Err(FellOut));
        assert_eq!(filters(&ring.read(2, 100).unwrap().unwrap()), ["c", "d", "e"]);
        assert_eq!(filters(&ring.read(4, 100).unwrap().unwrap()), ["e"]);
        assert_eq!(ring.read(6, 100), Err(FellOut));
        assert_eq!((ring.now().0, ring.now().1.routes.rows), (5, 5));
        assert_eq!(ring.counts().forgotten, 1);
    }

    #[test]
    fn bytes_are_bounded_too_and_a_batch_has_at_least_one_change() {
        let ring = Ring::bounded(1000, 2000);
        ring.follow();
        for _ in 0..100 {
            append(&ring, &"x".repeat(100));
        }
        let counts = ring.counts();
        assert!(counts.bytes <= 2000 && counts.kept > 5, "{counts:?}");
        assert_eq!(filters(&ring.read(98, 1).unwrap().unwrap()).len(), 1);
        append(&ring, &"x".repeat(5000));
        assert_eq!(ring.counts().kept, 1);
        assert_eq!(filters(&ring.read(100, 1).unwrap().unwrap())[0].len(), 5000);
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_a_change() {
        let ring = Ring::new();
        ring.follow();
        let waiting = ring.changed_since(0);
        tokio::join!(waiting, async { append(&ring, "a") });
        ring.changed_since(0).await;
    }
}
