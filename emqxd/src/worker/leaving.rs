//! Connections that are let go a few at a time, because their listener stops or the node does.
//!
//! `drain.rs` says how many are due; here is who they are. Those who subscribe to nothing go first: what they published is
//! then on its way to those who still listen, their wills too. Of the others each goes in a moment in which nothing waits
//! for it, or once it has been waited for long enough. A turn looks at a bounded number, so clients who stay do not wait.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use emqxd_broker::{ConnectionKey, DisconnectReason, Ties, Time};

use super::WorkerState;
use super::connection::Stage;
use crate::listener::Listener;

/// Connections ended in one turn: each writes a packet and a log line.
const CLOSINGS_PER_TURN: usize = 128;
/// Connections looked at in one turn.
const LOOKS_PER_TURN: usize = 4096;
/// How long messages that wait for room in a client's window hold its connection open.
const QUEUE_PATIENCE: Duration = Duration::from_secs(3);
/// How long acknowledgements that a client owes do. All is sent by then; healthy clients answer within a round trip.
const INFLIGHT_PATIENCE: Duration = Duration::from_millis(300);

/// Who goes, and how far it has come on one worker. It travels with the jobs that [`WorkerState::let_go`] is.
pub struct Leaving {
    /// Of this listener; of all if `None`.
    listener: Option<Arc<Listener>>,
    reason: DisconnectReason,
    are_subscribers_due: bool,
    /// Where to look next.
    cursor: usize,
    /// Due, and something waits for them.
    postponed: VecDeque<Postponed>,
    /// Found to be due so far.
    taken: usize,
}

/// A connection that goes later.
struct Postponed {
    key: usize,
    serial: u64,
    since: Time,
}

impl Leaving {
    /// Nobody has gone yet.
    pub fn new(listener: Option<Arc<Listener>>, reason: DisconnectReason) -> Self {
        Self {
            listener,
            reason,
            are_subscribers_due: false,
            cursor: 0,
            postponed: VecDeque::new(),
            taken: 0,
        }
    }

    /// How many have gone, or wait for their moment.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Whether all who subscribe to nothing have been looked at.
    pub fn are_subscribers_due(&self) -> bool {
        self.are_subscribers_due
    }

    /// Whether some are only waited for.
    pub fn has_postponed(&self) -> bool {
        !self.postponed.is_empty()
    }
}

/// How many connections, and what ties their clients to the node.
#[derive(Debug, Default)]
pub struct TiesCount {
    /// Connections.
    pub connections: usize,
    /// Clients with a will.
    pub with_will: usize,
    /// Clients whose session outlives the connection.
    pub with_kept_session: usize,
}

impl WorkerState {
    /// Counts connections of a listener, or all, from a place on; where to go on, `None` at the end.
    pub fn count_ties(&self, listener: Option<&Arc<Listener>>, from: usize) -> (TiesCount, Option<usize>) {
        let mut count = TiesCount::default();
        let end = self.connections.capacity().min(from.saturating_add(LOOKS_PER_TURN));
        for key in from..end {
            let Some(connection) = self.connections.get(key) else {
                continue;
            };
            let is_meant = listener.is_none_or(|listener| Arc::ptr_eq(listener, connection.listener()));
            if !is_meant || matches!(connection.stage, Stage::Ending(_)) {
                continue;
            }
            count.connections += 1;
            if let Some(ties) = self.shard.ties(ConnectionKey(key as u32)) {
                count.with_will += usize::from(ties.has_will);
                count.with_kept_session += usize::from(ties.is_session_kept);
            }
        }
        (count, (end < self.connections.capacity()).then_some(end))
    }

    /// From now on this worker takes no PUBLISH any more: none is acknowledged, so none is promised. Everything else goes
    /// on, so that those who are connected get what they were promised before.
    pub fn take_no_messages(&mut self) {
        self.is_deaf_to_publishes = true;
    }

    /// Whether nothing is under way inside this worker.
    pub fn is_quiet(&self) -> bool {
        self.mail_left == 0 && self.outbox.is_empty() && self.lanes.is_at_rest() && self.fan_out.is_empty()
    }

    /// Connections of a listener, or all; those that have ended and write their last bytes do not count.
    pub fn count_connections(&self, listener: Option<&Arc<Listener>>) -> usize {
        let counted = self.connections.iter().filter(|(_, connection)| {
            !matches!(connection.stage, Stage::Ending(_))
                && listener.is_none_or(|listener| Arc::ptr_eq(listener, connection.listener()))
        });
        counted.count()
    }

    /// Lets up to `due` connections more go, and those whose moment has come. Whether all have been looked at; then
    /// only those who were postponed are left.
    pub fn let_go(&mut self, leaving: &mut Leaving, due: usize) -> bool {
        let now = self.clock.now();
        self.let_postponed_go(leaving, now);
        let due = due.min(CLOSINGS_PER_TURN);
        let mut found = 0;
        let mut is_end = false;
        for _ in 0..LOOKS_PER_TURN {
            if found == due {
                break;
            }
            if leaving.cursor >= self.connections.capacity() {
                if leaving.are_subscribers_due {
                    is_end = true;
                    break;
                }
                leaving.are_subscribers_due = true;
                leaving.cursor = 0;
                break;
            }
            let key = leaving.cursor;
            leaving.cursor += 1;
            found += usize::from(self.take_leave_of(leaving, key, now));
        }
        leaving.taken += found;
        self.apply_effects(now);
        is_end
    }

    /// Ends a connection that is due, or postpones it; whether it was.
    fn take_leave_of(&mut self, leaving: &mut Leaving, key: usize, now: Time) -> bool {
        let Some(connection) = self.connections.get(key) else {
            return false;
        };
        let is_meant = leaving
            .listener
            .as_ref()
            .is_none_or(|listener| Arc::ptr_eq(listener, connection.listener()));
        if !is_meant || matches!(connection.stage, Stage::Ending(_)) {
            return false;
        }
        let ties = self.shard.ties(ConnectionKey(key as u32));
        if !leaving.are_subscribers_due && ties.is_some_and(|ties| ties.is_subscriber) {
            return false;
        }
        if is_awaited(ties, now, now) {
            leaving.postponed.push_back(Postponed {
                key,
                serial: connection.serial,
                since: now,
            });
        } else {
            self.end_connection(key, leaving.reason, None, now);
        }
        true
    }

    fn let_postponed_go(&mut self, leaving: &mut Leaving, now: Time) {
        for _ in 0..leaving.postponed.len().min(LOOKS_PER_TURN) {
            let Some(postponed) = leaving.postponed.pop_front() else {
                return;
            };
            let Postponed { key, serial, since } = postponed;
            if self
                .connections
                .get(key)
                .is_none_or(|connection| connection.serial != serial)
            {
                continue;
            }
            if is_awaited(self.shard.ties(ConnectionKey(key as u32)), since, now) {
                leaving.postponed.push_back(postponed);
            } else {
                self.end_connection(key, leaving.reason, None, now);
            }
        }
    }
}

/// Whether there is something to wait for, and time.
fn is_awaited(ties: Option<Ties>, since: Time, now: Time) -> bool {
    let Some(ties) = ties else { return false };
    let is_within = |patience: Duration| now < since.after(patience);
    ties.has_queued && is_within(QUEUE_PATIENCE) || ties.has_inflight && is_within(INFLIGHT_PATIENCE)
}
