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
mod tests {
    use super::*;

    fn member(worker: WorkerId, index: u32) -> ShareMember {
        ShareMember {
            worker,
            session: SessionKey { index, generation: 0 },
            client_id: format!("client-{worker}-{index}").into(),
            options: SubscriptionOptions::default(),
        }
    }

    fn group_of(count: u32) -> ShareGroup {
        let mut group = ShareGroup::new(1, "g", "a/#");
        for index in 0..count {
            group.join(member(0, index));
        }
        group
    }

    fn picks(group: &ShareGroup, strategy: ShareStrategy, turns: &mut PublisherTurns, randoms: &[u64]) -> Vec<u32> {
        let pick = |&random: &u64| {
            group
                .pick(strategy, "publisher", "a/b", turns, random)
                .unwrap()
                .session
                .index
        };
        randoms.iter().map(pick).collect()
    }

    /// Numbers that are spread over all of `u64`.
    fn spread(count: u64) -> Vec<u64> {
        (0..count).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
    }

    fn uses(picks: &[u32], members: u32) -> Vec<usize> {
        (0..members)
            .map(|index| picks.iter().filter(|&&pick| pick == index).count())
            .collect()
    }

    #[test]
    fn nobody_is_picked_from_an_empty_group() {
        let group = group_of(0);
        assert!(
            group
                .pick(ShareStrategy::Random, "p", "t", &mut PublisherTurns::default(), 7)
                .is_none()
        );
    }

    #[test]
    fn random_and_local_use_all_members_about_equally() {
        for strategy in [ShareStrategy::Random, ShareStrategy::Local] {
            let picks = picks(&group_of(4), strategy, &mut PublisherTurns::default(), &spread(4000));
            assert!(
                uses(&picks, 4).iter().all(|used| (900..1100).contains(used)),
                "{:?}",
                uses(&picks, 4)
            );
        }
    }

    #[test]
    fn round_robin_takes_turns_for_each_publisher() {
        let group = group_of(3);
        let (mut one, mut two) = (PublisherTurns::default(), PublisherTurns::default());
        assert_eq!(
            picks(&group, ShareStrategy::RoundRobin, &mut one, &[0, 9, 9, 9]),
            [0, 1, 2, 0]
        );
        // The other publisher starts where its own random number says, and is not disturbed by the first.
        assert_eq!(
            picks(&group, ShareStrategy::RoundRobin, &mut two, &[1 << 32, 9, 9]),
            [1, 2, 0]
        );
        assert_eq!(picks(&group, ShareStrategy::RoundRobin, &mut one, &[9]), [1]);
    }

    #[test]
    fn round_robin_per_group_takes_one_turn_for_all_publishers_across_changes_of_members() {
        let mut group = group_of(3);
        let strategy = ShareStrategy::RoundRobinPerGroup;
        assert_eq!(picks(&group, strategy, &mut PublisherTurns::default(), &[0, 0]), [0, 1]);
        assert_eq!(picks(&group, strategy, &mut PublisherTurns::default(), &[0]), [2]);
        let old = group.clone();
        group.join(member(0, 3));
        assert_eq!(picks(&group, strategy, &mut PublisherTurns::default(), &[0]), [3]);
        assert_eq!(picks(&old, strategy, &mut PublisherTurns::default(), &[0]), [1]);
    }

    #[test]
    fn sticky_stays_with_a_member_while_it_is_there() {
        let mut group = group_of(4);
        let mut turns = PublisherTurns::default();
        let first = picks(&group, ShareStrategy::Sticky, &mut turns, &[u64::MAX / 2 + 1])[0];
        assert_eq!(first, 2);
        assert_eq!(
            picks(&group, ShareStrategy::Sticky, &mut turns, &spread(10)),
            [first; 10]
        );
        // Its position changes, it does not.
        group.leave(
            0,
            SessionKey {
                index: 0,
                generation: 0,
            },
        );
        assert_eq!(
            picks(&group, ShareStrategy::Sticky, &mut turns, &spread(10)),
            [first; 10]
        );
        // It leaves and comes back: another one has its place by then.
        group.leave(
            0,
            SessionKey {
                index: 2,
                generation: 0,
            },
        );
        assert_eq!(picks(&group, ShareStrategy::Sticky, &mut turns, &[0]), [1]);
        group.join(member(0, 2));
        assert_eq!(picks(&group, ShareStrategy::Sticky, &mut turns, &spread(10)), [1; 10]);
    }

    #[test]
    fn hash_strategies_look_at_their_text_only() {
        let group = group_of(5);
        let pick = |strategy, publisher: &str, topic: &str, random| {
            let mut turns = PublisherTurns::default();
            group
                .pick(strategy, publisher, topic, &mut turns, random)
                .unwrap()
                .session
                .index
        };
        let mut used = [false; 5];
        for n in 0..50 {
            let text = format!("text-{n}");
            let by_client = pick(ShareStrategy::HashClientId, &text, "x", n);
            assert_eq!(by_client, pick(ShareStrategy::HashClientId, &text, "y", n + 1));
            assert_eq!(by_client, pick(ShareStrategy::HashTopic, "z", &text, n));
            used[by_client as usize] = true;
        }
        assert_eq!(used, [true; 5]);
        // Published test values of FNV-1a: the choice must not change with a release.
        assert_eq!(stable_hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(stable_hash("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn an_excluded_member_is_passed_over_by_every_strategy() {
        use ShareStrategy::*;
        let group = group_of(3);
        let alone = group_of(1);
        let gone = SessionKey {
            index: 0,
            generation: 0,
        };
        for strategy in [
            Random,
            RoundRobin,
            RoundRobinPerGroup,
            Sticky,
            Local,
            HashClientId,
            HashTopic,
        ] {
            let mut turns = PublisherTurns::default();
            for random in spread(20) {
                let picked = group.pick_excluding(strategy, "p", "t", &mut turns, random, Some((0, gone)));
                assert_ne!(picked.unwrap().session, gone, "{strategy:?}");
                assert_eq!(
                    alone.pick_excluding(strategy, "p", "t", &mut turns, random, Some((0, gone))),
                    None
                );
            }
            // The same key on another worker is another session.
            assert!(
                alone
                    .pick_excluding(strategy, "p", "t", &mut turns, 0, Some((1, gone)))
                    .is_some()
            );
        }
    }

    /// A group with members of this node and of two others.
    fn mixed_group(local: u32, remote: u32) -> ShareGroup {
        let mut group = group_of(local);
        for index in 0..remote {
            group.join(member(FIRST_PEER + (index % 2) as WorkerId, index));
        }
        group
    }

    #[test]
    fn local_takes_a_member_of_this_node_while_there_is_one() {
        let pick = |group: &ShareGroup, random, excluded| {
            let mut turns = PublisherTurns::default();
            let picked = group.pick_excluding(ShareStrategy::Local, "p", "t", &mut turns, random, excluded);
            picked.map(|member| member.worker)
        };
        let (group, one_local, all_remote) = (mixed_group(3, 5), mixed_group(1, 5), mixed_group(0, 5));
        let first = Some((0, member(0, 0).session));
        for random in spread(50) {
            assert_eq!(pick(&group, random, None), Some(0));
            assert_eq!(pick(&group, random, first), Some(0));
            assert_eq!(pick(&one_local, random, None), Some(0));
            assert!(pick(&one_local, random, first).is_some_and(|worker| !is_local(worker)));
            assert!(pick(&all_remote, random, None).is_some_and(|worker| !is_local(worker)));
        }
    }

    #[test]
    fn the_other_strategies_use_members_of_all_nodes() {
        use ShareStrategy::*;
        let group = mixed_group(2, 4);
        for strategy in [Random, RoundRobin, RoundRobinPerGroup, HashClientId, HashTopic] {
            let mut turns = PublisherTurns::default();
            let mut used = std::collections::BTreeSet::new();
            for (number, random) in spread(200).into_iter().enumerate() {
                let text = format!("text-{number}");
                let picked = group.pick(strategy, &text, &text, &mut turns, random).unwrap();
                used.insert(picked.key());
            }
            assert_eq!(used.len(), 6, "{strategy:?}");
        }
        assert_eq!(group.local_members().len(), 2);
    }

    #[test]
    fn hash_strategies_pick_the_same_client_on_every_node() {
        // Each node has its own clients at worker 0 and the other's at the first slot.
        let ids: Vec<String> = (0..20).map(|number| format!("client {number}")).collect();
        let mut groups = [ShareGroup::new(1, "g", "a/#"), ShareGroup::new(9, "g", "a/#")];
        for (node, group) in groups.iter_mut().enumerate() {
            for (index, id) in (0..).zip(&ids) {
                let is_here = index as usize % 2 == node;
                let worker = if is_here { 0 } else { FIRST_PEER };
                let session = SessionKey {
                    index: index ^ (node as u32 * 7),
                    generation: 0,
                };
                let client_id = id.as_str().into();
                group.join(ShareMember {
                    worker,
                    session,
                    client_id,
                    options: SubscriptionOptions::default(),
                });
            }
        }
        for number in 0..100 {
            let topic = format!("a/{number}");
            let pick = |group: &ShareGroup| {
                let mut turns = PublisherTurns::default();
                let picked = group.pick(ShareStrategy::HashTopic, "p", &topic, &mut turns, number);
                picked.unwrap().client_id.clone()
            };
            assert_eq!(pick(&groups[0]), pick(&groups[1]));
        }
    }

    #[test]
    fn members_of_one_node_leave_at_once_and_the_others_are_still_found() {
        let mut group = mixed_group(2, 4);
        assert!(group.has_members_of(FIRST_PEER) && !group.has_members_of(FIRST_PEER + 2));
        assert_eq!(group.leave_all(FIRST_PEER, |member| member.session.index == 2), 1);
        assert_eq!(group.len(), 5);
        assert_eq!(group.leave_all(FIRST_PEER, |_| false), 1);
        assert!(!group.has_members_of(FIRST_PEER));
        assert_eq!(group.local_member("client-0-1"), Some(&member(0, 1)));
        assert_eq!(group.local_member("client-32769-1"), None, "a client of another node");
        for index in 0..2 {
            assert!(group.leave(0, member(0, index).session));
        }
        assert_eq!((group.len(), group.by_client.len()), (2, 2));
    }

    #[test]
    fn a_second_join_replaces_the_options() {
        let mut group = group_of(2);
        let options = SubscriptionOptions {
            retain_as_published: true,
            ..SubscriptionOptions::default()
        };
        assert!(!group.join(ShareMember {
            options,
            ..member(0, 1)
        }));
        assert_eq!(group.len(), 2);
        assert_eq!(
            group
                .member(
                    0,
                    SessionKey {
                        index: 1,
                        generation: 0
                    }
                )
                .unwrap()
                .options,
            options
        );
        assert!(!group.leave(
            0,
            SessionKey {
                index: 1,
                generation: 1
            }
        ));
    }

    #[test]
    fn a_publisher_remembers_a_bounded_number_of_groups() {
        let mut turns = PublisherTurns::default();
        for group in 0..1000 {
            turns.next(group, 0);
        }
        assert_eq!(turns.turns.len(), PublisherTurns::GROUPS_MAX);
    }
}
