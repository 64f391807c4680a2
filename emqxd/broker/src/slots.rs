//! Values that keep their place, named by 32-bit numbers; places are used again when free.
//!
//! They lie in chunks, so that growing neither moves the values there are nor leaves half of the memory unused.
//! Memory goes back when the last value goes. The nodes of tries and the exact filters of an index live in these.

use std::ops::{Index, IndexMut};

/// Values in a chunk; a power of two.
const CHUNK: usize = 512;

/// Numbered places; a free one holds whatever the caller left there.
#[derive(Debug, Clone)]
pub(crate) struct Slots<V> {
    chunks: Vec<Vec<V>>,
    free: Vec<u32>,
    used: usize,
}

impl<V> Default for Slots<V> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            free: Vec::new(),
            used: 0,
        }
    }
}

impl<V> Slots<V> {
    /// Places in use.
    pub fn len(&self) -> usize {
        self.used
    }

    /// Takes a value in; its number.
    pub fn add(&mut self, value: V) -> u32 {
        self.used += 1;
        if let Some(place) = self.free.pop() {
            self[place] = value;
            return place;
        }
        // With nothing free, all places so far are in use.
        let place = u32::try_from(self.used - 1).expect("four thousand million values do not fit into memory");
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            // The first chunk grows by itself: most tables are small.
            let capacity = if self.chunks.is_empty() { 0 } else { CHUNK };
            self.chunks.push(Vec::with_capacity(capacity));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(value);
        }
        place
    }

    /// Frees a place in use, leaves `vacant` in it, and keeps at least the first `kept` places for good.
    pub fn remove(&mut self, place: u32, vacant: V, kept: usize) -> V {
        let value = std::mem::replace(&mut self[place], vacant);
        self.used -= 1;
        if self.used <= kept {
            self.chunks.truncate(1);
            self.chunks[0].truncate(kept);
            self.chunks[0].shrink_to_fit();
            self.free = Vec::new();
        } else {
            self.free.push(place);
        }
        value
    }

    /// All places from `from` on, free ones too, with their numbers.
    pub fn iter_from(&self, from: u32) -> impl Iterator<Item = (u32, &V)> {
        let from = from as usize;
        let chunks = self.chunks.iter().skip(from / CHUNK).flatten();
        (from as u32..).zip(chunks.skip(from % CHUNK))
    }
}

impl<V> Index<u32> for Slots<V> {
    type Output = V;

    #[inline]
    fn index(&self, place: u32) -> &V {
        let place = place as usize;
        &self.chunks[place / CHUNK][place % CHUNK]
    }
}

impl<V> IndexMut<u32> for Slots<V> {
    fn index_mut(&mut self, place: u32) -> &mut V {
        let place = place as usize;
        &mut self.chunks[place / CHUNK][place % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_again_and_listed_from_anywhere() {
        let mut slots = Slots::default();
        for number in 0..2000u32 {
            assert_eq!(slots.add(number), number);
        }
        assert_eq!(slots.remove(700, u32::MAX, 0), 700);
        assert_eq!(slots.iter_from(700).next(), Some((700, &u32::MAX)));
        assert_eq!(slots.add(7), 700);
        assert_eq!(slots.iter_from(1999).collect::<Vec<_>>(), [(1999, &1999)]);
        assert_eq!(slots.iter_from(512).count(), 1488);
        assert_eq!(slots.iter_from(9999).count(), 0);
        for place in 0..2000 {
            slots.remove(place, u32::MAX, 0);
        }
        assert_eq!((slots.len(), slots.iter_from(0).count()), (0, 0));
    }
}
