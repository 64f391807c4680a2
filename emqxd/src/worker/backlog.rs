//! Received bytes of one connection that wait: a packet whose end has not come, or what was not looked at yet.
//!
//! At most one of the two at a time: a turn that stops with whole packets left over has none begun. Filled and
//! emptied by `receive.rs`. Empty, as for nearly all connections, it is one word.

use bytes::{Bytes, BytesMut};

/// What waits.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    kept: Option<Box<Kept>>,
}

#[derive(Debug)]
enum Kept {
    /// The beginning of a packet; never empty.
    Partial(BytesMut),
    /// A turn's work or a rate limit was used up before.
    Undecoded(Bytes),
}

impl Backlog {
    /// All that waits, to be decoded elsewhere.
    pub fn copy(&self) -> Bytes {
        match self.kept.as_deref() {
            Some(Kept::Undecoded(bytes)) => bytes.clone(),
            Some(Kept::Partial(partial)) => Bytes::copy_from_slice(partial),
            None => Bytes::new(),
        }
    }

    /// The beginning of a packet whose end has not come; empty if there is none.
    pub fn partial(&self) -> &[u8] {
        match self.kept.as_deref() {
            Some(Kept::Partial(partial)) => partial,
            _ => &[],
        }
    }

    /// Whether a packet has begun.
    pub fn has_partial(&self) -> bool {
        !self.partial().is_empty()
    }

    /// More of the packet that has begun, or the beginning of one.
    pub fn extend_partial(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        match self.kept.as_deref_mut() {
            Some(Kept::Partial(partial)) => partial.extend_from_slice(bytes),
            _ => self.kept = Some(Box::new(Kept::Partial(BytesMut::from(bytes)))),
        }
    }

    /// What has come of the packet, which is whole now.
    pub fn take_partial(&mut self) -> Bytes {
        match self.kept.take().map(|kept| *kept) {
            Some(Kept::Partial(partial)) => partial.freeze(),
            other => {
                self.kept = other.map(Box::new);
                Bytes::new()
            }
        }
    }

    /// Keeps whole packets for the next turn. None has begun.
    pub fn keep_undecoded(&mut self, bytes: Bytes) {
        debug_assert!(self.kept.is_none(), "a packet that began earlier comes first");
        self.kept = Some(Box::new(Kept::Undecoded(bytes)));
    }

    /// What was kept by [`Self::keep_undecoded`].
    pub fn take_undecoded(&mut self) -> Option<Bytes> {
        match self.kept.as_deref()? {
            Kept::Partial(_) => None,
            Kept::Undecoded(_) => match *self.kept.take()? {
                Kept::Undecoded(bytes) => Some(bytes),
                Kept::Partial(_) => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_gathers_until_it_is_taken() {
        let mut backlog = Backlog::default();
        assert!(!backlog.has_partial() && backlog.take_partial().is_empty());
        backlog.extend_partial(b"");
        assert!(backlog.kept.is_none());
        backlog.extend_partial(b"ab");
        backlog.extend_partial(b"c");
        assert_eq!(backlog.take_undecoded(), None);
        assert_eq!(backlog.partial(), b"abc");
        assert_eq!(&backlog.take_partial()[..], b"abc");
        assert!(backlog.kept.is_none());
    }

    #[test]
    fn what_was_not_looked_at_is_no_beginning_of_a_packet() {
        let mut backlog = Backlog::default();
        backlog.keep_undecoded(Bytes::from_static(b"whole"));
        assert!(!backlog.has_partial());
        assert!(backlog.take_partial().is_empty());
        assert_eq!(backlog.take_undecoded().as_deref(), Some(&b"whole"[..]));
        assert_eq!(backlog.take_undecoded(), None);
    }
}
