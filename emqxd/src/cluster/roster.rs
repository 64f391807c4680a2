//! Who of the members is up: one look after another at the signs of life there are.
//!
//! A member is believed alive while gossip hears of it or it has answered a question lately. It goes down in the table
//! only after nothing was heard for [`GRACE`] more, or at once if it said goodbye: what it owns is dropped then. No I/O,
//! no clock; `membership.rs` brings both.

use std::collections::BTreeMap;
use std::time::Duration;

use emqxd_cluster::consensus::{Member, NodeId};
use tokio::time::Instant;

use super::{PeerInfo, PeerTable};

/// An answer is a sign of life for so long.
const ANSWER_COUNTS_FOR: Duration = Duration::from_secs(3);
/// How long a member that nobody hears of any more goes on being up.
pub(super) const GRACE: Duration = Duration::from_secs(3);
/// A member that was never heard of since this node started is said to be down after so long.
const FIRST_GRACE: Duration = Duration::from_secs(10);
/// Slots there are: a node of the data plane's tables is named by 5 bits.
pub const SLOTS: u8 = 32;
/// The slot of a member that is none any more is not given to another for so long.
const SLOT_RESTS: Duration = Duration::from_secs(600);

/// What is heard of a member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// The start of it that gossip believes alive.
    pub gossip: Option<u64>,
    /// When it answered last, and which start of it.
    pub answered: Option<(Instant, u64)>,
    /// The start of it that said goodbye.
    pub goodbye: Option<u64>,
}

/// A change worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterEvent {
    /// It is up, for the first time or again, perhaps as another start.
    Up(PeerInfo),
    /// It is down.
    Down(PeerInfo),
    /// It is a member no more.
    Gone(PeerInfo),
    /// A member has no slot: nothing of it is known here.
    NoSlot(Member),
}

#[derive(Debug)]
struct Known {
    info: PeerInfo,
    /// When it was believed alive last; `None` if never.
    alive: Option<Instant>,
    down_since: Option<Instant>,
    /// It was told that it is down.
    is_told_down: bool,
}

/// The members but this node, between two looks.
#[derive(Debug, Default)]
pub struct Roster {
    known: BTreeMap<NodeId, Known>,
    /// Slots of members that are none any more, and since when.
    resting: BTreeMap<u8, (NodeId, Instant)>,
    without_slot: BTreeMap<NodeId, Member>,
}

impl Roster {
    /// Looks at the members, this node left out, and what is heard of them.
    pub fn look(
        &mut self,
        members: &[(NodeId, Member)],
        signs: &BTreeMap<NodeId, Signs>,
        now: Instant,
    ) -> Vec<RosterEvent> {
        let mut events = Vec::new();
        self.strike(members, now, &mut events);
        for (id, member) in members {
            if !self.known.contains_key(id) {
                self.add(*id, member, now, &mut events);
            }
            if let Some(known) = self.known.get_mut(id) {
                known.info.name.clone_from(&member.name);
                known.info.address.clone_from(&member.address);
                known.hear(signs.get(id).unwrap_or(&Signs::default()), now, &mut events);
            }
        }
        events
    }

    /// The looks begin, perhaps again: in between nobody was listened to, so nobody's silence counts.
    pub fn go_on(&mut self, now: Instant) {
        for known in self.known.values_mut().filter(|known| known.info.is_up) {
            known.alive = Some(now);
        }
    }

    /// As of the last look.
    pub fn table(&self) -> PeerTable {
        PeerTable::new(self.known.values().map(|known| known.info.clone()).collect())
    }

    /// How long a member has been down.
    pub fn down_for(&self, id: NodeId, now: Instant) -> Option<Duration> {
        let since = self.known.get(&id)?.down_since?;
        Some(now.duration_since(since))
    }

    fn strike(&mut self, members: &[(NodeId, Member)], now: Instant, events: &mut Vec<RosterEvent>) {
        let is_member = |id: &NodeId| members.iter().any(|(member, _)| member == id);
        let gone: Vec<NodeId> = self.known.keys().filter(|id| !is_member(id)).copied().collect();
        for id in gone {
            if let Some(known) = self.known.remove(&id) {
                self.resting.insert(known.info.slot, (id, now));
                events.push(RosterEvent::Gone(known.info));
            }
        }
        self.without_slot.retain(|id, _| is_member(id));
    }

    fn add(&mut self, id: NodeId, member: &Member, now: Instant, events: &mut Vec<RosterEvent>) {
        let Some(slot) = self.free_slot(id, now) else {
            if self.without_slot.insert(id, member.clone()).is_none() {
                events.push(RosterEvent::NoSlot(member.clone()));
            }
            return;
        };
        self.resting.remove(&slot);
        self.without_slot.remove(&id);
        let info = PeerInfo {
            slot,
            id,
            boot: 0,
            name: member.name.clone(),
            address: member.address.clone(),
            is_up: false,
        };
        let known = Known {
            info,
            alive: None,
            down_since: Some(now),
            is_told_down: false,
        };
        self.known.insert(id, known);
    }

    /// Its own if it had one, else one that never was another's, else one that has rested.
    fn free_slot(&self, id: NodeId, now: Instant) -> Option<u8> {
        let is_taken = |slot: u8| self.known.values().any(|known| known.info.slot == slot);
        let own = self.resting.iter().find(|(_, (of, _))| *of == id);
        if let Some((slot, _)) = own {
            return Some(*slot);
        }
        let fresh = (0..SLOTS).find(|slot| !is_taken(*slot) && !self.resting.contains_key(slot));
        fresh.or_else(|| {
            let rested = self
                .resting
                .iter()
                .filter(|(_, (_, since))| now.duration_since(*since) >= SLOT_RESTS);
            rested.min_by_key(|(_, (_, since))| *since).map(|(slot, _)| *slot)
        })
    }
}

impl Known {
    fn hear(&mut self, signs: &Signs, now: Instant, events: &mut Vec<RosterEvent>) {
        let has_left = |boot: u64| signs.goodbye.is_some_and(|goodbye| boot <= goodbye);
        let answered = signs
            .answered
            .filter(|(at, boot)| now.duration_since(*at) < ANSWER_COUNTS_FOR && !has_left(*boot));
        let heard = [
            answered.map(|(_, boot)| boot),
            signs.gossip.filter(|boot| !has_left(*boot)),
        ];
        // Starts are numbered by their time: of two that are heard of, the later one lives.
        let boot = heard.into_iter().flatten().max();
        let Some(boot) = boot else {
            let said_goodbye = has_left(self.info.boot);
            let is_in_grace = self.alive.is_some_and(|alive| now.duration_since(alive) < GRACE);
            if self.info.is_up && (said_goodbye || !is_in_grace) {
                self.info.is_up = false;
                self.down_since = Some(now);
            }
            let is_long_down = self.alive.is_some()
                || self
                    .down_since
                    .is_some_and(|since| now.duration_since(since) >= FIRST_GRACE);
            if !self.info.is_up && is_long_down && !std::mem::replace(&mut self.is_told_down, true) {
                events.push(RosterEvent::Down(self.info.clone()));
            }
            return;
        };
        self.alive = Some(now);
        let is_news = !self.info.is_up || boot > self.info.boot;
        self.info.boot = self.info.boot.max(boot);
        self.info.is_up = true;
        self.down_since = None;
        self.is_told_down = false;
        if is_news {
            events.push(RosterEvent::Up(self.info.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
