//! Mail to other workers, gathered over a round of turns and sent as one batch each, so that a worker is woken once
//! a batch and not once a message.
//!
//! A worker whose inbox is full keeps its batch here. Connections that go on publishing to it are then not read
//! until it has room again ([`Outbox::push`] says so); others are not touched. Mail itself is always received, so
//! two workers cannot wait for each other.

use std::collections::VecDeque;
use std::sync::Arc;

use emqxd_broker::{Mail, WorkerId};
use tokio::sync::Notify;
use tokio::sync::mpsc::error::TrySendError;

use super::{Worker, WorkerHandle};

/// Messages gathered for one worker before they are sent even in the middle of a round.
const BATCH_MAX: usize = 512;

/// One batch for each other worker.
#[derive(Debug)]
pub struct Outbox {
    workers: Vec<WorkerHandle>,
    batches: Vec<Vec<Mail>>,
    /// Workers whose inbox was full.
    blocked: Vec<WorkerId>,
    /// Connections not read because of that, with their serials, longest first.
    waiting: VecDeque<(usize, u64)>,
    has_mail: bool,
    /// Batches sent, ever.
    sent: u64,
    /// Wakes [`post`].
    postman: Arc<Notify>,
    /// Wakes who waits until no worker's inbox is full.
    pub(crate) room: Arc<Notify>,
}

impl Outbox {
    pub fn new(workers: Vec<WorkerHandle>) -> Self {
        let batches = workers.iter().map(|_| Vec::new()).collect();
        Self {
            workers,
            batches,
            blocked: Vec::new(),
            waiting: VecDeque::new(),
            has_mail: false,
            sent: 0,
            postman: Arc::new(Notify::new()),
            room: Arc::default(),
        }
    }

    /// Takes mail in; whether its worker keeps up. If not, the publisher should not be read for now.
    pub fn push(&mut self, worker: WorkerId, mail: Mail) -> bool {
        let Some(batch) = self.batches.get_mut(usize::from(worker)) else {
            return true;
        };
        batch.push(mail);
        if !self.has_mail {
            self.has_mail = true;
            self.postman.notify_one();
        }
        if batch.len() >= BATCH_MAX {
            self.send(worker);
        }
        !self.blocked.contains(&worker)
    }

    /// Batches sent, ever.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether all mail is on its way.
    pub fn is_empty(&self) -> bool {
        !self.has_mail && self.blocked.is_empty()
    }

    /// Whether a worker's inbox is full.
    pub fn is_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// The connections that are not read until there is room: whoever still finds none waits again.
    pub fn take_waiting(&mut self) -> VecDeque<(usize, u64)> {
        std::mem::take(&mut self.waiting)
    }

    /// A connection that is not read until there is room.
    pub fn add_waiting(&mut self, key: usize, serial: u64) {
        self.waiting.push_back((key, serial));
    }

    fn flush(&mut self) {
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
            Ok(()) => self.sent += 1,
            // A worker that has stopped takes its clients with it.
            Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(batch)) => {
                self.batches[index] = batch;
                self.blocked.push(worker);
                self.postman.notify_one();
            }
        }
    }
}

/// The task that sends a worker's mail: it has its turn after the connections that are ready now have had theirs.
pub(crate) async fn post(worker: Worker) {
    let postman = Arc::clone(&worker.borrow().outbox.postman);
    loop {
        let blocked = {
            let outbox = &mut worker.borrow_mut().outbox;
            outbox.flush();
            let first = outbox.blocked.first().copied();
            first.map(|to| (to, outbox.workers[usize::from(to)].clone()))
        };
        let Some((to, handle)) = blocked else {
            postman.notified().await;
            continue;
        };
        // Mail for the others goes on meanwhile.
        let permit = tokio::select! {
            permit = handle.mail.reserve() => permit,
            () = postman.notified() => continue,
        };
        let state = &mut *worker.borrow_mut();
        let outbox = &mut state.outbox;
        outbox.blocked.retain(|each| *each != to);
        let batch = std::mem::take(&mut outbox.batches[usize::from(to)]);
        if let Ok(permit) = permit {
            permit.send(batch);
            outbox.sent += 1;
        }
        if !outbox.is_blocked() {
            outbox.room.notify_waiters();
        }
        state.release_publishers();
    }
}
