//! Frames on a link: a length of 32 bits (big-endian), then as many bytes.
//!
//! The length is checked before anything is allocated, and memory grows as bytes come.

use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Memory made ready at once for what comes.
const READ_AHEAD: usize = 64 << 10;
/// Frames gathered in memory before they are written.
const WRITE_BEHIND: usize = 64 << 10;

/// Reads frames.
#[derive(Debug)]
pub struct FrameReader<R> {
    stream: R,
    read: BytesMut,
    longest: usize,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Of at most `longest` bytes each.
    pub fn new(stream: R, longest: usize) -> Self {
        Self {
            stream,
            read: BytesMut::new(),
            longest,
        }
    }

    /// The next frame; `None` at the end of the link. Safe to be given up and called again.
    ///
    /// # Errors
    /// When the link breaks, ends within a frame, or a frame is too long.
    pub async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            if let Some(frame) = self.take()? {
                return Ok(Some(frame));
            }
            self.read.reserve(READ_AHEAD);
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return match self.read.is_empty() {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        }
    }

    /// A frame that has been read already.
    ///
    /// # Errors
    /// When it is too long.
    pub fn take(&mut self) -> io::Result<Option<Bytes>> {
        let Some(length) = self.read.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length) as usize;
        if length > self.longest {
            let why = format!("a frame of {length} bytes where at most {} are allowed", self.longest);
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        if self.read.len() < 4 + length {
            return Ok(None);
        }
        self.read.advance(4);
        Ok(Some(self.read.split_to(length).freeze()))
    }
}

/// Writes frames, many with one call.
#[derive(Debug)]
pub struct FrameWriter<W> {
    stream: W,
    gathered: BytesMut,
}

impl<W: AsyncWrite + Unpin> FrameWriter<W> {
    /// Onto a stream.
    pub fn new(stream: W) -> Self {
        Self {
            stream,
            gathered: BytesMut::with_capacity(WRITE_BEHIND),
        }
    }

    /// Adds a frame made of these pieces; it is on its way after [`Self::flush`], or when enough has gathered.
    ///
    /// # Errors
    /// When the link breaks, or the frame is longer than a length can say.
    pub async fn send(&mut self, pieces: &[&[u8]]) -> io::Result<()> {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        let length = u32::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.gathered.put_u32(length);
        for piece in pieces {
            self.gathered.extend_from_slice(piece);
        }
        if self.gathered.len() >= WRITE_BEHIND {
            self.write().await?;
        }
        Ok(())
    }

    /// Writes what has gathered.
    ///
    /// # Errors
    /// When the link breaks.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.write().await?;
        self.stream.flush().await
    }

    async fn write(&mut self) -> io::Result<()> {
        while self.gathered.has_remaining() {
            self.stream.write_buf(&mut self.gathered).await?;
        }
        // A large frame does not hold its memory.
        if self.gathered.capacity() > 4 * WRITE_BEHIND {
            self.gathered = BytesMut::with_capacity(WRITE_BEHIND);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_arrive_as_they_were_sent_however_they_are_cut() {
        let (near, far) = tokio::io::duplex(7);
        let sending = async {
            let mut writer = FrameWriter::new(near);
            for length in [0, 1, 5, 100_000] {
                let payload = vec![length as u8; length];
                writer
                    .send(&[&payload[..length / 2], &payload[length / 2..]])
                    .await
                    .unwrap();
            }
            writer.flush().await.unwrap();
        };
        let receiving = async {
            let mut reader = FrameReader::new(far, 100_000);
            let mut lengths = Vec::new();
            while let Some(frame) = reader.next().await.unwrap() {
                assert!(frame.iter().all(|byte| *byte == frame.len() as u8));
                lengths.push(frame.len());
            }
            lengths
        };
        let ((), lengths) = tokio::join!(sending, receiving);
        assert_eq!(lengths, [0, 1, 5, 100_000]);
    }

    #[tokio::test]
    async fn a_frame_that_is_too_long_is_refused_by_its_length() {
        let mut reader = FrameReader::new(&b"\xff\xff\xff\xff"[..], 1024);
        let error = reader.next().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "a frame of 4294967295 bytes where at most 1024 are allowed"
        );
    }

    #[tokio::test]
    async fn an_end_within_a_frame_is_not_the_end_of_the_link() {
        let mut reader = FrameReader::new(&b"\x00\x00\x00\x02x"[..], 1024);
        assert_eq!(reader.next().await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert!(FrameReader::new(&b""[..], 1024).next().await.unwrap().is_none());
    }
}
