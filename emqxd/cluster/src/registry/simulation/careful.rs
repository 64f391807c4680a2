//! Careful claims with no lock at all: homes that hand locks out to everybody at once.
//!
//! Clients of one id come in at nodes at any time, questions and answers arrive in any order or are lost, and one node
//! at a time is cut off and comes back. There is one session in the end, and in the middle: nobody goes on with an older
//! one, and nobody begins anew while a node that may own sessions has it.

use std::collections::{BTreeMap, BTreeSet};

use crate::consensus::NodeId;
use crate::random::Random;
use crate::registry::{Claim, Event, Given, Inquiry, Step, Verdict, Whereabouts, stays};

const NODES: [NodeId; 3] = [1, 2, 3];
const SEEDS: u64 = 4000;
const STEPS: usize = 400;
/// Claims under way at once.
const CLAIMS_MAX: usize = 4;
/// Questions and answers lost.
const LOST_ONE_IN: u64 = 12;
/// How often a claim looks again before its time is over.
const LOOKS: u32 = 3;

/// Which session, and how often a client has come in with it: a copy that is behind has missed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    session: u64,
    uses: u64,
}

#[derive(Debug, Clone, Copy)]
struct Session {
    version: Version,
    since: u64,
    /// Which freeze it is, and whose claim began it.
    frozen: Option<(u64, usize)>,
}

#[derive(Debug, Default)]
struct Node {
    session: Option<Session>,
    /// A claim of another node is about to take it.
    is_given: bool,
    flag: Option<usize>,
    /// A move whose end is not known: from whom, which freeze.
    unfinished: Option<(NodeId, u64)>,
    /// Freezes whose sessions were given.
    ends: BTreeSet<u64>,
    /// How often it was given away here.
    given: u64,
    /// Sessions begun anew: since when, and who has not heard of it.
    notes: Vec<(u64, BTreeSet<NodeId>)>,
    has_lease: bool,
    /// How often it was lost.
    losses: u64,
    /// Whom it knows to own none.
    out: BTreeSet<NodeId>,
}

#[derive(Debug)]
struct Run {
    node: NodeId,
    claim: Claim,
    is_clean_start: bool,
    losses: u64,
    is_here: bool,
    looks: u32,
    begun: Option<(NodeId, u64)>,
    inquiry: Option<(Inquiry, Vec<NodeId>)>,
    /// Who was not asked, or not waited for, because it is out.
    skipped: BTreeSet<NodeId>,
    carried: Option<Session>,
}

/// What is on its way, besides claims that go on.
#[derive(Debug, Clone, Copy)]
enum Mail {
    Ask {
        run: usize,
        to: NodeId,
        what: Asked,
    },
    Told {
        run: usize,
        from: NodeId,
        what: Told,
    },
    /// The rules answer CONNECT on another thread than the one that asked.
    Enter {
        run: usize,
    },
}

#[derive(Debug, Clone, Copy)]
enum Asked {
    Where,
    Begin,
    Discard,
    End(u64),
}

#[derive(Debug, Clone, Copy)]
enum Told {
    Nobody,
    Where(Whereabouts),
    Session(Option<Session>),
    Done(bool),
    Ended(Ended),
}

#[derive(Debug, Clone, Copy)]
enum Ended {
    Given,
    Kept,
}

struct World {
    random: Random,
    nodes: BTreeMap<NodeId, Node>,
    runs: BTreeMap<usize, Run>,
    mail: Vec<Mail>,
    /// Who is cut off, and has let go.
    cut: Option<NodeId>,
    now: u64,
    last: u64,
    freezes: u64,
    runs_begun: usize,
    /// What the last client that came in has.
    truth: Option<Version>,
    entered: u64,
    /// A move ended with a node that is out: what it moved is lost.
    lost_with_a_cut: bool,
    /// Each claim raises its flag; without, the world is to break.
    with_flags: bool,
    /// Nodes that come back ask what was begun anew; without, the world is to break.
    with_notes: bool,
}

type Broken = String;

impl World {
    fn new(seed: u64) -> Self {
        let node = || Node {
            has_lease: true,
            ..Node::default()
        };
        Self {
            random: Random(seed),
            nodes: NODES.map(|id| (id, node())).into(),
            runs: BTreeMap::new(),
            mail: Vec::new(),
            cut: None,
            now: 1,
            last: 0,
            freezes: 0,
            runs_begun: 0,
            truth: None,
            entered: 0,
            lost_with_a_cut: false,
            with_flags: true,
            with_notes: true,
        }
    }

    fn run(&mut self) -> Result<(), Broken> {
        for _ in 0..STEPS {
            self.now += 1;
            match self.random.below(20) {
                0..4 => self.connect(),
                4..6 => self.change_the_cut(),
                6 => self.expire_a_freeze(),
                7 => self.ask_for_an_end(),
                8 => self.settle_conflicts(),
                _ => self.deliver()?,
            }
        }
        Ok(())
    }

    fn node(&mut self, id: NodeId) -> &mut Node {
        self.nodes.get_mut(&id).expect("there are three")
    }

    fn connect(&mut self) {
        let at = NODES[self.random.below(3) as usize];
        let is_clean_start = self.random.one_in(6);
        let node = &self.nodes[&at];
        if self.runs.len() >= CLAIMS_MAX || !node.has_lease || node.unfinished.is_some() {
            return;
        }
        let losses = node.losses;
        self.runs_begun += 1;
        let number = self.runs_begun;
        let mut claim = Claim::new(at, is_clean_start).careful(true);
        claim.on(Event::Locked { last_holder: None });
        let run = Run {
            node: at,
            claim,
            is_clean_start,
            losses,
            is_here: false,
            looks: 0,
            begun: None,
            inquiry: None,
            skipped: BTreeSet::new(),
            carried: None,
        };
        self.runs.insert(number, run);
        if self.with_flags && self.nodes[&at].flag.is_some() {
            self.runs.remove(&number);
            return;
        }
        self.node(at).flag = Some(number);
        let node = &self.nodes[&at];
        let here = node.session;
        let is_owner = here.is_some() && !node.is_given && node.unfinished.is_none();
        if is_owner {
            let run = self.runs.get_mut(&number).expect("it was put in");
            run.is_here = true;
            let here = here.map(|session| session.since);
            run.claim.on(Event::Found {
                here,
                elsewhere: Vec::new(),
            });
            self.go_on(number);
        } else {
            self.inquire(number, Given::new());
        }
    }

    fn inquire(&mut self, number: usize, given: Given) {
        let own = self.runs[&number].node;
        let out = self.nodes[&own].out.clone();
        let asked: Vec<NodeId> = NODES.into_iter().filter(|id| *id != own && !out.contains(id)).collect();
        for to in &asked {
            self.send(number, *to, Asked::Where);
        }
        let run = self.runs.get_mut(&number).expect("it is under way");
        run.looks += 1;
        run.inquiry = Some((Inquiry::new(own, given), asked));
        run.skipped.extend(out);
    }

    fn send(&mut self, run: usize, to: NodeId, what: Asked) {
        self.mail.push(Mail::Ask { run, to, what });
    }

    /// Some question or answer arrives, or is lost and missed.
    fn deliver(&mut self) -> Result<(), Broken> {
        if self.mail.is_empty() {
            return Ok(());
        }
        let place = self.random.below(self.mail.len() as u64) as usize;
        let mail = self.mail.swap_remove(place);
        let is_lost = self.random.one_in(LOST_ONE_IN);
        match mail {
            Mail::Ask { run, to, what } => {
                let from = self.runs.get(&run).map(|run| run.node);
                let is_cut = self.cut == Some(to) || (from.is_some() && self.cut == from);
                let what = match is_lost || is_cut {
                    true => Told::Nobody,
                    false => self.answer(run, to, what),
                };
                self.mail.push(Mail::Told { run, from: to, what });
                Ok(())
            }
            Mail::Told { run, from, what } => {
                let what = if is_lost { Told::Nobody } else { what };
                self.told(run, from, what);
                Ok(())
            }
            Mail::Enter { run } => {
                let entered = self.enter(run);
                self.end(run);
                entered
            }
        }
    }

    fn answer(&mut self, run: usize, to: NodeId, what: Asked) -> Told {
        let freeze = self.freezes + 1;
        let node = self.node(to);
        match what {
            Asked::Where => {
                let is_coming = node.flag.is_some() || node.unfinished.is_some();
                Told::Where(Whereabouts {
                    since: node.session.map(|session| session.since),
                    is_owner: node.session.is_some() && node.has_lease && !node.is_given && !is_coming,
                    is_coming,
                    given: node.given,
                })
            }
            Asked::Begin | Asked::Discard if node.flag.is_some() || node.unfinished.is_some() => Told::Nobody,
            Asked::Begin => {
                if let Some(session) = &mut node.session {
                    session.frozen = Some((freeze, run));
                    node.is_given = true;
                }
                let given = node.session;
                self.freezes = freeze;
                Told::Session(given)
            }
            Asked::Discard => {
                node.is_given = false;
                let had = node.session.take();
                node.given += u64::from(had.is_some());
                // Its client wants none of it, whether it hears of this or not.
                if had.is_some_and(|session| Some(session.version) == self.truth) {
                    self.truth = None;
                }
                Told::Done(had.is_some())
            }
            Asked::End(freeze) => {
                let is_frozen = node
                    .session
                    .and_then(|session| session.frozen)
                    .map(|(number, _)| number);
                if is_frozen == Some(freeze) {
                    (node.session, node.is_given) = (None, false);
                    node.ends.insert(freeze);
                    node.given += 1;
                }
                let is_given = node.ends.contains(&freeze);
                Told::Ended(if is_given { Ended::Given } else { Ended::Kept })
            }
        }
    }

    fn told(&mut self, number: usize, from: NodeId, what: Told) {
        let Some(run) = self.runs.get_mut(&number) else {
            return;
        };
        let is_out = self.nodes[&run.node].out.contains(&from);
        let event = match (run.claim.step().clone(), what) {
            (Step::LookUp, what) => {
                let Some((inquiry, asked)) = &mut run.inquiry else {
                    return;
                };
                if !asked.contains(&from) {
                    return;
                }
                asked.retain(|id| *id != from);
                inquiry.on(
                    from,
                    if let Told::Where(answer) = what {
                        Some(answer)
                    } else {
                        None
                    },
                );
                if !asked.is_empty() && !inquiry.is_over() {
                    return;
                }
                let (inquiry, _) = run.inquiry.take().expect("it was just there");
                let (looks, has_owner) = (run.looks, inquiry.is_over());
                match inquiry.verdict() {
                    Verdict::At(elsewhere) => {
                        let here = self.nodes[&run.node].session.filter(|_| !has_owner);
                        run.is_here = here.is_some();
                        Event::Found {
                            here: here.map(|session| session.since),
                            elsewhere,
                        }
                    }
                    Verdict::Wait(given) if looks < LOOKS => {
                        self.inquire(number, given);
                        return;
                    }
                    _ => Event::Unreachable,
                }
            }
            (Step::Begin(at), Told::Session(Some(session))) if at == from => {
                run.begun = Some((at, session.frozen.expect("it was just frozen").0));
                run.carried = Some(session);
                Event::Session
            }
            (Step::Discard(at), Told::Done(true)) if at == from => Event::Done,
            // It was there a moment ago.
            (Step::Begin(at), Told::Session(None)) if at == from => Event::Unreachable,
            (Step::Discard(at), Told::Done(false)) if at == from => Event::Unreachable,
            (Step::Begin(at) | Step::Discard(at), Told::Nobody) if at == from => Event::Unreachable,
            (Step::End(at), Told::Ended(ended)) if at == from => match ended {
                Ended::Given => Event::Session,
                Ended::Kept => Event::Nothing,
            },
            (Step::End(at), Told::Nobody) if at == from => {
                let node = &self.nodes[&run.node];
                match is_out && node.has_lease {
                    // Its client may have come back there before: nobody can say what is missing here.
                    true => {
                        self.lost_with_a_cut = true;
                        Event::Nothing
                    }
                    false => {
                        let (own, begun) = (run.node, run.begun);
                        self.node(own).unfinished = begun;
                        Event::Unreachable
                    }
                }
            }
            // Of an inquiry that was over before.
            _ => return,
        };
        self.runs.get_mut(&number).expect("it is under way").claim.on(event);
        self.go_on(number);
    }

    /// Carries out what needs no other node.
    fn go_on(&mut self, number: usize) {
        loop {
            let run = &self.runs[&number];
            let own = run.node;
            let event = match *run.claim.step() {
                Step::Begin(at) => return self.send(number, at, Asked::Begin),
                Step::Discard(at) => return self.send(number, at, Asked::Discard),
                Step::End(at) => {
                    let freeze = run.begun.map_or(0, |(_, freeze)| freeze);
                    return self.send(number, at, Asked::End(freeze));
                }
                Step::Import => {
                    let carried = run.carried.expect("it was brought");
                    self.node(own).session = Some(Session {
                        since: carried.since.saturating_sub(1),
                        frozen: None,
                        ..carried
                    });
                    Event::Done
                }
                Step::Spread(_) if self.random.one_in(4) => Event::Unreachable,
                Step::Spread(_) => Event::Done,
                Step::Merge => {
                    self.merge(own);
                    Event::Done
                }
                Step::Abandon => {
                    self.node(own).session = None;
                    Event::Done
                }
                Step::Enter => return self.mail.push(Mail::Enter { run: number }),
                Step::Refuse => return self.end(number),
                Step::Lock | Step::LookUp => return,
            };
            self.runs.get_mut(&number).expect("it is under way").claim.on(event);
        }
    }

    fn end(&mut self, number: usize) {
        if let Some(run) = self.runs.remove(&number) {
            let node = self.node(run.node);
            if node.flag == Some(number) {
                node.flag = None;
            }
            node.is_given = false;
        }
    }

    fn enter(&mut self, number: usize) -> Result<(), Broken> {
        let run = &self.runs[&number];
        let (own, losses, is_here, is_clean_start) = (run.node, run.losses, run.is_here, run.is_clean_start);
        let now = self.now;
        let node = &self.nodes[&own];
        if !node.has_lease || node.losses != losses || (is_here && node.session.is_none()) {
            return Ok(());
        }
        if !run.skipped.is_subset(&node.out) {
            return Ok(());
        }
        let skipped = run.skipped.clone();
        let begins_anew = is_clean_start || node.session.is_none();
        if begins_anew {
            if !is_clean_start {
                self.nobody_has_it(own)?;
            }
            self.last += 1;
            let version = Version {
                session: self.last,
                uses: 0,
            };
            let node = self.node(own);
            node.session = Some(Session {
                version,
                since: now,
                frozen: None,
            });
            if !skipped.is_empty() {
                node.notes.push((now, skipped));
            }
            self.truth = Some(version);
            self.lost_with_a_cut = false;
        } else {
            let truth = self.truth;
            let session = self.node(own).session.as_mut().expect("it was looked at");
            if Some(session.version) != truth {
                return Err(format!(
                    "node {own} goes on with {:?}, and it is {truth:?}",
                    session.version
                ));
            }
            session.version.uses += 1;
            (session.since, session.frozen) = (now, None);
            self.truth = Some(session.version);
        }
        self.entered += 1;
        Ok(())
    }

    fn nobody_has_it(&self, own: NodeId) -> Result<(), Broken> {
        let out = &self.nodes[&own].out;
        let has_it = |node: &Node| node.session.is_some_and(|session| Some(session.version) == self.truth);
        for (id, node) in &self.nodes {
            if has_it(node) && !out.contains(id) {
                return Err(format!("node {own} begins anew, and node {id} has {:?}", self.truth));
            }
        }
        // What was on its way to or from a node that is out since is lost with it.
        let is_lost = self.truth.is_some() && !self.lost_with_a_cut && !self.nodes.values().any(has_it);
        match is_lost {
            true => Err(format!("{:?} is lost", self.truth)),
            false => Ok(()),
        }
    }

    /// One is cut off and loses its lease, or all have come to know it, or it comes back.
    fn change_the_cut(&mut self) {
        let Some(cut) = self.cut else {
            let cut = NODES[self.random.below(3) as usize];
            let all_in = self.nodes.values().all(|node| node.out.is_empty() && node.has_lease);
            if all_in && self.random.one_in(3) {
                self.cut = Some(cut);
            }
            return;
        };
        if self.nodes[&cut].has_lease {
            let node = self.node(cut);
            (node.has_lease, node.losses, node.is_given) = (false, node.losses + 1, false);
            return;
        }
        let others: Vec<NodeId> = NODES.into_iter().filter(|id| *id != cut).collect();
        let unaware: Vec<NodeId> = others
            .iter()
            .copied()
            .filter(|id| !self.nodes[id].out.contains(&cut))
            .collect();
        match unaware.first() {
            Some(first) if self.random.below(5) > 0 => {
                self.node(*first).out.insert(cut);
            }
            // Conflicts that wait for a claim to be over come first.
            _ if self.runs.values().any(|run| run.node == cut) => {}
            _ => {
                // All that hold leases hear that it is in before it gets one.
                for id in &others {
                    self.node(*id).out.remove(&cut);
                }
                self.cut = None;
                self.hear_all(cut);
                let node = self.node(cut);
                node.has_lease = true;
            }
        }
    }

    /// What a node that comes back learns before it owns sessions again.
    fn hear_all(&mut self, back: NodeId) {
        for id in NODES.into_iter().filter(|id| *id != back) {
            let mut notes = std::mem::take(&mut self.node(id).notes);
            for (at, missing) in &mut notes {
                let is_for_it = missing.remove(&back) && self.with_notes;
                let session = &mut self.node(back).session;
                if is_for_it && session.is_some_and(|session| session.since < *at) {
                    *session = None;
                }
            }
            notes.retain(|(_, missing)| !missing.is_empty());
            self.node(id).notes = notes;
        }
        if self.nodes[&back].session.is_none() {
            self.node(back).unfinished = None;
        }
        self.settle_conflicts();
    }

    /// Of two sessions the one whose client came last stays, unless one is just moving.
    fn settle_conflicts(&mut self) {
        for one in NODES {
            for other in NODES {
                let is_moving = |id: NodeId| {
                    let node = &self.nodes[&id];
                    node.is_given || node.unfinished.is_some() || self.runs.values().any(|run| run.node == id)
                };
                if one == other || self.cut == Some(one) || self.cut == Some(other) || is_moving(one) {
                    continue;
                }
                let since = |id: NodeId| self.nodes[&id].session.map(|session| session.since);
                let (Some(here), Some(there)) = (since(one), since(other)) else {
                    continue;
                };
                if !stays((here, one), (there, other)) {
                    self.node(one).session = None;
                }
            }
        }
    }

    /// A freeze outlasts the claim that began it.
    fn expire_a_freeze(&mut self) {
        let runs = &self.runs;
        for node in self.nodes.values_mut() {
            if let Some(session) = &mut node.session
                && session.frozen.is_some_and(|(_, run)| !runs.contains_key(&run))
            {
                session.frozen = None;
                node.is_given = false;
            }
        }
    }

    fn ask_for_an_end(&mut self) {
        for own in NODES {
            let Some((from, freeze)) = self.nodes[&own].unfinished else {
                continue;
            };
            if self.cut == Some(own) {
                continue;
            }
            if self.cut == Some(from) {
                let node = self.node(own);
                if node.has_lease && node.out.contains(&from) {
                    (node.unfinished, node.session) = (None, None);
                    self.lost_with_a_cut = true;
                }
                continue;
            }
            let ended = self.answer(0, from, Asked::End(freeze));
            if self.random.one_in(3) {
                continue;
            }
            let node = self.node(own);
            node.unfinished = None;
            match ended {
                Told::Ended(Ended::Kept) => node.session = None,
                _ => self.merge(own),
            }
        }
    }

    /// It is here only, from now on.
    fn merge(&mut self, own: NodeId) {
        if let Some(session) = &mut self.node(own).session {
            session.since += 2;
        }
    }
}

fn seeds() -> std::ops::Range<u64> {
    let count = std::env::var("EMQXD_REGISTRY_SEEDS")
        .ok()
        .and_then(|count| count.parse().ok());
    0..count.unwrap_or(SEEDS)
}

#[test]
fn careful_claims_need_no_locks_to_leave_a_client_one_session() {
    let mut entered = 0;
    for seed in seeds() {
        let mut world = World::new(seed);
        if let Err(broken) = world.run() {
            panic!("seed {seed}: {broken}");
        }
        entered += world.entered;
    }
    assert!(entered > 10 * seeds().end, "clients come in: {entered}");
}

#[test]
fn without_flags_or_notes_the_simulation_finds_two_sessions() {
    let breaks = |change: fn(&mut World)| {
        seeds().any(|seed| {
            let mut world = World::new(seed);
            change(&mut world);
            world.run().is_err()
        })
    };
    assert!(breaks(|world| world.with_flags = false));
    assert!(breaks(|world| world.with_notes = false));
}
