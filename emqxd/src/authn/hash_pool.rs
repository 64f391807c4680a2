//! Threads that compute what takes long: password hashes. Never the workers, and never more at a time than half the
//! cores.
//!
//! A queue before them is bounded, also for each address, so that one sender of passwords cannot take all of it:
//! what finds no room is refused at once, counted, and told to the client as server busy. What nobody waits for any
//! more is not computed.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::listener::PANICS;

/// Hashes that may wait. At a tenth of a second each on one thread the last waits longer than any client: what is
/// refused before that would only have timed out.
const WAITING_MAX: usize = 4096;
/// Of these, those of one address: many clients may share one behind a load balancer.
const WAITING_OF_ADDRESS_MAX: usize = WAITING_MAX / 2;

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
    jobs: VecDeque<Job>,
    by_address: HashMap<IpAddr, usize>,
    is_closed: bool,
}

struct Job {
    address: IpAddr,
    run: Box<dyn FnOnce() + Send>,
}

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
        self.shared.push(Job {
            address,
            run: Box::new(run),
        })?;
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
    fn push(&self, job: Job) -> Result<(), PoolFull> {
        let mut queue = self.queue.lock();
        let of_address = queue.by_address.get(&job.address).copied().unwrap_or(0);
        if queue.jobs.len() >= WAITING_MAX || of_address >= WAITING_OF_ADDRESS_MAX {
            drop(queue);
            let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::warn!(tag = "AUTHN", peerhost = %job.address, refused, reason = %PoolFull, "authentication_overloaded");
            return Err(PoolFull);
        }
        *queue.by_address.entry(job.address).or_default() += 1;
        queue.jobs.push_back(job);
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
    fn next(&self) -> Option<Box<dyn FnOnce() + Send>> {
        let mut queue = self.queue.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                if let Some(count) = queue.by_address.get_mut(&job.address) {
                    *count -= 1;
                    if *count == 0 {
                        queue.by_address.remove(&job.address);
                    }
                }
                return Some(job.run);
            }
            if queue.is_closed {
                return None;
            }
            self.wake.wait(&mut queue);
        }
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
            let job = Job {
                address: address(0),
                run: Box::new(run),
            };
            pool.shared.push(job).unwrap();
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
        let push = |last| {
            pool.shared.push(Job {
                address: address(last),
                run: Box::new(|| {}),
            })
        };
        for _ in 0..WAITING_OF_ADDRESS_MAX {
            push(1).unwrap();
        }
        assert_eq!(push(1), Err(PoolFull));
        for _ in 0..WAITING_MAX - WAITING_OF_ADDRESS_MAX {
            push(2).unwrap();
        }
        assert_eq!((push(3), pool.refused()), (Err(PoolFull), 2));
        drop(release);
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
