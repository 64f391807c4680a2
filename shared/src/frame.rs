//! Frames: how messages are cut out of the byte stream, after the [`crate::hello`].
//!
//! ```text
//! length u32 | request id u64 | body          big endian; length counts id and body
//! ```
//!
//! [`payload_length`] and [`Frame`] do no I/O; the daemon calls them from its own asynchronous
//! loop. [`read_frame`] and [`write_frame`] are the blocking pair the CLI uses. A length is checked
//! before anything is allocated, and the buffer grows with the bytes that arrive, never to the
//! length that was declared.

use std::io::{self, Read, Write};

use thiserror::Error;

/// Longest payload (id and body) of a frame from CLI to daemon.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// Longest payload (id and body) of a frame from daemon to CLI; longer lists come in chunks.
pub const REPLY_BYTES_MAX: usize = 1024 * 1024;

/// Length of the prefix that precedes each payload.
pub const PREFIX_BYTES: usize = 4;

/// Length of the request id that opens each payload.
pub(crate) const ID_BYTES: usize = 8;

/// One frame without its length prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Chosen by the CLI, repeated in each reply to that request; 0 is the daemon's welcome.
    pub request_id: u64,
    /// A value encoded by [`crate::codec`].
    pub body: Vec<u8>,
}

/// Why no frame could be read or written.
#[derive(Debug, Error)]
pub enum FrameError {
    /// The other side closed between two frames.
    #[error("the connection was closed")]
    Closed,
    /// The other side closed in the middle of a frame.
    #[error("the connection was closed in the middle of a message")]
    Truncated,
    /// The payload cannot even hold its request id.
    #[error("a message of {length} bytes is too short")]
    TooShort {
        /// The declared length.
        length: usize,
    },
    /// The payload is longer than this direction allows.
    #[error("a message of {length} bytes is longer than the {limit} allowed")]
    TooLong {
        /// The declared length.
        length: usize,
        /// What is allowed.
        limit: usize,
    },
    /// Reading or writing failed; `WouldBlock` and `TimedOut` mean a deadline passed.
    #[error("the control connection failed")]
    Io(#[from] io::Error),
}

/// Reads a length prefix; nothing may be allocated for the payload before this returned `Ok`.
///
/// # Errors
/// [`FrameError::TooShort`] and [`FrameError::TooLong`]; the stream is of no use afterwards.
pub fn payload_length(prefix: [u8; PREFIX_BYTES], limit: usize) -> Result<usize, FrameError> {
    let declared = u32::from_be_bytes(prefix);
    // A length that does not fit is above every limit.
    let length = usize::try_from(declared).unwrap_or(usize::MAX);
    if length < ID_BYTES {
        return Err(FrameError::TooShort { length });
    }
    if length > limit {
        return Err(FrameError::TooLong { length, limit });
    }
    Ok(length)
}

impl Frame {
    /// Takes a payload apart, of which [`payload_length`] said that it is long enough.
    ///
    /// # Errors
    /// [`FrameError::TooShort`] if it is not.
    pub fn from_payload(mut payload: Vec<u8>) -> Result<Self, FrameError> {
        let Some((id, _)) = payload.split_first_chunk::<ID_BYTES>() else {
            return Err(FrameError::TooShort { length: payload.len() });
        };
        let request_id = u64::from_be_bytes(*id);
        payload.drain(..ID_BYTES);
        Ok(Self {
            request_id,
            body: payload,
        })
    }

    /// The bytes to send, prefix first.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if the payload is longer than `limit`.
    pub fn to_bytes(&self, limit: usize) -> Result<Vec<u8>, FrameError> {
        let length = ID_BYTES + self.body.len();
        let declared = u32::try_from(length).unwrap_or(u32::MAX);
        if length > limit || declared == u32::MAX {
            return Err(FrameError::TooLong { length, limit });
        }
        let mut bytes = Vec::with_capacity(PREFIX_BYTES + length);
        bytes.extend_from_slice(&declared.to_be_bytes());
        bytes.extend_from_slice(&self.request_id.to_be_bytes());
        bytes.extend_from_slice(&self.body);
        Ok(bytes)
    }
}

/// Reads one frame, blocking.
///
/// # Errors
/// [`FrameError::Closed`] when the stream ends before the first byte.
pub fn read_frame(reader: &mut impl Read, limit: usize) -> Result<Frame, FrameError> {
    let mut prefix = [0; PREFIX_BYTES];
    let mut filled = 0;
    while filled < PREFIX_BYTES {
        match reader.read(&mut prefix[filled..]) {
            Ok(0) if filled == 0 => return Err(FrameError::Closed),
            Ok(0) => return Err(FrameError::Truncated),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    let length = payload_length(prefix, limit)?;
    let mut payload = Vec::new();
    reader.take(length as u64).read_to_end(&mut payload)?;
    if payload.len() < length {
        return Err(FrameError::Truncated);
    }
    Frame::from_payload(payload)
}

/// Writes one frame with a single `write_all`, blocking.
///
/// # Errors
/// [`FrameError::TooLong`] before anything is written, [`FrameError::Io`] from the writer.
pub fn write_frame(writer: &mut impl Write, frame: &Frame, limit: usize) -> Result<(), FrameError> {
    writer.write_all(&frame.to_bytes(limit)?)?;
    writer.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(body: &[u8]) -> Frame {
        Frame {
            request_id: 7,
            body: body.to_vec(),
        }
    }

    #[test]
    fn a_frame_survives_the_trip() {
        let mut wire = Vec::new();
        write_frame(&mut wire, &frame(b"hello"), REQUEST_BYTES_MAX).unwrap();
        let mut reader = wire.as_slice();
        assert_eq!(read_frame(&mut reader, REQUEST_BYTES_MAX).unwrap(), frame(b"hello"));
        assert!(matches!(
            read_frame(&mut reader, REQUEST_BYTES_MAX),
            Err(FrameError::Closed)
        ));
    }

    #[test]
    fn every_short_length_is_refused_and_none_panics() {
        for length in 0..=16_u32 {
            let result = payload_length(length.to_be_bytes(), REQUEST_BYTES_MAX);
            assert_eq!(result.is_ok(), length >= 8, "length {length}");
        }
    }

    #[test]
    fn a_length_above_the_limit_is_refused_before_the_payload_is_read() {
        for length in [REQUEST_BYTES_MAX as u32 + 1, 1 << 31, u32::MAX] {
            let mut wire = length.to_be_bytes().to_vec();
            wire.extend_from_slice(&[0; 32]);
            let mut reader = wire.as_slice();
            assert!(matches!(
                read_frame(&mut reader, REQUEST_BYTES_MAX),
                Err(FrameError::TooLong { .. })
            ));
            assert_eq!(reader.len(), 32, "the payload stays unread");
        }
    }

    #[test]
    fn a_payload_at_the_limit_passes_and_one_byte_more_does_not() {
        let body = vec![1; REQUEST_BYTES_MAX - 8];
        assert!(frame(&body).to_bytes(REQUEST_BYTES_MAX).is_ok());
        let body = vec![1; REQUEST_BYTES_MAX - 7];
        assert!(matches!(
            frame(&body).to_bytes(REQUEST_BYTES_MAX),
            Err(FrameError::TooLong { .. })
        ));
    }

    #[test]
    fn a_stream_cut_at_any_byte_is_closed_or_truncated() {
        let wire = frame(b"abc").to_bytes(REQUEST_BYTES_MAX).unwrap();
        for cut in 0..wire.len() {
            let result = read_frame(&mut &wire[..cut], REQUEST_BYTES_MAX);
            match cut {
                0 => assert!(matches!(result, Err(FrameError::Closed))),
                _ => assert!(matches!(result, Err(FrameError::Truncated)), "cut {cut}"),
            }
        }
    }

    #[test]
    fn a_declared_length_is_never_allocated_ahead_of_the_bytes() {
        let mut wire = (REPLY_BYTES_MAX as u32).to_be_bytes().to_vec();
        wire.extend_from_slice(&[0; 100]);
        struct Watched<'a>(&'a [u8], usize);
        impl Read for Watched<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.1 = self.1.max(buffer.len());
                self.0.read(buffer)
            }
        }
        let mut reader = Watched(&wire, 0);
        assert!(matches!(
            read_frame(&mut reader, REPLY_BYTES_MAX),
            Err(FrameError::Truncated)
        ));
        assert!(reader.1 <= 64 * 1024, "asked for {} bytes at once", reader.1);
    }
}
