//! Messages between the nodes: the daemon's `cluster/lanes` without its tasks. The records are made by its own file.

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use emqxd_broker::Mail;
use emqxd_cluster::messages::{
    Acknowledgements, FromReceiver, FromSender, Limits, LinkState, Sender, acknowledgement, hello, welcome,
};

use crate::conversion::{Messages, with_record};
use crate::network::{Event, Lane, LinkId, Start};
use crate::node::Node;
use crate::world::World;

/// As the daemon's `sending.rs` and `receiving.rs`.
const BACKOFF_MIN_MS: u64 = 50;
const BACKOFF_MAX_MS: u64 = 2_000;
const ACKNOWLEDGE_AFTER_MS: u64 = 20;
/// A link over which nothing is acknowledged for so long is given up: its other end may be gone without a word.
const STALLED_MS: u64 = 2_250;

/// A worker's lane to another node.
pub struct LaneTo {
    pub sender: Sender,
    epoch: u64,
    link: Option<LinkId>,
    is_connecting: bool,
    again_at: u64,
    backoff: u64,
    /// The oldest message that is not acknowledged, and since when it is that one.
    waits: (Option<u64>, u64),
}

/// A lane of another node's worker.
pub struct LaneFrom {
    from: Start,
    /// The worker there, and the epoch.
    hello: Option<(u16, u64)>,
    messages: Messages,
    acknowledgements: Acknowledgements,
    delay_ms: u32,
}

/// What became of a frame of a lane.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    Hello,
    Fine,
    /// Another link is in the place of this one.
    Superseded,
}

impl LaneTo {
    /// The link, if nothing has arrived over it for too long.
    fn stalled(&mut self, now: u64) -> Option<LinkId> {
        let first = self.sender.first_waiting();
        if first.is_none() || self.link.is_none() || first != self.waits.0 {
            self.waits = (first, now);
        }
        self.link.filter(|_| now >= self.waits.1 + STALLED_MS)
    }

    fn lost(&mut self, now: u64, was_linked: bool) {
        self.link = None;
        self.sender.on_unlinked(was_linked);
        self.again_at = now + self.backoff;
        self.backoff = (self.backoff * 2).min(BACKOFF_MAX_MS);
    }
}

/// What is on a link has its length before it; here it arrives as a whole.
fn without_length(mut frame: Bytes) -> Bytes {
    frame.advance(4);
    frame
}

impl World {
    pub fn tick_lanes(&mut self, node: usize) {
        let now = self.net.now();
        let Some(at) = &mut self.nodes[node] else { return };
        for (peer, known) in at.peers.iter().enumerate().filter(|(peer, _)| *peer != node) {
            for worker in 0..at.workers {
                let epoch = (at.start.boot << 8) + worker as u64;
                let lane = at.lanes.entry((peer, worker)).or_insert_with(|| LaneTo {
                    sender: Sender::new(Limits::default()),
                    epoch,
                    link: None,
                    is_connecting: false,
                    again_at: 0,
                    backoff: BACKOFF_MIN_MS,
                    waits: (None, now),
                });
                lane.sender.on_peer(known.boot);
                if let Some(link) = lane.stalled(now) {
                    self.net.close(link, 0, false);
                    lane.lost(now, true);
                }
                if known.is_up && lane.link.is_none() && !lane.is_connecting && now >= lane.again_at {
                    lane.is_connecting = true;
                    self.net.connect(at.start, peer, Lane::Messages(worker));
                }
            }
        }
    }

    pub fn lane_connected(&mut self, from: Start, to: Start, worker: usize, link: Option<LinkId>) {
        let now = self.net.now();
        let Some(at) = self.at(from) else { return };
        let is_up = at.peers[to.node].is_up;
        let Some(lane) = at.lanes.get_mut(&(to.node, worker)) else {
            return;
        };
        lane.is_connecting = false;
        match link {
            Some(link) if is_up => {
                lane.link = Some(link);
                lane.sender.on_peer(to.boot);
                let first = without_length(hello(worker as u16, lane.epoch));
                self.net.send(link, 0, first);
            }
            Some(link) => self.net.close(link, 0, false),
            None => lane.lost(now, false),
        }
    }

    pub fn lane_accepted(&mut self, node: usize, from: Start, link: LinkId) {
        let Some(at) = &mut self.nodes[node] else { return };
        let lane = LaneFrom {
            from,
            hello: None,
            messages: Messages::default(),
            acknowledgements: Acknowledgements::default(),
            delay_ms: 0,
        };
        at.lanes_from.insert(link, lane);
    }

    /// The sending end hears something, or that its link is over.
    pub fn sender_hears(&mut self, start: Start, peer: usize, worker: usize, link: LinkId, frame: Option<Bytes>) {
        let now = self.net.now();
        let Some(at) = self.at(start) else { return };
        let Some(lane) = at.lanes.get_mut(&(peer, worker)).filter(|lane| lane.link == Some(link)) else {
            return;
        };
        let Some(frame) = frame else {
            lane.lost(now, true);
            return;
        };
        match FromReceiver::decode(&frame).expect("a receiver of this version") {
            FromReceiver::Welcome { last, since_ms } => {
                lane.backoff = BACKOFF_MIN_MS;
                let dropped = lane.sender.on_linked(last, since_ms).expect("it cannot have had more");
                if dropped > 0 {
                    self.tell(|| format!("{} drops {dropped} messages for {peer}", start.node));
                }
            }
            FromReceiver::Acknowledgement { last } => {
                lane.sender.on_acknowledged(last).expect("it cannot have had more");
            }
        }
    }

    /// Brings mail of the rules into the lanes, and what waits there on its way.
    pub fn send_messages(&mut self, node: usize) {
        let Some(at) = &mut self.nodes[node] else { return };
        at.take_mail();
        let now = at.clock.now();
        for lane in at.lanes.values_mut() {
            let Some(link) = lane.link else { continue };
            while let Some(next) = lane.sender.next_batch(now.0) {
                if let Some(delay) = next.delay {
                    self.net.send(link, 0, without_length(delay));
                }
                self.net.send(link, 0, without_length(next.batch));
                lane.sender.on_written();
            }
        }
    }

    /// The receiving end hears something, or that its link is over.
    pub fn receiver_hears(&mut self, start: Start, link: LinkId, frame: Option<Bytes>) {
        let Some(at) = self.at(start) else { return };
        let Some(frame) = frame else {
            at.lanes_from.remove(&link);
            return;
        };
        let taken = at.take_frame(link, frame);
        if taken == Taken::Superseded {
            at.lanes_from.remove(&link);
            self.net.close(link, 1, false);
            return;
        }
        let Some(lane) = at.lanes_from.get(&link) else { return };
        let Some((number, _)) = lane.hello else { return };
        let is_due = lane.acknowledgements.is_due();
        let (from, since) = (lane.from.node, at.clock.unix_ms(emqxd_broker::Time(0)));
        let last = at.received.get(&(from, number)).map_or(0, |receiver| receiver.last());
        if taken == Taken::Hello {
            self.net.send(link, 1, without_length(welcome(last, since)));
        } else if is_due {
            self.net.after(ACKNOWLEDGE_AFTER_MS, Event::Acknowledge(start, link));
        }
    }

    pub fn acknowledge(&mut self, start: Start, link: LinkId) {
        let Some(at) = self.at(start) else { return };
        let Some(lane) = at.lanes_from.get_mut(&link) else {
            return;
        };
        let Some((number, epoch)) = lane.hello else { return };
        let receiver = at.received.get(&(lane.from.node, number));
        let receiver = receiver.filter(|receiver| receiver.epoch() == epoch);
        if let Some(receiver) = receiver
            && lane.acknowledgements.is_due()
        {
            lane.acknowledgements.on_sent();
            let last = receiver.last();
            self.net.send(link, 1, without_length(acknowledgement(last)));
        }
    }

    /// A node holds another one for down, or hears of another start of it.
    pub fn end_lanes(&mut self, node: usize, peer: usize) {
        let now = self.net.now();
        let Some(at) = &mut self.nodes[node] else { return };
        for (_, lane) in at.lanes.iter_mut().filter(|((to, _), _)| *to == peer) {
            if let Some(link) = lane.link {
                self.net.close(link, 0, false);
            }
            lane.lost(now, false);
            (lane.again_at, lane.backoff) = (0, BACKOFF_MIN_MS);
        }
        let from = at.lanes_from.iter().filter(|(_, lane)| lane.from.node == peer);
        let from: Vec<LinkId> = from.map(|(link, _)| *link).collect();
        for link in from {
            at.lanes_from.remove(&link);
            self.net.close(link, 1, false);
        }
    }
}

impl Node {
    /// Brings mail of the rules into the lanes.
    fn take_mail(&mut self) {
        let now = self.clock.now();
        let mail: Vec<(usize, u8, Mail)> = self.broker.0.borrow_mut().peer_mail.drain(..).collect();
        let mut room = BytesMut::new();
        for (worker, slot, mail) in mail {
            if let Some(lane) = self.lanes.get_mut(&(usize::from(slot), worker)) {
                with_record(&mail, now, &mut room, |record| lane.sender.push(record, now.0));
            }
        }
    }

    fn take_frame(&mut self, link: LinkId, frame: Bytes) -> Taken {
        let Some(lane) = self.lanes_from.get_mut(&link) else {
            return Taken::Fine;
        };
        let frame = FromSender::decode(frame).expect("a sender of this version");
        match (frame, lane.hello) {
            (FromSender::Hello { worker, epoch }, None) => {
                lane.hello = Some((worker, epoch));
                self.received
                    .entry((lane.from.node, worker))
                    .or_default()
                    .on_hello(epoch);
                Taken::Hello
            }
            (FromSender::Delay { ms }, Some(_)) => {
                lane.delay_ms = ms;
                Taken::Fine
            }
            (FromSender::Batch(mut batch), Some((worker, epoch))) => {
                let (count, is_wanted) = (batch.left(), batch.wants_acknowledgement());
                let delay_ms = std::mem::take(&mut lane.delay_ms);
                let (bytes, now) = (batch.bytes().clone(), self.clock.now());
                let mut new = Vec::new();
                while let Some((sequence, record)) = batch.next_record().expect("what was encoded") {
                    let receiver = self.received.get_mut(&(lane.from.node, worker));
                    let Some(receiver) = receiver.filter(|receiver| receiver.epoch() == epoch) else {
                        return Taken::Superseded;
                    };
                    if receiver.is_new(sequence) {
                        let message = lane.messages.message(&record, &bytes, delay_ms, now);
                        let message = message.expect("what was encoded");
                        let member = record.member.map(|member| {
                            let texts = [member.group, member.filter, member.client_id].map(str::to_owned);
                            (texts, member.redispatched)
                        });
                        new.push((message, member));
                    }
                }
                lane.acknowledgements.on_messages(count, is_wanted);
                let shard = self.worker_for(worker);
                let mut state = self.broker.0.borrow_mut();
                for (message, member) in new {
                    let message = Arc::clone(&message);
                    state.event(shard, |shard, effects| match &member {
                        None => shard.on_remote_publish(&message, now, effects),
                        Some(([group, filter, client], redispatched)) => {
                            shard.on_remote_member(group, filter, client, &message, *redispatched, now, effects);
                        }
                    });
                }
                Taken::Fine
            }
            (FromSender::Hello { .. }, Some(_)) | (_, None) => {
                panic!("a sender of this version says hello once, first")
            }
        }
    }

    /// The last number for another node of each worker whose lane is linked, or is about to be.
    pub fn last_for(&mut self, peer: usize) -> Vec<(usize, u64)> {
        // The daemon's workers do that in the turn in which a message was published.
        self.take_mail();
        let lanes = self
            .lanes
            .iter()
            .filter(|((to, _), lane)| *to == peer && lane.sender.may_arrive_soon());
        lanes.map(|((_, worker), lane)| (*worker, lane.sender.last())).collect()
    }

    /// Whether all of that has arrived, or cannot.
    pub fn have_arrived(&self, peer: usize, last: &[(usize, u64)]) -> bool {
        last.iter().all(|(worker, last)| {
            let lane = self.lanes.get(&(peer, *worker));
            lane.is_none_or(|lane| !lane.sender.may_arrive_soon() || lane.sender.is_past(*last))
        })
    }

    /// Whether nothing waits in its lanes to those that are up.
    pub fn lanes_are_empty(&self) -> bool {
        let mut lanes = self.lanes.iter().filter(|((peer, _), _)| self.peers[*peer].is_up);
        lanes.all(|(_, lane)| lane.sender.is_empty() && lane.sender.link() == LinkState::Up)
    }
}
