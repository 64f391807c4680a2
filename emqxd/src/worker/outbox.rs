//! Mail to other workers, gathered during a turn and sent as one batch each, so that a worker is woken once a
//! batch and not once a message.
//!
//! A worker whose inbox is full keeps the batch here; [`Outbox::is_blocked`] then makes this worker stop reading
//! from its clients until there is room again. Mail itself is always received, so two workers cannot wait for each
//! other.

use emqxd_broker::{Mail, WorkerId};
use tokio::sync::mpsc::error::TrySendError;

use super::{Worker, WorkerHandle};

/// Messages gathered for one worker before they are sent even in the middle of a turn.
const BATCH_MAX: usize = 512;

/// One batch for each other worker.
#[derive(Debug)]
pub struct Outbox {
    workers: Vec<WorkerHandle>,
    batches: Vec<Vec<Mail>>,
    /// Workers whose inbox was full.
    blocked: Vec<WorkerId>,
    has_mail: bool,
    /// A task waits for room already.
    is_waited_for: bool,
}

impl Outbox {
    pub fn new(workers: Vec<WorkerHandle>) -> Self {
        let batches = workers.iter().map(|_| Vec::new()).collect();
        Self {
            workers,
            batches,
            blocked: Vec::new(),
            has_mail: false,
            is_waited_for: false,
        }
    }

    /// Whether some worker does not keep up.
    pub fn is_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    pub fn push(&mut self, worker: WorkerId, mail: Mail) {
        let Some(batch) = self.batches.get_mut(usize::from(worker)) else {
            return;
        };
        batch.push(mail);
        self.has_mail = true;
        if batch.len() >= BATCH_MAX {
            self.send(worker);
        }
    }

    /// Whether [`wait_for_room`] has to be started now.
    fn needs_waiter(&mut self) -> bool {
        self.is_blocked() && !std::mem::replace(&mut self.is_waited_for, true)
    }

    /// Sends what was gathered.
    pub fn flush(&mut self) {
        if !self.has_mail {
            return;
        }
        self.has_mail = false;
        for index in 0..self.batches.len() {
            if !self.batches[index].is_empty() {
                self.send(index as WorkerId);
            }
        }
    }

    fn send(&mut self, worker: WorkerId) {
        if self.blocked.contains(&worker) {
            return;
        }
        let index = usize::from(worker);
        let batch = std::mem::take(&mut self.batches[index]);
        match self.workers[index].mail.try_send(batch) {
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(batch)) => {
                self.batches[index] = batch;
                self.blocked.push(worker);
            }
        }
    }
}

/// To be called at the end of a turn: sends the turn's mail.
pub(crate) fn end_turn(worker: &Worker) {
    let needs_waiter = {
        let mut state = worker.borrow_mut();
        state.outbox.flush();
        state.outbox.needs_waiter()
    };
    if needs_waiter {
        tokio::task::spawn_local(wait_for_room(Worker::clone(worker)));
    }
}

/// Waits until each blocked worker has taken its batch, then lets this worker's connections read again.
async fn wait_for_room(worker: Worker) {
    loop {
        let Some((to, handle)) = ({
            let state = worker.borrow();
            state
                .outbox
                .blocked
                .first()
                .map(|&to| (to, state.outbox.workers[usize::from(to)].clone()))
        }) else {
            break;
        };
        let Ok(permit) = handle.mail.reserve().await else {
            return;
        };
        let mut state = worker.borrow_mut();
        let batch = std::mem::take(&mut state.outbox.batches[usize::from(to)]);
        state.outbox.blocked.retain(|each| *each != to);
        permit.send(batch);
    }
    let mut state = worker.borrow_mut();
    state.outbox.is_waited_for = false;
    state.wake_blocked_readers();
}
