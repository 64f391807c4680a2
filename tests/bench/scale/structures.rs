//! Subscriptions: the trie by itself, the node's route table, and all of it in a shard.
//!
//! In a shard a subscription is in three places: the session's list, the worker's index (a hash table of exact
//! filters and a trie of those with wildcards) and the route table. The line of the shard is all three.

use std::hint::black_box;
use std::time::Instant;

use emqxd_broker::{FilterTrie, RouteTable, Routes};
use mqtt_codec::{Packet, QoS};

use crate::measurement::{Measurement, nanoseconds_each, shuffled};
use crate::memory::resident_bytes;
use crate::support::{BenchBroker, filter, publish, topic};

/// Entries that are made at least, in several copies if need be.
const ENTRIES_MIN: u32 = 100_000;
/// Filters of one session.
const FILTERS_A_SESSION: u32 = 100;

/// A trie whose values take no room.
pub fn filter_trie(size: u32) -> Measurement {
    let mut text = String::new();
    of_copies(
        size,
        FilterTrie::new,
        |trie, number| {
            filter(number, &mut text);
            trie.get_or_insert_with(&text, || ());
        },
        |trie, topic| {
            let mut found = 0;
            trie.for_each_match(topic, &mut |()| found += 1);
            assert_eq!(found, 1);
        },
        |trie, filter| {
            trie.remove(filter);
        },
    )
}

/// The node's table with routes to one worker.
pub fn route_table(size: u32) -> Measurement {
    let mut text = String::new();
    let mut routes = Routes::default();
    of_copies(
        size,
        RouteTable::new,
        |table, number| {
            filter(number, &mut text);
            table.add_route(&text, 0);
        },
        |table, topic| {
            table.resolve(topic, &mut routes);
            assert_eq!(routes.workers[..], [0]);
        },
        |table, filter| {
            table.remove_route(filter, 0);
        },
    )
}

/// How often the slowest SUBSCRIBE is looked for.
const GROWTHS: usize = 3;

/// SUBSCRIBE packets from sessions of 100 filters each. The sessions themselves are not counted.
pub fn shard(size: u32) -> Measurement {
    let mut text = String::new();
    let sessions = size / FILTERS_A_SESSION;
    let copies = (ENTRIES_MIN / size).max(1);
    let mut brokers: Vec<BenchBroker> = (0..copies).map(|_| BenchBroker::new()).collect();
    let connections: Vec<_> = brokers
        .iter_mut()
        .flat_map(|broker| (0..sessions).map(|_| broker.connect()).collect::<Vec<_>>())
        .collect();
    let publishers: Vec<_> = brokers.iter_mut().map(BenchBroker::connect).collect();
    let of = |number: u32| connections[(number / FILTERS_A_SESSION) as usize];
    let before = resident_bytes();
    let insert_ns = nanoseconds_each(size * copies, || {
        for broker in &mut brokers {
            for number in 0..size {
                filter(number, &mut text);
                broker.subscribe(of(number), &text, QoS::AtMostOnce);
            }
        }
    });
    let bytes = (resident_bytes() - before) / f64::from(size * copies);
    let looked_up = size.min(50_000);
    let match_ns = nanoseconds_each(looked_up, || {
        for number in shuffled(size).take(looked_up as usize) {
            topic(number, &mut text);
            let publish = Packet::Publish(publish(&text, QoS::AtMostOnce));
            let effects = brokers[0].packet(publishers[0], publish);
            assert_eq!(effects.len(), 1, "one filter matches");
        }
    });
    let remove_ns = nanoseconds_each(size, || {
        for number in shuffled(size) {
            filter(number, &mut text);
            brokers[0].unsubscribe(of(number), &text);
        }
    });
    Measurement {
        text_bytes: mean_filter_len(size),
        bytes,
        insert_ns,
        match_ns: Some(match_ns),
        remove_ns: Some(remove_ns),
        note: format!(
            "match: a PUBLISH whose topic is not in the match cache; slowest SUBSCRIBE {:.0} us",
            slowest_subscribe_us(size)
        ),
    }
}

/// Microseconds of the slowest SUBSCRIBE while a shard grows to `size` filters.
///
/// Each growth does the same work, so that what is slow each time was the table's doing and not the machine's.
fn slowest_subscribe_us(size: u32) -> f64 {
    let mut fastest = vec![u128::MAX; size as usize];
    let mut text = String::new();
    for _ in 0..GROWTHS {
        let mut broker = BenchBroker::new();
        let connections: Vec<_> = (0..size / FILTERS_A_SESSION).map(|_| broker.connect()).collect();
        for (number, fastest) in (0..size).zip(&mut fastest) {
            filter(number, &mut text);
            let start = Instant::now();
            broker.subscribe(
                connections[(number / FILTERS_A_SESSION) as usize],
                &text,
                QoS::AtMostOnce,
            );
            *fastest = start.elapsed().as_nanos().min(*fastest);
        }
    }
    fastest.into_iter().max().unwrap_or(0) as f64 / 1000.0
}

/// Fills copies of a structure with filters 0 to `size`, then looks up and removes in the first of them.
fn of_copies<S>(
    size: u32,
    make: impl Fn() -> S,
    mut insert: impl FnMut(&mut S, u32),
    mut look_up: impl FnMut(&S, &str),
    mut remove: impl FnMut(&mut S, &str),
) -> Measurement {
    let copies = (ENTRIES_MIN / size).max(1);
    let before = resident_bytes();
    let mut structures: Vec<S> = (0..copies).map(|_| make()).collect();
    let insert_ns = nanoseconds_each(size * copies, || {
        for structure in &mut structures {
            (0..size).for_each(|number| insert(structure, number));
        }
    });
    let bytes = (resident_bytes() - before) / f64::from(size * copies);
    let mut text = String::new();
    let looked_up = ENTRIES_MIN.max(size);
    let match_ns = nanoseconds_each(looked_up, || {
        for number in (0..looked_up / size).flat_map(|_| shuffled(size)) {
            topic(number, &mut text);
            look_up(&structures[0], black_box(&text));
        }
    });
    let remove_ns = nanoseconds_each(size, || {
        for number in shuffled(size) {
            filter(number, &mut text);
            remove(&mut structures[0], &text);
        }
    });
    Measurement {
        text_bytes: mean_filter_len(size),
        bytes,
        insert_ns,
        match_ns: Some(match_ns),
        remove_ns: Some(remove_ns),
        note: String::new(),
    }
}

fn mean_filter_len(size: u32) -> f64 {
    let mut text = String::new();
    let mut len = 0;
    for number in 0..size {
        filter(number, &mut text);
        len += text.len();
    }
    len as f64 / f64::from(size)
}
