//! How many control connections each user may hold, so that nobody locks root out.

use std::sync::Arc;

use emqx_shared::{ErrorCode, Failure};
use parking_lot::Mutex;

const ROOT: u32 = 0;

/// The places; owned by the server, counted under one short lock.
#[derive(Debug)]
pub(super) struct Slots {
    total: usize,
    kept_for_root: usize,
    per_uid: usize,
    /// The uid of each connection; there are few, so a search is cheaper than a map.
    taken: Mutex<Vec<u32>>,
}

/// A place that is free again when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    uid: u32,
}

impl Slots {
    pub(super) fn new(total: usize, kept_for_root: usize, per_uid: usize) -> Arc<Self> {
        Arc::new(Self {
            total,
            kept_for_root,
            per_uid,
            taken: Mutex::new(Vec::with_capacity(total)),
        })
    }

    /// Takes a place for a user.
    ///
    /// # Errors
    /// `Busy`, with the limit that was met.
    pub(super) fn take(self: &Arc<Self>, uid: u32) -> Result<Slot, Failure> {
        let mut taken = self.taken.lock();
        let others = taken.iter().filter(|holder| **holder != ROOT).count();
        let own = taken.iter().filter(|holder| **holder == uid).count();
        let for_others = self.total.saturating_sub(self.kept_for_root);
        if taken.len() >= self.total {
            return Err(busy(taken.len(), self.total, "control connections"));
        }
        if uid != ROOT && others >= for_others {
            return Err(busy(others, for_others, "control connections of users"));
        }
        if uid != ROOT && own >= self.per_uid {
            let whose = format!("control connections of uid {uid}");
            return Err(busy(own, self.per_uid, &whose));
        }
        taken.push(uid);
        Ok(Slot {
            slots: Arc::clone(self),
            uid,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock();
        if let Some(place) = taken.iter().position(|holder| *holder == self.uid) {
            taken.swap_remove(place);
        }
    }
}

fn busy(used: usize, limit: usize, what: &str) -> Failure {
    let message = format!("{used} of {limit} {what} are in use");
    Failure::new(ErrorCode::Busy, message).next("try again in a moment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_few_places_and_gets_them_back() {
        let slots = Slots::new(32, 8, 4);
        let held: Vec<_> = (0..4).map(|_| slots.take(1000).unwrap()).collect();
        let refused = slots.take(1000).unwrap_err();
        assert_eq!(refused.message, "4 of 4 control connections of uid 1000 are in use");
        assert!(slots.take(1001).is_ok());
        drop(held);
        assert!(slots.take(1000).is_ok());
    }

    #[test]
    fn all_users_together_cannot_take_the_places_of_root() {
        let slots = Slots::new(32, 8, 4);
        let users: Vec<_> = (1000..2000).filter_map(|uid| slots.take(uid).ok()).collect();
        assert_eq!(users.len(), 24);
        let root: Vec<_> = (0..9).map_while(|_| slots.take(0).ok()).collect();
        assert_eq!(root.len(), 8);
    }

    #[test]
    fn root_does_not_take_the_places_of_users_first() {
        let slots = Slots::new(32, 8, 4);
        let _root: Vec<_> = (0..8).map(|_| slots.take(0).unwrap()).collect();
        let users: Vec<_> = (1000..2000).filter_map(|uid| slots.take(uid).ok()).collect();
        assert_eq!(users.len(), 24);
    }
}
