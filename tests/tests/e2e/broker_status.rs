//! `status`, `ping`, `version`, `broker`, `broker stats` and `broker metrics`.

use std::time::Instant;

use emqx_tests::{Daemon, QoS, wait_until};

#[test]
fn status_is_emqxs_line() {
    let daemon = Daemon::start();
    let expected = format!("Node 'emqx@127.0.0.1' {} is started\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(daemon.ctl(["status"]).ok(), expected);
    assert_eq!(daemon.ctl(["ping"]).status, Some(0));
    assert!(daemon.ctl(["version"]).ok().contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_node_name_comes_from_the_configuration() {
    let daemon = Daemon::builder().config("node.name = \"edge@10.0.0.9\"").start();
    assert!(daemon.ctl(["status"]).ok().starts_with("Node 'edge@10.0.0.9' "));
}

#[test]
fn broker_prints_its_four_lines() {
    let daemon = Daemon::start();
    let text = daemon.ctl(["broker"]).ok();
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        ["sysdescr  ", "version   ", "datetime  ", "uptime    "],
        "{text}"
    );
}

#[test]
fn stats_follow_what_is_connected() {
    let daemon = Daemon::start();
    assert_eq!(number(&daemon, "stats", "connections.count"), 0);
    let mut client = daemon.connect_v5("c");
    client.subscribe("t", QoS::AtMostOnce);
    wait_until("stats show the client", || {
        number(&daemon, "stats", "connections.count") == 1
    });
    wait_until("stats show the subscription", || {
        number(&daemon, "stats", "subscriptions.count") == 1
    });
    client.disconnect();
    wait_until("stats show that it left", || {
        number(&daemon, "stats", "connections.count") == 0
    });
    assert_eq!(number(&daemon, "stats", "connections.max"), 1);
}

#[test]
fn metrics_count_messages_both_ways() {
    let daemon = Daemon::start();
    let mut client = daemon.connect_v5("c");
    client.subscribe("t", QoS::AtLeastOnce);
    for payload in ["1", "2", "3"] {
        client.publish("t", payload, QoS::AtLeastOnce);
    }
    client.expect_payloads(3);
    client.ping();
    wait_until("three messages came in", || {
        number(&daemon, "metrics", "messages.qos1.received") == 3
    });
    wait_until("three messages went out", || {
        number(&daemon, "metrics", "messages.qos1.sent") == 3
    });
    let text = daemon.ctl(["broker", "metrics"]).ok();
    let names: Vec<&str> = text.lines().filter_map(|line| line.split(':').next()).collect();
    assert!(names.is_sorted(), "{text}");
}

#[test]
fn a_stopped_daemon_is_reported_at_once() {
    let mut daemon = Daemon::start();
    daemon.signal("TERM");
    daemon.wait_end();
    let started = Instant::now();
    let output = daemon.ctl(["status"]);
    assert_eq!(output.status, Some(69), "{output:?}");
    assert_eq!(output.stdout, "");
    assert!(output.stderr.starts_with("error: emqxd is not running"), "{output:?}");
    assert!(output.stderr.contains("next:"), "{output:?}");
    assert!(started.elapsed().as_millis() < 2_000);
}

/// The value of `name` in `emqx-ctl broker stats` or `metrics`.
fn number(daemon: &Daemon, table: &str, name: &str) -> u64 {
    let text = daemon.ctl(["broker", table]).ok();
    let line = text
        .lines()
        .find(|line| line.split(':').next().is_some_and(|found| found.trim() == name));
    let value = line
        .and_then(|line| line.rsplit(':').next())
        .unwrap_or_else(|| panic!("no {name} in\n{text}"));
    value
        .trim()
        .parse()
        .unwrap_or_else(|_| panic!("{name} is no number: {value}"))
}
