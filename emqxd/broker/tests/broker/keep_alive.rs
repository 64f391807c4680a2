//! Keep alive (MQTT 5, 3.1.2.10).

use std::time::Duration;

use emqxd_broker::{DisconnectReason, MqttConfig};
use mqtt_codec::{Packet, QoS, ReasonCode};

use crate::support::{TestBroker, secs};

#[test]
fn a_silent_client_is_given_up_after_one_and_a_half_intervals() {
    let broker = TestBroker::new();
    let client = broker.client("c").keep_alive(10).connect();
    broker.advance(secs(15));
    assert_eq!(client.closed(), None);
    broker.advance(Duration::from_millis(200));
    assert_eq!(client.closed(), Some(DisconnectReason::KeepaliveTimeout));
    assert_eq!(client.disconnect_code(), Some(ReasonCode::KeepAliveTimeout));
}

#[test]
fn any_packet_keeps_a_client_alive() {
    let broker = TestBroker::new();
    let client = broker.client("c").keep_alive(10).connect();
    for _ in 0..5 {
        broker.advance(secs(14));
        client.send(Packet::Pingreq);
        broker.advance(secs(14));
        client.publish("t", "x", QoS::AtMostOnce);
    }
    assert_eq!(client.closed(), None);
}

#[test]
fn a_worker_that_was_held_up_looks_twice_before_it_blames_the_client() {
    let broker = TestBroker::new();
    let client = broker.client("c").keep_alive(10).connect();
    broker.stall(secs(60));
    assert_eq!(client.closed(), None, "its packets may lie unread");
    client.send(Packet::Pingreq);
    broker.advance(secs(1));
    assert_eq!(client.closed(), None);
    broker.stall(secs(60));
    broker.advance(Duration::from_millis(200));
    assert_eq!(client.closed(), Some(DisconnectReason::KeepaliveTimeout));
}

#[test]
fn a_client_that_is_not_read_is_not_judged() {
    let broker = TestBroker::new();
    let client = broker.client("c").keep_alive(10).connect();
    let set_unread = |is_unread| {
        let now = broker.now();
        broker.on_shard_of("c", |shard| {
            let connection = shard.connection_of("c").expect("connected");
            shard.set_unread(connection, is_unread, now);
        });
    };
    set_unread(true);
    broker.advance(secs(100));
    assert_eq!(
        client.closed(),
        None,
        "a rate limit or a busy worker keeps its packets waiting"
    );
    set_unread(false);
    broker.advance(secs(15));
    assert_eq!(client.closed(), None, "its time begins anew");
    broker.advance(secs(1));
    assert_eq!(client.closed(), Some(DisconnectReason::KeepaliveTimeout));
}

#[test]
fn no_keep_alive_means_no_limit() {
    let broker = TestBroker::new();
    let client = broker.connect("c");
    broker.advance(secs(100_000));
    assert_eq!(client.closed(), None);
}

#[test]
fn the_servers_interval_and_multiplier_count() {
    let broker = TestBroker::with_config(MqttConfig {
        server_keepalive: Some(10),
        keepalive_multiplier: 2.0,
        ..MqttConfig::default()
    });
    let client = broker.connect("c");
    broker.advance(secs(20));
    assert_eq!(client.closed(), None);
    broker.advance(secs(1));
    assert_eq!(client.closed(), Some(DisconnectReason::KeepaliveTimeout));
}

#[test]
fn a_timer_of_a_former_connection_does_not_end_the_next() {
    let broker = TestBroker::new();
    broker.client("c").keep_alive(10).connect().disconnect();
    let next = broker.client("c").keep_alive(100).connect();
    broker.advance(secs(60));
    assert_eq!(next.closed(), None);
}

#[test]
fn the_longest_keep_alive_holds_to_its_end() {
    let broker = TestBroker::new();
    let client = broker.client("c").keep_alive(u16::MAX).connect();
    broker.advance(secs(98_302));
    assert_eq!(client.closed(), None);
    broker.advance(secs(2));
    assert_eq!(client.closed(), Some(DisconnectReason::KeepaliveTimeout));
}
