//! What the two sides of a stream say: each frame of the link is one message.
//!
//! ```text
//! follower  1 hello            version u16 | boot u64 | sequence u64      boot 0: it has nothing
//!           2 retained wanted
//! writer    16 welcome         version u16 | boot u64
//!           17 snapshot begins scope u8 | sequence u64                    0: all rows, 1: retained messages
//!           18 page            records
//!           19 snapshot ends   scope u8
//!           20 changes         number of the first u64 | count u64 | records
//!           21 heartbeat       sequence u64 | rows u64, hash u64 of routes, members, clients, retained
//! ```
//!
//! Numbers are big-endian; records stand in `record.rs`.

use bytes::Bytes;

use super::record::{Malformed, Record, take_array, take_u64};
use super::ring::Batch;
use super::sums::{Sum, Sums};

/// The version of this protocol.
pub const STREAM_VERSION: u16 = 1;
/// The longest frame: a retained message of the largest packet there is, with all that stands around it.
pub const FRAME_MAX: usize = 272 << 20;
/// Rows of a page.
pub const PAGE_ROWS: usize = 1000;
/// Bytes after which a page is full.
pub const PAGE_BYTES: usize = 64 << 10;

const HELLO: u8 = 1;
const RETAINED_WANTED: u8 = 2;
const WELCOME: u8 = 16;
const SNAPSHOT_BEGINS: u8 = 17;
const PAGE: u8 = 18;
const SNAPSHOT_ENDS: u8 = 19;
const CHANGES: u8 = 20;
const HEARTBEAT: u8 = 21;

/// A frame in two pieces; the second is a large payload, or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The beginning.
    pub head: Vec<u8>,
    /// The end.
    pub payload: Bytes,
}

/// What a snapshot is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All rows; what it does not name is not there.
    All,
    /// The retained messages the writer has, whoever wrote them.
    Retained,
}

/// What a writer says each second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heartbeat {
    /// Number of its last change.
    pub sequence: u64,
    /// Its rows as of it.
    pub sums: Sums,
    /// The retained messages it has, whoever wrote them.
    pub retained: Sum,
}

/// A message of a follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Hello { version: u16, boot: u64, sequence: u64 },
    RetainedWanted,
}

/// A message of a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told<'a> {
    Welcome { version: u16, boot: u64 },
    SnapshotBegins { scope: Scope, sequence: u64 },
    Page(&'a [u8]),
    SnapshotEnds(Scope),
    Changes { first: u64, count: u64, records: &'a [u8] },
    Heartbeat(Heartbeat),
}

impl Asked {
    pub fn frame(self) -> Vec<u8> {
        let mut head = Vec::new();
        match self {
            Self::Hello {
                version,
                boot,
                sequence,
            } => {
                head.push(HELLO);
                head.extend_from_slice(&version.to_be_bytes());
                put(&mut head, &[boot, sequence]);
            }
            Self::RetainedWanted => head.push(RETAINED_WANTED),
        }
        head
    }

    pub fn read(mut frame: &[u8]) -> Result<Self, Malformed> {
        let input = &mut frame;
        let asked = match take_array(input)? {
            [HELLO] => Self::Hello {
                version: take_array(input).map(u16::from_be_bytes)?,
                boot: take_u64(input)?,
                sequence: take_u64(input)?,
            },
            [RETAINED_WANTED] => Self::RetainedWanted,
            _ => return Err(Malformed("a question of no known kind")),
        };
        match frame {
            [] => Ok(asked),
            _ => Err(Malformed("bytes behind a question")),
        }
    }
}

impl<'a> Told<'a> {
    /// Of everything but pages and changes, whose records are written in place.
    pub fn frame(self) -> Frame {
        let mut head = Vec::with_capacity(80);
        match self {
            Self::Welcome { version, boot } => {
                head.push(WELCOME);
                head.extend_from_slice(&version.to_be_bytes());
                put(&mut head, &[boot]);
            }
            Self::SnapshotBegins { scope, sequence } => {
                head.extend_from_slice(&[SNAPSHOT_BEGINS, scope.number()]);
                put(&mut head, &[sequence]);
            }
            Self::Page(records) => {
                head.push(PAGE);
                head.extend_from_slice(records);
            }
            Self::SnapshotEnds(scope) => head.extend_from_slice(&[SNAPSHOT_ENDS, scope.number()]),
            Self::Changes { first, count, records } => {
                head.push(CHANGES);
                put(&mut head, &[first, count]);
                head.extend_from_slice(records);
            }
            Self::Heartbeat(heartbeat) => {
                head.push(HEARTBEAT);
                put(&mut head, &[heartbeat.sequence]);
                for sum in heartbeat.all() {
                    put(&mut head, &[sum.rows, sum.hash]);
                }
            }
        }
        Frame {
            head,
            payload: Bytes::new(),
        }
    }

    pub fn read(mut frame: &'a [u8]) -> Result<Self, Malformed> {
        let input = &mut frame;
        let told = match take_array(input)? {
            [PAGE] => return Ok(Self::Page(frame)),
            [CHANGES] => {
                let (first, count) = (take_u64(input)?, take_u64(input)?);
                let records = frame;
                return Ok(Self::Changes { first, count, records });
            }
            [WELCOME] => Self::Welcome {
                version: take_array(input).map(u16::from_be_bytes)?,
                boot: take_u64(input)?,
            },
            [SNAPSHOT_BEGINS] => Self::SnapshotBegins {
                scope: Scope::read(input)?,
                sequence: take_u64(input)?,
            },
            [SNAPSHOT_ENDS] => Self::SnapshotEnds(Scope::read(input)?),
            [HEARTBEAT] => Self::Heartbeat(Heartbeat::read(input)?),
            _ => return Err(Malformed("a message of no known kind")),
        };
        match frame {
            [] => Ok(told),
            _ => Err(Malformed("bytes behind a message")),
        }
    }
}

/// Changes from the ring.
pub(super) fn changes_frame(first: u64, batch: Batch) -> Frame {
    let told = Told::Changes {
        first,
        count: batch.count,
        records: &batch.head,
    };
    Frame {
        payload: batch.payload,
        ..told.frame()
    }
}

impl Scope {
    const fn number(self) -> u8 {
        match self {
            Self::All => 0,
            Self::Retained => 1,
        }
    }

    fn read(input: &mut &[u8]) -> Result<Self, Malformed> {
        match take_array(input)? {
            [0] => Ok(Self::All),
            [1] => Ok(Self::Retained),
            _ => Err(Malformed("a snapshot of nothing known")),
        }
    }
}

impl Heartbeat {
    const fn all(&self) -> [Sum; 4] {
        let Sums {
            routes,
            members,
            clients,
        } = self.sums;
        [routes, members, clients, self.retained]
    }

    fn read(input: &mut &[u8]) -> Result<Self, Malformed> {
        let sequence = take_u64(input)?;
        let mut sums = [Sum::default(); 4];
        for sum in &mut sums {
            let (rows, hash) = (take_u64(input)?, take_u64(input)?);
            *sum = Sum { rows, hash };
        }
        let [routes, members, clients, retained] = sums;
        Ok(Self {
            sequence,
            sums: Sums {
                routes,
                members,
                clients,
            },
            retained,
        })
    }
}

fn put(out: &mut Vec<u8>, numbers: &[u64]) {
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// Gathers rows of a snapshot into frames.
#[derive(Debug)]
pub struct PageBuffer {
    head: Vec<u8>,
    rows: usize,
    full: Vec<Frame>,
}

impl PageBuffer {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self {
            head: Vec::new(),
            rows: 0,
            full: Vec::new(),
        }
    }

    /// Adds a row; a large payload is not copied if `payload` holds it.
    pub fn push(&mut self, record: &Record<'_>, payload: Option<&Bytes>) {
        if self.head.is_empty() {
            self.head.push(PAGE);
        }
        let encoded = record.encode(payload);
        self.head.extend_from_slice(&encoded.head);
        self.rows += 1;
        if !encoded.payload.is_empty() || self.rows >= PAGE_ROWS || self.head.len() >= PAGE_BYTES {
            self.close(encoded.payload);
        }
    }

    /// The frames, in their order.
    pub fn take(&mut self) -> Vec<Frame> {
        if self.rows > 0 {
            self.close(Bytes::new());
        }
        std::mem::take(&mut self.full)
    }

    fn close(&mut self, payload: Bytes) {
        self.rows = 0;
        let head = std::mem::take(&mut self.head);
        self.full.push(Frame { head, payload });
    }
}

impl Default for PageBuffer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_were_written_and_never_from_less() {
        let sum = |rows| Sum { rows, hash: !rows };
        let heartbeat = Heartbeat {
            sequence: 9,
            sums: Sums {
                routes: sum(1),
                members: sum(2),
                clients: sum(3),
            },
            retained: sum(4),
        };
        let told = [
            Told::Welcome { version: 1, boot: 2 },
            Told::SnapshotBegins {
                scope: Scope::All,
                sequence: 3,
            },
            Told::SnapshotEnds(Scope::Retained),
            Told::Heartbeat(heartbeat),
        ];
        for told in told {
            let frame = told.frame();
            assert_eq!(Told::read(&frame.head), Ok(told));
            for end in 0..frame.head.len() {
                assert!(Told::read(&frame.head[..end]).is_err());
            }
            assert!(Told::read(&[&frame.head[..], b"x"].concat()).is_err());
        }
        let hello = Asked::Hello {
            version: 1,
            boot: 2,
            sequence: 3,
        };
        for asked in [hello, Asked::RetainedWanted] {
            let frame = asked.frame();
            assert_eq!(Asked::read(&frame), Ok(asked));
            assert!((0..frame.len()).all(|end| Asked::read(&frame[..end]).is_err()));
        }
    }
}
