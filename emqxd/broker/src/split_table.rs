//! A hash table that never moves more than a few thousand entries at once.
//!
//! A plain table of a million entries doubles in one go, and its worker's clients wait for that. This one is split
//! by the hash into [`SEGMENTS`] tables once it has grown; each doubles by itself. Callers bring hashes and
//! comparisons, as with [`HashTable`]. Used wherever clients decide how many entries there are.

use hashbrown::HashTable;

/// Tables after the split; a power of two.
const SEGMENTS: usize = 256;
/// A table with more entries is split: as many as fit before it would double to 16,384 slots.
const SPLIT_ABOVE: usize = 7168;
/// Slots of a new segment hold this many entries: half as many again as it starts with.
const SEGMENT_CAPACITY: usize = SPLIT_ABOVE / SEGMENTS * 3 / 2;
/// A segment of no more than this stays as it is when entries leave.
const SHRINK_ABOVE: usize = 64;

/// A hash table with bounded pauses.
#[derive(Debug, Clone)]
pub(crate) enum SplitTable<T> {
    Whole(HashTable<T>),
    Split(Box<Split<T>>),
}

#[derive(Debug, Clone)]
pub(crate) struct Split<T> {
    len: usize,
    segments: Vec<HashTable<T>>,
}

/// A part of a table that is worked through in parts: a few thousand entries in a table of a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Slice(usize);

impl<T> Default for SplitTable<T> {
    fn default() -> Self {
        Self::Whole(HashTable::new())
    }
}

impl<T> SplitTable<T> {
    /// No entries, room for some.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::Whole(HashTable::with_capacity(capacity.min(SPLIT_ABOVE)))
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Whole(table) => table.len(),
            Self::Split(split) => split.len,
        }
    }

    /// Entries that fit into the memory it has.
    #[cfg(test)]
    pub fn capacity(&self) -> usize {
        match self {
            Self::Whole(table) => table.capacity(),
            Self::Split(split) => split.segments.iter().map(HashTable::capacity).sum(),
        }
    }

    #[inline]
    pub fn find(&self, hash: u64, is_it: impl FnMut(&T) -> bool) -> Option<&T> {
        match self {
            Self::Whole(table) => table.find(hash, is_it),
            Self::Split(split) => split.segments[segment_of(hash)].find(hash, is_it),
        }
    }

    pub fn find_mut(&mut self, hash: u64, is_it: impl FnMut(&T) -> bool) -> Option<&mut T> {
        match self {
            Self::Whole(table) => table.find_mut(hash, is_it),
            Self::Split(split) => split.segments[segment_of(hash)].find_mut(hash, is_it),
        }
    }

    /// Adds an entry that is not in yet; `hash_of` gives the hash of those that are.
    pub fn insert_unique(&mut self, hash: u64, entry: T, hash_of: impl Fn(&T) -> u64) {
        match self {
            Self::Whole(table) if table.len() < SPLIT_ABOVE => {
                table.insert_unique(hash, entry, hash_of);
            }
            Self::Whole(table) => {
                let mut split = Split::of(std::mem::take(table), &hash_of);
                split.insert_unique(hash, entry, hash_of);
                *self = Self::Split(Box::new(split));
            }
            Self::Split(split) => split.insert_unique(hash, entry, hash_of),
        }
    }

    /// Takes an entry out; the memory of many that left goes back.
    pub fn remove(&mut self, hash: u64, is_it: impl FnMut(&T) -> bool, hash_of: impl Fn(&T) -> u64) -> Option<T> {
        let entry = match self {
            Self::Whole(table) => remove(table, hash, is_it, &hash_of)?,
            Self::Split(split) => {
                let entry = remove(&mut split.segments[segment_of(hash)], hash, is_it, &hash_of)?;
                split.len -= 1;
                entry
            }
        };
        self.join_if_small(hash_of);
        Some(entry)
    }

    fn join_if_small(&mut self, hash_of: impl Fn(&T) -> u64) {
        // Well below, so that a table at the edge does not change its shape with every step.
        if let Self::Split(split) = self
            && split.len < SPLIT_ABOVE / 4
        {
            let mut whole = HashTable::with_capacity(split.len);
            for entry in split.segments.drain(..).flatten() {
                whole.insert_unique(hash_of(&entry), entry, &hash_of);
            }
            *self = Self::Whole(whole);
        }
    }

    /// Entries with this hash.
    pub fn find_all(&self, hash: u64) -> impl Iterator<Item = &T> {
        let table = match self {
            Self::Whole(table) => table,
            Self::Split(split) => &split.segments[segment_of(hash)],
        };
        table.iter_hash(hash)
    }

    /// Keeps of one slice what `stays` says; how many entries it had, and the next slice, `None` behind the last.
    ///
    /// An entry that is in from the first slice to the last is looked at, whatever comes and goes between, and however
    /// the table changes its shape; some are looked at twice.
    pub fn retain_slice(
        &mut self,
        slice: Slice,
        mut stays: impl FnMut(&mut T) -> bool,
        hash_of: impl Fn(&T) -> u64,
    ) -> (usize, Option<Slice>) {
        let (looked_at, next) = match self {
            Self::Whole(table) => {
                let before = table.len();
                table.retain(&mut stays);
                shrink(table, &hash_of);
                (before, None)
            }
            Self::Split(split) => {
                let Some(table) = split.segments.get_mut(slice.0) else {
                    return (0, None);
                };
                let before = table.len();
                table.retain(&mut stays);
                split.len -= before - table.len();
                shrink(table, &hash_of);
                let next = slice.0 + 1;
                (before, (next < SEGMENTS).then_some(Slice(next)))
            }
        };
        self.join_if_small(hash_of);
        (looked_at, next)
    }

    /// All entries, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let segments = match self {
            Self::Whole(table) => std::slice::from_ref(table),
            Self::Split(split) => &split.segments,
        };
        segments.iter().flatten()
    }
}

impl<T> Split<T> {
    fn of(table: HashTable<T>, hash_of: impl Fn(&T) -> u64) -> Self {
        let segments = (0..SEGMENTS)
            .map(|_| HashTable::with_capacity(SEGMENT_CAPACITY))
            .collect();
        let mut split = Self { len: 0, segments };
        for entry in table {
            split.insert_unique(hash_of(&entry), entry, &hash_of);
        }
        split
    }

    fn insert_unique(&mut self, hash: u64, entry: T, hash_of: impl Fn(&T) -> u64) {
        self.segments[segment_of(hash)].insert_unique(hash, entry, hash_of);
        self.len += 1;
    }
}

fn remove<T>(
    table: &mut HashTable<T>,
    hash: u64,
    is_it: impl FnMut(&T) -> bool,
    hash_of: impl Fn(&T) -> u64,
) -> Option<T> {
    let (entry, _) = table.find_entry(hash, is_it).ok()?.remove();
    shrink(table, hash_of);
    Some(entry)
}

fn shrink<T>(table: &mut HashTable<T>, hash_of: impl Fn(&T) -> u64) {
    if table.len() < table.capacity() / 4 && table.capacity() > SHRINK_ABOVE {
        table.shrink_to(table.len() * 2, hash_of);
    }
}

/// Bits that the tables within look at last: they take their slot from the low ones and a tag from the top seven.
#[inline]
fn segment_of(hash: u64) -> usize {
    (hash >> 48) as usize % SEGMENTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(number: &u64) -> u64 {
        number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn entries_are_found_while_it_grows_splits_and_shrinks_again() {
        let mut table = SplitTable::default();
        for number in 0..50_000 {
            table.insert_unique(hash_of(&number), number, hash_of);
            assert!(
                table
                    .find(hash_of(&(number / 2)), |&other| other == number / 2)
                    .is_some()
            );
        }
        assert!(matches!(table, SplitTable::Split(_)));
        assert_eq!(table.len(), 50_000);
        let mut all: Vec<u64> = table.iter().copied().collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..50_000));
        for number in 0..50_000 {
            assert_eq!(
                table.remove(hash_of(&number), |&other| other == number, hash_of),
                Some(number)
            );
            assert_eq!(table.remove(hash_of(&number), |&other| other == number, hash_of), None);
            let last = 49_999;
            assert_eq!(
                table.find(hash_of(&last), |&other| other == last).is_some(),
                number < last
            );
        }
        assert!(matches!(table, SplitTable::Whole(_)));
        assert_eq!(table.len(), 0);
    }
}
