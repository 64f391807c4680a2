//! One message to many: everybody gets every message in order, and a publisher that was faster than its receivers could
//! be written is read again.

use emqx_tests::{Daemon, QoS};
use mqtt_codec::{Packet, PacketType};

const SUBSCRIBERS: usize = 1_000;
/// With their payloads more than what a receiver's buffer may grow to before its publisher is held.
const MESSAGES: usize = 60;

fn payload(number: usize) -> String {
    format!("{number:01000}")
}

fn publish_to_many(qos: QoS) {
    // One worker, so that the publisher meets all receivers on its own.
    let daemon = Daemon::with_config("node.workers = 1");
    let mut subscribers: Vec<_> = (0..SUBSCRIBERS)
        .map(|number| {
            let mut subscriber = daemon.connect_v5(&format!("s{number}"));
            subscriber.subscribe("many", qos);
            subscriber
        })
        .collect();
    let mut publisher = daemon.connect_v5("p");
    for number in 0..MESSAGES {
        let message = publisher.message("many", payload(number), qos);
        publisher.send(&Packet::Publish(message));
    }
    if qos == QoS::AtLeastOnce {
        for _ in 0..MESSAGES {
            publisher.expect(PacketType::Puback);
        }
    }
    // It is read again after all that.
    publisher.ping();
    for subscriber in &mut subscribers {
        for number in 0..MESSAGES {
            assert_eq!(subscriber.expect_payload(), payload(number));
        }
        subscriber.expect_no_publish();
    }
    publisher.publish("many", "one more", qos);
    for subscriber in &mut subscribers {
        assert_eq!(subscriber.expect_payload(), "one more");
    }
}

#[test]
fn a_thousand_receivers_get_all_messages_of_a_fast_publisher_at_qos_0() {
    publish_to_many(QoS::AtMostOnce);
}

#[test]
fn a_thousand_receivers_get_all_messages_of_a_fast_publisher_at_qos_1() {
    publish_to_many(QoS::AtLeastOnce);
}
