//! QoS 2 messages received and routed, whose PUBREL has not come yet (MQTT 5, 4.3.3).
//!
//! Only the packet identifiers are kept: a message is routed when its PUBLISH arrives, and a PUBLISH that comes
//! again under an identifier in here is answered and not routed. Bounded by `mqtt.max_awaiting_rel`; an entry
//! older than `mqtt.await_rel_timeout` is given up.

use hashbrown::HashMap;
use mqtt_codec::PacketId;

use crate::Time;

/// Identifiers received and not yet released.
#[derive(Debug, Default)]
pub(crate) struct AwaitingRelease {
    received: HashMap<PacketId, Time, foldhash::fast::FixedState>,
    /// Whether a timer will call [`Self::expire`].
    pub is_timer_armed: bool,
}

/// What to do with a QoS 2 PUBLISH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receipt {
    /// Route it.
    New,
    /// Seen already: acknowledge only.
    Duplicate,
    /// No room: the client goes beyond what it may have outstanding.
    Full,
}

impl AwaitingRelease {
    pub fn on_publish(&mut self, packet_id: PacketId, max: Option<usize>, now: Time) -> Receipt {
        if self.received.contains_key(&packet_id) {
            return Receipt::Duplicate;
        }
        if max.is_some_and(|max| self.received.len() >= max) {
            return Receipt::Full;
        }
        self.received.insert(packet_id, now);
        Receipt::New
    }

    /// Whether the identifier was there.
    pub fn on_pubrel(&mut self, packet_id: PacketId) -> bool {
        let was_there = self.received.remove(&packet_id).is_some();
        if self.received.is_empty() {
            self.received = HashMap::default();
        }
        was_there
    }

    /// Gives up what was received at or before `before`; how many.
    pub fn expire(&mut self, before: Time) -> usize {
        let had = self.received.len();
        self.received.retain(|_, received_at| *received_at > before);
        had - self.received.len()
    }

    pub fn len(&self) -> usize {
        self.received.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_given_up_by_age_and_free_their_place() {
        let mut awaiting = AwaitingRelease::default();
        let id = |value| PacketId::new(value).expect("not 0");
        assert_eq!(awaiting.on_publish(id(1), Some(2), Time(10)), Receipt::New);
        assert_eq!(awaiting.on_publish(id(2), Some(2), Time(20)), Receipt::New);
        assert_eq!(awaiting.on_publish(id(2), Some(2), Time(25)), Receipt::Duplicate);
        assert_eq!(awaiting.on_publish(id(3), Some(2), Time(30)), Receipt::Full);
        assert_eq!(awaiting.expire(Time(10)), 1);
        assert_eq!(awaiting.on_publish(id(3), Some(2), Time(30)), Receipt::New);
        assert!(!awaiting.on_pubrel(id(1)));
        assert!(awaiting.on_pubrel(id(2)) && awaiting.on_pubrel(id(3)));
        assert_eq!(awaiting.len(), 0);
    }
}
