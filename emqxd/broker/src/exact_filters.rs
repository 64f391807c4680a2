//! Topic filters without wildcards, with a value each: most filters of most brokers.
//!
//! Such a filter matches the one topic that reads the same, so a hash table of whole texts finds it in one step,
//! where a trie would need one for each level and memory for each. Filters have numbers that stay theirs as long as
//! they are in; sessions remember them by these.

use crate::HashSeed;
use crate::slots::Slots;
use crate::split_table::SplitTable;

/// Exact filters by text and by number.
#[derive(Debug)]
pub(crate) struct ExactFilters<T> {
    seed: HashSeed,
    by_text: SplitTable<u32>,
    slots: Slots<Slot<T>>,
}

/// A filter; in a free place the text is empty, which no filter is.
#[derive(Debug)]
struct Slot<T> {
    text: Box<str>,
    value: T,
}

impl<T: Default> ExactFilters<T> {
    pub fn new(seed: HashSeed) -> Self {
        Self {
            seed,
            by_text: SplitTable::default(),
            slots: Slots::default(),
        }
    }

    /// The number of the filter `text`, whose hash the caller knows.
    #[inline]
    pub fn find(&self, text: &str, hash: u64) -> Option<u32> {
        self.by_text
            .find(hash, |&number| *self.slots[number].text == *text)
            .copied()
    }

    /// Adds a filter that is not in yet; its number.
    pub fn add(&mut self, text: &str, hash: u64, value: T) -> u32 {
        let number = self.slots.add(Slot {
            text: text.into(),
            value,
        });
        let (slots, seed) = (&self.slots, &self.seed);
        self.by_text
            .insert_unique(hash, number, |&other| seed.hash(&slots[other].text));
        number
    }

    /// Takes a filter out.
    pub fn remove(&mut self, number: u32) -> T {
        let (slots, seed) = (&self.slots, &self.seed);
        let hash_of = |&other: &u32| seed.hash(&slots[other].text);
        self.by_text.remove(hash_of(&number), |&other| other == number, hash_of);
        let vacant = Slot {
            text: Box::default(),
            value: T::default(),
        };
        self.slots.remove(number, vacant, 0).value
    }

    pub fn text(&self, number: u32) -> &str {
        &self.slots[number].text
    }

    #[inline]
    pub fn value(&self, number: u32) -> &T {
        &self.slots[number].value
    }

    pub fn value_mut(&mut self, number: u32) -> &mut T {
        &mut self.slots[number].value
    }

    /// Those with number `from` and above, in order of their numbers.
    pub fn iter_from(&self, from: u32) -> impl Iterator<Item = (u32, &str)> {
        self.slots
            .iter_from(from)
            .map(|(number, slot)| (number, &*slot.text))
            .filter(|(_, text)| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_whose_hashes_collide_are_told_apart() {
        let seed = HashSeed::weak();
        let mut filters = ExactFilters::new(seed.clone());
        let texts: Vec<String> = (0..100).map(|number| format!("t/{number}")).collect();
        let numbers: Vec<u32> = texts
            .iter()
            .map(|text| filters.add(text, seed.hash(text), text.clone()))
            .collect();
        for (text, &number) in texts.iter().zip(&numbers) {
            assert_eq!(filters.find(text, seed.hash(text)), Some(number));
            assert_eq!((filters.text(number), filters.value(number)), (&**text, text));
        }
        for (text, &number) in texts.iter().zip(&numbers) {
            assert_eq!(filters.remove(number), *text);
            assert_eq!(filters.find(text, seed.hash(text)), None);
        }
        assert_eq!(
            (filters.slots.len(), filters.by_text.len(), filters.iter_from(0).count()),
            (0, 0, 0)
        );
    }

    #[test]
    fn filters_keep_their_numbers_while_others_come_and_go() {
        let seed = HashSeed::fixed();
        let mut filters = ExactFilters::new(seed.clone());
        let numbers = ["a", "b", "c"].map(|text| filters.add(text, seed.hash(text), ()));
        filters.remove(numbers[1]);
        assert_eq!(
            filters.iter_from(0).collect::<Vec<_>>(),
            [(numbers[0], "a"), (numbers[2], "c")]
        );
        assert_eq!(filters.add("d", seed.hash("d"), ()), numbers[1]);
        assert_eq!(
            filters.iter_from(numbers[1]).collect::<Vec<_>>(),
            [(numbers[1], "d"), (numbers[2], "c")]
        );
    }
}
