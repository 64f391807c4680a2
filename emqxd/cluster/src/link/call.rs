//! Questions and answers on a link of [`super::Lane::Control`]: many at a time, answered in any order.
//!
//! A frame is a kind (1 question, 2 answer, 3 told), a number of 64 bits that the asking side chose, and a body. Each
//! direction of asking has a connection of its own: who connected asks, who accepted answers.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Buf, Bytes};
use futures_core::future::BoxFuture;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{FrameReader, FrameWriter};

/// Questions of one side under way; the next one waits.
const UNDER_WAY_MAX: usize = 256;
/// Frames waiting for the socket.
const WAITING_MAX: usize = 256;
/// A piece of a snapshot as JSON is the longest body there is.
const BODY_MAX: usize = 8 << 20;
const QUESTION: u8 = 1;
const ANSWER: u8 = 2;
const TOLD: u8 = 3;

/// Answers what the other side asks.
pub trait Answerer: Send + Sync + 'static {
    /// The answer to a question.
    fn answer(&self, question: Bytes) -> BoxFuture<'_, Vec<u8>>;

    /// Something that needs no answer; must not take long.
    fn told(&self, body: Bytes);
}

/// The asking side of a link.
#[derive(Clone)]
pub struct Caller {
    shared: Arc<Shared>,
    outgoing: mpsc::Sender<(u8, u64, Vec<u8>)>,
}

#[derive(Default)]
struct Shared {
    /// Who waits for which answer; `None` when the link is over.
    waiting: Mutex<Option<HashMap<u64, oneshot::Sender<Bytes>>>>,
    next: AtomicU64,
}

/// Takes its place back however a question ends.
struct Place<'a> {
    shared: &'a Shared,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(waiting) = self.shared.waiting.lock().as_mut() {
            waiting.remove(&self.number);
        }
    }
}

impl Caller {
    /// The asking side of a link whose handshake is done, and what has to run for it: it ends with the link.
    pub fn new<S>(stream: S) -> (Self, impl Future<Output = io::Result<()>> + Send)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin,
    {
        let (read, write) = tokio::io::split(stream);
        let (outgoing, to_send) = mpsc::channel(WAITING_MAX);
        let shared = Arc::new(Shared {
            waiting: Mutex::new(Some(HashMap::new())),
            next: AtomicU64::new(1),
        });
        let caller = Self {
            shared: Arc::clone(&shared),
            outgoing,
        };
        let running = async move {
            let ended = tokio::select! {
                ended = send_all(to_send, write) => ended,
                ended = receive_answers(&shared, read) => ended,
            };
            // Nobody waits for what will not come.
            *shared.waiting.lock() = None;
            ended
        };
        (caller, running)
    }

    /// Asks, and waits for the answer; the caller bounds the time.
    ///
    /// # Errors
    /// When the link is over.
    pub async fn ask(&self, question: Vec<u8>) -> io::Result<Bytes> {
        let number = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        match self.shared.waiting.lock().as_mut() {
            Some(waiting) if waiting.len() >= UNDER_WAY_MAX => return Err(io::ErrorKind::WouldBlock.into()),
            Some(waiting) => waiting.insert(number, sender),
            None => return Err(io::ErrorKind::NotConnected.into()),
        };
        let _place = Place {
            shared: &self.shared,
            number,
        };
        let sent = self.outgoing.send((QUESTION, number, question)).await;
        sent.map_err(|_| io::Error::from(io::ErrorKind::NotConnected))?;
        answer.await.map_err(|_| io::ErrorKind::ConnectionAborted.into())
    }

    /// Tells without waiting; what finds no room is dropped.
    pub fn tell(&self, body: Vec<u8>) -> bool {
        self.outgoing.try_send((TOLD, 0, body)).is_ok()
    }

    /// Whether the link is over.
    pub fn is_over(&self) -> bool {
        self.outgoing.is_closed()
    }
}

async fn send_all<W: AsyncWrite + Unpin>(mut from: mpsc::Receiver<(u8, u64, Vec<u8>)>, to: W) -> io::Result<()> {
    let mut writer = FrameWriter::new(to);
    while let Some((kind, number, body)) = from.recv().await {
        writer.send(&[&[kind], &number.to_be_bytes(), &body]).await?;
        while let Ok((kind, number, body)) = from.try_recv() {
            writer.send(&[&[kind], &number.to_be_bytes(), &body]).await?;
        }
        writer.flush().await?;
    }
    Ok(())
}

async fn receive_answers<R: AsyncRead + Unpin>(shared: &Shared, from: R) -> io::Result<()> {
    let mut reader = FrameReader::new(from, BODY_MAX);
    while let Some(frame) = reader.next().await? {
        let (kind, number, body) = parts(frame)?;
        if kind != ANSWER {
            return Err(malformed());
        }
        let waiter = shared
            .waiting
            .lock()
            .as_mut()
            .and_then(|waiting| waiting.remove(&number));
        if let Some(waiter) = waiter {
            // Whoever asked may have given up.
            let _given_up = waiter.send(body);
        }
    }
    Ok(())
}

/// Answers what comes on a link whose handshake is done, until it ends.
///
/// # Errors
/// When the link breaks or what comes makes no sense.
pub async fn serve<S>(stream: S, answerer: Arc<dyn Answerer>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let (read, write) = tokio::io::split(stream);
    let (outgoing, to_send) = mpsc::channel(WAITING_MAX);
    tokio::select! {
        ended = send_all(to_send, write) => ended,
        ended = answer_all(read, answerer, outgoing) => ended,
    }
}

async fn answer_all<R: AsyncRead + Unpin>(
    from: R,
    answerer: Arc<dyn Answerer>,
    outgoing: mpsc::Sender<(u8, u64, Vec<u8>)>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(UNDER_WAY_MAX));
    let mut tasks = tokio::task::JoinSet::new();
    let mut reader = FrameReader::new(from, BODY_MAX);
    while let Some(frame) = reader.next().await? {
        let (kind, number, body) = parts(frame)?;
        match kind {
            TOLD => answerer.told(body),
            QUESTION => {
                // The other side asks no more than this at once; one that does is not read until there is a place.
                let place = Arc::clone(&places).acquire_owned().await.expect("it is never closed");
                let (answerer, outgoing) = (Arc::clone(&answerer), outgoing.clone());
                tasks.spawn(async move {
                    let answer = answerer.answer(body).await;
                    // The link may be over.
                    let _over = outgoing.send((ANSWER, number, answer)).await;
                    drop(place);
                });
                while tasks.try_join_next().is_some() {}
            }
            _ => return Err(malformed()),
        }
    }
    Ok(())
}

fn parts(mut frame: Bytes) -> io::Result<(u8, u64, Bytes)> {
    if frame.len() < 9 {
        return Err(malformed());
    }
    Ok((frame.get_u8(), frame.get_u64(), frame))
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a frame that makes no sense on this lane")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers with the question reversed, the longer the later; remembers what it was told.
    #[derive(Default)]
    struct Mirror(Mutex<Vec<Bytes>>);

    impl Answerer for Mirror {
        fn answer(&self, question: Bytes) -> BoxFuture<'_, Vec<u8>> {
            Box::pin(async move {
                for _ in 0..question.len() {
                    tokio::task::yield_now().await;
                }
                question.iter().rev().copied().collect()
            })
        }

        fn told(&self, body: Bytes) {
            self.0.lock().push(body);
        }
    }

    #[tokio::test]
    async fn many_questions_are_under_way_at_once() {
        let (near, far) = tokio::io::duplex(256);
        let mirror = Arc::new(Mirror::default());
        let (caller, running) = Caller::new(near);
        let served = tokio::spawn(serve(far, Arc::clone(&mirror) as _));
        let running = tokio::spawn(running);
        let asking = (1..100_u8).rev().map(|length| {
            let caller = caller.clone();
            tokio::spawn(async move {
                let question: Vec<u8> = (0..length).collect();
                let answer = caller.ask(question.clone()).await.unwrap();
                assert!(answer.iter().rev().eq(&question));
            })
        });
        for asked in asking.collect::<Vec<_>>() {
            asked.await.unwrap();
        }
        assert!(caller.tell(b"bye".to_vec()));
        drop(caller);
        running.await.unwrap().unwrap();
        served.await.unwrap().unwrap();
        assert_eq!(*mirror.0.lock(), [b"bye".as_slice()]);
    }

    #[tokio::test]
    async fn who_waits_is_told_when_the_link_ends() {
        let (near, far) = tokio::io::duplex(256);
        let (caller, running) = Caller::new(near);
        tokio::spawn(running);
        let asked = tokio::spawn({
            let caller = caller.clone();
            async move { caller.ask(b"anybody?".to_vec()).await }
        });
        tokio::task::yield_now().await;
        drop(far);
        let ended = asked.await.unwrap();
        assert!(ended.is_err());
        assert!(caller.ask(Vec::new()).await.is_err());
    }
}
