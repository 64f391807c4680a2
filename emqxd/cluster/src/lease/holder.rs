//! A node that holds a lease, or wants one.

use super::{Answer, LEASE_MS, Report, View};
use crate::consensus::NodeId;

/// What a node knows of its lease.
#[derive(Debug, Clone)]
pub struct Holder {
    own: NodeId,
    until: u64,
    view: View,
    /// The last stamp, and the term that it is of.
    stamp: (u64, u64),
}

impl Holder {
    /// Without a lease.
    pub fn new(own: NodeId) -> Self {
        Self {
            own,
            until: 0,
            view: View::default(),
            stamp: (0, 0),
        }
    }

    /// Goes on with a lease that another process of this node was granted.
    pub fn handed_over(own: NodeId, until: u64) -> Self {
        Self {
            until,
            ..Self::new(own)
        }
    }

    /// Until when the lease lasts; in the past if there is none.
    pub fn until(&self) -> u64 {
        self.until
    }

    /// Whether the lease lasts still.
    pub fn is_valid(&self, now: u64) -> bool {
        now < self.until
    }

    /// Who is out. To be believed while the lease lasts.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What to tell the leader of a term.
    pub fn report(&self, term: u64, reaches: Vec<NodeId>, now: u64) -> Report {
        let (stamp_term, stamp) = self.stamp;
        Report {
            term,
            node: self.own,
            stamp: if stamp_term == term { stamp } else { 0 },
            left_ms: self.until.saturating_sub(now),
            version: if self.view.term == term { self.view.version } else { 0 },
            reaches,
        }
    }

    /// The leader has answered what was asked at `asked_at`.
    pub fn on_answer(&mut self, answer: Answer, asked_at: u64) {
        let Answer {
            stamp,
            is_granted,
            view,
        } = answer;
        if view.term < self.view.term {
            return;
        }
        self.stamp = self.stamp.max((view.term, stamp));
        if (view.term, view.version) >= (self.view.term, self.view.version) {
            if is_granted {
                self.until = self.until.max(asked_at + LEASE_MS);
            }
            self.view = view;
        }
    }
}
