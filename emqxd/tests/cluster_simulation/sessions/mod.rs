//! One session a client: the daemon's `cluster/sessions` without its tasks.
//!
//! Steps, locks and who stays are the rules' own ([`emqxd_cluster::registry`]), so is all that is done to a session
//! (the broker's `takeover/`). Written anew is what carries questions and waits for answers, in files of the daemon's
//! names: `claiming.rs`, `locking.rs`, `conflict.rs`, and the barrier of `spread.rs`; its `holder.rs` is
//! [`World::answer_question`]. A change of the rules is to be followed here.

mod claiming;
mod conflict;
mod locking;
mod spread;

use std::collections::{BTreeMap, BTreeSet};

use emqxd_broker::{Begun, Discarded, DisconnectReason, SessionClaim};
use emqxd_cluster::registry::{self, Asker, Grant, Locks, home};

pub use self::claiming::Claiming;
pub use self::spread::Spreading;
use crate::network::{Event, Start};
use crate::node::{id_of, node_of};
use crate::support::claim;
use crate::world::World;

/// As in the daemon.
const ANSWER_MS: u64 = 2_000;
const FROZEN_MS: u64 = 7_000;

#[derive(Debug, Clone)]
pub enum Question {
    Lock {
        client: String,
        request: u64,
    },
    GiveUp {
        client: String,
        request: u64,
    },
    Granted {
        request: u64,
        grant: Grant,
    },
    Release {
        client: String,
        token: u64,
        is_holder: bool,
    },
    IsHere {
        client: String,
    },
    Begin {
        client: String,
    },
    End {
        client: String,
        freeze: u64,
    },
    Discard {
        client: String,
    },
    Spread {
        sequence: u64,
        holder: usize,
    },
}

#[derive(Debug, Clone)]
pub enum Answer {
    Lock(registry::Answer),
    Is(bool),
    Begun(Begun),
    Collected(Option<Vec<u8>>),
    Discarded(Discarded),
}

/// What a node knows of clients in the cluster, besides where they are.
pub struct Registry {
    locks: Locks,
    /// Sessions that were given away, until when they are frozen.
    frozen: BTreeMap<String, u64>,
    /// Newer sessions that others have of clients which are just moving.
    conflicts: BTreeSet<String>,
}

/// Who waits for the answer to a question.
#[derive(Debug, Clone)]
pub enum Waiter {
    Claim(u64),
    /// One that was granted a lock, in case it does not want it.
    Granted {
        home: Start,
        client: String,
        asker: Asker,
    },
    Nobody,
}

impl Registry {
    pub fn new(boot: u64) -> Self {
        Self {
            locks: Locks::new(boot),
            frozen: BTreeMap::new(),
            conflicts: BTreeSet::new(),
        }
    }
}

impl World {
    /// `None` if it cannot even be asked.
    fn ask(&mut self, from: Start, to: usize, question: Question, waiter: Waiter, deadline: u64) -> Option<u64> {
        let boot = self.at(from)?.peers[to].boot;
        let now = self.net.now();
        if boot == 0 || now >= deadline {
            return None;
        }
        self.last_number += 1;
        let ask = self.last_number;
        self.waiters.insert(ask, waiter);
        self.net.ask(ask, from, Start { node: to, boot }, question);
        self.net.after(ANSWER_MS.min(deadline - now), Event::NoAnswer(ask));
        Some(ask)
    }

    fn home_of(&mut self, start: Start, client: &str) -> usize {
        let Some(at) = self.at(start) else { return start.node };
        let up = at.up().map(id_of).chain([id_of(start.node)]);
        home(client, up).map_or(start.node, node_of)
    }

    /// An answer has come, or none will.
    pub fn answered(&mut self, ask: u64, answer: Option<Answer>) {
        match self.waiters.remove(&ask) {
            Some(Waiter::Claim(number)) => self.claim_answered(number, ask, answer),
            Some(Waiter::Granted { home, client, asker }) => {
                let now = self.net.now();
                if let (Some(Answer::Is(false)), Some(at)) = (answer, self.at(home)) {
                    let next = at.registry.locks.give_up(&client, asker, now);
                    self.tell_next(home, client, next);
                }
            }
            Some(Waiter::Nobody) | None => {}
        }
    }

    /// Another node, or this one, asks; `None` if it is answered later.
    pub fn answer_question(&mut self, at: Start, from: Start, question: Question) -> Option<Answer> {
        let now = self.net.now();
        let node = self.at(at)?;
        let locks = &mut node.registry.locks;
        match question {
            Question::Lock { client, request } => {
                return Some(Answer::Lock(locks.request(&client, asker_of(from, request), now)));
            }
            Question::GiveUp { client, request } => {
                let next = locks.give_up(&client, asker_of(from, request), now);
                self.tell_next(at, client, next);
            }
            Question::Release {
                client,
                token,
                is_holder,
            } => {
                let next = locks.release(&client, token, is_holder.then_some(id_of(from.node)), now);
                self.tell_next(at, client, next);
            }
            Question::Granted { request, grant } => return Some(Answer::Is(self.on_granted(at, request, grant))),
            Question::IsHere { client } => locks.note_holder(&client, id_of(from.node), now),
            Question::Begin { client } => {
                let within = std::time::Duration::from_millis(FROZEN_MS);
                let begun = node.broker.takeover_begin(&client, &owner(), within);
                if matches!(begun, Begun::Session { .. }) {
                    node.registry.frozen.insert(client, now + FROZEN_MS);
                }
                return Some(Answer::Begun(begun));
            }
            Question::End { client, freeze } => {
                let collected = node.broker.takeover_end(&client, freeze);
                if collected.is_some() {
                    node.registry.frozen.remove(&client);
                }
                return Some(Answer::Collected(collected));
            }
            Question::Discard { client } => {
                let discarded = node
                    .broker
                    .discard(&client, Some(&owner()), DisconnectReason::Discarded);
                if discarded == Discarded::Done {
                    node.registry.frozen.remove(&client);
                }
                return Some(Answer::Discarded(discarded));
            }
            Question::Spread { .. } => return None,
        }
        Some(Answer::Is(true))
    }

    /// Leases end, and conflicts of clients that were moving are looked at.
    pub fn tick_sessions(&mut self, node: usize) {
        let now = self.net.now();
        let Some(at) = &mut self.nodes[node] else { return };
        let start = at.start;
        let mut granted = Vec::new();
        at.registry.locks.expire(now, &mut granted);
        let conflicts: Vec<String> = at.registry.conflicts.iter().cloned().collect();
        for (client, asker, grant) in granted {
            self.tell_next(start, client.into(), Some((asker, grant)));
        }
        for client in conflicts {
            if self.is_moving(node, &client) {
                continue;
            }
            let Some(at) = &mut self.nodes[node] else { return };
            at.registry.conflicts.remove(&client);
            let present = at.tables.locations.find(&client);
            for (slot, since) in present {
                self.settle_conflict(node, usize::from(slot), &client, since);
            }
        }
    }

    /// Nobody is on the way in, and no session is frozen.
    pub fn sessions_are_at_rest(&self) -> bool {
        let now = self.net.now();
        let mut nodes = self.nodes.iter().flatten();
        self.claims.is_empty()
            && nodes
                .all(|at| at.registry.conflicts.is_empty() && at.registry.frozen.values().all(|until| *until <= now))
    }
}

fn asker_of(start: Start, request: u64) -> Asker {
    Asker {
        node: id_of(start.node),
        boot: start.boot,
        request,
    }
}

/// All clients are whom they say they are.
fn owner() -> SessionClaim {
    claim(None)
}
