//! Messages between clients of different versions and QoS, wills, and order.

use emqx_tests::{ClientOptions, Daemon, QoS, ReasonCode};

const ALL_QOS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

#[test]
fn every_version_reaches_every_version_at_every_qos() {
    let daemon = Daemon::start();
    let versions = [ClientOptions::v31, ClientOptions::v311, ClientOptions::v5];
    let names = ["three", "four", "five"];
    for (to, receiver_name) in versions.iter().zip(names) {
        for (from, sender_name) in versions.iter().zip(names) {
            let mut receiver = daemon.connect(to(&format!("r-{receiver_name}")));
            let mut sender = daemon.connect(from(&format!("s-{sender_name}")));
            receiver.subscribe("a/+/c", QoS::ExactlyOnce);
            for qos in ALL_QOS {
                sender.publish("a/b/c", "hello", qos);
                let publish = receiver.expect_publish();
                assert_eq!((publish.qos, &publish.payload[..]), (qos, &b"hello"[..]));
            }
            receiver.disconnect();
            sender.disconnect();
        }
    }
}

#[test]
fn messages_of_one_publisher_and_topic_arrive_in_order() {
    let daemon = Daemon::with_config("mqtt.max_mqueue_len = 100000");
    let mut receiver = daemon.connect_v5("receiver");
    receiver.subscribe("ordered", QoS::ExactlyOnce);
    let mut sender = daemon.connect_v5("sender");
    for number in 0..300 {
        sender.publish("ordered", number.to_string(), ALL_QOS[number % 3]);
    }
    let expected: Vec<String> = (0..300).map(|number| number.to_string()).collect();
    assert_eq!(receiver.expect_payloads(300), expected);
}

#[test]
fn a_will_is_published_when_the_connection_is_lost_and_not_on_disconnect() {
    let daemon = Daemon::start();
    let mut watcher = daemon.connect_v5("watcher");
    watcher.subscribe("will/#", QoS::AtLeastOnce);
    daemon
        .connect(ClientOptions::v5("polite").will("will/polite", "bye", QoS::AtLeastOnce))
        .disconnect();
    daemon.expect_shutdown_count("normal", 1);
    daemon
        .connect(ClientOptions::v311("lost").will("will/lost", "bye", QoS::AtLeastOnce))
        .kill();
    let publish = watcher.expect_publish();
    assert_eq!(publish.topic, "will/lost");
    daemon
        .connect(ClientOptions::v5("asks").will("will/asked", "bye", QoS::AtMostOnce))
        .disconnect_with(ReasonCode::DisconnectWithWillMessage);
    assert_eq!(watcher.expect_publish().topic, "will/asked");
}

#[test]
fn a_publisher_of_mqtt_5_learns_that_nobody_listens() {
    let daemon = Daemon::start();
    let mut sender = daemon.connect_v5("sender");
    let publish = sender.message("nobody/here", "x", QoS::AtLeastOnce);
    assert_eq!(sender.publish_packet(publish), Some(ReasonCode::NoMatchingSubscribers));
}
