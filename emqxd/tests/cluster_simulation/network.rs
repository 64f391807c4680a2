//! The network between the nodes, the time and the dice of a world.
//!
//! A link is what a connection over TCP is: bytes of one direction arrive in their order or not at all, those of
//! different links and directions pass each other. While the way is blocked they wait, as what is sent again and again
//! does; each end finds out by itself that the other is gone. Questions go alone and pass everything.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use crate::sessions::{Answer, Question};
use crate::support::Dice;

/// A connection that nobody answers is given up after this.
const CONNECT_MS: u64 = 3_000;
/// A question whose way is blocked is tried again so often; the link it is on breaks after [`QUESTION_MS_MAX`].
const QUESTION_AGAIN_MS: u64 = 300;
const QUESTION_MS_MAX: u64 = 10_000;

pub type LinkId = u64;

/// A start of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    pub node: usize,
    pub boot: u64,
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Stream,
    Messages(usize),
}

/// What comes out of a link.
#[derive(Debug)]
pub enum Item {
    Frame(Bytes),
    End,
}

/// What happens next in the world.
#[derive(Debug)]
pub enum Event {
    /// Something comes out of an end of a link.
    Arrives(LinkId, usize, Item),
    /// Somebody wants a link.
    Connects {
        from: Start,
        to: usize,
        lane: Lane,
    },
    /// It is there for who wanted it.
    Connected(LinkId),
    /// It is not to be had.
    NotConnected {
        from: Start,
        to: usize,
        lane: Lane,
    },
    Question {
        ask: u64,
        from: Start,
        to: Start,
        question: Question,
        sent: u64,
    },
    Answer {
        ask: u64,
        from: Start,
        to: Start,
        answer: Answer,
        sent: u64,
    },
    /// Who asked waits no longer.
    NoAnswer(u64),
    /// All that is done by the clock.
    Tick,
    /// A snapshot goes on.
    Page(Start, LinkId),
    Acknowledge(Start, LinkId),
    /// A claim looks again.
    Look(u64),
    Heal {
        a: usize,
        b: usize,
    },
    Restart(usize),
}

struct Link {
    ends: [Start; 2],
    lane: Lane,
    is_open: [bool; 2],
    /// What waits until the way to an end is free.
    held: [VecDeque<Item>; 2],
    due: [u64; 2],
}

pub struct Network {
    pub clock: Arc<AtomicU64>,
    pub dice: Dice,
    queue: BTreeMap<(u64, u64), Event>,
    number: u64,
    /// How many reasons there are why nothing gets from one to the other.
    blocked: Vec<Vec<u32>>,
    links: BTreeMap<LinkId, Link>,
    /// What a frame takes at most.
    pub delay_max: usize,
}

impl Network {
    pub fn new(nodes: usize, mut dice: Dice) -> Self {
        let delay_max = dice.pick(&[2, 20, 20, 150]);
        Self {
            clock: Arc::default(),
            dice,
            queue: BTreeMap::new(),
            number: 0,
            blocked: vec![vec![0; nodes]; nodes],
            links: BTreeMap::new(),
            delay_max,
        }
    }

    pub fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// The next event that is due by `until`; time goes on to it.
    pub fn next(&mut self, until: u64) -> Option<Event> {
        let first = self.queue.first_entry()?;
        let due = first.key().0;
        if due > until {
            return None;
        }
        self.clock.store(due, Ordering::Relaxed);
        Some(first.remove())
    }

    pub fn after(&mut self, ms: u64, event: Event) {
        self.number += 1;
        self.queue.insert((self.now() + ms, self.number), event);
    }

    pub fn delay(&mut self) -> u64 {
        // Some take much longer than most.
        let max = self.delay_max * if self.dice.one_in(50) { 5 } else { 1 };
        self.dice.below(max) as u64
    }

    pub fn block(&mut self, from: usize, to: usize) {
        self.blocked[from][to] += 1;
    }

    pub fn is_blocked(&self, from: usize, to: usize) -> bool {
        self.blocked[from][to] > 0
    }

    pub fn is_way_free(&self, a: usize, b: usize) -> bool {
        !self.is_blocked(a, b) && !self.is_blocked(b, a)
    }

    pub fn heal(&mut self, from: usize, to: usize) {
        self.blocked[from][to] = self.blocked[from][to].saturating_sub(1);
        if self.is_blocked(from, to) {
            return;
        }
        let mut free = Vec::new();
        for (id, link) in &mut self.links {
            for end in 0..2 {
                let is_way = (link.ends[1 - end].node, link.ends[end].node) == (from, to);
                if !is_way || link.held[end].is_empty() {
                    continue;
                }
                free.extend(link.held[end].drain(..).map(|item| (*id, end, item)));
                // What was sent behind it and is still on its way comes behind it.
                let is_behind = |event: &Event| matches!(event, Event::Arrives(of, at, _) if (of, *at) == (id, end));
                for (_, event) in self.queue.extract_if(.., |_, event| is_behind(event)) {
                    if let Event::Arrives(id, end, item) = event {
                        free.push((id, end, item));
                    }
                }
            }
        }
        for (id, end, item) in free {
            self.put(id, end, item);
        }
    }

    pub fn connect(&mut self, from: Start, to: usize, lane: Lane) {
        let delay = self.delay();
        self.after(delay, Event::Connects { from, to, lane });
    }

    /// The other side answers, or nobody does.
    pub fn on_connect(&mut self, from: Start, to: usize, boot: Option<u64>, lane: Lane) -> Option<LinkId> {
        let Some(boot) = boot.filter(|_| self.is_way_free(from.node, to)) else {
            let is_refused = self.is_way_free(from.node, to) && self.dice.one_in(2);
            let wait = if is_refused { self.delay() } else { CONNECT_MS };
            self.after(wait, Event::NotConnected { from, to, lane });
            return None;
        };
        self.number += 1;
        let id = self.number;
        let ends = [from, Start { node: to, boot }];
        let now = self.now();
        let delay = self.delay();
        let link = Link {
            ends,
            lane,
            is_open: [true; 2],
            held: Default::default(),
            due: [now + delay; 2],
        };
        self.links.insert(id, link);
        self.after(delay, Event::Connected(id));
        Some(id)
    }

    /// Who is at the ends of a link, and what it is for; `None` if the given end of it is closed.
    pub fn open_link(&self, id: LinkId, end: usize) -> Option<([Start; 2], Lane)> {
        let link = self.links.get(&id).filter(|link| link.is_open[end])?;
        Some((link.ends, link.lane))
    }

    /// Sends from an end of a link to the other one.
    pub fn send(&mut self, id: LinkId, end: usize, frame: Bytes) {
        if self.links.get(&id).is_some_and(|link| link.is_open[end]) {
            self.put(id, 1 - end, Item::Frame(frame));
        }
    }

    fn put(&mut self, id: LinkId, to: usize, item: Item) {
        let (delay, now) = (self.delay(), self.now());
        let Some(link) = self.links.get_mut(&id) else { return };
        let due = link.due[to].max(now + delay);
        link.due[to] = due;
        self.after(due - now, Event::Arrives(id, to, item));
    }

    /// What arrives at an end is for it now; or it waits, or has nobody to go to.
    pub fn arrives(&mut self, id: LinkId, end: usize, item: Item) -> Option<Item> {
        let link = self.links.get_mut(&id)?;
        let (from, to) = (link.ends[1 - end].node, link.ends[end].node);
        if self.blocked[from][to] > 0 || !link.held[end].is_empty() {
            link.held[end].push_back(item);
            return None;
        }
        if !link.is_open[end] {
            // Whoever sends to what is not there is told so.
            if matches!(item, Item::Frame(_)) {
                self.put(id, 1 - end, Item::End);
            }
            return None;
        }
        if matches!(item, Item::End) {
            link.is_open[end] = false;
        }
        Some(item)
    }

    /// Closes an end, which tells the other one unless it does so `silently`.
    pub fn close(&mut self, id: LinkId, end: usize, silently: bool) {
        let Some(link) = self.links.get_mut(&id) else { return };
        link.is_open[end] = false;
        if link.is_open == [false; 2] {
            self.links.remove(&id);
        } else if !silently {
            self.put(id, 1 - end, Item::End);
        }
    }

    /// What is on the way of a random link is lost, and both ends are told that it is over.
    pub fn break_one(&mut self) {
        if self.links.is_empty() {
            return;
        }
        let place = self.dice.below(self.links.len());
        let Some(id) = self.links.keys().nth(place).copied() else {
            return;
        };
        self.queue
            .retain(|_, event| !matches!(event, Event::Arrives(of, ..) if *of == id));
        self.put(id, 0, Item::End);
        self.put(id, 1, Item::End);
    }

    /// Ends of a start of a node.
    pub fn ends_of(&self, start: Start) -> Vec<(LinkId, usize)> {
        let ends = self
            .links
            .iter()
            .flat_map(|(id, link)| [(*id, 0, link.ends[0]), (*id, 1, link.ends[1])]);
        ends.filter(|(.., of)| *of == start)
            .map(|(id, end, _)| (id, end))
            .collect()
    }

    pub fn ask(&mut self, ask: u64, from: Start, to: Start, question: Question) {
        let (delay, sent) = (self.delay(), self.now());
        self.after(
            delay,
            Event::Question {
                ask,
                from,
                to,
                question,
                sent,
            },
        );
    }

    pub fn answer(&mut self, ask: u64, from: Start, to: Start, answer: Answer) {
        let (delay, sent) = (self.delay(), self.now());
        self.after(
            delay,
            Event::Answer {
                ask,
                from,
                to,
                answer,
                sent,
            },
        );
    }

    /// A question or answer whose way is blocked comes later, or never.
    pub fn hold_back(&mut self, sent: u64, event: Event) {
        if self.now() < sent + QUESTION_MS_MAX {
            self.after(QUESTION_AGAIN_MS, event);
        }
    }
}
