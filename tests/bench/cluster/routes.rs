//! A million routes on three nodes: what one costs, how long a joining node needs, and what publishers notice.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mqtt_codec::{Packet, PacketId, Publish, QoS, RetainHandling, Subscribe, SubscribeFilter, SubscribeProperties};

use crate::client::Client;
use crate::node::Loopback;
use crate::nodes::{self, Node};
use crate::percentile;

const FILTERS_A_CLIENT: usize = 10_000;
const FILTERS_A_PACKET: usize = 500;

/// So many filters, a third of them on each node.
pub fn run(root: &Path, filters: usize) -> io::Result<()> {
    let mut nodes = nodes::start(3, root, "mqtt.max_topic_levels = 16\n")?;
    let before: Vec<u64> = nodes.iter().map(Node::memory_kib).collect();
    let began = Instant::now();
    let mut clients = Vec::new();
    for number in 0..filters.div_ceil(FILTERS_A_CLIENT) {
        let address = nodes[number % nodes.len()].mqtt();
        let mut client = Client::connect(address, &format!("routes-{number}"), false)?;
        subscribe(&mut client, number * FILTERS_A_CLIENT, filters)?;
        clients.push(client);
    }
    let subscribed = began.elapsed();
    let agreed = nodes::agree(&nodes, Duration::from_secs(120)).ok_or_else(|| io::Error::other("they do not agree"))?;
    println!(
        "{filters} filters subscribed to in {:.1} s; the nodes agree {:.2} s later",
        subscribed.as_secs_f64(),
        agreed.as_secs_f64()
    );
    let empty_kib = before.iter().copied().min().unwrap_or(0);
    for (node, before) in nodes.iter().zip(before) {
        let grown = node.memory_kib().saturating_sub(before);
        println!(
            "node {}: {:.0} MiB more, {:.0} bytes for each of all routes (a third of them with its subscription)",
            node.number + 1,
            grown as f64 / 1024.0,
            (grown * 1024) as f64 / filters as f64
        );
    }

    let quiet = latency(&nodes, Duration::from_secs(5), || Ok(()))?;
    let mut newcomer = Node::new(3, 4, root, "mqtt.max_topic_levels = 16\n")?;
    let empty = Instant::now();
    let mut took = None;
    let during = latency(&nodes, Duration::from_secs(3), || {
        newcomer.start(&Loopback)?;
        // Alone it agrees with itself; one of the others is asked too.
        while took.is_none() {
            let views = [
                newcomer.ask(&["cluster", "digest"]),
                nodes[0].ask(&["cluster", "digest"]),
            ];
            if views[0].is_some() && views[0] == views[1] {
                took = Some(empty.elapsed());
            }
            if empty.elapsed() > Duration::from_secs(120) {
                return Err(io::Error::other("the newcomer does not agree"));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    })?;
    let grown = newcomer.memory_kib().saturating_sub(empty_kib);
    println!(
        "a newcomer agrees {:.2} s after its start; it has {:.0} MiB more than an empty node, {:.0} bytes a route",
        took.unwrap_or_default().as_secs_f64(),
        grown as f64 / 1024.0,
        (grown * 1024) as f64 / filters as f64
    );
    for (when, [p50, p99, most]) in [("quiet", quiet), ("while it joins", during)] {
        println!(
            "publishers, node 1 to node 2, QoS 1, 500 a second, {when}: p50 {p50:.2} ms, p99 {p99:.2} ms, most {most:.2} ms"
        );
    }
    nodes.push(newcomer);
    drop(clients);
    Ok(())
}

fn subscribe(client: &mut Client, first: usize, filters: usize) -> io::Result<()> {
    let last = (first + FILTERS_A_CLIENT).min(filters);
    let mut packet_id = PacketId::FIRST;
    for begin in (first..last).step_by(FILTERS_A_PACKET) {
        let some = (begin..(begin + FILTERS_A_PACKET).min(last)).map(|number| SubscribeFilter {
            // One in ten has a wildcard.
            filter: match number % 10 {
                0 => format!("site/{}/line/{}/+/temperature", number % 997, number).into(),
                _ => format!("site/{}/line/{}/device/temperature", number % 997, number).into(),
            },
            qos: QoS::AtLeastOnce,
            no_local: false,
            retain_as_published: false,
            retain_handling: RetainHandling::DoNotSend,
        });
        client.send(&Packet::Subscribe(Box::new(Subscribe {
            packet_id,
            properties: SubscribeProperties::default(),
            filters: some.collect(),
        })))?;
        packet_id = packet_id.next();
        match client.next(Duration::from_secs(10))? {
            Some(Packet::Suback(_)) => {}
            other => return Err(io::Error::other(format!("{other:?} in place of SUBACK"))),
        }
    }
    Ok(())
}

/// Sends from one node to another by the clock, while `meanwhile` runs and for `at_least` so long: p50, p99 and the most
/// of the delays, milliseconds.
fn latency(nodes: &[Node], at_least: Duration, mut meanwhile: impl FnMut() -> io::Result<()>) -> io::Result<[f64; 3]> {
    let stop = Arc::new(AtomicBool::new(false));
    let origin = Instant::now();
    let (from, to) = (nodes[0].mqtt(), nodes[1].mqtt());
    let receiver = {
        let stop = Arc::clone(&stop);
        thread::spawn(move || receive(to, origin, &stop))
    };
    thread::sleep(Duration::from_secs(1));
    let sender = {
        let stop = Arc::clone(&stop);
        thread::spawn(move || send(from, origin, &stop))
    };
    let began = Instant::now();
    let done = meanwhile();
    thread::sleep(at_least.saturating_sub(began.elapsed()));
    stop.store(true, Ordering::Relaxed);
    sender.join().expect("it does not panic")?;
    let mut delays = receiver.join().expect("it does not panic")?;
    done?;
    Ok([50, 99, 100].map(|share| percentile(&mut delays, share)))
}

fn receive(address: SocketAddr, origin: Instant, stop: &AtomicBool) -> io::Result<Vec<f64>> {
    let mut client = Client::connect(address, "latency-subscriber", false)?;
    client.subscribe("latency", QoS::AtMostOnce, drop)?;
    let mut delays = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        if let Some(Packet::Publish(publish)) = client.next(Duration::from_millis(100))? {
            let sent: u128 = str::from_utf8(&publish.payload)
                .unwrap_or("")
                .parse()
                .map_err(io::Error::other)?;
            delays.push((origin.elapsed().as_micros().saturating_sub(sent)) as f64 / 1000.0);
        }
    }
    Ok(delays)
}

fn send(address: SocketAddr, origin: Instant, stop: &AtomicBool) -> io::Result<()> {
    let mut client = Client::connect(address, "latency-publisher", false)?;
    let mut due = Instant::now();
    let mut packet_id = PacketId::FIRST;
    while !stop.load(Ordering::Relaxed) {
        due += Duration::from_millis(2);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        packet_id = packet_id.next();
        let text = (due - origin).as_micros().to_string();
        client.send(&Packet::Publish(Publish {
            dup: false,
            qos: QoS::AtLeastOnce,
            retain: false,
            topic: "latency".into(),
            packet_id: Some(packet_id),
            properties: None,
            payload: text.into_bytes().into(),
        }))?;
        while client.next(Duration::ZERO)?.is_some() {}
    }
    Ok(())
}
