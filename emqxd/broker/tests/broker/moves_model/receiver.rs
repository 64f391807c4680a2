//! The application of the client: it takes each message in as its QoS says, loses with its connection what it has not
//! read, and notes what it was not promised.

use std::collections::{BTreeMap, BTreeSet};

use mqtt_codec::{Packet, Publish, QoS};

use crate::support::TestClient;

/// An acknowledgement that it owes.
#[derive(Debug, Clone, Copy)]
pub enum Owed {
    Puback(u16),
    Pubrec(u16),
    Pubcomp(u16),
}

#[derive(Default)]
pub struct Receiver {
    owed: Vec<Owed>,
    /// QoS 2 identifiers received and not released.
    unreleased: BTreeSet<u16>,
    /// How often each message was taken in.
    taken: BTreeMap<u32, u32>,
    /// The newest message of each topic; a topic has one publisher.
    newest: BTreeMap<String, u32>,
    pub wrong: Vec<String>,
}

impl Receiver {
    /// The connection is gone, and the acknowledgements that were to go on it.
    pub fn on_disconnected(&mut self) {
        self.owed.clear();
    }

    /// Reads the next packet, if one has come.
    pub fn read(&mut self, client: &TestClient) -> bool {
        match client.next() {
            None => return false,
            Some(Packet::Publish(publish)) => self.take_in(&publish),
            Some(Packet::Pubrel(ack)) => {
                self.unreleased.remove(&ack.packet_id.get());
                self.owed.push(Owed::Pubcomp(ack.packet_id.get()));
            }
            Some(_) => {}
        }
        true
    }

    pub fn owed(&self) -> usize {
        self.owed.len()
    }

    pub fn acknowledge(&mut self, client: &TestClient, position: usize) {
        match self.owed.remove(position) {
            Owed::Puback(id) => client.puback(id),
            Owed::Pubrec(id) => client.pubrec(id),
            Owed::Pubcomp(id) => client.pubcomp(id),
        }
    }

    fn take_in(&mut self, publish: &Publish) {
        let id = publish.packet_id.map_or(0, |id| id.get());
        let is_new = match publish.qos {
            QoS::AtMostOnce => true,
            QoS::AtLeastOnce => {
                self.owed.push(Owed::Puback(id));
                true
            }
            QoS::ExactlyOnce => {
                self.owed.push(Owed::Pubrec(id));
                self.unreleased.insert(id)
            }
        };
        if !is_new {
            return;
        }
        let text = std::str::from_utf8(&publish.payload).expect("we wrote it");
        let number: u32 = text.parse().expect("we wrote it");
        let times = self.taken.entry(number).or_default();
        *times += 1;
        if *times > 1 {
            if publish.qos != QoS::AtLeastOnce || !publish.dup {
                let (qos, dup) = (publish.qos, publish.dup);
                self.wrong
                    .push(format!("{number} came {times} times at {qos:?}, dup {dup}"));
            }
            return;
        }
        let newest = self.newest.entry(publish.topic.to_string()).or_default();
        if number < *newest {
            self.wrong
                .push(format!("{number} came after {newest} on {}", publish.topic));
        }
        *newest = number;
    }

    /// Notes which of these never came.
    pub fn check_all(&mut self, promised: impl Iterator<Item = (u32, QoS)>) {
        for (number, qos) in promised {
            if !self.taken.contains_key(&number) {
                self.wrong.push(format!("{number} at {qos:?} never came"));
            }
        }
    }
}
