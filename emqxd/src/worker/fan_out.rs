//! Receivers of a large fan-out, on their way to being written.
//!
//! A message for thousands of clients ends in as many system calls. Made one after the other they would keep everybody
//! else waiting for milliseconds; made after each message they would cost a system call a delivery. So the receivers
//! of a large batch of deliveries queue here, and `long_turns.rs` writes them in slices, between which the other
//! connections and the publisher have their turns. What the publisher adds meanwhile goes out in the same call. A
//! publisher that fills its receivers' buffers faster than they are written is not read until those who waited then
//! have been written; who comes after them does not prolong it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::WorkerState;

/// How long one slice may take. A probe waits for at most one of them and one turn of each busy connection.
const SLICE_TIME: Duration = Duration::from_micros(100);
/// Writes between two looks at the clock.
const WRITES_BETWEEN_LOOKS: usize = 8;
/// With fewer receivers waiting than this, one whose buffer is full is written at once.
const MANY: usize = 64;

/// The queue. An open connection is in it once, as its flag says; one that has gone meanwhile is passed over.
#[derive(Debug, Default)]
pub(crate) struct FanOut {
    waiting: VecDeque<usize>,
    /// How many have left the queue, ever.
    left: u64,
    /// Publishers that are not read, longest first.
    held: VecDeque<Held>,
}

/// A publisher that is not read until so many have left the queue.
#[derive(Debug)]
struct Held {
    key: usize,
    serial: u64,
    until: u64,
}

impl FanOut {
    /// Puts a connection in; its flag says that it is.
    pub fn push(&mut self, key: usize) {
        self.waiting.push_back(key);
    }

    /// Whether nobody waits, held publishers included.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.held.is_empty()
    }

    /// Whether so many wait that a publisher who goes on should be held.
    pub fn is_long(&self) -> bool {
        self.waiting.len() >= MANY
    }

    /// A publisher that is not read until all who wait now have been written.
    pub fn hold(&mut self, key: usize, serial: u64) {
        let until = self.left + self.waiting.len() as u64;
        self.held.push_back(Held { key, serial, until });
    }

    /// The next to be written.
    fn pop(&mut self) -> Option<usize> {
        let key = self.waiting.pop_front()?;
        self.left += 1;
        Some(key)
    }

    /// A publisher whose receivers have been written, with its serial.
    fn release(&mut self) -> Option<(usize, u64)> {
        let held = self.held.pop_front_if(|held| held.until <= self.left)?;
        Some((held.key, held.serial))
    }
}

impl WorkerState {
    /// Writes to some of those who wait.
    pub(super) fn write_slice(&mut self) {
        let now = self.clock.now();
        let began = Instant::now();
        let mut writes = 0;
        while let Some(key) = self.fan_out.pop() {
            let Some(connection) = self.connections.get_mut(key) else {
                continue;
            };
            connection.flags.is_in_fan_out = false;
            if connection.out.is_empty() {
                continue;
            }
            self.write(key, now);
            if let Some(connection) = self.connections.get_mut(key)
                && connection.flags.has_more_to_send
                && !connection.flags.is_congested
            {
                connection.wake();
            }
            writes += 1;
            if writes % WRITES_BETWEEN_LOOKS == 0 && began.elapsed() >= SLICE_TIME {
                break;
            }
        }
        // A write that failed has ended its connection.
        self.apply_effects(now);
        while let Some((key, serial)) = self.fan_out.release() {
            if let Some(connection) = self.connections.get_mut(key).filter(|each| each.serial == serial) {
                connection.flags.is_held = false;
                connection.wake();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released(fan_out: &mut FanOut) -> Vec<(usize, u64)> {
        std::iter::from_fn(|| fan_out.release()).collect()
    }

    #[test]
    fn a_publisher_waits_for_those_before_it_and_not_for_those_who_come_later() {
        let mut fan_out = FanOut::default();
        (0..3).for_each(|key| fan_out.push(key));
        fan_out.hold(100, 7);
        for key in 0..3 {
            assert!(released(&mut fan_out).is_empty());
            assert_eq!(fan_out.pop(), Some(key));
            // Another publisher goes on all the time.
            fan_out.push(10 + key);
        }
        assert_eq!(released(&mut fan_out), [(100, 7)]);
        assert!(!fan_out.is_empty() && released(&mut fan_out).is_empty());
    }

    #[test]
    fn publishers_are_released_in_the_order_in_which_they_were_held() {
        let mut fan_out = FanOut::default();
        fan_out.push(1);
        fan_out.hold(100, 1);
        fan_out.push(2);
        fan_out.hold(200, 1);
        fan_out.hold(300, 1);
        fan_out.pop();
        assert_eq!(released(&mut fan_out), [(100, 1)]);
        fan_out.pop();
        assert_eq!(released(&mut fan_out), [(200, 1), (300, 1)]);
        assert!(fan_out.is_empty() && fan_out.pop().is_none());
    }

    #[test]
    fn a_publisher_held_while_nobody_waits_is_released_at_once() {
        let mut fan_out = FanOut::default();
        fan_out.hold(100, 1);
        assert_eq!(released(&mut fan_out), [(100, 1)]);
    }
}
