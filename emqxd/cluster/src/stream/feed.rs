//! The writer's side towards one follower, without I/O: what to send next.
//!
//! A snapshot goes out in pages, and between two pages the changes that have come meanwhile: so neither keeps the other
//! waiting, and a snapshot of any length ends. What makes that right: a page is sent before any change that came after
//! the page was read, so no page brings back what a change has removed.

use std::collections::VecDeque;

use super::follower::StreamError;
use super::message::{Asked, Frame, Heartbeat, PAGE_BYTES, STREAM_VERSION, Scope, Told, changes_frame};
use super::record::Malformed;
use super::ring::Ring;
use super::sums::Sum;

/// Batches of changes between two pages.
const BATCHES_BETWEEN_PAGES: u32 = 4;

/// One follower, as its writer sees it.
#[derive(Debug)]
pub struct Feed {
    /// Number of the last change that was sent, or that the snapshot has.
    sent: u64,
    snapshot: Option<Scope>,
    /// Of the present snapshot, a page was asked for.
    has_begun: bool,
    owed: VecDeque<Frame>,
    batches_since_page: u32,
    snapshots: u64,
    is_retained_wanted: bool,
}

/// What to do for the follower.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this.
    Send(Frame),
    /// Read the next page of rows now, send it, then call [`Feed::page_sent`].
    Page {
        /// Begin with the first page: there is no snapshot yet, or the present one has come to nothing.
        from_start: bool,
        /// Of retained messages only.
        retained_only: bool,
    },
    /// Nothing until [`Ring::changed_since`] returns, or the follower says something.
    Wait {
        /// The last change it has been sent.
        sent: u64,
    },
}

impl Feed {
    /// A follower has come and said this.
    ///
    /// # Errors
    /// It is no greeting of a version that is understood here.
    pub fn new(hello: &[u8], boot: u64, ring: &Ring) -> Result<Self, StreamError> {
        let Asked::Hello {
            version,
            boot: known,
            sequence,
        } = Asked::read(hello)?
        else {
            return Err(Malformed("a question before the greeting").into());
        };
        if version == 0 {
            return Err(StreamError::Version(version));
        }
        ring.follow();
        let welcome = Told::Welcome {
            version: version.min(STREAM_VERSION),
            boot,
        };
        let mut feed = Self {
            sent: sequence,
            snapshot: None,
            has_begun: false,
            owed: VecDeque::from([welcome.frame()]),
            batches_since_page: 0,
            snapshots: 0,
            is_retained_wanted: false,
        };
        if known != boot {
            feed.begin(Scope::All, ring);
        }
        Ok(feed)
    }

    /// The follower said something later.
    ///
    /// # Errors
    /// It makes no sense.
    pub fn heard(&mut self, frame: &[u8]) -> Result<(), StreamError> {
        match Asked::read(frame)? {
            Asked::RetainedWanted => {
                self.is_retained_wanted = true;
                Ok(())
            }
            Asked::Hello { .. } => Err(Malformed("a second greeting").into()),
        }
    }

    /// What to do now.
    pub fn next(&mut self, ring: &Ring) -> Next {
        if let Some(frame) = self.owed.pop_front() {
            return Next::Send(frame);
        }
        if std::mem::take(&mut self.is_retained_wanted) && self.snapshot.is_none() {
            return self.begin_and_say(Scope::Retained, ring);
        }
        let is_page_due = self.snapshot.is_some() && self.batches_since_page >= BATCHES_BETWEEN_PAGES;
        if !is_page_due {
            match ring.read(self.sent, PAGE_BYTES) {
                Ok(Some(batch)) => {
                    let first = self.sent + 1;
                    self.sent += batch.count;
                    self.batches_since_page += 1;
                    return Next::Send(changes_frame(first, batch));
                }
                Ok(None) => {}
                Err(_fell_out) => return self.begin_and_say(Scope::All, ring),
            }
        }
        match self.snapshot {
            Some(scope) => Next::Page {
                from_start: !std::mem::replace(&mut self.has_begun, true),
                retained_only: scope == Scope::Retained,
            },
            None => Next::Wait { sent: self.sent },
        }
    }

    /// The page that was asked for is on its way.
    pub fn page_sent(&mut self, is_last: bool) {
        self.batches_since_page = 0;
        if is_last && let Some(scope) = self.snapshot.take() {
            self.owed.push_back(Told::SnapshotEnds(scope).frame());
        }
    }

    /// To be sent each second.
    pub fn heartbeat(ring: &Ring, retained: Sum) -> Frame {
        let (sequence, sums) = ring.now();
        let heartbeat = Heartbeat {
            sequence,
            sums,
            retained,
        };
        Told::Heartbeat(heartbeat).frame()
    }

    /// Snapshots of all rows that this follower was given since it came.
    pub const fn snapshots(&self) -> u64 {
        self.snapshots
    }

    /// Number of the last change that it was sent.
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    fn begin_and_say(&mut self, scope: Scope, ring: &Ring) -> Next {
        self.begin(scope, ring);
        let first = self.owed.pop_front();
        first.map_or(Next::Wait { sent: self.sent }, Next::Send)
    }

    fn begin(&mut self, scope: Scope, ring: &Ring) {
        if scope == Scope::All {
            self.sent = ring.now().0;
            self.snapshots += 1;
        }
        self.snapshot = Some(scope);
        self.has_begun = false;
        let sequence = self.sent;
        self.owed.push_back(Told::SnapshotBegins { scope, sequence }.frame());
    }
}
