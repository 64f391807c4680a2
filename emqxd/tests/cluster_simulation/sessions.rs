//! One session a client: the daemon's `cluster/sessions` without its tasks.
//!
//! Steps, locks and who stays are the rules' own ([`emqxd_cluster::registry`]), so is all that is done to a session
//! (the broker's `takeover/`). Written anew is what carries questions and waits for answers: `claiming.rs`,
//! `locking.rs`, `holder.rs`, `conflict.rs`, and the barrier of `spread.rs`. A change of the rules is to be followed here.

use std::collections::{BTreeMap, BTreeSet};

use emqxd_broker::{Begun, Discarded, DisconnectReason, SessionClaim};
use emqxd_cluster::registry::{self, Asker, Claim, Event as Came, Grant, Locks, REPEAT_MS, Step, home, stays};

use crate::network::{Event, Start};
use crate::node::{id_of, node_of};
use crate::support::claim;
use crate::world::World;

/// As in the daemon.
const ANSWER_MS: u64 = 2_000;
const CLAIM_MS: u64 = 5_000;
const LOCK_MS: u64 = 3_000;
const SPREAD_MS: u64 = 1_000;
const LOOK_MS: u64 = 5;
const FROZEN_MS: u64 = 7_000;

/// What one node asks another.
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

/// A client on its way in.
pub struct Claiming {
    pub start: Start,
    pub client: String,
    claim: Claim,
    deadline: u64,
    lock_deadline: u64,
    request: u64,
    home: usize,
    token: Option<u64>,
    freeze: u64,
    bytes: Vec<u8>,
    waits: Waits,
}

#[derive(Debug)]
enum Waits {
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
    fn go_on_with(&mut self, number: u64, came: Option<Came>) {
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
    fn ask_for(&mut self, number: u64, claiming: &mut Claiming, to: usize, question: Question) -> Option<Came> {
        match self.ask(claiming.start, to, question, Waiter::Claim(number), claiming.deadline) {
            Some(ask) => {
                claiming.waits = Waits::Answer(ask);
                None
            }
            None => Some(Came::Unreachable),
        }
    }

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

    fn lock(&mut self, number: u64, claiming: &mut Claiming) -> Option<Came> {
        if matches!(claiming.waits, Waits::No) && claiming.token.is_none() {
            claiming.home = self.home_of(claiming.start, &claiming.client);
        }
        if self.net.now() >= claiming.lock_deadline {
            return Some(Came::Unreachable);
        }
        let request = claiming.request;
        if claiming.home != claiming.start.node {
            let question = Question::Lock {
                client: claiming.client.clone(),
                request,
            };
            let asked = self.ask_for(number, claiming, claiming.home, question);
            if asked.is_some() {
                claiming.claim.pass_over(id_of(claiming.home));
            }
            return asked;
        }
        let now = self.net.now();
        let at = self.at(claiming.start)?;
        let asker = asker_of(claiming.start, request);
        let answer = at.registry.locks.request(&claiming.client, asker, now);
        self.on_lock_answer(number, claiming, Some(answer))
    }

    /// The home has answered, or has not.
    fn on_lock_answer(
        &mut self,
        number: u64,
        claiming: &mut Claiming,
        answer: Option<registry::Answer>,
    ) -> Option<Came> {
        match answer {
            Some(registry::Answer::Granted(grant)) => {
                claiming.token = Some(grant.token);
                Some(Came::Locked {
                    last_holder: grant.last_holder,
                })
            }
            Some(registry::Answer::Waiting) => {
                claiming.waits = Waits::Line;
                let left = claiming.lock_deadline.saturating_sub(self.net.now());
                self.net.after(REPEAT_MS.min(left), Event::Look(number));
                None
            }
            Some(registry::Answer::Full) => Some(Came::Unreachable),
            None => {
                claiming.claim.pass_over(id_of(claiming.home));
                Some(Came::Unreachable)
            }
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

    fn spread(&mut self, number: u64, claiming: &mut Claiming, holder: usize) -> Option<Came> {
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

    /// A home says that a request has the lock; whether it is wanted.
    fn on_granted(&mut self, at: Start, request: u64, grant: Grant) -> bool {
        let Some(claiming) = self.claims.get_mut(&request).filter(|claiming| claiming.start == at) else {
            return false;
        };
        if claiming.token.is_none() && matches!(claiming.waits, Waits::Line) {
            claiming.token = Some(grant.token);
            self.go_on_with(
                request,
                Some(Came::Locked {
                    last_holder: grant.last_holder,
                }),
            );
        }
        true
    }

    /// Tells the next in line that it has the lock.
    fn tell_next(&mut self, home: Start, client: String, next: Option<(Asker, Grant)>) {
        let mut next = next;
        while let Some((asker, grant)) = next {
            if node_of(asker.node) != home.node {
                let question = Question::Granted {
                    request: asker.request,
                    grant,
                };
                let waiter = Waiter::Granted { home, client, asker };
                let until = self.net.now() + ANSWER_MS;
                self.ask(home, node_of(asker.node), question, waiter, until);
                return;
            }
            if self.on_granted(home, asker.request, grant) {
                return;
            }
            let now = self.net.now();
            let Some(at) = self.at(home) else { return };
            next = at.registry.locks.give_up(&client, asker, now);
        }
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

    fn claim_answered(&mut self, number: u64, ask: u64, answer: Option<Answer>) {
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

    /// Another node says to have these clients, each since when.
    pub fn clients_arrived(&mut self, node: usize, peer: usize, arrived: Vec<(String, u64)>) {
        for (client, since) in arrived {
            if self.is_moving(node, &client) {
                if let Some(at) = &mut self.nodes[node] {
                    at.registry.conflicts.insert(client);
                }
            } else {
                self.settle_conflict(node, peer, &client, since);
            }
        }
    }

    fn is_moving(&self, node: usize, client: &str) -> bool {
        let Some(at) = &self.nodes[node] else { return false };
        let is_frozen = at
            .registry
            .frozen
            .get(client)
            .is_some_and(|until| self.net.now() < *until);
        is_frozen
            || self
                .claims
                .values()
                .any(|claim| claim.start == at.start && claim.client == client)
    }

    /// Of two sessions the newer one stays.
    fn settle_conflict(&mut self, node: usize, peer: usize, client: &str, since: u64) {
        let Some(at) = &self.nodes[node] else { return };
        let here = at.broker.on_shard_of(client, |shard| shard.client_since(client));
        if here.is_some_and(|here| !stays((here, id_of(node)), (since, id_of(peer)))) {
            at.broker.discard(client, None, DisconnectReason::TakenOver);
            self.tell(|| format!("{node} ends its older session of {client}"));
        }
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

    /// A node is down, or is another start of itself: what it held is free.
    pub fn forget_locks(&mut self, node: usize, peer: usize, boot: Option<u64>) {
        let now = self.net.now();
        let Some(at) = &mut self.nodes[node] else { return };
        let start = at.start;
        let mut granted = Vec::new();
        at.registry.locks.forget_node(id_of(peer), boot, now, &mut granted);
        for (client, asker, grant) in granted {
            self.tell_next(start, client.into(), Some((asker, grant)));
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
