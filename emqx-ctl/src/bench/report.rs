//! What a benchmark found out.

use std::time::Duration;

use super::histogram::Histogram;
use super::plan::Plan;
use super::trouble::Warning;

/// The result of a run, before it is drawn. What a scenario does not have is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchReport {
    pub scenario: &'static str,
    pub target: String,
    pub protocol: &'static str,
    pub qos: Option<u8>,
    pub payload_bytes: Option<usize>,
    pub connections: u32,
    pub publishers: u32,
    pub subscribers: usize,
    pub topics: usize,
    pub filters: usize,
    /// Messages (or connections) a second that were asked for.
    pub rate: Option<u32>,
    pub window: Option<u32>,
    /// Length of the measurement in seconds.
    pub seconds: f64,
    pub connections_per_second: f64,
    pub connect_latency: Latency,
    pub filters_per_second: Option<f64>,
    /// Messages published in the whole run, and those of them that did not arrive as often as they should have.
    pub sent: u64,
    pub received: u64,
    pub lost: u64,
    pub out_of_order: u64,
    pub refused: u64,
    /// In the measured time.
    pub in_per_second: Option<f64>,
    pub out_per_second: Option<f64>,
    pub latency: Option<Latency>,
    /// How late the schedule was at worst.
    pub late: Option<Duration>,
    /// What the clients cost once they were connected, and kept.
    pub hold: Option<Hold>,
    /// Processor time of emqx-ctl itself, in hundredths of a core.
    pub own_cpu_percent: f64,
    /// Time that it was ready to run and had no processor, in hundredths of the measured time.
    pub own_waiting_percent: Option<f64>,
    /// Its processor time for each second of the server's.
    pub own_cpu_to_server: Option<f64>,
    pub own_cpu_us_per_message: Option<f64>,
    pub server: ServerCost,
    pub warnings: Vec<Warning>,
}

/// Percentiles, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    pub p50_us: f64,
    pub p90_us: f64,
    pub p99_us: f64,
    pub p999_us: f64,
    pub max_us: f64,
}

impl Latency {
    /// `None` if nothing was measured.
    pub fn of(histogram: &Histogram) -> Option<Self> {
        let us = |ns: u64| ns as f64 / 1000.0;
        (histogram.count() > 0).then(|| Self {
            p50_us: us(histogram.per_mille(500)),
            p90_us: us(histogram.per_mille(900)),
            p99_us: us(histogram.per_mille(990)),
            p999_us: us(histogram.per_mille(999)),
            max_us: us(histogram.max()),
        })
    }
}

/// Idle clients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hold {
    pub seconds: f64,
    /// PINGREQs, and how many of them were not answered.
    pub pings: u64,
    pub unanswered: u64,
    /// What the server used for them; `None` where it cannot be told.
    pub server_cpu_percent: Option<f64>,
    pub server_cpu_us_per_ping: Option<f64>,
}

/// What the server used; `None` where it cannot be told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServerCost {
    /// Processor time in the measured time.
    pub cpu_seconds: Option<f64>,
    pub cpu_percent: Option<f64>,
    /// For each delivery, or each connection.
    pub cpu_us_per_message: Option<f64>,
    /// Resident memory before the measured time, the most during it, and at its end.
    pub memory_bytes_before: Option<u64>,
    pub memory_bytes_peak: Option<u64>,
    pub memory_bytes: Option<u64>,
    pub memory_bytes_per_connection: Option<f64>,
    /// Why nothing is told.
    pub unknown: Option<String>,
}

impl BenchReport {
    /// With what the plan says.
    pub fn of(plan: &Plan, target: String) -> Self {
        let publishes = plan.publishers > 0;
        Self {
            scenario: plan.scenario.name(),
            target,
            protocol: plan.identity.version.number(),
            qos: publishes.then_some(plan.qos as u8),
            payload_bytes: publishes.then_some(plan.payload),
            connections: plan.connections(),
            publishers: plan.publishers,
            subscribers: plan.subscribers.len(),
            topics: plan.topics.len(),
            filters: plan.filters(),
            rate: plan.rate,
            window: (publishes && plan.rate.is_none()).then_some(plan.window),
            seconds: 0.0,
            connections_per_second: 0.0,
            connect_latency: Latency {
                p50_us: 0.0,
                p90_us: 0.0,
                p99_us: 0.0,
                p999_us: 0.0,
                max_us: 0.0,
            },
            filters_per_second: None,
            sent: 0,
            received: 0,
            lost: 0,
            out_of_order: 0,
            refused: 0,
            in_per_second: None,
            out_per_second: None,
            latency: None,
            late: None,
            hold: None,
            own_cpu_percent: 0.0,
            own_waiting_percent: None,
            own_cpu_to_server: None,
            own_cpu_us_per_message: None,
            server: ServerCost::default(),
            warnings: Vec::new(),
        }
    }
}
