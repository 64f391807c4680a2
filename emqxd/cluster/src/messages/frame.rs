//! What goes over the link of a lane: each frame has its length before it (`link/frame.rs`), then
//!
//! ```text
//! hello           version u8 | 1 | worker u16 | epoch u64                      sender, first
//! welcome         version u8 | 2 | last sequence u64 | since u64               receiver, first
//! batch           version u8 | 3 | wants acknowledgement u8 | first sequence u64 | count u32 | records
//! delay           version u8 | 4 | ms u32                                      the next batch has waited so long
//! acknowledgement version u8 | 5 | last sequence u64
//! ```
//!
//! An *epoch* is a number drawn for each sender of a lane: sequences are of an epoch.

use bytes::{BufMut, Bytes, BytesMut};

use super::record::{Malformed, Record};

/// The format of this version, first byte of each frame.
const VERSION: u8 = 1;
const HELLO: u8 = 1;
const WELCOME: u8 = 2;
const BATCH: u8 = 3;
const DELAY: u8 = 4;
const ACKNOWLEDGEMENT: u8 = 5;
/// The longest frame: the largest message that MQTT knows has room in it.
pub const FRAME_MAX: usize = 1 << 30;
/// The longest first frame of a sender.
pub const HELLO_MAX: usize = 64;
/// The longest frame of a receiver.
pub const ACKNOWLEDGEMENT_MAX: usize = 64;
/// Bytes of a batch before its records, length included.
pub(super) const BATCH_HEAD: usize = 4 + 3 + 8 + 4;

/// What a sender says.
#[derive(Debug)]
pub enum FromSender {
    /// Who it is: its worker's number, and its epoch.
    Hello {
        /// The worker whose publishers' messages come.
        worker: u16,
        /// Of its sequences.
        epoch: u64,
    },
    /// Messages.
    Batch(Batch),
    /// The next batch has waited so long before it was sent.
    Delay {
        /// Milliseconds.
        ms: u32,
    },
}

/// What a receiver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FromReceiver {
    /// The answer to [`FromSender::Hello`].
    Welcome {
        /// What it has had of the sender's epoch; 0 if nothing.
        last: u64,
        /// Since when its sessions live: see [`super::Sender::on_linked`].
        since_ms: u64,
    },
    /// All up to here have been handed on.
    Acknowledgement {
        /// The last of them.
        last: u64,
    },
}

/// Messages with consecutive sequence numbers.
#[derive(Debug)]
pub struct Batch {
    bytes: Bytes,
    at: usize,
    next: u64,
    left: u32,
    wants_acknowledgement: bool,
}

/// The first frame of a sender, with its length.
pub fn hello(worker: u16, epoch: u64) -> Bytes {
    framed(HELLO, |out| {
        out.put_u16(worker);
        out.put_u64(epoch);
    })
}

/// The first frame of a receiver, with its length.
pub fn welcome(last: u64, since_ms: u64) -> Bytes {
    framed(WELCOME, |out| {
        out.put_u64(last);
        out.put_u64(since_ms);
    })
}

/// An acknowledgement, with its length.
pub fn acknowledgement(last: u64) -> Bytes {
    framed(ACKNOWLEDGEMENT, |out| out.put_u64(last))
}

/// A delay, with its length.
pub(super) fn delay(ms: u32) -> Bytes {
    framed(DELAY, |out| out.put_u32(ms))
}

fn framed(kind: u8, body: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut frame = BytesMut::with_capacity(32);
    frame.put_u32(0);
    frame.put_u8(VERSION);
    frame.put_u8(kind);
    body(&mut frame);
    put_length(&mut frame);
    frame.freeze()
}

fn put_length(frame: &mut BytesMut) {
    let length = frame.len() as u32 - 4;
    if let Some(place) = frame.first_chunk_mut() {
        *place = length.to_be_bytes();
    }
}

/// Makes room for the head of a batch at the beginning of `frame`, which is empty.
pub(super) fn begin_batch(frame: &mut BytesMut) {
    frame.extend_from_slice(&[0; BATCH_HEAD]);
}

/// Fills in the head of a batch.
pub(super) fn end_batch(frame: &mut BytesMut, wants_acknowledgement: bool, first: u64, count: u32) {
    put_length(frame);
    if let Some(head) = frame.get_mut(4..BATCH_HEAD) {
        head[0] = VERSION;
        head[1] = BATCH;
        head[2] = u8::from(wants_acknowledgement);
        head[3..11].copy_from_slice(&first.to_be_bytes());
        head[11..15].copy_from_slice(&count.to_be_bytes());
    }
}

impl FromSender {
    /// Reads a frame, without its length.
    ///
    /// # Errors
    /// When it is none. Of a batch only the head is looked at: see [`Batch::next_record`].
    pub fn decode(frame: Bytes) -> Result<Self, Malformed> {
        let (kind, body) = kind_of(&frame)?;
        match (kind, body) {
            (HELLO, [w0, w1, epoch @ ..]) if let Some(epoch) = number(epoch) => Ok(Self::Hello {
                worker: u16::from_be_bytes([*w0, *w1]),
                epoch,
            }),
            (DELAY, ms) if let Ok(ms) = ms.try_into() => Ok(Self::Delay {
                ms: u32::from_be_bytes(ms),
            }),
            (BATCH, [wants @ (0 | 1), body @ ..]) => {
                let Some((first, body)) = body.split_first_chunk::<8>() else {
                    return Err(CUT_OFF);
                };
                let Some((count, _records)) = body.split_first_chunk::<4>() else {
                    return Err(CUT_OFF);
                };
                let (next, left) = (u64::from_be_bytes(*first), u32::from_be_bytes(*count));
                if next == 0 || next.checked_add(u64::from(left)).is_none() {
                    return Err(Malformed("a batch has sequence numbers that cannot be"));
                }
                Ok(Self::Batch(Batch {
                    at: BATCH_HEAD - 4,
                    next,
                    left,
                    wants_acknowledgement: *wants == 1,
                    bytes: frame,
                }))
            }
            _ => Err(Malformed("a frame that senders do not send")),
        }
    }
}

impl FromReceiver {
    /// Reads a frame, without its length.
    ///
    /// # Errors
    /// When it is none.
    pub fn decode(frame: &[u8]) -> Result<Self, Malformed> {
        match kind_of(frame)? {
            (WELCOME, body) if let Some((last, since)) = body.split_first_chunk::<8>() => Ok(Self::Welcome {
                last: u64::from_be_bytes(*last),
                since_ms: number(since).ok_or(CUT_OFF)?,
            }),
            (ACKNOWLEDGEMENT, last) if let Some(last) = number(last) => Ok(Self::Acknowledgement { last }),
            _ => Err(Malformed("a frame that receivers do not send")),
        }
    }
}

impl Batch {
    /// The next message with its sequence number; `None` behind the last one.
    ///
    /// # Errors
    /// When the bytes are none. Nothing more is to be read then.
    pub fn next_record(&mut self) -> Result<Option<(u64, Record<'_>)>, Malformed> {
        let mut bytes = self.bytes.get(self.at..).unwrap_or_default();
        if self.left == 0 {
            return match bytes {
                [] => Ok(None),
                _ => Err(Malformed("a batch is longer than its messages")),
            };
        }
        let before = bytes.len();
        let record = Record::decode(&mut bytes)?;
        let sequence = self.next;
        self.at += before - bytes.len();
        self.left -= 1;
        self.next += 1;
        Ok(Some((sequence, record)))
    }

    /// How many messages are left.
    pub fn left(&self) -> u32 {
        self.left
    }

    /// Whether the sender keeps some of them until they are acknowledged.
    pub fn wants_acknowledgement(&self) -> bool {
        self.wants_acknowledgement
    }

    /// The bytes that records are slices of.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

fn kind_of(frame: &[u8]) -> Result<(u8, &[u8]), Malformed> {
    match frame {
        [VERSION, kind, body @ ..] => Ok((*kind, body)),
        [_, _, ..] => Err(Malformed("a frame of a version that is not known here")),
        _ => Err(CUT_OFF),
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

const CUT_OFF: Malformed = Malformed("a frame is cut off");
