//! The link port: takes what other nodes open, checks them by the handshake, and hands each link to `answer.rs`.
//!
//! Who cannot prove the cookie costs a place among [`HANDSHAKES_MAX`] for the time of a handshake at most. A refusal is
//! counted, and logged once a minute for each reason.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emqxd_cluster::link::{Answerer, HandshakeError, Lane, Peer, Refusal, Stream, accept, serve};
use futures_core::future::BoxFuture;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::dial::prepare;
use super::{Runtime, Service, answer};
use crate::node::NodeShared;

/// Links of all lanes that others have open here: 32 nodes with 64 sending workers each, and some more.
const LINKS_MAX: usize = 32 * 72;
/// Connections whose handshake is not done.
const HANDSHAKES_MAX: usize = 64;
/// After a failure of `accept`, which comes from a lack of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// TLS and the proof of the cookie, together.
const ARRIVAL_TIME: Duration = Duration::from_secs(10);
/// Between two log lines for the same reason.
const REPORT_EVERY: Duration = Duration::from_secs(60);
/// Reasons are few; one that holds a peer's text would not be.
const REASONS_MAX: usize = 64;

/// Binds the link port. A host that is no address of this machine (a container behind a gateway) means all of its
/// addresses, as in EMQX.
///
/// # Errors
/// Another process has the port, or the system refuses.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            let any = match address {
                SocketAddr::V4(_) => SocketAddr::from(([0, 0, 0, 0], address.port())),
                SocketAddr::V6(_) => SocketAddr::from(([0; 8], address.port())),
            };
            TcpListener::bind(any).await
        }
        bound => bound,
    }
}

/// Accepts links until it is aborted; its links end with it.
pub async fn run(node: Arc<NodeShared>, runtime: Arc<Runtime>, listeners: Vec<TcpListener>) {
    let arrivals = Arc::new(Arrivals {
        node,
        runtime,
        links: Arc::new(Semaphore::new(LINKS_MAX)),
        refusals: Mutex::default(),
    });
    let mut doors = JoinSet::new();
    for listener in listeners {
        doors.spawn(accept_all(Arc::clone(&arrivals), listener));
    }
    while doors.join_next().await.is_some() {}
}

async fn accept_all(arrivals: Arc<Arrivals>, listener: TcpListener) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    let mut served = JoinSet::new();
    loop {
        // Who comes beyond that waits in the backlog.
        let place = Arc::clone(&handshakes)
            .acquire_owned()
            .await
            .expect("it is never closed");
        match listener.accept().await {
            Ok((stream, from)) => {
                let arrivals = Arc::clone(&arrivals);
                served.spawn(async move {
                    let arrived = tokio::time::timeout(ARRIVAL_TIME, arrivals.arrive(stream)).await;
                    drop(place);
                    match arrived {
                        Ok(Ok((peer, lane, stream))) => arrivals.serve(peer, lane, stream).await,
                        Ok(Err(error)) => arrivals.report(from, &error),
                        Err(_elapsed) => arrivals.report(from, &HandshakeError::TimedOut),
                    }
                });
            }
            Err(error) => {
                arrivals.report_reason("accept", None, &error.to_string());
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
        while served.try_join_next().is_some() {}
    }
}

/// What all arriving links share.
struct Arrivals {
    node: Arc<NodeShared>,
    runtime: Arc<Runtime>,
    links: Arc<Semaphore>,
    /// When a reason was logged, and how often it came since.
    refusals: Mutex<HashMap<String, (Instant, u64)>>,
}

impl Arrivals {
    async fn arrive(&self, stream: TcpStream) -> Result<(Peer, Lane, Box<dyn Stream + Sync>), HandshakeError> {
        prepare(&stream)?;
        let mut stream: Box<dyn Stream + Sync> = match &self.runtime.tls {
            Some(tls) => tls.accept(stream).await?,
            None => Box::new(stream),
        };
        let nonce = super::identity::random()?;
        let judge = |peer: &Peer, lane: Lane| self.judge(peer, lane);
        let accepted = accept(&mut stream, &self.runtime.own, &self.runtime.cookie, nonce, judge).await;
        accepted.map(|(peer, lane)| (peer, lane, stream))
    }

    /// Who may come in: on the control lane whoever knows the cookie, since newcomers ask there; on others members.
    fn judge(&self, peer: &Peer, lane: Lane) -> Result<(), (Refusal, String)> {
        let own = &self.runtime.own;
        if peer.id == own.id || peer.name == own.name {
            let text = format!(
                "{} at {} has the name or the number of this node",
                peer.name, peer.address
            );
            return Err((Refusal::Identity, text));
        }
        if self.links.available_permits() == 0 {
            return Err((Refusal::Full, format!("{} has {LINKS_MAX} links open", own.name)));
        }
        if lane != Lane::Control && !self.node.cluster.is_member(peer.id) {
            let text = format!("{} is no member of the cluster of {}", peer.name, own.name);
            return Err((Refusal::NotAMember, text));
        }
        Ok(())
    }

    async fn serve(&self, peer: Peer, lane: Lane, stream: Box<dyn Stream + Sync>) {
        let Ok(_place) = self.links.try_acquire() else { return };
        match lane {
            Lane::Control => {
                // The address was made by `Links` of the other side; one that is none cannot be answered by gossip.
                let gossip_from = peer.address.parse().ok();
                let answerer = FromPeer {
                    node: Arc::clone(&self.node),
                    runtime: Arc::clone(&self.runtime),
                    peer,
                    gossip_from,
                };
                // However it ends, the other side makes a new one when it needs it.
                let _ended = serve(stream, Arc::new(answerer)).await;
            }
            lane => answer::accepted(&self.node, peer, lane, stream).await,
        }
    }

    fn report(&self, from: SocketAddr, error: &HandshakeError) {
        // A port scan, or a peer that has gone: nothing to see to.
        if matches!(error, HandshakeError::Io(_)) {
            tracing::debug!(peer = %from, why = %error, "cluster_link_broken");
            return;
        }
        self.report_reason(&error.to_string(), Some(from), &error.to_string());
    }

    fn report_reason(&self, key: &str, from: Option<SocketAddr>, why: &str) {
        let now = Instant::now();
        let repeated = {
            let mut refusals = self.refusals.lock();
            if refusals.len() >= REASONS_MAX {
                refusals.retain(|_, (since, _)| now.duration_since(*since) < REPORT_EVERY);
            }
            if refusals.len() >= REASONS_MAX {
                return;
            }
            match refusals.get_mut(key) {
                Some((since, count)) if now.duration_since(*since) < REPORT_EVERY => {
                    *count += 1;
                    return;
                }
                known => {
                    let repeated = known.map_or(0, |(_, count)| *count);
                    refusals.insert(key.to_owned(), (now, 0));
                    repeated
                }
            }
        };
        let peer = from.map(|from| from.to_string());
        tracing::warn!(
            peer,
            why,
            repeated,
            next = "nodes of one cluster have the same `node.cookie` and the same `cluster.proto_dist`; keep others away from the link port",
            "cluster_link_refused"
        );
    }
}

/// Answers one node's questions.
struct FromPeer {
    node: Arc<NodeShared>,
    runtime: Arc<Runtime>,
    peer: Peer,
    gossip_from: Option<SocketAddr>,
}

impl Answerer for FromPeer {
    fn answer(&self, question: Bytes) -> BoxFuture<'_, Vec<u8>> {
        Box::pin(async move {
            let service = question.first().copied().and_then(Service::from_number);
            match service {
                Some(service) if self.may_ask(service) => {
                    answer::answer(&self.node, &self.peer, service, question.slice(1..)).await
                }
                _ => Vec::new(),
            }
        })
    }

    fn told(&self, body: Bytes) {
        match (body.first().copied().and_then(Service::from_number), self.gossip_from) {
            (Some(Service::Gossip), Some(from)) => self.runtime.membership.told(from, body.slice(1..)),
            (Some(Service::Admission), _) => self.node.cluster.said_goodbye(&self.peer),
            _ => {}
        }
    }
}

impl FromPeer {
    /// Strangers ask for admission and nothing else, unless this node is being admitted, by a leader it does not know
    /// yet: the first members that the log names may be this node alone, if it was the one that founded that cluster.
    fn may_ask(&self, service: Service) -> bool {
        service == Service::Admission
            || self.node.cluster.is_member(self.peer.id)
            || (service == Service::Consensus && self.node.cluster.is_to_be_admitted(self.runtime.own.id))
    }
}
