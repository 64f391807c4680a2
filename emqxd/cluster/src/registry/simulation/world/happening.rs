//! What nodes tell each other, and all that may happen.

use super::Id;
use crate::consensus::NodeId;
use crate::registry::{Answer, Event, Grant};

#[derive(Debug, Clone)]
pub enum Message {
    Lock {
        id: Id,
        request: u64,
    },
    Locked {
        request: u64,
        answer: Answer,
    },
    Granted {
        id: Id,
        request: u64,
        grant: Grant,
    },
    Unwanted {
        id: Id,
        request: u64,
    },
    Release {
        id: Id,
        token: u64,
        is_holder: bool,
    },
    IsHere {
        id: Id,
    },
    Ask {
        id: Id,
        request: u64,
        step: u32,
        what: What,
    },
    Reply {
        request: u64,
        step: u32,
        event: Event,
        origin: u64,
        freeze: u64,
    },
    /// Of a stream of locations: a session is here since, or not any more.
    Row {
        id: Id,
        since: Option<u64>,
    },
    /// All rows anew.
    Snapshot {
        rows: Vec<(Id, u64)>,
    },
}

#[derive(Debug, Clone)]
pub enum What {
    Begin,
    End { freeze: u64 },
    Discard,
}

#[derive(Debug, Clone)]
pub enum Happening {
    Deliver {
        from: NodeId,
        to: NodeId,
        boot: u64,
        epoch: u64,
        message: Message,
    },
    Connect {
        node: NodeId,
        id: Id,
        is_clean_start: bool,
    },
    /// No answer has come in time.
    Timeout {
        node: NodeId,
        boot: u64,
        request: u64,
        step: u32,
    },
    /// Time to ask for a lock again.
    Repeat {
        node: NodeId,
        boot: u64,
        request: u64,
    },
    /// Time to look at a conflict again.
    Settle {
        node: NodeId,
        boot: u64,
        id: Id,
    },
    Tick,
    /// A node comes to believe what is so about another one.
    Detect {
        node: NodeId,
        peer: NodeId,
    },
    Die {
        node: NodeId,
    },
    Return {
        node: NodeId,
    },
    Cut {
        left: NodeId,
        right: NodeId,
    },
    Heal {
        left: NodeId,
        right: NodeId,
    },
}
