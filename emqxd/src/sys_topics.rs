//! `$SYS/brokers/…`: the broker tells about itself on topics (`sys_topics.*`).
//!
//! Version and description retained, statistics and counters every `sys_msg_interval`; uptime and time every
//! `sys_heartbeat_interval`. Clients' comings and goings are published where they happen (`worker/events.rs`).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::node::NodeShared;
use crate::worker::sys_message;

/// How often the highest values of the statistics are looked at.
const OBSERVE_INTERVAL: Duration = Duration::from_secs(1);

/// Publishes until the node stops.
pub async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    let settings = &node.config.sys_topics;
    let mut beats = [
        Beat::new(Some(OBSERVE_INTERVAL)),
        Beat::new(settings.sys_msg_interval),
        Beat::new(settings.sys_heartbeat_interval),
    ];
    loop {
        let next = beats
            .iter()
            .filter_map(|beat| beat.next)
            .min()
            .unwrap_or_else(|| Instant::now() + OBSERVE_INTERVAL);
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = sleep_until(next) => {}
        }
        let [observe, messages, heartbeat] = &mut beats;
        if observe.is_due() {
            node.observe_stats();
        }
        if messages.is_due() {
            publish(&node, describe(&node)).await;
        }
        if heartbeat.is_due() {
            publish(
                &node,
                vec![
                    ("uptime".to_owned(), node.clock.now().0.to_string(), false),
                    ("datetime".to_owned(), datetime(), false),
                ],
            )
            .await;
        }
    }
}

struct Beat {
    interval: Option<Duration>,
    next: Option<Instant>,
}

impl Beat {
    fn new(interval: Option<Duration>) -> Self {
        Self {
            interval,
            next: interval.map(|_| Instant::now()),
        }
    }

    fn is_due(&mut self) -> bool {
        let now = Instant::now();
        match (self.next, self.interval) {
            (Some(next), Some(interval)) if next <= now => {
                self.next = Some(now + interval);
                true
            }
            _ => false,
        }
    }
}

/// Topic below the node's, payload, whether it is retained.
type Line = (String, String, bool);

fn describe(node: &NodeShared) -> Vec<Line> {
    let mut lines = vec![
        ("version".to_owned(), crate::VERSION.to_owned(), true),
        ("sysdescr".to_owned(), crate::SYSDESCR.to_owned(), true),
    ];
    let below = |prefix: &str, name: &str| format!("{prefix}/{}", name.replace('.', "/"));
    lines.extend(
        node.stats()
            .into_iter()
            .map(|(name, value)| (below("stats", name), value.to_string(), false)),
    );
    lines.extend(
        node.metrics()
            .into_iter()
            .map(|(name, value)| (below("metrics", name), value.to_string(), false)),
    );
    lines
}

async fn publish(node: &Arc<NodeShared>, lines: Vec<Line>) {
    let name = node.config.node.name.clone();
    let Some(worker) = node.worker(0).cloned() else { return };
    let published = worker.run(move |worker| {
        worker.with_shard(|shard, now, effects| {
            if lines.iter().any(|(topic, ..)| topic == "version") {
                let message = sys_message("$SYS/brokers".to_owned(), name.clone().into(), true, now);
                shard.publish(Arc::new(message), now, effects);
            }
            for (topic, payload, retain) in lines {
                let topic = format!("$SYS/brokers/{name}/{topic}");
                // Most have no reader: they need not be made.
                if retain || shard.has_subscribers(&topic) {
                    shard.publish(Arc::new(sys_message(topic, payload.into(), retain, now)), now, effects);
                }
            }
        });
    });
    if published.await.is_err() {
        tracing::debug!("sys_topics_not_published");
    }
}

/// Local time, RFC 3339 with offset.
fn datetime() -> String {
    jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.9f%:z").to_string()
}
