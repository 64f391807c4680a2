//! The application behind a client: it reads what has come when it gets to it, loses what it had not read when
//! the connection ends, and knows QoS 2 duplicates by their packet identifier, as a receiver should.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mqtt_codec::{Packet, Publish, QoS};

use super::model::{Ack, Fate, Model};

#[derive(Default)]
pub struct Application {
    /// Of the session, as the model counts them.
    life: u64,
    unread: VecDeque<Packet>,
    owed: Vec<Ack>,
    /// QoS 2 identifiers received and not released.
    unreleased: BTreeSet<u16>,
    /// How often each message was taken in, by life and number.
    taken: BTreeMap<(u64, u32), u32>,
    /// The newest message of each topic in this life.
    newest: BTreeMap<String, u32>,
    /// QoS 0 messages that went down with their connection.
    lost: BTreeSet<(u64, u32)>,
    /// Lives in which the client broke the rules of acknowledging.
    rude: BTreeSet<u64>,
}

impl Application {
    pub fn on_connected(&mut self, life: u64, is_present: bool) {
        self.on_disconnected();
        if !is_present {
            self.unreleased.clear();
            self.newest.clear();
        }
        self.life = life;
    }

    pub fn on_disconnected(&mut self) {
        self.owed.clear();
        for packet in std::mem::take(&mut self.unread) {
            if let Packet::Publish(publish) = packet
                && publish.qos == QoS::AtMostOnce
            {
                self.lost.insert((self.life, number(&publish)));
            }
        }
    }

    pub fn on_packet(&mut self, packet: Packet) {
        self.unread.push_back(packet);
    }

    pub fn on_rudeness(&mut self) {
        self.rude.insert(self.life);
    }

    pub fn read(&mut self, count: usize) {
        for _ in 0..count {
            match self.unread.pop_front() {
                None => return,
                Some(Packet::Publish(publish)) => self.read_message(&publish),
                Some(Packet::Pubrel(ack)) => {
                    self.unreleased.remove(&ack.packet_id.get());
                    self.owed.push(Ack::Pubcomp(ack.packet_id.get()));
                }
                Some(_) => {}
            }
        }
    }

    pub fn owed(&self) -> usize {
        self.owed.len()
    }

    pub fn take_owed(&mut self, position: usize) -> Ack {
        self.owed.remove(position)
    }

    /// Answers a QoS 2 message with an error: the identifier is free at once (MQTT 5, 4.3.3).
    pub fn refuse(&mut self, ack: Ack) -> Ack {
        let Ack::Pubrec { id, .. } = ack else { return ack };
        self.unreleased.remove(&id);
        Ack::Pubrec { id, refused: true }
    }

    fn read_message(&mut self, publish: &Publish) {
        let id = publish.packet_id.map_or(0, |id| id.get());
        let is_new = match publish.qos {
            QoS::AtMostOnce => true,
            QoS::AtLeastOnce => {
                self.owed.push(Ack::Puback(id));
                true
            }
            QoS::ExactlyOnce => {
                self.owed.push(Ack::Pubrec { id, refused: false });
                self.unreleased.insert(id)
            }
        };
        if !is_new {
            return;
        }
        let number = number(publish);
        let times = self.taken.entry((self.life, number)).or_default();
        *times += 1;
        if *times == 1 {
            // Numbers grow over all publishers, and one step publishes one message.
            let newest = self.newest.entry(publish.topic.to_string()).or_default();
            assert!(
                number > *newest,
                "{number} came first after {newest} on {}",
                publish.topic
            );
            *newest = number;
        }
    }

    /// Whether everything was taken in as its QoS promises, but for what the model says was dropped.
    pub fn check_all(&self, model: &Model, client: usize) {
        for (&(life, number), &times) in &self.taken {
            let (qos, _) = model.fate(life, number).expect("a message nobody sent to this session");
            let is_repeatable = qos == QoS::AtLeastOnce || self.rude.contains(&life);
            assert!(
                times == 1 || is_repeatable,
                "{number} was taken in {times} times at {qos:?}"
            );
        }
        // Of sessions that ended early nothing more is promised.
        if !model.is_alive(client, self.life) || self.rude.contains(&self.life) {
            return;
        }
        for (number, qos, fate) in model.fates_of(self.life) {
            let is_taken = self.taken.contains_key(&(self.life, number));
            let is_excused = fate == Fate::Dropped || self.lost.contains(&(self.life, number));
            assert!(
                is_taken || is_excused,
                "{number} at {qos:?} never reached client {client}"
            );
            assert!(
                !is_taken || fate == Fate::Due,
                "{number} was counted as dropped and came"
            );
        }
    }
}

fn number(publish: &Publish) -> u32 {
    let text = std::str::from_utf8(&publish.payload).expect("we wrote it");
    text.parse().expect("we wrote it")
}
