//! A link of messages that another node opened: read by one worker, decoded in place, delivered from there.
//!
//! The worker hands on as much as a turn may work through, then others have theirs. Nothing is read while mail to the
//! other workers has no room, or while the worker stands still: the sender's queue holds it then.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use emqxd_broker::Time;
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::link::{FrameReader, Peer, Stream};
use emqxd_cluster::messages::{Acknowledgements, Batch, FRAME_MAX, FromSender, Malformed, acknowledgement, welcome};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::conversion::Messages;
use super::sending::until_down;
use super::{LaneError, WELCOME_TIME};
use crate::worker::{Pace, Worker, WorkerState, guarded};

/// How long more messages are waited for before those that have come are acknowledged.
const ACKNOWLEDGE_AFTER: Duration = Duration::from_millis(20);

type Link = Box<dyn Stream + Sync>;

/// A link being served; given up when this is dropped.
pub(super) struct Serving(JoinHandle<()>);

impl Serving {
    /// Returns at its end.
    pub async fn ended(mut self) {
        let _whatever_ended_it = (&mut self.0).await;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves a link on a worker.
pub(super) fn spawn(worker: &Worker, from: Peer, stream: Link) -> Serving {
    let worker = Worker::clone(worker);
    Serving(tokio::task::spawn_local(async move {
        let changes = worker.borrow().node.cluster.changes();
        let ended = tokio::select! {
            ended = serve(&worker, from.id, stream) => ended,
            () = until_down(changes, from.id) => Err(LaneError::PeerDown),
        };
        match ended {
            Err(error @ LaneError::Malformed(_)) => tracing::error!(
                peer = %from.name, reason = %error,
                next = "run the same version of emqxd on all nodes",
                "lane_from_peer_broken"
            ),
            Err(error) => tracing::debug!(peer = %from.name, reason = %error, "lane_from_peer_ended"),
            Ok(()) => {}
        }
    }))
}

async fn serve(worker: &Worker, id: NodeId, mut stream: Link) -> Result<(), LaneError> {
    // It was accepted on another thread.
    stream.move_here()?;
    let (read, mut write) = tokio::io::split(stream);
    let mut frames = FrameReader::new(read, FRAME_MAX);
    let hello = timeout(WELCOME_TIME, frames.next()).await;
    let hello = hello
        .map_err(|_elapsed| LaneError::TimedOut)??
        .ok_or(LaneError::Closed)?;
    let FromSender::Hello { worker: number, epoch } = FromSender::decode(hello)? else {
        return Err(Malformed("no hello").into());
    };
    let last = worker.borrow_mut().lanes.on_hello(id, number, epoch);
    let last = last.ok_or(Malformed("more workers than a node has"))?;
    let since_ms = {
        let clock = &worker.borrow().clock;
        clock.unix_ms(Time(0))
    };
    write.write_all(&welcome(last, since_ms)).await?;
    write.flush().await?;
    let link = LinkFrom {
        worker,
        id,
        number,
        epoch,
        messages: Messages::default(),
    };
    link.receive(frames, write).await
}

/// What is known of the other end of a link.
struct LinkFrom<'a> {
    worker: &'a Worker,
    id: NodeId,
    number: u16,
    epoch: u64,
    messages: Messages,
}

impl LinkFrom<'_> {
    async fn receive(
        mut self,
        mut frames: FrameReader<ReadHalf<Link>>,
        mut write: WriteHalf<Link>,
    ) -> Result<(), LaneError> {
        let mut acknowledgements = Acknowledgements::default();
        let mut delay_ms = 0;
        loop {
            let frame = match frames.take()? {
                Some(frame) => frame,
                None => match self.next_frame(&mut frames, &mut write, &mut acknowledgements).await? {
                    Some(frame) => frame,
                    None => return Err(LaneError::Closed),
                },
            };
            match FromSender::decode(frame)? {
                FromSender::Delay { ms } => delay_ms = ms,
                FromSender::Batch(batch) => {
                    let (count, is_wanted) = (batch.left(), batch.wants_acknowledgement());
                    let delay_ms = std::mem::take(&mut delay_ms);
                    self.hand_on(batch, delay_ms, &mut write, &mut acknowledgements).await?;
                    acknowledgements.on_messages(count, is_wanted);
                    if acknowledgements.is_overdue() {
                        self.acknowledge(&mut write, &mut acknowledgements).await?;
                    }
                }
                FromSender::Hello { .. } => return Err(Malformed("a second hello").into()),
            }
        }
    }

    /// The next frame that comes; meanwhile those before it are acknowledged.
    async fn next_frame<R, W>(
        &self,
        frames: &mut FrameReader<R>,
        write: &mut W,
        acknowledgements: &mut Acknowledgements,
    ) -> Result<Option<bytes::Bytes>, LaneError>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        if acknowledgements.is_due() {
            if let Ok(next) = timeout(ACKNOWLEDGE_AFTER, frames.next()).await {
                return Ok(next?);
            }
            self.acknowledge(write, acknowledgements).await?;
        }
        Ok(frames.next().await?)
    }

    async fn acknowledge(
        &self,
        write: &mut (impl AsyncWrite + Unpin),
        acknowledgements: &mut Acknowledgements,
    ) -> Result<(), LaneError> {
        let last = self.with_receiver(|receiver| receiver.last())?;
        write.write_all(&acknowledgement(last)).await?;
        write.flush().await?;
        acknowledgements.on_sent();
        Ok(())
    }

    fn with_receiver<R>(&self, act: impl FnOnce(&mut emqxd_cluster::messages::Receiver) -> R) -> Result<R, LaneError> {
        let state = &mut *self.worker.borrow_mut();
        let receiver = state.lanes.receiver(self.id, self.number, self.epoch);
        receiver.map(act).ok_or(LaneError::Superseded)
    }

    /// Hands the messages of a batch to the rules.
    async fn hand_on(
        &mut self,
        mut batch: Batch,
        delay_ms: u32,
        write: &mut (impl AsyncWrite + Unpin),
        acknowledgements: &mut Acknowledgements,
    ) -> Result<(), LaneError> {
        loop {
            self.until_there_is_room(write, acknowledgements).await?;
            let mut result = Err(io::Error::other("a message could not be delivered").into());
            let worker = self.worker;
            guarded(worker, |state| result = self.turn(state, &mut batch, delay_ms));
            if result? {
                return Ok(());
            }
            // Others have their turn.
            tokio::task::yield_now().await;
        }
    }

    /// As many messages as a turn may work through; whether those were all.
    fn turn(&mut self, state: &mut WorkerState, batch: &mut Batch, delay_ms: u32) -> Result<bool, LaneError> {
        let now = state.clock.now();
        state.begin_work();
        let result = self.take_messages(state, batch, delay_ms, now);
        state.apply_effects(now);
        result
    }

    fn take_messages(
        &mut self,
        state: &mut WorkerState,
        batch: &mut Batch,
        delay_ms: u32,
        now: Time,
    ) -> Result<bool, LaneError> {
        let bytes = batch.bytes().clone();
        let mut count = 0;
        let mut is_through = false;
        while !state.is_work_done() {
            let Some((sequence, record)) = batch.next_record()? else {
                is_through = true;
                break;
            };
            let receiver = state.lanes.receiver(self.id, self.number, self.epoch);
            if !receiver.ok_or(LaneError::Superseded)?.is_new(sequence) {
                continue;
            }
            let message = self.messages.message(&record, &bytes, delay_ms, now)?;
            count += 1;
            state.work += 1;
            match record.member {
                None => state.shard.on_remote_publish(&message, now, &mut state.effects),
                Some(member) => state.shard.on_remote_member(
                    member.group,
                    member.filter,
                    member.client_id,
                    &message,
                    member.redispatched,
                    now,
                    &mut state.effects,
                ),
            }
            state.apply_effects_if_many(now);
        }
        state.lanes.count_received(self.id, self.number, count);
        Ok(is_through)
    }

    /// While another worker has no room for mail, or this one stands still, what comes is left where it is. What came
    /// before is acknowledged first: another process may go on with the clients, and would be sent it again.
    async fn until_there_is_room(
        &self,
        write: &mut (impl AsyncWrite + Unpin),
        acknowledgements: &mut Acknowledgements,
    ) -> Result<(), LaneError> {
        loop {
            let (thawed, room) = {
                let state = self.worker.borrow();
                match state.pace {
                    Pace::Leaving => return Err(LaneError::Stopping),
                    Pace::Running if !state.outbox.is_blocked() => return Ok(()),
                    Pace::Running | Pace::Frozen => {}
                }
                (std::rc::Rc::clone(&state.lanes.thawed), Arc::clone(&state.outbox.room))
            };
            if acknowledgements.is_due() {
                self.acknowledge(write, acknowledgements).await?;
                continue;
            }
            tokio::select! {
                () = thawed.notified() => {}
                () = room.notified() => {}
            }
        }
    }
}
