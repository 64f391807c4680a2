//! This node as a follower of each other one: a task for each, which keeps a link and puts what comes into the tables.
//!
//! What a node has said goes from the tables when it is declared down, or is a member no more. When it starts anew, or
//! was away for longer than its ring reaches back, it gives a snapshot, and what that does not name goes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::link::{FrameReader, FrameWriter, Lane};
use emqxd_cluster::stream::{FRAME_MAX, Follower, FollowerPhase, Heard, StreamError};
use tokio::io::AsyncWrite;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::conflict;
use super::replica::{PeerReplica, Tables};
use super::status::StreamStatus;
use crate::cluster::{AskError, PeerInfo};
use crate::node::NodeShared;

/// A writer that says nothing for so long has lost its link: it beats each second.
const SILENCE: Duration = Duration::from_secs(5);
/// Between two attempts, at first and at most.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Between two looks at the sums for those who ask how far the stream is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Why a link to a writer ended.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    /// None came up.
    #[error(transparent)]
    Open(#[from] AskError),
    /// The network.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It ended it.
    #[error("the other node has closed the link")]
    Closed,
    /// It is silent.
    #[error("nothing came for {} s", SILENCE.as_secs())]
    TimedOut,
    /// It is not understood, or was found wrong.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

/// Follows all other nodes until it is dropped.
pub async fn run(node: Arc<NodeShared>) {
    if node.streams.journal().is_none() {
        return;
    }
    let mut changes = node.cluster.changes();
    let mut wishes: BTreeMap<NodeId, watch::Sender<Option<PeerInfo>>> = BTreeMap::new();
    let mut up = BTreeSet::new();
    let mut tasks = JoinSet::new();
    loop {
        let table = Arc::clone(&changes.borrow_and_update());
        // Of those that have ended the receivers are gone.
        wishes.retain(|_, wish| !wish.is_closed());
        for (id, wish) in &wishes {
            if table.by_id(*id).is_none() {
                wish.send_replace(None);
            }
        }
        for peer in table.all() {
            match wishes.get(&peer.id) {
                Some(wish) => {
                    wish.send_replace(Some(peer.clone()));
                }
                None => {
                    let (wish, wished) = watch::channel(Some(peer.clone()));
                    wishes.insert(peer.id, wish);
                    let following = Following::new(Arc::clone(&node), peer);
                    tasks.spawn(following.run(wished));
                }
            }
        }
        let up_now: BTreeSet<NodeId> = table.up().map(|peer| peer.id).collect();
        if !up.is_subset(&up_now) {
            node.streams.doubts.fetch_add(1, Ordering::Relaxed);
        }
        up = up_now;
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            Some(_ended) = tasks.join_next() => {}
        }
    }
}

impl Tables {
    /// Those of this node.
    fn of(node: &NodeShared) -> Self {
        Self {
            routes: Arc::clone(&node.tables.routes),
            locations: Arc::clone(&node.tables.locations),
            retained: Arc::clone(&node.retained),
            clock: node.clock.clone(),
        }
    }
}

/// One other node.
struct Following {
    node: Arc<NodeShared>,
    follower: Follower,
    replica: PeerReplica,
    status: StreamStatus,
    looked_at: Option<Instant>,
    doubts: u64,
    asked: u64,
}

impl Following {
    fn new(node: Arc<NodeShared>, peer: &PeerInfo) -> Self {
        Self {
            follower: Follower::new(),
            replica: PeerReplica::new(Tables::of(&node), peer.slot),
            status: StreamStatus::new(peer),
            looked_at: None,
            doubts: 0,
            asked: node.streams.asked_by(peer.id),
            node,
        }
    }

    /// Until the node is a member no more and all it said is gone.
    async fn run(mut self, mut wished: watch::Receiver<Option<PeerInfo>>) {
        let id = self.status.id;
        let mut pause = PAUSE;
        loop {
            let wish = wished.borrow_and_update().clone();
            let Some(peer) = wish.filter(|peer| peer.is_up) else {
                self.clear().await;
                let is_gone = wished.borrow().is_none();
                if is_gone {
                    self.node.streams.followed.lock().remove(&id);
                    return;
                }
                if wished.changed().await.is_err() {
                    return;
                }
                pause = PAUSE;
                continue;
            };
            let mut watched = wished.clone();
            let ended = tokio::select! {
                ended = self.follow(&peer) => ended,
                () = until_other(&mut watched, &peer) => Err(FollowError::Closed),
            };
            if self.follower.phase() == FollowerPhase::Following {
                pause = PAUSE;
            }
            self.note_lost(&peer, ended.err());
            tokio::select! {
                () = sleep(pause) => {}
                _changed = wished.changed() => {}
            }
            pause = PAUSE_MAX.min(pause * 2);
        }
    }

    /// Keeps a link as long as it goes.
    async fn follow(&mut self, peer: &PeerInfo) -> Result<(), FollowError> {
        let (found, stream) = self.node.cluster.open(peer.id, Lane::Replication).await?;
        let (read, write) = tokio::io::split(stream);
        let mut reader = FrameReader::new(read, FRAME_MAX);
        let mut writer = FrameWriter::new(write);
        say(&mut writer, &self.follower.greet()).await?;
        self.status.boot = found.boot;
        self.status.node.clone_from(&found.name);
        tracing::debug!(peer = %found.name, boot = found.boot, "stream_linked");
        let mut snapshot_began = None;
        loop {
            let frame = timeout(SILENCE, reader.next()).await;
            let frame = frame.map_err(|_elapsed| FollowError::TimedOut)??;
            let frame = frame.ok_or(FollowError::Closed)?;
            let heard = self.follower.on_frame(&frame, &mut self.replica)?;
            if self.follower.phase() == FollowerPhase::Snapshot {
                snapshot_began.get_or_insert_with(Instant::now);
            }
            match heard {
                Heard::Fine => {}
                Heard::Complete => {
                    self.replica.sweep().await;
                    self.tell_snapshot(snapshot_began.take());
                }
                Heard::RetainedDiffer => {
                    tracing::info!(peer = %self.status.node, "retained_messages_compared");
                    say(&mut writer, &Follower::want_retained()).await?;
                }
            }
            self.after_frame().await;
            // A snapshot of many rows leaves the thread to others now and then.
            tokio::task::yield_now().await;
        }
    }

    async fn after_frame(&mut self) {
        let doubts = self.node.streams.doubts.load(Ordering::Relaxed);
        if std::mem::replace(&mut self.doubts, doubts) != doubts {
            self.follower.doubt_retained();
        }
        let asked = self.node.streams.asked_by(self.status.id);
        if std::mem::replace(&mut self.asked, asked) != asked {
            self.follower.on_asked_by_writer();
        }
        let arrived = self.replica.take_arrived();
        conflict::settle(&self.node, arrived, self.replica.slot()).await;
        self.note();
    }

    fn tell_snapshot(&mut self, began: Option<Instant>) {
        self.looked_at = None;
        self.note();
        tracing::info!(
            peer = %self.status.node,
            rows = self.status.rows.rows(),
            took_ms = began.map_or(0, |began| began.elapsed().as_millis() as u64),
            sequence = self.status.sequence,
            "stream_snapshot_taken"
        );
    }

    fn note_lost(&mut self, peer: &PeerInfo, error: Option<FollowError>) {
        let was_linked = self.follower.phase() != FollowerPhase::Away;
        self.follower.lost();
        if self.replica.is_sweep_due() {
            self.follower.forget();
        }
        let Some(error) = error else { return };
        let why = error.to_string();
        match &error {
            FollowError::Stream(_) => tracing::warn!(
                peer = %peer.name,
                why,
                snapshots = self.follower.snapshots(),
                next = "a snapshot is asked for by itself; run the same version of emqxd on all nodes",
                "stream_broken"
            ),
            _ if was_linked => tracing::info!(peer = %peer.name, why, "stream_lost"),
            _ => tracing::debug!(peer = %peer.name, why, "stream_not_linked"),
        }
        self.status.last_error = Some(why);
        self.looked_at = None;
        self.note();
    }

    /// The node is down, or none of the cluster: what it owned is nobody's.
    async fn clear(&mut self) {
        self.follower.lost();
        self.follower.forget();
        let rows = self.status.rows.rows();
        self.replica.clear().await;
        if rows > 0 {
            tracing::info!(peer = %self.status.node, rows, "stream_rows_dropped");
        }
        self.status.rows = emqxd_cluster::stream::Sums::default();
        self.status.state = super::StreamState::Down;
        self.publish();
    }

    fn note(&mut self) {
        self.status.note(&self.follower);
        self.status.refused = self.replica.refused();
        if self.looked_at.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            self.status.rows = emqxd_cluster::stream::Replica::sums(&self.replica);
            self.looked_at = Some(Instant::now());
        }
        self.publish();
    }

    fn publish(&self) {
        let mut followed = self.node.streams.followed.lock();
        followed.insert(self.status.id, self.status.clone());
    }
}

/// Returns when the node is not to be followed any more, or is another start of it.
async fn until_other(wished: &mut watch::Receiver<Option<PeerInfo>>, followed: &PeerInfo) {
    let is_other = |wish: &Option<PeerInfo>| match wish {
        Some(peer) => !peer.is_up || (followed.boot != 0 && peer.boot != followed.boot),
        None => true,
    };
    // Who could tell is gone: so is this task in a moment.
    let _told = wished.wait_for(is_other).await;
}

async fn say<W: AsyncWrite + Unpin>(writer: &mut FrameWriter<W>, frame: &[u8]) -> io::Result<()> {
    writer.send(&[frame]).await?;
    writer.flush().await
}
