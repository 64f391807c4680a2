//! What a shard keeps of sessions that are on their way: what waited when they were frozen or taken in, apart from what
//! has come since; and for a while which messages a session has had elsewhere, of which late copies may come.

use bytestring::ByteString;
use foldhash::fast::{FixedState, RandomState};
use hashbrown::{HashMap, HashSet};

use super::seen::{Had, LATE_COPIES};

use crate::session::{MessageQueue, Outgoing, Session};
use crate::{SessionKey, Shard, Time};

/// The sessions of a shard that are on their way. Hardly ever is there one.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    stages: HashMap<SessionKey, Stage, FixedState>,
    brought: HashMap<SessionKey, Brought, FixedState>,
}

/// How far a session is.
#[derive(Debug)]
pub(super) enum Stage {
    /// Another node has it, or is about to.
    Frozen {
        freeze: u64,
        /// When it goes on here if the other node has not asked for the rest.
        until: Time,
        /// What waited when it was frozen.
        aside: MessageQueue,
        /// Its connection was ended for it, and that counted as a takeover.
        is_counted: bool,
    },
    /// Taken in; the other node has still to say what it has collected.
    Imported {
        /// What waited there when it was frozen.
        aside: MessageQueue,
        /// What it has had there.
        had: Had,
        /// When it goes on here without that.
        until: Time,
    },
}

/// Messages that a session here has had elsewhere.
#[derive(Debug)]
struct Brought {
    had: Had,
    until: Time,
}

impl Moves {
    /// Whether the session is on its way: it neither expires nor publishes its will, which another node may do too.
    pub fn is_on_its_way(&self, key: SessionKey) -> bool {
        self.stages.contains_key(&key)
    }

    /// What waited when the session was frozen or taken in.
    pub fn aside(&self, key: SessionKey) -> Option<&MessageQueue> {
        self.stages.get(&key).map(Stage::aside)
    }

    /// All that waits for the client of a session.
    pub fn queue_of<'a>(&'a self, key: SessionKey, session: &'a Session) -> impl Iterator<Item = &'a Outgoing> {
        let aside = self.aside(key).into_iter().flat_map(MessageQueue::iter);
        aside.chain(session.queue.iter())
    }

    /// Whether copies may come of messages that a session here has had elsewhere.
    #[inline]
    pub fn has_lately_come(&self) -> bool {
        !self.brought.is_empty()
    }

    /// Whether a session had this message before it came here.
    #[cold]
    pub fn has_brought(&self, key: SessionKey, message_id: u64) -> bool {
        self.brought
            .get(&key)
            .is_some_and(|brought| brought.had.contains(message_id))
    }

    /// The session is gone.
    pub fn forget(&mut self, key: SessionKey) {
        if !self.stages.is_empty() {
            self.stages.remove(&key);
        }
        if !self.brought.is_empty() {
            self.brought.remove(&key);
        }
    }

    pub(super) fn set(&mut self, key: SessionKey, stage: Stage) {
        self.stages.insert(key, stage);
    }

    pub(super) fn stage(&self, key: SessionKey) -> Option<&Stage> {
        self.stages.get(&key)
    }

    pub(super) fn take(&mut self, key: SessionKey) -> Option<Stage> {
        self.stages.remove(&key)
    }

    /// What a session here has had elsewhere.
    pub(super) fn brought(&self, key: SessionKey) -> Option<&Had> {
        self.brought.get(&key).map(|brought| &brought.had)
    }
}

impl Stage {
    fn aside(&self) -> &MessageQueue {
        match self {
            Self::Frozen { aside, .. } | Self::Imported { aside, .. } => aside,
        }
    }

    fn until(&self) -> Time {
        match self {
            Self::Frozen { until, .. } | Self::Imported { until, .. } => *until,
        }
    }
}

impl Shard {
    /// A session goes on here, whatever was to become of it.
    pub(crate) fn stop_move(&mut self, key: SessionKey, now: Time) {
        let Some(stage) = self.moves.take(key) else { return };
        let aside = match stage {
            Stage::Frozen { aside, .. } => aside,
            Stage::Imported { aside, had, .. } => {
                self.leave_out(key, had, now);
                aside
            }
        };
        let (sessions, around) = self.sessions_and_surroundings(now);
        let Some(session) = sessions.get_mut(key) else { return };
        session.wait_behind(aside, &around);
        let delayed = session.delayed_will.as_ref();
        let will_due = delayed
            .and_then(|delayed| delayed.waiting.as_ref())
            .map(|(_, due)| *due);
        // What fell due meanwhile does so now.
        if let Some(due) = will_due {
            self.arm_will_delay(key, due, now);
        }
        self.arm_timers_of(key, now);
    }

    /// Takes out of what came here since the import what the session has had elsewhere, and what comes of it late.
    pub(super) fn leave_out(&mut self, key: SessionKey, had: Had, now: Time) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        for outgoing in without_copies(session.queue.drain(), &had) {
            // They were in it: there is room.
            session.queue.push(outgoing, &self.config);
        }
        let until = now.after(LATE_COPIES);
        self.moves.brought.insert(key, Brought { had, until });
        self.arm_move(key, until);
    }

    /// A stage, or the time of late copies, may be over. One that is not has a timer of its own.
    pub(crate) fn on_move_timer(&mut self, key: SessionKey, now: Time) {
        let until = self.moves.stage(key).map(Stage::until);
        if until.is_some_and(|until| now >= until) {
            if let Some(session) = self.sessions.get(key) {
                tracing::warn!(
                    clientid = %session.client_id,
                    next = "the session goes on here; if this comes often, look whether the nodes reach each other",
                    "session_takeover_given_up"
                );
            }
            self.stop_move(key, now);
        }
        let brought = self.moves.brought.get(&key);
        if brought.is_some_and(|brought| now >= brought.until) {
            self.moves.brought.remove(&key);
        }
    }
}

/// What came here and the session has not had elsewhere.
///
/// The other node had all of a publisher's messages on a topic up to some point. So what came here before one that came
/// there too was there as well: what is not among those that it gave, it had delivered or had no room for.
fn without_copies(here: Vec<Outgoing>, had: &Had) -> Vec<Outgoing> {
    let mut were_there: HashSet<(ByteString, ByteString), RandomState> = HashSet::default();
    let mut kept = Vec::new();
    for outgoing in here.into_iter().rev() {
        if let Some(id) = outgoing.copied_id() {
            let message = &outgoing.message;
            let order = (message.publisher.clone(), message.topic.clone());
            if had.contains(id) {
                were_there.insert(order);
                continue;
            }
            if were_there.contains(&order) {
                continue;
            }
        }
        kept.push(outgoing);
    }
    kept.reverse();
    kept
}
