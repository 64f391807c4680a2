//! Frames between the old and the new process, with descriptors beside them.
//!
//! A record is one or more frames: length, kind, whether it is the last of its record, checksum, bytes. Descriptors come
//! with the first byte of a record's first frame, which is how the kernel keeps them together. Both sides have a deadline
//! for everything, and allocate what has come, not what was declared.

use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// Bytes of one frame at most.
const FRAME_BYTES_MAX: usize = 256 * 1024;
/// Bytes of one record: a session with all that waits for it.
const RECORD_BYTES_MAX: usize = 1 << 30;
/// Descriptors that come with one record at most.
const DESCRIPTORS_MAX: usize = 4;
/// Length, kind, last, checksum.
const HEADER_BYTES: usize = 4 + 1 + 1 + 4;
/// A single wait of the system's calls at least: none at all would be for ever.
const WAIT_MIN: Duration = Duration::from_millis(1);

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// New: I am there, and understand this format.
    Hello = 1,
    /// Old: clock, and what is locked.
    Begin,
    /// Old: a listening socket.
    Listener,
    /// Old: a session, with its connection if that moves.
    Session,
    /// Old: a connection that has not sent CONNECT yet.
    Newcomer,
    /// Old: retained messages.
    Retained,
    /// Old: counters.
    Metrics,
    /// Old: that was all.
    End,
    /// New: all of it is there.
    Ready,
    /// Old: go on with it. From here on there is no way back.
    Go,
    /// New: clients are served.
    Running,
    /// New: it cannot be done, and why.
    Refused,
}

impl Kind {
    const ALL: [Self; 12] = [
        Self::Hello,
        Self::Begin,
        Self::Listener,
        Self::Session,
        Self::Newcomer,
        Self::Retained,
        Self::Metrics,
        Self::End,
        Self::Ready,
        Self::Go,
        Self::Running,
        Self::Refused,
    ];
}

/// Why nothing more can be sent or received.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The other process has gone.
    #[error("the other process has ended")]
    Closed,
    /// It does not answer.
    #[error("the other process does not answer in time")]
    TimedOut,
    /// Bytes that the other process cannot have sent.
    #[error("{0}")]
    Damaged(&'static str),
    /// A record above [`RECORD_BYTES_MAX`].
    #[error("a record of {0} bytes is more than can be sent")]
    TooLarge(usize),
    /// The system refuses.
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for WireError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::TimedOut,
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

/// A record as it came.
#[derive(Debug)]
pub(super) struct Record {
    pub kind: Kind,
    pub bytes: Vec<u8>,
    pub descriptors: VecDeque<OwnedFd>,
}

/// One end.
#[derive(Debug)]
pub(super) struct Wire {
    socket: UnixStream,
    deadline: Instant,
}

impl Wire {
    pub fn new(socket: UnixStream, deadline: Instant) -> Self {
        Self { socket, deadline }
    }

    /// Until when everything has to be done.
    pub fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    /// Sends one record; the descriptors stay the caller's.
    pub fn send(&mut self, kind: Kind, record: &[u8], descriptors: &[BorrowedFd<'_>]) -> Result<(), WireError> {
        if record.len() > RECORD_BYTES_MAX {
            return Err(WireError::TooLarge(record.len()));
        }
        let mut rest = record;
        let mut descriptors = descriptors;
        loop {
            let (bytes, more) = rest.split_at(rest.len().min(FRAME_BYTES_MAX));
            rest = more;
            let is_last = u8::from(rest.is_empty());
            let mut header = [0; HEADER_BYTES];
            header[..4].copy_from_slice(&(bytes.len() as u32).to_be_bytes());
            header[4..6].copy_from_slice(&[kind as u8, is_last]);
            header[6..].copy_from_slice(&checksum(kind, is_last, bytes).to_be_bytes());
            self.send_frame(&header, bytes, descriptors)?;
            descriptors = &[];
            if is_last == 1 {
                return Ok(());
            }
        }
    }

    fn send_frame(&mut self, header: &[u8], bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> Result<(), WireError> {
        self.socket.set_write_timeout(Some(self.time_left()?))?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
            return Err(WireError::Damaged("more descriptors than a record takes"));
        }
        let parts = [IoSlice::new(header), IoSlice::new(bytes)];
        let sent = loop {
            match sendmsg(&self.socket, &parts, &mut control, SendFlags::NOSIGNAL) {
                Err(rustix::io::Errno::INTR) => {}
                result => break result.map_err(io::Error::from)?,
            }
        };
        // The descriptors are with the first byte; the rest follows without.
        let unsent = header.iter().chain(bytes).skip(sent);
        if sent < header.len() {
            let rest: Vec<u8> = unsent.copied().collect();
            self.write_all(&rest)
        } else {
            self.write_all(&bytes[sent - header.len()..])
        }
    }

    fn write_all(&mut self, mut rest: &[u8]) -> Result<(), WireError> {
        while !rest.is_empty() {
            self.socket.set_write_timeout(Some(self.time_left()?))?;
            match self.socket.write(rest) {
                Ok(0) => return Err(WireError::Closed),
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The next record.
    pub fn receive(&mut self) -> Result<Record, WireError> {
        let mut bytes = Vec::new();
        let mut descriptors = VecDeque::new();
        let mut first_kind = None;
        loop {
            let mut header = [0; HEADER_BYTES];
            self.read_with_descriptors(&mut header, &mut descriptors)?;
            let [l0, l1, l2, l3, kind, is_last, c0, c1, c2, c3] = header;
            let len = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
            let kind = Kind::ALL.into_iter().find(|each| *each as u8 == kind);
            let kind = kind.ok_or(WireError::Damaged("a record of no kind"))?;
            if len > FRAME_BYTES_MAX || is_last > 1 || first_kind.is_some_and(|first| first != kind) {
                return Err(WireError::Damaged("a frame that is none"));
            }
            first_kind = Some(kind);
            let begin = bytes.len();
            if begin + len > RECORD_BYTES_MAX {
                return Err(WireError::TooLarge(begin + len));
            }
            bytes.resize(begin + len, 0);
            self.read_exact(&mut bytes[begin..])?;
            if checksum(kind, is_last, &bytes[begin..]) != u32::from_be_bytes([c0, c1, c2, c3]) {
                return Err(WireError::Damaged("a checksum is wrong"));
            }
            if is_last == 1 {
                return Ok(Record {
                    kind,
                    bytes,
                    descriptors,
                });
            }
        }
    }

    fn read_with_descriptors(&mut self, into: &mut [u8], found: &mut VecDeque<OwnedFd>) -> Result<(), WireError> {
        let mut filled = 0;
        while filled < into.len() {
            self.socket.set_read_timeout(Some(self.time_left()?))?;
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let mut parts = [IoSliceMut::new(&mut into[filled..])];
            let received = match recvmsg(self.socket.as_fd(), &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC) {
                Err(rustix::io::Errno::INTR) => continue,
                result => result.map_err(io::Error::from)?,
            };
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                    found.extend(descriptors);
                }
            }
            if received.flags.contains(ReturnFlags::CTRUNC) || found.len() > DESCRIPTORS_MAX {
                return Err(WireError::Damaged(
                    "descriptors were lost on the way: the limit of open files is too low",
                ));
            }
            match received.bytes {
                0 => return Err(WireError::Closed),
                count => filled += count,
            }
        }
        Ok(())
    }

    fn read_exact(&mut self, mut into: &mut [u8]) -> Result<(), WireError> {
        while !into.is_empty() {
            self.socket.set_read_timeout(Some(self.time_left()?))?;
            match self.socket.read(into) {
                Ok(0) => return Err(WireError::Closed),
                Ok(count) => into = &mut into[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn time_left(&self) -> Result<Duration, WireError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left < WAIT_MIN {
            return Err(WireError::TimedOut);
        }
        Ok(left)
    }
}

fn checksum(kind: Kind, is_last: u8, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[kind as u8, is_last]);
    hasher.update(bytes);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom};

    use super::*;

    fn pair() -> (Wire, Wire) {
        let (one, two) = UnixStream::pair().unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        (Wire::new(one, deadline), Wire::new(two, deadline))
    }

    #[test]
    fn records_of_all_sizes_arrive_whole_each_with_its_descriptors() {
        let (mut old, mut new) = pair();
        let sender = std::thread::spawn(move || {
            for len in [0, 1, FRAME_BYTES_MAX, 3 * FRAME_BYTES_MAX + 5] {
                let mut file = tempfile::tempfile().unwrap();
                file.write_all(len.to_string().as_bytes()).unwrap();
                let bytes: Vec<u8> = (0..len).map(|place| place as u8).collect();
                old.send(Kind::Session, &bytes, &[file.as_fd()]).unwrap();
                old.send(Kind::Session, &bytes, &[]).unwrap();
            }
        });
        for len in [0, 1, FRAME_BYTES_MAX, 3 * FRAME_BYTES_MAX + 5] {
            let mut with = new.receive().unwrap();
            let without = new.receive().unwrap();
            assert_eq!((with.bytes.len(), with.bytes == without.bytes), (len, true));
            assert!(without.descriptors.is_empty());
            let mut file = std::fs::File::from(with.descriptors.pop_front().unwrap());
            let mut text = String::new();
            file.seek(SeekFrom::Start(0)).unwrap();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, len.to_string());
        }
        sender.join().unwrap();
        assert!(matches!(new.receive(), Err(WireError::Closed)));
    }

    #[test]
    fn a_flipped_bit_a_cut_and_a_long_wait_are_errors() {
        let (mut old, receiver) = pair();
        old.send(Kind::Begin, b"all that was said", &[]).unwrap();
        drop(old);
        let mut sent = Vec::new();
        (&receiver.socket).read_to_end(&mut sent).unwrap();
        for bit in 0..sent.len() * 8 {
            let mut bytes = sent.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let (one, mut two) = pair();
            (&one.socket).write_all(&bytes).unwrap();
            drop(one);
            assert!(two.receive().is_err(), "bit {bit}");
        }
        for len in 0..sent.len() {
            let (one, mut two) = pair();
            (&one.socket).write_all(&sent[..len]).unwrap();
            drop(one);
            assert!(two.receive().is_err(), "{len} bytes");
        }
        let (_silent, mut waiting) = pair();
        waiting.set_deadline(Instant::now() + Duration::from_millis(20));
        assert!(matches!(waiting.receive(), Err(WireError::TimedOut)));
    }
}
