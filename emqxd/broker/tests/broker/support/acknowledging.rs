//! What a client has to acknowledge, and which messages it has not had yet (MQTT 5, 4.3).

use std::collections::BTreeSet;

use mqtt_codec::{Packet, Publish, QoS};

use super::TestClient;

#[derive(Debug, Clone, Copy)]
enum Owed {
    Puback(u16),
    Pubrec(u16),
    Pubcomp(u16),
}

/// A client's side of its session.
#[derive(Default)]
pub struct Acknowledging {
    owed: Vec<Owed>,
    /// QoS 2 identifiers received and not released.
    unreleased: BTreeSet<u16>,
}

impl Acknowledging {
    /// The connection is gone, and the acknowledgements that were to go on it.
    pub fn on_disconnected(&mut self) {
        self.owed.clear();
    }

    /// There is nothing left of the session.
    #[allow(dead_code, reason = "for tests of whole clusters")]
    pub fn forget_session(&mut self) {
        self.unreleased.clear();
    }

    /// Takes a packet in; a message, if it is one that the client has not had.
    pub fn take<'a>(&mut self, packet: &'a Packet) -> Option<&'a Publish> {
        match packet {
            Packet::Publish(publish) => self.is_new(publish).then_some(publish),
            Packet::Pubrel(ack) => {
                self.unreleased.remove(&ack.packet_id.get());
                self.owed.push(Owed::Pubcomp(ack.packet_id.get()));
                None
            }
            _ => None,
        }
    }

    fn is_new(&mut self, publish: &Publish) -> bool {
        let id = publish.packet_id.map_or(0, |id| id.get());
        match publish.qos {
            QoS::AtMostOnce => true,
            QoS::AtLeastOnce => {
                self.owed.push(Owed::Puback(id));
                true
            }
            QoS::ExactlyOnce => {
                self.owed.push(Owed::Pubrec(id));
                self.unreleased.insert(id)
            }
        }
    }

    /// How many acknowledgements are to be sent.
    pub fn owed(&self) -> usize {
        self.owed.len()
    }

    /// Sends one of them.
    pub fn acknowledge(&mut self, client: &TestClient, position: usize) {
        match self.owed.remove(position) {
            Owed::Puback(id) => client.puback(id),
            Owed::Pubrec(id) => client.pubrec(id),
            Owed::Pubcomp(id) => client.pubcomp(id),
        }
    }
}
