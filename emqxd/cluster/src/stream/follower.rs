//! The follower's side of another node's stream, without I/O: what comes goes into a [`Replica`].
//!
//! A follower that loses its link goes on where it stopped, if the writer is the same start of the node and still has
//! what came since. If the sums of a heartbeat are not its own although it has every change, something is wrong with one
//! of the two: it takes a snapshot.

use super::message::{Asked, Heartbeat, STREAM_VERSION, Scope, Told};
use super::record::{Malformed, Record};
use super::sums::{Sum, Sums};

/// Heartbeats with other retained messages there than here until they are asked for: what the other node has, a third
/// one may still be about to tell here.
const RETAINED_PATIENCE: u32 = 5;

/// Where rows go.
pub trait Replica {
    /// Rows that are named from here on stay, others go with [`Heard::Complete`].
    fn begin_snapshot(&mut self);

    /// A row as it is now. May be told more than once.
    fn apply(&mut self, record: &Record<'_>);

    /// The rows of this node.
    fn sums(&self) -> Sums;

    /// The retained messages here, whoever wrote them.
    fn retained(&self) -> Sum;
}

/// One writer, as a follower sees it.
#[derive(Debug, Default)]
pub struct Follower {
    phase: FollowerPhase,
    /// That start of the writer that the rows are of; 0: there are none to go on with.
    boot: u64,
    sequence: u64,
    /// The last thing it said of itself.
    heartbeat: Heartbeat,
    /// Heartbeats with other retained messages than here; `None` when they need not be the same.
    retained_doubt: Option<u32>,
    /// They were asked for since they were last the same as here.
    has_asked: bool,
    /// Within a snapshot of all rows: its beginning has come.
    has_begun: bool,
    snapshots: u64,
    divergences: u64,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FollowerPhase {
    /// No link.
    #[default]
    Away,
    /// The greeting is sent.
    Greeting,
    /// A snapshot comes.
    Snapshot,
    /// Changes come.
    Following,
}

/// What came, for the one who reads the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Nothing to do.
    Fine,
    /// The snapshot is complete: what was not named has to go before anything else is read.
    Complete,
    /// Send [`Follower::want_retained`]: the writer has retained messages that are not here, or others.
    RetainedDiffer,
}

/// Why a stream was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The other side is not understood.
    #[error("the other node speaks version {0} of the stream's protocol, this one {STREAM_VERSION}")]
    Version(u16),
    /// Another start of the node than the one that was called.
    #[error("the other node has started anew")]
    OtherBoot,
    /// Changes are missing.
    #[error("change {expected} was expected, {found} came")]
    Gap {
        /// The next one.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// All changes came, and the rows are not those of the writer.
    #[error("the rows here are not those of the other node, although every change has come")]
    Diverged,
    /// What came makes no sense.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl Follower {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// There is a link: the greeting.
    pub fn greet(&mut self) -> Vec<u8> {
        self.phase = FollowerPhase::Greeting;
        self.retained_doubt = Some(0);
        Asked::Hello {
            version: STREAM_VERSION,
            boot: self.boot,
            sequence: self.sequence,
        }
        .frame()
    }

    /// The link is over. A snapshot that was not complete is taken anew.
    pub fn lost(&mut self) {
        if self.phase == FollowerPhase::Snapshot {
            self.forget();
        }
        self.has_begun = false;
        self.phase = FollowerPhase::Away;
    }

    /// The rows are gone, or not to be trusted: the next stream begins with a snapshot.
    pub fn forget(&mut self) {
        self.boot = 0;
        self.sequence = 0;
    }

    /// A third node may have told the writer what it could not tell here: when next their retained messages differ for
    /// some seconds, they are asked for.
    pub fn doubt_retained(&mut self) {
        self.retained_doubt = Some(0);
    }

    /// The writer has asked for what this node has: theirs were others, and it may be the writer that has more. Asked for
    /// in turn, but not without end: whoever has asked since they were last the same is not moved to ask by being asked.
    pub fn on_asked_by_writer(&mut self) {
        if !self.has_asked {
            self.retained_doubt.get_or_insert(0);
        }
    }

    /// A frame came.
    ///
    /// # Errors
    /// See [`StreamError`]; the link has to be closed.
    pub fn on_frame(&mut self, frame: &[u8], replica: &mut impl Replica) -> Result<Heard, StreamError> {
        let told = Told::read(frame)?;
        match (self.phase, told) {
            (FollowerPhase::Greeting, Told::Welcome { version, boot }) => return self.on_welcome(version, boot),
            (FollowerPhase::Snapshot | FollowerPhase::Following, Told::SnapshotBegins { scope, sequence }) => {
                // All that is there now comes; what differs afterwards is no reason to ask again.
                self.retained_doubt = None;
                if scope == Scope::All {
                    self.phase = FollowerPhase::Snapshot;
                    self.has_begun = true;
                    self.sequence = sequence;
                    replica.begin_snapshot();
                }
            }
            (FollowerPhase::Snapshot | FollowerPhase::Following, Told::Page(records)) => {
                apply(records, replica)?;
            }
            (FollowerPhase::Snapshot, Told::SnapshotEnds(Scope::All)) if self.has_begun => {
                self.has_begun = false;
                self.phase = FollowerPhase::Following;
                self.snapshots += 1;
                return Ok(Heard::Complete);
            }
            (FollowerPhase::Following, Told::SnapshotEnds(Scope::Retained)) => {}
            (FollowerPhase::Snapshot | FollowerPhase::Following, Told::Changes { first, count, records }) => {
                return self.on_changes(first, count, records, replica);
            }
            (FollowerPhase::Snapshot | FollowerPhase::Following, Told::Heartbeat(heartbeat)) => {
                return self.on_heartbeat(heartbeat, replica);
            }
            // It beats from the first moment, whatever else it has to say.
            (FollowerPhase::Greeting, Told::Heartbeat(_)) => {}
            _ => return Err(Malformed("a message at the wrong time").into()),
        }
        Ok(Heard::Fine)
    }

    /// What is sent for [`Heard::RetainedDiffer`].
    pub fn want_retained() -> Vec<u8> {
        Asked::RetainedWanted.frame()
    }

    fn on_welcome(&mut self, version: u16, boot: u64) -> Result<Heard, StreamError> {
        if version != STREAM_VERSION {
            return Err(StreamError::Version(version));
        }
        // If it is another start of the node, a snapshot is what comes next.
        self.phase = match std::mem::replace(&mut self.boot, boot) == boot {
            true => FollowerPhase::Following,
            false => FollowerPhase::Snapshot,
        };
        Ok(Heard::Fine)
    }

    fn on_changes(
        &mut self,
        first: u64,
        count: u64,
        records: &[u8],
        replica: &mut impl Replica,
    ) -> Result<Heard, StreamError> {
        let expected = self.sequence + 1;
        if first != expected {
            self.forget();
            return Err(StreamError::Gap { expected, found: first });
        }
        let applied = apply(records, replica).and_then(|applied| match applied == count {
            true => Ok(applied),
            false => Err(Malformed("another number of changes than was said")),
        });
        if applied.is_err() {
            self.forget();
        }
        self.sequence += applied?;
        Ok(Heard::Fine)
    }

    fn on_heartbeat(&mut self, heartbeat: Heartbeat, replica: &impl Replica) -> Result<Heard, StreamError> {
        self.heartbeat = heartbeat;
        if self.phase != FollowerPhase::Following || heartbeat.sequence != self.sequence {
            return Ok(Heard::Fine);
        }
        if heartbeat.sums != replica.sums() {
            self.divergences += 1;
            self.forget();
            return Err(StreamError::Diverged);
        }
        if heartbeat.retained == replica.retained() {
            (self.retained_doubt, self.has_asked) = (None, false);
            return Ok(Heard::Fine);
        }
        let Some(doubt) = &mut self.retained_doubt else {
            return Ok(Heard::Fine);
        };
        *doubt += 1;
        if *doubt != RETAINED_PATIENCE {
            return Ok(Heard::Fine);
        }
        self.has_asked = true;
        Ok(Heard::RetainedDiffer)
    }

    /// How far it is.
    pub const fn phase(&self) -> FollowerPhase {
        self.phase
    }

    /// Number of the last change that is applied.
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Changes that the writer had more at its last heartbeat.
    pub const fn lag(&self) -> u64 {
        self.heartbeat.sequence.saturating_sub(self.sequence)
    }

    /// Whether all that was known to be written is here.
    pub fn is_in_sync(&self) -> bool {
        self.phase == FollowerPhase::Following && self.lag() == 0
    }

    /// The last thing the writer said of itself.
    pub const fn heartbeat(&self) -> &Heartbeat {
        &self.heartbeat
    }

    /// Snapshots that came.
    pub const fn snapshots(&self) -> u64 {
        self.snapshots
    }

    /// How often all changes had come and the rows were not the writer's.
    pub const fn divergences(&self) -> u64 {
        self.divergences
    }
}

/// Applies records; how many there were.
fn apply(mut records: &[u8], replica: &mut impl Replica) -> Result<u64, Malformed> {
    let mut count = 0;
    while !records.is_empty() {
        replica.apply(&Record::read(&mut records)?);
        count += 1;
    }
    Ok(count)
}
