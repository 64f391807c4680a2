//! Where a client's session is, for certain: what all nodes that may own one have answered.
//!
//! Locks are not enough for that: homes move when members come and go, and two of them may grant one id at a time. So
//! each [careful](super::Claim::careful) claim raises a flag at its node before it asks, and each answer says whether
//! there is one over there. Of two claims at two nodes at least one sees the other's flag, and of those that see one the
//! node with the lowest number waits while the others give way. A node that owns the session and is not about to give it
//! away is certain alone, whoever is silent: it gives a session to one at a time. That nobody has one is certain only if
//! none was given away between the answers: a node that has done so lately says which time it was, and where that is news
//! all are asked again.

use std::collections::BTreeMap;

use crate::consensus::NodeId;

/// What a node knows of a client's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whereabouts {
    /// When its client came last, Unix milliseconds; `None` if it is not there.
    pub since: Option<u64>,
    /// It stays there unless it is asked for.
    pub is_owner: bool,
    /// A claim of that node has its flag up, or one has ended and nobody knows how.
    pub is_coming: bool,
    /// The number of the last time that it was given away there, if that was lately; else 0.
    pub given: u64,
}

/// For how long "lately" is at least, milliseconds: longer than any claim takes.
pub const LATELY_MS: u64 = 10_000;

/// What the answers come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// These nodes have one, since then; nobody else has.
    At(Vec<(NodeId, u64)>),
    /// A claim of another node is under way, or it was given away meanwhile: to be asked again.
    Wait(Given),
    /// One is under way, and goes first.
    GiveWay,
    /// Somebody has not answered.
    NotCertain,
}

/// By node, what is known of sessions that were given away.
pub type Given = BTreeMap<NodeId, u64>;

/// The answers so far.
#[derive(Debug)]
pub struct Inquiry {
    own: NodeId,
    found: Vec<(NodeId, u64)>,
    /// The lowest of those with claims.
    coming: Option<NodeId>,
    owner: Option<(NodeId, u64)>,
    is_silent: bool,
    given: Given,
    given_before: Given,
}

impl Inquiry {
    /// Node `own` has raised its flag and asks all others that may own sessions.
    /// `given` is what it has learnt from the verdict before.
    pub fn new(own: NodeId, given: Given) -> Self {
        Self {
            own,
            found: Vec::new(),
            coming: None,
            owner: None,
            is_silent: false,
            given: Given::new(),
            given_before: given,
        }
    }

    /// A node has answered, or has not.
    pub fn on(&mut self, node: NodeId, answer: Option<Whereabouts>) {
        let Some(answer) = answer else {
            self.is_silent = true;
            return;
        };
        self.found.extend(answer.since.map(|since| (node, since)));
        if answer.given > 0 {
            self.given.insert(node, answer.given);
        }
        if answer.is_owner {
            self.owner = answer.since.map(|since| (node, since));
        }
        if answer.is_coming {
            self.coming = Some(self.coming.map_or(node, |lowest| lowest.min(node)));
        }
    }

    /// Whether no further answer changes anything.
    pub fn is_over(&self) -> bool {
        self.owner.is_some()
    }

    /// What it comes to.
    pub fn verdict(self) -> Verdict {
        let mut news = self.given.iter();
        let has_moved = news.any(|(node, given)| self.given_before.get(node) != Some(given));
        match (self.owner, self.coming) {
            (Some(owner), _) => Verdict::At(vec![owner]),
            _ if self.is_silent => Verdict::NotCertain,
            (None, Some(other)) if self.own > other => Verdict::GiveWay,
            (None, Some(_)) => Verdict::Wait(self.given),
            (None, None) if has_moved && self.found.is_empty() => Verdict::Wait(self.given),
            (None, None) => Verdict::At(self.found),
        }
    }
}
