//! Sessions that outlive connections: queues, inflight messages, QoS 2 across reconnects, expiry.

use emqx_tests::{ClientOptions, Daemon, Packet, QoS, ReasonCode, wait_until};
use mqtt_codec::{Ack, PacketType};

fn keeper(client_id: &str) -> ClientOptions {
    ClientOptions::v5(client_id).persistent()
}

#[test]
fn a_client_that_comes_back_gets_what_was_queued() {
    let daemon = Daemon::start();
    for options in [
        keeper("five"),
        ClientOptions::v311("four").persistent(),
        ClientOptions::v31("three").persistent(),
    ] {
        let mut client = daemon.connect(options.clone());
        client.subscribe("news/#", QoS::AtLeastOnce);
        client.disconnect();
        let mut publisher = daemon.connect_v5("p");
        for number in 0..5 {
            publisher.publish("news/today", number.to_string(), QoS::AtLeastOnce);
        }
        let mut client = daemon.connect(options);
        assert_eq!(client.session_present(), client.connack.session_present);
        assert_eq!(client.expect_payloads(5), ["0", "1", "2", "3", "4"]);
        client.expect_no_publish();
        client.unsubscribe("news/#");
    }
}

#[test]
fn an_unacknowledged_message_comes_again_marked_as_duplicate() {
    let daemon = Daemon::start();
    let mut client = daemon.connect(keeper("c"));
    client.subscribe("t", QoS::AtLeastOnce);
    daemon.connect_v5("p").publish("t", "once", QoS::AtLeastOnce);
    let first = client.expect_publish_unacknowledged();
    assert!(!first.dup);
    client.kill();
    let mut client = daemon.connect(keeper("c"));
    assert!(client.session_present());
    let again = client.expect_publish();
    assert!(again.dup);
    assert_eq!((again.packet_id, &again.payload), (first.packet_id, &first.payload));
    client.ping();
    client.kill();
    daemon.connect(keeper("c")).expect_no_publish();
}

#[test]
fn a_qos_2_message_published_twice_over_a_reconnect_is_delivered_once() {
    let daemon = Daemon::start();
    let mut receiver = daemon.connect_v5("receiver");
    receiver.subscribe("t", QoS::ExactlyOnce);

    let mut sender = daemon.connect(keeper("sender"));
    let publish = sender.message("t", "once", QoS::ExactlyOnce);
    sender.send(&Packet::Publish(publish.clone()));
    sender.expect(PacketType::Pubrec);
    sender.kill();

    let mut sender = daemon.connect(keeper("sender"));
    assert!(sender.session_present());
    let packet_id = publish.packet_id.unwrap();
    sender.send(&Packet::Publish(mqtt_codec::Publish { dup: true, ..publish }));
    sender.expect(PacketType::Pubrec);
    sender.send(&Packet::Pubrel(Ack::new(packet_id, ReasonCode::Success)));
    sender.expect(PacketType::Pubcomp);

    assert_eq!(receiver.expect_payload(), "once");
    sender.ping();
    receiver.expect_no_publish();
}

#[test]
fn a_qos_2_delivery_goes_on_where_it_broke_off() {
    let daemon = Daemon::start();
    let mut client = daemon.connect(keeper("c"));
    client.subscribe("t", QoS::ExactlyOnce);
    daemon.connect_v5("p").publish("t", "once", QoS::ExactlyOnce);

    let publish = client.expect_publish_unacknowledged();
    let packet_id = publish.packet_id.unwrap();
    client.send(&Packet::Pubrec(Ack::new(packet_id, ReasonCode::Success)));
    client.expect_pubrel(packet_id);
    client.kill();

    // The message was received: after the reconnect only its release is repeated.
    let mut client = daemon.connect(keeper("c"));
    client.expect_pubrel(packet_id);
    client.send(&Packet::Pubcomp(Ack::new(packet_id, ReasonCode::Success)));
    client.expect_no_publish();
}

#[test]
fn the_window_holds_back_what_the_client_cannot_take() {
    let daemon = Daemon::start();
    let mut client = daemon.connect(ClientOptions::v5("c").receive_maximum(2));
    client.subscribe("t", QoS::AtLeastOnce);
    let mut publisher = daemon.connect_v5("p");
    for number in 0..4 {
        publisher.publish("t", number.to_string(), QoS::AtLeastOnce);
    }
    let first = client.expect_publish_unacknowledged();
    let second = client.expect_publish_unacknowledged();
    client.expect_no_publish();
    client.acknowledge(&first);
    client.acknowledge(&second);
    assert_eq!(client.expect_payloads(2), ["2", "3"]);
}

#[test]
fn a_full_queue_drops_its_oldest_messages() {
    let daemon = Daemon::with_config("mqtt.max_mqueue_len = 3");
    let mut client = daemon.connect(keeper("c"));
    client.subscribe("t", QoS::AtLeastOnce);
    client.disconnect();
    wait_until("it is away", || {
        daemon.ctl(["clients", "show", "c"]).ok().contains("connected=false")
    });
    let mut publisher = daemon.connect_v5("p");
    for number in 0..5 {
        publisher.publish("t", number.to_string(), QoS::AtLeastOnce);
    }
    wait_until("two messages are dropped", || {
        daemon.ctl(["clients", "show", "c"]).ok().contains("dropped_msgs=2")
    });
    daemon.expect_log(&["dropped_msg_due_to_mqueue_is_full"]);
    let mut client = daemon.connect(keeper("c"));
    assert_eq!(client.expect_payloads(3), ["2", "3", "4"]);
    client.expect_no_publish();
}

#[test]
fn a_clean_start_drops_the_session() {
    let daemon = Daemon::start();
    let mut client = daemon.connect(keeper("c"));
    client.subscribe("t", QoS::AtLeastOnce);
    client.disconnect();
    let client = daemon.connect_v5("c");
    assert!(!client.session_present());
    assert_eq!(daemon.ctl(["topics", "list"]).ok(), "No topics.\n");
}

#[test]
fn a_session_ends_when_its_time_is_over() {
    let daemon = Daemon::start();
    let mut client = daemon.connect(keeper("c").session_expiry(1));
    client.subscribe("t", QoS::AtLeastOnce);
    client.disconnect();
    wait_until("the session is gone", || {
        daemon.ctl(["clients", "list"]).ok() == "No clients.\n"
    });
    assert_eq!(daemon.ctl(["topics", "list"]).ok(), "No topics.\n");
    assert!(!daemon.connect(keeper("c")).session_present());
}
