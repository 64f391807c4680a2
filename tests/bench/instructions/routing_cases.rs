//! Finding the filters that match, changing them, and passing one message to its receivers.

use std::hint::black_box;

use emqxd_broker::{FilterTrie, HashSeed};
use mqtt_codec::{Packet, QoS};

use crate::case::{Case, counted};
use crate::support::{BenchBroker, filter, publish, topic};

const TOPIC: &str = "plant/42/device/0001234/state";

pub const CASES: &[Case] = &[
    Case {
        name: "match-1000",
        operations: 32_000,
        run: |count| match_among(1000, count),
    },
    Case {
        name: "match-100000",
        operations: 32_000,
        run: |count| match_among(100_000, count),
    },
    Case {
        name: "dispatch-1",
        operations: 2000,
        run: |count| dispatch_to(1, count),
    },
    Case {
        name: "dispatch-10",
        operations: 1000,
        run: |count| dispatch_to(10, count),
    },
    Case {
        name: "dispatch-1000",
        operations: 50,
        run: |count| dispatch_to(1000, count),
    },
    Case {
        name: "subscribe-unsubscribe",
        operations: 2000,
        run: subscribe_and_unsubscribe,
    },
];

/// One look-up in a trie, without the match cache; one filter matches.
fn match_among(filters: u32, operations: u32) {
    let mut text = String::new();
    let mut trie = FilterTrie::with_seed(HashSeed::fixed());
    for number in 0..filters {
        filter(number, &mut text);
        trie.get_or_insert_with(&text, || number);
    }
    let topics: Vec<String> = (0..1000)
        .map(|number| {
            topic(number * 7919 % filters, &mut text);
            text.clone()
        })
        .collect();
    let mut found = 0;
    counted(operations, |number| {
        let number = number as usize;
        let topic = black_box(&topics[number % topics.len()]);
        trie.for_each_match(topic, &mut |_| found += 1);
    });
    assert_eq!(found, operations, "each topic matches one filter");
}

/// One PUBLISH to `subscribers`, QoS 0, its topic in the match cache.
fn dispatch_to(subscribers: usize, operations: u32) {
    let mut broker = BenchBroker::new();
    let publisher = broker.connect();
    for _ in 0..subscribers {
        let subscriber = broker.connect();
        broker.subscribe(subscriber, TOPIC, QoS::AtMostOnce);
    }
    let publish = publish(TOPIC, QoS::AtMostOnce);
    counted(operations, |_| {
        let effects = broker.packet(publisher, Packet::Publish(publish.clone()));
        assert_eq!(effects.len(), subscribers, "one delivery each");
    });
}

/// A SUBSCRIBE and an UNSUBSCRIBE of one filter beside 10,000 others.
fn subscribe_and_unsubscribe(operations: u32) {
    let mut broker = BenchBroker::new();
    let mut text = String::new();
    for client in 0..100 {
        let connection = broker.connect();
        for number in 0..100 {
            filter(client * 100 + number, &mut text);
            broker.subscribe(connection, &text, QoS::AtLeastOnce);
        }
    }
    let connection = broker.connect();
    counted(operations, |number| {
        filter(1_000_000 + number % 1000, &mut text);
        broker.subscribe(connection, &text, QoS::AtLeastOnce);
        broker.unsubscribe(connection, &text);
    });
}
