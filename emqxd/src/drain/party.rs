//! The clients that are to go, worker by worker, and the pace at which they do.

use std::sync::Arc;
use std::time::Duration;

use emqxd_broker::DisconnectReason;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::course::Course;
use crate::listener::Listener;
use crate::node::NodeShared;
use crate::worker::{Leaving, WorkerHandle};

/// Between two looks at how many are due.
pub(super) const TICK: Duration = Duration::from_millis(20);
/// How long those who are postponed at the end may take; a little more than each of them is waited for.
const LAST_MESSAGES_TIME: Duration = Duration::from_millis(3200);

/// The clients of one worker that are to go.
pub(super) struct Party<'a> {
    pub(super) worker: &'a WorkerHandle,
    /// `None` while it is on the worker, and once that has stopped.
    pub(super) leaving: Option<Leaving>,
    pub(super) total: usize,
    /// All have been looked at.
    pub(super) is_through: bool,
}

impl Party<'_> {
    /// Lets more go, so that `due` have gone since the beginning.
    pub(super) async fn let_go(&mut self, due: usize) {
        let Some(mut leaving) = self.leaving.take() else {
            self.is_through = true;
            return;
        };
        let more = due.saturating_sub(leaving.taken());
        let job = self.worker.run(move |worker| {
            let is_through = worker.let_go(&mut leaving, more);
            (leaving, is_through)
        });
        if let Ok((leaving, is_through)) = job.await {
            self.leaving = Some(leaving);
            self.is_through = is_through;
        }
    }

    fn is_behind(&self, due: usize) -> bool {
        let taken = self.leaving.as_ref().map_or(usize::MAX, Leaving::taken);
        !self.is_through && taken < due
    }

    fn has_postponed(&self) -> bool {
        self.leaving.as_ref().is_some_and(Leaving::has_postponed)
    }
}

pub(super) async fn parties<'a>(
    node: &'a NodeShared,
    listener: Option<&Arc<Listener>>,
    reason: DisconnectReason,
) -> Vec<Party<'a>> {
    let mut parties = Vec::new();
    for worker in node.workers() {
        let (its, counted) = (listener.cloned(), listener.cloned());
        let count = worker.run(move |worker| worker.count_connections(counted.as_ref()));
        parties.push(Party {
            worker,
            leaving: Some(Leaving::new(its, reason)),
            // One that has stopped has none.
            total: count.await.unwrap_or(0),
            is_through: false,
        });
    }
    parties
}

/// Lets clients go evenly until the time is over. A few are left: those who were postponed, and who is due at the end.
pub(super) async fn spread(parties: &mut [Party<'_>], over: Duration, course: &mut Course<'_>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let elapsed = course.began.elapsed();
        if elapsed >= over || course.left() == 0 {
            return;
        }
        let part = elapsed.as_secs_f64() / over.as_secs_f64();
        for party in &mut *parties {
            let due = (party.total as f64 * part) as usize;
            party.let_go(due).await;
            while party.is_behind(due) {
                tokio::task::yield_now().await;
                party.let_go(due).await;
            }
        }
        course.tell();
    }
}

/// Lets all go who are left, but for those who are postponed.
pub(super) async fn let_all_go(parties: &mut [Party<'_>]) {
    for party in parties {
        while !party.is_through {
            party.let_go(usize::MAX).await;
            tokio::task::yield_now().await;
        }
    }
}

/// Until those who are postponed have gone; each is waited for a bounded time.
pub(super) async fn wait_for_postponed(parties: &mut [Party<'_>], course: &mut Course<'_>) {
    let deadline = Instant::now() + LAST_MESSAGES_TIME;
    while parties.iter().any(Party::has_postponed) && Instant::now() < deadline {
        sleep(TICK).await;
        for party in &mut *parties {
            party.let_go(0).await;
        }
        course.tell();
    }
}
