//! The first 16 bytes in each direction, outside every encoding that may change.
//!
//! The CLI sends magic, its protocol range and flags; the daemon answers with its own magic, its
//! range and the version it chose, 0 when the ranges do not meet. So an old `emqx-ctl` and a new
//! `emqxd` can always tell each other who they are. What may grow over time (program version, node
//! name) follows as the first frame, see [`crate::welcome`].
//!
//! ```text
//! CLI:     "emqx-ctl" | min u16 | max u16 | flags u16  | 0 u16        all big endian
//! daemon:  "emqxd-cs" | min u16 | max u16 | chosen u16 | flags u16
//! ```

use thiserror::Error;

/// Length of a hello, in either direction and for all time.
pub const HELLO_BYTES: usize = 16;

const CLIENT_MAGIC: [u8; 8] = *b"emqx-ctl";
const DAEMON_MAGIC: [u8; 8] = *b"emqxd-cs";

/// The control protocol versions a program speaks, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolRange {
    /// The oldest version spoken; never 0.
    pub min: u16,
    /// The newest version spoken.
    pub max: u16,
}

impl ProtocolRange {
    /// The newest version that both sides speak, `None` when there is none.
    pub fn choose(self, other: Self) -> Option<u16> {
        let newest = self.max.min(other.max);
        (newest >= self.min && newest >= other.min && newest > 0).then_some(newest)
    }
}

impl std::fmt::Display for ProtocolRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.min == self.max {
            write!(f, "{}", self.min)
        } else {
            write!(f, "{}-{}", self.min, self.max)
        }
    }
}

/// Why 16 bytes were not a hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HelloError {
    /// The magic is another one: something else listens or calls here.
    #[error("the other side does not speak emqxd's control protocol")]
    WrongMagic,
    /// `min` is 0 or above `max`.
    #[error("the other side claims the impossible protocol range {0}")]
    EmptyRange(ProtocolRange),
}

/// What the CLI sends first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientHello {
    /// The versions the CLI speaks.
    pub protocol: ProtocolRange,
    /// Reserved; 0 today. A bit that the daemon does not know is ignored.
    pub flags: u16,
}

impl ClientHello {
    /// The bytes to send.
    pub fn to_bytes(self) -> [u8; HELLO_BYTES] {
        join(CLIENT_MAGIC, [self.protocol.min, self.protocol.max, self.flags, 0])
    }

    /// Reads a CLI's hello.
    ///
    /// # Errors
    /// [`HelloError`] if these are not the bytes of an `emqx-ctl`.
    pub fn from_bytes(bytes: [u8; HELLO_BYTES]) -> Result<Self, HelloError> {
        let [min, max, flags, _reserved] = split(CLIENT_MAGIC, bytes)?;
        Ok(Self {
            protocol: checked_range(min, max)?,
            flags,
        })
    }
}

/// What the daemon answers to a [`ClientHello`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaemonHello {
    /// The versions the daemon speaks.
    pub protocol: ProtocolRange,
    /// The version both will use; `None` when there is none, and the daemon closes after it.
    pub chosen: Option<u16>,
    /// Reserved; 0 today. A bit that the CLI does not know is ignored.
    pub flags: u16,
}

impl DaemonHello {
    /// The answer of a daemon that speaks `ours` to a CLI that speaks `theirs`.
    pub fn answer(ours: ProtocolRange, theirs: ProtocolRange) -> Self {
        Self {
            protocol: ours,
            chosen: ours.choose(theirs),
            flags: 0,
        }
    }

    /// The bytes to send.
    pub fn to_bytes(self) -> [u8; HELLO_BYTES] {
        let chosen = self.chosen.unwrap_or(0);
        join(DAEMON_MAGIC, [self.protocol.min, self.protocol.max, chosen, self.flags])
    }

    /// Reads a daemon's hello.
    ///
    /// # Errors
    /// [`HelloError`] if these are not the bytes of an `emqxd`.
    pub fn from_bytes(bytes: [u8; HELLO_BYTES]) -> Result<Self, HelloError> {
        let [min, max, chosen, flags] = split(DAEMON_MAGIC, bytes)?;
        Ok(Self {
            protocol: checked_range(min, max)?,
            chosen: (chosen != 0).then_some(chosen),
            flags,
        })
    }
}

fn checked_range(min: u16, max: u16) -> Result<ProtocolRange, HelloError> {
    let range = ProtocolRange { min, max };
    if min == 0 || min > max {
        return Err(HelloError::EmptyRange(range));
    }
    Ok(range)
}

fn join(magic: [u8; 8], words: [u16; 4]) -> [u8; HELLO_BYTES] {
    let mut bytes = [0; HELLO_BYTES];
    let (head, tail) = bytes.split_at_mut(8);
    head.copy_from_slice(&magic);
    for (place, word) in tail.chunks_exact_mut(2).zip(words) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

fn split(magic: [u8; 8], bytes: [u8; HELLO_BYTES]) -> Result<[u16; 4], HelloError> {
    let (head, tail) = bytes.split_at(8);
    if head != magic {
        return Err(HelloError::WrongMagic);
    }
    let mut words = [0; 4];
    for (word, pair) in words.iter_mut().zip(tail.chunks_exact(2)) {
        *word = u16::from_be_bytes([pair[0], pair[1]]);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn range(min: u16, max: u16) -> ProtocolRange {
        ProtocolRange { min, max }
    }

    #[test]
    fn both_sides_settle_on_the_newest_version_they_share() {
        assert_eq!(range(1, 3).choose(range(2, 5)), Some(3));
        assert_eq!(range(1, 1).choose(range(1, 9)), Some(1));
    }

    #[test]
    fn ranges_that_do_not_meet_choose_nothing_and_still_name_both() {
        let answer = DaemonHello::answer(range(1, 2), range(3, 4));
        let read = DaemonHello::from_bytes(answer.to_bytes()).unwrap();
        assert_eq!(read.chosen, None);
        assert_eq!(read.protocol, range(1, 2));
    }

    #[test]
    fn a_hello_survives_the_trip() {
        let hello = ClientHello {
            protocol: range(1, 7),
            flags: 0x8001,
        };
        assert_eq!(ClientHello::from_bytes(hello.to_bytes()), Ok(hello));
    }

    #[test]
    fn something_else_on_the_socket_is_told_apart() {
        let http = *b"GET / HTTP/1.1\r\n";
        assert_eq!(ClientHello::from_bytes(http), Err(HelloError::WrongMagic));
        let ours = DaemonHello::answer(range(1, 1), range(1, 1)).to_bytes();
        assert_eq!(ClientHello::from_bytes(ours), Err(HelloError::WrongMagic));
    }

    #[test]
    fn an_impossible_range_is_refused() {
        for (min, max) in [(0, 0), (0, 5), (3, 2)] {
            let hello = ClientHello {
                protocol: range(min, max),
                flags: 0,
            };
            assert_eq!(
                ClientHello::from_bytes(hello.to_bytes()),
                Err(HelloError::EmptyRange(range(min, max)))
            );
        }
    }
}
