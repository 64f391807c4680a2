//! The links of lane [`Lane::Control`] that this node asks others over: made when first needed, made again when they
//! break.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::{Caller, Cookie, HandshakeError, Lane, Peer, Stream, connect};
use crate::consensus::NodeId;

/// A connection that does not come up in this time will not.
const DIAL_TIME: Duration = Duration::from_secs(3);
/// After a failure, an address is left alone for this long; who asks meanwhile is told of that failure.
const PAUSE: Duration = Duration::from_millis(200);
/// Addresses known at once; more are none of a cluster.
const ADDRESSES_MAX: usize = 1024;

/// Makes what links go over: TCP, TLS, or a simulated network.
pub trait Dialer: Send + Sync + 'static {
    /// Connects to `host:port`.
    fn dial<'a>(&'a self, address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream + Sync>>>;

    /// Random bytes, never twice the same.
    fn nonce(&self) -> [u8; 32];
}

/// Why another node was not asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LinkError {
    /// There is no link, and why. Nothing was sent.
    #[error("{address}: {why}")]
    NotLinked {
        /// Where to.
        address: String,
        /// For people.
        why: Arc<str>,
    },
    /// It answers, and there will be no link as things are: another cookie, another protocol, no place. Nothing was sent.
    #[error("{address}: {why}")]
    Refused {
        /// Where to.
        address: String,
        /// For people.
        why: Arc<str>,
    },
    /// Another node than the one that was meant answers there. Nothing was sent.
    #[error("{address} is {found} now")]
    OtherNode {
        /// Where to.
        address: String,
        /// Who answers.
        found: String,
    },
    /// The link broke before the answer came.
    #[error("the link to {address} broke: {why}")]
    Broken {
        /// Where to.
        address: String,
        /// For people.
        why: Arc<str>,
    },
}

/// A link, or where it stands.
#[derive(Clone)]
enum State {
    Dialing,
    Up(Peer, Caller),
    Down(LinkError, Instant),
}

/// The links to all other nodes.
#[derive(Clone)]
pub struct Links {
    inner: Arc<Inner>,
}

struct Inner {
    own: Peer,
    cookie: Cookie,
    dialer: Arc<dyn Dialer>,
    links: Mutex<HashMap<String, watch::Receiver<State>>>,
}

impl Links {
    /// None yet.
    pub fn new(own: Peer, cookie: Cookie, dialer: Arc<dyn Dialer>) -> Self {
        Self {
            inner: Arc::new(Inner {
                own,
                cookie,
                dialer,
                links: Mutex::default(),
            }),
        }
    }

    /// Asks the node at an address; the caller bounds the time. `expected` is who it has to be.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn ask(&self, address: &str, expected: Option<NodeId>, question: Vec<u8>) -> Result<Bytes, LinkError> {
        let (peer, caller) = self.link(address).await?;
        if expected.is_some_and(|expected| expected != peer.id) {
            return Err(LinkError::OtherNode {
                address: address.to_owned(),
                found: peer.name,
            });
        }
        caller.ask(question).await.map_err(|error| LinkError::Broken {
            address: address.to_owned(),
            why: error.to_string().into(),
        })
    }

    /// Tells the node at an address something that may get lost: without a link it does, and one is made.
    pub fn tell(&self, address: &str, body: Vec<u8>) {
        let link = self.receiver(address);
        if let Ok(link) = link
            && let State::Up(_, caller) = &*link.borrow()
        {
            // What finds no room is lost as on any network.
            let _lost = caller.tell(body);
        }
    }

    /// Opens a link of another lane to the node at an address, which has to be `expected`.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn open(
        &self,
        address: &str,
        expected: Option<NodeId>,
        lane: Lane,
    ) -> Result<(Peer, Box<dyn Stream + Sync>), LinkError> {
        let (peer, stream) = self.handshake_in_time(address, lane).await?;
        match expected {
            Some(expected) if expected != peer.id => Err(LinkError::OtherNode {
                address: address.to_owned(),
                found: peer.name,
            }),
            _ => Ok((peer, stream)),
        }
    }

    async fn handshake_in_time(&self, address: &str, lane: Lane) -> Result<(Peer, Box<dyn Stream + Sync>), LinkError> {
        let shaken = timeout(DIAL_TIME, self.handshake(address, lane)).await;
        shaken.unwrap_or(Err(HandshakeError::TimedOut)).map_err(|error| {
            let (address, why) = (address.to_owned(), error.to_string().into());
            match error {
                HandshakeError::Io(_) | HandshakeError::TimedOut => LinkError::NotLinked { address, why },
                _ => LinkError::Refused { address, why },
            }
        })
    }

    async fn handshake(&self, address: &str, lane: Lane) -> Result<(Peer, Box<dyn Stream + Sync>), HandshakeError> {
        let mut stream = self.inner.dialer.dial(address).await?;
        let nonce = self.inner.dialer.nonce();
        let peer = connect(&mut stream, &self.inner.own, lane, &self.inner.cookie, nonce).await?;
        Ok((peer, stream))
    }

    /// Who answers at an address, if there is a link.
    pub fn peer(&self, address: &str) -> Option<Peer> {
        let links = self.inner.links.lock();
        match &*links.get(address)?.borrow() {
            State::Up(peer, caller) if !caller.is_over() => Some(peer.clone()),
            _ => None,
        }
    }

    /// The link to an address, once it is up.
    async fn link(&self, address: &str) -> Result<(Peer, Caller), LinkError> {
        let not_linked = |why: Arc<str>| LinkError::NotLinked {
            address: address.to_owned(),
            why,
        };
        let mut link = self.receiver(address).map_err(not_linked)?;
        loop {
            match &*link.borrow_and_update() {
                State::Up(peer, caller) => return Ok((peer.clone(), caller.clone())),
                State::Down(error, _) => return Err(error.clone()),
                State::Dialing => {}
            }
            if link.changed().await.is_err() {
                return Err(not_linked("the attempt was given up".into()));
            }
        }
    }

    /// The state of a link, which is dialed unless it is up or failed a moment ago.
    fn receiver(&self, address: &str) -> Result<watch::Receiver<State>, Arc<str>> {
        let mut links = self.inner.links.lock();
        if let Some(link) = links.get(address) {
            let is_kept = match &*link.borrow() {
                State::Dialing => link.has_changed().is_ok(),
                State::Up(_, caller) => !caller.is_over(),
                State::Down(_, since) => since.elapsed() < PAUSE,
            };
            if is_kept {
                return Ok(link.clone());
            }
        } else if links.len() >= ADDRESSES_MAX {
            links.retain(|_, link| matches!(&*link.borrow(), State::Up(_, caller) if !caller.is_over()));
            if links.len() >= ADDRESSES_MAX {
                return Err("there are links to too many addresses".into());
            }
        }
        let (sender, receiver) = watch::channel(State::Dialing);
        links.insert(address.to_owned(), receiver.clone());
        tokio::spawn(self.clone().dial(address.to_owned(), sender));
        Ok(receiver)
    }

    async fn dial(self, address: String, state: watch::Sender<State>) {
        let (peer, stream) = match self.handshake_in_time(&address, Lane::Control).await {
            Ok(linked) => linked,
            Err(error) => {
                state.send_replace(State::Down(error, Instant::now()));
                return;
            }
        };
        let (caller, running) = Caller::new(stream);
        state.send_replace(State::Up(peer, caller));
        let ended = running.await;
        let why = ended
            .err()
            .map_or_else(|| "it was closed".to_owned(), |error| error.to_string());
        let why = why.into();
        state.send_replace(State::Down(LinkError::NotLinked { address, why }, Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

    use super::super::{Answerer, accept, serve};
    use super::*;

    struct Echo;

    impl Answerer for Echo {
        fn answer(&self, question: Bytes) -> BoxFuture<'_, Vec<u8>> {
            Box::pin(async move { question.to_vec() })
        }

        fn told(&self, _body: Bytes) {}
    }

    fn peer(id: NodeId) -> Peer {
        Peer {
            id,
            boot: 1,
            name: format!("emqx@node{id}"),
            address: format!("node{id}:4370"),
        }
    }

    /// A network of one node, number 2, that can be down.
    #[derive(Default)]
    struct Network {
        is_down: AtomicBool,
        nonces: AtomicU8,
        serving: Mutex<Vec<tokio::task::JoinHandle<io::Result<()>>>>,
    }

    impl Dialer for Network {
        fn dial<'a>(&'a self, _address: &'a str) -> BoxFuture<'a, io::Result<Box<dyn Stream + Sync>>> {
            Box::pin(async move {
                if self.is_down.load(Ordering::Relaxed) {
                    return Err(io::ErrorKind::ConnectionRefused.into());
                }
                let (near, mut far) = tokio::io::duplex(1024);
                self.serving.lock().push(tokio::spawn(async move {
                    let accepted = accept(&mut far, &peer(2), &Cookie::new("c"), [9; 32], |_, _| Ok(())).await;
                    accepted.map_err(io::Error::other)?;
                    serve(far, Arc::new(Echo)).await
                }));
                Ok(Box::new(near) as Box<dyn Stream + Sync>)
            })
        }

        fn nonce(&self) -> [u8; 32] {
            [self.nonces.fetch_add(1, Ordering::Relaxed); 32]
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_is_made_when_needed_and_again_when_it_breaks() {
        let network = Arc::new(Network::default());
        let links = Links::new(peer(1), Cookie::new("c"), Arc::clone(&network) as _);
        for _ in 0..3 {
            let answer = links.ask("node2:4370", Some(2), b"hello".to_vec()).await.unwrap();
            assert_eq!(answer, b"hello".as_slice());
        }
        assert_eq!(network.serving.lock().len(), 1, "one link for all questions");
        assert_eq!(links.peer("node2:4370"), Some(peer(2)));

        network.is_down.store(true, Ordering::Relaxed);
        let serving = network.serving.lock().pop().unwrap();
        serving.abort();
        // Its end has come through when nobody answers there any more.
        while links.peer("node2:4370").is_some() {
            tokio::task::yield_now().await;
        }
        let error = loop {
            tokio::time::advance(PAUSE).await;
            match links.ask("node2:4370", Some(2), Vec::new()).await {
                Err(error) if error.to_string().contains("refused") => break error,
                _ => tokio::task::yield_now().await,
            }
        };
        assert!(matches!(error, LinkError::NotLinked { .. }));

        network.is_down.store(false, Ordering::Relaxed);
        tokio::time::advance(PAUSE).await;
        links.ask("node2:4370", Some(2), Vec::new()).await.unwrap();
    }

    #[tokio::test]
    async fn another_node_at_a_known_address_is_not_asked() {
        let links = Links::new(peer(1), Cookie::new("c"), Arc::new(Network::default()));
        let error = links.ask("node2:4370", Some(3), Vec::new()).await.unwrap_err();
        assert_eq!(error.to_string(), "node2:4370 is emqx@node2 now");
    }
}
