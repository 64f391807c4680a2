//! The frames that are on their way to a client: one data frame at most, whose payload is not kept here, and the
//! control frames that go before the next one.
//!
//! A data frame announces as many bytes as the caller has. If the socket takes only some of them, the bytes that the
//! caller writes next are the rest of that frame, and until then no other frame may begin.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

use super::frames::Payload;

/// FIN and the type of a frame (RFC 6455, 5.2).
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PONG: u8 = 0x8A;

/// The longest payload of one frame that is sent: small enough for clients with a buffer for a frame.
const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Slices of the caller that go into one write.
const SLICES_MAX: usize = 64;

/// What is under way to one client.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// Headers and control frames that were begun; mostly empty.
    begun: Vec<u8>,
    /// Payload of the data frame that has begun, still to come from the caller.
    left: usize,
    /// The answer to the last ping, not begun. RFC 6455, 5.5.3 asks for no other.
    pong: Option<Box<Payload>>,
    close: Close,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Close {
    #[default]
    NotSaid,
    /// To be said once the frame that is under way is complete; without a code if the client gave none.
    Wanted(Option<u16>),
    /// Nothing may follow.
    Said,
}

impl Outgoing {
    pub(super) fn pong(&mut self, payload: Payload) {
        self.pong = Some(Box::new(payload));
    }

    /// Says good-bye, unless that was done.
    pub(super) fn close(&mut self, code: Option<u16>) {
        if self.close == Close::NotSaid {
            self.close = Close::Wanted(code);
        }
    }

    /// Whether something waits for the socket and for nothing else.
    pub(super) fn wants_flush(&self) -> bool {
        let may_begin = self.left == 0 && (self.pong.is_some() || matches!(self.close, Close::Wanted(_)));
        may_begin || !self.begun.is_empty()
    }

    /// Writes some of the caller's bytes; how many.
    pub(super) fn poll_write(
        &mut self,
        mut socket: Pin<&mut impl AsyncWrite>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let len: usize = slices.iter().map(|slice| slice.len()).sum();
        if len == 0 {
            return Poll::Ready(Ok(0));
        }
        loop {
            if self.left == 0 {
                ready!(self.poll_control(socket.as_mut(), context))?;
                if self.close != Close::NotSaid {
                    return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
                }
                self.left = len.min(FRAME_BYTES_MAX);
                write_header(&mut self.begun, BINARY, self.left);
            }
            let mut parts = [IoSlice::new(&[]); SLICES_MAX + 1];
            let count = gather(&mut parts, &self.begun, slices, self.left);
            let written = ready!(socket.as_mut().poll_write_vectored(context, &parts[..count]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let of_header = written.min(self.begun.len());
            self.begun.drain(..of_header);
            let of_payload = written - of_header;
            self.left -= of_payload;
            if of_payload > 0 {
                return Poll::Ready(Ok(of_payload));
            }
        }
    }

    /// Writes the control frames that wait, unless a data frame is under way.
    pub(super) fn poll_control(
        &mut self,
        mut socket: Pin<&mut impl AsyncWrite>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.begun.is_empty() && !self.begin_control() {
                return Poll::Ready(Ok(()));
            }
            let written = ready!(socket.as_mut().poll_write(context, &self.begun))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.begun.drain(..written);
        }
    }

    /// The next control frame goes into `begun`, if there is one and it may begin.
    fn begin_control(&mut self) -> bool {
        if self.left > 0 {
            return false;
        }
        if let Close::Wanted(code) = self.close {
            self.close = Close::Said;
            self.pong = None;
            let code = code.map(u16::to_be_bytes);
            let payload = code.as_ref().map_or(&[][..], |code| &code[..]);
            write_header(&mut self.begun, CLOSE, payload.len());
            self.begun.extend_from_slice(payload);
            return true;
        }
        let Some(pong) = self.pong.take().filter(|_| self.close == Close::NotSaid) else {
            return false;
        };
        write_header(&mut self.begun, PONG, pong.as_slice().len());
        self.begun.extend_from_slice(pong.as_slice());
        true
    }
}

/// What one write sends: the header, and of the caller's bytes as many as belong to the frame.
fn gather<'a>(parts: &mut [IoSlice<'a>], header: &'a [u8], slices: &'a [IoSlice<'a>], mut left: usize) -> usize {
    let mut count = 0;
    if !header.is_empty() {
        parts[0] = IoSlice::new(header);
        count = 1;
    }
    for slice in slices.iter().filter(|slice| !slice.is_empty()) {
        if left == 0 || count == parts.len() {
            break;
        }
        let here = left.min(slice.len());
        parts[count] = IoSlice::new(&slice[..here]);
        count += 1;
        left -= here;
    }
    count
}

/// Frames of a server have no mask (RFC 6455, 5.1).
fn write_header(header: &mut Vec<u8>, first: u8, len: usize) {
    header.push(first);
    match len {
        0..=125 => header.push(len as u8),
        126..=0xFFFF => {
            header.push(126);
            header.extend_from_slice(&(len as u16).to_be_bytes());
        }
        _ => {
            header.push(127);
            header.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
}
