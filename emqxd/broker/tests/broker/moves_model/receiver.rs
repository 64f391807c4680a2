//! The application of the client: it takes each message in as its QoS says, loses with its connection what it has not
//! read, and notes what it was not promised.

use std::collections::BTreeMap;

use mqtt_codec::{Publish, QoS};

use crate::support::{Acknowledging, TestClient};

#[derive(Default)]
pub struct Receiver {
    acknowledging: Acknowledging,
    /// How often each message was taken in.
    taken: BTreeMap<u32, u32>,
    /// The newest message of each topic; a topic has one publisher.
    newest: BTreeMap<String, u32>,
    pub wrong: Vec<String>,
}

impl Receiver {
    /// The connection is gone, and the acknowledgements that were to go on it.
    pub fn on_disconnected(&mut self) {
        self.acknowledging.on_disconnected();
    }

    /// Reads the next packet, if one has come.
    pub fn read(&mut self, client: &TestClient) -> bool {
        let Some(packet) = client.next() else {
            return false;
        };
        if let Some(publish) = self.acknowledging.take(&packet) {
            self.take_in(publish);
        }
        true
    }

    pub fn owed(&self) -> usize {
        self.acknowledging.owed()
    }

    pub fn acknowledge(&mut self, client: &TestClient, position: usize) {
        self.acknowledging.acknowledge(client, position);
    }

    fn take_in(&mut self, publish: &Publish) {
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
