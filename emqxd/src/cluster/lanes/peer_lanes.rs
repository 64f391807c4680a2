//! The lanes of one worker, by the slot of the node they lead to.
//!
//! Owned by the worker: the rules push into them, the tasks of `sending.rs` take out of them.

use std::collections::HashMap;
use std::rc::Rc;

use bytes::BytesMut;
use emqxd_broker::{Mail, PEERS_MAX, Time};
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::messages::{Figures, Limits, LinkState, Malformed, Outgoing, Pushed, Receiver, Sender};
use tokio::sync::Notify;

use super::LaneFigures;
use super::conversion::with_record;
use super::sending::LaneTask;

/// Lanes of other nodes' workers that are remembered: more than all their workers are.
const RECEIVED_MAX: usize = PEERS_MAX * 1024;

/// A worker's lanes to other nodes, and what it has had of theirs.
#[derive(Default)]
pub(crate) struct PeerLanes {
    /// By slot.
    lanes: Vec<Option<Box<PeerLane>>>,
    /// Room for the properties of one message.
    properties: BytesMut,
    /// By node and worker there.
    received: HashMap<(NodeId, u16), Received>,
    /// Wakes who waits until the worker goes on after it stood still.
    pub(crate) thawed: Rc<Notify>,
}

/// One lane.
struct PeerLane {
    id: NodeId,
    name: String,
    sender: Sender,
    /// Tells the receiver that sequences began anew with this lane.
    epoch: u64,
    news: Rc<Notify>,
    /// Its writer has nothing to do.
    is_waiting: bool,
    /// Publishers are held for it.
    holds_publishers: bool,
    /// Ends with the lane.
    _task: LaneTask,
}

/// What came over a lane of another node.
#[derive(Default)]
struct Received {
    receiver: Receiver,
    messages: u64,
}

impl PeerLanes {
    /// Takes in mail for the node in a slot.
    #[inline]
    pub fn push(&mut self, slot: u8, mail: &Mail, now: Time) -> Pushed {
        let Some(lane) = self.lanes.get_mut(usize::from(slot)).and_then(Option::as_deref_mut) else {
            return Pushed::Dropped;
        };
        let sender = &mut lane.sender;
        let pushed = with_record(mail, now, &mut self.properties, |record| sender.push(record, now.0));
        if lane.is_waiting {
            lane.is_waiting = false;
            lane.news.notify_one();
        }
        let pushed = pushed.unwrap_or(Pushed::Dropped);
        match pushed {
            Pushed::Queued => {}
            Pushed::Full => lane.holds_publishers = true,
            Pushed::Dropped => tell_dropped(lane, 1),
        }
        pushed
    }

    /// The lane to the node in a slot is this one from now on.
    pub fn add(&mut self, slot: u8, id: NodeId, name: &str, epoch: u64, news: Rc<Notify>, task: LaneTask) {
        let index = usize::from(slot);
        if self.lanes.len() <= index {
            self.lanes.resize_with(index + 1, || None);
        }
        self.lanes[index] = Some(Box::new(PeerLane {
            id,
            name: name.to_owned(),
            sender: Sender::new(Limits::default()),
            epoch,
            news,
            is_waiting: false,
            holds_publishers: false,
            _task: task,
        }));
    }

    /// Drops the lanes that `is_kept` does not want, with what waits in them. How many messages that is.
    pub fn retain(&mut self, is_kept: impl Fn(u8, NodeId) -> bool) -> u64 {
        let mut dropped = 0;
        for (slot, place) in (0..).zip(&mut self.lanes) {
            if let Some(lane) = place
                && !is_kept(slot, lane.id)
            {
                let count = lane.sender.clear();
                tell_dropped(lane, count);
                dropped += count;
                *place = None;
            }
        }
        dropped
    }

    /// Forgets what was had from nodes that are not `is_kept`.
    pub fn retain_received(&mut self, is_kept: impl Fn(NodeId) -> bool) {
        self.received.retain(|(id, _), _| is_kept(*id));
    }

    /// The number of the last message for the node in a slot, if it still waits; on a lane without a link, and none being
    /// made, only if links are waited for.
    pub fn last_for(&self, slot: u8, waits_for_links: bool) -> Option<u64> {
        let lane = self.lanes.get(usize::from(slot)).and_then(Option::as_deref)?;
        let last = lane.sender.last();
        let may_arrive = waits_for_links || lane.sender.may_arrive_soon();
        (may_arrive && !lane.sender.is_past(last)).then_some(last)
    }

    /// Whether the node in a slot has what it was sent up to this message; what was dropped waits no more, nor does what
    /// has no link, and none that is being made, unless links are waited for.
    pub fn has_arrived(&self, slot: u8, last: u64, waits_for_links: bool) -> bool {
        let lane = self.lanes.get(usize::from(slot)).and_then(Option::as_deref);
        let may_arrive = |lane: &PeerLane| waits_for_links || lane.sender.may_arrive_soon();
        lane.is_none_or(|lane| !may_arrive(lane) || lane.sender.is_past(last))
    }

    /// The number of the oldest message that the node in a slot has not acknowledged, and the bytes of all that wait.
    pub fn unacknowledged(&self, slot: u8) -> Option<(u64, usize)> {
        let lane = self.lanes.get(usize::from(slot)).and_then(Option::as_deref)?;
        Some((lane.sender.first_waiting()?, lane.sender.bytes()))
    }

    /// Whether there is a lane to the node in a slot.
    pub fn has(&self, slot: u8) -> bool {
        matches!(self.lanes.get(usize::from(slot)), Some(Some(_)))
    }

    /// See [`Sender::on_peer`].
    pub fn on_peer(&mut self, slot: u8, boot: u64) {
        if let Some(lane) = self.lane(slot) {
            lane.sender.on_peer(boot);
        }
    }

    /// The number of its sender; 0 if there is no such lane.
    pub fn epoch(&self, slot: u8) -> u64 {
        let lane = self.lanes.get(usize::from(slot)).and_then(Option::as_deref);
        lane.map_or(0, |lane| lane.epoch)
    }

    /// See [`Sender::on_linked`].
    pub fn on_linked(&mut self, slot: u8, last: u64, since_ms: u64) -> Result<u64, Malformed> {
        let Some(lane) = self.lane(slot) else { return Ok(0) };
        let dropped = lane.sender.on_linked(last, since_ms)?;
        tell_dropped(lane, dropped);
        Ok(dropped)
    }

    /// See [`Sender::on_unlinked`].
    pub fn on_unlinked(&mut self, slot: u8, is_coming: bool) {
        if let Some(lane) = self.lane(slot) {
            lane.sender.on_unlinked(is_coming);
        }
    }

    /// See [`Sender::on_acknowledged`].
    pub fn on_acknowledged(&mut self, slot: u8, last: u64) -> Result<(), Malformed> {
        self.lane(slot).map_or(Ok(()), |lane| lane.sender.on_acknowledged(last))
    }

    /// The next batch of a lane. If there is none, `news` of the lane tells when there is.
    pub fn next_batch(&mut self, slot: u8, now: Time) -> Option<Outgoing> {
        let lane = self.lane(slot)?;
        let next = lane.sender.next_batch(now.0);
        lane.is_waiting = next.is_none();
        next
    }

    /// See [`Sender::on_written`].
    pub fn on_written(&mut self, slot: u8) {
        if let Some(lane) = self.lane(slot) {
            lane.sender.on_written();
        }
    }

    /// Whether publishers were held for a lane that has room again; they are not from then on.
    pub fn releases_publishers(&mut self, slot: u8) -> bool {
        let Some(lane) = self.lane(slot) else { return true };
        let releases = lane.holds_publishers && lane.sender.has_room();
        if releases {
            lane.holds_publishers = false;
        }
        releases
    }

    /// Whether all that can be sent now has been, and acknowledged where that is waited for. What is for nodes without
    /// a link does not count: nobody knows when there is one.
    pub fn is_at_rest(&self) -> bool {
        let mut lanes = self.lanes.iter().flatten();
        lanes.all(|lane| lane.sender.is_empty() || lane.sender.link() != LinkState::Up)
    }

    /// A worker of another node begins to send over a new link. What was had of it before.
    pub fn on_hello(&mut self, id: NodeId, worker: u16, epoch: u64) -> Option<u64> {
        if self.received.len() >= RECEIVED_MAX && !self.received.contains_key(&(id, worker)) {
            return None;
        }
        Some(self.received.entry((id, worker)).or_default().receiver.on_hello(epoch))
    }

    /// What was had of a worker's messages; `None` if they are of another epoch by now.
    pub fn receiver(&mut self, id: NodeId, worker: u16, epoch: u64) -> Option<&mut Receiver> {
        let received = self.received.get_mut(&(id, worker))?;
        (received.receiver.epoch() == epoch).then_some(&mut received.receiver)
    }

    /// So many messages of a worker were new.
    pub fn count_received(&mut self, id: NodeId, worker: u16, messages: u64) {
        if let Some(received) = self.received.get_mut(&(id, worker)) {
            received.messages += messages;
        }
    }

    /// Adds what these lanes have to `figures`, one entry a node.
    pub fn add_to(&self, figures: &mut Vec<(NodeId, LaneFigures)>) {
        for lane in self.lanes.iter().flatten() {
            let Figures {
                sent, resent, dropped, ..
            } = lane.sender.figures();
            entry(figures, lane.id).add(&LaneFigures {
                lanes: 1,
                linked: usize::from(lane.sender.link() == LinkState::Up),
                queued_messages: lane.sender.messages(),
                queued_bytes: lane.sender.bytes(),
                sent,
                resent,
                dropped,
                received: 0,
            });
        }
        for ((id, _), received) in &self.received {
            entry(figures, *id).received += received.messages;
        }
    }

    fn lane(&mut self, slot: u8) -> Option<&mut PeerLane> {
        self.lanes.get_mut(usize::from(slot))?.as_deref_mut()
    }
}

fn entry(figures: &mut Vec<(NodeId, LaneFigures)>, id: NodeId) -> &mut LaneFigures {
    let place = figures.iter().position(|(known, _)| *known == id);
    let place = place.unwrap_or_else(|| {
        figures.push((id, LaneFigures::default()));
        figures.len() - 1
    });
    &mut figures[place].1
}

/// Throttled: of many of a minute the log has the first and a count.
fn tell_dropped(lane: &PeerLane, count: u64) {
    if count == 0 {
        return;
    }
    tracing::warn!(
        peer = %lane.name,
        messages = count,
        waiting = lane.sender.messages(),
        is_linked = lane.sender.link() == LinkState::Up,
        next = "see emqx-ctl cluster status whether that node is up",
        "messages_to_peer_dropped"
    );
}
