//! Statistics and counters of the node: the workers' added up, and the highest values seen.
//!
//! Read by `broker stats`, `broker metrics`, `status` and `$SYS`. Reading asks no worker: their gauges and
//! counters are plain atomics with one writer each.

use std::sync::atomic::{AtomicU64, Ordering};

use emqxd_broker::{Gauges, Metric, Stat};

use crate::node::NodeShared;

/// The highest value of each statistic so far.
#[derive(Debug, Default)]
pub struct HighWaterMarks {
    marks: [AtomicU64; Stat::COUNT],
}

impl NodeShared {
    /// One counter, over all workers.
    pub fn metric(&self, metric: Metric) -> u64 {
        self.counters.metrics.iter().map(|metrics| metrics.get(metric)).sum()
    }

    /// All counters by name, in EMQX's order of names.
    pub fn metrics(&self) -> Vec<(&'static str, u64)> {
        let mut counts: Vec<_> = Metric::ALL
            .iter()
            .map(|&metric| (metric.name(), self.metric(metric)))
            .collect();
        counts.sort_unstable();
        counts
    }

    /// Connected clients.
    pub fn connections(&self) -> u64 {
        self.gauge(|gauges| &gauges.connections)
    }

    /// Sessions, connected or not.
    pub fn sessions(&self) -> u64 {
        self.gauge(|gauges| &gauges.sessions)
    }

    /// Subscriptions of all kinds.
    pub fn subscriptions(&self) -> u64 {
        self.gauge(|gauges| &gauges.subscriptions)
    }

    /// All statistics by name; each `.max` is the highest value at any reading so far.
    pub fn stats(&self) -> Vec<(&'static str, u64)> {
        let mut stats: Vec<_> = Stat::ALL.iter().map(|&stat| (stat.name(), self.stat(stat))).collect();
        stats.sort_unstable();
        stats
    }

    /// Reads every statistic, so that the highest values are known; called often.
    pub fn observe_stats(&self) {
        for &stat in Stat::ALL {
            self.stat(stat);
        }
    }

    fn stat(&self, stat: Stat) -> u64 {
        let routes = || self.tables.routes.counts();
        let value = match stat {
            Stat::ConnectionsCount | Stat::ConnectionsMax | Stat::LiveConnectionsCount | Stat::LiveConnectionsMax => {
                self.connections()
            }
            // EMQX keeps a channel for each session, connected or not.
            Stat::ChannelsCount | Stat::ChannelsMax | Stat::SessionsCount | Stat::SessionsMax => self.sessions(),
            Stat::SubscriptionsCount
            | Stat::SubscriptionsMax
            | Stat::SuboptionsCount
            | Stat::SuboptionsMax
            | Stat::SubscribersCount
            | Stat::SubscribersMax => self.subscriptions(),
            Stat::SubscriptionsSharedCount | Stat::SubscriptionsSharedMax => {
                self.gauge(|gauges| &gauges.shared_subscriptions)
            }
            Stat::RetainedCount | Stat::RetainedMax => self.tables.retained.len() as u64,
            Stat::TopicsCount | Stat::TopicsMax => routes().topics as u64,
            // Delayed publishing is not there yet.
            Stat::DelayedCount | Stat::DelayedMax => 0,
        };
        let mark = &self.high_water_marks.marks[stat as usize];
        let highest = mark.fetch_max(value, Ordering::Relaxed).max(value);
        if stat.name().ends_with(".max") { highest } else { value }
    }

    fn gauge(&self, pick: impl Fn(&Gauges) -> &AtomicU64) -> u64 {
        self.counters
            .gauges
            .iter()
            .map(|gauges| pick(gauges).load(Ordering::Relaxed))
            .sum()
    }
}

/// Resident memory of this process, bytes; `None` where the system does not tell.
pub fn memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim()
        .strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kib| kib * 1024)
}
