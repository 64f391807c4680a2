//! One follower of this node's stream: what [`Feed`] says is sent, from the ring and from pages of the tables.
//!
//! A follower that takes nothing holds up nobody but itself: the ring goes on without it, and it is given a snapshot
//! when it reads again.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::link::{FrameReader, FrameWriter, Peer, Stream};
use emqxd_cluster::stream::{Feed, Frame, Next, StreamError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, interval, timeout};

use super::journal::NodeJournal;
use super::replica::retained_sum;
use super::source::Source;
use crate::node::NodeShared;
use crate::worker::WorkerGone;

/// A greeting that does not come in this time will not.
const HELLO_TIME: Duration = Duration::from_secs(5);
/// Between two heartbeats.
const BEAT: Duration = Duration::from_secs(1);
/// A follower that takes nothing for so long is gone, or as good as gone.
const SEND_TIME: Duration = Duration::from_secs(30);
/// The longest thing a follower says is its greeting.
const QUESTION_MAX: usize = 64;

/// Why a follower is served no longer.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    /// The network.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It does not read.
    #[error("it has taken nothing for {} s", SEND_TIME.as_secs())]
    TimedOut,
    /// It is not understood.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The node stops.
    #[error(transparent)]
    Stopping(#[from] WorkerGone),
}

/// Serves a follower, to the end of its link.
pub async fn serve(node: &Arc<NodeShared>, from: Peer, stream: Box<dyn Stream + Sync>) {
    let (Some(journal), Some(own)) = (node.streams.journal(), node.cluster.own()) else {
        return;
    };
    let follower = Serving {
        node,
        journal,
        boot: own.boot,
        from: from.id,
    };
    match follower.run(stream).await {
        Ok(()) => tracing::debug!(peer = %from.name, "stream_follower_gone"),
        Err(ServeError::Stopping(_)) => {}
        // The follower says why it has gone, and comes again.
        Err(error @ ServeError::Io(_)) => tracing::debug!(peer = %from.name, why = %error, "stream_follower_gone"),
        Err(error) => tracing::warn!(
            peer = %from.name,
            why = %error,
            next = "it connects anew by itself; if this comes again and again see its log",
            "stream_follower_lost"
        ),
    }
}

struct Serving<'a> {
    node: &'a Arc<NodeShared>,
    journal: &'a NodeJournal,
    boot: u64,
    from: NodeId,
}

impl Serving<'_> {
    async fn run(&self, stream: Box<dyn Stream + Sync>) -> Result<(), ServeError> {
        let (read, write) = tokio::io::split(stream);
        let mut reader = FrameReader::new(read, QUESTION_MAX);
        let mut writer = FrameWriter::new(write);
        let hello = timeout(HELLO_TIME, reader.next()).await;
        let Some(hello) = hello.map_err(|_elapsed| ServeError::TimedOut)?? else {
            return Ok(());
        };
        let ring = self.journal.ring();
        let mut feed = Feed::new(&hello, self.boot, ring)?;
        let mut source = None;
        let mut beats = interval(BEAT);
        let mut last_beat = Instant::now();
        loop {
            match feed.next(ring) {
                Next::Send(frame) => send(&mut writer, frame).await?,
                Next::Page {
                    from_start,
                    retained_only,
                } => {
                    if from_start {
                        source = Some(Source::new(self.node, self.journal, retained_only));
                    }
                    let source_now = source.get_or_insert_with(|| Source::new(self.node, self.journal, retained_only));
                    // Nothing else is sent between the two: see `Feed`.
                    let (frames, is_last) = source_now.next().await?;
                    for frame in frames {
                        send(&mut writer, frame).await?;
                    }
                    feed.page_sent(is_last);
                    if is_last {
                        source = None;
                    }
                }
                Next::Wait { sent } => {
                    flush(&mut writer).await?;
                    match self.wait(sent, &mut reader, &mut beats).await? {
                        Event::Changed => {}
                        Event::Asked(question) => {
                            // There is one question.
                            feed.heard(&question)?;
                            if self.node.cluster.peers().by_id(self.from).is_some() {
                                self.node.streams.note_asked_by(self.from);
                            }
                        }
                        Event::Beat => last_beat = self.beat(&mut writer).await?,
                        Event::End => return Ok(()),
                    }
                }
            }
            if last_beat.elapsed() >= 2 * BEAT {
                last_beat = self.beat(&mut writer).await?;
            }
        }
    }

    async fn wait<R: AsyncRead + Unpin>(
        &self,
        sent: u64,
        reader: &mut FrameReader<R>,
        beats: &mut tokio::time::Interval,
    ) -> io::Result<Event> {
        tokio::select! {
            () = self.journal.ring().changed_since(sent) => Ok(Event::Changed),
            question = reader.next() => Ok(question?.map_or(Event::End, Event::Asked)),
            _ = beats.tick() => Ok(Event::Beat),
        }
    }

    async fn beat<W: AsyncWrite + Unpin>(&self, writer: &mut FrameWriter<W>) -> Result<Instant, ServeError> {
        let frame = Feed::heartbeat(self.journal.ring(), retained_sum(&self.node.retained));
        send(writer, frame).await?;
        flush(writer).await?;
        Ok(Instant::now())
    }
}

/// What ends the wait for changes.
enum Event {
    Changed,
    Asked(Bytes),
    Beat,
    End,
}

async fn send<W: AsyncWrite + Unpin>(writer: &mut FrameWriter<W>, frame: Frame) -> Result<(), ServeError> {
    let sent = timeout(SEND_TIME, writer.send(&[&frame.head, &frame.payload])).await;
    Ok(sent.map_err(|_elapsed| ServeError::TimedOut)??)
}

async fn flush<W: AsyncWrite + Unpin>(writer: &mut FrameWriter<W>) -> Result<(), ServeError> {
    let flushed = timeout(SEND_TIME, writer.flush()).await;
    Ok(flushed.map_err(|_elapsed| ServeError::TimedOut)??)
}
