//! What has come over a lane, whichever its link: what comes again is passed over.

/// Messages handed on that are acknowledged together at the latest.
const ACKNOWLEDGE_EVERY: u32 = 512;

/// The receiving end of a lane. It outlives links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Receiver {
    epoch: u64,
    last: u64,
}

impl Receiver {
    /// A sender has said hello: of another epoch, its sequences begin anew. What has been had of it so far.
    pub fn on_hello(&mut self, epoch: u64) -> u64 {
        if self.epoch != epoch {
            *self = Self { epoch, last: 0 };
        }
        self.last
    }

    /// The sender's epoch.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The last message that was had.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Whether a message is to be handed on; from then on it has been had. Numbers that are left out were of messages
    /// that nobody waits for: those of QoS 0 are not sent twice.
    pub fn is_new(&mut self, sequence: u64) -> bool {
        if sequence <= self.last {
            return false;
        }
        self.last = sequence;
        true
    }
}

/// When what came over one link is acknowledged: after so many messages, or when nothing more comes for a moment.
#[derive(Debug, Default)]
pub struct Acknowledgements {
    waiting: u32,
    is_wanted: bool,
}

impl Acknowledgements {
    /// Messages of a batch were handed on, or passed over.
    pub fn on_messages(&mut self, count: u32, is_wanted: bool) {
        self.waiting = self.waiting.saturating_add(count);
        self.is_wanted |= is_wanted;
    }

    /// Whether the sender waits for one.
    pub fn is_due(&self) -> bool {
        self.is_wanted
    }

    /// Whether it should not wait any longer.
    pub fn is_overdue(&self) -> bool {
        self.is_wanted && self.waiting >= ACKNOWLEDGE_EVERY
    }

    /// One is on its way.
    pub fn on_sent(&mut self) {
        *self = Self::default();
    }
}
