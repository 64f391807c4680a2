//! Writer and follower against each other, from seeds: changes, slow links, cuts, a ring that overflows within a
//! snapshot, a writer that starts anew. Whatever happened, the follower ends with the writer's rows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
use crate::random::Random;
use crate::stream::message::Told;

/// By kind and text; what a client's row says besides its name, and who wrote a retained message when.
#[derive(Debug, Default, Clone, PartialEq)]
struct Rows {
    owned: BTreeMap<(Kind, String), u64>,
    retained: BTreeMap<String, (u64, Option<Vec<u8>>)>,
}

fn hash(kind: Kind, text: &str, value: u64) -> u64 {
    let mut dice = Random(value ^ kind as u64);
    let mut hash = 0;
    for byte in text.bytes() {
        dice.0 ^= u64::from(byte) << 8 ^ hash;
        hash = dice.next();
    }
    hash
}

impl Rows {
    fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for (kind, text) in self.owned.keys() {
            sums.count(*kind, Tally::More(hash(*kind, text, 0)));
        }
        sums
    }

    fn retained_sum(&self) -> Sum {
        let mut sum = Sum::default();
        for (topic, (at, _)) in &self.retained {
            sum.add(hash(Kind::Retained, topic, *at));
        }
        sum
    }

    fn merge(&mut self, topic: &str, at: u64, payload: Option<Vec<u8>>) {
        if self.retained.get(topic).is_none_or(|(present, _)| *present < at) {
            self.retained.insert(topic.to_owned(), (at, payload));
        }
    }
}

#[derive(Default)]
struct TestReplica {
    rows: Rows,
    named: Option<BTreeSet<(Kind, String)>>,
}

impl TestReplica {
    fn sweep(&mut self) {
        let named = self.named.take().expect("a snapshot was begun");
        self.rows.owned.retain(|row, _| named.contains(row));
    }
}

impl Replica for TestReplica {
    fn begin_snapshot(&mut self) {
        self.named = Some(BTreeSet::new());
    }

    fn apply(&mut self, record: &Record<'_>) {
        let (text, value) = match record.row() {
            Row::Route { filter } => ((*filter).to_owned(), 0),
            Row::Member {
                group,
                filter,
                client_id,
            } => (format!("{group}/{filter}/{client_id}"), 0),
            Row::Client { client_id, since } => ((*client_id).to_owned(), *since),
            Row::Retained(message) => {
                let is_present = matches!(record, Record::Present(_));
                let payload = is_present.then(|| message.payload.to_vec());
                return self.rows.merge(message.topic, message.at, payload);
            }
        };
        let row = (record.kind(), text);
        match record {
            Record::Present(_) => {
                if let Some(named) = &mut self.named {
                    named.insert(row.clone());
                }
                self.rows.owned.insert(row, value);
            }
            Record::Absent(_) => {
                if let Some(named) = &mut self.named {
                    named.remove(&row);
                }
                self.rows.owned.remove(&row);
            }
        }
    }

    fn sums(&self) -> Sums {
        self.rows.sums()
    }

    fn retained(&self) -> Sum {
        self.rows.retained_sum()
    }
}

struct Writer {
    ring: Ring,
    boot: u64,
    rows: Rows,
    clock: u64,
}

impl Writer {
    fn start(boot: u64, rows: Rows) -> Self {
        Self {
            ring: Ring::bounded(12, 4096),
            boot,
            rows,
            clock: boot * 1_000_000,
        }
    }

    fn change(&mut self, dice: &mut Random) {
        self.clock += 1;
        let text = format!("{}", dice.below(40));
        match dice.below(4) {
            0 => self.toggle(Kind::Route, &text),
            1 => self.toggle(Kind::Member, &format!("g/{text}/c")),
            2 => self.client(dice, &text),
            _ => self.retain(dice, &text, true),
        }
    }

    fn toggle(&mut self, kind: Kind, text: &str) {
        let mut parts = text.splitn(3, '/');
        let mut part = || parts.next().unwrap_or_default();
        let row = match kind {
            Kind::Route => Row::Route { filter: text },
            _ => Row::Member {
                group: part(),
                filter: part(),
                client_id: part(),
            },
        };
        let named = (kind, text.to_owned());
        let hash = hash(kind, text, 0);
        match self.rows.owned.remove(&named) {
            Some(_) => self.ring.append(&Record::Absent(row), None, Tally::Less(hash)),
            None => {
                self.rows.owned.insert(named, 0);
                self.ring.append(&Record::Present(row), None, Tally::More(hash));
            }
        }
    }

    fn client(&mut self, dice: &mut Random, client_id: &str) {
        let named = (Kind::Client, client_id.to_owned());
        let hash = hash(Kind::Client, client_id, 0);
        let is_known = self.rows.owned.contains_key(&named);
        let since = self.clock;
        if is_known && dice.one_in(2) {
            self.rows.owned.remove(&named);
            let row = Row::Client { client_id, since: 0 };
            return self.ring.append(&Record::Absent(row), None, Tally::Less(hash));
        }
        self.rows.owned.insert(named, since);
        let tally = if is_known { Tally::Same } else { Tally::More(hash) };
        let row = Row::Client { client_id, since };
        self.ring.append(&Record::Present(row), None, tally);
    }

    /// A message of a client here; or of another node, which is not told on.
    fn retain(&mut self, dice: &mut Random, topic: &str, is_own: bool) {
        let length = if dice.one_in(10) { 3000 } else { 5 };
        let payload = (!dice.one_in(3)).then(|| vec![self.clock as u8; length]);
        self.rows.merge(topic, self.clock, payload.clone());
        if is_own {
            let (record, payload) = retained(topic, self.clock, payload.as_deref());
            self.ring.append(&record, payload.as_ref(), Tally::Same);
        }
    }

    /// Rows behind `after`; where to go on, if there are more.
    fn page(&self, after: Option<&Place>, retained_only: bool) -> (Vec<Frame>, Option<Place>) {
        const PAGE: usize = 3;
        let mut buffer = PageBuffer::new();
        let is_behind = |place: &Place| after.is_none_or(|after| place > after);
        let owned = self
            .rows
            .owned
            .iter()
            .filter(|(place, _)| !retained_only && is_behind(place));
        let mut places: Vec<Place> = Vec::new();
        for (place, since) in owned.take(PAGE) {
            let (kind, text) = place;
            let mut parts = text.splitn(3, '/');
            let mut part = || parts.next().unwrap_or_default();
            let row = match kind {
                Kind::Route => Row::Route { filter: text },
                Kind::Client => Row::Client {
                    client_id: text,
                    since: *since,
                },
                _ => Row::Member {
                    group: part(),
                    filter: part(),
                    client_id: part(),
                },
            };
            buffer.push(&Record::Present(row), None);
            places.push(place.clone());
        }
        let messages = self.rows.retained.iter();
        let messages = messages.map(|(topic, message)| ((Kind::Retained, topic.clone()), message));
        let room = PAGE - places.len();
        for (place, (at, payload)) in messages.filter(|(place, _)| is_behind(place)).take(room) {
            let (record, payload) = retained(&place.1, *at, payload.as_deref());
            buffer.push(&record, payload.as_ref());
            places.push(place);
        }
        let next = places.pop().filter(|_| places.len() + 1 == PAGE);
        (buffer.take(), next)
    }
}

/// A row, in the order of pages.
type Place = (Kind, String);

fn retained<'a>(topic: &'a str, at: u64, payload: Option<&'a [u8]>) -> (Record<'a>, Option<bytes::Bytes>) {
    let message = RetainedRecord {
        at,
        topic,
        payload: payload.unwrap_or_default(),
        ..RetainedRecord::default()
    };
    match payload {
        Some(payload) => (
            Record::Present(Row::Retained(message)),
            Some(bytes::Bytes::copy_from_slice(payload)),
        ),
        None => (Record::Absent(Row::Retained(message)), None),
    }
}

/// A link with what is under way on it.
struct Link {
    feed: Feed,
    place: Option<Place>,
    retained_only: bool,
    /// A page that was read and not sent yet.
    page: Option<(Vec<Frame>, bool)>,
    under_way: VecDeque<Vec<u8>>,
    asked: VecDeque<Vec<u8>>,
}

/// Frames under way that the link takes before the writer has to wait.
const UNDER_WAY_MAX: usize = 4;

struct World {
    dice: Random,
    writer: Writer,
    follower: Follower,
    replica: TestReplica,
    link: Option<Link>,
    snapshots_broken: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            dice: Random(seed),
            writer: Writer::start(1, Rows::default()),
            follower: Follower::new(),
            replica: TestReplica::default(),
            link: None,
            snapshots_broken: 0,
        }
    }

    fn connect(&mut self) {
        let hello = self.follower.greet();
        let feed = Feed::new(&hello, self.writer.boot, &self.writer.ring).unwrap();
        self.link = Some(Link {
            feed,
            place: None,
            retained_only: false,
            page: None,
            under_way: VecDeque::new(),
            asked: VecDeque::new(),
        });
    }

    fn cut(&mut self) {
        self.link = None;
        self.follower.lost();
    }

    /// The writer's turn. Whether it had anything to do.
    fn send(&mut self) -> bool {
        let Some(link) = &mut self.link else { return false };
        if let Some(asked) = link.asked.pop_front() {
            link.feed.heard(&asked).unwrap();
        }
        if link.under_way.len() >= UNDER_WAY_MAX {
            return false;
        }
        if let Some((frames, is_last)) = link.page.take() {
            link.under_way.extend(frames.into_iter().map(whole));
            link.feed.page_sent(is_last);
            return true;
        }
        match link.feed.next(&self.writer.ring) {
            Next::Send(frame) => link.under_way.push_back(whole(frame)),
            Next::Page {
                from_start,
                retained_only,
            } => {
                if from_start {
                    self.snapshots_broken += u64::from(link.place.is_some());
                    link.place = None;
                    link.retained_only = retained_only;
                }
                assert_eq!(link.retained_only, retained_only);
                let (frames, next) = self.writer.page(link.place.as_ref(), retained_only);
                link.page = Some((frames, next.is_none()));
                link.place = next;
            }
            Next::Wait { sent } => {
                assert_eq!(sent, self.writer.ring.now().0);
                return false;
            }
        }
        true
    }

    fn heartbeat(&mut self) {
        let frame = Feed::heartbeat(&self.writer.ring, self.writer.rows.retained_sum());
        if let Some(link) = &mut self.link {
            link.under_way.push_back(whole(frame));
        }
    }

    /// The follower's turn. Whether anything came.
    fn receive(&mut self) -> bool {
        let Some(frame) = self.link.as_mut().and_then(|link| link.under_way.pop_front()) else {
            return false;
        };
        match self.follower.on_frame(&frame, &mut self.replica) {
            Ok(Heard::Fine) => {}
            Ok(Heard::Complete) => self.replica.sweep(),
            Ok(Heard::RetainedDiffer) => {
                let asked = &mut self.link.as_mut().expect("a frame came on it").asked;
                asked.push_back(Follower::want_retained());
            }
            Err(error) => panic!("{error}: {:?}", Told::read(&frame)),
        }
        true
    }

    fn step(&mut self) {
        match self.dice.below(24) {
            0..8 => self.writer.change(&mut self.dice),
            8..14 => {
                self.send();
            }
            14..20 => {
                self.receive();
            }
            20 => self.heartbeat(),
            21 if self.dice.one_in(8) => self.cut(),
            22 if self.dice.one_in(20) => {
                self.cut();
                let rows = Rows {
                    owned: BTreeMap::new(),
                    retained: self.writer.rows.retained.clone(),
                };
                self.writer = Writer::start(self.writer.boot + 1, rows);
            }
            // A burst, more than the ring holds: a follower that is behind falls out.
            23 if self.dice.one_in(10) => (0..20).for_each(|_| self.writer.change(&mut self.dice)),
            _ if self.link.is_none() => self.connect(),
            _ => {}
        }
    }

    /// No more changes: until nothing is under way any more.
    fn settle(&mut self) {
        if self.link.is_none() {
            self.connect();
        }
        for _ in 0..10 {
            while self.send() || self.receive() {}
            self.heartbeat();
        }
        assert!(self.follower.is_in_sync());
    }
}

fn whole(frame: Frame) -> Vec<u8> {
    [&frame.head[..], &frame.payload[..]].concat()
}

#[test]
fn whatever_happens_on_the_way_the_follower_ends_with_the_writers_rows() {
    let (mut broken, mut snapshots) = (0, 0);
    for seed in 0..200 {
        let mut world = World::new(seed);
        for _ in 0..2000 {
            world.step();
        }
        world.settle();
        assert_eq!(world.replica.rows, world.writer.rows, "seed {seed}");
        assert_eq!(world.follower.divergences(), 0, "seed {seed}");
        broken += world.snapshots_broken;
        snapshots += world.follower.snapshots();
    }
    // What is meant to be tested did happen.
    assert!(broken > 400 && snapshots > 200, "{broken} {snapshots}");
}

#[test]
fn a_follower_goes_on_where_it_stopped_as_long_as_the_ring_reaches_back() {
    let mut world = World::new(1);
    (0..5).for_each(|_| world.writer.change(&mut world.dice));
    world.settle();
    world.cut();
    (0..12).for_each(|_| world.writer.change(&mut world.dice));
    world.settle();
    assert_eq!((world.follower.snapshots(), world.follower.sequence()), (1, 17));
    world.cut();
    (0..13).for_each(|_| world.writer.change(&mut world.dice));
    world.settle();
    assert_eq!(world.follower.snapshots(), 2);
    assert_eq!(world.replica.rows, world.writer.rows);
}

#[test]
fn changes_go_on_during_a_snapshot_and_the_snapshot_goes_on_during_changes() {
    let mut world = World::new(2);
    for row in 0..300 {
        world.writer.toggle(Kind::Route, &row.to_string());
    }
    world.connect();
    let mut rounds = 0;
    while world.follower.phase() != FollowerPhase::Following {
        rounds += 1;
        world.writer.change(&mut world.dice);
        // As fast as the link is there are changes to be sent.
        world.send();
        world.receive();
        let behind = world.writer.ring.now().0 - world.follower.sequence();
        assert!(world.follower.sequence() == 0 || behind <= 12, "{behind}");
        assert!(rounds < 5000);
    }
    assert_eq!(world.follower.snapshots(), 1);
}

#[test]
fn a_retained_message_of_a_third_node_that_did_not_come_is_asked_for() {
    let mut world = World::new(3);
    world.settle();
    world.writer.clock = 7;
    world.writer.retain(&mut world.dice, "of/a/node/that/died", false);
    world.settle();
    // Until there is a reason nobody doubts: messages on their way from a third node are no reason.
    assert_ne!(world.replica.rows, world.writer.rows);
    world.follower.doubt_retained();
    world.settle();
    assert_eq!(world.replica.rows, world.writer.rows);
    assert_eq!(world.follower.snapshots(), 1);
}

#[test]
fn whoever_is_asked_for_retained_messages_asks_in_turn_but_not_without_end() {
    let mut world = World::new(3);
    world.settle();
    world.writer.clock = 7;
    world.writer.retain(&mut world.dice, "of/a/node/that/died", false);
    world.settle();
    assert_ne!(world.replica.rows, world.writer.rows);
    world.follower.on_asked_by_writer();
    world.settle();
    assert_eq!(world.replica.rows, world.writer.rows);
    // Here is one more than there, which asking does not change.
    let key = "of/another".to_owned();
    world.replica.rows.retained.insert(key, (9, Some(vec![1])));
    world.follower.on_asked_by_writer();
    let asks = |world: &mut World| {
        let mut times = 0;
        for _ in 0..20 {
            world.heartbeat();
            let frame = world.link.as_mut().unwrap().under_way.pop_back().unwrap();
            let heard = world.follower.on_frame(&frame, &mut world.replica);
            times += u32::from(heard == Ok(Heard::RetainedDiffer));
        }
        times
    };
    assert_eq!(asks(&mut world), 1);
    world.follower.on_asked_by_writer();
    assert_eq!(asks(&mut world), 0);
}

#[test]
fn rows_that_are_not_the_writers_are_noticed_and_replaced() {
    let mut world = World::new(4);
    (0..12).for_each(|_| world.writer.change(&mut world.dice));
    world.settle();
    world.replica.rows.owned.insert((Kind::Route, "stale".to_owned()), 0);
    world.heartbeat();
    let frame = world.link.as_mut().unwrap().under_way.pop_back().unwrap();
    let outcome = world.follower.on_frame(&frame, &mut world.replica);
    assert_eq!(outcome, Err(StreamError::Diverged));
    world.cut();
    world.settle();
    assert_eq!(world.replica.rows, world.writer.rows);
    assert_eq!((world.follower.divergences(), world.follower.snapshots()), (1, 2));
}

#[test]
fn what_makes_no_sense_ends_the_stream_and_nothing_else() {
    let mut world = World::new(5);
    world.settle();
    let far = Told::Changes {
        first: 9,
        count: 1,
        records: &[1, 0],
    };
    let gap = world.follower.on_frame(&far.frame().head, &mut world.replica);
    assert_eq!(gap, Err(StreamError::Gap { expected: 1, found: 9 }));
    for noise in 0..=u8::MAX {
        let _either_way = world.follower.on_frame(&[noise, 0, 1, 2], &mut world.replica);
        assert!(world.link.as_mut().unwrap().feed.heard(&[noise, 1]).is_err());
    }
    assert!(Feed::new(&[1, 2], 1, &world.writer.ring).is_err());
    let wrong_version = Feed::new(&[&[1, 0, 0][..], &[0; 16][..]].concat(), 1, &world.writer.ring);
    assert!(matches!(wrong_version, Err(StreamError::Version(0))));
}
