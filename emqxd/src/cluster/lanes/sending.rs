//! The tasks that bring messages to other nodes, of a worker: [`follow_peers`] keeps a lane for each node, and each
//! lane's task a link while its node is up.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::link::{FrameReader, Lane};
use emqxd_cluster::messages::{ACKNOWLEDGEMENT_MAX, FromReceiver, Malformed, hello};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::{LaneError, WELCOME_TIME};
use crate::cluster::PeerTable;
use crate::node::NodeShared;
use crate::worker::Worker;

/// Between a link that broke, or did not come up, and the next attempt; doubled each time.
const BACKOFF_MIN: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// Between two looks at what waits for an acknowledgement. What was not acknowledged from one to the next goes over
/// another link, unless there is so much of it that the link may be slow.
const STALLED_AFTER: Duration = Duration::from_millis(1500);
/// No link between nodes is slower, bytes a second; where one is, the time doubles each time in vain.
const SLOWEST: u64 = 256 << 10;
const DOUBLINGS_MAX: u32 = 8;

/// A task that ends with what holds this.
pub(crate) struct LaneTask(JoinHandle<()>);

impl Drop for LaneTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Keeps a lane for each other node.
pub(crate) async fn follow_peers(worker: Worker) {
    let node = Arc::clone(&worker.borrow().node);
    let mut changes = node.cluster.changes();
    loop {
        let table = Arc::clone(&changes.borrow_and_update());
        follow(&worker, &node, &table);
        if changes.changed().await.is_err() {
            return;
        }
    }
}

fn follow(worker: &Worker, node: &Arc<NodeShared>, table: &PeerTable) {
    let is_known = |slot, id| table.by_slot(slot).is_some_and(|peer| peer.id == id);
    {
        let state = &mut *worker.borrow_mut();
        let dropped = state.lanes.retain(is_known);
        state.lanes.retain_received(|id| table.by_id(id).is_some());
        state.count_dropped_on_lanes(dropped);
        // Whoever was held for a lane that is gone finds out in a turn.
        state.release_publishers();
    }
    for peer in table.all() {
        let is_new = !worker.borrow().lanes.has(peer.slot);
        if is_new {
            let news = Rc::new(Notify::new());
            let lane = LaneOf {
                worker: Rc::clone(worker),
                node: Arc::clone(node),
                slot: peer.slot,
                id: peer.id,
                name: peer.name.clone(),
                news: Rc::clone(&news),
                stalls: Cell::new(0),
            };
            let task = LaneTask(tokio::task::spawn_local(lane.keep_linked()));
            let [epoch, _] = node.random_words();
            let lanes = &mut worker.borrow_mut().lanes;
            lanes.add(peer.slot, peer.id, &peer.name, epoch, news, task);
        }
        // 0: not known yet. Numbers grow, so that says nothing new.
        worker.borrow_mut().lanes.on_peer(peer.slot, peer.boot);
    }
}

/// The task of one lane.
struct LaneOf {
    worker: Worker,
    node: Arc<NodeShared>,
    slot: u8,
    id: NodeId,
    name: String,
    news: Rc<Notify>,
    /// How often in a row a link was given up over which nothing was acknowledged.
    stalls: Cell<u32>,
}

impl LaneOf {
    async fn keep_linked(self) {
        let mut changes = self.node.cluster.changes();
        let mut backoff = BACKOFF_MIN;
        // Whether a link is to be expected at once; not after an attempt that failed.
        let mut is_hopeful = true;
        loop {
            if !is_up(&changes.borrow_and_update(), self.id) {
                self.unlinked(false);
                (backoff, is_hopeful) = (BACKOFF_MIN, true);
                if changes.changed().await.is_err() {
                    return;
                }
                continue;
            }
            if is_hopeful {
                self.unlinked(true);
            }
            let mut was_linked = false;
            let ended = tokio::select! {
                ended = self.link(&mut was_linked) => ended,
                () = until_down(changes.clone(), self.id) => Err(LaneError::PeerDown),
            };
            self.tell_ended(ended, was_linked);
            if was_linked {
                backoff = BACKOFF_MIN;
            }
            is_hopeful = was_linked;
            self.unlinked(is_hopeful);
            sleep(backoff).await;
            backoff = (backoff * 2).min(BACKOFF_MAX);
        }
    }

    /// Opens a link and serves it to its end.
    async fn link(&self, was_linked: &mut bool) -> Result<(), LaneError> {
        let number = self.worker.borrow().id;
        // Two workers may have links of the same name: their messages are told apart by what the hello says.
        let lane = Lane::Messages((number & 0x7f) as u8);
        let (peer, mut stream) = self.node.cluster.open(self.id, lane).await?;
        let epoch = self.worker.borrow().lanes.epoch(self.slot);
        stream.write_all(&hello(number, epoch)).await?;
        stream.flush().await?;
        let (read, write) = tokio::io::split(stream);
        let mut words = FrameReader::new(read, ACKNOWLEDGEMENT_MAX);
        let welcome = timeout(WELCOME_TIME, words.next()).await;
        let welcome = welcome
            .map_err(|_elapsed| LaneError::TimedOut)??
            .ok_or(LaneError::Closed)?;
        let FromReceiver::Welcome { last, since_ms } = FromReceiver::decode(&welcome)? else {
            return Err(Malformed("no welcome").into());
        };
        {
            let state = &mut *self.worker.borrow_mut();
            state.lanes.on_peer(self.slot, peer.boot);
            let dropped = state.lanes.on_linked(self.slot, last, since_ms)?;
            state.count_dropped_on_lanes(dropped);
        }
        *was_linked = true;
        self.release();
        tracing::debug!(peer = %self.name, lane = number, last, "lane_linked");
        tokio::try_join!(
            self.write_batches(write),
            self.read_words(words),
            self.look_for_stalls()
        )?;
        Ok(())
    }

    async fn write_batches(&self, mut link: impl AsyncWrite + Unpin) -> Result<(), LaneError> {
        loop {
            let next = {
                let state = &mut *self.worker.borrow_mut();
                let now = state.clock.now();
                state.lanes.next_batch(self.slot, now)
            };
            let Some(next) = next else {
                link.flush().await?;
                self.news.notified().await;
                continue;
            };
            if let Some(delay) = next.delay {
                link.write_all(&delay).await?;
            }
            link.write_all(&next.batch).await?;
            self.worker.borrow_mut().lanes.on_written(self.slot);
            self.release();
            // Others have their turn.
            tokio::task::yield_now().await;
        }
    }

    async fn read_words(&self, mut words: FrameReader<impl AsyncRead + Unpin>) -> Result<(), LaneError> {
        while let Some(word) = words.next().await? {
            match FromReceiver::decode(&word)? {
                FromReceiver::Acknowledgement { last } => {
                    self.worker.borrow_mut().lanes.on_acknowledged(self.slot, last)?;
                    self.release();
                }
                FromReceiver::Welcome { .. } => return Err(Malformed("a second welcome").into()),
            }
        }
        Err(LaneError::Closed)
    }

    /// Ends a link over which nothing arrives: after a cut of the network TCP may be silent for as long again, and a new
    /// link comes up at once.
    async fn look_for_stalls(&self) -> Result<(), LaneError> {
        let (mut waits, mut since) = (None, Instant::now());
        loop {
            sleep(STALLED_AFTER).await;
            let waiting = self.worker.borrow().lanes.unacknowledged(self.slot);
            let first = waiting.map(|(first, _)| first);
            if waits.is_none() || first != waits {
                if waits.is_some() {
                    self.stalls.set(0);
                }
                (waits, since) = (first, Instant::now());
                continue;
            }
            let bytes = waiting.map_or(0, |(_, bytes)| bytes as u64);
            let patience = (STALLED_AFTER / 2 + Duration::from_secs(bytes) / SLOWEST as u32) * (1 << self.stalls.get());
            if since.elapsed() >= patience {
                self.stalls.set((self.stalls.get() + 1).min(DOUBLINGS_MAX));
                return Err(LaneError::Stalled);
            }
        }
    }

    fn unlinked(&self, is_coming: bool) {
        self.worker.borrow_mut().lanes.on_unlinked(self.slot, is_coming);
        self.release();
    }

    /// Publishers that were held go on if there is room for what they send.
    fn release(&self) {
        let state = &mut *self.worker.borrow_mut();
        if state.lanes.releases_publishers(self.slot) {
            state.release_publishers();
        }
    }

    fn tell_ended(&self, ended: Result<(), LaneError>, was_linked: bool) {
        let lane = self.worker.borrow().id;
        match ended {
            Err(error @ LaneError::Malformed(_)) => tracing::error!(
                peer = %self.name, lane, reason = %error,
                next = "run the same version of emqxd on all nodes",
                "lane_broken"
            ),
            Err(error) if was_linked => tracing::info!(peer = %self.name, lane, reason = %error, "lane_broken"),
            Err(error) => tracing::debug!(peer = %self.name, lane, reason = %error, "lane_not_linked"),
            Ok(()) => {}
        }
    }
}

fn is_up(table: &PeerTable, id: NodeId) -> bool {
    table.by_id(id).is_some_and(|peer| peer.is_up)
}

/// Returns when a node that was up is down, or no member any more. Of a node that is not up yet the other side may know
/// more than this one.
pub(super) async fn until_down(mut changes: watch::Receiver<Arc<PeerTable>>, id: NodeId) {
    // What they return holds a lock; an error says that the node stops.
    drop(changes.wait_for(|table| is_up(table, id)).await);
    drop(changes.wait_for(|table| !is_up(table, id)).await);
}
