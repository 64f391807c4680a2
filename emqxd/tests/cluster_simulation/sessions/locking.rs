//! The lock of a client: asked for at its home, waited for in line, given to the next.

use emqxd_cluster::registry::{self, Asker, Event as Came, Grant, REPEAT_MS};

use super::claiming::{Claiming, Waits};
use super::{ANSWER_MS, Question, Waiter, asker_of};
use crate::network::{Event, Start};
use crate::node::{id_of, node_of};
use crate::world::World;

impl World {
    pub(super) fn lock(&mut self, number: u64, claiming: &mut Claiming) -> Option<Came> {
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
    pub(super) fn on_lock_answer(
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

    /// A home says that a request has the lock; whether it is wanted.
    pub(super) fn on_granted(&mut self, at: Start, request: u64, grant: Grant) -> bool {
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
    pub(super) fn tell_next(&mut self, home: Start, client: String, next: Option<(Asker, Grant)>) {
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
}
