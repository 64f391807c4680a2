//! The queue of a lane: messages are encoded into a batch as they come, batches wait for the link, and those with a
//! message of QoS 1 or 2 stay until they are acknowledged.
//!
//! A batch of QoS 0 alone is forgotten once it is written, so it is sent once at most. The queue is bounded
//! ([`Limits`]): while the link is up or coming, [`Pushed::Full`] asks for the publisher to be held; without a link
//! messages of QoS 0 are dropped, and the others once the queue is full.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::frame::{BATCH_HEAD, begin_batch, delay, end_batch};
use super::record::{Malformed, Record};

/// A batch that is so long is closed.
const BATCH_BYTES: usize = 64 << 10;
/// Memory that batches are cut from.
const CHUNK: usize = 128 << 10;
/// A batch that is so long is closed rather than moved to other memory to grow on.
const BATCH_BYTES_MIN: usize = 16 << 10;
/// A batch takes messages for so long: their ages are told as of its beginning.
const GATHERING_MS: u64 = 100;
/// A batch that waited no longer is sent without a word about it.
const DELAY_TOLD_MS: u64 = 100;
/// Two clocks that were one when the node was upgraded differ by no more.
const SINCE_TOLERANCE_MS: u64 = 1_500;
/// So many times its limits a queue never holds, whoever pushes on.
const OVERRUN: usize = 4;

/// How much a queue holds.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Encoded bytes.
    pub bytes: usize,
    /// Messages.
    pub messages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            messages: 65_536,
        }
    }
}

/// Whether there is a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// None, and it may be long before there is one.
    Down,
    /// One is being made, to a node that is up.
    Coming,
    /// It is there.
    Up,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It is in the queue.
    Queued,
    /// It is, and its publisher should wait until [`Sender::has_room`].
    Full,
    /// It is not, and is counted.
    Dropped,
}

/// What has gone through a queue, in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Written to a link, each once.
    pub sent: u64,
    /// Of those that were kept for it: acknowledged.
    pub acknowledged: u64,
    /// Written to another link once more.
    pub resent: u64,
    /// Dropped: no link, no room, or the other node is another start of it.
    pub dropped: u64,
}

/// What is to be written next.
#[derive(Debug)]
pub struct Outgoing {
    /// Goes before it, if the batch has waited.
    pub delay: Option<Bytes>,
    /// The batch, with its length.
    pub batch: Bytes,
}

/// A batch that is closed.
#[derive(Debug)]
struct Closed {
    bytes: Bytes,
    last: u64,
    count: u32,
    is_kept: bool,
    was_sent: bool,
    began_ms: u64,
}

/// The sending end of a lane. It outlives links.
#[derive(Debug)]
pub struct Sender {
    limits: Limits,
    link: LinkState,
    /// The start of the other node that messages are for from now on; 0 before it is known.
    boot: u64,
    /// Messages below this number were meant for an earlier one.
    stale_below: u64,
    /// Since when the sessions of the node live that was linked last.
    since_ms: Option<u64>,
    /// The next message's.
    next: u64,
    /// The batch that takes messages.
    open: BytesMut,
    open_count: u32,
    open_is_kept: bool,
    open_began_ms: u64,
    closed: VecDeque<Closed>,
    /// Those of `closed`, from the front, that were written to this link.
    written: usize,
    closed_bytes: usize,
    closed_messages: usize,
    figures: Figures,
}

impl Sender {
    /// Empty, without a link.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            link: LinkState::Down,
            boot: 0,
            stale_below: 0,
            since_ms: None,
            next: 1,
            open: BytesMut::new(),
            open_count: 0,
            open_is_kept: false,
            open_began_ms: 0,
            closed: VecDeque::new(),
            written: 0,
            closed_bytes: 0,
            closed_messages: 0,
            figures: Figures::default(),
        }
    }

    /// The number of the last message taken in.
    pub fn last(&self) -> u64 {
        self.next - 1
    }

    /// Whether nothing up to this number waits any more: it was acknowledged, or went without.
    pub fn is_past(&self, last: u64) -> bool {
        self.first() > last
    }

    /// The number of the oldest message that waits.
    pub fn first_waiting(&self) -> Option<u64> {
        let first = self.first();
        (first < self.next).then_some(first)
    }

    fn first(&self) -> u64 {
        let open = self.next - u64::from(self.open_count);
        let first = self.closed.front();
        first.map_or(open, |batch| batch.last + 1 - u64::from(batch.count))
    }

    /// Takes a message in. `now_ms` is of any clock that does not go back.
    #[inline]
    pub fn push(&mut self, record: &Record<'_>, now_ms: u64) -> Pushed {
        let is_kept = record.qos > 0;
        if !self.takes(is_kept) || !record.is_encodable() {
            self.figures.dropped += 1;
            return Pushed::Dropped;
        }
        let is_old = now_ms.saturating_sub(self.open_began_ms) >= GATHERING_MS;
        let would_move = self.open.len() >= BATCH_BYTES_MIN && self.open.capacity() - self.open.len() < record.size();
        if self.open_count > 0 && (is_old || would_move) {
            self.close();
        }
        if self.open_count == 0 {
            if self.open.capacity() < (BATCH_HEAD + record.size()).max(BATCH_BYTES_MIN) {
                self.open.reserve(CHUNK.max(BATCH_HEAD + record.size()));
            }
            begin_batch(&mut self.open);
            self.open_began_ms = now_ms;
        }
        record.encode(&mut self.open);
        self.open_count += 1;
        self.open_is_kept |= is_kept;
        self.next += 1;
        if self.open.len() >= BATCH_BYTES {
            self.close();
        }
        match self.is_full() && self.link != LinkState::Down {
            true => Pushed::Full,
            false => Pushed::Queued,
        }
    }

    /// Whether a message has a place.
    fn takes(&self, is_kept: bool) -> bool {
        match self.link {
            LinkState::Down => is_kept && !self.is_full(),
            LinkState::Coming | LinkState::Up => {
                self.bytes() < OVERRUN * self.limits.bytes && self.messages() < OVERRUN * self.limits.messages
            }
        }
    }

    fn close(&mut self) {
        if self.open_count == 0 {
            return;
        }
        let (count, is_kept) = (self.open_count, self.open_is_kept);
        end_batch(&mut self.open, is_kept, self.next - u64::from(count), count);
        let bytes = self.open.split().freeze();
        self.closed_bytes += bytes.len();
        self.closed_messages += count as usize;
        self.closed.push_back(Closed {
            bytes,
            last: self.next - 1,
            count,
            is_kept,
            was_sent: false,
            began_ms: self.open_began_ms,
        });
        (self.open_count, self.open_is_kept) = (0, false);
    }

    /// The next batch for the link. Once all of it is written say so to [`Self::on_written`]; until then it stays the next.
    pub fn next_batch(&mut self, now_ms: u64) -> Option<Outgoing> {
        if self.link != LinkState::Up {
            return None;
        }
        if self.written == self.closed.len() {
            self.close();
        }
        let next = self.closed.get(self.written)?;
        let waited = now_ms.saturating_sub(next.began_ms);
        let told = (waited > DELAY_TOLD_MS).then(|| delay(u32::try_from(waited).unwrap_or(u32::MAX)));
        Some(Outgoing {
            delay: told,
            batch: next.bytes.clone(),
        })
    }

    /// The batch of [`Self::next_batch`] is written.
    pub fn on_written(&mut self) {
        let Some(written) = self.closed.get_mut(self.written) else {
            return;
        };
        let count = u64::from(written.count);
        match std::mem::replace(&mut written.was_sent, true) {
            true => self.figures.resent += count,
            false => self.figures.sent += count,
        }
        if written.is_kept {
            self.written += 1;
        } else {
            self.remove(self.written);
        }
    }

    fn remove(&mut self, index: usize) {
        if let Some(removed) = self.closed.remove(index) {
            self.closed_bytes -= removed.bytes.len();
            self.closed_messages -= removed.count as usize;
        }
    }

    /// The receiver has all up to `last`.
    ///
    /// # Errors
    /// When it cannot have.
    pub fn on_acknowledged(&mut self, last: u64) -> Result<(), Malformed> {
        if last >= self.next {
            return Err(Malformed("a message was acknowledged that was not sent"));
        }
        while let Some(front) = self.closed.front()
            && front.was_sent
            && front.last <= last
        {
            self.figures.acknowledged += u64::from(front.count);
            self.remove(0);
            self.written = self.written.saturating_sub(1);
        }
        Ok(())
    }

    /// The other node is this start of itself: what waits was meant for an earlier one. Whether that matters is known
    /// once there is a link.
    pub fn on_peer(&mut self, boot: u64) {
        // Numbers grow from start to start: what is said of an earlier one is old news.
        if boot <= self.boot {
            return;
        }
        if std::mem::replace(&mut self.boot, boot) != 0 {
            self.close();
            self.stale_below = self.next;
        }
    }

    /// Drops all that waits; how many messages that is.
    pub fn clear(&mut self) -> u64 {
        let dropped = self.messages() as u64;
        self.figures.dropped += dropped;
        self.closed.clear();
        self.open.clear();
        (self.open_count, self.open_is_kept) = (0, false);
        (self.written, self.closed_bytes, self.closed_messages) = (0, 0, 0);
        dropped
    }

    /// There is a link, and the receiver has had all up to `last`. What it has not had is sent, or sent again; but if its
    /// node has started anew, and its sessions have not gone on from one process to the next as in an upgrade (they live
    /// since `since_ms`, Unix time), what was meant for the earlier start is dropped. How many messages that is.
    ///
    /// # Errors
    /// When it cannot have had that.
    pub fn on_linked(&mut self, last: u64, since_ms: u64) -> Result<u64, Malformed> {
        self.written = 0;
        self.on_acknowledged(last)?;
        let before = self.since_ms.replace(since_ms);
        let goes_on = before.is_some_and(|before| before.abs_diff(since_ms) <= SINCE_TOLERANCE_MS);
        let stale_below = std::mem::take(&mut self.stale_below);
        let mut dropped = 0;
        while !goes_on
            && let Some(front) = self.closed.front()
            && front.last < stale_below
        {
            dropped += u64::from(front.count);
            self.remove(0);
        }
        self.figures.dropped += dropped;
        self.link = LinkState::Up;
        Ok(dropped)
    }

    /// There is no link (any more); whether one is on its way.
    pub fn on_unlinked(&mut self, is_coming: bool) {
        self.written = 0;
        self.link = match is_coming {
            true => LinkState::Coming,
            false => LinkState::Down,
        };
    }

    /// Whether there is a link.
    pub fn link(&self) -> LinkState {
        self.link
    }

    /// Whether what waits may arrive soon: there is a link, or one is being made to a node that is up. Who needs it there
    /// waits for it then; a link that has just broken comes back within moments, and brings all of it.
    pub fn may_arrive_soon(&self) -> bool {
        self.link != LinkState::Down
    }

    /// Whether publishers should wait.
    pub fn is_full(&self) -> bool {
        self.bytes() >= self.limits.bytes || self.messages() >= self.limits.messages
    }

    /// Whether publishers that wait may go on: well below the limit, so that they do not stop and go with each message.
    pub fn has_room(&self) -> bool {
        self.link == LinkState::Down
            || (self.bytes() < self.limits.bytes / 2 && self.messages() < self.limits.messages / 2)
    }

    /// Whether all is written, and acknowledged where that is waited for.
    pub fn is_empty(&self) -> bool {
        self.open_count == 0 && self.closed.is_empty()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.closed_bytes + self.open.len()
    }

    /// Messages held.
    pub fn messages(&self) -> usize {
        self.closed_messages + self.open_count as usize
    }

    /// What has gone through.
    pub fn figures(&self) -> Figures {
        self.figures
    }
}
