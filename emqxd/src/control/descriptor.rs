//! A descriptor that comes with a request (`SCM_RIGHTS`): one at most, and only with a verb that takes one.
//!
//! The caller opens a file with its own rights and passes it on; what it must be is the verb's matter. It comes with
//! the first byte of the request, is closed on `exec`, and whatever is too many is closed here.

use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use emqx_shared::{ErrorCode, Failure, Request};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, recvmsg};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// What came with the first byte of a request.
#[derive(Debug)]
pub(super) enum Attached {
    Nothing,
    One(OwnedFd),
    /// More than one; all of them have been closed.
    TooMany,
}

/// Waits for the first byte of a request; `None` if the caller has closed.
pub(super) async fn read_first(stream: &UnixStream) -> io::Result<Option<(u8, Attached)>> {
    stream.async_io(Interest::READABLE, || receive(stream)).await
}

fn receive(stream: &UnixStream) -> io::Result<Option<(u8, Attached)>> {
    let mut first = [0];
    // Alignment leaves room for a second one, never for more: the kernel closes those.
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut first)];
    let received = recvmsg(stream, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let mut attached = Attached::Nothing;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            for descriptor in descriptors {
                attached = match attached {
                    Attached::Nothing => Attached::One(descriptor),
                    Attached::One(_) | Attached::TooMany => Attached::TooMany,
                };
            }
        }
    }
    if received.flags.contains(ReturnFlags::CTRUNC) {
        attached = Attached::TooMany;
    }
    Ok((received.bytes > 0).then_some((first[0], attached)))
}

impl Attached {
    /// The descriptor for a request that takes one.
    ///
    /// # Errors
    /// One is missing, or something came that the request does not take.
    pub(super) fn fit(self, request: Request) -> Result<(Request, Option<OwnedFd>), Failure> {
        let refused = |message: String| Err(Failure::new(ErrorCode::BadDescriptor, message));
        match (self, request.takes_descriptor()) {
            (Self::Nothing, false) => Ok((request, None)),
            (Self::One(descriptor), true) => Ok((request, Some(descriptor))),
            (Self::TooMany, _) => refused("more than one descriptor came with the request".to_owned()),
            (Self::One(_), false) => refused(format!("'{}' takes no descriptor", request.verb())),
            (Self::Nothing, true) => refused(format!("no descriptor came with '{}'", request.verb())),
        }
    }
}
