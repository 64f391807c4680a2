//! QoS 2 messages received and routed, whose PUBREL has not come yet (MQTT 5, 4.3.3).
//!
//! Only the packet identifiers are kept: a message is routed when its PUBLISH arrives, and a PUBLISH that comes
//! again under an identifier in here is answered and not routed. Bounded by `mqtt.max_awaiting_rel`; an entry
//! older than `mqtt.await_rel_timeout` is given up.

use hashbrown::HashMap;
use mqtt_codec::PacketId;

use crate::Time;

/// Identifiers received and not yet released. Small until there is one for the first time.
#[derive(Debug, Default)]
pub(crate) struct AwaitingRelease {
    received: Option<Box<Received>>,
}

#[derive(Debug, Default)]
struct Received {
    ids: HashMap<PacketId, Time, foldhash::fast::FixedState>,
    is_timer_armed: bool,
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
    /// Takes in what another process has received. No timer looks after it yet.
    pub fn restore(received: Vec<(PacketId, Time)>) -> Self {
        let received = (!received.is_empty()).then(|| {
            Box::new(Received {
                ids: received.into_iter().collect(),
                is_timer_armed: false,
            })
        });
        Self { received }
    }

    /// All identifiers with the time of their PUBLISH, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (PacketId, Time)> {
        let ids = self.received.iter().flat_map(|received| &received.ids);
        ids.map(|(id, received_at)| (*id, *received_at))
    }

    pub fn on_publish(&mut self, packet_id: PacketId, max: Option<usize>, now: Time) -> Receipt {
        let received = &mut self.received.get_or_insert_default().ids;
        if received.contains_key(&packet_id) {
            return Receipt::Duplicate;
        }
        if max.is_some_and(|max| received.len() >= max) {
            return Receipt::Full;
        }
        received.insert(packet_id, now);
        Receipt::New
    }

    /// Whether a message was received under this identifier and not released.
    pub fn contains(&self, packet_id: PacketId) -> bool {
        let received = self.received.as_ref();
        received.is_some_and(|received| received.ids.contains_key(&packet_id))
    }

    /// Whether a timer has to be armed that will call [`Self::expire`]; from then on there is one.
    pub fn needs_timer(&mut self) -> bool {
        let received = self.received.get_or_insert_default();
        !std::mem::replace(&mut received.is_timer_armed, true)
    }

    /// Whether the identifier was there.
    pub fn on_pubrel(&mut self, packet_id: PacketId) -> bool {
        self.received
            .as_mut()
            .is_some_and(|received| received.ids.remove(&packet_id).is_some())
    }

    /// Gives up what was received at or before `before`; how many. With nothing left the memory goes back.
    pub fn expire(&mut self, before: Time) -> usize {
        let Some(received) = &mut self.received else { return 0 };
        let had = received.ids.len();
        received.ids.retain(|_, received_at| *received_at > before);
        let given_up = had - received.ids.len();
        if received.ids.is_empty() {
            self.received = None;
        }
        given_up
    }

    pub fn len(&self) -> usize {
        self.received.as_ref().map_or(0, |received| received.ids.len())
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
