//! Which changes of exact filters make which cached look-ups stale.
//!
//! A look-up's answer carries the number of changes that could have touched it: those of filters with wildcards, and
//! those of exact filters in the same bucket. So a storm of exact subscriptions leaves most of the cache good.

/// Buckets of topics; a change of an exact filter makes one in so many cached topics stale.
pub(crate) const BUCKETS: usize = 256;

/// The bucket of a topic or exact filter, by its hash.
#[inline]
pub(crate) fn bucket_of(hash: u64) -> usize {
    (hash >> 40) as usize % BUCKETS
}
