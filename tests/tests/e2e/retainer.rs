//! Retained messages, and `emqx-ctl retainer`.

use emqx_tests::{Daemon, QoS};

#[test]
fn retained_messages_are_counted_listed_and_cleaned() {
    let daemon = Daemon::start();
    let own = sys_topics(&daemon);
    assert_eq!(
        daemon.ctl(["retainer", "info"]).ok(),
        format!("Number of retained messages: {own}\n")
    );
    let mut client = daemon.connect_v5("p");
    for room in ["a", "b", "c"] {
        client.publish_retained(&format!("room/{room}"), room, QoS::AtLeastOnce);
    }
    assert_eq!(
        daemon.ctl(["retainer", "info"]).ok(),
        format!("Number of retained messages: {}\n", own + 3)
    );
    let topics = daemon.ctl(["retainer", "topics"]).ok();
    for topic in ["room/a", "room/b", "room/c"] {
        assert!(
            topics.lines().any(|line| line == topic),
            "{topic} is missing:\n{topics}"
        );
    }

    assert_eq!(daemon.ctl(["retainer", "clean", "room/b"]).ok(), "");
    client.subscribe("room/+", QoS::AtMostOnce);
    let mut payloads = client.expect_payloads(2);
    payloads.sort_unstable();
    assert_eq!(payloads, ["a", "c"]);
    client.expect_no_publish();
}

#[test]
fn a_retained_message_is_replaced_and_an_empty_one_clears_it() {
    let daemon = Daemon::start();
    let mut client = daemon.connect_v311("p");
    client.publish_retained("t", "old", QoS::AtMostOnce);
    client.publish_retained("t", "new", QoS::AtLeastOnce);
    let mut reader = daemon.connect_v5("r1");
    reader.subscribe("t", QoS::AtLeastOnce);
    let publish = reader.expect_publish();
    assert_eq!(publish.payload, "new");
    assert!(publish.retain, "it is marked as retained");

    client.publish_retained("t", "", QoS::AtLeastOnce);
    let mut reader = daemon.connect_v5("r2");
    reader.subscribe("t", QoS::AtLeastOnce);
    reader.expect_no_publish();
}

#[test]
fn a_shared_subscription_gets_no_retained_messages() {
    let daemon = Daemon::start();
    let mut client = daemon.connect_v5("p");
    client.publish_retained("t", "kept", QoS::AtLeastOnce);
    client.subscribe("$share/g/t", QoS::AtLeastOnce);
    client.expect_no_publish();
}

/// How many messages the broker itself retains (`$SYS/brokers` and what stands below it).
fn sys_topics(daemon: &Daemon) -> usize {
    let topics = daemon.ctl(["retainer", "topics"]).ok();
    topics.lines().filter(|line| line.starts_with("$SYS/")).count()
}
