//! Messages on their way out: flat out or by a schedule, and waiting for the last of them.

use std::time::{Duration, Instant};

use nix::sys::epoll::{EpollEvent, EpollFlags};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use super::{Engine, Flow, TIMER, system};
use crate::bench::link::Role;
use crate::bench::outbound::{Publishes, Stamp};
use crate::bench::plan::Order;
use crate::bench::publishers::{Bounds, Publisher};
use crate::failure::CliFailure;

/// Bytes that a publisher hands to the system at once, about.
const BATCH_BYTES: usize = 64 * 1024;

/// Bytes of a publisher that may wait because the server does not read, when a schedule decides.
const WAITING_BYTES_MAX: usize = 256 * 1024;

/// How often a schedule is looked at.
const TICK: Duration = Duration::from_micros(200);

/// Without any delivery for so long, what is missing is given up, so that a loss does not stop a publisher for good.
const STALL: Duration = Duration::from_millis(500);

impl Engine {
    /// Sets what is published, and by whom: `topics_of` tells the topics of each publisher, who sends each once
    /// or, with `forever`, in turn.
    pub fn set_flow(
        &mut self,
        publishes: Publishes,
        bounds: Bounds,
        order: Order,
        topics_of: impl Fn(u32) -> (usize, usize),
        forever: bool,
    ) {
        let mut publishers = Vec::new();
        let mut subscribers = 0;
        for (index, link) in self.links.iter().enumerate() {
            match link.role {
                Role::Publisher(number) => {
                    let topics = topics_of(number);
                    let left = if forever { u64::MAX } else { topics.1 as u64 };
                    publishers.push(Publisher::new(index, topics, left));
                }
                Role::Subscriber(_) => subscribers += 1,
                Role::Idle => {}
            }
        }
        let pairs = match order {
            Order::EachPublisher => subscribers * publishers.len(),
            Order::OwnPublisher => subscribers,
            Order::Unwatched => 0,
        };
        publishers.iter_mut().for_each(|publisher| publisher.queued = true);
        self.flow = Flow {
            ready: (0..u32::try_from(publishers.len()).unwrap_or(u32::MAX)).collect(),
            publishes,
            bounds,
            publishers,
            order,
            last: vec![0; pairs],
        };
    }

    /// Publishes as fast as the windows allow, for `span` or until every publisher is done.
    pub fn flat_out(&mut self, span: Duration, what: &'static str) -> Result<(), CliFailure> {
        let begin = self.now();
        let end = begin.saturating_add(span.as_nanos() as u64);
        let mut last = (self.progress_made(), begin);
        loop {
            let now = self.now();
            if now >= end || self.flow.publishers.iter().all(|publisher| publisher.left == 0) {
                return Ok(());
            }
            self.tell(what, (now - begin) / 1_000_000, span.as_millis() as u64);
            self.fill_ready()?;
            let wait = if self.flow.ready.is_empty() {
                Duration::from_nanos(end - now).min(Duration::from_millis(50))
            } else {
                Duration::ZERO
            };
            self.turn(wait)?;
            if self.progress_made() != last.0 {
                last = (self.progress_made(), now);
            } else if now - last.1 > STALL.as_nanos() as u64 {
                self.forget_missing();
                last.1 = now;
            }
        }
    }

    /// Publishes `rate` messages a second in all for `span`, the publishers taking turns. Each message carries the time
    /// it was due, so that a stall counts for every message that was due during it. Returns how late the
    /// schedule was at worst.
    pub fn paced(&mut self, span: Duration, rate: u32, what: &'static str) -> Result<Duration, CliFailure> {
        let timer = TimerFd::new(
            ClockId::CLOCK_MONOTONIC,
            TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC,
        )
        .map_err(|errno| system("timerfd", errno))?;
        let every = Expiration::Interval(TimeSpec::from_duration(TICK));
        timer
            .set(every, TimerSetTimeFlags::empty())
            .map_err(|errno| system("timerfd", errno))?;
        let event = EpollEvent::new(EpollFlags::EPOLLIN, TIMER);
        self.epoll.add(&timer, event).map_err(|errno| system("epoll", errno))?;
        let begin = self.now();
        let tick = TICK.as_nanos() as u64;
        let (mut done, mut whose, mut late) = (0, 0, 0);
        loop {
            let now = self.now();
            if now - begin >= span.as_nanos() as u64 {
                break;
            }
            let due = scheduled((now - begin) / tick * tick, rate);
            while done < due {
                // When the tick came in which it was due.
                let due_ns = begin + (done * 1_000_000_000 / u64::from(rate)).div_ceil(tick) * tick;
                late = late.max(now.saturating_sub(due_ns));
                if !self.publish_next(&mut whose, due_ns) {
                    break;
                }
                done += 1;
            }
            self.flush_publishers()?;
            self.tell(what, (now - begin) / 1_000_000, span.as_millis() as u64);
            self.turn(Duration::from_millis(50))?;
            // It starts again only once it was read; not yet expired is as good.
            let _ = timer.wait();
        }
        self.epoll.delete(&timer).map_err(|errno| system("epoll", errno))?;
        Ok(Duration::from_nanos(late))
    }

    /// Lets the next publisher that may send do so; `false` if none may.
    pub(super) fn publish_next(&mut self, whose: &mut usize, due_ns: u64) -> bool {
        for _ in 0..self.flow.publishers.len() {
            let number = *whose;
            *whose = (number + 1) % self.flow.publishers.len();
            let publisher = &self.flow.publishers[number];
            let waiting = self.links[publisher.link].waiting();
            if publisher.room(&self.flow.bounds) > 0 && waiting < WAITING_BYTES_MAX {
                self.publish(number, due_ns);
                self.queue(number);
                return true;
            }
        }
        false
    }

    pub(super) fn flush_publishers(&mut self) -> Result<(), CliFailure> {
        while let Some(number) = self.flow.ready.pop_front() {
            self.flow.publishers[number as usize].queued = false;
            self.flush(self.flow.publishers[number as usize].link)?;
        }
        Ok(())
    }

    /// Waits until `expected` deliveries have arrived and all messages are acknowledged, or nothing came for
    /// the timeout.
    pub fn drain(&mut self, expected: u64, what: &'static str) -> Result<(), CliFailure> {
        let acknowledged = match self.flow.bounds.unacknowledged_max {
            Some(_) => self.counts.sent,
            None => 0,
        };
        let mut last = (self.progress_made(), Instant::now());
        while self.counts.received < expected || self.counts.acknowledged < acknowledged {
            self.turn(Duration::from_millis(10))?;
            if self.progress_made() != last.0 {
                last = (self.progress_made(), Instant::now());
            } else if last.1.elapsed() > self.timeout.min(Duration::from_secs(2)) {
                break;
            }
            self.tell(what, self.counts.received, expected);
        }
        Ok(())
    }

    pub(super) fn progress_made(&self) -> u64 {
        self.counts.received + self.counts.acknowledged
    }

    pub(super) fn forget_missing(&mut self) {
        for number in 0..self.flow.publishers.len() {
            self.flow.publishers[number].forget_missing();
            self.queue(number);
        }
    }

    pub(super) fn queue(&mut self, number: usize) {
        let publisher = &mut self.flow.publishers[number];
        if !publisher.queued {
            publisher.queued = true;
            self.flow.ready.push_back(number as u32);
        }
    }

    /// Lets a publisher stand in line again once that is worth a write.
    #[inline]
    pub(super) fn queue_if_worth(&mut self, number: usize) {
        let publisher = &mut self.flow.publishers[number];
        // At a rate the schedule decides; the list then holds those with something to flush.
        let flat_out = self.flow.bounds.missing_max.is_some() || publisher.left < u64::MAX / 2;
        if flat_out && !publisher.queued && publisher.is_worth_filling(&self.flow.bounds) {
            publisher.queued = true;
            self.flow.ready.push_back(number as u32);
        }
    }

    /// Each publisher in line sends a batch.
    pub(super) fn fill_ready(&mut self) -> Result<(), CliFailure> {
        let batch = (BATCH_BYTES / self.flow.publishes.packet_bytes_max().max(1)).max(1) as u64;
        for _ in 0..self.flow.ready.len() {
            let Some(number) = self.flow.ready.pop_front() else {
                break;
            };
            let number = number as usize;
            let publisher = &mut self.flow.publishers[number];
            publisher.queued = false;
            let (link, room) = (publisher.link, publisher.room(&self.flow.bounds));
            if room == 0 || self.links[link].waiting() > 0 {
                continue; // an acknowledgement, a delivery or a writable socket brings it back
            }
            let now = self.now();
            for _ in 0..room.min(batch) {
                self.publish(number, now);
            }
            self.flush(link)?;
            self.queue_if_worth(number);
        }
        Ok(())
    }

    #[inline]
    pub(super) fn publish(&mut self, number: usize, due_ns: u64) {
        let publisher = &mut self.flow.publishers[number];
        let next = publisher.take(&self.flow.bounds);
        let stamp = Stamp {
            due_ns,
            publisher: number as u32,
            sequence: next.sequence,
        };
        let out = &mut self.links[publisher.link].out;
        self.flow.publishes.put(next.topic, next.packet_id, stamp, out);
        self.counts.sent += 1;
    }
}

/// How many of `rate` a second are due after so many nanoseconds.
pub(super) fn scheduled(elapsed_ns: u64, rate: u32) -> u64 {
    let due = u128::from(elapsed_ns) * u128::from(rate) / 1_000_000_000;
    u64::try_from(due).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_neither_loses_nor_gains_over_a_day() {
        assert_eq!(scheduled(86_400 * 1_000_000_000, 7), 604_800);
        assert_eq!(scheduled(999_999_999, 1), 0);
        assert_eq!(scheduled(1_000_000_000, u32::MAX), u64::from(u32::MAX));
    }
}
