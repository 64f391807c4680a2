//! `$SYS`: what the broker says about itself, and the events of clients.

use emqx_tests::{Daemon, QoS};
use serde_json::Value;

#[test]
fn the_broker_tells_its_name_version_and_heartbeat() {
    let daemon = Daemon::with_config("sys_topics { sys_msg_interval = 1s, sys_heartbeat_interval = 1s }");
    let mut client = daemon.connect_v5("c");
    client.subscribe("$SYS/brokers", QoS::AtMostOnce);
    let publish = client.expect_publish();
    assert_eq!(publish.payload, "emqx@127.0.0.1");
    client.unsubscribe("$SYS/brokers");

    client.subscribe("$SYS/brokers/emqx@127.0.0.1/version", QoS::AtMostOnce);
    assert_eq!(client.expect_payload(), env!("CARGO_PKG_VERSION"));
    client.unsubscribe("$SYS/brokers/emqx@127.0.0.1/version");

    client.subscribe("$SYS/brokers/+/uptime", QoS::AtMostOnce);
    let uptime_ms = client.expect_payload();
    assert!(uptime_ms.parse::<u64>().is_ok(), "{uptime_ms}");
    client.unsubscribe("$SYS/brokers/+/uptime");

    client.subscribe("$SYS/brokers/+/stats/connections/count", QoS::AtMostOnce);
    assert_eq!(client.expect_payload(), "1");
}

#[test]
fn comings_and_goings_of_clients_are_events_in_json() {
    let daemon = Daemon::start();
    let mut watcher = daemon.connect_v5("watcher");
    watcher.subscribe("$SYS/brokers/+/clients/+/connected", QoS::AtMostOnce);
    watcher.subscribe("$SYS/brokers/+/clients/+/disconnected", QoS::AtMostOnce);

    daemon
        .connect(emqx_tests::ClientOptions::v311("guest").username("u").keep_alive(30))
        .kill();
    let connected = watcher.expect_publish();
    assert_eq!(connected.topic, "$SYS/brokers/emqx@127.0.0.1/clients/guest/connected");
    let event: Value = serde_json::from_slice(&connected.payload).unwrap();
    for (key, value) in [
        ("clientid", "guest"),
        ("username", "u"),
        ("ipaddress", "127.0.0.1"),
        ("proto_name", "MQTT"),
    ] {
        assert_eq!(event[key], value, "{event}");
    }
    assert_eq!(
        (&event["proto_ver"], &event["keepalive"], &event["clean_start"]),
        (&4.into(), &30.into(), &true.into())
    );

    let disconnected = watcher.expect_publish();
    assert_eq!(
        disconnected.topic,
        "$SYS/brokers/emqx@127.0.0.1/clients/guest/disconnected"
    );
    let event: Value = serde_json::from_slice(&disconnected.payload).unwrap();
    assert_eq!(event["reason"], "tcp_closed", "{event}");
    assert_eq!(event["clientid"], "guest", "{event}");
}

#[test]
fn events_can_be_shared_between_subscribers() {
    let daemon = Daemon::with_config("mqtt.shared_subscription_strategy = round_robin_per_group");
    let mut workers = ["w1", "w2"].map(|id| daemon.connect_v5(id));
    for worker in &mut workers {
        worker.subscribe("$share/group1/$SYS/brokers/+/clients/+/connected", QoS::AtMostOnce);
    }
    let mut guests = Vec::new();
    for number in 0..4 {
        guests.push(daemon.connect_v5(&format!("guest-{number}")));
    }
    let [first, second] = &mut workers;
    let mut seen = [first.expect_payloads(2), second.expect_payloads(2)].concat();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 4, "each event at one worker: {seen:?}");
}

#[test]
fn a_wildcard_at_the_root_does_not_match_sys_topics() {
    let daemon = Daemon::start();
    let mut client = daemon.connect_v5("c");
    client.subscribe("#", QoS::AtMostOnce);
    client.subscribe("+/brokers", QoS::AtMostOnce);
    client.expect_no_publish();
}
