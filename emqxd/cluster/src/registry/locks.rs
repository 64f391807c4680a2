//! The locks of the client ids whose home this node is.
//!
//! A lock is a lease: who does not give it back in time loses it, and so does a node that has died or started anew. Who
//! waits stands in line and asks again every [`REPEAT_MS`]; a grant goes to the first in line who has asked lately, so
//! one who gave up holds nobody up. Asking twice is the same as asking once: an answer that was lost is given again.

use std::collections::{HashMap, VecDeque};

use super::last_holders::LastHolders;
use crate::consensus::NodeId;

/// How long a lock is held at most, milliseconds; three times what a claim may take.
pub(super) const LEASE_MS: u64 = 15_000;
/// How often one who waits asks again.
pub const REPEAT_MS: u64 = 500;
/// One who has not asked for so long does not wait any more.
const GIVEN_UP_MS: u64 = 4 * REPEAT_MS;
/// Ids locked at once.
const LOCKS_MAX: usize = 65_536;
/// Who waits for one id: a client that connects more often than it is let in need not wait longer still.
const WAITING_FOR_ONE_MAX: usize = 16;
/// More tokens than are given in a millisecond between two starts.
const TOKENS_OF_BOOT_BITS: u32 = 20;
/// Who waits in all.
const WAITING_MAX: usize = 65_536;

/// Who asks for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// The node.
    pub node: NodeId,
    /// Its start.
    pub boot: u64,
    /// The number of the request there.
    pub request: u64,
}

/// What one who gets a lock is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// To be given back with.
    pub token: u64,
    /// The node that had the client last, if that is remembered.
    pub last_holder: Option<NodeId>,
}

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It has the lock.
    Granted(Grant),
    /// It stands in line, and is told when its turn comes.
    Waiting,
    /// There is no room to stand in line.
    Full,
}

/// A lock that is held.
#[derive(Debug, Clone)]
struct Lock {
    by: Asker,
    grant: Grant,
    until_ms: u64,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug, Clone)]
struct Waiting {
    asker: Asker,
    asked_ms: u64,
}

/// All locks of this home.
#[derive(Debug, Clone, Default)]
pub struct Locks {
    locks: HashMap<Box<str>, Lock>,
    /// In all lines.
    waiting: usize,
    last_token: u64,
    last_holders: LastHolders,
}

impl Locks {
    /// None held; `boot` is this node's start, Unix milliseconds: a token of an earlier one is in force nowhere.
    pub fn new(boot: u64) -> Self {
        Self {
            last_token: boot << TOKENS_OF_BOOT_BITS,
            ..Self::default()
        }
    }

    /// Asks for a lock, or asks again.
    pub fn request(&mut self, client_id: &str, asker: Asker, now_ms: u64) -> Answer {
        let Some(lock) = self.locks.get_mut(client_id) else {
            if self.locks.len() >= LOCKS_MAX {
                return Answer::Full;
            }
            return Answer::Granted(self.grant(client_id, asker, VecDeque::new(), now_ms));
        };
        if lock.by == asker {
            return Answer::Granted(lock.grant);
        }
        if let Some(waiting) = lock.waiting.iter_mut().find(|waiting| waiting.asker == asker) {
            waiting.asked_ms = now_ms;
            return Answer::Waiting;
        }
        if lock.waiting.len() >= WAITING_FOR_ONE_MAX || self.waiting >= WAITING_MAX {
            return Answer::Full;
        }
        lock.waiting.push_back(Waiting {
            asker,
            asked_ms: now_ms,
        });
        self.waiting += 1;
        Answer::Waiting
    }

    /// Gives a lock back. `holder` has the client now; `None` if that has not changed. The next in line has it then. A
    /// token that is not in force any more changes nothing.
    pub fn release(
        &mut self,
        client_id: &str,
        token: u64,
        holder: Option<NodeId>,
        now_ms: u64,
    ) -> Option<(Asker, Grant)> {
        if self.locks.get(client_id)?.grant.token != token {
            return None;
        }
        if let Some(holder) = holder {
            self.last_holders.note(client_id, holder, now_ms);
        }
        self.pass_on(client_id, now_ms)
    }

    /// A node has the client now, by a lock of another home: homes move when members come and go.
    pub fn note_holder(&mut self, client_id: &str, holder: NodeId, now_ms: u64) {
        self.last_holders.note(client_id, holder, now_ms);
    }

    /// Somebody does not wait any more, or does not want what it may have been granted meanwhile; the next in line may
    /// have it then.
    pub fn give_up(&mut self, client_id: &str, asker: Asker, now_ms: u64) -> Option<(Asker, Grant)> {
        let lock = self.locks.get_mut(client_id)?;
        if lock.by == asker {
            return self.pass_on(client_id, now_ms);
        }
        let before = lock.waiting.len();
        lock.waiting.retain(|waiting| waiting.asker != asker);
        self.waiting -= before - lock.waiting.len();
        None
    }

    /// Takes locks back that were held for too long. To be called every second or so; who has what now goes into
    /// `granted`. Returns how many were taken back.
    pub fn expire(&mut self, now_ms: u64, granted: &mut Vec<(Box<str>, Asker, Grant)>) -> usize {
        self.last_holders.forget(now_ms);
        self.take_back(|lock| now_ms >= lock.until_ms, now_ms, granted)
    }

    /// A node is dead, or has started anew as `boot`: its earlier starts hold nothing and wait for nothing.
    pub fn forget_node(
        &mut self,
        node: NodeId,
        boot: Option<u64>,
        now_ms: u64,
        granted: &mut Vec<(Box<str>, Asker, Grant)>,
    ) {
        let is_gone = |asker: &Asker| asker.node == node && Some(asker.boot) != boot;
        for lock in self.locks.values_mut() {
            let before = lock.waiting.len();
            lock.waiting.retain(|waiting| !is_gone(&waiting.asker));
            self.waiting -= before - lock.waiting.len();
        }
        self.take_back(|lock| is_gone(&lock.by), now_ms, granted);
        if boot.is_none() {
            self.last_holders.forget_node(node);
        }
    }

    /// Locks that are held.
    pub fn len(&self) -> usize {
        self.locks.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.locks.is_empty()
    }

    fn take_back(
        &mut self,
        is_over: impl Fn(&Lock) -> bool,
        now_ms: u64,
        granted: &mut Vec<(Box<str>, Asker, Grant)>,
    ) -> usize {
        let over = self.locks.iter().filter(|(_, lock)| is_over(lock));
        let over: Vec<Box<str>> = over.map(|(id, _)| id.clone()).collect();
        let count = over.len();
        for id in over {
            if let Some((asker, grant)) = self.pass_on(&id, now_ms) {
                granted.push((id, asker, grant));
            }
        }
        count
    }

    /// Gives a lock that is held to the next in line.
    fn pass_on(&mut self, client_id: &str, now_ms: u64) -> Option<(Asker, Grant)> {
        let mut waiting = self.locks.remove(client_id)?.waiting;
        while let Some(next) = waiting.pop_front() {
            self.waiting -= 1;
            if now_ms < next.asked_ms + GIVEN_UP_MS {
                let grant = self.grant(client_id, next.asker, waiting, now_ms);
                return Some((next.asker, grant));
            }
        }
        None
    }

    fn grant(&mut self, client_id: &str, by: Asker, waiting: VecDeque<Waiting>, now_ms: u64) -> Grant {
        self.last_token += 1;
        let grant = Grant {
            token: self.last_token,
            last_holder: self.last_holders.get(client_id, now_ms),
        };
        let lock = Lock {
            by,
            grant,
            until_ms: now_ms + LEASE_MS,
            waiting,
        };
        self.locks.insert(Box::from(client_id), lock);
        grant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asker(node: NodeId, request: u64) -> Asker {
        Asker { node, boot: 1, request }
    }

    fn token(answer: Answer) -> u64 {
        match answer {
            Answer::Granted(grant) => grant.token,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_has_it_and_the_others_follow_in_their_order() {
        let mut locks = Locks::new(1);
        let first = token(locks.request("c", asker(1, 1), 0));
        assert_eq!(locks.request("c", asker(2, 1), 0), Answer::Waiting);
        assert_eq!(locks.request("c", asker(1, 2), 0), Answer::Waiting);
        let (next, grant) = locks.release("c", first, Some(1), 10).unwrap();
        assert_eq!((next, grant.last_holder), (asker(2, 1), Some(1)));
        assert_eq!(locks.release("c", first, Some(1), 10), None, "it has no force any more");
        let (next, grant) = locks.release("c", grant.token, Some(2), 20).unwrap();
        assert_eq!((next, grant.last_holder), (asker(1, 2), Some(2)));
        assert_eq!(locks.release("c", grant.token, None, 30), None);
        assert!(locks.is_empty());
        let Answer::Granted(grant) = locks.request("c", asker(3, 1), 40) else {
            panic!("it is free");
        };
        assert_eq!(grant.last_holder, Some(2), "None has changed nothing");
    }

    #[test]
    fn asking_again_changes_nothing() {
        let mut locks = Locks::new(1);
        let granted = locks.request("c", asker(1, 1), 0);
        assert_eq!(locks.request("c", asker(1, 1), 5), granted);
        assert_eq!(locks.request("c", asker(2, 1), 5), Answer::Waiting);
        assert_eq!(locks.request("c", asker(2, 1), 6), Answer::Waiting);
        assert_eq!(locks.waiting, 1);
    }

    #[test]
    fn who_has_given_up_holds_nobody_up() {
        let mut locks = Locks::new(1);
        let first = token(locks.request("c", asker(1, 1), 0));
        locks.request("c", asker(2, 1), 0);
        locks.request("c", asker(3, 1), 0);
        locks.request("c", asker(3, 2), 0);
        // Silent for too long, the first in line; the second says so.
        locks.request("c", asker(3, 1), 1900);
        locks.request("c", asker(3, 2), 1900);
        assert_eq!(locks.give_up("c", asker(3, 1), 1950), None);
        let (next, _) = locks.release("c", first, Some(1), 2100).unwrap();
        assert_eq!(next, asker(3, 2));
        assert_eq!(locks.give_up("c", asker(3, 2), 2200), None);
        assert!(locks.is_empty());
        assert_eq!(locks.waiting, 0);
    }

    #[test]
    fn leases_end() {
        let mut locks = Locks::new(1);
        let first = token(locks.request("c", asker(1, 1), 0));
        locks.request("c", asker(2, 1), LEASE_MS - 100);
        let mut granted = Vec::new();
        assert_eq!(locks.expire(LEASE_MS - 1, &mut granted), 0);
        assert_eq!(locks.expire(LEASE_MS, &mut granted), 1);
        assert_eq!(granted[0].1, asker(2, 1));
        assert_eq!(locks.release("c", first, Some(1), LEASE_MS), None);
    }

    #[test]
    fn a_node_that_is_gone_or_has_started_anew_holds_nothing() {
        let mut locks = Locks::new(1);
        locks.request("held", asker(2, 1), 0);
        locks.request("held", asker(3, 1), 0);
        locks.request("other", asker(3, 1), 0);
        locks.request("other", asker(2, 2), 0);
        let mut granted = Vec::new();
        locks.forget_node(2, Some(1), 1, &mut granted);
        assert!(granted.is_empty(), "it is that start");
        locks.forget_node(2, Some(7), 1, &mut granted);
        assert_eq!(granted[0].1, asker(3, 1));
        assert_eq!((locks.len(), locks.waiting), (2, 0));
    }

    #[test]
    fn lines_are_bounded() {
        let mut locks = Locks::new(1);
        for request in 0..=WAITING_FOR_ONE_MAX as u64 {
            assert_ne!(locks.request("c", asker(1, request), 0), Answer::Full);
        }
        assert_eq!(locks.request("c", asker(1, 99), 0), Answer::Full);
        for number in 1..LOCKS_MAX {
            locks.request(&number.to_string(), asker(1, 1), 0);
        }
        assert_eq!(locks.request("one more", asker(1, 1), 0), Answer::Full);
        assert_eq!(locks.request("one more", asker(1, 1), 0), Answer::Full);
    }
}
