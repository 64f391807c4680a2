//! Idle connections: PINGREQs spread over the keep alive, and reading that stops for a while.

use std::time::{Duration, Instant};

use nix::sys::epoll::{EpollEvent, EpollFlags};

use super::{Engine, system};
use crate::bench::link::{LinkState, Role};
use crate::bench::outbound;
use crate::failure::CliFailure;

/// Whose PINGREQ is due: the connections take turns, so that each has its own once in a keep alive.
#[derive(Debug)]
pub(super) struct Pinging {
    every_ns: Option<u64>,
    next: usize,
    due_ns: u64,
}

impl Pinging {
    pub(super) fn new(keep_alive: Option<Duration>) -> Self {
        Self {
            every_ns: keep_alive.map(|every| every.as_nanos() as u64),
            next: 0,
            due_ns: 0,
        }
    }
}

impl Engine {
    /// Keeps the connections for `span`, with their PINGREQs; returns once those are answered.
    pub fn hold(&mut self, span: Duration, what: &'static str) -> Result<(), CliFailure> {
        let begin = Instant::now();
        while begin.elapsed() < span {
            self.ping_due()?;
            // Often enough that what is due together is no burst.
            self.turn(Duration::from_millis(1))?;
            self.tell(what, begin.elapsed().as_millis() as u64, span.as_millis() as u64);
        }
        let deadline = Instant::now() + self.timeout;
        while self.counts.pongs < self.counts.pings && Instant::now() < deadline {
            self.turn(Duration::from_millis(1))?;
        }
        Ok(())
    }

    /// Sends the PINGREQs that are due; while connections are still added too, since they outlast a keep alive.
    pub(super) fn ping_due(&mut self) -> Result<(), CliFailure> {
        let Some(every_ns) = self.pinging.every_ns.filter(|_| self.counts.up > 0) else {
            return Ok(());
        };
        let now = self.now();
        let gap = every_ns / self.counts.up as u64;
        if self.pinging.due_ns == 0 {
            self.pinging.due_ns = now + gap;
        }
        while self.pinging.due_ns <= now {
            self.pinging.due_ns += gap.max(1);
            let index = self.pinging.next % self.links.len();
            self.pinging.next = index + 1;
            if self.links[index].state == LinkState::Up {
                self.links[index].out.extend_from_slice(outbound::ping());
                self.counts.pings += 1;
                self.flush(index)?;
            }
        }
        Ok(())
    }

    /// Reads nothing from the subscribers for `span`, as one that is stuck would.
    pub fn stop_reading(&mut self, span: Duration) -> Result<(), CliFailure> {
        self.set_reading(EpollFlags::empty())?;
        std::thread::sleep(span);
        self.set_reading(EpollFlags::EPOLLIN)
    }

    fn set_reading(&mut self, interest: EpollFlags) -> Result<(), CliFailure> {
        for index in 0..self.links.len() {
            let link = &mut self.links[index];
            if !matches!(link.role, Role::Subscriber(_)) {
                continue;
            }
            link.interest = interest;
            let mut event = EpollEvent::new(interest, index as u64);
            self.epoll
                .modify(&link.stream, &mut event)
                .map_err(|errno| system("epoll", errno))?;
        }
        Ok(())
    }
}
