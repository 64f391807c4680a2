//! `bench`: what a run found out.

use serde_json::{Value, json};

use crate::bench::{BenchReport, Hold, Latency};
use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};

/// Columns of EMQX's text that a name takes.
const NAME_COLUMNS: usize = 24;

impl Record for BenchReport {
    const SCHEMA: &'static str = "bench";
    const FIELDS: &'static [Field<Self>] = &[
        ("scenario", |v| json!(v.scenario)),
        ("target", |v| json!(v.target)),
        ("protocol", |v| json!(v.protocol)),
        ("qos", |v| json!(v.qos)),
        ("payload_bytes", |v| json!(v.payload_bytes)),
        ("connections", |v| json!(v.connections)),
        ("publishers", |v| json!(v.publishers)),
        ("subscribers", |v| json!(v.subscribers)),
        ("topics", |v| json!(v.topics)),
        ("filters", |v| json!(v.filters)),
        ("rate", |v| json!(v.rate)),
        ("window", |v| json!(v.window)),
        ("seconds", |v| rounded(v.seconds)),
        ("connections_per_second", |v| rounded(v.connections_per_second)),
        ("connect_latency_us", |v| latency(Some(&v.connect_latency))),
        ("filters_per_second", |v| maybe(v.filters_per_second)),
        ("sent", |v| json!(v.sent)),
        ("received", |v| json!(v.received)),
        ("lost", |v| json!(v.lost)),
        ("out_of_order", |v| json!(v.out_of_order)),
        ("refused", |v| json!(v.refused)),
        ("in_per_second", |v| maybe(v.in_per_second)),
        ("out_per_second", |v| maybe(v.out_per_second)),
        ("latency_us", |v| latency(v.latency.as_ref())),
        ("late_ms", |v| maybe(v.late.map(|late| late.as_secs_f64() * 1000.0))),
        ("hold", |v| hold(v.hold.as_ref())),
        ("own_cpu_percent", |v| rounded(v.own_cpu_percent)),
        ("own_cpu_us_per_message", |v| maybe(v.own_cpu_us_per_message)),
        ("own_waiting_percent", |v| maybe(v.own_waiting_percent)),
        ("own_cpu_to_server", |v| maybe(v.own_cpu_to_server)),
        ("server_cpu_seconds", |v| maybe(v.server.cpu_seconds)),
        ("server_cpu_percent", |v| maybe(v.server.cpu_percent)),
        ("server_cpu_us_per_message", |v| maybe(v.server.cpu_us_per_message)),
        ("server_memory_bytes_before", |v| json!(v.server.memory_bytes_before)),
        ("server_memory_bytes_peak", |v| json!(v.server.memory_bytes_peak)),
        ("server_memory_bytes", |v| json!(v.server.memory_bytes)),
        ("server_memory_bytes_per_connection", |v| {
            maybe(v.server.memory_bytes_per_connection)
        }),
        ("server_unknown", |v| json!(v.server.unknown)),
        ("warnings", |v| {
            let one = |w: &crate::bench::Warning| json!({"code": w.code, "message": w.message, "next": w.next});
            json!(v.warnings.iter().map(one).collect::<Vec<_>>())
        }),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("scenario", |v, _| Cell::text(v.title())),
        ("clients", |v, _| Cell::text(v.clients())),
        ("connect", |v, _| Cell::text(v.connect())),
        ("messages", |v, _| Cell::text(v.messages())),
        ("rate", |v, _| Cell::text(v.rates())),
        ("latency", |v, _| {
            Cell::text(v.latency.as_ref().map_or("-".to_owned(), percentiles))
        }),
        ("lost", |v, _| {
            let bad = v.lost + v.out_of_order + v.refused > 0;
            let tone = if bad { Tone::Bad } else { Tone::Good };
            Cell::text(v.losses()).tone(tone)
        }),
        ("hold", |v, _| Cell::text(v.holding())),
        ("server", |v, _| Cell::text(v.server_cost())),
        ("emqx-ctl", |v, _| Cell::text(v.own_cost())),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        let mut pair = |name: &str, text: String| lines.pair(NAME_COLUMNS, name, text);
        pair("scenario", self.title());
        pair("clients", self.clients());
        pair("connect", self.connect());
        if self.publishers > 0 {
            pair("messages", self.messages());
            pair("rate", self.rates());
            pair("lost", self.losses());
        }
        if let Some(latency) = &self.latency {
            pair("latency", percentiles(latency));
        }
        if self.hold.is_some() {
            pair("hold", self.holding());
        }
        pair("server", self.server_cost());
        pair("emqx-ctl", self.own_cost());
    }
}

impl BenchReport {
    fn title(&self) -> String {
        let mut text = format!("{} on {}, MQTT {}", self.scenario, self.target, self.protocol);
        if let Some((qos, payload)) = self.qos.zip(self.payload_bytes) {
            text += &format!(", QoS {qos}, {payload} bytes");
        }
        match (self.rate, self.window) {
            (Some(rate), _) => text += &format!(", {rate}/s"),
            (None, Some(window)) => text += &format!(", window {window}"),
            (None, None) => {}
        }
        text
    }

    fn clients(&self) -> String {
        match self.publishers {
            0 => self.connections.to_string(),
            publishers => format!(
                "{publishers} publishers of {} topics, {} subscribers with {} filters",
                self.topics, self.subscribers, self.filters
            ),
        }
    }

    fn connect(&self) -> String {
        let mut text = format!(
            "{:.0}/s, {}",
            self.connections_per_second,
            percentiles(&self.connect_latency)
        );
        if let Some(filters) = self.filters_per_second {
            text += &format!("; {filters:.0} filters/s");
        }
        text
    }

    fn messages(&self) -> String {
        match self.publishers {
            0 => "-".to_owned(),
            _ => format!("{} sent, {} received", self.sent, self.received),
        }
    }

    fn rates(&self) -> String {
        match self.in_per_second.zip(self.out_per_second) {
            None => "-".to_owned(),
            Some((sent, received)) => format!("{sent:.0}/s in, {received:.0}/s out, over {:.1} s", self.seconds),
        }
    }

    fn losses(&self) -> String {
        match self.publishers {
            0 => "-".to_owned(),
            _ => format!(
                "{} lost, {} out of order, {} refused",
                self.lost, self.out_of_order, self.refused
            ),
        }
    }

    fn server_cost(&self) -> String {
        let server = &self.server;
        let what = if self.publishers > 0 { "message" } else { "connection" };
        let mut parts = Vec::new();
        if let Some((seconds, percent)) = server.cpu_seconds.zip(server.cpu_percent) {
            parts.push(format!("{seconds:.2} s CPU ({percent:.0} %)"));
        }
        parts.extend(server.cpu_us_per_message.map(|us| format!("{us:.2} us a {what}")));
        let mebibytes = |bytes: u64| bytes / (1024 * 1024);
        parts.extend(server.memory_bytes.map(|now| {
            let mut text = format!("{} MiB", mebibytes(now));
            if let Some((before, peak)) = server.memory_bytes_before.zip(server.memory_bytes_peak) {
                text += &format!(" ({} before, {} at most)", mebibytes(before), mebibytes(peak));
            }
            text
        }));
        let each = server.memory_bytes_per_connection;
        parts.extend(each.map(|bytes| format!("{bytes:.0} bytes a connection")));
        parts.extend(server.unknown.as_ref().map(|why| format!("not known: {why}")));
        parts.join(", ")
    }

    fn own_cost(&self) -> String {
        let what = if self.publishers > 0 { "message" } else { "connection" };
        let each = self.own_cpu_us_per_message;
        let each = each.map_or(String::new(), |us| format!(", {us:.2} us a {what}"));
        let mut text = format!("{:.0} % of a core{each}", self.own_cpu_percent);
        if let Some(times) = self.own_cpu_to_server {
            text += &format!(", {times:.2} times the server's");
        }
        text
    }

    fn holding(&self) -> String {
        let Some(hold) = &self.hold else {
            return "-".to_owned();
        };
        let mut text = format!(
            "{:.1} s, {} pings, {} unanswered",
            hold.seconds, hold.pings, hold.unanswered
        );
        if let Some(percent) = hold.server_cpu_percent {
            text += &format!("; server {percent:.2} % of a core");
        }
        if let Some(us) = hold.server_cpu_us_per_ping {
            text += &format!(", {us:.2} us a ping");
        }
        text
    }
}

fn percentiles(latency: &Latency) -> String {
    let Latency {
        p50_us,
        p90_us,
        p99_us,
        p999_us,
        max_us,
    } = *latency;
    format!(
        "p50 {} p90 {} p99 {} p99.9 {} max {}",
        time(p50_us),
        time(p90_us),
        time(p99_us),
        time(p999_us),
        time(max_us)
    )
}

fn time(us: f64) -> String {
    match us {
        us if us < 1000.0 => format!("{us:.0} us"),
        us if us < 1_000_000.0 => format!("{:.2} ms", us / 1000.0),
        us => format!("{:.2} s", us / 1_000_000.0),
    }
}

fn latency(latency: Option<&Latency>) -> Value {
    latency.map_or(Value::Null, |v| {
        json!({
            "p50": rounded(v.p50_us),
            "p90": rounded(v.p90_us),
            "p99": rounded(v.p99_us),
            "p99_9": rounded(v.p999_us),
            "max": rounded(v.max_us),
        })
    })
}

fn hold(hold: Option<&Hold>) -> Value {
    hold.map_or(Value::Null, |v| {
        json!({
            "seconds": rounded(v.seconds),
            "pings": v.pings,
            "unanswered": v.unanswered,
            "server_cpu_percent": maybe(v.server_cpu_percent),
            "server_cpu_us_per_ping": maybe(v.server_cpu_us_per_ping),
        })
    })
}

fn maybe(number: Option<f64>) -> Value {
    number.map_or(Value::Null, rounded)
}

/// Three places: more would be noise.
fn rounded(number: f64) -> Value {
    json!((number * 1000.0).round() / 1000.0)
}
