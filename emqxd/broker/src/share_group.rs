//! Share groups: the members of `$share/{group}/{filter}` and who of them gets a message (MQTT 5, 4.8.2).
//!
//! A [`ShareGroup`] is a snapshot: publishers hold it while the route table already has the next one.
//! What must outlive a change of members (whose turn it is, who was stuck to) is shared by all snapshots
//! of a group. The strategies are EMQX's `mqtt.shared_subscription_strategy`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytestring::ByteString;
use smallvec::SmallVec;

use crate::remote::is_local;
use crate::{FIRST_PEER, SessionKey, ShareStrategy, SubscriptionOptions, WorkerId};

/// One session in a share group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareMember {
    /// The worker that owns the session, or the node ([`crate::peer_slot`]).
    pub worker: WorkerId,
    /// The session there. Of a client of another node it is made of the hash of its id.
    pub session: SessionKey,
    /// Its client.
    pub client_id: ByteString,
    /// What it subscribed with.
    pub options: SubscriptionOptions,
}

impl ShareMember {
    fn key(&self) -> (WorkerId, SessionKey) {
        (self.worker, self.session)
    }
}

/// The members of a group at one moment.
///
/// Members are in order of worker and session, whatever the order they joined in: those of this node come first.
#[derive(Debug, Clone)]
pub struct ShareGroup {
    name: ByteString,
    filter: ByteString,
    seats: Vec<Arc<Seat>>,
    /// The same in an order that is the same on every node: of the hashes of their client ids.
    by_client: Vec<Arc<Seat>>,
    turns: Arc<GroupTurns>,
}

#[derive(Debug)]
struct Seat {
    /// Of the client id; see [`stable_hash`].
    client_hash: u64,
    /// Tells a member that left and came back from one that stayed.
    serial: u32,
    member: ShareMember,
}

impl Seat {
    fn order(&self) -> (u64, &str, WorkerId, SessionKey) {
        let member = &self.member;
        (self.client_hash, &member.client_id, member.worker, member.session)
    }
}

/// What all snapshots of a group share.
#[derive(Debug)]
struct GroupTurns {
    id: u64,
    /// `round_robin_per_group`: how many messages the group got.
    next: AtomicU64,
    /// `sticky`: position (high half) and serial of the seat stuck to. The position is a hint, the
    /// serial decides. Serials begin at 1, so 0 is nobody.
    stuck: AtomicU64,
    /// How many members joined so far.
    joins: AtomicU64,
}

impl GroupTurns {
    /// Comes round after 2^32 joins: a member could then be stuck to in place of one long gone, no more.
    fn new_serial(&self) -> u32 {
        let joins = self.joins.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        (joins as u32).max(1)
    }
}

impl ShareGroup {
    /// A group without members; `id` is unique on the node.
    pub(crate) fn new(id: u64, name: &str, filter: &str) -> Self {
        let turns = GroupTurns {
            id,
            next: AtomicU64::new(0),
            stuck: AtomicU64::new(0),
            joins: AtomicU64::new(0),
        };
        Self {
            name: name.into(),
            filter: filter.into(),
            seats: Vec::new(),
            by_client: Vec::new(),
            turns: Arc::new(turns),
        }
    }

    /// Adds a member, or replaces the options of the one that is there. Returns whether it is new.
    pub(crate) fn join(&mut self, member: ShareMember) -> bool {
        let client_hash = stable_hash(&member.client_id);
        let found = self.position(member.key());
        let serial = match found {
            Ok(position) => self.take_seat(position).serial,
            Err(_) => self.turns.new_serial(),
        };
        let seat = Arc::new(Seat {
            client_hash,
            serial,
            member,
        });
        let (Ok(position) | Err(position)) = found;
        self.seats.insert(position, Arc::clone(&seat));
        let place = self.by_client.partition_point(|other| other.order() < seat.order());
        self.by_client.insert(place, seat);
        found.is_err()
    }

    /// Whether a member is of that worker, or that node.
    pub(crate) fn has_members_of(&self, worker: WorkerId) -> bool {
        let first = self.seats.partition_point(|seat| seat.member.worker < worker);
        self.seats.get(first).is_some_and(|seat| seat.member.worker == worker)
    }

    fn take_seat(&mut self, position: usize) -> Arc<Seat> {
        let seat = self.seats.remove(position);
        let place = self.by_client.partition_point(|other| other.order() < seat.order());
        debug_assert!(Arc::ptr_eq(&self.by_client[place], &seat));
        self.by_client.remove(place);
        seat
    }

    /// Takes a member out; `false` if it is not in.
    pub(crate) fn leave(&mut self, worker: WorkerId, session: SessionKey) -> bool {
        let found = self.position((worker, session));
        if let Ok(position) = found {
            self.take_seat(position);
        }
        found.is_ok()
    }

    /// Takes out the members of `worker` that `keeps` does not name; how many went.
    pub(crate) fn leave_all(&mut self, worker: WorkerId, mut keeps: impl FnMut(&ShareMember) -> bool) -> usize {
        let before = self.seats.len();
        let mut stays = |seat: &Arc<Seat>| seat.member.worker != worker || keeps(&seat.member);
        self.seats.retain(&mut stays);
        if self.seats.len() < before {
            self.by_client.retain(&mut stays);
        }
        before - self.seats.len()
    }

    /// The member for a message of `publisher` to `topic`; `None` if there is no member.
    ///
    /// `turns` belongs to the publisher's connection. `random` is any number, a new one for each call.
    pub fn pick(
        &self,
        strategy: ShareStrategy,
        publisher: &str,
        topic: &str,
        turns: &mut PublisherTurns,
        random: u64,
    ) -> Option<&ShareMember> {
        self.pick_excluding(strategy, publisher, topic, turns, random, None)
    }

    /// As [`ShareGroup::pick`], but not `excluded`: for what that member did not acknowledge when its
    /// session ended.
    pub fn pick_excluding(
        &self,
        strategy: ShareStrategy,
        publisher: &str,
        topic: &str,
        turns: &mut PublisherTurns,
        random: u64,
        excluded: Option<(WorkerId, SessionKey)>,
    ) -> Option<&ShareMember> {
        let count = self.seats.len();
        if count == 0 {
            return None;
        }
        let is_not_excluded = |seat: &Arc<Seat>| excluded != Some(seat.member.key());
        let by_text = match strategy {
            ShareStrategy::HashClientId => Some(publisher),
            ShareStrategy::HashTopic => Some(topic),
            _ => None,
        };
        if let Some(text) = by_text {
            let first = (stable_hash(text) % count as u64) as usize;
            let second = (first + 1) % count;
            let places = [first, second].into_iter();
            let mut seats = places.map(|place| &self.by_client[place]);
            return seats.find(|seat| is_not_excluded(seat)).map(|seat| &seat.member);
        }
        let candidates = match strategy {
            ShareStrategy::Local => self.local_candidates(excluded),
            _ => count,
        };
        let first = match strategy {
            ShareStrategy::RoundRobin => turns.next(self.turns.id, random) as usize % count,
            ShareStrategy::RoundRobinPerGroup => {
                (self.turns.next.fetch_add(1, Ordering::Relaxed) % count as u64) as usize
            }
            ShareStrategy::Sticky => self.stuck_position().unwrap_or_else(|| scale(random, count)),
            _ => scale(random, candidates),
        };
        let position = if is_not_excluded(&self.seats[first]) {
            first
        } else if count == 1 {
            return None;
        } else {
            (first + 1) % candidates
        };
        let seat = &self.seats[position];
        if strategy == ShareStrategy::Sticky {
            let stuck = (position as u64) << 32 | u64::from(seat.serial);
            if self.turns.stuck.load(Ordering::Relaxed) != stuck {
                self.turns.stuck.store(stuck, Ordering::Relaxed);
            }
        }
        Some(&seat.member)
    }

    /// Among how many members, from the first on, `local` picks: those of this node, if one of them can be picked.
    fn local_candidates(&self, excluded: Option<(WorkerId, SessionKey)>) -> usize {
        match self.local_len() {
            0 => self.seats.len(),
            1 if excluded == Some(self.seats[0].member.key()) => self.seats.len(),
            local => local,
        }
    }

    /// Members of this node: the first ones.
    fn local_len(&self) -> usize {
        self.seats.partition_point(|seat| seat.member.worker < FIRST_PEER)
    }

    /// The members that are clients of this node.
    pub fn local_members(&self) -> impl ExactSizeIterator<Item = &ShareMember> {
        self.seats[..self.local_len()].iter().map(|seat| &seat.member)
    }

    /// The member of this node with that client id.
    pub fn local_member(&self, client_id: &str) -> Option<&ShareMember> {
        let hash = stable_hash(client_id);
        let first = self.by_client.partition_point(|seat| seat.client_hash < hash);
        let alike = self.by_client[first..]
            .iter()
            .take_while(|seat| seat.client_hash == hash);
        let mut members = alike.map(|seat| &seat.member);
        members.find(|member| is_local(member.worker) && *member.client_id == *client_id)
    }

    /// Unique on the node, the same for all snapshots of the group.
    pub fn id(&self) -> u64 {
        self.turns.id
    }

    /// Share name; `$queue` for `$queue/{filter}`.
    pub fn name(&self) -> &ByteString {
        &self.name
    }

    /// The filter, without `$share/{group}/`.
    pub fn filter(&self) -> &ByteString {
        &self.filter
    }

    /// The members.
    pub fn members(&self) -> impl ExactSizeIterator<Item = &ShareMember> {
        self.seats.iter().map(|seat| &seat.member)
    }

    /// The options with which a session is in.
    pub fn member(&self, worker: WorkerId, session: SessionKey) -> Option<&ShareMember> {
        self.position((worker, session))
            .ok()
            .map(|position| &self.seats[position].member)
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    fn position(&self, key: (WorkerId, SessionKey)) -> Result<usize, usize> {
        self.seats.binary_search_by_key(&key, |seat| seat.member.key())
    }

    fn stuck_position(&self) -> Option<usize> {
        let stuck = self.turns.stuck.load(Ordering::Relaxed);
        if stuck == 0 {
            return None;
        }
        let (hint, serial) = ((stuck >> 32) as usize, stuck as u32);
        if self.seats.get(hint).is_some_and(|seat| seat.serial == serial) {
            return Some(hint);
        }
        self.seats.iter().position(|seat| seat.serial == serial)
    }
}

/// Whose turn it is in each group that one publisher sends to (`round_robin`).
///
/// Bounded: a publisher that sends to more groups than [`PublisherTurns::GROUPS_MAX`] at once loses the
/// turn of the one that it met first, which then starts anywhere again.
#[derive(Debug, Clone, Default)]
pub struct PublisherTurns {
    turns: SmallVec<[(u64, u32); 1]>,
}

impl PublisherTurns {
    /// Groups remembered for one publisher; 1 KiB at most.
    pub const GROUPS_MAX: usize = 64;

    /// The turn in `group`: counts up from a place given by `random`.
    fn next(&mut self, group: u64, random: u64) -> u32 {
        if let Some((_, turn)) = self.turns.iter_mut().find(|(id, _)| *id == group) {
            *turn = turn.wrapping_add(1);
            return *turn;
        }
        if self.turns.len() == Self::GROUPS_MAX {
            self.turns.remove(0);
        }
        let start = (random >> 32) as u32;
        self.turns.push((group, start));
        start
    }
}

/// `random` brought into `0..count`, each as likely.
fn scale(random: u64, count: usize) -> usize {
    ((u128::from(random) * count as u128) >> 64) as usize
}

/// FNV-1a, 64 bits: the same member for the same text in every run, on every node and machine, as long
/// as the number of members stays.
fn stable_hash(text: &str) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    text.bytes()
        .fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests;
