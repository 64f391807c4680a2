//! What a listener refuses, and what it slows down.
//!
//! Rates are tested by the least time that they allow; how long a busy machine takes is not asserted.

use std::time::{Duration, Instant};

use emqx_tests::{ClientOptions, Daemon, QoS, wait_until};

#[test]
fn connections_above_the_limit_are_refused_until_one_leaves() {
    let daemon = Daemon::with_config("listeners.tcp.default.max_connections = 2");
    assert_eq!(daemon.listener().fields["max_conns"], "2");
    let first = daemon.connect_v5("first");
    let mut second = daemon.connect_v5("second");
    let refused = ClientOptions::v5("third").try_connect(daemon.address());
    refused.expect_err("two of two are in use");
    second.ping();
    let json = daemon.ctl(["-f", "json", "listeners"]).json();
    assert_eq!(json["data"][0]["refused_limit"], 1, "{json}");

    first.disconnect();
    wait_until("one has left", || daemon.listener().fields["current_conn"] == "1");
    daemon.connect_v5("third").ping();
}

#[test]
fn an_address_has_so_many_connections_and_no_more() {
    let daemon = Daemon::with_config("listeners.tcp.default.max_connections_per_address = 2");
    let first = daemon.connect_v5("first");
    let mut second = daemon.connect_v5("second");
    let refused = ClientOptions::v5("third").try_connect(daemon.address());
    refused.expect_err("two of two of this address are in use");
    second.ping();
    daemon.expect_log(&["connection_refused", "max_connections_per_address", "127.0.0.1"]);
    let json = daemon.ctl(["-f", "json", "listeners"]).json();
    assert_eq!(json["data"][0]["refused_limit"], 1, "{json}");

    first.disconnect();
    wait_until("one has left", || daemon.listener().fields["current_conn"] == "1");
    daemon.connect_v5("third").ping();
}

#[test]
fn connections_come_in_no_faster_than_their_rate() {
    let daemon = Daemon::with_config("listeners.tcp.default.max_conn_rate = \"4/s\"");
    let started = Instant::now();
    let clients: Vec<_> = (0..10)
        .map(|number| daemon.connect_v311(&format!("c{number}")))
        .collect();
    // Four at once and one ahead of its time, the others at four a second.
    assert!(
        started.elapsed() >= Duration::from_millis(900),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(clients.len(), 10, "late, but none is lost");
    let json = daemon.ctl(["-f", "json", "listeners"]).json();
    assert!(
        json["data"][0]["refused_rate"].as_u64().is_some_and(|held| held >= 4),
        "{json}"
    );
}

#[test]
fn messages_come_in_no_faster_than_their_rate_and_none_is_lost() {
    let daemon = Daemon::with_config("listeners.tcp.default.messages_rate = \"100/s\"");
    let mut receiver = daemon.connect_v5("receiver");
    receiver.subscribe("t", QoS::AtMostOnce);
    let mut sender = daemon.connect_v5("sender");
    let started = Instant::now();
    for number in 0..220 {
        let publish = sender.message("t", number.to_string(), QoS::AtMostOnce);
        sender.send(&emqx_tests::Packet::Publish(publish));
    }
    // Answered when its turn comes behind the messages.
    sender.ping();
    assert!(
        started.elapsed() >= Duration::from_millis(900),
        "{:?}",
        started.elapsed()
    );
    let expected: Vec<String> = (0..220).map(|number| number.to_string()).collect();
    assert_eq!(receiver.expect_payloads(220), expected);
    daemon.expect_log(&["[warning]", "socket_receive_paused_by_rate_limit", "paused_ms"]);
}

#[test]
fn bytes_come_in_no_faster_than_their_rate() {
    let daemon = Daemon::with_config("listeners.tcp.default.bytes_rate = \"100KB/s\"");
    let mut sender = daemon.connect_v5("sender");
    let started = Instant::now();
    for _ in 0..22 {
        sender.publish("t", [7; 10 * 1024], QoS::AtLeastOnce);
    }
    assert!(
        started.elapsed() >= Duration::from_millis(800),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn an_access_rule_keeps_an_address_out() {
    let daemon = Daemon::with_config("listeners.tcp.default.access_rules = [\"deny 127.0.0.1\", \"allow all\"]");
    ClientOptions::v5("c")
        .try_connect(daemon.address())
        .expect_err("its address is denied");
    let json = daemon.ctl(["-f", "json", "listeners"]).json();
    assert_eq!(json["data"][0]["refused_access"], 1, "{json}");
}
