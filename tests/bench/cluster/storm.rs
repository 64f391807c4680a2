//! A storm of takeovers: many client ids, whose clients come back on another node all the time while QoS 2 messages for
//! them are published.
//!
//! An id is connected by one thread at a time, as one device would do it; the connection before is left open and not
//! read any more. In the end each id has to have one session in the whole cluster, its client has to get in at once, and
//! every message has come exactly once.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use emqx_tests::Random;
use mqtt_codec::{Packet, PacketId, QoS};

use crate::client::{Client, success};
use crate::nodes;

const CONNECTORS: usize = 32;
const PUBLISHERS: usize = 3;

/// What one device knows.
#[derive(Default)]
struct Device {
    /// Numbers of its messages that came.
    got: HashMap<u64, u32>,
    /// QoS 2 packets not released.
    held: HashSet<u16>,
    has_subscribed: bool,
    /// Sessions that the cluster has lost.
    lost_sessions: u64,
    client: Option<Client>,
}

/// So many ids, for so long.
pub fn run(root: &Path, ids: usize, lasts: Duration) -> io::Result<()> {
    let nodes = nodes::start(3, root, "mqtt.max_mqueue_len = 100000\nmqtt.max_inflight = 64\n")?;
    let addresses: Arc<Vec<SocketAddr>> = Arc::new(nodes.iter().map(nodes::Node::mqtt).collect());
    let devices: Arc<Vec<Mutex<Device>>> = Arc::new((0..ids).map(|_| Mutex::default()).collect());
    for (id, device) in devices.iter().enumerate() {
        come_back(id, &mut lock(device), addresses[id % addresses.len()])?;
    }
    nodes::agree(&nodes, Duration::from_secs(30)).ok_or_else(|| io::Error::other("the nodes do not agree"))?;
    let stop = Arc::new(AtomicBool::new(false));
    let takeovers = Arc::new(AtomicU64::new(0));
    let slowest_us = Arc::new(AtomicU64::new(0));
    let failures = Arc::new(AtomicU64::new(0));
    let connectors = (0..CONNECTORS).map(|connector| {
        let (devices, addresses, stop) = (Arc::clone(&devices), Arc::clone(&addresses), Arc::clone(&stop));
        let (takeovers, slowest_us, failures) =
            (Arc::clone(&takeovers), Arc::clone(&slowest_us), Arc::clone(&failures));
        thread::spawn(move || {
            let mut random = Random::new(connector as u64);
            while !stop.load(Ordering::Relaxed) {
                let id = random.below(devices.len());
                let Ok(mut device) = devices[id].try_lock() else {
                    continue;
                };
                let began = Instant::now();
                match come_back(id, &mut device, addresses[random.below(addresses.len())]) {
                    Ok(()) => {
                        takeovers.fetch_add(1, Ordering::Relaxed);
                        slowest_us.fetch_max(began.elapsed().as_micros() as u64, Ordering::Relaxed);
                    }
                    Err(_) => {
                        failures.fetch_add(1, Ordering::Relaxed);
                    }
                }
                take_for(&mut device, Duration::from_millis(random.below(20) as u64));
            }
        })
    });
    let connectors: Vec<_> = connectors.collect();
    let publishers = (0..PUBLISHERS).map(|publisher| {
        let (addresses, stop) = (Arc::clone(&addresses), Arc::clone(&stop));
        thread::spawn(move || publish(publisher, addresses[publisher % addresses.len()], ids, &stop))
    });
    let publishers: Vec<_> = publishers.collect();
    thread::sleep(lasts);
    stop.store(true, Ordering::Relaxed);
    for connector in connectors {
        connector.join().expect("it does not panic");
    }
    let acked: Vec<Vec<u64>> = publishers
        .into_iter()
        .map(|publisher| publisher.join().expect("it does not panic"))
        .collect();

    // Each comes back once more and takes what is left; all of them well within a keep alive.
    let next = Arc::new(AtomicUsize::new(0));
    let finishers = (0..CONNECTORS).map(|_| {
        let (devices, addresses, next) = (Arc::clone(&devices), Arc::clone(&addresses), Arc::clone(&next));
        thread::spawn(move || {
            let mut wedged = 0;
            loop {
                let id = next.fetch_add(1, Ordering::Relaxed);
                let Some(device) = devices.get(id) else { return wedged };
                let device = &mut lock(device);
                if come_back(id, device, addresses[id % addresses.len()]).is_err() {
                    wedged += 1;
                    continue;
                }
                while take_for(device, Duration::from_millis(500)) {}
            }
        })
    });
    let finishers: Vec<_> = finishers.collect();
    let wedged: usize = finishers
        .into_iter()
        .map(|each| each.join().expect("it does not panic"))
        .sum();
    let mut sessions = HashMap::<String, usize>::new();
    for node in &nodes {
        for line in node.ask(&["clients", "list"]).unwrap_or_default().lines() {
            if let Some(id) = line.strip_prefix("Client(").and_then(|rest| rest.split(',').next())
                && id.starts_with("device-")
            {
                *sessions.entry(id.to_owned()).or_default() += 1;
            }
        }
    }
    let (mut lost, mut twice, mut lost_sessions) = (0, 0, 0);
    for (id, device) in devices.iter().enumerate() {
        let device = lock(device);
        lost_sessions += device.lost_sessions;
        twice += device.got.values().filter(|count| **count > 1).count();
        let owed = acked.iter().flatten().filter(|number| **number as usize % ids == id);
        lost += owed.filter(|number| !device.got.contains_key(number)).count();
    }
    let published: usize = acked.iter().map(Vec::len).sum();
    let double = sessions.values().filter(|count| **count > 1).count();
    let takeovers = takeovers.load(Ordering::Relaxed);
    println!(
        "{takeovers} takeovers in {} s ({:.0}/s) of {ids} ids on 3 nodes, slowest {:.1} ms, {} failed attempts",
        lasts.as_secs(),
        takeovers as f64 / lasts.as_secs_f64(),
        slowest_us.load(Ordering::Relaxed) as f64 / 1000.0,
        failures.load(Ordering::Relaxed)
    );
    println!(
        "wedged ids {wedged}; ids with two sessions {double}, sessions {} of {ids}, sessions lost {lost_sessions}; QoS 2: \
         {published} acknowledged, lost {lost}, twice {twice}",
        sessions.len()
    );
    match wedged + double + lost + twice == 0 && lost_sessions == 0 && sessions.len() == ids {
        true => Ok(()),
        false => Err(io::Error::other("the cluster has not kept its word")),
    }
}

fn lock(device: &Mutex<Device>) -> std::sync::MutexGuard<'_, Device> {
    device.lock().expect("nobody panics with it")
}

/// The device connects, here or elsewhere; what it had open before is not read any more.
fn come_back(id: usize, device: &mut Device, address: SocketAddr) -> io::Result<()> {
    let client = Client::connect(address, &format!("device-{id}"), true)?;
    // The one before has been taken over from.
    drop(device.client.take());
    let is_new = !client.has_session;
    device.client = Some(client);
    if is_new {
        device.lost_sessions += u64::from(device.has_subscribed);
        device.held.clear();
        let mut early = Vec::new();
        if let Some(client) = &mut device.client {
            client.subscribe(&format!("storm/{id}"), QoS::ExactlyOnce, |packet| early.push(packet))?;
        }
        device.has_subscribed = true;
        for packet in early {
            take(device, packet)?;
        }
    }
    Ok(())
}

/// Takes what comes, until nothing has come for `silence`; whether anything has.
fn take_for(device: &mut Device, silence: Duration) -> bool {
    let mut has_come = false;
    while let Some(client) = &mut device.client {
        match client.next(silence) {
            Ok(Some(packet)) => {
                has_come = true;
                if take(device, packet).is_err() {
                    device.client = None;
                }
            }
            Ok(None) => return has_come,
            Err(_) => device.client = None,
        }
    }
    has_come
}

fn take(device: &mut Device, packet: Packet) -> io::Result<()> {
    let Some(client) = &mut device.client else {
        return Ok(());
    };
    match packet {
        Packet::Publish(publish) => {
            let Some(packet_id) = publish.packet_id else {
                return Ok(());
            };
            if device.held.insert(packet_id.get())
                && let Some(number) = str::from_utf8(&publish.payload).ok().and_then(|text| text.parse().ok())
            {
                *device.got.entry(number).or_default() += 1;
            }
            client.send(&Packet::Pubrec(success(packet_id)))
        }
        Packet::Pubrel(ack) => {
            device.held.remove(&ack.packet_id.get());
            client.send(&Packet::Pubcomp(success(ack.packet_id)))
        }
        Packet::Disconnect(_) => Err(io::ErrorKind::ConnectionReset.into()),
        _ => Ok(()),
    }
}

/// Sends numbers: number N goes to device N modulo the devices. Those that were acknowledged.
fn publish(publisher: usize, address: SocketAddr, ids: usize, stop: &AtomicBool) -> Vec<u64> {
    let mut acked = Vec::new();
    let Ok(mut client) = Client::connect(address, &format!("storm-publisher-{publisher}"), false) else {
        return acked;
    };
    let mut packet_id = PacketId::FIRST;
    let mut random = Random::new(0x5707 + publisher as u64);
    for round in 0_u64.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let device = random.below(ids) as u64;
        let number = (round * PUBLISHERS as u64 + publisher as u64) * ids as u64 + device;
        packet_id = packet_id.next();
        let sent = client.publish(
            &format!("storm/{device}"),
            number.to_string().as_bytes(),
            QoS::ExactlyOnce,
            packet_id,
        );
        match sent {
            Ok(code) if !code.is_error() => acked.push(number),
            Ok(_) => {}
            Err(error) => {
                eprintln!("publisher {publisher}: {error}");
                break;
            }
        }
    }
    acked
}
