//! What sessions do, written down as plainly as possible from the specification and EMQX's documented choices:
//! everything waits in one queue first, and a pump moves it on while it may.

use std::collections::{BTreeMap, VecDeque};

use mqtt_codec::{Packet, QoS, ReasonCode};

/// Settings.
#[derive(Clone, Copy)]
pub struct Limits {
    pub max_inflight: u16,
    pub max_queue: usize,
    pub stores_qos0: bool,
    pub max_awaiting_release: usize,
    pub release_timeout_ms: u64,
    pub expiry_v3: u32,
}

/// Counted losses.
#[derive(Default, Clone, Copy)]
pub struct Drops {
    pub queue_full: u64,
    pub qos0: u64,
    pub expired: u64,
    pub no_subscribers: u64,
}

/// What a client acknowledges with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ack {
    Puback(u16),
    Pubrec { id: u16, refused: bool },
    Pubcomp(u16),
}

/// What became of a message on its way to one session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// It has to arrive while the session lives.
    Due,
    /// Dropped and counted.
    Dropped,
}

/// A message for one session.
#[derive(Debug, Clone)]
struct Transfer {
    number: u32,
    topic: String,
    qos: QoS,
    expires_at: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Awaits {
    Puback,
    Pubrec,
    Pubcomp,
}

#[derive(Debug)]
struct Sent {
    /// Known once the packet has been seen.
    id: Option<u16>,
    copy: Transfer,
    awaits: Awaits,
    again: bool,
}

#[derive(Debug)]
struct Link {
    is_v5: bool,
    window: usize,
    is_congested: bool,
}

#[derive(Debug, Default)]
struct Session {
    life: u64,
    was_present: bool,
    expiry: u32,
    ended_at: u64,
    link: Option<Link>,
    filters: BTreeMap<&'static str, QoS>,
    received: BTreeMap<u16, u64>,
    sent: Vec<Sent>,
    queue: VecDeque<Transfer>,
}

/// A packet that has to come.
#[derive(Debug, PartialEq)]
enum Expected {
    Message {
        /// `None`: any identifier that is not in use.
        id: Option<u16>,
        dup: bool,
        qos: QoS,
        topic: String,
        number: u32,
        left: Option<u32>,
    },
    Ack(&'static str, u16, ReasonCode),
    Disconnect(ReasonCode),
}

pub struct Model {
    pub drops: Drops,
    limits: Limits,
    now: u64,
    lives: u64,
    sessions: Vec<Option<Session>>,
    expected: Vec<VecDeque<Expected>>,
    /// By life of a session and number of a message: QoS of the transfer, and what became of it.
    fates: BTreeMap<(u64, u32), (QoS, Fate)>,
}

impl Model {
    pub fn new(clients: usize, limits: Limits, now: u64) -> Self {
        Self {
            drops: Drops::default(),
            limits,
            now,
            lives: 0,
            sessions: (0..clients).map(|_| None).collect(),
            expected: (0..clients).map(|_| VecDeque::new()).collect(),
            fates: BTreeMap::new(),
        }
    }

    pub fn has_session(&self, client: usize) -> bool {
        self.sessions[client].is_some()
    }

    pub fn sessions(&self) -> u64 {
        self.sessions.iter().flatten().count() as u64
    }

    pub fn subscriptions(&self) -> u64 {
        self.sessions
            .iter()
            .flatten()
            .map(|session| session.filters.len() as u64)
            .sum()
    }

    /// Subscriptions, messages in flight, messages waiting.
    pub fn shown(&self, client: usize) -> Option<(usize, usize, usize)> {
        let session = self.sessions[client].as_ref()?;
        Some((session.filters.len(), session.sent.len(), session.queue.len()))
    }

    pub fn life(&self, client: usize) -> u64 {
        self.session(client).life
    }

    pub fn is_present(&self, client: usize) -> bool {
        self.session(client).was_present
    }

    pub fn is_v5(&self, client: usize) -> bool {
        self.session(client).link.as_ref().is_some_and(|link| link.is_v5)
    }

    pub fn is_connected_v5(&self, client: usize) -> bool {
        let link = self.sessions[client].as_ref().and_then(|session| session.link.as_ref());
        link.is_some_and(|link| link.is_v5)
    }

    pub fn fate(&self, life: u64, number: u32) -> Option<(QoS, Fate)> {
        self.fates.get(&(life, number)).copied()
    }

    /// Messages that the life of a session has been owed.
    pub fn fates_of(&self, life: u64) -> impl Iterator<Item = (u32, QoS, Fate)> + '_ {
        let range = self.fates.range((life, 0)..=(life, u32::MAX));
        range.map(|(&(_, number), &(qos, fate))| (number, qos, fate))
    }

    pub fn is_alive(&self, client: usize, life: u64) -> bool {
        self.sessions[client]
            .as_ref()
            .is_some_and(|session| session.life == life)
    }

    /// Whether a connection was there before, and whether it was of MQTT 5.
    pub fn connect(&mut self, client: usize, is_v5: bool, clean_start: bool, expiry: u32, window: u16) -> Option<bool> {
        self.expected[client].clear();
        let old = self.sessions[client].as_mut().and_then(|session| session.link.take());
        if clean_start || (old.is_some() && self.session(client).expiry == 0) {
            self.end(client);
        }
        let was_present = self.sessions[client].is_some();
        self.lives += u64::from(!was_present);
        let life = self.lives;
        let session = self.sessions[client].get_or_insert_with(|| Session {
            life,
            ..Session::default()
        });
        session.was_present = was_present;
        session.expiry = match (is_v5, clean_start) {
            (true, _) => expiry,
            (false, true) => 0,
            (false, false) => self.limits.expiry_v3,
        };
        session.link = Some(Link {
            is_v5,
            window: usize::from(window.min(self.limits.max_inflight)),
            is_congested: false,
        });
        session.sent.iter_mut().for_each(|sent| sent.again = true);
        self.pump(client);
        old.map(|link| link.is_v5)
    }

    /// Whether the connection stays.
    pub fn publish(&mut self, client: usize, topic: &str, number: u32, qos: QoS, id: u16, expiry: Option<u32>) -> bool {
        let (now, max) = (self.now, self.limits.max_awaiting_release);
        if qos == QoS::ExactlyOnce {
            let received = &mut self.session_mut(client).received;
            if received.contains_key(&id) {
                self.expect(client, Expected::Ack("PUBREC", id, ReasonCode::Success));
                return true;
            }
            if received.len() >= max {
                if self.is_v5(client) {
                    self.expect(client, Expected::Disconnect(ReasonCode::ReceiveMaximumExceeded));
                }
                self.lose(client);
                return false;
            }
            received.insert(id, now);
        }
        let mut is_wanted = false;
        for receiver in 0..self.sessions.len() {
            let Some(session) = &self.sessions[receiver] else {
                continue;
            };
            let Some((_, &granted)) = session.filters.iter().find(|(filter, _)| fits(filter, topic)) else {
                continue;
            };
            is_wanted = true;
            let copy = Transfer {
                number,
                topic: topic.to_owned(),
                qos: qos.min(granted),
                expires_at: expiry.map(|seconds| now + u64::from(seconds) * 1000),
            };
            self.deliver(receiver, copy);
        }
        self.drops.no_subscribers += u64::from(!is_wanted);
        let code = if is_wanted {
            ReasonCode::Success
        } else {
            ReasonCode::NoMatchingSubscribers
        };
        match qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => self.expect(client, Expected::Ack("PUBACK", id, code)),
            QoS::ExactlyOnce => self.expect(client, Expected::Ack("PUBREC", id, code)),
        }
        true
    }

    /// Whether it is certain which QoS 2 messages of a client are still unreleased: one is given up between one
    /// and one and a quarter of the timeout.
    pub fn is_release_certain(&self, client: usize) -> bool {
        let timeout = self.limits.release_timeout_ms;
        self.session(client)
            .received
            .values()
            .all(|&at| self.now - at < timeout)
    }

    pub fn release(&mut self, client: usize, id: u16) {
        let was_there = self.session_mut(client).received.remove(&id).is_some();
        let code = if was_there {
            ReasonCode::Success
        } else {
            ReasonCode::PacketIdentifierNotFound
        };
        self.expect(client, Expected::Ack("PUBCOMP", id, code));
    }

    pub fn subscribe(&mut self, client: usize, filter: &'static str, qos: QoS) {
        self.session_mut(client).filters.insert(filter, qos);
    }

    pub fn unsubscribe(&mut self, client: usize, filter: &'static str) -> bool {
        self.session_mut(client).filters.remove(filter).is_some()
    }

    pub fn acknowledge(&mut self, client: usize, ack: Ack) {
        let session = self.session_mut(client);
        let (id, awaited) = match ack {
            Ack::Puback(id) => (id, &[Awaits::Puback][..]),
            Ack::Pubrec { id, refused: true } => (id, &[Awaits::Pubrec][..]),
            // A PUBREC that comes again is answered again.
            Ack::Pubrec { id, refused: false } => (id, &[Awaits::Pubrec, Awaits::Pubcomp][..]),
            Ack::Pubcomp(id) => (id, &[Awaits::Pubcomp][..]),
        };
        let position = session.sent.iter().position(|sent| sent.id == Some(id));
        let position = position.filter(|&position| awaited.contains(&session.sent[position].awaits));
        if let Ack::Pubrec { refused: false, .. } = ack {
            if let Some(position) = position {
                session.sent[position].awaits = Awaits::Pubcomp;
            }
            let code = if position.is_some() {
                ReasonCode::Success
            } else {
                ReasonCode::PacketIdentifierNotFound
            };
            self.expect(client, Expected::Ack("PUBREL", id, code));
        } else if let Some(position) = position {
            session.sent.remove(position);
            self.pump(client);
        }
    }

    pub fn advance(&mut self, ms: u64) {
        self.now += ms;
        let now = self.now;
        for client in 0..self.sessions.len() {
            let Some(session) = &mut self.sessions[client] else {
                continue;
            };
            let certain_end = self.limits.release_timeout_ms * 5 / 4;
            session.received.retain(|_, &mut at| now - at < certain_end);
            let is_over = session.link.is_none()
                && session.expiry != u32::MAX
                && now >= session.ended_at + u64::from(session.expiry) * 1000;
            if is_over {
                self.end(client);
            }
        }
    }

    pub fn congest(&mut self, client: usize) {
        self.set_congested(client, true);
    }

    pub fn drain(&mut self, client: usize) {
        self.set_congested(client, false);
        self.pump(client);
    }

    /// DISCONNECT 0x00; whether the expiry interval it brings is allowed.
    pub fn disconnect(&mut self, client: usize, expiry: Option<u32>) -> bool {
        let session = self.session_mut(client);
        let is_allowed = session.expiry > 0 || expiry.unwrap_or(0) == 0;
        if is_allowed {
            session.expiry = expiry.unwrap_or(session.expiry);
        } else {
            self.expect(client, Expected::Disconnect(ReasonCode::ProtocolError));
        }
        self.lose(client);
        is_allowed
    }

    /// The connection ends.
    pub fn lose(&mut self, client: usize) {
        let now = self.now;
        let session = self.session_mut(client);
        session.link = None;
        session.ended_at = now;
        if session.expiry == 0 {
            self.end(client);
        }
    }

    /// The session ends.
    pub fn end(&mut self, client: usize) {
        self.sessions[client] = None;
    }

    /// A packet has come: it has to be the next expected.
    pub fn on_packet(&mut self, client: usize, packet: &Packet) {
        let expected = self.expected[client].pop_front();
        let came = match packet {
            Packet::Publish(publish) => {
                let properties = publish.properties.as_deref();
                let id = publish.packet_id.map(|id| id.get());
                let is_fresh = matches!(&expected, Some(Expected::Message { id: None, .. }));
                let text = std::str::from_utf8(&publish.payload).expect("we wrote it");
                let number = text.parse().expect("we wrote it");
                assert!(!publish.retain);
                if let (true, Some(id)) = (is_fresh, id) {
                    self.note_id(client, number, id);
                }
                Expected::Message {
                    id: id.filter(|_| !is_fresh),
                    dup: publish.dup,
                    qos: publish.qos,
                    topic: publish.topic.to_string(),
                    number,
                    left: properties.and_then(|properties| properties.message_expiry_interval),
                }
            }
            Packet::Puback(ack) => Expected::Ack("PUBACK", ack.packet_id.get(), ack.reason_code),
            Packet::Pubrec(ack) => Expected::Ack("PUBREC", ack.packet_id.get(), ack.reason_code),
            Packet::Pubrel(ack) => Expected::Ack("PUBREL", ack.packet_id.get(), ack.reason_code),
            Packet::Pubcomp(ack) => Expected::Ack("PUBCOMP", ack.packet_id.get(), ack.reason_code),
            Packet::Disconnect(disconnect) => Expected::Disconnect(disconnect.reason_code),
            other => panic!("not expected at all: {other:?}"),
        };
        assert_eq!(expected, Some(came), "client {client}");
    }

    pub fn expects_nothing_more(&self, client: usize) {
        assert!(
            self.expected[client].is_empty(),
            "client {client} still has to get {:?}",
            self.expected[client]
        );
    }

    fn note_id(&mut self, client: usize, number: u32, id: u16) {
        // The session may be gone since: its last packets are still read.
        let Some(session) = &mut self.sessions[client] else {
            return;
        };
        assert!(
            session.sent.iter().all(|sent| sent.id != Some(id)),
            "packet identifier {id} is in use"
        );
        let sent = session.sent.iter_mut().find(|sent| sent.copy.number == number);
        sent.expect("what is sent is in flight").id = Some(id);
    }

    fn deliver(&mut self, client: usize, copy: Transfer) {
        let limits = self.limits;
        let session = self.session_mut(client);
        let life = session.life;
        let (number, qos) = (copy.number, copy.qos);
        if session.link.is_none() && qos == QoS::AtMostOnce && !limits.stores_qos0 {
            self.fates.insert((life, number), (qos, Fate::Dropped));
            self.drops.qos0 += 1;
            return;
        }
        session.queue.push_back(copy);
        self.fates.insert((life, number), (qos, Fate::Due));
        self.pump(client);
        let session = self.session_mut(client);
        if session.queue.len() > limits.max_queue {
            let oldest = session.queue.pop_front().expect("longer than its limit");
            self.fates.insert((life, oldest.number), (oldest.qos, Fate::Dropped));
            self.drops.queue_full += 1;
            self.pump(client);
        }
    }

    /// Sends again what has to be, then what waits, while window and socket allow.
    fn pump(&mut self, client: usize) {
        let now = self.now;
        let mut out = Vec::new();
        let Some(session) = &mut self.sessions[client] else {
            return;
        };
        let Some(link) = session.link.as_ref().filter(|link| !link.is_congested) else {
            return;
        };
        let left = |copy: &Transfer| {
            let at = copy.expires_at.filter(|_| link.is_v5)?;
            Some(u32::try_from(at.saturating_sub(now).div_ceil(1000)).expect("short times"))
        };
        loop {
            let in_transit = session.sent.iter().filter(|sent| !sent.again).count();
            let Some(sent) = session.sent.iter_mut().find(|sent| sent.again) else {
                break;
            };
            if in_transit >= link.window {
                break;
            }
            sent.again = false;
            let id = sent.id.expect("it was sent before");
            out.push(match sent.awaits {
                Awaits::Pubcomp => Expected::Ack("PUBREL", id, ReasonCode::Success),
                Awaits::Puback | Awaits::Pubrec => message(&sent.copy, Some(id), left(&sent.copy)),
            });
        }
        while !session.sent.iter().any(|sent| sent.again)
            && let Some(next) = session.queue.front()
            && (next.qos == QoS::AtMostOnce || session.sent.len() < link.window)
        {
            let copy = session.queue.pop_front().expect("it is there");
            // What goes straight on has never waited, so it cannot have expired waiting.
            if copy.expires_at.is_some_and(|at| now >= at) {
                self.fates
                    .insert((session.life, copy.number), (copy.qos, Fate::Dropped));
                self.drops.expired += 1;
                continue;
            }
            out.push(message(&copy, None, left(&copy)));
            let awaits = match copy.qos {
                QoS::AtMostOnce => continue,
                QoS::AtLeastOnce => Awaits::Puback,
                QoS::ExactlyOnce => Awaits::Pubrec,
            };
            session.sent.push(Sent {
                id: None,
                copy,
                awaits,
                again: false,
            });
        }
        self.expected[client].extend(out);
    }

    fn set_congested(&mut self, client: usize, is_congested: bool) {
        if let Some(link) = &mut self.session_mut(client).link {
            link.is_congested = is_congested;
        }
    }

    fn expect(&mut self, client: usize, packet: Expected) {
        self.expected[client].push_back(packet);
    }

    fn session(&self, client: usize) -> &Session {
        self.sessions[client].as_ref().expect("it has a session")
    }

    fn session_mut(&mut self, client: usize) -> &mut Session {
        self.sessions[client].as_mut().expect("it has a session")
    }
}

fn message(copy: &Transfer, id: Option<u16>, left: Option<u32>) -> Expected {
    Expected::Message {
        id,
        dup: id.is_some(),
        qos: copy.qos,
        topic: copy.topic.clone(),
        number: copy.number,
        left,
    }
}

fn fits(filter: &str, topic: &str) -> bool {
    filter == topic || (filter == "c/+" && topic.starts_with("c/"))
}
