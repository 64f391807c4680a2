//! Receivers of a large fan-out, on their way to being written.
//!
//! A message for thousands of clients ends in as many system calls. Made one after the other they would keep everybody
//! else waiting for milliseconds; made after each message they would cost a system call a delivery. So the receivers
//! of a large batch of deliveries queue here, and `long_turns.rs` writes them in slices, between which the other
//! connections and the publisher have their turns. What the publisher adds meanwhile goes out in the same call. A
//! publisher that fills its receivers' buffers faster than they are written is not read until the queue is empty.

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
    /// Publishers that are not read until the queue is empty, with their serials.
    held: Vec<(usize, u64)>,
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

    /// A publisher that is not read until the queue is empty.
    pub fn hold(&mut self, key: usize, serial: u64) {
        self.held.push((key, serial));
    }
}

impl WorkerState {
    /// Writes to some of those who wait.
    pub(super) fn write_slice(&mut self) {
        let now = self.clock.now();
        let began = Instant::now();
        let mut writes = 0;
        while let Some(key) = self.fan_out.waiting.pop_front() {
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
        if self.fan_out.waiting.is_empty() {
            for (key, serial) in std::mem::take(&mut self.fan_out.held) {
                self.read_again(key, serial);
            }
        }
    }
}
