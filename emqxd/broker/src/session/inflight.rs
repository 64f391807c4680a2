//! The inflight window: QoS 1 and 2 messages sent to a client and not yet acknowledged (MQTT 5, 4.4, 4.9).
//!
//! Entries stand in the order in which they were first sent, which is the order in which they are sent again
//! when the client comes back. The window is bounded by the client's Receive Maximum and `mqtt.max_inflight`.

use std::collections::VecDeque;

use mqtt_codec::{PacketId, QoS};

use super::Outgoing;
use crate::Time;

/// Where an unacknowledged message stands: what the client has to send next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// QoS 1 sent.
    Puback,
    /// QoS 2 sent.
    Pubrec,
    /// PUBREL sent; the message itself is no longer needed.
    Pubcomp,
}

/// One unacknowledged message.
#[derive(Debug, Clone)]
pub struct InflightEntry {
    /// Its packet identifier.
    pub packet_id: PacketId,
    /// What is awaited.
    pub awaited: Awaited,
    /// The message; `None` once only the PUBREL matters, and always in a session that never sends again.
    pub outgoing: Option<Outgoing>,
    /// Last sent.
    pub sent_at: Time,
    /// Not yet sent again on the present connection.
    pub needs_resend: bool,
}

/// No entry, or one that awaits something else, under this packet identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InflightError {
    /// Nothing is in flight under it.
    NotFound,
    /// Something is, but this is not its acknowledgement (PUBACK for a QoS 2 message and the like).
    WrongStage,
}

/// The window.
#[derive(Debug)]
pub struct InflightWindow {
    entries: VecDeque<InflightEntry>,
    /// Entries not waiting to be sent again: what the client's Receive Maximum counts.
    in_transit: u32,
    last_id: Option<PacketId>,
    /// Packet identifiers grow from front to back (cyclically), so a search may halve. Lost only when a
    /// message stays unacknowledged for a whole turn of the identifiers; found again when the window is empty.
    is_ordered: bool,
    bytes: usize,
}

impl Default for InflightWindow {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
            in_transit: 0,
            last_id: None,
            is_ordered: true,
            bytes: 0,
        }
    }
}

impl InflightWindow {
    /// The window of a session that another process has let go: its entries in their order, and the identifier given
    /// last. `None` if two entries have one identifier.
    pub fn restore(last_id: Option<PacketId>, entries: Vec<InflightEntry>) -> Option<Self> {
        let mut ids: Vec<PacketId> = entries.iter().map(|entry| entry.packet_id).collect();
        let first = ids.first().map_or(0, |first| first.get());
        let distances = ids.iter().chain(&last_id).map(|id| id.get().wrapping_sub(first));
        // The last one may be the one given last.
        let is_ordered = distances.is_sorted() && (entries.is_empty() || last_id.is_some());
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return None;
        }
        let kept = entries.iter().filter_map(|entry| entry.outgoing.as_ref());
        let bytes = kept.map(|outgoing| outgoing.message.size()).sum();
        let in_transit = entries.iter().filter(|entry| !entry.needs_resend).count();
        Some(Self {
            in_transit: u32::try_from(in_transit).unwrap_or(u32::MAX),
            last_id,
            is_ordered,
            bytes,
            entries: entries.into(),
        })
    }

    /// The packet identifier given last.
    pub fn last_id(&self) -> Option<PacketId> {
        self.last_id
    }

    /// All entries, in the order in which they were first sent.
    pub fn iter(&self) -> impl Iterator<Item = &InflightEntry> {
        self.entries.iter()
    }

    /// Unacknowledged messages.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Topic and payload bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether another message may be sent under a limit of `window` unacknowledged ones.
    pub fn has_room(&self, window: u16) -> bool {
        self.entries.len() < usize::from(window)
    }

    /// Gives a new message a packet identifier, and keeps it for sending it again if `is_kept`. The caller has
    /// checked [`Self::has_room`].
    pub fn insert(&mut self, outgoing: &Outgoing, is_kept: bool, now: Time) -> PacketId {
        let packet_id = self.allocate_id();
        let awaited = match outgoing.qos {
            QoS::ExactlyOnce => Awaited::Pubrec,
            _ => Awaited::Puback,
        };
        if is_kept {
            self.bytes += outgoing.message.size();
        }
        self.entries.push_back(InflightEntry {
            packet_id,
            awaited,
            outgoing: is_kept.then(|| outgoing.clone()),
            sent_at: now,
            needs_resend: false,
        });
        self.in_transit += 1;
        packet_id
    }

    /// QoS 1 done: the message leaves the window. Gives it back if it was kept.
    pub fn on_puback(&mut self, packet_id: PacketId) -> Result<Option<Outgoing>, InflightError> {
        let index = self.find_awaiting(packet_id, Awaited::Puback)?;
        Ok(self.remove(index).and_then(|entry| entry.outgoing))
    }

    /// QoS 2 received by the client: the message is dropped, its identifier stays until PUBCOMP.
    pub fn on_pubrec(&mut self, packet_id: PacketId, now: Time) -> Result<(), InflightError> {
        let index = self.find(packet_id).ok_or(InflightError::NotFound)?;
        let entry = self.entries.get_mut(index).ok_or(InflightError::NotFound)?;
        match entry.awaited {
            Awaited::Pubrec => {
                entry.awaited = Awaited::Pubcomp;
                entry.sent_at = now;
                if let Some(outgoing) = entry.outgoing.take() {
                    self.bytes -= outgoing.message.size();
                }
                Ok(())
            }
            // A PUBREC sent again: the PUBREL is answered again too.
            Awaited::Pubcomp => Ok(()),
            Awaited::Puback => Err(InflightError::WrongStage),
        }
    }

    /// The client refused a QoS 2 message (PUBREC with an error, MQTT 5, 4.3.3): it leaves the window.
    pub fn on_pubrec_refused(&mut self, packet_id: PacketId) -> Result<(), InflightError> {
        let index = self.find_awaiting(packet_id, Awaited::Pubrec)?;
        self.remove(index);
        Ok(())
    }

    /// A message that cannot be sent again: it leaves the window.
    pub fn give_up(&mut self, packet_id: PacketId) {
        if let Some(index) = self.find(packet_id) {
            self.remove(index);
        }
    }

    /// QoS 2 done.
    pub fn on_pubcomp(&mut self, packet_id: PacketId) -> Result<(), InflightError> {
        let index = self.find_awaiting(packet_id, Awaited::Pubcomp)?;
        self.remove(index);
        Ok(())
    }

    /// A new connection: everything has to be sent again.
    pub fn on_resume(&mut self) {
        for entry in &mut self.entries {
            entry.needs_resend = true;
        }
        self.in_transit = 0;
    }

    /// Whether something waits to be sent again.
    pub fn has_resends(&self) -> bool {
        (self.in_transit as usize) < self.entries.len()
    }

    /// The next entry to send again, if there is one and the window of the connection has room for it.
    pub fn next_resend(&mut self, window: u16, now: Time) -> Option<&InflightEntry> {
        if !self.has_resends() || self.in_transit >= u32::from(window) {
            return None;
        }
        let entry = self.entries.iter_mut().find(|entry| entry.needs_resend)?;
        entry.needs_resend = false;
        entry.sent_at = now;
        self.in_transit += 1;
        Some(entry)
    }

    /// Marks what was sent before `before` to be sent again (`mqtt.retry_interval`); whether there was any.
    /// What was not kept, from before the setting was made, cannot be.
    pub fn mark_overdue(&mut self, before: Time) -> bool {
        let mut marked = 0;
        let is_there = |entry: &InflightEntry| entry.outgoing.is_some() || entry.awaited == Awaited::Pubcomp;
        for entry in self
            .entries
            .iter_mut()
            .filter(|entry| !entry.needs_resend && entry.sent_at <= before && is_there(entry))
        {
            entry.needs_resend = true;
            marked += 1;
        }
        self.in_transit -= marked;
        marked > 0
    }

    /// Empties the window; the messages not yet received by the client, in order.
    pub fn drain(&mut self) -> impl Iterator<Item = Outgoing> + '_ {
        self.in_transit = 0;
        self.bytes = 0;
        self.is_ordered = true;
        self.entries.drain(..).filter_map(|entry| entry.outgoing)
    }

    fn remove(&mut self, index: usize) -> Option<InflightEntry> {
        let entry = self.entries.remove(index)?;
        if let Some(outgoing) = &entry.outgoing {
            self.bytes -= outgoing.message.size();
        }
        if !entry.needs_resend {
            self.in_transit -= 1;
        }
        if self.entries.is_empty() {
            self.is_ordered = true;
        }
        Some(entry)
    }

    fn find_awaiting(&self, packet_id: PacketId, awaited: Awaited) -> Result<usize, InflightError> {
        let index = self.find(packet_id).ok_or(InflightError::NotFound)?;
        match self.entries.get(index) {
            Some(entry) if entry.awaited == awaited => Ok(index),
            _ => Err(InflightError::WrongStage),
        }
    }

    fn find(&self, packet_id: PacketId) -> Option<usize> {
        let first = self.entries.front()?.packet_id;
        if first == packet_id {
            return Some(0);
        }
        if !self.is_ordered {
            return self.entries.iter().position(|entry| entry.packet_id == packet_id);
        }
        let distance = |id: PacketId| id.get().wrapping_sub(first.get());
        self.entries
            .binary_search_by_key(&distance(packet_id), |entry| distance(entry.packet_id))
            .ok()
    }

    fn allocate_id(&mut self) -> PacketId {
        let mut id = self.last_id.map_or(PacketId::FIRST, PacketId::next);
        // Identifiers in use lie between the front's and the last one given. Only after a whole turn can the
        // next one meet the front.
        if self.entries.front().is_some_and(|front| front.packet_id == id) {
            self.is_ordered = false;
        }
        if !self.is_ordered {
            while self.entries.iter().any(|entry| entry.packet_id == id) {
                id = id.next();
            }
        }
        self.last_id = Some(id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::outgoing;

    fn id(value: u16) -> PacketId {
        PacketId::new(value).expect("not 0")
    }

    #[test]
    fn acknowledgements_in_any_order_find_their_message() {
        let mut window = InflightWindow::default();
        for text in ["a", "b", "c", "d"] {
            window.insert(&outgoing(text, QoS::AtLeastOnce), true, Time(0));
        }
        let mut acknowledge = |value| {
            let kept = window.on_puback(id(value))?;
            Ok(kept.expect("it was to be kept").message.payload.clone())
        };
        assert_eq!(acknowledge(3), Ok("c".into()));
        assert_eq!(acknowledge(3), Err(InflightError::NotFound));
        assert_eq!(acknowledge(1), Ok("a".into()));
        assert_eq!(acknowledge(4), Ok("d".into()));
        assert_eq!(window.len(), 1);
    }

    #[test]
    fn a_puback_does_not_end_a_qos_2_message() {
        let mut window = InflightWindow::default();
        let first = window.insert(&outgoing("a", QoS::ExactlyOnce), true, Time(0));
        assert_eq!(window.on_puback(first).err(), Some(InflightError::WrongStage));
        assert_eq!(window.on_pubcomp(first), Err(InflightError::WrongStage));
        assert_eq!(window.on_pubrec(first, Time(1)), Ok(()));
        assert_eq!(
            window.on_pubrec(first, Time(2)),
            Ok(()),
            "a repeated PUBREC gets its PUBREL again"
        );
        assert_eq!(window.on_pubcomp(first), Ok(()));
        assert_eq!((window.len(), window.bytes()), (0, 0));
    }

    #[test]
    fn an_identifier_in_use_is_never_given_again_even_after_a_whole_turn() {
        let mut window = InflightWindow::default();
        let stuck = window.insert(&outgoing("stuck", QoS::AtLeastOnce), true, Time(0));
        let second_stuck = window.insert(&outgoing("stuck too", QoS::AtLeastOnce), true, Time(0));
        for _ in 0..70_000 {
            let id = window.insert(&outgoing("x", QoS::AtLeastOnce), true, Time(0));
            assert_ne!(id, stuck);
            assert_ne!(id, second_stuck);
            assert!(window.on_puback(id).is_ok());
        }
        assert!(window.on_puback(second_stuck).is_ok());
        assert!(window.on_puback(stuck).is_ok());
    }

    #[test]
    fn what_is_sent_again_keeps_to_the_window_of_the_new_connection() {
        let mut window = InflightWindow::default();
        for text in ["a", "b", "c"] {
            window.insert(&outgoing(text, QoS::AtLeastOnce), true, Time(0));
        }
        window.on_resume();
        assert_eq!(window.next_resend(2, Time(5)).map(|entry| entry.packet_id), Some(id(1)));
        assert_eq!(window.next_resend(2, Time(5)).map(|entry| entry.packet_id), Some(id(2)));
        assert!(window.next_resend(2, Time(5)).is_none());
        assert!(window.on_puback(id(1)).is_ok());
        assert_eq!(window.next_resend(2, Time(5)).map(|entry| entry.packet_id), Some(id(3)));
        assert!(window.next_resend(2, Time(5)).is_none());
    }

    #[test]
    fn of_a_message_that_is_not_kept_only_the_identifier_is_in_flight() {
        let mut window = InflightWindow::default();
        let at_least_once = window.insert(&outgoing("a", QoS::AtLeastOnce), false, Time(0));
        let exactly_once = window.insert(&outgoing("b", QoS::ExactlyOnce), false, Time(0));
        assert_eq!((window.len(), window.bytes()), (2, 0));
        assert!(!window.has_room(2));
        assert!(!window.mark_overdue(Time(9)), "there is nothing to send again");
        assert_eq!(window.on_puback(exactly_once).err(), Some(InflightError::WrongStage));
        assert!(window.on_puback(at_least_once).expect("in flight").is_none());
        assert_eq!(window.on_pubrec(exactly_once, Time(1)), Ok(()));
        assert_eq!(window.on_pubcomp(exactly_once), Ok(()));
        assert_eq!((window.len(), window.bytes()), (0, 0));
    }
}
