//! Sessions that are too long for one answer: the first page is the answer, the others are asked for.
//!
//! A control link carries the questions of all services, so no answer on it is long. What waits to be asked for is
//! bounded in bytes and in time.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use emqxd_broker::Time;
use emqxd_broker::handover::{Field, Malformed, Reader, Writer};
use emqxd_cluster::consensus::NodeId;
use parking_lot::Mutex;

/// One page.
pub(super) const PAGE_BYTES: usize = 1 << 20;
/// A session longer than this does not move.
pub(super) const PARCEL_BYTES_MAX: u64 = 256 << 20;
/// What waits to be asked for, all parcels together.
const WAITING_BYTES_MAX: usize = 256 << 20;
/// For how long, milliseconds: longer than any claim takes.
const KEPT_MS: u64 = 10_000;
/// For how long the end of a move may be asked for again, milliseconds.
pub(super) const ENDS_KEPT_MS: u64 = 600_000;
/// What moves have ended with, all together; the oldest is dropped.
const ENDS_BYTES_MAX: usize = 64 << 20;
/// How many.
const ENDS_MAX: usize = 65_536;

/// The beginning of something long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parcel {
    /// To ask for the rest with.
    pub number: u64,
    /// Bytes in all.
    pub len: u64,
    /// The first page.
    pub first: Bytes,
}

impl Field for Parcel {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&(self.number, self.len));
        out.put(&self.first);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (number, len) = input.take()?;
        Ok(Self {
            number,
            len,
            first: input.take()?,
        })
    }
}

/// Parcels whose other pages wait.
#[derive(Debug, Default)]
pub(super) struct Parcels {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    parcels: HashMap<u64, Waits>,
    /// What moves have ended with, by the number of the freeze: the answer may have been lost.
    ends: BTreeMap<u64, Waits>,
    bytes: usize,
    bytes_of_ends: usize,
    last: u64,
}

#[derive(Debug)]
struct Waits {
    to: NodeId,
    bytes: Bytes,
    until: Time,
}

impl Parcels {
    /// The first page of what goes to a node; the rest waits here. `None` if there is no room for it.
    pub fn send(&self, to: NodeId, bytes: Vec<u8>, now: Time) -> Option<Parcel> {
        let bytes = Bytes::from(bytes);
        let len = bytes.len() as u64;
        if bytes.len() <= PAGE_BYTES {
            return Some(Parcel {
                number: 0,
                len,
                first: bytes,
            });
        }
        let mut waiting = self.waiting.lock();
        waiting.forget(now);
        if waiting.bytes + bytes.len() > WAITING_BYTES_MAX {
            return None;
        }
        waiting.bytes += bytes.len();
        waiting.last += 1;
        let number = waiting.last;
        let first = bytes.slice(..PAGE_BYTES);
        let until = Time(now.0 + KEPT_MS);
        waiting.parcels.insert(number, Waits { to, bytes, until });
        Some(Parcel { number, len, first })
    }

    /// Keeps what a move has ended with for who asks for it again; how many older ones had to be dropped for it.
    pub fn keep_end(&self, to: NodeId, freeze: u64, bytes: Vec<u8>, now: Time) -> usize {
        let mut waiting = self.waiting.lock();
        waiting.forget(now);
        if bytes.len() > ENDS_BYTES_MAX {
            return 1;
        }
        waiting.bytes_of_ends += bytes.len();
        let (bytes, until) = (Bytes::from(bytes), Time(now.0 + ENDS_KEPT_MS));
        waiting.ends.insert(freeze, Waits { to, bytes, until });
        let mut dropped = 0;
        // Freezes are numbered in their order.
        while waiting.bytes_of_ends > ENDS_BYTES_MAX || waiting.ends.len() > ENDS_MAX {
            let Some((_, oldest)) = waiting.ends.pop_first() else {
                break;
            };
            waiting.bytes_of_ends -= oldest.bytes.len();
            dropped += 1;
        }
        dropped
    }

    /// What a move has ended with, once more.
    pub fn end_again(&self, to: NodeId, freeze: u64) -> Option<Vec<u8>> {
        let waiting = self.waiting.lock();
        let end = waiting.ends.get(&freeze).filter(|end| end.to == to)?;
        Some(end.bytes.to_vec())
    }

    /// Another page. `None` if the parcel is not there any more, or not this node's.
    pub fn page(&self, to: NodeId, number: u64, from: u64) -> Option<Bytes> {
        let mut waiting = self.waiting.lock();
        let parcel = waiting.parcels.get(&number).filter(|parcel| parcel.to == to)?;
        let from = usize::try_from(from).ok().filter(|from| *from < parcel.bytes.len())?;
        let end = parcel.bytes.len().min(from + PAGE_BYTES);
        let (page, is_last) = (parcel.bytes.slice(from..end), end == parcel.bytes.len());
        if is_last {
            waiting.remove(number);
        }
        Some(page)
    }

    /// Forgets what nobody has asked for in time.
    pub fn forget(&self, now: Time) {
        self.waiting.lock().forget(now);
    }
}

impl Waiting {
    fn remove(&mut self, number: u64) {
        if let Some(parcel) = self.parcels.remove(&number) {
            self.bytes -= parcel.bytes.len();
        }
    }

    fn forget(&mut self, now: Time) {
        let over = self.parcels.iter().filter(|(_, parcel)| parcel.until <= now);
        let over: Vec<u64> = over.map(|(number, _)| *number).collect();
        over.into_iter().for_each(|number| self.remove(number));
        let bytes = &mut self.bytes_of_ends;
        self.ends.retain(|_, end| {
            let is_kept = end.until > now;
            *bytes -= if is_kept { 0 } else { end.bytes.len() };
            is_kept
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_waits_for_nobody() {
        let parcels = Parcels::default();
        let parcel = parcels.send(2, b"short".to_vec(), Time(0)).unwrap();
        assert_eq!((parcel.len, &*parcel.first), (5, &b"short"[..]));
        assert_eq!(parcels.waiting.lock().bytes, 0);
    }

    #[test]
    fn what_is_long_comes_in_pages_to_whom_it_is_meant_for() {
        let parcels = Parcels::default();
        let bytes: Vec<u8> = (0..2 * PAGE_BYTES + 5).map(|place| place as u8).collect();
        let parcel = parcels.send(2, bytes.clone(), Time(0)).unwrap();
        let mut received = parcel.first.to_vec();
        assert_eq!(parcels.page(3, parcel.number, received.len() as u64), None);
        while (received.len() as u64) < parcel.len {
            let page = parcels.page(2, parcel.number, received.len() as u64).unwrap();
            received.extend_from_slice(&page);
        }
        assert_eq!(received, bytes);
        assert_eq!(parcels.waiting.lock().bytes, 0, "all has been fetched");
        assert_eq!(parcels.page(2, parcel.number, 0), None);
    }

    #[test]
    fn the_end_of_a_move_can_be_asked_for_again_by_whom_it_was_for() {
        let parcels = Parcels::default();
        parcels.keep_end(2, 77, b"rest".to_vec(), Time(0));
        for _ in 0..2 {
            assert_eq!(parcels.end_again(2, 77).as_deref(), Some(&b"rest"[..]));
        }
        assert_eq!(parcels.end_again(3, 77), None);
        assert_eq!(parcels.end_again(2, 78), None);
        parcels.forget(Time(ENDS_KEPT_MS));
        assert_eq!(parcels.end_again(2, 77), None);
        assert_eq!(parcels.waiting.lock().bytes_of_ends, 0);
    }

    #[test]
    fn ends_leave_room_for_parcels_and_the_oldest_are_dropped() {
        let parcels = Parcels::default();
        assert_eq!(parcels.keep_end(2, 1, vec![0; ENDS_BYTES_MAX], Time(0)), 0);
        assert!(parcels.send(2, vec![0; WAITING_BYTES_MAX], Time(0)).is_some());
        assert_eq!(parcels.keep_end(2, 2, vec![1], Time(0)), 1);
        assert_eq!(
            (parcels.end_again(2, 1), parcels.end_again(2, 2)),
            (None, Some(vec![1]))
        );
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten() {
        let parcels = Parcels::default();
        let long = vec![0; WAITING_BYTES_MAX];
        assert!(parcels.send(2, long.clone(), Time(0)).is_some());
        assert!(parcels.send(2, long.clone(), Time(1)).is_none());
        assert!(parcels.send(2, long, Time(KEPT_MS)).is_some());
    }
}
