//! Takes a session in that another process has let go, with all that hangs on it: routes, share groups, exclusive
//! topics, gauges, timers.
//!
//! No limit is asked and nothing is sent: what the other process had granted stays granted, and its client is told
//! nothing. What was due meanwhile is found by the timers.

use std::sync::atomic::Ordering;

use super::SessionState;
use super::state::DelayedWillState;
use crate::local_index::IndexChange;
use crate::session::{AwaitingRelease, InflightWindow, Session};
use crate::subscribers::Subscriber;
use crate::topic::{FilterKind, SubscriptionFilter, TopicLimits};
use crate::will::DelayedWill;
use crate::{ConnectionKey, SessionKey, Shard, ShareMember, SubscriptionOptions, Time};

/// Why a session was not taken in. The shard may hold part of it then, and is not to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Its client has a session already.
    #[error("two sessions of one client")]
    Twice,
    /// Its packet identifiers are not what a window can hold.
    #[error("a packet identifier that is in flight twice")]
    PacketIds,
    /// A filter that no client can have subscribed to.
    #[error("a subscription that is none")]
    Filter,
}

/// What was granted under other limits stays.
pub(crate) const UNLIMITED: TopicLimits = TopicLimits {
    max_levels: usize::MAX,
    max_len: usize::MAX,
};

impl Shard {
    /// Takes a session in; `connection` is that of its client if it is connected.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub fn import(
        &mut self,
        state: SessionState,
        connection: Option<ConnectionKey>,
        now: Time,
    ) -> Result<(), ImportError> {
        if self.sessions.by_client_id(&state.client_id).is_some() {
            return Err(ImportError::Twice);
        }
        let mut session = Session::new(state.client_id, state.created_at);
        session.username = state.username;
        session.owner = state.owner;
        session.expiry_interval = state.expiry_interval;
        session.inflight = InflightWindow::restore(state.last_id, state.inflight).ok_or(ImportError::PacketIds)?;
        session.queue.restore(state.queue, &self.config);
        session.awaiting_release = AwaitingRelease::restore(state.awaiting_release);
        state
            .replays
            .into_iter()
            .for_each(|replay| session.replays.push(replay));
        session.counts.delivered_messages = state.delivered_messages;
        session.counts.dropped_messages = state.dropped_messages;
        let channel = state.channel.zip(connection);
        if channel.is_none() {
            session.disconnected_at = Some(state.disconnected_at.unwrap_or(now));
        }
        let connected_at = channel.as_ref().map(|(channel, _)| channel.connected_at);
        let key = self.add_session(session);
        match state.since {
            // Of one that is not connected it is not known when it was.
            0 => self.note_client_here(key, connected_at.unwrap_or(state.created_at)),
            since => self.note_client_since(key, since),
        }
        self.gauges
            .sessions
            .store(self.sessions.len() as u64, Ordering::Relaxed);
        for (full, options) in state.subscriptions {
            let filter = SubscriptionFilter::parse(full, UNLIMITED).map_err(|_| ImportError::Filter)?;
            if !self.restore_subscription(key, &filter, options) {
                // Two holders cannot have been: whoever came first has it.
                return Err(ImportError::Filter);
            }
        }
        if let Some(delayed) = state.delayed_will {
            self.restore_delayed_will(key, delayed, now);
        }
        if let Some((channel, connection)) = channel {
            self.restore_channel(key, channel, connection, now);
        }
        self.arm_timers_of(key, now);
        Ok(())
    }

    /// Makes a subscription that was granted elsewhere; `false` for an exclusive one whose topic another client holds.
    pub(crate) fn restore_subscription(
        &mut self,
        key: SessionKey,
        filter: &SubscriptionFilter,
        options: SubscriptionOptions,
    ) -> bool {
        let Some(session) = self.sessions.get_mut(key) else {
            return true;
        };
        let client_id = session.client_id.clone();
        if filter.kind == FilterKind::Exclusive && self.exclusive.claim(&filter.filter, &client_id).is_err() {
            return false;
        }
        let is_new = if let FilterKind::Shared { group } = &filter.kind {
            let member = ShareMember {
                worker: self.id,
                session: key,
                client_id,
                options,
            };
            self.routes.join_group(group, &filter.filter, member);
            session.subscriptions.insert_named(filter.full.clone(), options)
        } else {
            let (change, id) = self.index.insert(&filter.filter, Subscriber { session: key, options });
            if change == IndexChange::Edge {
                self.routes.add_route(&filter.filter, self.id);
            }
            match filter.kind {
                FilterKind::Plain => session.subscriptions.insert_plain(id, options),
                _ => session.subscriptions.insert_named(filter.full.clone(), options),
            }
        };
        if is_new {
            self.count_subscription(filter, true);
        }
        true
    }

    pub(crate) fn restore_delayed_will(&mut self, key: SessionKey, delayed: DelayedWillState, now: Time) {
        if let Some(session) = self.sessions.get_mut(key) {
            session.delayed_will = Some(Box::new(DelayedWill {
                waiting: Some((delayed.will, delayed.due)),
                author: delayed.author,
                armed_for: None,
            }));
            self.arm_will_delay(key, delayed.due, now);
        }
    }

    /// Arms what looks after a session that is taken in.
    pub(crate) fn arm_timers_of(&mut self, key: SessionKey, now: Time) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let ends_at = session
            .disconnected_at
            .filter(|_| session.expiry_interval != u32::MAX)
            .map(|at| at.after_secs(u64::from(session.expiry_interval)));
        let awaits_release = session.awaiting_release.len() > 0 && session.awaiting_release.needs_timer();
        if let Some(ends_at) = ends_at {
            self.arm_session_expiry(key, ends_at, now);
        }
        if awaits_release {
            self.look_after_awaiting_release(key, now);
        }
    }
}
