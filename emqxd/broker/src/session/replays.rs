//! The replays of retained messages that a session still has before it, oldest first.
//!
//! Most sessions have none, and most of the others only for a moment: without any it is one word.

use super::RetainedReplay;

/// Replays, in the order of their subscriptions.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    waiting: Option<Box<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    replays: Vec<RetainedReplay>,
}

impl Replays {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_none()
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &RetainedReplay> {
        self.waiting.iter().flat_map(|waiting| &waiting.replays)
    }

    /// The one to go on with.
    pub fn first_mut(&mut self) -> Option<&mut RetainedReplay> {
        self.waiting.as_mut()?.replays.first_mut()
    }

    pub fn push(&mut self, replay: RetainedReplay) {
        self.waiting.get_or_insert_default().replays.push(replay);
    }

    /// The first one is done.
    pub fn remove_first(&mut self) {
        if let Some(waiting) = &mut self.waiting {
            waiting.replays.remove(0);
        }
        self.release_if_empty();
    }

    /// A subscription has ended or begins anew: nothing more of its filter.
    pub fn remove(&mut self, filter: &str) {
        if let Some(waiting) = &mut self.waiting {
            waiting.replays.retain(|replay| replay.filter != filter);
        }
        self.release_if_empty();
    }

    fn release_if_empty(&mut self) {
        if self.waiting.as_ref().is_some_and(|waiting| waiting.replays.is_empty()) {
            self.waiting = None;
        }
    }
}
