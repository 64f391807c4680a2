//! What tests with random operations share: a sequence that a seed decides, and naming the seed of a failure.
//!
//! `EMQXD_MODEL_SEED=<seed>` runs one sequence, `EMQXD_MODEL_SEQUENCES=<number>` sets how many are run.

#[allow(clippy::disallowed_methods, reason = "the core reads no environment, its tests may")]
pub fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// SplitMix64: any seed is as good as any other.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("below a usize")
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Names the seed when its sequence fails.
pub struct Seed(pub u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "\nreplay with: EMQXD_MODEL_SEED={} cargo test -p emqxd-broker --test broker\n",
                self.0
            );
        }
    }
}
