//! `emqx-ctl bench`: every scenario against a real daemon, and how it refuses. How fast is not asserted.

use emqx_tests::Daemon;
use serde_json::Value;

/// What each run is short enough for.
const SHORT: [&str; 4] = ["--duration", "300ms", "--warm-up", "50ms"];

/// The report of a run against `daemon`.
fn bench(daemon: &Daemon, arguments: &[&str]) -> Value {
    let port = daemon.address().port().to_string();
    let mut line = vec!["-q", "-f", "json", "bench"];
    line.extend(arguments);
    line.extend(["--port", &port]);
    let document = daemon.ctl(line).json();
    assert_eq!(document["schema"], "emqx-ctl/bench/1");
    document["data"].clone()
}

/// A run in which messages flow, none is lost, and all figures are there.
fn flow(daemon: &Daemon, arguments: &[&str]) -> Value {
    let mut line = arguments.to_vec();
    line.extend(SHORT);
    let report = bench(daemon, &line);
    assert_complete(&report);
    report
}

fn assert_complete(report: &Value) {
    for name in ["sent", "received"] {
        assert!(report[name].as_u64() > Some(0), "{name}: {report}");
    }
    for name in ["lost", "out_of_order", "refused"] {
        assert_eq!(report[name], 0, "{report}");
    }
    for name in [
        "in_per_second",
        "out_per_second",
        "own_cpu_percent",
        "server_memory_bytes",
    ] {
        assert!(report[name].as_f64() > Some(0.0), "{name}: {report}");
    }
    assert!(report["server_cpu_seconds"].is_number(), "{report}");
    let percentiles = ["p50", "p90", "p99", "p99_9", "max"].map(|name| report["latency_us"][name].as_f64());
    assert!(
        percentiles.is_sorted() && percentiles[0] > Some(0.0),
        "{percentiles:?} in {report}"
    );
}

#[test]
fn a_connection_storm_is_told_with_what_each_connection_costs() {
    let daemon = Daemon::start();
    let report = bench(&daemon, &["connect", "--clients", "100"]);
    assert_eq!(report["connections"], 100);
    assert!(report["connections_per_second"].as_f64() > Some(0.0), "{report}");
    assert!(report["server_memory_bytes_per_connection"].is_number(), "{report}");
    let paced = bench(&daemon, &["connect", "--clients", "20", "--rate", "200/s"]);
    assert!(paced["connections_per_second"].as_f64() < Some(250.0), "{paced}");
}

#[test]
fn fan_in_loses_nothing_whatever_the_qos_and_version() {
    let daemon = Daemon::start();
    for qos in ["0", "1", "2"] {
        for protocol in ["3.1.1", "5"] {
            flow(
                &daemon,
                &["fan-in", "--publishers", "10", "--qos", qos, "--protocol", protocol],
            );
        }
    }
}

#[test]
fn fan_out_delivers_each_message_to_every_subscriber() {
    let daemon = Daemon::start();
    let report = flow(&daemon, &["fan-out", "--subscribers", "50"]);
    let (sent, received) = (report["sent"].as_u64().unwrap(), report["received"].as_u64().unwrap());
    assert_eq!(received, sent * 50);
}

#[test]
fn p2p_keeps_pairs_apart_also_at_qos_2() {
    let daemon = Daemon::start();
    let report = flow(
        &daemon,
        &["p2p", "--publishers", "20", "--qos", "2", "--payload", "2000"],
    );
    assert_eq!(report["sent"], report["received"]);
}

#[test]
fn a_rate_is_kept_and_latency_counts_from_when_a_message_was_due() {
    let daemon = Daemon::start();
    let report = flow(&daemon, &["p2p", "--publishers", "5", "--rate", "1000/s", "--qos", "1"]);
    let sent = report["sent"].as_u64().unwrap();
    assert!((200..=400).contains(&sent), "350 ms at 1000/s: {sent}");
    assert!(report["late_ms"].is_number());
}

#[test]
fn each_share_group_gets_every_message_once() {
    let daemon = Daemon::start();
    let report = flow(
        &daemon,
        &[
            "shared",
            "--publishers",
            "5",
            "--groups",
            "2",
            "--subscribers",
            "3",
            "--qos",
            "1",
        ],
    );
    let (sent, received) = (report["sent"].as_u64().unwrap(), report["received"].as_u64().unwrap());
    assert_eq!(received, sent * 2);
}

#[test]
fn each_message_matches_one_of_many_wildcard_filters() {
    let daemon = Daemon::start();
    let report = flow(&daemon, &["wildcard", "--filters", "2000", "--subscribers", "20"]);
    assert_eq!((&report["filters"], &report["topics"]), (&2000.into(), &2000.into()));
    assert_eq!(report["sent"], report["received"]);
}

#[test]
fn retained_messages_are_fetched_and_cleared_afterwards() {
    let daemon = Daemon::start();
    let before = daemon.ctl(["retainer", "info"]).ok();
    let report = bench(&daemon, &["retained", "--count", "500"]);
    assert_complete(&report);
    assert_eq!((&report["sent"], &report["received"]), (&500.into(), &500.into()));
    assert_eq!(daemon.ctl(["retainer", "info"]).ok(), before);
}

#[test]
fn a_server_that_is_not_there_and_one_that_refuses_are_told_with_the_next_step() {
    let daemon = Daemon::with_config("mqtt.max_packet_size = 1KB");
    let port = daemon.address().port().to_string();
    let refused = daemon.ctl(["bench", "fan-in", "--port", &port, "--payload", "5000"]);
    assert_eq!(refused.status, Some(64), "{refused:?}");
    assert!(refused.stderr.contains("mqtt.max_packet_size"), "{refused:?}");
    let ended = daemon.ctl([
        "bench",
        "fan-in",
        "--port",
        &port,
        "--payload",
        "5000",
        "--protocol",
        "3.1.1",
        "--publishers",
        "1",
    ]);
    assert_eq!(ended.status, Some(69), "{ended:?}");
    assert!(ended.stderr.contains("emqx-ctl why bench-"), "{ended:?}");
    drop(daemon);

    let other = Daemon::start();
    let nobody = other.ctl(["bench", "connect", "--port", "1"]);
    assert_eq!(nobody.status, Some(69), "{nobody:?}");
    assert!(nobody.stderr.contains("next:"), "{nobody:?}");
}
