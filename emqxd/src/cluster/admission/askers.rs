//! Nodes that looked for others and found this one: this one may not find them, and be the one that has to move.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Addresses remembered.
const ASKERS_MAX: usize = 64;
/// A node that is alone asks about every second.
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// Their addresses, and when they asked last.
#[derive(Debug, Default)]
pub struct Askers {
    asked: Mutex<BTreeMap<String, Instant>>,
}

impl Askers {
    /// Somebody at an address asked who this node is.
    pub fn note(&self, address: &str, now: Instant) {
        let mut asked = self.asked.lock();
        asked.retain(|_, at| now.duration_since(*at) < REMEMBERED_FOR);
        if asked.len() < ASKERS_MAX || asked.contains_key(address) {
            asked.insert(address.to_owned(), now);
        }
    }

    /// Who asked lately.
    pub fn addresses(&self, now: Instant) -> Vec<String> {
        let asked = self.asked.lock();
        let lately = asked.iter().filter(|(_, at)| now.duration_since(**at) < REMEMBERED_FOR);
        lately.map(|(address, _)| address.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asked_is_remembered_for_a_minute_and_no_more_than_so_many() {
        let (askers, start) = (Askers::default(), Instant::now());
        for number in 0..2 * ASKERS_MAX {
            askers.note(&format!("10.0.0.{number}:4370"), start);
        }
        assert_eq!(askers.addresses(start).len(), ASKERS_MAX);
        let later = start + REMEMBERED_FOR;
        assert!(askers.addresses(later).is_empty());
        askers.note("10.0.0.1:4370", later);
        assert_eq!(askers.addresses(later), ["10.0.0.1:4370"]);
    }
}
