//! What the tables of one node are hashed with: drawn at random once, the same for all tables.
//!
//! Clients choose the texts and must not choose their hashes, so the daemon's seed is random. Benchmarks take
//! [`HashSeed::fixed`] to do the same work in each run. One seed for the node lets a topic be hashed once and looked
//! up in the match cache, the worker's index and the route table, which keeps nothing of an exact filter but its hash.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::SeedableRandomState;

/// The seed of a node's hashes.
#[derive(Debug, Clone)]
pub struct HashSeed {
    state: SeedableRandomState,
    /// Which bits of a hash survive, so that tests meet collisions.
    #[cfg(test)]
    mask: u64,
}

impl HashSeed {
    /// One that nobody can guess.
    pub fn random() -> Self {
        Self::of(SeedableRandomState::random())
    }

    /// Always the same one: for benchmarks, never where clients choose the texts.
    pub fn fixed() -> Self {
        Self::of(SeedableRandomState::fixed())
    }

    fn of(state: SeedableRandomState) -> Self {
        Self {
            state,
            #[cfg(test)]
            mask: u64::MAX,
        }
    }

    /// Hashes so poor that most texts collide.
    #[cfg(test)]
    pub(crate) fn weak() -> Self {
        Self {
            mask: 1 | 1 << 50,
            ..Self::fixed()
        }
    }

    /// The hash of a topic, a filter or a level of one.
    #[inline]
    pub(crate) fn hash(&self, text: &str) -> u64 {
        let mut hasher = self.state.build_hasher();
        hasher.write(text.as_bytes());
        self.finish(&hasher)
    }

    /// The hash of several texts; no two lists of texts read alike.
    pub(crate) fn hash_all<const N: usize>(&self, texts: [&str; N]) -> u64 {
        let mut hasher = self.state.build_hasher();
        for text in texts {
            hasher.write_usize(text.len());
            hasher.write(text.as_bytes());
        }
        self.finish(&hasher)
    }

    #[inline]
    fn finish(&self, hasher: &impl Hasher) -> u64 {
        let hash = hasher.finish();
        #[cfg(test)]
        let hash = hash & self.mask;
        hash
    }
}

impl Default for HashSeed {
    fn default() -> Self {
        Self::random()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_seed_hashes_alike_and_a_random_one_does_not() {
        assert_eq!(HashSeed::fixed().hash("plant/1"), HashSeed::fixed().hash("plant/1"));
        assert_ne!(HashSeed::random().hash("plant/1"), HashSeed::random().hash("plant/1"));
    }
}
