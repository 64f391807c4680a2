//! A client on its way in: one step after the other, until it is here or gives up.

use std::collections::BTreeSet;

use emqxd_broker::{Begun, Discarded, DisconnectReason};
use emqxd_cluster::registry::{Claim, Event as Came, Step};

use super::spread::LOOK_MS;
use super::{ANSWER_MS, Answer, Question, Waiter};
use crate::network::{Event, Start};
use crate::node::{id_of, node_of};
use crate::world::World;

/// As in the daemon.
const CLAIM_MS: u64 = 5_000;
const LOCK_MS: u64 = 3_000;

/// A client on its way in.
pub struct Claiming {
    pub start: Start,
    pub client: String,
    pub(super) claim: Claim,
    pub(super) deadline: u64,
    pub(super) lock_deadline: u64,
    pub(super) request: u64,
    pub(super) home: usize,
    pub(super) token: Option<u64>,
    freeze: u64,
    bytes: Vec<u8>,
    pub(super) waits: Waits,
}

#[derive(Debug)]
pub(super) enum Waits {
    No,
    /// For one answer.
    Answer(u64),
    /// In line.
    Line,
    /// Until all know.
    Spread {
        asks: BTreeSet<u64>,
        sent: Vec<(usize, u64)>,
        until: u64,
    },
}

impl World {
    /// A client connects to a node; it comes in at once where nobody else is.
    pub fn begin_claim(&mut self, node: usize, client: &str, is_clean_start: bool) {
        let now = self.net.now();
        let Some(at) = &self.nodes[node] else { return };
        let start = at.start;
        self.last_number += 1;
        let number = self.last_number;
        let is_alone = at.up().next().is_none();
        let claiming = Claiming {
            start,
            client: client.to_owned(),
            claim: Claim::new(id_of(node), is_clean_start),
            deadline: now + CLAIM_MS,
            lock_deadline: now + LOCK_MS,
            request: number,
            home: node,
            token: None,
            freeze: 0,
            bytes: Vec::new(),
            waits: Waits::No,
        };
        if is_alone {
            self.client_enters(start, client);
            return;
        }
        self.claims.insert(number, claiming);
        self.go_on_with(number, None);
    }

    /// Does one step after the other until one waits for something.
    pub(super) fn go_on_with(&mut self, number: u64, came: Option<Came>) {
        let Some(mut claiming) = self.claims.remove(&number) else {
            return;
        };
        // A node that has crashed does nothing.
        if self.at(claiming.start).is_none() {
            return;
        }
        if let Some(came) = came {
            claiming.waits = Waits::No;
            self.tell(|| {
                format!(
                    "{} at {}: {:?} -> {came:?}",
                    claiming.client,
                    claiming.start.node,
                    claiming.claim.step()
                )
            });
            claiming.claim.on(came);
        }
        loop {
            let came = match claiming.claim.step().clone() {
                Step::Enter => {
                    self.client_enters(claiming.start, &claiming.client.clone());
                    self.give_back(&claiming);
                    return;
                }
                Step::Refuse => panic!("{} was refused its own session", claiming.client),
                step => self.do_step(number, &mut claiming, step),
            };
            let Some(came) = came else {
                self.claims.insert(number, claiming);
                return;
            };
            self.tell(|| {
                format!(
                    "{} at {}: {:?} -> {came:?}",
                    claiming.client,
                    claiming.start.node,
                    claiming.claim.step()
                )
            });
            claiming.claim.on(came);
        }
    }

    fn do_step(&mut self, number: u64, claiming: &mut Claiming, step: Step) -> Option<Came> {
        let (start, client) = (claiming.start, claiming.client.clone());
        let question = match step {
            Step::Lock => return self.lock(number, claiming),
            Step::LookUp => return Some(self.look_up(start, &client)),
            Step::Discard(_) => Question::Discard { client },
            Step::Begin(_) => Question::Begin { client },
            Step::End(_) => Question::End {
                client,
                freeze: claiming.freeze,
            },
            Step::Spread(from) => return self.spread(number, claiming, node_of(from)),
            Step::Import => {
                let at = self.at(start)?;
                // What is here is older.
                at.broker.discard(&client, None, DisconnectReason::Discarded);
                let taken = at.broker.takeover_import(&client, &std::mem::take(&mut claiming.bytes));
                assert_eq!(taken, Ok(()), "{client}");
                return Some(Came::Done);
            }
            Step::Merge => {
                let at = self.at(start)?;
                let merged = at.broker.takeover_merge(&client, &std::mem::take(&mut claiming.bytes));
                return Some(if merged.is_ok() { Came::Done } else { Came::Unreachable });
            }
            Step::Abandon => {
                self.at(start)?.broker.takeover_abandon(&client);
                return Some(Came::Done);
            }
            Step::Enter | Step::Refuse => return None,
        };
        let (Step::Discard(to) | Step::Begin(to) | Step::End(to)) = step else {
            return None;
        };
        self.ask_for(number, claiming, node_of(to), question)
    }

    /// Asks another node in the name of a claim.
    pub(super) fn ask_for(
        &mut self,
        number: u64,
        claiming: &mut Claiming,
        to: usize,
        question: Question,
    ) -> Option<Came> {
        match self.ask(claiming.start, to, question, Waiter::Claim(number), claiming.deadline) {
            Some(ask) => {
                claiming.waits = Waits::Answer(ask);
                None
            }
            None => Some(Came::Unreachable),
        }
    }

    fn look_up(&mut self, start: Start, client: &str) -> Came {
        let Some(at) = self.at(start) else {
            return Came::Unreachable;
        };
        let here = at.broker.on_shard_of(client, |shard| shard.client_since(client));
        let found = at.tables.locations.find(client);
        let found = found.iter().filter(|(slot, _)| at.peers[usize::from(*slot)].is_up);
        Came::Found {
            here,
            elsewhere: found.map(|(slot, since)| (id_of(usize::from(*slot)), *since)).collect(),
        }
    }

    /// A claim that waits for no answer looks again.
    pub fn look_again(&mut self, number: u64) {
        let now = self.net.now();
        let Some(claiming) = self.claims.get_mut(&number) else {
            return;
        };
        let start = claiming.start;
        match std::mem::replace(&mut claiming.waits, Waits::Line) {
            Waits::Line => {
                let Some(mut claiming) = self.claims.remove(&number) else {
                    return;
                };
                if self.at(start).is_none() {
                    return;
                }
                let came = self.lock(number, &mut claiming);
                self.claims.insert(number, claiming);
                if came.is_some() {
                    self.go_on_with(number, came);
                }
            }
            Waits::Spread { asks, sent, until } => {
                let holder = match claiming.claim.step() {
                    Step::Spread(from) => node_of(*from),
                    step => panic!("{step:?} waits for no spread"),
                };
                claiming.waits = Waits::Spread {
                    asks: asks.clone(),
                    sent: sent.clone(),
                    until,
                };
                let Some(at) = self.at(start) else { return };
                let is_done = asks.is_empty() && at.have_arrived(holder, &sent);
                if is_done || now >= until {
                    self.go_on_with(number, Some(Came::Done));
                } else {
                    self.net.after(LOOK_MS, Event::Look(number));
                }
            }
            other => claiming.waits = other,
        }
    }

    /// The lock goes back; its home, and the present one, learn who has the client.
    fn give_back(&mut self, claiming: &Claiming) {
        let (start, client) = (claiming.start, claiming.client.clone());
        let now = self.net.now();
        let present = self.home_of(start, &client);
        let Some(at) = self.at(start) else { return };
        let is_holder = at.broker.has_session(&client);
        if is_holder && present != claiming.home && present == start.node {
            at.registry.locks.note_holder(&client, id_of(start.node), now);
        }
        let question = match claiming.token {
            Some(token) => Question::Release {
                client: client.clone(),
                token,
                is_holder,
            },
            None => Question::GiveUp {
                client: client.clone(),
                request: claiming.request,
            },
        };
        if claiming.home == start.node {
            self.answer_question(start, start, question);
        } else {
            self.ask(start, claiming.home, question, Waiter::Nobody, now + ANSWER_MS);
        }
        if is_holder && present != claiming.home && present != start.node {
            self.ask(
                start,
                present,
                Question::IsHere { client },
                Waiter::Nobody,
                now + ANSWER_MS,
            );
        }
    }

    pub(super) fn claim_answered(&mut self, number: u64, ask: u64, answer: Option<Answer>) {
        let Some(claiming) = self.claims.get_mut(&number) else {
            return;
        };
        match &mut claiming.waits {
            Waits::Answer(waits) if *waits == ask => {}
            Waits::Spread { asks, .. } => {
                asks.remove(&ask);
                return;
            }
            _ => return,
        }
        claiming.waits = Waits::No;
        let came = match answer {
            Some(Answer::Lock(_)) | None if *claiming.claim.step() == Step::Lock => {
                let answer = match answer {
                    Some(Answer::Lock(answer)) => Some(answer),
                    _ => None,
                };
                let Some(mut claiming) = self.claims.remove(&number) else {
                    return;
                };
                let came = self.on_lock_answer(number, &mut claiming, answer);
                self.claims.insert(number, claiming);
                came
            }
            Some(Answer::Begun(Begun::Session { freeze, session })) => {
                claiming.freeze = freeze;
                claiming.bytes = session;
                Some(Came::Session)
            }
            Some(Answer::Collected(Some(collected))) => {
                claiming.bytes = collected;
                Some(Came::Session)
            }
            Some(Answer::Begun(Begun::Nothing) | Answer::Collected(None) | Answer::Discarded(Discarded::Nothing)) => {
                Some(Came::Nothing)
            }
            Some(Answer::Discarded(Discarded::Done)) => Some(Came::Done),
            None => Some(Came::Unreachable),
            Some(other) => panic!("{other:?} to {:?}", claiming.claim.step()),
        };
        if came.is_some() {
            self.go_on_with(number, came);
        }
    }
}
