//! Those who need more than one turn.
//!
//! A connection that has more to read or to send at the end of its turn queues here; so do, in `fan_out.rs`, the receivers
//! of large fan-outs. [`go_on`] gives them a slice of time, then lets the runtime look at the sockets and all others
//! have their turns, then goes on. However many there are, the others wait for one slice and not for one turn of each.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::connection::take_turn;
use super::{Worker, WorkerState, guarded};

/// What all long turns may take together before others have theirs.
const SLICE_TIME: Duration = Duration::from_micros(100);

/// Connections whose next turn is a continuation, with their serials. Each is in it once: its flag says that it is.
#[derive(Debug, Default)]
pub(crate) struct LongTurns {
    waiting: VecDeque<(usize, u64)>,
    /// Wakes [`go_on`].
    pub(super) work: Arc<Notify>,
}

impl LongTurns {
    /// Puts a connection in; its flag says that it is.
    pub fn push(&mut self, key: usize, serial: u64) {
        if self.waiting.is_empty() {
            self.work.notify_one();
        }
        self.waiting.push_back((key, serial));
    }
}

impl WorkerState {
    /// Whether a connection is to wait for its next turn in the queue.
    pub(super) fn is_in_long_turn(&mut self, key: usize, serial: u64) -> bool {
        let connection = self.connections.get_mut(key);
        connection
            .filter(|connection| connection.serial == serial && connection.flags.is_in_long_turn)
            .map(|connection| connection.flags.is_woken = false)
            .is_some()
    }

    fn has_long_work(&self) -> bool {
        !self.long_turns.waiting.is_empty() || !self.fan_out.is_empty()
    }
}

/// The task that goes on with what did not end in one turn.
pub(crate) async fn go_on(worker: Worker) {
    let work = Arc::clone(&worker.borrow().long_turns.work);
    loop {
        work.notified().await;
        while worker.borrow().has_long_work() {
            // Until the sockets have been looked at, and those who are woken by others' turns have had theirs.
            tokio::task::yield_now().await;
            step_back().await;
            take_turns(&worker);
            guarded(&worker, WorkerState::write_slice);
        }
    }
}

/// Turns of connections that wait, for one slice of time.
fn take_turns(worker: &Worker) {
    let began = Instant::now();
    loop {
        let next = {
            let mut state = worker.borrow_mut();
            let next = state.long_turns.waiting.pop_front();
            next.and_then(|(key, serial)| {
                let connection = state.connections.get_mut(key).filter(|each| each.serial == serial)?;
                connection.flags.is_in_long_turn = false;
                Some((key, serial, connection.waker.clone()?))
            })
        };
        if let Some((key, serial, waker)) = next
            && take_turn(worker, key, serial, &mut Context::from_waker(&waker)).is_ready()
        {
            // Its task finds it gone and ends.
            waker.wake();
        }
        if worker.borrow().long_turns.waiting.is_empty() || began.elapsed() >= SLICE_TIME {
            return;
        }
    }
}

/// Goes to the end of the queue of tasks that are ready.
async fn step_back() {
    let mut has_yielded = false;
    poll_fn(|context| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
