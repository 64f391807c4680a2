//! Looks after the node once a second: are the workers in time, do queues drop messages, does the consensus need an
//! operator.
//!
//! What it finds is told as events and logged; [`WorkerDelays`] keeps the last delay of each worker for `olp status`.
//! The node starts [`run`] once.

#[cfg(debug_assertions)]
mod spin;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use emqx_shared::views::EventKind;
use emqxd_broker::Metric;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::cluster;
use crate::node::NodeShared;

/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(1);
/// A worker that takes so long to answer is stalled: its clients notice.
const STALLED_AFTER: Duration = Duration::from_millis(500);

/// How long each worker took to answer when it was last asked, in milliseconds.
#[derive(Debug)]
pub struct WorkerDelays {
    delays: Vec<AtomicU64>,
    /// `olp enable|disable`: whether late workers count as overload.
    is_enabled: AtomicBool,
}

impl WorkerDelays {
    /// For so many workers.
    pub fn new(workers: usize) -> Self {
        Self {
            delays: (0..workers).map(|_| AtomicU64::new(0)).collect(),
            is_enabled: AtomicBool::new(true),
        }
    }

    /// Turns the judgement on and off.
    pub fn set_enabled(&self, enable: bool) {
        self.is_enabled.store(enable, Ordering::Relaxed);
    }

    /// Whether a worker is so late that clients notice.
    pub fn is_overloaded(&self) -> bool {
        let is_late = |delay: &AtomicU64| delay.load(Ordering::Relaxed) >= STALLED_AFTER.as_millis() as u64;
        self.is_enabled.load(Ordering::Relaxed) && self.delays.iter().any(is_late)
    }

    /// Keeps a delay; whether the worker turned late (`Some(true)`) or came back in time.
    fn note(&self, worker: usize, delay: Duration) -> Option<bool> {
        let limit = STALLED_AFTER.as_millis() as u64;
        let now = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let before = self.delays.get(worker)?.swap(now, Ordering::Relaxed);
        ((before >= limit) != (now >= limit)).then_some(now >= limit)
    }
}

/// Looks until the node stops.
pub async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    #[cfg(debug_assertions)]
    tokio::spawn(spin::run(Arc::clone(&node)));
    let mut probes: Vec<Option<Probe>> = node.workers().iter().map(|_| None).collect();
    let mut dropped = node.metric(Metric::DeliveryDroppedQueueFull);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        for (number, probe) in probes.iter_mut().enumerate() {
            look_at(&node, number, probe).await;
        }
        cluster::look_at_state(&node);
        // The licence is for all nodes together.
        node.license.set_remote_sessions(node.tables.locations.len() as u64);
        let now = node.metric(Metric::DeliveryDroppedQueueFull);
        if now > dropped {
            let count = now - dropped;
            node.events.tell_many(
                EventKind::QueueDropped,
                "mqueue",
                "dropped because a queue was full",
                count,
            );
        }
        dropped = now;
    }
}

/// A question that a worker has not answered yet.
struct Probe {
    asked_at: Instant,
    answer: tokio::task::JoinHandle<Instant>,
}

async fn look_at(node: &NodeShared, number: usize, probe: &mut Option<Probe>) {
    let Some(worker) = node.workers().get(number) else {
        return;
    };
    let mut open = probe.take().unwrap_or_else(|| {
        let worker = worker.clone();
        Probe {
            asked_at: Instant::now(),
            answer: tokio::spawn(async move {
                let _its_end_is_told_elsewhere = worker.run(|_| ()).await;
                Instant::now()
            }),
        }
    });
    // One that is late is not asked again: its queue would fill with questions.
    let delay = match timeout(STALLED_AFTER, &mut open.answer).await {
        Ok(Ok(answered_at)) => answered_at.duration_since(open.asked_at),
        Ok(Err(_)) => return,
        Err(_) => {
            let delay = open.asked_at.elapsed();
            *probe = Some(open);
            delay
        }
    };
    let Some(is_late) = node.worker_delays.note(number, delay) else {
        return;
    };
    let name = format!("emqxd-worker-{number}");
    if is_late {
        tracing::warn!(worker = number, delay_ms = delay.as_millis() as u64, "worker_stalled");
        node.events.tell(
            EventKind::WorkerStalled,
            &name,
            format!("no answer for {} ms", delay.as_millis()),
        );
    } else {
        tracing::info!(level = "notice", worker = number, "worker_recovered");
        node.events
            .tell(EventKind::WorkerStalled, &name, "answers in time again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_worker_is_told_once_and_once_when_it_is_back() {
        let delays = WorkerDelays::new(2);
        let ms = Duration::from_millis;
        assert_eq!(delays.note(1, ms(3)), None);
        assert_eq!(delays.note(1, ms(700)), Some(true));
        assert!(delays.is_overloaded());
        assert_eq!(delays.note(1, ms(1700)), None);
        assert_eq!(delays.note(1, ms(2)), Some(false));
        assert!(!delays.is_overloaded());
        assert_eq!(delays.note(2, ms(700)), None, "there is no such worker");
    }

    #[test]
    fn without_overload_protection_nothing_counts_as_overload() {
        let delays = WorkerDelays::new(1);
        delays.note(0, Duration::from_secs(9));
        delays.set_enabled(false);
        assert!(!delays.is_overloaded());
    }
}
