//! Which messages have come to a shard, as numbers: those of one origin come in their order, and an origin's numbers grow,
//! so the newest of each says it. A session that moves takes that along, since copies of what it has had may still be on
//! their way to the node that it goes to, for others there.

use std::time::Duration;

use foldhash::fast::{FixedState, RandomState};
use hashbrown::{HashMap, HashSet};

use crate::Time;
use crate::handover::{Field, Malformed, Reader, Writer};

/// How long copies of a message are under way at most, a link that breaks and comes back included.
pub(super) const LATE_COPIES: Duration = Duration::from_secs(60);

/// Origins kept; 32 nodes with 64 workers have half of it. Beyond, those are forgotten of which nothing came lately.
const ORIGINS_MAX: usize = 4096;

/// Messages that a session has brought along; beyond, late copies of them come through.
const IDS_MAX: usize = 65_536;

/// Numbers start at random and are counted up: the upper half tells whose they are, and changes seldom.
fn origin(id: u64) -> u32 {
    (id >> 32) as u32
}

/// The newest message of each origin.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Of the origin that sent last, which mostly sends next too.
    newest: u64,
    at: Time,
    others: HashMap<u32, (u64, Time), FixedState>,
}

impl Seen {
    /// A message has come, and is given to all who want it here.
    #[inline]
    pub fn note(&mut self, id: u64, now: Time) {
        if origin(id) != origin(self.newest) {
            self.change_origin(id);
        }
        self.newest = self.newest.max(id);
        self.at = now;
    }

    #[cold]
    fn change_origin(&mut self, id: u64) {
        let (newest, at) = (self.newest, self.at);
        if self.others.len() >= ORIGINS_MAX {
            self.others.retain(|_, (_, last)| at.since(*last) < LATE_COPIES);
            if self.others.len() >= ORIGINS_MAX {
                self.others.clear();
            }
        }
        self.others.insert(origin(newest), (newest, at));
        self.newest = self.others.remove(&origin(id)).map_or(id, |(newest, _)| newest);
    }

    /// The newest of each origin that has sent lately.
    pub fn marks(&self, now: Time) -> impl Iterator<Item = u64> {
        let others = self.others.values().copied();
        let all = others.chain([(self.newest, self.at)]);
        all.filter(move |(_, at)| now.since(*at) < LATE_COPIES)
            .map(|(newest, _)| newest)
    }
}

/// Which messages a session has had elsewhere, of those whose copies may still come.
#[derive(Debug, Default)]
pub(super) struct Had {
    /// All up to these, by origin.
    marks: HashMap<u32, u64, RandomState>,
    /// And these.
    ids: HashSet<u64, RandomState>,
}

impl Had {
    pub fn contains(&self, id: u64) -> bool {
        self.marks.get(&origin(id)).is_some_and(|mark| id <= *mark) || self.ids.contains(&id)
    }

    pub fn add_marks(&mut self, marks: impl Iterator<Item = u64>) {
        for mark in marks {
            let present = self.marks.entry(origin(mark)).or_default();
            *present = mark.max(*present);
        }
    }

    pub fn add_ids(&mut self, ids: impl Iterator<Item = u64>) {
        if self.ids.len() < IDS_MAX {
            self.ids.extend(ids);
        }
    }

    /// All of another one too.
    pub fn add(&mut self, other: &Self) {
        self.add_marks(other.marks.values().copied());
        self.add_ids(other.ids.iter().copied());
    }
}

impl Field for Had {
    fn write(&self, out: &mut Writer<'_>) {
        let marks: Vec<u64> = self.marks.values().copied().collect();
        let ids: Vec<u64> = self.ids.iter().copied().collect();
        out.put(&marks);
        out.put(&ids);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (marks, ids): (Vec<u64>, Vec<u64>) = input.take()?;
        let mut had = Self::default();
        had.add_marks(marks.into_iter());
        had.add_ids(ids.into_iter());
        Ok(had)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: u64 = 7 << 32;
    const B: u64 = 9 << 32;

    #[test]
    fn the_newest_of_each_origin_is_known_for_a_while() {
        let mut seen = Seen::default();
        for (id, at) in [
            (A + 1, 0),
            (A + 2, 1),
            (B + 5, 40_000),
            (A + 3, 50_000),
            (A + 2, 50_001),
        ] {
            seen.note(id, Time(at));
        }
        let marks = |at| {
            let mut marks: Vec<u64> = seen.marks(Time(at)).filter(|mark| *mark > 0).collect();
            marks.sort_unstable();
            marks
        };
        assert_eq!(marks(50_001), [A + 3, B + 5]);
        assert_eq!(marks(101_000), [A + 3]);
        assert!(marks(200_000).is_empty());
    }

    #[test]
    fn what_was_had_is_all_up_to_a_mark_and_single_ones() {
        let mut had = Had::default();
        had.add_marks([A + 3, A + 2].into_iter());
        had.add_ids([A + 9].into_iter());
        let known: Vec<u64> = (A + 1..A + 12).chain([B + 1]).filter(|id| had.contains(*id)).collect();
        assert_eq!(known, [A + 1, A + 2, A + 3, A + 9]);
    }

    #[test]
    fn origins_without_end_do_not_pile_up() {
        let mut seen = Seen::default();
        for number in 0..3 * ORIGINS_MAX as u64 {
            seen.note(number << 32, Time(0));
        }
        assert!(seen.others.len() <= ORIGINS_MAX);
    }
}
