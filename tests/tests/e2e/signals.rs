//! SIGTERM and SIGINT end the daemon in order; a broken pipe of a reader does not.

use emqx_tests::{ClientOptions, Daemon, QoS, ReasonCode};

#[test]
fn sigterm_tells_clients_and_ends_with_0() {
    let mut daemon = Daemon::start();
    let mut five = daemon.connect_v5("five");
    let mut four = daemon.connect_v311("four");
    daemon.signal("TERM");
    assert_eq!(five.expect_disconnect(), ReasonCode::ServerShuttingDown);
    four.expect_closed();
    assert_eq!(daemon.wait_end().code(), Some(0));
    assert!(!daemon.socket().exists(), "the control socket is taken away");
}

#[test]
fn sigint_does_the_same() {
    let mut daemon = Daemon::start();
    daemon.signal("INT");
    assert_eq!(daemon.wait_end().code(), Some(0));
}

#[test]
fn what_was_acknowledged_is_delivered_before_the_end() {
    let mut daemon = Daemon::with_config("mqtt.max_inflight = 100");
    let mut receiver = daemon.connect(ClientOptions::v5("receiver").receive_maximum(100));
    receiver.subscribe("t", QoS::AtLeastOnce);
    let mut sender = daemon.connect_v5("sender");
    for number in 0..50 {
        sender.publish("t", number.to_string(), QoS::AtLeastOnce);
    }
    daemon.signal("TERM");
    let expected: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let received: Vec<String> = (0..50)
        .map(|_| String::from_utf8_lossy(&receiver.expect_publish_unacknowledged().payload).into_owned())
        .collect();
    assert_eq!(received, expected);
    assert_eq!(daemon.wait_end().code(), Some(0));
}

#[test]
fn a_daemon_that_was_killed_leaves_a_socket_that_the_next_one_replaces() {
    let mut first = Daemon::start();
    first.signal("KILL");
    first.wait_end();
    assert!(first.socket().exists());
    let second = Daemon::builder().control_socket(first.socket().to_owned()).start();
    assert_eq!(second.ctl(["ping"]).status, Some(0));
}
