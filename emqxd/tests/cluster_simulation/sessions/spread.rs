//! The barrier of a move: all know where the session is, and what they sent to its old node has arrived there.

use std::collections::BTreeSet;

use emqxd_cluster::registry::Event as Came;

use super::claiming::{Claiming, Waits};
use super::{Answer, Question, Waiter};
use crate::network::{Event, Start};
use crate::world::World;

/// As in the daemon.
const SPREAD_MS: u64 = 1_000;
pub(super) const LOOK_MS: u64 = 5;

/// A node waits until it knows something, then answers.
pub struct Spreading {
    ask: u64,
    from: Start,
    at: Start,
    sequence: u64,
    holder: usize,
    sent: Option<Vec<(usize, u64)>>,
    until: u64,
}

impl World {
    pub(super) fn spread(&mut self, number: u64, claiming: &mut Claiming, holder: usize) -> Option<Came> {
        if self.is_spread_skipped {
            return Some(Came::Done);
        }
        let until = claiming.deadline.min(self.net.now() + SPREAD_MS);
        let start = claiming.start;
        let at = self.at(start)?;
        let sequence = at.journal.ring().now().0;
        let sent = at.last_for(holder);
        let peers: Vec<usize> = at.up().collect();
        let mut asks = BTreeSet::new();
        for peer in peers {
            asks.extend(self.ask(
                start,
                peer,
                Question::Spread { sequence, holder },
                Waiter::Claim(number),
                until,
            ));
        }
        claiming.waits = Waits::Spread { asks, sent, until };
        self.net.after(LOOK_MS, Event::Look(number));
        None
    }

    /// A node is to say when it knows; see [`Self::look_at_spreads`].
    pub fn begin_spread(&mut self, ask: u64, at: Start, from: Start, sequence: u64, holder: usize) {
        let until = self.net.now() + SPREAD_MS;
        self.spreads.push(Spreading {
            ask,
            from,
            at,
            sequence,
            holder,
            sent: None,
            until,
        });
    }

    pub fn look_at_spreads(&mut self) {
        let now = self.net.now();
        for mut spreading in std::mem::take(&mut self.spreads) {
            let Some(at) = self.at(spreading.at) else { continue };
            let known = &at.follows[spreading.from.node].follower;
            let is_known =
                at.peers[spreading.from.node].boot == spreading.from.boot && known.sequence() >= spreading.sequence;
            if is_known && spreading.sent.is_none() {
                spreading.sent = Some(at.last_for(spreading.holder));
            }
            let is_done = spreading
                .sent
                .as_ref()
                .is_some_and(|sent| at.have_arrived(spreading.holder, sent));
            if is_done || now >= spreading.until {
                self.net
                    .answer(spreading.ask, spreading.at, spreading.from, Answer::Is(is_done));
            } else {
                self.spreads.push(spreading);
            }
        }
    }
}
