//! The load that goes on while things break: publishers that stay with one node, and subscribers with kept sessions that
//! wander from node to node. Each writes down what it was told and what it got; [`crate::check`] reads it.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use emqx_tests::Random;
use mqtt_codec::{Packet, PacketId, QoS};

use crate::client::{Client, success};

/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(100);
/// What one publisher sends, messages a second.
const RATE: u64 = 40;

/// A message that a broker has acknowledged.
#[derive(Debug, Clone, Copy)]
pub struct Acked {
    pub qos: u8,
    pub sequence: u64,
    pub at: Instant,
}

/// What a publisher has to say in the end.
#[derive(Debug)]
pub struct Published {
    pub publisher: usize,
    pub acked: Vec<Acked>,
    /// Sent, and nobody knows whether a broker has taken it.
    pub unknown: u64,
}

/// A message that came.
#[derive(Debug, Clone, Copy)]
pub struct Got {
    pub publisher: usize,
    pub qos: u8,
    pub sequence: u64,
    pub is_duplicate: bool,
}

/// A session of a subscriber, from the SUBACK that began it.
#[derive(Debug)]
pub struct Incarnation {
    pub began: Instant,
    /// When the subscriber was connected to it last.
    pub left: Instant,
    /// When the subscriber found that it was gone.
    pub ended: Option<Instant>,
    pub got: Vec<Got>,
}

/// What a subscriber has to say in the end.
#[derive(Debug)]
pub struct Received {
    pub subscriber: usize,
    pub incarnations: Vec<Incarnation>,
    /// Payloads that nobody has sent.
    pub foreign: u64,
    /// Times at which it went on with its session on another connection.
    pub resumed: u64,
}

/// All clients, running.
pub struct Load {
    stop: Arc<AtomicBool>,
    /// Subscribers stay where they are.
    settle: Arc<AtomicBool>,
    publishers: Vec<JoinHandle<Published>>,
    subscribers: Vec<JoinHandle<Received>>,
}

impl Load {
    /// Starts publishers and subscribers, evenly over the nodes.
    pub fn start(nodes: &[SocketAddr], publishers: usize, subscribers: usize, seed: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let settle = Arc::new(AtomicBool::new(false));
        let subscribers = (0..subscribers).map(|subscriber| {
            let (stop, settle, nodes) = (Arc::clone(&stop), Arc::clone(&settle), nodes.to_vec());
            let random = Random::new(seed ^ (subscriber as u64 + 1));
            thread::spawn(move || Subscriber::new(subscriber, random).run(&nodes, &stop, &settle))
        });
        let subscribers = subscribers.collect();
        let publishers = (0..publishers).map(|publisher| {
            let (stop, node) = (Arc::clone(&stop), nodes[publisher % nodes.len()]);
            thread::spawn(move || publish(publisher, node, &stop))
        });
        Self {
            publishers: publishers.collect(),
            subscribers,
            stop,
            settle,
        }
    }

    /// Ends the publishers, lets the subscribers take what is on its way, and gathers what all have to say.
    pub fn finish(self, time_for_the_rest: Duration) -> (Vec<Published>, Vec<Received>) {
        self.stop.store(true, Ordering::Relaxed);
        let published = self
            .publishers
            .into_iter()
            .map(|thread| thread.join().expect("it does not panic"));
        let published = published.collect();
        thread::sleep(time_for_the_rest);
        self.settle.store(true, Ordering::Relaxed);
        let received = self
            .subscribers
            .into_iter()
            .map(|thread| thread.join().expect("it does not panic"));
        (published, received.collect())
    }
}

/// `publisher|qos|sequence|sum`, so that a byte of another message would be noticed.
fn payload(publisher: usize, qos: u8, sequence: u64) -> String {
    let text = format!("{publisher}|{qos}|{sequence}");
    let sum = checksum(&text);
    format!("{text}|{sum:016x}")
}

fn read_payload(bytes: &[u8]) -> Option<(usize, u8, u64)> {
    let (text, sum) = str::from_utf8(bytes).ok()?.rsplit_once('|')?;
    if u64::from_str_radix(sum, 16).ok()? != checksum(text) {
        return None;
    }
    let mut fields = text.split('|');
    Some((
        fields.next()?.parse().ok()?,
        fields.next()?.parse().ok()?,
        fields.next()?.parse().ok()?,
    ))
}

/// FNV-1a.
fn checksum(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn publish(publisher: usize, node: SocketAddr, stop: &AtomicBool) -> Published {
    let mut told = Published {
        publisher,
        acked: Vec::new(),
        unknown: 0,
    };
    let (mut sequences, mut turn, mut id) = ([0_u64; 3], 0_u64, PacketId::FIRST);
    let mut client: Option<Client> = None;
    while !stop.load(Ordering::Relaxed) {
        let Some(connected) = &mut client else {
            match Client::connect(node, &format!("pub-{publisher}"), false) {
                Ok(connected) => client = Some(connected),
                Err(_) => thread::sleep(PAUSE),
            }
            continue;
        };
        let qos = if turn % 2 == 0 {
            QoS::AtLeastOnce
        } else {
            QoS::ExactlyOnce
        };
        turn += 1;
        id = id.next();
        let number = qos as u8;
        let sequence = &mut sequences[usize::from(number)];
        *sequence += 1;
        let (topic, text) = (format!("f/{publisher}/{number}"), payload(publisher, number, *sequence));
        match connected.publish(&topic, text.as_bytes(), qos, id) {
            Ok(code) if !code.is_error() => {
                told.acked.push(Acked {
                    qos: number,
                    sequence: *sequence,
                    at: Instant::now(),
                });
            }
            Ok(_refused) => {}
            Err(_) => {
                told.unknown += 1;
                client = None;
            }
        }
        thread::sleep(Duration::from_millis(1000 / RATE));
    }
    told
}

struct Subscriber {
    random: Random,
    /// QoS 2 packets taken and not released: part of the session.
    held: HashSet<u16>,
    told: Received,
}

impl Subscriber {
    fn new(subscriber: usize, random: Random) -> Self {
        Self {
            random,
            held: HashSet::new(),
            told: Received {
                subscriber,
                incarnations: Vec::new(),
                foreign: 0,
                resumed: 0,
            },
        }
    }

    fn run(mut self, nodes: &[SocketAddr], stop: &AtomicBool, settle: &AtomicBool) -> Received {
        while !settle.load(Ordering::Relaxed) {
            let node = nodes[self.random.below(nodes.len())];
            let name = format!("sub-{}", self.told.subscriber);
            let Ok(mut client) = Client::connect(node, &name, true) else {
                thread::sleep(PAUSE);
                continue;
            };
            if self.begin(&mut client).is_err() {
                continue;
            }
            let stay = Duration::from_millis(2000 + self.random.below(6000) as u64);
            let until = Instant::now() + stay;
            // The one that is left is taken over from; it is not told goodbye.
            while (Instant::now() < until || stop.load(Ordering::Relaxed)) && !settle.load(Ordering::Relaxed) {
                match client.next(Duration::from_millis(100)) {
                    Ok(Some(packet)) => {
                        if self.take(&mut client, packet).is_err() {
                            break;
                        }
                    }
                    Ok(None) => {}
                    Err(_) => break,
                }
            }
            if let Some(incarnation) = self.told.incarnations.last_mut() {
                incarnation.left = Instant::now();
            }
        }
        self.told
    }

    /// Goes on with the session, or begins another.
    fn begin(&mut self, client: &mut Client) -> std::io::Result<()> {
        if client.has_session && !self.told.incarnations.is_empty() {
            self.told.resumed += 1;
            return Ok(());
        }
        if let Some(last) = self.told.incarnations.last_mut().filter(|last| last.ended.is_none()) {
            last.ended = Some(Instant::now());
        }
        self.held.clear();
        let mut early = Vec::new();
        client.subscribe("f/#", QoS::ExactlyOnce, |packet| early.push(packet))?;
        self.told.incarnations.push(Incarnation {
            began: Instant::now(),
            left: Instant::now(),
            ended: None,
            got: Vec::new(),
        });
        early.into_iter().try_for_each(|packet| self.take(client, packet))
    }

    fn take(&mut self, client: &mut Client, packet: Packet) -> std::io::Result<()> {
        match packet {
            Packet::Publish(publish) => {
                let is_again = match (publish.qos, publish.packet_id) {
                    (QoS::ExactlyOnce, Some(id)) => !self.held.insert(id.get()),
                    _ => false,
                };
                if !is_again {
                    self.note(&publish.payload, publish.dup);
                }
                match (publish.qos, publish.packet_id) {
                    (QoS::AtLeastOnce, Some(id)) => client.send(&Packet::Puback(success(id))),
                    (QoS::ExactlyOnce, Some(id)) => client.send(&Packet::Pubrec(success(id))),
                    _ => Ok(()),
                }
            }
            Packet::Pubrel(ack) => {
                self.held.remove(&ack.packet_id.get());
                client.send(&Packet::Pubcomp(success(ack.packet_id)))
            }
            Packet::Disconnect(_) => Err(std::io::ErrorKind::ConnectionReset.into()),
            _ => Ok(()),
        }
    }

    fn note(&mut self, payload: &[u8], is_duplicate: bool) {
        let Some((publisher, qos, sequence)) = read_payload(payload) else {
            self.told.foreign += 1;
            return;
        };
        if let Some(incarnation) = self.told.incarnations.last_mut() {
            incarnation.got.push(Got {
                publisher,
                qos,
                sequence,
                is_duplicate,
            });
        }
    }
}
