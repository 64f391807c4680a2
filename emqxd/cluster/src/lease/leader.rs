//! The leader of a term, who grants leases.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, DRIFT_MS, LEASE_MS, REPORT_COUNTS_MS, Report, SURE_MS, View};
use crate::consensus::NodeId;

/// What a leader knows of who may hold a lease.
#[derive(Debug)]
pub struct Leader {
    own: NodeId,
    term: u64,
    /// When it was found to lead.
    began: u64,
    version: u64,
    nodes: BTreeMap<NodeId, Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// When its last report was true at the earliest, and what it said.
    reported: Option<(u64, Report)>,
    /// When it was granted a lease last, in this term.
    granted: Option<u64>,
    /// It holds none, and the others were told so.
    is_out: bool,
    /// From this version of the view on all know that it is in.
    in_since: u64,
}

impl Leader {
    /// Begins to lead. Who holds a lease of the leader before is not known.
    pub fn new(own: NodeId, term: u64, now: u64) -> Self {
        Self {
            own,
            term,
            began: now,
            version: 1,
            nodes: BTreeMap::new(),
        }
    }

    /// Which term it leads.
    pub fn term(&self) -> u64 {
        self.term
    }

    /// A node asks for a lease, perhaps the leader itself: `voters` are all that have a vote.
    pub fn on_report(&mut self, mut report: Report, voters: &[NodeId], now: u64) -> Answer {
        self.nodes.retain(|id, _| voters.contains(id));
        for voter in voters {
            self.nodes.entry(*voter).or_insert_with(|| Known {
                in_since: 1,
                ..Known::default()
            });
        }
        let node = report.node;
        if report.term == self.term {
            if node == self.own {
                report.stamp = now;
            }
            // No stamp of this leader is younger than now.
            if (self.began..=now).contains(&report.stamp)
                && let Some(known) = self.nodes.get_mut(&node)
                && known.reported.as_ref().is_none_or(|(at, _)| *at <= report.stamp)
            {
                known.reported = Some((report.stamp, report));
            }
        }
        let circle = self.circle(now);
        // Without a majority there may be another leader, who knows better.
        let is_majority = circle.len() * 2 > voters.len();
        if is_majority {
            self.revise(&circle, now);
        }
        let is_granted = is_majority && circle.contains(&node) && self.may_have(node, now);
        if let Some(known) = self.nodes.get_mut(&node).filter(|_| is_granted) {
            known.granted = Some(now);
        }
        let out = self.nodes.iter().filter(|(_, known)| known.is_out);
        Answer {
            stamp: now,
            is_granted,
            view: View {
                term: self.term,
                version: self.version,
                out: out.map(|(id, _)| *id).collect(),
            },
        }
    }

    /// The largest part of those heard of lately in which each reaches each other one, as far as looking simply finds
    /// it; with the leader. Empty if the leader itself has not reported.
    fn circle(&self, now: u64) -> BTreeSet<NodeId> {
        let fresh = |known: &Known| {
            let (at, _) = known.reported.as_ref()?;
            (now < at + REPORT_COUNTS_MS).then_some(())
        };
        let heard = self.nodes.iter().filter(|(_, known)| fresh(known).is_some());
        let mut circle: BTreeSet<NodeId> = heard.map(|(id, _)| *id).collect();
        if !circle.contains(&self.own) {
            return BTreeSet::new();
        }
        loop {
            let links = |id: &NodeId| {
                circle
                    .iter()
                    .filter(|other| self.reach_each_other(*id, **other))
                    .count()
            };
            let worst = circle
                .iter()
                .filter(|id| **id != self.own || circle.len() == 1)
                .min_by_key(|id| (links(id), self.nodes[*id].granted, std::cmp::Reverse(**id)));
            match worst.copied() {
                Some(worst) if links(&worst) + 1 < circle.len() => circle.remove(&worst),
                _ => return circle,
            };
        }
    }

    fn reach_each_other(&self, one: NodeId, other: NodeId) -> bool {
        let reaches = |from: NodeId, to: NodeId| {
            let known = self.nodes.get(&from).and_then(|known| known.reported.as_ref());
            known.is_some_and(|(_, report)| report.reaches.contains(&to))
        };
        one != other && reaches(one, other) && reaches(other, one)
    }

    /// Tells who is out now, and who is in again.
    fn revise(&mut self, circle: &BTreeSet<NodeId>, now: u64) {
        let (began, version) = (self.began, self.version + 1);
        for (id, known) in &mut self.nodes {
            let is_in_circle = circle.contains(id);
            let is_over = now >= known.lease_over(began);
            if known.is_out && is_in_circle {
                known.is_out = false;
                known.in_since = version;
                known.granted = None;
                self.version = version;
            } else if !known.is_out && !is_in_circle && is_over {
                known.is_out = true;
                self.version = version;
            }
        }
    }

    /// Whether nobody who holds a lease can believe that this node is out.
    fn may_have(&self, node: NodeId, now: u64) -> bool {
        let Some(known) = self.nodes.get(&node) else {
            return false;
        };
        // Who was granted one before was in then, and was not said to be out since.
        if known.is_out {
            return false;
        }
        if known.granted.is_some() {
            return true;
        }
        let Some((_, report)) = &known.reported else {
            return false;
        };
        // Nobody says that of a node whose lease lasts.
        if known.in_since == 1 && report.left_ms > SURE_MS {
            return true;
        }
        let others = self.nodes.iter().filter(|(id, _)| **id != node);
        let mut holders = others.filter(|(_, other)| !other.is_out && now < other.lease_over(self.began));
        holders.all(|(_, other)| {
            let reported = other.reported.as_ref();
            reported.is_some_and(|(_, report)| report.version >= known.in_since)
        })
    }
}

impl Known {
    /// When it holds no lease any more, neither of this leader nor of the one before.
    fn lease_over(&self, began: u64) -> u64 {
        let last = match self.granted {
            Some(granted) => granted,
            None if self.in_since > 1 => return 0,
            None => began + REPORT_COUNTS_MS,
        };
        last + LEASE_MS + DRIFT_MS
    }
}
