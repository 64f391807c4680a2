//! What was decided for one client, for a while: a publisher asks the same thing again and again.
//!
//! EMQX's `authorization.cache`. Decisions about PUBLISH are kept, and those that somebody elsewhere was asked for;
//! about the filters of a SUBSCRIBE, which come once, the rules here are faster than the memory is worth. A full cache
//! forgets the oldest decision. Times come in, so entries end without a timer: those that have run out go when a new
//! one comes.

use std::collections::VecDeque;

use emqx_acl::Action;
use hashbrown::HashTable;

use crate::Time;
use crate::authorizer::{Authority, CacheSettings, OwnedAction};

/// The decisions of one client.
#[derive(Debug, Default)]
pub(crate) struct AuthzCache {
    entries: HashTable<Entry>,
    /// The hash of each entry and when it was decided, the oldest first.
    order: VecDeque<(u64, Time)>,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    action: OwnedAction,
    /// Who refused it; `None` if it was allowed.
    refused_by: Option<Box<Authority>>,
    decided_at: Time,
}

/// A decision that is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remembered<'a> {
    Allowed,
    Refused(&'a Authority),
}

impl AuthzCache {
    /// What was decided about this, if that is still good. `hash` is [`hash_of`] the action.
    #[inline]
    pub fn get(&self, hash: u64, action: &Action<'_>, settings: &CacheSettings, now: Time) -> Option<Remembered<'_>> {
        let entry = self.entries.find(hash, |entry| is_same(&entry.action, action))?;
        if now.since(entry.decided_at) >= settings.ttl {
            return None;
        }
        Some(match &entry.refused_by {
            None => Remembered::Allowed,
            Some(authority) => Remembered::Refused(authority),
        })
    }

    /// Keeps a decision that [`Self::get`] has not found: who refused, or `None` for a permission.
    pub fn insert(
        &mut self,
        hash: u64,
        action: &Action<'_>,
        refused_by: Option<&Authority>,
        settings: &CacheSettings,
        now: Time,
    ) {
        self.forget_ended(settings, now);
        while self.entries.len() >= settings.max_size.max(1) {
            self.forget_oldest();
        }
        let entry = Entry {
            hash,
            action: OwnedAction::from(action),
            refused_by: refused_by.cloned().map(Box::new),
            decided_at: now,
        };
        if self.entries.find(hash, |known| known.action == entry.action).is_some() {
            // Decided twice within one packet: the first answer holds.
            return;
        }
        self.order.push_back((hash, now));
        self.entries.insert_unique(hash, entry, |entry| entry.hash);
    }

    /// How many decisions there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    fn forget_ended(&mut self, settings: &CacheSettings, now: Time) {
        while let Some(&(_, decided_at)) = self.order.front()
            && now.since(decided_at) >= settings.ttl
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((hash, decided_at)) = self.order.pop_front() else {
            return self.entries.clear();
        };
        let is_oldest = |entry: &Entry| entry.hash == hash && entry.decided_at == decided_at;
        if let Ok(oldest) = self.entries.find_entry(hash, is_oldest) {
            oldest.remove();
        }
    }
}

/// The hash of an action, made from that of its topic or filter.
#[inline]
pub(crate) fn hash_of(text_hash: u64, action: &Action<'_>) -> u64 {
    let details = match *action {
        Action::Publish { qos, retain, .. } => u64::from(qos) << 1 | u64::from(retain),
        Action::Subscribe { qos, .. } => 8 | u64::from(qos),
    };
    // Any odd number spreads them over all bits.
    text_hash ^ (details + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[inline]
fn is_same(kept: &OwnedAction, action: &Action<'_>) -> bool {
    match (kept, *action) {
        (
            OwnedAction::Publish { topic, qos, retain },
            Action::Publish {
                topic: other,
                qos: other_qos,
                retain: other_retain,
            },
        ) => **topic == *other && *qos == other_qos && *retain == other_retain,
        (
            OwnedAction::Subscribe { filter, qos },
            Action::Subscribe {
                filter: other,
                qos: other_qos,
            },
        ) => **filter == *other && *qos == other_qos,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn publish(topic: &str) -> Action<'_> {
        Action::Publish {
            topic,
            qos: 0,
            retain: false,
        }
    }

    fn settings(max_size: usize) -> CacheSettings {
        CacheSettings {
            max_size,
            ttl: Duration::from_secs(60),
            excludes: Vec::new(),
        }
    }

    const REFUSED: Authority = Authority::of("file");

    /// A hash so poor that all collide.
    const HASH: u64 = 7;

    #[test]
    fn a_decision_is_good_for_its_time_and_no_longer() {
        let (mut cache, settings) = (AuthzCache::default(), settings(32));
        cache.insert(HASH, &publish("a"), Some(&REFUSED), &settings, Time(1_000));
        let at = |ms| cache.get(HASH, &publish("a"), &settings, Time(ms));
        assert_eq!(at(1_000), Some(Remembered::Refused(&REFUSED)));
        assert_eq!(at(60_999), Some(Remembered::Refused(&REFUSED)));
        assert_eq!(at(61_000), None);
    }

    #[test]
    fn qos_retain_and_what_is_done_tell_decisions_apart() {
        let (mut cache, settings) = (AuthzCache::default(), settings(32));
        cache.insert(HASH, &publish("a"), None, &settings, Time(0));
        let (topic, filter) = ("a", "a");
        for other in [
            Action::Publish {
                topic,
                qos: 1,
                retain: false,
            },
            Action::Publish {
                topic,
                qos: 0,
                retain: true,
            },
            Action::Publish {
                topic: "b",
                qos: 0,
                retain: false,
            },
            Action::Subscribe { filter, qos: 0 },
        ] {
            assert_eq!(cache.get(HASH, &other, &settings, Time(0)), None, "{other:?}");
            assert_ne!(hash_of(HASH, &other), hash_of(HASH + 1, &publish("a")));
        }
    }

    #[test]
    fn a_full_cache_forgets_the_oldest_and_never_grows() {
        let (mut cache, settings) = (AuthzCache::default(), settings(3));
        for (ms, topic) in ["a", "b", "c", "d"].into_iter().enumerate() {
            cache.insert(HASH, &publish(topic), None, &settings, Time(ms as u64));
        }
        let found = |topic| cache.get(HASH, &publish(topic), &settings, Time(10)).is_some();
        assert_eq!(["a", "b", "c", "d"].map(found), [false, true, true, true]);
        assert_eq!((cache.len(), cache.order.len()), (3, 3));
    }

    #[test]
    fn what_has_run_out_goes_when_something_new_comes() {
        let (mut cache, settings) = (AuthzCache::default(), settings(32));
        for topic in ["a", "b", "c"] {
            cache.insert(HASH, &publish(topic), None, &settings, Time(0));
        }
        cache.insert(HASH, &publish("a"), Some(&REFUSED), &settings, Time(60_000));
        assert_eq!((cache.len(), cache.order.len()), (1, 1));
        let found = cache.get(HASH, &publish("a"), &settings, Time(60_000));
        assert_eq!(found, Some(Remembered::Refused(&REFUSED)));
    }
}
