//! Threads that compute what takes long: password hashes. Never the workers, and never more at a time than half the
//! cores.
//!
//! A queue before them is bounded, also for each network, so that one sender of passwords cannot take all of it: what
//! finds no room is refused at once, counted, and told to the client as server busy. Networks take turns: whoever sends
//! thousands of passwords waits for his own, others for one of his. What nobody waits for any more is not computed.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use super::places::network_of;
use crate::listener::PANICS;

/// Hashes that may wait. At a tenth of a second each on one thread the last waits longer than any client: what is
/// refused before that would only have timed out.
const WAITING_MAX: usize = 4096;
/// Of these, those of one network: many clients may share an address behind a load balancer.
const WAITING_OF_NETWORK_MAX: usize = WAITING_MAX / 2;

/// No room in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be checked")]
pub struct PoolFull;

/// The threads and their queue; a copy is as good as the original. The threads end with the last copy.
#[derive(Clone)]
pub struct HashPool {
    shared: Arc<Shared>,
    _threads: Arc<Closer>,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    refused: AtomicU64,
}

#[derive(Default)]
struct Queue {
    /// Of all networks together.
    waiting: usize,
    /// Networks that have jobs, each once, in the order of their turns.
    turns: VecDeque<IpAddr>,
    /// Their jobs; never none.
    jobs: HashMap<IpAddr, VecDeque<Job>>,
    is_closed: bool,
}

type Job = Box<dyn FnOnce() + Send>;

/// Tells the threads to end when nobody can ask them any more.
struct Closer(Arc<Shared>);

impl Drop for Closer {
    fn drop(&mut self) {
        self.0.queue.lock().is_closed = true;
        self.0.wake.notify_all();
    }
}

impl HashPool {
    /// Starts the threads: half the cores, at least one.
    ///
    /// # Errors
    /// The system refuses threads.
    pub fn start() -> std::io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            refused: AtomicU64::new(0),
        });
        let pool = Self {
            shared: Arc::clone(&shared),
            _threads: Arc::new(Closer(Arc::clone(&shared))),
        };
        for number in 0..(cores / 2).max(1) {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name(format!("emqxd-hash-{number}"))
                .spawn(move || shared.work())?;
        }
        Ok(pool)
    }

    /// Runs `work` on one of the threads, for a client at `address`.
    ///
    /// # Errors
    /// [`PoolFull`]; counted.
    pub async fn run<R: Send + 'static>(
        &self,
        address: IpAddr,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, PoolFull> {
        let (answer, result) = oneshot::channel();
        let run = move || {
            // Whoever asked may have given up meanwhile.
            if !answer.is_closed() {
                let _asker_may_be_gone = answer.send(work());
            }
        };
        self.shared.push(address, Box::new(run))?;
        // It is dropped unanswered only if it panicked, which is counted: then nothing is known, as if there was no
        // room.
        result.await.map_err(|_| PoolFull)
    }

    /// How often there was no room.
    #[cfg(test)]
    fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn push(&self, address: IpAddr, job: Job) -> Result<(), PoolFull> {
        let mut queue = self.queue.lock();
        if !queue.add(network_of(address), job) {
            drop(queue);
            let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::warn!(tag = "AUTHN", peerhost = %address, refused, reason = %PoolFull, "authentication_overloaded");
            return Err(PoolFull);
        }
        drop(queue);
        self.wake.notify_one();
        Ok(())
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            if catch_unwind(AssertUnwindSafe(job)).is_err() {
                PANICS.fetch_add(1, Ordering::Relaxed);
                tracing::error!("password_hash_crashed");
            }
        }
    }

    /// The next job; `None` when the pool is closed.
    fn next(&self) -> Option<Job> {
        let mut queue = self.queue.lock();
        loop {
            if let Some(job) = queue.take() {
                return Some(job);
            }
            if queue.is_closed {
                return None;
            }
            self.wake.wait(&mut queue);
        }
    }
}

impl Queue {
    /// Whether there was room.
    fn add(&mut self, network: IpAddr, job: Job) -> bool {
        let of_network = self.jobs.get(&network).map_or(0, VecDeque::len);
        if self.waiting >= WAITING_MAX || of_network >= WAITING_OF_NETWORK_MAX {
            return false;
        }
        if of_network == 0 {
            self.turns.push_back(network);
        }
        self.jobs.entry(network).or_default().push_back(job);
        self.waiting += 1;
        true
    }

    /// The oldest job of the network whose turn it is.
    fn take(&mut self) -> Option<Job> {
        let network = self.turns.pop_front()?;
        let jobs = self.jobs.get_mut(&network)?;
        let job = jobs.pop_front();
        if jobs.is_empty() {
            self.jobs.remove(&network);
        } else {
            self.turns.push_back(network);
        }
        self.waiting -= 1;
        job
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().build().unwrap()
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    /// A pool all of whose threads are busy until what is returned is dropped.
    fn busy_pool() -> (HashPool, mpsc::Sender<()>) {
        let pool = HashPool::start().unwrap();
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let threads = (thread::available_parallelism().map_or(1, usize::from) / 2).max(1);
        let (begun, has_begun) = mpsc::channel();
        for _ in 0..threads {
            let (held, begun) = (Arc::clone(&held), begun.clone());
            let run = move || {
                begun.send(()).unwrap();
                let _released = held.lock().recv();
            };
            pool.shared.push(address(0), Box::new(run)).unwrap();
        }
        for _ in 0..threads {
            has_begun.recv().unwrap();
        }
        (pool, release)
    }

    #[test]
    fn what_was_computed_comes_back() {
        let pool = HashPool::start().unwrap();
        assert_eq!(runtime().block_on(pool.run(address(1), || 6 * 7)), Ok(42));
    }

    #[test]
    fn one_address_cannot_fill_the_queue_and_all_together_not_beyond_its_end() {
        let (pool, release) = busy_pool();
        let push = |last| pool.shared.push(address(last), Box::new(|| {}));
        for _ in 0..WAITING_OF_NETWORK_MAX {
            push(1).unwrap();
        }
        assert_eq!(push(1), Err(PoolFull));
        for _ in 0..WAITING_MAX - WAITING_OF_NETWORK_MAX {
            push(2).unwrap();
        }
        assert_eq!((push(3), pool.refused()), (Err(PoolFull), 2));
        drop(release);
    }

    #[test]
    fn who_sends_many_passwords_waits_for_his_own_and_others_for_one_of_his() {
        let mut queue = Queue::default();
        let (done, computed) = mpsc::channel();
        let mut add = |last: u8| {
            let done = done.clone();
            assert!(queue.add(address(last), Box::new(move || done.send(last).unwrap())));
        };
        [1, 1, 1, 1, 2, 3, 3].into_iter().for_each(&mut add);
        while let Some(job) = queue.take() {
            job();
        }
        drop(done);
        assert_eq!(computed.iter().collect::<Vec<_>>(), [1, 2, 3, 1, 3, 1, 1]);
        assert!(queue.waiting == 0 && queue.jobs.is_empty() && queue.turns.is_empty());
    }

    #[test]
    fn what_crashes_is_answered_and_the_next_is_computed() {
        let pool = HashPool::start().unwrap();
        let runtime = runtime();
        let crashed = runtime.block_on(pool.run(address(1), || -> u8 { panic!("a test's own") }));
        assert_eq!(crashed, Err(PoolFull));
        assert_eq!(runtime.block_on(pool.run(address(1), || 7)), Ok(7));
    }
}
