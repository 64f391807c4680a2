//! The node that the client has come to: it takes the session in, and what the other node has collected for it.
//!
//! What comes is another node's: nothing of it is taken in before all of it was found to be in order, and the limits of
//! this node hold.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytestring::ByteString;
use foldhash::fast::RandomState;
use hashbrown::HashSet;

use super::moves::Stage;
use super::seen::Had;
use super::{ImportError, MergeError, record};
use crate::handover::{Malformed, SessionState, UNLIMITED};
use crate::session::{AwaitingRelease, InflightWindow, MessageQueue, Outgoing, RetainedReplay, Session};
use crate::topic::SubscriptionFilter;
use crate::{Effect, SessionKey, Shard, SubscriptionOptions, Time};

/// How long a session waits for what the other node has collected; whoever takes it in knows before.
const MERGE_TIME: Duration = Duration::from_secs(90);
/// The same where it is asked for until it is known.
pub const MERGE_TIME_BEHIND: Duration = Duration::from_secs(660);

/// A session that can be taken in.
struct Checked {
    session: Session,
    queue: Vec<Outgoing>,
    subscriptions: Vec<(SubscriptionFilter, SubscriptionOptions)>,
    state: SessionState,
}

impl Shard {
    /// Takes in what another node's [`Self::takeover_begin`] said of the session of `client_id`, without a connection.
    /// From now on it collects.
    ///
    /// # Errors
    /// See [`ImportError`]; the shard is as it was then.
    pub fn takeover_import(&mut self, client_id: &str, session: &[u8], now: Time) -> Result<(), ImportError> {
        let (key, _) = self.take_in(client_id, session, MERGE_TIME, now)?;
        // It is here because its client is.
        self.note_client_here(key, now);
        Ok(())
    }

    /// As [`Self::takeover_import`]; until it is merged, or its client has come in, the session of the other node counts
    /// as the newer one.
    ///
    /// # Errors
    /// See [`ImportError`]; the shard is as it was then.
    pub fn takeover_import_behind(&mut self, client_id: &str, session: &[u8], now: Time) -> Result<(), ImportError> {
        let (key, since) = self.take_in(client_id, session, MERGE_TIME_BEHIND, now)?;
        self.note_client_since(key, since.saturating_sub(1));
        Ok(())
    }

    /// Which session it is now, and when its client came last over there.
    fn take_in(
        &mut self,
        client_id: &str,
        session: &[u8],
        merge_time: Duration,
        now: Time,
    ) -> Result<(SessionKey, u64), ImportError> {
        let (state, had): (SessionState, Had) = record::read(session, now)?;
        if *state.client_id != *client_id {
            return Err(ImportError::OtherClient);
        }
        if self.sessions.by_client_id(client_id).is_some() {
            return Err(ImportError::Twice);
        }
        let Checked {
            session,
            queue,
            subscriptions,
            state,
        } = check(state, now)?;
        let key = self.add_session(session);
        self.gauges
            .sessions
            .store(self.sessions.len() as u64, Ordering::Relaxed);
        for (filter, options) in subscriptions {
            self.bring_subscription(key, &filter, options);
        }
        self.bring_queue(key, queue, had, now.after(merge_time), now);
        if let Some(delayed) = state.delayed_will {
            self.restore_delayed_will(key, delayed, now);
        }
        self.arm_timers_of(key, now);
        Ok((key, state.since))
    }

    /// A subscription as it was granted elsewhere, if it can be kept here.
    fn bring_subscription(&mut self, key: SessionKey, filter: &SubscriptionFilter, options: SubscriptionOptions) {
        let Some(session) = self.sessions.get(key) else { return };
        let (client_id, count) = (session.client_id.clone(), session.subscriptions.len());
        let is_known = self.subscription(key, &filter.full).is_some();
        let refused = if self.config.max_subscriptions.is_some_and(|max| count >= max) && !is_known {
            "mqtt.max_subscriptions"
        } else if SubscriptionFilter::parse(filter.full.clone(), self.topic_limits).is_err() {
            "mqtt.max_topic_levels or mqtt.max_topic_len"
        } else if !self.restore_subscription(key, filter, options) {
            "another client of this node holds the exclusive topic"
        } else {
            return;
        };
        tracing::warn!(
            clientid = %client_id,
            topic = %filter.full,
            reason = refused,
            next = "let the client subscribe again",
            "subscription_not_taken_over"
        );
    }

    /// What waited elsewhere; apart, until it is known what was collected there after it.
    fn bring_queue(&mut self, key: SessionKey, queue: Vec<Outgoing>, had: Had, until: Time, now: Time) {
        let mut aside = MessageQueue::default();
        let (sessions, around) = self.sessions_and_surroundings(now);
        if let Some(session) = sessions.get_mut(key) {
            for outgoing in queue {
                let dropped = aside.push(outgoing, around.config);
                session.count_overflow(&dropped, &around);
            }
        }
        self.moves.set(key, Stage::Imported { aside, had, until });
        self.arm_move(key, until);
    }

    /// Takes in what the other node's [`Self::takeover_end`] gave, before what came here since the import. Of messages
    /// that came to both nodes the other one's copy stays, which has its place among those that came only there.
    ///
    /// # Errors
    /// See [`MergeError`]; the session is as it was then.
    pub fn takeover_merge(&mut self, client_id: &str, collected: &[u8], now: Time) -> Result<(), MergeError> {
        let key = self.sessions.by_client_id(client_id).ok_or(MergeError::NotImported)?;
        if !matches!(self.moves.stage(key), Some(Stage::Imported { .. })) {
            return Err(MergeError::NotImported);
        }
        let collected: Vec<Outgoing> = record::read(collected, now)?;
        record::check_messages(collected.iter())?;
        let Some(Stage::Imported { mut aside, mut had, .. }) = self.moves.take(key) else {
            return Err(MergeError::NotImported);
        };
        // It is here only, and counts more than copies of it that were never merged, and than what others were told of it
        // as long as it was over there: that may be heard here once more.
        let since = self.presence.since(key);
        self.note_client_since(key, since.saturating_add(2));
        had.add_ids(collected.iter().filter_map(Outgoing::copied_id));
        self.leave_out(key, had, now);
        let (sessions, around) = self.sessions_and_surroundings(now);
        if let Some(session) = sessions.get_mut(key) {
            for outgoing in collected {
                let dropped = aside.push(outgoing, around.config);
                session.count_overflow(&dropped, &around);
            }
            session.wait_behind(aside, &around);
        }
        Ok(())
    }

    /// Drops what [`Self::takeover_import`] took in, without a word, unless it was merged or its client has come: the
    /// other node has not given the session away. Whether it was there.
    ///
    /// What a share group gave it since goes to other members; all else the other node has collected too.
    pub fn takeover_abandon(&mut self, client_id: &str, now: Time, effects: &mut Vec<Effect>) -> bool {
        let Some(key) = self.sessions.by_client_id(client_id) else {
            return false;
        };
        if !matches!(self.moves.stage(key), Some(Stage::Imported { .. })) {
            return false;
        }
        let mut given = self
            .sessions
            .get_mut(key)
            .map_or_else(Vec::new, |session| session.queue.drain());
        given.retain(Outgoing::is_anothers_without_it);
        self.remove_session(key);
        self.redispatch_all(given, now, effects);
        true
    }
}

/// Whether a session can be taken in, and what of it is not the tables' business.
fn check(mut state: SessionState, now: Time) -> Result<Checked, ImportError> {
    if state.channel.is_some() {
        return Err(Malformed("a session with its connection").into());
    }
    let parse = |(full, options): (ByteString, SubscriptionOptions)| {
        let filter = SubscriptionFilter::parse(full, UNLIMITED).map_err(|_| ImportError::Filter)?;
        Ok((filter, options))
    };
    let subscriptions = std::mem::take(&mut state.subscriptions);
    let subscriptions = subscriptions
        .into_iter()
        .map(parse)
        .collect::<Result<Vec<_>, ImportError>>()?;
    let in_flight = state.inflight.iter().filter_map(|entry| entry.outgoing.as_ref());
    record::check_messages(state.queue.iter().chain(in_flight))?;
    if let Some(delayed) = &state.delayed_will {
        record::check_topic(&delayed.will.topic)?;
    }
    let mut session = Session::new(state.client_id.clone(), state.created_at);
    session.username = state.username.take();
    session.owner = state.owner.take();
    session.expiry_interval = state.expiry_interval;
    let inflight = std::mem::take(&mut state.inflight);
    session.inflight = InflightWindow::restore(state.last_id, inflight).ok_or(ImportError::PacketIds)?;
    session.awaiting_release = AwaitingRelease::restore(std::mem::take(&mut state.awaiting_release));
    bring_replays(&mut session, std::mem::take(&mut state.replays), &subscriptions);
    session.counts.delivered_messages = state.delivered_messages;
    session.counts.dropped_messages = state.dropped_messages;
    session.disconnected_at = Some(state.disconnected_at.unwrap_or(now));
    let queue = std::mem::take(&mut state.queue);
    Ok(Checked {
        session,
        queue,
        subscriptions,
        state,
    })
}

/// Retained messages that the session has still before it, of what it subscribed to.
fn bring_replays(
    session: &mut Session,
    replays: Vec<RetainedReplay>,
    subscriptions: &[(SubscriptionFilter, SubscriptionOptions)],
) {
    let filters = subscriptions.iter().map(|(filter, _)| &*filter.filter);
    let filters: HashSet<&str, RandomState> = filters.collect();
    for replay in replays {
        if filters.contains(&*replay.filter) {
            session.replays.push(replay);
        }
    }
}
