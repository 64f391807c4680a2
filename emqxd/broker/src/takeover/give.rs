//! The node that has the session: it freezes it and says what it is, then what it has collected, and lets it go.

use std::time::Duration;

use super::moves::Stage;
use super::seen::Had;
use super::{Begun, Discarded, SessionClaim, record};
use crate::session_owner::Claim;
use crate::{DisconnectReason, Effect, Metric, SessionKey, Shard, Time};

/// The longest that a session is frozen; no timer is armed further ahead than ten minutes.
const FREEZE_MAX: Duration = Duration::from_secs(300);

impl Shard {
    /// The session of a client that has connected elsewhere, to go on there.
    ///
    /// By the rules of a local takeover: who owns the session may take it, the connection is told 0x8E and closed, its
    /// will is settled. Until `until`, five minutes at most, the session is frozen: it collects messages, does not expire, and publishes
    /// no will. Begun again, an earlier freeze is over.
    pub fn takeover_begin(
        &mut self,
        client_id: &str,
        claim: &SessionClaim,
        until: Time,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Begun {
        let Some(key) = self.sessions.by_client_id(client_id) else {
            return Begun::Nothing;
        };
        match self.check_owner(&claim.owner, claim.username.as_deref(), client_id) {
            Err(refusal) => return Begun::Refused(refusal),
            Ok(Claim::Stronger) => {
                self.discard_session(key, now, effects);
                return Begun::Nothing;
            }
            Ok(Claim::Owner | Claim::Foreign) => {}
        }
        self.stop_move(key, now);
        let is_counted = self.sessions.get(key).is_some_and(|session| session.link.is_some());
        self.take_over(key, now, effects);
        // A session that was not to outlive its connection has ended with it.
        let Some(session) = self.sessions.get(key) else {
            return Begun::Nothing;
        };
        let until = until.min(now.after(FREEZE_MAX));
        let session = record::write(&(self.export_session(key, session), self.had_by(key, now)), now);
        let freeze = self.freeze(key, is_counted, until);
        Begun::Session { freeze, session }
    }

    /// Which messages the session has had, here and where it was before.
    fn had_by(&self, key: SessionKey, now: Time) -> Had {
        let mut had = Had::default();
        had.add_marks(self.seen.marks(now).chain([self.last_message_id()]));
        if let Some(brought) = self.moves.brought(key) {
            had.add(brought);
        }
        had
    }

    fn freeze(&mut self, key: SessionKey, is_counted: bool, until: Time) -> u64 {
        // A number that no other freeze has, of a life of this node before neither.
        let freeze = self.next_message_id();
        if let Some(session) = self.sessions.get_mut(key) {
            let stage = Stage::Frozen {
                freeze,
                until,
                aside: std::mem::take(&mut session.queue),
                is_counted,
            };
            self.moves.set(key, stage);
            self.arm_move(key, until);
        }
        freeze
    }

    /// What the session has collected since it was frozen as number `freeze`; it is gone here, without a word. `None` if
    /// that freeze is over: the session was ended, or goes on here with all that it has.
    pub fn takeover_end(&mut self, client_id: &str, freeze: u64, now: Time) -> Option<Vec<u8>> {
        let key = self.sessions.by_client_id(client_id)?;
        let is_counted = match self.moves.stage(key)? {
            Stage::Frozen {
                freeze: present,
                is_counted,
                ..
            } if *present == freeze => *is_counted,
            _ => return None,
        };
        let collected = self.sessions.get_mut(key)?.queue.drain();
        let collected = record::write(&collected, now);
        self.remove_session(key);
        if !is_counted {
            self.metrics.inc(Metric::SessionTakenover);
        }
        Some(collected)
    }

    /// Ends the session of a client and its connection, which is told 0x8E: with [`DisconnectReason::Discarded`] for a
    /// clean start elsewhere, with [`DisconnectReason::TakenOver`] where two nodes had a session and the other one's
    /// stays. With a claim only if that may have it.
    pub fn discard(
        &mut self,
        client_id: &str,
        claim: Option<&SessionClaim>,
        reason: DisconnectReason,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Discarded {
        let Some(key) = self.sessions.by_client_id(client_id) else {
            return Discarded::Nothing;
        };
        if let Some(claim) = claim
            && let Err(refusal) = self.check_owner(&claim.owner, claim.username.as_deref(), client_id)
        {
            return Discarded::Refused(refusal);
        }
        if reason == DisconnectReason::Discarded {
            self.discard_session(key, now, effects);
            return Discarded::Done;
        }
        self.metrics.inc(Metric::SessionDiscarded);
        if let Some(connection) = self.sessions.get(key).and_then(|session| session.connection()) {
            self.close_channel(connection, reason, now, effects);
        }
        if let Some(session) = self.sessions.get_mut(key) {
            // Its client is there, elsewhere: a will that waits for its delay is not due (3.1.3.2.2).
            if let Some(will) = &mut session.delayed_will {
                will.waiting = None;
            }
            self.end_session(key, now, effects);
        }
        Discarded::Done
    }
}
